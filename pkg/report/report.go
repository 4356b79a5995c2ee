// Package report writes a run's results, one file per format. Everything that is
// printed comes from the results; formats differ only in form.
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

// Format is one form in which a result can be written: a file of this package each.
type Format[T any] struct {
	Name  string
	Write func(w io.Writer, v T, opts Options) error
}

// reportFormats are the formats of a report, in the order in which help lists them.
// Adding a format is adding its file and a line here.
var reportFormats = append(plainFormats((*Text).report),
	Format[results.Report]{"sarif", writeSARIF},
	Format[results.Report]{"junit", writeJUnit},
	Format[results.Report]{"markdown", writeMarkdown},
	Format[results.Report]{"html", writeHTML},
	Format[results.Report]{"svg", writeSVG},
)

// The formats of explanations, differences and answers.
var (
	explanationFormats = plainFormats((*Text).explanation)
	differenceFormats  = plainFormats((*Text).difference)
	answerFormats      = plainFormats((*Text).answer)
)

// plainFormats are text and JSON, which every result has.
func plainFormats[T any](asText func(*Text, T)) []Format[T] {
	return []Format[T]{TextFormat("text", asText), JSONFormat[T]()}
}

// TextFormat is a format for people, written line by line.
func TextFormat[T any](name string, asText func(*Text, T)) Format[T] {
	return Format[T]{name, func(w io.Writer, v T, opts Options) error {
		t := newText(opts)
		asText(t, v)
		_, err := w.Write(t.out.Bytes())
		return err
	}}
}

// JSONFormat is a result as its schema in docs/ describes it.
func JSONFormat[T any]() Format[T] {
	return Format[T]{"json", func(w io.Writer, v T, _ Options) error { return writeJSON(w, v) }}
}

// Names returns the names of formats.
func Names[T any](formats []Format[T]) []string {
	var out []string
	for _, f := range formats {
		out = append(out, f.Name)
	}
	return out
}

// WriteIn writes a result in one of the formats. It is the one way to every format,
// and removes secrets from each text of the result before the format cuts, wraps or
// escapes it: what a format gets is clean.
func WriteIn[T any](w io.Writer, format string, v T, opts Options, formats []Format[T]) error {
	for _, f := range formats {
		if f.Name == format {
			return f.Write(w, secret.Walk(v, opts.Secrets.Clean), opts)
		}
	}
	return fmt.Errorf("unknown format %q: the formats are %s", format, strings.Join(Names(formats), ", "))
}

// Formats returns the names of a report's formats.
func Formats() []string { return Names(reportFormats) }

// PlainFormats returns the names of the formats that explanations and differences
// have.
func PlainFormats() []string { return Names(explanationFormats) }

// Write writes a report in a format.
func Write(w io.Writer, format string, r results.Report, opts Options) error {
	return WriteIn(w, format, r, opts, reportFormats)
}

// WriteExplanation writes the result of scimlint explain.
func WriteExplanation(w io.Writer, format string, e results.Explanation, opts Options) error {
	return WriteIn(w, format, e, opts, explanationFormats)
}

// WriteDifference writes the result of scimlint diff.
func WriteDifference(w io.Writer, format string, d results.Difference, opts Options) error {
	return WriteIn(w, format, d, opts, differenceFormats)
}

// WriteAnswer writes the result of scimlint can-i.
func WriteAnswer(w io.Writer, format string, a results.Answer, opts Options) error {
	return WriteIn(w, format, a, opts, answerFormats)
}

// Inert removes from a text from outside what a terminal would obey: control
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
