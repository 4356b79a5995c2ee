package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scimlint/scimlint/internal/fleet"
	"github.com/scimlint/scimlint/pkg/report"
)

func newFleet(std stdio) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "fleet",
		Short: "Check many orgs: one table, and what changed",
		Long: `fleet checks every org of a list as scimlint check would, and reports them together.
The list says where each client's secret comes from and never has a secret in it.
docs/fleet.md describes the list, the reports and how to divide the work.`,
	}
	cmd.AddCommand(newFleetInit(std), newFleetCheck(std), newFleetReport(std))
	return cmd
}

// fleetOutputs say which reports of all orgs go where, and who is alerted.
type fleetOutputs struct {
	outputs
	labels []string
	notify string
}

func (o *fleetOutputs) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringArrayVarP(&o.specs, "output", "o", nil, "`format[=FILE]`: "+strings.Join(fleet.Formats(), ", ")+"; repeatable (default text)")
	fs.StringArrayVar(&o.labels, "label", nil, "only the orgs with this label, as `key=value`; repeatable: all keys must match, of several values of one key any")
	fs.StringVar(&o.notify, "notify-command", "", "`command` of your shell that is run when the verdict of an org changed; it reads JSON on standard input")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(fleet.Formats(), cobra.ShellCompDirectiveNoFileComp))
}

// write writes every report as it is made, so that none is in memory as a whole.
func (o *fleetOutputs) write(std stdio, list []output, f *fleet.Fleet) error {
	for _, out := range list {
		opts := report.Options{Secrets: std.secrets()}
		var err error
		if out.file == "" {
			opts.Color = colorful(std)
			err = fleet.Write(std.out, out.format, f, opts)
		} else {
			err = writeStream(out.file, 0o644, func(w io.Writer) error { return fleet.Write(w, out.format, f, opts) })
		}
		if err != nil {
			return fmt.Errorf("report cannot be written: %w", err)
		}
	}
	return nil
}

// alert runs the command of --notify-command where the verdict of an org changed.
func (o *fleetOutputs) alert(ctx context.Context, f *fleet.Fleet) error {
	if o.notify == "" {
		return nil
	}
	a, err := fleet.NewAlert(f)
	if err != nil || a == nil {
		return err
	}
	return fleet.Notify(ctx, o.notify, a)
}

// finish writes the reports, alerts, and returns the exit code. An alert that was not sent
// fails a run that would pass: nobody would miss it.
func (o *fleetOutputs) finish(ctx context.Context, std stdio, list []output, f *fleet.Fleet, ignore bool) error {
	if err := o.write(std, list, f); err != nil {
		return err
	}
	result := f.ExitCode()
	if ignore {
		result = 0
	}
	if err := o.alert(ctx, f); err != nil {
		if result == 0 {
			return &exit{code: exitUsage, err: err}
		}
		warn(std, err.Error())
	}
	return code(result)
}

// warn prints a sentence that is no report.
func warn(std stdio, text string) {
	_, _ = fmt.Fprintln(std.err, "scimlint:", report.Inert(std.secrets().Clean(text)))
}

func newFleetReport(std stdio) *cobra.Command {
	var o fleetOutputs
	cmd := &cobra.Command{
		Use:   "report FILE...",
		Short: "Make the reports of records, and merge those of several machines",
		Long: `report reads the files of records that scimlint fleet check wrote, of one machine or of
all shards, and makes any report of them. It says which shards and how many orgs are missing.
An org that is in two files counts once, with its newest record. Shards of different lists are
not mixed: those that fewer files are of are left out.

Exit codes: those of scimlint fleet check; 3 at least where orgs are missing.`,
		Example: `  scimlint fleet report fleet.ndjson -o html=fleet.html
  scimlint fleet report records/shard-*.ndjson -o text -o openmetrics=/var/lib/node_exporter/scimlint.prom`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := o.parse(fleet.Formats())
			if err != nil {
				return err
			}
			labels, err := fleet.ParseLabels(o.labels)
			if err != nil {
				return err
			}
			names, err := recordFiles(args)
			if err != nil {
				return err
			}
			inputs := make([]named, len(names))
			for i, name := range names {
				inputs[i] = named{"the report", name}
			}
			if err := distinct(files(list), inputs); err != nil {
				return err
			}
			f, warnings, err := fleet.Open(names)
			for _, w := range warnings {
				warn(std, w)
			}
			if err != nil {
				return err
			}
			defer f.Close()
			if err := f.Select(labels); err != nil {
				return err
			}
			return o.finish(cmd.Context(), std, list, f, false)
		},
	}
	o.register(cmd)
	return cmd
}

