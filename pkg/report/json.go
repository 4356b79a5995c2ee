package report

import (
	"encoding/json"
	"io"

	"github.com/scimlint/scimlint/pkg/results"
)

// writeJSON writes the report as docs/report.schema.json describes it.
func writeJSON(w io.Writer, r results.Report) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}
