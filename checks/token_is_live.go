package checks

import (
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// TokenIsLive judges whether the API accepts the token at all.
var TokenIsLive = lint.Check{
	ID: "token-is-live", Group: lint.Token, Title: "The API accepts the token", Required: true,
	Why:    "A 401 is not a matter of permissions: the token has expired, was revoked, is of another region, or its client was disabled.",
	Remedy: "Get a new token from the login host of the same region and do not keep it longer than expires_in.",
	Needs:  []evidence.Kind{evidence.TokenInfo},
	Run:    judgeLive,
}

func judgeLive(in *lint.Input, out *lint.Findings) {
	if !in.Token.Seen() {
		out.Unknown("there is no token to try")
		return
	}
	if refused := in.Unauthenticated(); refused != nil {
		if refused.Code == genesys.CodeIPNotAuthorized {
			out.Unknown("the org refuses the address before it looks at the token")
			return
		}
		out.Fail(results.Observed, in.SuspectDeadToken(refused), "the API does not take the token: %s", lint.RefusalWords(refused))
		return
	}
	for _, r := range in.Requests() {
		if lint.OfToken(r) && (r.OK() || r.Refusal != nil && (r.Refusal.Status == 403 || r.Refusal.Code == genesys.CodeNotAUser)) {
			out.Pass(results.Observed, "the API accepts the token: %s answered %d", evidence.PathOf(r.URL), r.Status)
			return
		}
	}
	out.Unknown("no call of the API was answered: %s", in.TokenInfo.WhyUnseen())
}
