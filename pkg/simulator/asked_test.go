package simulator

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// field reads a value of an answer by its path, as in "entities.0.id".
func field(body any, path string) any {
	for _, key := range strings.Split(path, ".") {
		switch x := body.(type) {
		case map[string]any:
			body = x[key]
		case []any:
			i := int(key[0] - '0')
			if i >= len(x) {
				return nil
			}
			body = x[i]
		}
	}
	return body
}

const permitting = `
name: permitting
org: {name: Test}
divisions: [{name: Home, home: true}, {name: Paris}, {name: Rome}]
roles:
  - {name: create, policies: ["directory:user:*"]}
  - {name: groups, policies: ["directory:group:edit"]}
  - {name: limited, policies: [{permission: "routing:skill:assign", condition: "team EQ x"}]}
clients:
  - {name: c, roles: [{role: create, division: Paris}, {role: groups, division: Paris}, {role: limited}]}
  - {name: all, roles: [{role: create}]}
permissions: {unknown: ["directory:user:setPassword"], notDivisionAware: ["directory:user:delete"]}
`

func TestDivisionsPermitted(t *testing.T) {
	srv := start(t, permitting)
	c, all := as(t, srv, "c"), as(t, srv, "all")
	for name, tc := range map[string]struct {
		who        caller
		path       string
		status     int
		everywhere bool
		names      []string
		code       string
	}{
		"in one division":          {c, "me?permission=directory:user:add", 200, false, []string{"Paris"}, ""},
		"everywhere":               {all, "me?permission=directory:user:add", 200, true, []string{"Home", "Paris", "Rome"}, ""},
		"nowhere":                  {all, "me?permission=directory:group:edit", 200, false, nil, ""},
		"not division-aware":       {c, "me?permission=directory:group:edit", 200, true, []string{"Home", "Paris", "Rome"}, ""},
		"not here division-aware":  {c, "me?permission=directory:user:delete", 200, true, []string{"Home", "Paris", "Rome"}, ""},
		"unknown to the org":       {all, "me?permission=directory:user:setPassword", 200, false, nil, ""},
		"under a condition":        {c, "me?permission=routing:skill:assign", 200, true, []string{"Home", "Paris", "Rome"}, ""},
		"of another":               {all, clientID("c") + "?permission=directory:user:add", 200, false, []string{"Paris"}, ""},
		"of nobody":                {all, "nobody?permission=directory:user:add", 404, false, nil, "not.found"},
		"no permission asked for":  {all, "me", 400, false, nil, "missing.permission.param"},
		"the second of three":      {all, "me?permission=directory:user:add&pageSize=1&pageNumber=2", 200, true, []string{"Paris"}, ""},
		"of a permission not here": {c, "me?permission=a:b:c", 200, false, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := tc.who.call("GET", "/api/v2/authorization/divisionspermitted/paged/"+tc.path, nil)
			require.Equal(t, tc.status, status, body)
			if tc.code != "" {
				assert.Equal(t, tc.code, body["code"])
				return
			}
			assert.Equal(t, tc.everywhere, body["allDivsPermitted"])
			var names []string
			for _, e := range body["entities"].([]any) {
				names = append(names, e.(map[string]any)["name"].(string))
			}
			assert.Equal(t, tc.names, names)
		})
	}
}

func TestDivisionsPermittedModes(t *testing.T) {
	for mode, want := range map[string]struct {
		status int
		code   string
	}{"user-context": {400, "not.a.user"}, "refused": {403, "not.authorized"}, "absent": {404, "not.found"}, "answers": {200, ""}} {
		c := as(t, start(t, permitting+"divisionsPermitted: {mode: "+mode+", conditions: left-out}\n"), "c")
		status, body := c.call("GET", "/api/v2/authorization/divisionspermitted/paged/me?permission=routing:skill:assign", nil)
		assert.Equal(t, want.status, status, mode)
		if want.code != "" {
			assert.Equal(t, want.code, body["code"], mode)
		} else {
			assert.Empty(t, body["entities"], "what is held under a condition is left out")
		}
	}
}

