package catalog

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
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
		"not json":        {"<html>", "cannot be read"},
		"cut off":         {`{"swagger":"2.0","paths":{"/a":{`, "cannot be read"},
		"openapi 3":       {`{"openapi":"3.0.0","paths":{}}`, "not Swagger 2.0"},
		"no permissions":  {`{"swagger":"2.0","paths":{"/a":{"get":{"operationId":"a"}}}}`, "names no permissions"},
		"half a path":     {`{"swagger":"2.0","paths":{"/a":{"get":{"operationId":"a"`, "ends early"},
		"an odd gate":     {`{"swagger":"2.0","paths":{"/a":{"get":{"x-inin-requires-permissions":{"type":"SOME","permissions":["a:b:c"]}}}}}`, `unknown type "SOME"`},
		"paths as a list": {`{"swagger":"2.0","paths":[]}`, "no JSON object"},
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
	}, ids(NeedCreate, NeedPassword), "a password in a creation requires no permission of its own")
	assert.Equal(t, map[string][]string{
		"scim-user-update": {"directory:user:setPassword"},
	}, ids(NeedPassword), "without a creation, a password is set by an update")
	assert.Equal(t, map[string][]string{"scim-user-update": {"routing:skill:assign"}}, ids(NeedSkills))
	assert.Equal(t, map[string][]string{"scim-user-read": nil}, ids(NeedRead))
}

// bigDefinition is a definition of about the given size, most of it models, as the
// published one is; it is made while it is read.
func bigDefinition(size int) io.Reader {
	model := `,"Model%d":{"type":"object","properties":{` + strings.Repeat(`"aField":{"type":"string","description":"some words of a model"},`, 200) + `"last":{"type":"integer"}}}`
	pr, pw := io.Pipe()
	go func() {
		_, _ = io.WriteString(pw, `{"swagger":"2.0","info":{"version":"v2"},"definitions":{"First":{}`)
		for n, written := 0, 0; written < size; n++ {
			m, _ := fmt.Fprintf(pw, model, n)
			written += m
		}
		_, _ = io.WriteString(pw, `},"paths":{"/a":{"get":{"operationId":"a","x-inin-requires-permissions":{"type":"ANY","permissions":["a:b:c"]}}}}}`)
		_ = pw.Close()
	}()
	return pr
}

// importing imports a definition of so many bytes and returns the highest heap on the
// way; live counts only what is still in use.
func importing(tb testing.TB, size int, live bool) (peak uint64) {
	tb.Helper()
	n, definition := 0, bigDefinition(size)
	c, err := Import(readerFunc(func(b []byte) (int, error) {
		if n++; n%16 == 0 {
			if live {
				runtime.GC()
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}
		return definition.Read(b)
	}), "")
	require.NoError(tb, err)
	assert.Len(tb, c.Operations, 1)
	return peak
}

// TestABigDefinitionTakesLittleMemory has what stays in memory to the same for a
// definition of four times the size; BenchmarkImport60MB reads one of 60 MB.
func TestABigDefinitionTakesLittleMemory(t *testing.T) {
	small, large := importing(t, 1<<20, true), importing(t, 4<<20, true)
	assert.Less(t, large, uint64(100<<20))
	assert.Less(t, large, small+1<<20, "of 3 MB more nothing is kept")
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// BenchmarkImport60MB imports 60 MB, and fails from a heap of 100 MB on.
func BenchmarkImport60MB(b *testing.B) {
	peak := uint64(0)
	for b.Loop() {
		peak = max(peak, importing(b, 60<<20, false))
	}
	b.ReportMetric(float64(peak>>20), "MB")
	assert.Less(b, peak, uint64(100<<20), "of 300 MB")
}

func FuzzImport(f *testing.F) {
	f.Add([]byte(`{"swagger":"2.0","paths":{"/a":{"parameters":[],"get":{"operationId":"a","x-inin-requires-permissions":{"type":"ANY","permissions":["a:b:c"]}}}}}`))
	f.Add([]byte(`{"swagger":2,"paths":[]}`))
	f.Add([]byte(`{"paths":{"/a":{"get":[`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Import(bytes.NewReader(data), "")
		if err != nil {
			return
		}
		var out bytes.Buffer
		require.NoError(t, c.Encode(&out))
		again, err := Parse(out.Bytes())
		require.NoError(t, err)
		assert.Len(t, again.Operations, len(c.Operations))
	})
}

func TestDiffNamesWhatTheVendorChanged(t *testing.T) {
	before := Default()
	data, err := json.Marshal(before)
	require.NoError(t, err)
	after, err := Parse(data)
	require.NoError(t, err)
	assert.Empty(t, Diff(before, after))
	change := func(method, path string, f func(*Operation)) {
		for i := range after.Operations {
			if o := &after.Operations[i]; o.Method == method && o.Path == path {
				f(o)
			}
		}
	}
	change("POST", "/api/v2/scim/v2/users", func(o *Operation) { o.Gate = Gate{GateAll, []string{"directory:user:add"}} })
	change("GET", "/api/v2/scim/v2/users", func(o *Operation) { o.Scopes = append(o.Scopes, "scim:users:read") })
	change("DELETE", "/api/v2/scim/v2/users/{userId}", func(o *Operation) { o.Refusals = append(o.Refusals, "new.code") })
	change("GET", "/api/v2/users", func(o *Operation) { o.Path = "/api/v2/people" })
	after.Operations = append(after.Operations, Operation{Method: "POST", Path: "/api/v2/scim/v2/bulk", Gate: Gate{GateAny, []string{"scim:bulk:add"}}})
	after.index()
	var got []string
	for _, c := range Diff(before, after) {
		got = append(got, c.Kind+" "+c.Method+" "+c.Path)
	}
	assert.ElementsMatch(t, []string{"gate POST /api/v2/scim/v2/users", "scopes GET /api/v2/scim/v2/users", "refusals DELETE /api/v2/scim/v2/users/{userId}",
		"removed GET /api/v2/users", "added POST /api/v2/scim/v2/bulk"}, got, "of other new operations nothing is said")
}
