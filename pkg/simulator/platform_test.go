package simulator

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestClientsComeAndGo walks an OAuth client through its life, with the refusals that are
// published on the way.
func TestClientsComeAndGo(t *testing.T) {
	srv := start(t, everything)
	admin := as(t, srv, "admin")
	grants := func(role string) []any { return []any{map[string]any{"roleId": role, "divisionId": "*"}} }
	for name, tc := range map[string]struct {
		body map[string]any
		code string
	}{
		"no name":               {map[string]any{"authorizedGrantType": "CODE"}, "bad.request"},
		"no grant type":         {map[string]any{"name": "x"}, "grant.type.required"},
		"an unknown one":        {map[string]any{"name": "x", "authorizedGrantType": "MAGIC"}, "bad.grant.type"},
		"no roles":              {map[string]any{"name": "x", "authorizedGrantType": "CLIENT-CREDENTIALS"}, "missing.client.roles"},
		"no scope":              {map[string]any{"name": "x", "authorizedGrantType": "CODE"}, "missing.client.scope"},
		"an unknown scope":      {map[string]any{"name": "x", "authorizedGrantType": "CODE", "scope": []any{"scim:users:write"}}, "auth.invalid.scope"},
		"an unknown role":       {map[string]any{"name": "x", "authorizedGrantType": "CLIENT-CREDENTIALS", "roleDivisions": grants("nonsense")}, "bad.client.role"},
		"a role of another's":   {map[string]any{"name": "x", "authorizedGrantType": "CLIENT-CREDENTIALS", "roleDivisions": grants(roleID("skills"))}, "bad.client.role"},
		"not active from birth": {map[string]any{"name": "x", "authorizedGrantType": "CODE", "scope": []any{"scim"}, "state": "disabled"}, "bad.client.state"},
	} {
		status, body := admin.call("POST", "/api/v2/oauth/clients", tc.body)
		assert.Equal(t, 400, status, name)
		assert.Equal(t, tc.code, body["code"], name)
	}
	want := map[string]any{"name": "made", "authorizedGrantType": "CLIENT-CREDENTIALS", "roleDivisions": grants(roleID("all"))}
	status, made := admin.call("POST", "/api/v2/oauth/clients", want)
	require.Equal(t, 200, status, made)
	require.NotEmpty(t, made["secret"])
	path := "/api/v2/oauth/clients/" + made["id"].(string)
	fresh := as(t, srv, "made")
	status, _ = fresh.call("GET", "/api/v2/tokens/me", nil)
	assert.Equal(t, 200, status)
	_, shown := admin.call("GET", path, nil)
	assert.NotContains(t, shown, "secret", "a secret is shown once")
	_, reset := admin.call("POST", path+"/secret", nil)
	assert.NotEqual(t, made["secret"], reset["secret"])
	want["name"] = "renamed"
	_, changed := admin.call("PUT", path, want)
	assert.Equal(t, made["id"], changed["id"])
	status, no := admin.call("DELETE", path, nil)
	assert.Equal(t, 400, status)
	assert.Equal(t, "cannot.delete.client", no["code"])
	want["state"] = "inactive"
	status, _ = admin.call("PUT", path, want)
	require.Equal(t, 200, status)
	status, _ = admin.call("DELETE", path, nil)
	assert.Equal(t, 204, status)
	status, gone := admin.call("GET", path, nil)
	assert.Equal(t, 404, status, gone)
	status, _ = fresh.call("GET", "/api/v2/tokens/me", nil)
	assert.Equal(t, 401, status)
}

func TestRolesComeAndGo(t *testing.T) {
	srv := start(t, everything)
	admin, skills := as(t, srv, "admin"), as(t, srv, "skills")
	role := func(name, action string) map[string]any {
		return map[string]any{"name": name, "permissionPolicies": []any{map[string]any{"domain": "oauth", "entityName": "client", "actionSet": []any{action}}}}
	}
	status, made := admin.call("POST", "/api/v2/authorization/roles", role("Viewer", "view"))
	require.Equal(t, 200, status, made)
	path := "/api/v2/authorization/roles/" + made["id"].(string)
	status, _ = admin.call("POST", "/api/v2/authorization/roles", role("viewer", "view"))
	assert.Equal(t, 409, status)
	status, _ = admin.call("POST", "/api/v2/authorization/subjects/"+clientID("skills")+"/divisions/*/roles/"+made["id"].(string), nil)
	require.Equal(t, 204, status)
	status, _ = skills.call("GET", "/api/v2/oauth/clients", nil)
	assert.Equal(t, 200, status)
	status, renamed := admin.call("PATCH", path, map[string]any{"name": "Reader"})
	assert.Equal(t, 200, status)
	assert.Equal(t, made["id"], renamed["id"])
	assert.Len(t, renamed["permissionPolicies"], 1, "PATCH changes what is named")
	status, _ = skills.call("GET", "/api/v2/oauth/clients", nil)
	assert.Equal(t, 200, status, "a renamed role keeps its grants")
	for query, want := range map[string]int{"name=Read*": 1, "name=*ade*": 1, "name=Viewer": 0, "permission=oauth:client:view": 2, "id=" + made["id"].(string): 1} {
		_, page := admin.call("GET", "/api/v2/authorization/roles?"+query, nil)
		assert.EqualValues(t, want, page["total"], query)
	}
	_, page := admin.call("GET", "/api/v2/authorization/roles?pageSize=2", nil)
	assert.EqualValues(t, 3, page["pageCount"])
	_, next := admin.call("GET", page["nextUri"].(string), nil)
	assert.EqualValues(t, 2, next["pageNumber"])
	status, _ = admin.call("DELETE", path, nil)
	assert.Equal(t, 204, status)
	status, _ = skills.call("GET", "/api/v2/oauth/clients", nil)
	assert.Equal(t, 403, status)
}