func TestPermissionsOfTheOrg(t *testing.T) {
	c := as(t, start(t, permitting), "c")
	_, body := c.call("GET", "/api/v2/authorization/permissions?queryType=permission&query=directory:user:add,directory:group:edit,directory:user:setPassword,routing:skill:assign,scim:users:write", nil)
	assert.EqualValues(t, 2, body["total"], "domains")
	assert.Equal(t, "directory", field(body, "entities.0.domain"))
	assert.Equal(t, false, field(body, "entities.0.permissionMap.group.0.divisionAware"))
	assert.Len(t, field(body, "entities.0.permissionMap.user"), 1, "the org does not know setPassword")
	assert.Equal(t, true, field(body, "entities.0.permissionMap.user.0.divisionAware"))
	assert.Equal(t, true, field(body, "entities.1.permissionMap.skill.0.allowsConditions"))
	_, all := c.call("GET", "/api/v2/authorization/permissions?pageSize=500", nil)
	assert.Greater(t, all["total"], 50.0)
	status, wrong := c.call("GET", "/api/v2/authorization/permissions?queryType=entity", nil)
	assert.Equal(t, 400, status)
	assert.Equal(t, "invalid.query.param.value", wrong["code"])
	require.NotContains(t, wrong["message"], "%s")
}

const policed = `
name: policed
org: {name: Test}
divisions: [{name: Home, home: true}, {name: Paris}]
groups: [Contractors]
roles: [{name: all, policies: ["*:*:*"]}]
users: [{name: Kim, email: kim@test.example, roles: [{role: all}], groups: [Contractors]}]
clients:
  - {name: c, roles: [{role: all}]}
  - {name: web, grantType: CODE}
tokens: [{name: kim, client: web, user: Kim, scopes: [scim, authorization]}]
policies:
  - {name: office, effect: ALLOW, target: "directory:user:add", applyToClients: true, condition: {attribute: request.ipAddress, operator: IN_RANGE, values: [203.0.113.0/24]}}
  - {name: no-paris, effect: DENY, target: "directory:user:add", applyToClients: true, condition: {all: [{attribute: resource.division, operator: EQUALS, values: [Paris]}, {not: {attribute: request.body.title, operator: STARTS_WITH, values: [Chief]}}]}}
  - {name: contractors, effect: DENY, target: "directory:user:*", subjectType: GROUP, subject: Contractors}
  - {name: one-role, effect: DENY, target: "authorization:grant:add", applyToClients: true, condition: {attribute: request.body.roles, operator: CONTAINS, values: [admin]}}
`

func TestPoliciesAreEvaluatedOnValues(t *testing.T) {
	user := func(more map[string]any) map[string]any {
		body := map[string]any{"userName": "a@test.example", "displayName": "A"}
		for k, v := range more {
			body[k] = v
		}
		return body
	}
	paris := map[string]any{"division": "Paris"}
	for name, tc := range map[string]struct {
		change string
		token  string
		body   map[string]any
		status int
		policy string
	}{
		"allowed from the office":          {"", "", user(nil), 201, ""},
		"no ALLOW policy is met":           {"callerIp: 198.51.100.1\n", "", user(nil), 403, "office"},
		"the policies are not enforced":    {"callerIp: 198.51.100.1\n", "", user(nil), 201, "off"},
		"the division is denied":           {"", "", user(map[string]any{enterpriseSchema: paris}), 403, "no-paris"},
		"but not for this title":           {"", "", user(map[string]any{enterpriseSchema: paris, "title": "Chief"}), 201, ""},
		"an attribute of the body":         {"", "", user(map[string]any{"roles": []any{map[string]any{"value": "admin"}}}), 403, "one-role"},
		"an empty body shows no DENY":      {"", "", map[string]any{}, 400, ""},
		"a group's policy is its members'": {"", "kim", user(nil), 403, "contractors"},
	} {
		t.Run(name, func(t *testing.T) {
			text := policed
			if tc.policy == "off" {
				text = strings.Replace(text, "{name: Test}", "{name: Test, enforcePolicies: false}", 1)
			}
			srv := start(t, text+tc.change)
			who := caller{t, srv, srv.Token("kim")}
			if tc.token == "" {
				who = as(t, srv, "c")
			}
			status, body := who.call("POST", "/api/v2/scim/v2/users", tc.body)
			require.Equal(t, tc.status, status, body)
			if tc.status == 403 {
				assert.Equal(t, "authz.policy.denied", body["code"])
				assert.Contains(t, body["message"], id("policy", tc.policy))
			}
		})
	}
}

