package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/pkg/diagnose"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/secret"
	"github.com/scimlint/scimlint/pkg/simulator"
)

// bothReports writes a report in every format.
func bothReports(t *testing.T, r results.Report) string {
	t.Helper()
	var out bytes.Buffer
	for _, format := range report.Formats() {
		require.NoError(t, report.Write(&out, format, r, report.Options{Verbose: true}))
	}
	return out.String()
}

// TestAReplayIsTheLiveReport captures every embedded scenario and judges the
// bundle: the same report, byte for byte, but for the header.
func TestAReplayIsTheLiveReport(t *testing.T) {
	for _, name := range simulator.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := simulator.Embedded(name)
			require.NoError(t, err)
			server, err := simulator.Start(s, "127.0.0.1:0")
			require.NoError(t, err)
			defer server.Close()
			set, err := demoSettings(server)
			require.NoError(t, err)
			snapshot, err := collect(context.Background(), stdio{err: io.Discard}, set, false)
			require.NoError(t, err)
			live := diagnose.Conclude(checks.Run(snapshot, set.judge), tool())

			data, _, err := pack(snapshot, true, &secret.Redactor{})
			require.NoError(t, err)
			again, _, err := evidence.Unpack(bytes.NewReader(data), int64(len(data)))
			require.NoError(t, err)
			replay := diagnose.Conclude(checks.Run(again, set.judge), tool())
			assert.Equal(t, bothReports(t, live), bothReports(t, replay))

			// With pseudonyms the names differ and nothing else does.
			data, _, err = pack(snapshot, false, &secret.Redactor{})
			require.NoError(t, err)
			anonymous, _, err := evidence.Unpack(bytes.NewReader(data), int64(len(data)))
			require.NoError(t, err)
			r := diagnose.Conclude(checks.Run(anonymous, set.judge), tool())
			assert.Equal(t, live.Verdict, r.Verdict)
			assert.Len(t, r.Causes, len(live.Causes))
			for _, u := range s.Users {
				assert.NotContains(t, unzipped(t, data)+bothReports(t, r), u.Email)
				if snapshot.User.Seen() || snapshot.Working != nil {
					assert.NotContains(t, unzipped(t, data)+bothReports(t, r), u.Name)
				}
			}
		})
	}
}

// unzipped returns all of a bundle's text.
func unzipped(t *testing.T, data []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	var out strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		require.NoError(t, err)
		_, err = io.Copy(&out, r)
		require.NoError(t, err)
	}
	return out.String()
}

func TestCaptureAndReplayOnTheCommandLine(t *testing.T) {
	_, env := org(t, "gate-passed-feature-missing")
	file := filepath.Join(t.TempDir(), "bundle.scimlint")
	got := scimlint(t, env, "capture", "-o", file)
	require.Equal(t, 0, got.code, got.err)
	assert.Contains(t, got.out, "facts/grants.json")
	info, err := os.Stat(file)
	require.NoError(t, err)
	if runtime.GOOS != "windows" { // which has no modes
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}

	got = scimlint(t, nil, "check", "--from", file, "--need", "create,skills")
	assert.Equal(t, 1, got.code, got.err)
	assert.Regexp(t, `^Replay of a bundle taken .* ago\)`, got.out)
	assert.Contains(t, got.out, "gate-passed-feature-missing")
	got = scimlint(t, nil, "check", "--from", file, "--need", "read")
	assert.Equal(t, 0, got.code, "the needs may differ from those of the capture")
	got = scimlint(t, nil, "check", "--from", file, "-o", "json")
	v, err := validatorInput(got.out)
	require.NoError(t, err)
	require.NoError(t, validator(t, "../../docs/report.schema.json").Validate(v))
}

func TestADryRunWritesNothing(t *testing.T) {
	_, env := org(t, "ready-admin")
	dir := t.TempDir()
	t.Chdir(dir)
	got := scimlint(t, env, "capture", "--dry-run", "-o", filepath.Join(dir, "b"))
	assert.Equal(t, 0, got.code)
	assert.Contains(t, got.out, "Would write")
	assert.Contains(t, got.out, `"name": "Master Admin"`, "what would be in it is shown")
	assert.NotContains(t, got.out, env[envSecret])
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, entries)
	assert.Equal(t, 2, scimlint(t, env, "capture").code)
	assert.NotEqual(t, 0, scimlint(t, env, "capture", "-o", filepath.Join(dir, "no", "such", "folder")).code)
}

