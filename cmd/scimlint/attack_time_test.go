package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/results"
)

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

// TestAttackTimeOfReady: --timeout bounds the payload, the lists and the source of ready.
func TestAttackTimeOfReady(t *testing.T) {
	_, _, env := migration(t, nil)
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	defer slow.Close()
	env[envZendeskURL] = slow.URL
	start := time.Now()
	r, _ := readyJSON(t, env, "--config", configured(t, mapped), "--source", "zendesk", "--timeout", "20s")
	assert.Equal(t, results.NoGo, sections(r)["source"])
	assert.Contains(t, text(r, results.SectionSource), "it asks to wait 1h0m0s")
	assert.Contains(t, text(r, results.SectionSource), "are left of the run (--timeout)")
	assert.Less(t, time.Since(start), 10*time.Second)

	file := filepath.Join(t.TempDir(), "users.ndjson")
	require.NoError(t, os.WriteFile(file, []byte(strings.Repeat("{}\n", 1000)), 0o600))
	got := scimlint(t, env, "ready", "--config", configured(t, mapped), "--payload", file, "--timeout", "1ns")
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.err, "the time of the run (--timeout) was over")
}

func text(r results.Report, section string) string {
	for _, s := range r.Readiness.Sections {
		if s.Name == section {
			return s.Summary
		}
	}
	return ""
}

// TestAttackTimeOfAPayload: a run that is stopped stops reading.
func TestAttackTimeOfAPayload(t *testing.T) {
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
