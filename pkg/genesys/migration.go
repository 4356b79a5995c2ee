package genesys

import (
	"context"
	"net/http"
	"net/url"
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
	// Seen is the last limit that an answer told; nil until one did.
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

// Note takes what an answer told.
func (p *Pacer) Note(call Call) {
	if call.RateLimit != nil {
		p.Seen = call.RateLimit
	}
}

// SCIMAttribute is an attribute of a SCIM schema as the platform describes it.
type SCIMAttribute struct {
	Name          string          `json:"name"`
	Type          string          `json:"type"`
	MultiValued   bool            `json:"multiValued"`
	Required      bool            `json:"required"`
	Mutability    string          `json:"mutability"`
	SubAttributes []SCIMAttribute `json:"subAttributes"`
}

// SCIMSchema is a SCIM schema as the platform describes it.
type SCIMSchema struct {
	ID         string          `json:"id"`
	Attributes []SCIMAttribute `json:"attributes"`
}

// SCIMSchemas asks GET /api/v2/scim/v2/schemas, which takes no permission.
func (c *Client) SCIMSchemas(ctx context.Context, base string) ([]SCIMSchema, Call) {
	list, call := get[struct {
		Resources []SCIMSchema `json:"Resources"`
	}](ctx, c, base+"/schemas", nil)
	if list == nil {
		return nil, call
	}
	return list.Resources, call
}

// Names asks for all entities under a path that pages with pageSize and pageNumber, such
// as /api/v2/authorization/roles or /api/v2/routing/skills.
func (c *Client) Names(ctx context.Context, path string) ([]NamedEntity, Call) {
	names, calls := numbered[NamedEntity](ctx, c, path, url.Values{"pageSize": {"100"}})
	call := calls[len(calls)-1]
	if names == nil {
		return nil, call
	}
	return names.entities, call
}

// SCIMUser is the part of a SCIM user that tells whether it is there.
type SCIMUser struct {
	ID       string `json:"id"`
	UserName string `json:"userName"`
	Active   *bool  `json:"active"`
}

// SCIMUsers is a page of SCIM users.
type SCIMUsers struct {
	TotalResults *int       `json:"totalResults"`
	Resources    []SCIMUser `json:"Resources"`
}

// SCIMUsers asks GET /api/v2/scim/v2/users for a page of users, with the attributes that
// cost the platform no second look. Without a filter the active users are listed.
func (c *Client) SCIMUsers(ctx context.Context, base, filter string, start, count int) (*SCIMUsers, Call) {
	q := url.Values{"startIndex": {strconv.Itoa(start)}, "count": {strconv.Itoa(count)}, "attributes": {"id,userName,active"}}
	if filter != "" {
		q.Set("filter", filter)
	}
	return get[SCIMUsers](ctx, c, base+"/users", q)
}

// UsersPage is a page of the directory's users.
type UsersPage struct {
	Entities []struct {
		Username string `json:"username"`
		Email    string `json:"email"`
		State    string `json:"state"`
	} `json:"entities"`
	// PageCount and Total are nil where the answer does not say them.
	PageCount *int `json:"pageCount"`
	Total     *int `json:"total"`
}

// DeletedUsers asks GET /api/v2/users for a page of deleted users; SCIM does not list
// them.
func (c *Client) DeletedUsers(ctx context.Context, page int) (*UsersPage, Call) {
	return get[UsersPage](ctx, c, "/api/v2/users", url.Values{"state": {"deleted"}, "pageSize": {"100"}, "pageNumber": {strconv.Itoa(page)}})
}
