package zendesk

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/scimlint/scimlint/pkg/secret"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAttackTimeOfALongRetryAfter: a wait that is longer than what is left of the run
// ends at once, with both numbers.
func TestAttackTimeOfALongRetryAfter(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	defer server.Close()
	base, err := url.Parse(server.URL)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	start := time.Now()
	_, err = NewClient(Options{Base: base, Email: "a@b.example", APIToken: secret.New("t0ken")}).Me(ctx)
	require.ErrorContains(t, err, "wait 1h0m0s")
	require.ErrorContains(t, err, "of the run are left")
	assert.Less(t, time.Since(start), 2*time.Minute)
}

// TestAttackTimeOfABody: whatever Zendesk asks for or does, the run ends in time and the
// error says why.
func TestAttackTimeOfABody(t *testing.T) {
	limited := func(after string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", after)
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}
	pour := func(portion string, pause time.Duration) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write([]byte(portion)); err != nil || http.NewResponseController(w).Flush() != nil {
					return
				}
				time.Sleep(pause)
			}
		}
	}
	for name, tc := range map[string]struct {
		serve http.HandlerFunc
		want  string
	}{
		"two seconds too many":       {limited("2"), "a retry has to wait 2s, and 0s of the run are left (--timeout)"},
		"longer than a number is":    {limited("99999999999999999999"), "of the run are left"},
		"a date in an hour":          {limited(time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)), "Zendesk answered 429: a retry has to wait"},
		"more than a duration has":   {limited("18446744073709551"), "of the run are left"},
		"a body that drips":          {pour(" ", 5*time.Millisecond), "the time of the run is over (--timeout)"},
		"a body without an end":      {pour(strings.Repeat(" ", 1<<20), 0), "larger than 16 MB"},
		"no answer":                  {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "the time of the run is over (--timeout)"},
		"no number and no end of it": {limited("soon"), "the time of the run is over (--timeout)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(tc.serve)
			defer server.Close()
			base, err := url.Parse(server.URL)
			require.NoError(t, err)
			timeout := 400 * time.Millisecond
			if strings.Contains(tc.want, "larger than") {
				timeout = time.Minute // its size ends it, however slow the machine is
			}
			ctx, cancel := context.WithTimeout(context.Background(), timeout)
			defer cancel()
			start := time.Now()
			_, err = NewClient(Options{Base: base, Email: "a@b.example", APIToken: secret.New("t0ken")}).Me(ctx)
			require.ErrorContains(t, err, tc.want)
			assert.Less(t, time.Since(start), 2*time.Minute)
		})
	}
}

// TestAttackTimeWithoutADeadline: a day is not waited for, also where nothing bounds the
// run.
func TestAttackTimeWithoutADeadline(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "86400")
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	base, err := url.Parse(server.URL)
	require.NoError(t, err)
	start := time.Now()
	err = NewClient(Options{Base: base, Email: "a@b.example", APIToken: secret.New("t0ken")}).Agents(context.Background(), func(User) {})
	require.ErrorContains(t, err, "wait 24h0m0s, and scimlint waits 5m0s at most")
	assert.Less(t, time.Since(start), 2*time.Minute)
}

// TestAttackTimeOfASignal: a stopped run ends at once, also within a wait.
func TestAttackTimeOfASignal(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	defer server.Close()
	base, err := url.Parse(server.URL)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	time.AfterFunc(30*time.Millisecond, stop)
	start := time.Now()
	_, err = NewClient(Options{Base: base, Email: "a@b.example", APIToken: secret.New("t0ken")}).Me(ctx)
	require.ErrorContains(t, err, "the run was stopped")
	assert.Less(t, time.Since(start), 2*time.Minute)
}

// TestAttackBoundsOfAnAccount: an answer that is small and large in memory, and a page of
// more users than were asked for.
func TestAttackBoundsOfAnAccount(t *testing.T) {
	for text, want := range map[string]string{
		`{"users":[` + strings.Repeat("{},", 200_000) + `{}]}`:                       "more than 100000 entries",
		`{"users":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`:    "nested more than 64 deep",
		`{"users":[` + strings.Repeat("{},", 100) + `{}],"meta":{"has_more":false}}`: "lists 101 users where 100 were asked for",
		`{"users":[],"meta":{"has_more":true,"after_cursor":""}}`:                    "does not say where",
		`{"users":[{"name":"` + strings.Repeat("x", maxBody) + `"}],"meta":{}}`:      "larger than 16 MB",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }))
		base, err := url.Parse(server.URL)
		require.NoError(t, err)
		err = NewClient(Options{Base: base, Email: "a@b.example", APIToken: secret.New("t0ken")}).Agents(context.Background(), func(User) {})
		require.ErrorContains(t, err, want)
		server.Close()
	}
}
