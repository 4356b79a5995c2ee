package genesys

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// RateLimit is what the platform says of its limit in an answer's headers: how many
// requests a window allows, how many were made in it, and when it ends.
type RateLimit struct {
	Allowed int           `json:"allowed"`
	Count   int           `json:"count"`
	Reset   time.Duration `json:"resetNanos"`
}

// rateLimit reads the headers inin-ratelimit-allowed, -count and -reset; nil where they
// are not there.
func rateLimit(h http.Header) *RateLimit {
	allowed, err := strconv.Atoi(h.Get("inin-ratelimit-allowed"))
	if err != nil || allowed < 1 {
		return nil
	}
	count, _ := strconv.Atoi(h.Get("inin-ratelimit-count"))
	reset, _ := strconv.Atoi(h.Get("inin-ratelimit-reset"))
	return &RateLimit{Allowed: allowed, Count: count, Reset: time.Duration(max(0, min(reset, 120))) * time.Second}
}

// DefaultPerMinute is how many requests a minute one token may make where no answer says
// otherwise. Source: reported by integrators; the definition does not publish it.
const DefaultPerMinute = 300

// Pacer keeps a series of requests within the rate limit.
type Pacer struct {
	window time.Time
	made   int
	// Seen is the last limit that an answer reported; nil until one did.
	Seen *RateLimit
}

// Wait waits until the next request is within the limit. Its error is one of the context's
// and says why not, with both numbers where the wait would end after the deadline.
func (p *Pacer) Wait(ctx context.Context) error {
	if p.window.IsZero() || time.Since(p.window) >= time.Minute {
		p.window, p.made = time.Now(), 0
	}
	p.made++
	var pause time.Duration
	switch {
	case p.Seen != nil && p.Seen.Count >= p.Seen.Allowed-1:
		pause, p.Seen = max(p.Seen.Reset, time.Second), nil
	case p.Seen == nil && p.made > DefaultPerMinute:
		pause = time.Until(p.window.Add(time.Minute))
	}
	if pause <= 0 {
		return whyEnded(ctx)
	}
	if why := LongerThanLeft(ctx, "for the rate limit the next request", pause); why != "" {
		return tooLate(why)
	}
	select {
	case <-time.After(pause):
		return nil
	case <-ctx.Done():
		return whyEnded(ctx)
	}
}

// Note remembers what an answer reports.
func (p *Pacer) Note(call Call) {
	if call.RateLimit != nil {
		p.Seen = call.RateLimit
	}
}
