package main

import (
	"context"
	"fmt"
	"net/url"
	"time"

	shared "github.com/scimlint/scimlint/internal/settings"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/secret"
)

// settings are a check's complete instructions: how to reach the org, with what,
// and what to judge it against.
type settings struct {
	api, login *url.URL
	evidence   evidence.Options
	judge      lint.Options
	timeout    time.Duration
	// secrets knows every secret of the run.
	secrets *secret.Redactor
}

// offline is what a run is judged against, whether an org is asked or a bundle is
// read. Every flag that can be wrong is refused here, for every command alike.
func (f *flags) offline(std stdio, c config) (s settings, err error) {
	asRead := c
	c, p, err := f.profiled(c)
	if err != nil {
		return s, err
	}
	if s.judge, err = f.judgeOptions(c); err != nil {
		return s, err
	}
	if s.judge.Refusals, err = readRefusals(f.refusals); err != nil {
		return s, err
	}
	t := &s.evidence.Target
	t.ClientID = firstOf(f.clientID, std.env(envClientID), c.ClientID)
	var ok bool
	if t.SCIMURL, t.SCIMURLParts, ok = evidence.Address(firstOf(f.scimURL, c.SCIMURL)); !ok {
		return s, errAddress
	}
	t.SCIMBase = shared.SCIMBase(t.SCIMURL, p)
	s.judge.Profile, s.judge.ProfileUse = p, shared.ProfileUse(p, s.judge, t.SCIMURL, f.given(asRead))
	if t.Probe, err = shared.Probe(firstOf(f.probe, c.Probe), s.judge); err != nil {
		return s, err
	}
	if s.evidence.UsageDays, s.evidence.ChangesDays, err = shared.Days(firstOf(f.usage, c.Usage), firstOf(f.changes, c.Changes), s.judge.Needs); err != nil {
		return s, err
	}
	if s.timeout = firstOf(f.timeout, c.Timeout, time.Minute); s.timeout < 0 {
		return s, fmt.Errorf("timeout %s is negative", s.timeout)
	}
	return s, nil
}

// resolve puts flags, environment and configuration together, for a run that asks an
// org. Every error is one of usage, and names what to do.
func (f *flags) resolve(ctx context.Context, std stdio) (settings, error) {
	c, named, err := readConfig(f.config)
	if err != nil {
		return settings{}, err
	}
	s, err := f.offline(std, c)
	if err != nil {
		return settings{}, err
	}
	t := &s.evidence.Target
	if s.api, s.login, err = f.hosts(std, c, named, t); err != nil {
		return settings{}, err
	}
	if err := f.secrets(ctx, std, c, &s.evidence); err != nil {
		return settings{}, err
	}
	if !s.judge.TokenIssued.IsZero() && !t.TokenSupplied {
		return settings{}, fmt.Errorf("token-issued says when a token was issued, and none is given: name it with --token-file, or %s", envToken)
	}
	s.secrets = std.secrets()
	s.secrets.Add(s.evidence.Supplied, s.evidence.WorkingToken, s.evidence.Auditor.Token)
	s.secrets.AddBasic(t.ClientID, s.evidence.Secret)
	s.secrets.AddBasic(s.evidence.Auditor.ClientID, s.evidence.Auditor.Secret)
	return s, nil
}
