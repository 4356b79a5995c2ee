package genesys

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The calls below let the platform answer what could otherwise only be inferred
// from roles and policies. None of them changes anything.

// Permitted is the platform's own answer to where a subject has a permission.
// Source: DivsPermittedEntityListing of the published definition.
type Permitted struct {
	Permission string `json:"permission"`
	// Everywhere is set where the platform says all divisions; Divisions are those
	// that it lists otherwise.
	Everywhere bool       `json:"everywhere"`
	Divisions  []Division `json:"divisions"`
}

// PermittedMe asks GET /api/v2/authorization/divisionspermitted/paged/me: in
// which divisions the token has a permission. It requires no permission.
func (c *Client) PermittedMe(ctx context.Context, permission string) (*Permitted, []Call) {
	return c.permitted(ctx, "me", permission)
}

// PermittedSubject asks the same of another subject.
func (c *Client) PermittedSubject(ctx context.Context, subject, permission string) (*Permitted, []Call) {
	return c.permitted(ctx, url.PathEscape(subject), permission)
}

func (c *Client) permitted(ctx context.Context, subject, permission string) (*Permitted, []Call) {
	listing, calls := numbered[Division](ctx, c, "/api/v2/authorization/divisionspermitted/paged/"+subject,
		url.Values{"permission": {permission}, "pageSize": {"200"}})
	if listing == nil {
		return nil, calls
	}
	out := &Permitted{Permission: permission, Divisions: listing.entities}
	if listing.allPermitted != nil {
		out.Everywhere = *listing.allPermitted
	}
	return out, calls
}

// PermissionInfo is what the org knows of a permission.
type PermissionInfo struct {
	// Permission is domain:entity:action.
	Permission string `json:"permission"`
	// DivisionAware says whether the division of a grant matters for it,
	// AllowsConditions whether a role may limit it by a condition. nil: not said.
	DivisionAware    *bool `json:"divisionAware,omitempty"`
	AllowsConditions *bool `json:"allowsConditions,omitempty"`
}

// Permissions asks GET /api/v2/authorization/permissions for the permissions of
// these names; it requires no permission. A name that the answer leaves out is
// one that the org does not have.
func (c *Client) Permissions(ctx context.Context, names []string) (*[]PermissionInfo, []Call) {
	type domain struct {
		Domain        string                     `json:"domain"`
		PermissionMap map[string]json.RawMessage `json:"permissionMap"`
	}
	listing, calls := numbered[domain](ctx, c, "/api/v2/authorization/permissions",
		url.Values{"queryType": {"permission"}, "query": {strings.Join(names, ",")}, "pageSize": {"200"}})
	if listing == nil {
		return nil, calls
	}
	out := []PermissionInfo{}
	for _, d := range listing.entities {
		for entity, raw := range d.PermissionMap {
			var permissions []struct {
				Domain           string `json:"domain"`
				EntityType       string `json:"entityType"`
				Action           string `json:"action"`
				DivisionAware    *bool  `json:"divisionAware"`
				AllowsConditions *bool  `json:"allowsConditions"`
			}
			if json.Unmarshal(raw, &permissions) != nil {
				calls[len(calls)-1].Failure = &Failure{FailureNotJSON, "the answer's list of permissions is not of the published form"}
				return nil, calls
			}
			for _, p := range permissions {
				name := firstOf(p.Domain, d.Domain) + ":" + firstOf(p.EntityType, entity) + ":" + p.Action
				out = append(out, PermissionInfo{Permission: name, DivisionAware: p.DivisionAware, AllowsConditions: p.AllowsConditions})
			}
		}
	}
	return &out, calls
}

// PolicyAttribute is one attribute that an attribute-based policy reads.
type PolicyAttribute struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// PolicyAttributes are the attributes that decide a policy.
type PolicyAttributes struct {
	ID         string            `json:"id"`
	Attributes []PolicyAttribute `json:"policyAttributes"`
	// Preset are values that the policy itself fixes.
	Preset map[string]any `json:"presetAttributes,omitempty"`
}

