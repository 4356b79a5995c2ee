package checks

import (
	"strings"
	"time"

	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// TokenIsAcquired judges what the token endpoint answered.
var TokenIsAcquired = Check{
	ID: "token-is-acquired", Group: Token, Title: "The token endpoint gives a token", Required: true,
	Why:    "Without a token nothing else can be judged. The endpoint's refusals tell a wrong secret from a wrong region: \"client not found\" means that this region has no such client.",
	Remedy: "Check the region first, then the client id, then the secret.",
	Needs:  []evidence.Kind{evidence.Token},
	Run:    judgeToken,
}

func judgeToken(in *Input, out *Findings) {
	switch call := in.Token.Call(); {
	case in.Target.TokenSupplied:
		out.Skip("the token was brought, not acquired")
	case in.Token.Seen():
		out.Pass(results.Observed, "%s gave a token%s", in.Target.LoginURL, lifeWords(in.Token.Value.ExpiresIn))
	case call.Refusal != nil && call.Status < 500 && call.Status != 429:
		s := in.suspectToken(call.Refusal)
		out.Fail(results.Observed, s, "the token endpoint refuses: %s", refusalWords(call.Refusal))
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

// suspectToken says which cause is behind a refusal of the token endpoint. The
// descriptions are seen on real orgs, not published: where they say nothing,
// the cause is likely and not confirmed.
func (in *Input) suspectToken(r *genesys.Refusal) results.Suspicion {
	words := strings.ToLower(r.Message)
	s := results.Suspicion{Cause: "credentials-rejected", Certainty: results.Likely, Operations: in.IDs(false),
		Because: "The token endpoint does not accept the client id and secret.",
		Proof:   []results.Proof{{Text: "the token endpoint answered: " + refusalWords(r), Basis: results.Observed}},
		Fix:     results.Fix{Text: "Compare the client id and the secret with the OAuth client; a lost secret can only be made anew", Where: adminOAuth}}
	switch {
	case r.Code == genesys.CodeIPNotAuthorized:
		return in.suspectIP(r)
	case strings.Contains(words, "not found"):
		s.Cause = "wrong-region"
		s.Because = "The region " + firstOf(in.Target.Region, in.Target.LoginURL) + " has no OAuth client " + in.Target.ClientID + "."
		s.Counter = []results.Proof{{Text: "a mistyped client id is answered in the same way", Basis: results.Observed}}
		s.Fix = results.Fix{Text: "Use the region of the org (its Admin UI is at apps.<domain>), or correct the client id", Where: adminOAuth}
	case strings.Contains(words, "disabled"):
		s.Cause, s.Certainty, s.Because = "client-disabled", results.Confirmed, "The OAuth client is disabled."
		s.Fix = results.Fix{Text: "Set the client's state to active, if it was not disabled for a reason", Where: adminOAuth}
	case strings.Contains(words, "inactive"):
		s.Cause, s.Certainty, s.Because = "client-inactive", results.Confirmed, "The OAuth client is inactive: it gets no tokens and will be deleted."
		s.Fix = results.Fix{Text: "Set the client's state to active, or make a new client", Where: adminOAuth}
	case r.Code == "unauthorized_client", r.Code == "unsupported_grant_type":
		s.Cause, s.Certainty = "grant-type-unfit", results.Confirmed
		s.Because = "The OAuth client is not of the grant type Client Credentials."
		s.Fix = results.Fix{Text: "Make an OAuth client of the grant type Client Credentials for the migration, and grant it a role", Where: adminOAuth + " > Add Client"}
	case r.Code == "invalid_scope":
		s.Cause, s.Certainty, s.Because = "scope-unknown", results.Confirmed, "The token endpoint knows no such scope."
		s.Fix = results.Fix{Text: "Ask for no scope: a client-credentials client has none"}
	case strings.Contains(words, "authentication failed"):
		s.Certainty = results.Confirmed
	case r.Code == "invalid_client":
		s.Counter = []results.Proof{{Text: "the answer does not say whether the id, the secret, the region or the client's state is wrong", Basis: results.Observed}}
	}
	return s
}
