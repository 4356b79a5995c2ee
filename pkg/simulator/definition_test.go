package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/catalog"
)

// The published definition is not part of the project; where a copy lies beside
// it, what the simulator answers must have the published form.
const definitionFile = "../../../shared/genesys/publicapi-extract.json"

// definition reads the published definition, or skips the test.
func definition(t *testing.T) *openapi3.T {
	t.Helper()
	data, err := os.ReadFile(definitionFile)
	if err != nil {
		t.Skip("no published definition beside the project")
	}
	var v2 openapi2.T
	require.NoError(t, json.Unmarshal(data, &v2))
	v3, err := openapi2conv.ToV3(&v2)
	require.NoError(t, err)
	return v3
}

// odd are answers that the definition does not publish in the form that its own words, or
// its purpose, ask for; this is the one list of them.
func odd(op catalog.Operation, status int, body map[string]any) bool {
	switch {
	case status == http.StatusNotImplemented: // the simulator's own
	case status == http.StatusNoContent && op.Method == "DELETE": // several publish no success at all
	case status == http.StatusNoContent && strings.Contains(op.Path, "/subjects/"): // neither do grants
	case status == 400 && body["scimType"] != nil: // the headers' words promise a scimType, the responses name ErrorBody
	case status == 409 && op.Method == "PATCH" && op.Path == "/api/v2/users/{userId}": // publishes no schema
	default:
		return false
	}
	return true
}

// sample is a body that an operation accepts; others get an empty object.
func sample(op catalog.Operation) string {
	switch op.Method + " " + strings.Replace(op.Path, "/scim/v2/", "/scim/", 1) {
	case "POST /api/v2/scim/users", "PUT /api/v2/scim/users/{userId}":
		return `{"userName":"new@sample.example","displayName":"New","title":"Agent","externalId":"7","phoneNumbers":[{"type":"work","value":"+4930123","primary":true}],
			"emails":[{"type":"work","value":"w@sample.example"}],"` + enterpriseSchema + `":{"department":"IT","dateHire":"2024-02-29"},"` + genesysSchema + `":{"externalIds":[{"authority":"hr","value":"1"}]}}`
	case "PATCH /api/v2/scim/users/{userId}":
		return `{"schemas":["` + patchSchema + `"],"Operations":[{"op":"add","path":"title","value":"Lead"}]}`
	case "PATCH /api/v2/scim/groups/{groupId}":
		return `{"schemas":["` + patchSchema + `"],"Operations":[{"op":"remove","path":"members"}]}`
	case "POST /api/v2/users":
		return `{"name":"New","email":"directory@sample.example","divisionId":"{division}"}`
	case "PATCH /api/v2/users/{userId}":
		return `{"version":1,"title":"x"}`
	case "POST /api/v2/oauth/clients", "PUT /api/v2/oauth/clients/{clientId}":
		return `{"name":"New client","authorizedGrantType":"CLIENT-CREDENTIALS","roleDivisions":[{"roleId":"{role}","divisionId":"*"}]}`
	case "POST /api/v2/authorization/roles", "PUT /api/v2/authorization/roles/{roleId}", "PATCH /api/v2/authorization/roles/{roleId}":
		return `{"name":"New role","permissionPolicies":[{"domain":"directory","entityName":"user","actionSet":["add"]}]}`
	case "PUT /api/v2/users/{subjectId}/roles":
		return `["{role}"]`
	case "POST /api/v2/audits/query/realtime":
		return `{"interval":"2020-01-01T00:00:00Z/2099-01-01T00:00:00Z"}`
	case "POST /api/v2/routing/skills", "POST /api/v2/routing/languages", "POST /api/v2/authorization/divisions":
		return `{"name":"New"}`
	}
	return "{}"
}

