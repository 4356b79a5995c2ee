package simulator

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/scimlint/scimlint/pkg/catalog"
)

// token is the login host's endpoint: client credentials with HTTP Basic or in
// the form, and refusals in OAuth's form.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		oauthProblem(w, http.StatusMethodNotAllowed, "invalid_request", "the token endpoint takes POST")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	if err := r.ParseForm(); err != nil {
		oauthProblem(w, http.StatusBadRequest, "invalid_request", "the form cannot be read")
		return
	}
	id, secret := credentials(r)
	client := s.Scenario.client(id)
	switch {
	case r.PostForm.Get("grant_type") != "client_credentials":
		oauthProblem(w, http.StatusBadRequest, "unsupported_grant_type", "grant type not supported")
	case client == nil || client.Name == id:
		oauthProblem(w, http.StatusBadRequest, "invalid_client", "client not found: "+id)
	case secret != s.secrets[client.Name]:
		oauthProblem(w, http.StatusUnauthorized, "invalid_client", "authentication failed")
	case client.State != "active":
		oauthProblem(w, http.StatusBadRequest, "invalid_client", "client is "+client.State)
	case client.GrantType != "CLIENT-CREDENTIALS":
		oauthProblem(w, http.StatusBadRequest, "unauthorized_client", "client is not authorized to use this grant type")
	default:
		s.issue(w, client)
	}
}

func credentials(r *http.Request) (id, secret string) {
	if user, pass, ok := r.BasicAuth(); ok {
		id, _ = url.QueryUnescape(user)
		secret, _ = url.QueryUnescape(pass)
		return id, secret
	}
	return r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
}

func (s *Server) issue(w http.ResponseWriter, client *Client) {
	token := randomWord()
	life := time.Duration(client.TokenSeconds) * time.Second
	who := &session{client: client, expiry: time.Now().Add(life)}
	if s.Scenario.Scopes.Enforce == "all" {
		who.scopes = client.Scopes
	}
	s.mu.Lock()
	s.tokens[token] = who
	s.mu.Unlock()
	reply(w, http.StatusOK, "application/json", map[string]any{
		"access_token": token, "token_type": "bearer", "expires_in": client.TokenSeconds - 1})
}

// answer serves the operation that was found and allowed.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, who *session, op catalog.Operation) {
	if strings.HasPrefix(op.Path, "/api/v2/scim/") {
		s.answerSCIM(w, r, who, op)
		return
	}
	if changes(op) {
		s.change(w, r, op)
		return
	}
	last := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	var body any
	switch op.Method + " " + op.Path {
	case "GET /api/v2/tokens/me":
		body = s.tokenInfo(who)
	case "HEAD /api/v2/tokens/me":
		w.WriteHeader(http.StatusOK)
		return
	case "GET /api/v2/users/me":
		body = s.userMe(who)
	case "GET /api/v2/authorization/subjects/me":
		body = s.subject(who.subjectID(), who.subjectName(), who.grants())
	case "GET /api/v2/authorization/subjects/{subjectId}":
		body = s.subjectByID(last)
	case "GET /api/v2/oauth/clients/{clientId}":
		body = s.clientByID(last)
	case "GET /api/v2/oauth/scopes":
		body = s.scopeList()
	case "GET /api/v2/oauth/authorizations/{clientId}":
		body = s.authorization(last)
	case "GET /api/v2/authorization/roles/{roleId}":
		body = s.roleByID(last)
	case "GET /api/v2/authorization/roles":
		body = s.rolePage(r.URL.Query())
	case "GET /api/v2/authorization/divisions":
		body = s.divisionPage(r.URL.Query())
	case "GET /api/v2/authorization/divisions/home":
		body = divisionBody(s.Scenario.home())
	case "GET /api/v2/authorization/policies/subject/{subjectId}":
		body = s.policyList(last)
	case "GET /api/v2/users":
		body = s.userPage(r.URL.Query())
	case "GET /api/v2/routing/skills":
		body = namePage(s.Scenario.Skills, r.URL.Query())
	case "GET /api/v2/routing/languages":
		body = namePage(s.Scenario.Languages, r.URL.Query())
	case "GET /api/v2/organizations/me":
		o := s.Scenario.Org
		body = map[string]any{"id": orgID(o.Name), "name": o.Name, "thirdPartyOrgName": strings.ToLower(strings.ReplaceAll(o.Name, " ", "")), "state": "active", "version": 1}
	case "GET /api/v2/organizations/ipaddressauthentication":
		body = map[string]any{"networkWhitelist": nonNil(s.Scenario.IPAllowlist)}
	}
	if body == nil {
		deny(http.StatusNotFound, "not.found").write(w)
		return
	}
	reply(w, http.StatusOK, "application/json", body)
}

