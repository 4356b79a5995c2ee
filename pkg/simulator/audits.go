package simulator

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Audit is a change that the audit log shows.
type Audit struct {
	// Ago is how long before the run it was.
	Ago time.Duration `yaml:"ago"`
	// Service is PeoplePermissions when empty.
	Service    string `yaml:"service"`
	Action     string `yaml:"action"`
	EntityType string `yaml:"entityType"`
	// Entity is the name of what was changed: of a role, a client, a user, a policy.
	Entity string `yaml:"entity"`
	// User and Client made the change.
	User   string `yaml:"user"`
	Client string `yaml:"client"`
	// Status is SUCCESS when empty.
	Status     string         `yaml:"status"`
	Properties []AuditChange  `yaml:"properties"`
	Entities   []AuditChanged `yaml:"entities"`
}

// AuditChange is a property with its values before and after.
type AuditChange struct {
	Property string   `yaml:"property"`
	Old      []string `yaml:"old"`
	New      []string `yaml:"new"`
}

// AuditChanged is another entity that changed with it, such as the role of a grant.
type AuditChanged struct {
	EntityType string   `yaml:"entityType"`
	Entity     string   `yaml:"entity"`
	Old        []string `yaml:"old"`
	New        []string `yaml:"new"`
}

func (a *Audit) defaults() {
	a.Service = cmp.Or(a.Service, "PeoplePermissions")
	a.Status = cmp.Or(a.Status, "SUCCESS")
}

// auditMapping are the entities and actions that the realtime query knows. The names are as
// known, no definition publishes them.
var auditMapping = map[string]map[string][]string{
	"PeoplePermissions": {
		"Role": {"Create", "Update", "Delete"}, "AuthUser": {"Update"}, "OAuthClient": {"Create", "Update", "Delete", "ResetSecret"},
		"Policy": {"Create", "Update", "Delete"}, "User": {"Create", "Update", "Delete"}, "Organization": {"Update"}, "OrganizationProperties": {"Update"},
	},
	"Directory": {"User": {"Create", "Update", "Delete"}, "Group": {"Create", "Update", "Delete", "MemberAdd", "MemberRemove"}},
}

// auditServices are the mapping, and what the scenario's audits add to it.
func (s *Server) auditServices(c *call) {
	services := map[string]map[string][]string{}
	add := func(service, entity string, actions ...string) {
		if services[service] == nil {
			services[service] = map[string][]string{}
		}
		list := slices.Concat(services[service][entity], actions)
		slices.Sort(list)
		services[service][entity] = slices.Compact(list)
	}
	for service, entities := range auditMapping {
		for entity, actions := range entities {
			add(service, entity, actions...)
		}
	}
	for _, a := range s.Scenario.Audits {
		add(a.Service, a.EntityType, a.Action)
	}
	list := []any{}
	for _, service := range slices.Sorted(maps.Keys(services)) {
		entities := []any{}
		for _, e := range slices.Sorted(maps.Keys(services[service])) {
			entities = append(entities, map[string]any{"name": e, "actions": services[service][e]})
		}
		list = append(list, map[string]any{"name": service, "entities": entities})
	}
	reply(c.w, http.StatusOK, "application/json", map[string]any{"services": list})
}

// auditQuery is what POST audits/query/realtime asks.
type auditQuery struct {
	Interval    string `json:"interval"`
	ServiceName string `json:"serviceName"`
	Filters     []struct {
		Property string `json:"property"`
		Value    string `json:"value"`
	} `json:"filters"`
	Sort []struct {
		SortOrder string `json:"sortOrder"`
	} `json:"sort"`
	PageNumber int `json:"pageNumber"`
	PageSize   int `json:"pageSize"`
}

// keptDays is how long the realtime query looks back.
const keptDays = 14

