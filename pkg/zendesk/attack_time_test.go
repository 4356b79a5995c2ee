package zendesk

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/genesys"
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
	_, err = NewClient(Options{Base: base, Email: "a@b.example", APIToken: genesys.NewSecret("t0ken")}).Me(ctx)
	require.ErrorContains(t, err, "wait 1h0m0s")
	require.ErrorContains(t, err, "are left of the run")
	assert.Less(t, time.Since(start), 5*time.Second)
}

// TestAttackTimeOfEveryRetryAfter: a wait that nobody would want is not begun, in which
// form and to which request it is asked for, and no answer outlasts the run.
func TestAttackTimeOfEveryRetryAfter(t *testing.T) {
	long := func(value string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", value)
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}
	drip := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = w.Write([]byte(" "))
			_ = http.NewResponseController(w).Flush()
			time.Sleep(5 * time.Millisecond)
		}
	}
	for name, tc := range map[string]struct {
		handler http.HandlerFunc
		left    time.Duration
		want    string
	}{
		"a day, without a deadline": {long("86400"), 0, "wait 24h0m0s, and scimlint waits no more than 5m0s"},
		"a day, as a date":          {long(time.Now().Add(24 * time.Hour).UTC().Format(http.TimeFormat)), time.Minute, "are left of the run (--timeout)"},
		"longer than time is":       {long("99999999999999999999"), time.Minute, "are left of the run (--timeout)"},
		"two seconds too many":      {long("2"), time.Second, "wait 2s, and 1s are left of the run (--timeout)"},
		"a body that drips":         {drip, 50 * time.Millisecond, "the time of the run (--timeout) is over"},
		"no answer":                 {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 50 * time.Millisecond, "the time of the run (--timeout) is over"},
	} {
		server := httptest.NewServer(tc.handler)
		base, err := url.Parse(server.URL)
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(context.Background())
		if tc.left > 0 {
			ctx, cancel = context.WithTimeout(context.Background(), tc.left)
		}
		start := time.Now()
		err = NewClient(Options{Base: base, Email: "a@b.example", APIToken: genesys.NewSecret("t0ken")}).Agents(ctx, func(User) {})
		require.ErrorContains(t, err, tc.want, name)
		assert.Less(t, time.Since(start), 2*time.Second, name)
		cancel()
		server.Close()
	}
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
	_, err = NewClient(Options{Base: base, Email: "a@b.example", APIToken: genesys.NewSecret("t0ken")}).Me(ctx)
	require.ErrorContains(t, err, "the run was stopped")
	assert.Less(t, time.Since(start), 5*time.Second)
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
		err = NewClient(Options{Base: base, Email: "a@b.example", APIToken: genesys.NewSecret("t0ken")}).Agents(context.Background(), func(User) {})
		require.ErrorContains(t, err, want)
		server.Close()
	}
}
