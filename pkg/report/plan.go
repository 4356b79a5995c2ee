package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/scimlint/scimlint/pkg/results"
)

// PlanFormats returns the names of a plan's formats.
func PlanFormats() []string { return []string{"steps", "terraform", "gc", "curl", "json"} }

// WritePlan writes what scimlint fix found, in one of PlanFormats.
func WritePlan(w io.Writer, format string, p results.Plan, opts Options) error {
	return inFormat(w, format, p, opts, PlanFormats(), map[string]writer[results.Plan]{
		"steps": func(w io.Writer, p results.Plan, opts Options) error {
			return writeText(w, opts, func(t *text) { t.plan(p) })
		},
		"terraform": func(w io.Writer, p results.Plan, _ Options) error { return writeTerraform(w, p) },
		"gc":        func(w io.Writer, p results.Plan, _ Options) error { return writeScript(w, p, gcTool) },
		"curl":      func(w io.Writer, p results.Plan, _ Options) error { return writeScript(w, p, curlTool) },
		"json":      func(w io.Writer, p results.Plan, _ Options) error { return writeJSON(w, p) },
	})
}

// The ways through the Admin UI. Source: the vendor's help pages.
const (
	adminRoles = "Admin > People & Permissions > Roles/Permissions"
	adminOAuth = "Admin > Integrations > OAuth"
	adminUsers = "Admin > People & Permissions > People"
)

// plan writes the changes click by click.
func (t *text) plan(p results.Plan) {
	v := string(p.Verdict)
	t.line(t.mark(v)+" ", t.tint[v].Sprint(strings.ToUpper(strings.ReplaceAll(v, "-", " ")))+" now. "+planWords(p))
	n := 0
	step := func(body, where string) {
		n++
		if where != "" {
			body += " " + t.faint.Sprint("("+Inert(where)+")")
		}
		t.line(fmt.Sprintf("  %d. ", n), body)
	}
	if !p.Empty() {
		t.blank()
	}
	for _, r := range p.Roles {
		t.roleSteps(r, step)
	}
	t.grantSteps(p, step)
	if s := p.Scopes; s != nil {
		step(fmt.Sprintf("Tick the scope %s for the OAuth client %q, save, and let the integration get a new token: the old one does not carry it.", Inert(strings.Join(s.Add, ", ")), Inert(s.Client)), adminOAuth+" > "+s.Client+" > Scope")
	}
	if n > 0 {
		step("Run scimlint check again.", "")
	}
	t.remaining(p)
	t.excess(p)
}

// planWords say what the plan comes to.
func planWords(p results.Plan) string {
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

func (t *text) roleSteps(r results.RoleChange, step func(body, where string)) {
	list := Inert(strings.Join(r.Permissions, ", "))
	switch r.Kind {
	case results.RoleMake:
		text := fmt.Sprintf("Make the role %q with exactly these permissions: %s.", Inert(r.Name), list)
		if r.CopyOf != "" {
			text += fmt.Sprintf(" It stands in the place of the vendor's own role %q, which is not to be changed.", Inert(r.CopyOf))
		}
		step(text, adminRoles+" > Add Role")
	case results.RoleExtend:
		step(fmt.Sprintf("Add to the role %q: %s. Whoever else holds the role gets them too. Should it be one of the vendor's own roles, leave it and make a new one.", Inert(r.Name), list), adminRoles+" > "+r.Name)
	case results.RoleUse:
		step(fmt.Sprintf("Use the role %q, which brings just what is needed: %s.", Inert(r.Name), list), "")
	}
}

func (t *text) grantSteps(p results.Plan, step func(body, where string)) {
	if len(p.Grants) == 0 {
		return
	}
	g := p.Grants[0]
	client := g.SubjectType == results.SubjectClient
	where := adminUsers + " > " + g.Subject + " > Roles"
	if client {
		where = adminOAuth + " > " + g.Subject + " > Roles"
		step("Hold the role yourself for the moment: the client's Roles tab offers only roles that you hold. Give it back afterwards.", adminUsers+" > yourself > Roles")
	}
	for _, g := range p.Grants {
		step(fmt.Sprintf("Grant the role %q to %s %q in %s, and save.", Inert(g.Role), map[bool]string{true: "the OAuth client", false: "the user"}[client], Inert(g.Subject), inDivision(g)), where)
	}
}

func inDivision(g results.GrantChange) string {
	if g.DivisionID == "*" {
		return "all divisions"
	}
	return fmt.Sprintf("the division %q", Inert(g.Division))
}

func (t *text) remaining(p results.Plan) {
	if len(p.Remaining) > 0 {
		t.heading("What no role, grant or scope ends")
		for _, c := range p.Remaining {
			t.line("  - ", t.bold.Sprint(c.ID)+"  "+t.tint[string(c.Certainty)].Sprint(c.Certainty)+"  "+Inert(c.Explanation))
			t.line("      fix: ", fixWords(c.Fix))
		}
	}
	if len(p.Unseen) > 0 {
		t.heading("What could not be seen")
		for _, u := range p.Unseen {
			t.line("  - ", Inert(u))
		}
	}
}

// excess lists what could be taken away; it is no part of the plan.
func (t *text) excess(p results.Plan) {
	if len(p.Excess) == 0 {
		return
	}
	t.heading("What could be taken away (no part of the plan; needs of other work are not known to scimlint)")
	for _, e := range p.Excess {
		text := fmt.Sprintf("role %q in %s: ", Inert(e.Role), first(Inert(e.Division), "a division that was not said"))
		if e.Whole {
			text += "no need takes anything of it: "
		}
		t.line("  - ", text+Inert(shortList(e.Permissions, 6)))
	}
}

// shortList joins the first names of a list.
func shortList(list []string, most int) string {
	if len(list) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
	}
	return strings.Join(list, ", ")
}
