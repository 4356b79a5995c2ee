package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/scimlint/scimlint/internal/fleet"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/results"
)

// testFleet is a list of simulated orgs, with the environment that has their secrets.
type testFleet struct {
	dir, list string
	env       map[string]string
	orgs      map[string]map[string]any
}

// newTestFleet serves a scenario for each org: name and scenario.
func newTestFleet(t *testing.T, orgs map[string]string) *testFleet {
	t.Helper()
	f := &testFleet{dir: t.TempDir(), env: map[string]string{}, orgs: map[string]map[string]any{}}
	f.list = f.at("fleet.yaml")
	for name, scenario := range orgs {
		f.serve(t, name, scenario)
	}
	f.write(t)
	return f
}

func (f *testFleet) at(name string) string { return filepath.Join(f.dir, name) }

// serve adds an org to the list, or gives it another state.
func (f *testFleet) serve(t *testing.T, name, scenario string) {
	t.Helper()
	_, env := org(t, scenario)
	variable := "SECRET_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
	f.env[variable] = env[envSecret]
	f.orgs[name] = map[string]any{"name": name, "region": env[envRegion], "apiUrl": env[envAPI], "loginUrl": env[envLogin], "clientId": env[envClientID],
		"labels": map[string]string{"scenario": scenario}}
}

func (f *testFleet) write(t *testing.T) {
	t.Helper()
	list := []any{}
	for _, name := range slices.Sorted(maps.Keys(f.orgs)) {
		list = append(list, f.orgs[name])
	}
	data, err := yaml.Marshal(map[string]any{"version": 1, "defaults": map[string]any{"secret": map[string]string{"env": "SECRET_{ORG}"}}, "orgs": list})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(f.list, data, 0o600))
}

// check runs fleet check with a file of records of its own.
func (f *testFleet) check(t *testing.T, args ...string) outcome {
	t.Helper()
	return scimlint(t, f.env, append([]string{"fleet", "check", f.list, "--records", f.at("fleet.ndjson")}, args...)...)
}

// records reads the records of a run by their orgs.
func (f *testFleet) records(t *testing.T) map[string]fleet.Record {
	return recordsIn(t, f.at("fleet.ndjson"))
}

func recordsIn(t *testing.T, name string) map[string]fleet.Record {
	t.Helper()
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	out := map[string]fleet.Record{}
	for text := range strings.Lines(string(data)) {
		var r fleet.Record
		require.NoError(t, json.Unmarshal([]byte(text), &r))
		if r.Kind == "org" {
			assert.NotContains(t, out, r.Org, "an org has one record")
			out[r.Org] = r
		}
	}
	return out
}

var mixed = map[string]string{"good": "ready-least-privileged", "lacks": "role-lacks-permission", "blind": "roles-unreadable", "none": "client-has-no-roles", "thread": "ready-admin"}

