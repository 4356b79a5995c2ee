package checks

import (
	"slices"

	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// TokenHasSCIMScope judges whether the token may be used for SCIM at all.
var TokenHasSCIMScope = lint.Check{
	ID: "token-has-scim-scope", Group: lint.Scopes, SCIM: true, Title: "The token has a SCIM scope, where scopes apply", Required: true,
	Why: "A person's token requires the scope scim, or scim:readonly to read. A client-credentials token requires none. " +
		"What the org answers, and the list of scopes that it gives, beat this rule.",
	Remedy: "Add the scope scim to the client and get a new token: the scopes of a token are fixed when it is issued.",
	Needs:  []evidence.Kind{evidence.TokenInfo, evidence.Scopes, evidence.Client},
	Run:    judgeSCIMScope,
}

func judgeSCIMScope(in *lint.Input, out *lint.Findings) {
	if r := in.ScopeRefusal(false); r != nil {
		s := in.SuspectScope(r, in.IDs(false))
		out.Fail(results.Observed, s, "the org refuses because a scope is missing: %s", lint.RefusalWords(r))
		return
	}
	if in.ScopesReplaced() {
		out.Skip("the configured requirements replace the published scopes")
		return
	}
	held, known := in.TokenScopes()
	isUser, kindKnown := in.IsUserToken()
	switch {
	case kindKnown && !isUser:
		out.Skip("a client-credentials token has no scopes and needs none")
	case lint.HasAny(held, slices.Concat([]string{lint.ScopeAll, lint.ScopeRead}, in.UnpublishedScopes(true), in.UnpublishedScopes(false))...):
		out.Pass(results.Observed, "the token has %s", lint.List(lint.SCIMScopes(held), 4))
	case in.EnforcementOff():
		out.Warn(results.Observed, in.ScopeFix(lint.ScopeAll), "the token has no SCIM scope, and the org does not enforce scopes yet: a probe was answered")
	case !known || !kindKnown:
		out.Unknown("the token's scopes could not be read: %s", in.TokenInfo.WhyUnseen())
	default:
		out.Fail(results.Published, in.SuspectMissingScope(false), "the token has none of scim, scim:readonly")
	}
}
