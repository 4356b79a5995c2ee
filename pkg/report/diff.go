package report

import (
	"fmt"

	"github.com/scimlint/scimlint/pkg/results"
)

func (t *Text) difference(d results.Difference) {
	left, right := string(d.LeftVerdict), string(d.RightVerdict)
	t.Line(t.Mark(left)+" ", Inert(d.Left)+": "+left)
	t.Line(t.Mark(right)+" ", Inert(d.Right)+": "+right)
	if len(d.Changes) == 0 && len(d.Operations) == 0 {
		text := "No difference in client, grants, roles, scopes and policies."
		if d.LeftVerdict != d.RightVerdict {
			text += " The verdicts differ for another reason: compare the two reports (scimlint check --from FILE)."
		}
		t.Line("", text)
		return
	}
	if len(d.Operations) > 0 {
		t.Heading("What that opens or shuts")
	}
	for _, op := range d.Operations {
		t.Line("  "+t.Mark(string(op.Right))+" ", fmt.Sprintf("%s: %s, then %s (%s)", op.Title, op.Left, op.Right, Inert(op.Because)))
	}
	kind := ""
	for _, c := range d.Changes {
		if c.Kind != kind {
			kind = c.Kind
			t.Heading(Inert(kind))
		}
		switch {
		case c.Left == "":
			t.Line("  "+t.tint["pass"].Sprint("+")+" ", Inert(c.Name+": "+c.Right))
		case c.Right == "":
			t.Line("  "+t.tint["fail"].Sprint("-")+" ", Inert(c.Name+": "+c.Left))
		default:
			t.Line("  "+t.tint["warn"].Sprint("~")+" ", Inert(c.Name+": "+c.Left+", then "+c.Right))
		}
	}
}
