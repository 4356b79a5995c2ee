package checks

import (
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// ClientIsActive judges the state of the OAuth client.
var ClientIsActive = lint.Check{
	ID: "client-is-active", Group: lint.Client, Title: "The OAuth client is active",
	Why:    "A disabled client's tokens are invalid. An inactive client gets no new tokens and will be deleted, though tokens that it has still work: the integration stops when they end.",
	Remedy: "Set the client's state to active.",
	Needs:  []evidence.Kind{evidence.Client, evidence.TokenInfo},
	Run:    judgeState,
}

func judgeState(in *lint.Input, out *lint.Findings) {
	client, _ := in.OAuthClient()
	if client == nil || client.State == "" {
		out.Unknown("the org does not show the client's state: %s", in.Client.WhyUnseen())
		return
	}
	fix := results.Fix{Text: "Set the client's state to active", Where: in.ClientPath("")}
	switch client.State {
	case genesys.StateActive:
		if client.DateToDelete != nil {
			out.Warn(results.Observed, fix, "the client is active, and will be deleted on %s", client.DateToDelete.Format("2006-01-02"))
			return
		}
		out.Pass(results.Observed, "the client is active")
	case genesys.StateDisabled:
		out.Fail(results.Observed, lint.Suspicion{Cause: cause.ClientDisabled, Certainty: results.Confirmed, Operations: in.IDs(false), Fix: fix,
			Because: in.ClientName() + " is disabled: its tokens are invalid."}, "the client is disabled")
	case genesys.StateInactive:
		s := lint.Suspicion{Cause: cause.ClientInactive, Certainty: results.Confirmed, Operations: in.IDs(false), Fix: fix,
			Because: in.ClientName() + " is inactive: it gets no new tokens and will be deleted. This token works until it ends."}
		if client.DateToDelete != nil {
			s.Because += " The date is " + client.DateToDelete.Format("2006-01-02") + "."
		}
		out.Fail(results.Observed, s, "the client is inactive: it gets no new tokens and will be deleted")
	default:
		out.Unknown("the client's state is %q, which is not a published one", client.State)
	}
}
