// Package gate decides what a run means for a pipeline: which checks count, as
// what, and which findings are known. It never changes what a run found: the
// verdict stays the org's, the exit code becomes the user's.
package gate

import (
	"fmt"
	"slices"
	"time"

	"github.com/scimlint/scimlint/internal/nearest"
	"github.com/scimlint/scimlint/pkg/results"
)

// The thresholds of --fail-on: a finding of this severity or worse fails the
// run. Unknown is worse than warn: what could not be read may be refused.
const (
	OnFail    = "fail"
	OnUnknown = "unknown"
	OnWarn    = "warn"
)

// The severities that a configuration may give a check.
const (
	SeverityFail = "fail"
	SeverityWarn = "warn"
	SeverityOff  = "off"
)

// Options are the terms of a pipeline.
type Options struct {
	// FailOn is one of the thresholds; when empty, what is not ready and what is
	// inconclusive fail, as the verdict says.
	FailOn string
	// Only and Skip are ids of checks: the result counts those of Only, when there are
	// any, and never those of Skip.
	Only, Skip []string
	// Severity says by id what a finding of a check counts as.
	Severity map[string]string
	// Baseline has the known findings; nil when there is none. BaselineFile is its
	// name.
	Baseline     *Baseline
	BaselineFile string
	// Now decides which entries have expired.
	Now time.Time
}

// Validate finds unknown thresholds, severities and checks.
func (o Options) Validate(ids []string) error {
	if !slices.Contains([]string{"", OnFail, OnUnknown, OnWarn}, o.FailOn) {
		return fmt.Errorf("unknown threshold %q of fail-on: write fail, warn or unknown", o.FailOn)
	}
	for name, list := range map[string][]string{"only": o.Only, "skip": o.Skip} {
		for _, id := range list {
			if !slices.Contains(ids, id) {
				return fmt.Errorf("%s names the check %q, which does not exist.%s scimlint rules lists the checks", name, id, nearest.Question(id, ids))
			}
		}
	}
	for id, severity := range o.Severity {
		if !slices.Contains(ids, id) {
			return fmt.Errorf("severity names the check %q, which does not exist.%s scimlint rules lists the checks", id, nearest.Question(id, ids))
		}
		if !slices.Contains([]string{SeverityFail, SeverityWarn, SeverityOff}, severity) {
			return fmt.Errorf("severity of %s is %q: write fail, warn or off", id, severity)
		}
	}
	return nil
}

// set says whether a pipeline gave any terms.
func (o Options) set() bool {
	return o.FailOn != "" || len(o.Only)+len(o.Skip)+len(o.Severity) > 0 || o.Baseline != nil
}

// Apply adds to a report what it means for the pipeline. Without any terms the
// report stays as it is, and the verdict decides.
func Apply(r results.Report, o Options) results.Report {
	if !o.set() {
		return r
	}
	r.Checks = slices.Clone(r.Checks)
	p := results.Pipeline{FailOn: o.FailOn, Because: []string{}, Stale: []results.Stale{}, Baseline: o.BaselineFile}
	t := tally{}
	for i := range r.Checks {
		c := &r.Checks[i]
		c.Severity = o.Severity[c.ID]
		c.LeftOut = slices.Contains(o.Skip, c.ID) || len(o.Only) > 0 && !slices.Contains(o.Only, c.ID)
		c.Known = o.Baseline.known(*c, o.Now)
		t.count(*c, o)
	}
	t.operations(r, o)
	p.ExitCode = t.exitCode()
	p.Passed = p.ExitCode == 0
	p.Because = slices.Concat(p.Because, t.because, t.passedOver())
	p.Stale = append(p.Stale, o.Baseline.stale(r.Checks)...)
	r.Pipeline = &p
	return r
}

// weight is what a finding counts for.
type weight int

const (
	nothing weight = iota
	open           // exit code 3
	failed         // exit code 1
)

