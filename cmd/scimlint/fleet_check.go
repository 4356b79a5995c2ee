package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/scimlint/scimlint/internal/fleet"
	"github.com/scimlint/scimlint/pkg/results"
)

// defaultRecords is where the records go where nothing is said.
const defaultRecords = "fleet.ndjson"

// fleetRun are the flags of fleet check.
type fleetRun struct {
	fleetOutputs
	records, shard, history string
	parallel, keep          int
	resume, exitZero        bool
	within                  time.Duration
}

func newFleetCheck(std stdio) *cobra.Command {
	var run fleetRun
	cmd := &cobra.Command{
		Use:   "check [LIST]",
		Short: "Check every org of a list",
		Long: `check checks every org of a list (fleet.yaml where none is named), several at a time, and
writes the full report of each to a file of records as soon as it is there. What goes wrong
with one org is in its record and stops no other. Ctrl-C keeps what is done: --resume goes on.

A list that is found and not named may run no command for a secret, and choose no other host
than the published ones.

Exit codes: the worst of all orgs, in this order: 1 not ready, 2 not checked (settings or
secret), 3 inconclusive, 0 ready. 2 also where nothing could be checked, 130 interrupted.`,
		Example: `  scimlint fleet check fleet.yaml --label env=prod
  scimlint fleet check fleet.yaml --history history -o text -o html=fleet.html
  scimlint fleet check fleet.yaml --shard job/16 --records /records/ --resume --exit-zero`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return run.check(cmd, std, strings.Join(args, ""))
		},
		ValidArgsFunction: cobra.FixedCompletions([]string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt),
	}
	run.register(cmd)
	fs := cmd.Flags()
	fs.StringVar(&run.records, "records", "", "`file` for the records of all orgs, or a folder (with / at its end) for those of shards (default "+defaultRecords+")")
	fs.BoolVar(&run.resume, "resume", false, "go on with a run that was not finished")
	fs.DurationVar(&run.within, "resume-within", 12*time.Hour, "`time` after which the records of a run that was not finished are not used any more")
	fs.IntVar(&run.parallel, "parallel", fleet.DefaultParallel, "`number` of orgs that are checked at a time")
	fs.StringVar(&run.shard, "shard", "", "only a share of the orgs, `INDEX/COUNT`, as 0/16; job/16 reads the index from "+fleet.JobIndex)
	fs.StringVar(&run.history, "history", "", "`folder` for the redacted bundle of each run of each org: since when an org is not ready, and what changed")
	fs.IntVar(&run.keep, "keep", fleet.DefaultKeep, "`number` of runs of each org that the history keeps")
	fs.BoolVar(&run.exitZero, "exit-zero", false, "end with 0 once all orgs have a record, whatever it says: for a shard, whose records are reported elsewhere")
	_ = cmd.RegisterFlagCompletionFunc("label", completeLabels)
	return cmd
}

