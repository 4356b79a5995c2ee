package simulator

import (
	"net/http"
	"net/url"
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

// routes are the operations that the simulator answers, besides SCIM's.
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
		s.answerSCIM(c.w, c.r, c.who, c.op)
		return
	}
	if changes(c.op) {
		s.change(c.w, c.r, c.op)
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
