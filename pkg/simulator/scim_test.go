package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const scimOrg = `
name: scim
org: {name: Test}
divisions: [{name: Home, home: true}, {name: Paris}]
groups: [Agents, Leads]
skills: [French]
languages: [German]
roles:
  - {name: all, policies: ["*:*:*"]}
  - {name: edit, policies: ["directory:user:edit"]}
  - {name: granter, policies: ["authorization:grant:add"]}
  - {name: agent, policies: ["routing:skill:assign"]}
users:
  - {name: Kim, email: kim@test.example, roles: [{role: agent}], groups: [Agents]}
  - {name: Lee, email: lee@test.example}
clients:
  - {name: admin, roles: [{role: all}]}
  - {name: edit, roles: [{role: edit}]}
  - {name: granter, roles: [{role: granter}]}
  - {name: home, roles: [{role: all, division: Home}]}
`

const (
	kimPath = "/api/v2/scim/v2/users/"
	core    = userSchema + ":"
)

// patchOf is a PATCH body of operations.
func patchOf(ops ...map[string]any) map[string]any {
	return map[string]any{"schemas": []string{patchSchema}, "Operations": ops}
}

func op(name, path string, value any) map[string]any {
	out := map[string]any{"op": name}
	if path != "" {
		out["path"] = path
	}
	if value != nil {
		out["value"] = value
	}
	return out
}

// TestAttackWritesBySpelling writes guarded changes in many spellings with nothing but
// directory:user:edit: all are refused, and with every permission all but the malformed pass.
func TestAttackWritesBySpelling(t *testing.T) {
	role, skill := map[string]any{"value": "edit"}, map[string]any{"name": "French", "proficiency": 3}
	phone := map[string]any{"type": "work", "value": "tel:+4930123;ext=12"}
	obj := func(key string, v any) map[string]any { return map[string]any{key: v} }
	for name, tc := range map[string]struct {
		op      map[string]any
		missing string
	}{
		"roles by path":                  {op("add", "roles", []any{role}), "authorization:grant:add"},
		"roles in capitals":              {op("Add", "ROLES", []any{role}), "authorization:grant:add"},
		"roles by the core URN":          {op("add", core+"roles", []any{role}), "authorization:grant:add"},
		"roles without a path":           {op("add", "", obj("Roles", []any{role})), "authorization:grant:add"},
		"one role, no list":              {op("add", "roles", role), "authorization:grant:add"},
		"a bare role":                    {op("add", "roles", "edit"), "authorization:grant:add"},
		"a role through the core schema": {op("add", userSchema, obj("roles", []any{role})), "authorization:grant:add"},
		"a role renamed by a filter":     {op("replace", `roles[value eq "agent"].value`, "edit"), "authorization:grant:add"},
		"a role by Entra's filter":       {op("add", `roles[value eq "edit"].value`, "edit"), "authorization:grant:add"},
		"roles taken away":               {op("remove", "roles", nil), "authorization:grant:delete"},
		"one role taken away":            {op("remove", `roles[value eq "agent"]`, nil), "authorization:grant:delete"},
		"roles replaced by nothing":      {op("replace", "roles", []any{}), "authorization:grant:delete"},
		"roles replaced by null":         {op("replace", "", obj("roles", nil)), "authorization:grant:delete"},
		"skills by URN and name":         {op("add", genesysSchema+":routingSkills", []any{skill}), "routing:skill:assign"},
		"skills in capitals":             {op("add", strings.ToUpper(genesysSchema)+":ROUTINGSKILLS", []any{skill}), "routing:skill:assign"},
		"skills in the extension":        {op("add", genesysSchema, obj("routingSkills", []any{skill})), "routing:skill:assign"},
		"skills under the URN as a key":  {op("add", "", obj(genesysSchema, obj("routingSkills", []any{skill}))), "routing:skill:assign"},
		"skills under a flat key":        {op("add", "", obj(genesysSchema+":routingSkills", []any{skill})), "routing:skill:assign"},
		"languages":                      {op("add", genesysSchema+":routingLanguages", []any{map[string]any{"name": "German"}}), "routing:language:assign"},
		"an extension":                   {op("add", "phoneNumbers", []any{phone}), "telephony:extension:assign"},
		"an extension by a filter":       {op("add", `phoneNumbers[type eq "work"].value`, "+4930123; EXT=12"), "telephony:extension:assign"},
		"an extension of another phone":  {op("add", "phoneNumbers", []any{map[string]any{"type": "work2", "value": "tel:+4930123; ext=7"}}), "telephony:extension:assign"},
		"a password":                     {op("replace", "password", "Secret-1"), "directory:user:setPassword"},
		"a password in capitals":         {op("add", "", obj("PASSWORD", "Secret-1")), "directory:user:setPassword"},
		"a password by the core URN":     {op("replace", core+"password", "Secret-1"), "directory:user:setPassword"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := start(t, scimOrg)
			path := kimPath + userID("Kim")
			status, body := as(t, srv, "edit").call("PATCH", path, patchOf(tc.op))
			require.Equal(t, 403, status, body)
			assert.Contains(t, body["message"], tc.missing)
			status, body = as(t, srv, "admin").call("PATCH", path, patchOf(tc.op))
			assert.Equal(t, 200, status, body)
			assert.NotContains(t, body, "password")
		})
	}
}

