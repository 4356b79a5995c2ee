package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/scimlint/scimlint/pkg/results"
)

// refusalCase is one input of the corpus with what must come out.
type refusalCase struct {
	Name     string   `yaml:"name"`
	Cause    string   `yaml:"cause"`
	Exit     int      `yaml:"exit"`
	Format   string   `yaml:"format"`
	Code     string   `yaml:"code"`
	Notices  []string `yaml:"notices"`
	Leak     string   `yaml:"leak"`
	Refusals int      `yaml:"refusals"`
	Input    string   `yaml:"input"`
	// None says that there is no refusal, only advice or nothing; Causes are the first of
	// each refusal; Permissions and Certainty are those of the first one.
	None        bool     `yaml:"none"`
	Causes      []string `yaml:"causes"`
	Certainty   string   `yaml:"certainty"`
	Permissions []string `yaml:"permissions"`
	Operations  []string `yaml:"operations"`
	Leaked      bool     `yaml:"leaked"`
	// Without are notices that must not be.
	Without []string `yaml:"without"`
}

// canaryToken stands in the corpus where a secret stood.
const canaryToken = "cAnArY-t0ken_abcdefghijklmnop-0123456789"

func corpus(t testing.TB) []refusalCase {
	t.Helper()
	data, err := os.ReadFile("testdata/explain/cases.yaml")
	require.NoError(t, err)
	var list []refusalCase
	require.NoError(t, yaml.Unmarshal(data, &list))
	return list
}

// explainText runs scimlint explain on standard input.
func explainText(t *testing.T, input string, args ...string) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(context.Background(), append([]string{"explain"}, args...), stdio{strings.NewReader(input), &out, &errs, func(string) string { return "" }})
	return outcome{code, out.String(), errs.String()}
}

func TestCorpus(t *testing.T) {
	schema := validator(t, "../../docs/explanation.schema.json")
	list := corpus(t)
	require.GreaterOrEqual(t, len(list), 60)
	for _, tc := range list {
		t.Run(tc.Name, func(t *testing.T) {
			t.Parallel()
			input := strings.ReplaceAll(tc.Input, "{{token}}", canaryToken)
			got := explainText(t, input, "-o", "json")
			require.Equal(t, tc.Exit, got.code, "%s\n%s", got.out, got.err)
			if tc.Exit == 2 {
				return
			}
			v, err := jsonschema.UnmarshalJSON(strings.NewReader(got.out))
			require.NoError(t, err)
			require.NoError(t, schema.Validate(v))
			var e results.Explanation
			require.NoError(t, json.Unmarshal([]byte(got.out), &e))

			if tc.None {
				assert.Empty(t, e.Refusals)
			} else {
				tc.refusals(t, e)
			}
			if tc.Leaked {
				assert.NotEmpty(t, e.Leaks, "the leak is reported")
			}
			if tc.Format != "" {
				assert.Equal(t, tc.Format, e.Format)
			}
			if tc.Code != "" {
				assert.Equal(t, tc.Code, e.Refusals[0].Code)
			}
			var notices []string
			for _, n := range e.Notices {
				notices = append(notices, n.ID)
			}
			for _, want := range tc.Notices {
				assert.Contains(t, notices, want)
			}
			for _, not := range tc.Without {
				assert.NotContains(t, notices, not)
			}
			if tc.Leak != "" {
				require.NotEmpty(t, e.Leaks, "the leak is reported")
				assert.Equal(t, tc.Leak, e.Leaks[0].Kind)
			}
			text := explainText(t, input)
			assert.Equal(t, tc.Exit, text.code)
			for _, shown := range []string{got.out, got.err, text.out, text.err} {
				assert.NotContains(t, shown, canaryToken, "a token shows")
			}
		})
	}
}

// refusals compares the refusals with what a case expects of them.
func (tc refusalCase) refusals(t *testing.T, e results.Explanation) {
	t.Helper()
	require.Len(t, e.Refusals, max(tc.Refusals, 1))
	if len(tc.Causes) == 0 {
		tc.Causes = []string{tc.Cause}
	}
	for i, want := range tc.Causes {
		first := ""
		if len(e.Refusals[i].Causes) > 0 {
			first = e.Refusals[i].Causes[0].ID
		}
		assert.Equal(t, want, first)
		assert.NotEmpty(t, e.Refusals[i].Next)
	}
	if tc.Certainty != "" {
		assert.Equal(t, tc.Certainty, string(e.Refusals[0].Causes[0].Certainty))
	}
	if tc.Permissions != nil {
		assert.ElementsMatch(t, tc.Permissions, e.Refusals[0].Named.Permissions)
	}
	for i, want := range tc.Operations {
		if assert.NotNil(t, e.Refusals[i].Operation, want) {
			assert.Equal(t, want, e.Refusals[i].Operation.Method+" "+e.Refusals[i].Operation.Path)
		}
	}
}