// completeLabels offers the labels of the list.
func completeLabels(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	file := firstOf(strings.Join(args, ""), fleet.DefaultFile)
	list, err := fleet.Load(file, len(args) == 0)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer list.Close()
	var out []string
	known := map[string]bool{}
	for i := range list.Len() {
		o, err := list.Org(i)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		for k, v := range o.Labels {
			if label := k + "=" + v; !known[label] {
				known[label] = true
				out = append(out, label)
			}
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// prepare reads everything that can be wrong before the first org is asked.
func (r *fleetRun) prepare(std stdio, file string) (fleet.Options, []output, error) {
	o := fleet.Options{Parallel: r.parallel, Env: std.env, Tool: tool(), Say: func(text string) { warn(std, text) }}
	formats, err := r.parse(fleet.Formats())
	if err != nil {
		return o, nil, err
	}
	labels, err := fleet.ParseLabels(r.labels)
	if err != nil {
		return o, nil, err
	}
	if r.parallel < 1 || r.parallel > fleet.MaxParallel {
		return o, nil, fmt.Errorf("--parallel %d: write a number from 1 to %d", r.parallel, fleet.MaxParallel)
	}
	if o.Shard, err = fleet.ParseShard(r.shard, std.env); err != nil {
		return o, nil, err
	}
	if r.within <= 0 {
		return o, nil, fmt.Errorf("--resume-within %s: write a time, as in 12h", r.within)
	}
	if r.resume {
		o.Resume = r.within
	}
	if r.notify != "" && r.history == "" {
		return o, nil, errors.New("--notify-command needs --history DIR, which says what changed")
	}
	name := firstOf(file, fleet.DefaultFile)
	if o.List, err = fleet.Load(name, file == ""); err != nil {
		return o, nil, err
	}
	if err := o.List.Select(labels); err != nil {
		return o, nil, err
	}
	if o.Records, err = r.recordsFile(o.Shard); err != nil {
		return o, nil, err
	}
	if r.history != "" {
		if o.History, err = fleet.NewHistory(r.history, r.keep); err != nil {
			return o, nil, err
		}
	}
	return o, formats, distinct(append(files(formats), named{"--records", o.Records}, named{"--records", o.Records + ".part"}), []named{{"the list", name}})
}

// recordsFile is where the records of the run go.
func (r *fleetRun) recordsFile(s fleet.Shard) (string, error) {
	name := r.records
	if name == "" {
		name = defaultRecords
		if s.Count > 1 {
			name = "."
		}
	}
	folder := strings.HasSuffix(name, "/") || strings.HasSuffix(name, string(filepath.Separator))
	if folder {
		if err := os.MkdirAll(name, 0o700); err != nil {
			return "", fmt.Errorf("records: %w", err)
		}
	} else if info, err := os.Stat(name); err == nil {
		folder = info.IsDir()
	}
	return s.File(name, folder), nil
}

// check checks the orgs and reports them.
func (r *fleetRun) check(cmd *cobra.Command, std stdio, file string) error {
	o, list, err := r.prepare(std, file)
	if err != nil {
		return err
	}
	done, stop := fleetProgress(std)
	o.Done = done
	err = fleet.Run(cmd.Context(), o)
	stop()
	o.List.Close()
	if fleet.IsInterrupted(err) {
		return &exit{code: exitInterrupted, err: err}
	}
	if err != nil {
		return &exit{code: exitUsage, err: err} // no help on the command ends it
	}
	f, err := fleet.OpenShard(o.Records)
	if err != nil {
		return err
	}
	defer f.Close()
	return r.finish(cmd.Context(), std, list, f, r.exitZero)
}

// fleetProgress shows how far a run is: a bar with counts and the time that is left at a
// terminal, elsewhere a line for each org.
func fleetProgress(std stdio) (done func(fleet.Progress), stop func()) {
	if !isTerminal(std.err) {
		return func(p fleet.Progress) { warn(std, orgLine(p)) }, func() {}
	}
	terminal, _ := file(std.err) // the bar moves the cursor, which the guard does not let pass
	var bar *progressbar.ProgressBar
	counts := map[string]int{}
	return func(p fleet.Progress) {
			if bar == nil {
				bar = newBar(terminal, p)
			}
			counts[p.Verdict]++
			_ = bar.Set(p.Done - p.Resumed)
			bar.Describe(fmt.Sprintf("%d not ready, %d not checked, %d inconclusive", counts[string(results.NotReady)], counts[fleet.NotChecked], counts[string(results.Inconclusive)]))
		}, func() {
			if bar != nil {
				_ = bar.Exit()
				_, _ = fmt.Fprintln(std.err)
			}
		}
}

// newBar is a bar over the orgs that this run checks: what an earlier one did would make the
// time that is left too short.
func newBar(w io.Writer, p fleet.Progress) *progressbar.ProgressBar {
	return progressbar.NewOptions(p.Total-p.Resumed, progressbar.OptionSetWriter(w), progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetWidth(20), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetRenderBlankState(false))
}

// orgLine is one org's line.
func orgLine(p fleet.Progress) string {
	text := fmt.Sprintf("%d/%d %s: %s (%s)", p.Done, p.Total, p.Org, strings.ReplaceAll(p.Verdict, "-", " "), p.Took.Round(time.Millisecond))
	if p.Error != "" {
		text += ": " + p.Error
	}
	return text
}
