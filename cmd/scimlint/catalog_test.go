package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/results"
)

// smallDefinition is a Swagger definition of one operation.
const smallDefinition = `{"swagger":"2.0","info":{"version":"v2"},"paths":{"/api/v2/routing/queues":{"post":{"operationId":"postRoutingQueues",
"security":[{"x":["routing"]}],"x-inin-requires-permissions":{"type":"ANY","permissions":["routing:queue:add"]}}}}}`

func TestCatalogCommands(t *testing.T) {
	got := scimlint(t, nil, "catalog", "show", "scim/v2/users")
	assert.Equal(t, 0, got.code)
	assert.Contains(t, got.out, "2026-07", "the definition's month")
	assert.Contains(t, got.out, "any of directory:user:add")
	assert.NotContains(t, got.out, "/oauth/clients")
	assert.Equal(t, 2, scimlint(t, nil, "catalog", "show", "nonsense").code)

	dir := t.TempDir()
	definition, out := filepath.Join(dir, "swagger.json"), filepath.Join(dir, "catalog.json")
	require.NoError(t, os.WriteFile(definition, []byte(smallDefinition), 0o600))
	got = scimlint(t, nil, "catalog", "import", definition, "--month", "2026-11", "--output", out)
	assert.Equal(t, 0, got.code, got.err)
	first, err := os.ReadFile(out)
	require.NoError(t, err)
	scimlint(t, nil, "catalog", "import", definition, "--month", "2026-11", "--output", out)
	second, err := os.ReadFile(out)
	require.NoError(t, err)
	assert.Equal(t, first, second, "the same definition gives the same bytes")
	assert.Contains(t, scimlint(t, nil, "catalog", "show", "--catalogue", out).out, "2026-11")

	got = scimlint(t, nil, "catalog", "diff", out, definition)
	assert.Equal(t, 0, got.code, got.out)
	got = scimlint(t, nil, "catalog", "diff", definition)
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.out, "removed POST /api/v2/scim/v2/users")
}

// TestABadDefinitionOverwritesNothing: a sentence, and the file stays.
func TestABadDefinitionOverwritesNothing(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "catalog.json")
	require.NoError(t, os.WriteFile(out, []byte("precious"), 0o600))
	for name, tc := range map[string]struct{ text, want string }{
		"openapi":    {`{"openapi":"3.0.0","paths":{}}`, "not Swagger 2.0"},
		"no gates":   {`{"swagger":"2.0","paths":{"/a":{"get":{}}}}`, "names no permissions"},
		"cut off":    {smallDefinition[:150], "ends early"},
		"html":       {"<html>", "cannot be read"},
		"empty":      {"", "ends early"},
		"wrong type": {`{"swagger":"2.0","paths":{"/a":{"get":{"operationId":7}}}}`, "get /a"},
	} {
		file := filepath.Join(dir, "definition")
		require.NoError(t, os.WriteFile(file, []byte(tc.text), 0o600))
		got := scimlint(t, nil, "catalog", "import", file, "--output", out)
		assert.Equal(t, 2, got.code, name)
		assert.Contains(t, got.err, tc.want, name)
		kept, err := os.ReadFile(out)
		require.NoError(t, err)
		assert.Equal(t, "precious", string(kept), name)
		assert.Equal(t, 2, scimlint(t, nil, "catalog", "diff", file).code, name)
		assert.Equal(t, 2, scimlint(t, nil, "can-i", "--catalogue", file, "GET", "/a").code, name)
	}
	for _, args := range [][]string{{"import", filepath.Join(dir, "none")}, {"import", "http://api.mypurecloud.com/api/v2/docs/swagger"}, {"import", out, "--month", "November"}, {"show", "--catalogue", filepath.Join(dir, "none")}} {
		assert.Equal(t, 2, scimlint(t, nil, append([]string{"catalog"}, args...)...).code, args)
	}
}

