package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/scimlint/scimlint/internal/fix"
	"github.com/scimlint/scimlint/pkg/results"
)

// otherWork are words that have no place in a report about another operation.
var otherWork = regexp.MustCompile(`(?i)\bscim\b|scim:|migration|provision|payload`)

func decodeReport(t *testing.T, text string) results.Report {
	t.Helper()
	var r results.Report
	require.NoError(t, json.Unmarshal([]byte(text), &r), text)
	return r
}

func TestNeedOperation(t *testing.T) {
	for _, tc := range []struct {
		name, scenario, operations string
		more                       []string
		code                       int
		want                       string
	}{
		{"one that may be called", "operation-allowed", "POST /api/v2/routing/queues", nil, 0, "may call POST /api/v2/routing/queues."},
		{"all of several", "operation-allowed", "POST /api/v2/routing/queues,PATCH /api/v2/users/{userId}", nil, 0, "and PATCH /api/v2/users/{userId}"},
		{"a concrete path with a host", "operation-allowed", "post https://api.mypurecloud.ie/api/v2/routing/queues?x=1", nil, 0, "POST /api/v2/routing/queues"},
		{"one that is refused", "operation-denied", "POST /api/v2/routing/queues", nil, 1, "routing:queue:add"},
		{"any of a list: another one than the least", "operation-denied", "GET /api/v2/routing/queues/{queueId}", nil, 0, "routing:queue:view"},
		{"one for persons", "operation-for-persons", "GET /api/v2/users/me", nil, 1, "not possible with client credentials"},
		{"one that seems to be for persons", "operation-for-persons", "GET /api/v2/routing/queues/me", nil, 3, "about the person behind the token"},
		{"one of which no permission is published", "operation-for-persons", "GET /api/v2/date", nil, 3, "names no permission"},
		{"with a need", "operation-for-persons", "POST /api/v2/routing/queues", []string{"--need", "delete"}, 0, "may delete users over SCIM and call POST /api/v2/routing/queues."},
		{"one of SCIM is what the need says", "operation-for-persons", "PUT /api/v2/scim/v2/users/{id}", nil, 0, "directory:user:edit"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, env := org(t, tc.scenario)
			args := []string{"check", "-o", "text", "-v"}
			for _, op := range strings.Split(tc.operations, ",") {
				args = append(args, "--need-operation", op)
			}
			got := scimlint(t, env, append(args, tc.more...)...)
			assert.Equal(t, tc.code, got.code, got.out+got.err)
			assert.Contains(t, strings.Join(strings.Fields(got.out), " "), tc.want)
			if tc.more == nil && !strings.Contains(tc.operations, "scim") {
				assert.NotRegexp(t, otherWork, regexp.MustCompile(`\S*scimlint\S*`).ReplaceAllString(got.out, ""))
			}
		})
	}
}

func TestNeedOperationIsAskedOfThePlatform(t *testing.T) {
	_, env := org(t, "operation-allowed")
	r := decodeReport(t, scimlint(t, env, "check", "-o", "json", "--need-operation", "PATCH /api/v2/users/{userId}").out)
	asked := map[string]bool{}
	for _, q := range r.Requests {
		if _, p, ok := strings.Cut(q.URL, "permission="); ok && strings.Contains(q.URL, "divisionspermitted") {
			p, _, _ = strings.Cut(p, "&")
			asked[strings.ReplaceAll(p, "%3A", ":")] = true
		}
		assert.NotContains(t, q.URL, "/scim/", "nothing of SCIM is asked")
	}
	assert.True(t, asked["directory:user:edit"], "%v", asked)
	require.Len(t, r.Operations, 1)
	f := r.Operations[0].Features[0]
	assert.NotEmpty(t, f.Alternatives)
	for _, p := range f.Alternatives {
		assert.True(t, asked[p], "alternatives are asked, too: %s of %v", p, asked)
	}
	assert.Empty(t, r.Target.Needs)
	assert.Equal(t, []string{"routing:queue:add"}, neededOf(t, env, "POST /api/v2/routing/queues"))
}

func neededOf(t *testing.T, env map[string]string, operation string) []string {
	t.Helper()
	var out []string
	for _, op := range decodeReport(t, scimlint(t, env, "check", "-o", "json", "--need-operation", operation).out).Operations {
		for _, f := range op.Features {
			out = append(out, f.Permission)
		}
	}
	return out
}

