// Package report writes a run's results, one file per format. Everything that is
// printed comes from the results; formats differ in form alone.
package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/secret"
)

// Options say how a report for people looks.
type Options struct {
	// Color turns colours on.
	Color bool
	// Width is the number of columns; 100 when zero.
	Width int
	// Verbose adds the requests, Quiet leaves all but the verdict and the causes.
	Verbose, Quiet bool
	// Secrets knows the secrets of the run; nil where there are none. What has the
	// shape of a secret is taken out either way.
	Secrets *secret.Redactor
}

// Formats returns the names of a report's formats.
func Formats() []string { return append(PlainFormats(), "sarif", "junit", "markdown", "html") }

// PlainFormats returns the names of the formats that explanations and differences
// have too.
func PlainFormats() []string { return []string{"text", "json"} }

// writer writes a result in one format.
type writer[T any] func(w io.Writer, v T, opts Options) error

// inFormat writes a result in one of the formats. It is the one way to every format,
// and takes secrets out of each text of the result before the format cuts, wraps or
// escapes it: what a writer gets is clean.
func inFormat[T any](w io.Writer, format string, v T, opts Options, names []string, writers map[string]writer[T]) error {
	write, ok := writers[format]
	if !ok {
		return fmt.Errorf("unknown format %q: the formats are %s", format, strings.Join(names, ", "))
	}
	return write(w, secret.Walk(v, opts.Secrets.Clean), opts)
}

// plain are the writers of a result that has PlainFormats only.
func plain[T any](asText func(*text, T)) map[string]writer[T] {
	return map[string]writer[T]{
		"text": func(w io.Writer, v T, opts Options) error { return writeText(w, opts, func(t *text) { asText(t, v) }) },
		"json": func(w io.Writer, v T, _ Options) error { return writeJSON(w, v) },
	}
}

// Write writes a report in a format.
func Write(w io.Writer, format string, r results.Report, opts Options) error {
	writers := plain((*text).report)
	writers["sarif"] = func(w io.Writer, r results.Report, _ Options) error { return writeSARIF(w, r) }
	writers["junit"] = func(w io.Writer, r results.Report, _ Options) error { return writeJUnit(w, r) }
	writers["markdown"] = func(w io.Writer, r results.Report, _ Options) error { return writeMarkdown(w, r) }
	writers["html"] = func(w io.Writer, r results.Report, _ Options) error { return writeHTML(w, r) }
	return inFormat(w, format, r, opts, Formats(), writers)
}

// WriteExplanation writes what scimlint explain says.
func WriteExplanation(w io.Writer, format string, e results.Explanation, opts Options) error {
	return inFormat(w, format, e, opts, PlainFormats(), plain((*text).explanation))
}

// WriteDifference writes what scimlint diff says.
func WriteDifference(w io.Writer, format string, d results.Difference, opts Options) error {
	return inFormat(w, format, d, opts, PlainFormats(), plain((*text).difference))
}

// WriteAnswer writes what scimlint can-i says.
func WriteAnswer(w io.Writer, format string, a results.Answer, opts Options) error {
	return inFormat(w, format, a, opts, PlainFormats(), plain((*text).answer))
}

// writeText writes a result for people.
func writeText(w io.Writer, opts Options, asText func(*text)) error {
	t := newText(opts)
	asText(t)
	_, err := w.Write(t.out.Bytes())
	return err
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