// TestFleetSaysWhatCheckSays: the report of an org is the one of scimlint check.
func TestFleetSaysWhatCheckSays(t *testing.T) {
	for name, tc := range map[string]struct {
		scenario string
		settings map[string]any
		args     []string
	}{
		"ready":      {"ready-least-privileged", nil, nil},
		"not ready":  {"role-lacks-permission", nil, nil},
		"unreadable": {"roles-unreadable", nil, nil},
		"division":   {"ready-admin", map[string]any{"division": []string{"Home"}, "need": []string{"create", "roles"}}, nil},
		"no SCIM":    {"ready-admin", map[string]any{"needOperation": []string{"POST /api/v2/routing/queues"}}, nil},
		"profile":    {"role-lacks-permission", map[string]any{"profile": "entra"}, nil},
		"address":    {"role-lacks-permission", map[string]any{"profile": "okta", "scimUrl": "https://api.mypurecloud.ie/api/v2/scim/v2?x=1", "tokenUse": "pasted"}, nil},
		"terms":      {"role-lacks-permission", map[string]any{"failOn": "warn", "skip": []string{"client-is-least-privileged"}, "severity": map[string]string{"abac-policy-allows": "off"}}, nil},
		"demands":    {"ready-admin", map[string]any{"requirements": map[string]any{"scopes": []string{"scim:users:write"}, "permissions": []string{"directory:user:add"}}, "acceptUnknown": []string{"abac-policy-allows"}, "expectOrg": "Elsewhere"}, nil},
		"changes":    {"ready-admin", map[string]any{"need": []string{"create"}, "changes": 14}, nil},
		"no probe":   {"ready-admin", map[string]any{"probe": "none"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Two orgs that are alike: what the first run does shows in an org's own traffic.
			f := newTestFleet(t, map[string]string{"org": tc.scenario, "twin": tc.scenario})
			config := f.orgs["twin"]
			delete(f.orgs, "twin")
			maps.Copy(f.orgs["org"], tc.settings)
			maps.Copy(config, tc.settings)
			f.write(t)
			delete(config, "name")
			delete(config, "labels")
			data, err := yaml.Marshal(config)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(f.at("scimlint.yaml"), data, 0o600))

			one := scimlint(t, map[string]string{envSecret: f.env["SECRET_TWIN"]}, "check", "--config", f.at("scimlint.yaml"), "-o", "json")
			all := f.check(t)
			record := f.records(t)["org"]
			require.NotNil(t, record.Report, all.err)
			data, err = json.Marshal(record.Report)
			require.NoError(t, err)
			assert.Equal(t, sameButTimes(t, one.out), sameButTimes(t, string(data)))
			assert.Equal(t, one.code, all.code)
		})
	}
}

var (
	moment = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)
	number = regexp.MustCompile(`"durationMs": ?\d+`)
	trace  = regexp.MustCompile(`"correlationId": ?"[^"]*"`)
	query  = regexp.MustCompile(`results/[0-9a-f-]{36}`)
)

// sameButTimes takes out of a report what differs between two runs.
func sameButTimes(t *testing.T, text string) results.Report {
	t.Helper()
	for _, change := range []*regexp.Regexp{moment, number, trace} {
		text = change.ReplaceAllStringFunc(text, func(m string) string {
			key, _, _ := strings.Cut(m, ":")
			if change == moment {
				return "2026-01-01T00:00:00Z"
			}
			return key + `: ` + map[bool]string{true: "1", false: `"c"`}[change == number]
		})
	}
	return stable(t, query.ReplaceAllString(text, "results/id"))
}

func TestFleetReports(t *testing.T) {
	f := newTestFleet(t, mixed)
	got := f.check(t, "-o", "text", "-o", "html="+f.at("f.html"), "-o", "junit="+f.at("f.xml"), "-o", "sarif="+f.at("f.sarif"), "-o", "openmetrics="+f.at("f.prom"), "-o", "ndjson="+f.at("f.ndjson"))
	assert.Equal(t, 1, got.code, got.err)
	assert.Regexp(t, `(?m)^✗ 5 orgs: 2 not ready, 1 inconclusive, 2 ready$`, got.out)
	assert.Regexp(t, `(?s)✗ lacks .*role-lacks-permission.*directory:user:add.*\? blind .*✓ good .*ready`, got.out, "the worst first")
	assert.Len(t, regexp.MustCompile(`(?m)^scimlint: \d/5 \w+: (ready|not ready|inconclusive) \(`).FindAllString(got.err, -1), 5, "a line an org")
	for file, want := range map[string]string{"f.html": `<a href="#org-lacks">`, "f.xml": `<testsuite name="lacks"`, "f.sarif": "scimlint/fleet/lacks/", "f.prom": `scimlint_ready{org="lacks"} 0`, "f.ndjson": `"org":"lacks"`} {
		data, err := os.ReadFile(f.at(file))
		require.NoError(t, err)
		assert.Contains(t, string(data), want)
		for variable, secret := range f.env {
			assert.NotContains(t, string(data), secret, "%s in %s", variable, file)
		}
		again := scimlint(t, nil, "fleet", "report", f.at("fleet.ndjson"), "-o", map[string]string{"f.html": "html", "f.xml": "junit", "f.sarif": "sarif", "f.prom": "openmetrics", "f.ndjson": "ndjson"}[file])
		assert.Equal(t, 1, again.code)
		assert.Equal(t, string(data), again.out, "%s: the report of the records is that of the run", file)
	}
	only := scimlint(t, nil, "fleet", "report", f.at("fleet.ndjson"), "--label", "scenario=ready-admin")
	assert.Equal(t, 0, only.code)
	assert.Contains(t, only.out, "1 org: 1 ready")
	sarif, err := os.ReadFile(f.at("f.sarif"))
	require.NoError(t, err)
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(sarif))
	require.NoError(t, err)
	assert.Len(t, v.(map[string]any)["runs"], 5)
}

