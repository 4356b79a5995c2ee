package report

import (
	"fmt"
	"strings"

	"github.com/scimlint/scimlint/pkg/results"
)

func (t *text) explanation(e results.Explanation) {
	for i, r := range e.Refusals {
		if i > 0 {
			t.blank()
		}
		t.refusal(r)
	}
	if len(e.Notices) > 0 {
		t.heading("Also")
	}
	for _, n := range e.Notices {
		t.line("  ! ", Inert(n.Text)+" "+t.faint.Sprintf("[%s, %s]", n.ID, n.Basis))
	}
	if len(e.Leaks) > 0 {
		t.heading("Secrets in the input (not shown)")
	}
	for _, l := range e.Leaks {
		t.line("  "+t.tint["fail"].Sprint("✗")+" ", fmt.Sprintf("%s, %s: %s", l.Kind, Inert(l.Where), l.Rotate))
	}
	if e.Unjoined > 0 {
		t.blank()
		t.line("? ", fmt.Sprintf("Not explained: %d that look like refusals and could be joined to no call (%s)", e.Unjoined, Inert(strings.Join(e.UnjoinedAt, ", "))))
	}
	if len(e.Refusals) == 0 && e.Unjoined == 0 && len(e.Notices) > 0 {
		t.blank()
		t.line("", "No refusal in the input: only its advice was judged.")
	}
	if e.Format != "" {
		t.blank()
		t.line("", t.faint.Sprintf("Read as %s; kinds of refusals: %d; no org was asked.", e.Format, len(e.Refusals)))
	}
}

// requirement puts an endpoint's access check in words.
func requirement(g results.Gate) string {
	list := strings.Join(g.Permissions, ", ")
	switch {
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
func (t *text) refusal(r results.Refusal) {
	what := Inert(r.Code)
	if r.Status != 0 {
		what = strings.TrimSpace(fmt.Sprintf("%d %s", r.Status, what))
	}
	called := strings.TrimSpace(Inert(r.Method + " " + r.URL))
	if called != "" {
		called = "  " + called
	}
	times := ""
	if r.Count > 1 {
		times = fmt.Sprintf("  (%d times)", r.Count)
	}
	t.line(t.tint["fail"].Sprint("✗")+" ", t.bold.Sprint(what)+called+times)
	if len(r.Causes) > 0 {
		c := r.Causes[0]
		t.line("  Why  ", Inert(c.Explanation)+" "+t.faint.Sprintf("[%s, %s]", c.ID, c.Certainty))
		t.line("  Fix  ", fixWords(c.Fix))
	}
	t.line("  Next ", Inert(r.Next))
	t.line("  means     ", Inert(r.Meaning))
	if r.Message != "" {
		t.line("  says      ", Inert(r.Message))
	}
	t.named(r.Named)
	if op := r.Operation; op != nil {
		t.line("  operation ", op.Method+" "+op.Path+" requires "+requirement(op.Gate))
		if len(op.Features) > 0 {
			t.line("            ", "the work behind it requires: "+strings.Join(op.Features, "; "))
		}
		if len(op.Scopes) > 0 {
			t.line("            ", "scope, for tokens that have scopes: "+strings.Join(op.Scopes, " or "))
		}
	}
	for _, c := range r.Causes[min(1, len(r.Causes)):] {
		t.line("  or else   ", c.ID+" "+t.tint[string(c.Certainty)].Sprint(c.Certainty)+": "+Inert(c.Explanation))
	}
	t.line("  seen at   ", Inert(strings.Join(r.Where, ", ")))
	if len(r.CorrelationIDs) > 0 {
		t.line("  ids       ", Inert(strings.Join(r.CorrelationIDs, ", ")))
	}
}

func (t *text) named(n results.Named) {
	for _, p := range []struct {
		what string
		list []string
	}{{"permissions", n.Permissions}, {"scopes", n.Scopes}, {"divisions", n.Divisions}, {"policies", n.PolicyIDs}} {
		if len(p.list) > 0 {
			t.line("  names     ", p.what+" "+Inert(strings.Join(p.list, ", ")))
		}
	}
	if n.IP != "" {
		t.line("  names     ", "address "+Inert(n.IP))
	}
}
