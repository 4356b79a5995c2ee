package genesys

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// get makes one GET and decodes its answer. A success whose JSON is of another
// shape counts as a failure, and so does a success that is in truth an error, or
// has a key twice: half a fact is no fact.
func get[T any](ctx context.Context, c *Client, path string, query url.Values) (*T, Call) {
	body, call := c.send(ctx, http.MethodGet, path, query, nil)
	if body == nil {
		return nil, call
	}
	var v T
	if f := decode(body, &v); f != nil {
		call.Failure = f
		return nil, call
	}
	return &v, call
}

// decode reads the body of a success.
func decode(body []byte, v any) *Failure {
	if key := repeatedKey(body); key != "" {
		return &Failure{FailureNotJSON, fmt.Sprintf("the answer's JSON has the key %q twice", plainWord(key))}
	}
	if errorInDisguise(body) {
		return &Failure{FailureNotJSON, "the answer has a status of success and the body of an error"}
	}
	if err := json.Unmarshal(body, v); err != nil {
		return &Failure{FailureNotJSON, "the answer's JSON is not of the published form"}
	}
	return nil
}

// errorInDisguise recognises the platform's error body, or an OAuth error, under
// a status of success: gateways do this.
func errorInDisguise(body []byte) bool {
	var e struct {
		Message *string `json:"message"`
		Code    *string `json:"code"`
		Error   any     `json:"error"`
		Status  any     `json:"status"`
	}
	if json.Unmarshal(body, &e) != nil {
		return false
	}
	status := fmt.Sprint(e.Status)
	return e.Error != nil || e.Message != nil && (e.Code != nil || strings.HasPrefix(status, "4") || strings.HasPrefix(status, "5"))
}

// sameID compares ids as the platform does: UUIDs in any case.
func sameID(a, b string) bool { return strings.EqualFold(a, b) }

