package fix

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
)

// roleDescription is the description of each role that a plan creates.
const roleDescription = "What the needed operations require, and nothing more; planned by scimlint fix."

// calls are the plan as calls of the platform's API, in order. Source: the published
// definition.
func calls(p Plan) []APICall {
	out := []APICall{}
	for _, r := range p.Roles {
		switch r.Kind {
		case lint.RoleMake:
			out = append(out, makeRole(r))
		case lint.RoleExtend:
			out = append(out, extendRole(r))
		}
	}
	for _, g := range p.Grants {
		out = append(out, makeGrant(g, p.Roles))
	}
	if p.Scopes != nil {
		out = append(out, addScopes(*p.Scopes, p.Client))
	}
	return out
}

// path divides a path that is known beforehand, and adds segments that came from outside.
func path(known string, more ...string) []PathPart {
	var out []PathPart
	for _, text := range append(strings.Split(strings.Trim(known, "/"), "/"), more...) {
		out = append(out, PathPart{Text: text})
	}
	return out
}

func makeRole(r lint.RoleChange) APICall {
	return APICall{Kind: CallMakeRole, What: fmt.Sprintf("create the role %q with %s", r.Name, strings.Join(r.Permissions, ", ")), Method: "POST", Path: path("/api/v2/authorization/roles"),
		Body:  map[string]any{"name": r.Name, "description": roleDescription, "permissionPolicies": policyBodies(r.Permissions)},
		Makes: r.Name, Undo: fmt.Sprintf("delete the role %q in %s (scimlint deletes no role)", r.Name, genesys.AdminRoles)}
}

func extendRole(r lint.RoleChange) APICall {
	return APICall{Kind: CallExtendRole, What: fmt.Sprintf("add %s to the role %q", strings.Join(r.Permissions, ", "), r.Name), Method: "PUT", Path: path("/api/v2/authorization/roles", r.ID),
		Append: map[string][]any{"permissionPolicies": policyBodies(r.Permissions)}, Keep: []string{"name", "description", "permissions", "permissionPolicies"}, Saw: r.Has,
		Undo: fmt.Sprintf("remove %s from the role %q", strings.Join(r.Permissions, ", "), r.Name)}
}

func policyBodies(permissions []string) []any {
	out := []any{}
	for _, p := range policies(permissions) {
		actions := []any{}
		for _, a := range p.Actions {
			actions = append(actions, a)
		}
		out = append(out, map[string]any{"domain": p.Domain, "entityName": p.EntityName, "actionSet": actions})
	}
	return out
}

func makeGrant(g lint.GrantChange, roles []lint.RoleChange) APICall {
	role := PathPart{Text: g.RoleID}
	if g.RoleID == "" {
		role = PathPart{Role: g.Role}
	}
	parts := append(path("/api/v2/authorization/subjects", g.SubjectID, "divisions", g.DivisionID, "roles"), role)
	var grants []string
	for _, r := range roles {
		if r.Name == g.Role && r.ID == g.RoleID {
			grants = append(slices.Clone(r.Has), r.Permissions...)
		}
	}
	return APICall{Kind: CallGrant, What: fmt.Sprintf("grant the role %q to %q in %s", g.Role, g.Subject, g.Division), Method: "POST", Path: parts,
		Query: map[string]string{"subjectType": g.SubjectType}, Grants: grants,
		Undo: fmt.Sprintf("remove the role %q in %s from %q", g.Role, g.Division, g.Subject), UndoDelete: true}
}

// clientFields are the fields that an update of an OAuth client accepts.
var clientFields = []string{"name", "description", "authorizedGrantType", "accessTokenValiditySeconds", "registeredRedirectUri", "scope", "roleDivisions", "state", "dateToDelete"}

func addScopes(s lint.ScopeChange, client *PlannedClient) APICall {
	var more []any
	for _, a := range s.Add {
		more = append(more, a)
	}
	call := APICall{Kind: CallAddScopes, What: fmt.Sprintf("add the scope %s to the OAuth client %q", strings.Join(s.Add, ", "), s.Client), Method: "PUT",
		Path: path("/api/v2/oauth/clients", s.ClientID), Append: map[string][]any{"scope": more}, Keep: clientFields,
		Undo: fmt.Sprintf("remove the scope %s from the OAuth client %q", strings.Join(s.Add, ", "), s.Client)}
	if client != nil {
		call.Saw = client.Scopes
	}
	return call
}
