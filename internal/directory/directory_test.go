package directory

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/internal/payload"
)

// convert returns the bodies as JSON lines.
func convert(t testing.TB, text string, m Mapping) ([]string, Summary, error) {
	t.Helper()
	var out []string
	s, err := Convert(strings.NewReader(text), m, func(body map[string]any) error {
		data, err := json.Marshal(body)
		out = append(out, string(data))
		return err
	})
	return out, s, err
}

const entraHeader = "userPrincipalName,displayName,surname,mail,givenName,objectId,userType,jobTitle,department,accountEnabled,telephoneNumber,mobile\n"

func TestEntraCSV(t *testing.T) {
	rows := "zoé@acme.example,\"Martin, Zoé\",Martin,z@acme.example,Zoé,1,Member,Agent,Ventes,True,+33 1 42 68 53 00,06 12\n" +
		"gone@acme.example,Gone,,,,2,Member,,,False,,\n" +
		",,,,,,,,,,,\n" +
		"\n" +
		"guest_x.com#EXT#@acme.example,Guest,,,,3,Guest,,,True,,\n" +
		"ZOÉ@acme.example,Again,,,,4,Member,,,True,,\n" +
		"half@acme.example,Half\n" +
		"bad\xff@acme.example,Bad,,,,5,Member,,,True,,\n" +
		"odd@acme.example,Odd,,,,6,Member,,,Perhaps,,\n" +
		"noname@acme.example,,,,,7,Member,,,True,,\n"
	for name, text := range map[string]string{
		"as exported": entraHeader + rows,
		"BOM, CRLF":   "\ufeff" + strings.ReplaceAll(entraHeader+rows, "\n", "\r\n"),
		"other order": entraHeader + rows,
		"other case":  strings.ToUpper(entraHeader) + rows,
		"quoted":      `"` + strings.ReplaceAll(strings.TrimSpace(entraHeader), ",", `","`) + "\"\n" + rows,
	} {
		got, s, err := convert(t, text, Entra())
		require.NoError(t, err, name)
		require.Len(t, got, 2, name)
		assert.JSONEq(t, `{"schemas":["`+payload.CoreSchema+`","`+payload.EnterpriseSchema+`"],"userName":"zoé@acme.example","displayName":"Martin, Zoé","active":true,"title":"Agent",
			"emails":[{"value":"z@acme.example","type":"work","primary":true}],"phoneNumbers":[{"value":"tel:+33142685300","type":"work"}],"`+payload.EnterpriseSchema+`":{"department":"Ventes"}}`, got[0], name)
		assert.Contains(t, got[1], `"active":false`, name)
		assert.Equal(t, 6, s.LeftOut, "%s: %q", name, s.Reasons)
		assert.Equal(t, 1, s.EmptyRows, name)
		assert.Equal(t, 1, s.Phones, name)
		all := strings.Join(s.Reasons, "\n")
		for _, why := range []string{"line 6: it is a guest", "is that of line 2 too", "line 8: it has 2 columns and the header 12", "line 9: it is not UTF-8", `"Perhaps"`, "line 11: it has no displayName"} {
			assert.Contains(t, all, why, name)
		}
		assert.Contains(t, s.Missing, "employeeId", name)
		assert.Len(t, s.Unused, 3, "%s: %s", name, s.Unused)
	}
}

func TestDelimitersAreFoundAndSaid(t *testing.T) {
	for _, d := range []string{",", ";", "\t", "|"} {
		text := strings.ReplaceAll("userPrincipalName,displayName,department\na@acme.example,\"A; B, C\",Sales\n", ",\"", d+"\"")
		text = strings.ReplaceAll(strings.ReplaceAll(text, "userPrincipalName,displayName,", "userPrincipalName"+d+"displayName"+d), "\",", "\""+d)
		got, s, err := convert(t, text, Entra())
		require.NoError(t, err, d)
		require.Len(t, got, 1)
		assert.Contains(t, got[0], `"displayName":"A; B, C"`)
		assert.Contains(t, s.Format, strconv.Quote(d))
		assert.NotContains(t, got[0], "active", "what the file does not say is not set")
	}
}

