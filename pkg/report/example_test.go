package report_test

import (
	"encoding/csv"
	"io"
	"os"

	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/results"
)

// writeCSV is a format of one's own. In the project it would be a file csv.go and a line
// in reportFormats.
func writeCSV(w io.Writer, r results.Report, _ report.Options) error {
	out := csv.NewWriter(w)
	for _, c := range r.Checks {
		if err := out.Write([]string{c.ID, string(c.Status), c.Message}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// Adding a format needs a name and a function that writes a report without its secrets.
func Example() {
	formats := []report.Format[results.Report]{{Name: "csv", Write: writeCSV}}
	r := results.Report{Checks: []results.Check{{ID: "client-has-roles", Status: results.Fail, Message: "the org lists no role"}}}
	if err := report.WriteIn(os.Stdout, "csv", r, report.Options{}, formats); err != nil {
		panic(err)
	}
	// Output: client-has-roles,fail,the org lists no role
}
