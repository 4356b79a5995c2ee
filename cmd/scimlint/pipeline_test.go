package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/internal/gate"
	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/simulator"
)

// hostileOrg is an org whose roles, clients and users have names that try to be more
// than names.
func hostileOrg(t *testing.T) (*simulator.Server, map[string]string) {
	t.Helper()
	s, err := loadScenario("migration-thread")
	require.NoError(t, err)
	evil := "<script>alert(1)</script>\x1b[31m| [a](https://evil.example) \u202e`x` @everyone ]]>"
	rename := map[string]string{}
	for i := range s.Roles {
		rename[s.Roles[i].Name] = s.Roles[i].Name + evil
		s.Roles[i].Name += evil
	}
	for i := range s.Clients {
		for j := range s.Clients[i].Roles {
			s.Clients[i].Roles[j].Role = rename[s.Clients[i].Roles[j].Role]
		}
		if s.Run.Client == s.Clients[i].Name {
			s.Run.Client += evil
		}
		s.Clients[i].Name += evil
	}
	for i := range s.Users {
		for j := range s.Users[i].Roles {
			s.Users[i].Roles[j].Role = rename[s.Users[i].Roles[j].Role]
		}
		for j := range s.Tokens {
			if s.Tokens[j].User == s.Users[i].Name {
				s.Tokens[j].User += evil
			}
		}
		s.Users[i].Name += evil
	}
	for j := range s.Tokens {
		if s.Tokens[j].Client != "" {
			s.Tokens[j].Client += evil
		}
	}
	s.Org.Name += evil
	server, err := simulator.Start(s, "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(server.Close)
	return server, environment(server, nil)
}

// TestHostileNamesEndToEnd brings them from the org through every format.
func TestHostileNamesEndToEnd(t *testing.T) {
	_, env := hostileOrg(t)
	dir := t.TempDir()
	args := []string{"check", "-v"}
	for _, f := range report.Formats() {
		args = append(args, "-o", f+"="+filepath.Join(dir, f))
	}
	got := scimlint(t, env, args...)
	require.Equal(t, 1, got.code, got.err)
	for _, f := range report.Formats() {
		text, err := os.ReadFile(filepath.Join(dir, f))
		require.NoError(t, err)
		assert.Contains(t, string(text), "everyone", "%s shows the name", f)
		assert.NotContains(t, string(text), "\x1b", f)
		assert.NotContains(t, string(text), "\u202e", f)
		if f == "html" || f == "markdown" {
			assert.NotContains(t, string(text), "<script>alert", f)
		}
	}
}

// TestEveryScenarioInEveryFormat writes all formats from one run each, and holds SARIF
// against its published schema.
func TestEveryScenarioInEveryFormat(t *testing.T) {
	for _, name := range simulator.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			args := []string{"demo", name}
			for _, f := range report.Formats() {
				args = append(args, "-o", f+"="+filepath.Join(dir, f))
			}
			got := scimlint(t, nil, args...)
			require.Equal(t, 0, got.code, got.err)
			read := func(f string) []byte {
				data, err := os.ReadFile(filepath.Join(dir, f))
				require.NoError(t, err)
				require.NotEmpty(t, data)
				return data
			}
			var r results.Report
			require.NoError(t, json.Unmarshal(read("json"), &r))
			assertSARIF(t, read("sarif"), r)
			var suites struct {
				XMLName  xml.Name `xml:"testsuites"`
				Failures int      `xml:"failures,attr"`
			}
			require.NoError(t, xml.Unmarshal(read("junit"), &suites))
			if r.Verdict == results.NotReady {
				assert.Positive(t, suites.Failures)
			}
			for _, f := range []string{"markdown", "html"} {
				text := strings.ReplaceAll(string(read(f)), "\u2060", "")
				for _, c := range r.Causes {
					assert.Contains(t, text, c.ID, "%s names the cause", f)
				}
			}
		})
	}
}

