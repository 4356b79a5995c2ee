// Package export writes a plan for people and for the tools that carry it out: steps
// through the Admin UI, Terraform, scripts for gc and curl, JSON.
package export

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/scimlint/scimlint/internal/fix"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
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

// steps writes the changes click by click.
func steps(t *report.Text, p fix.Plan) {
	v, then := string(p.Verdict), ". "
	if p.Complete && p.Verdict != results.Ready {
		then = ", "
	}
	t.Line(t.Mark(v)+" ", t.Tint(v, strings.ToUpper(strings.ReplaceAll(v, "-", " ")))+" now"+then+planWords(p))
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
		roleSteps(r, step)
	}
	grantSteps(p, step)
	if s := p.Scopes; s != nil {
		step(fmt.Sprintf("Tick the scope %s for the OAuth client %q, save, and let the integration get a new token: the old one does not have it.", report.Inert(strings.Join(s.Add, ", ")), report.Inert(s.Client)), genesys.AdminOAuth+" > "+s.Client+" > Scope")
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
		return "No change can be planned before more is known: see below."
	case p.Empty():
		return "Changing roles, grants or scopes will not help here: see below what does."
	case p.Complete:
		return "READY after these changes. (Verified by running every check on the changed data. Each change is needed.)"
	}
	return "These changes are necessary but not sufficient: see below what is still open."
}

func roleSteps(r lint.RoleChange, step func(body, where string)) {
	list := report.Inert(strings.Join(r.Permissions, ", "))
	switch r.Kind {
	case lint.RoleMake:
		text := fmt.Sprintf("Create the role %q with exactly these permissions: %s.", report.Inert(r.Name), list)
		if r.CopyOf != "" {
			text += fmt.Sprintf(" It replaces the vendor's own role %q, which must not be changed.", report.Inert(r.CopyOf))
		}
		if b := r.Instead; b != nil {
			text += fmt.Sprintf(" Or use the role %q instead; it also includes %s.", report.Inert(b.Name), report.Inert(shortList(b.Excess, 6)))
		}
		step(text, genesys.AdminRoles+" > Add Role")
	case lint.RoleExtend:
		step(fmt.Sprintf("Add to the role %q: %s. Everybody else who has the role gets them too. If it is one of the vendor's own roles, leave it and create a new one.", report.Inert(r.Name), list), genesys.AdminRoles+" > "+r.Name)
	case lint.RoleUse:
		step(fmt.Sprintf("Use the role %q, which includes just what is needed: %s.", report.Inert(r.Name), list), "")
	}
}

func grantSteps(p fix.Plan, step func(body, where string)) {
	if len(p.Grants) == 0 {
		return
	}
	g := p.Grants[0]
	client := g.SubjectType == lint.SubjectClient
	where := genesys.AdminPeople + " > " + g.Subject + " > Roles"
	if client {
		where = genesys.AdminOAuth + " > " + g.Subject + " > Roles"
		step("Assign the role to yourself first: the client's Roles tab only lists roles that you have. Remove it from yourself afterwards.", genesys.AdminPeople+" > yourself > Roles")
	}
	for _, g := range p.Grants {
		step(fmt.Sprintf("Grant the role %q to %s %q in %s, and save.", report.Inert(g.Role), map[bool]string{true: "the OAuth client", false: "the user"}[client], report.Inert(g.Subject), inDivision(g)), where)
	}
}

func inDivision(g lint.GrantChange) string {
	if g.DivisionID == "*" {
		return "all divisions"
	}
	return fmt.Sprintf("the division %q", report.Inert(g.Division))
}

func remaining(t *report.Text, p fix.Plan) {
	if len(p.Remaining) > 0 {
		t.Heading("Needs a different fix")
		for _, c := range p.Remaining {
			t.Line("  - ", t.Bold(c.ID)+"  "+t.Tint(string(c.Certainty), string(c.Certainty))+"  "+report.Inert(c.Explanation))
			t.Line("      fix: ", report.FixWords(c.Fix))
		}
	}
	if len(p.Unseen) > 0 {
		t.Heading("Could not be read")
		for _, u := range p.Unseen {
			t.Line("  - ", report.Inert(u))
		}
	}
}

// excess lists what could be removed; it is not part of the plan.
func excess(t *report.Text, p fix.Plan) {
	if len(p.Excess) == 0 {
		return
	}
	t.Heading("Optional clean-up: permissions that these needs do not use (scimlint cannot know what else the client is used for)")
	for _, e := range p.Excess {
		text := fmt.Sprintf("role %q in %s: ", report.Inert(e.Role), cmp.Or(report.Inert(e.Division), "an unknown division"))
		if e.Whole {
			text += "no need requires any of it: "
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
