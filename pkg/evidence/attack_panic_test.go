package evidence

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestAttackSecretsInAPanic: a fault in a goroutine is raised where it can be caught,
// and without what it carried.
func TestAttackSecretsInAPanic(t *testing.T) {
	ran := 0
	assert.PanicsWithError(t, errInternal.Error(), func() {
		together([]func(){func() { panic("the token is abc") }, func() { ran++ }})
	})
	assert.Equal(t, 1, ran, "the others go on")
}
