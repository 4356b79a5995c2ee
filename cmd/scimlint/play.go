package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/scimlint/scimlint/internal/fix"
	"github.com/scimlint/scimlint/internal/fix/export"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/simulator"
)

// play is a scenario's run: the command line and the environment that a user would have
// given to scimlint check.
type play struct {
	server *simulator.Server
	std    stdio
	dir    string
	flags  flags
	terms  terms
	// args are the flags that give the scenario's own verdict, as a person types them.
	args  []string
	way   way
	usage error // a command line that does not parse
}

// newPlay prepares a run. std is where it writes; its environment is the scenario's.
func newPlay(server *simulator.Server, std stdio, account *simulator.ZendeskServer) (*play, error) {
	p := &play{server: server, std: std}
	var err error
	if p.dir, err = os.MkdirTemp("", "scimlint-scenario-"); err != nil {
		return nil, fmt.Errorf("folder for the scenario's files: %w", err)
	}
	base, err := p.arguments()
	if err != nil {
		p.close()
		return nil, err
	}
	env := p.environment(account)
	p.std.env = func(key string) string { return env[key] }
	cmd := &cobra.Command{Use: "check", Args: cobra.NoArgs, SilenceErrors: true, SilenceUsage: true, RunE: func(*cobra.Command, []string) error { return nil }}
	p.flags.register(cmd)
	p.terms.register(cmd)
	p.way.register(cmd)
	cmd.SetArgs(append(base, p.args...))
	p.usage = cmd.Execute()
	return p, nil
}

func (p *play) close() { _ = os.RemoveAll(p.dir) }

// environment is what scimlint simulate prints, and what the scenario spoils of it.
func (p *play) environment(account *simulator.ZendeskServer) map[string]string {
	env := map[string]string{}
	for _, line := range environmentLines(p.server) {
		env[line[0]] = line[1]
	}
	if account != nil {
		for _, line := range zendeskLines(account) {
			env[line[0]] = line[1]
		}
	}
	run := p.server.Scenario.Run
	if run.WrongSecret {
		env[envSecret] = "not-the-secret"
	}
	if run.UnknownClient {
		env[envClientID] = "00000000-0000-4000-8000-000000000000"
	}
	return env
}

// arguments finds the flags that the run names, and writes the files that they read. base
// makes a run independent of a configuration in the working directory, and bounds it.
func (p *play) arguments() (base []string, err error) {
	run := p.server.Scenario.Run
	config, err := p.file("scimlint.yaml", "", configuration(run.Checks))
	if err != nil {
		return nil, err
	}
	timeout := run.Timeout
	if timeout == 0 {
		timeout = demoTimeout
	}
	base = []string{"--config", config, "--timeout", timeout.String()}
	var args []string
	if len(run.Checks) > 0 {
		args = append(args, "--config", config)
	}
	if run.Timeout != 0 {
		args = append(args, "--timeout", timeout.String())
	}
	place := strings.NewReplacer("{api}", p.server.URL, "{dir}", p.dir)
	one := func(flag, value string) {
		if value != "" {
			args = append(args, flag, place.Replace(value))
		}
	}
	each := func(flag string, values []string) {
		for _, v := range values {
			one(flag, v)
		}
	}
	one("--region", run.Region)
	one("--scim-url", run.SCIMURL)
	each("--need", run.Need)
	each("--need-operation", run.NeedOperation)
	one("--probe", run.Probe)
	each("--division", run.Division)
	one("--expect-org", run.ExpectOrg)
	each("--require-scope", run.RequireScope)
	each("--require-permission", run.RequirePermission)
	if run.RequireOnly {
		args = append(args, "--require-only")
	}
	each("--accept-unknown", run.AcceptUnknown)
	if run.TokenIssuedAgo > 0 {
		one("--token-issued", time.Now().Add(-run.TokenIssuedAgo).UTC().Format(time.DateOnly))
	}
	if err := p.inputs(one); err != nil {
		return nil, err
	}
	for _, a := range run.Args {
		args = append(args, place.Replace(a))
	}
	p.args = args
	return base, nil
}

// inputs writes the files that the run reads, and names those that have a flag.
func (p *play) inputs(flag func(name, file string)) error {
	run := p.server.Scenario.Run
	for i, text := range run.Refusals {
		file, err := p.file("refusal-"+strconv.Itoa(i+1)+".txt", "", text)
		if err != nil {
			return err
		}
		flag("--refusal", file)
	}
	if run.Payload != "" {
		file, err := p.file(run.PayloadName, "payload.json", run.Payload)
		if err != nil {
			return err
		}
		flag("--payload", file)
	}
	for _, name := range slices.Sorted(maps.Keys(run.Files)) {
		if _, err := p.file(name, "", run.Files[name]); err != nil {
			return err
		}
	}
	return nil
}

