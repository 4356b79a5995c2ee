package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/profile"
	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/simulator"
)

// served serves a scenario, and returns the environment for it.
func served(t *testing.T, name string) (*simulator.Server, map[string]string) {
	t.Helper()
	s, err := loadScenario(name)
	require.NoError(t, err)
	server, err := simulator.Start(s, "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(server.Close)
	return server, environment(server, nil)
}

func TestProfilesAreListedAndExplained(t *testing.T) {
	list := scimlint(t, nil, "profiles")
	assert.Equal(t, 0, list.code)
	assert.Equal(t, list.out, scimlint(t, nil, "profiles", "list").out)
	for _, name := range profile.Names() {
		assert.Contains(t, list.out, name)
		show := scimlint(t, nil, "profiles", "show", name)
		assert.Equal(t, 0, show.code, show.err)
		assert.Contains(t, show.out, "unknown", "what is unknown is said")
	}
	assert.Contains(t, scimlint(t, nil, "profiles", "show", "entra").out, "https://help.mypurecloud.com/")
	got := scimlint(t, nil, "profiles", "show", "oktta")
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.err, "did you mean okta")
}

func TestWhatAProfileSaysYieldsToFlagsAndConfiguration(t *testing.T) {
	_, env := served(t, "ready-entra")
	own := configured(t, "name: mine\nneeds: {value: [read]}\ntoken: {use: renewed}\n")
	config := func(text string) string { return configured(t, text) }
	for name, c := range map[string]struct {
		args []string
		want map[string][2]string
	}{
		"profile":                {[]string{"--profile", "entra"}, map[string][2]string{"needs": {"create, read, update, delete, groups", "profile"}, "token use": {"pasted", "profile"}, "SCIM base": {"/api/v2/scim/v2", "profile"}}},
		"flags win":              {[]string{"--profile", "entra", "--need", "read", "--token-use", "renewed"}, map[string][2]string{"needs": {"read", "flag"}, "token use": {"renewed", "flag"}}},
		"configuration wins":     {[]string{"--config", config("profile: entra\nneed: [read]\ntokenUse: renewed\n")}, map[string][2]string{"needs": {"read", "configuration"}, "token use": {"renewed", "configuration"}}},
		"flag over config":       {[]string{"--profile", "okta", "--config", config("profile: entra\n")}, map[string][2]string{"needs": {"create, read, update, groups", "profile"}}},
		"default where unknown":  {[]string{"--profile", "pingone"}, map[string][2]string{"needs": {"create, read, update, delete", "default"}, "token use": {"unknown", "default"}}},
		"a profile of one's own": {[]string{"--profile", own}, map[string][2]string{"needs": {"read", "profile"}, "token use": {"renewed", "profile"}}},
	} {
		got := scimlint(t, env, append([]string{"check", "-o", "json"}, c.args...)...)
		require.NotEqual(t, 2, got.code, "%s: %s", name, got.err)
		var r results.Report
		require.NoError(t, json.Unmarshal([]byte(got.out), &r))
		require.NotNil(t, r.Target.Profile, name)
		values := map[string][2]string{}
		for _, v := range r.Target.Profile.Values {
			values[v.Name] = [2]string{v.Value, v.From}
			assert.Equal(t, v.From == "profile" && !r.Target.Profile.Own, v.Source != "", "%s: %s has a source", name, v.Name)
		}
		for key, want := range c.want {
			assert.Equal(t, want, values[key], "%s: %s", name, key)
		}
	}
}

func TestProfileUsageErrors(t *testing.T) {
	broken := configured(t, "name: mine\nneeds: {value: [nothing]}\n")
	big := filepath.Join(t.TempDir(), "big.yaml")
	require.NoError(t, os.WriteFile(big, []byte("name: big\ntitle: "+strings.Repeat("x", 300<<10)), 0o600))
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"--profile", "entre"}, "did you mean entra"},
		{[]string{"--profile", broken}, "unknown need"},
		{[]string{"--profile", big}, "256 KB"},
		{[]string{"--profile", "./nowhere.yaml"}, "nowhere.yaml"},
		{[]string{"--profile", t.TempDir() + "/"}, "directory"},
		{[]string{"--token-issued", "yesterday"}, "2026-01-31"},
		{[]string{"--token-issued", "2999-01-01"}, "future"},
	} {
		got := scimlint(t, map[string]string{envRegion: "eu-west-1", envToken: "abcdefghijkl"}, append([]string{"check"}, c.args...)...)
		assert.Equal(t, 2, got.code, "%s", c.args)
		assert.Contains(t, got.err, c.says)
	}
}

func TestAProfileShowsInEveryFormat(t *testing.T) {
	_, env := served(t, "ready-entra")
	got := scimlint(t, env, "check", "--profile", "entra")
	assert.Contains(t, strings.Join(strings.Fields(got.out), " "), "(profile, https://learn.microsoft.com/")
	for _, format := range []string{"markdown", "html", "sarif", "junit"} {
		assert.NotEqual(t, 2, scimlint(t, env, "check", "--profile", "entra", "-o", format).code, format)
	}
}
