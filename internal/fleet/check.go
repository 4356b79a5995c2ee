package fleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/internal/gate"
	"github.com/scimlint/scimlint/pkg/diagnose"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/secret"
)

// judgingTime bounds the judging of one org's evidence, which no answer delays.
const judgingTime = 30 * time.Second

// checker checks orgs one by one, as scimlint check does.
type checker struct {
	list      *List
	env       func(string) string
	tool      results.Tool
	transport http.RoundTripper
	history   *History
	now       func() time.Time
	// commandTimeout is how long the command of a secret may run.
	commandTimeout time.Duration
}

// check checks one org. Whatever goes wrong is in its record; done is false where the run was
// interrupted, and there is no record. run is to be added to the history once the record is
// written.
func (c *checker) check(ctx context.Context, o Org) (r Record, run *pending, done bool) {
	started := c.now()
	r = Record{Kind: kindOrg, Org: o.Name, Labels: o.Labels, Region: o.Region}
	defer func() {
		if fault := recover(); fault != nil {
			// A fault of our own must not show memory, nor end the other checks.
			r.Report, r.Error, done = nil, "internal error in the check of this org; please report it", true
		}
		r.Started, r.DurationMs = started.UTC().Format(time.RFC3339), c.now().Sub(started).Milliseconds()
	}()
	secrets := &secret.Redactor{}
	run, err := c.judge(ctx, o, &r, secrets)
	if ctx.Err() != nil {
		run.drop()
		return r, nil, false
	}
	if err != nil {
		r.Report, r.Error = nil, secrets.Clean(err.Error())
		if c.history != nil {
			run = c.history.keepError(&r, started)
		}
	}
	return r, run, true
}

// judge is the way of the data: settings, secret, evidence, checks, diagnosis, terms.
func (c *checker) judge(ctx context.Context, o Org, r *Record, secrets *secret.Redactor) (run *pending, err error) {
	p, err := c.list.plan(o)
	if err != nil {
		return nil, err
	}
	r.Region = cmp.Or(p.evidence.Target.Region, p.evidence.Target.APIURL)
	if err := p.baseline(o); err != nil {
		return nil, err
	}
	if p.evidence.Secret, err = secretOf(ctx, o, c.env, c.commandTimeout); err != nil {
		return nil, err
	}
	secrets.AddBasic(o.ClientID, p.evidence.Secret)
	snapshot := c.collect(ctx, p, secrets)
	if snapshot.WriteProbeLeft != "" {
		r.Notes = append(r.Notes, "ATTENTION: "+snapshot.WriteProbeLeft)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	outcome, report, err := conclude(ctx, snapshot, p.judge, c.tool)
	if err != nil {
		return nil, err
	}
	p.terms.Now = c.now()
	report = secret.Walk(gate.Apply(report, p.terms), secrets.Clean)
	r.Report = &report
	r.TokenExpires = tokenExpires(snapshot)
	if c.history != nil {
		run = c.history.keep(r, snapshot, outcome, secrets, c.tool)
	}
	return run, nil
}

// collect asks the org for every fact.
func (c *checker) collect(ctx context.Context, p plan, secrets *secret.Redactor) *evidence.Snapshot {
	limited, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	client := genesys.NewClient(genesys.Options{API: p.api, Login: p.login, UserAgent: "scimlint/" + c.tool.Version, Redactor: secrets, Transport: c.transport})
	p.evidence.Now = c.now()
	p.judge.Ask(&p.evidence)
	return evidence.Collect(limited, client, p.evidence)
}

// conclude runs the checks and the diagnosis, within a bound. What goes beyond it ends with
// the program.
func conclude(ctx context.Context, snapshot *evidence.Snapshot, judge lint.Options, tool results.Tool) (lint.Outcome, results.Report, error) {
	type answer struct {
		outcome lint.Outcome
		report  results.Report
		fault   bool
	}
	done := make(chan answer, 1)
	go func() {
		var a answer
		defer func() {
			a.fault = recover() != nil
			done <- a
		}()
		a.outcome = checks.Run(snapshot, judge)
		a.report = diagnose.Conclude(a.outcome, tool)
	}()
	late := time.NewTimer(judgingTime)
	defer late.Stop()
	select {
	case a := <-done:
		if a.fault {
			return a.outcome, a.report, errors.New("internal error in the checks of this org; please report it")
		}
		return a.outcome, a.report, nil
	case <-late.C:
		return lint.Outcome{}, results.Report{}, fmt.Errorf("the evidence could not be judged within %s: it is larger than that of any org", judgingTime)
	case <-ctx.Done():
		return lint.Outcome{}, results.Report{}, ctx.Err()
	}
}

// tokenExpires is when the token that the org gave expires; empty where it is not known.
func tokenExpires(s *evidence.Snapshot) string {
	if !s.Token.Seen() || s.Token.Value.ExpiresIn <= 0 {
		return ""
	}
	return s.Taken.Add(s.Token.Value.ExpiresIn).UTC().Format(time.RFC3339)
}

// newTransport is one pool of connections for all orgs: those of a region share a host, and
// none is left open behind an org that is done.
func newTransport(parallel int) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 4 * parallel
	t.MaxIdleConns = 8 * parallel
	t.IdleConnTimeout = 10 * time.Second
	return t
}
