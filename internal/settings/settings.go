// Package settings says what the settings of a check mean, wherever they are written: on the
// command line, in scimlint.yaml, or in a list of orgs.
package settings

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/profile"
	"github.com/scimlint/scimlint/pkg/results"
)

// The bounds of what is read of the past, in days. Source: the audit log keeps 14.
const (
	maxUsageDays   = 90
	maxChangesDays = 14
	// autoUsageDays is how much traffic is read for the need auto where nothing is said.
	autoUsageDays = 7
)

// Days are how much of the client's traffic and of the org's changes is read.
func Days(usage, changes int, needs []catalog.Need) (usageDays, changesDays int, err error) {
	if slices.Contains(needs, catalog.NeedAuto) && usage == 0 {
		usage = autoUsageDays
	}
	if usage < 0 || usage > maxUsageDays {
		return 0, 0, fmt.Errorf("usage is %d: write a number of days from 1 to %d", usage, maxUsageDays)
	}
	if changes < 0 || changes > maxChangesDays {
		return 0, 0, fmt.Errorf("changes is %d: write a number of days from 1 to %d, which is what the audit log keeps", changes, maxChangesDays)
	}
	return usage, changes, nil
}

// Probe is the probe of a run that names one, or none: a SCIM read, where any of the needed
// operations is of SCIM.
func Probe(named string, o lint.Options) (string, error) {
	if named == "" {
		named = evidence.ProbeNone
		if len(o.Needs) > 0 || slices.ContainsFunc(o.Operations, catalog.NeededOperation.SCIM) {
			named = evidence.ProbeRead
		}
	}
	if !slices.Contains([]string{evidence.ProbeRead, evidence.ProbeWrite, evidence.ProbeNone}, named) {
		return "", fmt.Errorf("probe is %q: write read, write or none", named)
	}
	return named, nil
}

// SCIMBase is where the probes look: under the path that the integration calls when that is
// a published one, else under the one that the profile's page names.
func SCIMBase(scimURL string, p *profile.Profile) string {
	if base, ok := baseOf(scimURL); ok {
		return base
	}
	if p != nil && p.Address.Path != "" {
		return strings.TrimSuffix(p.Address.Path, "/")
	}
	return catalog.SCIMBase
}

// baseOf is the published base that an address is below.
func baseOf(address string) (string, bool) {
	u, err := url.Parse(address)
	if err != nil {
		return "", false
	}
	return catalog.SCIMBaseOf(u.Path)
}

// Needs are what is needed: the needs of a migration, operations by name, or both. Where
// nothing is said, the default needs are. key is what the operations are called where they are
// written.
func Needs(needs, operations []string, key string) (list []catalog.Need, named []catalog.NeededOperation, err error) {
	if len(operations) > 0 {
		if named, err = catalog.All().ParseNeedOperations(operations); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	switch {
	case len(needs) > 0:
		if list, err = catalog.ParseNeeds(needs); err != nil {
			return nil, nil, fmt.Errorf("need: %w", err)
		}
	case len(named) == 0:
		list = catalog.DefaultNeeds()
	}
	return list, named, err
}

// TokenUse refuses what is no use of a token.
func TokenUse(use string) error {
	if !slices.Contains([]string{"", lint.TokenRenewed, lint.TokenPasted}, use) {
		return fmt.Errorf("tokenUse is %q: write %s or %s", use, lint.TokenRenewed, lint.TokenPasted)
	}
	return nil
}

// Given says where a value comes from, unless it is the profile's or a default: "flag",
// "configuration", or empty.
type Given struct{ Needs, TokenUse, SCIMURL string }

// ProfileUse says where each value that a profile speaks of comes from in a run.
func ProfileUse(p *profile.Profile, judge lint.Options, scimURL string, given Given) *results.Profile {
	if p == nil {
		return nil
	}
	use := &results.Profile{Name: p.Name, Title: p.Title, Own: p.Own, Source: p.Source, Values: []results.ProfileValue{}, Unknown: append([]string{}, p.Unknown...)}
	add := func(name, value, from string, profiled bool, source string) {
		v := results.ProfileValue{Name: name, Value: cmp.Or(value, "unknown"), From: cmp.Or(from, "default")}
		if from == "" && profiled {
			v.From, v.Source = "profile", source
		}
		use.Values = append(use.Values, v)
	}
	var names []string
	for _, n := range judge.Needs {
		names = append(names, string(n))
	}
	add("needs", strings.Join(names, ", "), given.Needs, len(p.Needs.Value) > 0, p.Needs.Source)
	add("token use", judge.TokenUse, given.TokenUse, p.Token.Use != "", p.Token.Source)
	base := ""
	if _, known := baseOf(scimURL); known {
		base = given.SCIMURL
	}
	add("SCIM base", SCIMBase(scimURL, p), base, p.Address.Path != "", p.Address.Source)
	if p.HasAddress() {
		add(p.Address.Field, cmp.Or(scimURL, "not given"), given.SCIMURL, false, "")
	}
	return use
}
