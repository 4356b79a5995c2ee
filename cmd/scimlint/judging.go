package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/checks/custom"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
)

// idsWith returns the ids of all checks, the configuration's among them.
func idsWith(own []lint.Check) []string {
	out := checkIDs()
	for _, c := range own {
		out = append(out, c.ID)
	}
	return out
}

func (f *flags) judgeOptions(c config) (o lint.Options, err error) {
	o = lint.Options{Divisions: pick(f.division, c.Division), ExpectOrg: firstOf(f.expectOrg, c.ExpectOrg),
		Accept: append(f.accept, c.AcceptUnknown...), Requirements: c.Requirements.forChecks()}
	o.Requirements.Scopes = append(o.Requirements.Scopes, f.requireScope...)
	o.Requirements.Permissions = append(o.Requirements.Permissions, f.requirePermission...)
	o.Requirements.Replace = o.Requirements.Replace || f.replace
	o.TokenUse = firstOf(f.tokenUse, c.TokenUse)
	if !slices.Contains([]string{"", lint.TokenRenewed, lint.TokenPasted}, o.TokenUse) {
		return o, fmt.Errorf("unknown token-use %q: write %s or %s", o.TokenUse, lint.TokenRenewed, lint.TokenPasted)
	}
	if o.TokenIssued, err = issued(f.tokenIssued); err != nil {
		return o, err
	}
	if o.Needs, o.Operations, err = f.needs(c); err != nil {
		return o, err
	}
	if o.Own, err = ownChecks(c); err != nil {
		return o, err
	}
	return o, checks.Validate(o)
}

// needs are what is needed: the needs of a migration, operations by name, or both.
func (f *flags) needs(c config) (needs []catalog.Need, operations []catalog.NeededOperation, err error) {
	if named := pick(f.needOperation, c.NeedOperation); len(named) > 0 {
		if operations, err = catalog.All().ParseNeedOperations(named); err != nil {
			return nil, nil, fmt.Errorf("need-operation: %w", err)
		}
	}
	if words := pick(f.need, c.Need); len(words) > 0 {
		needs, err = catalog.ParseNeeds(words)
	} else if len(operations) == 0 {
		needs = catalog.DefaultNeeds()
	}
	if f.operation != nil {
		return nil, []catalog.NeededOperation{*f.operation}, err
	}
	return needs, operations, err
}

// probeFor is the probe of a run that names none: a SCIM read, where any of the needed
// operations is of SCIM.
func probeFor(o lint.Options) string {
	if len(o.Needs) > 0 || slices.ContainsFunc(o.Operations, catalog.NeededOperation.SCIM) {
		return evidence.ProbeRead
	}
	return evidence.ProbeNone
}

// issued reads the day on which a token was issued.
func issued(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(form, text); err == nil {
			if t.After(time.Now().Add(24 * time.Hour)) {
				return t, fmt.Errorf("token-issued %s is in the future", text)
			}
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("token-issued %q is not a date: write it as 2026-01-31", text)
}

// maxDays bounds --usage and --changes. Source: the audit log keeps 14 days.
const (
	maxUsageDays   = 90
	maxChangesDays = 14
)

// history is how many days of the client's traffic and of the org's changes are read.
func (f *flags) history(c config, needs []catalog.Need) (usage, changes int, err error) {
	usage, changes = firstOf(f.usage, c.Usage), firstOf(f.changes, c.Changes)
	if slices.Contains(needs, catalog.NeedAuto) && usage == 0 {
		usage = 7
	}
	if usage < 0 || usage > maxUsageDays {
		return 0, 0, fmt.Errorf("usage %d: write a number of days from 1 to %d", usage, maxUsageDays)
	}
	if changes < 0 || changes > maxChangesDays {
		return 0, 0, fmt.Errorf("changes %d: write a number of days from 1 to %d, which is what the audit log keeps", changes, maxChangesDays)
	}
	return usage, changes, nil
}

// ownChecks compiles the checks of the configuration.
func ownChecks(c config) ([]lint.Check, error) {
	list, err := custom.Compile(c.Checks, func(id string) bool {
		_, check := checks.ByID(id)
		_, known := cause.ByID(cause.ID(id))
		return check || known
	})
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	return list, nil
}
