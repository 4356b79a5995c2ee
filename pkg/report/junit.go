package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"github.com/scimlint/scimlint/pkg/results"
)

// writeJUnit writes a suite for each group of checks and one for the operations. A
// check that fails is a failure; one that could not see what is needed is an error;
// one that does not apply, or is known, is skipped. A warning passes, with its text
// in system-out.
func writeJUnit(w io.Writer, r results.Report, _ Options) error {
	all := junit.Testsuites{Name: "scimlint"}
	for _, group := range groups(r.Checks) {
		suite := junit.Testsuite{Name: Inert(group.Name), ID: len(all.Suites), Package: "scimlint", Timestamp: r.Taken, Time: "0"}
		for _, c := range group.Checks {
			suite.AddTestcase(checkCase(c))
		}
		all.AddSuite(suite)
	}
	if r.Readiness != nil {
		suite := junit.Testsuite{Name: "Readiness", ID: len(all.Suites), Package: "scimlint", Timestamp: r.Taken, Time: "0"}
		for _, s := range r.Readiness.Sections {
			suite.AddTestcase(sectionCase(s))
		}
		all.AddSuite(suite)
	}
	suite := junit.Testsuite{Name: "Operations", ID: len(all.Suites), Package: "scimlint", Timestamp: r.Taken, Time: "0"}
	for _, op := range r.Operations {
		suite.AddTestcase(operationCase(op, r))
	}
	suite.AddProperty("verdict", string(r.Verdict))
	suite.AddProperty("summary", Inert(r.Summary))
	suite.AddProperty("exitCode", fmt.Sprint(r.ExitCode()))
	all.AddSuite(suite)
	var out bytes.Buffer
	out.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	if err := all.WriteXML(&out); err != nil {
		return err
	}
	_, err := w.Write(out.Bytes())
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

func checkCase(c results.Check) junit.Testcase {
	tc := junit.Testcase{Name: c.ID, Classname: "scimlint." + Inert(c.Group), Status: string(c.Status)}
	text := Inert(c.Message)
	if fix := FixWords(c.Fix); fix != "" && c.Status != results.Pass {
		text += "\nFix: " + fix
	}
	said := &junit.Result{Message: Inert(c.Message), Type: c.ID, Data: cdata(text)}
	words := standing(c)
	switch {
	case c.Status == results.Skip:
		tc.Skipped = &junit.Result{Message: Inert(c.Message)}
	case c.Status != results.Pass && (c.Holds() || c.Severity == "off" || c.Accepted):
		tc.Skipped = &junit.Result{Message: Inert(words), Data: cdata(text)}
	case c.Status == results.Fail && c.Severity != "warn", c.Status == results.Warn && c.Severity == "fail":
		tc.Failure = said
	case c.Status == results.Unknown && c.Required && c.Severity != "warn":
		tc.Error = said
	case c.Status == results.Unknown:
		tc.Skipped = &junit.Result{Message: "could not be seen: " + Inert(c.Message), Data: cdata(text)}
	case c.Status != results.Pass:
		tc.SystemOut = &junit.Output{Data: cdata(string(c.Status) + ": " + text)}
	}
	return tc
}

// sectionCase says whether a section is go.
func sectionCase(s results.Section) junit.Testcase {
	tc := junit.Testcase{Name: s.Name, Classname: "scimlint.Readiness", Status: string(s.State)}
	said := &junit.Result{Message: Inert(s.Summary), Type: string(s.State), Data: cdata(Inert(s.Fix))}
	switch {
	case s.State == results.NoGo:
		tc.Failure = said
	case s.State == results.NotChecked && s.Wanted:
		tc.Error = said
	case s.State == results.NotChecked:
		tc.Skipped = said
	}
	return tc
}

// operationCase says whether an operation is allowed. Where a pipeline set terms of
// its own and passes, a refused operation is skipped and not failed, so that the
// file says what the exit code says.
func operationCase(op results.Operation, r results.Report) junit.Testcase {
	tc := junit.Testcase{Name: op.ID, Classname: "scimlint.Operations", Status: string(op.Decision)}
	text := op.Title + ": " + op.Method + " " + op.Path + " is " + string(op.Decision)
	said := &junit.Result{Message: text, Type: string(op.Decision), Data: cdata(Inert(r.Summary))}
	switch {
	case op.Decision == results.DecisionAllowed:
	case r.ExitCode() == 0:
		tc.Skipped = &junit.Result{Message: text + ", and the run's terms let it pass"}
	case op.Decision == results.DecisionDenied:
		tc.Failure = said
	default:
		tc.Error = said
	}
	return tc
}

// cdata takes out what XML cannot hold even there; the encoder itself sees to the
// section's end.
func cdata(s string) string {
	return strings.Map(func(r rune) rune {
		if r == 0xfffe || r == 0xffff || r != '\n' && obeyed(r) {
			return -1
		}
		return r
	}, s)
}