func TestPoliciesAreShownAndSimulated(t *testing.T) {
	c := as(t, start(t, policed), "c")
	base := "/api/v2/authorization/policies"
	_, all := c.call("GET", base, nil)
	assert.Len(t, all["entities"], 4)
	_, mine := c.call("GET", base+"/subject/"+clientID("c"), nil)
	assert.Len(t, mine["entities"], 3, "a group's policy is not listed for another subject")
	_, page := c.call("GET", base+"?pageSize=3", nil)
	assert.Len(t, page["entities"], 3)
	_, rest := c.call("GET", page["nextUri"].(string), nil)
	assert.Len(t, rest["entities"], 1)
	status, one := c.call("GET", base+"/targets/directory:user:*/subject/"+id("group", "Contractors"), nil)
	assert.Equal(t, 200, status)
	assert.Equal(t, "contractors", one["name"])
	status, _ = c.call("GET", base+"/targets/directory:user:add/subject/"+clientID("c"), nil)
	assert.Equal(t, 404, status)

	paris := base + "/" + id("policy", "no-paris")
	_, shown := c.call("GET", paris, nil)
	assert.Equal(t, "resource.division", field(shown, "condition.all.0.attribute"))
	_, attributes := c.call("GET", paris+"/attributes", nil)
	assert.Equal(t, "request.body.title", field(attributes, "policyAttributes.0.name"))
	assert.Equal(t, "STRING", field(attributes, "policyAttributes.0.type"))
	simulate := func(data map[string]any) (int, map[string]any) {
		return c.call("POST", paris+"/simulate", map[string]any{"attributeData": data})
	}
	text := func(v string) map[string]any { return map[string]any{"type": "STRING", "value": v} }
	_, result := simulate(map[string]any{"resource.division": text("Paris"), "request.body.title": text("Agent")})
	assert.Equal(t, "DENY", result["result"])
	_, result = simulate(map[string]any{"resource.division": text("Home"), "request.body.title": text("Agent")})
	assert.Equal(t, "NOT_APPLICABLE", result["result"])
	assert.Len(t, result["policyConditionResults"], 2)
	status, result = simulate(map[string]any{"resource.division": text("Paris")})
	assert.Equal(t, 400, status, "every attribute is required")
	assert.Contains(t, result["message"], "request.body.title")
	_, targets := c.call("GET", base+"/targets", nil)
	assert.NotEmpty(t, targets["baseAttributes"])
}

