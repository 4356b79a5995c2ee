package transcript

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAttackSecretsThatArePasted: what people paste gives secrets away in many forms.
// Each is reported once, with its kind, and shown nowhere.
func TestAttackSecretsThatArePasted(t *testing.T) {
	const value = "hT5wZ9-qLr3_Xn8vBk2sYm7cJd4gPf6aUe1oRi0tKxE"
	const refusal = "\nHTTP 403 {\"status\":403,\"code\":\"missing.any.permissions\",\"message\":\"x %s\"}\n"
	for text, kind := range map[string]string{
		"Command failed: archy publish --clientId x --clientSecret %s": "client secret",
		"archy --authToken %s":                                             "access token",
		"GENESYSCLOUD_OAUTHCLIENT_SECRET=%s":                               "client secret",
		`{"values":[{"key":"client_secret","value":"%s","enabled":true}]}`: "client secret",
		`oauthclient_secret = "%s"`:                                        "client secret",
		"GET https://api.mypurecloud.ie/api/v2/users?access_token=%s":      "access token",
		"grant_type=client_credentials&client_secret=%s":                   "client secret",
		"Cookie: a=b; session=%s":                                          "session cookie",
		"curl -u id:%s https://login.mypurecloud.ie/oauth/token":           "client secret",
		`{\"refresh_token\":\"%s\"}`:                                       "refresh token",
	} {
		r, err := Read(strings.NewReader(strings.ReplaceAll(text+refusal, "%s", value)), func(e Exchange) {
			assert.NotContains(t, fmt.Sprintf("%+v %+v", e, e.Refusal), value[:12], text)
		})
		require.NoError(t, err, text)
		require.Len(t, r.Leaks, 1, text)
		assert.Equal(t, kind, r.Leaks[0].Kind, text)
		assert.NotContains(t, fmt.Sprintf("%+v", r), value[:12], text)
	}
	for _, text := range []string{"--clientSecret MY_CLIENT_SECRET", "GENESYSCLOUD_OAUTHCLIENT_SECRET=${SECRET}", "Authorization: [REDACTED]", "client_secret=xxxxx"} {
		r, err := Read(strings.NewReader(text+refusal), func(Exchange) {})
		require.NoError(t, err, text)
		assert.Empty(t, r.Leaks, text)
	}
}
