package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/pkg/diagnose"
)

func newRules(std stdio) *cobra.Command {
	return &cobra.Command{
		Use:               "rules [ID]",
		Short:             "List the checks, or explain a check or a cause",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.FixedCompletions(checkIDs(), cobra.ShellCompDirectiveNoFileComp),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listRules(std)
			}
			if c, ok := checks.ByID(args[0]); ok {
				_, err := fmt.Fprint(std.out, checks.Page(c))
				return err
			}
			if c, ok := diagnose.ByID(args[0]); ok {
				_, err := fmt.Fprint(std.out, diagnose.Page(c))
				return err
			}
			return fmt.Errorf("no check and no cause is named %q: scimlint rules lists them", args[0])
		},
	}
}

func listRules(std stdio) error {
	w := tabwriter.NewWriter(std.out, 0, 4, 2, ' ', 0)
	for _, c := range checks.All() {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", c.ID, c.Group, c.Title)
	}
	_, _ = fmt.Fprintln(w, "\t\t\nCauses\t\t")
	for _, c := range diagnose.Causes() {
		_, _ = fmt.Fprintf(w, "%s\t\t%s\n", c.ID, c.Title)
	}
	return w.Flush()
}
