package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scimlint/scimlint/pkg/simulator"
)

func newSimulate(std stdio) *cobra.Command {
	var scenarios []string
	var addr, env string
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Serve a simulated org on loopback",
		Long: `simulate serves a scenario until it is stopped. It prints how to reach the org as
environment lines, and the command that gives the scenario's own verdict, so that
scimlint check, curl or your own code can be tried against it. With --env FILE the lines
go into a file that only you can read. The credentials are made up at every start, and
are worth nothing outside the simulated org.

With --scenario repeated, or a folder, one address serves all of them: the token endpoint
recognises them by client id and secret, the API by the token. Each org's environment then
follows a comment with its name.`,
		Example: `  scimlint simulate --scenario fix-with-auditor --env org.env
  set -a; . ./org.env; set +a     (in another terminal)
  scimlint check
  scimlint fix --apply`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := loadScenarios(scenarios)
			if err != nil {
				return err
			}
			if len(list) > 1 {
				return simulateMany(cmd.Context(), std, list, addr, env)
			}
			return simulateOne(cmd.Context(), std, list[0], addr, env)
		},
	}
	cmd.Flags().StringArrayVar(&scenarios, "scenario", []string{defaultScenario}, "`name` of a scenario (scimlint demo --list lists them), file, or folder of files; repeatable, to serve many orgs")
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:0", "`address` on loopback; port 0 picks a free one")
	cmd.Flags().StringVar(&env, "env", "", "write the environment lines to a `file` of mode 0600 and not to standard output; its secrets are the simulated org's")
	_ = cmd.RegisterFlagCompletionFunc("scenario", cobra.FixedCompletions(simulator.Names(), cobra.ShellCompDirectiveDefault))
	return cmd
}

func simulateOne(ctx context.Context, std stdio, s *simulator.Scenario, addr, env string) error {
	server, err := simulator.Start(s, addr)
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
	if err := announce(std, env, p.lines(account)); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(std.err, "scimlint: serving %s on %s; Ctrl-C stops\n", s.Name, server.URL)
	<-ctx.Done()
	return nil
}

// announce writes the environment to standard output, or to a file and how to use it to
// standard error.
func announce(std stdio, env string, lines []string) error {
	text := strings.Join(lines, "\n") + "\n"
	if env == "" {
		_, err := io.WriteString(std.unguarded(), text)
		return err
	}
	if err := writeMode(env, []byte(text), 0o600); err != nil {
		return fmt.Errorf("environment cannot be written: %w", err)
	}
	path := env
	if !strings.ContainsAny(path, "/\\") {
		path = "./" + path
	}
	_, _ = fmt.Fprintf(std.err, "scimlint: in another terminal: set -a; . %s; set +a\n", shellWord(path))
	for _, line := range lines {
		if command, ok := strings.CutPrefix(line, "# "); ok {
			_, _ = fmt.Fprintf(std.err, "scimlint: %s\n", command)
		}
	}
	return nil
}

// lines are a scenario's environment, after the command that gives its verdict.
func (p *play) lines(account *simulator.ZendeskServer) []string {
	command := []string{"# then:", "scimlint", "check"}
	for _, a := range p.args {
		command = append(command, shellWord(a))
	}
	out := []string{strings.Join(command, " ")}
	env := p.environment(account)
	for _, name := range slices.Sorted(maps.Keys(env)) {
		out = append(out, name+"="+env[name])
	}
	return out
}

var plainWord = regexp.MustCompile(`^[\w@%+=:,./-]+$`)

// shellWord quotes an argument for a shell.
func shellWord(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// loadScenarios reads names, files and folders.
func loadScenarios(names []string) ([]*simulator.Scenario, error) {
	var out []*simulator.Scenario
	for _, name := range names {
		files := []string{name}
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			if files, err = filepath.Glob(filepath.Join(name, "*.yaml")); err != nil || len(files) == 0 {
				return nil, fmt.Errorf("the folder %s has no scenarios (*.yaml)", name)
			}
		}
		for _, file := range files {
			s, err := loadScenario(file)
			if err != nil {
				return nil, err
			}
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("no scenario: name one, see scimlint demo --list")
	}
	return out, nil
}

// simulateMany serves many orgs on one address.
func simulateMany(ctx context.Context, std stdio, list []*simulator.Scenario, addr, env string) error {
	host, err := simulator.StartMany(list, addr)
	if err != nil {
		return err
	}
	defer host.Close()
	var lines []string
	for _, org := range host.Orgs {
		p, err := newPlay(org, std, nil)
		if err != nil {
			return err
		}
		defer p.close()
		lines = append(append(lines, "# "+org.Scenario.Name), p.lines(nil)...)
	}
	if err := announce(std, env, lines); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(std.err, "scimlint: serving %d orgs on %s; Ctrl-C stops\n", len(list), host.URL)
	<-ctx.Done()
	return nil
}

func environmentLines(server *simulator.Server) [][2]string {
	run := server.Scenario.Run
	lines := [][2]string{{envRegion, server.Scenario.Org.Region}, {envAPI, server.URL}, {envLogin, server.LoginURL}}
	if run.Client != "" {
		id, secret := server.Credentials(run.Client)
		lines = append(lines, [2]string{envClientID, id}, [2]string{envSecret, secret})
	}
	lines = append(lines, [2]string{envToken, server.Token(run.Token)}, [2]string{envWorking, server.Token(run.WorkingToken)})
	if run.Auditor != "" {
		id, secret := server.Credentials(run.Auditor)
		lines = append(lines, [2]string{envAuditorID, id}, [2]string{envAuditorSecret, secret})
	}
	lines = append(lines, [2]string{envAuditorToken, server.Token(run.AuditorToken)})
	return slices.DeleteFunc(lines, func(l [2]string) bool { return l[1] == "" })
}

func zendeskLines(account *simulator.ZendeskServer) [][2]string {
	return [][2]string{{envZendeskURL, account.URL}, {envZendeskEmail, account.Email}, {envZendeskToken, account.Token}}
}
