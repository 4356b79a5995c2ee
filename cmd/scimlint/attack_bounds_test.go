package main

import (
	"bytes"
	"context"
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
		assert.Less(t, time.Since(start), 2*time.Minute, name)
	}
}

// pasted are texts of about so many bytes that cost a reader more than their size.
func pasted(size int) map[string]string {
	return map[string]string{
		"newlines":                  strings.Repeat("\n", size),
		"newlines behind a refusal": "403 missing.permissions" + strings.Repeat("\n", size),
		"nested messageParams":      `{"code":"missing.permissions","status":403,"messageParams":` + strings.Repeat(`{"a":`, size/9) + `"x:y:z"` + strings.Repeat("}", size/9+1),
		"open brackets":             strings.Repeat(`{"a":[`, size/6),
		"open brackets, in a HAR":   `{"log":{"version":"1.2","creator":{"name":"x"},"entries":[` + strings.Repeat("[", size),
		"a list on one line":        "[" + strings.Repeat(`{"a":1},`, size/8),
		"an unclosed quote":         "timeStamp,elapsed,label,responseCode,responseMessage\n1,2,\"" + strings.Repeat("x\n", size/2),
		"one long line":             strings.Repeat("x", size),
		"one long word of refusals": strings.Repeat("403", size/3),
		"many permissions":          `{"code":"missing.permissions","message":"` + strings.Repeat("a:b:c ", size/6) + `","status":403}`,
		"many refusals":             strings.Repeat("HTTP/1.1 403 Forbidden\n\n{\"code\":\"not.authorized\",\"message\":\"m\"}\n\n", size/70),
		"open elements":             "<testResults>" + strings.Repeat("<a>", size/3),
		"long headers":              "GET /api/v2/users HTTP/1.1\nAuthorization: Bearer " + strings.Repeat("a", size) + "\n\nHTTP/1.1 403 Forbidden\n",
	}
}

// TestAttackBoundsOfExplain: what people paste may be anything. Each ends within seconds,
// with an explanation or a sentence. BenchmarkExplainPasted reads larger ones.
func TestAttackBoundsOfExplain(t *testing.T) {
	for name, input := range pasted(16 << 10) {
		file := filepath.Join(t.TempDir(), "input")
		require.NoError(t, os.WriteFile(file, []byte(input), 0o600))
		start := time.Now()
		got := scimlint(t, nil, "explain", file)
		assert.Less(t, time.Since(start), 2*time.Minute, name)
		assert.Contains(t, []int{0, 1, 2, 3}, got.code, name)
		assert.NotContains(t, got.err, "internal error", name)
		assert.NotEmpty(t, got.out+got.err, name)
		assert.Less(t, len(got.out), 1<<20, name)
	}
}

// BenchmarkExplainPasted explains 16 MB of each.
func BenchmarkExplainPasted(b *testing.B) {
	for name, input := range pasted(16 << 20) {
		b.Run(name, func(b *testing.B) {
			file := filepath.Join(b.TempDir(), "input")
			require.NoError(b, os.WriteFile(file, []byte(input), 0o600))
			for b.Loop() {
				var out bytes.Buffer
				run(context.Background(), []string{"explain", file}, stdio{out: &out, err: &out, env: func(string) string { return "" }})
			}
		})
	}
}
