package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/report"
)

func newCanI(std stdio) *cobra.Command {
	var f flags
	var o outputs
	var from, file string
	cmd := &cobra.Command{
		Use:   "can-i METHOD PATH",
		Short: "Say whether the token may call an operation: yes, no or unknown, with the proof",
		Long: `can-i decides any operation of a catalogue, not only SCIM's, by what the org says of
the token; it does not call the operation. A SCIM operation is decided with the
permission that its work takes behind the gate; another by its gate, scopes and
policies, in any division unless --division names some.

Exit codes: 0 yes, 1 no, 2 usage, 3 unknown.`,
		Example: `  scimlint can-i POST /api/v2/scim/v2/users
  scimlint can-i -q DELETE /api/v2/users/abc && echo it may
  scimlint can-i --catalogue swagger.json POST /api/v2/routing/queues`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := o.parse(report.PlainFormats())
			if err != nil {
				return err
			}
			if err := distinct(files(list), append(f.inputs(), named{"--from", from}, named{"--catalogue", file})); err != nil {
				return err
			}
			op, err := findOperation(file, args[0], args[1])
			if err != nil {
				return err
			}
			src, err := f.from(cmd.Context(), std, from, !o.quiet)
			if err != nil {
				return err
			}
			a := lint.Can(src.snapshot, src.judge, op)
			a.Tool, a.Method, a.Path = tool(), op.Method, args[1]
			if file != "" {
				a.Tool.Catalogue = file // what decided is this file, not the embedded catalogue
			}
			if err := o.write(std, list, func(w io.Writer, format string, opts report.Options) error {
				return report.WriteAnswer(w, format, a, opts)
			}); err != nil {
				return err
			}
			return code(a.ExitCode())
		},
	}
	f.register(cmd)
	cmd.Flags().StringArrayVarP(&o.specs, "output", "o", nil, "`format[=FILE]`: text, json; repeatable (default text)")
	cmd.Flags().BoolVarP(&o.quiet, "quiet", "q", false, "say yes, no or unknown alone")
	cmd.Flags().StringVar(&from, "from", "", "decide by the bundle `file` that scimlint capture wrote, and ask no org")
	cmd.Flags().StringVar(&file, "catalogue", "", "`file` of another catalogue or definition (default the embedded one)")
	return cmd
}

// findOperation finds what a method and a path call; the path may be a template or a
// concrete one, with or without a host.
func findOperation(file, method, path string) (catalog.Operation, error) {
	c, err := loadCatalogue(file)
	if err != nil {
		return catalog.Operation{}, err
	}
	return c.Find(method, path)
}
