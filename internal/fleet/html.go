package fleet

import (
	"cmp"
	"crypto/sha256"
	_ "embed" // the page's parts
	"encoding/base64"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/results"
)

var (
	//go:embed page/page.html
	pageHTML string
	//go:embed page/page.css
	pageCSS string
	//go:embed page/page.js
	pageJS string
)

// pagePart is what a part of the page's template shows. The page is written org by org: the
// table in one pass, the reports in another.
type pagePart struct {
	*Fleet
	CSS      template.CSS
	JS       template.JS
	Policy   string
	Headline string
	Period   string
	Worst    string
	Keys     []string // of the labels
	Row      Row
	Record   Record
	Cells    []pageCell
}

// pageCell is one operation of one org.
type pageCell struct {
	Title    string
	Decision string
}

// writeHTML writes one page that requests nothing from anywhere. Without scripts it is a
// plain table with a report of each org below.
func writeHTML(w io.Writer, f *Fleet) error {
	// The style and the script are files of this package; nothing of a report is in them.
	p := pagePart{Fleet: f, CSS: template.CSS(pageCSS), JS: template.JS(pageJS), Policy: contentPolicy(), Headline: headline(f), Worst: cmp.Or(f.Worst(), string(results.Ready))} //nolint:gosec // embedded files
	var err error
	if p.Period, err = period(f); err != nil {
		return err
	}
	if p.Keys, err = labelKeys(f); err != nil {
		return err
	}
	if err := pageTemplate.ExecuteTemplate(w, "top", p); err != nil {
		return err
	}
	for _, part := range []string{"row", "report"} {
		if part == "report" {
			if err := pageTemplate.ExecuteTemplate(w, "middle", p); err != nil {
				return err
			}
		}
		err := f.each(func(row Row, r Record) error {
			p.Row, p.Record, p.Cells = row, r, cellsOf(f, r)
			return pageTemplate.ExecuteTemplate(w, part, p)
		})
		if err != nil {
			return err
		}
	}
	return pageTemplate.ExecuteTemplate(w, "bottom", p)
}

// contentPolicy lets the page's own style and script run, by their hashes, and nothing else.
func contentPolicy() string {
	hash := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; style-src " + hash(pageCSS) + "; script-src " + hash(pageJS) + "; base-uri 'none'; form-action 'none'"
}

// labelKeys are the keys of all labels.
func labelKeys(f *Fleet) ([]string, error) {
	set := map[string]bool{}
	err := f.eachRow(func(r Row) error {
		for k := range r.Labels {
			set[k] = true
		}
		return nil
	})
	return sortedKeys(set), err
}

// cellsOf are the decisions of an org, a cell for each column.
func cellsOf(f *Fleet, r Record) []pageCell {
	out := make([]pageCell, len(f.Operations))
	for i, c := range f.Operations {
		out[i].Title = c.Title
		if r.Report == nil {
			continue
		}
		if at := slices.IndexFunc(r.Report.Operations, func(op results.Operation) bool { return op.ID == c.ID }); at >= 0 {
			out[i].Decision = string(r.Report.Operations[at].Decision)
		}
	}
	return out
}

var symbols = map[string]string{"ready": "✓", "not-ready": "✗", "inconclusive": "?", NotChecked: "✗", "allowed": "✓", "denied": "✗", "unknown": "?", "fail": "✗", "warn": "!"}

var pageTemplate = template.Must(template.New("fleet").Funcs(template.FuncMap{
	"inert":  report.Inert,
	"fix":    report.FixWords,
	"mark":   func(s string) string { return symbols[s] },
	"words":  func(v string) string { return verdictWords[v] },
	"rank":   func(v string) int { return slices.Index(verdicts, v) },
	"day":    day,
	"list":   func(s []string) string { return report.Inert(strings.Join(s, ", ")) },
	"change": func(c results.Change) string { return report.Inert(shortChange(c)) },
	"label":  func(r Row, key string) string { return report.Inert(r.Labels[key]) },
	"first": func(list []results.Change) []results.Change {
		return list[:min(len(list), 50)]
	},
	"more":     func(list []results.Change) int { return max(0, len(list)-50) },
	"findings": findings,
	"refused":  refused,
	"tail":     tail,
}).Parse(pageHTML))

// findings are the checks that neither passed nor were left out.
func findings(r results.Report) []results.Check {
	return slices.DeleteFunc(slices.Clone(r.Checks), func(c results.Check) bool { return c.Status == results.Pass || c.Status == results.Skip })
}

// refused are the requests that were not answered as they should be: the vendor's support
// asks for their correlation ids.
func refused(r results.Report) []results.Request {
	return slices.DeleteFunc(slices.Clone(r.Requests), func(q results.Request) bool { return q.Status/100 == 2 })
}