func (s *session) subjectID() string {
	if s.user != nil {
		return userID(s.user.Name)
	}
	return clientID(s.client.Name)
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
	return map[string]any{"organization": s.orgBody(""), "homeOrganization": s.orgBody(""),
		"authorizedScope": nonNil(who.scopes), "OAuthClient": client}
}

func (s *Server) clientBody(c *Client) map[string]any {
	roles := []any{}
	for _, g := range c.Roles {
		roles = append(roles, map[string]any{"roleId": roleID(g.Role), "divisionId": divisionID(g.Division)})
	}
	body := map[string]any{"id": clientID(c.Name), "name": c.Name, "authorizedGrantType": c.GrantType, "scope": nonNil(c.Scopes),
		"roleDivisions": roles, "state": c.State, "accessTokenValiditySeconds": c.TokenSeconds}
	if c.State == "inactive" {
		body["dateToDelete"] = "2030-01-01T00:00:00.000Z"
	}
	return body
}

func (s *Server) clientByID(id string) any {
	if c := s.Scenario.client(id); c != nil {
		return s.clientBody(c)
	}
	return nil
}

func (s *Server) userMe(who *session) map[string]any {
	var roles []any
	var permissions []string
	for _, g := range who.user.Roles {
		roles = append(roles, map[string]any{"id": roleID(g.Role), "name": g.Role})
		for _, p := range s.Scenario.role(g.Role).Policies {
			permissions = append(permissions, p.Permission)
		}
	}
	return map[string]any{"id": userID(who.user.Name), "name": who.user.Name, "email": who.user.Email, "state": "active",
		"division": divisionBody(s.Scenario.home()), "version": 1,
		"authorization": map[string]any{"roles": roles, "permissions": nonNil(permissions)}}
}

