package fleet

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/results"
)

// sample is a fleet with an org of each kind.
func sample(t *testing.T) *Fleet {
	t.Helper()
	changed := record("acme-prod", results.NotReady)
	changed.Past = &Past{Previous: "ready", LastReady: "2026-11-26T10:00:00Z", Since: "2026-11-27T10:00:00Z",
		Changes: &results.Difference{Changes: []results.Change{{Kind: "grant", Name: "SCIM Integration in Home", Left: "granted"}, {Kind: "client", Name: "state", Left: "active", Right: "inactive"}, {Kind: "a", Name: "b", Right: "c"}}}}
	ready := record("zeta", results.Ready)
	ready.Labels = map[string]string{"env": "te\"st\n\\", "a.b": "1", "a-b": "2"}
	ready.Past = &Past{Previous: "ready", LastReady: "2026-11-27T10:00:00Z"}
	broken := Record{Kind: kindOrg, Org: "broken", Region: "eu-west-1", Started: "2026-11-27T10:00:00Z", Error: "secret: the file <x> is empty"}
	f, _, err := Open([]string{writeRecords(t, filepath.Join(t.TempDir(), "r"), header(4, Shard{0, 1}), false, ready, broken, record("open", results.Inconclusive), changed)})
	require.NoError(t, err)
	t.Cleanup(f.Close)
	return f
}

func written(t *testing.T, f *Fleet, format string) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, Write(&out, format, f, report.Options{}))
	return out.String()
}

func TestTheTable(t *testing.T) {
	assert.Equal(t, `✗ 4 orgs: 1 not ready, 1 not checked, 1 inconclusive, 1 ready
  Checked at 2026-11-27T10:00:00Z.

  Org        Verdict       Cause                  Since       Fix
✗ acme-prod  not ready     role-lacks-permission  2026-11-27  Add directory:user:add
    changed since it was ready: grant SCIM Integration in Home: granted → absent; client state: active → inactive; and 1 more
✗ broken     not checked                                      secret: the file <x> is empty
? open       inconclusive                                     OAuth client "x" inconclusive
✓ zeta       ready
`, written(t, sample(t), "text"))
}

func TestMetrics(t *testing.T) {
	text := written(t, sample(t), "openmetrics")
	assert.True(t, strings.HasSuffix(text, "\n# EOF\n"))
	var parser expfmt.TextParser
	list, err := parser.TextToMetricFamilies(strings.NewReader(text))
	require.NoError(t, err)
	value := func(name string, labels ...string) (float64, bool) {
		for _, m := range list[name].GetMetric() {
			have := map[string]string{}
			for _, l := range m.GetLabel() {
				have[l.GetName()] = l.GetValue()
			}
			fits := true
			for i := 0; i < len(labels); i += 2 {
				fits = fits && have[labels[i]] == labels[i+1]
			}
			if fits {
				return m.GetGauge().GetValue(), true
			}
		}
		return 0, false
	}
	for _, tc := range []struct {
		want   float64
		name   string
		labels []string
	}{
		{1, "scimlint_ready", []string{"org", "zeta"}},
		{0, "scimlint_ready", []string{"org", "acme-prod"}},
		{0, "scimlint_ready", []string{"org", "broken"}},
		{1, "scimlint_cause", []string{"org", "acme-prod", "cause", "role-lacks-permission", "first", "true"}},
		{1, "scimlint_checks", []string{"org", "acme-prod", "status", "fail"}},
		{0.25, "scimlint_check_duration_seconds", []string{"org", "zeta"}},
		{2, "scimlint_exit_code", []string{"org", "broken"}},
		{1, "scimlint_fleet_orgs", []string{"verdict", "not-ready"}},
		{0, "scimlint_fleet_missing_orgs", nil},
		{1795860000, "scimlint_token_expiry_timestamp_seconds", []string{"org", "zeta"}},
		{1795687200, "scimlint_last_success_timestamp_seconds", []string{"org", "acme-prod"}},
		{1795773600, "scimlint_not_ready_since_timestamp_seconds", []string{"org", "acme-prod"}},
		{1, "scimlint_org_labels", []string{"org", "zeta", "label_env", "te\"st\n\\", "label_a_b", "2"}},
	} {
		got, ok := value(tc.name, tc.labels...)
		assert.True(t, ok, "%s %v", tc.name, tc.labels)
		assert.InDelta(t, tc.want, got, 0.001, "%s %v", tc.name, tc.labels)
	}
	_, ok := value("scimlint_last_success_timestamp_seconds", "org", "open")
	assert.False(t, ok, "what is not known is left out")
	for _, f := range families {
		assert.NotEmpty(t, list[f.name].GetMetric(), "%s is in the sample", f.name)
	}
}

