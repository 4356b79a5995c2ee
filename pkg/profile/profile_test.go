package profile

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
)

func TestEmbeddedProfilesHoldTogether(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../../docs/profile.schema.json")
	require.NoError(t, err)
	assert.Equal(t, []string{"custom", "entra", "okta", "onelogin", "pingone", "zendesk"}, Names())
	for _, name := range Names() {
		p, err := Find(name)
		require.NoError(t, err)
		assert.Equal(t, name, p.Name)
		assert.False(t, p.Own)
		for id, text := range p.Fixes {
			_, known := cause.ByID(cause.ID(id))
			assert.True(t, known, "%s names the cause %s", name, id)
			assert.NotEmpty(t, text)
		}
		if name != "custom" && name != "zendesk" {
			for _, id := range []cause.ID{cause.TokenExpired, cause.TokenOfAUser, cause.WrongRegion, cause.TenantURLWrong, cause.ClientHasNoRoles, cause.RoleOnUserNotClient, cause.RoleLacksPermission} {
				assert.Contains(t, p.Fix(string(id)), strings.TrimPrefix(p.Label(), "Microsoft "), "%s: the fix of %s is in the provider's own words", name, id)
			}
			assert.NotEmpty(t, p.Source)
			assert.True(t, p.Token.Use == "" || p.Token.Source != "", "%s: a statement about the token has a source", name)
			assert.True(t, p.Address.Path == "" || p.Address.Source != "", "%s: a statement about the address has a source", name)
			assert.True(t, len(p.Needs.Value) == 0 || p.Needs.Source != "", "%s: a statement about the needs has a source", name)
		}
		data, err := files.ReadFile("profiles/" + name + ".yaml")
		require.NoError(t, err)
		var v any
		require.NoError(t, yaml.Unmarshal(data, &v))
		asJSON, err := json.Marshal(v)
		require.NoError(t, err)
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
		require.NoError(t, err)
		assert.NoError(t, schema.Validate(instance), name)
	}
}

func TestAProfileOfOnesOwnIsReadStrictly(t *testing.T) {
	for _, c := range []struct{ text, wrong string }{
		{"name: mine\nneeds: {value: [create]}\n", ""},
		{"name: mine\naddress: {field: URL, path: /api/v2/scim/v2/}\n", ""},
		{"", "empty"},
		{"name: Mine\n", "lower case"},
		{"name: mine\nneeds: {value: [crate]}\n", "unknown need"},
		{"name: mine\nneed: [create]\n", "need not found"},
		{"name: mine\ntoken: {use: sometimes}\n", "token.use"},
		{"name: mine\nexisting: {active: delete}\n", "existing.active"},
		{"name: mine\naddress: {field: URL, path: /v2/scim}\n", "address.path"},
		{"name: mine\naddress: {field: URL, path: /api/v2/scim/v2/Users}\n", "address.path"},
		{"name: mine\naddress: {path: /api/v2/scim}\n", "address.field"},
		{"name: mine\nsource: javascript:alert(1)\n", "https"},
		{"name: mine\nfixes: &a {b: *a}\n", "alias"},
		{"name: mine\nfixes: {token-expird: paste}\n", "did you mean token-expired?"},
		{"name: mine\nfixes: {paste: paste}\n", `the cause "paste", which does not exist`},
		{"name: mine\nfixes: {token-expired: }\n", "line 2: fixes.token-expired has no value"},
		{"name: mine\nneeds: {value: [auto]}\n", "auto is for --need"},
		{"name: mine\nneeds: {value: [auto, create]}\n", "auto is for --need"},
		{"name: mine\nneeds: {value: [Create]}\n", "in lower case"},
		{"name: mine\ntitle: 5\n", "line 2: the value of title is not a text"},
		{"name: mine\nattributes: [{name: roles, operations: [delete]}]\n", "create or update"},
		{"name: mine\nattributes: [{note: n}]\n", "without a name"},
		{"name: mine\n---\nname: yours\n", "more than one document"},
		{"name: mine\ntitle: " + strings.Repeat("x", maxFile), "more than 256 KB"},
	} {
		file := filepath.Join(t.TempDir(), "mine.yaml")
		require.NoError(t, os.WriteFile(file, []byte(c.text), 0o600))
		p, err := Find(file)
		if c.wrong == "" {
			require.NoError(t, err)
			assert.True(t, p.Own)
			continue
		}
		require.Error(t, err, c.wrong)
		assert.Contains(t, err.Error(), c.wrong)
	}
	_, err := Find("entre")
	require.ErrorContains(t, err, "did you mean entra")
	_, err = Find("../entra")
	assert.Error(t, err, "a path is a path, and not an embedded name")
}

