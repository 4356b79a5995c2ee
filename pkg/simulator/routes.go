package simulator

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/scimlint/scimlint/pkg/catalog"
)

// call is one request that was let through to its operation.
type call struct {
	w   http.ResponseWriter
	r   *http.Request
	who *session
	op  catalog.Operation

	body []byte
	base string // SCIM's, with or without its version
}

// maxBody is how large the body of a request may be, in bytes.
const maxBody = 1 << 20

// read reads the body of a request that has one.
func (c *call) read() *problem {
	if c.r.Method == http.MethodGet || c.r.Method == http.MethodHead {
		return nil
	}
	var err error
	if c.body, err = io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody)); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return deny(http.StatusRequestEntityTooLarge, "request.entity.too.large", param{"maxBytes", strconv.Itoa(maxBody)})
		}
		return deny(http.StatusBadRequest, "client.failed.request")
	}
	kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	named := c.r.Header.Get("Content-Type") != ""
	if len(c.body) > 0 && named && (err != nil || kind != "application/json" && kind != scimType) {
		return deny(http.StatusUnsupportedMediaType, "unsupported.media.type")
	}
	return nil
}

// decode reads the body, or refuses it.
func (c *call) decode(v any) bool {
	if err := json.Unmarshal(c.body, v); err != nil {
		deny(http.StatusBadRequest, "bad.request").write(c.w)
		return false
	}
	return true
}

// param is the part of the path that the operation's template names, empty where it names
// none.
func (c *call) param(name string) string {
	parts := strings.Split(strings.TrimSuffix(c.r.URL.Path, "/"), "/")
	for i, part := range strings.Split(c.op.Path, "/") {
		if part == "{"+name+"}" && i < len(parts) {
			return parts[i]
		}
	}
	return ""
}

// answer sends a body, or 404 where there is none.
func (c *call) answer(body map[string]any) {
	if body == nil {
		deny(http.StatusNotFound, "not.found").write(c.w)
		return
	}
	reply(c.w, http.StatusOK, "application/json", body)
}

// page cuts a list by pageSize and pageNumber, with the links that pages have.
func (c *call) page(all []any) map[string]any {
	q := c.r.URL.Query()
	size, number := intOr(q.Get("pageSize"), 25), intOr(q.Get("pageNumber"), 1)
	pages := (len(all) + size - 1) / size
	from := min((number-1)*size, len(all))
	uri := func(number int) string {
		q := url.Values{"pageSize": {strconv.Itoa(size)}, "pageNumber": {strconv.Itoa(number)}}
		for key, v := range c.r.URL.Query() {
			if key != "pageSize" && key != "pageNumber" {
				q[key] = v
			}
		}
		return c.r.URL.Path + "?" + q.Encode()
	}
	body := map[string]any{"entities": append([]any{}, all[from:min(from+size, len(all))]...), "pageSize": size, "pageNumber": number, "total": len(all), "pageCount": pages,
		"firstUri": uri(1), "selfUri": uri(number), "lastUri": uri(max(pages, 1))}
	if number < pages {
		body["nextUri"] = uri(number + 1)
	}
	if number > 1 {
		body["previousUri"] = uri(number - 1)
	}
	return body
}

