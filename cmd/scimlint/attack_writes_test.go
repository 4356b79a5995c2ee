package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/internal/fix"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/simulator"
)

// between puts a hostile proxy before an org: it may change what the org answers.
func between(t *testing.T, server *simulator.Server, env map[string]string, change func(r *http.Request, body map[string]any)) {
	t.Helper()
	target, err := url.Parse(server.URL)
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(resp *http.Response) error {
		data, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		var body map[string]any
		if json.Unmarshal(data, &body) == nil && resp.StatusCode == http.StatusOK {
			change(resp.Request, body)
			if data, err = json.Marshal(body); err != nil {
				return err
			}
		}
		resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
		resp.Header.Del("Content-Length")
		return nil
	}
	srv := httptest.NewServer(proxy)
	t.Cleanup(srv.Close)
	for k, v := range env {
		env[k] = strings.ReplaceAll(v, server.URL, srv.URL)
	}
}

func wrote(server *simulator.Server) bool {
	for _, r := range server.Requests() {
		if strings.HasPrefix(r, "PUT") || strings.HasPrefix(r, "DELETE") || strings.HasPrefix(r, "PATCH") || strings.HasPrefix(r, "POST /api/v2/auth") {
			return true
		}
	}
	return false
}

// TestAttackWritesFixChangesOnlyTheClientThatWasNamed: another id in tokens/me, in
// oauth/clients or in the grants, and an auditor of another org, stop --apply.
func TestAttackWritesFixChangesOnlyTheClientThatWasNamed(t *testing.T) {
	var mine atomic.Int32
	for name, tc := range map[string]struct {
		change func(r *http.Request, body map[string]any)
		why    string
	}{
		"tokens/me names another client": {func(r *http.Request, body map[string]any) {
			if r.URL.Path == "/api/v2/tokens/me" {
				body["OAuthClient"].(map[string]any)["id"] = "victim"
			}
		}, `names the client "victim"`},
		"tokens/me names no client": {func(r *http.Request, body map[string]any) {
			if r.URL.Path == "/api/v2/tokens/me" {
				delete(body["OAuthClient"].(map[string]any), "id")
			}
		}, `names the client ""`},
		"oauth/clients names another": {func(r *http.Request, body map[string]any) {
			if strings.HasPrefix(r.URL.Path, "/api/v2/oauth/clients/") {
				body["id"] = "victim"
			}
		}, `victim`},
		"the grants are another's": {func(r *http.Request, body map[string]any) {
			if strings.HasPrefix(r.URL.Path, "/api/v2/authorization/subjects/") {
				body["id"] = "victim"
			}
		}, `are of "victim"`},
		"a grant is another's": {func(r *http.Request, body map[string]any) {
			if strings.HasPrefix(r.URL.Path, "/api/v2/authorization/subjects/") {
				for _, g := range body["grants"].([]any) {
					g.(map[string]any)["subjectId"] = "victim"
				}
			}
		}, `"victim"`},
		"the auditor is of another org": {func(r *http.Request, body map[string]any) {
			if r.URL.Path == "/api/v2/tokens/me" && mine.Add(1) > 1 {
				body["organization"] = map[string]any{"id": "elsewhere", "name": "Elsewhere"}
			}
		}, "auditor's token is of the org"},
		"the auditor's org is not told": {func(r *http.Request, body map[string]any) {
			if r.URL.Path == "/api/v2/tokens/me" && mine.Add(1) > 1 {
				delete(body, "organization")
			}
		}, "auditor's token is of the org"},
	} {
		t.Run(name, func(t *testing.T) {
			mine.Store(0)
			server, env := auditedOrg(t, "role-lacks-permission", nil)
			between(t, server, env, tc.change)
			got := scimlint(t, env, "fix", "--apply", "--yes")
			assert.NotEqual(t, 0, got.code)
			assert.False(t, wrote(server), "%v", server.Requests())
			assert.Contains(t, got.err, "nothing was changed")
			assert.Contains(t, got.err, tc.why)
		})
	}
	// The auditor's token may be the client's own.
	server, env := auditedOrg(t, "role-lacks-permission", nil)
	env["SCIMLINT_AUDITOR_TOKEN"] = tokenFor(t, server, env[envClientID], env[envSecret])
	delete(env, envAuditorID)
	delete(env, envAuditorSecret)
	got := scimlint(t, env, "fix", "--apply", "--yes")
	assert.Contains(t, got.err, "is of the client under test")
	assert.False(t, wrote(server))
}