func TestJUnitHasASuiteForEachOrg(t *testing.T) {
	var all struct {
		Suites []struct {
			Name      string `xml:"name,attr"`
			Failures  int    `xml:"failures,attr"`
			Errors    int    `xml:"errors,attr"`
			Testcases []struct {
				Failure struct {
					Data string `xml:",chardata"`
				} `xml:"failure"`
				Error struct {
					Message string `xml:"message,attr"`
				} `xml:"error"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	require.NoError(t, xml.Unmarshal([]byte(written(t, sample(t), "junit")), &all))
	require.Len(t, all.Suites, 4)
	acme, broken, zeta := all.Suites[0], all.Suites[1], all.Suites[3]
	assert.Equal(t, "acme-prod", acme.Name)
	assert.Equal(t, 2, acme.Failures, "a check and an operation")
	assert.Contains(t, acme.Testcases[0].Failure.Data, "<script>alert(1)</script>")
	assert.Equal(t, 1, broken.Errors)
	assert.Contains(t, broken.Testcases[0].Error.Message, "the file <x> is empty")
	assert.Zero(t, zeta.Failures+zeta.Errors)
}

func TestSARIFHasARunForEachOrg(t *testing.T) {
	var log struct {
		Version string
		Runs    []struct {
			AutomationDetails struct{ ID string }
			Results           []struct{ RuleID string }
			Invocations       []struct {
				ExecutionSuccessful        bool
				ExitCode                   int
				ToolExecutionNotifications []struct{ Message struct{ Text string } }
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(written(t, sample(t), "sarif")), &log))
	require.Len(t, log.Runs, 4)
	assert.Equal(t, "scimlint/fleet/acme-prod/", log.Runs[0].AutomationDetails.ID)
	assert.Equal(t, "client-may-create", log.Runs[0].Results[0].RuleID)
	assert.False(t, log.Runs[1].Invocations[0].ExecutionSuccessful)
	assert.Contains(t, log.Runs[1].Invocations[0].ToolExecutionNotifications[0].Message.Text, "is empty")
	assert.Equal(t, 3, log.Runs[2].Invocations[0].ExitCode)
	assert.Empty(t, log.Runs[3].Results)
}

func TestThePage(t *testing.T) {
	page := written(t, sample(t), "html")
	assert.Equal(t, 1, strings.Count(page, "<script>"), "only the page's own script")
	assert.Contains(t, page, "&lt;script&gt;alert(1)&lt;/script&gt;")
	assert.Contains(t, page, "default-src &#39;none&#39;")
	assert.NotRegexp(t, `(?i)<(link|img|iframe|object|embed|form action)|src=|url\(|@import|https?://`, page, "nothing is requested")
	assert.Contains(t, page, `<a href="#org-acme-prod">acme-prod</a>`)
	assert.Contains(t, page, `<div id="org-acme-prod">`)
	assert.Less(t, strings.Index(page, `data-org="acme-prod"`), strings.Index(page, `data-org="zeta"`), "the worst first")
	assert.Contains(t, page, "grant SCIM Integration in Home: granted → absent")
	assert.Contains(t, page, `<th scope="col">Create users</th>`)
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(`\bid="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		assert.False(t, ids[m[1]], "the id %s is there once", m[1])
		ids[m[1]] = true
	}
}

func TestAnAlert(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the command is one of a Unix shell")
	}
	a, err := NewAlert(sample(t))
	require.NoError(t, err)
	require.Len(t, a.Changed, 1)
	assert.Equal(t, "acme-prod", a.Changed[0].Org)
	assert.Equal(t, "ready", a.Changed[0].Previous)
	assert.Len(t, a.Changed[0].Changes, 3)
	assert.Equal(t, "scimlint: 1 org of 4 changed\nacme-prod: not ready (was ready), role-lacks-permission", a.Text)
	file := filepath.Join(t.TempDir(), "it's an alert")
	require.NoError(t, Notify(context.Background(), "cat >'"+strings.ReplaceAll(file, "'", `'\''`)+"'", a))
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	var back Alert
	require.NoError(t, json.Unmarshal(data, &back))
	assert.Equal(t, *a, back)
	require.ErrorContains(t, Notify(context.Background(), "exit 4", a), "exit code 4")
	require.NoError(t, Notify(context.Background(), "true", a), "a command need not read")
}
