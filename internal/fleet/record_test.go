package fleet

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/results"
)

// reportOf is a report as a check makes it, with a verdict.
func reportOf(v results.Verdict) *results.Report {
	r := &results.Report{SchemaVersion: "1", Verdict: v, Summary: "OAuth client \"x\" " + string(v), Taken: "2026-11-27T10:00:00Z", Causes: []results.Cause{}, Checks: []results.Check{},
		Tool: results.Tool{Name: "scimlint", Version: "1"}, Operations: []results.Operation{{ID: "scim-user-create", Title: "Create users", Method: "POST", Path: "/api/v2/scim/v2/users", Decision: results.DecisionAllowed}}}
	if v == results.NotReady {
		r.Operations[0].Decision = results.DecisionDenied
		r.Causes = append(r.Causes, results.Cause{ID: "role-lacks-permission", Title: "A role lacks a permission", Certainty: results.Confirmed, Proof: []results.Proof{{Text: "p"}}, Fix: results.Fix{Text: "Add directory:user:add"}})
		r.Checks = append(r.Checks, results.Check{ID: "client-may-create", Group: "G", Status: results.Fail, Message: "<script>alert(1)</script> & \"x\"", Required: true})
	}
	return r
}

func record(name string, v results.Verdict) Record {
	return Record{Kind: kindOrg, Org: name, Labels: map[string]string{"env": "prod"}, Region: "eu-west-1", Started: "2026-11-27T10:00:00Z", DurationMs: 250, TokenExpires: "2026-11-28T10:00:00Z", Report: reportOf(v)}
}

// always resumes, however old the records are.
const always = 100 * 365 * 24 * time.Hour

func header(orgs int, s Shard) Header {
	return Header{Kind: kindFleet, SchemaVersion: schemaVersion, Tool: results.Tool{Name: "scimlint", Version: "1", Catalogue: "c"}, List: "abc", Orgs: orgs, Shard: s}
}

// writeRecords writes a file of records as a run does; without its end where partial is set.
func writeRecords(t *testing.T, name string, h Header, partial bool, records ...Record) string {
	t.Helper()
	rec, _, _, err := begin(name, h, 0)
	require.NoError(t, err)
	for _, r := range records {
		require.NoError(t, rec.add(r))
	}
	if partial {
		require.NoError(t, rec.file.Close())
		return name + partSuffix
	}
	require.NoError(t, rec.finish())
	return name
}

// everyFormat is the result in all formats.
func everyFormat(t *testing.T, files ...string) string {
	t.Helper()
	f, warnings, err := Open(files)
	require.NoError(t, err)
	defer f.Close()
	require.Empty(t, warnings)
	var out bytes.Buffer
	for _, name := range Formats() {
		require.NoError(t, Write(&out, name, f, report.Options{}))
	}
	return out.String()
}

func fifty() []Record {
	var list []Record
	for i := range 50 {
		r := record(fmt.Sprintf("org-%02d", i), []results.Verdict{results.Ready, results.NotReady, results.Inconclusive}[i%3])
		r.DurationMs = int64(i)
		if i%7 == 0 {
			r.Report, r.Error = nil, "secret: the file x is empty"
		}
		list = append(list, r)
	}
	return list
}

func TestShardsMakeTheReportOfOneRun(t *testing.T) {
	list := fifty()
	dir := t.TempDir()
	whole := everyFormat(t, writeRecords(t, filepath.Join(dir, "whole"), header(50, Shard{0, 1}), false, list...))
	for _, count := range []int{1, 3, 64} {
		var files []string
		rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		for i := range count {
			s := Shard{i, count}
			var share []Record
			for _, r := range list {
				if s.Has(r.Org) {
					share = append(share, r)
				}
			}
			files = append(files, writeRecords(t, s.File(t.TempDir(), true), header(50, s), false, share...))
		}
		rand.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
		assert.Equal(t, whole, everyFormat(t, files...), "%d shards", count)
	}
}