func TestGraphJSON(t *testing.T) {
	user := func(n int) string {
		return fmt.Sprintf(`{"id":"%d","userPrincipalName":"u%d@acme.example","displayName":"U %d","businessPhones":["+4930123456"],"mobilePhone":null,"accountEnabled":true,"employeeId":"%d"}`, n, n, n, n)
	}
	page := func(next string, users ...string) string {
		return `{"@odata.context":"x","value":[` + strings.Join(users, ",") + `]` + next + `}`
	}
	const next = `,"@odata.nextLink":"https://graph.microsoft.com/v1.0/users?$skiptoken=secret"`
	for name, c := range map[string]struct {
		text       string
		bodies     int
		incomplete bool
	}{
		"one page":      {page("", user(1), user(2)), 2, false},
		"two pages":     {page(next, user(1)) + "\n" + page("", user(2)), 2, false},
		"the first":     {page(next, user(1)), 1, true},
		"next first":    {`{"@odata.nextLink":"https://x","value":[` + user(1) + `]}`, 1, true},
		"a list":        {"\ufeff[\n" + user(1) + "," + user(2) + "]", 2, false},
		"users, a line": {user(1) + "\r\n" + user(2) + "\n", 2, false},
	} {
		got, s, err := convert(t, c.text, Entra())
		require.NoError(t, err, name)
		assert.Len(t, got, c.bodies, name)
		assert.Equal(t, c.incomplete, s.Incomplete != "", name)
		assert.NotContains(t, s.Incomplete, "secret")
		assert.Contains(t, got[0], `"value":"tel:+4930123456"`)
		assert.Contains(t, got[0], `"employeeNumber":"1"`)
	}
}

func TestOkta(t *testing.T) {
	users := `[{"id":"00u1","status":"ACTIVE","profile":{"login":"amina","email":"amina@acme.example","firstName":"Amina","lastName":"Okafor","mobilePhone":"+1-512-555-0118"}},
		{"id":"00u2","status":"DEPROVISIONED","profile":{"login":"b","email":"b@acme.example","firstName":"B","lastName":"B"}},
		{"id":"00u3","status":"STAGED","profile":{"login":"c","email":"c@acme.example","firstName":"C","lastName":"C"}}, 7]`
	got, s, err := convert(t, users, Okta())
	require.NoError(t, err)
	require.Len(t, got, 1)
	assert.JSONEq(t, `{"schemas":["`+payload.CoreSchema+`"],"userName":"amina@acme.example","displayName":"Amina Okafor","active":true,"emails":[{"value":"amina@acme.example","type":"work","primary":true}],
		"phoneNumbers":[{"value":"tel:+15125550118","type":"mobile"}]}`, got[0])
	all := strings.Join(s.Reasons, "\n")
	assert.Contains(t, all, "user 2: it is deprovisioned")
	assert.Contains(t, all, `"STAGED", of which it is not known`)
	assert.Contains(t, all, "user 4: it is no object")

	got, s, err = convert(t, "login,firstName,lastName,email,title,displayName,department\na,Ada,Low,a@acme.example,Agent,,Sales\nb,Bo,Bim,b@acme.example,,Bo!,\n", Okta())
	require.NoError(t, err)
	require.Len(t, got, 2)
	assert.Contains(t, got[0], `"displayName":"Ada Low"`)
	assert.Contains(t, got[1], `"displayName":"Bo!"`)
	assert.NotContains(t, got[0], "active")
	assert.Contains(t, s.Missing, "status")
}

