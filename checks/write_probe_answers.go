package checks

import (
	"cmp"
	"fmt"

	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// WriteProbeAnswers judges the SCIM write that the run made with --probe write.
var WriteProbeAnswers = lint.Check{
	ID: "write-probe-answers", Group: lint.Reach, Title: "A SCIM write that cannot create anyone gets past the gate", Required: true,
	Why: "A POST without userName and displayName creates no one: 400 proves that the endpoint's gate is open, 403 says why it is shut. " +
		"It proves the gate alone: behind an ANY gate the right to create is another matter.",
	Remedy: "Follow the cause that the report names.",
	Needs:  []evidence.Kind{evidence.WriteProbe},
	Run:    judgeWriteProbe,
}

func judgeWriteProbe(in *lint.Input, out *lint.Findings) {
	r := in.WriteProbe.Refused()
	switch {
	case in.WriteProbe.NotAsked != "":
		out.Skip("%s", in.WriteProbe.NotAsked)
	case in.WriteProbe.Seen():
		judgeCreated(in, out)
	case in.WriteGateOpen():
		out.Pass(results.Observed, "POST %s/users answered 400: the gate is open (the gate alone)", in.Target.SCIMBase)
	case r != nil && (r.Status == 403 || r.Status == 404):
		s := in.SuspectRefusal(r, in.IDs(true))
		if s.Cause == cause.RoleLacksPermission || s.Cause == cause.PolicyDenies || s.Cause == cause.DivisionNotCovered {
			s.Operations = []string{"scim-user-create"}
		}
		out.Fail(results.Observed, s, "POST %s/users is refused: %s", in.Target.SCIMBase, lint.RefusalWords(r))
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
