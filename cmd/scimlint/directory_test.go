package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/results"
)

func TestFromEntraToReady(t *testing.T) {
	_, env := provisioned(t, nil)
	export := configured(t, "\ufeffuserPrincipalName;displayName;userType;accountEnabled;department\r\nzoé@acme.example;\"Martin; Zoé\";Member;True;Ventes\r\nbo@acme;Bo;Member;True;\r\nguest@acme.example;Guest;Guest;True;\r\n;;;;\r\n")
	bodies := filepath.Join(t.TempDir(), "users.ndjson")
	got := scimlint(t, nil, "payload", "from-entra", export, "-o", bodies)
	assert.Equal(t, 1, got.code, "a guest is left out")
	for _, says := range []string{`delimiter ";"`, "columns used: userPrincipalName, displayName, accountEnabled", "looked for and not found:", "bodies made: 2, users left out: 1", "line 4: it is a guest", "empty rows: 1"} {
		assert.Contains(t, got.err, says)
	}
	assert.Empty(t, got.out)
	info, err := os.Stat(bodies)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "people's names are for nobody else")
	r, _ := readyJSON(t, env, "--profile", "entra", "--payload", bodies)
	assert.Equal(t, 2, r.Readiness.Payload.Bodies)
	require.Len(t, r.Readiness.Payload.Kinds, 1)
	assert.Equal(t, "bad-email", r.Readiness.Payload.Kinds[0].Kind)
	assert.Equal(t, results.NoGo, sections(r)["payload"])
}

func TestDirectoryUsageErrors(t *testing.T) {
	file := configured(t, "userPrincipalName,displayName\na@x.example,A\n")
	before := "kept"
	kept := configured(t, before)
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"from-entra", "nowhere.csv"}, "nowhere.csv"},
		{[]string{"from-entra", file, "-o", file}, "would write"},
		{[]string{"from-okta", file, "-o", kept}, "looked for email"},
		{[]string{"from-csv", file}, "--mapping"},
		{[]string{"from-csv", file, "--mapping", file}, "mapping"},
		{[]string{"from-entra"}, "arg"},
	} {
		got := scimlint(t, nil, append([]string{"payload"}, c.args...)...)
		assert.Equal(t, 2, got.code, "%s", c.args)
		assert.Contains(t, got.err, c.says)
		assert.Empty(t, got.out)
	}
	text, err := os.ReadFile(kept)
	require.NoError(t, err)
	assert.Equal(t, before, string(text), "what cannot be read overwrites nothing")
}

func TestFromACSVOnStandardOutput(t *testing.T) {
	mapping := configured(t, "columns: {userName: Mail, displayName: Name}\nfixed: {division: Paris}\n")
	file := configured(t, "Name;Mail\n\x1b[31mEvil;e@x.example\n")
	got := scimlint(t, nil, "payload", "from-csv", file, "--mapping", mapping)
	assert.Equal(t, 0, got.code, got.err)
	assert.Equal(t, 1, strings.Count(got.out, "\n"))
	assert.Contains(t, got.out, `"division":"Paris"`)
	assert.NotContains(t, got.out+got.err, "\x1b[31m")
}