func TestAMappingOfOnesOwn(t *testing.T) {
	m, err := ParseMapping(strings.NewReader("columns: {userName: E-Mail, displayName: [Vorname, Nachname], active: Aktiv, roles: Rollen}\nactive: [ja]\ninactive: [nein]\nfixed: {division: Paris}\n"))
	require.NoError(t, err)
	got, s, err := convert(t, "Nachname;Vorname;E-Mail;Aktiv;Rollen;Notiz\nMüller;Jörg;jm@acme.example;JA;\"Agent; Supervisor\";x\n", m)
	require.NoError(t, err)
	require.Len(t, got, 1)
	assert.JSONEq(t, `{"schemas":["`+payload.CoreSchema+`","`+payload.EnterpriseSchema+`"],"userName":"jm@acme.example","displayName":"Jörg Müller","active":true,"roles":[{"value":"Agent"},{"value":"Supervisor"}],"`+payload.EnterpriseSchema+`":{"division":"Paris"}}`, got[0])
	assert.Equal(t, []string{"Notiz"}, s.Unused)
	for _, c := range []struct{ text, says string }{
		{"", "empty"},
		{"columns: {userName: a}\n", "displayName"},
		{"columns: {userName: a, displayName: b, active: c}\n", "active"},
		{"columns: {userName: a, displayName: b, shoeSize: c}\n", "shoeSize"},
		{"columns: {userName: a, displayName: ''}\n", "empty column"},
		{"columns: {userName: a, displayName: b}\nfixed: {userName: x}\n", "fixed"},
		{"columns: {userName: a, displayName: b}\ndelimiter: ;;\n", "delimiter"},
		{"column: {userName: a}\n", "column not found"},
	} {
		_, err := ParseMapping(strings.NewReader(c.text))
		require.Error(t, err, c.text)
		assert.Contains(t, err.Error(), c.says)
	}
}

func TestFilesThatAreNotWhatWasNamed(t *testing.T) {
	for name, c := range map[string]struct {
		m          Mapping
		text, says string
	}{
		"empty":            {Entra(), "", "empty"},
		"only BOM":         {Entra(), "\ufeff\r\n", "empty"},
		"header only":      {Entra(), entraHeader, "no users"},
		"empty list":       {Entra(), "[]", "no users"},
		"empty page":       {Entra(), `{"value":[]}`, "no users"},
		"HTML":             {Entra(), "<html>", "HTML"},
		"UTF-16":           {Entra(), "\xff\xfeu\x00s\x00", "UTF-16"},
		"another language": {Entra(), "Benutzerprinzipalname;Anzeigename\na@x.example;A\n", "looked for userPrincipalName, displayName"},
		"found is said":    {Entra(), "Benutzerprinzipalname;Anzeigename\na@x.example;A\n", "found Benutzerprinzipalname"},
		"upload template":  {Entra(), "version:v1.0,,\nName [displayName] Required\n", "template for uploads"},
		"Okta as Entra":    {Entra(), `[{"id":"1","profile":{"email":"a@x.example"}}]`, "userName is not there"},
		"Entra as Okta":    {Okta(), `{"value":[{"userPrincipalName":"a@x.example","displayName":"A"}]}`, "userName is not there"},
		"column twice":     {Entra(), "userPrincipalName,displayName,DisplayName\na,b,c\n", "twice"},
		"open quote":       {Entra(), entraHeader + "\"a@x.example,A\nb,B\n", "quotation mark"},
		"endless quote":    {Entra(), entraHeader + "\"" + strings.Repeat("x,\n", 1<<20), "more than 1 MB"},
		"endless object":   {Entra(), `[{"userPrincipalName":"` + strings.Repeat("x", 2<<20), "more than 1 MB"},
		"is truncated":     {Entra(), `[{"userPrincipalName":"a@x.example","displayName":"A"},{"user`, "is truncated after user 1"},
		"error answer":     {Entra(), `{"error":{"code":"InvalidAuthenticationToken"}}`, "found error"},
		"no list":          {Entra(), `{"value":{"a":1}}`, "no list"},
		"a number":         {Okta(), `[1] 2`, "expected"},
	} {
		_, _, err := convert(t, c.text, c.m)
		require.Error(t, err, name)
		assert.Contains(t, err.Error(), c.says, name)
		assert.Less(t, len(err.Error()), 1000, name)
	}
}