// of makes an answer about another object than the one that was asked for a
// failure: it says nothing of the one.
func of[T any](v *T, call Call, what, asked, answered string) (*T, Call) {
	if v == nil || sameID(asked, answered) {
		return v, call
	}
	text := fmt.Sprintf("the answer does not say which %s it is about", what)
	if answered != "" {
		text = fmt.Sprintf("the answer is about another %s (%s)", what, plainWord(answered))
	}
	call.Failure = &Failure{FailureForeign, text}
	return nil, call
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

// OAuthClient asks GET /api/v2/oauth/clients/{id}; it requires oauth:client:view.
func (c *Client) OAuthClient(ctx context.Context, id string) (*OAuthClient, Call) {
	v, call := get[OAuthClient](ctx, c, "/api/v2/oauth/clients/"+url.PathEscape(id), nil)
	if v == nil {
		return nil, call
	}
	return of(v, call, "OAuth client", id, v.ID)
}

// Role asks GET /api/v2/authorization/roles/{id}; it requires
// authorization:role:view. Users are not counted, which is slow.
func (c *Client) Role(ctx context.Context, id string) (*Role, Call) {
	v, call := get[Role](ctx, c, "/api/v2/authorization/roles/"+url.PathEscape(id), url.Values{"userCount": {"false"}})
	if v == nil {
		return nil, call
	}
	return of(v, call, "role", id, v.ID)
}

// RolesPage is how many roles one call of Roles reads.
const RolesPage = 50

// Roles asks GET /api/v2/authorization/roles for up to RolesPage roles by their
// ids; it requires authorization:role:view.
func (c *Client) Roles(ctx context.Context, ids []string) (*[]Role, Call) {
	roles, calls := numbered[Role](ctx, c, "/api/v2/authorization/roles",
		url.Values{"id": ids, "pageSize": {strconv.Itoa(RolesPage)}, "userCount": {"false"}})
	return entities(roles), calls[len(calls)-1]
}

// entities are the entities of a list that was read to its end, else nil.
func entities[T any](l *list[T]) *[]T {
	if l == nil {
		return nil
	}
	return &l.entities
}

// Subject asks GET /api/v2/authorization/subjects/{id}: another subject's grants;
// it requires authorization:grant:view.
func (c *Client) Subject(ctx context.Context, id string) (*Subject, Call) {
	v, call := get[Subject](ctx, c, "/api/v2/authorization/subjects/"+url.PathEscape(id), nil)
	if v == nil {
		return nil, call
	}
	return of(v, call, "subject", id, v.ID)
}

// Scopes asks GET /api/v2/oauth/scopes: every scope that the platform knows.
func (c *Client) Scopes(ctx context.Context) (*[]Scope, []Call) {
	scopes, calls := numbered[Scope](ctx, c, "/api/v2/oauth/scopes", nil)
	return entities(scopes), calls
}

// Divisions asks GET /api/v2/authorization/divisions, all pages.
func (c *Client) Divisions(ctx context.Context) (*[]Division, []Call) {
	divisions, calls := numbered[Division](ctx, c, "/api/v2/authorization/divisions", url.Values{"pageSize": {"100"}})
	return entities(divisions), calls
}

// SubjectPolicies asks GET /api/v2/authorization/policies/subject/{id}, all
// pages; it requires authorization:policy:view.
func (c *Client) SubjectPolicies(ctx context.Context, id string) (*[]Policy, []Call) {
	return cursored[Policy](ctx, c, "/api/v2/authorization/policies/subject/"+url.PathEscape(id), url.Values{"pageSize": {"200"}})
}

// Policies asks GET /api/v2/authorization/policies: the org's policies for
// everyone, all pages; it requires authorization:policy:view.
func (c *Client) Policies(ctx context.Context) (*[]Policy, []Call) {
	return cursored[Policy](ctx, c, "/api/v2/authorization/policies", url.Values{"pageSize": {"200"}})
}

// OrganizationMe asks GET /api/v2/organizations/me.
func (c *Client) OrganizationMe(ctx context.Context) (*Organization, Call) {
	return get[Organization](ctx, c, "/api/v2/organizations/me", nil)
}

// IPAllowlist asks GET /api/v2/organizations/ipaddressauthentication; it requires
// directory:organization:admin.
func (c *Client) IPAllowlist(ctx context.Context) (*IPAllowlist, Call) {
	return get[IPAllowlist](ctx, c, "/api/v2/organizations/ipaddressauthentication", nil)
}

// Authorization asks GET /api/v2/oauth/authorizations/{clientId}; it requires
// oauth:client:authorize.
func (c *Client) Authorization(ctx context.Context, clientID string) (*Authorization, Call) {
	return get[Authorization](ctx, c, "/api/v2/oauth/authorizations/"+url.PathEscape(clientID), nil)
}

// ProbeRead reads one SCIM user under the base path. The people in the answer
// are dropped unread.
func (c *Client) ProbeRead(ctx context.Context, base string) (*SCIMList, Call) {
	return scimList(get[SCIMList](ctx, c, base+"/users", url.Values{"count": {"1"}, "attributes": {"id"}}))
}

// ProbeGroups reads one SCIM group under the base path, which requires the
// permission to edit groups. The group in the answer is dropped unread.
func (c *Client) ProbeGroups(ctx context.Context, base string) (*SCIMList, Call) {
	return scimList(get[SCIMList](ctx, c, base+"/groups", url.Values{"count": {"1"}, "attributes": {"id"}}))
}

// listResponse is the schema of a SCIM list. Source: RFC 7644 section 3.4.2.
const listResponse = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

// scimList accepts only a SCIM list as the answer of a probe: JSON of another
// kind, a SCIM error under a status of success among it, proves nothing.
func scimList(v *SCIMList, call Call) (*SCIMList, Call) {
	if v == nil {
		return nil, call
	}
	if v.TotalResults == nil || !slices.ContainsFunc(v.Schemas, func(s string) bool { return strings.EqualFold(s, listResponse) }) {
		call.Failure = &Failure{FailureNotJSON, "the answer is not a SCIM list: something else may have answered"}
		return nil, call
	}
	return v, call
}

// ProbeWrite posts a SCIM user without userName and displayName, which the
// platform must refuse: 400 behind an open access check, 403 before a shut one.
func (c *Client) ProbeWrite(ctx context.Context, base string) (SCIMIdentity, Call) {
	return c.CreateSCIMUser(ctx, base, map[string]any{"schemas": []string{coreUser}})
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

// RoleByName asks GET /api/v2/authorization/roles for the role of a name; nil when there
// is no such role. It requires authorization:role:view. The list is followed to its end, for the
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
