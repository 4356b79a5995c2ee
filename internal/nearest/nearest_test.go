package nearest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestQuestion(t *testing.T) {
	list := []string{"create", "read", "update", "delete", "groups", "roles"}
	for name, want := range map[string]string{
		"crate":     ` Did you mean "create"?`,
		"CREATE":    ` Did you mean "create"?`,
		"group":     ` Did you mean "groups"?`,
		"up":        ` Did you mean "update"?`,
		"rolesgive": ` Did you mean "roles"?`,
		"telephony": "",
		"":          "",
	} {
		assert.Equal(t, want, Question(name, list), name)
	}
	assert.Equal(t, ` Did you mean "scim-a", "scim-b" or "scim-c"?`, Question("scim-x", []string{"scim-a", "scim-b", "scim-c", "scim-d"}))
}
