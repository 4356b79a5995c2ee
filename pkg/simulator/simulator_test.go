package simulator

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const everything = `
name: test
org: {name: Test}
divisions: [{name: Home, home: true}, {name: Paris}]
groups: [Agents]
roles:
  - {name: all, policies: ["*:*:*"]}
  - {name: skills, policies: ["routing:skill:assign"]}
  - {name: create, policies: ["directory:user:add"]}
  - {name: edit, policies: ["directory:user:edit"]}
users: [{name: Kim, email: kim@test.example, roles: [{role: all}]}]
clients:
  - {name: admin, roles: [{role: all}]}
  - {name: skills, roles: [{role: skills}]}
  - {name: paris, roles: [{role: create, division: Paris}]}
  - {name: nothing}
  - {name: web, grantType: CODE, scopes: [scim]}
  - {name: off, state: disabled}
tokens:
  - {name: kim, client: web, user: Kim, scopes: [scim, user-basic-info]}
  - {name: kim-read, client: web, user: Kim, scopes: ["scim:readonly"]}
  - {name: old, client: admin, expired: true}
  - {name: off, client: "off"}
`

type caller struct {
	t     *testing.T
	srv   *Server
	token string
}

func start(t *testing.T, scenario string) *Server {
	t.Helper()
	s, err := Load([]byte(scenario))
	require.NoError(t, err)
	srv, err := Start(s, "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(srv.Close)
	return srv
}

// as returns a caller with a client's fresh token.
func as(t *testing.T, srv *Server, client string) caller {
	t.Helper()
	id, secret := srv.Credentials(client)
	req, err := http.NewRequest(http.MethodPost, srv.URL+"/oauth/token", strings.NewReader("grant_type=client_credentials"))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
	status, body := do(t, req)
	require.Equal(t, 200, status, body)
	return caller{t, srv, body["access_token"].(string)}
}

func do(t *testing.T, req *http.Request) (int, map[string]any) {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.NotEmpty(t, resp.Header.Get(correlationHeader), "every answer carries a correlation id")
	var body map[string]any
	if len(data) > 0 {
		require.NoError(t, json.Unmarshal(data, &body), string(data))
	}
	return resp.StatusCode, body
}

func (c caller) call(method, path string, body any) (int, map[string]any) {
	c.t.Helper()
	var reader io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		require.NoError(c.t, err)
		reader = bytes.NewReader(data)
	}
	req, err := http.NewRequest(method, c.srv.URL+path, reader)
	require.NoError(c.t, err)
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	return do(c.t, req)
}

func TestRefusals(t *testing.T) {
	srv := start(t, everything)
	admin, skills, paris, nothing := as(t, srv, "admin"), as(t, srv, "skills"), as(t, srv, "paris"), as(t, srv, "nothing")
	kim := caller{t, srv, srv.Token("kim")}
	whole := map[string]any{"userName": "new@test.example", "displayName": "New"}
	for name, tc := range map[string]struct {
		who          caller
		method, path string
		body         any
		status       int
		code         string
	}{
		"no token":                       {caller{t, srv, ""}, "GET", "/api/v2/tokens/me", nil, 401, "authentication.required"},
		"unknown token":                  {caller{t, srv, "nonsense"}, "GET", "/api/v2/tokens/me", nil, 401, "bad.credentials"},
		"expired token":                  {caller{t, srv, srv.Token("old")}, "GET", "/api/v2/tokens/me", nil, 401, "credentials.expired"},
		"token of a disabled client":     {caller{t, srv, srv.Token("off")}, "GET", "/api/v2/tokens/me", nil, 401, "bad.credentials"},
		"users/me by client credentials": {admin, "GET", "/api/v2/users/me", nil, 400, "not.a.user"},
		"users/me by a person":           {kim, "GET", "/api/v2/users/me", nil, 200, ""},
		"the thread's path":              {admin, "POST", "/v2/scim/users", whole, 404, "not.found"},
		"gate shut":                      {nothing, "POST", "/api/v2/scim/v2/users", map[string]any{}, 403, "missing.any.permissions"},
		"gate open, body too small":      {skills, "POST", "/api/v2/scim/v2/users", map[string]any{}, 400, "bad.request"},
		"the ANY trap":                   {skills, "POST", "/api/v2/scim/users", whole, 403, "missing.permissions"},
		"another division":               {paris, "POST", "/api/v2/scim/v2/users", whole, 403, "missing.division.permission"},
		"displayName is required":        {admin, "POST", "/api/v2/scim/v2/users", map[string]any{"userName": "a@b.example"}, 400, "bad.request"},
		"groups take group:edit":         {skills, "GET", "/api/v2/scim/v2/groups", nil, 403, "missing.any.permissions"},
		"reading takes no permission":    {nothing, "GET", "/api/v2/scim/v2/users", nil, 200, ""},
		"readonly scope writes nothing":  {caller{t, srv, srv.Token("kim-read")}, "POST", "/api/v2/scim/v2/users", whole, 403, "app.not.authorized.for.scope"},
		"not JSON":                       {admin, "POST", "/api/v2/scim/v2/users", "text", 400, "bad.request"},
		"oauth:client:view":              {nothing, "GET", "/api/v2/oauth/clients/x", nil, 403, "missing.any.permissions"},
		"no such client":                 {admin, "GET", "/api/v2/oauth/clients/x", nil, 404, "not.found"},
		"no such user":                   {admin, "DELETE", "/api/v2/scim/v2/users/x", nil, 404, "not.found"},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := tc.who.call(tc.method, tc.path, tc.body)
			assert.Equal(t, tc.status, status, body)
			if tc.code != "" {
				assert.Equal(t, tc.code, body["code"])
				assert.NotEmpty(t, body["message"])
				assert.NotContains(t, body["message"], "%s")
				assert.NotEmpty(t, body["contextId"])
			}
		})
	}
}

