package fleet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/scimlint/scimlint/pkg/report"
)

// format is one form in which the result of all orgs is written.
type format struct {
	name  string
	write func(w io.Writer, f *Fleet, opts report.Options) error
}

// formats are in the order in which help lists them.
var formats = []format{
	{"text", asTable},
	{"ndjson", plain(writeNDJSON)},
	{"html", plain(writeHTML)},
	{"junit", plain(writeJUnit)},
	{"sarif", plain(writeSARIF)},
	{"openmetrics", plain(writeMetrics)},
}

func plain(write func(io.Writer, *Fleet) error) func(io.Writer, *Fleet, report.Options) error {
	return func(w io.Writer, f *Fleet, _ report.Options) error { return write(w, f) }
}

// Formats returns the names of the formats.
func Formats() []string {
	var out []string
	for _, f := range formats {
		out = append(out, f.name)
	}
	return out
}

// Write writes the result in a format. Records are read one by one and written as they are
// read, so that memory does not grow with them.
func Write(w io.Writer, name string, f *Fleet, opts report.Options) error {
	for _, form := range formats {
		if form.name == name {
			out := &wholeLines{w: w}
			if err := form.write(out, f, opts); err != nil {
				return err
			}
			return out.flush()
		}
	}
	return fmt.Errorf("unknown format %q: the formats are %s", name, strings.Join(Formats(), ", "))
}

// lineWriter writes values as lines of JSON.
type lineWriter struct{ io.Writer }

func (l lineWriter) write(v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = l.Write(append(data, '\n'))
	return err
}

// wholeLines passes on lines together, and none in parts: what removes control characters
// from a text must not get half a character.
type wholeLines struct {
	w    io.Writer
	kept []byte
}

// Write implements io.Writer.
func (l *wholeLines) Write(p []byte) (int, error) {
	l.kept = append(l.kept, p...)
	if len(l.kept) < 1<<16 {
		return len(p), nil
	}
	end := bytes.LastIndexByte(l.kept, '\n') + 1
	if _, err := l.w.Write(l.kept[:end]); err != nil {
		return 0, err
	}
	l.kept = append(l.kept[:0], l.kept[end:]...)
	return len(p), nil
}

func (l *wholeLines) flush() error {
	_, err := l.w.Write(l.kept)
	return err
}