func TestTheDirectoryAndSCIMAgree(t *testing.T) {
	srv := start(t, everything)
	admin, paris := as(t, srv, "admin"), as(t, srv, "paris")
	new := map[string]any{"name": "Ann", "email": "ann@test.example", "divisionId": divisionID("Home")}
	status, no := paris.call("POST", "/api/v2/users", new)
	assert.Equal(t, 403, status)
	assert.Equal(t, "missing.division.permission", no["code"])
	status, ann := admin.call("POST", "/api/v2/users", new)
	require.Equal(t, 200, status, ann)
	id := ann["id"].(string)
	status, _ = admin.call("POST", "/api/v2/users", new)
	assert.Equal(t, 409, status)
	_, found := admin.call("GET", "/api/v2/scim/v2/users?filter="+url.QueryEscape("userName eq ann@test.example"), nil)
	assert.EqualValues(t, 1, found["totalResults"])
	status, _ = admin.call("PATCH", "/api/v2/users/"+id, map[string]any{"version": 7, "title": "x"})
	assert.Equal(t, 409, status)
	status, _ = admin.call("PATCH", "/api/v2/users/"+id, map[string]any{"version": 1, "state": "inactive"})
	assert.Equal(t, 200, status)
	_, scim := admin.call("GET", "/api/v2/scim/v2/users/"+id, nil)
	assert.Equal(t, false, scim["active"])
	_, roles := admin.call("PUT", "/api/v2/users/"+id+"/roles", []any{roleID("edit")})
	assert.Equal(t, "edit", field(roles, "roles.0.name"))
	_, scim = admin.call("GET", "/api/v2/scim/v2/users/"+id, nil)
	assert.Equal(t, "edit", field(scim, "roles.0.value"))
	status, _ = admin.call("DELETE", "/api/v2/users/"+id, nil)
	assert.Equal(t, 200, status)
	_, gone := admin.call("GET", "/api/v2/users?state=deleted", nil)
	assert.EqualValues(t, 1, gone["total"])
}

func TestSomeoneOfAnotherDivisionIsRefused(t *testing.T) {
	srv := start(t, `
name: x
org: {name: Test}
divisions: [{name: Home, home: true}, {name: Paris}]
roles: [{name: edit, policies: ["directory:user:edit"]}]
users: [{name: Kim, email: kim@test.example}]
clients: [{name: c, roles: [{role: edit, division: Paris}]}]
`)
	status, body := as(t, srv, "c").call("PATCH", "/api/v2/users/"+userID("Kim"), map[string]any{"version": 1})
	assert.Equal(t, 403, status)
	assert.Equal(t, "missing.any.division.permissions", body["code"])
	assert.Contains(t, body["message"], divisionID("Home"))
}

func TestTokensOfPeopleWhoAreNotActive(t *testing.T) {
	srv := start(t, everything)
	admin, kim := as(t, srv, "admin"), caller{t, srv, srv.Token("kim")}
	path := "/api/v2/scim/v2/users/" + userID("Kim")
	for _, step := range []struct {
		active bool
		want   int
	}{{false, 401}, {true, 200}} {
		status, _ := admin.call("PATCH", path, patchOf(op("replace", "active", step.active)))
		require.Equal(t, 200, status)
		status, _ = kim.call("GET", "/api/v2/users/me", nil)
		assert.Equal(t, step.want, status)
	}
}

func TestATokenCanEndItself(t *testing.T) {
	srv := start(t, everything)
	admin := as(t, srv, "admin")
	status, _ := admin.call("DELETE", "/api/v2/tokens/me", nil)
	assert.Equal(t, 200, status)
	status, _ = admin.call("GET", "/api/v2/tokens/me", nil)
	assert.Equal(t, 401, status)
}
