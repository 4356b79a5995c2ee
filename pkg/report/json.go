package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode"
)

// writeJSON writes a result as its schema in docs/ describes it.
func writeJSON(w io.Writer, v any) error {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(EscapeJSON(out.Bytes()))
	return err
}

// EscapeJSON writes the characters that a terminal or an editor would obey as
// \uXXXX: they say the same to a parser and do nothing to whoever looks at the
// file. They can only be in strings.
func EscapeJSON(data []byte) []byte {
	var out bytes.Buffer
	for _, r := range string(data) {
		if obeyed(r) && r != '\n' {
			_, _ = fmt.Fprintf(&out, `\u%04x`, r)
		} else {
			out.WriteRune(r)
		}
	}
	return out.Bytes()
}

// obeyed says whether a character does something other than show itself: control
// characters, and marks that turn the direction of writing or are invisible.
func obeyed(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' || r == '\ufeff'
}
