package fix

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/scimlint/scimlint/pkg/results"
)

// roleDescription stands in the org at each role that a plan makes.
const roleDescription = "What SCIM provisioning takes, and nothing more; planned by scimlint fix."

// calls are the plan as calls of the platform's API, in order. Source: the published
// definition.
func calls(p results.Plan) []results.APICall {
	out := []results.APICall{}
	for _, r := range p.Roles {
		switch r.Kind {
		case results.RoleMake:
			out = append(out, makeRole(r))
		case results.RoleExtend:
			out = append(out, extendRole(r))
		}
	}
	for _, g := range p.Grants {
		out = append(out, makeGrant(g))
	}
	if p.Scopes != nil {
		out = append(out, addScopes(*p.Scopes))
	}
	return out
}

func makeRole(r results.RoleChange) results.APICall {
	return results.APICall{What: fmt.Sprintf("make the role %q of %s", r.Name, strings.Join(r.Permissions, ", ")), Method: "POST", Path: "/api/v2/authorization/roles",
		Body:  map[string]any{"name": r.Name, "description": roleDescription, "permissionPolicies": policyBodies(r.Permissions)},
		Makes: r.Name, Undo: fmt.Sprintf("delete the role %q in Admin > People & Permissions > Roles/Permissions (scimlint deletes no role)", r.Name)}
}

func extendRole(r results.RoleChange) results.APICall {
	return results.APICall{What: fmt.Sprintf("add %s to the role %q", strings.Join(r.Permissions, ", "), r.Name), Method: "PUT", Path: "/api/v2/authorization/roles/" + url.PathEscape(r.ID),
		Append: map[string][]any{"permissionPolicies": policyBodies(r.Permissions)}, Keep: []string{"name", "description", "permissions", "permissionPolicies"},
		Undo: fmt.Sprintf("take %s out of the role %q", strings.Join(r.Permissions, ", "), r.Name)}
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

func makeGrant(g results.GrantChange) results.APICall {
	role := url.PathEscape(g.RoleID)
	if g.RoleID == "" {
		role = "{role:" + g.Role + "}"
	}
	path := fmt.Sprintf("/api/v2/authorization/subjects/%s/divisions/%s/roles/%s", url.PathEscape(g.SubjectID), url.PathEscape(g.DivisionID), role)
	return results.APICall{What: fmt.Sprintf("grant the role %q to %q in %s", g.Role, g.Subject, g.Division), Method: "POST", Path: path + "?subjectType=" + g.SubjectType,
		Undo: "DELETE " + path}
}

// clientFields are the fields that an update of an OAuth client takes.
var clientFields = []string{"name", "description", "authorizedGrantType", "accessTokenValiditySeconds", "registeredRedirectUri", "scope", "roleDivisions", "state", "dateToDelete"}

func addScopes(s results.ScopeChange) results.APICall {
	var more []any
	for _, a := range s.Add {
		more = append(more, a)
	}
	return results.APICall{What: fmt.Sprintf("add the scope %s to the OAuth client %q", strings.Join(s.Add, ", "), s.Client), Method: "PUT",
		Path: "/api/v2/oauth/clients/" + url.PathEscape(s.ClientID), Append: map[string][]any{"scope": more}, Keep: clientFields,
		Undo: fmt.Sprintf("take the scope %s from the OAuth client %q", strings.Join(s.Add, ", "), s.Client)}
}
