package checks

import (
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
	names := orgNames(in)
	if len(names) == 0 {
		out.Unknown("the org does not say who it is: %s", in.Organization.WhyUnseen())
		return
	}
	for _, n := range names {
		if strings.EqualFold(n, in.Opts.ExpectOrg) {
			out.Pass(results.Observed, "the token is of %q", in.Opts.ExpectOrg)
			return
		}
	}
	out.Fail(results.Observed, lint.Suspicion{Cause: cause.TokenOfAnotherClient, Certainty: results.Confirmed, Operations: in.IDs(false),
		Because: "The token is of the org " + lint.Quote(names[0]) + ", not of " + lint.Quote(in.Opts.ExpectOrg) + ".",
		Fix:     results.Fix{Text: "Use the credentials of an OAuth client in the org " + lint.Quote(in.Opts.ExpectOrg)}},
		"the token is of the org %q, not of %q", names[0], in.Opts.ExpectOrg)
}

// orgNames are the names and ids by which the org calls itself.
func orgNames(in *lint.Input) []string {
	var out []string
	if in.Organization.Seen() {
		o := in.Organization.Value
		out = append(out, o.Name, o.ID, o.ThirdPartyName)
	}
	if in.TokenInfo.Seen() {
		out = append(out, in.TokenInfo.Value.Organization.Name, in.TokenInfo.Value.Organization.ID)
	}
	var named []string
	for _, n := range out {
		if n != "" {
			named = append(named, n)
		}
	}
	return named
}