func TestPermissionsFollowTheChange(t *testing.T) {
	for name, tc := range map[string]struct {
		client, method string
		body           map[string]any
		status         int
		missing        string
	}{
		"add needs no delete":                {"granter", "PATCH", patchOf(op("add", "roles", "edit")), 200, ""},
		"replace needs delete too":           {"granter", "PATCH", patchOf(op("replace", "roles", []any{"edit"})), 403, "authorization:grant:delete"},
		"a role it has already is no change": {"edit", "PATCH", patchOf(op("add", "roles", "agent")), 200, ""},
		"an ordinary attribute":              {"granter", "PATCH", patchOf(op("add", "title", "x")), 403, "directory:user:edit"},
		"PUT keeps roles that it leaves out": {"edit", "PUT", map[string]any{"userName": "kim@test.example", "displayName": "Kim"}, 200, ""},
		"PUT without its roles":              {"edit", "PUT", map[string]any{"userName": "kim@test.example", "displayName": "Kim", "roles": []any{}}, 403, "authorization:grant:delete"},
		"moving needs both divisions":        {"home", "PATCH", patchOf(op("replace", enterpriseSchema+":division", "Paris")), 403, "directory:user:edit"},
		"and may stay":                       {"home", "PATCH", patchOf(op("replace", enterpriseSchema+":division", "Home")), 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			srv := start(t, scimOrg)
			status, body := as(t, srv, tc.client).call(tc.method, kimPath+userID("Kim"), tc.body)
			require.Equal(t, tc.status, status, body)
			if tc.missing != "" {
				assert.Contains(t, body["message"], tc.missing)
			}
		})
	}
	status, body := as(t, start(t, scimOrg), "home").call("POST", "/api/v2/scim/users", map[string]any{"userName": "a@test.example", "displayName": "A", enterpriseSchema: map[string]any{"division": "Paris"}})
	assert.Equal(t, 403, status)
	assert.Equal(t, "missing.division.permission", body["code"], "the division that the body names")
}

