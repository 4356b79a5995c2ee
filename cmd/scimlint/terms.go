package main

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/scimlint/scimlint/internal/bounds"
	"github.com/scimlint/scimlint/internal/gate"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/results"
)

// terms are what a pipeline says of a run: what counts, and what is known.
type terms struct {
	failOn, baseline string
	only, skip       []string
	write            bool
	options          gate.Options
}

func (t *terms) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&t.failOn, "fail-on", "", "end with an exit code other than 0 from this `gravity` on: warn, unknown or fail (default: as the verdict says)")
	fs.StringSliceVar(&t.only, "only", nil, "`checks` that the exit code looks at, and no others; the verdict looks at all")
	fs.StringSliceVar(&t.skip, "skip", nil, "`checks` that the exit code does not look at")
	fs.StringVar(&t.baseline, "baseline", "", "`file` of known findings, which are shown and do not fail")
	fs.BoolVar(&t.write, "write-baseline", false, "write what this run finds into the file of --baseline")
	for name, values := range map[string][]string{"fail-on": {gate.OnWarn, gate.OnUnknown, gate.OnFail}, "only": checkIDs(), "skip": checkIDs()} {
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
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
			return errors.New("--write-baseline takes --baseline FILE: where the known findings go")
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
	for _, c := range r.Causes {
		if slices.Contains([]cause.ID{cause.NetworkUnreachable, cause.ProxyAnswered, cause.RateLimited}, cause.ID(c.ID)) {
			return r, fmt.Errorf("no baseline is written of a run that did not see the org (%s): an outage would be known from then on", c.ID)
		}
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
