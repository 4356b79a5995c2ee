package main

import (
	"fmt"
	"time"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/checks/custom"
	shared "github.com/scimlint/scimlint/internal/settings"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
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
	if err := shared.TokenUse(o.TokenUse); err != nil {
		return o, err
	}
	if o.TokenIssued, err = issued(f.tokenIssued); err != nil {
		return o, err
	}
	if o.Needs, o.Operations, err = shared.Needs(pick(f.need, c.Need), pick(f.needOperation, c.NeedOperation), "need-operation"); err != nil {
		return o, err
	}
	if f.operation != nil {
		o.Needs, o.Operations = nil, []catalog.NeededOperation{*f.operation}
	}
	if o.Own, err = ownChecks(c); err != nil {
		return o, err
	}
	return o, checks.Validate(o)
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
