package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/scimlint/scimlint/internal/bounds"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/report"
)

func newCatalog(std stdio) *cobra.Command {
	cmd := &cobra.Command{Use: "catalog", Short: "Show, import and compare what the published API definition says",
		Long: `The catalogue says what each operation requires: the permissions of its access check, its OAuth
scopes, its refusals. It is made from the vendor's published definition (Swagger 2.0,
GET /api/v2/docs/swagger of any region) and embedded in scimlint.`,
		Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(newCatalogShow(std), newCatalogImport(std), newCatalogDiff(std))
	return cmd
}

func newCatalogShow(std stdio) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:     "show [WORD]",
		Short:   "List the operations with what they require, those whose method, path or permissions contain the word",
		Example: "  scimlint catalog show scim/v2/users",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			c, err := loadCatalogue(file)
			if err != nil {
				return err
			}
			var b strings.Builder
			_, _ = fmt.Fprintf(&b, "%s %s, %s\n", c.Source, c.Version, firstOf(c.Generated, "of no given month"))
			word := strings.ToLower(firstArg(args, ""))
			n := 0
			for _, o := range c.Operations {
				text := operationText(o)
				if strings.Contains(strings.ToLower(text), word) {
					b.WriteString(text)
					n++
				}
			}
			_, _ = fmt.Fprintf(&b, "\n%d of %d operations\n", n, len(c.Operations))
			if _, err := io.WriteString(std.out, b.String()); err != nil {
				return err
			}
			if n == 0 {
				return fmt.Errorf("no operation of the catalogue contains %q", word)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&file, "catalogue", "", "`file` of another catalogue or definition (default the embedded one)")
	return cmd
}

func operationText(o catalog.Operation) string {
	gate := "no permission"
	if len(o.Gate.Permissions) > 0 {
		gate = strings.ToLower(string(o.Gate.Type)) + " of " + strings.Join(o.Gate.Permissions, ", ")
	}
	text := fmt.Sprintf("\n%s %s\n  needs   %s\n", o.Method, o.Path, gate)
	if len(o.Scopes) > 0 {
		text += "  scopes  one of " + strings.Join(o.Scopes, ", ") + "\n"
	}
	return text
}

var month = regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])$`)

func newCatalogImport(std stdio) *cobra.Command {
	var output, generated string
	cmd := &cobra.Command{
		Use:   "import FILE|URL",
		Short: "Make a catalogue of a published definition",
		Long: `import reads the published Swagger 2.0 definition as a stream and writes a catalogue:
the same definition and month always give the same bytes. From a URL it asks once,
without any token.`,
		Example: `  scimlint catalog import https://api.mypurecloud.com/api/v2/docs/swagger --month 2026-11 --output catalog.json
  scimlint can-i --catalogue catalog.json POST /api/v2/routing/queues`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if generated != "" && !month.MatchString(generated) {
				return fmt.Errorf("month %q is invalid: write it as 2026-11", generated)
			}
			in, err := openDefinition(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			defer func() { _ = in.Close() }()
			c, err := catalog.Import(in, generated)
			if err != nil {
				return fmt.Errorf("%s: %w", report.Inert(args[0]), err)
			}
			var out bytes.Buffer
			if err := c.Encode(&out); err != nil {
				return err
			}
			if output == "" {
				_, err = std.out.Write(out.Bytes())
				return err
			}
			if err := writeWhole(output, out.Bytes()); err != nil {
				return fmt.Errorf("catalogue cannot be written: %w", err)
			}
			_, err = fmt.Fprintf(std.err, "%d operations are in %s\n", len(c.Operations), output)
			return err
		},
	}
	cmd.Flags().StringVar(&output, "output", "", "write the catalogue into a `file` (default standard output)")
	cmd.Flags().StringVar(&generated, "month", "", "`month` of the definition, as 2026-11: it does not say its own")
	return cmd
}

// maxDefinition bounds what is read of a definition; the published one has 60 MB.
const maxDefinition = 1 << 30

// openDefinition opens a file, or asks a URL over https.
func openDefinition(ctx context.Context, name string) (io.ReadCloser, error) {
	u, err := url.Parse(name)
	if err != nil || u.Host == "" {
		return os.Open(name)
	}
	if _, err := genesys.ParseBase(u.Scheme + "://" + u.Host); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, name, nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Timeout: 5 * time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("definition cannot be fetched: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, fmt.Errorf("definition cannot be fetched: %s answered %d", u.Host, resp.StatusCode)
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, maxDefinition), resp.Body}, nil
}

// loadCatalogue reads a catalogue, or a definition; the embedded one when no file is
// named.
func loadCatalogue(file string) (*catalog.Catalog, error) {
	if file == "" {
		return catalog.All(), nil
	}
	in, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	defer func() { _ = in.Close() }()
	c, err := catalog.Import(in, "")
	if err == nil {
		return c, nil
	}
	if _, seek := in.Seek(0, io.SeekStart); seek != nil {
		return nil, fmt.Errorf("catalogue %s: %w", file, seek)
	}
	data, readErr := io.ReadAll(io.LimitReader(in, maxCatalogue+1))
	if readErr != nil {
		return nil, fmt.Errorf("catalogue %s: %w", file, readErr)
	}
	if tooMuch := bounds.JSON(data); tooMuch != nil || len(data) > maxCatalogue {
		return nil, fmt.Errorf("catalogue %s is neither a catalogue nor a definition: %w", file, errors.Join(err, tooMuch))
	}
	c, parseErr := catalog.Parse(data)
	if parseErr != nil {
		return nil, fmt.Errorf("catalogue %s is neither a catalogue nor a definition: %w", file, errors.Join(err, parseErr))
	}
	return c, nil
}

// maxCatalogue bounds a catalogue; one of the whole definition has about 2 MB.
const maxCatalogue = 16 << 20

func newCatalogDiff(std stdio) *cobra.Command {
	return &cobra.Command{
		Use:   "diff FILE [FILE]",
		Short: "Say what the vendor changed: permissions, scopes, error codes, new SCIM paths",
		Long: `diff compares the embedded catalogue with a file, or two files; each is a catalogue or
a published definition. Of operations that the first does not have, only those of SCIM
are listed.

Exit codes: 0 no difference, 1 a difference, 2 usage.`,
		Example: "  scimlint catalog diff swagger.json",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(_ *cobra.Command, args []string) error {
			after, err := loadCatalogue(args[len(args)-1])
			if err != nil {
				return err
			}
			// A file of SCIM's surroundings is not blamed for what it leaves out.
			before := catalog.Default()
			if len(after.Operations) > 2*len(before.Operations) {
				before = catalog.All()
			}
			if len(args) == 2 {
				if before, err = loadCatalogue(args[0]); err != nil {
					return err
				}
			}
			changes := catalog.Diff(before, after)
			for _, c := range changes {
				_, _ = fmt.Fprintf(std.out, "%s %s %s\n", c.Kind, c.Method, report.Inert(c.Path))
				for _, side := range []struct{ sign, text string }{{"-", c.Before}, {"+", c.After}} {
					if side.text != "" {
						_, _ = fmt.Fprintf(std.out, "  %s %s\n", side.sign, report.Inert(side.text))
					}
				}
			}
			if len(changes) > 0 {
				return code(1)
			}
			_, err = fmt.Fprintln(std.out, "no difference")
			return err
		},
	}
}