func TestFleetShardsAreOneRun(t *testing.T) {
	f := newTestFleet(t, mixed)
	for i := range 3 {
		env := maps.Clone(f.env)
		env[fleet.JobIndex] = fmt.Sprint(i)
		got := scimlint(t, env, "fleet", "check", f.list, "--shard", "job/3", "--records", f.at("records")+"/", "--exit-zero")
		assert.Equal(t, 0, got.code, got.err)
	}
	whole := scimlint(t, nil, "fleet", "report", f.at("records"), "-o", "ndjson="+f.at("merged"), "-o", "text")
	assert.Equal(t, 1, whole.code)
	assert.Empty(t, whole.err)
	assert.Contains(t, whole.out, "5 orgs: 2 not ready, 1 inconclusive, 2 ready")
	assert.Len(t, recordsIn(t, f.at("merged")), 5)
	require.Equal(t, 1, f.check(t).code)
	// What the shards and one run differ in is in the records: the times.
	for _, format := range fleet.Formats() {
		shards, one := scimlint(t, nil, "fleet", "report", f.at("records"), "-o", format).out, scimlint(t, nil, "fleet", "report", f.at("fleet.ndjson"), "-o", format).out
		assert.Equal(t, timeless(one), timeless(shards), format)
	}
	require.NoError(t, os.Remove(f.at("records/shard-1-of-3.ndjson")))
	lacking := scimlint(t, nil, "fleet", "report", f.at("records"))
	assert.Contains(t, lacking.out, "missing of 3 shards: 1")
	assert.NotZero(t, lacking.code)
}

var times = regexp.MustCompile(`"durationMs":\d+|time="[\d.]+"|"correlationId":"[^"]*"|duration_seconds\{[^}]*\} [\d.]+|timestamp_seconds\{[^}]*\} \d+|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z|<code>[0-9a-f-]{36}</code>`)

// timeless is a text without times. Whether two runs took more than a second is one, too.
func timeless(text string) string {
	return strings.ReplaceAll(times.ReplaceAllString(text, "…"), "Checked from … to ….", "Checked at ….")
}

func TestFleetSelectsByLabel(t *testing.T) {
	f := newTestFleet(t, mixed)
	got := f.check(t, "--label", "scenario=ready-admin", "--label", "scenario=ready-least-privileged")
	assert.Equal(t, 0, got.code, got.err)
	assert.Contains(t, got.out, "2 orgs: 2 ready")
}

