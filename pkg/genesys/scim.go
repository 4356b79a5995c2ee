package genesys

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
)

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

// SCIMSchemas asks GET /api/v2/scim/v2/schemas, which requires no permission.
func (c *Client) SCIMSchemas(ctx context.Context, base string) ([]SCIMSchema, Call) {
	list, call := get[struct {
		Resources []SCIMSchema `json:"Resources"`
	}](ctx, c, base+"/schemas", nil)
	if list == nil {
		return nil, call
	}
	return list.Resources, call
}

// SCIMUser is the part of a SCIM user that shows whether it exists.
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

// SCIMGroups is a page of SCIM groups.
type SCIMGroups struct {
	TotalResults *int `json:"totalResults"`
	Resources    []struct {
		DisplayName string `json:"displayName"`
	} `json:"Resources"`
}

// SCIMGroupsNamed asks GET /api/v2/scim/v2/groups for the groups of a name.
func (c *Client) SCIMGroupsNamed(ctx context.Context, base, name string) (*SCIMGroups, Call) {
	return get[SCIMGroups](ctx, c, base+"/groups", url.Values{"filter": {fmt.Sprintf("displayName eq %q", name)}, "count": {"25"}, "excludedAttributes": {"members"}})
}
