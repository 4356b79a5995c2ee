package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/simulator"
)

// attackOrg is an org whose client has all that is needed, with something added or changed.
const attackOrg = `name: attack
org: {name: Acme}
roles:
  - {name: Reader, policies: ["authorization:policy:view", "authorization:role:view", "oauth:client:view"]}
  - {name: P, policies: [%POLICIES%]}
clients:
  - {name: Migration, roles: [{role: Reader}, {role: P%WHERE%}]}
run: {client: Migration}
`

// TestOrgsThatContradictThemselves: an org that answers one thing here and another there is
// never ready, and is told no cause that one of its answers disproves.
func TestOrgsThatContradictThemselves(t *testing.T) {
	const add, edit = `"directory:user:add", `, `"directory:user:edit", "directory:user:delete"`
	answer := func(path, body string) string {
		return "faults: {rules: [{path: \"" + path + "\", kind: answer, status: 200, body: '" + body + "', headers: {Content-Type: application/json}}]}\n"
	}
	noSubject := answer("/api/v2/authorization/policies/subject/*", `{"entities":[]}`)
	for name, tc := range map[string]struct {
		policies, where, extra string
		args                   []string
		code                   int
		has, hasNot            string
	}{
		"a DENY for all that the subject's list lacks": {add + edit, "", noSubject + "policies: [{name: No new users, effect: DENY, target: \"directory:user:add\", applyToClients: true, subjectType: ALL}]\n",
			[]string{"check"}, 3, "No new users", "READY:"},
		"the same for can-i": {add + edit, "", noSubject + "policies: [{name: No new users, effect: DENY, target: \"directory:user:add\", applyToClients: true, subjectType: ALL}]\n",
			[]string{"can-i", "POST", "/api/v2/scim/v2/users"}, 3, "", ""},
		"an address that only SCIM refuses": {add + edit, "", "faults: {rules: [{path: \"/api/v2/scim/*\", kind: status, status: 401, code: ip.not.authorized}]}\n",
			[]string{"can-i", "POST", "/api/v2/scim/v2/users"}, 3, "ip.not.authorized", ""},
		"and the read itself": {add + edit, "", "faults: {rules: [{path: \"/api/v2/scim/*\", kind: status, status: 401, code: bad.credentials}]}\n",
			[]string{"can-i", "GET", "/api/v2/scim/v2/users"}, 1, "bad.credentials", ""},
		"one reading that is answered 401": {add + edit, "", "faults: {rules: [{path: \"/api/v2/oauth/scopes\", kind: status, status: 401, code: bad.credentials}]}\n",
			[]string{"check"}, 0, "", "wrong-region"},
		"a permission that the org does not know": {edit, "", "permissions: {unknown: [\"directory:user:add\"]}\n",
			[]string{"fix"}, 1, "does not know", "authorization:grant:add"},
		"grants that the platform contradicts": {add + edit, "", answer("/api/v2/authorization/divisionspermitted/*", `{"entities":[],"allDivsPermitted":false,"total":0,"pageCount":0,"pageNumber":1,"pageSize":200}`),
			[]string{"check"}, 1, "undetermined", "No role of"},
		"and nothing to grant": {add + edit, "", answer("/api/v2/authorization/divisionspermitted/*", `{"entities":[],"allDivsPermitted":false,"total":0,"pageCount":0,"pageNumber":1,"pageSize":200}`),
			[]string{"fix"}, 1, "granted already", "authorization:grant:add"},
		"a condition that the platform does not count": {edit + `, {permission: "directory:user:add", condition: "own team"}`, "", "divisionsPermitted: {conditions: left-out}\n",
			[]string{"check"}, 3, "policy-condition-limits", "role-lacks-permission"},
		"the token endpoint's rate limit": {add + edit, "", "tokenEndpoint: {refuseFirst: 99, retryAfter: 3600}\n",
			[]string{"check"}, 3, "rate-limited", "cannot create"},
		"another org than expected": {add + edit, "", "", []string{"can-i", "--expect-org", "Beta", "POST", "/api/v2/scim/v2/users"}, 3, "Beta", ""},
		"the expected org":          {add + edit, "", "", []string{"can-i", "--expect-org", "Acme", "POST", "/api/v2/scim/v2/users"}, 0, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.NewReplacer("%POLICIES%", tc.policies, "%WHERE%", tc.where).Replace(attackOrg) + tc.extra
			s, err := simulator.Load([]byte(text))
			require.NoError(t, err, text)
			server, err := simulator.Start(s, "127.0.0.1:0")
			require.NoError(t, err)
			t.Cleanup(server.Close)
			got := scimlint(t, environment(server, nil), tc.args...)
			assert.Equal(t, tc.code, got.code, got.out+got.err)
			assert.Contains(t, got.out, tc.has)
			if tc.hasNot != "" {
				assert.NotContains(t, got.out, tc.hasNot)
			}
		})
	}
}

func TestACallOfAnotherRegion(t *testing.T) {
	ireland := evidence.Target{APIURL: "https://api.mypurecloud.ie", Domain: "mypurecloud.ie"}
	for address, wrong := range map[string]bool{"/api/v2/users": false, "https://api.mypurecloud.ie/api/v2/users": false, "https://API.mypurecloud.IE/api/v2/users": false, "https://api.mypurecloud.com/api/v2/users": true} {
		assert.Equal(t, wrong, ofThisOrg(address, ireland) != nil, address)
	}
}
