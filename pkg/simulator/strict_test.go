package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAttackWritesStrangeBodies sends what no schema has, and values that are taken.
func TestAttackWritesStrangeBodies(t *testing.T) {
	admin := as(t, start(t, scimOrg), "admin")
	status, _ := admin.call("POST", "/api/v2/scim/v2/users", map[string]any{"userName": "first@test.example", "displayName": "First", "externalId": "e1",
		genesysSchema: map[string]any{"externalIds": []any{map[string]any{"authority": "hr", "value": "9"}}}})
	require.Equal(t, 201, status)
	mail := func(m string) any { return map[string]any{"type": "work", "value": m, "primary": true} }
	for name, tc := range map[string]struct {
		key    string
		value  any
		status int
		kind   string
	}{
		"an attribute that no schema has":   {"favouriteColour", "red", 400, "invalidSyntax"},
		"an attribute that is misspelt":     {"phoneNumber", []any{}, 400, "invalidSyntax"},
		"a URN that is no schema":           {"urn:ietf:params:scim:schemas:extension:genesys:2.0:User", map[string]any{}, 400, "invalidSyntax"},
		"a wrong name within an extension":  {genesysSchema, map[string]any{"skills": []any{}}, 400, "invalidSyntax"},
		"another version's schema":          {"schemas", []any{"urn:scim:schemas:core:1.0"}, 400, "invalidSyntax"},
		"the schema of groups":              {"schemas", []any{groupSchema}, 400, "invalidSyntax"},
		"schemas that are no list":          {"schemas", userSchema, 400, "invalidSyntax"},
		"two primary addresses":             {"emails", []any{mail("a@test.example"), mail("b@test.example")}, 400, "invalidValue"},
		"an externalId that is taken":       {"externalId", "e1", 409, "uniqueness"},
		"an external id that is taken":      {genesysSchema, map[string]any{"externalIds": []any{map[string]any{"authority": "hr", "value": "9"}}}, 409, "uniqueness"},
		"what Okta sends besides":           {"name", map[string]any{"givenName": "A"}, 201, ""},
		"an enterprise attribute of no use": {enterpriseSchema, map[string]any{"costCenter": "7"}, 201, ""},
		"an external id of another source":  {genesysSchema, map[string]any{"externalIds": []any{map[string]any{"authority": "crm", "value": "9"}}}, 201, ""},
	} {
		t.Run(name, func(t *testing.T) {
			body := map[string]any{"userName": fmt.Sprintf("u%d@test.example", len(name)*1000+int(name[0])), "displayName": "U", tc.key: tc.value}
			status, answer := admin.call("POST", "/api/v2/scim/v2/users", body)
			require.Equal(t, tc.status, status, answer)
			if tc.kind != "" {
				assert.Equal(t, tc.kind, answer["scimType"])
			}
		})
	}
	kim := kimPath + userID("Kim")
	for _, value := range []map[string]any{{"favouriteColour": "red"}, {"emails[type eq": "x"}, {"urn:a:b:User": map[string]any{}}} {
		status, answer := admin.call("PATCH", kim, patchOf(map[string]any{"op": "replace", "value": value}))
		assert.Equal(t, 400, status, answer)
	}
	status, answer := admin.call("PATCH", kim, patchOf(op("replace", "externalId", "e1")))
	assert.Equal(t, 409, status, answer)
	for _, wrong := range []string{"urn:wrong:thing:userName", genesysSchema + ":userName"} {
		status, answer = admin.call("GET", "/api/v2/scim/v2/users?filter="+wrong+"%20eq%20%22kim@test.example%22", nil)
		assert.Equal(t, "invalidFilter", answer["scimType"], wrong)
		assert.Equal(t, 400, status)
	}
}

// TestAConditionCountsLast asks for a change of an old version that is refused for another
// reason as well.
func TestAConditionCountsLast(t *testing.T) {
	srv := start(t, scimOrg)
	kim := kimPath + userID("Kim")
	for name, tc := range map[string]struct {
		client string
		op     map[string]any
		status int
		kind   any
	}{
		"no permission": {"edit", op("add", "roles", "edit"), 403, nil},
		"no such path":  {"admin", op("replace", "nope", 1), 400, "invalidPath"},
		"a taken name":  {"admin", op("replace", "userName", "lee@test.example"), 409, "uniqueness"},
		"nothing else":  {"admin", op("replace", "title", "x"), 400, "invalidVers"},
	} {
		who := as(t, srv, tc.client)
		data, err := json.Marshal(patchOf(tc.op))
		require.NoError(t, err)
		req, err := http.NewRequest(http.MethodPatch, srv.URL+kim, bytes.NewReader(data))
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+who.token)
		req.Header.Set("If-Match", `"99"`)
		status, body := do(t, req)
		assert.Equal(t, tc.status, status, name)
		assert.Equal(t, tc.kind, body["scimType"], name)
	}
}

