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
	require.ErrorContains(t, err, "of the run are left")
	assert.Less(t, time.Since(start), 5*time.Second)
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
			ctx, cancel := context.WithTimeout(context.Background(), 400*time.Millisecond)
			defer cancel()
			start := time.Now()
			_, err = NewClient(Options{Base: base, Email: "a@b.example", APIToken: genesys.NewSecret("t0ken")}).Me(ctx)
			require.ErrorContains(t, err, tc.want)
			assert.Less(t, time.Since(start), 2*time.Second)
		})
	}
}
