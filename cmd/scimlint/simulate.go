package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/scimlint/scimlint/pkg/simulator"
)

func newSimulate(std stdio) *cobra.Command {
	var scenario, addr string
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Serve a simulated org on loopback",
		Long: `simulate serves a scenario until it is stopped and prints how to reach it as
environment lines, so that scimlint check, curl or your own code can be tried
against it. The credentials are made up at every start.`,
		Example: `  scimlint simulate --scenario role-lacks-permission > org.env &
  set -a; . ./org.env; set +a
  scimlint check`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := loadScenario(scenario)
			if err != nil {
				return err
			}
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
	cmd.Flags().StringVar(&scenario, "scenario", defaultScenario, "embedded `name` (see scimlint demo --list) or file")
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:0", "`address` on loopback; port 0 picks a free one")
	_ = cmd.RegisterFlagCompletionFunc("scenario", cobra.FixedCompletions(simulator.Names(), cobra.ShellCompDirectiveDefault))
	return cmd
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
