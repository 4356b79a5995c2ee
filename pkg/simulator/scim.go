package simulator

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxPage is how many resources a page has at most.
const maxPage = 1000

const scimType = "application/scim+json"

// answerSCIM serves the SCIM paths, versioned or not, behind the access check.
func (s *Server) answerSCIM(c *call) {
	path := strings.TrimPrefix(c.op.Path, "/api/v2/scim")
	c.base = "/api/v2/scim"
	if rest, ok := strings.CutPrefix(path, "/v2"); ok {
		path, c.base = rest, "/api/v2/scim/v2"
	}
	handle, ok := scimRoutes[c.op.Method+" "+path]
	if !ok {
		notSimulated(c.w, c.op.Method+" "+c.op.Path)
		return
	}
	handle(s, c)
}

var scimRoutes = map[string]func(*Server, *call){
	"GET /users":              (*Server).listUsers,
	"POST /users":             (*Server).createUser,
	"GET /users/{userId}":     (*Server).oneUser,
	"PUT /users/{userId}":     (*Server).updateUser,
	"PATCH /users/{userId}":   (*Server).updateUser,
	"DELETE /users/{userId}":  (*Server).deleteUser,
	"GET /groups":             (*Server).listGroups,
	"GET /groups/{groupId}":   (*Server).oneGroup,
	"PUT /groups/{groupId}":   (*Server).updateGroup,
	"PATCH /groups/{groupId}": (*Server).updateGroup,
	"GET /schemas": func(s *Server, c *call) {
		if c.r.URL.Query().Has("filter") {
			deny(http.StatusForbidden, "not.authorized").write(c.w) // as the definition says
			return
		}
		whole(c, s.schemaList(c.base))
	},
	"GET /schemas/{schemaId}": func(s *Server, c *call) {
		if one, ok := scimSchemas[c.param("schemaId")]; ok {
			reply(c.w, http.StatusOK, scimType, s.schemaBody(one.ID, c.base))
			return
		}
		deny(http.StatusNotFound, "not.found").write(c.w)
	},
	"GET /resourcetypes": func(s *Server, c *call) { whole(c, s.resourceTypes(c.base)) },
	"GET /resourcetypes/{resourceType}": func(s *Server, c *call) {
		for _, one := range s.resourceTypes(c.base) {
			if strings.EqualFold(one.(resource).text("id"), c.param("resourceType")) {
				reply(c.w, http.StatusOK, scimType, one)
				return
			}
		}
		deny(http.StatusNotFound, "not.found").write(c.w)
	},
	"GET /serviceproviderconfig": func(s *Server, c *call) { c.tagged(1, s.providerConfig(c.base)) },
}

// whole sends a list that has one page.
func whole(c *call, list []any) {
	reply(c.w, http.StatusOK, scimType, resource{"schemas": []string{listSchema}, "totalResults": len(list), "Resources": list, "startIndex": 1, "itemsPerPage": len(list)})
}

// tagged sends a resource with its version as ETag, or 304 where the caller has it.
func (c *call) tagged(version int, body any) {
	tag := strconv.Quote(strconv.Itoa(version))
	c.w.Header().Set("ETag", tag)
	if c.r.Method == http.MethodGet && sameVersion(c.r.Header.Get("If-None-Match"), version) {
		c.w.WriteHeader(http.StatusNotModified)
		return
	}
	status := http.StatusOK
	if c.r.Method == http.MethodPost {
		status = http.StatusCreated
	}
	reply(c.w, status, scimType, body)
}

// sameVersion says whether one of a header's tags is the version, or any.
func sameVersion(header string, version int) bool {
	for _, tag := range strings.Split(header, ",") {
		tag = strings.Trim(strings.TrimPrefix(strings.TrimSpace(tag), "W/"), `"`)
		if tag == "*" || tag == strconv.Itoa(version) {
			return true
		}
	}
	return false
}

// stale refuses a change of another version than the caller has read.
func (c *call) stale(version int) bool {
	if match := c.r.Header.Get("If-Match"); match != "" && !sameVersion(match, version) {
		c.refuse(&scimError{http.StatusBadRequest, "invalidVers", "the version of If-Match is not the resource's"})
		return true
	}
	return false
}