// TestPatchAsClientsSendIt applies operations to a user and looks at what becomes of it.
func TestPatchAsClientsSendIt(t *testing.T) {
	srv := start(t, scimOrg)
	admin := as(t, srv, "admin")
	path := kimPath + userID("Kim")
	ext := func(name string) string { return enterpriseSchema + ":" + name }
	for _, step := range []struct {
		name string
		body map[string]any
		want map[string]any // attribute path → value; nil for absent
	}{
		{"Entra deactivates with a text", patchOf(op("Replace", "active", "False")), map[string]any{"active": false}},
		{"and activates", patchOf(op("replace", "", map[string]any{"active": true})), map[string]any{"active": true}},
		{"Entra adds an address that is not there", patchOf(op("Add", `emails[type eq "work"].value`, "k@work.example")), map[string]any{"emails.0.value": "k@work.example", "emails.0.type": "work"}},
		{"and replaces it", patchOf(op("Replace", `emails[type eq "work"].value`, "kk@work.example")), map[string]any{"emails.0.value": "kk@work.example"}},
		{"the enterprise URN with a sub-attribute", patchOf(op("add", ext("department"), "Sales")), map[string]any{enterpriseSchema + "/department": "Sales"}},
		{"a bare manager", patchOf(op("Add", ext("manager"), userID("Lee"))), map[string]any{enterpriseSchema + "/manager": userID("Lee")}},
		{"a manager's value", patchOf(op("replace", ext("manager.value"), userID("Kim"))), map[string]any{enterpriseSchema + "/manager": userID("Kim")}},
		{"several on one attribute", patchOf(op("add", "title", "A"), op("replace", "title", "B")), map[string]any{"title": "B"}},
		{"a flat key", patchOf(op("add", "", map[string]any{ext("employeeNumber"): "7", "nickName": "unknown, passed over"})), map[string]any{enterpriseSchema + "/employeeNumber": "7", "title": "B"}},
		{"the whole extension is replaced", patchOf(op("replace", enterpriseSchema, map[string]any{"department": "IT"})), map[string]any{enterpriseSchema + "/department": "IT", enterpriseSchema + "/employeeNumber": nil}},
		{"remove", patchOf(op("remove", "title", nil)), map[string]any{"title": nil}},
		{"a primary number demotes the other", patchOf(op("add", "phoneNumbers", []any{map[string]any{"type": "work", "value": "+4930123", "primary": true}}),
			op("add", "phoneNumbers", []any{map[string]any{"type": "mobile", "value": "+4917012", "primary": true}})), map[string]any{"phoneNumbers.0.primary": nil, "phoneNumbers.1.primary": true}},
		{"remove by a filter", patchOf(op("remove", `phoneNumbers[type eq "work"]`, nil)), map[string]any{"phoneNumbers.0.type": "mobile", "phoneNumbers.1": nil}},
		{"Okta sends the id along", patchOf(op("replace", "", map[string]any{"id": userID("Kim"), "displayName": "Kim B"})), map[string]any{"displayName": "Kim B"}},
	} {
		t.Run(step.name, func(t *testing.T) {
			status, body := admin.call("PATCH", path, step.body)
			require.Equal(t, 200, status, body)
			for where, want := range step.want {
				var got any
				if uri, sub, ok := strings.Cut(where, "/"); ok {
					got, _ = body[uri].(map[string]any)[sub]
					if m, ok := got.(map[string]any); ok {
						got = m["value"]
					}
				} else {
					got = field(body, where)
				}
				assert.Equal(t, want, got, where)
			}
		})
	}
}

func TestMalformedPatches(t *testing.T) {
	srv := start(t, scimOrg)
	admin := as(t, srv, "admin")
	for name, tc := range map[string]struct {
		body map[string]any
		kind string
	}{
		"no schemas":             {map[string]any{"Operations": []any{op("add", "title", "x")}}, "invalidSyntax"},
		"no operations":          {patchOf(), "invalidSyntax"},
		"an unknown op":          {patchOf(op("move", "title", "x")), "invalidSyntax"},
		"an unknown path":        {patchOf(op("add", "shoeSize", "x")), "invalidPath"},
		"an unknown sub":         {patchOf(op("add", "emails.colour", "x")), "invalidPath"},
		"an unknown schema":      {patchOf(op("add", "urn:x:y:z", "x")), "invalidPath"},
		"no path at all":         {patchOf(op("add", "a b c [", "x")), "invalidPath"},
		"remove without a path":  {patchOf(op("remove", "", nil)), "noTarget"},
		"replace of nothing":     {patchOf(op("replace", `emails[type eq "work"].value`, "x@y.example")), "noTarget"},
		"read-only groups":       {patchOf(op("add", "groups", []any{map[string]any{"value": "x"}})), "mutability"},
		"read-only id":           {patchOf(op("replace", "id", "x")), "mutability"},
		"the mirror of the name": {patchOf(op("replace", `emails[type eq "other"].value`, "x@y.example")), "mutability"},
		"a number for a text":    {patchOf(op("add", "title", 7)), "invalidValue"},
		"a text for a list":      {patchOf(op("replace", "", "x")), "invalidValue"},
		"no userName left":       {patchOf(op("remove", "userName", nil)), "invalidValue"},
		"no division":            {patchOf(op("add", enterpriseSchema+":division", "Rome")), "invalidValue"},
		"no skill":               {patchOf(op("add", genesysSchema+":routingSkills", []any{map[string]any{"name": "french"}})), "invalidValue"},
		"too good":               {patchOf(op("add", genesysSchema+":routingSkills", []any{map[string]any{"name": "French", "proficiency": 6}})), "invalidValue"},
		"no such phone":          {patchOf(op("add", "phoneNumbers", []any{map[string]any{"type": "fax", "value": "+49"}})), "invalidValue"},
		"no date":                {patchOf(op("add", enterpriseSchema+":dateHire", "tomorrow")), "invalidValue"},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := admin.call("PATCH", kimPath+userID("Kim"), tc.body)
			assert.Equal(t, 400, status, body)
			assert.Equal(t, tc.kind, body["scimType"], body)
		})
	}
}