func TestUsageCountsWhatWasCalled(t *testing.T) {
	const text = `
name: usage
org: {name: Test}
roles: [{name: view, policies: ["oauth:client:view"]}]
clients:
  - name: c
    roles: [{role: view}]
    usage:
      - {method: POST, template: "/api/v2/scim/v2/users", daysAgo: 2, status200: 3, status400: 4, status429: 1}
      - {method: GET, template: "/api/v2/scim/v2/users", daysAgo: 20, status200: 9}
usageQueries: {running: 1}
`
	c := as(t, start(t, text), "c")
	status, _ := c.call("GET", "/api/v2/scim/v2/groups", nil)
	require.Equal(t, 403, status)
	status, started := c.call("GET", "/api/v2/oauth/clients/"+clientID("c")+"/usage/summary?days=7", nil)
	assert.Equal(t, 202, status)
	uri := started["resultsUri"].(string)
	_, first := c.call("GET", uri, nil)
	assert.Equal(t, "Running", first["queryStatus"])
	_, done := c.call("GET", uri, nil)
	assert.Equal(t, "Complete", done["queryStatus"])
	rows := map[string]map[string]any{}
	for _, r := range done["results"].([]any) {
		row := r.(map[string]any)
		rows[row["httpMethod"].(string)+" "+row["templateUri"].(string)] = row
	}
	assert.EqualValues(t, 7, rows["POST /api/v2/scim/v2/users"]["requests"])
	assert.EqualValues(t, 1, rows["POST /api/v2/scim/v2/users"]["status429"])
	assert.NotContains(t, rows, "GET /api/v2/scim/v2/users", "20 days ago")
	assert.EqualValues(t, 1, rows["GET /api/v2/scim/v2/groups"]["status400"])
	status, _ = c.call("GET", "/api/v2/oauth/clients/x/usage/summary", nil)
	assert.Equal(t, 404, status)
	status, _ = c.call("GET", "/api/v2/oauth/clients/"+clientID("c")+"/usage/summary?days=many", nil)
	assert.Equal(t, 400, status)
}

func TestAudits(t *testing.T) {
	const text = `
name: audits
org: {name: Test}
roles: [{name: view, policies: ["audits:audit:view"]}]
clients: [{name: c, roles: [{role: view}]}]
audits:
  - {ago: 48h, action: Update, entityType: AuthUser, entity: c, user: Kim, entities: [{entityType: Role, entity: view, old: [view]}]}
  - {ago: 1h, action: Update, entityType: Role, entity: view, client: c, properties: [{property: policies, old: ["a:b:c"], new: []}]}
  - {ago: 480h, action: Create, entityType: Role, entity: view, user: Kim}
`
	c := as(t, start(t, text), "c")
	now := time.Now()
	interval := stamp(now.AddDate(0, 0, -30)) + "/" + stamp(now)
	_, all := c.call("POST", "/api/v2/audits/query/realtime", map[string]any{"interval": interval, "serviceName": "PeoplePermissions"})
	require.EqualValues(t, 2, all["total"], "of the last 14 days")
	assert.Equal(t, "Role", field(all, "entities.0.entityType"), "the newest first")
	assert.Equal(t, roleID("view"), field(all, "entities.0.entity.id"))
	assert.Equal(t, "a:b:c", field(all, "entities.0.propertyChanges.0.oldValues.0"))
	assert.Nil(t, field(all, "entities.1.user.name"), "names are shown on request")
	_, one := c.call("POST", "/api/v2/audits/query/realtime?expand=user", map[string]any{"interval": interval,
		"filters": []any{map[string]any{"property": "UserId", "value": userID("Kim")}}})
	assert.EqualValues(t, 1, one["total"])
	assert.Equal(t, "Kim", field(one, "entities.0.user.name"))
	status, wrong := c.call("POST", "/api/v2/audits/query/realtime", map[string]any{"interval": "yesterday"})
	assert.Equal(t, 400, status)
	assert.Equal(t, "invalid.date", wrong["code"])
	_, services := c.call("GET", "/api/v2/audits/query/realtime/servicemapping", nil)
	assert.NotEmpty(t, services["services"])
}