func TestMergedRecordsAreRecords(t *testing.T) {
	dir := t.TempDir()
	one := writeRecords(t, filepath.Join(dir, "one"), header(50, Shard{0, 1}), false, fifty()...)
	f, _, err := Open([]string{one})
	require.NoError(t, err)
	defer f.Close()
	var out bytes.Buffer
	require.NoError(t, Write(&out, "ndjson", f, report.Options{}))
	again := filepath.Join(dir, "again")
	require.NoError(t, os.WriteFile(again, out.Bytes(), 0o600))
	assert.Equal(t, everyFormat(t, one), everyFormat(t, again))
}

// TestTheHashNeverChanges: shards of two versions of scimlint, and of two machines, make one
// report. The values are those of the published FNV-1a.
func TestTheHashNeverChanges(t *testing.T) {
	for name, want := range map[string]int{"a": 0xaf63dc4c8601ec8c % 16, "foobar": 0x85944171f73967e8 % 16} {
		assert.True(t, Shard{want, 16}.Has(name), name)
	}
	counts := make([]int, 16)
	for i := range 4000 {
		name := fmt.Sprintf("customer-%05d-prod", i)
		for s := range counts {
			if (Shard{s, 16}).Has(name) {
				counts[s]++
			}
		}
	}
	for _, n := range counts {
		assert.InDelta(t, 250, n, 60, "shards are about as large as each other")
	}
}

func TestParseShard(t *testing.T) {
	env := func(k string) string { return map[string]string{JobIndex: "3"}[k] }
	for text, want := range map[string]Shard{"": {0, 1}, "0/1": {0, 1}, "15/16": {15, 16}, "job/16": {3, 16}} {
		s, err := ParseShard(text, env)
		require.NoError(t, err, text)
		assert.Equal(t, want, s)
	}
	for text, want := range map[string]string{"16": "INDEX/COUNT", "16/16": "from 0 to 15", "-1/16": "from 0 to 15", "a/b": "INDEX/COUNT", "0/0": "INDEX/COUNT", "job/3": "from 0 to 2", "1/1000000": "at most 100000 shards"} {
		_, err := ParseShard(text, env)
		require.ErrorContains(t, err, want, text)
	}
	_, err := ParseShard("job/16", func(string) string { return "" })
	require.ErrorContains(t, err, "completionMode: Indexed")
	assert.Equal(t, filepath.Join("x", "shard-03-of-16.ndjson"), Shard{3, 16}.File("x", true))
}

// verdictsOnce are the verdicts by org, each of which has one row.
func verdictsOnce(t *testing.T, f *Fleet) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, f.eachRow(func(r Row) error {
		assert.NotContains(t, out, r.Org, "an org counts once")
		out[r.Org] = r.Verdict
		return nil
	}))
	return out
}