func tokenFor(t *testing.T, server *simulator.Server, id, secret string) string {
	t.Helper()
	resp, err := http.PostForm(server.URL+"/oauth/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}})
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	var answer struct {
		Token string `json:"access_token"`
	}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&answer))
	return answer.Token
}

// TestAttackWritesPromptIsNotMetByAnEmptyLine: a name that is blank or cannot be seen is
// confirmed by its id; one with spaces around it can be typed.
func TestAttackWritesPromptIsNotMetByAnEmptyLine(t *testing.T) {
	const id = "5f0c1c52-0000-4000-8000-000000000001"
	for name, want := range map[string]string{
		"": id, "   ": id, "\t\n": id, "\u200b\u200d\ufeff": id, "\u202e\u2066\u2069": id, "\x00\x1b\x07": id, "\u2800\u2800": id, "\u3164": id, "\u115f\u1160": id,
		"\u00ad": id, "\u00a0\u2003": id, "\u0301": id, "\ufe0f": id, "\u034f": id, "\U000e0041": id, strings.Repeat("x", 300): id,
		"Acme": "Acme", "  Acme ": "Acme", "Ac\u200bme\n": "Acme", "名前": "名前", "A b": "A b", "-": "-",
	} {
		word := typed(name, id)
		assert.Equal(t, want, word, "%q", name)
		for _, line := range []string{"", "\n", "   \n", "\u200b\n", "y\n", "yes\n", word + "x\n"} {
			require.Error(t, confirm(t.Context(), stdio{in: strings.NewReader(line), err: io.Discard}, word), "%q typed for %q", line, name)
		}
		require.NoError(t, confirm(t.Context(), stdio{in: strings.NewReader(" " + word + " \n"), err: io.Discard}, word), "%q", name)
	}
	for _, word := range []string{"", typed("", ""), typed("\u200b", "\u200b")} {
		require.Error(t, confirm(t.Context(), stdio{in: strings.NewReader("\n"), err: io.Discard}, word))
	}
	// A whole run of a client whose name cannot be seen.
	server, env := auditedOrg(t, "role-lacks-permission", func(s *simulator.Scenario) {
		s.Clients[0].Name, s.Run.Client = "\u200b \u200b", "\u200b \u200b"
	})
	for line, want := range map[string]int{"\n": 2, " \n": 2} {
		var out, errs bytes.Buffer
		assert.Equal(t, want, run(t.Context(), []string{"fix", "--apply"}, stdio{strings.NewReader(line), &out, &errs, func(k string) string { return env[k] }}), errs.String())
		assert.Contains(t, errs.String(), "Type "+env[envClientID])
	}
	assert.False(t, wrote(server))
}

// TestAttackWritesPromptEndsWithTheSignal: Ctrl-C at the prompt ends the run.
func TestAttackWritesPromptEndsWithTheSignal(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	in, writer := io.Pipe()
	defer func() { _ = writer.Close() }()
	stop()
	err := confirm(ctx, stdio{in: in, err: io.Discard}, "Acme")
	var e *exit
	require.ErrorAs(t, err, &e)
	assert.Equal(t, exitInterrupted, e.code)
}

// TestAttackWritesFixInterruptedExits130: and says what was done and what was not.
func TestAttackWritesFixInterruptedExits130(t *testing.T) {
	server, env := auditedOrg(t, "role-lacks-permission", nil)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	between(t, server, env, func(r *http.Request, _ map[string]any) {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/roles") {
			stop()
		}
	})
	var out, errs bytes.Buffer
	status := run(ctx, []string{"fix", "--apply", "--yes"}, stdio{strings.NewReader(""), &out, &errs, func(k string) string { return env[k] }})
	assert.Equal(t, 130, status, errs.String())
	assert.Contains(t, errs.String(), "done:     create the role")
	assert.Contains(t, errs.String(), "not done: grant the role")
	assert.Contains(t, errs.String(), "to take it back: delete the role")
}