func TestResourcesHaveVersions(t *testing.T) {
	srv := start(t, scimOrg)
	admin := as(t, srv, "admin")
	path := kimPath + userID("Kim")
	send := func(method, header, value string, body any) (*http.Response, map[string]any) {
		data, err := json.Marshal(body)
		require.NoError(t, err)
		req, err := http.NewRequest(method, srv.URL+path, bytes.NewReader(data))
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+admin.token)
		req.Header.Set(header, value)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		var out map[string]any
		_ = json.NewDecoder(resp.Body).Decode(&out)
		return resp, out
	}
	resp, kim := send("GET", "X", "", nil)
	tag := resp.Header.Get("ETag")
	assert.Equal(t, `"1"`, tag)
	assert.Equal(t, "1", field(kim, "meta.version"))
	assert.Equal(t, srv.URL+path, field(kim, "meta.location"))
	assert.NotEmpty(t, field(kim, "meta.lastModified"))
	assert.Equal(t, id("group", "Agents"), field(kim, "groups.0.value"))
	assert.Equal(t, "application/scim+json", resp.Header.Get("Content-Type"))
	resp, _ = send("GET", "If-None-Match", tag, nil)
	assert.Equal(t, 304, resp.StatusCode)
	resp, stale := send("PATCH", "If-Match", `"9"`, patchOf(op("add", "title", "x")))
	assert.Equal(t, 400, resp.StatusCode)
	assert.Equal(t, "invalidVers", stale["scimType"])
	resp, _ = send("PATCH", "If-Match", tag, patchOf(op("add", "title", "x")))
	assert.Equal(t, 200, resp.StatusCode)
	assert.Equal(t, `"2"`, resp.Header.Get("ETag"))
	kim["title"] = "y"
	resp, _ = send("PUT", "X", "", kim)
	assert.Equal(t, 409, resp.StatusCode, "the body is of an older version")
	delete(kim, "meta")
	delete(kim, "title")
	resp, put := send("PUT", "X", "", kim)
	assert.Equal(t, 200, resp.StatusCode)
	assert.Nil(t, put["title"], "PUT replaces")
	resp, _ = send("DELETE", "If-Match", tag, nil)
	assert.Equal(t, 400, resp.StatusCode)
}

// TestTruthAsText creates and replaces users as Entra ID sends them.
func TestTruthAsText(t *testing.T) {
	admin := as(t, start(t, scimOrg), "admin")
	mail := func(primary any) []any {
		return []any{map[string]any{"type": "work", "value": "w@test.example", "primary": primary}}
	}
	letters := func(r rune) rune {
		if r < 'a' || r > 'z' {
			return 'x'
		}
		return r
	}
	for name, tc := range map[string]struct {
		active, primary any
		status          int
		want            bool
	}{
		"a truth value":  {false, true, 201, false},
		"Entra's True":   {"True", "True", 201, true},
		"Entra's False":  {"False", "False", 201, false},
		"in small":       {"true", true, 201, true},
		"another text":   {"yes", true, 400, false},
		"another number": {1, true, 400, false},
		"a wrong part":   {true, "first", 400, false},
	} {
		user := map[string]any{"userName": strings.Map(letters, name) + "@test.example", "displayName": "U", "active": tc.active, "emails": mail(tc.primary)}
		status, made := admin.call("POST", "/api/v2/scim/v2/Users", user)
		require.Equal(t, tc.status, status, "%s: %v", name, made)
		if status != 201 {
			continue
		}
		assert.Equal(t, tc.want, made["active"], name)
		status, put := admin.call("PUT", "/api/v2/scim/v2/Users/"+made["id"].(string), user)
		require.Equal(t, 200, status, put)
		assert.Equal(t, tc.want, put["active"], name)
	}
}

