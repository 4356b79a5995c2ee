package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/internal/nearest"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/lint"
)

func newRules(std stdio) *cobra.Command {
	var file, docs string
	cmd := &cobra.Command{
		Use:   "rules [ID]",
		Short: "List the checks, or explain a check or a cause",
		Long: `rules lists the checks, those of your configuration among them, and the causes.
With an id it explains one. --docs writes a page for each check.`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.FixedCompletions(checkIDs(), cobra.ShellCompDirectiveNoFileComp),
		RunE: func(_ *cobra.Command, args []string) error {
			c, _, err := readConfig(file)
			if err != nil {
				return err
			}
			own, err := ownChecks(c)
			if err != nil {
				return err
			}
			list := append(checks.All(), own...)
			switch {
			case docs != "":
				return writePages(std, docs, list)
			case len(args) == 0:
				return listRules(std, list)
			}
			return explainRule(std, list, args[0])
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "configuration `file` whose checks are listed too (default ./scimlint.yaml where it exists)")
	cmd.Flags().StringVar(&docs, "docs", "", "write a page for each check into this `folder`")
	return cmd
}

func explainRule(std stdio, list []lint.Check, id string) error {
	for _, c := range list {
		if c.ID == id {
			_, err := fmt.Fprint(std.out, lint.Page(c))
			return err
		}
	}
	if c, ok := cause.ByID(cause.ID(id)); ok {
		_, err := fmt.Fprint(std.out, cause.Page(c))
		return err
	}
	var names []string
	for _, c := range list {
		names = append(names, c.ID)
	}
	for _, c := range cause.All() {
		names = append(names, string(c.ID))
	}
	return fmt.Errorf("no check and no cause is named %q.%s scimlint rules lists them", id, nearest.Question(id, names))
}

func listRules(std stdio, list []lint.Check) error {
	var found, causes [][]string
	for _, c := range list {
		found = append(found, []string{c.ID, string(c.Group), c.Title})
	}
	for _, c := range cause.All() {
		causes = append(causes, []string{string(c.ID), c.Title})
	}
	columns := width(std.out)
	if err := table(std.out, columns, found); err != nil {
		return err
	}
	_, _ = fmt.Fprint(std.out, "\nCauses\n")
	return table(std.out, columns, causes)
}

// writePages writes what docs/checks contains, with the configuration's checks.
func writePages(std stdio, dir string, list []lint.Check) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("docs: %w", err)
	}
	pages := map[string]string{"README.md": lint.IndexPage(list)}
	for _, c := range list {
		pages[c.ID+".md"] = lint.Page(c)
	}
	for name, text := range pages {
		if err := writeWhole(filepath.Join(dir, name), []byte(text)); err != nil {
			return fmt.Errorf("docs: %w", err)
		}
	}
	_, err := fmt.Fprintf(std.err, "%d pages are in %s\n", len(pages), dir)
	return err
}
