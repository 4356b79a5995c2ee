package simulator

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The limits of a token's life in seconds; the longest is for clients of SCIM.
const (
	minTokenLife = 300
	maxTokenLife = 38880000
)

// clientRequest is what makes or changes an OAuth client.
type clientRequest struct {
	Name                       string   `json:"name"`
	AuthorizedGrantType        string   `json:"authorizedGrantType"`
	Scope                      []string `json:"scope"`
	State                      string   `json:"state"`
	AccessTokenValiditySeconds int      `json:"accessTokenValiditySeconds"`
	RoleDivisions              []struct {
		RoleID     string `json:"roleId"`
		DivisionID string `json:"divisionId"`
	} `json:"roleDivisions"`
}

var grantTypes = []string{"CODE", "TOKEN", "SAML2-BEARER", "PASSWORD", "CLIENT-CREDENTIALS"}

// check finds what the platform refuses. old is nil for a new client. Whoever assigns a
// role must have it.
func (s *Server) check(c *call, body *clientRequest, old *Client) *problem {
	switch {
	case strings.TrimSpace(body.Name) == "":
		return deny(http.StatusBadRequest, "bad.request")
	case body.AuthorizedGrantType == "":
		return deny(http.StatusBadRequest, "grant.type.required")
	case !slices.Contains(grantTypes, body.AuthorizedGrantType):
		return deny(http.StatusBadRequest, "bad.grant.type")
	case old == nil && body.State != "" && body.State != "active":
		return &problem{status: http.StatusBadRequest, code: "bad.client.state", text: "New clients can only have an active state"}
	case body.State != "" && !slices.Contains([]string{"active", "disabled", "inactive"}, body.State):
		return deny(http.StatusBadRequest, "bad.request")
	case body.AccessTokenValiditySeconds != 0 && (body.AccessTokenValiditySeconds < minTokenLife || body.AccessTokenValiditySeconds > maxTokenLife):
		return deny(http.StatusBadRequest, "bad.request")
	case old == nil && body.AuthorizedGrantType == "CLIENT-CREDENTIALS" && len(body.RoleDivisions) == 0:
		return deny(http.StatusBadRequest, "missing.client.roles")
	case old == nil && body.AuthorizedGrantType != "CLIENT-CREDENTIALS" && len(body.Scope) == 0:
		return deny(http.StatusBadRequest, "missing.client.scope")
	}
	for _, sc := range body.Scope {
		if !slices.Contains(s.Scenario.Scopes.Listed, sc) && (old == nil || !slices.Contains(old.Scopes, sc)) {
			return deny(http.StatusBadRequest, "auth.invalid.scope")
		}
	}
	for _, rd := range body.RoleDivisions {
		role := s.Scenario.role(rd.RoleID)
		if role == nil || s.divisionName(rd.DivisionID) == "" {
			return deny(http.StatusBadRequest, "bad.client.role")
		}
		has := func(g Grant) bool { return g.Role == role.Name }
		if !slices.ContainsFunc(c.who.grants(), has) && (old == nil || !slices.ContainsFunc(old.Roles, has)) {
			return &problem{status: http.StatusBadRequest, code: "bad.client.role", text: "The caller does not have all the roles assigned to this client."}
		}
	}
	return nil
}

// writeClient makes a client (POST) or replaces one (PUT).
func (s *Server) writeClient(c *call) {
	var body clientRequest
	if !c.decode(&body) {
		return
	}
	var client *Client
	if c.r.Method == http.MethodPut {
		if client = s.liveClient(c); client == nil {
			return
		}
	}
	if no := s.check(c, &body, client); no != nil {
		no.write(c.w)
		return
	}
	made := client == nil
	if made {
		s.Scenario.Clients = append(s.Scenario.Clients, Client{id: s.fresh("client", body.Name), TokenSeconds: 86400, State: "active"})
		client = &s.Scenario.Clients[len(s.Scenario.Clients)-1]
		s.secrets[client.id] = randomWord()
	}
	client.id = client.identity()
	client.Name, client.GrantType, client.Scopes, client.Roles = body.Name, body.AuthorizedGrantType, body.Scope, nil
	if body.State != "" {
		client.State = body.State
	}
	if body.AccessTokenValiditySeconds != 0 {
		client.TokenSeconds = body.AccessTokenValiditySeconds
	}
	for _, rd := range body.RoleDivisions {
		client.Roles = append(client.Roles, Grant{Role: s.Scenario.role(rd.RoleID).Name, Division: s.divisionName(rd.DivisionID)})
	}
	// The tokens of a client that uses scopes have them from their next renewal on; the
	// simulator renews them at once.
	s.mu.Lock()
	for _, t := range s.tokens {
		if t.clientID == client.id && t.user != nil {
			t.scopes = body.Scope
		}
	}
	s.mu.Unlock()
	out := s.clientBody(client)
	if made {
		out["secret"] = s.secrets[client.id]
	}
	c.answer(out)
}

