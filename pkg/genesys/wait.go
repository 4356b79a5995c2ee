package genesys

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"
)

// RetryAfter reads the header Retry-After in both its forms, a number of seconds and a
// date. It is zero when there is none, and never negative. Source: RFC 9110 section 10.2.3.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	seconds, err := strconv.ParseUint(text, 10, 64)
	if errors.Is(err, strconv.ErrRange) || seconds > math.MaxInt64/uint64(time.Second) {
		return math.MaxInt64 // more than a duration has must not become no wait at all
	}
	if err == nil {
		return time.Duration(seconds) * time.Second //nolint:gosec // it fits
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// LongerThanLeft says in a sentence with both numbers that what has to wait so long would
// begin behind the deadline of ctx. It is empty where the wait fits, or ctx has no
// deadline.
func LongerThanLeft(ctx context.Context, what string, wait time.Duration) string {
	deadline, bounded := ctx.Deadline()
	left := time.Until(deadline)
	if !bounded || wait < left {
		return ""
	}
	return fmt.Sprintf("%s has to wait %s, and %s of the run are left (--timeout)", what, wait.Round(time.Second), max(0, left).Round(time.Second))
}

// tooLate says that a context's deadline leaves no time; it is a context.DeadlineExceeded.
type tooLate string

func (t tooLate) Error() string { return string(t) }
func (t tooLate) Unwrap() error { return context.DeadlineExceeded }

// whyEnded is the context's error in words, nil where it has not ended.
func whyEnded(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return tooLate("the time of the run is over (--timeout)")
	}
	return ctx.Err()
}

// notWaited says why the wait that an answer asks for is not waited for; empty where it is.
func (c *Client) notWaited(ctx context.Context, wait time.Duration) string {
	if wait > c.opts.MaxRetryWait {
		return fmt.Sprintf("a retry has to wait %s, and scimlint waits %s at most", wait.Round(time.Second), c.opts.MaxRetryWait)
	}
	if wait == 0 {
		return ""
	}
	return LongerThanLeft(ctx, "a retry", wait)
}

// passing says whether an answer's status is one after which a GET is sent again.
func passing(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}
