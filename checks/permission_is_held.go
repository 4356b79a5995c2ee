package checks

import (
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
			"POST /api/v2/scim/v2/users lets a token pass that has any one of six permissions, but creating the user still requires directory:user:add.",
			"directory:user:add"},
		{"scim-user-update", "The grants allow updating users",
			"PATCH and PUT /api/v2/scim/v2/users/{userId} let a token pass that has any one of seven permissions, but changing attributes still requires directory:user:edit.",
			"directory:user:edit"},
		{"scim-user-delete", "The grants allow deleting users",
			"DELETE /api/v2/scim/v2/users/{userId} requires directory:user:delete.",
			"directory:user:delete"},
		{"scim-group-edit", "The grants allow changing group members",
			"Every SCIM call on groups, also a read, requires directory:group:edit.",
			"directory:group:edit"},
		{"user-roles", "The grants allow setting users' roles",
			"Adding a role to a user requires authorization:grant:add; an update that removes one also requires authorization:grant:delete.",
			"authorization:grant:add"},
		{"user-skills", "The grants allow setting routing skills",
			"routingSkills in a SCIM body require routing:skill:assign.",
			"routing:skill:assign"},
		{"user-languages", "The grants allow setting routing languages",
			"routingLanguages in a SCIM body require routing:language:assign.",
			"routing:language:assign"},
		{"user-extension", "The grants allow setting work extensions",
			"A work phone number with an extension requires telephony:extension:assign.",
			"telephony:extension:assign"},
		{"user-password", "The grants allow setting passwords",
			"A password in an update requires directory:user:setPassword; one in a creation does not.",
			"directory:user:setPassword"},
	} {
		out = append(out, lint.Check{
			ID: row.id, Group: lint.Permissions, SCIM: true, Title: row.title, Why: row.why, Required: true, Needs: permissionNeeds,
			Remedy: "Put `" + row.permission + "` into a role and grant that role, in the right division, to the OAuth client " +
				"(" + lint.AdminOAuth + " > the client > Roles). A role can be granted to a client only by someone who has it.",
			Run: func(in *lint.Input, out *lint.Findings) { judgePermission(in, out, row.id) },
		})
	}
	return out
}

// judgePermission reports on every needed feature that the check is about. It
// decides nothing: it words the one decision.
func judgePermission(in *lint.Input, out *lint.Findings, id string) {
	for _, op := range in.Judged {
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

// judgeFeature reports one part of the work behind the access check.
func judgeFeature(in *lint.Input, out *lint.Findings, op results.Operation, f results.Feature) {
	switch f.Decision {
	case results.DecisionAllowed:
		text := "the platform says so"
		if len(f.Proof) > 0 {
			text = lint.Chain(f.Proof[0])
		}
		if f.Note != "" {
			out.Warn(f.Basis, results.Fix{}, "%s is granted, to %s; %s", f.Permission, f.Name, f.Note)
			return
		}
		out.Pass(f.Basis, "%s is granted, to %s: %s", f.Permission, f.Name, text)
	case results.DecisionUnknown:
		judgeUnknown(in, out, op, f)
	default:
		judgeDenied(in, out, op, f)
	}
}

func judgeDenied(in *lint.Input, out *lint.Findings, op results.Operation, f results.Feature) {
	s := lint.Suspicion{Cause: cause.RoleLacksPermission, Certainty: results.Likely, Operations: []string{op.ID}, Lacks: []string{f.Permission},
		Proof: []results.Proof{{Basis: results.Published, Text: "to " + f.Name + " requires " + f.Permission + alternatives(f)}, {Basis: results.Observed, Text: in.GrantWords()}}}
	if f.Basis == results.Observed {
		s.Certainty = results.Confirmed
		s.Proof = append(s.Proof, results.Proof{Basis: results.Observed, Text: lint.FirstOf(f.Why, "the platform answers that the token does not have "+f.Permission)})
	}
	if f.Note != "" {
		s.Counter = append(s.Counter, results.Proof{Basis: results.Observed, Text: f.Note})
	}
	switch {
	case f.Reason == string(authz.OtherDivision):
		s = in.SuspectDivision(op, f)
	case f.Reason == string(lint.NotAvailable):
		s.Cause, s.Fix, s.Lacks = cause.PermissionNotAvailable, lint.AskVendor(f.Permission), nil
		s.Because = "The org does not know a permission " + f.Permission + ", which is required to " + f.Name + "."
		s.Certainty = results.Confirmed
	case f.Reason == string(lint.Disagree):
		s.Cause, s.Certainty, s.Lacks = cause.Undetermined, results.Possible, nil
		s.Because = "The grants list " + f.Permission + " where it is needed, and the org answers that the token does not have it."
		s.Fix = results.Fix{Text: "Run again with a new token: a token does not show grants that are newer. If the answers still contradict each other, give the vendor's support the correlation id (scimlint check --verbose)"}
	case len(f.Alternatives) == 0 && op.Gate.Decision == results.DecisionAllowed && op.Gate.Type == "ANY" && len(op.Gate.Permissions) > 1:
		s.Cause = cause.GatePassedFeatureMissing
		s.BecauseOf = func(permissions []string) string {
			return in.Who() + " has one of the permissions that open the endpoint, but not " + strings.Join(permissions, ", ") + ", which the work behind it requires."
		}
		s.Proof = append(s.Proof, results.Proof{Basis: op.Gate.Basis, Text: op.Method + " " + op.Path + " lets in whoever has " + lint.GateWords(op.Gate)})
	default:
		other := ""
		if len(f.Alternatives) > 0 {
			other = ", or another permission that opens the operation (" + lint.List(f.Alternatives, 4) + ")"
		}
		s.BecauseOf = func(permissions []string) string {
			return "No role of " + in.Who() + " includes " + strings.Join(permissions, ", ") + other + "."
		}
	}
	out.Fail(f.Basis, s, "%s cannot %s: %s", in.Who(), f.Name, lint.DeniedWords(f))
}

// alternatives names the permissions that would do as well.
func alternatives(f results.Feature) string {
	if len(f.Alternatives) == 0 {
		return ""
	}
	return ", the least of the permissions any one of which is enough; the others are " + lint.List(f.Alternatives, 6)
}

func judgeUnknown(in *lint.Input, out *lint.Findings, op results.Operation, f results.Feature) {
	switch f.Reason {
	case string(authz.Conditional):
		out.UnknownSuspect(lint.Suspicion{Cause: cause.PolicyConditionLimits, Certainty: results.Possible, Operations: []string{op.ID},
			Because: f.Permission + " is granted only under a condition: " + lint.Quote(f.Proof[0].Condition) + ".",
			Proof:   []results.Proof{{Basis: results.Observed, Text: lint.Chain(f.Proof[0])}},
			Lacks:   []string{f.Permission}},
			"whether %s can %s depends on a condition: %s", in.Who(), f.Name, lint.Chain(f.Proof[0]))
	case string(lint.NotAvailable):
		out.UnknownSuspect(lint.Suspicion{Cause: cause.PermissionNotAvailable, Certainty: results.Likely, Operations: []string{op.ID},
			Because: "The grants list " + f.Permission + ", and the org does not know a permission of this name.",
			Fix:     lint.AskVendor(f.Permission)},
			"the grants list %s, and the org does not know a permission of this name", f.Permission)
	case string(authz.OtherDivision):
		out.Unknown("whether %s can %s depends on the division: %s", in.Who(), f.Name, f.Why)
	default:
		out.Unknown("whether %s is granted could not be read: %s", f.Permission, lint.FirstOf(f.Why, f.Reason))
	}
}