// TestAnswersHaveThePublishedForm calls every operation of the catalogue on every scenario,
// once as an administrator and once as the scenario's own client, and holds each answer
// against the definition: its status is published, and its body has the published form.
func TestAnswersHaveThePublishedForm(t *testing.T) {
	v3 := definition(t)
	succeeded := map[string]bool{}
	texts := map[string]string{"everything": everything + "skills: [French]\nlanguages: [German]\naudits: [{ago: 1h, action: Update, entityType: Role, entity: all, user: Kim, properties: [{property: x, old: [a]}]}]\n", "policed": policed, "scim": scimOrg}
	for _, name := range Names() {
		data, err := scenarios.ReadFile("scenarios/" + name + ".yaml")
		require.NoError(t, err)
		texts[name] = string(data)
	}
	for name, text := range texts {
		s, err := Load([]byte(text))
		require.NoError(t, err)
		own := s.Run.Client
		s.Faults, s.RateLimit, s.IPAllowlist = Faults{}, 0, nil
		s.Roles = append(s.Roles, Role{Name: "administrator", Policies: []RolePolicy{{Permission: "*:*:*"}}})
		s.Clients = append(s.Clients, Client{Name: "administrator", GrantType: "CLIENT-CREDENTIALS", State: "active", TokenSeconds: 86400, Roles: []Grant{{Role: "administrator"}}})
		srv := newServer(s)
		for _, who := range []string{own, "administrator"} {
			if client := s.client(who); who == "" || client.State != "active" || client.GrantType != "CLIENT-CREDENTIALS" {
				continue
			}
			for _, op := range catalog.Default().Operations {
				if op.Path == "/api/v2/tokens/me" && op.Method == "DELETE" {
					continue
				}
				status, body := srv.ask(who, op)
				if !odd(op, status, body) {
					held(t, v3, name, op, status, body)
				}
				if status < 300 {
					succeeded[op.ID] = true
				}
			}
		}
	}
	assert.Greater(t, len(succeeded), 70, "operations that were answered with success")
}

// ask calls an operation without a network, with ids that the org has.
func (s *Server) ask(client string, op catalog.Operation) (int, map[string]any) {
	token := randomWord()
	s.tokens[token] = &session{clientID: clientID(client), label: client, expiry: time.Now().Add(time.Hour)}
	first := map[string]string{"clientId": clientID(client), "roleId": roleID("administrator"), "divisionId": divisionID(s.Scenario.home().Name), "groupId": "x", "userId": "x",
		"subjectId": clientID(client), "policyId": "x", "targetName": "directory:user:add", "executionId": "x", "scopeId": "scim", "schemaId": userSchema, "resourceType": "User"}
	if len(s.scim.people) > 0 {
		first["userId"] = s.scim.people[len(s.scim.people)-1].id
	}
	if strings.HasPrefix(op.Path, "/api/v2/users/{subjectId}") {
		first["subjectId"] = first["userId"]
	}
	if len(s.scim.groups) > 0 {
		first["groupId"] = s.scim.groups[0].id
	}
	if len(s.Scenario.Policies) > 0 {
		first["policyId"] = s.Scenario.Policies[0].id()
	}
	path := op.Path
	for name, value := range first {
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	if strings.Contains(path, "divisionspermitted") {
		path += "?permission=directory:user:add"
	}
	body := strings.NewReplacer("{division}", first["divisionId"], "{role}", first["roleId"]).Replace(sample(op))
	req := httptest.NewRequest(op.Method, path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, req)
	var out map[string]any
	_ = json.Unmarshal(rec.Body.Bytes(), &out)
	return rec.Code, out
}

// held says that an answer is as the definition publishes it.
func held(t *testing.T, v3 *openapi3.T, scenario string, op catalog.Operation, status int, body map[string]any) {
	t.Helper()
	what := fmt.Sprintf("%s: %s %s answered %d", scenario, op.Method, op.Path, status)
	response := v3.Paths.Value(op.Path).GetOperation(op.Method).Responses.Status(status)
	if op.Method == "HEAD" && status == 200 {
		return
	}
	if !assert.NotNil(t, response, "%s, which is not published", what) {
		return
	}
	if codes, ok := response.Value.Extensions["x-inin-error-codes"].(map[string]any); ok && body["code"] != nil {
		assert.Contains(t, codes, body["code"], what)
	}
	for _, media := range response.Value.Content {
		if media.Schema != nil && body != nil {
			assert.NoError(t, media.Schema.Value.VisitJSON(body), what)
		}
	}
}

// TestMessagesArePublished holds the simulator's codes and messages against the
// definition's.
func TestMessagesArePublished(t *testing.T) {
	data, err := os.ReadFile(definitionFile)
	if err != nil {
		t.Skip("no published definition beside the project")
	}
	for code, message := range messages {
		if code == "credentials.expired" {
			continue // seen on real orgs, in no published list
		}
		want, err := json.Marshal(message)
		require.NoError(t, err)
		pair, err := json.Marshal(code)
		require.NoError(t, err)
		found := strings.Contains(string(data), string(pair)+":"+string(want)) || strings.Contains(string(data), string(pair)+": "+string(want))
		assert.True(t, found, "%s: %s", code, message)
	}
}
