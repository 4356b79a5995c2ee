package checks

import (
	"strings"

	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/results"
)

// TokenOrgIsExpected judges whether the token is of the org that the user named
// with --expect-org.
var TokenOrgIsExpected = Check{
	ID: "token-org-is-expected", Group: Token, Title: "The token is of the expected org",
	Why:    "Credentials of the test org work as well as those of the live one, until the users turn up in the wrong place.",
	Remedy: "Use the credentials of an OAuth client in the org that is to be provisioned.",
	Needs:  []evidence.Kind{evidence.TokenInfo, evidence.Organization}, Required: true,
	Run: judgeOrg,
}

func judgeOrg(in *Input, out *Findings) {
	if in.Opts.ExpectOrg == "" {
		out.Skip("--expect-org does not say which org")
		return
	}
	names := in.orgNames()
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
	out.Fail(results.Observed, results.Suspicion{Cause: "token-of-another-client", Certainty: results.Confirmed, Operations: in.IDs(false),
		Because: "The token is of the org " + quote(names[0]) + ", not of " + quote(in.Opts.ExpectOrg) + ".",
		Fix:     results.Fix{Text: "Use the credentials of an OAuth client in the org " + quote(in.Opts.ExpectOrg)}},
		"the token is of the org %q, not of %q", names[0], in.Opts.ExpectOrg)
}

// orgNames are the names and ids by which the org calls itself.
func (in *Input) orgNames() []string {
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
