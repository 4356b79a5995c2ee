package fleet

import (
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/results"
)

// writeMetrics writes gauges. The text is OpenMetrics and also the text form of Prometheus,
// which the textfile collector of the node exporter reads. Families are written one after
// the other, from the rows.
func writeMetrics(w io.Writer, f *Fleet) error {
	rows := f.byName()
	m := &metrics{w: w}
	counts := f.Counts()
	m.family("scimlint_fleet_orgs", "Orgs by verdict.")
	for _, v := range []string{string(results.Ready), string(results.NotReady), string(results.Inconclusive), NotChecked} {
		m.sample(float64(counts[v]), "verdict", v)
	}
	m.family("scimlint_fleet_missing_orgs", "Orgs of the list that are not in the records.")
	m.sample(float64(f.Lacking))
	for _, family := range families {
		m.family(family.name, family.help)
		err := f.eachOf(rows, func(row Row) error {
			family.of(m, row)
			return m.err
		})
		if err != nil {
			return err
		}
	}
	m.print("# EOF\n")
	return m.err
}

// families are the metrics of each org, in the order in which they are written.
var families = []struct {
	name, help string
	of         func(m *metrics, r Row)
}{
	{"scimlint_ready", "1 where the org is ready, 0 where it is not or where that is unknown.", func(m *metrics, r Row) {
		ready := 0.0
		if r.Verdict == string(results.Ready) {
			ready = 1
		}
		m.sample(ready, "org", r.Org)
	}},
	{"scimlint_verdict", "1 for the verdict of the org.", func(m *metrics, r Row) { m.sample(1, "org", r.Org, "verdict", r.Verdict) }},
	{"scimlint_exit_code", "What scimlint check would end with.", func(m *metrics, r Row) { m.sample(float64(r.ExitCode), "org", r.Org) }},
	{"scimlint_cause", "1 for each cause that was found; first is true for the one to fix first.", func(m *metrics, r Row) {
		for i, id := range r.Causes {
			m.sample(1, "org", r.Org, "cause", id, "first", strconv.FormatBool(i == 0))
		}
	}},
	{"scimlint_checks", "Checks of the org by status.", func(m *metrics, r Row) {
		for i, s := range statuses {
			if r.Verdict != NotChecked {
				m.sample(float64(r.Checks[i]), "org", r.Org, "status", string(s))
			}
		}
	}},
	{"scimlint_check_duration_seconds", "How long the check of the org lasted.", func(m *metrics, r Row) { m.sample(float64(r.DurationMs)/1000, "org", r.Org) }},
	{"scimlint_last_check_timestamp_seconds", "When the check of the org began.", func(m *metrics, r Row) { m.time(r.Started, "org", r.Org) }},
	{"scimlint_last_success_timestamp_seconds", "When the org was last ready; without a history, only where it is ready now.", func(m *metrics, r Row) { m.time(r.LastReady, "org", r.Org) }},
	{"scimlint_not_ready_since_timestamp_seconds", "The first run of the unbroken series that is not ready; only with a history.", func(m *metrics, r Row) { m.time(r.Since, "org", r.Org) }},
	{"scimlint_token_expiry_timestamp_seconds", "When the token expires that the org gave to this check.", func(m *metrics, r Row) { m.time(r.TokenExpires, "org", r.Org) }},
	{"scimlint_org_labels", "1, with the labels of the org.", func(m *metrics, r Row) { m.labels(r) }},
}

// statuses are those that checks are counted by.
var statuses = [...]results.Status{results.Pass, results.Warn, results.Fail, results.Unknown, results.Skip}

// metrics writes samples of one family after the other.
type metrics struct {
	w    io.Writer
	name string
	err  error
}

func (m *metrics) print(text string) {
	if m.err == nil {
		_, m.err = io.WriteString(m.w, text)
	}
}

func (m *metrics) family(name, help string) {
	m.name = name
	m.print("# TYPE " + name + " gauge\n# HELP " + name + " " + help + "\n")
}

// sample writes a sample; labels are names and values in turn.
func (m *metrics) sample(value float64, labels ...string) {
	var pairs []string
	for i := 0; i+1 < len(labels); i += 2 {
		pairs = append(pairs, labels[i]+`="`+escapeLabel(labels[i+1])+`"`)
	}
	text := m.name
	if len(pairs) > 0 {
		text += "{" + strings.Join(pairs, ",") + "}"
	}
	m.print(text + " " + strconv.FormatFloat(value, 'f', -1, 64) + "\n")
}

// time writes a time, where there is one.
func (m *metrics) time(at string, labels ...string) {
	if t, err := time.Parse(time.RFC3339, at); err == nil {
		m.sample(float64(t.Unix()), labels...)
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
	m.sample(1, list...)
}

// inertLines is a text without what would move a terminal's cursor, but with its lines.
func inertLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = report.Inert(lines[i])
	}
	return strings.Join(lines, "\n")
}

// escapeLabel escapes the value of a label.
func escapeLabel(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(inertLines(strings.ToValidUTF8(s, "?")))
}
