package report

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clipperhouse/displaywidth"
	"github.com/fatih/color"

	"github.com/scimlint/scimlint/pkg/results"
)

// columns measures texts as terminals show them; colours take no room.
var columns = displaywidth.Options{ControlSequences: true}

// Text writes a document for people: the first line says whether they can go,
// the second why not, the third what to click.
type Text struct {
	out   bytes.Buffer
	opts  Options
	bold  *color.Color
	faint *color.Color
	tint  map[string]*color.Color
}

// report writes a run. By default it fits a screen; verbose shows everything that the
// run found, quiet only the verdict with each cause and its fix.
func (t *Text) report(r results.Report) {
	if r.Replay != nil {
		age := time.Duration(r.Replay.AgeSeconds) * time.Second
		t.Line("", t.faint.Sprintf("Replay of a bundle taken %s (%s ago) by scimlint %s; no org was asked.", r.Replay.Taken, age, Inert(r.Replay.CapturedBy)))
	}
	t.verdict(r)
	t.pipeline(r.Pipeline)
	t.readiness(r.Readiness)
	switch {
	case t.opts.Quiet:
		return
	case t.opts.Verbose:
		t.everything(r)
	default:
		t.screen(r)
	}
	t.closing(r)
}

// everything writes all that the run found.
func (t *Text) everything(r results.Report) {
	t.causes(r)
	t.target(r)
	t.operations(r)
	t.checks(r)
	t.requests(r)
}