func TestProvisioning(t *testing.T) {
	for _, base := range []string{"/api/v2/scim", "/api/v2/scim/v2"} {
		t.Run(base, func(t *testing.T) {
			admin := as(t, start(t, everything), "admin")
			status, made := admin.call("POST", base+"/users", map[string]any{"userName": "New@test.example", "displayName": "New", "password": "x"})
			require.Equal(t, 201, status)
			id := made["id"].(string)
			assert.NotContains(t, made, "password")

			status, taken := admin.call("POST", base+"/users", map[string]any{"userName": "new@test.example", "displayName": "Again"})
			assert.Equal(t, 409, status)
			assert.Equal(t, "uniqueness", taken["scimType"])

			_, found := admin.call("GET", base+"/users?filter="+url.QueryEscape(`userName eq "new@test.example"`), nil)
			assert.EqualValues(t, 1, found["totalResults"])
			status, _ = admin.call("GET", base+"/users?filter=nonsense", nil)
			assert.Equal(t, 400, status)
			_, page := admin.call("GET", base+"/users?count=1&startIndex=2", nil)
			assert.EqualValues(t, 2, page["totalResults"])
			assert.Len(t, page["Resources"], 1)
			_, none := admin.call("GET", base+"/users?count=0", nil)
			assert.Empty(t, none["Resources"])

			status, patched := admin.call("PATCH", base+"/users/"+id, map[string]any{"schemas": []string{patchSchema}, "Operations": []any{map[string]any{"op": "replace", "path": "title", "value": "Agent"}}})
			assert.Equal(t, 200, status)
			assert.Equal(t, "Agent", patched["title"])
			assert.Equal(t, "New", patched["displayName"])
			status, _ = admin.call("PUT", base+"/users/"+id, map[string]any{"userName": "new@test.example", "displayName": "Newer"})
			assert.Equal(t, 200, status)
			_, read := admin.call("GET", base+"/users/"+id, nil)
			assert.Equal(t, "Newer", read["displayName"])

			_, groups := admin.call("GET", base+"/groups", nil)
			group := groups["Resources"].([]any)[0].(map[string]any)["id"].(string)
			status, changed := admin.call("PATCH", base+"/groups/"+group, map[string]any{"schemas": []string{patchSchema}, "Operations": []any{map[string]any{"op": "add", "path": "members", "value": []any{map[string]any{"value": id}}}}})
			assert.Equal(t, 200, status)
			assert.Len(t, changed["members"], 1)

			status, _ = admin.call("DELETE", base+"/users/"+id, nil)
			assert.Equal(t, 204, status)
			status, _ = admin.call("GET", base+"/users/"+id, nil)
			assert.Equal(t, 404, status)
		})
	}
}