func TestADefinitionIsFetchedWithoutAToken(t *testing.T) {
	var header string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header.Get("Authorization")
		switch r.URL.Path {
		case "/swagger":
			_, _ = w.Write([]byte(smallDefinition))
		case "/moved":
			http.Redirect(w, r, "/swagger", http.StatusFound)
		default:
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer srv.Close()
	got := scimlint(t, map[string]string{envToken: "hunter2hunter2"}, "catalog", "import", srv.URL+"/swagger")
	assert.Equal(t, 0, got.code, got.err)
	assert.True(t, json.Valid([]byte(got.out)))
	assert.Empty(t, header)
	assert.Contains(t, scimlint(t, nil, "catalog", "import", srv.URL+"/none").err, "answered 403")
	assert.Contains(t, scimlint(t, nil, "catalog", "import", srv.URL+"/moved").err, "answered 302")
}

func TestCanI(t *testing.T) {
	_, env := org(t, "gate-passed-feature-missing")
	dir := t.TempDir()
	definition := filepath.Join(dir, "swagger.json")
	require.NoError(t, os.WriteFile(definition, []byte(smallDefinition), 0o600))
	bundle := filepath.Join(dir, "bundle")
	require.Equal(t, 0, scimlint(t, env, "capture", "-o", bundle).code)
	for _, tc := range []struct {
		args string
		code int
		want string
	}{
		{"POST /api/v2/scim/v2/users", 1, "no\n"},
		{"post https://api.mypurecloud.com/api/v2/scim/users?x=y", 1, "create the user requires directory:user:add: denied"},
		{"GET /api/v2/scim/v2/users/{userId}", 0, "yes\n"},
		{"GET /api/v2/users/me", 1, "requires a user context"},
		{"DELETE /api/v2/oauth/clients/abc", 1, "oauth:client:delete: denied"},
		{"GET /api/v2/organizations/me", 0, "no permission"},
		{"--catalogue " + definition + " POST /api/v2/routing/queues", 1, "routing:queue:add"},
		{"--from " + bundle + " POST /api/v2/scim/v2/users", 1, "no\n"},
	} {
		got := scimlint(t, env, append([]string{"can-i"}, strings.Fields(tc.args)...)...)
		assert.Equal(t, tc.code, got.code, "%s\n%s%s", tc.args, got.out, got.err)
		assert.Contains(t, strings.ReplaceAll(got.out, "\n    ", " "), tc.want, tc.args)
	}
	assert.Equal(t, "no\n", scimlint(t, env, "can-i", "-q", "POST", "/api/v2/scim/v2/users").out)
	var a results.Answer
	require.NoError(t, json.Unmarshal([]byte(scimlint(t, env, "can-i", "-o", "json", "--catalogue", definition, "POST", "/api/v2/routing/queues").out), &a))
	assert.Equal(t, definition, a.Tool.Catalogue, "an answer names the catalogue that it rests on")
	out := scimlint(t, env, "can-i", "-o", "json", "POST", "/api/v2/scim/v2/users").out
	require.NoError(t, json.Unmarshal([]byte(out), &a))
	instance, err := validatorInput(out)
	require.NoError(t, err)
	require.NoError(t, validator(t, "../../docs/answer.schema.json").Validate(instance))
	assert.Equal(t, results.DecisionDenied, a.Operation.Decision)

	_, unseen := org(t, "abac-policy-unseen")
	assert.Equal(t, 3, scimlint(t, unseen, "can-i", "POST", "/api/v2/scim/v2/users").code)
	assert.Equal(t, 0, scimlint(t, unseen, "can-i", "--accept-unknown", "abac-policy-allows", "POST", "/api/v2/scim/v2/users").code)

	for args, want := range map[string]string{"POST /v2/scim/users": "/api/v2/scim/v2/users", "DELETE /api/v2/scim/v2/users": "has GET, POST, not DELETE",
		"GET /api/v2/zzz": "--catalogue", "GET users": "is not a path"} {
		got := scimlint(t, env, append([]string{"can-i"}, strings.Fields(args)...)...)
		assert.Equal(t, 2, got.code, args)
		assert.Contains(t, got.err, want, args)
	}
}