func TestTheCorpusHasEveryFormatAndCode(t *testing.T) {
	var formats, codes []string
	for _, tc := range corpus(t) {
		formats, codes = append(formats, tc.Format), append(codes, tc.Code)
	}
	assert.Subset(t, formats, []string{"error body", "HTTP exchange", "curl transcript", "HAR", "newman report", "JTL (XML)", "JTL (CSV)", "text"})
	assert.Subset(t, codes, []string{"missing.permissions", "missing.any.permissions", "missing.division.permission", "missing.any.division.permissions",
		"missing.division.permissions", "missing.division.permission.implied", "app.not.authorized.for.scope", "authz.policy.denied", "insufficient.permissions",
		"not.authorized", "authentication.required", "bad.credentials", "ip.not.authorized", "credentials.expired", "too.many.requests", "too.many.requests.retry.after"})
}

// TestEveryEncodingIsRead gives one refusal in all forms in which files are saved.
func TestEveryEncodingIsRead(t *testing.T) {
	const text = `{"code":"credentials.expired","status":401,"message":"expired, né 🔑"}`
	wide := func(order binary.AppendByteOrder, mark bool) string {
		var b []byte
		units := utf16.Encode([]rune(text))
		if mark {
			units = append([]uint16{0xfeff}, units...)
		}
		for _, u := range units {
			b = order.AppendUint16(b, u)
		}
		return string(b)
	}
	zipped := func(text string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write([]byte(text))
		_ = w.Close()
		return b.String()
	}
	for name, input := range map[string]string{
		"UTF-8 with a mark":          "\xef\xbb\xbf" + text,
		"UTF-16 LE with a mark":      wide(binary.LittleEndian, true),
		"UTF-16 BE with a mark":      wide(binary.BigEndian, true),
		"UTF-16 LE":                  wide(binary.LittleEndian, false),
		"UTF-16 BE":                  wide(binary.BigEndian, false),
		"gzip":                       zipped(text),
		"gzip of UTF-16 with a mark": zipped(wide(binary.LittleEndian, true)),
		"gzip twice":                 zipped(zipped(text)),
	} {
		t.Run(name, func(t *testing.T) {
			got := explainText(t, input)
			assert.Equal(t, 0, got.code, got.err)
			assert.Contains(t, got.out, "expired, né 🔑")
		})
	}
	assert.Equal(t, 2, explainText(t, zipped(zipped(zipped(zipped(text))))).code)
}

func TestBadInputs(t *testing.T) {
	for name, tc := range map[string]struct{ input, want string }{
		"empty":                   {"", "empty"},
		"blank":                   {" \n\t\n", "empty"},
		"gzip":                    {"\x1f\x8b\x08\x00abc", "gzip"},
		"zip":                     {"PK\x03\x04abc", "zip"},
		"binary":                  {"\x7fELF\x02\x01\x01\x00\x00\x00", "binary"},
		"half a JSON":             {`{"message":"You are`, "ends early"},
		"half a HAR":              {`{"log":{"version":"1.2","creator":{},"entries":[{"request":{"method":"GET"`, "after 0 entries"},
		"a HAR without responses": {`{"log":{"version":"1.2","creator":{},"entries":[{"request":{"method":"GET","url":"x"}}]}}`, "no response"},
		"a HAR without entries":   {`{"log":{"version":"1.2","creator":{}}}`, "HAR"},
		"half a JTL":              {`<testResults version="1.2"><httpSample rc="403"><resp`, "after 0 samples"},
		"a JTL of other columns":  {"timeStamp,elapsed\n1,2\n", "responseCode"},
		"a JTL by semicolons":     {"timeStamp;elapsed;responseCode\n1;2;403\n", "commas"},
		"newman without a run":    {`{"collection":{"info":{}},"run":{"stats":{}}}`, "newman"},
		"JSON of something else":  {`{"hello":"world"}`, "nothing in it is a refusal"},
		"text of something else":  {"The weather is fine today.", "nothing in it is a refusal"},
		"another service":         {"GET https://acme.freshdesk.com/api/v2/groups\n403 Forbidden\n", "refused by another service (acme.freshdesk.com)"},
		"a success":               {"HTTP/1.1 200 OK\r\n\r\n{}", "nothing in it is a refusal"},
	} {
		t.Run(name, func(t *testing.T) {
			got := explainText(t, tc.input)
			assert.Equal(t, 2, got.code, got.out)
			assert.Contains(t, got.err, tc.want)
			assert.NotContains(t, got.err, "goroutine")
			assert.Empty(t, got.out)
		})
	}
	assert.Equal(t, 2, explainText(t, "", filepath.Join(t.TempDir(), "none.json")).code)
}

