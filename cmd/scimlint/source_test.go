package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEveryCommandRefusesTheSameFlags: what check refuses of a live org is refused
// of a bundle too, and by the other commands.
func TestEveryCommandRefusesTheSameFlags(t *testing.T) {
	_, env := org(t, "ready-least-privileged")
	bundle := filepath.Join(t.TempDir(), "bundle")
	require.Equal(t, 0, scimlint(t, env, "capture", "-o", bundle).code)
	for _, bad := range [][]string{{"--refusal", "/nope"}, {"--probe", "bogus"}, {"--scim-url", "not a url"}, {"--timeout=-5s"}, {"--usage=-1"}, {"--changes=15"}, {"--token-use", "x"}, {"--need", "x"}, {"--accept-unknown", "x"}} {
		for _, command := range [][]string{{"check"}, {"check", "--from", bundle}, {"can-i", "GET", "/api/v2/tokens/me"}, {"can-i", "--from", bundle, "GET", "/api/v2/tokens/me"},
			{"fix"}, {"fix", "--from", bundle}, {"diff", bundle, bundle}, {"diff", bundle, "live"}, {"ready"}} {
			got := scimlint(t, env, append(command, bad...)...)
			assert.Equal(t, 2, got.code, "%v %v\n%s", command, bad, got.err)
			assert.NotEmpty(t, got.err)
		}
	}
}