// weigh says what a check counts for under the terms.
func (o Options) weigh(c results.Check) weight {
	status, needed := c.Status, c.Required && !c.Accepted
	switch {
	case c.Severity == SeverityOff:
		return nothing
	case c.Severity == SeverityWarn && status != results.Pass && status != results.Skip:
		status = results.Warn
	case c.Severity == SeverityFail && status == results.Warn:
		status = results.Fail
	case c.Severity == SeverityFail && status == results.Unknown:
		needed = !c.Accepted
	}
	switch {
	case status == results.Fail, status == results.Warn && o.FailOn == OnWarn:
		return failed
	case status == results.Unknown && !c.Accepted && (o.FailOn == OnWarn || o.FailOn == OnUnknown),
		status == results.Unknown && needed && o.FailOn == "":
		return open
	}
	return nothing
}

// tally is what the result counted.
type tally struct {
	failed, open        bool
	because             []string
	known, leftOut, off int
}

func (t *tally) count(c results.Check, o Options) {
	w := o.weigh(c)
	if w == nothing {
		if c.Severity == SeverityOff && (c.Status == results.Fail || c.Status == results.Warn) {
			t.off++
		}
		return
	}
	switch {
	case c.LeftOut:
		t.leftOut++
		return
	case c.Holds():
		t.known++
		return
	}
	t.failed, t.open = t.failed || w == failed, t.open || w == open
	t.because = append(t.because, sentence(c, o))
}

// sentence says that a check counts, and why where that is not plain.
func sentence(c results.Check, o Options) string {
	text := c.ID + " " + map[results.Status]string{results.Fail: "fails", results.Warn: "warns", results.Unknown: "could not see"}[c.Status]
	switch {
	case c.Known != nil:
		text += ", and its entry in the baseline expired on " + c.Known.Expires
	case c.Severity == SeverityFail && c.Status == results.Warn:
		text += ", which the configuration's severity counts as a failure"
	case c.Status == results.Warn:
		text += ", which --fail-on warn counts"
	case c.Status == results.Unknown && !c.Required && o.FailOn != "":
		text += ", which --fail-on " + o.FailOn + " counts"
	}
	return text
}

// operations counts an operation that is not allowed and that no check speaks for.
func (t *tally) operations(r results.Report, o Options) {
	if len(o.Only) > 0 {
		return
	}
	if t.sections(r, o) {
		return
	}
	spoken := func(s results.Status) bool {
		return slices.ContainsFunc(r.Checks, func(c results.Check) bool { return c.Status == s && (s == results.Fail || c.Required) })
	}
	switch {
	case r.Verdict == results.NotReady && !spoken(results.Fail):
		t.failed = true
		t.because = append(t.because, "an operation is denied that no check speaks for")
	case r.Verdict == results.Inconclusive && !spoken(results.Unknown) && o.FailOn != OnFail:
		t.open = true
		t.because = append(t.because, "whether an operation is allowed could not be read")
	}
}

// sections counts what of the readiness is no-go, or was wanted and not checked.
func (t *tally) sections(r results.Report, o Options) (counted bool) {
	if r.Readiness == nil {
		return false
	}
	for _, s := range r.Readiness.Sections {
		switch {
		case s.Name == results.SectionPermissions:
		case s.State == results.NoGo:
			t.failed, counted = true, true
			t.because = append(t.because, "the "+s.Name+" section is no-go")
		case s.State == results.NotChecked && s.Wanted && o.FailOn != OnFail:
			t.open, counted = true, true
			t.because = append(t.because, "the "+s.Name+" section was not checked")
		}
	}
	return counted
}

func (t *tally) exitCode() int {
	switch {
	case t.failed:
		return results.NotReady.ExitCode()
	case t.open:
		return results.Inconclusive.ExitCode()
	}
	return 0
}

// passedOver says what would have counted.
func (t *tally) passedOver() []string {
	var out []string
	for _, part := range []struct {
		n    int
		text string
	}{{t.known, "known from the baseline"}, {t.leftOut, "left out by --only or --skip"}, {t.off, "turned off by the configuration's severity"}} {
		if part.n > 0 {
			out = append(out, fmt.Sprintf("%d %s", part.n, part.text))
		}
	}
	return out
}
