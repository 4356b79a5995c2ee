package simulator

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/scimlint/scimlint/pkg/catalog"
)

// The SCIM schemas that the platform names.
const (
	userSchema       = "urn:ietf:params:scim:schemas:core:2.0:User"
	groupSchema      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	listSchema       = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	genesysSchema    = "urn:ietf:params:scim:schemas:extension:genesys:purecloud:2.0:User"
	enterpriseSchema = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
)

// resource is a SCIM user or group as JSON.
type resource map[string]any

func (r resource) text(key string) string {
	s, _ := r[key].(string)
	return s
}

// store holds the org's SCIM resources.
type store struct {
	mu     sync.Mutex
	users  []resource
	groups []resource
	made   int
}

func (st *store) seed(s *Scenario) {
	for _, u := range s.Users {
		if u.State == "deleted" {
			continue // SCIM does not list them
		}
		user := resource{"schemas": []string{userSchema}, "id": userID(u.Name), "userName": u.Email,
			"displayName": u.Name, "active": u.State != "inactive", "meta": resource{"resourceType": "User"}}
		if u.Division != "" {
			user[enterpriseSchema] = map[string]any{"division": u.Division}
		}
		st.users = append(st.users, user)
	}
	for _, g := range s.Groups {
		st.groups = append(st.groups, resource{"schemas": []string{groupSchema}, "id": id("group", g), "displayName": g,
			"members": []any{}, "meta": resource{"resourceType": "Group"}})
	}
}

func indexOf(list []resource, id string) int {
	return slices.IndexFunc(list, func(r resource) bool { return r.text("id") == id })
}

// answerSCIM serves the SCIM paths, versioned or not, behind the gate.
func (s *Server) answerSCIM(w http.ResponseWriter, r *http.Request, who *session, op catalog.Operation) {
	s.scim.mu.Lock()
	defer s.scim.mu.Unlock()
	path := strings.TrimPrefix(strings.TrimPrefix(op.Path, "/api/v2/scim"), "/v2")
	last := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	switch r.Method + " " + path {
	case "GET /users":
		listSCIM(w, s.scim.users, r.URL.Query())
	case "POST /users":
		s.createUser(w, r, who)
	case "GET /users/{userId}":
		oneSCIM(w, s.scim.users, last)
	case "PUT /users/{userId}", "PATCH /users/{userId}":
		s.updateUser(w, r, who, last)
	case "DELETE /users/{userId}":
		s.deleteUser(w, who, last)
	case "GET /groups":
		listSCIM(w, s.scim.groups, r.URL.Query())
	case "GET /groups/{groupId}":
		oneSCIM(w, s.scim.groups, last)
	case "PUT /groups/{groupId}", "PATCH /groups/{groupId}":
		s.updateGroup(w, r, last)
	case "GET /schemas":
		list := userSchemas()
		if s.Scenario.HideSchemas {
			list = []any{}
		}
		reply(w, http.StatusOK, "application/scim+json", resource{"schemas": []string{listSchema}, "totalResults": len(list), "Resources": list, "startIndex": 1, "itemsPerPage": len(list)})
	case "GET /resourcetypes":
		reply(w, http.StatusOK, "application/scim+json", resource{"schemas": []string{listSchema}, "totalResults": 0, "Resources": []any{}, "startIndex": 1, "itemsPerPage": 0})
	case "GET /serviceproviderconfig":
		reply(w, http.StatusOK, "application/scim+json", resource{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"},
			"patch": resource{"supported": true}, "bulk": resource{"supported": false}})
	default:
		deny(http.StatusNotFound, "not.found").write(w)
	}
}

func listSCIM(w http.ResponseWriter, all []resource, q url.Values) {
	if filter := q.Get("filter"); filter != "" {
		attribute, value, ok := parseFilter(filter)
		if !ok {
			scimProblem(w, http.StatusBadRequest, "invalidFilter", "the filter is not understood: "+filter)
			return
		}
		all = slices.DeleteFunc(slices.Clone(all), func(r resource) bool { return !strings.EqualFold(fmt.Sprint(r[attribute]), value) })
	} else {
		// Without a filter the active ones alone are listed.
		all = slices.DeleteFunc(slices.Clone(all), func(r resource) bool { return r["active"] == false })
	}
	start, count := intOr(q.Get("startIndex"), 1), 25
	if q.Has("count") {
		count = max(0, intOr(q.Get("count"), 0))
	}
	page := all[min(start-1, len(all)):min(start-1+count, len(all))]
	reply(w, http.StatusOK, "application/scim+json", resource{"schemas": []string{listSchema}, "totalResults": len(all),
		"startIndex": start, "itemsPerPage": len(page), "Resources": page})
}

// parseFilter reads the one form that provisioning uses: attribute eq "value", or
// without the quotes.
func parseFilter(filter string) (attribute, value string, ok bool) {
	part := strings.SplitN(strings.TrimSpace(filter), " ", 3)
	if len(part) != 3 || !strings.EqualFold(part[1], "eq") || part[2] == "" || strings.Contains(strings.Trim(part[2], `"`), `"`) {
		return "", "", false
	}
	return part[0], strings.Trim(part[2], `"`), true
}

func oneSCIM(w http.ResponseWriter, all []resource, id string) {
	i := indexOf(all, id)
	if i < 0 {
		deny(http.StatusNotFound, "not.found").write(w)
		return
	}
	reply(w, http.StatusOK, "application/scim+json", all[i])
}

