package lint

import (
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/results"
)

// Suspicion is a cause as one check sees it. The diagnosis merges suspicions
// into causes.
type Suspicion struct {
	Cause      cause.ID
	Certainty  results.Certainty
	Operations []string
	// About names what exactly the suspicion is about, such as a policy's id or a
	// scope, beside the permissions and scopes of the fix. A baseline recognises a
	// finding by it, whatever its wording.
	About []string
	// Because is one sentence about this org; the cause's own text is general.
	Because string
	// Lacks are permissions whose grant ends it: its fix is the part of the plan that
	// grants them. BecauseOf words Because for all that findings of the same cause lack.
	Lacks     []string
	BecauseOf func(permissions []string) string
	Proof     []results.Proof
	Counter   []results.Proof
	Fix       results.Fix
	// Brought is set where the suspicion rests on a refusal that somebody supplied: it
	// was true of a call then, whatever is decided now.
	Brought bool
}

// Finding is what one check says. A check may say several things; the report
// shows the most severe status and all messages.
type Finding struct {
	Check   string
	Group   string
	Status  results.Status
	Message string
	Basis   results.Basis
	// Evidence names the facts that the finding rests on.
	Evidence []string
	// About names what exactly the finding is about, such as the roles whose names
	// mislead; a baseline recognises it by this and not by its wording.
	About []string
	Fix   results.Fix
	// Suspicion is the cause that the finding points at; nil for most.
	Suspicion *Suspicion
	// Blocks says that an unknown here keeps the verdict from being ready.
	Blocks bool
}

// plan words the fix and the reason of a suspicion that says what is lacking.
func (s *Suspicion) plan(in *Input) {
	if len(s.Lacks) > 0 {
		s.Fix = in.GrantFix(s.Lacks...)
	}
	if s.BecauseOf != nil {
		s.Because = s.BecauseOf(s.Lacks)
	}
}
