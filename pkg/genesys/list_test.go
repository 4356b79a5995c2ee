package genesys

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAttackListsThatAreNotRead: a list that was not read to its end is no list,
// whatever is wrong with it.
func TestAttackListsThatAreNotRead(t *testing.T) {
	division := `{"id":"d1","name":"Home","homeDivision":true}`
	for name, tc := range map[string]struct{ body, why string }{
		"missing":                      {`{"pageCount":1}`, "no list of entities"},
		"null":                         {`{"entities":null,"pageCount":1}`, "no list of entities"},
		"of another shape":             {`{"entities":{"id":"d1"},"pageCount":1}`, "published form"},
		"short of its total":           {`{"entities":[` + division + `],"total":2,"pageCount":1}`, "2 entities and ends after 1"},
		"over its total":               {`{"entities":[` + division + `,` + division + `],"total":1,"pageCount":1}`, "1 entities and ends after 2"},
		"without a marker of its end":  {`{"entities":[` + division + `]}`, "whether it is the last page"},
		"last page with a next one":    {`{"entities":[` + division + `],"pageCount":1,"nextUri":"/x?pageNumber=2"}`, "names a next page"},
		"an empty page in the middle":  {`{"entities":[],"pageCount":9}`, "is empty"},
		"pages without end":            {`{"entities":[` + division + `],"pageCount":1000000}`, "more than 50 pages"},
		"an error in a 200":            {`{"message":"You are missing the following permission(s)","code":"missing.permissions","status":403}`, "body of an error"},
		"an OAuth error in a 200":      {`{"error":"invalid_token","entities":[],"pageCount":0}`, "body of an error"},
		"a key twice":                  {`{"entities":[` + division + `],"entities":[],"pageCount":1}`, `"entities" twice`},
		"a key twice in other case":    {`{"entities":[],"Entities":[` + division + `],"pageCount":1}`, `"Entities" twice`},
		"a key twice further down":     {`{"entities":[{"id":"d1","ID":"d2"}],"pageCount":1}`, `"ID" twice`},
		"JSON that breaks off":         {`{"entities":[`, "truncated JSON"},
		"an empty object":              {`{}`, "no list of entities"},
		"a page without its last one":  {`{"entities":[],"total":3,"pageCount":1}`, "3 entities and ends after 0"},
		"a total that nothing reaches": {`{"entities":[],"total":3}`, "3 entities and ends after 0"},
	} {
		t.Run(name, func(t *testing.T) {
			c := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(tc.body)) })
			list, calls := c.Divisions(context.Background())
			assert.Nil(t, list)
			require.NotEmpty(t, calls)
			require.NotNil(t, calls[len(calls)-1].Failure)
			assert.Contains(t, calls[len(calls)-1].Failure.Text, tc.why)
			names, call := c.Names(context.Background(), "/api/v2/routing/skills")
			assert.Nil(t, names)
			assert.False(t, call.OK())
			permitted, _ := c.PermittedMe(context.Background(), "directory:user:add")
			assert.Nil(t, permitted)
		})
	}
}

func TestListsThatAreReadWhole(t *testing.T) {
	for name, bodies := range map[string][]string{
		"by page count": {`{"entities":[{"id":"1"}],"pageCount":2}`, `{"entities":[{"id":"2"}],"pageCount":2}`},
		"by total":      {`{"entities":[{"id":"1"}],"total":2}`, `{"entities":[{"id":"2"}],"total":2}`},
		"by next page":  {`{"entities":[{"id":"1"}],"nextUri":"/x?pageNumber=2"}`, `{"entities":[{"id":"2"}],"total":2}`},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			c := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(bodies[n])); n++ })
			list, _ := c.Divisions(context.Background())
			require.NotNil(t, list)
			assert.Len(t, *list, 2)
		})
	}
}

