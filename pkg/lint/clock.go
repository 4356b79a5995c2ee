package lint

import (
	"time"

	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
)

// OfToken says whether a request was sent to the API with the token under test.
func OfToken(r evidence.Request) bool {
	return r.Kind != evidence.Token && r.Kind != evidence.WorkingToken && !r.Auditor
}

// Unauthenticated returns the first 401 that the API gave the token under test. One that only
// some call got, while SCIM took the same token, says nothing of the token.
func (in *Input) Unauthenticated() *genesys.Refusal {
	for _, r := range in.Requests() {
		if !OfToken(r) || r.Refusal == nil || r.Refusal.Status != 401 {
			continue
		}
		ofToken := r.Kind == evidence.TokenInfo || r.Refusal.Code == genesys.CodeCredentialsExpired || r.Refusal.Code == genesys.CodeIPNotAuthorized
		if ofToken || !in.ReadAnswered() {
			return r.Refusal
		}
	}
	return nil
}

// TolerableSkew is the skew that network delay and NTP drift explain.
const TolerableSkew = 5 * time.Minute

// Skew is the platform's clock less this machine's, as most answers show it.
func (in *Input) Skew() time.Duration {
	var least time.Duration
	seen := false
	for _, r := range in.Requests() {
		if r.Skew != 0 && (!seen || Abs(r.Skew) < Abs(least)) {
			least, seen = r.Skew, true
		}
	}
	return least
}

// Abs is the length of a duration.
func Abs(d time.Duration) time.Duration { return max(d, -d) }

// SkewWords says by how much, and in which direction, this machine's clock is wrong.
func SkewWords(skew time.Duration) string {
	if skew > 0 {
		return skew.Round(time.Minute).String() + " behind"
	}
	return (-skew).Round(time.Minute).String() + " ahead"
}
