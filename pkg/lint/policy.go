package lint

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// PolicyVerdict is what one attribute-based policy means for the subject.
type PolicyVerdict struct {
	Policy genesys.Policy
	// Permissions are those of the question that the policy's target covers.
	Permissions []string
	// Decision is denied where the policy denies, allowed where it is known not to,
	// or to be met, and unknown otherwise.
	Decision results.Decision
	// Why explains an unknown.
	Why string
}

// Label names the policy.
func (v PolicyVerdict) Label() string { return FirstOf(v.Policy.Name, v.Policy.ID) }

// Condition is the policy's condition in one line; empty where it has none.
func (v PolicyVerdict) Condition() string { return conditionWords(v.Policy.Condition) }

// PolicyVerdicts are the policies that concern the permissions, decided. An org
// may deny what roles grant, and once it allows a target to some by a policy a
// subject must also meet one of these. Policies that are not in force, and
// those that do not apply to clients where the token is a client's, are left out.
func (in *Input) PolicyVerdicts(permissions []string) []PolicyVerdict {
	var out []PolicyVerdict
	if !in.Policies.Seen() || len(permissions) == 0 {
		return nil
	}
	for _, p := range *in.Policies.Value {
		if v, concerned := in.policyVerdict(p, permissions); concerned {
			out = append(out, v)
		}
	}
	return append(out, in.others(permissions)...)
}

// policyVerdict decides one policy; concerned is false where it has nothing to do
// with the permissions.
func (in *Input) policyVerdict(p genesys.Policy, permissions []string) (v PolicyVerdict, concerned bool) {
	isUser, known := in.IsUserToken()
	if !p.Active || known && !isUser && !p.ApplyToClients {
		return v, false
	}
	v = PolicyVerdict{Policy: p, Decision: results.DecisionUnknown}
	target, err := authz.ParsePermission(p.TargetResource)
	if err != nil {
		v.Permissions, v.Why = permissions, fmt.Sprintf("its target %q is not of the published form", p.TargetResource)
		return v, true
	}
	for _, text := range permissions {
		if want, err := authz.ParsePermission(text); err == nil && target.Covers(want) {
			v.Permissions = append(v.Permissions, text)
		}
	}
	if len(v.Permissions) == 0 {
		return v, false
	}
	met, why := in.policyMet(p)
	switch deny, allow := strings.EqualFold(p.Effect, "DENY"), strings.EqualFold(p.Effect, "ALLOW"); {
	case !deny && !allow:
		v.Why = fmt.Sprintf("its effect %q is not a published one", p.Effect)
	case !known && !p.ApplyToClients:
		v.Why = "it does not apply to clients, and whether the token is a client's could not be read"
	case met == results.DecisionUnknown:
		v.Why = why
	case deny && met == results.DecisionAllowed:
		v.Decision = results.DecisionDenied
	case allow && met == results.DecisionDenied:
		v.Why = "its condition is not met, and whether another policy allows the call is not known"
	default:
		v.Decision = results.DecisionAllowed
	}
	return v, true
}

// others are policies on a needed target that the org lists, and not as the subject's own:
// ALLOW policies, because whoever is in none of them may be shut out (source: a community
// wiki that cites the vendor's help; the definition does not say it), and DENY policies for
// all or for the subject itself, because the definition does not say whether the subject's
// own list has those. Such a target is unknown, unless a policy of the subject's own allows it.
func (in *Input) others(permissions []string) []PolicyVerdict {
	if !in.AllPolicies.Seen() {
		return nil
	}
	var out []PolicyVerdict
	own := make(map[string]bool, len(*in.Policies.Value))
	for _, p := range *in.Policies.Value {
		own[p.ID] = true
	}
	for _, p := range *in.AllPolicies.Value {
		why := "it allows the target to others, and a subject that no such policy allows may be shut out"
		if strings.EqualFold(p.Effect, "DENY") {
			why = "the org lists it for " + FirstOf(strings.ToLower(p.Subject.Type), "somebody") + ", and not among the policies of the subject"
		}
		if own[p.ID] || strings.EqualFold(p.Effect, "DENY") && !in.mayBeOf(p.Subject) {
			continue
		}
		v, concerned := in.policyVerdict(p, permissions)
		if concerned {
			v.Decision, v.Why = results.DecisionUnknown, why
			out = append(out, v)
		}
	}
	return out
}

// mayBeOf says whether a policy may apply to the subject of the token by what it says of its
// own subject. Of groups and teams, the subject's list of policies has those that count.
func (in *Input) mayBeOf(s genesys.PolicySubject) bool {
	switch strings.ToUpper(s.Type) {
	case "GROUP", "TEAM":
		return false
	case "ALL", "":
		return true
	}
	return s.ID == "" || s.ID == in.ClientID() || in.Grants.Seen() && s.ID == in.Grants.Value.ID
}

// policyMet says whether a policy's condition is met: by the org's own
// evaluation, where every attribute that it reads has a known value.
func (in *Input) policyMet(p genesys.Policy) (met results.Decision, why string) {
	if len(p.Condition) == 0 {
		return results.DecisionAllowed, ""
	}
	d, ok := in.indexes().details[p.ID]
	if !ok {
		return results.DecisionUnknown, "it has a condition, and the org was not asked what decides it"
	}
	if !d.Attributes.Seen() {
		return results.DecisionUnknown, "it has a condition, and what decides it could not be read: " + d.Attributes.WhyUnseen()
	}
	var open []string
	for _, a := range d.Attributes.Value.Attributes {
		_, given := d.Values[a.Name]
		_, preset := d.Attributes.Value.Preset[a.Name]
		if !given && !preset {
			open = append(open, a.Name)
		}
	}
	switch {
	case len(open) > 0:
		return results.DecisionUnknown, "it depends on " + List(open, 6) + ", which is not known before the call"
	case !d.Simulated.Seen():
		return results.DecisionUnknown, "it has a condition, and the org did not evaluate it: " + d.Simulated.WhyUnseen()
	}
	return simulated(p.Effect, d.Simulated.Value.Result)
}