func TestDiffSaysWhatOpensAndShuts(t *testing.T) {
	dir := t.TempDir()
	bundle := func(scenario string) string {
		_, env := org(t, scenario)
		file := filepath.Join(dir, scenario)
		require.Equal(t, 0, scimlint(t, env, "capture", "-o", file).code)
		return file
	}
	good, bad := bundle("ready-least-privileged"), bundle("role-lacks-permission")
	got := scimlint(t, nil, "diff", bad, good)
	assert.Equal(t, 1, got.code, got.err)
	for _, words := range []string{"create users: denied, then allowed", "+ SCIM Integration in", "- Scim Admin in", "directory:user:add: denied, allowed"} {
		assert.Contains(t, strings.Join(strings.Fields(got.out), " "), words)
	}
	assert.Equal(t, 0, scimlint(t, nil, "diff", good, good).code)
	_, env := org(t, "ready-least-privileged")
	got = scimlint(t, env, "diff", good, "live")
	assert.Equal(t, 0, got.code, got.out+got.err)
	got = scimlint(t, nil, "diff", bad, good, "-o", "json")
	assert.True(t, json.Valid([]byte(got.out)))
	assert.Equal(t, 2, scimlint(t, nil, "diff", bad, filepath.Join(dir, "none")).code)
}

const audited = `
name: audited
org: {name: Audited}
roles:
  - {name: SCIM, policies: ["directory:user:add", "directory:user:edit", "directory:user:delete"]}
  - {name: auditor, policies: ["*:*:view", "directory:organization:admin", "oauth:client:authorize"]}
clients:
  - {name: c, roles: [{role: SCIM}]}
  - {name: auditor, roles: [{role: auditor}]}
  - {name: "off", state: disabled}
hidePolicies: true
run: {client: c}
`

func TestAnAuditorReadsWhatTheClientMayNot(t *testing.T) {
	file := filepath.Join(t.TempDir(), "audited.yaml")
	require.NoError(t, os.WriteFile(file, []byte(audited), 0o600))
	server, env := org(t, file)
	assert.Equal(t, 3, scimlint(t, env, "check").code, "alone it cannot be seen")

	env[envAuditorID], env[envAuditorSecret] = server.Credentials("auditor")
	got := scimlint(t, env, "check", "-o", "json")
	require.Equal(t, 0, got.code, got.out+got.err)
	assert.NotContains(t, got.out+got.err, env[envAuditorSecret])
	var r results.Report
	require.NoError(t, json.Unmarshal([]byte(got.out), &r))
	through := map[string]bool{}
	for _, q := range r.Requests {
		if q.Auditor {
			through[q.Fact] = true
		}
		assert.False(t, q.Auditor && strings.Contains(q.Fact, "probe"), "the probe is the client's own")
	}
	assert.True(t, through["policies"] && through["roles"] && through["client"], "%v", through)
	assert.Contains(t, scimlint(t, env, "check").out, "with a token of its own")

	env[envClientID], env[envSecret] = server.Credentials("off")
	got = scimlint(t, env, "check")
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.out, "client-disabled, confirmed")

	delete(env, envAuditorSecret)
	assert.Equal(t, 2, scimlint(t, env, "check").code, "an id without a secret is a mistake")
}

