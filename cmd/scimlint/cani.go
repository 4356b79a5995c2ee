package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/results"
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
permission that its work requires, whatever the access check lets through; another by
its access check, scopes and policies. Without --division the home division counts: a
permission that the subject has in other divisions only is no for SCIM, and unknown for
other operations.

Exit codes: 0 yes, 1 no, 2 usage, 3 unknown.`,
		Example: `  scimlint can-i POST /api/v2/scim/v2/users
  scimlint can-i -q DELETE /api/v2/users/abc && echo it may
  scimlint can-i --catalogue swagger.json POST /api/v2/routing/queues`,
		Args:              cobra.MaximumNArgs(2),
		ValidArgsFunction: completeCall,
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := o.parse(report.PlainFormats())
			if err != nil {
				return err
			}
			if err := distinct(files(list), append(f.inputs(), named{"--from", from}, named{"--catalogue", file})); err != nil {
				return err
			}
			if args, err = f.call(args); err != nil {
				return err
			}
			op, err := findOperation(file, args[0], args[1])
			if err != nil {
				return err
			}
			needed := catalog.FromOperation(op)
			f.operation = &needed
			src, err := f.from(cmd.Context(), std, from, !o.quiet)
			if err != nil {
				return err
			}
			a, err := answerOf(src, op, args[1])
			if err != nil {
				return err
			}
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
	cmd.Flags().StringArrayVarP(&o.specs, "output", "o", nil, "`format`, FILE or format=FILE: text, json; repeatable (default text)")
	cmd.Flags().BoolVarP(&o.quiet, "quiet", "q", false, "print only yes, no or unknown")
	cmd.Flags().StringVar(&from, "from", "", "decide by the bundle `file` that scimlint capture wrote, and ask no org")
	cmd.Flags().StringVar(&file, "catalogue", "", "`file` of another catalogue or definition (default the embedded one)")
	return cmd
}

// answerOf decides an operation, called at an address, for the token of a source.
func answerOf(src source, op catalog.Operation, address string) (results.Answer, error) {
	if err := ofThisOrg(address, src.snapshot.Target); err != nil {
		return results.Answer{}, err
	}
	a := lint.Can(src.snapshot, src.judge, op)
	ofAnother(&a, checks.Run(src.snapshot, src.judge).Findings)
	a.Tool, a.Method, a.Path = tool(), op.Method, address
	return a, nil
}

// ofThisOrg refuses an address on another host than the org's, or its region's. An org on this
// machine is a simulated one, of whatever region the address is.
func ofThisOrg(address string, t evidence.Target) error {
	called, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("%q is not an address: %w", address, err)
	}
	asked, err := url.Parse(t.APIURL)
	if err != nil {
		return err
	}
	if called.Host == "" || asked.Host == "" || strings.EqualFold(called.Host, asked.Host) || genesys.Loopback(asked) || strings.EqualFold(called.Host, "api."+t.Domain) {
		return nil
	}
	return fmt.Errorf("%s is not the org that is asked, %s: leave the host out, or name its region with --region", called.Host, asked.Host)
}

// ofAnother makes an answer unknown where the token is not of the client or of the org that was
// named: it is right of somebody else.
func ofAnother(a *results.Answer, findings []lint.Finding) {
	for _, f := range findings {
		if (f.Check == checks.TokenOrgIsExpected.ID || f.Check == checks.TokenBelongsToClient.ID) && f.Status == results.Fail {
			a.Operation.Decision = results.DecisionUnknown
			a.Because = slices.Insert(a.Because, 0, results.Proof{Basis: f.Basis, Text: f.Message})
		}
	}
}

// call is the method and the path that the command line names, as two arguments or
// by --need-operation.
func (f *flags) call(args []string) ([]string, error) {
	named := f.needOperation
	if len(args) == 0 && len(named) == 1 {
		args = strings.Fields(named[0])
		named = nil
	}
	if len(args) != 2 || len(named) > 0 {
		return nil, errors.New("can-i needs one method and one path, as in: scimlint can-i POST /api/v2/scim/v2/users")
	}
	return args, nil
}

// completeCall offers the methods, then the paths of a method.
func completeCall(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return []string{"GET", "POST", "PUT", "PATCH", "DELETE"}, cobra.ShellCompDirectiveNoFileComp
	case 1:
		method := strings.ToUpper(args[0]) + " "
		calls, directive := completeOperation(cmd, nil, method+typed)
		for i := range calls {
			calls[i] = strings.TrimPrefix(calls[i], method)
		}
		return calls, directive
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// findOperation finds what a method and a path call; the path may be a template or a
// concrete one, with or without a host.
func findOperation(file, method, path string) (catalog.Operation, error) {
	c, err := loadCatalogue(file)
	if err != nil {
		return catalog.Operation{}, err
	}
	op, err := c.Find(method, path)
	if err != nil && file == "" {
		err = fmt.Errorf("%w (a newer definition goes with --catalogue)", err)
	}
	return op, err
}
