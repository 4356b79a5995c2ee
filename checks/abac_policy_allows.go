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
	Why: "An attribute-based policy can deny what roles grant, and it applies to OAuth clients where it says so. Once an org allows a permission to some by a policy, " +
		"whoever no such policy allows may be refused. Policies are enforced only where the org setting \"Enable Attribute Based Access Control\" is on, and no endpoint shows whether it is. " +
		"Reading policies requires authorization:policy:view; without it this check is unknown. Accept that with --accept-unknown abac-policy-allows.",
	Remedy: "Exclude the client from the policy, or turn the policy off.",
	Needs:  []evidence.Kind{evidence.Policies, evidence.PolicyDetails},
	Run:    judgePolicies,
}

func judgePolicies(in *lint.Input, out *lint.Findings) {
	if in.WriteProbe.RefusedWith(genesys.CodeAuthzPolicyDenied) {
		r := in.WriteProbe.Refused()
		out.Fail(results.Observed, in.SuspectRefusal(r, []string{"scim-user-create"}), "the org refuses: %s", lint.RefusalWords(r))
		return
	}
	needed := in.NeededPermissions()
	switch {
	case len(needed) == 0:
		out.Skip("the needs require no permission, so no policy can target one")
		return
	case !in.Policies.Seen():
		out.Unknown("the org's attribute-based policies could not be read: %s", in.WhyPoliciesUnknown())
		return
	}
	shown := map[results.Decision]int{}
	for _, v := range in.PolicyVerdicts(needed) {
		settled := in.PolicyDecision(v.Permissions)
		if v.Decision == results.DecisionAllowed || settled == results.DecisionAllowed {
			continue
		}
		if shown[v.Decision]++; shown[v.Decision] <= maxPolicies {
			judgePolicy(in, out, v)
		}
	}
	if why := in.WhyPoliciesUnknown(); why != "" {
		out.Unknown("the org's attribute-based policies could not be read: %s", why)
	}
	if out.Empty() {
		out.Pass(results.Observed, "no attribute-based policy stops %s", in.Who())
	}
}

// maxPolicies bounds the policies of each kind, those that deny and those that may,
// that are named: more of them change no decision.
const maxPolicies = 100

// judgePolicy reports a policy that denies, or may deny.
func judgePolicy(in *lint.Input, out *lint.Findings, v lint.PolicyVerdict) {
	p := v.Policy
	text := fmt.Sprintf("policy %s: %s %s, active, applies to clients: %t", p.ID, p.Effect, p.TargetResource, p.ApplyToClients)
	if c := v.Condition(); c != "" {
		text += "; condition: " + c
	}
	s := lint.Suspicion{Cause: cause.PolicyDenies, Certainty: results.Likely, Operations: in.OperationsOn(v.Permissions), About: []string{p.ID},
		Because: fmt.Sprintf("The policy %q denies %s to %s.", v.Label(), p.TargetResource, in.Who()),
		Proof:   []results.Proof{{Basis: results.Observed, Text: text}},
		Counter: []results.Proof{{Basis: results.Published, Text: "policies are enforced only where the org setting \"Enable Attribute Based Access Control\" is on, which no endpoint shows"}},
		Fix:     results.Fix{Text: fmt.Sprintf("Exclude %s from the policy %q, or turn the policy off", in.Who(), v.Label()), Where: lint.AdminPolicies}}
	if v.Decision == results.DecisionDenied {
		out.Fail(results.Observed, s, "the policy %q denies %s", v.Label(), strings.Join(v.Permissions, ", "))
		return
	}
	s.Certainty = results.Possible
	s.Because = fmt.Sprintf("The policy %q (%s %s) may stop %s: %s.", v.Label(), p.Effect, p.TargetResource, in.Who(), v.Why)
	out.UnknownSuspect(s, "the policy %q may stop %s: %s", v.Label(), strings.Join(v.Permissions, ", "), v.Why)
}
