package report

import (
	"fmt"
	"strings"

	"github.com/scimlint/scimlint/pkg/results"
)

func (t *Text) explanation(e results.Explanation) {
	for i, r := range e.Refusals {
		if i > 0 {
			t.Blank()
		}
		t.refusal(r)
	}
	if len(e.Notices) > 0 {
		t.Heading("Also")
	}
	for _, n := range e.Notices {
		t.Line("  ! ", Inert(n.Text)+" "+t.faint.Sprintf("[%s, %s]", n.ID, n.Basis))
	}
	if len(e.Leaks) > 0 {
		t.Heading("Secrets in the input (not shown)")
	}
	for _, l := range e.Leaks {
		t.Line("  "+t.tint["fail"].Sprint("✗")+" ", fmt.Sprintf("%s, %s: %s", l.Kind, Inert(l.Where), l.Rotate))
	}
	if e.Unjoined > 0 {
		t.Blank()
		t.Line("? ", fmt.Sprintf("Not explained: %d that look like refusals and could not be joined to a call (%s)", e.Unjoined, Inert(strings.Join(e.UnjoinedAt, ", "))))
	}
	if len(e.Others) > 0 {
		t.Blank()
		t.Line("", "Not explained: what other services refused ("+Inert(strings.Join(e.Others, ", "))+").")
	}
	if len(e.Refusals) == 0 && e.Unjoined == 0 && len(e.Notices) > 0 {
		t.Blank()
		t.Line("", "No refusal in the input: only its advice was judged.")
	}
	if e.Format != "" {
		t.Blank()
		t.Line("", t.faint.Sprintf("Read as %s; kinds of refusals: %d; no org was asked.", e.Format, len(e.Refusals)))
	}
}

// requirement puts an endpoint's access check in words.
func requirement(g results.Gate) string {
	list := strings.Join(g.Permissions, ", ")
	switch {
	case len(g.Permissions) == 0 && g.Type != "NONE" && g.Type != "":
		return "a permission that the published definition does not name"
	case len(g.Permissions) == 0:
		return "no permission"
	case len(g.Permissions) == 1:
		return list
	case g.Type == "ANY":
		return "any one of " + list
	}
	return "all of " + list
}

// refusal writes what was answered, what it means, why, and what to do next.
func (t *Text) refusal(r results.Refusal) {
	what := Inert(r.Code)
	if r.Status != 0 {
		what = strings.TrimSpace(fmt.Sprintf("%d %s", r.Status, what))
	}
	var head []string
	if what != "" {
		head = append(head, t.bold.Sprint(what))
	}
	if called := strings.TrimSpace(Inert(r.Method + " " + r.URL)); called != "" {
		head = append(head, called)
	}
	if r.Count > 1 {
		head = append(head, fmt.Sprintf("(%d times)", r.Count))
	}
	t.Line(t.tint["fail"].Sprint("✗")+" ", strings.Join(head, "  "))
	if len(r.Causes) > 0 {
		c := r.Causes[0]
		t.Line("  Why  ", Inert(c.Explanation)+" "+t.faint.Sprintf("[%s, %s]", c.ID, c.Certainty))
		t.Line("  Fix  ", FixWords(c.Fix))
	}
	t.Line("  Next ", Inert(r.Next))
	t.Line("  means     ", Inert(r.Meaning))
	if r.Message != "" {
		t.Line("  says      ", Inert(r.Message))
	}
	t.named(r.Named)
	if op := r.Operation; op != nil {
		t.Line("  operation ", op.Method+" "+op.Path+" requires "+requirement(op.Gate))
		if len(op.Features) > 0 {
			t.Line("            ", "the work behind it requires: "+strings.Join(op.Features, "; "))
		}
		if len(op.Scopes) > 0 {
			t.Line("            ", "scope, for tokens that have scopes: "+strings.Join(op.Scopes, " or "))
		}
	}
	for _, c := range r.Causes[min(1, len(r.Causes)):] {
		t.Line("  or else   ", c.ID+" "+t.tint[string(c.Certainty)].Sprint(c.Certainty)+": "+Inert(c.Explanation))
	}
	t.Line("  found at  ", Inert(strings.Join(r.Where, ", ")))
	if len(r.CorrelationIDs) > 0 {
		t.Line("  ids       ", Inert(strings.Join(r.CorrelationIDs, ", ")))
	}
}

func (t *Text) named(n results.Named) {
	for _, p := range []struct {
		what string
		list []string
	}{{"permissions", n.Permissions}, {"scopes", n.Scopes}, {"divisions", n.Divisions}, {"policies", n.PolicyIDs}} {
		if len(p.list) > 0 {
			t.Line("  names     ", p.what+" "+Inert(strings.Join(p.list, ", ")))
		}
	}
	if n.IP != "" {
		t.Line("  names     ", "address "+Inert(n.IP))
	}
}
