package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
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

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/simulator"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// outcome is what a person sees of a run.
type outcome struct {
	code     int
	out, err string
}

// scimlint runs the program with an environment of its own.
func scimlint(t *testing.T, env map[string]string, args ...string) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(context.Background(), args, stdio{strings.NewReader(""), &out, &errs, func(k string) string { return env[k] }})
	return outcome{code, out.String(), errs.String()}
}

// org serves a scenario and returns the environment of a check of it.
func org(t *testing.T, name string) (*simulator.Server, map[string]string) {
	t.Helper()
	s, err := loadScenario(name)
	require.NoError(t, err)
	server, err := simulator.Start(s, "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(server.Close)
	return server, environment(server, nil)
}

// environment is that of a check of an org and of a Zendesk account.
func environment(server *simulator.Server, account *simulator.ZendeskServer) map[string]string {
	lines := environmentLines(server)
	if account != nil {
		lines = append(lines, zendeskLines(account)...)
	}
	env := map[string]string{}
	for _, line := range lines {
		env[line[0]] = line[1]
	}
	return env
}

func validator(t *testing.T, file string) *jsonschema.Schema {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(file)
	require.NoError(t, err)
	return schema
}

// TestScenarios plays every embedded scenario end to end: its expect must come
// out, and the JSON report must fit its schema and hold together.
func TestScenarios(t *testing.T) {
	schema := validator(t, "../../docs/report.schema.json")
	for _, name := range simulator.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := scimlint(t, nil, "demo", name, "-o", "json")
			require.Equal(t, 0, got.code, got.err)
			v, err := jsonschema.UnmarshalJSON(strings.NewReader(got.out))
			require.NoError(t, err)
			require.NoError(t, schema.Validate(v))
			var r results.Report
			require.NoError(t, json.Unmarshal([]byte(got.out), &r))
			assertCoherent(t, r)
		})
	}
}

// assertCoherent holds what must be true of every report.
func assertCoherent(t *testing.T, r results.Report) {
	t.Helper()
	for _, c := range r.Checks {
		if r.Verdict == results.Ready {
			assert.NotEqual(t, results.Fail, c.Status, c.ID)
			assert.False(t, c.Status == results.Unknown && c.Required && !c.Accepted, "%s is unknown and required", c.ID)
		}
		if c.Status == results.Fail {
			assert.NotEmpty(t, c.Fix.Text, "%s fails and says what to do", c.ID)
		}
		assert.NotEmpty(t, c.Message, c.ID)
	}
	seen := map[string]bool{}
	for _, c := range r.Causes {
		assert.False(t, seen[c.ID], "%s is named once", c.ID)
		seen[c.ID] = true
		assert.NotEmpty(t, c.Proof, c.ID)
		assert.NotEmpty(t, c.Fix.Text, c.ID)
		assert.NotEmpty(t, c.Explanation, c.ID)
		_, known := cause.ByID(cause.ID(c.ID))
		assert.True(t, known, "%s is documented", c.ID)
	}
	if r.Verdict == results.NotReady {
		noGo := r.Readiness != nil && slices.ContainsFunc(r.Readiness.Sections, func(s results.Section) bool { return s.State == results.NoGo })
		assert.True(t, len(r.Causes) > 0 || noGo, "a cause, or a section of the readiness")
	}
	for _, q := range r.Requests {
		assert.Contains(t, []string{"GET", "POST"}, q.Method)
		if q.Method == "POST" {
			assert.Contains(t, []string{"token", "auditor-token", "write-probe", "policy-details", "changes"}, q.Fact, "a POST that changes nothing")
		}
	}
}

func TestEveryCauseHasAScenario(t *testing.T) {
	var first, ready []string
	for _, name := range simulator.Names() {
		s, err := simulator.Embedded(name)
		require.NoError(t, err)
		first = append(first, s.Expect.Cause)
		if s.Expect.Verdict == string(results.Ready) {
			ready = append(ready, name)
		}
	}
	for _, c := range cause.All() {
		if c.ID == "authorization-malformed" {
			continue // check sends well-formed requests; explain finds it in others'
		}
		assert.Contains(t, first, string(c.ID))
	}
	assert.GreaterOrEqual(t, len(ready), 2)
}

