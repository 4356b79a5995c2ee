package genesys

import (
	"context"
	"net/url"
	"strings"

	"github.com/scimlint/scimlint/pkg/secret"
)

// RoleByName asks GET /api/v2/authorization/roles for the role of a name; nil when there
// is none. It requires authorization:role:view. The list is followed to its end, for the
// platform may ignore the name; a list that cannot be followed, or that has the name
// twice, is a failure.
func (c *Client) RoleByName(ctx context.Context, name string) (*Role, Call) {
	roles, calls := numbered[Role](ctx, c, "/api/v2/authorization/roles", url.Values{"name": {name}, "pageSize": {"100"}, "userCount": {"false"}})
	call := calls[len(calls)-1]
	if roles == nil {
		return nil, call
	}
	var found *Role
	for i, r := range roles.entities {
		switch {
		case !strings.EqualFold(r.Name, name):
		case found != nil && found.ID != r.ID:
			call.Failure = &Failure{FailureNotJSON, "the answer lists several roles of that name"}
			return nil, call
		default:
			found = &roles.entities[i]
		}
	}
	return found, call
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
func Redacted(text string) bool { return strings.Contains(text, secret.Mark) }