func (s *Server) audits(c *call) {
	var q auditQuery
	if !c.decode(&q) {
		return
	}
	from, to, ok := interval(q.Interval)
	if !ok {
		deny(http.StatusBadRequest, "invalid.date").write(c.w)
		return
	}
	now := time.Now()
	if oldest := now.AddDate(0, 0, -keptDays); from.Before(oldest) {
		from = oldest
	}
	var found []Audit
	for _, a := range s.Scenario.Audits {
		at := now.Add(-a.Ago)
		if !at.Before(from) && at.Before(to) && (q.ServiceName == "" || q.ServiceName == a.Service) && q.matches(a) {
			found = append(found, a)
		}
	}
	slices.SortStableFunc(found, func(a, b Audit) int {
		if len(q.Sort) > 0 && q.Sort[0].SortOrder == "ascending" {
			a, b = b, a
		}
		return cmp.Compare(a.Ago, b.Ago)
	})
	size, number := cmp.Or(max(q.PageSize, 0), 25), cmp.Or(max(q.PageNumber, 0), 1)
	start := min((number-1)*size, len(found))
	list := []any{}
	for _, a := range found[start:min(start+size, len(found))] {
		list = append(list, s.auditBody(a, now, slices.Contains(c.r.URL.Query()["expand"], "user")))
	}
	reply(c.w, http.StatusOK, "application/json", map[string]any{"entities": list, "pageSize": size, "pageNumber": number, "total": len(found), "pageCount": (len(found) + size - 1) / size})
}

// interval reads two times with a stroke between them.
func interval(text string) (from, to time.Time, ok bool) {
	first, second, found := strings.Cut(text, "/")
	from, errFrom := time.Parse(time.RFC3339, first)
	to, errTo := time.Parse(time.RFC3339, second)
	return from, to, found && errFrom == nil && errTo == nil && from.Before(to)
}

func (q *auditQuery) matches(a Audit) bool {
	for _, f := range q.Filters {
		has := map[string]string{"Action": a.Action, "EntityType": a.EntityType, "EntityId": entityID(a.EntityType, a.Entity)}
		if a.User != "" {
			has["UserId"] = userID(a.User)
		}
		if a.Client != "" {
			has["ClientId"] = clientID(a.Client)
		}
		if !strings.EqualFold(has[f.Property], f.Value) {
			return false
		}
	}
	return true
}

// entityID is the id of what an audit names.
func entityID(kind, name string) string {
	switch kind {
	case "Role":
		return roleID(name)
	case "OAuthClient":
		return clientID(name)
	case "User", "AuthUser":
		return userID(name)
	case "Division":
		return divisionID(name)
	case "Organization", "OrganizationProperties":
		return orgID(name)
	}
	return id(strings.ToLower(kind), name)
}

func (s *Server) auditBody(a Audit, now time.Time, names bool) map[string]any {
	properties, entities := []any{}, []any{}
	for _, p := range a.Properties {
		properties = append(properties, map[string]any{"property": p.Property, "oldValues": nonNil(p.Old), "newValues": nonNil(p.New)})
	}
	for _, e := range a.Entities {
		entities = append(entities, map[string]any{"entityType": e.EntityType, "entityId": entityID(e.EntityType, e.Entity), "entityName": e.Entity,
			"oldValues": nonNil(e.Old), "newValues": nonNil(e.New)})
	}
	entity := entityID(a.EntityType, a.Entity)
	body := map[string]any{"id": id("audit", a.EntityType+a.Entity+a.Action+a.Ago.String()), "userHomeOrgId": orgID(s.Scenario.Org.Name), "serviceName": a.Service,
		"level": "USER", "eventDate": stamp(now.Add(-a.Ago)), "action": a.Action, "entityType": a.EntityType, "entity": map[string]any{"id": entity, "name": a.Entity},
		"status": a.Status, "remoteIp": []string{}, "transactionInitiator": true, "propertyChanges": properties, "entityChanges": entities}
	if a.User != "" {
		user := map[string]any{"id": userID(a.User), "selfUri": "/api/v2/users/" + userID(a.User)}
		if names {
			user["name"] = a.User
		}
		body["user"] = user
	}
	if a.Client != "" {
		body["client"] = map[string]any{"id": clientID(a.Client), "selfUri": "/api/v2/oauth/clients/" + clientID(a.Client)}
	}
	return body
}
