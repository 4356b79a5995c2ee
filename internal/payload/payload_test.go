package payload

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"sort"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/results"
)

const schemas = `"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]`

func body(more string) string {
	return `{` + schemas + `,"userName":"a@x.example","displayName":"A"` + more + `}`
}

func genesys(more string) string {
	return `{"schemas":["` + CoreSchema + `","` + GenesysSchema + `"],"userName":"a@x.example","displayName":"A","` + GenesysSchema + `":{` + more + `}}`
}

// found puts a payload's findings in short words: kind, line, path.
func found(p results.Payload) []string {
	out := []string{}
	for _, k := range p.Kinds {
		for _, f := range k.Findings {
			out = append(out, fmt.Sprintf("%s %d %s", k.Kind, f.Line, f.Path))
		}
	}
	return out
}

func check(t *testing.T, text string, o Options) results.Payload {
	t.Helper()
	p, err := Check(strings.NewReader(text), o)
	require.NoError(t, err, text)
	return p
}

func TestEveryFaultIsFoundAndNoneInvented(t *testing.T) {
	names := Names{Roles: map[string]bool{"Agent": true}, Skills: map[string]bool{"Billing": true}, Languages: map[string]bool{"French": true}}
	for text, want := range map[string][]string{
		body(""): {},
		body(`,"active":true,"title":"T","emails":[{"value":"a@x.example","type":"work","primary":true}],"phoneNumbers":[{"value":"tel:+33123456789","type":"work"}]`): {},
		genesys(`"routingSkills":[{"name":"Billing","proficiency":4.5}],"routingLanguages":[{"name":"French"}]`):                                                       {},
		body(`,"roles":[{"value":"Agent"}]`): {},
		`{"SCHEMAS":["urn:ietf:params:scim:schemas:core:2.0:User"],"USERNAME":"a@x.example","displayname":"A"}`: {},
		`{` + schemas + `,"userName":"a@x.example"}`:                                                            {"missing-required 1 displayName"},
		`{` + schemas + `,"userName":" ","displayName":null}`:                                                   {"missing-required 1 displayName", "missing-required 1 userName"},
		`{` + schemas + `,"userName":"anna","displayName":"A"}`:                                                 {"bad-email 1 userName"},
		body(`,"emails":[{"value":"anna@","type":"work"}]`):                                                     {"bad-email 1 emails[0].value"},
		body("") + "\n" + strings.ReplaceAll(body(""), "a@x", "A@X"):                                            {"duplicate-user-name 2 userName"},
		body(`,"active":"yes"`):                                                                          {"wrong-type 1 active"},
		body(`,"emails":"a@x.example"`):                                                                  {"wrong-type 1 emails"},
		body(`,"emails":["a@x.example"]`):                                                                {"wrong-type 1 emails[0]"},
		body(`,"name":{"givenName":"A"}`):                                                                {"unknown-attribute 1 name"},
		body(`,"emails":[{"value":"a@x.example","kind":"work"}]`):                                        {"unknown-attribute 1 emails[0].kind"},
		body(`,"groups":[{"value":"g"}]`):                                                                {"read-only 1 groups"},
		`{"userName":"a@x.example","displayName":"A"}`:                                                   {"missing-schemas 1 schemas"},
		strings.Replace(body(""), "core:2.0:User", "core:1.0", 1):                                        {"wrong-schema 1 schemas[0]", "missing-schemas 1 schemas"},
		body(`,"` + GenesysSchema + `":{"routingSkills":[{"name":"Billing"}]}`):                          {"missing-schemas 1 schemas"},
		body(`,"roles":[{"value":"Agent"},{"value":"Boss"}]`):                                            {"unknown-role 1 roles[1].value"},
		genesys(`"routingSkills":[{"name":"billing"}]`):                                                  {"unknown-skill 1 routingSkills[0].name"},
		genesys(`"routingLanguages":[{"name":"Klingon"}]`):                                               {"unknown-language 1 routingLanguages[0].name"},
		genesys(`"routingSkills":[{"proficiency":1}]`):                                                   {"missing-required 1 " + GenesysSchema + ".routingSkills[0].name"},
		genesys(`"routingSkills":[{"name":"Billing","proficiency":9}]`):                                  {"wrong-type 1 routingSkills[0].proficiency"},
		genesys(`"routingSkills":[` + strings.Repeat(`{"name":"Billing"},`, 50) + `{"name":"Billing"}]`): {"too-many 1 routingSkills"},
		"[1]":                                 {"not-json 1 "},
		body("") + "\nnot json\n" + body(`x`): {"not-json 2 ", "not-json 3 "},
	} {
		assert.ElementsMatch(t, want, found(check(t, text, Options{Names: names})), text)
	}
	assert.Empty(t, found(check(t, body(`,"roles":[{"value":"Boss"}]`), Options{})), "what could not be read of the org is held against nothing")
}

