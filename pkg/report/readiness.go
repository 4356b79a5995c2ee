package report

import (
	"fmt"
	"strings"

	"github.com/scimlint/scimlint/pkg/results"
)

// shownFindings is how many of each kind people are shown; JSON has all.
const shownFindings = 10

// stateWords name the states for people.
var stateWords = map[results.State]string{results.Go: "go", results.NoGo: "no-go", results.NotChecked: "not checked"}

func (t *Text) readiness(r *results.Readiness) {
	if r == nil {
		return
	}
	t.Heading("Readiness")
	for _, s := range r.Sections {
		t.Line("  "+t.Mark(string(s.State))+" ", fmt.Sprintf("%-12s ", s.Name)+t.tint[string(s.State)].Sprint(stateWords[s.State])+"  "+Inert(s.Summary))
		if s.State != results.Go && s.Fix != "" {
			t.Line("      hint: ", Inert(s.Fix))
		}
	}
	if t.opts.Quiet {
		return
	}
	for _, l := range readinessLists(r) {
		t.Heading(l.Title)
		for _, item := range l.Items {
			t.Line("  - ", Inert(item))
		}
		if l.More > 0 {
			t.Line("  ", t.faint.Sprintf("and %d more (-o json has all)", l.More))
		}
	}
}

// itemList is a heading with some items, and how many are not shown.
type itemList struct {
	Title string
	Items []string
	More  int
}

// readinessLists are the details below the sections, as every format for people shows
// them.
func readinessLists(r *results.Readiness) []itemList {
	var out []itemList
	add := func(title string, total int, item func(i int) string) {
		if total == 0 {
			return
		}
		l := itemList{Title: title, More: max(0, total-shownFindings)}
		for i := range min(total, shownFindings) {
			l.Items = append(l.Items, item(i))
		}
		out = append(out, l)
	}
	if p := r.Payload; p != nil {
		for _, k := range p.Kinds {
			out = append(out, kindList(k)...)
		}
	}
	add(fmt.Sprintf("userNames that the org has already (%d)", len(r.Collisions)), len(r.Collisions), func(i int) string {
		c := r.Collisions[i]
		return fmt.Sprintf("line %d: %s is there, %s", c.Line, c.UserName, c.State)
	})
	if s := r.Source; s != nil {
		for _, part := range []struct {
			title string
			list  []string
		}{{"Zendesk users without an e-mail address", s.WithoutEmail}, {"Zendesk users without a name", s.WithoutName}, {"E-mail addresses of several Zendesk users", s.DuplicateEmails},
			{"Suspended Zendesk users", s.Suspended}} {
			add(fmt.Sprintf("%s (%d)", part.title, len(part.list)), len(part.list), func(i int) string { return part.list[i] })
		}
	}
	add("Canary", len(r.Canary), func(i int) string {
		c := r.Canary[i]
		word := "done"
		if !c.OK {
			word = "FAILED"
		}
		return strings.TrimSpace(fmt.Sprintf("%s: %s, %s %s", c.What, word, c.Text, c.CorrelationID))
	})
	return out
}

// kindList are the findings of one kind; none where all of them are only counted.
func kindList(k results.PayloadKind) []itemList {
	if len(k.Findings) == 0 {
		return nil
	}
	word := "would be refused"
	if !k.Blocks {
		word = "accepted nevertheless"
	}
	l := itemList{Title: fmt.Sprintf("%s: %s (%d, %s; %s)", k.Kind, k.Title, k.Count, word, k.Basis)}
	for _, f := range k.Findings[:min(len(k.Findings), shownFindings)] {
		text := fmt.Sprintf("line %d, %s: %s", f.Line, f.Path, f.Text)
		if f.Path == "" || strings.Contains(f.Text, f.Path) {
			text = fmt.Sprintf("line %d: %s", f.Line, f.Text)
		}
		l.Items = append(l.Items, text)
	}
	l.More = max(0, k.Count-len(l.Items))
	return []itemList{l}
}

func (m *markdown) readiness(r results.Report) {
	if r.Readiness == nil {
		return
	}
	m.line("### Readiness\n")
	m.line("| | section | | |\n| --- | --- | --- | --- |")
	for _, s := range r.Readiness.Sections {
		m.line("| %s | **%s** | %s | %s |", symbols[string(s.State)], s.Name, stateWords[s.State], md(s.Summary))
	}
	m.line("")
	for _, l := range readinessLists(r.Readiness) {
		m.line("**%s**\n", md(l.Title))
		for _, item := range l.Items {
			m.line("- %s", md(item))
		}
		if l.More > 0 {
			m.line("- and %d more", l.More)
		}
		m.line("")
	}
}
