package simulator

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The published definition is not part of the project; where a copy lies beside
// it, what the simulator answers must have the published form.
const definitionFile = "../../../shared/genesys/publicapi-extract.json"

func TestAnswersHaveThePublishedForm(t *testing.T) {
	data, err := os.ReadFile(definitionFile)
	if err != nil {
		t.Skip("no published definition beside the project")
	}
	var v2 openapi2.T
	require.NoError(t, json.Unmarshal(data, &v2))
	v3, err := openapi2conv.ToV3(&v2)
	require.NoError(t, err)

	srv := start(t, everything)
	admin, kim := as(t, srv, "admin"), caller{t, srv, srv.Token("kim")}
	for template, who := range map[string]struct {
		caller
		path string
	}{
		"/api/v2/tokens/me":                                  {admin, ""},
		"/api/v2/users/me":                                   {kim, "?expand=authorization"},
		"/api/v2/authorization/subjects/me":                  {admin, ""},
		"/api/v2/oauth/clients/{clientId}":                   {admin, "/api/v2/oauth/clients/" + clientID("admin")},
		"/api/v2/authorization/roles/{roleId}":               {admin, "/api/v2/authorization/roles/" + roleID("all")},
		"/api/v2/authorization/roles":                        {admin, ""},
		"/api/v2/oauth/scopes":                               {admin, ""},
		"/api/v2/authorization/divisions":                    {admin, ""},
		"/api/v2/authorization/divisions/home":               {admin, ""},
		"/api/v2/authorization/policies/subject/{subjectId}": {admin, "/api/v2/authorization/policies/subject/x"},
		"/api/v2/organizations/me":                           {admin, ""},
		"/api/v2/authorization/permissions":                  {admin, ""},
		"/api/v2/authorization/policies":                     {admin, ""},
		"/api/v2/authorization/policies/targets":             {admin, ""},
		"/api/v2/audits/query/realtime/servicemapping":       {admin, ""},
		"/api/v2/routing/skills":                             {admin, ""},
		"/api/v2/authorization/divisionspermitted/paged/me":  {admin, "?permission=directory:user:add"},
		"/api/v2/oauth/clients/{clientId}/usage/summary":     {admin, "/api/v2/oauth/clients/" + clientID("admin") + "/usage/summary"},
		"/api/v2/organizations/ipaddressauthentication":      {admin, ""},
		"/api/v2/scim/v2/users":                              {admin, ""},
		"/api/v2/scim/v2/groups":                             {admin, ""},
	} {
		path := who.path
		if !strings.HasPrefix(path, "/") {
			path = template + path
		}
		status, body := who.call("GET", path, nil)
		require.Equal(t, 200, status, "%s: %v", template, body)
		response := v3.Paths.Value(template).Get.Responses.Status(200).Value
		for _, media := range response.Content {
			assert.NoError(t, media.Schema.Value.VisitJSON(body), template)
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