// simulated reads the org's evaluation. Its words are not published: only those
// that cannot be misread count.
func simulated(effect, result string) (met results.Decision, why string) {
	word := strings.ToUpper(strings.TrimSpace(result))
	opposite := map[string]string{"ALLOW": "DENY", "DENY": "ALLOW"}[strings.ToUpper(effect)]
	switch word {
	case strings.ToUpper(effect), "TRUE":
		return results.DecisionAllowed, ""
	case opposite, "FALSE", "NOT_APPLICABLE", "NOTAPPLICABLE":
		return results.DecisionDenied, ""
	}
	return results.DecisionUnknown, fmt.Sprintf("it has a condition, and the org evaluates it as %q, which is not a published word", result)
}

// policyDecision says whether attribute-based policies let an operation pass. Of
// permissions any one of which is enough, those count that the token has.
func (in *Input) policyDecision(op catalog.NeededOperation) results.Decision {
	lists := make([][]string, 0, len(op.Features))
	for _, f := range op.Features {
		lists = append(lists, append([]string{f.Permission}, f.Alternatives...))
	}
	if len(lists) == 0 && len(op.Gate.Permissions) > 0 {
		lists = append(lists, op.Gate.Permissions)
	}
	switch {
	case len(lists) == 0:
		return results.DecisionAllowed
	case !in.Policies.Seen():
		return results.DecisionUnknown
	}
	out := results.DecisionAllowed
	if in.WhyPoliciesUnknown() != "" {
		out = results.DecisionUnknown // what could be read may deny even so
	}
	for _, list := range lists {
		out = worst(out, in.policyOnOne(list))
	}
	return out
}

// policyOnOne says whether policies let one of several permissions pass that the
// token has; where it has none of them, what they say of the first counts.
func (in *Input) policyOnOne(permissions []string) results.Decision {
	if len(permissions) == 1 {
		return in.policyOn(permissions[0])
	}
	var best results.Decision
	for _, p := range permissions {
		if in.Holds(p).Decision != results.DecisionAllowed {
			continue
		}
		if d := in.policyOn(p); best == "" || rank(d) < rank(best) {
			best = d
		}
	}
	if best == "" {
		return in.policyOn(permissions[0])
	}
	if best == results.DecisionDenied {
		return results.DecisionUnknown // which of the alternatives the platform looks at is not published
	}
	return best
}

// PolicyDecision says whether policies let all of the permissions pass.
func (in *Input) PolicyDecision(permissions []string) results.Decision {
	decision := results.DecisionAllowed
	for _, p := range permissions {
		decision = worst(decision, in.policyOn(p))
	}
	return decision
}

// policyOn says whether policies let one permission pass: a DENY overrides all, and
// one ALLOW that is met is enough.
func (in *Input) policyOn(permission string) results.Decision {
	decided, ok := in.indexes().policies[permission]
	if !ok {
		decided = in.decidePolicies(permission)
		in.indexes().policies[permission] = decided
	}
	return decided
}

func (in *Input) decidePolicies(permission string) results.Decision {
	decision, allowed := results.DecisionAllowed, false
	verdicts := in.PolicyVerdicts([]string{permission})
	for _, v := range verdicts {
		allowed = allowed || v.Decision == results.DecisionAllowed && strings.EqualFold(v.Policy.Effect, "ALLOW")
	}
	for _, v := range verdicts {
		if allowed && strings.EqualFold(v.Policy.Effect, "ALLOW") {
			continue
		}
		decision = worst(decision, v.Decision)
	}
	return decision
}

func featurePermissions(op catalog.NeededOperation) []string {
	var out []string
	for _, f := range op.Features {
		out = append(append(out, f.Permission), f.Alternatives...)
	}
	return Unique(out)
}

// WhyPoliciesUnknown says why the policies are not known in full; empty where they
// are. An org without the list of all policies (404) is judged by the subject's own.
func (in *Input) WhyPoliciesUnknown() string {
	switch call := in.AllPolicies.Call(); {
	case !in.Policies.Seen():
		return in.Policies.WhyUnseen()
	case in.AllPolicies.Seen() || len(in.AllPolicies.Calls) == 0 || call.Status == 404:
		return ""
	}
	return in.AllPolicies.WhyUnseen()
}

// OperationsOn are the needed operations that a policy on the permissions is about.
func (in *Input) OperationsOn(permissions []string) []string {
	var out []string
	for _, op := range in.Needed {
		if slices.ContainsFunc(featurePermissions(op), func(p string) bool { return slices.Contains(permissions, p) }) {
			out = append(out, op.ID)
		}
	}
	return out
}

// conditionWords puts a condition, of which the form is not published, into one
// line: its keys in order, its values as they are.
func conditionWords(v any) string {
	var parts []string
	switch v := v.(type) {
	case nil:
		return ""
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if text := conditionWords(v[key]); text != "" {
				parts = append(parts, key+" "+text)
			}
		}
		return strings.Join(parts, ", ")
	case []any:
		for _, item := range v {
			if text := conditionWords(item); text != "" {
				parts = append(parts, text)
			}
		}
		return strings.Join(parts, "; ")
	}
	return fmt.Sprint(v)
}
