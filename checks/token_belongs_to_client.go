package checks

import (
	"fmt"

	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// TokenBelongsToClient judges whether the token is of the client that is to be
// checked.
var TokenBelongsToClient = lint.Check{
	ID: "token-belongs-to-client", Group: lint.Token, Title: "The token is of the expected OAuth client",
	Why:    "A token that works elsewhere is often another client's, or a person's, and says nothing about the client that the integration uses.",
	Remedy: "Take the token that the integration itself uses, or let scimlint acquire one with the client's id and secret.",
	Needs:  []evidence.Kind{evidence.TokenInfo},
	Run:    judgeTokenClient,
}

func judgeTokenClient(in *lint.Input, out *lint.Findings) {
	switch {
	case in.Target.ClientID == "":
		out.Skip("no client id was given to compare with")
	case !in.TokenInfo.Seen() || in.TokenInfo.Value.OAuthClient == nil:
		if in.Token.Seen() && !in.Target.TokenSupplied {
			out.Pass(results.Observed, "the token was acquired with the client's own credentials in this run")
			return
		}
		out.Unknown("the org does not say whose the token is: %s", in.TokenInfo.WhyUnseen())
	case in.TokenInfo.Value.OAuthClient.ID == in.Target.ClientID:
		out.Pass(results.Observed, "tokens/me names %s", in.ClientName())
	default:
		c := in.TokenInfo.Value.OAuthClient
		out.Fail(results.Observed, lint.Suspicion{Cause: cause.TokenOfAnotherClient, Certainty: results.Confirmed, Operations: in.IDs(false),
			Because: fmt.Sprintf("The token is of the OAuth client %q (%s), not of %s.", c.Name, c.ID, in.Target.ClientID),
			Fix:     results.Fix{Text: "Use a token of the client " + in.Target.ClientID + ", or grant the role to the client that the token is of"}},
			"tokens/me names the client %q (%s), not %s", c.Name, c.ID, in.Target.ClientID)
	}
}
