package catalog

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite catalog.json from the definition beside the project")

// The published definition is not part of the project; where a copy lies beside
// it, the embedded catalogue must say what it says.
const definitionFile = "../../../shared/genesys/publicapi-extract.json"

func TestEmbeddedCatalogueEqualsThePublishedDefinition(t *testing.T) {
	f, err := os.Open(definitionFile)
	if err != nil {
		t.Skip("no published definition beside the project")
	}
	defer func() { _ = f.Close() }()
	c, err := Import(f, "2026-07")
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, c.Encode(&out))
	if *update {
		require.NoError(t, os.WriteFile("catalog.json", out.Bytes(), 0o644))
		return
	}
	assert.Equal(t, string(embedded), out.String())
}

func TestImportRefusesWhatIsNotADefinition(t *testing.T) {
	for name, tc := range map[string]struct{ in, want string }{
		"not json":       {"<html>", "cannot be read"},
		"cut off":        {`{"swagger":"2.0","paths":{"/a":{`, "cannot be read"},
		"openapi 3":      {`{"openapi":"3.0.0","paths":{}}`, "not Swagger 2.0"},
		"no permissions": {`{"swagger":"2.0","paths":{"/a":{"get":{"operationId":"a"}}}}`, "names no permissions"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Import(strings.NewReader(tc.in), "")
			require.ErrorContains(t, err, tc.want)
		})
	}
}

func TestMatchFindsTheOperationOfAConcretePath(t *testing.T) {
	for _, tc := range []struct{ method, path, want string }{
		{"POST", "/api/v2/scim/v2/users", "postScimV2Users"},
		{"DELETE", "/api/v2/scim/users/7a", "deleteScimUser"},
		{"GET", "/api/v2/users/me", "getUsersMe"},
		{"GET", "/api/v2/users/abc", "getUser"},
		{"GET", "/api/v2/authorization/divisions/home", "getAuthorizationDivisionsHome"},
		{"POST", "/v2/scim/users", ""},
		{"PURGE", "/api/v2/scim/users", ""},
		{"GET", "/api/v2/scim/users/", "getScimUsers"},
	} {
		o, _ := Default().Match(tc.method, tc.path)
		assert.Equal(t, tc.want, o.ID, "%s %s", tc.method, tc.path)
	}
}

func TestEveryFeatureStandsBehindItsGate(t *testing.T) {
	for _, op := range Operations(AllNeeds()) {
		o, ok := Default().Lookup(op.Method, op.Path)
		require.True(t, ok, op.ID)
		for _, f := range op.Features {
			if f.Permission != "" {
				assert.Contains(t, o.Gate.Permissions, f.Permission, "%s: a feature's permission opens its gate", op.ID)
			}
		}
	}
}

func TestParseNeeds(t *testing.T) {
	got, err := ParseNeeds([]string{"create,roles", " read "})
	require.NoError(t, err)
	assert.Equal(t, []Need{NeedCreate, NeedRead, NeedRoles}, got)

	_, err = ParseNeeds([]string{"crate"})
	require.ErrorContains(t, err, `"crate"`)
	require.ErrorContains(t, err, "create")
	_, err = ParseNeeds([]string{","})
	require.Error(t, err)
}

func TestNeedsAttachToTheOperationsThatServeThem(t *testing.T) {
	ids := func(needs ...Need) map[string][]string {
		out := map[string][]string{}
		for _, op := range Operations(needs) {
			out[op.ID] = nil
			for _, f := range op.Features {
				out[op.ID] = append(out[op.ID], f.Permission)
			}
		}
		return out
	}
	assert.Equal(t, map[string][]string{
		"scim-user-create": {"directory:user:add", "authorization:grant:add"},
	}, ids(NeedCreate, NeedRoles), "setting roles at creation adds grants and takes none away")
	assert.Equal(t, map[string][]string{
		"scim-user-create": {"directory:user:add"},
		"scim-user-update": {"directory:user:setPassword"},
	}, ids(NeedCreate, NeedPassword), "a password is set by an update")
	assert.Equal(t, map[string][]string{"scim-user-update": {"routing:skill:assign"}}, ids(NeedSkills))
	assert.Equal(t, map[string][]string{"scim-user-read": nil}, ids(NeedRead))
}