func TestListsAsPublished(t *testing.T) {
	srv := start(t, scimOrg)
	admin := as(t, srv, "admin")
	_, made := admin.call("POST", "/api/v2/scim/v2/Users", map[string]any{"userName": "x@test.example", "displayName": "X", "externalId": "e 7", "active": false,
		enterpriseSchema: map[string]any{"employeeNumber": "42", "division": "Paris", "department": "Sales"}, genesysSchema: map[string]any{"externalIds": []any{map[string]any{"authority": "hr", "value": "9"}}}})
	require.NotEmpty(t, made["id"], made)
	count := func(query string) int {
		status, body := admin.call("GET", "/api/v2/scim/v2/Users?"+query, nil)
		require.Equal(t, 200, status, body)
		return int(body["totalResults"].(float64))
	}
	for filter, want := range map[string]int{
		`userName eq X@test.example`: 1, `userName eq "x@test.example"`: 1, `username EQ "nobody@test.example"`: 0, `id eq ` + userID("Kim"): 1,
		`externalId eq "e 7"`: 1, `externalId eq e 7`: 1, `active eq false`: 1, `active eq true`: 2, `employeeNumber eq 42`: 1, `division eq Paris`: 1, `displayName eq "Kim"`: 1,
		`userName eq "x@test.example" and active eq "false"`: 1, `userName eq "x@test.example" and active eq "true"`: 0,
		`userName eq "nobody@test.example" or displayName eq "Kim"`: 1, `(userName eq "a" or displayName eq "Kim") and division eq "Mars"`: 0,
		`id eq "` + userID("Kim") + `" and id eq "x"`: 0, `emails[type eq "work"].value eq "lee@test.example"`: 1, `emails[value eq "lee@test.example"]`: 1,
		enterpriseSchema + `:department eq "sales"`: 1, enterpriseSchema + `:department eq sales`: 1, `department eq "HR"`: 0,
		enterpriseSchema + `:employeeNumber eq "42" and ` + enterpriseSchema + `:division eq "Paris"`: 1, core + `userName eq "x@test.example"`: 1,
		`email eq lee@test.example`: 1, `emails.value eq "lee@test.example"`: 1,
		genesysSchema + `:externalIds[authority eq "hr" and value eq "9"]`: 1, genesysSchema + `:externalIds[authority eq "hr" and value eq "8"]`: 0,
	} {
		assert.Equal(t, want, count("filter="+url.QueryEscape(filter)), filter)
	}
	assert.Equal(t, 2, count(""), "only the active ones without a filter")
	for _, wrong := range []string{`userName`, `title eq "x"`, core + `department eq "Sales"`, enterpriseSchema + `:userName eq "x"`, `urn:a:b:2.0:User:department eq "Sales"`, `userName ne "x"`, `userName eq "a" or title eq "b"`, `not (userName eq "a")`, `((((`, strings.Repeat("(", 5000)} {
		status, body := admin.call("GET", "/api/v2/scim/v2/users?filter="+url.QueryEscape(wrong), nil)
		assert.Equal(t, 400, status, wrong)
		assert.Equal(t, "invalidFilter", body["scimType"])
	}
	_, some := admin.call("GET", "/api/v2/scim/v2/users/"+userID("Kim")+"?attributes=roles,groups&attributes="+enterpriseSchema+":division", nil)
	assert.Equal(t, []any{"active", "groups", "id", "meta", "roles", "schemas", enterpriseSchema, "userName"}, keysOfMap(some))
	_, less := admin.call("GET", "/api/v2/scim/v2/users/"+userID("Kim")+"?excludedAttributes=roles,"+core+"groups", nil)
	assert.NotContains(t, less, "roles")
	assert.NotContains(t, less, "groups")
	assert.Contains(t, less, "displayName")
	status, body := admin.call("GET", "/api/v2/scim/v2/users?attributes=shoeSize", nil)
	assert.Equal(t, 400, status)
	assert.Equal(t, "invalid.query.param.value", body["code"])
	_, none := admin.call("GET", "/api/v2/scim/v2/users?startIndex=9&count=0", nil)
	assert.Equal(t, []any{}, none["Resources"])
}