var (
	port     = regexp.MustCompile(`127\.0\.0\.1:\d+`)
	duration = regexp.MustCompile(`"durationMs": \d+`)
	life     = regexp.MustCompile(`lives [0-9hms]+`)
)

// stable takes out of a JSON report what changes from run to run.
func stable(t *testing.T, text string) results.Report {
	t.Helper()
	text = port.ReplaceAllString(text, "127.0.0.1:8080")
	text = duration.ReplaceAllString(text, `"durationMs": 1`)
	text = life.ReplaceAllString(text, "lives 24h0m0s")
	var r results.Report
	require.NoError(t, json.Unmarshal([]byte(text), &r))
	return r
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "run go test ./cmd/scimlint -update")
	assert.Equal(t, string(want), got)
}

func TestTextReports(t *testing.T) {
	for _, name := range []string{"migration-thread", "last-answer-right", "ready-least-privileged", "roles-unreadable", "proxy-answered"} {
		t.Run(name, func(t *testing.T) {
			r := stable(t, scimlint(t, nil, "demo", name, "-o", "json").out)
			var screen, all bytes.Buffer
			require.NoError(t, report.Write(&screen, "text", r, report.Options{Width: 80}))
			golden(t, name+".txt", screen.String())
			assert.LessOrEqual(t, strings.Count(screen.String(), "\n"), 40, "the default report fits a screen")
			require.NoError(t, report.Write(&all, "text", r, report.Options{Verbose: true, Width: 100}))
			golden(t, name+"-verbose.txt", all.String())
			if name == "migration-thread" {
				var picture bytes.Buffer
				require.NoError(t, report.Write(&picture, "svg", r, report.Options{}))
				golden(t, "../../../docs/demo.svg", picture.String())
			}
		})
	}
}

func TestTheFirstThreeLinesAreTheAnswer(t *testing.T) {
	_, env := org(t, "client-has-no-roles")
	got := scimlint(t, env, "check", "-q")
	assert.Equal(t, 1, got.code)
	assert.Regexp(t, `^✗ NOT READY  OAuth client "Zendesk migration" cannot create, update or delete users over SCIM\.`, got.out)
	assert.Regexp(t, `(?m)^  Why  .*has no role`, got.out)
	assert.Regexp(t, `(?m)^  Fix  Grant directory:user:add`, got.out)
	assert.Contains(t, got.out, "client-has-no-roles, confirmed")
	assert.NotContains(t, got.out, "region-is-known", "--quiet shows verdict and causes alone")
}

func TestExitCodes(t *testing.T) {
	for name, want := range map[string]int{"ready-least-privileged": 0, "role-lacks-permission": 1, "abac-policy-unseen": 3} {
		_, env := org(t, name)
		assert.Equal(t, want, scimlint(t, env, "check").code, name)
	}
}

func TestTheDemoPlaysTheMigrationThread(t *testing.T) {
	got := scimlint(t, nil, "demo")
	assert.Equal(t, 0, got.code, got.err)
	lines := strings.Split(strings.TrimSpace(got.out), "\n")
	assert.Regexp(t, `^✗ NOT READY  `, lines[0])
	assert.Equal(t, "✗ NOT READY: 2 causes, 5 failed checks", lines[len(lines)-1], "the last line repeats the verdict")
	assert.Contains(t, got.out, "  Why  1 of 2: ")
	assert.Contains(t, got.out, "  Why  2 of 2: ")
	got = scimlint(t, nil, "demo", "--verbose")
	for _, words := range []string{"role-on-user-not-client", `The role "Scim Admin" is granted to the user "Service Account"`,
		"it is not the client's token", "scim:users:write, ScimUser:Write, wfm:schedule:publish", "wrong-path"} {
		assert.Contains(t, strings.Join(strings.Fields(got.out), " "), words)
	}
	assert.Contains(t, got.err, "scimlint check would have exited with 1")
}