// sarifLog is what the tests read of a SARIF log.
type sarifLog struct {
	Runs []struct {
		Tool struct {
			Driver struct {
				Rules []struct {
					ID   string
					Help struct{ Text, Markdown string }
				}
			}
		}
		Results []struct {
			RuleID              string
			RuleIndex           int
			PartialFingerprints map[string]string
			Locations           []struct {
				LogicalLocations []struct{ Kind, Name string }
			}
		}
	}
}

// sarifOf reads a log that is valid by the published schema.
func sarifOf(t *testing.T, data []byte) sarifLog {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "..", "pkg", "report", "testdata", "schemas", "sarif-2.1.0.json"))
	require.NoError(t, err)
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	require.NoError(t, err)
	require.NoError(t, schema.Validate(instance))
	var log sarifLog
	require.NoError(t, json.Unmarshal(data, &log))
	return log
}

// assertSARIF compares a log with the report that it is of.
func assertSARIF(t *testing.T, data []byte, r results.Report) {
	t.Helper()
	run := sarifOf(t, data).Runs[0]
	rules := len(r.Checks)
	if r.Readiness != nil {
		rules += len(r.Readiness.Sections) - 1 // the permissions are the checks
	}
	assert.Len(t, run.Tool.Driver.Rules, rules)
	for _, rule := range run.Tool.Driver.Rules {
		assert.NotEmpty(t, rule.Help.Text, rule.ID)
		assert.NotEmpty(t, rule.Help.Markdown, rule.ID)
	}
	kinds := map[string]bool{}
	prints := map[string]bool{}
	for _, res := range run.Results {
		assert.Equal(t, run.Tool.Driver.Rules[res.RuleIndex].ID, res.RuleID)
		assert.Len(t, res.PartialFingerprints["scimlint/v1"], 24)
		prints[res.PartialFingerprints["scimlint/v1"]] = true
		require.NotEmpty(t, res.Locations)
		for _, l := range res.Locations[0].LogicalLocations {
			kinds[l.Kind] = true
		}
	}
	assert.Len(t, prints, len(run.Results), "each finding has a fingerprint of its own")
	if r.Verdict == results.NotReady {
		assert.NotEmpty(t, run.Results)
		assert.True(t, kinds["client"])
	}
}

func TestSARIFLocatesClientRoleAndOperation(t *testing.T) {
	got := scimlint(t, nil, "demo", "role-lacks-permission", "-o", "sarif")
	for _, res := range sarifOf(t, []byte(got.out)).Runs[0].Results {
		if res.RuleID != "scim-user-create" {
			continue
		}
		var places []string
		for _, l := range res.Locations[0].LogicalLocations {
			places = append(places, l.Kind+" "+l.Name)
		}
		assert.Equal(t, []string{"client Zendesk migration", "role Scim Admin", "operation scim-user-create"}, places)
		return
	}
	assert.Fail(t, "no result for scim-user-create")
}

// TestFingerprintsAreStable: two runs of the same org give the same fingerprints.
// demoReports are what demo reports of the scenarios, each run once for all tests that
// only read it.
var demoReports sync.Map

func demoReport(t *testing.T, name string) results.Report {
	t.Helper()
	once, _ := demoReports.LoadOrStore(name, sync.OnceValue(func() results.Report { return runDemo(t, name) }))
	return once.(func() results.Report)()
}

func runDemo(t *testing.T, name string) results.Report {
	t.Helper()
	var r results.Report
	require.NoError(t, json.Unmarshal([]byte(scimlint(t, nil, "demo", name, "-o", "json").out), &r), name)
	return r
}

func TestFingerprintsAreStable(t *testing.T) {
	prints := func(r results.Report) map[string]string {
		out := map[string]string{}
		for _, c := range r.Checks {
			out[c.ID] = c.Fingerprint
		}
		return out
	}
	for _, name := range simulator.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, prints(demoReport(t, name)), prints(runDemo(t, name)))
		})
	}
}