func keysOfMap(m map[string]any) []any {
	var out []any
	for _, k := range sortedKeys(m) {
		out = append(out, k)
	}
	return out
}

func TestGroupsAndUsersShowEachOther(t *testing.T) {
	srv := start(t, scimOrg)
	admin := as(t, srv, "admin")
	leads, lee := "/api/v2/scim/v2/Groups/"+id("group", "Leads"), userID("Lee")
	members := func(body map[string]any) int { return len(body["members"].([]any)) }
	member := []any{map[string]any{"value": lee}}
	for _, step := range []struct {
		body map[string]any
		want int
	}{
		{patchOf(op("Add", "members", member)), 1},
		{patchOf(op("add", "members", member)), 1},
		{patchOf(op("Remove", "members", member)), 0},
		{patchOf(op("replace", "", map[string]any{"displayName": "Leads", "members": []any{map[string]any{"value": lee}, map[string]any{"value": userID("Kim")}}})), 2},
		{patchOf(op("remove", fmt.Sprintf("members[value eq %q]", userID("Kim")), nil)), 1},
	} {
		status, body := admin.call("PATCH", leads, step.body)
		require.Equal(t, 200, status, body)
		assert.Equal(t, step.want, members(body))
	}
	_, user := admin.call("GET", kimPath+lee, nil)
	assert.Equal(t, id("group", "Leads"), field(user, "groups.0.value"))
	status, body := admin.call("PATCH", leads, patchOf(op("replace", "displayName", "Bosses")))
	assert.Equal(t, 400, status)
	assert.Equal(t, "mutability", body["scimType"])
	status, _ = admin.call("PATCH", leads, patchOf(op("add", "members", []any{map[string]any{"value": "nobody"}})))
	assert.Equal(t, 400, status)
	status, _ = admin.call("DELETE", kimPath+lee, nil)
	require.Equal(t, 204, status)
	_, group := admin.call("GET", leads, nil)
	assert.Equal(t, 0, members(group), "who is deleted leaves the groups")
}

// TestADeletedUserComesBack is how the vendor describes it: active, without its roles.
func TestADeletedUserComesBack(t *testing.T) {
	srv := start(t, scimOrg)
	admin := as(t, srv, "admin")
	status, _ := admin.call("DELETE", kimPath+userID("Kim"), nil)
	require.Equal(t, 204, status)
	status, back := admin.call("POST", "/api/v2/scim/v2/users", map[string]any{"userName": "Kim@test.example", "displayName": "Kim"})
	require.Equal(t, 201, status)
	assert.Equal(t, userID("Kim"), back["id"])
	assert.Nil(t, back["roles"])
}

// TestAttackWritesHostileBodies sends what no client should: the published error, no panic.
func TestAttackWritesHostileBodies(t *testing.T) {
	srv := start(t, scimOrg)
	admin := as(t, srv, "admin")
	deep := strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000)
	for name, tc := range map[string]struct {
		body, contentType string
		status            int
		code              string
	}{
		"not JSON":          {"text", "application/json", 400, "bad.request"},
		"half":              {`{"userName":`, "application/scim+json", 400, "bad.request"},
		"null":              {"null", "application/json", 400, "bad.request"},
		"a list":            {"[]", "application/json", 400, "bad.request"},
		"XML":               {"<user/>", "application/xml", 415, "unsupported.media.type"},
		"a form":            {"userName=x", "application/x-www-form-urlencoded", 415, "unsupported.media.type"},
		"giant":             {`{"userName":"` + strings.Repeat("a", 2<<20) + `"}`, "application/json", 413, "request.entity.too.large"},
		"deep":              {deep, "application/json", 400, "bad.request"},
		"too deep":          {strings.Repeat("[", 100000), "application/json", 400, "bad.request"},
		"odd types":         {`{"userName":7,"displayName":[]}`, "application/json", 400, "bad.request"},
		"charset is no sin": {`{}`, "application/json; charset=utf-8", 400, "bad.request"},
	} {
		for _, target := range [][2]string{{"POST", "/api/v2/scim/v2/users"}, {"PATCH", kimPath + userID("Kim")}, {"PUT", "/api/v2/scim/groups/" + id("group", "Agents")}} {
			req, err := http.NewRequest(target[0], srv.URL+target[1], strings.NewReader(tc.body))
			require.NoError(t, err)
			req.Header.Set("Authorization", "Bearer "+admin.token)
			req.Header.Set("Content-Type", tc.contentType)
			resp, err := http.DefaultClient.Do(req)
			if tc.status == 413 && err != nil {
				continue // the connection may close before the whole body was sent
			}
			require.NoError(t, err)
			data, _ := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			assert.Equal(t, tc.status, resp.StatusCode, "%s: %s: %s", name, target, data)
			if target[0] == "POST" {
				assert.Contains(t, string(data), tc.code, name)
			}
		}
	}
}

