package checks_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/scimlint/scimlint/pkg/simulator"
)

// provisionOn creates, reads, updates and deletes a user with the client's
// token, as an integration does, and returns what was answered 403.
func provisionOn(t *testing.T, server *simulator.Server) []string {
	t.Helper()
	id, clientSecret := server.Credentials("c")
	config := clientcredentials.Config{ClientID: id, ClientSecret: clientSecret, TokenURL: server.URL + "/oauth/token"}
	hc := config.Client(context.Background())
	var refused []string
	call := func(method, path, body string) map[string]any {
		req, err := http.NewRequest(method, server.URL+"/api/v2/scim/v2/users"+path, strings.NewReader(body))
		require.NoError(t, err)
		resp, err := hc.Do(req)
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		data, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		if resp.StatusCode == http.StatusForbidden {
			refused = append(refused, fmt.Sprintf("%s %s: %s", method, path, data))
		}
		var v map[string]any
		_ = json.Unmarshal(data, &v)
		return v
	}
	list := call("GET", "", "")
	existing := list["Resources"].([]any)[0].(map[string]any)["id"].(string)
	call("POST", "", `{"userName":"new@x.example","displayName":"New"}`)
	call("PATCH", "/"+existing, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"x"}]}`)
	call("DELETE", "/"+existing, "")
	return refused
}