func TestFailOn(t *testing.T) {
	_, blind := org(t, "abac-policy-unseen")
	assert.Equal(t, 3, scimlint(t, blind, "check").code)
	got := scimlint(t, blind, "check", "--fail-on", "fail")
	assert.Equal(t, 0, got.code)
	assert.Contains(t, got.out, "INCONCLUSIVE", "the verdict stays the org's")
	assert.Contains(t, got.out, "Pipeline result: passes, exit code 0")
	_, admin := org(t, "ready-admin")
	assert.Equal(t, 0, scimlint(t, admin, "check").code)
	got = scimlint(t, admin, "check", "--fail-on", "warn")
	assert.Equal(t, 1, got.code)
	assert.Contains(t, strings.Join(strings.Fields(got.out), " "), "client-is-least-privileged warns, which --fail-on warn counts")
}

func TestOnlyAndSkip(t *testing.T) {
	_, env := org(t, "role-lacks-permission")
	assert.Equal(t, 0, scimlint(t, env, "check", "--only", "region-is-known,scim-user-read").code)
	got := scimlint(t, env, "check", "--only", "scim-user-delete")
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.out, "NOT READY")
	got = scimlint(t, env, "check", "--skip", "scim-user-create,scim-user-update,scim-user-delete")
	assert.Equal(t, 0, got.code, got.out)
	assert.Contains(t, got.out, "NOT READY", "what is skipped is not hidden")
	assert.Contains(t, got.out, "3 left out by --only or --skip")
}

func TestBaselines(t *testing.T) {
	_, env := org(t, "role-lacks-permission")
	file := filepath.Join(t.TempDir(), "baseline.yaml")
	assert.Equal(t, 2, scimlint(t, env, "check", "--baseline", file).code, "a baseline that is not there is no empty one")
	got := scimlint(t, env, "check", "--baseline", file, "--write-baseline")
	assert.Equal(t, 0, got.code, got.err+got.out)
	got = scimlint(t, env, "check", "--baseline", file)
	assert.Equal(t, 0, got.code, got.out)
	assert.Contains(t, got.out, "NOT READY")
	assert.Contains(t, got.out, "(known)")

	data, err := os.ReadFile(file)
	require.NoError(t, err)
	reasoned := strings.NewReplacer(`reason: ""`, "reason: ticket 12", `expires: ""`, "expires: 2020-01-31").Replace(string(data))
	require.NoError(t, os.WriteFile(file, []byte(reasoned), 0o600))
	got = scimlint(t, env, "check", "--baseline", file)
	assert.Equal(t, 1, got.code, "an entry that expired fails again")
	assert.Contains(t, strings.Join(strings.Fields(got.out), " "), "its entry in the baseline expired on 2020-01-31")
	scimlint(t, env, "check", "--baseline", file, "--write-baseline")
	again, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(again), "ticket 12", "writing again keeps the reasons")

	got = scimlint(t, env, "check", "--baseline", file, "--need", "roles", "--only", "user-roles")
	assert.Equal(t, 1, got.code, "what is new fails\n"+got.out)
	got = scimlint(t, env, "check", "--baseline", file, "--need", "read")
	assert.Contains(t, got.out, "stale in the baseline: scim-user-create")
}

func TestAnOutageIsNoBaseline(t *testing.T) {
	file := filepath.Join(t.TempDir(), "baseline.yaml")
	env := map[string]string{envAPI: "http://127.0.0.1:1", envLogin: "http://127.0.0.1:1", envClientID: "c", envSecret: "hunter2hunter2"}
	got := scimlint(t, env, "check", "--baseline", file, "--write-baseline")
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.err, "network-unreachable")
	_, err := os.Stat(file)
	assert.True(t, os.IsNotExist(err))
}