// file writes a file of the run. A scenario may come from anywhere: it writes nothing
// outside its folder.
func (p *play) file(name, fallback, text string) (string, error) {
	name = firstOf(name, fallback)
	if name != filepath.Base(name) || name == "." || name == ".." {
		return "", fmt.Errorf("the scenario's file %q is not a plain file name", name)
	}
	path := filepath.Join(p.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("the scenario's file %q cannot be written: %w", name, err)
	}
	return path, nil
}

// configuration has a scenario's checks as scimlint.yaml has them.
func configuration(list []simulator.OwnCheck) string {
	if len(list) == 0 {
		return ""
	}
	var checks []map[string]any
	for _, c := range list {
		check := map[string]any{"id": c.ID, "title": c.Title, "expression": c.Expression, "message": c.Message, "fix": map[string]string{"text": c.Fix}}
		if c.Severity != "" {
			check["severity"] = c.Severity
		}
		checks = append(checks, check)
	}
	data, err := yaml.Marshal(map[string]any{"checks": checks})
	if err != nil {
		panic(err) // texts only
	}
	return string(data)
}

// check runs the check.
func (p *play) check(ctx context.Context, progress bool) (results.Report, error) {
	if p.usage != nil {
		return results.Report{}, p.usage
	}
	return p.flags.judge(ctx, p.std, "", &p.terms, &p.way, progress)
}

// settings are a check's complete instructions.
func (p *play) settings(ctx context.Context) (settings, error) {
	if p.usage != nil {
		return settings{}, p.usage
	}
	return p.flags.resolve(ctx, p.std)
}

// plan is what scimlint fix prints of the org.
func (p *play) plan(ctx context.Context) (string, error) {
	s, err := p.settings(ctx)
	if err != nil {
		return "", err
	}
	snapshot, err := collect(ctx, p.std, s, false)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = export.Write(&b, "steps", fix.Make(snapshot, s.judge, fix.Options{Role: lint.DefaultRole}, tool()), report.Options{})
	return b.String(), err
}

// unexpected says how a run differs from what its scenario expects; nil when it does not.
// The plan is only made where the scenario says something of it.
func (p *play) unexpected(ctx context.Context, r results.Report, failed error) error {
	want := p.server.Scenario.Expect
	if want.UsageError != "" {
		if failed == nil || !strings.Contains(failed.Error(), want.UsageError) {
			return fmt.Errorf("expected the usage error %q, got %w", want.UsageError, errors.Join(failed, errNoUsageError))
		}
		return nil
	}
	if failed != nil {
		return failed
	}
	plan := ""
	if len(want.Plan) > 0 {
		var err error
		if plan, err = p.plan(ctx); err != nil {
			return err
		}
	}
	if wrong := unexpected(want, r, plan); wrong != "" {
		return errors.New(wrong)
	}
	return nil
}

var errNoUsageError = errors.New("the error of this run")

// unexpected says how a report and a plan differ from what their scenario expects.
func unexpected(want simulator.Expect, r results.Report, plan string) string {
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
	var first results.Cause
	if len(r.Causes) > 0 {
		first = r.Causes[0]
	}
	if want.Certainty != "" && string(first.Certainty) != want.Certainty {
		return fmt.Sprintf("expected the first cause to be %s, it is %q", want.Certainty, first.Certainty)
	}
	if want.Breaks != nil && !slices.Equal(slices.Sorted(slices.Values(want.Breaks)), slices.Sorted(slices.Values(first.Operations))) {
		return fmt.Sprintf("expected the first cause to break %q, it breaks %q", want.Breaks, first.Operations)
	}
	if wrong := undecided(want.Operations, r.Operations); wrong != "" {
		return wrong
	}
	return cmp.Or(lacking("headline", r.Summary, want.Headline),
		lacking("first cause's fix", first.Fix.Text+" "+first.Fix.Where, want.Fix), lacking("plan", plan, want.Plan))
}

// lacking says what a text does not contain.
func lacking(what, text string, wanted []string) string {
	text = strings.Join(strings.Fields(text), " ")
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			return fmt.Sprintf("the %s does not contain %q: %s", what, w, text)
		}
	}
	return ""
}

// undecided says which operation is not decided as expected.
func undecided(want map[string]string, operations []results.Operation) string {
	got := map[string]string{}
	for _, o := range operations {
		got[o.ID] = string(o.Decision)
	}
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if got[id] != want[id] {
			return fmt.Sprintf("expected the operation %s to be %s, it is %q", id, want[id], got[id])
		}
	}
	return ""
}

// demoTimeout bounds a demo: no scenario needs longer.
const demoTimeout = 30 * time.Second