func TestFeaturesTakeTheirOwnPermission(t *testing.T) {
	srv := start(t, strings.Replace(everything, "  - {name: nothing}", "  - {name: nothing}\n  - {name: creator, roles: [{role: create}]}\n  - {name: editor, roles: [{role: edit}]}", 1))
	creator, editor := as(t, srv, "creator"), as(t, srv, "editor")
	user := map[string]any{"userName": "a@test.example", "displayName": "A"}
	status, _ := creator.call("POST", "/api/v2/scim/v2/users", user)
	require.Equal(t, 201, status)
	for part, value := range map[string]any{
		"roles":        []any{map[string]any{"value": "agent"}},
		genesysSchema:  map[string]any{"routingSkills": []any{map[string]any{"name": "x"}}},
		"phoneNumbers": []any{map[string]any{"type": "work", "value": "tel:+4930; ext=12"}},
	} {
		status, body := creator.call("POST", "/api/v2/scim/v2/users", map[string]any{"userName": "b@test.example", "displayName": "B", part: value})
		assert.Equal(t, 403, status, part)
		assert.Equal(t, "missing.permissions", body["code"], part)
	}
	status, _ = editor.call("PATCH", "/api/v2/scim/v2/users/"+userID("Kim"), map[string]any{"schemas": []string{patchSchema}, "Operations": []any{map[string]any{"op": "replace", "path": "password", "value": "x"}}})
	assert.Equal(t, 403, status, "a password takes directory:user:setPassword")
	status, _ = editor.call("PATCH", "/api/v2/scim/v2/users/"+userID("Kim"), map[string]any{"schemas": []string{patchSchema}, "Operations": []any{map[string]any{"op": "replace", "value": map[string]any{"title": "x"}}}})
	assert.Equal(t, 200, status)
}

func TestTokenEndpoint(t *testing.T) {
	srv := start(t, everything)
	id, secret := srv.Credentials("admin")
	web, webSecret := srv.Credentials("web")
	off, offSecret := srv.Credentials("off")
	for name, tc := range map[string]struct {
		form   url.Values
		status int
		err    string
	}{
		"client_secret_post":  {url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}, 200, ""},
		"wrong secret":        {url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {"x"}}, 400, "invalid_client"},
		"unknown client":      {url.Values{"grant_type": {"client_credentials"}, "client_id": {"x"}}, 400, "invalid_client"},
		"a name is no id":     {url.Values{"grant_type": {"client_credentials"}, "client_id": {"admin"}, "client_secret": {secret}}, 400, "invalid_client"},
		"other grant type":    {url.Values{"grant_type": {"password"}}, 400, "unsupported_grant_type"},
		"client of type Code": {url.Values{"grant_type": {"client_credentials"}, "client_id": {web}, "client_secret": {webSecret}}, 400, "unauthorized_client"},
		"disabled":            {url.Values{"grant_type": {"client_credentials"}, "client_id": {off}, "client_secret": {offSecret}}, 400, "invalid_client"},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequest(http.MethodPost, srv.URL+"/oauth/token", strings.NewReader(tc.form.Encode()))
			require.NoError(t, err)
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			status, body := do(t, req)
			assert.Equal(t, tc.status, status)
			if tc.err != "" {
				assert.Equal(t, tc.err, body["error"])
			}
		})
	}
}

func TestDivisionsArePaged(t *testing.T) {
	admin := as(t, start(t, everything), "admin")
	_, page := admin.call("GET", "/api/v2/authorization/divisions?pageSize=1&pageNumber=2", nil)
	assert.EqualValues(t, 2, page["pageCount"])
	assert.Equal(t, "Paris", page["entities"].([]any)[0].(map[string]any)["name"])
}

func TestTheBoxStaysOnLoopback(t *testing.T) {
	s, err := Load([]byte(everything))
	require.NoError(t, err)
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "nonsense"} {
		_, err := Start(s, addr)
		assert.ErrorContains(t, err, "loopback", addr)
	}
}

func TestLoadSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"name: x\norg: {nam: y}": "line 2",
		"name: x":                "org.name",
		"name: x\norg: {name: y}\nclients: [{name: c, roles: [{role: r}]}]": `role "r"`,
		"name: x\norg: {name: y}\nroles: [{name: r, policies: [a:b]}]":      `"a:b"`,
		"name: x\norg: {name: y}\ntokens: [{name: t, client: c}]":           `client "c"`,
		"name: x\norg: {name: y}\nrun: {token: t}":                          `token "t"`,
		"name: x\norg: {name: y}\nipAllowlist: [here]":                      "CIDR",
		"name: x\norg: {name: y}\nfaults: {rules: [{kind: melt}]}":          `"melt"`,
		"name: x\norg: {name: y}\ndivisions: [{name: a}]":                   "home: true",
		"name: x\norg: {name: y}\nscopes: {enforce: maybe}":                 `"maybe"`,
		"[": "cannot be read",
	} {
		_, err := Load([]byte(text))
		assert.ErrorContains(t, err, want, text)
	}
}

func TestEmbeddedScenariosLoad(t *testing.T) {
	require.Greater(t, len(Names()), 25)
	for _, name := range Names() {
		s, err := Embedded(name)
		require.NoError(t, err, name)
		assert.Equal(t, name, s.Name, "a scenario's file is named after it")
		assert.NotEmpty(t, s.Title, name)
		assert.NotEmpty(t, s.Story, name)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(everything))
	f.Add([]byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Load(data)
		if err == nil {
			newServer(s) // what loads can be served
		}
	})
}