// routes are the operations that the simulator answers, other than SCIM's.
var routes = map[string]func(*Server, *call){
	"GET /api/v2/tokens/me":         func(s *Server, c *call) { c.answer(s.tokenInfo(c.who)) },
	"HEAD /api/v2/tokens/me":        func(_ *Server, c *call) { c.w.WriteHeader(http.StatusOK) },
	"GET /api/v2/users/me":          func(s *Server, c *call) { c.answer(s.userMe(c.who)) },
	"GET /api/v2/users":             func(s *Server, c *call) { c.answer(s.userPage(c)) },
	"GET /api/v2/organizations/me":  func(s *Server, c *call) { c.answer(s.organization()) },
	"GET /api/v2/routing/skills":    func(s *Server, c *call) { c.answer(namePage(c, s.Scenario.Skills)) },
	"GET /api/v2/routing/languages": func(s *Server, c *call) { c.answer(namePage(c, s.Scenario.Languages)) },
	"GET /api/v2/oauth/scopes":      func(s *Server, c *call) { c.answer(s.scopeList()) },
	"GET /api/v2/oauth/clients/{clientId}": func(s *Server, c *call) {
		c.answer(s.clientByID(c.param("clientId")))
	},
	"GET /api/v2/oauth/authorizations/{clientId}": func(s *Server, c *call) {
		c.answer(s.authorization(c.param("clientId")))
	},
	"GET /api/v2/organizations/ipaddressauthentication": func(s *Server, c *call) {
		c.answer(map[string]any{"networkWhitelist": nonNil(s.Scenario.IPAllowlist)})
	},

	"DELETE /api/v2/tokens/me":       (*Server).endToken,
	"DELETE /api/v2/tokens/{userId}": (*Server).endTokens,
	"POST /api/v2/users":             (*Server).addUser,
	"PATCH /api/v2/users/{userId}":   (*Server).changeUser,
	"DELETE /api/v2/users/{userId}":  (*Server).removeUser,
	"GET /api/v2/users/{userId}": func(s *Server, c *call) {
		if p := s.directoryUser(c, "userId"); p != nil {
			c.answer(s.userBody(p))
		}
	},
	"GET /api/v2/users/{subjectId}/roles": func(s *Server, c *call) {
		if p := s.directoryUser(c, "subjectId"); p != nil {
			c.answer(s.rolesOf(p))
		}
	},
	"PUT /api/v2/users/{subjectId}/roles": (*Server).setRoles,
	"POST /api/v2/routing/skills":         func(s *Server, c *call) { s.addName(c, &s.Scenario.Skills) },
	"POST /api/v2/routing/languages":      func(s *Server, c *call) { s.addName(c, &s.Scenario.Languages) },

	"GET /api/v2/oauth/clients":                    func(s *Server, c *call) { c.answer(s.clientPage(c)) },
	"POST /api/v2/oauth/clients":                   (*Server).writeClient,
	"PUT /api/v2/oauth/clients/{clientId}":         (*Server).writeClient,
	"DELETE /api/v2/oauth/clients/{clientId}":      (*Server).deleteClient,
	"POST /api/v2/oauth/clients/{clientId}/secret": (*Server).newSecret,
	"GET /api/v2/oauth/authorizations":             func(s *Server, c *call) { c.answer(s.authorizations(c)) },
	"GET /api/v2/oauth/scopes/{scopeId}": func(s *Server, c *call) {
		if slices.Contains(s.Scenario.Scopes.Listed, c.param("scopeId")) {
			c.answer(map[string]any{"id": c.param("scopeId")})
			return
		}
		c.answer(nil)
	},

	"GET /api/v2/authorization/settings":                  (*Server).readSettings,
	"PATCH /api/v2/authorization/settings":                (*Server).writeSettings,
	"GET /api/v2/organizations/authentication/settings":   (*Server).readSettings,
	"PATCH /api/v2/organizations/authentication/settings": (*Server).writeSettings,
	"GET /api/v2/tokens/timeout":                          (*Server).readSettings,
	"PUT /api/v2/tokens/timeout":                          (*Server).writeSettings,

	"POST /api/v2/authorization/divisions":                                                    (*Server).addDivision,
	"POST /api/v2/authorization/roles":                                                        (*Server).writeRole,
	"PUT /api/v2/authorization/roles/{roleId}":                                                (*Server).writeRole,
	"PATCH /api/v2/authorization/roles/{roleId}":                                              (*Server).writeRole,
	"POST /api/v2/authorization/roles/{roleId}":                                               (*Server).grantToSubjects,
	"DELETE /api/v2/authorization/roles/{roleId}":                                             (*Server).deleteRole,
	"POST /api/v2/authorization/subjects/{subjectId}/divisions/{divisionId}/roles/{roleId}":   (*Server).writeGrant,
	"DELETE /api/v2/authorization/subjects/{subjectId}/divisions/{divisionId}/roles/{roleId}": (*Server).writeGrant,

	"GET /api/v2/authorization/subjects/me": func(s *Server, c *call) {
		c.answer(s.subject(c.who.subjectID(), c.who.subjectName(), c.who.grants()))
	},
	"GET /api/v2/authorization/subjects/{subjectId}": func(s *Server, c *call) { c.answer(s.subjectByID(c.param("subjectId"))) },
	"GET /api/v2/authorization/roles":                func(s *Server, c *call) { c.answer(s.rolePage(c)) },
	"GET /api/v2/authorization/roles/{roleId}":       func(s *Server, c *call) { c.answer(s.roleByID(c.param("roleId"))) },
	"GET /api/v2/authorization/divisions":            func(s *Server, c *call) { c.answer(s.divisionPage(c)) },
	"GET /api/v2/authorization/divisions/home":       func(s *Server, c *call) { c.answer(divisionBody(s.Scenario.home())) },

	"GET /api/v2/authorization/divisionspermitted/paged/me":          (*Server).divisionsPermitted,
	"GET /api/v2/authorization/divisionspermitted/paged/{subjectId}": (*Server).divisionsPermitted,
	"GET /api/v2/authorization/permissions":                          (*Server).permissionPage,

	"GET /api/v2/authorization/policies": func(s *Server, c *call) {
		s.policyList(c, func(*Policy) bool { return true })
	},
	"GET /api/v2/authorization/policies/subject/{subjectId}": func(s *Server, c *call) {
		s.policyList(c, func(p *Policy) bool { return p.SubjectType == "ALL" || p.subject()["id"] == c.param("subjectId") })
	},
	"GET /api/v2/authorization/policies/targets": (*Server).policyTargets,
	"GET /api/v2/authorization/policies/targets/{targetName}": func(s *Server, c *call) {
		s.policyList(c, func(p *Policy) bool { return p.Target == c.param("targetName") })
	},
	"GET /api/v2/authorization/policies/targets/{targetName}/subject/{subjectId}": (*Server).policyOfTarget,
	"GET /api/v2/authorization/policies/{policyId}": func(s *Server, c *call) {
		if p := s.policyByID(c); p != nil {
			c.answer(p.body())
		}
	},
	"GET /api/v2/authorization/policies/{policyId}/attributes": (*Server).policyAttributes,
	"POST /api/v2/authorization/policies/{policyId}/simulate":  (*Server).simulatePolicy,

	"GET /api/v2/oauth/clients/{clientId}/usage/summary":                     (*Server).usageSummary,
	"GET /api/v2/oauth/clients/{clientId}/usage/query/results/{executionId}": (*Server).usageResults,
	"POST /api/v2/audits/query/realtime":                                     (*Server).audits,
	"GET /api/v2/audits/query/realtime/servicemapping":                       (*Server).auditServices,
}

// answer serves the operation that was found and allowed.
func (s *Server) answer(c *call) {
	if strings.HasPrefix(c.op.Path, "/api/v2/scim/") {
		s.answerSCIM(c)
		return
	}
	if handle, ok := routes[c.op.Method+" "+c.op.Path]; ok {
		handle(s, c)
		return
	}
	notSimulated(c.w, c.op.Method+" "+c.op.Path)
}

// notSimulated says so, and is never mistaken for an answer of the platform.
func notSimulated(w http.ResponseWriter, what string) {
	reply(w, http.StatusNotImplemented, "application/json", map[string]any{"status": http.StatusNotImplemented, "code": "simulator.not.simulated",
		"message": "The simulator does not simulate " + what + "; the platform has it.", "contextId": w.Header().Get(correlationHeader),
		"messageParams": map[string]string{}, "details": []any{}, "errors": []any{}})
}