func TestEveryKindIsCountedInPlainWords(t *testing.T) {
	ids := []string{unknownManager}
	for _, i := range info {
		ids = append(ids, i.id)
	}
	assert.Len(t, words, len(ids))
	for _, id := range ids {
		one, two := Words(results.PayloadKind{Kind: id, Count: 1}), Words(results.PayloadKind{Kind: id, Count: 2})
		assert.Regexp(t, "^1 [a-zA-Z]", one)
		assert.Regexp(t, "^2 [a-zA-Z]", two)
		assert.NotEqual(t, one[2:], two[2:], "the plural is one")
	}
	assert.Equal(t, "2 names in another case", Words(results.PayloadKind{Kind: "name-case", Count: 2}))
}

func TestEmailForms(t *testing.T) {
	for _, ok := range []string{"a@x.example", "first.last+tag@sub.domain.example", "o'neil@x.example", "é@x.example"} {
		assert.True(t, isEmail(ok), ok)
	}
	for _, bad := range []string{"", "a", "@x.example", "a@", "a@x", "a b@x.example", "a@x..example", "a@@x.example", "a@x.example,b@x.example", ".a@x.example", "a.@x.example", "a@.example", "a@x."} {
		assert.False(t, isEmail(bad), bad)
	}
}

func TestFormatsAndLines(t *testing.T) {
	bad := `{` + schemas + `,"userName":"b@x.example"}`
	for name, tc := range map[string]struct{ text, format, want string }{
		"ndjson":       {body("") + "\n\n" + bad, FormatNDJSON, "missing-required 3 displayName"},
		"crlf":         {body("") + "\r\n" + bad + "\r\n", FormatNDJSON, "missing-required 2 displayName"},
		"byte order":   {"\ufeff" + body("") + "\n" + bad, FormatNDJSON, "missing-required 2 displayName"},
		"one object":   {bad, FormatNDJSON, "missing-required 1 displayName"},
		"array":        {"[\n  " + body("") + ",\n\n  " + bad + "\n]", FormatJSON, "missing-required 4 displayName"},
		"array on one": {"[" + body("") + "," + bad + "]", FormatJSON, "missing-required 1 displayName"},
		"pretty":       {strings.ReplaceAll(bad, ",", ",\n"), FormatJSON, "missing-required 1 displayName"},
		"csv":          {"userName,displayName\na@x.example,A\nb@x.example,\n", FormatCSV, "missing-required 3 displayName"},
		"csv, quoted":  {"userName,displayName\na@x.example,\"A\nB\"\nb@x.example,\n", FormatCSV, "missing-required 4 displayName"},
		"csv, short":   {"userName,displayName\nb@x.example\n", FormatCSV, "not-json 2 "},
	} {
		p := check(t, tc.text, Options{})
		assert.Equal(t, tc.format, p.Format, name)
		assert.Equal(t, []string{tc.want}, found(p), name)
	}
}

func TestCSVColumns(t *testing.T) {
	p := check(t, "userName,displayName,email,active,roles,routingSkills,routingLanguages,department,extension,password,externalId,employeeNumber,division,title\n"+
		"a@x.example,A,a@x.example,true,Agent;Supervisor,Billing:4.5; Returns,French:5,Sales,1234,s3cret-words,77,9,Paris,Agent\n", Options{})
	assert.Empty(t, p.Kinds)
	assert.Equal(t, []string{"create", "roles", "skills", "languages", "extension", "password"}, p.Needs)
}

func TestNeedsAreWhatTheBodiesCarry(t *testing.T) {
	for text, want := range map[string]string{
		body(""):                                                           "create",
		body(`,"roles":[{"value":"Agent"}]`):                               "create roles",
		genesys(`"routingSkills":[{"name":"B"}]`):                          "create skills",
		genesys(`"routingLanguages":[{"name":"F"}]`):                       "create languages",
		body(`,"password":"x"`):                                            "create password",
		body(`,"phoneNumbers":[{"type":"work","value":"tel:;ext=12"}]`):    "create extension",
		body(`,"phoneNumbers":[{"type":"mobile","value":"tel:+3361234"}]`): "create",
		body(`,"groups":[{"value":"g"}]`):                                  "create groups",
		body(`,"roles":[]`):                                                "create",
	} {
		assert.Equal(t, want, strings.Join(check(t, text, Options{}).Needs, " "), text)
	}
}

