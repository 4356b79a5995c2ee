package checks

import (
	"fmt"
	"strings"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// RoleNamesMatchPermissions looks for roles that promise SCIM or
// administration by their name and grant nothing of it.
var RoleNamesMatchPermissions = lint.Check{
	ID: "role-names-match-permissions", Group: lint.Client, Title: "Roles named for SCIM grant what SCIM takes",
	Why:    "A role's name says nothing of its policies: a role called \"Scim Admin\" may hold none of the permissions that provisioning takes. The vendor's ready-made role is \"SCIM Integration\".",
	Remedy: "Open the role and look at its permissions; add what the report names.",
	Needs:  []evidence.Kind{evidence.Grants, evidence.Roles},
	Run:    judgeRoleNames,
}

func judgeRoleNames(in *lint.Input, out *lint.Findings) {
	named := 0
	for _, g := range in.Subject.Grants {
		lower := strings.ToLower(g.Role.Name)
		if !strings.Contains(lower, "scim") && !strings.Contains(lower, "admin") {
			continue
		}
		named++
		if !g.Readable {
			out.Unknown("what the role %q grants could not be read", g.Role.Name)
			continue
		}
		if lacking := lacking(in, g); len(lacking) > 0 {
			out.Warn(results.Observed, results.Fix{Text: fmt.Sprintf("Add %s to the role %q, or grant another role", lint.List(lacking, 4), g.Role.Name), Where: lint.AdminRoles, Permissions: lacking},
				"the role %q does not grant %s, whatever its name says", g.Role.Name, lint.List(lacking, 4))
		}
	}
	if named == 0 {
		out.Skip("no granted role is named for SCIM or administration")
		return
	}
	if out.Empty() {
		out.Pass(results.Observed, "roles named for SCIM or administration grant what the needs take")
	}
}

// lacking are the needed permissions that the grant's role does not carry.
func lacking(in *lint.Input, g authz.Grant) []string {
	one := authz.Subject{Grants: []authz.Grant{g}, Complete: true}
	var out []string
	for _, op := range in.Needed {
		for _, f := range op.Features {
			p, err := authz.ParsePermission(f.Permission)
			if err == nil && one.Decide(p, authz.AnyDivision).Answer == authz.Denied {
				out = append(out, f.Permission)
			}
		}
	}
	return out
}
