package simulator

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// roleRequest is what makes or changes a role.
type roleRequest struct {
	Name               *string   `json:"name"`
	Permissions        *[]string `json:"permissions"`
	PermissionPolicies *[]struct {
		Domain                string   `json:"domain"`
		EntityName            string   `json:"entityName"`
		ActionSet             []string `json:"actionSet"`
		ResourceConditionNode *struct {
			Operands []struct {
				Value string `json:"value"`
			} `json:"operands"`
		} `json:"resourceConditionNode"`
	} `json:"permissionPolicies"`
}

// policies reads the permissions of a request; ok is false for one that is not a permission.
func (r *roleRequest) policies() (out []RolePolicy, ok bool) {
	if r.PermissionPolicies == nil {
		return nil, true
	}
	for _, p := range *r.PermissionPolicies {
		if p.Domain == "" || p.EntityName == "" || strings.ContainsAny(p.Domain+p.EntityName, ": ") {
			return nil, false
		}
		for _, a := range p.ActionSet {
			policy := RolePolicy{Permission: p.Domain + ":" + p.EntityName + ":" + a}
			if n := p.ResourceConditionNode; n != nil && len(n.Operands) > 0 {
				policy.Condition = n.Operands[0].Value
			}
			out = append(out, policy)
		}
	}
	return out, true
}

// writeRole makes a role (POST), replaces one (PUT) or changes what is named of one (PATCH).
func (s *Server) writeRole(c *call) {
	var body roleRequest
	if !c.decode(&body) {
		return
	}
	role := s.Scenario.role(c.param("roleId"))
	policies, ok := body.policies()
	name := ""
	if body.Name != nil {
		name = strings.TrimSpace(*body.Name)
	}
	switch {
	case c.r.Method != http.MethodPost && role == nil:
		deny(http.StatusNotFound, "not.found").write(c.w)
		return
	case !ok || name == "" && (body.Name != nil || c.r.Method != http.MethodPatch):
		deny(http.StatusBadRequest, "bad.request").write(c.w)
		return
	}
	if other := find(s.Scenario.Roles, func(x *Role) bool { return strings.EqualFold(x.Name, name) }); other != nil && other != role {
		deny(http.StatusConflict, "request.conflict").write(c.w)
		return
	}
	if role == nil {
		s.Scenario.Roles = append(s.Scenario.Roles, Role{Name: name, id: s.fresh("role", name)})
		role = &s.Scenario.Roles[len(s.Scenario.Roles)-1]
	}
	if name != "" && name != role.Name {
		s.renameRole(role, name)
	}
	if body.PermissionPolicies != nil || c.r.Method != http.MethodPatch {
		role.Policies = policies
	}
	if body.Permissions != nil {
		role.Permissions = *body.Permissions
	} else if c.r.Method != http.MethodPatch {
		role.Permissions = nil
	}
	c.answer(s.roleBody(role))
}

// fresh is an id for something new of a name; what had the name before keeps its own.
func (s *Server) fresh(kind, name string) string {
	s.scim.made++
	if s.Scenario.role(id(kind, name)) == nil && s.Scenario.client(id(kind, name)) == nil {
		return id(kind, name)
	}
	return id(kind, name+"\x00"+stamp(s.started)+strconv.Itoa(s.scim.made))
}

// renameRole keeps the role's id and its grants.
func (s *Server) renameRole(role *Role, name string) {
	role.id = role.identity()
	s.eachGrants(func(grants []Grant) []Grant {
		for i := range grants {
			if grants[i].Role == role.Name {
				grants[i].Role = name
			}
		}
		return grants
	})
	role.Name = name
}

// eachGrants changes the grants of everyone.
func (s *Server) eachGrants(change func([]Grant) []Grant) {
	for i := range s.Scenario.Clients {
		s.Scenario.Clients[i].Roles = change(s.Scenario.Clients[i].Roles)
	}
	for _, p := range s.scim.people {
		p.Roles = change(p.Roles)
	}
}

func (s *Server) deleteRole(c *call) {
	role := s.Scenario.role(c.param("roleId"))
	if role == nil {
		deny(http.StatusNotFound, "not.found").write(c.w)
		return
	}
	name := role.Name
	s.eachGrants(func(grants []Grant) []Grant {
		return slices.DeleteFunc(grants, func(g Grant) bool { return g.Role == name })
	})
	s.Scenario.Roles = slices.DeleteFunc(s.Scenario.Roles, func(r Role) bool { return r.Name == name })
	c.w.WriteHeader(http.StatusNoContent)
}

