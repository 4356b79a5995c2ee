package checks

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/lint"
)

var update = flag.Bool("update", false, "rewrite docs/checks")

const docs = "../docs/checks"

// TestDocs holds docs/checks against the checks: a page each, and no other.
func TestDocs(t *testing.T) {
	pages := map[string]string{"README.md": lint.IndexPage(All())}
	for _, c := range All() {
		pages[c.ID+".md"] = lint.Page(c)
	}
	if *update {
		require.NoError(t, os.RemoveAll(docs))
		require.NoError(t, os.MkdirAll(docs, 0o755))
		for name, text := range pages {
			require.NoError(t, os.WriteFile(filepath.Join(docs, name), []byte(text), 0o644))
		}
	}
	entries, err := os.ReadDir(docs)
	require.NoError(t, err, "run go test ./checks -run Docs -update")
	assert.Len(t, entries, len(pages), "docs/checks has a page for each check and no other")
	for name, want := range pages {
		got, err := os.ReadFile(filepath.Join(docs, name))
		require.NoError(t, err)
		assert.Equal(t, want, string(got), "%s is stale: run go test ./checks -run Docs -update", name)
	}
}

func TestChecksAreWellFormed(t *testing.T) {
	kebab := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	for _, c := range All() {
		assert.Regexp(t, kebab, c.ID)
		assert.False(t, seen[c.ID], "%s stands twice", c.ID)
		seen[c.ID] = true
		assert.NotEmpty(t, c.Title, c.ID)
		assert.NotEmpty(t, c.Why, c.ID)
		assert.NotEmpty(t, c.Remedy, c.ID)
		assert.NotNil(t, c.Run, c.ID)
	}
}
