package apply

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/genesys"
)

// Words says what was done, what was not, what is not sure, and how to take back what was.
// Nothing in the way back has a place that is yet to be filled in.
func (p Progress) Words() string {
	var b strings.Builder
	for _, s := range p.Steps {
		line := string(s.Outcome) + ":"
		if s.Outcome == genesys.NotSure {
			line = "NOT SURE:"
		}
		if s.Already {
			line = "already:"
		}
		line = fmt.Sprintf("%-9s %s", line, s.Call.What)
		if s.Why != "" {
			line += ": " + s.Why
		}
		b.WriteString(line + "\n")
	}
	if p.Complete() {
		return b.String()
	}
	for _, s := range slices.Backward(p.Steps) {
		switch {
		case s.Outcome == genesys.Done && !s.Already:
			b.WriteString("to take it back: " + s.undo() + "\n")
		case s.Outcome == genesys.NotSure:
			b.WriteString("if it was done, to take it back: " + s.undo() + "\n")
		}
	}
	return b.String()
}

// undo says how to take a step back.
func (s Step) undo() string {
	if s.Call.UndoDelete && s.Path != "" {
		return s.Call.Undo + ": DELETE " + s.Path
	}
	return s.Call.Undo
}
