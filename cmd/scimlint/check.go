package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/pkg/diagnose"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

func newCheck(std stdio) *cobra.Command {
	var f flags
	var o outputs
	var t terms
	var w way
	var from string
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Say whether SCIM provisioning will work on an org, and if not, why",
		Long: `check acquires a token (or uses yours), asks the org what it may do, and compares
that with what SCIM provisioning requires. It changes nothing: beside GET requests it
sends a POST for the token, one that evaluates an attribute-based policy with a
condition, with --changes one that queries the audit log, and with --probe write one
that cannot create anyone.

Credentials come from the environment, a file or a prompt, never from a flag:
  GENESYSCLOUD_REGION              region, as eu-west-1 or mypurecloud.ie
  GENESYSCLOUD_OAUTHCLIENT_ID      OAuth client
  GENESYSCLOUD_OAUTHCLIENT_SECRET  its secret
  GENESYSCLOUD_ACCESS_TOKEN        a token, instead of the secret
  SCIMLINT_WORKING_TOKEN           a token that works elsewhere, to compare with
  SCIMLINT_AUDITOR_TOKEN           a token that reads what the client may not, or
  SCIMLINT_AUDITOR_CLIENT_ID       another client that does, with
  SCIMLINT_AUDITOR_SECRET          its secret

Exit codes: 0 ready, 1 not ready, 2 usage or configuration, 3 inconclusive, 130 interrupted.`,
		Example: `  scimlint check --region eu-west-1
  scimlint check --need create,roles,skills --division Paris --probe write
  scimlint check -o text -o json=report.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.checkAndReport(cmd.Context(), std, from, &o, &t, &w)
		},
	}
	f.register(cmd)
	w.register(cmd)
	t.register(cmd)
	o.register(cmd)
	cmd.Flags().StringVar(&from, "from", "", "judge the bundle `file` that scimlint capture wrote, and ask no org")
	return cmd
}

// judge judges a bundle, or an org, walks the way around the permissions where that was
// asked for, and applies the pipeline's terms.
func (f *flags) judge(ctx context.Context, std stdio, from string, t *terms, w *way, progress bool) (results.Report, error) {
	c, _, err := readConfig(f.config)
	if err != nil {
		return results.Report{}, err
	}
	own, err := ownChecks(c)
	if err != nil {
		return results.Report{}, err
	}
	// All is read before anything is asked of the org.
	if err := t.resolve(c, idsWith(own)); err != nil {
		return results.Report{}, err
	}
	if err := w.resolve(c); err != nil {
		return results.Report{}, err
	}
	var r results.Report
	if from != "" {
		r, err = f.replay(ctx, std, c, from, w)
	} else {
		r, err = f.live(ctx, std, c, w, progress)
	}
	if err != nil {
		return results.Report{}, err
	}
	return t.apply(r)
}

// readyTimeout bounds the readiness of a migration where --timeout does not: an org
// with many users is listed within its rate limit.
const readyTimeout = 15 * time.Minute

// wholeRun is how long ready may take in all; the evidence keeps the time of a check.
func wholeRun(s settings, asked bool) time.Duration {
	if asked {
		return s.timeout
	}
	return readyTimeout
}

// live judges an org.
func (f *flags) live(ctx context.Context, std stdio, c config, w *way, progress bool) (results.Report, error) {
	s, err := f.resolve(ctx, std)
	if err != nil {
		return results.Report{}, err
	}
	if !w.wanted() {
		return runCheck(ctx, std, s, progress)
	}
	if err := w.ask(ctx, std); err != nil {
		return results.Report{}, err
	}
	limited, cancel := context.WithTimeout(ctx, wholeRun(s, firstOf(f.timeout, c.Timeout) != 0))
	defer cancel()
	snapshot, err := collect(ctx, std, s, progress)
	if err != nil {
		return results.Report{}, err
	}
	say, done := spin(std, progress)
	defer done()
	r, err := w.walk(limited, std, c, snapshot, s.judge, orgOf(limited, s, say), say)
	if ctx.Err() != nil {
		return r, &exit{code: exitInterrupted, err: errors.New("interrupted: the readiness was not checked in full")}
	}
	return r, err
}

// replay judges a bundle. Needs, divisions and demands may differ from those of
// the capture; what was not captured is unknown.
func (f *flags) replay(ctx context.Context, std stdio, c config, file string, w *way) (results.Report, error) {
	if w.canary {
		return results.Report{}, errors.New("--canary changes a live org: it does not go with --from")
	}
	src, err := f.from(ctx, std, file, false)
	if err != nil {
		return results.Report{}, err
	}
	snapshot, judge := src.snapshot, src.judge
	var r results.Report
	if w.wanted() {
		limited, cancel := context.WithTimeout(ctx, firstOf(f.timeout, c.Timeout, readyTimeout))
		defer cancel()
		r, err = w.walk(limited, std, c, snapshot, judge, nil, nil)
	} else {
		r, err = conclude(ctx, snapshot, judge)
	}
	if err != nil {
		return r, err
	}
	r.Replay = &results.Replay{Taken: r.Taken, AgeSeconds: int64(time.Since(snapshot.Taken).Seconds()), CapturedBy: src.bundle.ToolVersion}
	return r, nil
}

// runCheck is the way of the data: options, evidence, checks, diagnosis.
func runCheck(ctx context.Context, std stdio, s settings, progress bool) (results.Report, error) {
	snapshot, err := collect(ctx, std, s, progress)
	if err != nil {
		return results.Report{}, err
	}
	return conclude(ctx, snapshot, s.judge)
}

// judgingTime bounds the judging of evidence, which no answer delays: a bundle, or an
// org, that takes longer is larger than any.
const judgingTime = 30 * time.Second

// conclude runs the checks and the diagnosis.
func conclude(ctx context.Context, snapshot *evidence.Snapshot, judge lint.Options) (results.Report, error) {
	return within(ctx, judgingTime, func() results.Report { return diagnose.Conclude(checks.Run(snapshot, judge), tool()) })
}

// within gives a judgement so much time. What goes beyond ends with the program.
func within(ctx context.Context, most time.Duration, judge func() results.Report) (results.Report, error) {
	type outcome struct {
		report results.Report
		fault  any
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			o.fault = recover() // and raised again where it is caught
			done <- o
		}()
		o.report = judge()
	}()
	late := time.NewTimer(most)
	defer late.Stop()
	for ended := ctx.Done(); ; {
		select {
		case o := <-done:
			if o.fault != nil {
				panic(o.fault)
			}
			return o.report, nil
		case <-late.C:
			return results.Report{}, &exit{code: 3, err: fmt.Errorf("the evidence could not be judged within %s: it is larger than that of any org", most)}
		case <-ended:
			if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return results.Report{}, &exit{code: exitInterrupted, err: errors.New("interrupted: nothing was judged")}
			}
			ended = nil // the time to ask is over; what was answered is judged
		}
	}
}

// collect asks the org for every fact.
func collect(ctx context.Context, std stdio, s settings, progress bool) (*evidence.Snapshot, error) {
	limited, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	client := genesys.NewClient(genesys.Options{API: s.api, Login: s.login, UserAgent: "scimlint/" + toolVersion(), Redactor: s.secrets})
	say, done := spin(std, progress)
	s.evidence.Now, s.evidence.Progress = time.Now(), say
	s.judge.Ask(&s.evidence)
	snapshot := evidence.Collect(limited, client, s.evidence)
	done()
	if ctx.Err() != nil {
		return nil, &exit{code: exitInterrupted, err: interrupted(snapshot)}
	}
	return snapshot, nil
}

// interrupted says what a stopped run did not see.
func interrupted(s *evidence.Snapshot) error {
	var missing []string
	for kind, seen := range map[evidence.Kind]bool{
		evidence.Token: s.Token.Seen(), evidence.TokenInfo: answered(s.TokenInfo), evidence.User: answered(s.User), evidence.Grants: answered(s.Grants),
		evidence.Client: answered(s.Client), evidence.Scopes: answered(s.Scopes), evidence.Divisions: answered(s.Divisions),
		evidence.Policies: answered(s.Policies), evidence.Organization: answered(s.Organization), evidence.ReadProbe: answered(s.ReadProbe),
	} {
		if !seen {
			missing = append(missing, string(kind))
		}
	}
	text := "interrupted"
	if len(missing) > 0 {
		text += ": not checked: " + strings.Join(slices.Sorted(slices.Values(missing)), ", ")
	}
	if s.WriteProbeLeft != "" {
		text += "; ATTENTION: " + s.WriteProbeLeft
	}
	return errors.New(text)
}

func answered[T any](f evidence.Fact[T]) bool {
	return f.Seen() || f.Refused() != nil || f.NotAsked != "" && !strings.Contains(f.NotAsked, "no token")
}
