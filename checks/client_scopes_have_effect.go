package checks

import (
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// ClientScopesHaveEffect looks for scopes on a client that takes none.
var ClientScopesHaveEffect = lint.Check{
	ID: "client-scopes-have-effect", Group: lint.Scopes, Title: "Scopes that are set on the client have an effect",
	Why:    "Scopes apply only to clients that do not use client credentials. Adding a scope to a client-credentials client changes nothing, whatever web posts say.",
	Remedy: "Leave the scopes and look at the client's roles.",
	Needs:  []evidence.Kind{evidence.Client, evidence.TokenInfo},
	Run:    judgeScopeEffect,
}

func judgeScopeEffect(in *lint.Input, out *lint.Findings) {
	client, _ := in.OAuthClient()
	switch {
	case client == nil:
		out.Unknown("the org does not show the client: %s", in.Client.WhyUnseen())
	case client.AuthorizedGrantType != genesys.GrantClientCredentials:
		out.Skip("scopes apply to a client of the grant type %s", lint.FirstOf(client.AuthorizedGrantType, "unknown"))
	case in.ScopeRefusal(true) != nil:
		out.Warn(results.Observed, results.Fix{}, "by the published rule a client-credentials client takes no scopes, but this org refused a call for want of one: its answer decides")
	case len(client.Scope) > 0:
		out.Warn(results.Published, results.Fix{Text: "Look at the client's roles instead; its scopes can go", Where: in.ClientPath("Scope")},
			"the client has the scopes %s, which have no effect with client credentials", lint.List(client.Scope, 4))
	default:
		out.Pass(results.Published, "a client-credentials client takes no scopes, and none are set")
	}
}