// recordFiles are the files that were named; a folder is short for the files of shards in
// it, those of unfinished runs too: the newest record of an org counts.
func recordFiles(args []string) ([]string, error) {
	var out []string
	for _, name := range args {
		info, err := os.Stat(name)
		if err != nil {
			return nil, fmt.Errorf("records: %w", err)
		}
		if !info.IsDir() {
			out = append(out, name)
			continue
		}
		inside, err := filepath.Glob(filepath.Join(name, "shard-*.ndjson*"))
		if err != nil || len(inside) == 0 {
			return nil, fmt.Errorf("records: the folder %s has no files of shards (shard-*.ndjson)", name)
		}
		for _, file := range inside {
			if strings.HasSuffix(file, ".ndjson") || strings.HasSuffix(file, ".part") {
				out = append(out, file)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func newFleetInit(std stdio) *cobra.Command {
	var from, secretEnv string
	var force bool
	cmd := &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a list of orgs, from a table or from the environment",
		Long: `init writes fleet.yaml. With --from it reads a table in CSV, whose first line names the
columns: name, region and clientId, and any other as a label. Without it, the list has the one
org that GENESYSCLOUD_REGION and GENESYSCLOUD_OAUTHCLIENT_ID name. No secret is written: the
list says in which variable of the environment each one will be.`,
		Example: `  scimlint fleet init
  scimlint fleet init --from orgs.csv --secret-env 'GENESYS_SECRET_{ORG}'`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file := firstOf(strings.Join(args, ""), fleet.DefaultFile)
			if from == "" && !cmd.Flags().Changed("secret-env") {
				secretEnv = envSecret
			}
			if _, err := os.Stat(file); err == nil && !force {
				return fmt.Errorf("%s exists: name another file, or replace it with --force", file)
			}
			if err := distinct([]named{{"the list", file}}, []named{{"--from", from}}); err != nil {
				return err
			}
			data, err := fleetList(std, from, secretEnv)
			if err != nil {
				return err
			}
			if err := writeWhole(file, data); err != nil {
				return fmt.Errorf("the list cannot be written: %w", err)
			}
			_, err = fmt.Fprintf(std.out, "Wrote %s. Check it with: scimlint fleet check %s\n", file, file)
			return err
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "table in CSV (`file`, or - for standard input) with the columns name, region, clientId")
	cmd.Flags().StringVar(&secretEnv, "secret-env", "GENESYS_SECRET_{ORG}", "`name` of the variable that each org's secret will be in; {ORG} is the org's name")
	cmd.Flags().BoolVar(&force, "force", false, "replace a list that exists")
	return cmd
}

// fleetList makes a list of a table, or of the environment.
func fleetList(std stdio, from, secretEnv string) ([]byte, error) {
	switch from {
	case "":
		return fleet.One("my-org", std.env(envRegion), std.env(envClientID), secretEnv)
	case "-":
		return fleet.FromTable("standard input", std.in, secretEnv)
	}
	in, err := os.Open(from)
	if err != nil {
		return nil, fmt.Errorf("--from: %w", err)
	}
	defer func() { _ = in.Close() }()
	return fleet.FromTable(from, in, secretEnv)
}
