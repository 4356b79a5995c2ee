package wording

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// example is a block of Go code with the file that it is from.
var example = regexp.MustCompile("(?s)\\]\\(([a-z_/]+_test\\.go)\\)[^\n]*\n\n```go\n(.*?)```")

// TestContributingShowsCodeThatRuns: each block of code in CONTRIBUTING.md is a part of
// the example that it names, which the compiler and the tests have seen.
func TestContributingShowsCodeThatRuns(t *testing.T) {
	const root = "../.."
	text, err := os.ReadFile(filepath.Join(root, "CONTRIBUTING.md"))
	require.NoError(t, err)
	blocks := example.FindAllStringSubmatch(string(text), -1)
	assert.Len(t, blocks, 3, "a check, a cause and a format")
	assert.Equal(t, len(blocks), strings.Count(string(text), "```go"), "each block of code names its file")
	for _, b := range blocks {
		code, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(b[1])))
		require.NoError(t, err)
		assert.Contains(t, string(code), b[2], "%s: copy the example into CONTRIBUTING.md", b[1])
	}
}