// TestFleetHistory: an org that was ready is not any more.
func TestFleetHistory(t *testing.T) {
	f := newTestFleet(t, map[string]string{"acme": "ready-least-privileged", "steady": "ready-admin"})
	args := []string{"--history", f.at("history"), "--keep", "2", "--notify-command", "cat >>" + f.at("alerts")}
	if runtime.GOOS == "windows" {
		args = args[:4]
	}
	alerts := func() string {
		data, _ := os.ReadFile(f.at("alerts"))
		return string(data)
	}
	require.Equal(t, 0, f.check(t, args...).code)
	assert.Empty(t, alerts(), "a first run that is ready is no change")
	good := f.records(t)["acme"]
	require.NotNil(t, good.Past)

	f.serve(t, "acme", "role-lacks-permission")
	f.write(t)
	got := f.check(t, args...)
	require.Equal(t, 1, got.code, got.err)
	bad := f.records(t)["acme"]
	assert.Equal(t, "ready", bad.Past.Previous)
	assert.Equal(t, good.Past.LastReady, bad.Past.LastReady)
	require.NotNil(t, bad.Past.Changes)
	assert.Contains(t, fmt.Sprint(bad.Past.Changes.Changes), "directory:user:add")
	assert.Contains(t, got.out, "changed since it was ready: ")
	assert.Contains(t, got.out, strings.Split(bad.Past.Since, "T")[0])
	if runtime.GOOS != "windows" {
		var a fleet.Alert
		require.NoError(t, json.Unmarshal([]byte(alerts()), &a))
		require.Len(t, a.Changed, 1)
		assert.Equal(t, "acme", a.Changed[0].Org)
	}
	before := alerts()
	for range 4 {
		require.Equal(t, 1, f.check(t, args...).code)
	}
	last := f.records(t)["acme"]
	assert.Equal(t, bad.Past.Since, last.Past.Since, "the first run that was not ready is known, however many were pruned")
	assert.Equal(t, good.Past.LastReady, last.Past.LastReady)
	assert.NotEmpty(t, last.Past.Changes.Changes)
	assert.Equal(t, before, alerts(), "the same verdict is no change")
	files, err := os.ReadDir(f.at("history/acme"))
	require.NoError(t, err)
	assert.Len(t, files, 4, "two runs, the last ready one, and the first one after it")
	for _, file := range files {
		info, err := file.Info()
		require.NoError(t, err)
		if runtime.GOOS != "windows" {
			assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		}
		data, err := os.ReadFile(f.at("history/acme/" + file.Name()))
		require.NoError(t, err)
		_, _, err = evidence.Unpack(bytes.NewReader(data), int64(len(data)))
		require.NoError(t, err, "it is a bundle as scimlint capture writes one")
	}
	files, err = os.ReadDir(f.at("history/steady"))
	require.NoError(t, err)
	assert.Len(t, files, 2)
}

// TestFleetHistoryThatIsBroken: what a crash or a full disk left is said, and changes no
// verdict.
func TestFleetHistoryThatIsBroken(t *testing.T) {
	f := newTestFleet(t, map[string]string{"acme": "ready-least-privileged"})
	require.Equal(t, 0, f.check(t, "--history", f.at("h")).code)
	require.Equal(t, 0, f.check(t, "--history", f.at("h")).code)
	files, err := filepath.Glob(f.at("h/acme/*-ready.scimlint"))
	require.NoError(t, err)
	require.Len(t, files, 2)
	require.NoError(t, os.Truncate(files[1], 100))
	require.NoError(t, os.WriteFile(f.at("h/acme/.scimlint-123"), []byte("half"), 0o600))
	f.serve(t, "acme", "role-lacks-permission")
	f.write(t)
	got := f.check(t, "--history", f.at("h"))
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.err, filepath.Base(files[1])+" is not compared with: ")
	assert.NotEmpty(t, f.records(t)["acme"].Past.Changes.Changes, "the one before is compared with")

	require.NoError(t, os.RemoveAll(f.at("h")))
	require.NoError(t, os.MkdirAll(f.at("h"), 0o700))
	require.NoError(t, os.WriteFile(f.at("h/acme"), nil, 0o600))
	got = f.check(t, "--history", f.at("h"))
	assert.Equal(t, 1, got.code, "the verdict is the org's")
	assert.Contains(t, got.err, "org acme: history: ")
}

