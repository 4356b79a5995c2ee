package cause

import (
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite docs/causes.md")

func TestDocs(t *testing.T) {
	const file = "../../docs/causes.md"
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(Pages()), 0o644))
	}
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, Pages(), string(got), "docs/causes.md is stale: run go test ./pkg/cause -run Docs -update")
}

func TestCausesExplainCausesThatExist(t *testing.T) {
	for _, c := range All() {
		for _, id := range c.Explains {
			_, ok := ByID(id)
			assert.True(t, ok, "%s explains %s", c.ID, id)
			assert.NotEqual(t, c.ID, id)
		}
	}
}
