package checks

import (
	"fmt"

	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// TokenKindMatchesGrant compares the answer of users/me with the client's grant type, and
// with what the profile says of the token.
var TokenKindMatchesGrant = lint.Check{
	ID: "token-kind-matches-grant", Group: lint.Token, Title: "The token is of the kind that its client's grant type gives",
	Why: "GET /api/v2/users/me answers for a person's token and refuses a client-credentials token with 400. " +
		"Whoever saw it answer \"with the client's token\" had another token in hand.",
	Remedy: "Use the client's own token. The roles of a person count only for that person's tokens, the roles of a client only for its client-credentials tokens.",
	Needs:  []evidence.Kind{evidence.User, evidence.TokenInfo, evidence.Client},
	Run:    judgeKind,
}

func judgeKind(in *lint.Input, out *lint.Findings) {
	client, _ := in.OAuthClient()
	grant := ""
	if client != nil {
		grant = client.AuthorizedGrantType
	}
	refused := in.User.RefusedWith(genesys.CodeNotAUser)
	switch {
	case in.User.Seen() && expectsClientCredentials(in):
		judgeUserToken(in, out)
	case in.User.Seen() && grant == genesys.GrantClientCredentials:
		out.Warn(results.Observed, results.Fix{}, "users/me answered although the client is of the grant type %s: the org contradicts the published rule", grant)
	case forAClient(in) && isPersons(in):
		judgePersonsToken(in, out)
	case in.User.Seen():
		out.Pass(results.Observed, "users/me answered: the token is of the user %q, whose roles count, and scopes apply to it", in.User.Value.Name)
	case refused && grant != "" && grant != genesys.GrantClientCredentials:
		out.Warn(results.Observed, results.Fix{}, "users/me sees no user although the client is of the grant type %s", grant)
	case refused:
		out.Pass(results.Observed, "GET /users/me rejects this token, as it should for client credentials. (A token it accepts belongs to a person.)")
	default:
		out.Unknown("users/me did not say whether the token is a person's: %s", in.User.WhyUnseen())
	}
}

// forAClient says whether the integration is to have a client's token: one that somebody
// pasted, and any of an identity provider for which the published set-up is a client of the
// grant type Client Credentials. A profile of the team's own may sign persons in.
func forAClient(in *lint.Input) bool {
	p := in.Opts.Profile
	return in.Opts.TokenUse == lint.TokenPasted || p.HasAddress() && !p.Own
}

func isPersons(in *lint.Input) bool {
	user, known := in.IsUserToken()
	return user && known
}

// judgePersonsToken judges a person's token where the integration is to have a client's.
// It may do everything today: it ends with that person's access, and says nothing of the
// client. No client is named as the right one, because nothing shows which it is.
func judgePersonsToken(in *lint.Input, out *lint.Findings) {
	who := in.Who()
	s := lint.Suspicion{Cause: cause.TokenOfAUser, Certainty: results.Confirmed, Operations: in.IDs(false),
		Because: "The token is of the " + who + ", not of an OAuth client: that person's roles count, and it ends when that person's access ends.",
		Proof:   []results.Proof{{Text: "users/me answered, which it does only for a person's token", Basis: results.Observed}},
		Fix:     results.Fix{Text: "Use an OAuth client of the grant type Client Credentials, grant the role to the client, and check with the client's own token", Where: lint.AdminOAuth}}
	if in.Opts.TokenUse == lint.TokenPasted {
		s.Fix = lint.PasteClientsToken
	}
	if !in.User.Seen() {
		s.Certainty = results.Likely
		s.Proof[0].Text = "subjects/me or the client's grant type shows that a person is behind the token; users/me could not be read: " + in.User.WhyUnseen()
	}
	if via := in.TokenClient(); via != nil {
		s.Proof = append(s.Proof, results.Proof{Text: fmt.Sprintf("tokens/me names the client %q (%s), through which the person signed in", via.Name, via.ID), Basis: results.Observed})
	}
	out.Fail(results.Observed, s, "the token is of the %s, and this integration is to have a client's", who)
}

// expectsClientCredentials says whether the client that the user named is known
// to use client credentials while the token is, or may be, of another.
func expectsClientCredentials(in *lint.Input) bool {
	if in.Target.ClientID == "" {
		return false
	}
	named := in.Client.Seen() && in.Client.Value.ID == in.Target.ClientID && in.Client.Value.AuthorizedGrantType == genesys.GrantClientCredentials
	via := in.TokenClient()
	if via == nil {
		return named
	}
	return via.ID != in.Target.ClientID && (named || !in.Client.Seen() || in.Client.Value.ID != in.Target.ClientID)
}

func judgeUserToken(in *lint.Input, out *lint.Findings) {
	name := in.User.Value.Name
	s := lint.Suspicion{Cause: cause.TokenOfAUser, Certainty: results.Confirmed, Operations: in.IDs(false),
		Because: fmt.Sprintf("The token is of the user %q; it is not the token of the client %s.", name, in.Target.ClientID),
		Proof:   []results.Proof{{Text: "users/me answered, which it does only for a person's token", Basis: results.Observed}},
		Fix:     results.Fix{Text: "Get a token with the client's own id and secret (client credentials), and grant the role to the client", Where: expectedClientPath(in)}}
	if via := in.TokenClient(); via != nil {
		s.Because = fmt.Sprintf("The token is of the user %q, who signed in through %q; it is not the token of the client %s.", name, via.Name, in.Target.ClientID)
		s.Proof = append(s.Proof, results.Proof{Text: fmt.Sprintf("tokens/me names the client %q (%s)", via.Name, via.ID), Basis: results.Observed})
	}
	out.Fail(results.Observed, s, "users/me answered: the token is of the user %q, not of the client %s", name, in.Target.ClientID)
}

// expectedClientPath is where the roles of the client are granted that the user
// named, which is not the client that the token is of.
func expectedClientPath(in *lint.Input) string {
	name := in.Target.ClientID
	if in.Client.Seen() && in.Client.Value.ID == name && in.Client.Value.Name != "" {
		name = in.Client.Value.Name
	}
	return lint.AdminOAuth + " > " + name + " > Roles"
}
