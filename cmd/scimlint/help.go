package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/scimlint/scimlint/internal/nearest"
)

// flagGroups are the headings of a command's help, with the flags below each. A flag
// of one name is in one group, whatever the command.
var flagGroups = []struct {
	title string
	flags []string
}{
	{"Org and credentials", []string{"config", "region", "client-id", "secret-file", "token-file", "working-token-file", "auditor-client-id", "auditor-secret-file", "auditor-token-file",
		"api-url", "login-url", "expect-org"}},
	{"What must work", []string{"need", "need-operation", "division", "profile", "scim-url", "token-use", "token-issued", "require-scope", "require-permission", "require-only",
		"payload", "source", "group", "role", "mapping", "label"}},
	{"Evidence", []string{"from", "refusal", "probe", "usage", "changes", "catalogue", "month", "keep-names", "dry-run", "timeout"}},
	{"Changes to the org", []string{"apply", "canary", "canary-domain", "yes"}},
	{"Output", []string{"output", "format", "quiet", "verbose", "docs", "list", "force", "notify-command"}},
	{"Pipeline", []string{"accept-unknown", "fail-on", "only", "skip", "baseline", "write-baseline", "record", "secret-env"}},
	{"Many orgs", []string{"records", "resume", "resume-within", "history", "keep", "parallel", "shard", "exit-zero"}},
	{"Simulated org", []string{"scenario", "addr", "env"}},
	{"Other", []string{"help", "version", "no-descriptions"}},
}

// groupOf is the heading under which a flag appears; empty for one that has none.
func groupOf(flag string) string {
	for _, g := range flagGroups {
		if slices.Contains(g.flags, flag) {
			return g.title
		}
	}
	return ""
}

// commandGroups are the headings of the first help, with the commands below each.
var commandGroups = []struct {
	title    string
	commands []string
}{
	{"Find out why", []string{"check", "explain", "can-i", "diff", "fleet"}},
	{"Change it", []string{"fix"}},
	{"Prepare a migration", []string{"ready", "payload", "profiles"}},
	{"Hand over", []string{"capture"}},
	{"Try it without an org", []string{"demo", "simulate"}},
	{"Look up", []string{"rules", "catalog", "version", "completion", "help"}},
}

// prepare gives a command, and those below it, the help and the errors of the program.
func prepare(cmd *cobra.Command) {
	switch {
	case cmd.HasSubCommands():
		below := cmd
		cmd.Args = func(_ *cobra.Command, args []string) error { return unknownCommand(below, args) }
		if cmd.Run == nil && cmd.RunE == nil {
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	case cmd.Args != nil:
		check := cmd.Args
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return wrongArguments(cmd, args)
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		prepare(sub)
	}
}

// unknownCommand refuses a word after a command that has only other commands.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return fmt.Errorf("unknown command %q.%s", args[0], nearest.Question(args[0], names))
}

// wrongArguments says how a command is used.
func wrongArguments(cmd *cobra.Command, args []string) error {
	words := strings.Fields(cmd.Use)[1:]
	given := map[int]string{0: "none was given", 1: "1 was given"}[len(args)]
	if given == "" {
		given = fmt.Sprintf("%d were given", len(args))
	}
	if len(words) == 0 {
		return fmt.Errorf("%s needs no arguments: %q is not a flag", cmd.CommandPath(), args[0])
	}
	example, _, _ := strings.Cut(strings.TrimSpace(cmd.Example), "\n")
	if example != "" {
		example = ", for example: " + example
	}
	what := "argument"
	if len(words) > 1 {
		what = "arguments"
	}
	return fmt.Errorf("%s needs the %s %s, and %s%s", cmd.CommandPath(), what, strings.Join(words, " and "), given, example)
}

// flagError names the nearest flags of one that does not exist.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return err
	}
	name := unknown.GetSpecifiedName()
	if unknown.GetSpecifiedShortnames() != "" {
		return fmt.Errorf("unknown flag -%s", name)
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	near := nearest.Names(name, names)
	for i := range near {
		near[i] = "--" + near[i]
	}
	if len(near) == 0 {
		return fmt.Errorf("unknown flag --%s", name)
	}
	return fmt.Errorf("unknown flag --%s. Did you mean %s?", name, strings.Join(near, " or "))
}

// help writes what a command does and how it is used.
func help(cmd *cobra.Command, w io.Writer) {
	columns := width(w)
	var b strings.Builder
	if text := firstOf(cmd.Long, cmd.Short); text != "" {
		b.WriteString(strings.TrimSpace(text) + "\n\n")
	}
	b.WriteString(usage(cmd, columns))
	_, _ = io.WriteString(w, b.String())
}

// usage writes how a command is used: its commands and its flags, by groups.
func usage(cmd *cobra.Command, columns int) string {
	var b strings.Builder
	line := cmd.UseLine()
	if cmd.HasAvailableSubCommands() {
		line = cmd.CommandPath() + " COMMAND"
	}
	b.WriteString("Usage:\n  " + line + "\n")
	if cmd.Example != "" {
		b.WriteString("\nExamples:\n" + cmd.Example + "\n")
	}
	b.WriteString(commandList(cmd, columns))
	all := cmd.LocalFlags()
	for _, title := range flagTitles() {
		group := pflag.NewFlagSet(title, pflag.ContinueOnError)
		all.VisitAll(func(f *pflag.Flag) {
			if firstOf(groupOf(f.Name), "Other") == title && !f.Hidden {
				group.AddFlag(f)
			}
		})
		if group.HasAvailableFlags() {
			b.WriteString("\n" + title + ":\n" + group.FlagUsagesWrapped(columns))
		}
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\nSee '" + cmd.CommandPath() + " COMMAND --help' for one command.\n")
	}
	return b.String()
}

func flagTitles() []string {
	var out []string
	for _, g := range flagGroups {
		out = append(out, g.title)
	}
	return out
}

// commandList are the commands below a command, in the first help by what they are for.
func commandList(cmd *cobra.Command, columns int) string {
	if !cmd.HasAvailableSubCommands() {
		return ""
	}
	var b strings.Builder
	write := func(title string, wanted func(string) bool) {
		var rows [][]string
		for _, sub := range cmd.Commands() {
			if (sub.IsAvailableCommand() || sub.Name() == "help") && wanted(sub.Name()) {
				rows = append(rows, []string{"  " + fmt.Sprintf("%-10s", sub.Name()), sub.Short})
			}
		}
		if len(rows) > 0 {
			b.WriteString("\n" + title + ":\n")
			_ = table(&b, columns, rows)
		}
	}
	if cmd.HasParent() {
		write("Commands", func(string) bool { return true })
		return b.String()
	}
	var listed []string
	for _, g := range commandGroups {
		write(g.title, func(name string) bool { return slices.Contains(g.commands, name) })
		listed = append(listed, g.commands...)
	}
	write("More", func(name string) bool { return !slices.Contains(listed, name) })
	return b.String()
}
