package checks

import (
	"slices"

	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// ScopeIsWrite judges whether the token's scopes let it write.
var ScopeIsWrite = lint.Check{
	ID: "scope-is-write", Group: lint.Scopes, SCIM: true, Title: "The token's scopes let it write, where scopes apply", Required: true,
	Why: "scim:readonly reads users and refuses every write. Web posts advise scim:users:write, which is in no published list; " +
		"a platform that does list it is believed.",
	Remedy: "Replace scim:readonly by scim on the client and get a new token.",
	Needs:  []evidence.Kind{evidence.TokenInfo, evidence.Scopes, evidence.WriteProbe},
	Run:    judgeWriteScope,
}

func judgeWriteScope(in *lint.Input, out *lint.Findings) {
	if len(in.IDs(true)) == 0 {
		out.Skip("nothing is to be written")
		return
	}
	if r := in.ScopeRefusal(true); r != nil {
		out.Fail(results.Observed, in.SuspectScope(r, in.IDs(true)), "the org refuses because a scope is missing: %s", lint.RefusalWords(r))
		return
	}
	held, known := in.TokenScopes()
	extra := in.UnpublishedScopes(true)
	isUser, kindKnown := in.IsUserToken()
	switch {
	case in.ScopesSettled(true):
		out.Pass(results.Observed, "the write probe got past the scopes")
	case in.ScopesReplaced():
		out.Skip("the configured requirements replace the published scopes")
	case len(extra) > 0 && !lint.HasAny(held, extra...):
		judgeUnpublished(in, out, extra)
	case kindKnown && !isUser:
		out.Skip("a client-credentials token has no scopes and needs none")
	case lint.HasAny(held, slices.Concat(extra, []string{lint.ScopeAll})...):
		out.Pass(results.Observed, "the token has %s", lint.List(lint.SCIMScopes(held), 4))
	case in.EnforcementOff():
		out.Warn(results.Observed, in.ScopeFix(lint.ScopeAll), "the token may not write by its scopes, and the org does not enforce scopes yet")
	case !known || !kindKnown:
		out.Unknown("the token's scopes could not be read: %s", in.TokenInfo.WhyUnseen())
	case lint.HasAny(held, lint.ScopeRead):
		s := in.SuspectMissingScope(true)
		s.Cause = cause.ScopeReadonly
		s.Because = "The token has scim:readonly, which reads; writing requires scim (" + lint.WebName + ")."
		out.Fail(results.Published, s, "the token has only scim:readonly, which does not write")
	default:
		out.Fail(results.Published, in.SuspectMissingScope(true), "the token has no scope that writes")
	}
}

// judgeUnpublished reports a platform that lists a SCIM scope which no published
// list has and the token lacks: a write probe shows whether it is demanded.
func judgeUnpublished(in *lint.Input, out *lint.Findings, extra []string) {
	names := lint.List(extra, 4)
	out.UnknownSuspect(lint.Suspicion{Cause: cause.ScopeMissing, Certainty: results.Possible, Operations: in.IDs(true),
		Because: "This platform lists the scope " + names + ", which is in no published list, and the token does not have it.",
		Proof:   []results.Proof{{Basis: results.Observed, Text: "oauth/scopes lists " + names}},
		Counter: []results.Proof{{Basis: results.Published, Text: "the published scope for writing is scim, and client-credentials tokens need none"}},
		Fix:     results.Fix{Text: "Run again with --probe write: the org's answer shows whether the scope is demanded; if so, add it to " + in.ClientName() + " and get a new token", Where: in.ClientPath("Scope"), Scopes: extra}},
		"the platform lists %s, which no published list has, and the token lacks it: --probe write shows whether it is demanded", names)
}
