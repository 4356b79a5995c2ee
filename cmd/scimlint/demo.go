package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scimlint/scimlint/internal/bounds"
	"github.com/scimlint/scimlint/internal/nearest"
	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/simulator"
)

// defaultScenario is the migration thread.
const defaultScenario = "migration-thread"

func newDemo(std stdio) *cobra.Command {
	var o outputs
	var list bool
	cmd := &cobra.Command{
		Use:   "demo [SCENARIO]",
		Short: "Play a refusal on a simulated org and diagnose it",
		Long: `demo serves a simulated org on loopback and runs the real check against it. With
no scenario named it plays the migration thread. It exits 0 when the diagnosis is
the one that the scenario expects.`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.FixedCompletions(simulator.Names(), cobra.ShellCompDirectiveNoFileComp),
		RunE: func(cmd *cobra.Command, args []string) error {
			if list {
				return listScenarios(std)
			}
			outs, err := o.parse(report.Formats())
			if err != nil {
				return err
			}
			return demo(cmd.Context(), std, firstArg(args, defaultScenario), outs, &o)
		},
	}
	cmd.Flags().BoolVar(&list, "list", false, "list the scenarios")
	o.register(cmd)
	return cmd
}

func firstArg(args []string, fallback string) string {
	if len(args) > 0 {
		return args[0]
	}
	return fallback
}

func listScenarios(std stdio) error {
	var rows [][]string
	for _, name := range simulator.Names() {
		s, err := simulator.Embedded(name)
		if err != nil {
			return err
		}
		verdict := firstOf(s.Expect.Verdict, "usage error")
		if s.Expect.Cause != "" && s.Expect.Cause != s.Name {
			verdict += ", " + s.Expect.Cause
		}
		rows = append(rows, []string{s.Name, s.Title + " (" + verdict + ")"})
	}
	return table(std.out, width(std.out), rows)
}

// loadScenario reads a scenario that is built in, by its name, or a file.
func loadScenario(name string) (*simulator.Scenario, error) {
	if slices.Contains(simulator.Names(), name) {
		return simulator.Embedded(name)
	}
	data, err := bounds.ReadFile(name, bounds.YAMLBytes)
	if err != nil {
		return nil, fmt.Errorf("scenario %q is neither built in nor a file that can be read (%w).%s scimlint demo --list lists the scenarios", name, err, nearest.Question(name, simulator.Names()))
	}
	return simulator.Load(asUTF8(data))
}

func demo(ctx context.Context, std stdio, name string, outs []output, o *outputs) error {
	s, err := loadScenario(name)
	if err != nil {
		return err
	}
	server, err := simulator.Start(s, "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer server.Close()
	account, err := startZendesk(s)
	if err != nil {
		return err
	}
	if account != nil {
		defer account.Close()
	}
	p, err := newPlay(server, std, account)
	if err != nil {
		return err
	}
	defer p.close()
	r, failed := p.check(ctx, !o.quiet)
	var stopped *exit
	if errors.As(failed, &stopped) || failed != nil && s.Expect.UsageError == "" {
		return failed
	}
	// Standard output may be a report for machines: the story goes elsewhere.
	columns := width(std.err)
	_, _ = fmt.Fprintf(std.err, "%s\n%s\n\n", paragraphs("Scenario "+s.Name+": "+s.Title, columns), paragraphs(s.Story, columns))
	if failed == nil {
		err = o.write(std, outs, func(w io.Writer, format string, opts report.Options) error { return report.Write(w, format, r, opts) })
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(std.err, "\nscimlint check would have exited with %d.\n", r.ExitCode())
	} else {
		_, _ = fmt.Fprintf(std.err, "scimlint: %s\n\nscimlint check would have exited with 2.\n", report.Inert(failed.Error()))
	}
	if wrong := p.unexpected(ctx, r, failed); wrong != nil {
		return &exit{code: 1, err: fmt.Errorf("the diagnosis is not the one that the scenario expects: %w", wrong)}
	}
	_, _ = fmt.Fprintln(std.err, "The diagnosis is the one that the scenario expects.")
	return nil
}

// startZendesk serves the account of a scenario that has one.
func startZendesk(s *simulator.Scenario) (*simulator.ZendeskServer, error) {
	if s.Zendesk == nil {
		return nil, nil
	}
	return simulator.StartZendesk(s.Zendesk, "127.0.0.1:0")
}

// demoSettings are what a user would have given on the command line.
func demoSettings(server *simulator.Server) (settings, error) {
	p, err := newPlay(server, stdio{in: strings.NewReader(""), out: io.Discard, err: io.Discard}, nil)
	if err != nil {
		return settings{}, err
	}
	defer p.close()
	return p.settings(context.Background())
}