// TestFleetOneOrgsFailureIsItsOwn: what is wrong with some orgs keeps no other from its
// report.
func TestFleetOneOrgsFailureIsItsOwn(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the commands are those of Unix")
	}
	f := newTestFleet(t, map[string]string{"good": "ready-admin", "unset": "ready-admin", "two-lines": "ready-admin", "failing": "ready-admin", "unfiled": "ready-admin", "known": "ready-admin", "silent": "ready-admin"})
	f.orgs["unset"]["secret"] = map[string]any{"env": "NOT_SET"}
	f.orgs["two-lines"]["secret"] = map[string]any{"command": []string{"printf", "hunter2\nhunter2\n"}}
	f.orgs["failing"]["secret"] = map[string]any{"command": []string{"sh", "-c", "echo hunter2 >&2; exit 9"}}
	f.orgs["unfiled"]["secret"] = map[string]any{"file": f.at("nowhere")}
	f.orgs["known"]["baseline"] = f.at("no-baseline")
	silent, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = silent.Close() }()
	f.orgs["silent"]["apiUrl"], f.orgs["silent"]["loginUrl"], f.orgs["silent"]["timeout"] = "http://"+silent.Addr().String(), "http://"+silent.Addr().String(), "300ms"
	f.write(t)
	got := f.check(t, "--history", f.at("h"))
	assert.Equal(t, 2, got.code)
	records := f.records(t)
	require.Len(t, records, 7)
	assert.Equal(t, "ready", records["good"].Verdict())
	assert.Equal(t, "inconclusive", records["silent"].Verdict())
	assert.Equal(t, "network-unreachable", records["silent"].Report.Causes[0].ID)
	for name, want := range map[string]string{"unset": "NOT_SET is empty or not set", "two-lines": "more than one line", "failing": "exit code 9", "unfiled": "cannot be read: no such file", "known": "baseline"} {
		assert.Contains(t, records[name].Error, want)
		assert.Regexp(t, `✗ `+name+` +not checked .*`+regexp.QuoteMeta(want), got.out)
	}
	assert.NotContains(t, got.out+got.err, "hunter2")
	files, err := filepath.Glob(f.at("h/unset/*-not-checked.txt"))
	require.NoError(t, err)
	assert.Len(t, files, 1)
}

// interruptAfter runs fleet check and interrupts it after so many orgs.
func (f *testFleet) interruptAfter(t *testing.T, orgs int, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var out bytes.Buffer
	errs := &stopper{after: orgs, stop: cancel}
	code := run(ctx, append([]string{"fleet", "check", f.list, "--records", f.at("fleet.ndjson"), "--parallel", "1"}, args...), stdio{strings.NewReader(""), &out, errs, func(k string) string { return f.env[k] }})
	return outcome{code, out.String(), errs.String()}
}

// stopper stops a run after so many lines.
type stopper struct {
	bytes.Buffer
	mu    sync.Mutex
	after int
	stop  func()
}

func (s *stopper) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.Buffer.Write(p)
	if bytes.Count(s.Bytes(), []byte("\n")) >= s.after {
		s.stop()
	}
	return n, err
}

func TestFleetInterruptAndResume(t *testing.T) {
	f := newTestFleet(t, mixed)
	got := f.interruptAfter(t, 2)
	assert.Equal(t, exitInterrupted, got.code)
	assert.Contains(t, got.err, "interrupted: 2 of 5 orgs are checked, and their records are in "+f.at("fleet.ndjson.part")+": go on with --resume")
	assert.Empty(t, got.out)
	first := recordsIn(t, f.at("fleet.ndjson.part"))
	require.Len(t, first, 2)
	part := scimlint(t, nil, "fleet", "report", f.at("fleet.ndjson.part"))
	assert.Contains(t, part.out, "3 of 5 orgs not in the records")
	assert.NotZero(t, part.code)

	got = f.check(t)
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.err, "go on with --resume, or remove it")
	got = f.check(t, "--resume")
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.out, "5 orgs: 2 not ready, 1 inconclusive, 2 ready")
	all := f.records(t)
	require.Len(t, all, 5)
	for name, r := range first {
		assert.Equal(t, r, all[name], "what was done is not done again")
	}
	assert.NoFileExists(t, f.at("fleet.ndjson.part"))

	got = f.check(t, "--resume")
	assert.Equal(t, 1, got.code, "nothing is left to resume: all orgs are checked")
	assert.Len(t, f.records(t), 5)
	f.interruptAfter(t, 2)
	f.serve(t, "new", "ready-admin")
	f.write(t)
	got = f.check(t, "--resume")
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.err, "is of another list, other labels or another shard: it is kept as ")
	assert.Len(t, f.records(t), 6)
}

