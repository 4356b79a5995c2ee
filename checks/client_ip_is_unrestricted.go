package checks

import (
	"fmt"
	"maps"
	"slices"

	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// ClientIPIsUnrestricted looks for a client that may be used only from listed
// addresses.
var ClientIPIsUnrestricted = lint.Check{
	ID: "client-ip-is-unrestricted", Group: lint.Client, Title: "The OAuth client may be used from any address",
	Why: "OAuth clients of the client-credentials grant can be limited to addresses of their own (announced in 2026). A request from elsewhere is refused, whatever its roles. " +
		"The published definition has no field for it yet, so every field of the client whose name speaks of addresses is shown as it is.",
	Remedy: "Make sure that the address of the integration is one of those listed.",
	Needs:  []evidence.Kind{evidence.Client},
	Run:    judgeClientAddresses,
}

func judgeClientAddresses(in *lint.Input, out *lint.Findings) {
	client, kind := in.OAuthClient()
	switch {
	case client == nil || kind != evidence.Client:
		out.Unknown("the client's own settings could not be read: %s", in.Client.WhyUnseen())
	case len(client.Addresses) > 0:
		for _, name := range slices.Sorted(maps.Keys(client.Addresses)) {
			raw := string(client.Addresses[name])
			if len(raw) > 200 {
				raw = raw[:200] + "…"
			}
			out.Warn(results.Observed, results.Fix{Text: "Make sure that the address of the integration is among those listed", Where: in.ClientPath("")},
				"%s", fmt.Sprintf("the client has the setting %s = %s, which may limit from where it can be used", name, raw))
		}
	default:
		out.Pass(results.Observed, "the client names no addresses")
	}
}
