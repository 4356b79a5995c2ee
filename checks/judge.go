package checks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// judge decides every needed operation: its gate, each feature in each
// division, its scopes, the attribute-based policies. What a probe answered
// beats what the grants let expect.
func (in *Input) judge() []results.Operation {
	var out []results.Operation
	for _, op := range in.Needed {
		judged := results.Operation{ID: op.ID, Title: op.Title, Method: op.Method, Path: op.Path, Scopes: op.Scopes,
			Gate: in.gate(op), Scope: in.scopeDecision(op), Policy: in.abacDecision(op), Features: []results.Feature{}}
		if judged.Scopes == nil {
			judged.Scopes = []string{}
		}
		decisions := []results.Decision{judged.Gate.Decision, judged.Scope, judged.Policy}
		for _, f := range op.Features {
			feature := in.feature(f)
			judged.Features = append(judged.Features, feature)
			decisions = append(decisions, feature.Decision)
		}
		judged.Decision = worst(decisions...)
		if probed, ok := in.probed(op); ok {
			judged.Decision = worstOf(judged.Decision, probed, op)
		}
		out = append(out, judged)
	}
	return out
}

// worstOf applies what a probe settled. A read that was answered is allowed,
// whatever could not be seen; a gate that was seen open proves no more than
// that.
func worstOf(decided, probed results.Decision, op catalog.NeededOperation) results.Decision {
	if !op.Write() || probed == results.DecisionDenied {
		return probed
	}
	return decided
}

// probed is what a probe of this very endpoint answered.
func (in *Input) probed(op catalog.NeededOperation) (results.Decision, bool) {
	call, seen := in.ReadProbe.Call(), in.readAnswered()
	if op.Write() {
		call, seen = in.WriteProbe.Call(), in.writeGateOpen()
	}
	if op.ID != "scim-user-create" && op.ID != "scim-user-read" {
		return "", false
	}
	switch {
	case seen:
		return results.DecisionAllowed, true
	case call.Refusal != nil && call.Refusal.Status == 403:
		return results.DecisionDenied, true
	case !op.Write() && in.ReadProbe.NotAsked == "":
		return results.DecisionUnknown, true
	}
	return "", false
}

// readAnswered says whether the read probe was answered with a SCIM list. JSON of
// another kind comes from something else, and proves nothing.
func (in *Input) readAnswered() bool {
	return in.ReadProbe.Seen() && (in.ReadProbe.Value.TotalResults != nil || len(in.ReadProbe.Value.Schemas) > 0)
}

// writeGateOpen says whether the write probe was answered 400: the endpoint let
// the token pass and then refused the body.
func (in *Input) writeGateOpen() bool {
	r := in.WriteProbe.Refused()
	return r != nil && r.Status == 400
}

func (in *Input) gate(op catalog.NeededOperation) results.Gate {
	answer, each := in.Subject.DecideGate(op.Gate.Type == catalog.GateAll, op.Gate.Permissions)
	g := results.Gate{Type: string(op.Gate.Type), Permissions: op.Gate.Permissions, Decision: results.Decision(answer), Basis: results.Published}
	if g.Permissions == nil {
		g.Permissions = []string{}
	}
	for _, d := range each {
		g.Each = append(g.Each, results.Holding{Permission: d.Permission, Decision: results.Decision(d.Answer), Reason: string(d.Reason), Proof: links(d.Proof)})
	}
	if op.ID != "scim-user-create" {
		return g
	}
	switch r := in.WriteProbe.Refused(); {
	case in.writeGateOpen():
		g.Decision, g.Basis = results.DecisionAllowed, results.Observed
	case r != nil && missingPermission(r):
		g.Decision, g.Basis = results.DecisionDenied, results.Observed
	}
	return g
}

// missingPermission says whether a refusal is for want of a permission.
func missingPermission(r *genesys.Refusal) bool {
	return strings.HasPrefix(r.Code, "missing.") || r.Code == genesys.CodeInsufficientPermissions
}

// feature decides one permission in every target division; the worst counts.
func (in *Input) feature(f catalog.Feature) results.Feature {
	out := results.Feature{Name: f.Name, Permission: f.Permission, Check: f.Check, Decision: results.DecisionAllowed, Basis: results.Published, Proof: []results.Link{}}
	p, err := authz.ParsePermission(f.Permission)
	if err != nil {
		out.Decision, out.Reason = results.DecisionUnknown, err.Error()
		return out
	}
	if len(in.Where) == 0 {
		out.Decision, out.Reason = results.DecisionUnknown, string(authz.DivisionUnseen)
	}
	for i, place := range in.Where {
		d := in.Subject.Decide(p, place.ID)
		if i == 0 || rank(results.Decision(d.Answer)) > rank(out.Decision) {
			out.Decision, out.Reason, out.Proof = results.Decision(d.Answer), string(d.Reason), links(d.Proof)
		}
	}
	return out
}

func links(proof []authz.Link) []results.Link {
	out := []results.Link{}
	for _, l := range proof {
		out = append(out, results.Link{Role: l.Role.Label(), RoleID: l.Role.ID, Division: l.Division.Label(), DivisionID: l.Division.ID,
			Policy: l.Policy, Action: l.Action, Condition: l.Condition})
	}
	return out
}

func rank(d results.Decision) int {
	return slices.Index([]results.Decision{results.DecisionAllowed, results.DecisionUnknown, results.DecisionDenied}, d)
}

func worst(list ...results.Decision) results.Decision {
	out := results.DecisionAllowed
	for _, d := range list {
		if rank(d) > rank(out) {
			out = d
		}
	}
	return out
}

// chain puts a link in words: grant, role, policy, action, division.
func chain(l results.Link) string {
	text := fmt.Sprintf("role %q in %s: policy %s", l.Role, divisionWords(l), l.Policy)
	if l.Condition != "" {
		text += fmt.Sprintf(" under the condition %q", l.Condition)
	}
	return text
}

func divisionWords(l results.Link) string {
	switch l.DivisionID {
	case authz.Any:
		return "all divisions"
	case "":
		return "a division that was not said"
	}
	return fmt.Sprintf("division %q", l.Division)
}
