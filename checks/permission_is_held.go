package checks

import (
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// permissionNeeds are the facts that every permission check reads.
var permissionNeeds = []evidence.Kind{evidence.Grants, evidence.Roles, evidence.Divisions, evidence.Client}

// permissionIsHeld are the checks of one operation or feature each: the same
// rule, a row for each permission.
func permissionIsHeld() []lint.Check {
	var out []lint.Check
	for _, row := range []struct{ id, title, why, permission string }{
		{"scim-user-create", "The grants allow creating users",
			"POST /api/v2/scim/v2/users lets a token pass that holds any one of six permissions; creating the user takes directory:user:add all the same.",
			"directory:user:add"},
		{"scim-user-update", "The grants allow updating users",
			"PATCH and PUT /api/v2/scim/v2/users/{userId} let a token pass that holds any one of seven permissions; changing attributes takes directory:user:edit all the same.",
			"directory:user:edit"},
		{"scim-user-delete", "The grants allow deleting users",
			"DELETE /api/v2/scim/v2/users/{userId} takes directory:user:delete.",
			"directory:user:delete"},
		{"scim-group-edit", "The grants allow changing group members",
			"Every SCIM call on groups, a read too, takes directory:group:edit.",
			"directory:group:edit"},
		{"user-roles", "The grants allow setting users' roles",
			"Adding a role to a user takes authorization:grant:add; an update that takes one away takes authorization:grant:delete as well.",
			"authorization:grant:add"},
		{"user-skills", "The grants allow setting routing skills",
			"routingSkills in a SCIM body take routing:skill:assign.",
			"routing:skill:assign"},
		{"user-languages", "The grants allow setting routing languages",
			"routingLanguages in a SCIM body take routing:language:assign.",
			"routing:language:assign"},
		{"user-extension", "The grants allow setting work extensions",
			"A work phone number with an extension takes telephony:extension:assign.",
			"telephony:extension:assign"},
		{"user-password", "The grants allow setting passwords",
			"A password in an update takes directory:user:setPassword; one in a creation does not.",
			"directory:user:setPassword"},
	} {
		out = append(out, lint.Check{
			ID: row.id, Group: lint.Permissions, Title: row.title, Why: row.why, Required: true, Needs: permissionNeeds,
			Remedy: "Put `" + row.permission + "` into a role and grant that role, in the right division, to the OAuth client " +
				"(" + lint.AdminOAuth + " > the client > Roles). A role can be granted to a client only by someone who holds it.",
			Run: func(in *lint.Input, out *lint.Findings) { judgePermission(in, out, row.id) },
		})
	}
	return out
}

// judgePermission reports on every needed feature that the check is about.
func judgePermission(in *lint.Input, out *lint.Findings, id string) {
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
	if out.Empty() {
		out.Skip("not needed: --need does not ask for it")
	}
}

// judgeShutGate reports an endpoint that refuses before it looks at the body.
func judgeShutGate(in *lint.Input, out *lint.Findings, op results.Operation) {
	wanted := ownPermissions(op)
	s := lint.Suspicion{Cause: cause.RoleLacksPermission, Certainty: results.Likely, Operations: []string{op.ID}, Fix: in.GrantFix(wanted)}
	if op.Gate.Basis == results.Observed {
		s.Certainty = results.Confirmed
	}
	s.Proof = []results.Proof{{Basis: op.Gate.Basis, Text: op.Method + " " + op.Path + " takes " + lint.GateWords(op.Gate)},
		{Basis: results.Observed, Text: in.GrantWords()}}
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

// judgeFeature reports one part of the work behind the gate.
func judgeFeature(in *lint.Input, out *lint.Findings, op results.Operation, f results.Feature) {
	switch f.Decision {
	case results.DecisionAllowed:
		out.Pass(results.Published, "%s is granted, to %s: %s", f.Permission, f.Name, lint.Chain(f.Proof[0]))
	case results.DecisionUnknown:
		judgeUnknown(in, out, op, f)
	default:
		judgeDenied(in, out, op, f)
	}
}

func judgeDenied(in *lint.Input, out *lint.Findings, op results.Operation, f results.Feature) {
	s := lint.Suspicion{Cause: cause.RoleLacksPermission, Certainty: results.Likely, Operations: []string{op.ID}, Fix: in.GrantFix([]string{f.Permission}),
		Proof: []results.Proof{{Basis: results.Published, Text: "it takes " + f.Permission + " to " + f.Name}, {Basis: results.Observed, Text: in.GrantWords()}}}
	switch {
	case f.Reason == string(authz.OtherDivision):
		s = lint.SuspectDivision(in, op, f)
	case op.Gate.Decision == results.DecisionAllowed && op.Gate.Type == "ANY" && len(op.Gate.Permissions) > 1:
		s.Cause = cause.GatePassedFeatureMissing
		s.Because = "The endpoint lets " + in.Who() + " pass, for it holds one of the gate's permissions, but the work takes more: " + f.Permission + "."
		s.Proof = append(s.Proof, results.Proof{Basis: op.Gate.Basis, Text: "the gate of " + op.Method + " " + op.Path + " is open: it takes " + lint.GateWords(op.Gate)})
	default:
		s.Because = "No role of " + in.Who() + " carries what this takes: " + f.Permission + "."
	}
	out.Fail(results.Published, s, "%s may not %s: %s", in.Who(), f.Name, lint.DeniedWords(f))
}

func judgeUnknown(in *lint.Input, out *lint.Findings, op results.Operation, f results.Feature) {
	switch f.Reason {
	case string(authz.Conditional):
		out.UnknownSuspect(lint.Suspicion{Cause: cause.PolicyConditionLimits, Certainty: results.Possible, Operations: []string{op.ID},
			Because: f.Permission + " is granted under a condition alone: " + lint.Quote(f.Proof[0].Condition) + ".",
			Proof:   []results.Proof{{Basis: results.Observed, Text: lint.Chain(f.Proof[0])}},
			Fix:     results.Fix{Text: "Remove the condition from the policy, or grant a role that has " + f.Permission + " without one", Where: lint.AdminRoles, Permissions: []string{f.Permission}}},
			"whether %s may %s depends on a condition: %s", in.Who(), f.Name, lint.Chain(f.Proof[0]))
	case string(authz.RoleUnseen):
		out.Unknown("%s is not to be seen: a granted role's policies could not be read (authorization:role:view)", f.Permission)
	case string(authz.DivisionUnseen):
		out.Unknown("%s is granted, but whether in %s could not be read", f.Permission, in.WhereWords())
	default:
		out.Unknown("%s is not to be seen: the grants could not be read (%s)", f.Permission, in.Grants.WhyUnseen())
	}
}
