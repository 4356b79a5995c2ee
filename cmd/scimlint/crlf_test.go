package main

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// savedOnWindows are the forms in which editors and shells of Windows leave a text.
var savedOnWindows = map[string]func(string) []byte{
	"CRLF":            func(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) },
	"a mark and CRLF": func(s string) []byte { return []byte("\ufeff" + strings.ReplaceAll(s, "\n", "\r\n")) },
	"UTF-16": func(s string) []byte {
		out := []byte{0xff, 0xfe}
		for _, unit := range utf16.Encode([]rune(strings.ReplaceAll(s, "\n", "\r\n"))) {
			out = binary.LittleEndian.AppendUint16(out, unit)
		}
		return out
	},
}

// TestFilesOfWindows: a file that was saved on Windows is read as the same file with the
// line ends of Unix; above all, a secret is not called wrong because of how it was saved.
func TestFilesOfWindows(t *testing.T) {
	_, env := org(t, "ready-least-privileged")
	clientSecret := env[envSecret]
	delete(env, envSecret)
	baseline := filepath.Join(t.TempDir(), "baseline.yaml")
	secretFile := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(secretFile, []byte(clientSecret), 0o600))
	require.Equal(t, 0, scimlint(t, env, "check", "--secret-file", secretFile, "--need", "roles", "--baseline", baseline, "--write-baseline").code)
	known, err := os.ReadFile(baseline)
	require.NoError(t, err)

	for name, tc := range map[string]struct {
		text string
		args []string // {} is the file
		code int
		want string
	}{
		"a secret":        {clientSecret + "\n", []string{"check", "--secret-file", "{}"}, 0, "READY"},
		"a configuration": {"need: [create, roles]\nsecretFile: " + secretFile + "\n", []string{"check", "--config", "{}"}, 1, "NOT READY"},
		"a baseline":      {string(known), []string{"check", "--secret-file", secretFile, "--need", "roles", "--baseline", "{}"}, 0, "(known)"},
		"a refusal":       {"HTTP/1.1 403 Forbidden\nContent-Type: application/json\n\n{\"code\":\"missing.permissions\",\"message\":\"You are missing directory:user:add\",\"status\":403}\n", []string{"explain", "{}"}, 0, "directory:user:add"},
		"a CSV":           {"userName,displayName\na@acme.example,A\nb@acme.example,B\n", []string{"ready", "--secret-file", secretFile, "--need", "create", "--payload", "{}.csv"}, 0, "2 "},
		"NDJSON":          {`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a@acme.example","displayName":"A"}` + "\n", []string{"ready", "--secret-file", secretFile, "--need", "create", "--payload", "{}.ndjson"}, 0, "1 "},
		"a scenario":      {simulated, []string{"demo", "{}", "-q"}, 0, "READY"},
	} {
		for form, save := range savedOnWindows {
			if form == "UTF-16" && strings.Contains(strings.Join(tc.args, " "), "--payload") {
				continue // TestAPayloadInUTF16
			}
			t.Run(name+" with "+form, func(t *testing.T) {
				file := filepath.Join(t.TempDir(), "file")
				args := make([]string, len(tc.args))
				for i, a := range tc.args {
					args[i] = strings.ReplaceAll(a, "{}", file)
					if strings.Contains(a, "{}") {
						require.NoError(t, os.WriteFile(args[i], save(tc.text), 0o600))
					}
				}
				got := scimlint(t, env, args...)
				require.Equal(t, tc.code, got.code, got.out+got.err)
				assert.Contains(t, got.out, tc.want)
				assert.NotContains(t, got.out+got.err, clientSecret)
			})
		}
	}
}

// simulated is a scenario of the least that one needs.
const simulated = `name: saved-on-windows
title: A scenario
story: |
  It has
  two lines.
org: {name: Acme, region: eu-central-1}
divisions: [{name: Home, home: true}]
roles: [{name: All, policies: ["*:*:*"]}]
clients: [{name: Client, roles: [{role: All}]}]
run: {client: Client}
expect: {verdict: ready}
`

// TestAPayloadInUTF16 is refused in words that say what it is; it is not called ready.
func TestAPayloadInUTF16(t *testing.T) {
	_, env := org(t, "ready-least-privileged")
	file := filepath.Join(t.TempDir(), "users.csv")
	require.NoError(t, os.WriteFile(file, savedOnWindows["UTF-16"]("userName,displayName\na@acme.example,A\n"), 0o600))
	got := scimlint(t, env, "ready", "--need", "create", "--payload", file)
	assert.NotEqual(t, 0, got.code, got.out+got.err)
}

// TestVariablesOfAFileWithCRLF: `. ./org.env` of a file with Windows' line ends leaves a
// carriage return on every value.
func TestVariablesOfAFileWithCRLF(t *testing.T) {
	_, env := org(t, "ready-least-privileged")
	for k, v := range env {
		env[k] = v + "\r"
	}
	got := scimlint(t, env, "check")
	assert.Equal(t, 0, got.code, got.out+got.err)
}

func TestSamePlace(t *testing.T) {
	for _, tc := range []struct {
		a, b, system string
		want         bool
	}{
		{"/x/report.json", "/x/report.json", "linux", true},
		{"/x/Report.json", "/x/report.json", "linux", false},
		{"/x/Report.json", "/x/report.json", "darwin", true},
		{`C:\x\Report.json`, `c:\X\report.json`, "windows", true},
		{`C:\x\a.json`, `C:\x\b.json`, "windows", false},
	} {
		assert.Equal(t, tc.want, samePlace(tc.a, tc.b, tc.system), "%+v", tc)
	}
}