// TestAttackWritesOneWinner creates one name a thousand times at once.
func TestAttackWritesOneWinner(t *testing.T) {
	srv := start(t, scimOrg)
	admin := as(t, srv, "admin")
	var won, lost atomic.Int32
	var wg sync.WaitGroup
	for range 1000 {
		wg.Go(func() {
			req := httptest.NewRequest(http.MethodPost, "/api/v2/scim/v2/users", strings.NewReader(`{"userName":"one@test.example","displayName":"One"}`))
			req.Header.Set("Authorization", "Bearer "+admin.token)
			rec := httptest.NewRecorder()
			srv.ServeHTTP(rec, req)
			switch rec.Code {
			case http.StatusCreated:
				won.Add(1)
			case http.StatusConflict:
				lost.Add(1)
			}
		})
	}
	wg.Wait()
	assert.EqualValues(t, 1, won.Load())
	assert.EqualValues(t, 999, lost.Load())
}

func TestNotSimulatedIsNotNotFound(t *testing.T) {
	admin := as(t, start(t, scimOrg), "admin")
	for path, want := range map[string]int{"/api/v2/routing/queues": 501, "/api/v2/scim/v2/Bulk": 404, "/api/v2/nonsense": 404} {
		status, body := admin.call("GET", path, nil)
		assert.Equal(t, want, status, path)
		assert.NotEmpty(t, body["message"])
	}
}

func FuzzPatch(f *testing.F) {
	for _, path := range []string{"title", `emails[type eq "work"].value`, enterpriseSchema + ":manager.value", `a[b eq`, "members[value eq 1 and not (x pr)]"} {
		f.Add("add", path, `"x"`)
		f.Add("remove", path, `[{"value":"x"}]`)
	}
	f.Fuzz(func(t *testing.T, name, path, value string) {
		var v any
		if json.Unmarshal([]byte(value), &v) != nil {
			return
		}
		for _, k := range []kind{userKind, groupKind} {
			r := resource{"userName": "a@b.example", "displayName": "A", "emails": []any{map[string]any{"value": "a", "type": "work"}}, "members": []any{map[string]any{"value": "x"}}}
			body := asResource(patchOf(op(name, path, v)))
			if err := (&patch{k, r}).apply(body); err == nil {
				_, _ = k.canonical(r)
			} else if err.status != 400 || err.kind == "" {
				t.Fatalf("%+v", err)
			}
		}
	})
}

func FuzzFilter(f *testing.F) {
	for _, text := range []string{`userName eq "x"`, "id eq 7", genesysSchema + `:externalIds[authority eq "a" and value eq "b"]`, "not (a pr)", `a eq "`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := parseFilter(text, userFilters)
		if err == nil && len(q) == 0 {
			t.Fatal("an empty query finds everyone")
		}
	})
}

// TestPathsThatArePassedOver: attributes of RFC 7643 that the platform does not have are
// ignored by their path as they are without one: identity providers always send some.
func TestPathsThatArePassedOver(t *testing.T) {
	srv := start(t, scimOrg)
	admin := as(t, srv, "admin")
	for _, path := range []string{"name.givenName", "locale", "preferredLanguage", "nickName"} {
		status, body := admin.call("PATCH", kimPath+userID("Kim"), patchOf(op("replace", path, "x")))
		assert.Equal(t, 200, status, "%s: %v", path, body)
	}
	status, _ := admin.call("PATCH", kimPath+userID("Kim"), patchOf(op("replace", "favouriteColour", "x")))
	assert.Equal(t, 400, status)
}
