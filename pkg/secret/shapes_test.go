package secret

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	clientSecret = "kX7vQ2mPzR9tLw4bNc8sJd1fHg6yUa3eTq5oIi0x-_A"
	accessToken  = "Zx3Lq8Wn5Tb2Vm9Rk4Pj7Hs1Gd6Fy0Cu_Ea-Xo3Ni8Mt5Bl2Sw9Qv4Kz7Jp1Rh6Df0Yg3Uc8Ae5Ox2In9Tm4B"
)

func TestAttackSecretsPrintedAnyWay(t *testing.T) {
	s := New(" " + clientSecret + "\n")
	require.Equal(t, clientSecret, s.Reveal())
	type inner struct{ hidden Secret }
	values := []any{s, &s, struct{ s Secret }{s}, struct{ S *Secret }{&s}, struct{ in inner }{inner{s}}, []Secret{s}, map[string]Secret{"a": s}, [1]inner{{s}}, errors.Join(fmt.Errorf("x %v", s))}
	for _, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%T"} {
			out := fmt.Sprintf(verb, v)
			assert.NotContains(t, out, clientSecret[:8], verb)
			assert.NotContains(t, strings.ToLower(out), fmt.Sprintf("%x", clientSecret[:6]), verb)
		}
	}
	data, err := json.Marshal(map[string]any{"s": s, "t": struct{ S Secret }{s}})
	require.NoError(t, err)
	assert.JSONEq(t, `{"s":"[redacted]","t":{"S":"[redacted]"}}`, string(data))
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "s", s, "t", struct{ S Secret }{s})
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "s", s)
	assert.NotContains(t, log.String(), clientSecret[:8])
	assert.True(t, New(" \n").Empty())
	assert.Empty(t, Secret{}.Reveal())
}

// TestAttackSecretsShapes lists what people paste: every one has a secret that no one
// said the redactor. HIDE is replaced by a value that looks like one and is.
func TestAttackSecretsShapes(t *testing.T) {
	for _, text := range []string{
		"Authorization: Bearer HIDE",
		"authorization: bearer  HIDE\r\nAccept: */*",
		`"Authorization":"Bearer HIDE"`,
		`{ "Authorization", "Bearer HIDE" }`,
		`map[Authorization:[Bearer HIDE] Accept:[*/*]]`,
		"Proxy-Authorization: Basic HIDE",
		"Authorization: HIDE",
		"X-Api-Key: HIDE",
		"X-Auth-Token: HIDE",
		"My-Own-Secret: HIDE",
		"Cookie: a=b; JSESSIONID=HIDE",
		"Set-Cookie: sid=HIDE; Path=/; HttpOnly\nSet-Cookie: other=HIDE",
		"> cookie: first=1; second=HIDE; third=2",
		`"contextId":"HIDE"`,
		"https://user:HIDE@host.example/path",
		"https://HIDE@host.example/path",
		"GET /api/v2/users?access_token=HIDE&x=1 HTTP/1.1",
		"https://api.mypurecloud.ie/x#access_token=HIDE&expires_in=1",
		"https://h.example/cb?code=HIDE",
		`{"key":"client_secret","value":"HIDE","enabled":true}`,
		`{"value":"HIDE","key":"client_secret"}`,
		`{"name":"Authorization","value":"Bearer HIDE"}`,
		`"cookies":[{"name":"a","value":"HIDE"},{"name":"b","value":"HIDE"}]`,
		`{"postData":{"params":[{"name":"client_secret","value":"HIDE"}]}}`,
		"grant_type=client_credentials&client_id=x&client_secret=HIDE",
		"client_secret%3DHIDE%26grant_type%3Dx",
		`{"access_token":"HIDE","token_type":"bearer"}`,
		`{\"access_token\":\"HIDE\"}`,
		`\u0022access_token\u0022:\u0022HIDE\u0022`,
		`"acc\u0065ss_token":"HIDE"`,
		`&quot;refresh_token&quot;:&quot;HIDE&quot;`,
		"archy publish --clientId abc --clientSecret HIDE --location x",
		"archy publish --authToken HIDE",
		`["--clientSecret", "HIDE"]`,
		"--client-secret=HIDE",
		"archy -p HIDE",
		"GENESYSCLOUD_OAUTHCLIENT_SECRET=HIDE",
		"export GENESYSCLOUD_ACCESS_TOKEN='HIDE'",
		`$env:GENESYSCLOUD_OAUTHCLIENT_SECRET = "HIDE"`,
		`oauthclient_secret = "HIDE"`,
		"oauthclient_secret: HIDE\nregion: x\n",
		"'client_secret': 'HIDE'",
		":client_secret => \"HIDE\"",
		"curl -u 11111111-2222-3333-4444-555555555555:HIDE https://x",
		"curl --user 'id:HIDE' https://x",
		"<password>HIDE</password>",
		"<oauth:client_secret>HIDE</oauth:client_secret>",
		`"password" : "HIDE"`,
	} {
		for _, hidden := range []string{clientSecret, accessToken, "hunter2Hunter9"} {
			in := strings.ReplaceAll(text, "HIDE", hidden)
			out := Clean(in)
			assert.NotContains(t, out, hidden, in)
			assert.Contains(t, out, Mark)
			assert.Equal(t, out, Clean(out), "what is clean stays as it is")
			assert.NotEmpty(t, Find(in), in)
		}
	}
	for _, text := range []string{
		"scope " + accessToken + " is not one", "/oauth/" + accessToken + "/verify", "label " + clientSecret,
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U", "eyJhbGciOiJIUzI1NiJ9.eyJzd",
	} {
		assert.Contains(t, Clean(text), Mark, text)
	}
	assert.NotContains(t, Clean("Basic bXktaWQ6aHVudGVyMg=="), "bXkta")
}

