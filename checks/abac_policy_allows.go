package checks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// ABACPolicyAllows judges the org's attribute-based policies.
var ABACPolicyAllows = Check{
	ID: "abac-policy-allows", Group: Permissions, Title: "No attribute-based policy denies a needed permission", Required: true,
	Why: "An attribute-based policy denies what roles grant, and applies to OAuth clients where it says so. Reading policies takes authorization:policy:view; " +
		"without it this check cannot see, and says so. Accept that with --accept-unknown abac-policy-allows.",
	Remedy: "Exclude the client from the policy, or turn the policy off.",
	Needs:  []evidence.Kind{evidence.Policies},
	Run:    judgePolicies,
}

func judgePolicies(in *Input, out *Findings) {
	if in.WriteProbe.RefusedWith(genesys.CodeAuthzPolicyDenied) {
		out.Fail(results.Observed, in.suspectRefusal(in.WriteProbe.Refused(), []string{"scim-user-create"}), "the org refuses: %s", refusalWords(in.WriteProbe.Refused()))
		return
	}
	if len(in.neededPermissions()) == 0 {
		out.Skip("the needs take no permission, so no policy can target one")
		return
	}
	if !in.Policies.Seen() {
		if in.abacSettled() {
			out.Pass(results.Observed, "the write probe got past the org's policies")
			return
		}
		out.Unknown("the org's attribute-based policies could not be read: %s", in.Policies.WhyUnseen())
		return
	}
	for _, p := range *in.Policies.Value {
		judgePolicy(in, out, p)
	}
	if len(out.list) == 0 {
		out.Pass(results.Observed, "none of the %d policies of %s denies what the needs take", len(*in.Policies.Value), in.Who())
	}
}

func judgePolicy(in *Input, out *Findings, p genesys.Policy) {
	operations, permissions := in.targets(p)
	if !in.denies(p) || len(operations) == 0 {
		return
	}
	s := results.Suspicion{Cause: "abac-policy-denies", Certainty: results.Likely, Operations: operations,
		Because: fmt.Sprintf("The policy %q denies %s to %s.", firstOf(p.Name, p.ID), p.TargetResource, in.Who()),
		Proof:   []results.Proof{{Basis: results.Observed, Text: fmt.Sprintf("policy %s: %s %s, active, applies to clients: %t", p.ID, p.Effect, p.TargetResource, p.ApplyToClients)}},
		Fix:     results.Fix{Text: fmt.Sprintf("Exclude %s from the policy %q, or turn the policy off", in.Who(), firstOf(p.Name, p.ID)), Where: adminPolicies}}
	if len(p.Condition) > 0 {
		s.Certainty = results.Possible
		s.Counter = []results.Proof{{Basis: results.Observed, Text: "the policy has a condition, which may not be met"}}
		out.UnknownSuspect(s, "the policy %q may deny %s: it depends on a condition", firstOf(p.Name, p.ID), strings.Join(permissions, ", "))
		return
	}
	out.Fail(results.Observed, s, "the policy %q denies %s", firstOf(p.Name, p.ID), strings.Join(permissions, ", "))
}

// denies says whether a policy is in force against the subject.
func (in *Input) denies(p genesys.Policy) bool {
	isUser, known := in.IsUserToken()
	return p.Active && strings.EqualFold(p.Effect, "DENY") && (p.ApplyToClients || !known || isUser)
}

// targets are the needed operations and permissions that a policy is about.
func (in *Input) targets(p genesys.Policy) (operations, permissions []string) {
	target, err := authz.ParsePermission(p.TargetResource)
	if err != nil {
		return nil, nil
	}
	for _, op := range in.Needed {
		hit := false
		for _, f := range op.Features {
			if want, err := authz.ParsePermission(f.Permission); err == nil && target.Covers(want) {
				permissions, hit = append(permissions, f.Permission), true
			}
		}
		if hit {
			operations = append(operations, op.ID)
		}
	}
	return operations, permissions
}

// abacSettled says whether the write probe showed for every needed operation
// that no policy stands before it: it is a probe of creating alone.
func (in *Input) abacSettled() bool {
	for _, op := range in.Needed {
		if len(op.Features) > 1 || len(op.Features) == 1 && op.ID != "scim-user-create" {
			return false
		}
	}
	return in.writeGateOpen()
}

// abacDecision is the part of an operation's decision that policies make.
func (in *Input) abacDecision(op catalog.NeededOperation) results.Decision {
	if len(op.Features) == 0 {
		return results.DecisionAllowed
	}
	if !in.Policies.Seen() {
		if op.ID == "scim-user-create" && len(op.Features) == 1 && in.writeGateOpen() {
			return results.DecisionAllowed
		}
		return results.DecisionUnknown
	}
	decision := results.DecisionAllowed
	for _, p := range *in.Policies.Value {
		operations, _ := in.targets(p)
		if !in.denies(p) || !slices.Contains(operations, op.ID) {
			continue
		}
		if len(p.Condition) == 0 {
			return results.DecisionDenied
		}
		decision = results.DecisionUnknown
	}
	return decision
}
