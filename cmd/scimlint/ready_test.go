package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/simulator"
)

// migration serves an org and a Zendesk account, and returns the environment for both.
func migration(t *testing.T, change func(*simulator.Scenario)) (*simulator.Server, *simulator.ZendeskServer, map[string]string) {
	t.Helper()
	s, err := loadScenario("migration-day")
	require.NoError(t, err)
	if change != nil {
		change(s)
	}
	server, err := simulator.Start(s, "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(server.Close)
	account, err := simulator.StartZendesk(s.Zendesk, "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(account.Close)
	return server, account, environment(server, account)
}

// mapped is a configuration with a mapping.
const mapped = `need: [create]
zendesk:
  mapping:
    roles: {agent: [Agent], admin: [Agent]}
    skills: {billing: "Billing:4", returns: Returns}
    languages: {fr: "French:5", en: English}
    department: Support
`

func configured(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "scimlint.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

func sections(r results.Report) map[string]results.State {
	out := map[string]results.State{}
	for _, s := range r.Readiness.Sections {
		out[s.Name] = s.State
	}
	return out
}

func readyJSON(t *testing.T, env map[string]string, args ...string) (results.Report, outcome) {
	t.Helper()
	got := scimlint(t, env, append([]string{"ready", "-o", "json"}, args...)...)
	require.NotEqual(t, 2, got.code, got.err)
	v, err := validatorInput(got.out)
	require.NoError(t, err)
	require.NoError(t, validator(t, "../../docs/report.schema.json").Validate(v))
	var r results.Report
	require.NoError(t, json.Unmarshal([]byte(got.out), &r))
	require.NotNil(t, r.Readiness)
	return r, got
}

// TestFromZendeskToReady walks the way of the migration thread's author.
func TestFromZendeskToReady(t *testing.T) {
	server, account, env := migration(t, nil)
	config := configured(t, mapped)
	file := filepath.Join(t.TempDir(), "users.ndjson")
	got := scimlint(t, env, "payload", "from-zendesk", "--config", config, "-o", file)
	assert.Equal(t, 1, got.code, "two users are left out")
	assert.Contains(t, got.err, "3 bodies were made")
	assert.Contains(t, got.err, "it has no e-mail address")
	assert.Contains(t, got.err, "it is suspended")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	golden(t, "from-zendesk.ndjson", string(text))

	r, got := readyJSON(t, env, "--config", config, "--payload", file, "--source", "zendesk")
	assert.Equal(t, 1, got.code)
	assert.Equal(t, map[string]results.State{"permissions": results.Go, "payload": results.Go, "collisions": results.NoGo, "source": results.Go, "plan": results.Go, "canary": results.NotChecked}, sections(r))
	assert.Equal(t, []string{"create", "roles", "skills", "languages"}, r.Target.Needs, "the bodies' needs are judged")
	assert.Equal(t, []results.Collision{{UserName: "jean.dupont@acme.example", Line: 1, State: "active"}}, r.Readiness.Collisions)
	assert.Equal(t, results.Observed, r.Readiness.Plan.PerMinuteBasis)
	assert.Equal(t, 2, r.Readiness.Plan.Creates)
	assert.Empty(t, r.Readiness.Payload.Kinds)
	assert.Equal(t, "the platform", r.Readiness.Payload.Schema)
	for _, line := range append(server.Requests(), account.Requests()...) {
		assert.True(t, strings.HasPrefix(line, "GET ") || line == "POST /oauth/token", line)
	}
	for _, secret := range []string{env[envZendeskToken], env[envSecret]} {
		assert.NotContains(t, got.out+got.err, secret)
	}
}

// agents makes an account of 5,000 agents with faults of each kind, and says which.
func agents(s *simulator.Scenario) (want map[string][]string) {
	want = map[string][]string{}
	s.Zendesk.Users, s.Users = nil, nil
	for i := range 5000 {
		u := simulator.ZendeskUser{Name: fmt.Sprintf("Agent %d", i), Email: fmt.Sprintf("agent%d@acme.example", i), Role: "agent", Tags: []string{"billing"}, Locale: "fr"}
		id := fmt.Sprint(1000 + i)
		switch {
		case i%50 == 0:
			u.Role = "admin"
		case i%700 == 1:
			u.Email = ""
			want["withoutEmail"] = append(want["withoutEmail"], id)
		case i%900 == 2:
			u.Name = ""
			want["withoutName"] = append(want["withoutName"], id)
		case i%450 == 3:
			u.Suspended = true
			want["suspended"] = append(want["suspended"], id)
		case i%800 == 4:
			u.Email = fmt.Sprintf("AGENT%d@acme.example", i+1)
			want["duplicates"] = append(want["duplicates"], fmt.Sprintf("agent%d@acme.example", i+1))
		case i%600 == 6:
			u.Email = fmt.Sprintf("agent%d@acme", i)
			want["bad-email"] = append(want["bad-email"], u.Email)
		case i%500 == 7:
			state := []string{"active", "inactive", "deleted"}[i/500%3]
			s.Users = append(s.Users, simulator.User{Name: fmt.Sprintf("Here already %d", i), Email: strings.ToUpper(u.Email), State: state})
			want["collisions"] = append(want["collisions"], u.Email+" "+state)
		case i%400 == 8:
			u.Tags = []string{"klingon"}
			want["unknown-skill"] = append(want["unknown-skill"], u.Email)
		}
		s.Zendesk.Users = append(s.Zendesk.Users, u)
	}
	// Others of the org that have nothing to do with the migration.
	for i := range 700 {
		s.Users = append(s.Users, simulator.User{Name: fmt.Sprintf("Other %d", i), Email: fmt.Sprintf("other%d@acme.example", i), State: []string{"", "inactive", "deleted"}[i%3]})
	}
	s.Zendesk.Users = append(s.Zendesk.Users, simulator.ZendeskUser{Name: "Customer", Email: "customer@x.example", Role: "end-user"})
	return want
}

// TestFiveThousandAgents is the whole way with faults of each kind: every one is found
// and none invented.
func TestFiveThousandAgents(t *testing.T) {
	var want map[string][]string
	server, account, env := migration(t, func(s *simulator.Scenario) {
		s.RateLimit = 0
		s.Zendesk.RateLimit, s.Zendesk.RetryAfter = 40, 1 // some pages are refused at first
		want = agents(s)
	})
	config := configured(t, strings.Replace(mapped, `returns: Returns`, `returns: Returns, klingon: Klingon`, 1))
	file := filepath.Join(t.TempDir(), "users.ndjson")
	got := scimlint(t, env, "payload", "from-zendesk", "--config", config, "-o", file)
	require.Equal(t, 1, got.code, got.err)
	left := len(want["withoutEmail"]) + len(want["withoutName"]) + len(want["suspended"])
	assert.Contains(t, got.err, fmt.Sprintf("%d bodies were made", 5000-left))
	assert.Contains(t, got.err, fmt.Sprintf("%d users were left out", left))

	// Faults that no mapping makes: in the file itself.
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	lines[99] = strings.Replace(lines[99], `"active":true`, `"active":"yes"`, 1)
	lines[199] = strings.Replace(lines[199], `"displayName"`, `"name"`, 1)
	lines[299] = lines[299][:40]
	lines[399] = strings.Replace(lines[399], `{"value":"Agent"}`, `{"value":"Chief"}`, 1)
	lines[499] = strings.Replace(lines[499], `core:2.0:User"`, `core:1.0:User"`, 1)
	lines[599] = strings.Replace(lines[599], `"active":true`, `"active":true,"groups":[{"value":"g"}]`, 1)
	lines[699] = strings.Replace(lines[699], `"routingLanguages":[{"name":"French"`, `"routingLanguages":[{"name":"Klingon"`, 1)
	lines[799] = strings.Replace(lines[799], `"routingSkills":[`, `"routingSkills":[`+strings.Repeat(`{"name":"Billing"},`, 50), 1)
	require.NoError(t, os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600))
	at := map[string]int{} // userName → line
	for i, l := range lines {
		var body struct {
			UserName string `json:"userName"`
		}
		if json.Unmarshal([]byte(l), &body) == nil && at[body.UserName] == 0 {
			at[body.UserName] = i + 1
		}
	}

	r, got := readyJSON(t, env, "--config", config, "--payload", file, "--source", "zendesk")
	assert.Equal(t, 1, got.code)
	source := r.Readiness.Source
	assert.Equal(t, []int{4900, 100}, []int{source.Agents, source.Admins})
	assert.Equal(t, want["withoutEmail"], source.WithoutEmail)
	assert.Equal(t, want["withoutName"], source.WithoutName)
	assert.Equal(t, want["suspended"], source.Suspended)
	sort.Strings(want["duplicates"])
	assert.Equal(t, want["duplicates"], source.DuplicateEmails)

	found := map[string][]int{}
	for _, k := range r.Readiness.Payload.Kinds {
		for _, f := range k.Findings {
			found[k.Kind] = append(found[k.Kind], f.Line)
		}
	}
	expected := map[string][]int{"wrong-type": {100}, "missing-required": {200}, "unknown-attribute": {200}, "not-json": {300}, "unknown-role": {400},
		"wrong-schema": {500}, "missing-schemas": {500}, "read-only": {600}, "unknown-language": {700}, "too-many": {800}}
	for _, email := range want["unknown-skill"] {
		expected["unknown-skill"] = append(expected["unknown-skill"], at[email])
	}
	for _, email := range want["bad-email"] {
		expected["bad-email"] = append(expected["bad-email"], at[email], at[email]) // userName and emails
	}
	for _, email := range want["duplicates"] {
		expected["duplicate-user-name"] = append(expected["duplicate-user-name"], max(at[email], at[strings.ToUpper(email[:5])+email[5:]]))
	}
	for kind := range expected {
		slices.Sort(expected[kind])
		slices.Sort(found[kind])
	}
	assert.Equal(t, expected, found)

	var collisions []string
	for _, c := range r.Readiness.Collisions {
		collisions = append(collisions, c.UserName+" "+c.State)
		assert.Equal(t, at[c.UserName], c.Line)
	}
	var wantCollisions []string
	for _, c := range want["collisions"] {
		if name, _, _ := strings.Cut(c, " "); at[name] > 0 {
			wantCollisions = append(wantCollisions, c)
		}
	}
	assert.ElementsMatch(t, wantCollisions, collisions)
	assert.NotEmpty(t, collisions)
	assert.Equal(t, len(lines)-len(collisions), r.Readiness.Plan.Creates)
	assert.Equal(t, []string{"create", "groups", "roles", "skills", "languages"}, r.Target.Needs)
	assert.Less(t, len(server.Requests()), 100, "the org is asked a bounded number of times")
	assert.Less(t, len(account.Requests()), 200)
}

func TestFewNamesAreAskedForOneByOne(t *testing.T) {
	server, _, env := migration(t, func(s *simulator.Scenario) {
		for i := range 1000 {
			s.Users = append(s.Users, simulator.User{Name: fmt.Sprintf("Other %d", i), Email: fmt.Sprintf("other%d@acme.example", i)})
		}
		s.Users = append(s.Users, simulator.User{Name: "Gone", Email: "gone@acme.example", State: "inactive"})
	})
	file := filepath.Join(t.TempDir(), "users.csv")
	require.NoError(t, os.WriteFile(file, []byte("userName,displayName\nGone@acme.example,Gone\nnew@acme.example,New\nother7@acme.example,Other\n"), 0o600))
	r, _ := readyJSON(t, env, "--payload", file)
	assert.Equal(t, []results.Collision{{UserName: "Gone@acme.example", Line: 2, State: "inactive"}, {UserName: "other7@acme.example", Line: 4, State: "active"}}, r.Readiness.Collisions)
	assert.Less(t, len(server.Requests()), 40, "1,000 users are not listed for three names")
}

func TestThePlanInNumbers(t *testing.T) {
	var text strings.Builder
	for i := range 900 {
		_, _ = fmt.Fprintf(&text, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a%d@x.example","displayName":"A"}`+"\n", i)
	}
	file := filepath.Join(t.TempDir(), "users.ndjson")
	require.NoError(t, os.WriteFile(file, []byte(text.String()), 0o600))
	_, _, env := migration(t, func(s *simulator.Scenario) {
		s.RateLimit = 60
		s.Clients[0].TokenSeconds = 300
	})
	r, _ := readyJSON(t, env, "--payload", file)
	assert.Equal(t, results.Schedule{Creates: 900, Requests: 900, PerMinute: 60, PerMinuteBasis: results.Observed, Seconds: 900, TokenSeconds: 300, Renewals: 2}, *r.Readiness.Plan)
	_, _, env = migration(t, func(s *simulator.Scenario) { s.RateLimit = 0 })
	r, _ = readyJSON(t, env, "--payload", file)
	assert.Equal(t, results.Schedule{Creates: 900, Requests: 900, PerMinute: 300, PerMinuteBasis: results.Reported, Seconds: 180, TokenSeconds: 86400}, *r.Readiness.Plan)
}

func TestTheCanary(t *testing.T) {
	server, _, env := migration(t, nil)
	got := scimlint(t, env, "ready", "--canary")
	assert.Equal(t, 2, got.code, "nothing was typed")
	assert.NotContains(t, strings.Join(server.Requests(), "\n"), "POST /api")
	r, _ := readyJSON(t, env, "--canary", "--yes")
	assert.Equal(t, results.Go, sections(r)["canary"])
	require.Len(t, r.Readiness.Canary, 4)
	assert.Contains(t, r.Readiness.Canary[0].What, "scimlint-canary-")
	assert.Equal(t, 0, canaries(t, server, env))

	// It may create and not delete: what is left is said exactly.
	server, _, env = migration(t, func(s *simulator.Scenario) { s.Roles[0].Policies = s.Roles[0].Policies[:2] })
	r, got = readyJSON(t, env, "--canary", "--yes")
	assert.Equal(t, results.NoGo, sections(r)["canary"])
	assert.Contains(t, got.err, "is still there; delete it so")
	assert.Contains(t, got.err, "scimlint-canary-")
	assert.Equal(t, 1, canaries(t, server, env))

	// An update that fails does not keep the user from being deleted.
	server, _, env = migration(t, func(s *simulator.Scenario) {
		s.Faults.Rules = append(s.Faults.Rules, simulator.FaultRule{Method: "PATCH", Path: "/api/v2/scim/v2/users/*", Kind: "drop"})
	})
	r, _ = readyJSON(t, env, "--canary", "--yes")
	assert.Contains(t, r.Readiness.Section("canary").Summary, "to update it failed")
	assert.Contains(t, r.Readiness.Section("canary").Summary, "nothing is left in the org")
	assert.Equal(t, 0, canaries(t, server, env))
}

// canaries counts the trial's users that are in the org.
func canaries(t *testing.T, server *simulator.Server, env map[string]string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/api/v2/scim/v2/users?filter=active+eq+false&count=100", nil)
	require.NoError(t, err)
	form := strings.NewReader("grant_type=client_credentials&client_id=" + env[envClientID] + "&client_secret=" + env[envSecret])
	resp, err := http.Post(server.URL+"/oauth/token", "application/x-www-form-urlencoded", form)
	require.NoError(t, err)
	var token struct {
		AccessToken string `json:"access_token"`
	}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&token))
	_ = resp.Body.Close()
	req.Header.Set("Authorization", "Bearer "+token.AccessToken)
	resp, err = http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	var list struct {
		Resources []struct{ UserName string }
	}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&list))
	n := 0
	for _, u := range list.Resources {
		if strings.HasPrefix(u.UserName, "scimlint-canary-") {
			n++
		}
	}
	return n
}

