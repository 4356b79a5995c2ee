package checks

import (
	"regexp"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// RoleNamesMatchPermissions looks for roles that promise SCIM or
// administration by their name and grant nothing of it.
var RoleNamesMatchPermissions = lint.Check{
	ID: "role-names-match-permissions", Group: lint.Client, SCIM: true, Title: "Roles named for SCIM grant what SCIM requires",
	Why:    "A role's name says nothing of its policies: a role called \"Scim Admin\" may include none of the permissions that provisioning requires. The vendor's ready-made role is \"SCIM Integration\".",
	Remedy: "Open the role and look at its permissions; add what the report names.",
	Needs:  []evidence.Kind{evidence.Grants, evidence.Roles},
	Run:    judgeRoleNames,
}

func judgeRoleNames(in *lint.Input, out *lint.Findings) {
	named := 0
	missing := in.MissingPermissions()
	for _, g := range in.Subject.Grants {
		if !namedForWriting(g.Role.Name) {
			continue
		}
		named++
		if !g.Readable {
			out.Unknown("what the role %q grants could not be read", g.Role.Name)
			continue
		}
		if lacking := lacking(g, missing); len(lacking) > 0 {
			out.Warn(results.Observed, in.GrantFix(), "the role %q does not include %s, although its name suggests it", g.Role.Name, lint.List(lacking, 4))
		}
	}
	if named == 0 {
		out.Skip("no granted role is named for SCIM or administration")
		return
	}
	if out.Empty() {
		out.Pass(results.Observed, "roles named for SCIM or administration include what is needed, or other roles do")
	}
}

var (
	// writingName finds roles whose name suggests that they include SCIM's work; a role
	// for this tool, or for reading, suggests no such thing.
	writingName = regexp.MustCompile(`(?i)scim|admin`)
	readingName = regexp.MustCompile(`(?i)scimlint|read|view|audit|report`)
)

func namedForWriting(role string) bool {
	return writingName.MatchString(role) && !readingName.MatchString(role)
}

// lacking are those of the missing permissions that the grant's role does not
// include either; what other grants cover is not missing.
func lacking(g authz.Grant, missing []string) []string {
	one := authz.Subject{Grants: []authz.Grant{g}, Complete: true}
	var out []string
	for _, text := range missing {
		p, err := authz.ParsePermission(text)
		if err == nil && one.Decide(p, authz.Anywhere()).Answer == authz.Denied {
			out = append(out, text)
		}
	}
	return out
}
