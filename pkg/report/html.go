package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page's parts
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

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

// page is what the template shows.
type page struct {
	results.Report
	CSS    template.CSS
	JS     template.JS
	Policy string
	// Why and Fix are the two sentences below the verdict, where no cause has them.
	Why, Fix string
	// Chain is the picture; empty where nothing was judged.
	Chain  template.HTML
	Groups []group
	Matrix matrix
	Count  map[string]int
}

// matrix compares permissions with operations.
type matrix struct {
	Operations []results.Operation
	Rows       []row
}

// row is one permission: how it is decided, by which chain, and what of each
// operation requires it.
type row struct {
	Permission string
	// Required is set when an operation requires the permission, not only one of several.
	Required bool
	Decision results.Decision
	Chain    string
	Cells    []cell
}

// cell says what an operation requires of a permission: a feature's name, or that the
// permission passes the access check; empty when nothing.
type cell struct {
	Feature string
	Gate    bool
}

// writeHTML writes one file that needs nothing else: no script to be read, no request
// to anywhere, and a policy that would refuse both.
func writeHTML(w io.Writer, r results.Report, _ Options) error {
	// The style and the script are files of this package; nothing of a report is in them.
	css, js := template.CSS(pageCSS+chainCSS), template.JS(pageJS) //nolint:gosec // embedded files
	p := page{Report: r, CSS: css, JS: js, Policy: contentPolicy(), Groups: groups(r.Checks), Matrix: newMatrix(r),
		Count: map[string]int{}}
	p.Why, p.Fix = answer(r)
	if c := newChain(r); c != nil {
		var picture bytes.Buffer
		c.svg(&picture, "")
		p.Chain = template.HTML(picture.String()) //nolint:gosec // every text in it is escaped
	}
	for _, c := range r.Checks {
		p.Count[string(c.Status)]++
	}
	var out bytes.Buffer
	if err := pageTemplate.Execute(&out, p); err != nil {
		return err
	}
	_, err := w.Write(out.Bytes())
	return err
}

// contentPolicy lets the page's own style and script run, by their hashes, and
// nothing else.
func contentPolicy() string {
	hash := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; style-src " + hash(pageCSS+chainCSS) + "; script-src " + hash(pageJS) + "; base-uri 'none'; form-action 'none'"
}

// newMatrix lists each permission once, those that the work requires first, then
// those that only pass an access check.
func newMatrix(r results.Report) matrix {
	m := matrix{Operations: r.Operations}
	at := map[string]int{}
	find := func(permission string) *row {
		i, ok := at[permission]
		if !ok {
			i = len(m.Rows)
			at[permission] = i
			m.Rows = append(m.Rows, row{Permission: permission, Cells: make([]cell, len(r.Operations))})
		}
		return &m.Rows[i]
	}
	for i, op := range r.Operations {
		for _, f := range op.Features {
			row := find(f.Permission)
			row.Decision, row.Chain = f.Decision, chainWords(f.Proof, f.Reason)
			row.Cells[i].Feature, row.Required = f.Name, true
		}
	}
	for i, op := range r.Operations {
		for _, h := range op.Gate.Each {
			row := find(h.Permission)
			row.Cells[i].Gate = true
			row.Required = row.Required || len(op.Features) == 0 && (op.Gate.Type == "ALL" || len(op.Gate.Permissions) == 1)
			if row.Decision == "" {
				row.Decision, row.Chain = h.Decision, chainWords(h.Proof, h.Reason)
			}
		}
	}
	return m
}

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"inert":    Inert,
	"mark":     func(s any) string { return marks[word(s)] },
	"word":     word,
	"status":   func(s results.Status) string { return statusWords[s] },
	"verdict":  func(v results.Verdict) string { return verdictWords[v] },
	"fix":      FixWords,
	"standing": standing,
	"profile":  func(v results.ProfileValue) string { return Inert(profileWords(v)) },
	"chain":    func(f results.Feature) string { return chainWords(f.Proof, f.Reason) },
	"pipeline": pipelineSentence,
	"number":   causeNumber,
	"ownFix": func(c results.Check) bool {
		return c.Status != results.Pass && c.Status != results.Skip && c.Fix.Text != "" && len(c.Causes) == 0
	},
	"page":     func(id string) string { return docsURL + "#" + id },
	"taken":    takenWords,
	"stale":    staleWords,
	"gateName": gateWords,
	"upper":    upper,
	"list":     func(s []string) string { return Inert(strings.Join(s, ", ")) },
	"age":      func(seconds int64) string { return (time.Duration(seconds) * time.Second).String() },
	"auditor":  throughAuditor,
	"state":    func(s results.State) string { return stateWords[s] },
	"lists":    readinessLists,
}).Parse(pageHTML))

// Open are the checks of a group that did not pass, Closed the others.
func (g group) Open() []results.Check { return g.which(false) }

// Closed are the checks that passed or do not apply.
func (g group) Closed() []results.Check { return g.which(true) }

func (g group) which(closed bool) []results.Check {
	return slices.DeleteFunc(slices.Clone(g.Checks), func(c results.Check) bool {
		return (c.Status == results.Pass || c.Status == results.Skip) != closed
	})
}

// causeNumber is a cause's place among several; empty where there is one.
func causeNumber(i, n int) string {
	if n < 2 {
		return ""
	}
	return fmt.Sprintf("%d of %d: ", i+1, n)
}

// takenWords is a time as people write it.
func takenWords(taken string) string {
	if t, err := time.Parse(time.RFC3339, taken); err == nil {
		return t.UTC().Format("2 January 2006, 15:04 UTC")
	}
	return Inert(taken)
}

// word makes a class and a key of a status, a verdict or a decision.
func word(s any) string {
	switch s := s.(type) {
	case results.Status:
		return string(s)
	case results.Verdict:
		return string(s)
	case results.Decision:
		return string(s)
	case results.Certainty:
		return string(s)
	case results.State:
		return string(s)
	}
	return ""
}
