package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/simulator"
)

// TestAttackOutputNeverDestroys: what is no plain file is written to, links stay,
// and what the run reads is not overwritten.
func TestAttackOutputNeverDestroys(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("devices and links of Unix")
	}
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	require.NoError(t, writeMode(os.DevNull, []byte("x"), 0o600))
	info, err := os.Stat(os.DevNull)
	require.NoError(t, err)
	assert.False(t, info.Mode().IsRegular(), "the device is still one")

	require.NoError(t, os.WriteFile(at("target"), []byte("old"), 0o640))
	require.NoError(t, os.Symlink(at("target"), at("link")))
	require.NoError(t, writeMode(at("link"), []byte("new"), 0o600))
	text, err := os.ReadFile(at("target"))
	require.NoError(t, err)
	assert.Equal(t, "new", string(text), "a link's target is written")
	info, err = os.Lstat(at("link"))
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeSymlink, "the link stays")
	info, err = os.Stat(at("target"))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o640), info.Mode().Perm(), "a file keeps its mode")
	require.NoError(t, os.Symlink(os.DevNull, at("null")))
	require.NoError(t, writeMode(at("null"), []byte("x"), 0o600))
	require.NoError(t, os.Symlink(at("nowhere"), at("dangling")))
	require.Error(t, writeMode(at("dangling"), []byte("x"), 0o600))
	require.ErrorContains(t, writeMode(dir, []byte("x"), 0o600), "folder")
}

// TestAttackOutputThatIsAnInput: the report would destroy what it is about.
func TestAttackOutputThatIsAnInput(t *testing.T) {
	server, env := org(t, "ready-least-privileged")
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	require.Equal(t, 0, scimlint(t, env, "capture", "-o", at("bundle")).code)
	require.NoError(t, os.WriteFile(at("users.ndjson"), []byte(`{"userName":"a@b.example"}`), 0o600))
	require.NoError(t, os.WriteFile(at("refusal"), []byte("403"), 0o600))
	require.NoError(t, os.WriteFile(at("c.yaml"), []byte("need: [read]\n"), 0o600))
	require.NoError(t, os.WriteFile(at("baseline"), []byte("{}"), 0o600))
	require.NoError(t, os.Link(at("bundle"), at("hard")))
	if runtime.GOOS != "windows" {
		require.NoError(t, os.Symlink(at("bundle"), at("soft")))
	}
	sent := len(server.Requests())
	for _, args := range [][]string{
		{"check", "--from", at("bundle"), "-o", "json=" + at("bundle")},
		{"check", "--from", at("bundle"), "-o", "json=" + at("hard")},
		{"check", "--from", at("bundle"), "-o", "json=" + at("soft")},
		{"check", "--from", at("bundle"), "-o", "json=" + dir + "/./bundle"},
		{"check", "--payload", at("users.ndjson"), "-o", "html=" + at("users.ndjson")},
		{"check", "--refusal", at("refusal"), "-o", "text=" + at("refusal")},
		{"check", "--config", at("c.yaml"), "-o", "text=" + at("c.yaml")},
		{"check", "--baseline", at("baseline"), "-o", "text=" + at("baseline")},
		{"check", "--baseline", at("b2"), "--write-baseline", "-o", "text=" + at("b2")},
		{"check", "-o", "json=" + at("new"), "-o", "html=" + dir + "/../" + filepath.Base(dir) + "/new"},
		{"fix", "--from", at("bundle"), "--output", at("bundle")},
		{"can-i", "--from", at("bundle"), "-o", "json=" + at("bundle"), "GET", "/api/v2/tokens/me"},
		{"diff", at("bundle"), at("bundle"), "-o", "json=" + at("bundle")},
		{"explain", at("refusal"), "-o", "json=" + at("refusal")},
		{"capture", "--config", at("c.yaml"), "-o", at("c.yaml")},
	} {
		if runtime.GOOS == "windows" && strings.HasSuffix(args[len(args)-1], "soft") {
			continue // links there require a privilege
		}
		before := map[string]string{}
		for _, name := range []string{"bundle", "users.ndjson", "refusal", "c.yaml", "baseline"} {
			text, err := os.ReadFile(at(name))
			require.NoError(t, err)
			before[name] = string(text)
		}
		got := scimlint(t, env, args...)
		assert.Equal(t, 2, got.code, "%v\n%s", args, got.err)
		for name, text := range before {
			now, err := os.ReadFile(at(name))
			require.NoError(t, err)
			assert.Equal(t, text, string(now), "%v: %s is as it was", args, name)
		}
	}
	assert.Len(t, server.Requests(), sent, "nothing is asked before that is seen")
}

