package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var ofAnObject = regexp.MustCompile(`/(policies|users)/[^/]+`)

// sent are the requests that came to an org and are no GET, by their templates.
func sent(requests []string) []string {
	out := []string{}
	for _, r := range requests {
		r, _, _ = strings.Cut(r, "?")
		r = ofAnObject.ReplaceAllString(r, "/$1/{id}")
		if !strings.HasPrefix(r, "GET ") && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	slices.Sort(out)
	return out
}

// TestAttackWritesWhatIsSentIsWhatIsSaid: beside GET requests an org gets what docs/check.md
// lists for the options, and nothing else.
func TestAttackWritesWhatIsSentIsWhatIsSaid(t *testing.T) {
	const token, simulate, audits, users, one = "POST /oauth/token", "POST /api/v2/authorization/policies/{id}/simulate", "POST /api/v2/audits/query/realtime", "POST /api/v2/scim/v2/users", " /api/v2/scim/v2/users/{id}"
	page, err := os.ReadFile("../../docs/check.md")
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		scenario string
		args     []string
		want     []string
	}{
		"check":                      {"ready-admin", []string{"check"}, []string{token}},
		"check, on a condition":      {"abac-condition-met", []string{"check"}, []string{simulate, token}},
		"check --usage":              {"ready-admin", []string{"check", "--usage=7"}, []string{token}},
		"check --changes":            {"ready-admin", []string{"check", "--changes=7"}, []string{audits, token}},
		"check --probe write":        {"ready-admin", []string{"check", "--probe", "write"}, []string{users, token}},
		"nothing that creates users": {"ready-admin", []string{"check", "--probe", "write", "--need", "delete"}, []string{token}},
		"ready":                      {"ready-admin", []string{"ready"}, []string{token}},
		"ready --canary":             {"ready-admin", []string{"ready", "--canary", "--yes"}, []string{"DELETE" + one, "PATCH" + one, users, token}},
		"fix":                        {"role-lacks-permission", []string{"fix"}, []string{token}},
		"can-i":                      {"ready-admin", []string{"can-i", "POST", "/api/v2/scim/v2/users"}, []string{token}},
		"capture":                    {"ready-admin", []string{"capture", "--dry-run"}, []string{token}},
	} {
		t.Run(name, func(t *testing.T) {
			server, env := org(t, tc.scenario)
			got := scimlint(t, env, tc.args...)
			require.NotEqual(t, 2, got.code, got.err)
			assert.Equal(t, tc.want, sent(server.Requests()))
			for _, request := range tc.want {
				method, path, _ := strings.Cut(request, " ")
				assert.Contains(t, string(page), method)
				assert.Contains(t, string(page), path)
			}
		})
	}
}