// subjectGrants finds the grants of a user or a client.
func (s *Server) subjectGrants(id string) *[]Grant {
	if p := s.scim.live(id); p != nil {
		return &p.Roles
	}
	if cl := s.Scenario.client(id); cl != nil && cl.State != "deleted" {
		return &cl.Roles
	}
	return nil
}

// writeGrant grants a role in a division, or removes the grant.
func (s *Server) writeGrant(c *call) {
	role, grants, name := s.Scenario.role(c.param("roleId")), s.subjectGrants(c.param("subjectId")), s.divisionName(c.param("divisionId"))
	if role == nil || grants == nil || name == "" {
		deny(http.StatusNotFound, "not.found").write(c.w)
		return
	}
	if no := s.mayGrant(c, name); no != nil {
		no.write(c.w)
		return
	}
	s.grant(grants, role.Name, name, c.r.Method == http.MethodPost)
	c.w.WriteHeader(http.StatusNoContent)
}

// mayGrant refuses a caller whose permission to grant does not reach the division; "*"
// requires it in all divisions.
func (s *Server) mayGrant(c *call, division string) *problem {
	if division != "*" {
		return s.mayTouch(c.who, c.op.Gate.Permissions, nil, division)
	}
	for _, p := range c.op.Gate.Permissions {
		everywhere := func(g Grant) bool {
			return (g.Division == "" || g.Division == "*") && s.grantsHold([]Grant{g}, p, "", false)
		}
		if s.divisionAware(p) && !slices.ContainsFunc(c.who.grants(), everywhere) {
			return deny(http.StatusForbidden, "missing.division.permission", param{"permission", p})
		}
	}
	return nil
}

func (s *Server) grant(grants *[]Grant, role, division string, give bool) {
	*grants = slices.DeleteFunc(*grants, func(g Grant) bool {
		return g.Role == role && (g.Division == division || division == "*" && g.Division == "")
	})
	if give {
		*grants = append(*grants, Grant{Role: role, Division: division})
	}
}

// grantToSubjects grants a role to subjects in divisions.
func (s *Server) grantToSubjects(c *call) {
	var body struct {
		SubjectIDs  []string `json:"subjectIds"`
		DivisionIDs []string `json:"divisionIds"`
	}
	if !c.decode(&body) {
		return
	}
	role := s.Scenario.role(c.param("roleId"))
	if role == nil {
		deny(http.StatusNotFound, "not.found").write(c.w)
		return
	}
	if len(body.SubjectIDs) == 0 || len(body.DivisionIDs) == 0 {
		deny(http.StatusBadRequest, "bad.request").write(c.w)
		return
	}
	for _, subject := range body.SubjectIDs {
		for _, division := range body.DivisionIDs {
			if s.subjectGrants(subject) == nil || s.divisionName(division) == "" {
				deny(http.StatusNotFound, "not.found").write(c.w)
				return
			}
			if no := s.mayGrant(c, s.divisionName(division)); no != nil {
				no.write(c.w)
				return
			}
		}
	}
	for _, subject := range body.SubjectIDs {
		for _, division := range body.DivisionIDs {
			s.grant(s.subjectGrants(subject), role.Name, s.divisionName(division), true)
		}
	}
	c.w.WriteHeader(http.StatusNoContent)
}

// divisionName finds a division's name by its id; * means all.
func (s *Server) divisionName(id string) string {
	if id == "*" {
		return id
	}
	for _, d := range s.Scenario.Divisions {
		if divisionID(d.Name) == id {
			return d.Name
		}
	}
	return ""
}

// addDivision makes a division.
func (s *Server) addDivision(c *call) {
	var body struct {
		Name string `json:"name"`
	}
	if !c.decode(&body) {
		return
	}
	body.Name = strings.TrimSpace(body.Name)
	switch {
	case body.Name == "" || body.Name == "*":
		deny(http.StatusBadRequest, "division.name.invalid").write(c.w)
	case slices.ContainsFunc(s.Scenario.Divisions, func(d Division) bool { return strings.EqualFold(d.Name, body.Name) }):
		deny(http.StatusConflict, "resource.already.exists").write(c.w)
	default:
		s.Scenario.Divisions = append(s.Scenario.Divisions, Division{Name: body.Name})
		c.answer(divisionBody(s.Scenario.division(body.Name)))
	}
}
