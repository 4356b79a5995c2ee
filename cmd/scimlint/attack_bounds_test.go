package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bomb is a file of YAML that is small and large in memory.
func bomb(head string) string {
	text := head + "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for i := range 8 {
		text += fmt.Sprintf("%c: &%c [%s]\n", 'b'+i, 'b'+i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", 'a'+i), 10), ","))
	}
	return text
}

// TestAttackBoundsOfFiles: every file that a command reads ends with a sentence.
func TestAttackBoundsOfFiles(t *testing.T) {
	_, env := org(t, "ready-admin")
	file := func(text string) string {
		name := filepath.Join(t.TempDir(), "file.yaml")
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		return name
	}
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"a configuration of aliases": {[]string{"check", "--config", file(bomb(""))}, "aliases followed"},
		"a configuration, nested":    {[]string{"check", "--config", file("need: " + strings.Repeat("[", 300) + strings.Repeat("]", 300))}, "nested more than 64 deep"},
		"a configuration, endless":   {[]string{"check", "--config", "/dev/zero"}, "larger than 2 MB"},
		"a baseline of aliases":      {[]string{"check", "--baseline", file(bomb("version: 1\n"))}, "aliases followed"},
		"a baseline, endless":        {[]string{"check", "--baseline", "/dev/zero"}, "larger than 2 MB"},
		"a scenario of aliases":      {[]string{"demo", file(bomb("name: x\n"))}, "aliases followed"},
		"a scenario, endless":        {[]string{"demo", "/dev/zero"}, "larger than 2 MB"},
		"a catalogue, nested":        {[]string{"catalog", "diff", file(`{"operations":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}")}, "nested more than 64 deep"},
		"a bundle, endless":          {[]string{"check", "--from", "/dev/zero"}, "no bundle"},
	} {
		start := time.Now()
		got := scimlint(t, env, tc.args...)
		assert.Equal(t, 2, got.code, name)
		assert.Contains(t, got.err, tc.want, name)
		assert.Less(t, time.Since(start), 5*time.Second, name)
	}
}
