package genesys

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// RoleByName asks GET /api/v2/authorization/roles for the role of a name; nil when
// there is none. It takes authorization:role:view.
func (c *Client) RoleByName(ctx context.Context, name string) (*Role, Call) {
	roles, calls := numbered[Role](ctx, c, "/api/v2/authorization/roles", url.Values{"name": {name}, "pageSize": {"100"}, "userCount": {"false"}})
	call := calls[len(calls)-1]
	if roles == nil {
		return nil, call
	}
	for i, r := range roles.entities {
		if strings.EqualFold(r.Name, name) {
			return &roles.entities[i], call
		}
	}
	return nil, call
}

// Read asks GET for an object of the platform as it stands, with the fields that this
// package does not know.
func (c *Client) Read(ctx context.Context, path string) (map[string]any, Call) {
	v, call := get[map[string]any](ctx, c, path, nil)
	if v == nil {
		return nil, call
	}
	return *v, call
}

// Change sends a POST, PUT or DELETE that changes the org, once: what is not answered
// may or may not have been done. The path may carry a query. The id is that of the
// object in the answer, where there is one.
func (c *Client) Change(ctx context.Context, method, path string, body any) (id string, call Call) {
	path, query, _ := strings.Cut(path, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return "", Call{Method: method, URL: path, Failure: &Failure{FailureNetwork, "the path's query cannot be read"}}
	}
	var payload []byte
	if body != nil {
		if payload, err = json.Marshal(body); err != nil {
			return "", Call{Method: method, URL: path, Failure: &Failure{FailureNetwork, "the body cannot be written"}}
		}
	}
	answer, call := c.send(ctx, method, path, values, payload)
	var made struct {
		ID string `json:"id"`
	}
	if len(answer) > 0 && method != http.MethodDelete {
		_ = json.Unmarshal(answer, &made) // an answer without an id is one
	}
	return made.ID, call
}
