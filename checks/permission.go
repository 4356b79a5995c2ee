package checks

import (
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/results"
)

// permissionNeeds are the facts that every permission check reads.
var permissionNeeds = []evidence.Kind{evidence.Grants, evidence.Roles, evidence.Divisions, evidence.Client}

// permissionCheck makes the check of one operation or feature. The ten of them
// differ in what they are about alone.
func permissionCheck(id, title, why, permission string) Check {
	return Check{
		ID: id, Group: Permissions, Title: title, Why: why, Required: true, Needs: permissionNeeds,
		Remedy: "Put `" + permission + "` into a role and grant that role, in the right division, to the OAuth client " +
			"(" + adminOAuth + " > the client > Roles). A role can be granted to a client only by someone who holds it.",
		Run: func(in *Input, out *Findings) { judgePermission(in, out, id) },
	}
}

// judgePermission reports on every needed feature that the check is about.
func judgePermission(in *Input, out *Findings, id string) {
	for _, op := range in.Judged {
		if op.ID == id && op.Gate.Decision == results.DecisionDenied {
			judgeShutGate(in, out, op)
			continue
		}
		for _, f := range op.Features {
			if f.Check == id {
				judgeFeature(in, out, op, f)
			}
		}
	}
	if len(out.list) == 0 {
		out.Skip("not needed: --need does not ask for it")
	}
}

// judgeShutGate reports an endpoint that refuses before it looks at the body.
func judgeShutGate(in *Input, out *Findings, op results.Operation) {
	wanted := ownPermissions(op)
	s := results.Suspicion{Cause: "role-lacks-permission", Certainty: results.Likely, Operations: []string{op.ID}, Fix: in.grantFix(wanted)}
	if op.Gate.Basis == results.Observed {
		s.Certainty = results.Confirmed
	}
	s.Proof = []results.Proof{{Basis: op.Gate.Basis, Text: op.Method + " " + op.Path + " takes " + gateWords(op.Gate)},
		{Basis: results.Observed, Text: in.grantWords()}}
	s.Because = "No role of " + in.Who() + " carries what this takes: " + strings.Join(wanted, ", ") + "."
	out.Fail(op.Gate.Basis, s, "%s lacks %s: the endpoint's gate is shut", in.Who(), strings.Join(wanted, ", "))
}

func ownPermissions(op results.Operation) []string {
	var out []string
	for _, f := range op.Features {
		if f.Decision != results.DecisionAllowed && !slices.Contains(out, f.Permission) {
			out = append(out, f.Permission)
		}
	}
	if len(out) == 0 && len(op.Gate.Permissions) > 0 {
		out = op.Gate.Permissions[:1]
	}
	return out
}

func gateWords(g results.Gate) string {
	if len(g.Permissions) == 1 {
		return g.Permissions[0]
	}
	return strings.ToLower(g.Type) + " of " + strings.Join(g.Permissions, ", ")
}

// grantWords says what the org lists as granted.
func (in *Input) grantWords() string {
	if len(in.Subject.Grants) == 0 {
		return "the org lists no grant of " + in.Who()
	}
	var names []string
	for _, g := range in.Subject.Grants {
		if !slices.Contains(names, g.Role.Label()) {
			names = append(names, g.Role.Label())
		}
	}
	return "the org lists these roles of " + in.Who() + ": " + list(names, 6)
}

// judgeFeature reports one part of the work behind the gate.
func judgeFeature(in *Input, out *Findings, op results.Operation, f results.Feature) {
	switch f.Decision {
	case results.DecisionAllowed:
		out.Pass(results.Published, "%s is granted, to %s: %s", f.Permission, f.Name, chain(f.Proof[0]))
	case results.DecisionUnknown:
		judgeUnknown(in, out, op, f)
	default:
		judgeDenied(in, out, op, f)
	}
}

func judgeDenied(in *Input, out *Findings, op results.Operation, f results.Feature) {
	s := results.Suspicion{Cause: "role-lacks-permission", Certainty: results.Likely, Operations: []string{op.ID}, Fix: in.grantFix([]string{f.Permission}),
		Proof: []results.Proof{{Basis: results.Published, Text: "it takes " + f.Permission + " to " + f.Name}, {Basis: results.Observed, Text: in.grantWords()}}}
	switch {
	case f.Reason == string(authz.OtherDivision):
		s = suspectDivision(in, op, f)
	case op.Gate.Decision == results.DecisionAllowed && op.Gate.Type == "ANY" && len(op.Gate.Permissions) > 1:
		s.Cause = "gate-passed-feature-missing"
		s.Because = "The endpoint lets " + in.Who() + " pass, for it holds one of the gate's permissions, but the work takes more: " + f.Permission + "."
		s.Proof = append(s.Proof, results.Proof{Basis: op.Gate.Basis, Text: "the gate of " + op.Method + " " + op.Path + " is open: it takes " + gateWords(op.Gate)})
	default:
		s.Because = "No role of " + in.Who() + " carries what this takes: " + f.Permission + "."
	}
	out.Fail(results.Published, s, "%s may not %s: %s", in.Who(), f.Name, deniedWords(f))
}

func deniedWords(f results.Feature) string {
	if f.Reason == string(authz.OtherDivision) {
		return f.Permission + " is granted in another division (" + chain(f.Proof[0]) + ")"
	}
	return "no role grants " + f.Permission
}

func suspectDivision(in *Input, op results.Operation, f results.Feature) results.Suspicion {
	return results.Suspicion{Cause: "division-not-covered", Certainty: results.Likely, Operations: []string{op.ID},
		Because: f.Permission + " is granted, but not in " + in.whereWords() + ".",
		Proof:   []results.Proof{{Basis: results.Observed, Text: chain(f.Proof[0])}},
		Fix:     results.Fix{Text: "Grant the role " + quote(f.Proof[0].Role) + " in " + in.whereWords() + ", or in all divisions", Where: in.rolesPath(), Permissions: []string{f.Permission}}}
}

// whereWords names the target divisions.
func (in *Input) whereWords() string {
	var names []string
	for _, d := range in.Where {
		names = append(names, quote(d.Label()))
	}
	if len(names) == 1 {
		return "division " + names[0]
	}
	return "the divisions " + list(names, 4)
}

func judgeUnknown(in *Input, out *Findings, op results.Operation, f results.Feature) {
	switch f.Reason {
	case string(authz.Conditional):
		out.UnknownSuspect(results.Suspicion{Cause: "policy-condition-limits", Certainty: results.Possible, Operations: []string{op.ID},
			Because: f.Permission + " is granted under a condition alone: " + quote(f.Proof[0].Condition) + ".",
			Proof:   []results.Proof{{Basis: results.Observed, Text: chain(f.Proof[0])}},
			Fix:     results.Fix{Text: "Remove the condition from the policy, or grant a role that has " + f.Permission + " without one", Where: adminRoles, Permissions: []string{f.Permission}}},
			"whether %s may %s depends on a condition: %s", in.Who(), f.Name, chain(f.Proof[0]))
	case string(authz.RoleUnseen):
		out.Unknown("%s is not to be seen: a granted role's policies could not be read (authorization:role:view)", f.Permission)
	case string(authz.DivisionUnseen):
		out.Unknown("%s is granted, but whether in %s could not be read", f.Permission, in.whereWords())
	default:
		out.Unknown("%s is not to be seen: the grants could not be read (%s)", f.Permission, in.Grants.WhyUnseen())
	}
}
