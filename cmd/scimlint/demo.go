package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/scimlint/scimlint/checks/own"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/results"
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
	w := tabwriter.NewWriter(std.out, 0, 4, 2, ' ', 0)
	for _, name := range simulator.Names() {
		s, err := simulator.Embedded(name)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", s.Name, s.Expect.Verdict, firstOf(s.Expect.Cause, "-"), s.Title)
	}
	return w.Flush()
}

// loadScenario takes an embedded scenario's name or a file.
func loadScenario(name string) (*simulator.Scenario, error) {
	if slices.Contains(simulator.Names(), name) {
		return simulator.Embedded(name)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("scenario %q is neither embedded (see scimlint demo --list) nor a file that can be read", name)
	}
	return simulator.Load(data)
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
	set, err := demoSettings(server)
	if err != nil {
		return err
	}
	r, err := runCheck(ctx, std, set, !o.quiet)
	if err != nil {
		return err
	}
	// Standard output may carry a report for machines: the story stands aside.
	_, _ = fmt.Fprintf(std.err, "Scenario %s: %s\n%s\n\n", s.Name, s.Title, strings.TrimSpace(s.Story))
	err = o.write(std, outs, func(w io.Writer, format string, opts report.Options) error { return report.Write(w, format, r, opts) })
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(std.err, "\nscimlint check would have exited with %d.\n", r.Verdict.ExitCode())
	if wrong := unexpected(s.Expect, r); wrong != "" {
		return &exit{code: 1, err: fmt.Errorf("the diagnosis is not the one that the scenario expects: %s", wrong)}
	}
	_, _ = fmt.Fprintln(std.err, "The diagnosis is the one that the scenario expects.")
	return nil
}

// unexpected says how a report differs from what its scenario expects.
func unexpected(want simulator.Expect, r results.Report) string {
	var ids []string
	for _, c := range r.Causes {
		ids = append(ids, c.ID)
	}
	if got := firstArg(ids, ""); string(r.Verdict) != want.Verdict || got != want.Cause {
		return fmt.Sprintf("expected %s with the first cause %q, got %s with %q", want.Verdict, want.Cause, r.Verdict, ids)
	}
	for _, id := range want.Also {
		if !slices.Contains(ids, id) {
			return fmt.Sprintf("the cause %q is not among %q", id, ids)
		}
	}
	for _, id := range want.Not {
		if slices.Contains(ids, id) {
			return fmt.Sprintf("the cause %q is among %q", id, ids)
		}
	}
	return ""
}

// demoSettings are what a user would have given on the command line.
func demoSettings(server *simulator.Server) (settings, error) {
	s := server.Scenario
	region, err := genesys.LookupRegion(s.Org.Region)
	if err != nil {
		return settings{}, err
	}
	base, err := genesys.ParseBase(server.URL)
	if err != nil {
		return settings{}, err
	}
	f := flags{need: s.Run.Need, division: s.Run.Division, requireScope: s.Run.RequireScope, requirePermission: s.Run.RequirePermission, expectOrg: s.Run.ExpectOrg}
	judge, err := f.judgeOptions(config{Checks: ownSpecs(s.Run.Checks)})
	if err != nil {
		return settings{}, err
	}
	scimURL := strings.ReplaceAll(s.Run.SCIMURL, "{api}", server.URL)
	opts := evidence.Options{Target: evidence.Target{Region: region.AWSName, Domain: region.Domain, APIURL: server.URL, LoginURL: server.URL,
		SCIMURL: scimURL, SCIMBase: scimBase(scimURL), Probe: firstOf(s.Run.Probe, evidence.ProbeRead)}}
	demoCredentials(server, &opts)
	return settings{api: base, login: base, evidence: opts, judge: judge, timeout: demoTimeout}, nil
}

// ownSpecs are a scenario's checks as a configuration holds them.
func ownSpecs(list []simulator.OwnCheck) []own.Spec {
	var out []own.Spec
	for _, c := range list {
		out = append(out, own.Spec{ID: c.ID, Title: c.Title, Severity: c.Severity, Expression: own.Expression{Text: c.Expression, Line: 1},
			Message: c.Message, Fix: own.Fix{Text: c.Fix}})
	}
	return out
}

func demoCredentials(server *simulator.Server, o *evidence.Options) {
	run := server.Scenario.Run
	if run.Client != "" {
		id, secret := server.Credentials(run.Client)
		o.Target.ClientID, o.Secret = id, genesys.NewSecret(secret)
	}
	if run.WrongSecret {
		o.Secret = genesys.NewSecret("not-the-secret")
	}
	if run.UnknownClient {
		o.Target.ClientID = "00000000-0000-4000-8000-000000000000"
	}
	if run.Token != "" {
		o.Target.TokenSupplied, o.Supplied = true, genesys.NewSecret(server.Token(run.Token))
	}
	if run.WorkingToken != "" {
		o.WorkingToken = genesys.NewSecret(server.Token(run.WorkingToken))
	}
}

// demoTimeout bounds a demo: no scenario needs longer.
const demoTimeout = 30 * time.Second
