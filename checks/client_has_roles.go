package checks

import (
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// ClientHasRoles judges whether the client carries roles of its own.
var ClientHasRoles = lint.Check{
	ID: "client-has-roles", Group: lint.Client, Title: "The OAuth client carries roles of its own", Required: true,
	Why:    "A client-credentials token carries the roles that are granted to the client, never those of a user, a service account or whoever made the client.",
	Remedy: "Admin > Integrations > OAuth > the client > Roles: add the role. A role can be granted to a client only by someone who holds it; a role that nobody holds is not offered.",
	Needs:  []evidence.Kind{evidence.Grants, evidence.Client},
	Run:    judgeHasRoles,
}

func judgeHasRoles(in *lint.Input, out *lint.Findings) {
	if isUser, known := in.IsUserToken(); known && isUser {
		out.Skip("the token is a person's: that person's roles count")
		return
	}
	switch n := len(in.Subject.Grants); {
	case n > 0:
		out.Pass(results.Observed, "%s", in.GrantWords())
	case in.Subject.Complete:
		out.Fail(results.Observed, lint.Suspicion{Cause: cause.ClientHasNoRoles, Certainty: results.Confirmed, Operations: in.OperationsWithPermissions(),
			Because: in.ClientName() + " has no role at all; a user's roles do not count for it.",
			Fix: results.Fix{Text: "Add a role that carries " + lint.List(in.MissingPermissions(), 12) + " (if it sits on a user, add it to the client too; whoever adds it must hold it)",
				Where: in.ClientPath("Roles"), Permissions: in.MissingPermissions()}},
			"%s", in.GrantWords())
	default:
		out.Unknown("the grants could not be read: %s", in.Grants.WhyUnseen())
	}
}
