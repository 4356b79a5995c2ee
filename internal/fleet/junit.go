package fleet

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"github.com/scimlint/scimlint/pkg/report"
)

// writeJUnit writes a suite for each org, with the test cases that scimlint check -o junit
// writes for it. An org that was not checked is a suite with one error.
func writeJUnit(w io.Writer, f *Fleet) error {
	if _, err := io.WriteString(w, xml.Header+"<testsuites name=\"scimlint fleet\">\n"); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("\t", "\t")
	id := 0
	err := f.each(func(row Row, r Record) error {
		suite, err := suiteOf(row, r)
		if err != nil {
			return err
		}
		suite.ID = id
		id++
		return enc.EncodeElement(suite, xml.StartElement{Name: xml.Name{Local: "testsuite"}})
	})
	if err != nil {
		return err
	}
	if len(f.Missing) > 0 {
		suite := junit.Testsuite{Name: "missing orgs", ID: id, Package: "scimlint", Time: "0"}
		for _, m := range f.Missing {
			suite.AddTestcase(junit.Testcase{Name: m, Classname: "scimlint.fleet", Error: &junit.Result{Message: m, Type: "missing"}})
		}
		if err := enc.EncodeElement(suite, xml.StartElement{Name: xml.Name{Local: "testsuite"}}); err != nil {
			return err
		}
	}
	_, err = io.WriteString(w, "\n</testsuites>\n")
	return err
}

// suiteOf is the suite of one org.
func suiteOf(row Row, r Record) (junit.Testsuite, error) {
	out := junit.Testsuite{Name: row.Org, Package: "scimlint", Timestamp: row.Started, Time: fmt.Sprintf("%.3f", float64(r.DurationMs)/1000)}
	if r.Report == nil {
		text := report.Inert(r.Error)
		out.AddTestcase(junit.Testcase{Name: "checked", Classname: row.Org, Error: &junit.Result{Message: text, Type: NotChecked}})
		return out, nil
	}
	var buffer bytes.Buffer
	if err := report.Write(&buffer, "junit", *r.Report, report.Options{}); err != nil {
		return out, err
	}
	var one junit.Testsuites
	if err := xml.Unmarshal(buffer.Bytes(), &one); err != nil {
		return out, fmt.Errorf("junit of %s: %w", row.Org, err)
	}
	for _, s := range one.Suites {
		for _, c := range s.Testcases {
			out.AddTestcase(c)
		}
		if s.Properties != nil {
			for _, p := range *s.Properties {
				out.AddProperty(p.Name, p.Value)
			}
		}
	}
	return out, nil
}
