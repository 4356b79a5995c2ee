package lint

import (
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// Denies says whether a policy is in force against the subject.
func (in *Input) Denies(p genesys.Policy) bool {
	isUser, known := in.IsUserToken()
	return p.Active && strings.EqualFold(p.Effect, "DENY") && (p.ApplyToClients || !known || isUser)
}

// PolicyTargets are the needed operations and permissions that a policy is about.
func (in *Input) PolicyTargets(p genesys.Policy) (operations, permissions []string) {
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

// PoliciesSettled says whether the write probe showed for every needed operation
// that no policy stands before it: it is a probe of creating alone.
func (in *Input) PoliciesSettled() bool {
	for _, op := range in.Needed {
		if len(op.Features) > 1 || len(op.Features) == 1 && op.ID != "scim-user-create" {
			return false
		}
	}
	return in.WriteGateOpen()
}

// abacDecision is the part of an operation's decision that policies make.
func (in *Input) abacDecision(op catalog.NeededOperation) results.Decision {
	if len(op.Features) == 0 {
		return results.DecisionAllowed
	}
	if !in.Policies.Seen() {
		if op.ID == "scim-user-create" && len(op.Features) == 1 && in.WriteGateOpen() {
			return results.DecisionAllowed
		}
		return results.DecisionUnknown
	}
	decision := results.DecisionAllowed
	for _, p := range *in.Policies.Value {
		operations, _ := in.PolicyTargets(p)
		if !in.Denies(p) || !slices.Contains(operations, op.ID) {
			continue
		}
		if len(p.Condition) == 0 {
			return results.DecisionDenied
		}
		decision = results.DecisionUnknown
	}
	return decision
}
