// Package report writes a run's results, one file per format. Everything that is
// printed comes from the results; formats differ in form alone.
package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/scimlint/scimlint/pkg/results"
)

// Options say how a report for people looks.
type Options struct {
	// Color turns colours on.
	Color bool
	// Width is the number of columns; 100 when zero.
	Width int
	// Verbose adds the requests, Quiet leaves all but the verdict and the causes.
	Verbose, Quiet bool
}

// Formats returns the names of a report's formats.
func Formats() []string { return append(PlainFormats(), "sarif", "junit", "markdown", "html") }

// PlainFormats returns the names of the formats that explanations and differences
// have too.
func PlainFormats() []string { return []string{"text", "json"} }

// Write writes a report in a format.
func Write(w io.Writer, format string, r results.Report, opts Options) error {
	switch format {
	case "sarif":
		return writeSARIF(w, r)
	case "junit":
		return writeJUnit(w, r)
	case "markdown":
		return writeMarkdown(w, r)
	case "html":
		return writeHTML(w, r)
	case "text", "json":
		return write(w, format, r, opts, func(t *text) { t.report(r) })
	}
	return fmt.Errorf("unknown format %q: the formats are %s", format, strings.Join(Formats(), ", "))
}

// WriteExplanation writes what scimlint explain says.
func WriteExplanation(w io.Writer, format string, e results.Explanation, opts Options) error {
	return write(w, format, e, opts, func(t *text) { t.explanation(e) })
}

// WriteDifference writes what scimlint diff says.
func WriteDifference(w io.Writer, format string, d results.Difference, opts Options) error {
	return write(w, format, d, opts, func(t *text) { t.difference(d) })
}

// WriteAnswer writes what scimlint can-i says.
func WriteAnswer(w io.Writer, format string, a results.Answer, opts Options) error {
	return write(w, format, a, opts, func(t *text) { t.answer(a) })
}

// write writes a result as JSON, or as text by its own function.
func write(w io.Writer, format string, v any, opts Options, asText func(*text)) error {
	switch format {
	case "text":
		t := newText(opts)
		asText(t)
		_, err := w.Write(t.out.Bytes())
		return err
	case "json":
		return writeJSON(w, v)
	}
	return fmt.Errorf("unknown format %q: the formats are %s", format, strings.Join(PlainFormats(), ", "))
}

// Inert takes out of a text from outside what a terminal would obey: control
// characters, escape sequences' start, and marks that turn the direction of
// writing.
func Inert(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case obeyed(r):
			return -1
		}
		return r
	}, s)
}