func TestOwnChecksFromTheConfiguration(t *testing.T) {
	_, env := org(t, "ready-admin")
	dir := t.TempDir()
	file := filepath.Join(dir, "own.yaml")
	require.NoError(t, os.WriteFile(file, []byte(`checks:
  - id: no-admins
    title: The client cannot hand out roles
    expression: '!subject.holds("authorization:grant:add")'
    message: the client may hand out roles
    fix: {text: Take authorization:grant:add away}
severity: {client-is-least-privileged: off}
`), 0o600))
	got := scimlint(t, env, "check", "--config", file)
	assert.Equal(t, 1, got.code, got.err)
	assert.Contains(t, strings.Join(strings.Fields(got.out), " "), "may create, read, update and delete users over SCIM, but fails what the configuration demands: no-admins.")
	assert.Contains(t, got.out, "own-check-fails, likely")
	assert.Contains(t, scimlint(t, nil, "rules", "--config", file).out, "no-admins")
	assert.Contains(t, scimlint(t, nil, "rules", "--config", file, "no-admins").out, `!subject.holds("authorization:grant:add")`)
	pages := filepath.Join(dir, "pages")
	require.Equal(t, 0, scimlint(t, nil, "rules", "--config", file, "--docs", pages).code)
	index, err := os.ReadFile(filepath.Join(pages, "README.md"))
	require.NoError(t, err)
	assert.Contains(t, string(index), "[no-admins](no-admins.md)")
	for _, format := range report.Formats() {
		if format == "svg" {
			continue // the picture names causes, not checks
		}
		assert.Contains(t, scimlint(t, env, "check", "--config", file, "-o", format).out, "no-admins", format)
	}
	assert.Equal(t, 0, scimlint(t, env, "check", "--config", file, "--skip", "no-admins").code)
}

func TestBadTermsAreUsageErrors(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		return file
	}
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"fail-on":              {[]string{"--fail-on", "error"}, "fail, warn or unknown"},
		"only":                 {[]string{"--only", "nonsense"}, "scimlint rules"},
		"skip":                 {[]string{"--skip", "nonsense"}, "scimlint rules"},
		"severity":             {[]string{"--config", write("s.yaml", "severity: {region-is-known: error}\n")}, "fail, warn or off"},
		"write without a file": {[]string{"--write-baseline"}, "--baseline FILE"},
		"no baseline":          {[]string{"--baseline", dir + "/none"}, "--write-baseline makes it"},
		"a bad baseline":       {[]string{"--baseline", write("b.yaml", "<html>"), "--write-baseline"}, "b.yaml"},
		"a wrong expression":   {[]string{"--config", write("c.yaml", "checks:\n  - id: a\n    title: t\n    message: m\n    fix: {text: f}\n    expression: clint.name == ''\n")}, "line 6 is wrong at column 1"},
		"an id that is taken":  {[]string{"--config", write("d.yaml", "checks: [{id: region-is-known}]\n")}, "scimlint itself"},
	} {
		t.Run(name, func(t *testing.T) {
			env := map[string]string{envRegion: "eu-west-1", envClientID: "id", envSecret: "hunter2hunter2"}
			got := scimlint(t, env, append([]string{"check"}, tc.args...)...)
			assert.Equal(t, 2, got.code)
			assert.Contains(t, got.err, tc.want)
			assert.Empty(t, got.out)
		})
	}
	data, err := os.ReadFile(filepath.Join(dir, "b.yaml"))
	require.NoError(t, err)
	assert.Equal(t, "<html>", string(data), "what is no baseline is not overwritten")
}

// TestHarmlessTermsLeaveTheVerdictsExitCode: terms that concern nothing that was found
// change nothing, on every embedded org.
func TestHarmlessTermsLeaveTheVerdictsExitCode(t *testing.T) {
	for _, name := range simulator.Names() {
		r := demoReport(t, name)
		passing := slices.IndexFunc(r.Checks, func(c results.Check) bool { return c.Status == results.Pass || c.Status == results.Skip })
		got := gate.Apply(r, gate.Options{Severity: map[string]string{r.Checks[passing].ID: gate.SeverityFail}})
		require.NotNil(t, got.Pipeline)
		assert.Equal(t, r.Verdict.ExitCode(), got.ExitCode(), "%s: %q", name, got.Pipeline.Because)
	}
}