func TestWhatIsWrongWithShards(t *testing.T) {
	all := fifty()
	share := func(s Shard) (out []Record) {
		for _, r := range all {
			if s.Has(r.Org) {
				out = append(out, r)
			}
		}
		return out
	}
	dir := t.TempDir()
	file := func(name string, h Header, partial bool, list ...Record) string {
		return writeRecords(t, filepath.Join(dir, name), h, partial, list...)
	}
	zero, one := Shard{0, 2}, Shard{1, 2}
	a, b := file("a", header(50, zero), false, share(zero)...), file("b", header(50, one), false, share(one)...)
	newer := share(one)
	for i := range newer {
		newer[i].Started, newer[i].Report, newer[i].Error = "2026-11-28T10:00:00Z", reportOf(results.Ready), ""
	}
	again := file("again", header(50, one), true, newer[0], newer[1])
	other := header(50, one)
	other.List = "xyz"
	foreign := file("foreign", other, false, share(one)...)
	half := file("half", header(50, one), true, share(one)[:3]...)
	text, err := os.ReadFile(b)
	require.NoError(t, err)
	cut := filepath.Join(dir, "cut")
	require.NoError(t, os.WriteFile(cut, text[:len(text)-100], 0o600))
	broken := filepath.Join(dir, "broken")
	lines := strings.SplitAfter(string(text), "\n")
	lines[2] = "{\"kind\":\"org\"}\n"
	require.NoError(t, os.WriteFile(broken, []byte(strings.Join(lines, "")), 0o600))
	none := filepath.Join(dir, "none")
	require.NoError(t, os.WriteFile(none, []byte("{\"a\":1}\n"), 0o600))
	wrongShare := file("wrongshare", header(50, one), false, share(zero)...)

	n := len(share(one))
	for name, tc := range map[string]struct {
		files             []string
		rows              int
		warnings, missing []string
	}{
		"all":                   {[]string{a, b}, 50, nil, nil},
		"one is missing":        {[]string{a}, 50 - n, nil, []string{fmt.Sprintf("%d of 50 orgs not in the records", n), "missing of 2 shards: 1"}},
		"one was given twice":   {[]string{a, b, b}, 50, []string{"shard 1 of 2 is given twice"}, nil},
		"two runs of one":       {[]string{again, a, b}, 50, []string{"shard 1 of 2 is given twice"}, nil},
		"one is not complete":   {[]string{a, half}, 50 - n + 3, nil, []string{"not complete of 2 shards: 1"}},
		"one was cut":           {[]string{a, cut}, 50 - 1, []string{"cut:", "not written to its end"}, []string{"1 of 50 orgs", "not complete of 2 shards: 1"}},
		"a line is no record":   {[]string{a, broken}, 50 - 1, []string{"broken:3: this line is not a record"}, []string{"1 of 50 orgs"}},
		"one of another list":   {[]string{a, b, foreign}, 50, []string{"foreign is left out: it is of another list"}, nil},
		"no file of records":    {[]string{a, b, none}, 50, []string{"none is left out", "header"}, nil},
		"records of no concern": {[]string{a, wrongShare}, 50 - n, []string{"records of other shards left out"}, []string{"orgs not in the records"}},
	} {
		t.Run(name, func(t *testing.T) {
			f, warnings, err := Open(tc.files)
			require.NoError(t, err)
			defer f.Close()
			assert.Equal(t, tc.rows, f.Len())
			verdict := verdictsOnce(t, f)
			if name == "two runs of one" {
				assert.Equal(t, "ready", verdict[newer[0].Org], "the newest record counts")
				assert.Equal(t, "ready", verdict[newer[1].Org], "the newest record counts")
			}
			for _, want := range tc.warnings {
				assert.Contains(t, strings.Join(warnings, "\n"), want)
			}
			assert.Equal(t, len(tc.warnings) > 0, len(warnings) > 0)
			for _, want := range tc.missing {
				assert.Contains(t, strings.Join(f.Missing, "\n"), want)
			}
			assert.Equal(t, len(tc.missing) > 0, len(f.Missing) > 0)
		})
	}
	_, _, err = Open([]string{none})
	require.ErrorContains(t, err, "no records of a run")
	_, _, err = Open([]string{dir})
	require.ErrorContains(t, err, "not a file")
}

func TestMissingOrgsNeverPass(t *testing.T) {
	ready := record("a", results.Ready)
	f, _, err := Open([]string{writeRecords(t, filepath.Join(t.TempDir(), "r"), header(2, Shard{0, 1}), true, ready)})
	require.NoError(t, err)
	defer f.Close()
	assert.Equal(t, 3, f.ExitCode())
	var out bytes.Buffer
	for _, name := range []string{"text", "html", "junit", "openmetrics"} {
		out.Reset()
		require.NoError(t, Write(&out, name, f, report.Options{}))
		assert.Regexp(t, "1 of 2 orgs not in the records|missing_orgs 1", out.String(), name)
	}
}

