package checks

import (
	"slices"

	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// ReadProbeAnswers judges the SCIM read that the run made.
var ReadProbeAnswers = lint.Check{
	ID: "read-probe-answers", Group: lint.Reach, SCIM: true, Title: "A SCIM read is answered",
	Why:    "Reading one user requires no permission. When it is refused, neither roles nor divisions are to blame: it is the token, its scopes, the address or the path.",
	Remedy: "Follow the cause that the report names.",
	Needs:  []evidence.Kind{evidence.ReadProbe},
	Run:    judgeReadProbe,
}

func judgeReadProbe(in *lint.Input, out *lint.Findings) {
	r := in.ReadProbe.Refused()
	switch {
	case in.ReadProbe.NotAsked != "":
		out.Skip("%s", in.ReadProbe.NotAsked)
	case in.ReadAnswered():
		out.Pass(results.Observed, "GET %s/users answered %d", in.Target.SCIMBase, in.ReadProbe.Call().Status)
	case r != nil && r.Status == 403 && !slices.Contains(in.IDs(false), "scim-user-read"):
		out.Warn(results.Observed, results.Fix{Text: "Ask for --need read where the migration reads users"}, "GET %s/users is refused, and no need reads users: %s", in.Target.SCIMBase, lint.RefusalWords(r))
	case r != nil && r.Status == 404:
		out.UnknownSuspect(in.SuspectRefusal(r, []string{"scim-user-read"}), "GET %s/users: %s", in.Target.SCIMBase, lint.RefusalWords(r))
	case r != nil && r.Status == 403:
		out.Fail(results.Observed, in.SuspectRefusal(r, []string{"scim-user-read"}), "GET %s/users is refused: %s", in.Target.SCIMBase, lint.RefusalWords(r))
	case in.ReadProbe.Seen():
		out.Unknown("GET %s/users: the answer is not a SCIM list: something else may have answered", in.Target.SCIMBase)
	default:
		out.Unknown("GET %s/users: %s", in.Target.SCIMBase, in.ReadProbe.WhyUnseen())
	}
}