// PolicyAttributes asks GET /api/v2/authorization/policies/{id}/attributes; it
// requires authorization:policy:view.
func (c *Client) PolicyAttributes(ctx context.Context, id string) (*PolicyAttributes, Call) {
	v, call := get[PolicyAttributes](ctx, c, "/api/v2/authorization/policies/"+url.PathEscape(id)+"/attributes", nil)
	if v == nil {
		return nil, call
	}
	if v.Attributes == nil {
		call.Failure = &Failure{FailureIncomplete, "the answer has no list of attributes"}
		return nil, call
	}
	return of(v, call, "policy", id, v.ID)
}

// TypedValue is a value for an attribute in a simulation.
type TypedValue struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// PolicyResult is the org's own evaluation of a policy.
type PolicyResult struct {
	ID     string `json:"id"`
	Result string `json:"result"`
}

// SimulatePolicy asks POST /api/v2/authorization/policies/{id}/simulate, which
// evaluates the policy for values that we give and changes nothing; it requires
// authorization:policy:view.
func (c *Client) SimulatePolicy(ctx context.Context, id string, values map[string]TypedValue) (*PolicyResult, Call) {
	body, err := json.Marshal(map[string]any{"attributeData": values})
	if err != nil {
		return nil, Call{Method: http.MethodPost, Failure: &Failure{FailureNetwork, "the values cannot be written"}}
	}
	answer, call := c.send(ctx, http.MethodPost, "/api/v2/authorization/policies/"+url.PathEscape(id)+"/simulate", nil, body)
	if answer == nil {
		return nil, call
	}
	var v PolicyResult
	if f := decode(answer, &v); f != nil {
		call.Failure = f
		return nil, call
	}
	return of(&v, call, "policy", id, v.ID)
}

// UsageRow counts the calls that a client made of one operation.
type UsageRow struct {
	ClientID    string `json:"clientId"`
	TemplateURI string `json:"templateUri"`
	Method      string `json:"httpMethod"`
	Requests    int    `json:"requests"`
	Status200   int    `json:"status200"`
	Status300   int    `json:"status300"`
	// Status400 includes Status429.
	Status400 int `json:"status400"`
	Status429 int `json:"status429"`
	Status500 int `json:"status500"`
}

// Usage is a client's own traffic of some days.
type Usage struct {
	Days int        `json:"days"`
	Rows []UsageRow `json:"rows"`
}

// The bounds of waiting for the results of a usage query.
const (
	usageTries = 8
	usagePause = 500 * time.Millisecond
)

// Usage asks GET /api/v2/oauth/clients/{id}/usage/summary and then for the
// results until they are complete; any of oauth:client:view and
// usage:client:view is required.
func (c *Client) Usage(ctx context.Context, id string, days int) (*Usage, []Call) {
	base := "/api/v2/oauth/clients/" + url.PathEscape(id) + "/usage/"
	started, call := get[struct {
		ExecutionID string `json:"executionId"`
	}](ctx, c, base+"summary", url.Values{"days": {strconv.Itoa(days)}})
	calls := []Call{call}
	if started == nil {
		return nil, calls
	}
	if started.ExecutionID == "" {
		incomplete(&calls[0], "the answer has no id for the results of the query")
		return nil, calls
	}
	for range usageTries {
		r, call := get[struct {
			Status  string      `json:"queryStatus"`
			Results *[]UsageRow `json:"results"`
			Cursors *struct {
				After string `json:"after"`
			} `json:"cursors"`
		}](ctx, c, base+"query/results/"+url.PathEscape(started.ExecutionID), nil)
		calls = append(calls, call)
		last := &calls[len(calls)-1]
		switch {
		case r == nil:
			return nil, calls
		case r.Status == "Complete" && r.Results != nil && (r.Cursors == nil || r.Cursors.After == ""):
			return &Usage{Days: days, Rows: *r.Results}, calls
		case r.Status == "Complete":
			incomplete(last, "the results of the usage query are not complete")
			return nil, calls
		case r.Status != "Running":
			incomplete(last, "the usage query ended as %q", plainWord(r.Status))
			return nil, calls
		}
		select {
		case <-time.After(usagePause):
		case <-ctx.Done():
			incomplete(last, "the usage query was still running when the time was over")
			return nil, calls
		}
	}
	incomplete(&calls[len(calls)-1], "the usage query was still running after %d tries", usageTries)
	return nil, calls
}

