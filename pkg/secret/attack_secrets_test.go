package secret

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// the are secrets as the platform makes them, and one that a person made.
var theSecrets = []string{
	"7bNq2LxT0vZ3kRw9sYc5dHgF8mJpUe4aQoXi1tKzEyM",
	"wF3-xQ9_Zt7kLm2Nv8Rb5Yc1Hd4Jg6Ps0Ue3Ia9Ox2Kw7Tz5Bq1Cn8Vr4Ml6Dj0Gf3Hy9Es2Wp",
	"s3cret/with+odd=chars&more?",
	"Grüße-Geheim-42-Zebra!",
}

// encodings are the ways in which an answer, a log or a report may show a secret.
func encodings(s string) map[string]string {
	quoted, _ := json.Marshal(s)
	var u, x, entities, percent strings.Builder
	for _, r := range s {
		_, _ = fmt.Fprintf(&u, `\u%04X`, r)
		_, _ = fmt.Fprintf(&entities, "&#%d;", r)
	}
	for _, b := range []byte(s) {
		_, _ = fmt.Fprintf(&x, `\x%02x`, b)
		_, _ = fmt.Fprintf(&percent, "%%%02x", b)
	}
	out := map[string]string{
		"plain": s, "capitals": strings.ToUpper(s), "small letters": strings.ToLower(s), "JSON": strings.Trim(string(quoted), `"`), "unicode escapes": u.String(),
		"slashes": strings.ReplaceAll(s, "/", `\/`), "query": url.QueryEscape(s), "path": url.PathEscape(s), "percent, small": percent.String(), "percent, capitals": strings.ToUpper(percent.String()),
		"percent twice": url.QueryEscape(url.QueryEscape(s)), "HTML": html.EscapeString(s), "HTML numbers": entities.String(), "hex": hex.EncodeToString([]byte(s)),
		"wrapped": s[:len(s)/2] + "\n      " + s[len(s)/2:], "in a JSON string in a JSON string": strings.Trim(jsonOf(jsonOf(s)), `"`),
	}
	if len(s) == len([]rune(s)) {
		out["hex escapes"] = x.String()
	}
	for _, enc := range []struct {
		name string
		*base64.Encoding
	}{{"standard", base64.StdEncoding}, {"URL", base64.URLEncoding}, {"raw", base64.RawURLEncoding}} {
		for _, before := range []string{"", "c:", "client-id:", `{"client_secret":"`} {
			out["base64 "+enc.name+" "+before] = enc.EncodeToString([]byte(before + s + `"}`))
		}
	}
	return out
}

func jsonOf(s string) string {
	data, _ := json.Marshal(s)
	return string(data)
}

// shows says whether a text shows a secret, or a good part of it, in any encoding.
func shows(text, s string) bool {
	for _, form := range encodings(s) {
		if strings.Contains(text, form) {
			return true
		}
	}
	return strings.Contains(strings.ToLower(text), strings.ToLower(s[:min(len(s), 16)]))
}

// TestAttackSecretsInEveryEncoding: a secret that the run knows is found whatever was
// done to it.
func TestAttackSecretsInEveryEncoding(t *testing.T) {
	for _, s := range theSecrets {
		var r Redactor
		r.AddBasic("the-client", New(s))
		for name, form := range encodings(s) {
			for _, around := range []string{"%s", "before %s after", `{"message":"%s"}`, "https://api.example.org/x?y=%s&z=1", "<a href=\"%s\">", "\t%s\r\n"} {
				text := fmt.Sprintf(strings.ReplaceAll(around, "%s", "%[1]s"), form)
				for _, got := range []string{r.Clean(text), r.Known(text)} {
					assert.NotContains(t, got, form, "%s in %s", name, around)
					assert.False(t, shows(got, s), "%s in %s: %s", name, around, got)
				}
			}
		}
	}
}

// TestAttackSecretsThatWereCut: a part of a machine's secret gives it away as well.
func TestAttackSecretsThatWereCut(t *testing.T) {
	for _, s := range theSecrets[:2] {
		var r Redactor
		r.Add(New(s))
		for n := gram; n < len(s); n++ {
			assert.NotContains(t, r.Known("cut "+s[:n]+"…"), s[:n])
			assert.NotContains(t, r.Known("…"+s[len(s)-n:]+" cut"), s[len(s)-n:])
		}
	}
}

// TestAttackSecretsByTheirShape: a secret that nobody said the run about.
func TestAttackSecretsByTheirShape(t *testing.T) {
	const s = "7bNq2LxT0vZ3kRw9sYc5dHgF8mJpUe4aQoXi1tKzEyM"
	for name, form := range map[string]string{
		"bearer":           "Authorization: Bearer %s",
		"bearer, curl":     `curl -H "Authorization: Bearer %s" https://api.mypurecloud.ie/api/v2/users`,
		"bearer, python":   `{'Authorization': 'Bearer %s', 'Accept': '*/*'}`,
		"basic, user":      "curl -u my-client:%s https://login.mypurecloud.ie/oauth/token",
		"archy":            "archy publish --clientId 6e8b870f-1ce8-448a-826f-b516d0994866 --clientSecret %s --location x",
		"authToken":        "Command failed: archy publish --authToken %s",
		"token answer":     `{"access_token":"%s","token_type":"bearer","expires_in":86399}`,
		"refresh token":    `{"refresh_token" : "%s"}`,
		"environment":      "GENESYSCLOUD_OAUTHCLIENT_SECRET=%s",
		"environment, zsh": "export SCIMLINT_AUDITOR_SECRET='%s'",
		"HCL":              `  oauthclient_secret = "%s"`,
		"YAML":             "clientSecret: %s",
		"form":             "grant_type=client_credentials&client_id=abc&client_secret=%s",
		"query":            "https://api.mypurecloud.ie/api/v2/users?access_token=%s&page=1",
		"user info":        "https://me:%s@api.mypurecloud.ie/",
		"postman":          `{"key":"client_secret","value":"%s","enabled":true}`,
		"HAR":              `{"name":"Authorization","value":"Bearer %s"}`,
		"HAR cookies":      `"cookies":[{"name":"sid","value":"%s"}]`,
		"cookie":           "Cookie: a=b; session=%s",
		"set-cookie":       "Set-Cookie: session=%s; Path=/; HttpOnly",
		"api key":          "X-Api-Key: %s",
		"auth token":       "X-Auth-Token: %s",
		"alone":            "the token was %s, I think",
		"path":             "https://example.org/hooks/%s/x",
		"escaped":          `{\"access_token\":\"%s\"}`,
	} {
		assert.NotContains(t, Clean(fmt.Sprintf(form, s)), s, name)
		assert.NotEmpty(t, Find(fmt.Sprintf(form, s)), name)
	}
	jwt := "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhYmMifQ.c2lnbmF0dXJlc2lnbmF0dXJl"
	assert.NotContains(t, Clean("got "+jwt), "eyJhbGci")
}