func TestTheDefaultRunIsReadOnlyAndShort(t *testing.T) {
	server, env := org(t, "role-lacks-permission")
	scimlint(t, env, "check")
	requests := server.Requests()
	permissions := 4 // one question for each of the three, and one for all of them
	assert.LessOrEqual(t, len(requests), 13+permissions, "%q", requests)
	for _, r := range requests {
		assert.True(t, strings.HasPrefix(r, "GET ") || r == "POST /oauth/token", r)
	}
}

func TestNeedsAndProbes(t *testing.T) {
	server, env := org(t, "ready-least-privileged")
	got := scimlint(t, env, "check", "--need", "create,roles")
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.out, "authorization:grant:add")
	assert.Contains(t, got.out, "gate-passed-feature-missing")

	got = scimlint(t, env, "check", "--need", "read", "--probe", "none")
	assert.Equal(t, 0, got.code, got.out)
	before := len(server.Requests())
	scimlint(t, env, "check", "--probe", "write")
	assert.Contains(t, server.Requests()[before:], "POST /api/v2/scim/v2/users")
	assert.NotContains(t, strings.Join(server.Requests(), " "), "DELETE")
}

func TestDemandsAreJudged(t *testing.T) {
	_, env := org(t, "ready-admin")
	got := scimlint(t, env, "check", "--require-scope", "scim:users:write")
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.out, "scope-unknown")
	got = scimlint(t, env, "check", "--require-permission", "directory:user:view")
	assert.Equal(t, 0, got.code, got.out)

	_, env = org(t, "ready-least-privileged")
	got = scimlint(t, env, "check", "--require-permission", "telephony:plugin:all")
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.out, "required-permission-is-held")
	got = scimlint(t, env, "check", "--need", "roles", "--require-only", "--require-permission", "directory:user:add")
	assert.Equal(t, 0, got.code, "what replaces the catalogue is judged alone\n"+got.out)
}

func TestUnknownsCanBeAccepted(t *testing.T) {
	_, env := org(t, "abac-policy-unseen")
	assert.Equal(t, 3, scimlint(t, env, "check").code)
	got := scimlint(t, env, "check", "--accept-unknown", "abac-policy-allows")
	assert.Equal(t, 0, got.code, got.out)
	assert.Contains(t, got.out, "accepted as unknown")
	_, env = org(t, "abac-policy-denies")
	got = scimlint(t, env, "check", "--accept-unknown", "abac-policy-allows")
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.out, "[abac-policy-denies, likely]", "what a check sees is not accepted with what it cannot see")
	_, env = org(t, "roles-unreadable")
	assert.Equal(t, 3, scimlint(t, env, "check", "--accept-unknown", "abac-policy-allows").code, "accepting one unknown accepts no other")
}

func TestDivisions(t *testing.T) {
	_, env := org(t, "division-not-covered")
	assert.Equal(t, 0, scimlint(t, env, "check", "--division", "paris").code)
	assert.Equal(t, 1, scimlint(t, env, "check", "--division", "*").code)
	got := scimlint(t, env, "check", "--division", "London")
	assert.Equal(t, 3, got.code)
	assert.Contains(t, got.out, `The org has no division "London". It has: Home, Paris.`)
}

func TestReportsGoWhereTheyAreSent(t *testing.T) {
	_, env := org(t, "role-lacks-permission")
	file := filepath.Join(t.TempDir(), "report.json")
	got := scimlint(t, env, "check", "-o", "text", "-o", "json="+file)
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.out, "NOT READY")
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.True(t, json.Valid(data))
	entries, err := os.ReadDir(filepath.Dir(file))
	require.NoError(t, err)
	assert.Len(t, entries, 1, "nothing half written is left")
}

func TestColours(t *testing.T) {
	_, env := org(t, "ready-least-privileged")
	assert.NotContains(t, scimlint(t, env, "check").out, "\x1b[")
	env["CLICOLOR_FORCE"] = "1"
	assert.Contains(t, scimlint(t, env, "check").out, "\x1b[")
	env["NO_COLOR"] = "1"
	assert.NotContains(t, scimlint(t, env, "check").out, "\x1b[")
}

