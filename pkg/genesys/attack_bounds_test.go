package genesys

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestAttackBoundsOfARefusal: 83 KB of nested parameters cost no more than their size.
func TestAttackBoundsOfARefusal(t *testing.T) {
	for name, nested := range map[string]string{
		"arrays":   strings.Repeat("[", 9000) + `"directory:user:add"` + strings.Repeat("]", 9000),
		"objects":  strings.Repeat(`{"a":`, 9000) + `"directory:user:add"` + strings.Repeat("}", 9000),
		"too deep": strings.Repeat("[", 41000) + strings.Repeat("]", 41000),
	} {
		start := time.Now()
		ParseRefusal(403, []byte(`{"code":"missing.permissions","message":"m","messageParams":`+nested+`}`))
		assert.Less(t, time.Since(start), 2*time.Second, name)
	}
	r, ok := ParseRefusal(403, []byte(`{"code":"missing.permissions","message":"m","messageParams":{"a":["directory:user:add"]}}`))
	assert.True(t, ok)
	assert.Equal(t, []string{"directory:user:add"}, r.Permissions)
}