// TestAttackOutputOfALog: no line of any output is a command of a pipeline's log, and
// nothing that a terminal obeys passes, whatever the org calls its things.
func TestAttackOutputOfALog(t *testing.T) {
	hostile := "x ::error::gone ##vso[task.setvariable variable=a]b ##[error]c \x1b[2J\u009b2J\u202eevil\u200b"
	s, err := simulator.Embedded("role-lacks-permission")
	require.NoError(t, err)
	s.Org.Name = "::set-output name=a::b " + hostile
	s.Clients[0].Name = strings.Repeat("long words before ", 5) + "::warning::" + hostile
	s.Run.Client = s.Clients[0].Name
	server, err := simulator.Start(s, "127.0.0.1:0")
	require.NoError(t, err)
	defer server.Close()
	id, secret := server.Credentials(s.Run.Client)
	env := map[string]string{envAPI: server.URL, envLogin: server.LoginURL, envRegion: "us-east-1", envClientID: id, envSecret: secret}
	refusal := filepath.Join(t.TempDir(), "::error::name")
	if runtime.GOOS == "windows" { // whose names have no colons
		refusal = filepath.Join(t.TempDir(), "##[error]name")
	}
	require.NoError(t, os.WriteFile(refusal, []byte("HTTP/1.1 403 Forbidden\n\n{\"code\":\"missing.permissions\",\"message\":\""+hostile+"\"}"), 0o600))
	for _, args := range [][]string{{"check", "-v"}, {"check", "-o", "json"}, {"check", "-o", "sarif"}, {"check", "-o", "junit"}, {"check", "-o", "markdown"}, {"check", "-o", "html"},
		{"fix"}, {"fix", "--format", "curl"}, {"fix", "--format", "terraform"}, {"fix", "--format", "json"}, {"capture", "--dry-run"}, {"can-i", "GET", "/api/v2/tokens/me"},
		{"explain", refusal}, {"explain", refusal + "x"}, {"check", "--refusal", refusal}, {"can-i", "GET", "::error::x"}, {"catalog", "show", "::error::"}, {"rules", "\n::error::x"},
		{"check", "--region", "\r\n::error::x"}, {"check", "--division", "::stop-commands::x"}} {
		got := scimlint(t, env, args...)
		for _, line := range strings.Split(got.out+"\n"+got.err, "\n") {
			assert.NotRegexp(t, `^\s*::|##vso\[|##\[`, line, "%v", args)
			assert.NotContains(t, line, "\x1b[2J", "%v", args)
			assert.NotRegexp(t, "[\u0080-\u009f\u200b\u202e\r]", line, "%v", args)
		}
	}
}

func FuzzGuard(f *testing.F) {
	f.Add("::error::x\n  ::y\n##[z]", 3)
	f.Add("\x1b[31mred\x1b[0m \x1b[2J \x1b]0;t\a", 7)
	f.Fuzz(func(t *testing.T, text string, cut int) {
		var out bytes.Buffer
		g := &guard{w: &out}
		cut = min(max(cut, 0), len(text))
		_, _ = g.Write([]byte(text[:cut]))
		first := out.Len()
		_, _ = g.Write([]byte(text[cut:]))
		for i, part := range []string{out.String()[:first], out.String()[first:]} {
			assert.NotRegexp(t, `(?m)\A\s*::|##vso\[|##\[`, part[:0])
			for j, line := range strings.Split(part, "\n") {
				if i == 1 && j == 0 {
					continue // it goes on with the line before
				}
				assert.NotRegexp(t, `^[ \t]*::`, line)
			}
			assert.NotContains(t, part, "##[")
			assert.NotContains(t, part, "##vso[")
		}
	})
}