// TestWhatIsNoSecretStays is the other direction: a diagnosis that is redacted away
// helps nobody.
func TestWhatIsNoSecretStays(t *testing.T) {
	for _, text := range []string{
		"client 6f0c5d1e-9a3b-4c2d-8e7f-0123456789ab has no role",
		"client_id=6F0C5D1E-9A3B-4C2D-8E7F-0123456789AB",
		`{"contextId":"6f0c5d1e-9a3b-4c2d-8e7f-0123456789ab","code":"missing.permissions"}`,
		"missing.any.permissions: [directory:user:add, authorization:grant:add, scim:user:*]",
		"authorization:readonly, oauth:client:view, users:readonly, authorization:role:view",
		"https://api.mypurecloud.ie/api/v2/authorization/subjects/6f0c5d1e-9a3b-4c2d-8e7f-0123456789ab?subjectType=PC_OAUTH_CLIENT",
		"https://login.mypurecloud.com/oauth/token", "POST /oauth/token", "GET /api/v2/tokens/me",
		"urn:ietf:params:scim:schemas:extension:genesys:purecloud:2.0:User",
		"wrong client secret: invalid_client (authentication failed)",
		"invalid_client: client not found or secret is wrong",
		"the token: it has expired", "token_type: bearer", "tokenUrl: https://login.mypurecloud.ie", "--secret-file secret.txt", "--token-file ./token",
		`accessTokenValiditySeconds: 86400`, `"token":"expired"`, `{"password":"is too short and simple"}`,
		"Authorization: Bearer $TOKEN", "Authorization: [REDACTED]", "Authorization: Bearer <token>", "Authorization: Bearer {{access_token}}", "Authorization: Bearer YOUR_TOKEN", "Authorization: Bearer ****",
		"GENESYSCLOUD_OAUTHCLIENT_SECRET=${SECRET}", "client_secret=MY_CLIENT_SECRET", "client_secret=xxxxx", `client_secret = var.client_secret`, `"client_secret":"<secret>"`, "--clientSecret MY_CLIENT_SECRET", "client_secret=your-client-secret",
		"set GENESYSCLOUD_OAUTHCLIENT_SECRET and GENESYSCLOUD_OAUTHCLIENT_ID, or GENESYSCLOUD_ACCESS_TOKEN",
		"Basic authentication is required", "a Bearer token is missing", "the bearer authentication scheme",
		"AbstractAnnotationConfigDispatcherServletInitializer at OAuth2AuthorizedClientArgumentResolver.java:42",
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"mkdir -p /var/lib/x1", "docker run -p 8080:80 -u 1000:1000 x", "user@host.example", "https://host.example/@user/x",
		"token-is-acquired", "working-token-is-the-clients", "required-scope-is-held", "token-belongs-to-client: pass",
		"Secret of the OAuth client 6f0c5d1e-9a3b-4c2d-8e7f-0123456789ab: ",
		"The cookie: none was sent", "session: 3 users", "credentials: set GENESYSCLOUD_REGION",
	} {
		assert.Equal(t, text, Clean(text))
		assert.Empty(t, Find(text), text)
	}
}

func TestFindNamesWhatToRotate(t *testing.T) {
	for text, kind := range map[string]string{
		"Authorization: Bearer " + accessToken:                            AccessToken,
		"refresh_token=" + accessToken:                                    RefreshToken,
		"x --clientSecret " + clientSecret:                                ClientSecret,
		"Cookie: a=b; sid=" + clientSecret:                                Cookie,
		`"password":"hunter2x"`:                                           Password,
		`{"key":"client_secret","value":"` + clientSecret + `"}`:          ClientSecret,
		"Authorization: Basic bXktaWQ6aHVudGVyMmh1bnRlcjI=":               ClientSecret,
		`{\"body\":\"{\\\"client_secret\\\":\\\"` + clientSecret + `\\\"`: ClientSecret,
	} {
		found := Find(text)
		require.Len(t, found, 1, text)
		assert.Equal(t, kind, found[0].Kind, text)
	}
}
