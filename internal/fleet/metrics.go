package fleet

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/scimlint/scimlint/pkg/results"
)

// writeMetrics writes gauges. The text is OpenMetrics and also the text form of Prometheus,
// which the textfile collector of the node exporter reads. Families are written one after
// the other, so all samples are made in one pass over the records.
func writeMetrics(w io.Writer, f *Fleet) error {
	m := &metrics{}
	for _, v := range []string{string(results.Ready), string(results.NotReady), string(results.Inconclusive), NotChecked} {
		m.add("scimlint_fleet_orgs", float64(f.Counts()[v]), "verdict", v)
	}
	m.add("scimlint_fleet_missing_orgs", float64(max(0, f.Expected-len(f.Rows)))*float64(min(1, len(f.Missing))))
	rows := f.byName()
	for _, row := range rows {
		r, err := f.Record(row)
		if err != nil {
			return err
		}
		m.org(row, r)
	}
	return m.write(w)
}

// families are the metrics in the order in which they are written.
var families = []struct{ name, help string }{
	{"scimlint_fleet_orgs", "Orgs by verdict."},
	{"scimlint_fleet_missing_orgs", "Orgs of the list that are not in the records."},
	{"scimlint_ready", "1 where the org is ready, 0 where it is not or where that is unknown."},
	{"scimlint_verdict", "1 for the verdict of the org."},
	{"scimlint_exit_code", "What scimlint check would end with."},
	{"scimlint_cause", "1 for each cause that was found; first is true for the one to fix first."},
	{"scimlint_checks", "Checks of the org by status."},
	{"scimlint_check_duration_seconds", "How long the check of the org lasted."},
	{"scimlint_last_check_timestamp_seconds", "When the check of the org began."},
	{"scimlint_last_success_timestamp_seconds", "When the org was last ready; without a history, only where it is ready now."},
	{"scimlint_not_ready_since_timestamp_seconds", "The first run of the unbroken series that is not ready; only with a history."},
	{"scimlint_token_expiry_timestamp_seconds", "When the token expires that the org gave to this check."},
	{"scimlint_org_labels", "1, with the labels of the org."},
}

// metrics are samples by the name of their family.
type metrics struct{ samples map[string]*bytes.Buffer }

// add adds a sample; labels are names and values in turn.
func (m *metrics) add(name string, value float64, labels ...string) {
	if m.samples == nil {
		m.samples = map[string]*bytes.Buffer{}
	}
	if m.samples[name] == nil {
		m.samples[name] = &bytes.Buffer{}
	}
	out := m.samples[name]
	out.WriteString(name)
	for i := 0; i+1 < len(labels); i += 2 {
		before := ","
		if i == 0 {
			before = "{"
		}
		_, _ = fmt.Fprintf(out, `%s%s="%s"`, before, labels[i], escapeLabel(labels[i+1]))
	}
	if len(labels) > 0 {
		out.WriteByte('}')
	}
	out.WriteString(" " + strconv.FormatFloat(value, 'f', -1, 64) + "\n")
}

// time adds a time, where there is one.
func (m *metrics) time(name, at string, labels ...string) {
	if t, err := time.Parse(time.RFC3339, at); err == nil {
		m.add(name, float64(t.Unix()), labels...)
	}
}

func (m *metrics) org(row Row, r Record) {
	org := []string{"org", row.Org}
	ready := 0.0
	if row.Verdict == string(results.Ready) {
		ready = 1
	}
	m.add("scimlint_ready", ready, org...)
	m.add("scimlint_verdict", 1, "org", row.Org, "verdict", row.Verdict)
	m.add("scimlint_exit_code", float64(row.ExitCode), org...)
	m.add("scimlint_check_duration_seconds", float64(r.DurationMs)/1000, org...)
	m.time("scimlint_last_check_timestamp_seconds", r.Started, org...)
	success := ""
	if r.Past != nil {
		success = r.Past.LastReady
		m.time("scimlint_not_ready_since_timestamp_seconds", r.Past.Since, org...)
	} else if ready == 1 {
		success = r.Started
	}
	m.time("scimlint_last_success_timestamp_seconds", success, org...)
	m.time("scimlint_token_expiry_timestamp_seconds", r.TokenExpires, org...)
	m.labels(row)
	if r.Report == nil {
		return
	}
	for i, c := range r.Report.Causes {
		m.add("scimlint_cause", 1, "org", row.Org, "cause", c.ID, "first", strconv.FormatBool(i == 0))
	}
	count := map[results.Status]int{}
	for _, c := range r.Report.Checks {
		count[c.Status]++
	}
	for _, s := range []results.Status{results.Pass, results.Warn, results.Fail, results.Unknown, results.Skip} {
		m.add("scimlint_checks", float64(count[s]), "org", row.Org, "status", string(s))
	}
}

var notOfLabel = regexp.MustCompile(`[^a-zA-Z0-9_]`)

// labels are the org's, each with the prefix label_; of two that have the same name then,
// the first counts.
func (m *metrics) labels(row Row) {
	list := []string{"org", row.Org, "region", row.Region}
	used := map[string]bool{}
	for _, key := range sortedKeys(row.Labels) {
		name := "label_" + notOfLabel.ReplaceAllString(key, "_")
		if !used[name] {
			used[name] = true
			list = append(list, name, row.Labels[key])
		}
	}
	m.add("scimlint_org_labels", 1, list...)
}

// escapeLabel escapes the value of a label.
func escapeLabel(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(strings.ToValidUTF8(s, "?"))
}

func (m *metrics) write(w io.Writer) error {
	for _, f := range families {
		samples := m.samples[f.name]
		if samples == nil {
			continue
		}
		if _, err := fmt.Fprintf(w, "# TYPE %s gauge\n# HELP %s %s\n", f.name, f.name, f.help); err != nil {
			return err
		}
		if _, err := samples.WriteTo(w); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, "# EOF\n")
	return err
}
