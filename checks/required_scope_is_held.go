package checks

import (
	"slices"

	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// RequiredScopeIsHeld judges the scopes that the configuration demands.
var RequiredScopeIsHeld = lint.Check{
	ID: "required-scope-is-held", Group: lint.Scopes, Title: "The token has the scopes that the configuration demands", Required: true,
	Why:    "A team may know of its platform what no list says. With --require-scope, or requirements: in the configuration, it demands exact scopes and sees them judged, on its own word.",
	Remedy: "Add the scope to the client and get a new token; if the platform does not list it, take the demand back.",
	Needs:  []evidence.Kind{evidence.TokenInfo, evidence.Scopes},
	Run:    judgeRequiredScopes,
}

func judgeRequiredScopes(in *lint.Input, out *lint.Findings) {
	required := in.RequiredScopes()
	if len(required) == 0 {
		out.Skip("the configuration demands no scope")
		return
	}
	held, known := in.TokenScopes()
	listed, seen := in.ListedScopes()
	for _, scope := range required {
		switch {
		case slices.Contains(held, scope):
			out.Pass(results.Observed, "the token has %s", scope)
		case seen && !slices.Contains(listed, scope):
			judgeUnlistedDemand(in, out, scope, len(listed))
		case !known:
			out.Unknown("whether the token has %s could not be read: %s", scope, in.TokenInfo.WhyUnseen())
		default:
			judgeLackedDemand(in, out, scope, seen)
		}
	}
}

func judgeUnlistedDemand(in *lint.Input, out *lint.Findings, scope string, listed int) {
	out.Fail(results.Reported, lint.Suspicion{Cause: cause.ScopeUnknown, Certainty: results.Confirmed, Operations: in.IDs(true),
		Because: "The configuration demands the scope " + scope + ", which this platform does not list; the published scope is scim.",
		Proof: []results.Proof{{Basis: results.Observed, Text: "oauth/scopes lists " + lint.Itoa(listed) + " scopes, and not " + scope},
			{Basis: results.Reported, Text: "the configuration demands " + scope}},
		Fix: results.Fix{Text: "Take the demand for " + scope + " back: no client of this platform can have it; the published scope is scim, and client credentials take none"}},
		"%s is demanded, and this platform does not list it", scope)
}

func judgeLackedDemand(in *lint.Input, out *lint.Findings, scope string, listed bool) {
	s := lint.Suspicion{Cause: cause.ScopeMissing, Certainty: results.Likely, Operations: in.IDs(true),
		Because: "The configuration demands the scope " + scope + ", and the token does not have it.",
		Proof:   []results.Proof{{Basis: results.Reported, Text: "the configuration demands " + scope}},
		Fix:     in.ScopeFix(scope)}
	if listed {
		s.Proof = append(s.Proof, results.Proof{Basis: results.Observed, Text: "oauth/scopes lists " + scope + ", and tokens/me does not name it for this token"})
	}
	if in.ScopesSettled(true) {
		s.Counter = []results.Proof{{Basis: results.Observed, Text: "the write probe got past the scopes without it"}}
	}
	out.Fail(results.Reported, s, "the token does not have %s, which the configuration demands", scope)
}