// TestSecretsNeverShow looks for the secret and the tokens of every scenario in
// everything that a run prints.
func TestSecretsNeverShow(t *testing.T) {
	for _, name := range simulator.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, env := org(t, name)
			dir := t.TempDir()
			args := []string{"check", "-v", "--probe", "write", "-o", "text"}
			for _, f := range report.Formats()[1:] {
				args = append(args, "-o", f+"="+filepath.Join(dir, f))
			}
			got := scimlint(t, env, args...)
			seen := got.out + got.err
			for _, f := range report.Formats()[1:] {
				text, err := os.ReadFile(filepath.Join(dir, f))
				require.NoError(t, err)
				seen += string(text)
			}
			for _, key := range []string{envSecret, envToken, envWorking} {
				if env[key] != "" {
					assert.NotContains(t, seen, env[key])
				}
			}
			assert.NotContains(t, seen, "Bearer")
		})
	}
}

func TestASecretInTheIntegrationsURLIsDropped(t *testing.T) {
	_, env := org(t, "ready-admin")
	file := filepath.Join(t.TempDir(), "bundle")
	url := "https://me:hunter2@api.mypurecloud.com/v2/scim/users?access_token=hunter2#hunter2"
	got := scimlint(t, env, "check", "-v", "--scim-url", url)
	assert.Contains(t, got.out, "wrong-path")
	captured := scimlint(t, env, "capture", "--dry-run", "-o", file, "--scim-url", url)
	assert.NotContains(t, got.out+got.err+captured.out+captured.err, "hunter2")
}

func TestUsageErrors(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		return file
	}
	base := map[string]string{envRegion: "eu-west-1", envClientID: "id", envSecret: "hunter2hunter2"}
	with := func(key, value string) map[string]string {
		env := map[string]string{}
		for k, v := range base {
			env[k] = v
		}
		env[key] = value
		return env
	}
	for name, tc := range map[string]struct {
		env  map[string]string
		args []string
		want string
	}{
		"nothing at all":          {nil, []string{"check"}, envRegion},
		"no credentials":          {map[string]string{envRegion: "eu-west-1"}, []string{"check"}, envToken},
		"secret without client":   {map[string]string{envRegion: "eu-west-1", envSecret: "hunter2hunter2"}, []string{"check"}, envClientID},
		"unknown region":          {with(envRegion, "eu-west-9"), []string{"check"}, "nearest are eu-west-1"},
		"http to a real host":     {base, []string{"check", "--api-url", "http://api.mypurecloud.ie"}, "unencrypted"},
		"api url with a path":     {base, []string{"check", "--api-url", "https://api.mypurecloud.ie/v2"}, "more than a host"},
		"no scim-url":             {base, []string{"check", "--scim-url", "hunter2 hunter2"}, "scim-url is not a URL"},
		"unknown need":            {base, []string{"check", "--need", "crate"}, `unknown need "crate"`},
		"unknown probe":           {base, []string{"check", "--probe", "poke"}, `probe is "poke"`},
		"unknown format":          {base, []string{"check", "-o", "yaml"}, `unknown format "yaml"`},
		"two reports, one place":  {base, []string{"check", "-o", "json", "-o", "text"}, "standard output"},
		"no such folder":          {base, []string{"check", "-o", "json=" + dir + "/none/r.json"}, "does not exist"},
		"bad permission":          {base, []string{"check", "--require-permission", "directory:user"}, "domain:entity:action"},
		"unknown check":           {base, []string{"check", "--accept-unknown", "nonsense"}, "scimlint rules"},
		"no such config":          {base, []string{"check", "--config", dir + "/none.yaml"}, "none.yaml"},
		"unknown key":             {base, []string{"check", "--config", write("key.yaml", "region: eu-west-1\nneeds: [create]\n")}, `key.yaml: line 2: unknown key "needs"`},
		"wrong type":              {base, []string{"check", "--config", write("type.yaml", "region: eu-west-1\nneed: {a: hunter2}\n")}, `type.yaml: line 2`},
		"not YAML":                {base, []string{"check", "--config", write("not.yaml", "a: [hunter2\n")}, "not.yaml"},
		"a secret in the config":  {base, []string{"check", "--config", write("secret.yaml", "clientSecret: hunter2\n")}, `"clientSecret"`},
		"unknown operation":       {base, []string{"check", "--config", write("op.yaml", "requirements: {operations: {scim-user-eat: {scopes: [x]}}}\n")}, "scim-user-eat"},
		"no secret file":          {base, []string{"check", "--secret-file", dir + "/none"}, "none"},
		"empty secret file":       {base, []string{"check", "--secret-file", write("empty", "\n")}, "empty"},
		"a token in quotes":       {map[string]string{envRegion: "eu-west-1", envToken: `"hunter2"`}, []string{"check"}, "quote"},
		"a token of two lines":    {map[string]string{envRegion: "eu-west-1", envToken: "hunter2\nhunter2"}, []string{"check"}, "line break"},
		"unknown scenario":        {nil, []string{"demo", "nonsense"}, "demo --list"},
		"unknown command":         {nil, []string{"chekc"}, "unknown command"},
		"unknown flag":            {nil, []string{"check", "--secret", "hunter2"}, "unknown flag"},
		"unknown rule":            {nil, []string{"rules", "nonsense"}, "nonsense"},
		"an address for everyone": {nil, []string{"simulate", "--addr", "0.0.0.0:0"}, "loopback"},
	} {
		t.Run(name, func(t *testing.T) {
			got := scimlint(t, tc.env, tc.args...)
			assert.Equal(t, 2, got.code, got.err)
			assert.Contains(t, got.err, tc.want)
			assert.NotContains(t, got.err, "hunter2", "a secret shows")
			assert.NotContains(t, got.err, "goroutine")
			assert.Empty(t, got.out)
		})
	}
}

