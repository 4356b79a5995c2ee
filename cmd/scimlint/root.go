package main

import (
	"github.com/spf13/cobra"
)

// extra are the commands of builds with a tag, which are not in what users get.
var extra []func(stdio) *cobra.Command

func newRoot(std stdio) *cobra.Command {
	var version bool
	root := &cobra.Command{
		Use:   "scimlint",
		Short: "Say why Genesys Cloud SCIM provisioning answers 403",
		Long: `scimlint asks a Genesys Cloud org what an OAuth client may do, compares it with
what SCIM provisioning requires, and explains every refusal with proof and fix.

It changes nothing: the default run sends GET requests, a POST that asks for a token,
and, where an attribute-based policy has a condition, a POST that evaluates it.`,
		Example:            "  scimlint demo                       a refusal, on a simulated org\n  scimlint check --region eu-west-1   your own org",
		SilenceUsage:       true,
		SilenceErrors:      true,
		DisableSuggestions: true, // prepare makes them, for flags and arguments alike
		RunE: func(cmd *cobra.Command, _ []string) error {
			if version {
				return printVersion(std)
			}
			return cmd.Help()
		},
	}
	root.Flags().BoolVar(&version, "version", false, "print the version of scimlint and of its catalogue")
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	root.AddCommand(newCheck(std), newReady(std), newExplain(std), newCapture(std), newDiff(std), newFix(std), newCanI(std), newCatalog(std), newPayload(std), newDemo(std), newSimulate(std), newRules(std), newProfiles(std), newFleet(std), newVersion(std))
	for _, more := range extra {
		root.AddCommand(more(std))
	}
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { help(cmd, std.out) })
	root.SetUsageFunc(func(cmd *cobra.Command) error { help(cmd, std.err); return nil })
	root.SetFlagErrorFunc(flagError)
	prepare(root)
	return root
}