func readResource(w http.ResponseWriter, r *http.Request) (resource, bool) {
	var body resource
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil || json.Unmarshal(data, &body) != nil || body == nil {
		deny(http.StatusBadRequest, "bad.request").write(w)
		return nil, false
	}
	return body, true
}

func (s *Server) createUser(w http.ResponseWriter, r *http.Request, who *session) {
	body, ok := readResource(w, r)
	if !ok {
		return
	}
	if body.text("userName") == "" || body.text("displayName") == "" {
		deny(http.StatusBadRequest, "bad.request").write(w)
		return
	}
	if no := s.mayTouch(who, append([]string{"directory:user:add"}, features(body, false)...), body, divisionOf(body)); no != nil {
		no.write(w)
		return
	}
	if slices.ContainsFunc(s.scim.users, func(u resource) bool { return strings.EqualFold(u.text("userName"), body.text("userName")) }) {
		scimProblem(w, http.StatusConflict, "uniqueness", "the userName is in use")
		return
	}
	s.scim.made++
	delete(body, "password")
	body["id"] = id("made", fmt.Sprint(s.scim.made))
	body["schemas"] = []string{userSchema}
	body["meta"] = resource{"resourceType": "User"}
	s.scim.users = append(s.scim.users, body)
	reply(w, http.StatusCreated, "application/scim+json", body)
}

// features are the permissions that the parts of a body take. What an update
// replaces it also takes away.
func features(body resource, update bool) []string {
	var out []string
	if body["roles"] != nil {
		out = append(out, "authorization:grant:add")
		if update {
			out = append(out, "authorization:grant:delete")
		}
	}
	if ext, ok := body[genesysSchema].(map[string]any); ok {
		if ext["routingSkills"] != nil {
			out = append(out, "routing:skill:assign")
		}
		if ext["routingLanguages"] != nil {
			out = append(out, "routing:language:assign")
		}
	}
	if phones, ok := body["phoneNumbers"].([]any); ok {
		for _, p := range phones {
			if m, ok := p.(map[string]any); ok && m["type"] == "work" && strings.Contains(resource(m).text("value"), "ext=") {
				out = append(out, "telephony:extension:assign")
			}
		}
	}
	if update && body["password"] != nil {
		out = append(out, "directory:user:setPassword")
	}
	return out
}

func divisionOf(body resource) string {
	ext, _ := body[enterpriseSchema].(map[string]any)
	return resource(ext).text("division")
}

// mayTouch enforces what the work takes, in the user's division, after the gate
// has let the request pass.
func (s *Server) mayTouch(who *session, permissions []string, body resource, division string) *problem {
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
	return nil
}

func (s *Server) updateUser(w http.ResponseWriter, r *http.Request, who *session, id string) {
	body, ok := readResource(w, r)
	if !ok {
		return
	}
	if r.Method == http.MethodPatch {
		body = patchToBody(body)
	}
	i := indexOf(s.scim.users, id)
	if i < 0 {
		deny(http.StatusNotFound, "not.found").write(w)
		return
	}
	wants := features(body, true)
	if len(wants) == 0 || r.Method == http.MethodPut || changesAttributes(body) {
		wants = append([]string{"directory:user:edit"}, wants...)
	}
	if no := s.mayTouch(who, wants, body, divisionOf(s.scim.users[i])); no != nil {
		no.write(w)
		return
	}
	delete(body, "password")
	delete(body, "id")
	updated := maps.Clone(s.scim.users[i])
	maps.Copy(updated, body)
	s.scim.users[i] = updated
	reply(w, http.StatusOK, "application/scim+json", updated)
}

func changesAttributes(body resource) bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(body)), func(k string) bool {
		return !slices.Contains([]string{"schemas", "roles", "password", genesysSchema, "phoneNumbers"}, k)
	})
}

// patchToBody reads PATCH operations that add or replace whole attributes.
func patchToBody(patch resource) resource {
	body := resource{}
	ops, _ := patch["Operations"].([]any)
	for _, item := range ops {
		op, _ := item.(map[string]any)
		path, value := resource(op).text("path"), op["value"]
		if fields, ok := value.(map[string]any); ok && path == "" {
			maps.Copy(body, fields)
		} else if attribute, inner, ok := cutExtension(path); ok {
			body[attribute] = map[string]any{inner: value}
		} else if path != "" {
			body[path] = value
		}
	}
	return body
}

func cutExtension(path string) (schema, attribute string, ok bool) {
	rest, ok := strings.CutPrefix(path, genesysSchema+":")
	return genesysSchema, rest, ok
}

func (s *Server) deleteUser(w http.ResponseWriter, who *session, id string) {
	i := indexOf(s.scim.users, id)
	if i < 0 {
		deny(http.StatusNotFound, "not.found").write(w)
		return
	}
	if no := s.mayTouch(who, []string{"directory:user:delete"}, nil, divisionOf(s.scim.users[i])); no != nil {
		no.write(w)
		return
	}
	s.scim.users = slices.Delete(s.scim.users, i, i+1)
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) updateGroup(w http.ResponseWriter, r *http.Request, id string) {
	body, ok := readResource(w, r)
	if !ok {
		return
	}
	if r.Method == http.MethodPatch {
		body = patchToBody(body)
	}
	i := indexOf(s.scim.groups, id)
	if i < 0 {
		deny(http.StatusNotFound, "not.found").write(w)
		return
	}
	updated := maps.Clone(s.scim.groups[i])
	if members, ok := body["members"]; ok {
		updated["members"] = members
	}
	s.scim.groups[i] = updated
	reply(w, http.StatusOK, "application/scim+json", updated)
}
