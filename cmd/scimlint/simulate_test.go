package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/simulator"
)

// servedOrg is a scenario as scimlint simulate serves it: the environment and the flags
// that it prints.
func servedOrg(t *testing.T, name string) (env map[string]string, args []string) {
	t.Helper()
	s, err := loadScenario(name)
	require.NoError(t, err)
	server, err := simulator.Start(s, "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(server.Close)
	account, err := startZendesk(s)
	require.NoError(t, err)
	if account != nil {
		t.Cleanup(account.Close)
	}
	p, err := newPlay(server, stdio{strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}, func(string) string { return "" }}, account)
	require.NoError(t, err)
	t.Cleanup(p.close)
	env = map[string]string{}
	for _, line := range p.lines(account) {
		if key, value, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
			env[key] = value
		}
	}
	return env, p.args
}

// TestSimulatePrintsTheRunOfAScenario: with the environment and the flags that simulate
// prints, check gives the scenario's own verdict and first cause.
func TestSimulatePrintsTheRunOfAScenario(t *testing.T) {
	for _, name := range simulator.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, err := simulator.Embedded(name)
			require.NoError(t, err)
			env, args := servedOrg(t, name)
			got := scimlint(t, env, append([]string{"check", "-o", "json"}, args...)...)
			if want.Expect.UsageError != "" {
				assert.Equal(t, exitUsage, got.code)
				return
			}
			var r results.Report
			require.NoError(t, json.Unmarshal([]byte(got.out), &r), got.err)
			assert.Empty(t, unexpected(simulator.Expect{Verdict: want.Expect.Verdict, Cause: want.Expect.Cause}, r, ""))
		})
	}
}

// TestSimulateWritesTheEnvironmentToAFile that nobody else can read, and shows no secret.
func TestSimulateWritesTheEnvironmentToAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "org.env")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, scenarios := range [][]string{{"policy-condition-limits"}, {"fix-with-auditor", "ready-admin"}} {
		require.NoError(t, os.RemoveAll(file))
		args := []string{"simulate", "--env", file}
		for _, s := range scenarios {
			args = append(args, "--scenario", s)
		}
		var out, errs bytes.Buffer
		require.Equal(t, 0, run(ctx, args, stdio{strings.NewReader(""), &out, &errs, func(string) string { return "" }}), errs.String())
		info, err := os.Stat(file)
		require.NoError(t, err)
		if runtime.GOOS != "windows" {
			assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		}
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Contains(t, string(data), "# then: scimlint check")
		assert.Empty(t, out.String())
		assert.Contains(t, errs.String(), "set -a; . "+shellWord(file)+"; set +a")
		for line := range strings.Lines(string(data)) {
			key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
			if ok && strings.HasSuffix(key, "SECRET") {
				assert.NotContains(t, errs.String(), value)
			}
		}
	}
}

// TestTheAuditorsScenariosEndReady: what the README shows of fix --apply works.
func TestTheAuditorsScenariosEndReady(t *testing.T) {
	for _, name := range []string{"fix-with-auditor", "grant-with-auditor"} {
		env, args := servedOrg(t, name)
		assert.Equal(t, 1, scimlint(t, env, append([]string{"check"}, args...)...).code)
		got := scimlint(t, env, append([]string{"fix", "--apply", "--yes"}, args...)...)
		assert.Equal(t, 0, got.code, got.out+got.err)
		got = scimlint(t, env, append([]string{"check"}, args...)...)
		assert.Equal(t, 0, got.code, got.out)
	}
}

func TestShellWords(t *testing.T) {
	for word, want := range map[string]string{"--need": "--need", "a b": "'a b'", "it's": `'it'\''s'`, "*": "'*'", "": "''"} {
		assert.Equal(t, want, shellWord(word))
	}
}