// conflicting refuses a PUT whose body shows another version than the resource has.
func (c *call) conflicting(body resource, version int) bool {
	meta, _ := body.get("meta").(map[string]any)
	if c.r.Method != http.MethodPut || meta["version"] == nil || meta["version"] == strconv.Itoa(version) {
		return false
	}
	c.refuse(&scimError{http.StatusConflict, "invalidVers", "the version of meta is not the resource's"})
	return true
}

func (c *call) refuse(e *scimError) { scimProblem(c.w, e.status, e.kind, e.detail) }

// window reads startIndex and count.
func (c *call) window() (start, count int, ok bool) {
	q := c.r.URL.Query()
	read := func(name string, fallback int) int {
		if !q.Has(name) {
			return fallback
		}
		n, err := strconv.Atoi(q.Get(name))
		if err != nil {
			ok = false
		}
		return n
	}
	ok = true
	start, count = max(1, read("startIndex", 1)), min(maxPage, max(0, read("count", 25)))
	if !ok {
		deny(http.StatusBadRequest, "bad.request").write(c.w)
	}
	return start, count, ok
}

// list sends a page of a list.
func list[T any](c *call, total int, page []T, start int, render func(T) any) {
	out := make([]any, 0, len(page))
	for _, v := range page {
		out = append(out, render(v))
	}
	reply(c.w, http.StatusOK, scimType, resource{"schemas": []string{listSchema}, "totalResults": total, "startIndex": start, "itemsPerPage": len(out), "Resources": out})
}

