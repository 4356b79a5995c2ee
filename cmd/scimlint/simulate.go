package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/scimlint/scimlint/pkg/simulator"
)

func newSimulate(std stdio) *cobra.Command {
	var scenarios []string
	var addr string
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Serve a simulated org on loopback",
		Long: `simulate serves a scenario until it is stopped and prints how to reach it as
environment lines, so that scimlint check, curl or your own code can be tried
against it. The credentials are made up at every start. With --scenario repeated, or
a folder, one address serves all of them: the token endpoint tells them apart by client
id and secret, the API by the token. Each org's environment then follows a comment with
its name.`,
		Example: `  scimlint simulate --scenario role-lacks-permission > org.env &
  set -a; . ./org.env; set +a
  scimlint check`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := loadScenarios(scenarios)
			if err != nil {
				return err
			}
			if len(list) > 1 {
				return simulateMany(cmd.Context(), std, list, addr)
			}
			s := list[0]
			server, err := simulator.Start(s, addr)
			if err != nil {
				return err
			}
			defer server.Close()
			printEnvironment(std, server)
			account, err := startZendesk(s)
			if err != nil {
				return err
			}
			if account != nil {
				defer account.Close()
				printZendesk(std, account)
			}
			_, _ = fmt.Fprintf(std.err, "scimlint: serving %s on %s; Ctrl-C stops\n", s.Name, server.URL)
			<-cmd.Context().Done()
			return nil
		},
	}
	cmd.Flags().StringArrayVar(&scenarios, "scenario", []string{defaultScenario}, "embedded `name` (see scimlint demo --list), file, or folder of files; repeatable, to serve many orgs")
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:0", "`address` on loopback; port 0 picks a free one")
	_ = cmd.RegisterFlagCompletionFunc("scenario", cobra.FixedCompletions(simulator.Names(), cobra.ShellCompDirectiveDefault))
	return cmd
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
func simulateMany(ctx context.Context, std stdio, list []*simulator.Scenario, addr string) error {
	host, err := simulator.StartMany(list, addr)
	if err != nil {
		return err
	}
	defer host.Close()
	for _, org := range host.Orgs {
		_, _ = fmt.Fprintf(std.out, "# %s\n", org.Scenario.Name)
		printEnvironment(std, org)
	}
	_, _ = fmt.Fprintf(std.err, "scimlint: serving %d orgs on %s; Ctrl-C stops\n", len(list), host.URL)
	<-ctx.Done()
	return nil
}

// printEnvironment writes what scimlint check reads, as the scenario's run asks.
func printEnvironment(std stdio, server *simulator.Server) { printLines(std, environmentLines(server)) }

// printZendesk writes what scimlint ready and payload read.
func printZendesk(std stdio, account *simulator.ZendeskServer) {
	printLines(std, zendeskLines(account))
}

func printLines(std stdio, lines [][2]string) {
	for _, line := range lines {
		_, _ = fmt.Fprintf(std.unguarded(), "%s=%s\n", line[0], line[1])
	}
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
