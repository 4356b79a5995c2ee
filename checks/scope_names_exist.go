package checks

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// ScopeNamesExist looks for scope names that this platform does not know.
var ScopeNamesExist = lint.Check{
	ID: "scope-names-exist", Group: lint.Scopes, SCIM: true, Title: "The scopes in use are ones that the platform lists",
	Why: "Names such as scim:users:write, ScimUser:Write and wfm:schedule:publish are advised all over the web and are in no published list. " +
		"The platform's own list (GET /api/v2/oauth/scopes) decides: a name that it has is believed.",
	Remedy: "Use scim, or scim:readonly to read. With client credentials, look at roles: there is no scope to add.",
	Needs:  []evidence.Kind{evidence.Scopes, evidence.Client, evidence.TokenInfo},
	Run:    judgeScopeNames,
}

func judgeScopeNames(in *lint.Input, out *lint.Findings) {
	listed, seen := in.ListedScopes()
	if !seen {
		judgeUnlistedNames(in, out)
		return
	}
	bad := lint.NotIn(configuredScopes(in), listed)
	switch {
	case len(bad) > 0:
		judgeBadScopes(in, out, bad, listed)
	default:
		absent := lint.NotIn(hearsayNames(), listed)
		if believed := lint.NotIn(hearsayNames(), absent); len(believed) > 0 {
			out.Pass(results.Observed, "the platform lists %s, which no published list has: it is believed", strings.Join(believed, ", "))
			return
		}
		out.Pass(results.Observed, "the platform lists %d scopes; of the names that web posts advise, it does not list %s: there is nothing to add", len(listed), strings.Join(absent, ", "))
	}
}

// configuredScopes are those that the client or the token has.
func configuredScopes(in *lint.Input) []string {
	held, _ := in.TokenScopes()
	out := slices.Clone(held)
	if client, _ := in.OAuthClient(); client != nil {
		out = append(out, client.Scope...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func hearsayNames() []string {
	return []string{"scim:users:write", "ScimUser:Write", "wfm:schedule:publish"}
}

// judgeUnlistedNames judges without the platform's list: the names of hearsay
// are known to be in no published list.
func judgeUnlistedNames(in *lint.Input, out *lint.Findings) {
	for _, s := range configuredScopes(in) {
		if says, ok := catalog.HearsayScopes()[s]; ok {
			out.Warn(results.Published, results.Fix{}, "%s is in no published list (%s); the platform's own list could not be read: %s", s, says, in.Scopes.WhyUnseen())
		}
	}
	if out.Empty() {
		out.Unknown("the platform's list of scopes could not be read: %s", in.Scopes.WhyUnseen())
	}
}

func judgeBadScopes(in *lint.Input, out *lint.Findings, bad, listed []string) {
	near := nearestScope(bad[0], listed)
	fix := results.Fix{Text: "Replace " + lint.List(bad, 4) + " by " + near + " on " + in.ClientName(), Where: in.ClientPath("Scope"), Scopes: []string{near}}
	client, _ := in.OAuthClient()
	held, _ := in.TokenScopes()
	if client != nil && client.AuthorizedGrantType == genesys.GrantClientCredentials || lint.HasAny(held, lint.ScopeAll, lint.ScopeRead) || !slices.ContainsFunc(bad, looksSCIM) {
		out.Warn(results.Observed, fix, "the platform does not list %s (nearest: %s)", lint.List(bad, 4), near)
		return
	}
	out.Fail(results.Observed, lint.Suspicion{Cause: cause.ScopeUnknown, Certainty: results.Confirmed, Operations: in.IDs(false), Fix: fix,
		Because: "The client is set up with " + lint.List(bad, 4) + ", which this platform does not list; the published scope is scim.",
		Proof: []results.Proof{{Basis: results.Observed, Text: "oauth/scopes lists " + lint.Itoa(len(listed)) + " scopes, and not " + lint.List(bad, 4)},
			{Basis: results.Reported, Text: "web posts advise such names for SCIM provisioning"}}},
		"the platform does not list %s (nearest: %s)", lint.List(bad, 4), near)
}

func looksSCIM(s string) bool { return strings.Contains(strings.ToLower(s), "scim") }

// nearestScope is the listed scope that a wrong name most likely means.
func nearestScope(name string, listed []string) string {
	if looksSCIM(name) && slices.Contains(listed, lint.ScopeAll) {
		return lint.ScopeAll
	}
	best := lint.ScopeAll
	for _, s := range listed {
		if levenshtein.ComputeDistance(name, s) < levenshtein.ComputeDistance(name, best) {
			best = s
		}
	}
	return best
}
