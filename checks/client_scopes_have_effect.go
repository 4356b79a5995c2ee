package checks

import (
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// ClientScopesHaveEffect looks for scopes on a client to which none apply.
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
		out.Warn(results.Observed, results.Fix{}, "by the published rule scopes do not apply to a client-credentials client, but this org refused a call because a scope is missing: its answer decides")
	case len(client.Scope) > 0:
		out.Warn(results.Published, results.Fix{Text: "Look at the client's roles instead; its scopes can go", Where: in.ClientPath("Scope")},
			"the client has the scopes %s, which have no effect with client credentials", lint.List(client.Scope, 4))
	default:
		out.Pass(results.Published, "scopes do not apply to a client-credentials client, and none are set")
	}
}