func TestTheWorstOfAll(t *testing.T) {
	exit := func(list ...Record) int {
		f, _, err := Open([]string{writeRecords(t, filepath.Join(t.TempDir(), "r"), header(len(list), Shard{0, 1}), false, list...)})
		require.NoError(t, err)
		defer f.Close()
		return f.ExitCode()
	}
	broken := Record{Kind: kindOrg, Org: "z", Started: "2026-11-27T10:00:00Z", Error: "secret: x"}
	ready, not, open := record("a", results.Ready), record("b", results.NotReady), record("c", results.Inconclusive)
	assert.Equal(t, 0, exit(ready))
	assert.Equal(t, 3, exit(ready, open))
	assert.Equal(t, 2, exit(ready, open, broken))
	assert.Equal(t, 1, exit(broken, open, ready, not))
	known := record("d", results.NotReady)
	known.Report.Pipeline = &results.Pipeline{Passed: true}
	assert.Equal(t, 0, exit(ready, known), "the terms of the pipeline decide, as for one org")
}

func TestRecordsThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	_, _, _, err := begin(filepath.Join(dir, "nowhere", "r"), header(1, Shard{0, 1}), 0)
	require.ErrorContains(t, err, "nowhere")
	rec, err := newRecorder(filepath.Join(dir, "r"), header(3, Shard{0, 1}))
	require.NoError(t, err)
	require.NoError(t, rec.add(record("a", results.Ready)))
	full, err := os.Open(rec.file.Name()) // to which nothing can be written, as on a full disk
	require.NoError(t, err)
	writable := rec.file
	rec.file = full
	require.ErrorContains(t, rec.add(record("b", results.Ready)), "records cannot be written")
	rec.file = writable
	assert.Equal(t, 1, rec.orgs, "what was not written is not counted")
	require.NoError(t, writable.Close())
	again, done, _, err := begin(rec.name, header(3, Shard{0, 1}), always)
	require.NoError(t, err)
	assert.Equal(t, map[string]bool{"a": true}, done)
	require.NoError(t, again.file.Close())
}

// TestARunWithoutARecordIsNotInTheHistory: it is checked again, and would be the run before
// itself.
func TestARunWithoutARecordIsNotInTheHistory(t *testing.T) {
	l, err := load(t, partDefaults+"orgs:\n- {name: a, clientId: c}\n")
	require.NoError(t, err)
	h, err := NewHistory(t.TempDir(), 5)
	require.NoError(t, err)
	rec, err := newRecorder(filepath.Join(t.TempDir(), "r"), header(1, Shard{0, 1}))
	require.NoError(t, err)
	r := &runner{Options: Options{Say: func(string) {}}, rec: rec, checker: &checker{list: l, env: func(string) string { return "" }, history: h, now: time.Now, commandTimeout: time.Second}}
	writable := rec.file
	rec.file, err = os.Open(writable.Name()) // to which nothing can be written, as on a full disk
	require.NoError(t, err)
	r.one(context.Background(), org(t, l, 0), func() {})
	require.Error(t, r.broken)
	files := func() []os.DirEntry {
		list, err := os.ReadDir(filepath.Join(h.Dir, "a"))
		require.NoError(t, err)
		return list
	}
	assert.Empty(t, files())
	rec.file, r.broken = writable, nil
	r.one(context.Background(), org(t, l, 0), func() {})
	require.NoError(t, r.broken)
	assert.Len(t, files(), 1)
	require.NoError(t, rec.finish())
}

func TestRecordsGoToAFile(t *testing.T) {
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real"), filepath.Join(dir, "link")
	require.NoError(t, os.WriteFile(real, []byte("old"), 0o600))
	require.NoError(t, os.Symlink(real, link))
	writeRecords(t, link, header(1, Shard{0, 1}), false, record("a", results.Ready))
	text, err := os.ReadFile(real)
	require.NoError(t, err)
	assert.Contains(t, string(text), `"org":"a"`, "the file behind a link is replaced, and not the link")
	if name := pipe(t, dir); name != "" {
		_, _, _, err = begin(name, header(1, Shard{0, 1}), 0)
		require.ErrorContains(t, err, "is not a file")
		info, err := os.Lstat(name)
		require.NoError(t, err)
		assert.False(t, info.Mode().IsRegular(), "it is not replaced")
	}
}

