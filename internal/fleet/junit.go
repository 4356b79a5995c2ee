package fleet

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"

	"github.com/scimlint/scimlint/pkg/report"
)

// junitSuite is a suite of test cases, which are kept as package report writes them.
type junitSuite struct {
	XMLName    xml.Name         `xml:"testsuite"`
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

type junitProperties struct {
	Inner string `xml:",innerxml"`
}

type junitCase struct {
	Name      string `xml:"name,attr"`
	Classname string `xml:"classname,attr"`
	Inner     string `xml:",innerxml"`
}

// writeJUnit writes a suite for each org, with the test cases that scimlint check -o junit
// writes for it. An org that was not checked is a suite with one error.
func writeJUnit(w io.Writer, f *Fleet) error {
	if _, err := io.WriteString(w, xml.Header+"<testsuites name=\"scimlint fleet\">\n"); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("  ", "  ")
	id := 0
	err := f.each(func(row Row, r Record) error {
		suite, err := suiteOf(row, r)
		if err != nil {
			return err
		}
		suite.ID = id
		id++
		return enc.Encode(suite)
	})
	if err != nil {
		return err
	}
	if len(f.Missing) > 0 {
		suite := junitSuite{Name: "missing orgs", ID: id, Package: "scimlint", Time: "0"}
		for _, m := range f.Missing {
			suite.fail("scimlint.fleet", m, "missing", m)
		}
		if err := enc.Encode(suite); err != nil {
			return err
		}
	}
	_, err = io.WriteString(w, "\n</testsuites>\n")
	return err
}

// fail adds a case with an error.
func (s *junitSuite) fail(class, name, kind, text string) {
	var message bytes.Buffer
	_ = xml.EscapeText(&message, []byte(report.Inert(text))) // a buffer accepts all
	s.Cases = append(s.Cases, junitCase{Name: name, Classname: class, Inner: `<error message="` + message.String() + `" type="` + kind + `"></error>`})
	s.Tests++
	s.Errors++
}

// suiteOf is the suite of one org.
func suiteOf(row Row, r Record) (junitSuite, error) {
	out := junitSuite{Name: row.Org, Package: "scimlint", Timestamp: row.Started, Time: fmt.Sprintf("%.3f", float64(r.DurationMs)/1000)}
	if r.Report == nil {
		out.fail("scimlint.fleet", "checked", NotChecked, r.Error)
		return out, nil
	}
	var buffer bytes.Buffer
	if err := report.Write(&buffer, "junit", *r.Report, report.Options{}); err != nil {
		return out, err
	}
	var one struct {
		Suites []junitSuite `xml:"testsuite"`
	}
	if err := xml.Unmarshal(buffer.Bytes(), &one); err != nil {
		return out, fmt.Errorf("junit of %s: %w", row.Org, err)
	}
	for _, s := range one.Suites {
		out.Cases = append(out.Cases, s.Cases...)
		out.Tests, out.Failures, out.Errors, out.Skipped = out.Tests+s.Tests, out.Failures+s.Failures, out.Errors+s.Errors, out.Skipped+s.Skipped
		if s.Properties != nil {
			out.Properties = s.Properties
		}
	}
	return out, nil
}
