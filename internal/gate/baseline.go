package gate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/scimlint/scimlint/internal/bounds"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/results"
)

// baselineVersion is the version of the baseline's form.
const baselineVersion = 1

// Baseline is a file of known findings.
type Baseline struct {
	Version  int     `yaml:"version"`
	Findings []Entry `yaml:"findings"`
}

// Entry is one known finding. Only the fingerprint is compared; check, status and
// message are for whoever reads the file.
type Entry struct {
	Check       string         `yaml:"check"`
	Status      results.Status `yaml:"status"`
	Fingerprint string         `yaml:"fingerprint"`
	Message     string         `yaml:"message"`
	Reason      string         `yaml:"reason"`
	// Expires is the last day, as YYYY-MM-DD in UTC, on which the finding is known;
	// after it the finding fails again. Empty means never.
	Expires string `yaml:"expires"`
}

// outages are the causes of runs from which no baseline is made.
var outages = []cause.ID{cause.NetworkUnreachable, cause.ProxyAnswered, cause.RateLimited}

// Recordable returns an error for a run that did not reach the org: a baseline of it would
// make an outage a known finding.
func Recordable(r results.Report) error {
	for _, c := range r.Causes {
		if slices.Contains(outages, cause.ID(c.ID)) {
			return fmt.Errorf("no baseline is written of a run that did not see the org (%s): an outage would be known from then on", c.ID)
		}
	}
	return nil
}

// ParseBaseline reads a baseline strictly; errors name the entry.
func ParseBaseline(data []byte) (*Baseline, error) {
	var b Baseline
	if err := bounds.YAML(data); err != nil {
		return nil, fmt.Errorf("it is no baseline: %w", err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&b); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("it is empty: write it with --write-baseline")
		}
		return nil, fmt.Errorf("it is no baseline: %w", err)
	}
	if b.Version != baselineVersion {
		return nil, fmt.Errorf("its version is %d, and this scimlint reads version %d", b.Version, baselineVersion)
	}
	seen := map[string]bool{}
	for i, e := range b.Findings {
		name := fmt.Sprintf("entry %d (%s)", i+1, e.Check)
		switch {
		case e.Check == "" || e.Fingerprint == "":
			return nil, fmt.Errorf("%s lacks a check or a fingerprint", name)
		case seen[e.Fingerprint]:
			return nil, fmt.Errorf("%s has the fingerprint of another entry", name)
		}
		seen[e.Fingerprint] = true
		if _, err := time.Parse(time.DateOnly, e.Expires); e.Expires != "" && err != nil {
			return nil, fmt.Errorf("%s expires on %q, which is no day: write it as 2027-01-31", name, e.Expires)
		}
	}
	return &b, nil
}

// Encode writes a baseline for people to add reasons and days to.
func (b Baseline) Encode() ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("# Known findings: scimlint shows them and does not fail for them. A reason says why;\n" +
		"# expires, as 2027-01-31, is the last day before the finding fails again.\n")
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(b); err != nil {
		return nil, err
	}
	return out.Bytes(), enc.Close()
}

// NewBaseline makes a baseline of what a run found. Reasons and days of the former
// baseline stay, and so do its entries about what this run could not see.
func NewBaseline(r results.Report, former *Baseline) Baseline {
	b := Baseline{Version: baselineVersion, Findings: []Entry{}}
	for _, c := range r.Checks {
		if c.Fingerprint == "" || c.Accepted || c.LeftOut {
			continue
		}
		e := Entry{Check: c.ID, Status: c.Status, Fingerprint: c.Fingerprint, Message: c.Message}
		if old, ok := former.find(c.Fingerprint); ok {
			e.Reason, e.Expires = old.Reason, old.Expires
		}
		b.Findings = append(b.Findings, e)
	}
	if former == nil {
		return b
	}
	for _, e := range former.Findings {
		_, written := b.find(e.Fingerprint)
		if !written && !gone(e, r.Checks) {
			b.Findings = append(b.Findings, e)
		}
	}
	return b
}

func (b *Baseline) find(fingerprint string) (Entry, bool) {
	if b == nil || fingerprint == "" {
		return Entry{}, false
	}
	i := slices.IndexFunc(b.Findings, func(e Entry) bool { return e.Fingerprint == fingerprint })
	if i < 0 {
		return Entry{}, false
	}
	return b.Findings[i], true
}

// known returns a finding's entry as the report shows it, or nil.
func (b *Baseline) known(c results.Check, now time.Time) *results.Known {
	e, ok := b.find(c.Fingerprint)
	if !ok {
		return nil
	}
	return &results.Known{Reason: e.Reason, Expires: e.Expires, Expired: e.expired(now)}
}

// expired says whether the entry's last day is over, in UTC.
func (e Entry) expired(now time.Time) bool {
	return e.Expires != "" && now.UTC().Format(time.DateOnly) > e.Expires
}

// stale returns the entries whose finding no longer occurs.
func (b *Baseline) stale(list []results.Check) []results.Stale {
	var out []results.Stale
	if b == nil {
		return nil
	}
	for _, e := range b.Findings {
		if gone(e, list) {
			out = append(out, results.Stale{Check: e.Check, Fingerprint: e.Fingerprint, Message: e.Message, Reason: e.Reason})
		}
	}
	return out
}

// gone says whether an entry's finding no longer occurs. A check that could not
// see this time says nothing about what it found before.
func gone(e Entry, list []results.Check) bool {
	i := slices.IndexFunc(list, func(c results.Check) bool { return c.ID == e.Check })
	return i < 0 || list[i].Fingerprint != e.Fingerprint && list[i].Status != results.Unknown
}
