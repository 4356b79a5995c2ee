package genesys

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
)

// get makes one GET and decodes its answer. A success whose JSON is of another
// shape counts as a failure: half a fact is none.
func get[T any](ctx context.Context, c *Client, path string, query url.Values) (*T, Call) {
	body, call := c.send(ctx, http.MethodGet, path, query, nil)
	if body == nil {
		return nil, call
	}
	var v T
	if err := json.Unmarshal(body, &v); err != nil {
		call.Failure = &Failure{FailureNotJSON, "the answer's JSON is not of the published form"}
		return nil, call
	}
	return &v, call
}

// TokensMe asks GET /api/v2/tokens/me, which any token may. The idle time of
// the token is left as it is.
func (c *Client) TokensMe(ctx context.Context) (*TokenInfo, Call) {
	return get[TokenInfo](ctx, c, "/api/v2/tokens/me", url.Values{"preserveIdleTTL": {"true"}})
}

// UsersMe asks GET /api/v2/users/me. Client-credentials tokens are refused with
// 400 not.a.user.
func (c *Client) UsersMe(ctx context.Context) (*User, Call) {
	return get[User](ctx, c, "/api/v2/users/me", url.Values{"expand": {"authorization"}})
}

// SubjectsMe asks GET /api/v2/authorization/subjects/me: the token's grants.
func (c *Client) SubjectsMe(ctx context.Context) (*Subject, Call) {
	return get[Subject](ctx, c, "/api/v2/authorization/subjects/me", nil)
}

// OAuthClient asks GET /api/v2/oauth/clients/{id}; it takes oauth:client:view.
func (c *Client) OAuthClient(ctx context.Context, id string) (*OAuthClient, Call) {
	return get[OAuthClient](ctx, c, "/api/v2/oauth/clients/"+url.PathEscape(id), nil)
}

// Role asks GET /api/v2/authorization/roles/{id}; it takes
// authorization:role:view. Users are not counted, which is slow.
func (c *Client) Role(ctx context.Context, id string) (*Role, Call) {
	return get[Role](ctx, c, "/api/v2/authorization/roles/"+url.PathEscape(id), url.Values{"userCount": {"false"}})
}

// RolesPage is how many roles one call of Roles reads.
const RolesPage = 50

// Roles asks GET /api/v2/authorization/roles for up to RolesPage roles by their
// ids; it takes authorization:role:view.
func (c *Client) Roles(ctx context.Context, ids []string) (*[]Role, Call) {
	list, call := get[struct {
		Entities []Role `json:"entities"`
	}](ctx, c, "/api/v2/authorization/roles", url.Values{"id": ids, "pageSize": {strconv.Itoa(RolesPage)}, "userCount": {"false"}})
	if list == nil {
		return nil, call
	}
	all := append([]Role{}, list.Entities...)
	return &all, call
}

// Subject asks GET /api/v2/authorization/subjects/{id}: another subject's grants;
// it takes authorization:grant:view.
func (c *Client) Subject(ctx context.Context, id string) (*Subject, Call) {
	return get[Subject](ctx, c, "/api/v2/authorization/subjects/"+url.PathEscape(id), nil)
}

// Scopes asks GET /api/v2/oauth/scopes: every scope that the platform knows.
func (c *Client) Scopes(ctx context.Context) (*[]Scope, Call) {
	list, call := get[struct {
		Entities []Scope `json:"entities"`
	}](ctx, c, "/api/v2/oauth/scopes", nil)
	if list == nil {
		return nil, call
	}
	// An empty list is an answer too.
	all := append([]Scope{}, list.Entities...)
	return &all, call
}

// maxPages bounds how far a list is followed.
const maxPages = 50

// Divisions asks GET /api/v2/authorization/divisions, all pages.
func (c *Client) Divisions(ctx context.Context) (*[]Division, []Call) {
	type page struct {
		Entities  []Division `json:"entities"`
		PageCount int        `json:"pageCount"`
	}
	all := []Division{}
	var calls []Call
	for n := 1; n <= maxPages; n++ {
		p, call := get[page](ctx, c, "/api/v2/authorization/divisions",
			url.Values{"pageSize": {"100"}, "pageNumber": {strconv.Itoa(n)}})
		calls = append(calls, call)
		if p == nil {
			return nil, calls
		}
		all = append(all, p.Entities...)
		if n >= p.PageCount {
			break
		}
	}
	return &all, calls
}

// SubjectPolicies asks GET /api/v2/authorization/policies/subject/{id}, all
// pages; it takes authorization:policy:view. Of a next page's address the
// cursor alone is used: the token goes where the first request went.
func (c *Client) SubjectPolicies(ctx context.Context, id string) (*[]Policy, []Call) {
	type page struct {
		Entities []Policy `json:"entities"`
		NextURI  string   `json:"nextUri"`
	}
	all := []Policy{}
	var calls []Call
	query := url.Values{"pageSize": {"200"}}
	for range maxPages {
		p, call := get[page](ctx, c, "/api/v2/authorization/policies/subject/"+url.PathEscape(id), query)
		calls = append(calls, call)
		if p == nil {
			return nil, calls
		}
		all = append(all, p.Entities...)
		next, err := url.Parse(p.NextURI)
		if err != nil || next.Query().Get("after") == "" || next.Query().Get("after") == query.Get("after") {
			return &all, calls
		}
		query.Set("after", next.Query().Get("after"))
	}
	return &all, calls
}

// OrganizationMe asks GET /api/v2/organizations/me.
func (c *Client) OrganizationMe(ctx context.Context) (*Organization, Call) {
	return get[Organization](ctx, c, "/api/v2/organizations/me", nil)
}

// IPAllowlist asks GET /api/v2/organizations/ipaddressauthentication; it takes
// directory:organization:admin.
func (c *Client) IPAllowlist(ctx context.Context) (*IPAllowlist, Call) {
	return get[IPAllowlist](ctx, c, "/api/v2/organizations/ipaddressauthentication", nil)
}

// Authorization asks GET /api/v2/oauth/authorizations/{clientId}; it takes
// oauth:client:authorize.
func (c *Client) Authorization(ctx context.Context, clientID string) (*Authorization, Call) {
	return get[Authorization](ctx, c, "/api/v2/oauth/authorizations/"+url.PathEscape(clientID), nil)
}

// ProbeRead reads one SCIM user under the base path. The people in the answer
// are dropped unread.
func (c *Client) ProbeRead(ctx context.Context, base string) (*SCIMList, Call) {
	return get[SCIMList](ctx, c, base+"/users", url.Values{"count": {"1"}, "attributes": {"id"}})
}

// ProbeWrite posts a SCIM user without userName and displayName, which the
// platform must refuse: 400 behind an open gate, 403 before a shut one.
func (c *Client) ProbeWrite(ctx context.Context, base string) (SCIMIdentity, Call) {
	return c.CreateSCIMUser(ctx, base, map[string]any{"schemas": []string{coreUser}})
}
