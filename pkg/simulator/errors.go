package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// messages are the wordings that the platform's answers have for the codes
// that the simulator sends; %s is where the platform fills in a name.
var messages = map[string]string{
	"authentication.required":          "No authentication bearer token specified in authorization header.",
	"bad.credentials":                  "Invalid login credentials.",
	"credentials.expired":              "The login credentials have expired.",
	"ip.not.authorized":                "Requests originating from this IP address are not authorized: [%s]",
	"missing.permissions":              "Unable to perform the requested action. You are missing the following permission(s): %s",
	"missing.any.permissions":          "Unable to perform the requested action. You must have at least one of the following permissions assigned: %s",
	"missing.division.permission":      "Unable to perform the requested action. You are missing the following permission '%s' in the provided division(s).",
	"missing.any.division.permissions": "Unable to perform the requested action. You must have at least one of the following permissions assigned: %s in at least one of the following division(s): %s",
	"app.not.authorized.for.scope":     "App not authorized to use scope %s",
	"authz.policy.denied":              "Unable to perform the requested action. Your organization's security policies have denied access. Policy ID(s): [%s]",
	"not.authorized":                   "You are not authorized to perform the requested action.",
	"not.a.user":                       "This request requires a user context. Client credentials cannot be used for requests to this resource.",
	"not.found":                        "The requested resource was not found.",
	"missing.permission.param":         "Missing required permission parameter",
	"invalid.date":                     "Dates must be specified as ISO-8601 strings. For example: yyyy-MM-ddTHH:mm:ss.SSSZ",
	"invalid.query.param.value":        "Value [%s] is not valid for parameter [%s]. Allowable values are: %s",
	"constraint.validation":            "%s",
	"general.conflict":                 "The request could not be completed by the server due to a conflict.",
	"division.name.invalid":            "The requested division name is invalid.",
	"resource.already.exists":          "A resource with that name already exists.",
	"policy.already.exists":            "Policy already exists for specified target and subject",
	"grant.type.required":              "Grant type is required.",
	"bad.grant.type":                   "Invalid grant type.",
	"bad.client.role":                  "Client role is invalid.",
	"bad.client.state":                 "Client is disabled.",
	"missing.client.roles":             "Client roles and divisions are missing.",
	"missing.client.scope":             "Client scope is missing.",
	"auth.invalid.scope":               "Client has invalid scope",
	"cannot.delete.client":             "Clients must be marked as inactive to be eligible for deletion.",
	"token.timeout.exceeded":           "When HIPAA is not enabled timeout must be between 300 and 28800 seconds",
	"token.timeout.exceeded.hipaa":     "When HIPAA is enabled timeout must be between 300 and 900 seconds",
	"client.not.found":                 "Client was not found.",
	"client.failed.request":            "The client did not produce a request with valid end of stream signaling. This can be caused by poor network connection and/or client behavior.",
	"request.entity.too.large":         "The request is over the size limit. Maximum bytes: %s",
	"unsupported.media.type":           "Unsupported Media Type - Unsupported or incorrect media type, such as an incorrect Content-Type value in the header.",
	"bad.request":                      "The request could not be understood by the server due to malformed syntax.",
	"too.many.requests.retry.after":    "Rate limit exceeded the maximum. Retry the request in [%s] seconds",
	"request.conflict":                 "The request conflicts with the current state of the target resource.",
	"internal.server.error":            "The server encountered an unexpected condition which prevented it from fulfilling the request.",
	"service.unavailable":              "Service Unavailable - The server is currently unavailable (because it is overloaded or down for maintenance).",
}

// problem is an answer by which the platform says no.
type problem struct {
	status int
	code   string
	params []param
	text   string // replaces the published message
}

// param is one named part of a message.
type param struct{ key, value string }

func deny(status int, code string, params ...param) *problem {
	return &problem{status: status, code: code, params: params}
}

func (p *problem) message() string {
	if p.text != "" {
		return p.text
	}
	values := make([]any, len(p.params))
	for i, v := range p.params {
		values[i] = v.value
	}
	pattern, ok := messages[p.code]
	if !ok || strings.Count(pattern, "%s") != len(values) {
		return pattern
	}
	return fmt.Sprintf(pattern, values...)
}

func (p *problem) write(w http.ResponseWriter) {
	params := map[string]string{}
	for _, v := range p.params {
		params[v.key] = v.value
	}
	reply(w, p.status, "application/json", map[string]any{
		"message": p.message(), "code": p.code, "status": p.status, "contextId": w.Header().Get(correlationHeader),
		"messageParams": params, "details": []any{}, "errors": []any{},
	})
}

// scimProblem answers in SCIM's own form.
func scimProblem(w http.ResponseWriter, status int, kind, detail string) {
	reply(w, status, scimType, map[string]any{
		"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:Error"},
		"status":  fmt.Sprint(status), "scimType": kind, "detail": detail,
	})
}

func oauthProblem(w http.ResponseWriter, status int, code, description string) {
	reply(w, status, "application/json", map[string]any{"error": code, "description": description, "error_description": description})
}

func reply(w http.ResponseWriter, status int, contentType string, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		panic(err) // a body of the simulator's own making
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(data)
}