func TestFleetUsage(t *testing.T) {
	f := newTestFleet(t, map[string]string{"good": "ready-admin"})
	done, bad := f.at("done.ndjson"), f.at("bad.yaml")
	require.Equal(t, 0, scimlint(t, f.env, "fleet", "check", f.list, "--records", done).code)
	require.NoError(t, os.WriteFile(bad, []byte("orgs:\n  - name: a\n    clientid: x\n"), 0o600))
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"no list":           {[]string{"check", f.at("nowhere.yaml")}, "scimlint fleet init writes one"},
		"a bad list":        {[]string{"check", bad}, "bad.yaml:3: org a: the key \"clientid\" does not exist: did you mean clientId?"},
		"no label":          {[]string{"check", f.list, "--label", "env=none"}, "no org has the labels"},
		"not a label":       {[]string{"check", f.list, "--label", "env"}, "key=value"},
		"parallel":          {[]string{"check", f.list, "--parallel", "0"}, "from 1 to 512"},
		"keep":              {[]string{"check", f.list, "--history", f.at("h"), "--keep", "0"}, "at least 1"},
		"shard":             {[]string{"check", f.list, "--shard", "4"}, "INDEX/COUNT"},
		"alert, no history": {[]string{"check", f.list, "--notify-command", "true"}, "--notify-command needs --history"},
		"format":            {[]string{"check", f.list, "-o", "markdown"}, "unknown format"},
		"records over list": {[]string{"check", f.list, "--records", f.list}, "name another file"},
		"output over list":  {[]string{"check", f.list, "-o", "html=" + f.list}, "name another file"},
		"no folder":         {[]string{"check", f.list, "--records", f.at("x/y")}, "records: "},
		"nothing to report": {[]string{"report"}, "scimlint fleet report fleet.ndjson"},
		"a label of none":   {[]string{"report", done, "--label", "env=nope"}, "no org has the labels"},
		"resume within":     {[]string{"check", f.list, "--resume-within", "0s"}, "as in 12h"},
		"over the part":     {[]string{"check", f.list, "--records", f.at("r"), "-o", "text=" + f.at("r.part")}, "give each its own"},
		"a file of no run":  {[]string{"report", f.list}, "no records of a run"},
		"an empty folder":   {[]string{"report", f.dir}, "no files of shards"},
		"over the records":  {[]string{"report", bad, "-o", "html=" + bad}, "name another file"},
	} {
		got := scimlint(t, f.env, append([]string{"fleet"}, tc.args...)...)
		assert.Equal(t, exitUsage, got.code, name)
		assert.Contains(t, got.err, tc.want, name)
		assert.Empty(t, got.out, name)
	}
}

func TestAFoundFleetMayNotRunCommands(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("fleet.yaml", []byte("orgs:\n  - {name: a, clientId: c, region: eu-west-1, secret: {command: [touch, ran]}}\n"), 0o600))
	got := scimlint(t, nil, "fleet", "check")
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.err, "runs no command")
	assert.NoFileExists(t, "ran")
}

func TestAnAlertThatFails(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the command is one of a Unix shell")
	}
	f := newTestFleet(t, map[string]string{"acme": "role-lacks-permission"})
	require.Equal(t, 1, f.check(t, "--history", f.at("h")).code)
	f.serve(t, "acme", "ready-admin")
	f.write(t)
	got := f.check(t, "--history", f.at("h"), "--notify-command", "exit 3")
	assert.Equal(t, exitUsage, got.code, "nobody would miss the alert")
	assert.Contains(t, got.err, "the alert was not sent")
	assert.Contains(t, got.out, "1 org: 1 ready")
}