// TestTheMigrationThread explains the thread that started all this, where a copy
// lies beside the project.
func TestTheMigrationThread(t *testing.T) {
	files, err := filepath.Glob("../../../shared/*/*.txt")
	require.NoError(t, err)
	thread := ""
	for _, f := range files {
		if data, err := os.ReadFile(f); err == nil && strings.Contains(string(data), "SCIM User Provisioning 403") {
			thread = f
		}
	}
	if thread == "" {
		t.Skip("the thread does not lie beside the project")
	}
	got := scimlint(t, nil, "explain", thread)
	assert.Equal(t, 0, got.code, got.err)
	flat := strings.Join(strings.Fields(got.out), " ")
	for _, words := range []string{"wrong-path", "/api/v2/scim/v2/users", "/users/me refuses client-credentials tokens", "roles of the OAuth client, not those of a service account",
		"scim:users:write is in no published list", "ScimUser:Write is in no published list", "wfm:schedule:publish is in no published list", "displayName", "us-east-1", "has no scopes to add"} {
		assert.Contains(t, flat, words)
	}
}

// TestRefusalsAreHeldAgainstTheOrg brings refusals into a check.
func TestRefusalsAreHeldAgainstTheOrg(t *testing.T) {
	body := func(code, rest string) string {
		return `{"code":"` + code + `","status":403,"contextId":"c0ffee00-0000-4000-8000-000000000001",` + rest + `"message":"m"}`
	}
	permission := body("missing.any.permissions", `"messageParams":{"permissions":"directory:user:add"},`)
	for name, tc := range map[string]struct {
		scenario, refusal string
		exit              int
		want              string
	}{
		"it fits":                   {"role-lacks-permission", permission, 1, "fits what the org says"},
		"granted since":             {"ready-admin", permission, 0, "does not fit what the org says now"},
		"its correlation id":        {"ready-admin", permission, 0, "c0ffee00-0000-4000-8000-000000000001"},
		"another region's host":     {"ready-admin", "POST /api/v2/scim/v2/users HTTP/1.1\nHost: api.mypurecloud.ie\nAuthorization: Bearer x\n\n{}\n\nHTTP/1.1 403 Forbidden\n\n" + permission, 1, "wrong-region"},
		"sent wrongly":              {"ready-admin", "POST /v2/scim/users HTTP/1.1\nHost: api.mypurecloud.com\n\n{}\n\nHTTP/1.1 403 Forbidden\n\n" + permission, 1, "wrong-path"},
		"what cannot be seen":       {"roles-unreadable", permission, 3, "what is granted now could not be read"},
		"a scope on a client":       {"ready-admin", body("app.not.authorized.for.scope", `"messageParams":{"s":"[scim:users:write]"},`), 1, "scope-missing"},
		"a scope that it has":       {"ready-user-token", body("app.not.authorized.for.scope", `"messageParams":{"s":"[scim]"},`), 0, "The refused token was another one"},
		"a policy of yesterday":     {"ready-least-privileged", body("authz.policy.denied", `"messageParams":{"p":"0b6e4c1e-0c0f-4b52-a8f4-6a1c6f5e9a01"},`), 0, "is not in force"},
		"another division":          {"ready-least-privileged", body("missing.division.permission", `"messageParams":{"p":"directory:user:add"},`), 0, "--division"},
		"a token of yesterday":      {"ready-least-privileged", `{"code":"credentials.expired","status":401,"message":"m"}`, 0, "it accepts the one that was judged"},
		"another address":           {"ready-least-privileged", `{"code":"ip.not.authorized","status":401,"message":"[198.51.100.7]"}`, 0, "198.51.100.7"},
		"of the token endpoint":     {"ready-least-privileged", `{"error":"invalid_client","description":"authentication failed"}`, 0, "which gives this run a token"},
		"no division has it":        {"role-lacks-permission", body("missing.division.permission", `"messageParams":{"p":"directory:user:add"},`), 1, "role-lacks-permission"},
		"what names nothing at all": {"ready-least-privileged", body("not.authorized", ""), 0, "names nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			_, env := org(t, tc.scenario)
			file := filepath.Join(t.TempDir(), "refusal")
			require.NoError(t, os.WriteFile(file, []byte(tc.refusal), 0o600))
			got := scimlint(t, env, "check", "--refusal", file)
			assert.Equal(t, tc.exit, got.code, got.out+got.err)
			assert.Contains(t, strings.Join(strings.Fields(got.out), " "), tc.want)
		})
	}
	_, env := org(t, "ready-admin")
	file := filepath.Join(t.TempDir(), "refusal")
	require.NoError(t, os.WriteFile(file, []byte("no refusal"), 0o600))
	got := scimlint(t, env, "check", "--refusal", file)
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.err, "nothing in it is a refusal")
}
