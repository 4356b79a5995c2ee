package genesys

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scimlint/scimlint/pkg/secret"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAttackTimeOfARetryAfter: a wait that is longer than what is left of the run, or
// than any that is waited for, is not begun, and the call says both numbers. So it is
// for a number that does not fit into a duration.
func TestAttackTimeOfARetryAfter(t *testing.T) {
	date := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	for name, tc := range map[string]struct {
		after string
		left  time.Duration
		want  []string
	}{
		"longer than what is left":    {"8", 3 * time.Second, []string{"wait 8s", "3s of the run are left"}},
		"longer than any":             {"3600", 3 * time.Second, []string{"wait 1h0m0s", "10s at most"}},
		"a date":                      {date, 3 * time.Second, []string{"10s at most"}},
		"more than a duration has":    {"9223372036854775807", 3 * time.Second, []string{"10s at most"}},
		"more than a number has":      {"99999999999999999999", 3 * time.Second, []string{"10s at most"}},
		"seconds that come to nought": {"18446744073709551", 3 * time.Second, []string{"10s at most"}},
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				asked.Add(1)
				w.Header().Set("Retry-After", tc.after)
				w.WriteHeader(http.StatusTooManyRequests)
				_, _ = w.Write([]byte(`{"code":"too.many.requests","message":"m"}`))
			})
			c = NewClient(Options{API: c.opts.API, Login: c.opts.Login})
			ctx, cancel := context.WithTimeout(context.Background(), tc.left)
			defer cancel()
			start := time.Now()
			_, call := c.TokensMe(ctx)
			_, _, token := c.AcquireToken(ctx, "id", secret.New("a-secret"))
			assert.Less(t, time.Since(start), 2*time.Minute)
			assert.EqualValues(t, 2, asked.Load(), "nothing is asked again")
			for _, call := range []Call{call, token} {
				require.NotNil(t, call.Refusal, "the answer remains: %+v", call)
				for _, want := range tc.want {
					assert.Contains(t, call.NotWaited, want)
				}
			}
		})
	}
}