func TestConfigurationFile(t *testing.T) {
	server, env := org(t, "division-not-covered")
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	require.NoError(t, os.WriteFile(secret, []byte(env[envSecret]+"\n"), 0o644))
	file := filepath.Join(dir, "scimlint.yaml")
	require.NoError(t, os.WriteFile(file, []byte("region: eu-west-1\napiUrl: "+server.URL+"\nloginUrl: "+server.URL+"\nclientId: "+env[envClientID]+
		"\nsecretFile: "+secret+"\nneed: [create]\ndivision: [Paris]\ntimeout: 20s\n"), 0o600))
	got := scimlint(t, nil, "check", "--config", file)
	assert.Equal(t, 0, got.code, got.err+got.out)
	assert.Contains(t, got.err, "can be read by ", "a warning of the secret file's mode")

	t.Chdir(dir)
	got = scimlint(t, nil, "check")
	assert.Equal(t, 0, got.code, "scimlint.yaml of the working directory is read")
	got = scimlint(t, nil, "check", "--division", "Home")
	assert.Equal(t, 1, got.code, "a flag wins over the file")
}

func TestAFoundConfigurationSendsSecretsNowhereElse(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, configName), []byte("apiUrl: https://collector.example\nloginUrl: https://collector.example\n"), 0o600))
	t.Chdir(dir)
	got := scimlint(t, map[string]string{envClientID: "id", envSecret: "hunter2hunter2"}, "check")
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.err, "collector.example")
}

func TestStoppingARun(t *testing.T) {
	s, err := simulator.Load([]byte("name: slow\norg: {name: Slow}\nclients: [{name: c}]\nfaults: {latency: 20s}\nrun: {client: c}\n"))
	require.NoError(t, err)
	server, err := simulator.Start(s, "127.0.0.1:0")
	require.NoError(t, err)
	defer server.Close()
	set, err := demoSettings(server)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = runCheck(ctx, stdio{err: io.Discard}, set, false)
	var e *exit
	require.ErrorAs(t, err, &e)
	assert.Equal(t, exitInterrupted, e.code)
	require.ErrorContains(t, err, "not checked")
	require.ErrorContains(t, err, "read-probe")
}

func TestATimeoutIsInconclusive(t *testing.T) {
	_, env := org(t, "ready-least-privileged")
	got := scimlint(t, env, "check", "--timeout", "1ns")
	assert.Equal(t, 3, got.code)
	assert.Contains(t, got.out, "network-unreachable")
}

