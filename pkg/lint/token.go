package lint

import (
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// RequestErrors are the errors of the token endpoint that speak of the request and not of
// the client. Source: RFC 6749 section 5.2.
var RequestErrors = []string{"unsupported_grant_type", "invalid_request", "invalid_grant"}

// FromTokenEndpoint says whether an error code is one of the token endpoint's.
func FromTokenEndpoint(code string) bool {
	return slices.Contains(RequestErrors, code) || slices.Contains([]string{"invalid_client", "unauthorized_client", "invalid_scope"}, code)
}

// TokenRefusal says which causes end in this answer of the token endpoint: the one to look
// at first comes first. There are none where the request itself is at fault. It is the one
// decision about these answers, of a run that got one and of a text that shows one. The
// descriptions were read on real orgs; no list of them is published.
func TokenRefusal(r *genesys.Refusal) []Suspicion {
	words := strings.ToLower(r.Message)
	client := func(state string) bool { return strings.Contains(words, "client") && strings.Contains(words, state) }
	proof := []results.Proof{{Text: "the token endpoint refused: " + RefusalWords(r), Basis: results.Observed}}
	one := func(id cause.ID, certainty results.Certainty, because string, fix results.Fix) []Suspicion {
		return []Suspicion{{Cause: id, Certainty: certainty, Because: because, Proof: proof, Fix: fix}}
	}
	activate := results.Fix{Text: "Set the client's state to active, if it was not changed for a reason", Where: AdminOAuth}
	switch {
	case r.Code == genesys.CodeIPNotAuthorized:
		return []Suspicion{addressRefused(r)}
	case genesys.TokenRateLimited(r):
		because := "The token endpoint's rate limit is exceeded."
		if r.Status == 400 {
			because += " It says so with 400, not with 429."
		}
		return one(cause.RateLimited, results.Confirmed, because, results.Fix{Text: "Keep the token until it expires and share it, instead of asking for one with each call; wait as long as the answer says before the next"})
	case slices.Contains(RequestErrors, r.Code):
		return nil
	case client("not found"):
		list := one(cause.WrongRegion, results.Likely, "The region that was asked has no OAuth client of this id.",
			results.Fix{Text: "Use the region of the org (its Admin UI is at apps.<domain>), or correct the client id", Where: AdminOAuth})
		list[0].Counter = []results.Proof{{Text: "a mistyped client id is answered in the same way", Basis: results.Reported}}
		return append(list, one(cause.CredentialsRejected, results.Possible, "The client id may be mistyped.", results.Fix{Text: "Compare the client id with the OAuth client's", Where: AdminOAuth})...)
	case client("disabled"):
		return one(cause.ClientDisabled, results.Confirmed, "The OAuth client is disabled.", activate)
	case client("inactive"):
		return one(cause.ClientInactive, results.Confirmed, "The OAuth client is inactive: it gets no tokens and will be deleted.", activate)
	case r.Code == "unauthorized_client":
		return one(cause.GrantTypeUnfit, results.Confirmed, "The token endpoint says that this client may not use the grant type that was asked for.",
			results.Fix{Text: "Make an OAuth client of the grant type Client Credentials, and grant it a role", Where: AdminOAuth + " > Add Client"})
	case r.Code == "invalid_scope":
		return one(cause.ScopeUnknown, results.Confirmed, "The token endpoint knows no such scope.", results.Fix{Text: "Ask for no scope: a client-credentials client has none"})
	case r.Code == "invalid_client" || strings.Contains(words, "authentication failed"):
		return answeredAlike(proof)
	}
	return one(cause.Undetermined, results.Possible, "The token endpoint refuses without a reason that is known.",
		results.Fix{Text: "Ask again later; if the answer remains, give the vendor's support its correlation id"})
}

// answeredAlike are the causes between which the token endpoint does not tell. Source: its
// answers since 2025-10, as they were read on real orgs.
func answeredAlike(proof []results.Proof) []Suspicion {
	return []Suspicion{
		{Cause: cause.CredentialsRejected, Certainty: results.Possible, Proof: proof,
			Because: "The token endpoint does not accept the client id and secret, and does not say why: a wrong secret, a wrong client id, another region and a client that is not active are answered alike.",
			Fix:     results.Fix{Text: "Compare the region and the client id first: neither is secret. Then look at the client's state, and reset its secret last", Where: AdminOAuth}},
		{Cause: cause.WrongRegion, Certainty: results.Possible, Proof: proof, Because: "The OAuth client may be of another region, where its id is known.",
			Fix: results.Fix{Text: "Use the region of the org: its Admin UI is at apps.<domain>"}},
		{Cause: cause.ClientDisabled, Certainty: results.Possible, Proof: proof, Because: "The OAuth client may be disabled.",
			Fix: results.Fix{Text: "Look at the client's state, and set it to active", Where: AdminOAuth}},
		{Cause: cause.ClientInactive, Certainty: results.Possible, Proof: proof, Because: "The OAuth client may be inactive.",
			Fix: results.Fix{Text: "Look at the client's state, and set it to active", Where: AdminOAuth}},
	}
}

// SuspectToken is TokenRefusal for the refusal that this run got, narrowed by what else
// the run knows of the client. It never returns an empty list.
func (in *Input) SuspectToken(r *genesys.Refusal) []Suspicion {
	list := TokenRefusal(r)
	switch {
	case len(list) == 0:
		list = []Suspicion{{Cause: cause.Undetermined, Certainty: results.Possible,
			Because: "The token endpoint refuses the form of the request, which scimlint sends as published: " + in.Target.LoginURL + " may not be the login host, or something in between changed the request.",
			Proof:   []results.Proof{{Text: "the token endpoint refused: " + RefusalWords(r), Basis: results.Observed}},
			Fix:     results.Fix{Text: "Make sure that " + in.Target.LoginURL + " is the region's login host, and that no proxy changes what is sent to it"}}}
	case list[0].Cause == cause.CredentialsRejected:
		list = in.narrow(list)
	case list[0].Cause == cause.WrongRegion:
		list[0].Because = "The region " + FirstOf(in.Target.Region, in.Target.LoginURL) + " has no OAuth client " + in.Target.ClientID + "."
	case list[0].Cause == cause.GrantTypeUnfit:
		list[0].Because = "The OAuth client is not of the grant type Client Credentials: " + lowerFirst(list[0].Because)
	}
	for i := range list {
		list[i].Operations = in.IDs(false)
	}
	return list
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// narrow leaves out the causes that an auditor's view of the client, or another token that
// is alive, rules out.
func (in *Input) narrow(list []Suspicion) []Suspicion {
	without := func(ids ...cause.ID) {
		list = slices.DeleteFunc(list, func(s Suspicion) bool { return slices.Contains(ids, s.Cause) })
	}
	know := func(text string) {
		list[0].Counter = append(list[0].Counter, results.Proof{Basis: results.Observed, Text: text})
	}
	if w := in.Working; w != nil && w.TokenInfo.Seen() {
		without(cause.WrongRegion)
		know("the region is right: another token of this region is alive")
		if c := w.TokenInfo.Value.OAuthClient; c != nil && in.Target.ClientID != "" && c.ID == in.Target.ClientID {
			without(cause.ClientDisabled)
			know("the client id is right, and the client is not disabled: a token of it is alive")
		}
	}
	if !in.Client.Seen() {
		return list
	}
	// The client's own check says what its state means.
	without(cause.WrongRegion, cause.ClientDisabled, cause.ClientInactive)
	state := in.Client.Value.State
	if !strings.EqualFold(state, genesys.StateActive) {
		know("the org has the OAuth client " + in.ClientID() + ", in the state " + Quote(state))
		return list
	}
	list[0].Certainty = results.Likely
	list[0].Because = "The client secret is most likely wrong: the org has the OAuth client " + in.ClientID() + ", and it is active, so region, id and state are right."
	list[0].Fix = results.Fix{Text: "Copy the secret again; if it is lost, generate a new one, which ends the old one", Where: AdminOAuth}
	return list
}

// ClientID is the id of the client under test.
func (in *Input) ClientID() string {
	if client, _ := in.OAuthClient(); client != nil && client.ID != "" {
		return client.ID
	}
	return in.Target.ClientID
}
