package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/pkg/diagnose"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/report"
)

// liveOrg is the name of the live org on diff's command line.
const liveOrg = "live"

func newDiff(std stdio) *cobra.Command {
	var f flags
	var o outputs
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Say what differs between two bundles, or a bundle and the live org",
		Long: `diff compares client, grants, roles, scopes and policies of two bundles, and says
which needed operations that allows or blocks. "live" is the org that check would ask. Roles and divisions are compared by name: ids differ from org to org.

Exit codes: 0 no difference, 1 a difference, 2 usage.`,
		Example: `  scimlint diff dev.scimlint production.scimlint
  scimlint diff yesterday.scimlint live`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := o.parse(report.PlainFormats())
			if err != nil {
				return err
			}
			if err := distinct(files(list), append(f.inputs(), named{"the first bundle", args[0]}, named{"the second bundle", args[1]})); err != nil {
				return err
			}
			left, err := f.outcome(cmd.Context(), std, args[0])
			if err != nil {
				return err
			}
			right, err := f.outcome(cmd.Context(), std, args[1])
			if err != nil {
				return err
			}
			d := diagnose.Diff(left, right, args[0], args[1], tool())
			err = o.write(std, list, func(w io.Writer, format string, opts report.Options) error {
				return report.WriteDifference(w, format, d, opts)
			})
			if err != nil {
				return err
			}
			if len(d.Changes) > 0 || len(d.Operations) > 0 || d.LeftVerdict != d.RightVerdict {
				return code(1)
			}
			return nil
		},
	}
	f.register(cmd)
	cmd.Flags().StringArrayVarP(&o.specs, "output", "o", nil, "`format`, FILE or format=FILE: text, json; repeatable (default text)")
	return cmd
}

// outcome judges a bundle, or the live org.
func (f *flags) outcome(ctx context.Context, std stdio, name string) (lint.Outcome, error) {
	bundle := name
	if name == liveOrg {
		bundle = ""
	}
	src, err := f.from(ctx, std, bundle, true)
	if err != nil {
		return lint.Outcome{}, err
	}
	return checks.Run(src.snapshot, src.judge), nil
}