// TestAttackListsByCursor: a cursor that leads nowhere, or round in circles.
func TestAttackListsByCursor(t *testing.T) {
	for name, tc := range map[string]struct {
		body func(n int) string
		why  string
	}{
		"round in circles": {func(n int) string { return fmt.Sprintf(`{"entities":[],"nextUri":"/x?after=%d"}`, n%2) }, "cannot be followed"},
		"no cursor in it":  {func(int) string { return `{"entities":[],"nextUri":"/x?page=2"}` }, "cannot be followed"},
		"not an address":   {func(int) string { return `{"entities":[],"nextUri":"%zz"}` }, "cannot be followed"},
		"without end":      {func(n int) string { return fmt.Sprintf(`{"entities":[],"nextUri":"/x?after=%d"}`, n) }, "more than 50 pages"},
		"no list":          {func(int) string { return `{"nextUri":""}` }, "no list of entities"},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			c := serve(t, func(w http.ResponseWriter, _ *http.Request) { n++; _, _ = w.Write([]byte(tc.body(n))) })
			list, calls := c.SubjectPolicies(context.Background(), "s")
			assert.Nil(t, list)
			assert.Contains(t, calls[len(calls)-1].Failure.Text, tc.why)
		})
	}
}

// TestAttackListsOfAnother: an answer about another object says nothing of the
// one that was asked for.
func TestAttackListsOfAnother(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"id":"somebody-else","grants":[],"state":"active","policyAttributes":[],"result":"ALLOW"}`))
	})
	ctx := context.Background()
	client, call := c.OAuthClient(ctx, "mine")
	assert.Nil(t, client)
	assert.Equal(t, FailureForeign, call.Failure.Kind)
	role, _ := c.Role(ctx, "mine")
	assert.Nil(t, role)
	subject, _ := c.Subject(ctx, "mine")
	assert.Nil(t, subject)
	attributes, _ := c.PolicyAttributes(ctx, "mine")
	assert.Nil(t, attributes)
	simulated, _ := c.SimulatePolicy(ctx, "mine", nil)
	assert.Nil(t, simulated)
	client, _ = c.OAuthClient(ctx, "SOMEBODY-ELSE")
	assert.NotNil(t, client, "ids compare without case")
}

// TestAttackListsOfAProbe: only a SCIM list answers a read probe.
func TestAttackListsOfAProbe(t *testing.T) {
	for name, body := range map[string]string{
		"a SCIM error":           `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"403","detail":"no"}`,
		"without a total":        `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"Resources":[]}`,
		"without its schema":     `{"totalResults":1,"Resources":[]}`,
		"JSON of something else": `{"ok":true}`,
		"nothing":                ``,
	} {
		c := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })
		list, call := c.ProbeRead(context.Background(), "/api/v2/scim/v2")
		assert.Nil(t, list, name)
		assert.False(t, call.OK() && body != "", name)
	}
}

func FuzzList(f *testing.F) {
	f.Add(`{"entities":[{"id":"1"}],"pageCount":2}`)
	f.Add(`{"entities":null}`)
	f.Add(`{"a":1,"A":2}`)
	f.Add(`[{"a":[{"b":1}],"c":{"d":1,"D":2}}]`)
	f.Fuzz(func(t *testing.T, body string) {
		var p page[NamedEntity]
		if decode([]byte(body), &p) != nil || p.Entities == nil {
			return
		}
		if done, _ := p.last(1, len(*p.Entities)); done && p.Total != nil {
			require.Len(t, *p.Entities, *p.Total, "a list that is read whole has as many entities as it says")
		}
	})
}

// TestAddressFieldsOfAClientAreKept: the per-client allowlist was announced, and
// the definition has no field for it yet.
func TestAddressFieldsOfAClientAreKept(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"id":"c","roleDivisions":[],"allowedIpAddresses":["198.51.100.0/24"],"description":"zip code","shipping":1}`))
	})
	client, _ := c.OAuthClient(context.Background(), "c")
	require.NotNil(t, client)
	assert.Len(t, client.Addresses, 1)
	assert.JSONEq(t, `["198.51.100.0/24"]`, string(client.Addresses["allowedIpAddresses"]))
}
