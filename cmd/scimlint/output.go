package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/scimlint/scimlint/internal/nearest"
	"github.com/scimlint/scimlint/pkg/report"
)

// outputs say which reports go where.
type outputs struct {
	specs          []string
	verbose, quiet bool
}

func (o *outputs) register(cmd *cobra.Command) {
	cmd.Flags().StringArrayVarP(&o.specs, "output", "o", nil, "`format`, FILE or format=FILE: "+strings.Join(report.Formats(), ", ")+"; of a file, the ending is enough; repeatable (default text)")
	cmd.Flags().BoolVarP(&o.verbose, "verbose", "v", false, "show the requests with correlation ids, and the checks that do not apply")
	cmd.Flags().BoolVarP(&o.quiet, "quiet", "q", false, "show only the verdict and the causes")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(report.Formats(), cobra.ShellCompDirectiveNoFileComp))
}

// output is one report to write; an empty file is standard output.
type output struct{ format, file string }

// parse reads the specs before anything is asked of the org.
func (o *outputs) parse(formats []string) ([]output, error) {
	specs := o.specs
	if len(specs) == 0 {
		specs = []string{"text"}
	}
	var out []output
	for _, spec := range specs {
		format, file, err := parseOutput(spec, formats)
		switch {
		case err != nil:
			return nil, err
		case slices.ContainsFunc(out, func(p output) bool { return p.file == file }):
			return nil, fmt.Errorf("two reports would go to %s: give each a file, as in -o json=report.json", firstOf(file, "standard output"))
		}
		if file != "" {
			if info, err := os.Stat(filepath.Dir(file)); err != nil || !info.IsDir() {
				return nil, fmt.Errorf("-o %s: the folder %s does not exist", spec, filepath.Dir(file))
			}
		}
		out = append(out, output{format, file})
	}
	return out, nil
}

// endings are the formats that the ending of a file's name means.
var endings = map[string]string{".txt": "text", ".json": "json", ".sarif": "sarif", ".xml": "junit", ".md": "markdown", ".html": "html", ".svg": "svg", ".tf": "terraform", ".sh": "curl"}

// parseOutput reads what -o says in every command: a format, a file whose name's ending
// is one of a format, or format=file. The file is empty for standard output.
func parseOutput(spec string, formats []string) (format, file string, err error) {
	format, file, named := strings.Cut(spec, "=")
	if ending := endings[strings.ToLower(filepath.Ext(spec))]; !slices.Contains(formats, format) && slices.Contains(formats, ending) {
		return ending, spec, nil
	}
	switch {
	case !slices.Contains(formats, format):
		return "", "", fmt.Errorf("unknown format %q: the formats are %s.%s", format, strings.Join(formats, ", "), nearest.Question(format, formats))
	case named && file == "":
		return "", "", fmt.Errorf("-o %s names no file", spec)
	}
	return format, file, nil
}

// files are the outputs that are files.
func files(list []output) []named {
	var out []named
	for _, o := range list {
		if o.file != "" {
			out = append(out, named{"-o " + o.format, o.file})
		}
	}
	return out
}

// render writes one result in a format.
type render func(w io.Writer, format string, opts report.Options) error

// write writes every report. A file appears whole or not at all.
func (o *outputs) write(std stdio, list []output, render render) error {
	for _, out := range list {
		opts := report.Options{Verbose: o.verbose, Quiet: o.quiet, Secrets: std.secrets()}
		if out.file == "" {
			opts.Color, opts.Width = colorful(std), width(std.out)
			if err := render(std.out, out.format, opts); err != nil {
				return fmt.Errorf("report cannot be written: %w", err)
			}
			continue
		}
		var buffer bytes.Buffer
		if err := render(&buffer, out.format, opts); err != nil {
			return err
		}
		if err := writeWhole(out.file, []byte(std.secrets().Known(buffer.String()))); err != nil {
			return fmt.Errorf("report cannot be written: %w", err)
		}
	}
	return nil
}

// colorful follows NO_COLOR and CLICOLOR_FORCE, and otherwise colours only terminals.
func colorful(std stdio) bool {
	terminal, ok := file(std.out)
	// A console of Windows has to be asked, also where colours are forced.
	capable := ok && isTerminal(std.out) && showsColours(terminal)
	switch force := std.env("CLICOLOR_FORCE"); {
	case std.env("NO_COLOR") != "":
		return false
	case force != "" && force != "0":
		return true
	}
	return capable && std.env("TERM") != "dumb"
}

func isTerminal(w io.Writer) bool {
	f, ok := file(w)
	return ok && term.IsTerminal(int(f.Fd()))
}

// width is the terminal's, 100 columns elsewhere.
func width(w io.Writer) int {
	if f, ok := file(w); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
			return min(columns, 120)
		}
	}
	return 100
}
