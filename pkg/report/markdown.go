package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/scimlint/scimlint/pkg/results"
)

// maxMarkdown is how many characters a report may have: GitHub takes 65,536 in a
// comment, and whoever posts it may add a line of their own.
const maxMarkdown = 60_000

// maxCell is how many characters a text from outside may have in a report that must
// stay small.
const maxCell = 600

// markdown writes the report for a pull request's comment or a job's summary.
type markdown struct{ out bytes.Buffer }

// writeMarkdown leaves out sections from the end when the report would be too long.
func writeMarkdown(w io.Writer, r results.Report, _ Options) error {
	m := &markdown{}
	m.head(r)
	for _, section := range []func(results.Report){m.readiness, m.causes, m.picture, m.pipeline, m.operations, m.findings, m.requests} {
		before := m.out.Len()
		section(r)
		if len([]rune(m.out.String())) > maxMarkdown {
			m.out.Truncate(before)
			m.line("_The rest is left out: the report is too long for a comment. `-o json` and `-o html` have all of it._")
			break
		}
	}
	m.line("")
	if p := r.Target.Profile; p != nil {
		var values []string
		for _, v := range p.Values {
			values = append(values, md(profileWords(v)))
		}
		m.line("Profile %s: %s\n", md(p.Name), strings.Join(values, "; "))
	}
	m.line("<sub>scimlint %s, judged by the %s; evidence of %s</sub>", md(r.Tool.Version), md(r.Tool.Catalogue), md(r.Taken))
	_, err := w.Write(m.out.Bytes())
	return err
}

// Line writes a line; the arguments must be inert.
func (m *markdown) line(format string, args ...any) { _, _ = fmt.Fprintf(&m.out, format+"\n", args...) }

// symbols go with the words in comments.
var symbols = map[string]string{"pass": "✅", "ready": "✅", "allowed": "✅", "warn": "⚠️", "fail": "❌", "not-ready": "❌", "denied": "❌",
	"unknown": "❔", "inconclusive": "❔", "skip": "➖", "go": "✅", "no-go": "❌", "not-checked": "❔"}

func (m *markdown) head(r results.Report) {
	m.line("## %s %s\n", symbols[string(r.Verdict)], verdictWords[r.Verdict])
	m.line("%s\n", md(upper(r.Summary)))
	if why, fix := answer(r); why != "" && len(r.Causes) == 0 { // causes say it below
		m.line("**Why:** %s\n", md(why))
		m.line("**Fix:** %s\n", md(fix))
	}
	if r.Pipeline != nil {
		m.line("**Pipeline result:** %s\n", md(pipelineSentence(*r.Pipeline)))
	}
	if r.Replay != nil {
		m.line("_Replay of a bundle of %s; no org was asked._\n", md(r.Replay.Taken))
	}
}

func (m *markdown) causes(r results.Report) {
	if len(r.Causes) == 0 {
		return
	}
	m.line("### Causes\n")
	for i, c := range r.Causes {
		m.line("%d. **%s** (%s): %s", i+1, md(c.ID), c.Certainty, md(c.Explanation))
		for _, p := range c.Proof {
			m.line("   - proof: %s _(%s)_", md(p.Text), p.Basis)
		}
		for _, p := range c.Counter {
			m.line("   - but: %s _(%s)_", md(p.Text), p.Basis)
		}
		m.line("   - **fix:** %s", md(FixWords(c.Fix)))
	}
	m.line("")
}

// picture is the chain from the subject to the operations.
func (m *markdown) picture(r results.Report) {
	if c := newChain(r); c != nil {
		m.line("%s", c.mermaid())
	}
}

func (m *markdown) pipeline(r results.Report) {
	if r.Pipeline == nil || len(r.Pipeline.Stale) == 0 {
		return
	}
	m.line("### Stale in the baseline\n")
	for _, s := range r.Pipeline.Stale {
		m.line("- %s", md(staleWords(s)))
	}
	m.line("")
}

func (m *markdown) operations(r results.Report) {
	if len(r.Operations) == 0 {
		return
	}
	m.line("### Operations\n")
	m.line("| | operation | what it requires | |\n| --- | --- | --- | --- |")
	for _, op := range r.Operations {
		m.line("| %s | **%s** `%s %s` | access check of the endpoint | %s |", symbols[string(op.Decision)], md(op.Title), op.Method, op.Path, op.Gate.Decision)
		for _, side := range []struct {
			name string
			d    results.Decision
		}{{"scopes", op.Scope}, {"attribute-based policies", op.Policy}} {
			if side.d != results.DecisionAllowed {
				m.line("| | | %s | %s %s |", side.name, symbols[string(side.d)], side.d)
			}
		}
		for _, f := range op.Features {
			m.line("| | | %s: %s | %s %s: %s |", md(f.Name), md(f.Permission), symbols[string(f.Decision)], f.Decision, md(chainWords(f.Proof, f.Reason)))
		}
	}
	m.line("")
}

// findings lists the checks that do not pass; the rest are counted.
func (m *markdown) findings(r results.Report) {
	count := map[results.Status]int{}
	var rows []string
	for _, c := range r.Checks {
		count[c.Status]++
		if c.Status == results.Pass || c.Status == results.Skip {
			continue
		}
		text := md(c.Message)
		if words := standing(c); words != "" {
			text += " _(" + md(words) + ")_"
		}
		rows = append(rows, fmt.Sprintf("| %s %s | %s | %s | %s |", symbols[string(c.Status)], statusWords[c.Status], md(c.ID), text, md(FixWords(c.Fix))))
	}
	m.line("### Checks\n")
	m.line("%d passed, %d warned, %d failed, %d unknown, %d do not apply.\n", count[results.Pass], count[results.Warn], count[results.Fail], count[results.Unknown], count[results.Skip])
	if len(rows) > 0 {
		m.line("| | check | finding | fix |\n| --- | --- | --- | --- |\n%s\n", strings.Join(rows, "\n"))
	}
}

func (m *markdown) requests(r results.Report) {
	if len(r.Requests) == 0 {
		return
	}
	m.line("<details><summary>%d requests, with the correlation ids that support asks for</summary>\n", len(r.Requests))
	m.line("| status | request | correlation id |\n| --- | --- | --- |")
	for _, q := range r.Requests {
		m.line("| %d | %s %s | %s |", q.Status, q.Method, md(q.URL), md(first(q.CorrelationID, "none")))
	}
	m.line("\n</details>")
}

// md makes a text from outside inert and short.
func md(s string) string { return escapeMarkdown(shortened(Inert(s), maxCell)) }

// markup escapes what GitHub's Markdown would obey. URLs are made inert by an entity
// in them; mentions of people and references to issues are found after rendering, and
// only an invisible joiner (U+2060) prevents that.
var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\n", " ", "://", "&#58;//", "www.", "www&#46;", "@", "@\u2060", "#", "\\#\u2060",
	"\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "{", "\\{", "}", "\\}", "[", "\\[", "]", "\\]", "!", "\\!", "|", "\\|", "~", "\\~", "^", "\\^", "$", "\\$")

// escapeMarkdown lets a text show itself and do nothing.
func escapeMarkdown(s string) string {
	s = markup.Replace(s)
	if s != "" && strings.ContainsRune("-+=", rune(s[0])) {
		return "\\" + s // no list, no heading
	}
	return s
}