func TestAZendeskThatIsDownIsNotChecked(t *testing.T) {
	_, _, env := migration(t, nil)
	down := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	env[envZendeskURL] = down.URL
	for _, why := range []string{"Zendesk answered 503", "Zendesk cannot be reached"} {
		r, _ := readyJSON(t, env, "--source", "zendesk")
		section := r.Readiness.Section(results.SectionSource)
		assert.Equal(t, results.NotChecked, section.State)
		assert.Contains(t, section.Summary, why)
		assert.NotEqual(t, results.Ready, r.Verdict)
		down.Close()
	}
}

func TestWhatZendeskRefusesIsSaid(t *testing.T) {
	_, account, env := migration(t, func(s *simulator.Scenario) { s.Zendesk.TokenRole = "end-user" })
	r, got := readyJSON(t, env, "--source", "zendesk")
	assert.Equal(t, 1, got.code)
	assert.Contains(t, r.Readiness.Section("source").Summary, "Zendesk answered 403")
	assert.Equal(t, 2, scimlint(t, env, "payload", "from-zendesk").code)
	_ = account

	_, _, env = migration(t, func(s *simulator.Scenario) { s.Zendesk.TokenRole = "agent" })
	r, _ = readyJSON(t, env, "--source", "zendesk")
	assert.Contains(t, strings.Join(r.Readiness.Source.NotSeen, " "), `of the role "agent"`)

	env[envZendeskToken] = "hunter2hunter2"
	r, got = readyJSON(t, env, "--source", "zendesk")
	assert.Contains(t, r.Readiness.Section("source").Summary, "Couldn't authenticate you")
	assert.NotContains(t, got.out+got.err, "hunter2")

	for name, handler := range map[string]http.HandlerFunc{
		"html": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<html>"))
		},
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://collector.example", http.StatusFound)
		},
		"not json": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{")) },
		"nobody": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"user":{"id":null,"name":"Anonymous user"}}`))
		},
		"something": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"user":{"id":1,"role":"admin"}}`))
		},
	} {
		srv := httptest.NewServer(handler)
		env[envZendeskURL] = srv.URL
		r, got := readyJSON(t, env, "--source", "zendesk")
		assert.Equal(t, results.NoGo, sections(r)["source"], name)
		assert.NotContains(t, got.out+got.err, "hunter2")
		srv.Close()
	}
}

