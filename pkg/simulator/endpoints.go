package simulator

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (s *session) subjectID() string {
	if s.user != nil {
		return s.user.id
	}
	return s.clientID
}

func (s *session) subjectName() string {
	if s.user != nil {
		return s.user.Name
	}
	return s.client.Name
}

func (s *Server) orgBody(name string) map[string]any {
	if name == "" {
		name = s.Scenario.Org.Name
	}
	return map[string]any{"id": orgID(name), "name": name}
}

func (s *Server) tokenInfo(who *session) map[string]any {
	client := s.clientBody(who.client)
	delete(client, "accessTokenValiditySeconds")
	client["organization"] = s.orgBody(who.client.Organization)
	return map[string]any{"organization": s.orgBody(""), "homeOrganization": s.orgBody(who.home),
		"authorizedScope": nonNil(who.scopes), "OAuthClient": client}
}

func (s *Server) clientBody(c *Client) map[string]any {
	roles := []any{}
	for _, g := range c.Roles {
		roles = append(roles, map[string]any{"roleId": s.roleID(g.Role), "divisionId": divisionID(g.Division)})
	}
	body := map[string]any{"id": c.identity(), "name": c.Name, "authorizedGrantType": c.GrantType, "scope": nonNil(c.Scopes),
		"roleDivisions": roles, "state": c.State, "accessTokenValiditySeconds": c.TokenSeconds}
	switch {
	case c.DeleteIn != 0:
		body["dateToDelete"] = stamp(time.Now().Add(c.DeleteIn))
	case c.State == "inactive":
		body["dateToDelete"] = "2030-01-01T00:00:00.000Z"
	}
	maps.Copy(body, c.Fields)
	return body
}

func (s *Server) clientByID(id string) map[string]any {
	if c := s.Scenario.client(id); c != nil && c.State != "deleted" {
		return s.clientBody(c)
	}
	return nil
}

func (s *Server) userMe(who *session) map[string]any {
	var roles []any
	var permissions []string
	for _, g := range who.user.Roles {
		roles = append(roles, map[string]any{"id": s.roleID(g.Role), "name": g.Role})
		for _, p := range s.Scenario.role(g.Role).Policies {
			permissions = append(permissions, p.Permission)
		}
	}
	return map[string]any{"id": who.user.id, "name": who.user.Name, "email": who.user.Email, "state": "active",
		"division": divisionBody(s.Scenario.division(who.user.Division)), "version": 1,
		"authorization": map[string]any{"roles": roles, "permissions": nonNil(permissions)}}
}

func (s *Server) subject(id, name string, grants []Grant) map[string]any {
	list := []any{}
	for _, g := range grants {
		role := map[string]any{"id": s.roleID(g.Role), "name": g.Role}
		if !s.Scenario.HidePolicies {
			role["policies"] = s.grantPolicies(s.Scenario.role(g.Role))
		}
		division := map[string]any{"id": "*", "name": "All Divisions", "description": ""}
		if d := s.Scenario.division(g.Division); d != nil {
			division = divisionBody(d)
		}
		list = append(list, map[string]any{"subjectId": id, "division": division, "role": role})
	}
	return map[string]any{"id": id, "name": name, "grants": list, "version": 1}
}

// grantPolicies joins a role's permissions by domain, entity and condition, the
// way grants show them.
func (s *Server) grantPolicies(r *Role) []any {
	type key struct{ domain, entity, condition string }
	actions := map[key][]string{}
	for _, p := range r.Policies {
		part := strings.Split(p.Permission, ":")
		k := key{part[0], part[1], p.Condition}
		actions[k] = append(actions[k], part[2])
	}
	list := []any{}
	for _, k := range slices.SortedFunc(maps.Keys(actions), func(a, b key) int {
		return strings.Compare(a.domain+":"+a.entity+":"+a.condition, b.domain+":"+b.entity+":"+b.condition)
	}) {
		p := map[string]any{"domain": k.domain, "entityName": k.entity, "actions": actions[k]}
		if k.condition != "" {
			p["condition"] = k.condition
		}
		list = append(list, p)
	}
	return list
}

func (s *Server) subjectByID(id string) map[string]any {
	if p := s.scim.live(id); p != nil {
		return s.subject(id, p.Name, p.Roles)
	}
	if c := s.Scenario.client(id); c != nil && c.State != "deleted" {
		return s.subject(id, c.Name, c.Roles)
	}
	return nil
}