// TestAttackWritesNamesCannotBreakAPlan: divisions and roles may be called like a place in a
// path, in whatever format the plan is carried out.
func TestAttackWritesNamesCannotBreakAPlan(t *testing.T) {
	for _, name := range []string{"Sales}", "{role:SCIM provisioning}", "{role:", "a/../b", "x?y=z&a", "%2f", `"$role1"`, "*", "'", "role1", "\\(env)", "${role}"} {
		rename := func(s *simulator.Scenario) {
			s.Divisions[0].Name = name
			for i := range s.Clients {
				for j := range s.Clients[i].Roles {
					if s.Clients[i].Roles[j].Division == "Home" {
						s.Clients[i].Roles[j].Division = name
					}
				}
			}
			s.Roles[0].Name += name
			s.Clients[0].Roles[0].Role += name
		}
		server, env := auditedOrg(t, "role-lacks-permission", rename)
		role := server.Scenario.Roles[0].Name
		got := scimlint(t, env, "fix", "--role", role, "--apply", "--yes")
		assert.Equal(t, 0, got.code, "%q: %s%s", name, got.out, got.err)

		if _, err := exec.LookPath("jq"); err != nil {
			continue
		}
		server, env = auditedOrg(t, "role-lacks-permission", rename)
		script := scimlint(t, env, "fix", "--role", role, "--format", "curl")
		require.Equal(t, 0, script.code, script.err)
		cmd := exec.Command("bash", "-c", script.out)
		cmd.Env = append(os.Environ(), "GENESYSCLOUD_ACCESS_TOKEN="+tokenFor(t, server, env[envAuditorID], env[envAuditorSecret]))
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%q: %s\n%s", name, out, script.out)
		assert.Equal(t, 0, scimlint(t, env, "check").code, name)
	}
}

// TestAttackWritesPlanHasNoUnfilledPlace: whatever the plan, no path and no way back has a
// place that somebody would have to fill in.
func TestAttackWritesPlanHasNoUnfilledPlace(t *testing.T) {
	for _, name := range simulator.Names() {
		got := scimlintOn(t, name, "fix", "--format", "json")
		var p fix.Plan
		require.NoError(t, json.Unmarshal([]byte(got.out), &p), name)
		made := map[string]string{}
		for _, c := range p.Calls {
			_, err := c.Resolve(made)
			require.NoError(t, err, name)
			assert.NotRegexp(t, `[{}]|//`, c.Undo, name)
			if c.Makes != "" {
				made[c.Makes] = "id"
			}
		}
	}
}

// TestAttackWritesInterruptedProbeSaysWhatMayBeLeft: also where the run ends without a
// report.
func TestAttackWritesInterruptedProbeSaysWhatMayBeLeft(t *testing.T) {
	text := interrupted(&evidence.Snapshot{WriteProbeLeft: "the write probe may have made a user without a userName"}).Error()
	assert.Contains(t, text, "ATTENTION: the write probe may have made a user without a userName")
	assert.NotContains(t, interrupted(&evidence.Snapshot{}).Error(), "ATTENTION")

	server, env := auditedOrg(t, "role-lacks-permission", func(s *simulator.Scenario) {
		s.Faults.Rules = append(s.Faults.Rules, simulator.FaultRule{Method: "POST", Path: "/api/v2/scim/v2/users", Kind: "drop"})
	})
	got := scimlint(t, env, "check", "--probe", "write")
	assert.Contains(t, strings.Join(strings.Fields(got.out), " "), "may have made a user without a userName", server.URL)
	assert.Contains(t, strings.Join(strings.Fields(got.out), " "), "Admin > People & Permissions > People")
}

// TestAttackWritesCanaryNameIsShownWhole: no redaction hides what has to be looked for.
func TestAttackWritesCanaryNameIsShownWhole(t *testing.T) {
	const name = `scimlint-canary-\d{8}t\d{6}z-[a-z2-7]{26}@`
	_, _, env := migration(t, func(s *simulator.Scenario) { s.Roles[0].Policies = s.Roles[0].Policies[:2] })
	for _, format := range []string{"text", "json", "markdown", "html"} {
		got := scimlint(t, env, "ready", "--canary", "--yes", "-o", format)
		assert.Regexp(t, name, got.err, format)
		if format != "text" { // text is wrapped
			assert.Regexp(t, name, got.out, format)
		}
	}
}