func TestReadyInEveryFormat(t *testing.T) {
	_, _, env := migration(t, nil)
	file := filepath.Join(t.TempDir(), "users.ndjson")
	evil := `<script>alert(1)</script>| [a](https://e.example) @all`
	require.NoError(t, os.WriteFile(file, []byte(`{"userName":"`+evil+`","displayName":"A"}`+"\n"), 0o600))
	dir := t.TempDir()
	args := []string{"ready", "--payload", file, "--source", "zendesk"}
	for _, f := range report.Formats() {
		args = append(args, "-o", f+"="+filepath.Join(dir, f))
	}
	got := scimlint(t, env, args...)
	require.Equal(t, 1, got.code, got.err)
	for _, f := range report.Formats() {
		text, err := os.ReadFile(filepath.Join(dir, f))
		require.NoError(t, err)
		if f == "svg" {
			continue // the picture is of the permissions only
		}
		assert.Contains(t, string(text), "collisions", f)
		assert.Contains(t, string(text), "no e-mail address", f)
		if f == "html" || f == "markdown" {
			assert.NotContains(t, string(text), "<script>alert", f)
		}
		switch f {
		case "sarif":
			sarifOf(t, text)
		case "junit":
			require.NoError(t, xml.Unmarshal(text, &struct{ XMLName xml.Name }{}))
		}
	}
}

