package simulator

import (
	_ "embed"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// DivisionsPermitted says how the org answers GET divisionspermitted.
type DivisionsPermitted struct {
	// Mode is answers (when empty); user-context, which refuses client credentials as
	// users/me does; refused (403); or absent (404). The definition does not say which of
	// these client credentials meet.
	Mode string `yaml:"mode"`
	// Conditions are counted (when empty), as the question names no resource that could be
	// compared with them, or left-out. The definition does not say which.
	Conditions string `yaml:"conditions"`
}

// Permissions say how this org differs from the published permissions.
type Permissions struct {
	// Unknown are permissions that this org does not have: not licensed, or in beta.
	Unknown []string `yaml:"unknown"`
	// NotDivisionAware are permissions for which divisions do not matter, in addition to those
	// that are known not to be.
	NotDivisionAware []string `yaml:"notDivisionAware"`
	// Conditional are permissions that allow conditions.
	Conditional []string `yaml:"conditional"`
}

// publishedPermissions are the permissions that the access checks of all published operations name.
//
//go:embed permissions.txt
var publishedPermissions string

// orgWide are permissions about things that are in no division.
var orgWide = []string{"directory:group:edit", "directory:organization:*", "oauth:*:*", "authorization:role:*", "authorization:policy:*",
	"authorization:settings:*", "audits:*:*", "usage:*:*"}

func (s *Server) divisionAware(permission string) bool {
	no := func(pattern string) bool { return matches(pattern, permission) }
	return !slices.ContainsFunc(orgWide, no) && !slices.ContainsFunc(s.Scenario.Permissions.NotDivisionAware, no)
}

func (s *Server) knows(permission string) bool {
	return !slices.Contains(s.Scenario.Permissions.Unknown, permission)
}

// grantsHold says whether grants give the permission in the division or, for an empty name,
// anywhere. conditional counts what is granted only under a condition.
func (s *Server) grantsHold(grants []Grant, permission, division string, conditional bool) bool {
	if !s.knows(permission) {
		return false
	}
	aware := s.divisionAware(permission)
	for _, g := range grants {
		anywhere := !aware || g.Division == "" || g.Division == "*" || division == ""
		if !anywhere && divisionID(g.Division) != divisionID(division) {
			continue
		}
		for _, p := range s.Scenario.role(g.Role).Policies {
			if (p.Condition == "" || conditional) && matches(p.Permission, permission) {
				return true
			}
		}
	}
	return false
}

// divisionsPermitted answers in which divisions the asker, or a subject, has a permission.
func (s *Server) divisionsPermitted(c *call) {
	id := c.param("subjectId")
	grants := c.who.grants()
	if id != "" {
		var ok bool
		if grants, ok = s.grantsOf(id); !ok {
			deny(http.StatusNotFound, "not.found").write(c.w)
			return
		}
	}
	permission := c.r.URL.Query().Get("permission")
	switch mode := s.Scenario.DivisionsPermitted.Mode; {
	case mode == "absent":
		deny(http.StatusNotFound, "not.found").write(c.w)
	case mode == "refused":
		deny(http.StatusForbidden, "not.authorized").write(c.w)
	case mode == "user-context" && id == "" && c.who.user == nil:
		deny(http.StatusBadRequest, "not.a.user").write(c.w)
	case permission == "":
		deny(http.StatusBadRequest, "missing.permission.param").write(c.w)
	default:
		body := s.permittedPage(c, grants, permission)
		reply(c.w, http.StatusOK, "application/json", body)
	}
}

func (s *Server) permittedPage(c *call, grants []Grant, permission string) map[string]any {
	conditional := s.Scenario.DivisionsPermitted.Conditions != "left-out"
	all := slices.ContainsFunc(grants, func(g Grant) bool {
		everywhere := g.Division == "" || g.Division == "*" || !s.divisionAware(permission)
		return everywhere && s.grantsHold([]Grant{g}, permission, "", conditional)
	})
	var list []any
	for i := range s.Scenario.Divisions {
		d := &s.Scenario.Divisions[i]
		if all || s.grantsHold(grants, permission, d.Name, conditional) {
			list = append(list, divisionBody(d))
		}
	}
	body := c.page(list)
	body["allDivsPermitted"] = all
	return body
}

func (s *Server) grantsOf(id string) ([]Grant, bool) {
	if p := s.scim.live(id); p != nil {
		return p.Roles, true
	}
	if c := s.Scenario.client(id); c != nil && c.State != "deleted" {
		return c.Roles, true
	}
	return nil, false
}

// permissionPage lists the permissions that this org has, by domain.
func (s *Server) permissionPage(c *call) {
	q := c.r.URL.Query()
	kind := q.Get("queryType")
	if kind != "" && kind != "domain" && kind != "permission" {
		deny(http.StatusBadRequest, "invalid.query.param.value", param{"value", kind}, param{"parameter", "queryType"}, param{"allowableValues", "[domain, permission]"}).write(c.w)
		return
	}
	wanted := map[string]bool{}
	for _, w := range strings.Split(q.Get("query"), ",") {
		if w = strings.TrimSpace(w); w != "" {
			wanted[w] = true
		}
	}
	domains := map[string]map[string][]any{}
	for _, p := range s.permissionNames() {
		part := strings.Split(p, ":")
		if len(wanted) > 0 && !wanted[p] && (kind == "permission" || !wanted[part[0]]) {
			continue
		}
		if domains[part[0]] == nil {
			domains[part[0]] = map[string][]any{}
		}
		domains[part[0]][part[1]] = append(domains[part[0]][part[1]], map[string]any{"domain": part[0], "entityType": part[1], "action": part[2],
			"label": p, "divisionAware": s.divisionAware(p), "allowsConditions": s.allowsConditions(p)})
	}
	var list []any
	for _, d := range slices.Sorted(maps.Keys(domains)) {
		list = append(list, map[string]any{"id": d, "name": d, "domain": d, "permissionMap": domains[d]})
	}
	reply(c.w, http.StatusOK, "application/json", c.page(list))
}

// permissionNames are the published names, and those of the org's own roles, without what
// this org does not have.
func (s *Server) permissionNames() []string {
	names := strings.Fields(publishedPermissions)
	for _, r := range s.Scenario.Roles {
		for _, p := range r.Policies {
			if !strings.Contains(p.Permission, "*") {
				names = append(names, p.Permission)
			}
		}
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(p string) bool { return !s.knows(p) })
}

// allowsConditions is set for permissions that the scenario names or limits by one.
func (s *Server) allowsConditions(permission string) bool {
	if slices.Contains(s.Scenario.Permissions.Conditional, permission) {
		return true
	}
	return slices.ContainsFunc(s.Scenario.Roles, func(r Role) bool {
		return slices.ContainsFunc(r.Policies, func(p RolePolicy) bool { return p.Permission == permission && p.Condition != "" })
	})
}
