package main

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"github.com/scimlint/scimlint/internal/bounds"
	"github.com/scimlint/scimlint/internal/gate"
	"github.com/scimlint/scimlint/pkg/results"
)

// terms are the options of a pipeline: which findings count, and which are known.
type terms struct {
	failOn, baseline string
	only, skip       []string
	write            bool
	options          gate.Options
}

func (t *terms) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&t.failOn, "fail-on", "", "exit non-zero at this `severity` or worse: warn, unknown or fail (default: as the verdict says)")
	fs.StringSliceVar(&t.only, "only", nil, "only these `checks` decide the exit code (the verdict still uses all of them)")
	fs.StringSliceVar(&t.skip, "skip", nil, "these `checks` do not decide the exit code")
	fs.StringVar(&t.baseline, "baseline", "", "`file` of known findings, which are shown and do not fail the run")
	fs.BoolVar(&t.write, "write-baseline", false, "write the findings of this run to the file of --baseline")
	_ = cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions([]string{gate.OnWarn, gate.OnUnknown, gate.OnFail}, cobra.ShellCompDirectiveNoFileComp))
	for _, name := range []string{"only", "skip"} {
		_ = cmd.RegisterFlagCompletionFunc(name, completeList(checkIDs()))
	}
}

// resolve puts flags and configuration together and reads the baseline.
func (t *terms) resolve(c config, ids []string) error {
	t.options = gate.Options{FailOn: firstOf(t.failOn, c.FailOn), Only: pick(t.only, c.Only), Skip: pick(t.skip, c.Skip), Severity: c.Severity, Now: time.Now()}
	if err := t.options.Validate(ids); err != nil {
		return err
	}
	t.baseline = firstOf(t.baseline, c.Baseline)
	if t.baseline == "" {
		if t.write {
			return errors.New("--write-baseline needs --baseline FILE: where the known findings go")
		}
		return nil
	}
	t.options.BaselineFile = t.baseline
	data, err := bounds.ReadFile(t.baseline, bounds.YAMLBytes)
	if errors.Is(err, fs.ErrNotExist) && t.write {
		return nil
	}
	if err != nil {
		return fmt.Errorf("baseline: %w (--write-baseline makes it)", err)
	}
	if t.options.Baseline, err = gate.ParseBaseline(asUTF8(data)); err != nil {
		return fmt.Errorf("baseline %s: %w", t.baseline, err)
	}
	return nil
}

// reads and writes are the baseline, as what the run does with it.
func (t *terms) reads() []named {
	if t.write {
		return nil
	}
	return []named{{"--baseline", t.baseline}}
}

func (t *terms) writes() []named {
	if t.write && t.baseline != "" {
		return []named{{"--write-baseline", t.baseline}}
	}
	return nil
}

// apply judges a report by the terms, after writing the baseline where that was
// asked for.
func (t *terms) apply(r results.Report) (results.Report, error) {
	if !t.write {
		return gate.Apply(r, t.options), nil
	}
	if err := gate.Recordable(r); err != nil {
		return r, err
	}
	b := gate.NewBaseline(gate.Apply(r, t.options), t.options.Baseline)
	data, err := b.Encode()
	if err != nil {
		return r, err
	}
	if err := writeWhole(t.baseline, data); err != nil {
		return r, fmt.Errorf("baseline cannot be written: %w", err)
	}
	t.options.Baseline = &b
	return gate.Apply(r, t.options), nil
}
