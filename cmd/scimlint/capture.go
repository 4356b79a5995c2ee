package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/secret"
)

func newCapture(std stdio) *cobra.Command {
	var f flags
	var file string
	var dryRun, keepNames bool
	cmd := &cobra.Command{
		Use:   "capture",
		Short: "Write all evidence of an org to one file, for support to judge offline",
		Long: `capture asks the org what check asks it, removes people's names and all secrets,
and writes one file: a zip of JSON that a person can read. scimlint check --from
FILE judges it as if it were the org; scimlint diff compares two.

Secrets and tokens are never in it. Names and e-mail addresses of people are
replaced by pseudonyms unless --keep-names is given; ids stay.`,
		Example: `  scimlint capture -o bundle.scimlint
  scimlint check --from bundle.scimlint --need create,roles`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file == "" && !dryRun {
				return errors.New("no file: write -o bundle.scimlint, or --dry-run to see what would be in it")
			}
			if err := distinct([]named{{"-o", file}}, f.inputs()); err != nil {
				return err
			}
			s, err := f.resolve(cmd.Context(), std)
			if err != nil {
				return err
			}
			s.evidence.MaxInFlight = evidence.CaptureInFlight
			snapshot, err := collect(cmd.Context(), std, s, true)
			if err != nil {
				return err
			}
			data, m, err := pack(snapshot, keepNames, std.secrets())
			if err != nil {
				return err
			}
			if !dryRun {
				if err := writeMode(file, data, 0o600); err != nil {
					return fmt.Errorf("bundle cannot be written: %w", err)
				}
			}
			if err := describe(std, m, file, len(data), dryRun); err != nil || !dryRun {
				return err
			}
			return printParts(std, data)
		},
	}
	f.register(cmd)
	cmd.Flags().StringVarP(&file, "output", "o", "", "`file` to write")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "show what would be in the file, and write none")
	cmd.Flags().BoolVar(&keepNames, "keep-names", false, "keep names and e-mail addresses of people")
	return cmd
}

// pack redacts a snapshot and makes a bundle of it.
func pack(snapshot *evidence.Snapshot, keepNames bool, secrets *secret.Redactor) ([]byte, evidence.Manifest, error) {
	redacted, err := evidence.Redact(snapshot, keepNames)
	if err != nil {
		return nil, evidence.Manifest{}, err
	}
	redacted = secret.Walk(redacted, secrets.Known)
	return evidence.Pack(redacted, evidence.NewManifest(redacted, toolVersion(), catalog.Default().Label(), keepNames))
}

func describe(std stdio, m evidence.Manifest, file string, size int, dryRun bool) error {
	verb := fmt.Sprintf("Wrote %s: %d bytes", file, size)
	if dryRun {
		verb = fmt.Sprintf("Would write %d bytes", size)
	}
	w := tabwriter.NewWriter(std.out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintf(w, "%s, of %q and the client %q; names of people: %s.\n", verb, m.Org, firstOf(m.Client, m.ClientID), m.Names)
	for _, p := range m.Parts {
		_, _ = fmt.Fprintf(w, "  %s\t%d bytes\t%s\n", p.Name, p.Bytes, p.SHA256[:12])
	}
	return w.Flush()
}

// printParts shows what would be in the file, for whoever has to let it go.
func printParts(std stdio, data []byte) error {
	snapshot, _, err := evidence.Unpack(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	files, err := evidence.Parts(snapshot)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if _, err := fmt.Fprintf(std.out, "\n%s\n%s", name, files[name]); err != nil {
			return err
		}
	}
	return nil
}

// readBundle reads a bundle file.
func readBundle(name string) (*evidence.Snapshot, evidence.Manifest, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, evidence.Manifest{}, fmt.Errorf("bundle: %w", err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, evidence.Manifest{}, fmt.Errorf("bundle: %w", err)
	}
	s, m, err := evidence.Unpack(file, info.Size())
	if err != nil {
		return nil, m, fmt.Errorf("bundle %s: %w", name, err)
	}
	return s, m, nil
}