// TestAHundredThousandRows reads them as a stream: the writer sees the first body before
// the last row is read.
func TestAHundredThousandRows(t *testing.T) {
	in, out := io.Pipe()
	const rows = 100_000
	var written atomic.Int64
	go func() {
		_, _ = io.WriteString(out, "userPrincipalName;displayName\r\n")
		for i := range rows {
			_, _ = fmt.Fprintf(out, "u%d@acme.example;User %d\r\n", i%(rows-5), i)
			written.Store(int64(i))
		}
		_ = out.Close()
	}()
	first := int64(-1)
	s, err := Convert(in, Entra(), func(map[string]any) error {
		if first < 0 {
			first = written.Load()
		}
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, rows-5, s.Bodies)
	assert.Equal(t, 5, s.LeftOut, "who is there twice")
	assert.Less(t, first, int64(rows/2))
}

func FuzzConvert(f *testing.F) {
	f.Add(entraHeader+"a@x.example,A,,,,,Member,,,True,,\n", 0)
	f.Add(`{"value":[{"userPrincipalName":"a","displayName":"b","businessPhones":[1]}],"@odata.nextLink":"x"}`, 0)
	f.Add(`[{"status":"ACTIVE","profile":{"email":"a","firstName":"b","lastName":"c"}},null]`, 1)
	f.Add("\ufeffE-Mail;Name\r\n\"a;b\";c\r\n;;\r\n", 2)
	own := Mapping{name: "the mapping", Columns: map[string]Columns{"userName": {"E-Mail"}, "displayName": {"Name"}}}
	f.Fuzz(func(t *testing.T, text string, which int) {
		m := []Mapping{Entra(), Okta(), own}[uint(which)%3]
		bodies := 0
		s, err := Convert(strings.NewReader(text), m, func(body map[string]any) error {
			bodies++
			assert.NotEmpty(t, body["userName"])
			assert.NotEmpty(t, body["displayName"])
			_, err := json.Marshal(body)
			return err
		})
		assert.Equal(t, bodies, s.Bodies)
		if err == nil {
			assert.Positive(t, s.Bodies+s.LeftOut)
		}
	})
}

func FuzzParseMapping(f *testing.F) {
	f.Add("columns: {userName: a, displayName: [b, c]}\n")
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := ParseMapping(strings.NewReader(text)); err == nil {
			assert.NotEmpty(t, m.Columns["userName"])
		}
	})
}

func BenchmarkConvert(b *testing.B) {
	text := entraHeader
	for i := range 10_000 {
		text += fmt.Sprintf("u%d@acme.example,User %d,,,,,Member,Agent,Sales,True,,\n", i, i)
	}
	for b.Loop() {
		if _, err := Convert(strings.NewReader(text), Entra(), func(map[string]any) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(10_000*b.N)/b.Elapsed().Seconds(), "users/s")
}

// TestUsersWhoAreLeftOut: guests, users of other organizations and deleted users get no
// body, and a telephone number that is not certainly a whole international one is not sent.
func TestUsersWhoAreLeftOut(t *testing.T) {
	for name, c := range map[string]struct {
		user, why string
		phones    int
	}{
		"a person":             {`{"userPrincipalName":"a@acme.example","displayName":"A","businessPhones":["+33 1 42 68 53 00"]}`, "", 0},
		"of another org":       {`{"userPrincipalName":"a_x.example#EXT#@acme.example","displayName":"A"}`, "another organization", 0},
		"a guest":              {`{"userPrincipalName":"a@acme.example","displayName":"A","userType":"Guest"}`, "guest", 0},
		"removed":              {`{"userPrincipalName":"a@acme.example","displayName":"A","@removed":{"reason":"deleted"}}`, "deleted", 0},
		"deleted":              {`{"userPrincipalName":"a@acme.example","displayName":"A","deletedDateTime":"2026-01-31T00:00:00Z"}`, "deleted", 0},
		"not deleted":          {`{"userPrincipalName":"a@acme.example","displayName":"A","deletedDateTime":null}`, "", 0},
		"a number with (0)":    {`{"userPrincipalName":"a@acme.example","displayName":"A","mobilePhone":"+33 (0)6 12 34 56 78"}`, "", 1},
		"a number at home (0)": {`{"userPrincipalName":"a@acme.example","displayName":"A","mobilePhone":"06 12 34 56 78"}`, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			bodies := 0
			out, err := Convert(strings.NewReader("["+c.user+"]"), Entra(), func(map[string]any) error { bodies++; return nil })
			require.NoError(t, err)
			assert.Equal(t, c.phones, out.Phones)
			if c.why == "" {
				assert.Equal(t, 1, bodies, out.Reasons)
				return
			}
			assert.Zero(t, bodies)
			assert.Contains(t, strings.Join(out.Reasons, " "), c.why)
		})
	}
	_, err := ParseMapping(strings.NewReader("columns: {userName: a, displayName: b, active: c}\nactive: [ja]\ninactive: [JA]\n"))
	require.ErrorContains(t, err, "in active and in inactive")
}
