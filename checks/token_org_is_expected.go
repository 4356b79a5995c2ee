package checks

import (
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// TokenOrgIsExpected judges whether the token is of the org that the user named
// with --expect-org.
var TokenOrgIsExpected = lint.Check{
	ID: "token-org-is-expected", Group: lint.Token, Title: "The token is of the expected org",
	Why:    "Credentials of the test org work as well as those of the live one, until the users turn up in the wrong place.",
	Remedy: "Use the credentials of an OAuth client in the org that is to be changed.",
	Needs:  []evidence.Kind{evidence.TokenInfo, evidence.Organization}, Required: true,
	Run: judgeOrg,
}

func judgeOrg(in *lint.Input, out *lint.Findings) {
	if in.Opts.ExpectOrg == "" {
		out.Skip("--expect-org does not say which org")
		return
	}
	own, token := orgNames(in)
	names := slices.Concat(own, token)
	if len(names) == 0 {
		out.Unknown("the org does not say who it is: %s", in.Organization.WhyUnseen())
		return
	}
	named := func(n string) bool { return strings.EqualFold(n, in.Opts.ExpectOrg) }
	byOrg, byToken := slices.ContainsFunc(own, named), slices.ContainsFunc(token, named)
	switch {
	case byOrg && byToken, byOrg && len(token) == 0, byToken && len(own) == 0:
		out.Pass(results.Observed, "the token is of %q", in.Opts.ExpectOrg)
		return
	case byOrg || byToken:
		out.Unknown("organizations/me names %s, and tokens/me %s: something between may have answered one of them from its memory", lint.List(own, 3), lint.List(token, 3))
		return
	}
	out.Fail(results.Observed, lint.Suspicion{Cause: cause.TokenOfAnotherClient, Certainty: results.Confirmed, Operations: in.IDs(false),
		Because: "The token is of the org " + lint.Quote(names[0]) + ", not of " + lint.Quote(in.Opts.ExpectOrg) + ".",
		Fix:     results.Fix{Text: "Use the credentials of an OAuth client in the org " + lint.Quote(in.Opts.ExpectOrg)}},
		"the token is of the org %q, not of %q", names[0], in.Opts.ExpectOrg)
}

// orgNames are the names and ids by which the org calls itself, and by which its answer about
// the token does.
func orgNames(in *lint.Input) (own, token []string) {
	if in.Organization.Seen() {
		o := in.Organization.Value
		own = []string{o.Name, o.ID, o.ThirdPartyName}
	}
	if in.TokenInfo.Seen() {
		token = []string{in.TokenInfo.Value.Organization.Name, in.TokenInfo.Value.Organization.ID}
	}
	empty := func(n string) bool { return n == "" }
	own, token = slices.DeleteFunc(own, empty), slices.DeleteFunc(token, empty)
	if len(own) > 0 && len(token) > 0 && !slices.ContainsFunc(token, func(n string) bool { return n == in.Organization.Value.Name }) && slices.Contains(own, token[len(token)-1]) {
		token = own // by its id it is the same org, whatever else it is called
	}
	return own, token
}
