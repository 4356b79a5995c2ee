package fleet

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/clipperhouse/displaywidth"

	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/results"
)

// verdictWords are the verdicts as people read them.
var verdictWords = map[string]string{string(results.Ready): "ready", string(results.NotReady): "not ready", string(results.Inconclusive): "inconclusive", NotChecked: "not checked"}

// marks are the keys of report's symbols and colours.
var marks = map[string]string{string(results.Ready): "ready", string(results.NotReady): "not-ready", string(results.Inconclusive): "inconclusive", NotChecked: "fail"}

// headline counts the orgs in one sentence.
func headline(f *Fleet) string {
	counts := f.Counts()
	var parts []string
	for _, v := range verdicts {
		if n := counts[v]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, verdictWords[v]))
		}
	}
	if len(parts) == 0 {
		return "no orgs"
	}
	return Count(f.Len(), "org") + ": " + strings.Join(parts, ", ")
}

// asTable writes a line for each org. Lines are as long as they are: one can search them.
func asTable(w io.Writer, f *Fleet, opts report.Options) error {
	opts.Width = 1 << 20
	table := &table{}
	var err error
	if table.period, err = period(f); err != nil {
		return err
	}
	// Two passes: the columns must be known before the first line.
	table.measure(tableHead)
	err = f.eachRow(func(r Row) error {
		table.measure(tableCells(r))
		return nil
	})
	if err != nil {
		return err
	}
	if err := report.TextFormat("text", table.head).Write(w, f, opts); err != nil {
		return err
	}
	return f.eachRow(func(r Row) error { return report.TextFormat("text", table.row).Write(w, r, opts) })
}

// period says when the orgs were checked: records of different runs may be in one folder.
func period(f *Fleet) (string, error) {
	from, to := "", ""
	err := f.eachRow(func(r Row) error {
		if from == "" || r.Started < from {
			from = r.Started
		}
		to = max(to, r.Started)
		return nil
	})
	switch from {
	case "":
		return "", err
	case to:
		return "Checked at " + from + ".", err
	}
	return "Checked from " + from + " to " + to + ".", err
}

// table is the table as text.
type table struct {
	period string
	width  [columns]int
}

// columns is how many cells a line has.
const columns = 5

var tableHead = [columns]string{"Org", "Verdict", "Cause", "Since", "Fix"}

func tableCells(r Row) [columns]string {
	return [columns]string{r.Org, verdictWords[r.Verdict], r.Cause, day(r.Since), tail(r)}
}

// measure makes the columns wide enough for a line.
func (b *table) measure(cells [columns]string) {
	for i, c := range cells {
		b.width[i] = max(b.width[i], displaywidth.String(c))
	}
}

// head writes what is before the first row.
func (b *table) head(t *report.Text, f *Fleet) {
	worst := cmp.Or(f.Worst(), string(results.Ready))
	if len(f.Missing) > 0 && worst == string(results.Ready) {
		worst = string(results.Inconclusive)
	}
	t.Line(t.Mark(marks[worst])+" ", t.Bold(headline(f)))
	if b.period != "" {
		t.Line("  ", t.Faint(b.period))
	}
	for _, m := range f.Missing {
		t.Line("  ", m+".")
	}
	t.Blank()
	t.Line("", b.line(t, tableHead, ""))
}

// row writes the line of an org.
func (b *table) row(t *report.Text, r Row) {
	t.Line("", b.line(t, tableCells(r), marks[r.Verdict]))
	if r.Changes != "" {
		t.Line("    changed since it was ready: ", r.Changes)
	}
}

// tail is the last cell of a line: what to do, or why nothing is known.
func tail(r Row) string {
	if r.Fix != "" {
		return r.Fix
	}
	return r.Why
}

// day is the date of a time.
func day(at string) string {
	d, _, _ := strings.Cut(at, "T")
	return d
}

// line is one line of the table; what to do is its last cell.
func (b *table) line(t *report.Text, cells [columns]string, key string) string {
	var out strings.Builder
	if key == "" {
		out.WriteString("  ")
	} else {
		out.WriteString(t.Mark(key) + " ")
	}
	last := len(cells) - 1
	for i, c := range cells[:last] {
		if b.width[i] == 0 {
			continue
		}
		pad := strings.Repeat(" ", b.width[i]-displaywidth.String(c)+2)
		if i == 1 && key != "" {
			c = t.Tint(key, c)
		}
		out.WriteString(c + pad)
	}
	out.WriteString(cells[last])
	text := strings.TrimRight(out.String(), " ")
	if key == "" {
		text = t.Faint(text)
	}
	return text
}
