package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// OperationsWithPermissions are the needed operations that take a permission.
func (in *Input) OperationsWithPermissions() []string {
	var out []string
	for _, op := range in.Judged {
		if len(op.Features) > 0 {
			out = append(out, op.ID)
		}
	}
	return out
}

// NeededPermissions are all permissions that the needs take, once each.
func (in *Input) NeededPermissions() []string {
	var out []string
	for _, op := range in.Needed {
		for _, f := range op.Features {
			if !slices.Contains(out, f.Permission) {
				out = append(out, f.Permission)
			}
		}
	}
	return out
}

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
	call, seen := in.ReadProbe.Call(), in.ReadAnswered()
	if op.Write() {
		call, seen = in.WriteProbe.Call(), in.WriteGateOpen()
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

// ReadAnswered says whether the read probe was answered with a SCIM list. JSON of
// another kind comes from something else, and proves nothing.
func (in *Input) ReadAnswered() bool {
	return in.ReadProbe.Seen() && (in.ReadProbe.Value.TotalResults != nil || len(in.ReadProbe.Value.Schemas) > 0)
}

// WriteGateOpen says whether the write probe was answered 400: the endpoint let
// the token pass and then refused the body.
func (in *Input) WriteGateOpen() bool {
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
		g.Each = append(g.Each, results.Holding{Permission: d.Permission, Decision: results.Decision(d.Answer), Reason: string(d.Reason), Proof: Links(d.Proof)})
	}
	if op.ID != "scim-user-create" {
		return g
	}
	switch r := in.WriteProbe.Refused(); {
	case in.WriteGateOpen():
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
			out.Decision, out.Reason, out.Proof = results.Decision(d.Answer), string(d.Reason), Links(d.Proof)
		}
	}
	return out
}

func Links(proof []authz.Link) []results.Link {
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

// Chain puts a link in words: grant, role, policy, action, division.
func Chain(l results.Link) string {
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

func GateWords(g results.Gate) string {
	if len(g.Permissions) == 1 {
		return g.Permissions[0]
	}
	return strings.ToLower(g.Type) + " of " + strings.Join(g.Permissions, ", ")
}

// GrantWords says what the org lists as granted.
func (in *Input) GrantWords() string {
	if len(in.Subject.Grants) == 0 {
		return "the org lists no grant of " + in.Who()
	}
	var names []string
	for _, g := range in.Subject.Grants {
		if !slices.Contains(names, g.Role.Label()) {
			names = append(names, g.Role.Label())
		}
	}
	return "the org lists these roles of " + in.Who() + ": " + List(names, 6)
}

func DeniedWords(f results.Feature) string {
	if f.Reason == string(authz.OtherDivision) {
		return f.Permission + " is granted in another division (" + Chain(f.Proof[0]) + ")"
	}
	return "no role grants " + f.Permission
}

func SuspectDivision(in *Input, op results.Operation, f results.Feature) Suspicion {
	return Suspicion{Cause: cause.DivisionNotCovered, Certainty: results.Likely, Operations: []string{op.ID},
		Because: f.Permission + " is granted, but not in " + in.WhereWords() + ".",
		Proof:   []results.Proof{{Basis: results.Observed, Text: Chain(f.Proof[0])}},
		Fix:     results.Fix{Text: "Grant the role " + Quote(f.Proof[0].Role) + " in " + in.WhereWords() + ", or in all divisions", Where: in.RolesPath(), Permissions: []string{f.Permission}}}
}

// WhereWords names the target divisions.
func (in *Input) WhereWords() string {
	var names []string
	for _, d := range in.Where {
		names = append(names, Quote(d.Label()))
	}
	if len(names) == 1 {
		return "division " + names[0]
	}
	return "the divisions " + List(names, 4)
}

// MissingPermissions are the needed permissions that are denied.
func (in *Input) MissingPermissions() []string {
	var out []string
	for _, op := range in.Judged {
		for _, f := range op.Features {
			if f.Decision == results.DecisionDenied && !slices.Contains(out, f.Permission) {
				out = append(out, f.Permission)
			}
		}
	}
	return out
}