func TestBadFiles(t *testing.T) {
	for text, want := range map[string]string{
		"": "empty", " \n": "empty", "<html>": "HTML", "\x1f\x8b\x08": "no text", "[" + body("") + ",": "is truncated", "[" + body(""): "no end",
		"userName,colour\n": `the column "colour" is not one`, "[]": "no body", "userName,displayName\n": "no body", "{\n\"a\":": "is truncated",
		"userName,displayName\na,b\"c\n": "row cannot be read",
	} {
		_, err := Check(strings.NewReader(text), Options{})
		require.ErrorContains(t, err, want, "%q", text)
	}
}

func TestThePlatformsSchemaIsBelieved(t *testing.T) {
	s := OfPlatform([]Schema{{ID: CoreSchema, Attributes: []Attribute{{Name: "userName", Type: "string", Required: true}, {Name: "displayName", Type: "string"}, {Name: "nickName", Type: "string"},
		{Name: "groups", Type: "complex", MultiValued: true}}}})
	require.NotNil(t, s)
	assert.Empty(t, found(check(t, body(`,"nickName":"Annie"`), Options{Schemas: s})), "what the platform lists is known")
	assert.Equal(t, []string{"missing-required 1 displayName"}, found(check(t, `{`+schemas+`,"userName":"a@x.example"}`, Options{Schemas: s})), "what the definition requires stays required")
	assert.Equal(t, []string{"read-only 1 groups"}, found(check(t, body(`,"groups":[]`), Options{Schemas: s})))
	assert.Equal(t, []string{"unknown-attribute 1 title"}, found(check(t, body(`,"title":"T"`), Options{Schemas: s})))
	bare := OfPlatform([]Schema{{ID: CoreSchema, Attributes: []Attribute{{Name: "userName", Type: "string"}}}})
	assert.Equal(t, []string{"missing-required 1 displayName"}, found(check(t, `{`+schemas+`,"userName":"a@x.example"}`, Options{Schemas: bare})), "even of a schema that does not list it")
	assert.Empty(t, found(check(t, body(""), Options{Schemas: bare})))
	assert.Nil(t, OfPlatform(nil), "an answer without schemas is none")
}

// TestPublishedSchemasAreTheDefinitions holds the schemas against the definition where
// it lies beside the project.
func TestPublishedSchemasAreTheDefinitions(t *testing.T) {
	data, err := os.ReadFile("../../../shared/genesys/publicapi-extract.json")
	if err != nil {
		t.Skip("no published definition beside the project")
	}
	var d struct {
		Definitions map[string]struct {
			Required   []string
			Properties map[string]struct{ Type string }
		}
	}
	require.NoError(t, json.Unmarshal(data, &d))
	published := Published()
	for name, attributes := range map[string]map[string]Attribute{"ScimV2CreateUser": published.core, "ScimV2EnterpriseUser": published.ext[EnterpriseSchema], "ScimUserExtensions": published.ext[GenesysSchema],
		"ScimEmail": published.core["emails"].subs, "ScimUserRole": published.core["roles"].subs, "ScimUserRoutingSkill": published.ext[GenesysSchema]["routingskills"].subs} {
		var want, got, required []string
		for p := range d.Definitions[name].Properties {
			if !strings.HasPrefix(p, "urn:") {
				want = append(want, p)
			}
		}
		for _, a := range attributes {
			if a.Name != "id" && a.Name != "meta" {
				got = append(got, a.Name)
			}
			if a.Required {
				required = append(required, a.Name)
			}
		}
		sort.Strings(want)
		sort.Strings(got)
		assert.Equal(t, want, got, name)
		assert.ElementsMatch(t, d.Definitions[name].Required, required, name)
	}
}

// bodies are n valid bodies of a usual size, made while they are read.
func bodies(n int) io.Reader {
	pr, pw := io.Pipe()
	go func() {
		var b bytes.Buffer
		for i := range n {
			_, _ = fmt.Fprintf(&b, `{"schemas":["%s","%s"],"userName":"agent%d@acme.example","displayName":"Agent %d","active":true,"title":"Agent","externalId":"zendesk-%d",`+
				`"emails":[{"value":"agent%d@acme.example","type":"work","primary":true}],"roles":[{"value":"Agent"}],"%s":{"routingSkills":[{"name":"Billing","proficiency":4}]}}`+"\n",
				CoreSchema, GenesysSchema, i, i, i, i, GenesysSchema)
			if b.Len() > 1<<16 {
				_, _ = pw.Write(b.Bytes())
				b.Reset()
			}
		}
		_, _ = pw.Write(b.Bytes())
		_ = pw.Close()
	}()
	return pr
}

