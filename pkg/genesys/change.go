package genesys

import (
	"context"
	"net/url"
	"strconv"
	"strings"
)

// RoleByName asks GET /api/v2/authorization/roles for the role of a name; nil when there
// is none. It requires authorization:role:view. The list is followed to its end, for the
// platform may ignore the name; a list that cannot be followed, or that has the name
// twice, is a failure.
func (c *Client) RoleByName(ctx context.Context, name string) (*Role, Call) {
	var found *Role
	for n := 1; n <= maxPages; n++ {
		page, call := get[struct {
			Entities  []Role `json:"entities"`
			PageCount int    `json:"pageCount"`
		}](ctx, c, "/api/v2/authorization/roles", url.Values{"name": {name}, "userCount": {"false"}, "pageSize": {"100"}, "pageNumber": {strconv.Itoa(n)}})
		if page == nil {
			return nil, call
		}
		if page.Entities == nil {
			call.Failure = &Failure{FailureNotJSON, "the answer lists nothing"}
			return nil, call
		}
		for i, r := range page.Entities {
			switch {
			case !strings.EqualFold(r.Name, name):
			case found != nil && found.ID != r.ID:
				call.Failure = &Failure{FailureNotJSON, "the answer lists several roles of that name"}
				return nil, call
			default:
				found = &page.Entities[i]
			}
		}
		if n >= page.PageCount {
			return found, call
		}
	}
	return nil, Call{Failure: &Failure{FailureTooLarge, "the list has more than " + strconv.Itoa(maxPages) + " pages"}}
}

// Read asks GET for an object of the platform as it is, with the fields that this package
// does not know. The path is escaped.
func (c *Client) Read(ctx context.Context, path string) (map[string]any, Call) {
	v, call := get[map[string]any](ctx, c, path, nil)
	if v == nil {
		return nil, call
	}
	return *v, call
}

// Redacted says whether a text that was read had a secret in it, which was taken out: it
// must not be written back.
func Redacted(text string) bool { return strings.Contains(text, redacted) }