func TestNeedOperationOfNoKnownName(t *testing.T) {
	_, env := org(t, "operation-allowed")
	for _, tc := range []struct{ operation, want string }{
		{"POST /api/v2/routing/queue", "did you mean POST /api/v2/routing/queues"},
		{"POST /api/v2/routing/qeues", "POST /api/v2/routing/queues"},
		{"FETCH /api/v2/routing/queues", "has GET, POST, not FETCH"},
		{"routing:queue:add", "not a method and a path"},
		{"POST queues", "not a path"},
		{"POST", "not a method and a path"},
		{"", "not a method and a path"},
	} {
		for _, command := range [][]string{{"check"}, {"fix"}} {
			got := scimlint(t, env, append(command, "--need-operation", tc.operation)...)
			assert.Equal(t, 2, got.code, tc.operation)
			assert.Contains(t, got.err, "need-operation: ", tc.operation)
			assert.Contains(t, got.err, tc.want, tc.operation)
		}
	}
	got := scimlint(t, env, "can-i", "--need-operation", "POST /api/v2/routing/qeues")
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.err, "POST /api/v2/routing/queues")
	assert.Equal(t, 2, scimlint(t, env, "can-i", "POST").code)
	assert.Equal(t, 2, scimlint(t, env, "can-i", "POST", "/api/v2/routing/queues", "--need-operation", "GET /api/v2/date").code)
}

func TestNeedOperationInTheConfiguration(t *testing.T) {
	_, env := org(t, "operation-denied")
	file := filepath.Join(t.TempDir(), "c.yaml")
	require.NoError(t, os.WriteFile(file, []byte("needOperation:\n  - POST /api/v2/routing/queues\n"), 0o600))
	assert.Equal(t, 1, scimlint(t, env, "check", "--config", file).code)
	r := decodeReport(t, scimlint(t, env, "check", "--config", file, "-o", "json", "--need-operation", "GET /api/v2/routing/queues/{queueId}").out)
	assert.Equal(t, results.Ready, r.Verdict, "the flag replaces the file's")
	require.NoError(t, os.WriteFile(file, []byte("needOperation: [POST /api/v2/routing/qeues]\n"), 0o600))
	assert.Equal(t, 2, scimlint(t, env, "check", "--config", file).code)
}

// TestNeedOperationElsewhere: what is held in another division only is no pass and
// no refusal, until the division is named.
func TestNeedOperationElsewhere(t *testing.T) {
	_, env := org(t, "division-not-covered")
	for _, tc := range []struct {
		args []string
		code int
	}{{nil, 3}, {[]string{"--division", "Paris"}, 0}, {[]string{"--division", "Home"}, 1}} {
		for _, op := range []string{"DELETE /api/v2/users/{userId}", "PATCH /api/v2/users/{userId}"} {
			got := scimlint(t, env, append([]string{"check", "--need-operation", op}, tc.args...)...)
			assert.Equal(t, tc.code, got.code, "%s %v\n%s%s", op, tc.args, got.out, got.err)
			same := scimlint(t, env, append([]string{"can-i", "--need-operation", op}, tc.args...)...)
			assert.Equal(t, tc.code, same.code, "can-i says the same: %s %v\n%s", op, tc.args, same.out)
		}
	}
	got := scimlint(t, env, "check", "--need-operation", "DELETE /api/v2/users/{userId}")
	assert.Contains(t, strings.Join(strings.Fields(got.out), " "), "name its division with --division")
}

func TestFixForAnOperation(t *testing.T) {
	_, env := org(t, "operation-denied")
	var p fix.Plan
	got := scimlint(t, env, "fix", "--format", "json", "--need-operation", "POST /api/v2/routing/queues", "--need-operation", "PATCH /api/v2/users/{userId}")
	require.Equal(t, 0, got.code, got.out+got.err)
	require.NoError(t, json.Unmarshal([]byte(got.out), &p))
	var permissions []string
	for _, r := range p.Roles {
		permissions = append(permissions, r.Permissions...)
	}
	slices.Sort(permissions)
	assert.Equal(t, []string{"directory:user:edit", "routing:queue:add"}, permissions, "of an ANY gate the least of the permissions")
	for _, format := range []string{"steps", "terraform", "gc", "curl"} {
		out := scimlint(t, env, "fix", "--format", format, "--need-operation", "POST /api/v2/routing/queues").out
		assert.Contains(t, out, "queue", format)
		assert.NotRegexp(t, otherWork, regexp.MustCompile(`\S*scimlint\S*`).ReplaceAllString(out, ""), format)
	}
}

// TestTheSchemaOfTheConfiguration holds the schema against the documented file and
// against every key that is read.
func TestTheSchemaOfTheConfiguration(t *testing.T) {
	text, err := os.ReadFile("../../docs/configuration.md")
	require.NoError(t, err)
	_, example, _ := strings.Cut(string(text), "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	c, err := parseConfig([]byte(example))
	require.NoError(t, err)
	require.NotEmpty(t, c.NeedOperation)
	var v any
	require.NoError(t, yaml.Unmarshal([]byte(example), &v))
	asJSON, err := json.Marshal(v)
	require.NoError(t, err)
	instance, err := jsonschema.UnmarshalJSON(strings.NewReader(string(asJSON)))
	require.NoError(t, err)
	require.NoError(t, validator(t, "../../docs/configuration.schema.json").Validate(instance))
	schema, err := os.ReadFile("../../docs/configuration.schema.json")
	require.NoError(t, err)
	for i := range reflect.TypeFor[config]().NumField() {
		assert.Contains(t, string(schema), `"`+reflect.TypeFor[config]().Field(i).Tag.Get("yaml")+`"`)
	}
}
