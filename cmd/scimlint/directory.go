package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scimlint/scimlint/internal/directory"
	"github.com/scimlint/scimlint/pkg/report"
)

// addDirectories adds the commands that make bodies of exported users.
func addDirectories(std stdio, payload *cobra.Command) {
	const exits = `

Who cannot be mapped is left out and listed. No org and no provider is asked.

Exit codes: 0 everybody was mapped, 1 some were left out or the file does not have all,
2 usage, or the file cannot be read.`
	for _, d := range []struct {
		use, short, long, example string
		mapping                   func(file string) (directory.Mapping, error)
		flag                      bool
	}{
		{"from-entra FILE|-", "Make the bodies of the users that Entra ID exported (CSV or Graph JSON)",
			"from-entra reads the CSV of \"Download users\" or the JSON of Graph's users, and writes a\nGenesys Cloud SCIM body of each, a line each." + exits,
			"  scimlint payload from-entra users.csv -o users.ndjson\n  scimlint ready --profile entra --payload users.ndjson",
			func(string) (directory.Mapping, error) { return directory.Entra(), nil }, false},
		{"from-okta FILE|-", "Make the bodies of the users that Okta exported (CSV or API JSON)",
			"from-okta reads the users of Okta's API as JSON, or a CSV with the columns of Okta's\nprofile, and writes a Genesys Cloud SCIM body of each, a line each." + exits,
			"  scimlint payload from-okta users.json -o users.ndjson",
			func(string) (directory.Mapping, error) { return directory.Okta(), nil }, false},
		{"from-csv FILE|-", "Make the bodies of the users of any CSV, by a mapping",
			"from-csv reads a CSV by the mapping of --mapping, a YAML file that says which column becomes\nwhich attribute, and writes a Genesys Cloud SCIM body of each row, a line each." + exits,
			"  scimlint payload from-csv users.csv --mapping mapping.yaml -o users.ndjson", readMapping, true},
	} {
		var output, mapping string
		cmd := &cobra.Command{Use: d.use, Short: d.short, Long: d.long, Example: d.example, Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				if err := distinct([]named{{"-o", output}}, []named{{d.use, args[0]}, {"--mapping", mapping}}); err != nil {
					return err
				}
				m, err := d.mapping(mapping)
				if err != nil {
					return err
				}
				return fromDirectory(cmd.Context(), std, m, args[0], output)
			}}
		cmd.Flags().StringVarP(&output, "output", "o", "", "`file` for the bodies (default standard output)")
		if d.flag {
			cmd.Flags().StringVar(&mapping, "mapping", "", "`file` that says which column becomes which attribute")
		}
		payload.AddCommand(cmd)
	}
}

func readMapping(file string) (m directory.Mapping, err error) {
	if file == "" {
		return m, errors.New("no mapping: write --mapping FILE, with columns: {userName: E-Mail, displayName: Name}")
	}
	in, err := os.Open(file)
	if err != nil {
		return m, fmt.Errorf("mapping: %w", err)
	}
	defer func() { _ = in.Close() }()
	if m, err = directory.ParseMapping(in); err != nil {
		return m, fmt.Errorf("mapping %s: %w", file, err)
	}
	return m, nil
}

func fromDirectory(ctx context.Context, std stdio, m directory.Mapping, file, output string) error {
	in, err := open(ctx, std, file)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	var s directory.Summary
	fill := func(w io.Writer) error {
		buffered := bufio.NewWriterSize(w, 64<<10)
		s, err = directory.Convert(in, m, func(body map[string]any) error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			line, err := json.Marshal(body) // escapes of < and > are still JSON
			if err == nil {
				_, err = buffered.WriteString(std.secrets().Known(string(line)) + "\n")
			}
			return err
		})
		if err != nil {
			return err
		}
		return buffered.Flush()
	}
	if output == "" {
		err = fill(std.out)
	} else {
		err = writeStream(output, 0o600, fill) // people's names and addresses
	}
	switch {
	case ctx.Err() != nil:
		return &exit{code: exitInterrupted, err: errors.New("interrupted: the bodies were not written in full")}
	case err != nil:
		return fmt.Errorf("%s: %w", file, err)
	}
	return code(summarizeDirectory(std, file, s))
}

// summarizeDirectory says what was read and left out, and returns the exit code.
func summarizeDirectory(std stdio, file string, s directory.Summary) int {
	say := func(format string, args ...any) {
		_, _ = fmt.Fprintln(std.err, report.Inert(fmt.Sprintf(format, args...)))
	}
	list := func(what string, names []string) {
		if len(names) > 0 {
			say("  %s: %s", what, strings.Join(names, ", "))
		}
	}
	say("%s was read as %s", file, s.Format)
	list("columns used", s.Used)
	list("looked for and not found", s.Missing)
	list("not used", s.Unused)
	say("bodies made: %d, users left out: %d", s.Bodies, s.LeftOut)
	for i, reason := range s.Reasons {
		if i == 10 {
			break
		}
		say("  %s", reason)
	}
	if s.LeftOut > 10 {
		say("  and %d more", s.LeftOut-10)
	}
	if s.EmptyRows > 0 {
		say("empty rows: %d", s.EmptyRows)
	}
	if s.Phones > 0 {
		say("telephone numbers left out of their bodies, because they are not whole international numbers (as +33142685300): %d", s.Phones)
	}
	if s.Incomplete != "" {
		say("ATTENTION: %s", s.Incomplete)
	}
	if s.LeftOut > 0 || s.Incomplete != "" {
		return 1
	}
	return 0
}
