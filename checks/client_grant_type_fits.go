package checks

import (
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// ClientGrantTypeFits judges whether the client's grant type serves a migration
// that runs without a person.
var ClientGrantTypeFits = lint.Check{
	ID: "client-grant-type-fits", Group: lint.Client, Title: "The client's grant type fits unattended work",
	Why:    "Client credentials need no person, and the client's own roles decide. With every other grant type a person signs in, that person's roles decide, and scopes apply.",
	Remedy: "Make an OAuth client of the grant type Client Credentials and grant it a role.",
	Needs:  []evidence.Kind{evidence.Client, evidence.TokenInfo},
	Run:    judgeGrantType,
}

func judgeGrantType(in *lint.Input, out *lint.Findings) {
	client, _ := in.OAuthClient()
	fix := results.Fix{Text: "Make an OAuth client of the grant type Client Credentials for the integration", Where: lint.AdminOAuth + " > Add Client"}
	if client == nil || client.AuthorizedGrantType == "" {
		out.Unknown("the org does not show the client's grant type: %s", in.Client.WhyUnseen())
		return
	}
	switch client.AuthorizedGrantType {
	case genesys.GrantClientCredentials:
		out.Pass(results.Observed, "Client Credentials: the client's own roles decide")
	case genesys.GrantCode, genesys.GrantSAML2:
		out.Warn(results.Published, fix, "%s: a person's roles decide, scopes apply, and the integration stops when that person's token ends", client.AuthorizedGrantType)
	default:
		out.Warn(results.Published, fix, "%s: the token cannot be renewed without a person, and a person's roles decide", client.AuthorizedGrantType)
	}
}
