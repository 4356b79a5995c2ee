package report

import (
	"fmt"

	"github.com/scimlint/scimlint/pkg/results"
)

func (t *text) difference(d results.Difference) {
	left, right := string(d.LeftVerdict), string(d.RightVerdict)
	t.line(t.mark(left)+" ", Inert(d.Left)+": "+left)
	t.line(t.mark(right)+" ", Inert(d.Right)+": "+right)
	if len(d.Changes) == 0 && len(d.Operations) == 0 {
		t.line("", "No difference in client, grants, roles, scopes and policies.")
		return
	}
	if len(d.Operations) > 0 {
		t.heading("What that opens or shuts")
	}
	for _, op := range d.Operations {
		t.line("  "+t.mark(string(op.Right))+" ", fmt.Sprintf("%s: %s, then %s (%s)", op.Title, op.Left, op.Right, Inert(op.Because)))
	}
	kind := ""
	for _, c := range d.Changes {
		if c.Kind != kind {
			kind = c.Kind
			t.heading(Inert(kind))
		}
		switch {
		case c.Left == "":
			t.line("  "+t.tint["pass"].Sprint("+")+" ", Inert(c.Name+": "+c.Right))
		case c.Right == "":
			t.line("  "+t.tint["fail"].Sprint("-")+" ", Inert(c.Name+": "+c.Left))
		default:
			t.line("  "+t.tint["warn"].Sprint("~")+" ", Inert(c.Name+": "+c.Left+", then "+c.Right))
		}
	}
}