func TestReadyReadsTheConfiguration(t *testing.T) {
	_, _, env := migration(t, func(s *simulator.Scenario) {
		s.Zendesk.Users, s.Users = s.Zendesk.Users[1:3], nil
	})
	file := filepath.Join(t.TempDir(), "users.ndjson")
	require.Equal(t, 0, scimlint(t, env, "payload", "from-zendesk", "--config", configured(t, mapped), "-o", file).code)
	config := configured(t, mapped+"payload: "+file+"\nsource: zendesk\n")
	got := scimlint(t, env, "ready", "--config", config)
	assert.Equal(t, 0, got.code, got.out+got.err)
	assert.Regexp(t, `(?m)^  ✓ payload +go`, got.out)
	delete(env, envZendeskToken)
	got = scimlint(t, env, "check", "--config", config)
	assert.Equal(t, 0, got.code, "a plain check wants for no credentials of Zendesk")
	assert.NotContains(t, got.out, "Readiness")
	assert.Equal(t, 2, scimlint(t, env, "ready", "--config", config).code)

	bundle := filepath.Join(t.TempDir(), "b")
	require.Equal(t, 0, scimlint(t, env, "capture", "-o", bundle).code)
	got = scimlint(t, nil, "check", "--from", bundle, "--payload", file, "--need", "create")
	assert.Equal(t, 3, got.code, "the bodies name roles, and a bundle does not tell which there are\n"+got.out)
	assert.Contains(t, strings.Join(strings.Fields(got.out), " "), "no org could be asked")
}