// TestTheSchemaAcceptsWhatTheProgramAccepts: an editor that follows the schema must neither
// offer what the program refuses, nor mark what it accepts.
func TestTheSchemaAcceptsWhatTheProgramAccepts(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../../docs/profile.schema.json")
	require.NoError(t, err)
	texts := []string{"{}", "[]", "name", "name: [a]", "name: 5", "name: mine\nneeds: {}", "name: mine\nneeds: []", "name: mine\nnaem: x", "name: mine\nunknown: [a, 5]", "name: mine\nunknown: a", "name: mine\nfixes: []",
		"name: mine\ntoken: {use: auto}", "name: mine\naddress: {path: /api/v2/scim}", "name: mine\nattributes: [{}]", "name: mine\nattributes: [{name: a, note: 5}]", "name: mine\nfixes: {5: a}"}
	keys := map[string][]string{
		"name":                  {"mine", "Mine", "-a", "a-1", "1a", "a b", strings.Repeat("a", 41), strings.Repeat("a", 42)},
		"title":                 {"a", "1.5", "true", "2026-01-01", "~", "''", "' '", "{}"},
		"source":                {"https://a.example/x?y#z", "https://a.example", "https://a.example:8443/", "HTTPS://a.example", "http://a.example", "https://", "https:///x", "https://u@a.example/", "https://u:p@a.example/", "https://a.example/ x", "a", "''"},
		"needs.value":           {"[]", "[auto]", "[auto, create]", "[Create]", "['create,read']", "[' create']", "[create, create]", "create", "[5]", "[~]", "~"},
		"token.use":             {"pasted", "renewed", "''", "Pasted", "true", "~"},
		"token.field":           {"a", "''", "5"},
		"address.field":         {"a", "''", "~"},
		"existing.active":       {"update", "reactivate", "''"},
		"existing.deleted":      {"update", "reactivate", "''"},
		"existing.notes":        {"[]", "[a]", "['']", "[5]", "a"},
		"attributes.name":       {"a", "''", "5"},
		"attributes.operations": {"[]", "[create, update]", "[delete]", "[Create]", "create"},
		"fixes.token-expired":   {"a", "''", "5", "[a]"},
	}
	for _, n := range catalog.AllNeeds() {
		keys["needs.value"] = append(keys["needs.value"], "["+string(n)+"]")
	}
	for _, c := range cause.All() {
		texts = append(texts, "name: mine\nfixes: {"+string(c.ID)+": a}", "name: mine\nfixes: {"+string(c.ID)+"x: a}")
	}
	for _, path := range append(slices.Clone(paths), "/api/v2/scim/v2//", "/API/v2/scim", "/api/v2/scim/v2/users", "/v2/scim", "", "api/v2/scim") {
		texts = append(texts, "name: mine\naddress: {field: URL, path: '"+path+"'}", "name: mine\naddress: {field: '', path: '"+path+"'}")
	}
	for key, values := range keys {
		for _, v := range values {
			part, inner, nested := strings.Cut(key, ".")
			switch {
			case key == "name":
				texts = append(texts, "name: "+v)
			case part == "attributes" && inner != "name":
				texts = append(texts, "name: mine\nattributes: [{name: a, "+inner+": "+v+"}]")
			case part == "attributes":
				texts = append(texts, "name: mine\nattributes: [{name: "+v+"}]")
			case nested:
				texts = append(texts, "name: mine\n"+part+": {"+inner+": "+v+"}")
			default:
				texts = append(texts, "name: mine\n"+key+": "+v)
			}
		}
	}
	for _, text := range texts {
		_, mine := Parse([]byte(text))
		var v any
		require.NoError(t, yaml.Unmarshal([]byte(text), &v), text)
		theirs := errors.New("it is no JSON")
		if asJSON, err := json.Marshal(v); err == nil {
			instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
			require.NoError(t, err)
			theirs = schema.Validate(instance)
		}
		assert.Equal(t, mine == nil, theirs == nil, "%s\nprogram: %v\nschema: %v", text, mine, theirs)
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range Names() {
		data, err := files.ReadFile("profiles/" + name + ".yaml")
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if p, err := Parse(data); err == nil {
			assert.NotEmpty(t, p.Name)
		}
	})
}

// TestAttributesHaveNeeds: what is sent of a user requires permissions of its own.
func TestAttributesHaveNeeds(t *testing.T) {
	for name, c := range map[string]struct {
		needs      []string
		attributes []Attribute
		want       []string
	}{
		"nothing is known":      {nil, nil, nil},
		"no attribute":          {[]string{"create"}, nil, []string{"create"}},
		"roles":                 {[]string{"create"}, []Attribute{{Name: "roles", Operations: []string{"create"}}}, []string{"create", "roles"}},
		"roles, needs unknown":  {nil, []Attribute{{Name: "roles"}}, []string{"create", "read", "update", "delete", "roles"}},
		"skills, already":       {[]string{"create", "skills"}, []Attribute{{Name: "routingSkills"}}, []string{"create", "skills"}},
		"a password at first":   {[]string{"create"}, []Attribute{{Name: "password", Operations: []string{"create"}}}, []string{"create"}},
		"a password afterwards": {[]string{"create", "update"}, []Attribute{{Name: "password", Operations: []string{"update"}}}, []string{"create", "update", "password"}},
		"a name":                {[]string{"create"}, []Attribute{{Name: "userName"}}, []string{"create"}},
	} {
		p := Profile{Needs: Needs{Value: c.needs}, Attributes: c.attributes}
		assert.Equal(t, c.want, p.NeedNames(), name)
	}
}
