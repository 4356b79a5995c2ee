package report

import (
	"encoding/json"
	"io"
)

// writeJSON writes a result as its schema in docs/ describes it.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