func (s *Server) listUsers(c *call) {
	start, count, ok := c.window()
	if !ok {
		return
	}
	sel, no := choose(userKind, c.r.URL.Query())
	if no != nil {
		no.write(c.w)
		return
	}
	render := func(p *person) any { return sel.pick(s.scimUser(p, c.base)) }
	if text := c.r.URL.Query().Get("filter"); text != "" {
		q, wrong := parseFilter(text, userFilters)
		if wrong != nil {
			c.refuse(wrong)
			return
		}
		all := s.scim.find(q)
		list(c, len(all), cut(all, start, count), start, render)
		return
	}
	// Without a filter only the active ones are listed.
	var page []*person
	skip := start - 1
	for _, p := range s.scim.people {
		if len(page) == count {
			break
		}
		if !p.active() {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		page = append(page, p)
	}
	list(c, s.scim.shown, page, start, render)
}

func cut[T any](all []T, start, count int) []T {
	from := min(start-1, len(all))
	return all[from:min(from+count, len(all))]
}

func (s *Server) oneUser(c *call) {
	p := s.scim.live(c.param("userId"))
	if p == nil {
		deny(http.StatusNotFound, "not.found").write(c.w)
		return
	}
	sel, no := choose(userKind, c.r.URL.Query())
	if no != nil {
		no.write(c.w)
		return
	}
	c.tagged(p.version, sel.pick(s.scimUser(p, c.base)))
}

// readResource reads the body as an object.
func (c *call) readResource() (resource, bool) {
	var body resource
	if !c.decode(&body) {
		return nil, false
	}
	if body == nil {
		deny(http.StatusBadRequest, "bad.request").write(c.w)
		return nil, false
	}
	return body, true
}

func (s *Server) createUser(c *call) {
	body, ok := c.readResource()
	if !ok {
		return
	}
	name, _ := body.get("userName").(string)
	display, _ := body.get("displayName").(string)
	if name == "" || display == "" {
		deny(http.StatusBadRequest, "bad.request").write(c.w)
		return
	}
	wrong := userKind.stranger(body)
	if wrong != nil {
		c.refuse(wrong)
		return
	}
	clean, wrong := userKind.canonical(body)
	if wrong != nil {
		c.refuse(wrong)
		return
	}
	p, _, wrong := s.personOf(clean, nil)
	if wrong != nil {
		c.refuse(wrong)
		return
	}
	wants := append([]string{"directory:user:add"}, guarded(&person{}, p)...)
	if no := s.mayTouch(c.who, wants, clean, p.Division); no != nil {
		no.write(c.w)
		return
	}
	if wrong := s.unknown(p); wrong != nil {
		c.refuse(wrong)
		return
	}
	old := s.scim.named(p.Email)
	if old != nil && !old.deleted() {
		c.refuse(&scimError{http.StatusConflict, "uniqueness", "the userName is in use"})
		return
	}
	if wrong := s.scim.taken(p, old); wrong != nil {
		c.refuse(wrong)
		return
	}
	p = s.admit(p)
	c.w.Header().Set("Location", s.URL+c.base+"/users/"+p.id)
	c.tagged(p.version, s.scimUser(p, c.base))
}

// admit adds a new person. One who was deleted comes back under the old id, active and
// without the employee role, which new people get by themselves.
func (s *Server) admit(p *person) *person {
	old := s.scim.named(p.Email)
	p.version, p.modified = 1, time.Now().UnixMilli()
	if old != nil && old.deleted() {
		s.scim.unindex(old)
		p.id, p.version = old.id, old.version+1
		*old = *p
		s.scim.index(old)
		return old
	}
	if role := s.Scenario.role("employee"); role != nil && !slices.Contains(p.roles(), role.Name) {
		p.Roles = append(p.Roles, Grant{Role: role.Name})
	}
	p.id = s.scim.nextID()
	s.scim.add(p)
	return p
}

// guarded are the permissions that the parts of a change require in addition to adding or editing
// a user, judged on what is different afterwards and not on how the change was written.
func guarded(before, after *person) []string {
	var out []string
	had, has := before.roles(), after.roles()
	if slices.ContainsFunc(has, func(r string) bool { return !slices.Contains(had, r) }) {
		out = append(out, "authorization:grant:add")
	}
	if slices.ContainsFunc(had, func(r string) bool { return !slices.Contains(has, r) }) {
		out = append(out, "authorization:grant:delete")
	}
	if !slices.Equal(before.skills, after.skills) {
		out = append(out, "routing:skill:assign")
	}
	if !slices.Equal(before.languages, after.languages) {
		out = append(out, "routing:language:assign")
	}
	if !slices.Equal(before.extensions(), after.extensions()) {
		out = append(out, "telephony:extension:assign")
	}
	return out
}

// extensions are the phone numbers with an extension.
func (p *person) extensions() []typedValue {
	var out []typedValue
	for _, t := range p.phones {
		if withExtension.MatchString(t.Value) {
			t.Primary = false
			out = append(out, t)
		}
	}
	return out
}

// edited says whether anything changes that no permission of its own guards.
func edited(before, after *person) bool {
	plain := func(p *person) person {
		c := *p
		c.Roles, c.Groups, c.skills, c.languages = nil, nil, nil, nil
		c.id, c.version, c.modified, c.State = "", 0, 0, p.state()
		c.phones = nil
		for _, t := range p.phones {
			if !withExtension.MatchString(t.Value) {
				c.phones = append(c.phones, t)
			}
		}
		c.emails, c.externalIDs = append([]typedValue{}, p.emails...), append([]externalID{}, p.externalIDs...)
		return c
	}
	return !reflect.DeepEqual(plain(before), plain(after))
}

// mayTouch enforces what the work requires, in each of the divisions that it concerns,
// after the access check has let the request pass.
func (s *Server) mayTouch(who *session, permissions []string, body resource, divisions ...string) *problem {
	for _, division := range slices.Compact(divisions) {
		if s.Scenario.division(division) == nil {
			division = s.Scenario.home().Name
		}
		for _, p := range permissions {
			switch {
			case !s.holds(who, p, ""):
				return deny(http.StatusForbidden, "missing.permissions", param{"permissions", p})
			case !s.holds(who, p, division):
				return deny(http.StatusForbidden, "missing.division.permission", param{"permission", p})
			}
			if no := s.policyOn(who, p, &place{body, division}); no != nil {
				return no
			}
		}
	}
	return nil
}

func (s *Server) updateUser(c *call) {
	body, ok := c.readResource()
	if !ok {
		return
	}
	before := s.scim.live(c.param("userId"))
	if before == nil {
		deny(http.StatusNotFound, "not.found").write(c.w)
		return
	}
	after, password, changed, wrong := s.changedUser(c, before, body)
	if wrong != nil {
		c.refuse(wrong)
		return
	}
	wants := guarded(before, after)
	if password != "" {
		wants = append(wants, "directory:user:setPassword")
	}
	if len(wants) == 0 || c.r.Method == http.MethodPut || edited(before, after) {
		wants = append([]string{"directory:user:edit"}, wants...)
	}
	if no := s.mayTouch(c.who, wants, changed, before.Division, after.Division); no != nil {
		no.write(c.w)
		return
	}
	if wrong := s.unknown(after); wrong != nil {
		c.refuse(wrong)
		return
	}
	if other := s.scim.named(after.Email); other != nil && other != before {
		c.refuse(&scimError{http.StatusConflict, "uniqueness", "the userName is in use"})
		return
	}
	if wrong := s.scim.taken(after, before); wrong != nil {
		c.refuse(wrong)
		return
	}
	// A condition counts only where the request would succeed without it (RFC 9110).
	if c.stale(before.version) || c.conflicting(body, before.version) {
		return
	}
	s.replacePerson(before, after)
	c.tagged(before.version, s.scimUser(before, c.base))
}

// replacePerson writes a changed person over the old one, whose pointer tokens have.
func (s *Server) replacePerson(before, after *person) {
	s.scim.unindex(before)
	after.id, after.version, after.Groups = before.id, before.version, before.Groups
	*before = *after
	before.touch()
	s.scim.index(before)
}

// changedUser is who a PUT or PATCH makes of a person, with the password that it sets and
// the attributes that it changes.
func (s *Server) changedUser(c *call, before *person, body resource) (after *person, password string, changed resource, wrong *scimError) {
	was := asResource(s.scimUser(before, c.base))
	var now resource
	if c.r.Method == http.MethodPatch {
		now = asResource(was)
		if wrong = (&patch{userKind, now}).apply(body); wrong != nil {
			return nil, "", nil, wrong
		}
	} else {
		if wrong = userKind.stranger(body); wrong != nil {
			return nil, "", nil, wrong
		}
		now = replaced(was, body)
	}
	clean, wrong := userKind.canonical(now)
	if wrong != nil {
		return nil, "", nil, wrong
	}
	if after, password, wrong = s.personOf(clean, before); wrong != nil {
		return nil, "", nil, wrong
	}
	changed = resource{}
	for key, v := range clean {
		if !reflect.DeepEqual(v, was[key]) {
			changed[key] = v
		}
	}
	return after, password, changed, nil
}

// replaced is what a PUT makes of a resource: its own attributes, and of those that have a
// permission of their own the old ones where it does not name any. RFC 7644 lets a server
// assume that a client which leaves an attribute out does not speak of it.
func replaced(was, body resource) resource {
	out := resource{}
	for key, v := range body {
		out[key] = v
	}
	for _, key := range []string{"active", "roles"} {
		if out.get(key) == nil {
			out.put(key, was[key])
		}
	}
	old, _ := was[genesysSchema].(map[string]any)
	ext := resource{}
	if given, ok := out.get(genesysSchema).(map[string]any); ok {
		for key, v := range given {
			ext[key] = v
		}
	}
	for _, key := range []string{"routingSkills", "routingLanguages"} {
		if ext.get(key) == nil && old[key] != nil {
			ext.put(key, old[key])
		}
	}
	if len(ext) > 0 {
		out.put(genesysSchema, map[string]any(ext))
	}
	// Nobody leaves a division by not being asked to: there is no user without one.
	work := resource{}
	if given, ok := out.get(enterpriseSchema).(map[string]any); ok {
		for key, v := range given {
			work[key] = v
		}
	}
	if old, _ := was[enterpriseSchema].(map[string]any); work.get("division") == nil {
		work.put("division", old["division"])
	}
	out.put(enterpriseSchema, map[string]any(work))
	return out
}

func (s *Server) deleteUser(c *call) {
	p := s.scim.live(c.param("userId"))
	if p == nil {
		deny(http.StatusNotFound, "not.found").write(c.w)
		return
	}
	if no := s.mayTouch(c.who, []string{"directory:user:delete"}, nil, p.Division); no != nil {
		no.write(c.w)
		return
	}
	if c.stale(p.version) {
		return
	}
	s.scim.remove(p)
	c.w.WriteHeader(http.StatusNoContent)
}

func (s *Server) listGroups(c *call) {
	start, count, ok := c.window()
	if !ok {
		return
	}
	sel, no := choose(groupKind, c.r.URL.Query())
	if no != nil {
		no.write(c.w)
		return
	}
	all := s.scim.groups
	if text := c.r.URL.Query().Get("filter"); text != "" {
		q, wrong := parseFilter(text, groupFilters)
		if wrong != nil {
			c.refuse(wrong)
			return
		}
		all = slices.DeleteFunc(slices.Clone(all), func(g *group) bool { return !slices.ContainsFunc(q, g.fits) })
	}
	list(c, len(all), cut(all, start, count), start, func(g *group) any { return sel.pick(s.scimGroup(g, c.base)) })
}

// fits says whether a group has all that a query asks for.
func (g *group) fits(q query) bool {
	for name, value := range q {
		fits := true
		switch name {
		case "id":
			fits = g.id == value
		case "displayname":
			fits = strings.EqualFold(g.name, value)
		case "externalid":
			fits = g.externalID == value
		case "members", "members.value":
			fits = slices.Contains(g.members, value)
		}
		if !fits {
			return false
		}
	}
	return true
}

func (s *Server) oneGroup(c *call) {
	g := s.scim.groupByID[c.param("groupId")]
	if g == nil {
		deny(http.StatusNotFound, "not.found").write(c.w)
		return
	}
	sel, no := choose(groupKind, c.r.URL.Query())
	if no != nil {
		no.write(c.w)
		return
	}
	c.tagged(g.version, sel.pick(s.scimGroup(g, c.base)))
}

func (s *Server) updateGroup(c *call) {
	body, ok := c.readResource()
	if !ok {
		return
	}
	g := s.scim.groupByID[c.param("groupId")]
	if g == nil {
		deny(http.StatusNotFound, "not.found").write(c.w)
		return
	}
	now := body
	if wrong := groupKind.stranger(body); c.r.Method == http.MethodPut && wrong != nil {
		c.refuse(wrong)
		return
	}
	if c.r.Method == http.MethodPatch {
		now = asResource(s.scimGroup(g, c.base))
		if wrong := (&patch{groupKind, now}).apply(body); wrong != nil {
			c.refuse(wrong)
			return
		}
	}
	name, _ := now.get("displayName").(string)
	switch {
	case name == "":
		deny(http.StatusBadRequest, "bad.request").write(c.w)
		return
	case name != g.name:
		c.refuse(&scimError{http.StatusBadRequest, "mutability", "the displayName of a group is read-only"})
		return
	}
	clean, wrong := groupKind.canonical(now)
	if wrong != nil {
		c.refuse(wrong)
		return
	}
	members, wrong := s.membersOf(clean)
	if wrong != nil {
		c.refuse(wrong)
		return
	}
	if c.stale(g.version) {
		return
	}
	g.externalID = clean.text("externalId")
	s.scim.join(g, members)
	c.tagged(g.version, s.scimGroup(g, c.base))
}

// membersOf reads the members of a group, each once and each a user of the org.
func (s *Server) membersOf(r resource) ([]string, *scimError) {
	list, _ := r["members"].([]any)
	seen := make(map[string]bool, len(list))
	var out []string
	for _, m := range list {
		value, _ := m.(map[string]any)["value"].(string)
		if s.scim.live(value) == nil {
			return nil, invalid("invalidValue", "the member %q is no user of the org", value)
		}
		if !seen[value] {
			seen[value] = true
			out = append(out, value)
		}
	}
	return out, nil
}
