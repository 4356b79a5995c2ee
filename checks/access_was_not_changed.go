package checks

import (
	"strings"

	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// AccessWasNotChanged lists what changed of the client's access.
var AccessWasNotChanged = lint.Check{
	ID: "access-was-not-changed", Group: lint.Client, Title: "Roles, grants, client and policies are as they were",
	Why: "An integration that worked until Tuesday and answers 403 since was mostly not changed itself: a role lost a permission, a grant was removed, a policy was turned on. " +
		"The org's audit log says what, when and by whom, for the last 14 days.",
	Remedy: "Ask whoever made the change, and undo it where it was not meant.",
	Needs:  []evidence.Kind{evidence.Changes},
	Run:    judgeChanges,
}

func judgeChanges(in *lint.Input, out *lint.Findings) {
	switch {
	case !in.Changes.Seen() && (in.Changes.NotAsked != "" || len(in.Changes.Calls) == 0):
		out.Skip("--changes does not ask for the audit log")
		return
	case !in.Changes.Seen():
		out.Unknown("the audit log could not be read: %s", in.Changes.WhyUnseen())
		return
	}
	var words []string
	for _, c := range in.ChangesOfAccess() {
		words = append(words, lint.ChangeWords(c))
	}
	if len(words) == 0 {
		out.Pass(results.Observed, "the audit log has no change of the client, its roles or its policies")
		return
	}
	if len(words) > 5 {
		words = append(words[:5], "and "+lint.Itoa(len(words)-5)+" earlier")
	}
	out.Warn(results.Observed, results.Fix{Text: "Ask whoever made these changes, and undo what was not meant"}, "%s", strings.Join(words, "; "))
}
