package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/internal/readiness"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/simulator"
)

// drip answers with a body that never ends and never says anything.
func drip(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		_, _ = w.Write([]byte(" "))
		_ = http.NewResponseController(w).Flush()
		time.Sleep(5 * time.Millisecond)
	}
}

// TestAttackTimeOfReady: --timeout bounds the whole of ready, whatever the org and
// Zendesk do, and what was not read in time is not checked.
func TestAttackTimeOfReady(t *testing.T) {
	file := filepath.Join(t.TempDir(), "users.ndjson")
	require.NoError(t, os.WriteFile(file, []byte(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a@acme.example","displayName":"A"}`+"\n"), 0o600))
	for name, tc := range map[string]struct {
		fault     *simulator.FaultRule
		account   http.HandlerFunc
		unchecked string
		why       string
	}{
		"the org hangs at the users": {&simulator.FaultRule{Path: "/api/v2/scim/v2/users*", Kind: "hang"}, nil, results.SectionCollisions, "no answer in time"},
		"deleted users hang":         {&simulator.FaultRule{Path: "/api/v2/users", Kind: "hang"}, nil, results.SectionCollisions, "no answer in time"},
		"the org asks for an hour":   {&simulator.FaultRule{Path: "/api/v2/users", Kind: "status", Status: 429, RetryAfter: 3600}, nil, results.SectionCollisions, "a retry has to wait 1h0m0s"},
		"Zendesk drips":              {nil, drip, results.SectionSource, "the time of the run is over (--timeout)"},
		"Zendesk asks for an hour": {nil, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
		}, results.SectionSource, "a retry has to wait 1h0m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, env := migration(t, func(s *simulator.Scenario) {
				s.RateLimit = 0
				if tc.fault != nil {
					s.Faults.Rules = append(s.Faults.Rules, *tc.fault)
				}
			})
			args := []string{"--payload", file, "--timeout", "4s", "--probe", "none"}
			if tc.account != nil {
				account := httptest.NewServer(tc.account)
				t.Cleanup(account.CloseClientConnections)
				env[envZendeskURL], args = account.URL, append(args, "--source", "zendesk")
			}
			start := time.Now()
			r, got := readyJSON(t, env, args...)
			assert.Less(t, time.Since(start), 2*time.Minute)
			section := r.Readiness.Section(tc.unchecked)
			assert.Equal(t, results.NotChecked, section.State, section.Summary)
			assert.Contains(t, section.Summary, tc.why)
			assert.NotEqual(t, results.Ready, r.Verdict)
			assert.NotZero(t, got.code)
		})
	}
}

// TestAttackTimeOfAPayload: a file that is not read in time is not checked, and ready is
// not what it makes.
func TestAttackTimeOfAPayload(t *testing.T) {
	file := filepath.Join(t.TempDir(), "users.ndjson")
	body := `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a@acme.example","displayName":"A"}` + "\n"
	require.NoError(t, os.WriteFile(file, []byte(body), 0o600))
	ctx, cancel := context.WithDeadline(context.Background(), time.Now().Add(-time.Second))
	defer cancel()
	r, w := readiness.New(nil), way{payload: file}
	p, err := w.body(ctx, r, &lint.Options{}, nil, nil)
	require.NoError(t, err)
	assert.Nil(t, p)
	section := r.Section(results.SectionPayload)
	assert.Equal(t, results.NotChecked, section.State)
	assert.Contains(t, section.Summary, "the time of the run was over (--timeout)")
	assert.Equal(t, results.Inconclusive, readiness.Conclude(results.Report{Verdict: results.Ready}, r).Verdict)
}

// TestAttackTimeOfTheWholeRun: ready lists a large org within its rate limit where no
// time was asked for, and keeps to what was asked for.
func TestAttackTimeOfTheWholeRun(t *testing.T) {
	assert.Equal(t, readyTimeout, wholeRun(settings{timeout: time.Minute}, false))
	assert.Equal(t, 5*time.Second, wholeRun(settings{timeout: 5 * time.Second}, true))
}

// TestAttackTimeOfJudging: a judgement that takes too long ends with a sentence, a signal
// ends it at once, and a fault in it is raised where it is caught.
func TestAttackTimeOfJudging(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	endless := func() results.Report { <-hang; return results.Report{} }

	_, err := within(context.Background(), 10*time.Millisecond, endless)
	require.ErrorContains(t, err, "could not be judged within 10ms")
	var e *exit
	require.ErrorAs(t, err, &e)
	assert.Equal(t, 3, e.code)

	ctx, stop := context.WithCancel(context.Background())
	time.AfterFunc(10*time.Millisecond, stop)
	_, err = within(ctx, time.Minute, endless)
	require.ErrorContains(t, err, "interrupted")

	over, cancel := context.WithTimeout(context.Background(), time.Nanosecond)
	defer cancel()
	r, err := within(over, time.Minute, func() results.Report { return results.Report{Verdict: results.Ready} })
	require.NoError(t, err, "what was answered in time is judged when the time to ask is over")
	assert.Equal(t, results.Ready, r.Verdict)

	assert.PanicsWithValue(t, "fault", func() { _, _ = within(context.Background(), time.Minute, func() results.Report { panic("fault") }) })
}

// TestAttackTimeOfASignal: a run that is stopped stops reading.
func TestAttackTimeOfASignal(t *testing.T) {
	file := filepath.Join(t.TempDir(), "users.ndjson")
	require.NoError(t, os.WriteFile(file, []byte("{}\n"), 0o600))
	ctx, stop := context.WithCancel(context.Background())
	in, err := (&way{payload: file}).open(ctx)
	require.NoError(t, err)
	defer func() { _ = in.Close() }()
	stop()
	_, err = in.Read(make([]byte, 10))
	require.ErrorContains(t, err, "the run was stopped")
}