// Change is one entry of the org's audit log.
type Change struct {
	ID         string      `json:"id"`
	Service    string      `json:"serviceName"`
	Date       time.Time   `json:"eventDate"`
	Action     string      `json:"action"`
	EntityType string      `json:"entityType"`
	Entity     NamedEntity `json:"entity"`
	// User or Client made the change.
	User   *NamedEntity `json:"user,omitempty"`
	Client *NamedEntity `json:"client,omitempty"`
	Status string       `json:"status,omitempty"`
	// Properties and Entities are what was changed.
	Properties []PropertyChange `json:"propertyChanges,omitempty"`
	Entities   []EntityChange   `json:"entityChanges,omitempty"`
}

// PropertyChange is a property with its values before and after.
type PropertyChange struct {
	Property string   `json:"property"`
	Old      []string `json:"oldValues,omitempty"`
	New      []string `json:"newValues,omitempty"`
}

// EntityChange is an object with its values before and after.
type EntityChange struct {
	ID   string   `json:"entityId"`
	Name string   `json:"entityName,omitempty"`
	Type string   `json:"entityType,omitempty"`
	Old  []string `json:"oldValues,omitempty"`
	New  []string `json:"newValues,omitempty"`
}

// AuditService is a service whose changes the audit log has, with the types of
// objects that they are about.
type AuditService struct {
	Name     string `json:"name"`
	Entities []struct {
		Name string `json:"name"`
	} `json:"entities"`
}

// AuditServices asks GET /api/v2/audits/query/realtime/servicemapping: the
// services whose changes can be asked for; it requires audits:audit:view.
func (c *Client) AuditServices(ctx context.Context) (*[]AuditService, Call) {
	v, call := get[struct {
		Services *[]AuditService `json:"services"`
	}](ctx, c, "/api/v2/audits/query/realtime/servicemapping", nil)
	if v == nil {
		return nil, call
	}
	if v.Services == nil {
		incomplete(&call, "the answer has no list of services")
		return nil, call
	}
	return v.Services, call
}

// Changes asks POST /api/v2/audits/query/realtime, which changes nothing, for
// the changes of one service in an interval; it requires audits:audit:view.
func (c *Client) Changes(ctx context.Context, service string, from, to time.Time) (*[]Change, []Call) {
	all := []Change{}
	var calls []Call
	for n := 1; n <= maxPages; n++ {
		body, _ := json.Marshal(map[string]any{"interval": from.UTC().Format(time.RFC3339) + "/" + to.UTC().Format(time.RFC3339),
			"serviceName": service, "pageNumber": n, "pageSize": 100, "sort": []any{map[string]string{"name": "Timestamp", "sortOrder": "descending"}}})
		answer, call := c.send(ctx, http.MethodPost, "/api/v2/audits/query/realtime", url.Values{"expand": {"user"}}, body)
		calls = append(calls, call)
		last := &calls[len(calls)-1]
		if answer == nil {
			return nil, calls
		}
		var p page[Change]
		if f := decode(answer, &p); f != nil {
			last.Failure = f
			return nil, calls
		}
		if p.Entities == nil {
			incomplete(last, "the answer has no list of changes")
			return nil, calls
		}
		all = append(all, *p.Entities...)
		done, why := p.last(n, len(all))
		if why != "" {
			incomplete(last, "%s", why)
			return nil, calls
		}
		if done {
			return &all, calls
		}
	}
	incomplete(&calls[len(calls)-1], "the list has more than %d pages", maxPages)
	return nil, calls
}