func TestReadyUsageErrors(t *testing.T) {
	_, _, env := migration(t, nil)
	dir := t.TempDir()
	write := func(name, text string) string {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
		return filepath.Join(dir, name)
	}
	absent := "no such file"
	if runtime.GOOS == "windows" {
		absent = "payload: " // the rest is the system's, in its language
	}
	for want, args := range map[string][]string{
		absent:                {"ready", "--payload", filepath.Join(dir, "none")},
		"the columns are":     {"ready", "--payload", write("a.csv", "userName,colour\n")},
		"it is empty":         {"ready", "--payload", write("empty", "")},
		"no plain file":       {"ready", "--payload", dir},
		"unknown source":      {"ready", "--source", "freshdesk"},
		"goes with --canary":  {"ready", "--yes"},
		"is not a domain":     {"ready", "--canary", "--canary-domain", "x"},
		"does not go with":    {"check", "--from", "x", "--canary", "--yes"},
		"skip or inactive":    {"payload", "from-zendesk", "--config", write("m.yaml", "zendesk: {mapping: {suspended: perhaps}}\n")},
		"proficiency from 0":  {"payload", "from-zendesk", "--config", write("n.yaml", "zendesk: {mapping: {skills: {a: \"A:9\"}}}\n")},
		"the roles are agent": {"payload", "from-zendesk", "--config", write("o.yaml", "zendesk: {mapping: {roles: {boss: [A]}}}\n")},
	} {
		got := scimlint(t, env, args...)
		assert.Equal(t, 2, got.code, args)
		assert.Contains(t, got.err, want, args)
		assert.Empty(t, got.out, args)
	}
	for want, unset := range map[string][]string{envZendesk: {envZendeskURL}, envZendeskOAuth: {envZendeskToken}} {
		less := map[string]string{}
		for k, v := range env {
			if !slices.Contains(unset, k) {
				less[k] = v
			}
		}
		got := scimlint(t, less, "ready", "--source", "zendesk")
		assert.Equal(t, 2, got.code)
		assert.Contains(t, got.err, want)
	}
	got := scimlint(t, map[string]string{envZendesk: "acme/x"}, "payload", "from-zendesk")
	assert.Contains(t, got.err, "no Zendesk subdomain")
}

// TestNamesThatCannotBeReadAreNoPass: bodies name a role, and the client may not read
// roles. Bodies that name none want nothing of that.
func TestNamesThatCannotBeReadAreNoPass(t *testing.T) {
	_, _, env := migration(t, func(s *simulator.Scenario) { s.Roles[1].Policies = slices.Delete(s.Roles[1].Policies, 1, 2) })
	dir := t.TempDir()
	for text, want := range map[string]results.State{"userName,displayName,roles\na@x.example,A,Agent\n": results.NotChecked, "userName,displayName\na@x.example,A\n": results.Go} {
		file := filepath.Join(dir, "users.csv")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		r, got := readyJSON(t, env, "--payload", file, "--need", "create")
		assert.Equal(t, want, sections(r)["payload"], text)
		assert.Equal(t, map[results.State]int{results.NotChecked: 3, results.Go: 0}[want], got.code, text)
	}
}