// TestNoSecretReachesABundle lets a platform put random secrets, tokens and
// e-mail addresses into every field that it could return.
func TestNoSecretReachesABundle(t *testing.T) {
	random := &lockedRand{r: rand.New(rand.NewPCG(7, 7))}
	word := func(n int) string {
		const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
		b := make([]byte, n)
		for i := range b {
			b[i] = letters[random.IntN(len(letters))]
		}
		return "aZ9" + string(b)
	}
	for round := range 40 {
		own, token, foreign, mail, person := word(24), word(40), word(48), strings.ToLower(word(8))+"@people.example", "Per "+word(6)
		hide := []string{own, token, foreign, mail}
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set(genesys.CorrelationHeader, hide[random.IntN(2)])
			if strings.HasSuffix(r.URL.Path, genesys.TokenPath) {
				if random.IntN(4) > 0 { // else the library cannot read it, and the token stays unknown
					w.Header().Set("Content-Type", "application/json")
				}
				_ = json.NewEncoder(w).Encode(map[string]any{"access_token": token, "token_type": "bearer", "expires_in": 300})
				return
			}
			if random.IntN(6) == 0 {
				w.WriteHeader(403)
				_ = json.NewEncoder(w).Encode(map[string]any{"code": own, "message": foreign + " " + mail + " Bearer " + token, "contextId": token, "messageParams": map[string]string{"p": foreign}})
				return
			}
			_ = json.NewEncoder(w).Encode(filled(r.URL.Path, func() string { return hide[random.IntN(len(hide))] }, person))
		}))
		env := map[string]string{envAPI: srv.URL, envLogin: srv.URL, envClientID: "the-client", envSecret: own}
		file := filepath.Join(t.TempDir(), "bundle")
		captured := scimlint(t, env, "capture", "-o", file)
		require.Equal(t, 0, captured.code, captured.err)
		live := scimlint(t, env, "check", "-v", "--probe", "none")
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		replay := scimlint(t, nil, "check", "--from", file, "-v")
		for _, secret := range []string{own, token} {
			assert.NotContains(t, live.out+live.err, secret, "round %d: the live report", round)
		}
		for _, secret := range append(hide, person) {
			assert.NotContains(t, unzipped(t, data), secret, "round %d: the bundle", round)
			assert.NotContains(t, captured.out+captured.err+replay.out+replay.err, secret, "round %d: what was printed", round)
		}
		srv.Close()
	}
}

// lockedRand lets the handlers of several requests draw at once.
type lockedRand struct {
	mu sync.Mutex
	r  *rand.Rand
}

func (l *lockedRand) IntN(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.IntN(n)
}

// filled makes an answer whose every string is a hidden word.
func filled(path string, hidden func() string, person string) any {
	switch {
	case strings.HasSuffix(path, "/tokens/me"):
		return fill(reflect.TypeFor[genesys.TokenInfo](), hidden)
	case strings.HasSuffix(path, "/users/me"):
		u := fill(reflect.TypeFor[genesys.User](), hidden).(map[string]any)
		u["name"] = person
		return u
	case strings.HasSuffix(path, "/subjects/me"):
		s := fill(reflect.TypeFor[genesys.Subject](), hidden).(map[string]any)
		s["name"] = person
		return s
	case strings.Contains(path, "/oauth/clients/"):
		return fill(reflect.TypeFor[genesys.OAuthClient](), hidden)
	case strings.Contains(path, "/authorization/roles/"):
		return fill(reflect.TypeFor[genesys.Role](), hidden)
	case strings.Contains(path, "/policies/subject/"):
		return map[string]any{"entities": []any{fill(reflect.TypeFor[genesys.Policy](), hidden)}}
	case strings.HasSuffix(path, "/divisions"):
		return map[string]any{"entities": []any{fill(reflect.TypeFor[genesys.Division](), hidden)}}
	case strings.HasSuffix(path, "/scopes"):
		return map[string]any{"entities": []any{fill(reflect.TypeFor[genesys.Scope](), hidden)}}
	case strings.HasSuffix(path, "/organizations/me"):
		return fill(reflect.TypeFor[genesys.Organization](), hidden)
	case strings.HasSuffix(path, "/ipaddressauthentication"):
		return fill(reflect.TypeFor[genesys.IPAllowlist](), hidden)
	case strings.Contains(path, "/oauth/authorizations/"):
		return fill(reflect.TypeFor[genesys.Authorization](), hidden)
	}
	return fill(reflect.TypeFor[genesys.SCIMList](), hidden)
}

// fill makes JSON of a type, a hidden word in every string.
func fill(t reflect.Type, hidden func() string) any {
	switch t.Kind() {
	case reflect.Pointer:
		return fill(t.Elem(), hidden)
	case reflect.String:
		return hidden()
	case reflect.Bool:
		return true
	case reflect.Int64:
		return 7
	case reflect.Slice:
		return []any{fill(t.Elem(), hidden)}
	case reflect.Map:
		return map[string]any{hidden(): hidden()}
	case reflect.Struct:
		if t.String() == "time.Time" {
			return "2026-01-02T03:04:05Z"
		}
		if t == reflect.TypeFor[genesys.ConditionNode]() {
			return map[string]any{"variableName": hidden(), "operands": []any{map[string]any{"value": hidden()}}}
		}
		out := map[string]any{}
		for i := range t.NumField() {
			name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			out[name] = fill(t.Field(i).Type, hidden)
		}
		return out
	}
	return nil
}

