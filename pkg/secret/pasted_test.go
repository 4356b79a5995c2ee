package secret

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSecretsInSentencesTablesAndPrograms: people name their secrets in words, in the
// cells of a table, in the lines of a program. HIDE is the secret.
func TestSecretsInSentencesTablesAndPrograms(t *testing.T) {
	for _, tc := range []struct{ text, hidden, kind string }{
		{"Kennwort: HIDE", "Sommer2026!x", Password},
		{"mot de passe : HIDE", "Sommer2026!x", Password},
		{"(Passwort ist HIDE)", "Sommer2026!x", Password},
		{"Mein Passwort lautet „HIDE“, der Benutzer svc", "Sommer2026!x", Password},
		{"The password of the service user is HIDE.", "Sommer2026!x", Password},
		{"La contraseña es HIDE y no funciona", "Verano-2026!q", Password},
		{"a senha é HIDE", "Verao2026!q", Password},
		{"パスワードは HIDE です", "Natsu2026!x", Password},
		{"user/pass: HIDE", "svc/Sommer2026!x", Password},
		{"DB_PASS=HIDE", "Sommer2026!x", Password},
		{"pass HIDE", "Sommer2026!x", Password},
		{"client secret is HIDE", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"Das Client Secret lautet HIDE", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"le secret client est HIDE", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"client secret 'HIDE' rejected", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"client_secret (HIDE)", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"client secret HIDE was not accepted", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"Client ID\n7c1d7a4e-2c4b-4e3e-9d6a-000000000001\nClient Secret\nHIDE\n", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"ENV CLIENT_SECRET HIDE", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"| Client Secret | HIDE |", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"**Client Secret:** HIDE", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"| App | Client Secret | Region |\n|---|---|---|\n| sync | HIDE | ie |", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"client_id,client_secret\n7c1d7a4e,HIDE", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"name;client secret;region\r\n\"sync; prod\";HIDE;ie\r\n", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"name\tPassword\nsvc\tHIDE\n", "Sommer2026!x", Password},
		{"<tr><td>Client Secret</td><td><code>HIDE</code></td></tr>", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{`<add key="GenesysClientSecret" value="HIDE" />`, "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{`<string name="client_secret">HIDE</string>`, "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"<key>clientSecret</key>\n<string>HIDE</string>", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{`client_secret = """HIDE"""`, "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"provider:\n  clientSecret: >-\n    HIDE\n  region: x", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"password: |\n\n  HIDE\nuser: x", "Sommer2026!x", Password},
		{"\x1b[36mclientSecret\x1b[0m: \x1b[32m'HIDE'\x1b[39m", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"clientSecret\x1b[0m: \x1b[32mHIDE\x1b[39m", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{`Configuration.Default.ApiClient.PostToken("7c1d7a4e", "HIDE");`, "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"client.loginClientCredentialsGrant(\n  '7c1d7a4e',\n  'HIDE'\n)", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{`apiclient.get_client_credentials_token("7c1d7a4e", "HIDE")`, "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"config.AuthorizeClientCredentials(`7c1d7a4e`, `HIDE`)", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{`requests.post(url, auth=("7c1d7a4e", "HIDE"))`, "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{`new UsernamePasswordCredentials("svc", "HIDE")`, "Sommer2026!x", Password},
		{"client_secret=None or 'HIDE'", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"clientSecret: process.env.SECRET || 'HIDE'", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"Authorization: SSWS HIDE", "00aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789abcd", APIKey},
		{"ERROR login svc@acme.example/HIDE 403", "Winter2027xQ9", Password},
		{"login user svc/HIDE: 403", "Winter2027xQ9", Password},
		{"support login: svc.user@acme.example/HIDE please", "Sommer2026!Paris", Password},
		{"Zugangsdaten svc@acme.example / HIDE ergeben 403", "Winter2027xQ9", Password},
		{"identifiants : svc / HIDE", "Hiver2027xQ9", Password},
		{"Error for username svc password HIDE: 403", "Winter2027xQ9", Password},
		{"we tested with user svc_scim / pass HIDE", "H4llo-Welt99", Password},
		{"my pw is HIDE and I get 403", "Winter2027xQ9", Password},
		{"[svc:HIDE@api.mypurecloud.com] 403", "Winter2027xQ9", Password},
		{"curl -usvc:HIDE https://api.mypurecloud.com", "Winter2027xQ9", Password},
		{"curl -u7c1d7a4e-2c4b-4e3e-9d6a-000000000001:HIDE https://login.mypurecloud.com", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"sync --user svc@acme.example -p HIDE run", "Winter.2027-x", Password},
		{"http -f -a 7c1d7a4e-2c4b-4e3e-9d6a-000000000001:HIDE POST https://login.mypurecloud.com/oauth/token", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"credentials (7c1d7a4e-2c4b-4e3e-9d6a-000000000001, HIDE): 403", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI6kL9n", ClientSecret},
		{"7c1d7a4e-2c4b-4e3e-9d6a-000000000001:HIDE then 403", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI6kL9n", ClientSecret},
		{"env:\n  - name: GC_CLIENT_SECRET\n    value: \"HIDE\"\n", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{`{"Name":"/genesys/client_secret","Type":"SecureString","Value":"HIDE"}`, "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"client secret（クライアントシークレット）: HIDE", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"set clientSecret to 'HIDE' then", "Xr5nT8mK2vB7cL9wQ4", ClientSecret},
		{"The token I pasted into Entra as Secret Token is HIDE", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI6kL9n", AccessToken},
		{"Token HIDE: 403", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI6kL9n", AccessToken},
		{"IDP token HIDE got 403", "00aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789AbCd", AccessToken},
		{"SecretToken HIDE 403", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI6kL9n", AccessToken},
		{"grant_type=urn:ietf:params:oauth:grant-type:saml2-bearer&assertion=HIDE", "PHNhbWxwOlJlc3BvbnNlIHhtbG5zOnNhbWxwPSJ1cm4i", Assertion},
		{"grant_type=authorization_code&code=HIDE&redirect_uri=x", "aB3dE6gH9jK2mN5pQ8sT1vW4", AuthCode},
		{"code_verifier=HIDE", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI6kL9n", Verifier},
		{"SAMLResponse=HIDE&RelayState=x", "PHNhbWxwOlJlc3BvbnNlIHhtbG5zOnNhbWxwPSJ1cm4i", SAML},
		{"-----BEGIN RSA PRIVATE KEY-----\nHIDE\nHIDE\n-----END RSA PRIVATE KEY-----", "MIIEowIBAAKCAQEAabcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKL", PrivateKey},
	} {
		in := strings.ReplaceAll(tc.text, "HIDE", tc.hidden)
		assert.NotContains(t, Clean(in), tc.hidden, in)
		found := Find(in)
		if assert.Len(t, found, 1, in) {
			assert.Contains(t, []string{tc.kind, APIKey}, found[0].Kind, in)
		}
		again := Clean("403 missing.permissions: directory:user:delete " + in)
		assert.NotContains(t, again, tc.hidden, in)
		assert.Contains(t, again, "directory:user:delete")
	}
}

// TestWordsAboutSecretsStay: the same words around what is not one.
func TestWordsAboutSecretsStay(t *testing.T) {
	for _, text := range []string{
		`{"url":"https://api.mypurecloud.de/api/v2/oauth/clients/3f2504e0-4f89-41d3-a001-0305e82c3301/secret","statusCode":403}`,
		`["/api/v2/oauth/clients/x/secret", "statusCode1"]`,
		`{"key":"x","type":"secret","enabled":true}`,
		"gc routing queues list -p prod", "gc users list -p production-eu1", "aws s3 ls -p team-a1",
		"Authorization: Bearer eyJ...", "Authorization: Bearer 3nT9…", "Authorization: Bearer eyJhbGciOi...",
		"oauthclient_secret = (sensitive value)", "client_secret = (known after apply)", "client_secret: dein_secret", "client_secret: votre-secret",
		"clientSecret: 00000000-0000-0000-0000-000000000000", "Token: abgelaufen, Passwort: falsch", "mot de passe : incorrect",
		"the password is required", "the client secret is wrong, or the client is disabled", "password is case-sensitive", "le mot de passe est expiré",
		"Passwort ist abgelaufen", "secret (see the docs)", "client secret 'gc-creds-v2' not found", "the secret of client 6f0c5d1e-9a3b-4c2d-8e7f-0123456789ab is wrong",
		"| Secret | Region |\n|---|---|\n| ${SECRET} | ie |", "id,secret,region\n1,,ie", "--- PASS: TestSecret1 (0.01s)", "pass 3 of 5", "bypass: true",
		"client.loginClientCredentialsGrant(clientId, clientSecret)", `PostToken("YOUR_CLIENT_ID", "YOUR_CLIENT_SECRET")`, "client_credentials (grant type)",
		"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "Client Secret\nClient ID\n", "Client Secret\nlast changed 2026-11-20\n",
		"requires any of authorization:policy:view: allowed", "requires authorization:role:view: \"Unable to perform\"", "all of authorization:division:add, authorization:grant:add: denied",
		"Authorization: ██", "client_secret: ████████", "login page/URL", "login.live.com/oauth20_authorize", "login svc/admin", "the login user/role", "login 2026/11/27",
		"credentials (see below)", "credentials (id, secret)", "user/password is wrong", "the token is expired", "the token is 3600 seconds old", "Token 7c1d7a4e-2c4b-4e3e-9d6a-000000000001: 403",
		"- name: GC_CLIENT_SECRET\n  valueFrom:\n    secretKeyRef: {name: gc, key: secret}", "docker run -p 8080:80 app", "kubectl -a x", "ls -ual", "tar -uf x.tar", "someone@api.example.com",
		"client_id,client_secret,region\n2026-11-27 {\"code\":\"missing.permissions\",\"status\":403,\"x\":1}", "pw: falsch", "set the client secret to 'production' first",
		"clientSecret: process.env.SECRET || ''", "a basic auth (see RFC 7617)",
	} {
		require.Equal(t, text, Clean(text))
		assert.Empty(t, Find(text), text)
	}
}