func newText(opts Options) *Text {
	if opts.Width <= 0 {
		opts.Width = 100
	}
	paint := func(attributes ...color.Attribute) *color.Color {
		c := color.New(attributes...)
		if opts.Color {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
		return c
	}
	green, yellow, red := paint(color.FgGreen, color.Bold), paint(color.FgYellow, color.Bold), paint(color.FgRed, color.Bold)
	return &Text{opts: opts, bold: paint(color.Bold), faint: paint(color.Faint), tint: map[string]*color.Color{
		"pass": green, "ready": green, "allowed": green, "warn": yellow, "unknown": yellow, "inconclusive": yellow,
		"go": green, "not-checked": yellow, "no-go": red, "fail": red, "not-ready": red, "denied": red, "confirmed": red, "likely": yellow, "possible": yellow, "skip": paint(color.Faint)}}
}

// marks are shown with the words, so that no meaning depends on colour.
var marks = map[string]string{"pass": "✓", "ready": "✓", "allowed": "✓", "warn": "!", "fail": "✗", "not-ready": "✗", "denied": "✗",
	"unknown": "?", "inconclusive": "?", "skip": "–", "go": "✓", "no-go": "✗", "not-checked": "?"}

// Mark is the coloured symbol of a verdict, a status or a decision.
func (t *Text) Mark(key string) string { return t.tint[key].Sprint(marks[key]) }

// Tint colours a text by what it says: a verdict, a status, a decision or a certainty.
func (t *Text) Tint(key, s string) string { return t.tint[key].Sprint(s) }

// Faint makes a text less prominent, Bold more.
func (t *Text) Faint(s string) string { return t.faint.Sprint(s) }

// Bold makes a text more prominent.
func (t *Text) Bold(s string) string { return t.bold.Sprint(s) }

// Line writes a text after a prefix, wrapped to the width only between words,
// so that ids and URLs stay whole; what follows is indented as far as the prefix
// reaches.
func (t *Text) Line(prefix, body string) {
	indent := columns.String(prefix)
	column := 0
	t.out.WriteString(prefix)
	for i, word := range strings.Split(body, " ") {
		w := columns.String(word)
		switch {
		case i == 0:
		case column+1+w > max(t.opts.Width-indent, 24):
			t.out.WriteString("\n" + strings.Repeat(" ", indent))
			column = 0
		default:
			t.out.WriteByte(' ')
			column++
		}
		t.out.WriteString(word)
		column += w
	}
	t.Blank()
}

// Blank writes an empty line.
func (t *Text) Blank() { t.out.WriteByte('\n') }

// Heading writes a heading after an empty line.
func (t *Text) Heading(s string) {
	t.Blank()
	t.Line("", t.bold.Sprint(s))
}

// verdict writes the lines that someone reads at 2 a.m.: whether they can go, then for
// each cause why not and what to click.
func (t *Text) verdict(r results.Report) {
	t.Line(t.Mark(string(r.Verdict))+" ", t.verdictWord(r)+"  "+Inert(r.Summary))
	if len(r.Causes) == 0 {
		if why, fix, id := reason(r); why != "" {
			t.Line("  Why  ", Inert(why)+" "+t.faint.Sprintf("[%s]", id))
			t.Line("  Fix  ", fix)
		}
		return
	}
	for i, c := range r.Causes {
		place := ""
		if len(r.Causes) > 1 {
			place = fmt.Sprintf("%d of %d: ", i+1, len(r.Causes))
		}
		t.Line("  Why  ", place+Inert(c.Explanation)+" "+t.faint.Sprintf("[%s, %s]", c.ID, c.Certainty))
		t.Line("  Fix  ", FixWords(c.Fix))
		if !t.opts.Quiet && !t.opts.Verbose {
			t.proofs(c)
		}
	}
}

func (t *Text) verdictWord(r results.Report) string {
	return t.tint[string(r.Verdict)].Sprint(strings.ToUpper(strings.ReplaceAll(string(r.Verdict), "-", " ")))
}

// pipeline writes what the run means by the pipeline's own terms.
func (t *Text) pipeline(p *results.Pipeline) {
	if p == nil {
		return
	}
	t.Line("  ", "Pipeline result: "+Inert(pipelineSentence(*p)))
	for _, s := range p.Stale {
		t.Line("  ", Inert(staleWords(s)))
	}
}

// FixWords is a fix with the way through the Admin UI.
func FixWords(f results.Fix) string {
	words := Inert(f.Text)
	if f.Where != "" {
		words += " (" + Inert(f.Where) + ")"
	}
	return words
}

func (t *Text) causes(r results.Report) {
	if len(r.Causes) == 0 {
		return
	}
	t.Heading("Causes")
	for i, c := range r.Causes {
		t.Line(fmt.Sprintf("  %d. ", i+1), t.bold.Sprint(c.ID)+"  "+t.tint[string(c.Certainty)].Sprint(c.Certainty)+"  "+c.Title)
		t.Line("     ", Inert(c.Explanation))
		if len(c.Operations) > 0 {
			t.Line("     breaks   ", strings.Join(c.Operations, ", "))
		}
		for _, p := range c.Proof {
			t.Line("     proof    ", Inert(p.Text)+" "+t.faint.Sprintf("(%s)", p.Basis))
		}
		for _, p := range c.Counter {
			t.Line("     but      ", Inert(p.Text)+" "+t.faint.Sprintf("(%s)", p.Basis))
		}
		t.Line("     fix      ", FixWords(c.Fix))
	}
}

func (t *Text) target(r results.Report) {
	t.Heading("Who and where")
	t.pair("org", first(r.Target.Organization, "unknown")+" "+r.Target.OrgID)
	t.pair("api", strings.TrimSpace(r.Target.Region+" "+r.Target.APIURL))
	t.pair("subject", r.Target.Subject)
	t.pair("divisions", strings.Join(r.Target.Divisions, ", "))
	t.pair("needs", strings.Join(r.Target.Needs, ", "))
	t.pair("auditor", throughAuditor(r.Requests))
	t.profile(r.Target.Profile)
}

// profile says which profile was used and where each value comes from.
func (t *Text) profile(p *results.Profile) {
	if p == nil {
		return
	}
	t.pair("profile", strings.TrimSpace(p.Name+"  "+p.Title))
	for _, v := range p.Values {
		t.pair("", profileWords(v))
	}
}

func profileWords(v results.ProfileValue) string {
	words := v.Name + ": " + v.Value + " (" + v.From
	if v.Source != "" {
		words += ", " + v.Source
	}
	return words + ")"
}

// throughAuditor names the facts that were read with the auditor's token.
func throughAuditor(list []results.Request) string {
	var facts []string
	for _, q := range list {
		if q.Auditor && q.Status/100 == 2 && q.Fact != "auditor-token" && !slices.Contains(facts, q.Fact) {
			facts = append(facts, q.Fact)
		}
	}
	if len(facts) == 0 {
		return ""
	}
	return "read " + strings.Join(facts, ", ") + " with a token of its own"
}

func first(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}

func (t *Text) pair(name, value string) {
	if value != "" {
		t.Line(fmt.Sprintf("  %-10s ", name), Inert(value))
	}
}

func (t *Text) operations(r results.Report) {
	t.Heading("Operations")
	for _, op := range r.Operations {
		d := string(op.Decision)
		t.Line("  "+t.Mark(d)+" ", operationWords(op))
		if len(op.Gate.Permissions) > 0 {
			t.Line("      "+t.Mark(string(op.Gate.Decision))+" ", gateWords(op.Gate)+t.faint.Sprintf(" (%s)", op.Gate.Basis))
		}
		t.side("scopes", op.Scope)
		t.side("attribute-based policies", op.Policy)
		for _, f := range op.Features {
			t.Line("      "+t.Mark(string(f.Decision))+" ", fmt.Sprintf("%s: %s %s", f.Name, Inert(f.Permission), f.Decision)+proofWords(f))
		}
	}
}

// operationWords names an operation with its call, which may be all of its name.
func operationWords(op results.Operation) string {
	if strings.HasSuffix(op.Title, op.Method+" "+op.Path) {
		return op.Title
	}
	return fmt.Sprintf("%-22s %s %s", op.Title, op.Method, op.Path)
}

// side shows what else than permissions may refuse an operation.
func (t *Text) side(name string, d results.Decision) {
	if d != results.DecisionAllowed {
		t.Line("      "+t.Mark(string(d))+" ", fmt.Sprintf("%s: %s", name, d))
	}
}

func gateWords(g results.Gate) string {
	what := g.Permissions[0]
	if len(g.Permissions) > 1 {
		what = fmt.Sprintf("%s of %d permissions", strings.ToLower(g.Type), len(g.Permissions))
	}
	return fmt.Sprintf("access check of the endpoint, %s: %s", what, g.Decision)
}

func proofWords(f results.Feature) string {
	switch {
	case len(f.Proof) > 0:
		l := f.Proof[0]
		words := fmt.Sprintf(" ← %s ← role %q in %q", l.Policy, l.Role, l.Division)
		if l.Condition != "" {
			words += fmt.Sprintf(" if %q", l.Condition)
		}
		return Inert(words)
	case f.Reason != "":
		return " (" + f.Reason + ")"
	}
	return ""
}

func (t *Text) checks(r results.Report) {
	group := ""
	for _, c := range r.Checks {
		if (c.Status == results.Skip || c.LeftOut) && !t.opts.Verbose {
			continue
		}
		if c.Group != group {
			group = c.Group
			t.Heading(group)
		}
		note := ""
		if words := standing(c); words != "" {
			note = t.faint.Sprint(" (" + Inert(words) + ")")
		}
		t.Line("  "+t.Mark(string(c.Status))+" ", c.ID+"  "+Inert(c.Message)+note)
		if c.Status != results.Pass && c.Status != results.Skip && c.Fix.Text != "" {
			t.Line("      hint: ", FixWords(c.Fix))
		}
	}
}

func (t *Text) requests(r results.Report) {
	t.Heading("Requests")
	for _, q := range r.Requests {
		extra := ""
		if q.Note != "" {
			extra = "  " + Inert(q.Note)
		}
		if q.Auditor {
			extra += "  by the auditor"
		}
		if q.Retries > 0 {
			extra += fmt.Sprintf("  after %d retries", q.Retries)
		}
		t.Line("  ", fmt.Sprintf("%d %-4s %s  %s  %d ms%s", q.Status, q.Method, Inert(q.URL), first(Inert(q.CorrelationID), "no correlation id"), q.DurationMs, extra))
	}
}

// plannable says whether a role or a grant may end a cause.
func plannable(r results.Report) bool {
	return slices.ContainsFunc(r.Causes, func(c results.Cause) bool { return len(c.Fix.Permissions) > 0 })
}

// closing counts what the report does not show, and ends with the verdict, which is what
// a terminal shows when a long report has scrolled by.
func (t *Text) closing(r results.Report) {
	count := map[results.Status]int{}
	for _, c := range r.Checks {
		count[c.Status]++
	}
	t.Blank()
	if plannable(r) {
		t.Line("", t.faint.Sprint("scimlint fix shows the smallest change, as clicks, Terraform, gc or curl."))
	}
	more := "--verbose shows them."
	if t.opts.Verbose {
		more = "judged by the " + r.Tool.Catalogue + "."
	}
	t.Line("", t.faint.Sprintf("%s passed, %d do not apply, %s; %s",
		counted(count[results.Pass], "check"), count[results.Skip], counted(len(r.Requests), "request"), more))
	words := []string{}
	for _, n := range []struct {
		n    int
		what string
	}{{len(r.Causes), "cause"}, {count[results.Fail], "failed check"}, {count[results.Unknown], "unknown check"}, {count[results.Warn], "warning"}} {
		if n.n > 0 {
			words = append(words, counted(n.n, n.what))
		}
	}
	last := t.Mark(string(r.Verdict)) + " " + t.verdictWord(r)
	if len(words) > 0 {
		last += ": " + strings.Join(words, ", ")
	}
	t.Line("", last)
}