func TestListsAndExplanations(t *testing.T) {
	got := scimlint(t, nil, "demo", "--list")
	assert.Equal(t, 0, got.code)
	for _, name := range simulator.Names() {
		assert.Contains(t, got.out, name)
	}
	got = scimlint(t, nil, "rules")
	for _, c := range checks.All() {
		assert.Contains(t, got.out, c.ID)
		page := scimlint(t, nil, "rules", c.ID)
		assert.Equal(t, 0, page.code)
		assert.Contains(t, page.out, c.Why)
	}
	assert.Contains(t, scimlint(t, nil, "rules", "role-on-user-not-client").out, "migration thread")
	assert.Contains(t, scimlint(t, nil, "version").out, "scimlint ")
	assert.Contains(t, scimlint(t, nil, "completion", "bash").out, "scimlint")
}

// commands are all that take flags.
var commands = []string{"check", "ready", "payload from-zendesk", "payload from-entra", "payload from-okta", "payload from-csv", "profiles", "profiles show", "explain", "capture", "diff", "fix", "can-i", "catalog show", "catalog import", "catalog diff", "demo", "simulate", "rules", "fleet init", "fleet check", "fleet report"}

// TestHelpNamesEveryFlagOfTheDocs: the README and the pages that it leads to name no flag
// that does not exist.
func TestHelpNamesEveryFlagOfTheDocs(t *testing.T) {
	help := ""
	for _, c := range commands {
		help += scimlint(t, nil, append(strings.Fields(c), "--help")...).out
	}
	for _, page := range []string{"README.md", "docs/check.md", "docs/support.md", "docs/permissions.md", "docs/scenarios.md", "docs/fix.md", "docs/fleet.md"} {
		text, err := os.ReadFile("../../" + page)
		require.NoError(t, err)
		for _, f := range regexp.MustCompile(`--[a-z][a-z-]+[a-z]`).FindAllString(string(text), -1) {
			if f != "--data-binary" { // curl's
				assert.Contains(t, help, f, page)
			}
		}
	}
}

// pages are the README and the pages of docs that people write.
func pages(t *testing.T) []string {
	t.Helper()
	docs, err := filepath.Glob("../../docs/*.md")
	require.NoError(t, err)
	providers, err := filepath.Glob("../../docs/providers/*.md")
	require.NoError(t, err)
	return append(append([]string{"../../README.md"}, docs...), providers...)
}

// commandLine is a command of scimlint in a block of code; a backslash continues it.
var commandLine = regexp.MustCompile(`(?m)^    (?:go run \./cmd/scimlint|scimlint) ((?:.*\\\n)*.*)$`)

// afterwards is where the shell goes on with something else.
var afterwards = regexp.MustCompile(` (?:>|&&|\|\||\|) `)

// TestThePagesCommandsExist: each command line of the README and of docs is one that parses.
func TestThePagesCommandsExist(t *testing.T) {
	count := 0
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, line := range commandLine.FindAllStringSubmatch(string(text), -1) {
			count++
			args, _, _ := strings.Cut(strings.ReplaceAll(line[1], "\\\n", " "), " #")
			args = afterwards.Split(args, 2)[0]
			cmd, rest, err := quietRoot().Find(strings.Fields(args))
			require.NoError(t, err, "%s: %s", page, args)
			require.NoError(t, cmd.ParseFlags(rest), "%s: %s", page, args)
			require.NoError(t, cmd.ValidateArgs(cmd.Flags().Args()), "%s: %s", page, args)
			assert.True(t, cmd.HasParent(), "%s: %s", page, args)
		}
	}
	assert.Greater(t, count, 40)
}

// TestTheReadmesLinks lead to files, those to the picture among them.
func TestTheReadmesLinks(t *testing.T) {
	for _, page := range []string{"README.md", "docs/check.md", "docs/support.md", "docs/permissions.md", "docs/profiles.md",
		"docs/providers/entra.md", "docs/providers/okta.md", "docs/providers/onelogin.md", "docs/providers/pingone.md", "docs/providers/zendesk.md"} {
		text, err := os.ReadFile("../../" + page)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`\]\(([^):#]+)[^)]*\)`).FindAllStringSubmatch(string(text), -1) {
			_, err := os.Stat(filepath.Join("../..", filepath.Dir(page), m[1]))
			assert.NoError(t, err, "%s leads to %s", page, m[1])
		}
	}
}

