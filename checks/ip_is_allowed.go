package checks

import (
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// IPIsAllowed judges whether the org lets this machine's address in.
var IPIsAllowed = lint.Check{
	ID: "ip-is-allowed", Group: lint.Reach, Title: "The org lets this address in",
	Why:    "An org may accept requests only from listed networks, and answers the others with 401 ip.not.authorized, whatever the token. What is let in here need not be let in where the integration runs.",
	Remedy: "Add the address to the org's allowlist, or run from one that is on it.",
	Needs:  []evidence.Kind{evidence.IPAllowlist},
	Run:    judgeIP,
}

func judgeIP(in *lint.Input, out *lint.Findings) {
	for _, r := range in.Requests() {
		if r.Refusal != nil && r.Refusal.Code == "ip.not.authorized" {
			s := in.SuspectIP(r.Refusal)
			out.Fail(results.Observed, s, "the org does not let in the address %s", lint.FirstOf(r.Refusal.IP, "of this machine"))
			return
		}
	}
	for _, r := range in.Requests() {
		if r.Kind == evidence.Token || !r.OK() {
			continue
		}
		if in.IPAllowlist.Seen() && len(in.IPAllowlist.Value.NetworkWhitelist) > 0 {
			out.Warn(results.Observed, results.Fix{Text: "Make sure that the machine that runs the integration is in one of these networks", Where: lint.AdminIPs},
				"this address is let in; the org accepts requests only from %s", lint.List(in.IPAllowlist.Value.NetworkWhitelist, 4))
			return
		}
		out.Pass(results.Observed, "the org accepts requests from this IP address")
		return
	}
	out.Unknown("the org answered nothing that would show it")
}
