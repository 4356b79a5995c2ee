package main

import (
	"fmt"

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
			if s.Zendesk != nil {
				account, err := simulator.StartZendesk(s.Zendesk, "127.0.0.1:0")
				if err != nil {
					return err
				}
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
func printEnvironment(std stdio, server *simulator.Server) {
	line := func(key, value string) {
		if value != "" {
			_, _ = fmt.Fprintf(std.out, "%s=%s\n", key, value)
		}
	}
	s := server.Scenario
	line(envRegion, s.Org.Region)
	line(envAPI, server.URL)
	line(envLogin, server.URL)
	if s.Run.Client != "" {
		id, secret := server.Credentials(s.Run.Client)
		line(envClientID, id)
		line(envSecret, secret)
	}
	line(envToken, server.Token(s.Run.Token))
	line(envWorking, server.Token(s.Run.WorkingToken))
}

// printZendesk writes what scimlint ready and payload read.
func printZendesk(std stdio, account *simulator.ZendeskServer) {
	for _, line := range [][2]string{{envZendeskURL, account.URL}, {envZendeskEmail, account.Email}, {envZendeskToken, account.Token}} {
		_, _ = fmt.Fprintf(std.out, "%s=%s\n", line[0], line[1])
	}
}
