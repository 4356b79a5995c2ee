package checks

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// WriteProbeAnswers judges the SCIM write that the run made with --probe write.
var WriteProbeAnswers = lint.Check{
	ID: "write-probe-answers", Group: lint.Reach, SCIM: true, Title: "A SCIM write that cannot create anyone is let in", Required: true,
	Why: "A POST without userName and displayName creates no one: 400 proves that the endpoint's access check lets the token in, 403 says why it does not. " +
		"It proves that only: whether the token may create a user is another matter, and no attribute-based policy is settled by it.",
	Remedy: "Follow the cause that the report names.",
	Needs:  []evidence.Kind{evidence.WriteProbe},
	Run:    judgeWriteProbe,
}

func judgeWriteProbe(in *lint.Input, out *lint.Findings) {
	r := in.WriteProbe.Refused()
	switch {
	case in.WriteProbe.Seen():
		judgeCreated(in, out)
	case in.WriteProbe.NotAsked != "":
		out.Skip("%s", in.WriteProbe.NotAsked)
	case !slices.Contains(in.IDs(true), "scim-user-create"):
		out.Skip("no need creates users, and the probe says nothing of other work")
	case in.WriteGateOpen():
		out.Pass(results.Observed, "POST %s/users answered 400: the access check lets the token in (that only)", in.Target.SCIMBase)
	case r != nil && r.Status == 404:
		out.UnknownSuspect(in.SuspectRefusal(r, []string{"scim-user-create"}), "POST %s/users: %s", in.Target.SCIMBase, lint.RefusalWords(r))
	case r != nil && r.Status == 403:
		operations := []string{"scim-user-create"}
		if r.Code == genesys.CodeAppNotAuthorizedForScope {
			operations = in.IDs(true) // a token has one set of scopes for all of them
		}
		out.Fail(results.Observed, in.SuspectRefusal(r, operations), "POST %s/users is refused: %s", in.Target.SCIMBase, lint.RefusalWords(r))
	case r != nil && r.Status == 401 && in.ReadAnswered():
		out.Fail(results.Observed, lint.Suspicion{Cause: cause.Undetermined, Certainty: results.Possible, Operations: []string{"scim-user-create"},
			Because: "The org accepts the token for a read of SCIM, and answers the write with 401.",
			Proof:   []results.Proof{{Basis: results.Observed, Text: "the org refused: " + lint.RefusalWords(r)}},
			Fix:     results.Fix{Text: "Run again; if the write is refused alike, give the vendor's support the correlation id of the refused request (scimlint check --verbose)"}}, "POST %s/users is refused: %s", in.Target.SCIMBase, lint.RefusalWords(r))
	case r != nil && r.Status == 400:
		out.Unknown("POST %s/users was answered 400 by something that is not the platform", in.Target.SCIMBase)
	default:
		text := in.WriteProbe.WhyUnseen()
		if in.WriteProbeLeft != "" {
			text += "; " + in.WriteProbeLeft
		}
		out.Unknown("POST %s/users: %s", in.Target.SCIMBase, text)
	}
}

// judgeCreated reports the case that must not happen: the platform made a user
// of a body that lacks what is required.
func judgeCreated(in *lint.Input, out *lint.Findings) {
	w := in.WriteProbe.Value
	left := cmp.Or(in.WriteProbeLeft, "whether it was deleted is not known: look for it")
	if w.Deleted {
		left = "it was deleted at once"
	}
	text := fmt.Sprintf("the platform ACCEPTED a body without userName and displayName (its answer names the user %q); %s", w.UserID, left)
	out.Fail(results.Observed, lint.Suspicion{Cause: cause.Undetermined, Certainty: results.Confirmed, Operations: []string{"scim-user-create"},
		Because: "The write probe was not refused: " + text + ".",
		Fix:     results.Fix{Text: "Make sure that the user is gone, do not use --probe write on this org again, and report it to the vendor"}}, "%s", text)
}
