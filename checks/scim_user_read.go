package checks

import (
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// SCIMUserRead judges whether the token may read users over SCIM, which requires
// no permission.
var SCIMUserRead = lint.Check{
	ID: "scim-user-read", Group: lint.Permissions, SCIM: true, Title: "The subject may read users", Required: true,
	Why:    "GET /api/v2/scim/v2/users requires no permission, so a refused read is never a matter of roles: look at the token, its scopes and the address.",
	Remedy: "Follow the cause that the report names; no role helps.",
	Needs:  []evidence.Kind{evidence.ReadProbe, evidence.TokenInfo},
	Run: func(in *lint.Input, out *lint.Findings) {
		for _, op := range in.Judged {
			if op.ID == "scim-user-read" {
				judgeRead(in, out, op)
			}
		}
	},
}

func judgeRead(in *lint.Input, out *lint.Findings, op results.Operation) {
	switch {
	case in.ReadAnswered():
		out.Pass(results.Observed, "reading users requires no permission, and the read probe was answered")
	case op.Decision == results.DecisionAllowed:
		out.Pass(results.Published, "reading users requires no permission; the read probe was not asked for")
	case op.Decision == results.DecisionDenied && in.ReadProbe.Refused() != nil:
		s := in.SuspectRefusal(in.ReadProbe.Refused(), []string{op.ID})
		out.Fail(results.Observed, s, "the org refuses to let users be read: %s", lint.RefusalWords(in.ReadProbe.Refused()))
	case op.Decision == results.DecisionDenied && op.Scope == results.DecisionDenied:
		out.Fail(results.Published, in.SuspectMissingScope(false), "the token does not have the scope to read users")
	default:
		out.Unknown("whether users can be read could not be found out: %s", lint.FirstOf(op.Why, "the answer is not a SCIM list"))
	}
}
