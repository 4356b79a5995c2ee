package checks

import (
	"slices"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/results"
)

// TokenHasSCIMScope judges whether the token may be used for SCIM at all.
var TokenHasSCIMScope = Check{
	ID: "token-has-scim-scope", Group: Scopes, Title: "The token carries a SCIM scope, where scopes apply", Required: true,
	Why: "A person's token takes the scope scim, or scim:readonly to read. A client-credentials token takes none. " +
		"What the org answers, and the list of scopes that it gives, beat this rule.",
	Remedy: "Add the scope scim to the client and get a new token: the scopes of a token are fixed when it is issued.",
	Needs:  []evidence.Kind{evidence.TokenInfo, evidence.Scopes, evidence.Client},
	Run:    judgeSCIMScope,
}

func judgeSCIMScope(in *Input, out *Findings) {
	if r := in.scopeRefusal(false); r != nil {
		s := in.suspectScope(r, in.IDs(false))
		out.Fail(results.Observed, s, "the org refuses for want of a scope: %s", refusalWords(r))
		return
	}
	if in.scopesReplaced() {
		out.Skip("the configured requirements replace the published scopes")
		return
	}
	held, known := in.tokenScopes()
	isUser, kindKnown := in.IsUserToken()
	switch {
	case kindKnown && !isUser:
		out.Skip("a client-credentials token carries no scopes and needs none")
	case hasAny(held, slices.Concat([]string{scopeAll, scopeRead}, in.unpublishedScopes(true), in.unpublishedScopes(false))...):
		out.Pass(results.Observed, "the token carries %s", list(scimScopes(held), 4))
	case in.enforcementOff():
		out.Warn(results.Observed, in.scopeFix(scopeAll), "the token carries no SCIM scope, and the org does not enforce scopes yet: a probe was let pass")
	case !known || !kindKnown:
		out.Unknown("the token's scopes could not be read: %s", in.TokenInfo.WhyUnseen())
	default:
		out.Fail(results.Published, in.suspectMissingScope(false), "the token carries none of scim, scim:readonly")
	}
}

// scopesReplaced says whether requirements stand in for the published scopes of
// every operation.
func (in *Input) scopesReplaced() bool {
	return len(in.Needed) > 0 && !slices.ContainsFunc(in.Needed, func(op catalog.NeededOperation) bool { return len(op.Scopes) > 0 })
}

func scimScopes(held []string) []string {
	return slices.DeleteFunc(slices.Clone(held), func(s string) bool {
		return s != scopeAll && !slices.Contains([]string{scopeRead}, s) && !isSCIMName(s)
	})
}

func isSCIMName(s string) bool { return len(s) > 5 && s[:5] == "scim:" }

// suspectMissingScope is the cause where no refusal was seen: the token falls
// short of the published rule, and enforcement is the org's choice.
func (in *Input) suspectMissingScope(write bool) results.Suspicion {
	held, _ := in.tokenScopes()
	words := "no scope"
	if len(held) > 0 {
		words = list(held, 6)
	}
	return results.Suspicion{Cause: "scope-missing", Certainty: results.Likely, Operations: in.IDs(write),
		Because: "The token lacks the scope scim (" + webName + ").",
		Proof: []results.Proof{{Basis: results.Observed, Text: "the token carries " + words},
			{Basis: results.Published, Text: "SCIM takes the scope scim, or scim:readonly to read"}},
		Counter: []results.Proof{{Basis: results.Published, Text: "an org chooses whether scopes are enforced; no probe showed it here"}},
		Fix:     in.scopeFix(scopeAll)}
}
