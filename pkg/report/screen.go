package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/results"
)

// docsURL is where a failed check links to: each check is a heading there.
const docsURL = "https://github.com/scimlint/scimlint/tree/main/docs/checks"

// whole are the checks that are never cut: one answers a question of the user, the other
// says what a probe may have left in the org.
var whole = []string{"refusals-fit-the-evidence", "write-probe-answers"}

// shownProofs is how many lines of proof a cause shows on the first screen.
const shownProofs = 2

// screen writes what fits a screen: the needed operations in a line each, and the checks
// that did not pass. Passed checks are counted below.
func (t *Text) screen(r results.Report) {
	t.Heading("Operations" + where(r.Target))
	for _, op := range r.Operations {
		d := string(op.Decision)
		t.one("  "+t.Mark(d)+" ", t.operationLine(r, op))
	}
	t.pair("auditor", throughAuditor(r.Requests))
	if p := r.Target.Profile; p != nil {
		t.pair("profile", strings.TrimSpace(p.Name+"  "+p.Title))
	}
	t.notPassed(r)
}

// where names the org and the divisions that operations were decided for.
func where(target results.Target) string {
	out := ""
	if target.Organization != "" {
		out = " in " + Inert(target.Organization)
	}
	switch d := target.Divisions; {
	case len(d) == 1 && strings.HasPrefix(d[0], "the "): // the home division, which could not be read
		out += ", " + d[0]
	case len(d) == 1:
		out += ", division " + Inert(d[0])
	case len(d) > 1:
		out += ", divisions " + Inert(strings.Join(d, ", "))
	}
	return out
}

// proofs writes a cause's strongest proofs in a few lines: what the org answered, what
// speaks against the cause, then what is published.
func (t *Text) proofs(c results.Cause) {
	var lines []string
	add := func(word string, list []results.Proof, observed bool) {
		for _, p := range list {
			if (p.Basis == results.Observed) == observed && len(lines) < shownProofs {
				lines = append(lines, fmt.Sprintf("%-5s %s (%s)", word, Inert(p.Text), p.Basis))
			}
		}
	}
	add("proof", c.Proof, true)
	add("but", c.Counter, true)
	add("but", c.Counter, false)
	add("proof", c.Proof, false)
	for _, l := range lines {
		t.one("       ", t.faint.Sprint(l))
	}
}

// operationLine names an operation, its call where there is room for it, and what it
// does not have.
func (t *Text) operationLine(r results.Report, op results.Operation) string {
	width := 0
	for _, other := range r.Operations {
		width = max(width, columns.String(other.Title))
	}
	title := op.Title + strings.Repeat(" ", width-columns.String(op.Title))
	call := "  " + op.Method + " " + op.Path
	if strings.HasSuffix(op.Title, op.Method+" "+op.Path) {
		call = ""
	}
	why := operationWhy(op)
	if why != "" {
		why = "  " + why
	}
	if columns.String(title+call+why) > t.opts.Width-4 && why != "" {
		call = ""
	}
	return title + call + why
}

// operationWhy says in a few words why an operation is not allowed; empty where it is.
func operationWhy(op results.Operation) string {
	if op.Decision == results.DecisionAllowed {
		return ""
	}
	if op.Why != "" {
		return Inert(op.Why)
	}
	var missing, unknown []string
	for _, f := range op.Features {
		switch f.Decision {
		case results.DecisionDenied:
			missing = append(missing, f.Permission+inThe(f.Division))
		case results.DecisionUnknown:
			unknown = append(unknown, f.Permission+inThe(f.Division))
		}
	}
	switch {
	case len(missing) > 0:
		return Inert("missing " + strings.Join(missing, ", "))
	case op.Scope == results.DecisionDenied:
		return "the token's scopes do not allow it"
	case op.Policy == results.DecisionDenied:
		return "an attribute-based policy denies it"
	case op.Gate.Decision == results.DecisionDenied && len(op.Gate.Permissions) > 0:
		return Inert("missing " + accessWords(op.Gate))
	case len(unknown) > 0:
		return Inert("unknown: " + strings.Join(unknown, ", "))
	case op.Policy == results.DecisionUnknown:
		return "unknown: attribute-based policies"
	case op.Scope == results.DecisionUnknown:
		return "unknown: the token's scopes"
	}
	return "unknown"
}

func inThe(division string) string {
	switch {
	case division == "":
		return ""
	case strings.HasPrefix(division, "the "):
		return " in " + division
	}
	return fmt.Sprintf(" in %q", division)
}

// accessWords name the permissions of an endpoint's access check.
func accessWords(g results.Gate) string {
	if len(g.Permissions) == 1 {
		return g.Permissions[0]
	}
	return fmt.Sprintf("%s of %d permissions", strings.ToLower(g.Type), len(g.Permissions))
}

// notPassed lists the checks that failed, are unknown or warn. Those that a cause explains
// are a line each, for the cause above has why and fix; a fix that several checks share is
// shown once.
func (t *Text) notPassed(r results.Report) {
	shown := map[string]bool{"": true}
	if _, fix, _ := reason(r); fix != "" {
		shown[fix] = true
	}
	heading := false
	for _, c := range r.Checks {
		if c.Status == results.Pass || c.Status == results.Skip || c.LeftOut {
			continue
		}
		if !heading {
			t.Heading("Checks that did not pass")
			heading = true
		}
		t.check(r, c, shown)
	}
}

// check writes a check that did not pass, with its page where it failed. shown are the
// fixes that were written before.
func (t *Text) check(r results.Report, c results.Check, shown map[string]bool) {
	prefix, line := "  "+t.Mark(string(c.Status))+" ", c.ID+"  "+Inert(c.Message)
	if words := standing(c); words != "" {
		line += t.faint.Sprint(" (" + Inert(words) + ")")
	}
	fix := FixWords(c.Fix)
	switch cut := explained(r, c) || shown[fix] && c.Status == results.Unknown; {
	case cut && !slices.Contains(whole, c.ID):
		t.one(prefix, line)
	default:
		t.Line(prefix, line)
		if !shown[fix] {
			t.Line("    Fix: ", fix)
			shown[fix] = true
		}
	}
	if c.Status == results.Fail && !c.Own {
		t.Line("    More: ", t.faint.Sprint(docsURL+"#"+c.ID))
	}
}

// explained says whether a cause of the report explains a failed check: the check points
// at it, or it breaks every operation that the check is about.
func explained(r results.Report, c results.Check) bool {
	if len(r.Causes) == 0 {
		_, _, id := reason(r)
		return c.ID == id // the lines below the verdict are this check's own
	}
	if c.Status != results.Fail {
		return false
	}
	broken := map[string]bool{}
	for _, cause := range r.Causes {
		if slices.Contains(c.Causes, cause.ID) {
			return true
		}
		for _, id := range cause.Operations {
			broken[id] = true
		}
	}
	return len(c.Operations) > 0 && !slices.ContainsFunc(c.Operations, func(id string) bool { return !broken[id] })
}

// one writes a text in one line, cut where it does not fit.
func (t *Text) one(prefix, body string) {
	room := t.opts.Width - columns.String(prefix)
	if columns.String(body) > room {
		body = columns.TruncateString(body, room, "…")
	}
	t.Line(prefix, body)
}