func (s *Server) subject(id, name string, grants []Grant) map[string]any {
	list := []any{}
	for _, g := range grants {
		role := map[string]any{"id": roleID(g.Role), "name": g.Role}
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

func (s *Server) subjectByID(id string) any {
	for i := range s.Scenario.Users {
		if u := &s.Scenario.Users[i]; userID(u.Name) == id {
			return s.subject(id, u.Name, u.Roles)
		}
	}
	if c := s.Scenario.client(id); c != nil {
		return s.subject(id, c.Name, c.Roles)
	}
	return nil
}

func (s *Server) roleByID(id string) any {
	r := s.Scenario.role(id)
	if r == nil {
		return nil
	}
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
	return map[string]any{"id": roleID(r.Name), "name": r.Name, "permissions": nonNil(r.Permissions), "permissionPolicies": policies, "default": r.Default, "base": r.Default}
}

// rolePage lists roles, those of the ids alone when any are given.
func (s *Server) rolePage(q url.Values) map[string]any {
	size, number := intOr(q.Get("pageSize"), 25), intOr(q.Get("pageNumber"), 1)
	all := []any{}
	for _, r := range s.Scenario.Roles {
		if name := q.Get("name"); name != "" && !strings.EqualFold(name, r.Name) {
			continue
		}
		if ids := q["id"]; len(ids) == 0 || slices.Contains(ids, roleID(r.Name)) {
			all = append(all, s.roleByID(r.Name))
		}
	}
	from := min((number-1)*size, len(all))
	return map[string]any{"entities": all[from:min(from+size, len(all))], "pageSize": size, "pageNumber": number, "total": len(all), "pageCount": (len(all) + size - 1) / size}
}

func (s *Server) scopeList() map[string]any {
	list := []any{}
	for _, sc := range s.Scenario.Scopes.Listed {
		list = append(list, map[string]any{"id": sc})
	}
	return map[string]any{"entities": list, "total": len(list)}
}

func (s *Server) authorization(id string) any {
	c := s.Scenario.client(id)
	if c == nil || c.Authorization == "" {
		return nil
	}
	return map[string]any{"client": s.clientBody(c), "scope": nonNil(c.Scopes), "state": c.Authorization, "pending": c.Authorization == "Requested"}
}

func divisionBody(d *Division) map[string]any {
	return map[string]any{"id": divisionID(d.Name), "name": d.Name, "description": "", "homeDivision": d.Home}
}

func (s *Server) divisionPage(q url.Values) map[string]any {
	size, number := intOr(q.Get("pageSize"), 25), intOr(q.Get("pageNumber"), 1)
	all := s.Scenario.Divisions
	from := min((number-1)*size, len(all))
	list := []any{}
	for i := range all[from:min(from+size, len(all))] {
		list = append(list, divisionBody(&all[from+i]))
	}
	return map[string]any{"entities": list, "pageSize": size, "pageNumber": number, "total": len(all), "pageCount": (len(all) + size - 1) / size}
}

// namePage lists names the way the routing endpoints do.
func namePage(names []string, q url.Values) map[string]any {
	size, number := intOr(q.Get("pageSize"), 25), intOr(q.Get("pageNumber"), 1)
	from := min((number-1)*size, len(names))
	list := []any{}
	for _, n := range names[from:min(from+size, len(names))] {
		list = append(list, map[string]any{"id": id("name", n), "name": n})
	}
	return map[string]any{"entities": list, "pageSize": size, "pageNumber": number, "total": len(names), "pageCount": (len(names) + size - 1) / size}
}

// userPage lists the directory's users of a state; active ones when none is asked for.
func (s *Server) userPage(q url.Values) map[string]any {
	size, number := intOr(q.Get("pageSize"), 25), intOr(q.Get("pageNumber"), 1)
	all := []any{}
	for _, u := range s.Scenario.Users {
		state := u.State
		if state == "" {
			state = "active"
		}
		if wanted := q.Get("state"); wanted == "any" || wanted == state || wanted == "" && state == "active" {
			all = append(all, map[string]any{"id": userID(u.Name), "name": u.Name, "email": u.Email, "username": u.Email, "state": state})
		}
	}
	from := min((number-1)*size, len(all))
	return map[string]any{"entities": all[from:min(from+size, len(all))], "pageSize": size, "pageNumber": number, "total": len(all), "pageCount": (len(all) + size - 1) / size}
}

func intOr(text string, fallback int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return fallback
	}
	return n
}

func (s *Server) policyList(subject string) map[string]any {
	list := []any{}
	for _, p := range s.Scenario.Policies {
		target := map[string]any{"type": p.SubjectType}
		switch p.SubjectType {
		case "USER":
			target["id"] = userID(p.Subject)
		case "CLIENT":
			target["id"] = clientID(p.Subject)
		}
		if sid, ok := target["id"]; ok && sid != subject {
			continue
		}
		body := map[string]any{"id": id("policy", p.Name), "name": p.Name, "effect": p.Effect, "active": !p.Inactive,
			"applyToClients": p.ApplyToClients, "targetResource": p.Target, "subject": target}
		if p.Condition != "" {
			body["condition"] = map[string]any{"expression": p.Condition}
		}
		list = append(list, body)
	}
	return map[string]any{"entities": list}
}

func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