// liveClient finds the client of the path, or refuses.
func (s *Server) liveClient(c *call) *Client {
	client := s.Scenario.client(c.param("clientId"))
	if client == nil || client.State == "deleted" {
		deny(http.StatusNotFound, "client.not.found").write(c.w)
		return nil
	}
	return client
}

func (s *Server) deleteClient(c *call) {
	client := s.liveClient(c)
	if client == nil {
		return
	}
	if client.State != "inactive" {
		deny(http.StatusBadRequest, "cannot.delete.client").write(c.w)
		return
	}
	client.State = "deleted"
	c.w.WriteHeader(http.StatusNoContent)
}

// newSecret replaces a client's secret and shows it this once.
func (s *Server) newSecret(c *call) {
	client := s.liveClient(c)
	if client == nil {
		return
	}
	s.secrets[client.identity()] = randomWord()
	out := s.clientBody(client)
	out["secret"] = s.secrets[client.identity()]
	c.answer(out)
}

func (s *Server) clientPage(c *call) map[string]any {
	var all []any
	for i := range s.Scenario.Clients {
		if cl := &s.Scenario.Clients[i]; cl.State != "deleted" && cl.Organization == "" {
			all = append(all, s.clientBody(cl))
		}
	}
	return map[string]any{"entities": append([]any{}, all...), "total": len(all), "selfUri": c.r.URL.Path}
}

func (s *Server) authorizations(c *call) map[string]any {
	list := []any{}
	for i := range s.Scenario.Clients {
		if body := s.authorization(s.Scenario.Clients[i].identity()); body != nil {
			list = append(list, body)
		}
	}
	return map[string]any{"entities": list, "total": len(list), "selfUri": c.r.URL.Path}
}

// endToken ends the caller's own token.
func (s *Server) endToken(c *call) {
	s.mu.Lock()
	delete(s.tokens, strings.TrimPrefix(c.r.Header.Get("Authorization"), "Bearer "))
	s.mu.Unlock()
	c.w.WriteHeader(http.StatusOK)
}

// endTokens ends the tokens of a user.
func (s *Server) endTokens(c *call) {
	s.mu.Lock()
	maps.DeleteFunc(s.tokens, func(_ string, t *session) bool { return t.user != nil && t.user.id == c.param("userId") })
	s.mu.Unlock()
	c.w.WriteHeader(http.StatusNoContent)
}

// settings are the org's settings that are kept as they were sent.
type settings map[string]map[string]any

func newSettings() settings {
	return settings{
		"/api/v2/authorization/settings": {"id": id("settings", "authorization"), "analysisEnabled": true, "analysisDays": 90,
			"dateLastActive": time.Now().UTC().Format(time.DateOnly), "dateLastCalculated": stamp(time.Now())},
		"/api/v2/organizations/authentication/settings": {"multifactorAuthenticationRequired": false, "domainAllowlistEnabled": false, "domainAllowlist": []string{},
			"ipAddressAllowlist": []string{}},
		"/api/v2/tokens/timeout": {"enableIdleTokenTimeout": false, "idleTokenTimeoutSeconds": 3600},
	}
}

func (s *Server) readSettings(c *call) { c.answer(s.settings[c.op.Path]) }

// writeSettings keeps the settings that exist, of the type that they have.
func (s *Server) writeSettings(c *call) {
	var body map[string]any
	if !c.decode(&body) {
		return
	}
	now := maps.Clone(s.settings[c.op.Path])
	for key, value := range body {
		old, ok := now[key]
		if !ok {
			continue
		}
		if _, flag := old.(bool); flag {
			if _, ok := value.(bool); !ok {
				deny(http.StatusBadRequest, "bad.request").write(c.w)
				return
			}
		}
		if key != "id" && !strings.HasPrefix(key, "date") {
			now[key] = value
		}
	}
	if code := s.idleTimeout(now["idleTokenTimeoutSeconds"]); code != "" {
		deny(http.StatusBadRequest, code).write(c.w)
		return
	}
	s.settings[c.op.Path] = now
	c.answer(now)
}

// idleTimeout is the code that refuses an idle timeout; empty where it is allowed.
func (s *Server) idleTimeout(value any) string {
	life, ok := value.(float64)
	most, code := 28800.0, "token.timeout.exceeded"
	if s.Scenario.Org.Features["hipaa"] {
		most, code = 900, "token.timeout.exceeded.hipaa"
	}
	if !ok || life >= 300 && life <= most {
		return ""
	}
	return code
}