// roleID is the id of a role that is named.
func (s *Server) roleID(name string) string { return s.Scenario.role(name).identity() }

func (s *Server) roleByID(id string) map[string]any {
	r := s.Scenario.role(id)
	if r == nil {
		return nil
	}
	return s.roleBody(r)
}

func (s *Server) roleBody(r *Role) map[string]any {
	policies := []any{}
	for _, p := range r.Policies {
		part := strings.Split(p.Permission, ":")
		body := map[string]any{"domain": part[0], "entityName": part[1], "actionSet": []string{part[2]}, "allowConditions": p.Condition != ""}
		if p.Condition != "" {
			body["resourceConditionNode"] = map[string]any{"variableName": "condition", "operator": "EQ",
				"operands": []any{map[string]any{"type": "SCALAR", "value": p.Condition}}}
		}
		policies = append(policies, body)
	}
	return map[string]any{"id": r.identity(), "name": r.Name, "selfUri": "/api/v2/authorization/roles/" + r.identity(), "permissions": nonNil(r.Permissions), "permissionPolicies": policies, "default": r.Default, "base": r.Default}
}

// rolePage lists roles, only those of the ids, the name or the permissions when any are
// given. A name may end in *.
func (s *Server) rolePage(c *call) map[string]any {
	q := c.r.URL.Query()
	var all []any
	for i := range s.Scenario.Roles {
		r := &s.Scenario.Roles[i]
		has := func(permission string) bool {
			return slices.ContainsFunc(r.Policies, func(p RolePolicy) bool { return matches(p.Permission, permission) })
		}
		if name := q.Get("name"); name != "" && !named(name, r.Name) {
			continue
		}
		if ids := q["id"]; len(ids) > 0 && !slices.Contains(ids, r.identity()) {
			continue
		}
		if wanted := q["permission"]; len(wanted) > 0 && !slices.ContainsFunc(wanted, has) {
			continue
		}
		all = append(all, s.roleBody(r))
	}
	return c.page(all)
}

// named compares a name with a pattern that may have * at either end.
func named(pattern, name string) bool {
	pattern, name = strings.ToLower(pattern), strings.ToLower(name)
	bare, before := strings.CutPrefix(pattern, "*")
	bare, after := strings.CutSuffix(bare, "*")
	switch {
	case before && after:
		return strings.Contains(name, bare)
	case before:
		return strings.HasSuffix(name, bare)
	case after:
		return strings.HasPrefix(name, bare)
	}
	return name == bare
}

func (s *Server) divisionPage(c *call) map[string]any {
	var all []any
	q := c.r.URL.Query()
	for i := range s.Scenario.Divisions {
		d := &s.Scenario.Divisions[i]
		if ids := q["id"]; len(ids) > 0 && !slices.Contains(ids, divisionID(d.Name)) {
			continue
		}
		if name := q.Get("name"); name == "" || named(name, d.Name) {
			all = append(all, divisionBody(d))
		}
	}
	return c.page(all)
}

// namePage lists names the way the routing endpoints do.
func namePage(c *call, names []string) map[string]any {
	var all []any
	for _, n := range names {
		if wanted := c.r.URL.Query().Get("name"); wanted == "" || strings.EqualFold(wanted, n) {
			all = append(all, nameBody(n))
		}
	}
	return c.page(all)
}

func (s *Server) organization() map[string]any {
	o := s.Scenario.Org
	features := map[string]bool{"hipaa": false}
	maps.Copy(features, o.Features)
	return map[string]any{"id": orgID(o.Name), "name": o.Name, "thirdPartyOrgName": strings.ToLower(strings.ReplaceAll(o.Name, " ", "")),
		"state": "active", "version": 1, "features": features}
}

func (s *Server) scopeList() map[string]any {
	list := []any{}
	for _, sc := range s.Scenario.Scopes.Listed {
		list = append(list, map[string]any{"id": sc})
	}
	return map[string]any{"entities": list, "total": len(list)}
}

func (s *Server) authorization(id string) map[string]any {
	c := s.Scenario.client(id)
	if c == nil || c.Authorization == "" {
		return nil
	}
	return map[string]any{"client": s.clientBody(c), "scope": nonNil(c.Scopes), "state": c.Authorization, "pending": c.Authorization == "Requested"}
}

func divisionBody(d *Division) map[string]any {
	return map[string]any{"id": divisionID(d.Name), "name": d.Name, "description": "", "homeDivision": d.Home}
}

func intOr(text string, fallback int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return fallback
	}
	return n
}

func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