func TestResumeGoesOnBehindTheLastWholeRecord(t *testing.T) {
	name := filepath.Join(t.TempDir(), "r")
	h := header(3, Shard{0, 1})
	part := writeRecords(t, name, h, true, record("a", results.Ready), record("b", results.NotReady))
	text, err := os.ReadFile(part)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(part, text[:len(text)-20], 0o600))
	_, _, _, err = begin(name, h, 0)
	require.ErrorContains(t, err, "go on with --resume, or remove it")
	rec, done, note, err := begin(name, h, always)
	require.NoError(t, err)
	assert.Empty(t, note)
	assert.Equal(t, map[string]bool{"a": true}, done)
	require.NoError(t, rec.add(record("b", results.Ready)))
	require.NoError(t, rec.add(record("c", results.Ready)))
	require.NoError(t, rec.finish())
	f, warnings, err := Open([]string{name})
	require.NoError(t, err)
	defer f.Close()
	assert.Empty(t, warnings)
	assert.Empty(t, f.Missing)
	assert.Equal(t, 3, f.Len())
	assert.NoFileExists(t, part)

	part = writeRecords(t, name, h, true, record("a", results.Ready), record("b", results.Ready), record("c", results.Ready))
	text, err = os.ReadFile(part)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(part, bytes.Replace(text, []byte(`{"kind":"org","org":"b"`), []byte(`{"kind":"org";"org":"b"`), 1), 0o600))
	rec, done, _, err = begin(name, h, always)
	require.NoError(t, err)
	assert.Equal(t, map[string]bool{"a": true}, done, "what is behind a damaged line is written again")
	require.NoError(t, rec.file.Close())
	require.NoError(t, os.Remove(part))

	part = writeRecords(t, name, h, true, record("a", results.Ready))
	rec, done, note, err = begin(name, h, time.Nanosecond)
	require.NoError(t, err)
	assert.Empty(t, done, "the verdicts of another day are not used")
	assert.Contains(t, note, "has records from before")
	assert.Contains(t, note, "kept as "+part+".old,")
	require.NoError(t, rec.file.Close())
	require.NoError(t, os.Remove(part))

	part = writeRecords(t, name, h, true, record("a", results.Ready))
	other := h
	other.List = "of another list"
	rec, done, note, err = begin(name, other, always)
	require.NoError(t, err)
	assert.Empty(t, done, "records of another list are not used")
	assert.Contains(t, note, "kept as "+part+".old.2,", "what was kept before stays")
	assert.FileExists(t, part+".old")
	require.NoError(t, rec.file.Close())
}

func TestTwoRunsDoNotWriteOneFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not replace a file that is open")
	}
	name := filepath.Join(t.TempDir(), "r")
	rec, err := newRecorder(name, header(1, Shard{0, 1}))
	require.NoError(t, err)
	_, _, _, err = begin(name, header(1, Shard{0, 1}), always)
	require.ErrorContains(t, err, "another run writes to")
	require.NoError(t, rec.file.Close())
	rec, _, _, err = begin(name, header(1, Shard{0, 1}), always)
	require.NoError(t, err)
	require.NoError(t, rec.file.Close())
}

// FuzzRecords: whatever a file has, it is read or refused.
func FuzzRecords(f *testing.F) {
	f.Add([]byte("{\"kind\":\"fleet\",\"schemaVersion\":\"1\",\"shard\":{\"index\":0,\"count\":1},\"orgs\":1}\n{\"kind\":\"org\",\"org\":\"a\",\"error\":\"x\"}\n{\"kind\":\"end\",\"orgs\":1}\n"))
	f.Add([]byte("{\"kind\":\"fleet\",\"schemaVersion\":\"1\",\"shard\":{\"index\":0,\"count\":0}}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		name := filepath.Join(t.TempDir(), "r")
		require.NoError(t, os.WriteFile(name, data, 0o600))
		fleet, _, err := Open([]string{name})
		if err != nil {
			return
		}
		defer fleet.Close()
		for _, form := range Formats() {
			require.NoError(t, Write(&bytes.Buffer{}, form, fleet, report.Options{}))
		}
	})
}