// TestBodiesTakeLittleMemory holds what stays in memory of each body to 60 bytes: a
// million bodies, and what the readers need, then fit in 100 MB. BenchmarkAMillionBodies
// reads that many.
func TestBodiesTakeLittleMemory(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector's own memory would be measured")
	}
	live := map[int]uint64{}
	p, err := Check(bodies(160*batch), Options{Progress: func(n int) {
		if n == 32*batch || n == 160*batch {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			live[n] = m.HeapAlloc
		}
	}})
	require.NoError(t, err)
	assert.Equal(t, 160*batch, p.Bodies)
	assert.Empty(t, p.Kinds)
	require.Len(t, live, 2)
	assert.Less(t, live[160*batch], uint64(32<<20), "bytes in all")
	each := (float64(live[160*batch]) - float64(live[32*batch])) / (128 * batch)
	assert.Less(t, each, 60.0, "bytes that stay of each body")
}

// BenchmarkAMillionBodies looks at the heap while a million bodies are read, and fails
// from 100 MB on.
func BenchmarkAMillionBodies(b *testing.B) {
	peak := uint64(0)
	for b.Loop() {
		p, err := Check(bodies(1_000_000), Options{Progress: func(n int) {
			if n%(64*batch) == 0 {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapInuse)
			}
		}})
		require.NoError(b, err)
		assert.Equal(b, 1_000_000, p.Bodies)
		assert.Empty(b, p.Kinds)
	}
	b.ReportMetric(float64(peak>>20), "MB")
	assert.Less(b, peak>>20, uint64(100), "MB")
}

func BenchmarkBodies(b *testing.B) {
	var all bytes.Buffer
	_, err := io.Copy(&all, bodies(50_000))
	require.NoError(b, err)
	for b.Loop() {
		_, err := Check(bytes.NewReader(all.Bytes()), Options{})
		require.NoError(b, err)
	}
	b.ReportMetric(50_000*float64(b.N)/b.Elapsed().Seconds(), "bodies/s")
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{body(""), "[" + body("") + "]", "userName,displayName\na,b\n", body(`,"emails":[{}],"roles":{}`), "{\n}\n{", genesys(`"routingSkills":[null,1,{"name":null}]`)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Check(bytes.NewReader(data), Options{Names: Names{Roles: map[string]bool{}}})
		if err != nil {
			assert.NotEmpty(t, err.Error())
			return
		}
		assert.Positive(t, p.Bodies)
	})
}

// FuzzFormats holds the formats against each other: the same bodies have the same
// findings whether they come as NDJSON, as a JSON list or, where they
// are users of a table, as CSV.
func FuzzFormats(f *testing.F) {
	for _, s := range [][3]string{{"a@x.example", "A", "Agent;Boss"}, {"", " ", ";"}, {"é@x.example", "\"quoted\"", "a:1"}, {"a", "line\nbreak", "true"}, {"\ufeff", "[", "{"}} {
		f.Add(s[0], s[1], s[2], 2)
	}
	f.Fuzz(func(t *testing.T, user, name, roles string, times int) {
		if !utf8.ValidString(user+name+roles) || strings.Contains(user+name+roles, "\r") {
			t.Skip("CSV and JSON write these differently")
		}
		row := []string{user, name, roles}
		set, err := setters([]string{"userName", "displayName", "roles"})
		require.NoError(t, err)
		one, err := row2body(set, row)
		require.NoError(t, err)
		data, err := json.Marshal(one)
		require.NoError(t, err)
		var table bytes.Buffer
		w := csv.NewWriter(&table)
		require.NoError(t, w.Write([]string{"userName", "displayName", "roles"}))
		var list []string
		for range max(1, min(times, 5)) {
			list = append(list, string(data))
			require.NoError(t, w.Write(row))
		}
		w.Flush()
		opts := Options{Names: Names{Roles: map[string]bool{"Agent": true}}}
		lines, err := Check(strings.NewReader(strings.Join(list, "\n")), opts)
		require.NoError(t, err)
		array, err := Check(strings.NewReader("[\n"+strings.Join(list, ",\n")+"\n]"), opts)
		require.NoError(t, err)
		rows, err := Check(&table, opts)
		require.NoError(t, err)
		assert.Equal(t, shapes(lines), shapes(array))
		assert.Equal(t, shapes(lines), shapes(rows))
		assert.Equal(t, lines.Needs, rows.Needs)
		assert.Equal(t, lines.Needs, array.Needs)
	})
}

// shapes are a payload's findings without their lines, which the formats count
// differently.
func shapes(p results.Payload) []string {
	out := []string{fmt.Sprint(p.Bodies)}
	for _, k := range p.Kinds {
		for _, f := range k.Findings {
			out = append(out, k.Kind+" "+f.Path)
		}
	}
	return out
}