func TestWhatOrgAndClientsSay(t *testing.T) {
	srv := start(t, `
name: org
org: {name: Test, features: {hipaa: true}}
roles: [{name: all, policies: ["*:*:*"]}]
clients:
  - {name: c, roles: [{role: all}], tokenSeconds: 38880000, deleteIn: 48h, fields: {allowedAddresses: [203.0.113.0/24]}}
  - {name: elsewhere, roles: [{role: all}], ipAllowlist: [198.51.100.0/24]}
  - {name: gone, state: deleted}
tokens: [{name: partner, client: c, homeOrganization: Partner}]
tokenEndpoint: {refuseFirst: 1, retryAfter: 2}
faults:
  rules:
    - {kind: answer, path: /api/v2/oauth/scopes, status: 418, body: "teapot {correlationId}", headers: {Content-Type: text/plain, X-Cache: Error, ININ-Correlation-Id: ""}}
    - {kind: status, path: /api/v2/authorization/divisions, status: 403, code: missing.any.division.permissions, messageParams: {permissions: "[]", divisions: "[home]"}}
`)
	id, secret := srv.Credentials("c")
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}
	resp, err := http.PostForm(srv.URL+"/oauth/token", form)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, 400, resp.StatusCode, "the rate limit is no 429 here")
	assert.Equal(t, "2", resp.Header.Get("Retry-After"))

	c := as(t, srv, "c")
	_, org := c.call("GET", "/api/v2/organizations/me", nil)
	assert.Equal(t, true, field(org, "features.hipaa"))
	_, client := c.call("GET", "/api/v2/oauth/clients/"+clientID("c"), nil)
	assert.EqualValues(t, 38880000, client["accessTokenValiditySeconds"])
	assert.Equal(t, []any{"203.0.113.0/24"}, client["allowedAddresses"])
	assert.NotEmpty(t, client["dateToDelete"])
	_, token := caller{t, srv, srv.Token("partner")}.call("GET", "/api/v2/tokens/me", nil)
	assert.Equal(t, "Test", field(token, "organization.name"))
	assert.Equal(t, "Partner", field(token, "homeOrganization.name"))
	_, refused := as(t, srv, "elsewhere").call("GET", "/api/v2/tokens/me", nil)
	assert.Equal(t, "ip.not.authorized", refused["code"])
	status, _ := c.call("GET", "/api/v2/oauth/clients/"+clientID("gone"), nil)
	assert.Equal(t, 404, status)
	_, division := c.call("GET", "/api/v2/authorization/divisions", nil)
	assert.Contains(t, division["message"], "assigned: [] in at least one of the following division(s): [home]")
	assert.Equal(t, "[home]", field(division, "messageParams.divisions"))

	req, err := http.NewRequest(http.MethodGet, srv.URL+"/api/v2/oauth/scopes", nil)
	require.NoError(t, err)
	foreign, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = foreign.Body.Close() }()
	assert.Equal(t, 418, foreign.StatusCode)
	assert.Equal(t, "Error", foreign.Header.Get("X-Cache"))
	assert.Empty(t, foreign.Header.Get("ININ-Correlation-Id"))
}

func TestLoginOnAHostOfItsOwn(t *testing.T) {
	srv := start(t, "name: two\norg: {name: Test}\nclients: [{name: c}]\nseparateLogin: true\n")
	require.NotEqual(t, srv.URL, srv.LoginURL)
	id, secret := srv.Credentials("c")
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}
	for base, want := range map[string]int{srv.URL: 404, srv.LoginURL: 200} {
		resp, err := http.PostForm(base+"/oauth/token", form)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, want, resp.StatusCode)
	}
}

func TestTokenRefusalsAreAlike(t *testing.T) {
	const text = "name: x\norg: {name: Test}\nclients: [{name: on}, {name: 'off', state: disabled}, {name: gone, state: deleted}, {name: dying, state: inactive}]\n"
	for wording, same := range map[string]bool{"now": true, "distinct": false} {
		srv := start(t, text+"tokenEndpoint: {wording: "+wording+"}\n")
		seen := map[string]bool{}
		for _, name := range []string{"on", "off", "gone", "dying", "nobody"} {
			id, secret := srv.Credentials(name)
			if name == "on" {
				secret = "wrong"
			}
			req, err := http.NewRequest(http.MethodPost, srv.URL+"/oauth/token", strings.NewReader(url.Values{"grant_type": {"client_credentials"},
				"client_id": {id}, "client_secret": {secret}}.Encode()))
			require.NoError(t, err)
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			status, body := do(t, req)
			assert.GreaterOrEqual(t, status, 400)
			seen[body["error"].(string)+body["description"].(string)] = true
		}
		assert.Equal(t, same, len(seen) == 1, seen)
	}
}
