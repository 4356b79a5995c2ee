package checks

import (
	"time"

	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// TokenIsAcquired judges what the token endpoint answered.
var TokenIsAcquired = lint.Check{
	ID: "token-is-acquired", Group: lint.Token, Title: "The token endpoint gives a token", Required: true,
	Why:    "Without a token nothing else can be judged. \"authentication failed\" is the answer to a wrong secret, a wrong client id, another region and a disabled client alike.",
	Remedy: "Check the region first, then the client id, then the secret.",
	Needs:  []evidence.Kind{evidence.Token},
	Run:    judgeToken,
}

func judgeToken(in *lint.Input, out *lint.Findings) {
	switch call := in.Token.Call(); {
	case in.Target.TokenSupplied:
		out.Skip("the token was supplied, not acquired")
	case in.Token.Seen():
		out.Pass(results.Observed, "%s gave a token%s", in.Target.LoginURL, lifeWords(in.Token.Value.ExpiresIn))
	case call.Refusal != nil && call.Status < 500 && call.Status != 429:
		for _, s := range in.SuspectToken(call.Refusal) {
			if s.Cause == cause.RateLimited || s.Cause == cause.Undetermined { // nothing was refused to this client
				out.UnknownSuspect(s, "the token endpoint gives no token: %s", lint.RefusalWords(call.Refusal))
				continue
			}
			out.Fail(results.Observed, s, "the token endpoint refuses: %s", lint.RefusalWords(call.Refusal))
		}
	default:
		out.Unknown("there is no token: %s", in.Token.WhyUnseen())
	}
}

func lifeWords(life time.Duration) string {
	if life <= 0 {
		return ", without saying how long it lives"
	}
	return " that lives " + life.String()
}
