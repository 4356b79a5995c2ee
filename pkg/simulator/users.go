package simulator

import (
	"net/http"
	"slices"
	"strings"
)

func (p *person) state() string {
	if p.State == "" {
		return "active"
	}
	return p.State
}

// userBody is a user as the directory shows it.
func (s *Server) userBody(p *person) map[string]any {
	body := map[string]any{"id": p.id, "name": p.Name, "email": p.Email, "username": p.Email, "state": p.state(), "version": p.version,
		"selfUri": "/api/v2/users/" + p.id}
	if d := s.Scenario.division(p.Division); d != nil {
		body["division"] = map[string]any{"id": divisionID(d.Name), "name": d.Name, "selfUri": "/api/v2/authorization/divisions/" + divisionID(d.Name)}
	}
	for key, value := range map[string]string{"title": p.title, "department": p.department} {
		if value != "" {
			body[key] = value
		}
	}
	return body
}

// userPage lists the directory's users of a state; active ones when none is asked for.
func (s *Server) userPage(c *call) map[string]any {
	q := c.r.URL.Query()
	var all []any
	for _, p := range s.scim.people {
		wanted := q.Get("state")
		if wanted != "any" && wanted != p.state() && (wanted != "" || !p.active()) {
			continue
		}
		if ids := q["id"]; len(ids) > 0 && !slices.Contains(ids, p.id) {
			continue
		}
		all = append(all, p)
	}
	body := c.page(all)
	list := body["entities"].([]any)
	for i, p := range list {
		list[i] = s.userBody(p.(*person))
	}
	return body
}

// directoryUser finds the user of the path, or refuses.
func (s *Server) directoryUser(c *call, name string) *person {
	p := s.scim.byID[c.param(name)]
	state := c.r.URL.Query().Get("state")
	if p == nil || p.deleted() && state != "any" && state != "deleted" {
		deny(http.StatusNotFound, "not.found").write(c.w)
		return nil
	}
	return p
}

// userRequest is what makes or changes a user of the directory.
type userRequest struct {
	Name       *string `json:"name"`
	Email      *string `json:"email"`
	DivisionID string  `json:"divisionId"`
	Department *string `json:"department"`
	Title      *string `json:"title"`
	State      string  `json:"state"`
	Version    *int    `json:"version"`
}

func (s *Server) addUser(c *call) {
	var body userRequest
	if !c.decode(&body) {
		return
	}
	if body.Name == nil || *body.Name == "" || body.Email == nil || !strings.Contains(*body.Email, "@") || body.DivisionID == "" {
		deny(http.StatusBadRequest, "bad.request").write(c.w)
		return
	}
	division := s.divisionName(body.DivisionID)
	if division == "" || division == "*" {
		deny(http.StatusBadRequest, "bad.request").write(c.w)
		return
	}
	if no := s.mayTouch(c.who, []string{"directory:user:add"}, nil, division); no != nil {
		no.write(c.w)
		return
	}
	if old := s.scim.named(*body.Email); old != nil && !old.deleted() {
		deny(http.StatusConflict, "general.conflict").write(c.w)
		return
	}
	p := &person{User: User{Division: division}}
	p.set(&body)
	c.answer(s.userBody(s.admit(p)))
}

func (p *person) set(body *userRequest) {
	for into, from := range map[*string]*string{&p.Name: body.Name, &p.Email: body.Email, &p.department: body.Department, &p.title: body.Title} {
		if from != nil {
			*into = *from
		}
	}
	if body.State != "" {
		p.State = body.State
	}
}

func (s *Server) changeUser(c *call) {
	var body userRequest
	if !c.decode(&body) {
		return
	}
	p := s.directoryUser(c, "userId")
	if p == nil {
		return
	}
	if no := s.oneOfIn(c, p.Division); no != nil {
		no.write(c.w)
		return
	}
	switch {
	case body.Version == nil || body.Name != nil && *body.Name == "" || body.Email != nil && !strings.Contains(*body.Email, "@"),
		body.State != "" && !slices.Contains([]string{"active", "inactive", "deleted"}, body.State):
		deny(http.StatusBadRequest, "bad.request").write(c.w)
		return
	case *body.Version != p.version:
		deny(http.StatusConflict, "general.conflict").write(c.w)
		return
	}
	if body.Email != nil {
		if other := s.scim.named(*body.Email); other != nil && other != p {
			deny(http.StatusConflict, "general.conflict").write(c.w)
			return
		}
	}
	if body.State == "deleted" {
		s.scim.remove(p)
	} else {
		s.scim.unindex(p)
		p.set(&body)
		p.touch()
		s.scim.index(p)
	}
	c.answer(s.userBody(p))
}

// oneOfIn refuses a caller who has one of the operation's permissions, but none of them in
// the division.
func (s *Server) oneOfIn(c *call, division string) *problem {
	for _, p := range c.op.Gate.Permissions {
		if s.holds(c.who, p, division) {
			return nil
		}
	}
	return deny(http.StatusForbidden, "missing.any.division.permissions",
		param{"permissions", "[" + strings.Join(c.op.Gate.Permissions, ", ") + "]"}, param{"divisionIds", "[" + divisionID(division) + "]"})
}

func (s *Server) removeUser(c *call) {
	p := s.scim.live(c.param("userId"))
	if p == nil {
		deny(http.StatusNotFound, "not.found").write(c.w)
		return
	}
	if no := s.oneOfIn(c, p.Division); no != nil {
		no.write(c.w)
		return
	}
	s.scim.remove(p)
	c.answer(map[string]any{})
}

func (s *Server) rolesOf(p *person) map[string]any {
	roles, permissions := []any{}, []string{}
	for _, name := range p.roles() {
		role := s.Scenario.role(name)
		roles = append(roles, map[string]any{"id": role.identity(), "name": role.Name})
		for _, policy := range role.Policies {
			permissions = append(permissions, policy.Permission)
		}
	}
	slices.Sort(permissions)
	return map[string]any{"roles": roles, "permissions": slices.Compact(permissions), "unusedRoles": []any{}}
}

// setRoles replaces a user's roles, in the user's division.
func (s *Server) setRoles(c *call) {
	var ids []string
	if !c.decode(&ids) {
		return
	}
	p := s.directoryUser(c, "subjectId")
	if p == nil {
		return
	}
	if no := s.mayGrant(c, p.Division); no != nil {
		no.write(c.w)
		return
	}
	var named []roleValue
	for _, id := range ids {
		role := s.Scenario.role(id)
		if role == nil {
			deny(http.StatusBadRequest, "bad.request").write(c.w)
			return
		}
		named = append(named, roleValue{role.Name})
	}
	after := &person{User: User{Division: p.Division}}
	s.grantRoles(after, p, named)
	p.Roles = after.Roles
	p.touch()
	c.answer(s.rolesOf(p))
}

// addName makes a routing skill or language.
func (s *Server) addName(c *call, names *[]string) {
	var body struct {
		Name string `json:"name"`
	}
	if !c.decode(&body) {
		return
	}
	switch {
	case strings.TrimSpace(body.Name) == "":
		deny(http.StatusBadRequest, "bad.request").write(c.w)
	case slices.Contains(*names, body.Name):
		deny(http.StatusConflict, "general.conflict").write(c.w)
	default:
		*names = append(*names, body.Name)
		c.answer(nameBody(body.Name))
	}
}

func nameBody(name string) map[string]any {
	return map[string]any{"id": id("name", name), "name": name, "state": "active", "version": "1"}
}
