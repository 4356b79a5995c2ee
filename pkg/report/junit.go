package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/scimlint/scimlint/pkg/results"
)

// The parts of the Jenkins xUnit schema that a report has: its strictest readers refuse a
// file with more.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string           `xml:"name,attr"`
		ID         int              `xml:"id,attr"`
		Package    string           `xml:"package,attr"`
		Timestamp  string           `xml:"timestamp,attr"`
		Time       string           `xml:"time,attr"`
		Tests      int              `xml:"tests,attr"`
		Failures   int              `xml:"failures,attr"`
		Errors     int              `xml:"errors,attr"`
		Skipped    int              `xml:"skipped,attr"`
		Properties *junitProperties `xml:"properties"`
		Cases      []junitCase      `xml:"testcase"`
	}
	junitProperties struct {
		List []junitProperty `xml:"property"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name      string       `xml:"name,attr"`
		Classname string       `xml:"classname,attr"`
		Skipped   *junitSkip   `xml:"skipped"`
		Error     *junitResult `xml:"error"`
		Failure   *junitResult `xml:"failure"`
		SystemOut *junitData   `xml:"system-out"`
	}
	// The older of the two schemas that are in use lets skipped have a text only.
	junitSkip struct {
		Data string `xml:",cdata"`
	}
	junitResult struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Data    string `xml:",cdata"`
	}
	junitData struct {
		Data string `xml:",cdata"`
	}
)

// add adds a case to a suite and counts it.
func (s *junitSuite) add(c junitCase) {
	s.Tests++
	switch {
	case c.Skipped != nil:
		s.Skipped++
	case c.Error != nil:
		s.Errors++
	case c.Failure != nil:
		s.Failures++
	}
	s.Cases = append(s.Cases, c)
}

// add adds a suite and counts its cases.
func (all *junitSuites) add(r results.Report, name string, cases []junitCase, properties ...junitProperty) {
	suite := junitSuite{Name: Inert(name), ID: len(all.Suites), Package: "scimlint", Timestamp: r.Taken, Time: "0"}
	if len(properties) > 0 {
		suite.Properties = &junitProperties{properties}
	}
	for _, c := range cases {
		suite.add(c)
	}
	all.Tests, all.Failures, all.Errors = all.Tests+suite.Tests, all.Failures+suite.Failures, all.Errors+suite.Errors
	all.Suites = append(all.Suites, suite)
}

// writeJUnit writes a suite for each group of checks and one for the operations. A
// check that fails is a failure; one that could not read what is needed is an error;
// one that does not apply, or is known, is skipped. A warning passes, with its text
// in system-out.
func writeJUnit(w io.Writer, r results.Report, _ Options) error {
	all := junitSuites{Name: "scimlint"}
	for _, group := range groups(r.Checks) {
		var cases []junitCase
		for _, c := range group.Checks {
			cases = append(cases, checkCase(c))
		}
		all.add(r, group.Name, cases)
	}
	if r.Readiness != nil {
		var cases []junitCase
		for _, s := range r.Readiness.Sections {
			cases = append(cases, sectionCase(s))
		}
		all.add(r, "Readiness", cases)
	}
	var cases []junitCase
	for _, op := range r.Operations {
		cases = append(cases, operationCase(op, r))
	}
	all.add(r, "Operations", cases, junitProperty{"verdict", string(r.Verdict)}, junitProperty{"summary", Inert(r.Summary)}, junitProperty{"exitCode", fmt.Sprint(r.ExitCode())})
	out := bytes.NewBufferString(xml.Header)
	e := xml.NewEncoder(out)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := w.Write(append(out.Bytes(), '\n'))
	return err
}

// group is a heading with its checks.
type group struct {
	Name   string
	Checks []results.Check
}

// groups divides the checks by their groups, in their order.
func groups(list []results.Check) []group {
	var out []group
	for _, c := range list {
		if len(out) == 0 || out[len(out)-1].Name != c.Group {
			out = append(out, group{Name: c.Group})
		}
		last := &out[len(out)-1]
		last.Checks = append(last.Checks, c)
	}
	return out
}

func checkCase(c results.Check) junitCase {
	tc := junitCase{Name: c.ID, Classname: "scimlint." + Inert(c.Group)}
	text := Inert(c.Message)
	if fix := FixWords(c.Fix); fix != "" && c.Status != results.Pass {
		text += "\nFix: " + fix
	}
	said := &junitResult{Message: Inert(c.Message), Type: c.ID, Data: cdata(text)}
	words := standing(c)
	switch {
	case c.Status == results.Skip:
		tc.Skipped = &junitSkip{cdata(Inert(c.Message))}
	case c.Status != results.Pass && (c.Holds() || c.Severity == "off" || c.Accepted):
		tc.Skipped = &junitSkip{cdata(Inert(words + ": " + text))}
	case c.Status == results.Fail && c.Severity != "warn", c.Status == results.Warn && c.Severity == "fail":
		tc.Failure = said
	case c.Status == results.Unknown && c.Required && c.Severity != "warn":
		tc.Error = said
	case c.Status == results.Unknown:
		tc.Skipped = &junitSkip{cdata("unknown: " + text)}
	case c.Status != results.Pass:
		tc.SystemOut = &junitData{Data: cdata(string(c.Status) + ": " + text)}
	}
	return tc
}

// sectionCase says whether a section is go.
func sectionCase(s results.Section) junitCase {
	tc := junitCase{Name: s.Name, Classname: "scimlint.Readiness"}
	said := &junitResult{Message: Inert(s.Summary), Type: string(s.State), Data: cdata(Inert(s.Fix))}
	switch {
	case s.State == results.NoGo:
		tc.Failure = said
	case s.State == results.NotChecked && s.Wanted:
		tc.Error = said
	case s.State == results.NotChecked:
		tc.Skipped = &junitSkip{said.Message}
	}
	return tc
}

// operationCase says whether an operation is allowed. Where a pipeline set terms of
// its own and passes, a refused operation is skipped and not failed, so that the
// file says what the exit code says.
func operationCase(op results.Operation, r results.Report) junitCase {
	tc := junitCase{Name: op.ID, Classname: "scimlint.Operations"}
	text := op.Title + ": " + op.Method + " " + op.Path + " is " + string(op.Decision)
	said := &junitResult{Message: text, Type: string(op.Decision), Data: cdata(Inert(r.Summary))}
	switch {
	case op.Decision == results.DecisionAllowed:
	case r.ExitCode() == 0:
		tc.Skipped = &junitSkip{text + ", and the pipeline's terms let it pass"}
	case op.Decision == results.DecisionDenied:
		tc.Failure = said
	default:
		tc.Error = said
	}
	return tc
}

// cdata removes what XML cannot have even there; the encoder itself sees to the
// section's end.
func cdata(s string) string {
	return strings.Map(func(r rune) rune {
		if r == 0xfffe || r == 0xffff || r != '\n' && obeyed(r) {
			return -1
		}
		return r
	}, s)
}
