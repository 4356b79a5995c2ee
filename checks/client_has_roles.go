package checks

import (
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// ClientHasRoles judges whether the client has roles of its own.
var ClientHasRoles = lint.Check{
	ID: "client-has-roles", Group: lint.Client, Title: "The OAuth client has roles of its own", Required: true,
	Why:    "A client-credentials token has the roles that are granted to the client, never those of a user, a service account or whoever made the client.",
	Remedy: "Admin > Integrations > OAuth > the client > Roles: add the role. A role can be granted to a client only by someone who has it; a role that nobody has is not offered.",
	Needs:  []evidence.Kind{evidence.Grants, evidence.Client},
	Run:    judgeHasRoles,
}

func judgeHasRoles(in *lint.Input, out *lint.Findings) {
	if isUser, known := in.IsUserToken(); known && isUser {
		out.Skip("the token is a person's: that person's roles count")
		return
	}
	denied := in.DeniedFor()
	switch n := len(in.Subject.Grants); {
	case n > 0:
		out.Pass(results.Observed, "%s", in.GrantWords())
	case !in.Subject.Complete:
		out.Unknown("the grants could not be read: %s", in.WhyGrants())
	case len(in.NeededPermissions()) == 0:
		out.Skip("the needs require no permission, so the client needs no role")
	case len(denied) == 0:
		out.Warn(results.Observed, results.Fix{}, "%s, and yet the platform lets the token do what is needed: its answer decides", in.GrantWords())
	default:
		out.Fail(results.Observed, lint.Suspicion{Cause: cause.ClientHasNoRoles, Certainty: results.Confirmed, Operations: denied,
			Because: in.ClientName() + " has no role at all; the roles of a user do not count for it.", Fix: in.GrantFix(), Lacks: in.MissingPermissions()}, "%s", in.GrantWords())
	}
}
