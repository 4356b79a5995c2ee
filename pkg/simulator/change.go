package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/catalog"
)

// changes says whether an operation changes roles, grants or clients.
func changes(op catalog.Operation) bool {
	switch op.Method + " " + op.Path {
	case "POST /api/v2/authorization/roles", "PUT /api/v2/authorization/roles/{roleId}", "PUT /api/v2/oauth/clients/{clientId}",
		"POST /api/v2/authorization/subjects/{subjectId}/divisions/{divisionId}/roles/{roleId}",
		"DELETE /api/v2/authorization/subjects/{subjectId}/divisions/{divisionId}/roles/{roleId}":
		return true
	}
	return false
}

// change carries out an operation that changes the org.
func (s *Server) change(w http.ResponseWriter, r *http.Request, op catalog.Operation) {
	part := strings.Split(r.URL.Path, "/")
	switch {
	case strings.HasSuffix(op.Path, "/roles") || strings.HasSuffix(op.Path, "/authorization/roles/{roleId}"):
		s.writeRole(w, r, part[len(part)-1])
	case strings.HasPrefix(op.Path, "/api/v2/oauth/"):
		s.writeClient(w, r, part[len(part)-1])
	default:
		// /api/v2/authorization/subjects/{subject}/divisions/{division}/roles/{role}
		s.writeGrant(w, r, part[5], part[7], part[9])
	}
}

// roleRequest is what makes or changes a role.
type roleRequest struct {
	Name               string   `json:"name"`
	Permissions        []string `json:"permissions"`
	PermissionPolicies []struct {
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

func (s *Server) writeRole(w http.ResponseWriter, r *http.Request, id string) {
	var body roleRequest
	if !decode(w, r, &body) {
		return
	}
	role := s.Scenario.role(id)
	switch {
	case body.Name == "" || r.Method == http.MethodPut && role == nil:
		deny(http.StatusBadRequest, "bad.request").write(w)
		return
	case r.Method == http.MethodPost && slices.ContainsFunc(s.Scenario.Roles, func(x Role) bool { return strings.EqualFold(x.Name, body.Name) }):
		deny(http.StatusConflict, "request.conflict").write(w)
		return
	case role == nil || r.Method == http.MethodPost:
		s.Scenario.Roles = append(s.Scenario.Roles, Role{Name: body.Name})
		role = &s.Scenario.Roles[len(s.Scenario.Roles)-1]
	}
	role.Policies, role.Permissions = nil, body.Permissions
	for _, p := range body.PermissionPolicies {
		for _, a := range p.ActionSet {
			policy := RolePolicy{Permission: p.Domain + ":" + p.EntityName + ":" + a}
			if n := p.ResourceConditionNode; n != nil && len(n.Operands) > 0 {
				policy.Condition = n.Operands[0].Value
			}
			role.Policies = append(role.Policies, policy)
		}
	}
	reply(w, http.StatusOK, "application/json", s.roleByID(role.Name))
}

func (s *Server) writeClient(w http.ResponseWriter, r *http.Request, id string) {
	var body struct {
		Name                string   `json:"name"`
		AuthorizedGrantType string   `json:"authorizedGrantType"`
		Scope               []string `json:"scope"`
		RoleDivisions       []struct {
			RoleID     string `json:"roleId"`
			DivisionID string `json:"divisionId"`
		} `json:"roleDivisions"`
	}
	if !decode(w, r, &body) {
		return
	}
	client := s.Scenario.client(id)
	if client == nil || body.Name == "" || body.AuthorizedGrantType == "" {
		deny(http.StatusBadRequest, "bad.request").write(w)
		return
	}
	client.Scopes, client.Roles = body.Scope, nil
	for _, rd := range body.RoleDivisions {
		client.Roles = append(client.Roles, Grant{Role: s.Scenario.role(rd.RoleID).Name, Division: s.divisionName(rd.DivisionID)})
	}
	// The tokens of a client that uses scopes carry them from their next renewal on;
	// the box renews them at once.
	for _, t := range s.tokens {
		if t.client == client && t.user != nil {
			t.scopes = body.Scope
		}
	}
	reply(w, http.StatusOK, "application/json", s.clientBody(client))
}

func (s *Server) writeGrant(w http.ResponseWriter, r *http.Request, subject, division, roleID string) {
	role := s.Scenario.role(roleID)
	var grants *[]Grant
	if c := s.Scenario.client(subject); c != nil {
		grants = &c.Roles
	}
	for i := range s.Scenario.Users {
		if userID(s.Scenario.Users[i].Name) == subject {
			grants = &s.Scenario.Users[i].Roles
		}
	}
	name := s.divisionName(division)
	if role == nil || grants == nil || name == "" {
		deny(http.StatusNotFound, "not.found").write(w)
		return
	}
	*grants = slices.DeleteFunc(*grants, func(g Grant) bool {
		return g.Role == role.Name && (g.Division == name || name == "*" && g.Division == "")
	})
	if r.Method == http.MethodPost {
		*grants = append(*grants, Grant{Role: role.Name, Division: name})
	}
	w.WriteHeader(http.StatusNoContent)
}

// divisionName finds a division's name by its id; * stands for all.
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

func decode(w http.ResponseWriter, r *http.Request, v any) bool {
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(v); err != nil {
		deny(http.StatusBadRequest, "bad.request").write(w)
		return false
	}
	return true
}