// TestAttackSecretsAreNotSeenEverywhere: a redactor that removes what the reader
// needs is as useless as none.
func TestAttackSecretsAreNotSeenEverywhere(t *testing.T) {
	for _, text := range []string{
		"client_secret: YOUR_CLIENT_SECRET", "GENESYSCLOUD_OAUTHCLIENT_SECRET=${SECRET}", "Authorization: Bearer <token>", "Authorization: [REDACTED]",
		"--clientSecret MY_CLIENT_SECRET", "password = var.password", "access_token: xxxxx", `"secret": "****"`, "Bearer $TOKEN",
		"directory:user:setPassword is required: denied", "authorization:grant:add, authorization:role:view",
		"correlation id 6e8b870f-1ce8-448a-826f-b516d0994866", "POST /api/v2/scim/v2/users/6e8b870f-1ce8-448a-826f-b516d0994866",
		"https://api.mypurecloud.ie/api/v2/authorization/divisionspermitted/paged/me?permission=directory:user:add&pageSize=200",
		"urn:ietf:params:scim:schemas:extension:genesys:purecloud:2.0:User", "the token endpoint answered: 401 invalid_client, \"authentication failed\"",
		"Set the client's token duration to 38,880,000 seconds", "scimlint-canary-20261124t043000z@scimlint.invalid",
		"Admin > People & Permissions > Roles/Permissions", "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		"Whether the token may create, update or delete users could not be found out", "a token of another region",
	} {
		assert.Equal(t, text, Clean(text))
		assert.Empty(t, Find(text), text)
	}
}

// TestASecretIsNotPrinted: however it is printed, dumped or encoded, also as an
// unexported field of something else.
func TestASecretIsNotPrinted(t *testing.T) {
	s := New("the-very-secret")
	type outer struct {
		Name   string
		hidden Secret
		list   []Secret
		at     *Secret
	}
	v := outer{"x", s, []Secret{s}, &s}
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%s %v %+v %#v %q %x %d", s, s, s, s, s, s, s), fmt.Sprintf("%v %+v %#v", v, v, v), fmt.Sprintf("%v %+v", &v, []any{v, map[string]Secret{"a": s}})} {
		assert.NotContains(t, text, "very")
		assert.NotContains(t, text, hex.EncodeToString([]byte("very")))
	}
	data, err := json.Marshal(struct{ S Secret }{s})
	require.NoError(t, err)
	assert.JSONEq(t, `{"S":"[redacted]"}`, string(data))
	assert.Equal(t, "the-very-secret", s.Reveal())
	assert.True(t, New("  \n").Empty())
}

// TestWalkReachesEveryString: of structs, maps, slices, pointers and raw JSON.
func TestWalkReachesEveryString(t *testing.T) {
	type inner struct {
		Text string
		Raw  json.RawMessage
	}
	v := map[string]any{"secret-key": []inner{{"secret", json.RawMessage(`"secret"`)}}, "p": &inner{Text: "secret"}, "n": 1, "nil": nil}
	got := Walk(v, func(s string) string { return strings.ReplaceAll(s, "secret", "x") })
	assert.NotContains(t, fmt.Sprintf("%v %s %v", got, got["x-key"], *got["p"].(*inner)), "secret")
	assert.Contains(t, fmt.Sprint(v), "secret", "the original stays")
}

func FuzzSecretEcho(f *testing.F) {
	for _, form := range encodings(theSecrets[0]) {
		f.Add("x "+form+" y", 1)
	}
	f.Add(`{"a":"\u0037\u0062"}`, 3)
	f.Fuzz(func(t *testing.T, text string, at int) {
		var r Redactor
		r.Add(New(theSecrets[0]))
		got := r.Clean(text)
		require.NotContains(t, got, theSecrets[0])
		at = min(max(at, 0), len(text))
		require.NotContains(t, r.Known(text[:at]+theSecrets[0]+text[at:]), theSecrets[0])
	})
}

// Redacting a log: go test ./pkg/secret -run xxx -bench Redact
func BenchmarkRedact(b *testing.B) {
	var r Redactor
	r.AddBasic("c", New(theSecrets[0]))
	line := `2026-11-24T04:30:00Z POST https://api.mypurecloud.ie/api/v2/scim/v2/users 403 {"code":"missing.any.permissions","contextId":"6e8b870f-1ce8-448a-826f-b516d0994866"}` + "\n"
	text := strings.Repeat(line, 1<<20/len(line))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		r.Clean(text)
	}
}