func TestBundlesThatAreRefused(t *testing.T) {
	_, env := org(t, "ready-admin")
	dir := t.TempDir()
	good := filepath.Join(dir, "good")
	require.Equal(t, 0, scimlint(t, env, "capture", "-o", good).code)
	data, err := os.ReadFile(good)
	require.NoError(t, err)

	rewritten := func(change func(name string, data []byte) (string, []byte)) []byte {
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		require.NoError(t, err)
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		for _, f := range z.File {
			r, err := f.Open()
			require.NoError(t, err)
			text, err := io.ReadAll(r)
			require.NoError(t, err)
			name, text := change(f.Name, text)
			if name == "" {
				continue
			}
			part, err := w.Create(name)
			require.NoError(t, err)
			_, err = part.Write(text)
			require.NoError(t, err)
		}
		require.NoError(t, w.Close())
		return out.Bytes()
	}
	replace := func(part, from, to string) []byte {
		return rewritten(func(name string, data []byte) (string, []byte) {
			if name == part {
				data = bytes.Replace(data, []byte(from), []byte(to), 1)
			}
			return name, data
		})
	}
	for name, tc := range map[string]struct {
		data []byte
		want string
	}{
		"cut off":         {data[:len(data)/2], "cut off"},
		"no zip":          {[]byte("hello"), "no bundle"},
		"empty":           {nil, "no bundle"},
		"another zip":     {rewritten(func(name string, d []byte) (string, []byte) { return "x/" + name, d }), "no bundle"},
		"a changed grant": {replace("facts/grants.json", "Master Admin", "Master Blaster"), "facts/grants.json is not what the manifest says"},
		"a missing part": {rewritten(func(name string, d []byte) (string, []byte) {
			if name == "facts/client.json" {
				return "", nil
			}
			return name, d
		}), "facts/client.json is missing"},
		"one part more": {rewritten(func(name string, d []byte) (string, []byte) {
			if name == "facts/client.json" {
				return "facts/client.json.bak", d
			}
			return name, d
		}), "missing"},
		"a path out of it":   {replace("manifest.json", "facts/client.json", "../../etc/passwd"), "no bundle has"},
		"a future version":   {replace("manifest.json", `"format": 1`, `"format": 2`), "take a newer one"},
		"no manifest inside": {replace("manifest.json", "{", "["), "manifest cannot be read"},
		"a zip bomb": {rewritten(func(name string, d []byte) (string, []byte) {
			if name == "facts/client.json" {
				return name, bytes.Repeat([]byte(" "), 40<<20)
			}
			return name, d
		}), "larger than 16 MB"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "bundle")
			require.NoError(t, os.WriteFile(file, tc.data, 0o600))
			got := scimlint(t, nil, "check", "--from", file)
			assert.Equal(t, 2, got.code, got.out)
			assert.Contains(t, got.err, tc.want)
			assert.Empty(t, got.out)
		})
	}
}

// BenchmarkCapture1000Roles prints how long a capture of an org with 1,000 roles
// takes at 50 ms a request: go test ./cmd/scimlint -run xxx -bench 1000Roles
func BenchmarkCapture1000Roles(b *testing.B) {
	var roles, grants []string
	for i := range 1000 {
		roles = append(roles, fmt.Sprintf(`  - {name: r%d, policies: ["routing:queue:view"]}`, i))
		grants = append(grants, fmt.Sprintf("{role: r%d}", i))
	}
	s, err := simulator.Load([]byte("name: big\norg: {name: Big}\nroles:\n  - {name: all, policies: [\"*:*:*\"]}\n" + strings.Join(roles, "\n") +
		"\nclients: [{name: c, roles: [{role: all}, " + strings.Join(grants, ", ") + "]}]\nhidePolicies: true\nfaults: {latency: 50ms}\nrun: {client: c}\n"))
	require.NoError(b, err)
	server, err := simulator.Start(s, "127.0.0.1:0")
	require.NoError(b, err)
	defer server.Close()
	for b.Loop() {
		set, err := demoSettings(server)
		require.NoError(b, err)
		set.evidence.MaxInFlight = evidence.CaptureInFlight
		snapshot, err := collect(context.Background(), stdio{err: io.Discard}, set, false)
		require.NoError(b, err)
		require.Len(b, snapshot.Roles, 1001)
		_, _, err = pack(snapshot, false, &secret.Redactor{})
		require.NoError(b, err)
	}
}
