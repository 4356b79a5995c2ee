package diagnose

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scimlint/scimlint/pkg/secret"
)

// TestEveryLeakSaysHowToRotate: each kind that is reported says where and how.
func TestEveryLeakSaysHowToRotate(t *testing.T) {
	said := map[string]string{}
	for _, kind := range secret.Kinds() {
		text := rotation(kind)
		assert.Empty(t, said[text], "%s and %s are rotated alike", kind, said[text])
		said[text] = kind
	}
	for kind, want := range map[string]string{secret.RefreshToken: "DELETE /api/v2/tokens/{userId}", secret.AccessToken: "DELETE /api/v2/tokens/me", secret.ClientSecret: "Admin > Integrations > OAuth",
		secret.APIKey: "Admin Center", secret.Cookie: "log out", secret.Password: "/api/v2/users/{userId}/password",
		secret.PrivateKey: "new pair of keys", secret.SAML: "identity provider",
		secret.Assertion: "only if its private key leaked", secret.AuthCode: "sign in again", secret.Verifier: "one sign-in"} {
		assert.Contains(t, rotation(kind), want, kind)
	}
	// No call accepts these as a token, so none ends them.
	for _, kind := range []string{secret.Assertion, secret.AuthCode, secret.Verifier, secret.SAML} {
		assert.NotContains(t, rotation(kind), "tokens/me", kind)
	}
	assert.Contains(t, rotation("something new"), "whoever issued it")
}