func TestPutLeavesTheDivision(t *testing.T) {
	admin := as(t, start(t, scimOrg), "admin")
	kim := kimPath + userID("Kim")
	_, _ = admin.call("PATCH", kim, patchOf(op("replace", enterpriseSchema+":division", "Paris")))
	status, body := admin.call("PUT", kim, map[string]any{"userName": "kim@test.example", "displayName": "Kim"})
	require.Equal(t, 200, status, body)
	assert.Equal(t, "Paris", body[enterpriseSchema].(map[string]any)["division"])
}

const grantOrg = `
name: grants
org: {name: Test}
divisions: [{name: Home, home: true}, {name: Paris}]
roles: [{name: granter, policies: ["authorization:grant:*"]}, {name: small, policies: ["a:b:c"]}]
users: [{name: Kim, email: kim@test.example}, {name: Lee, email: lee@test.example, division: Paris}]
clients: [{name: here, roles: [{role: granter, division: Home}]}, {name: all, roles: [{role: granter}]}]
`

// TestAttackWritesGrantsElsewhere grants roles where the caller may not grant any.
func TestAttackWritesGrantsElsewhere(t *testing.T) {
	srv := start(t, grantOrg)
	role, paris, home := id("role", "small"), divisionID("Paris"), divisionID("Home")
	grant := func(division string) string {
		return "/api/v2/authorization/subjects/" + userID("Kim") + "/divisions/" + division + "/roles/" + role
	}
	bulk := map[string]any{"subjectIds": []string{userID("Kim")}, "divisionIds": []string{home, paris}}
	for name, tc := range map[string]struct {
		method, path string
		body         any
	}{
		"in another division":         {"POST", grant(paris), nil},
		"in all divisions":            {"POST", grant("*"), nil},
		"taken away elsewhere":        {"DELETE", grant(paris), nil},
		"in several at once":          {"POST", "/api/v2/authorization/roles/" + role, bulk},
		"to someone in another place": {"PUT", "/api/v2/users/" + userID("Lee") + "/roles", []string{role}},
	} {
		status, body := as(t, srv, "here").call(tc.method, tc.path, tc.body)
		assert.Equal(t, 403, status, name)
		assert.Equal(t, "missing.division.permission", body["code"], name)
		status, body = as(t, srv, "all").call(tc.method, tc.path, tc.body)
		assert.Less(t, status, 300, "%s: %v", name, body)
	}
	status, _ := as(t, srv, "here").call("POST", grant(home), nil)
	assert.Less(t, status, 300)
}

// TestPoliciesAndAnAccessCheck has a policy that denies one of the permissions of an
// endpoint that requires any of them.
func TestPoliciesAndAnAccessCheck(t *testing.T) {
	const org = `
name: any
org: {name: Test}
skills: [French]
roles: [{name: both, policies: ["directory:user:edit", "routing:skill:assign"]}, {name: skill, policies: ["routing:skill:assign"]}]
users: [{name: Kim, email: kim@test.example}]
clients: [{name: both, roles: [{role: both}]}, {name: skill, roles: [{role: skill}]}]
policies: [{name: No, effect: DENY, target: "directory:user:edit", applyToClients: true}]
`
	srv := start(t, org)
	skills := patchOf(op("add", genesysSchema+":routingSkills", []any{map[string]any{"name": "French"}}))
	for _, client := range []string{"both", "skill"} {
		status, body := as(t, start(t, org), client).call("PATCH", kimPath+userID("Kim"), skills)
		assert.Equal(t, 200, status, "%s: %v", client, body)
	}
	status, body := as(t, srv, "both").call("PATCH", kimPath+userID("Kim"), patchOf(op("replace", "title", "x")))
	assert.Equal(t, 403, status)
	assert.Equal(t, "authz.policy.denied", body["code"])
}

// TestAttackBoundsLongRun has many callers at once for longer than the log remembers.
func TestAttackBoundsLongRun(t *testing.T) {
	scenario, err := Load([]byte(grantOrg + "rateLimit: 1000000\n"))
	require.NoError(t, err)
	srv := New(scenario)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range (2*maxLog + 100) / 4 {
				r := httptest.NewRequest(http.MethodGet, fmt.Sprintf("/api/v2/scim/v2/users/%d-%d", worker, i), nil)
				srv.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
	wg.Wait()
	assert.Len(t, srv.Requests(), maxLog)
	assert.LessOrEqual(t, len(srv.log), 2*maxLog)
	assert.LessOrEqual(t, len(srv.seen), maxSeen)
}
