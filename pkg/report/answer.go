package report

import (
	"fmt"

	"github.com/scimlint/scimlint/pkg/results"
)

// answerWords are the first words of an answer, as kubectl auth can-i gives them.
var answerWords = map[results.Decision]string{results.DecisionAllowed: "yes", results.DecisionDenied: "no", results.DecisionUnknown: "unknown"}

func (t *Text) answer(a results.Answer) {
	d := string(a.Operation.Decision)
	t.Line("", t.tint[d].Sprint(answerWords[a.Operation.Decision]))
	if t.opts.Quiet {
		return
	}
	t.Line("  ", fmt.Sprintf("%s: %s %s (%s)", Inert(a.Subject), a.Operation.Method, a.Operation.Path, a.OperationID))
	for _, p := range a.Because {
		t.Line("  - ", Inert(p.Text)+" "+t.faint.Sprintf("(%s)", p.Basis))
	}
}