// TestEveryFlagStandsInTheDocs is the other way round.
func TestEveryFlagStandsInTheDocs(t *testing.T) {
	files, err := filepath.Glob("../../docs/*.md")
	require.NoError(t, err)
	docs := ""
	for _, f := range append(files, "../../README.md") {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		docs += string(text)
	}
	for _, command := range commands {
		help := scimlint(t, nil, append(strings.Fields(command), "--help")...).out
		for _, f := range regexp.MustCompile(`--[a-z][a-z-]+`).FindAllString(help, -1) {
			assert.True(t, f == "--help" || strings.Contains(docs, f), "%s of %s", f, command)
		}
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add([]byte("region: eu-west-1\nrequirements: {operations: {x: {scopes: [a]}}}\n"))
	f.Add([]byte("need: {a: b}\ntimeout: [1]\n"))
	f.Add([]byte("\x00: ["))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := parseConfig(data); err != nil {
			assert.NotEmpty(t, err.Error())
		}
	})
}

func validatorInput(text string) (any, error) {
	return jsonschema.UnmarshalJSON(strings.NewReader(text))
}

// TestAGatewayThatAnswersEverythingIsNotReady: JSON that is not the platform's
// proves nothing.
func TestAGatewayThatAnswersEverythingIsNotReady(t *testing.T) {
	for _, body := range []string{`{}`, `{"status":"ok"}`, `[]`, `null`, `{"id":"x"}`} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if r.Method == http.MethodPost {
				_, _ = w.Write([]byte(`{"access_token":"abcdefgh","token_type":"bearer"}`))
				return
			}
			_, _ = w.Write([]byte(body))
		}))
		env := map[string]string{envAPI: srv.URL, envLogin: srv.URL, envClientID: "c", envSecret: "hunter2hunter2"}
		for _, need := range []string{"read", "create,read,update,delete"} {
			got := scimlint(t, env, "check", "--need", need)
			assert.NotEqual(t, 0, got.code, "%s for %s\n%s", body, need, got.out)
		}
		bodies := filepath.Join(t.TempDir(), "users.csv")
		require.NoError(t, os.WriteFile(bodies, []byte("userName,displayName\na@x.example,A\n"), 0o600))
		for _, args := range [][]string{{"fix"}, {"can-i", "GET", "/api/v2/organizations/me"}, {"can-i", "GET", "/api/v2/scim/v2/users"}, {"can-i", "POST", "/api/v2/scim/v2/users"}, {"ready", "--payload", bodies}} {
			got := scimlint(t, env, args...)
			assert.NotContains(t, []int{0, 2}, got.code, "%s: %q\n%s%s", body, args, got.out, got.err)
		}
		srv.Close()
	}
}

// TestEveryKeyOfTheConfigurationStandsInTheDocs holds docs/configuration.md and
// docs/zendesk.md against what the file may hold.
func TestEveryKeyOfTheConfigurationStandsInTheDocs(t *testing.T) {
	docs := ""
	for _, f := range []string{"configuration.md", "zendesk.md", "own-checks.md"} {
		text, err := os.ReadFile("../../docs/" + f)
		require.NoError(t, err)
		docs += string(text)
	}
	var keys func(reflect.Type) []string
	seen := map[reflect.Type]bool{} // requirements hold requirements
	keys = func(typ reflect.Type) []string {
		if typ.Kind() == reflect.Struct && seen[typ] {
			return nil
		}
		seen[typ] = true
		switch typ.Kind() {
		case reflect.Slice, reflect.Map, reflect.Pointer:
			return keys(typ.Elem())
		case reflect.Struct:
			var out []string
			for i := range typ.NumField() {
				if tag := typ.Field(i).Tag.Get("yaml"); tag != "" {
					out = append(append(out, tag), keys(typ.Field(i).Type)...)
				}
			}
			return out
		}
		return nil
	}
	for _, key := range keys(reflect.TypeFor[config]()) {
		assert.Regexp(t, `\b`+key+`\b`, docs)
	}
}
