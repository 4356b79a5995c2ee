package genesys

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRateLimitsAreReadFromTheHeaders(t *testing.T) {
	header := func(allowed, count, reset string) http.Header {
		h := http.Header{}
		h.Set("inin-ratelimit-allowed", allowed)
		h.Set("inin-ratelimit-count", count)
		h.Set("inin-ratelimit-reset", reset)
		return h
	}
	assert.Equal(t, &RateLimit{300, 12, 40 * time.Second}, rateLimit(header("300", "12", "40")))
	assert.Equal(t, &RateLimit{300, 0, 0}, rateLimit(header("300", "", "x")))
	assert.Equal(t, 2*time.Minute, rateLimit(header("300", "1", "99999999")).Reset, "no wait without end")
	assert.Nil(t, rateLimit(header("", "1", "1")))
	assert.Nil(t, rateLimit(header("0", "1", "1")))
	assert.Nil(t, rateLimit(header("-5", "1", "1")))
}

// TestThePacerWaitsAtTheLimit gives it no time to wait: where it must wait, the context's
// end shows.
func TestThePacerWaitsAtTheLimit(t *testing.T) {
	short := func() context.Context {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		t.Cleanup(cancel)
		return ctx
	}
	var p Pacer
	for range DefaultPerMinute {
		require.NoError(t, p.Wait(short()))
	}
	require.ErrorIs(t, p.Wait(short()), context.DeadlineExceeded, "more than the default in a minute")

	p = Pacer{}
	p.Note(Call{RateLimit: &RateLimit{Allowed: 10, Count: 5, Reset: time.Minute}})
	require.NoError(t, p.Wait(short()))
	p.Note(Call{RateLimit: &RateLimit{Allowed: 10, Count: 9, Reset: time.Minute}})
	p.Note(Call{}) // an answer without the headers changes nothing
	require.ErrorIs(t, p.Wait(short()), context.DeadlineExceeded, "the org says that the window is used up")

	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, p.Wait(stopped), context.Canceled)
}
