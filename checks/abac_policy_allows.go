package checks

import (
	"fmt"
	"strings"

	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// ABACPolicyAllows judges the org's attribute-based policies.
var ABACPolicyAllows = lint.Check{
	ID: lint.PolicyCheck, Group: lint.Permissions, Title: "No attribute-based policy denies a needed permission", Required: true,
	Why: "An attribute-based policy denies what roles grant, and applies to OAuth clients where it says so. Reading policies takes authorization:policy:view; " +
		"without it this check cannot see, and says so. Accept that with --accept-unknown abac-policy-allows.",
	Remedy: "Exclude the client from the policy, or turn the policy off.",
	Needs:  []evidence.Kind{evidence.Policies},
	Run:    judgePolicies,
}

func judgePolicies(in *lint.Input, out *lint.Findings) {
	if in.WriteProbe.RefusedWith(genesys.CodeAuthzPolicyDenied) {
		out.Fail(results.Observed, in.SuspectRefusal(in.WriteProbe.Refused(), []string{"scim-user-create"}), "the org refuses: %s", lint.RefusalWords(in.WriteProbe.Refused()))
		return
	}
	if len(in.NeededPermissions()) == 0 {
		out.Skip("the needs take no permission, so no policy can target one")
		return
	}
	if !in.Policies.Seen() {
		if in.PoliciesSettled() {
			out.Pass(results.Observed, "the write probe got past the org's policies")
			return
		}
		out.Unknown("the org's attribute-based policies could not be read: %s", in.Policies.WhyUnseen())
		return
	}
	for _, p := range *in.Policies.Value {
		judgePolicy(in, out, p)
	}
	if out.Empty() {
		out.Pass(results.Observed, "none of the %d policies of %s denies what the needs take", len(*in.Policies.Value), in.Who())
	}
}

func judgePolicy(in *lint.Input, out *lint.Findings, p genesys.Policy) {
	operations, permissions := in.PolicyTargets(p)
	if !in.Denies(p) || len(operations) == 0 {
		return
	}
	s := lint.Suspicion{Cause: cause.PolicyDenies, Certainty: results.Likely, Operations: operations,
		Because: fmt.Sprintf("The policy %q denies %s to %s.", lint.FirstOf(p.Name, p.ID), p.TargetResource, in.Who()),
		Proof:   []results.Proof{{Basis: results.Observed, Text: fmt.Sprintf("policy %s: %s %s, active, applies to clients: %t", p.ID, p.Effect, p.TargetResource, p.ApplyToClients)}},
		Fix:     results.Fix{Text: fmt.Sprintf("Exclude %s from the policy %q, or turn the policy off", in.Who(), lint.FirstOf(p.Name, p.ID)), Where: lint.AdminPolicies}}
	if len(p.Condition) > 0 {
		s.Certainty = results.Possible
		s.Counter = []results.Proof{{Basis: results.Observed, Text: "the policy has a condition, which may not be met"}}
		out.UnknownSuspect(s, "the policy %q may deny %s: it depends on a condition", lint.FirstOf(p.Name, p.ID), strings.Join(permissions, ", "))
		return
	}
	out.Fail(results.Observed, s, "the policy %q denies %s", lint.FirstOf(p.Name, p.ID), strings.Join(permissions, ", "))
}
