package checks

import (
	"fmt"
	"time"

	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// TokenIsLive judges whether the API takes the token at all.
var TokenIsLive = Check{
	ID: "token-is-live", Group: Token, Title: "The API takes the token", Required: true,
	Why:    "A 401 is not a matter of permissions: the token has expired, was revoked, is of another region, or its client was disabled.",
	Remedy: "Get a new token from the login host of the same region and do not keep it longer than expires_in.",
	Needs:  []evidence.Kind{evidence.TokenInfo},
	Run:    judgeLive,
}

func judgeLive(in *Input, out *Findings) {
	if !in.Token.Seen() {
		out.Unknown("there is no token to try")
		return
	}
	if refused := in.unauthenticated(); refused != nil {
		if refused.Code == genesys.CodeIPNotAuthorized {
			out.Unknown("the org refuses the address before it looks at the token")
			return
		}
		out.Fail(results.Observed, in.suspectDeadToken(refused), "the API does not take the token: %s", refusalWords(refused))
		return
	}
	for _, r := range in.Requests() {
		if ofToken(r) && (r.OK() || r.Refusal != nil && (r.Refusal.Status == 403 || r.Refusal.Code == genesys.CodeNotAUser)) {
			out.Pass(results.Observed, "the API takes the token: %s answered %d", evidence.PathOf(r.URL), r.Status)
			return
		}
	}
	out.Unknown("no call of the API was answered: %s", in.TokenInfo.WhyUnseen())
}

// ofToken says whether a request was sent to the API with the token under test.
func ofToken(r evidence.Request) bool {
	return r.Kind != evidence.Token && r.Kind != evidence.WorkingToken && !r.Auditor
}

// unauthenticated returns the first 401 that the API gave the token under test.
func (in *Input) unauthenticated() *genesys.Refusal {
	for _, r := range in.Requests() {
		if ofToken(r) && r.Refusal != nil && r.Refusal.Status == 401 {
			return r.Refusal
		}
	}
	return nil
}

func (in *Input) suspectDeadToken(r *genesys.Refusal) results.Suspicion {
	s := results.Suspicion{Cause: "token-expired", Certainty: results.Likely, Operations: in.IDs(false),
		Because: "The API does not take the token that was brought: it has expired or was revoked.",
		Proof:   []results.Proof{{Text: "the API answered: " + refusalWords(r), Basis: results.Observed}},
		Fix:     results.Fix{Text: "Get a new token from " + in.Target.LoginURL + genesys.TokenPath}}
	switch {
	case r.Code == genesys.CodeCredentialsExpired:
		s.Certainty, s.Because = results.Confirmed, "The token has expired."
		if skew := in.skew(); abs(skew) > tolerable {
			s.Cause = "clock-skew"
			s.Because = fmt.Sprintf("This machine's clock is %s, so a token is kept past its end; the org says that it has expired.", skewWords(skew))
			s.Proof = append(s.Proof, results.Proof{Basis: results.Observed, Text: "the Date of the org's answers differs from this machine's clock by " + abs(skew).String()})
			s.Fix = results.Fix{Text: "Set this machine's clock (NTP), then get a new token"}
		}
	case !in.Target.TokenSupplied:
		s.Cause = "wrong-region"
		s.Because = "The API does not take a token that the login host gave a moment ago: " + in.Target.APIURL + " and " + in.Target.LoginURL + " may be of different regions, or the client was disabled meanwhile."
		s.Fix = results.Fix{Text: "Use the API host and the login host of one region"}
	default:
		s.Counter = []results.Proof{{Basis: results.Published, Text: "a token of another region and a token of a disabled client are refused in the same way"}}
	}
	return s
}

// tolerable is the skew that network delay and NTP drift explain.
const tolerable = 5 * time.Minute

// skew is the platform's clock less this machine's, as most answers show it.
func (in *Input) skew() time.Duration {
	var least time.Duration
	seen := false
	for _, r := range in.Requests() {
		if r.Skew != 0 && (!seen || abs(r.Skew) < abs(least)) {
			least, seen = r.Skew, true
		}
	}
	return least
}

func abs(d time.Duration) time.Duration { return max(d, -d) }

func skewWords(skew time.Duration) string {
	if skew > 0 {
		return skew.Round(time.Minute).String() + " behind"
	}
	return (-skew).Round(time.Minute).String() + " ahead"
}