func TestFleetInit(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	env := map[string]string{envRegion: "eu-west-1", envClientID: "11111111-1111-4111-8111-111111111111", envSecret: "s3cret-s3cret"}
	got := scimlint(t, env, "fleet", "init", at("one.yaml"))
	require.Equal(t, 0, got.code, got.err)
	l, err := fleet.Load(at("one.yaml"), true)
	require.NoError(t, err)
	org := func(i int) fleet.Org {
		o, err := l.Org(i)
		require.NoError(t, err)
		return o
	}
	assert.Equal(t, envSecret, org(0).Secret.Env)
	written, err := os.ReadFile(at("one.yaml"))
	require.NoError(t, err)
	assert.NotContains(t, string(written), `file: ""`, "only what is said is written")
	require.Equal(t, 0, scimlint(t, env, "fleet", "init", at("own.yaml"), "--secret-env", "MY_{ORG}").code)
	l, err = fleet.Load(at("own.yaml"), true)
	require.NoError(t, err)
	assert.Equal(t, "MY_{ORG}", org(0).Secret.Env)
	got = scimlint(t, env, "fleet", "init", at("two.yaml"), "--secret-env", "hunter2 hunter2")
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.err, "--secret-env is not the name of a variable")
	assert.NotContains(t, got.err, "hunter2")
	assert.NoFileExists(t, at("two.yaml"))
	got = scimlint(t, env, "fleet", "init", at("one.yaml"))
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.err, "--force")

	require.NoError(t, os.WriteFile(at("orgs.csv"), []byte("\ufeffname,region,clientId,env,Team\r\nacme-prod,eu-west-1,c1,prod,\"a, b\"\r\nacme-test,mypurecloud.com,c2,test,\r\n"), 0o600))
	got = scimlint(t, nil, "fleet", "init", at("many.yaml"), "--from", at("orgs.csv"), "--secret-env", "GC_{ORG}")
	require.Equal(t, 0, got.code, got.err)
	l, err = fleet.Load(at("many.yaml"), true)
	require.NoError(t, err)
	require.Equal(t, 2, l.Len())
	assert.Equal(t, map[string]string{"env": "prod", "Team": "a, b"}, org(0).Labels)
	assert.Equal(t, "GC_{ORG}", org(1).Secret.Env)

	for text, want := range map[string]string{
		"":                       "empty",
		"name,region\n":          "no column clientId",
		"name,region,clientId\n": "no orgs below its first line",
		"name,region,clientId,secret\na,eu-west-1,c,hunter2\n":     `the column "secret" has secrets`,
		"name,region,clientId\na,eu-west-1\n":                      "line 2: wrong number of fields",
		"name,region,clientId\na,eu-west-9,c\n":                    "orgs.csv:2: org a: unknown region",
		"name,region,clientId\na b,eu-west-1,c\n":                  "orgs.csv:2: the name of this org",
		"name,region,clientId\na,eu-west-1,\n":                     "orgs.csv:2: org a: clientId is missing",
		"name,region,clientId\na,eu-west-1,c\nA,eu-west-1,d\n":     "orgs.csv:3: two orgs are named A (the other is in line 2)",
		"name,region,clientId\na-b,eu-west-1,c\na_b,eu-west-1,d\n": "orgs.csv:3: the secrets of a-b and a_b would be in one variable, GENESYS_SECRET_A_B",
		"name,region,clientId,pwd\na,eu-west-1,c,hunter2\n":        `the column "pwd" has secrets`,
		"name,region,clientId,a b\n":                               "column 4 has no name",
		"name,region,clientId,env,Env\n":                           "two columns are named",
	} {
		require.NoError(t, os.WriteFile(at("orgs.csv"), []byte(text), 0o600))
		got = scimlint(t, nil, "fleet", "init", at("x.yaml"), "--from", at("orgs.csv"))
		assert.Equal(t, exitUsage, got.code, text)
		assert.Contains(t, got.err, want, text)
		assert.NotContains(t, got.err, "hunter2")
		assert.NoFileExists(t, at("x.yaml"))
	}
	got = scimlint(t, nil, "fleet", "init", at("x.yaml"))
	assert.Contains(t, got.err, "GENESYSCLOUD_REGION")
}

