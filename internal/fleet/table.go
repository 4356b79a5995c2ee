package fleet

import (
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
	return Count(len(f.Rows), "org") + ": " + strings.Join(parts, ", ")
}

// asTable writes a line for each org. Lines are as long as they are: one can search them.
func asTable(w io.Writer, f *Fleet, opts report.Options) error {
	opts.Width = 1 << 20
	return report.TextFormat("text", writeTable).Write(w, f, opts)
}

// period says when the orgs were checked: records of different runs may be in one folder.
func period(f *Fleet) string {
	from, to := "", ""
	for _, r := range f.Rows {
		if from == "" || r.Started < from {
			from = r.Started
		}
		to = max(to, r.Started)
	}
	switch from {
	case "":
		return ""
	case to:
		return "Checked at " + from + "."
	}
	return "Checked from " + from + " to " + to + "."
}

// writeTable writes the rows, the worst first.
func writeTable(t *report.Text, f *Fleet) {
	worst := string(results.Ready)
	if len(f.Rows) > 0 {
		worst = f.Rows[0].Verdict
	}
	if len(f.Missing) > 0 && worst == string(results.Ready) {
		worst = string(results.Inconclusive)
	}
	t.Line(t.Mark(marks[worst])+" ", t.Bold(headline(f)))
	if when := period(f); when != "" {
		t.Line("  ", t.Faint(when))
	}
	for _, m := range f.Missing {
		t.Line("  ", m+".")
	}
	t.Blank()
	cells := make([][]string, 0, len(f.Rows)+1)
	cells = append(cells, []string{"Org", "Verdict", "Cause", "Since", "Fix"})
	for _, r := range f.Rows {
		cells = append(cells, []string{r.Org, verdictWords[r.Verdict], r.Cause, day(r.Since), tail(r)})
	}
	width := widths(cells)
	for i, line := range cells {
		key := ""
		if i > 0 {
			key = marks[f.Rows[i-1].Verdict]
		}
		t.Line("", tableLine(t, line, width, key))
		if i > 0 && f.Rows[i-1].Changes != "" {
			t.Line("    changed since it was ready: ", f.Rows[i-1].Changes)
		}
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

func widths(cells [][]string) []int {
	out := make([]int, len(cells[0]))
	for _, line := range cells {
		for i, c := range line {
			out[i] = max(out[i], displaywidth.String(c))
		}
	}
	return out
}

// tableLine is one line of the table; what to do is its last cell.
func tableLine(t *report.Text, cells []string, width []int, key string) string {
	var b strings.Builder
	if key == "" {
		b.WriteString("  ")
	} else {
		b.WriteString(t.Mark(key) + " ")
	}
	last := len(cells) - 1
	for i, c := range cells[:last] {
		if width[i] == 0 {
			continue
		}
		pad := strings.Repeat(" ", width[i]-displaywidth.String(c)+2)
		if i == 1 && key != "" {
			c = t.Tint(key, c)
		}
		b.WriteString(c + pad)
	}
	b.WriteString(cells[last])
	text := strings.TrimRight(b.String(), " ")
	if key == "" {
		text = t.Faint(text)
	}
	return text
}
