// Package export writes a plan for people and for the tools that carry it out: steps
// through the Admin UI, Terraform, scripts for gc and curl, JSON.
package export

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/scimlint/scimlint/internal/fix"
	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/results"
)

// formats are the formats of a plan, in the order in which help lists them.
var formats = []report.Format[fix.Plan]{
	report.TextFormat("steps", steps),
	{Name: "terraform", Write: func(w io.Writer, p fix.Plan, _ report.Options) error { return writeTerraform(w, p) }},
	{Name: "gc", Write: func(w io.Writer, p fix.Plan, _ report.Options) error { return writeScript(w, p, gcTool) }},
	{Name: "curl", Write: func(w io.Writer, p fix.Plan, _ report.Options) error { return writeScript(w, p, curlTool) }},
	report.JSONFormat[fix.Plan](),
}

// Formats returns the names of a plan's formats.
func Formats() []string { return report.Names(formats) }

// Write writes the plan of scimlint fix in a format.
func Write(w io.Writer, format string, p fix.Plan, opts report.Options) error {
	return report.WriteIn(w, format, p, opts, formats)
}

// The ways through the Admin UI. Source: the vendor's help pages.
const (
	adminRoles = "Admin > People & Permissions > Roles/Permissions"
	adminOAuth = "Admin > Integrations > OAuth"
	adminUsers = "Admin > People & Permissions > People"
)

// plan writes the changes click by click.
func steps(t *report.Text, p fix.Plan) {
	v := string(p.Verdict)
	t.Line(t.Mark(v)+" ", t.Tint(v, strings.ToUpper(strings.ReplaceAll(v, "-", " ")))+" now. "+planWords(p))
	n := 0
	step := func(body, where string) {
		n++
		if where != "" {
			body += " " + t.Faint("("+report.Inert(where)+")")
		}
		t.Line(fmt.Sprintf("  %d. ", n), body)
	}
	if !p.Empty() {
		t.Blank()
	}
	for _, r := range p.Roles {
		roleSteps(t, r, step)
	}
	grantSteps(t, p, step)
	if s := p.Scopes; s != nil {
		step(fmt.Sprintf("Tick the scope %s for the OAuth client %q, save, and let the integration get a new token: the old one does not carry it.", report.Inert(strings.Join(s.Add, ", ")), report.Inert(s.Client)), adminOAuth+" > "+s.Client+" > Scope")
	}
	if n > 0 {
		step("Run scimlint check again, with the flags of this run: the operations and needs that it named are judged again.", "")
	}
	remaining(t, p)
	excess(t, p)
}

// planWords say what the plan comes to.
func planWords(p fix.Plan) string {
	switch {
	case p.Verdict == results.Ready:
		return "Nothing is needed: every needed operation is allowed."
	case p.Empty() && len(p.Unseen) > 0:
		return "No change can be planned before more can be seen."
	case p.Empty():
		return "No role, grant or scope ends this; what does stands below."
	case p.Complete:
		return "With these changes it is READY: the evidence with them applied was judged again, and leaving out any part is not enough."
	}
	return "These changes are needed and not enough: what remains stands below."
}

func roleSteps(t *report.Text, r fix.RoleChange, step func(body, where string)) {
	list := report.Inert(strings.Join(r.Permissions, ", "))
	switch r.Kind {
	case fix.RoleMake:
		text := fmt.Sprintf("Make the role %q with exactly these permissions: %s.", report.Inert(r.Name), list)
		if r.CopyOf != "" {
			text += fmt.Sprintf(" It stands in the place of the vendor's own role %q, which is not to be changed.", report.Inert(r.CopyOf))
		}
		step(text, adminRoles+" > Add Role")
	case fix.RoleExtend:
		step(fmt.Sprintf("Add to the role %q: %s. Whoever else holds the role gets them too. Should it be one of the vendor's own roles, leave it and make a new one.", report.Inert(r.Name), list), adminRoles+" > "+r.Name)
	case fix.RoleUse:
		step(fmt.Sprintf("Use the role %q, which brings just what is needed: %s.", report.Inert(r.Name), list), "")
	}
}

func grantSteps(t *report.Text, p fix.Plan, step func(body, where string)) {
	if len(p.Grants) == 0 {
		return
	}
	g := p.Grants[0]
	client := g.SubjectType == fix.SubjectClient
	where := adminUsers + " > " + g.Subject + " > Roles"
	if client {
		where = adminOAuth + " > " + g.Subject + " > Roles"
		step("Hold the role yourself for the moment: the client's Roles tab offers only roles that you hold. Give it back afterwards.", adminUsers+" > yourself > Roles")
	}
	for _, g := range p.Grants {
		step(fmt.Sprintf("Grant the role %q to %s %q in %s, and save.", report.Inert(g.Role), map[bool]string{true: "the OAuth client", false: "the user"}[client], report.Inert(g.Subject), inDivision(g)), where)
	}
}

func inDivision(g fix.GrantChange) string {
	if g.DivisionID == "*" {
		return "all divisions"
	}
	return fmt.Sprintf("the division %q", report.Inert(g.Division))
}

func remaining(t *report.Text, p fix.Plan) {
	if len(p.Remaining) > 0 {
		t.Heading("What no role, grant or scope ends")
		for _, c := range p.Remaining {
			t.Line("  - ", t.Bold(c.ID)+"  "+t.Tint(string(c.Certainty), string(c.Certainty))+"  "+report.Inert(c.Explanation))
			t.Line("      fix: ", report.FixWords(c.Fix))
		}
	}
	if len(p.Unseen) > 0 {
		t.Heading("What could not be seen")
		for _, u := range p.Unseen {
			t.Line("  - ", report.Inert(u))
		}
	}
}

// excess lists what could be taken away; it is no part of the plan.
func excess(t *report.Text, p fix.Plan) {
	if len(p.Excess) == 0 {
		return
	}
	t.Heading("What could be taken away (no part of the plan; needs of other work are not known to scimlint)")
	for _, e := range p.Excess {
		text := fmt.Sprintf("role %q in %s: ", report.Inert(e.Role), cmp.Or(report.Inert(e.Division), "a division that was not said"))
		if e.Whole {
			text += "no need takes anything of it: "
		}
		t.Line("  - ", text+report.Inert(shortList(e.Permissions, 6)))
	}
}

// shortList joins the first names of a list.
func shortList(list []string, most int) string {
	if len(list) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
	}
	return strings.Join(list, ", ")
}