// TestFleetSchema holds docs/fleet.schema.json against what the program reads and writes.
func TestFleetSchema(t *testing.T) {
	schema := validator(t, "../../docs/fleet.schema.json")
	valid := func(text string) error {
		var v any
		require.NoError(t, yaml.Unmarshal([]byte(text), &v))
		data, err := json.Marshal(v)
		require.NoError(t, err)
		parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		require.NoError(t, err)
		return schema.Validate(parsed)
	}
	read := func(text string) error {
		l, err := fleet.Load(configured(t, text), false)
		if err == nil {
			l.Close()
		}
		return err
	}
	f := newTestFleet(t, mixed)
	data, err := os.ReadFile(f.list)
	require.NoError(t, err)
	require.NoError(t, valid(string(data)))
	require.Error(t, valid("orgs:\n  - {name: a, clientId: c, clientSecret: x}\n"))
	require.Error(t, valid("orgs:\n  - {name: a b, clientId: c}\n"))
	for _, entry := range []string{"labels: {tier: 1, on: true}", "labels: {tier: ~}", "labels: ~", "usage: 3", "usage: 1.5", `usage: "5"`, "usage: 91", "changes: 15", "requirements: {replace: true}", `requirements: {replace: "yes"}`,
		"need: [create, update]", "need: [CREATE]", `need: ["create,read"]`, "need: [auto]", "need: [auto, create]", "need: create", "need: [~]", `probe: ""`, "probe: ~", "probe: read", "probe: write", `tokenUse: ""`, `failOn: ""`, "failOn: warn",
		`clientId: ""`, "clientId: 5", "expectOrg: 5", "timeout: 90s", "timeout: 1m30s", "timeout: abc", `timeout: ""`, "timeout: -1s", "timeout: 60", "secret: {env: A}", `secret: {env: A, file: ""}`, "secret: {env: A, command: []}",
		"secret: {}", "secret: ~", `secret: {command: [""]}`, "secret: {command: [vault, 1]}", "secret: {env: a-b}", "division: [Sales, 1]", "division: Sales", `division: [""]`, "severity: {scim-user-create: warn}", "severity: {scim-user-create: loud}", "nothing: 1"} {
		for _, text := range []string{"orgs:\n  - {name: a, region: eu-west-1, clientId: c, secret: {env: S}}\n  - {name: b, region: eu-west-1, clientId: c, secret: {env: S}, " + entry + "}\n",
			"defaults: {" + entry + "}\norgs:\n  - {name: a, region: eu-west-1, clientId: c, secret: {env: S}}\n"} {
			// What an entry says twice is no matter of the schema.
			text = strings.Replace(text, "clientId: c, secret: {env: S}, clientId", "secret: {env: S}, clientId", 1)
			text = strings.Replace(text, "secret: {env: S}, secret", "secret", 1)
			assert.Equal(t, read(text) == nil, valid(text) == nil, "%s: %v, by the schema %v", text, read(text), valid(text))
		}
	}
	for _, text := range []string{"version: 1\n", "orgs: []\n", "orgs:\n", "version: \"1\"\norgs:\n- {name: a, region: eu-west-1, clientId: c, secret: {env: S}}\n", "orgs:\n- {name: 1, region: eu-west-1, clientId: c, secret: {env: S}}\n",
		"checks: [{id: mine, title: t, message: m, fix: text, expression: 'true'}]\norgs:\n- {name: a, region: eu-west-1, clientId: c, secret: {env: S}}\n",
		"checks: [{id: mine, title: t, message: m, fix: {text: f}, expression: 'true'}]\norgs:\n- {name: a, region: eu-west-1, clientId: c, secret: {env: S}}\n"} {
		if text != "version: 1\n" { // a part may have only defaults
			assert.Equal(t, read(text) == nil, valid(text) == nil, "%q: %v, by the schema %v", text, read(text), valid(text))
		}
	}
	var parsed struct {
		Defs map[string]struct {
			Properties map[string]any
		} `json:"$defs"`
	}
	text, err := os.ReadFile("../../docs/fleet.schema.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &parsed))
	encoded, err := yaml.Marshal(fleet.Settings{})
	require.NoError(t, err)
	var keys map[string]any
	require.NoError(t, yaml.Unmarshal(encoded, &keys))
	assert.ElementsMatch(t, slices.Collect(maps.Keys(keys)), slices.Collect(maps.Keys(parsed.Defs["settings"].Properties)), "the schema has every key")
	page, err := os.ReadFile("../../docs/fleet.md")
	require.NoError(t, err)
	for key := range keys {
		assert.Contains(t, string(page), "`"+key+"`", "docs/fleet.md has every key")
	}
}
