package main

import (
	"bytes"
	"compress/gzip"
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
		p, err := profile.Find(name)
		require.NoError(t, err)
		for id, fix := range p.Fixes {
			assert.Contains(t, show.out, id+": "+fix)
		}
	}
	assert.Contains(t, scimlint(t, nil, "profiles", "show", "entra").out, "https://help.mypurecloud.com/")
	got := scimlint(t, nil, "profiles", "show", "oktta")
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.err, "did you mean okta")
}

// TestEachProfileHasItsPage: what an admin of the provider looks for first is on a page of
// its own, which names the profile's sources and leads out of docs/profiles.md.
func TestEachProfileHasItsPage(t *testing.T) {
	overview, err := os.ReadFile("../../docs/profiles.md")
	require.NoError(t, err)
	for _, name := range profile.Names() {
		if name == "custom" {
			continue // a client of one's own has no vendor and no screens
		}
		page, err := os.ReadFile(filepath.Join("../../docs/providers", name+".md"))
		require.NoError(t, err)
		assert.Contains(t, string(overview), "(providers/"+name+".md)")
		assert.Regexp(t, `\*\*Why does .* 403\?\*\*`, string(page))
		assert.Regexp(t, `\*\*Why does .* 401\?\*\*`, string(page))
		p, err := profile.Find(name)
		require.NoError(t, err)
		assert.Contains(t, string(page), p.Source)
	}
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
		{[]string{"--profile", configured(t, "hunter2-secret\n")}, "a value"},
		{[]string{"--token-issued", "yesterday"}, "2026-01-31"},
		{[]string{"--token-issued", "2999-01-01"}, "future"},
	} {
		got := scimlint(t, map[string]string{envRegion: "eu-west-1", envToken: "abcdefghijkl"}, append([]string{"check"}, c.args...)...)
		assert.Equal(t, 2, got.code, "%s", c.args)
		assert.Contains(t, got.err, c.says)
		assert.NotContains(t, got.err, "hunter2", "a file that was named by mistake is not shown")
	}
}

func TestAProfileShowsInEveryFormat(t *testing.T) {
	_, env := served(t, "ready-entra")
	assert.Contains(t, scimlint(t, env, "check", "--profile", "entra").out, "Microsoft Entra ID")
	got := scimlint(t, env, "check", "--profile", "entra", "--verbose")
	assert.Contains(t, strings.Join(strings.Fields(got.out), " "), "(profile, https://learn.microsoft.com/")
	for _, format := range []string{"markdown", "html", "sarif", "junit"} {
		got := scimlint(t, env, "check", "--profile", "entra", "-o", format)
		assert.NotEqual(t, 2, got.code, format)
		if format == "markdown" || format == "html" {
			assert.Contains(t, got.out, "needs: create, read, update, delete, groups", format)
		}
	}
}

// provisioned serves the org of ready-entra with two divisions, a role to name, and a
// client that may read users and roles.
func provisioned(t *testing.T, change func(*simulator.Scenario)) (*simulator.Server, map[string]string) {
	t.Helper()
	s, err := loadScenario("ready-entra")
	require.NoError(t, err)
	s.Divisions = append(s.Divisions, simulator.Division{Name: "Paris"})
	s.Roles = append(s.Roles, simulator.Role{Name: "Agent"})
	for _, p := range []string{"directory:user:view", "authorization:role:view", "authorization:grant:add", "authorization:grant:delete"} {
		s.Roles[0].Policies = append(s.Roles[0].Policies, simulator.RolePolicy{Permission: p})
	}
	if change != nil {
		change(s)
	}
	server, err := simulator.Start(s, "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(server.Close)
	return server, environment(server, nil)
}

func TestReadyByAProfile(t *testing.T) {
	_, env := provisioned(t, nil)
	body := func(name, division, manager string) string {
		return `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"userName":"` + name + `","displayName":"A",` +
			`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"division":"` + division + `","manager":{"value":"` + manager + `"}}}`
	}
	for _, c := range []struct {
		division, manager string
		state             results.State
		kinds             []string
	}{
		{"Paris", "", results.Go, nil},
		{"paris", "", results.NotChecked, []string{"name-case"}}, // whether case counts is not published
		{"Paris", "6e8b870f-1ce8-448a-826f-b516d0994866", results.NoGo, []string{"unknown-manager"}},
		{"Lyon", "boss@acme.example", results.NoGo, []string{"unknown-division", "manager-no-id"}},
	} {
		text := body("new@acme.example", c.division, c.manager)
		if c.manager == "" {
			text = strings.Replace(text, `,"manager":{"value":""}`, "", 1)
		}
		r, got := readyJSON(t, env, "--profile", "entra", "--payload", configured(t, text))
		assert.Equal(t, c.state, sections(r)["payload"], got.out)
		var kinds []string
		for _, k := range r.Readiness.Payload.Kinds {
			kinds = append(kinds, k.Kind)
		}
		assert.Equal(t, c.kinds, kinds, c)
	}
	file := configured(t, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a@acme.example","displayName":"A","roles":[{"value":"Agentt"}]}`)
	r, got := readyJSON(t, env, "--profile", "entra", "--payload", file)
	assert.Equal(t, results.NoGo, sections(r)["payload"], got.err)
	assert.Equal(t, "unknown-role", r.Readiness.Payload.Kinds[0].Kind)
}

func TestUsersThatExistByAProfile(t *testing.T) {
	for _, c := range []struct {
		profile, state string
		want           results.State
		says           string
	}{
		{"entra", "active", results.Go, "updated"},
		{"entra", "inactive", results.NoGo, "1 inactive"},
		{"entra", "deleted", results.NoGo, "1 deleted"},
		{"okta", "active", results.NoGo, "1 active"},
		{"okta", "deleted", results.Go, "without the default employee role"},
		{"onelogin", "active", results.NoGo, "1 active"},
		{"", "active", results.NoGo, "1 active"},
	} {
		_, env := provisioned(t, func(s *simulator.Scenario) {
			s.Users = []simulator.User{{Name: "There", Email: "There@acme.example", State: c.state}}
		})
		args := []string{"--payload", configured(t, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"there@acme.example","displayName":"A"}`)}
		if c.profile != "" {
			args = append(args, "--profile", c.profile)
		}
		r, got := readyJSON(t, env, args...)
		section := r.Readiness.Section("collisions")
		assert.Equal(t, c.want, section.State, "%s %s: %s %s", c.profile, c.state, section.Summary, got.err)
		assert.Contains(t, section.Summary, c.says)
	}
}

func TestGroupsThatWillBeFilled(t *testing.T) {
	_, env := provisioned(t, func(s *simulator.Scenario) { s.Groups = []string{"Sales", "Équipe Paris"} })
	for name, c := range map[string]struct {
		groups []string
		want   results.State
		says   string
	}{
		"all there":    {[]string{"Sales", "Équipe Paris"}, results.Go, "all of 2 groups"},
		"one missing":  {[]string{"Sales", "Salez"}, results.NoGo, `"Salez"`},
		"quotes":       {[]string{`the "best"`}, results.NotChecked, "quotes"},
		"another case": {[]string{"sales"}, results.NoGo, `there is "Sales"`},
	} {
		args := []string{"--profile", "entra"}
		for _, g := range c.groups {
			args = append(args, "--group", g)
		}
		r, got := readyJSON(t, env, args...)
		section := r.Readiness.Section("groups")
		require.NotNil(t, section, got.err)
		assert.Equal(t, c.want, section.State, "%s: %s", name, section.Summary)
		assert.Contains(t, section.Summary, c.says, name)
	}
	assert.Equal(t, 2, scimlint(t, env, "ready", "--group", "").code)
}

func TestGroupsThatCannotBeReadAreNoPass(t *testing.T) {
	_, env := served(t, "entra-group-permission-missing")
	r, got := readyJSON(t, env, "--profile", "entra", "--group", "Sales")
	assert.Equal(t, results.NotChecked, r.Readiness.Section("groups").State, got.err)
	assert.NotEqual(t, 0, got.code)
}

func TestExplainSaysTheFixInTheProvidersWords(t *testing.T) {
	file := configured(t, `{"status":401,"code":"credentials.expired","message":"The supplied credentials are expired."}`)
	plain := scimlint(t, nil, "explain", file)
	theirs := scimlint(t, nil, "explain", "--profile", "entra", file)
	assert.Equal(t, plain.code, theirs.code)
	assert.NotContains(t, plain.out, "Secret Token")
	assert.Contains(t, theirs.out, "Secret Token")
	assert.Equal(t, 2, scimlint(t, nil, "explain", "--profile", "nobody", file).code)
}

// TestALogSaysWhoseScreensTheFixIsIn: without --profile a provider's own log is recognised.
func TestALogSaysWhoseScreensTheFixIsIn(t *testing.T) {
	const entra, okta = "Admin Credentials", "in the app Genesys Cloud > Provisioning"
	refused := `{\"status\":403,\"code\":\"missing.permissions\",\"message\":\"Unable to perform the requested action. You are missing the following permission(s): directory:user:edit\"}`
	dead := `{\"message\":\"Invalid login credentials.\",\"code\":\"bad.credentials\",\"status\":401}`
	entraEvent := func(status, body string) string {
		return `[{"provisioningAction":"update","servicePrincipal":{"displayName":"Our app"},"provisioningSteps":[{"description":"Failed to update User 'a@x.example' in customappsso"}],"provisioningStatusInfo":{"errorInformation":{"reason":"StatusCode: ` + status + `. Web Response: ` + body + `"}}}]`
	}
	oktaEvent := func(body string) string {
		return `{"eventType":"application.provision.user.push","outcome":{"result":"FAILURE","reason":"Errors reported by remote server: ` + body + `"},"debugContext":{"debugData":{}}}`
	}
	zip := func(text string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(text))
		require.NoError(t, z.Close())
		return b.String()
	}
	for name, c := range map[string]struct{ text, profile, has, hasNot string }{
		"Entra, 403":            {entraEvent("Forbidden", refused), "", entra, okta},
		"Entra, 401":            {entraEvent("Unauthorized", dead), "", "paste the new token as Secret Token", okta},
		"Entra, gzip":           {zip(entraEvent("Unauthorized", dead)), "", entra, okta},
		"Entra's export":        {"Date,Identity,Action,Status,Status reason\n2026-11-20,A,Update,Failure,\"StatusCode: Unauthorized. " + strings.ReplaceAll(dead, `\"`, `""`) + "\"\n", "", entra, okta},
		"Entra, 403, no body":   {`"customappsso" StatusCode: Forbidden`, "", entra, okta},
		"Okta, 401, no body":    {strings.Replace(oktaEvent("x"), "Errors reported by remote server: x", "Error while trying to create user: Unauthorized", 1), "", "enter the new token and test it", entra},
		"Okta, 403":             {oktaEvent(refused), "", okta, entra},
		"Okta, 401":             {oktaEvent(dead), "", "enter the new token and test it", entra},
		"a profile wins":        {oktaEvent(dead), "onelogin", "click Authenticate", okta},
		"nobody's":              {strings.ReplaceAll(refused, `\"`, `"`), "", "directory:user:edit", entra},
		"nobody's, and no Okta": {strings.ReplaceAll(refused, `\"`, `"`), "", "directory:user:edit", okta},
		"of both":               {"[" + strings.Trim(entraEvent("Forbidden", refused), "[]") + "," + oktaEvent(refused) + "]", "", "directory:user:edit", entra},
	} {
		args := []string{"explain", configured(t, c.text)}
		if c.profile != "" {
			args = append(args, "--profile", c.profile)
		}
		got := scimlint(t, nil, args...)
		said := strings.Join(strings.Fields(got.out), " ")
		code := 0
		if strings.HasSuffix(name, "no body") {
			code = 3 // nothing in it says why
		}
		assert.Equal(t, code, got.code, "%s: %s", name, got.err)
		assert.Contains(t, said, c.has, name)
		assert.NotContains(t, said, c.hasNot, name)
	}
}

// TestAWordBeforeTheTokenIsSaid: whoever saved "Bearer …" may have pasted it like that.
func TestAWordBeforeTheTokenIsSaid(t *testing.T) {
	_, env := served(t, "ready-entra")
	token := env[envToken]
	delete(env, envToken)
	for before, says := range map[string]bool{"": false, "Bearer ": true, "bearer ": true, "BEARER  ": true} {
		file := filepath.Join(t.TempDir(), "pasted.txt")
		require.NoError(t, os.WriteFile(file, []byte(before+token+"\n"), 0o600))
		got := scimlint(t, env, "check", "--profile", "entra", "--token-file", file)
		assert.Equal(t, 0, got.code, "%q: %s", before, got.err)
		assert.Equal(t, says, strings.Contains(got.err, "begins with the word Bearer"), before)
		assert.NotContains(t, got.out+got.err, token)
	}
	file := filepath.Join(t.TempDir(), "pasted.txt")
	require.NoError(t, os.WriteFile(file, []byte("Bearer Bearer "+token), 0o600))
	assert.Equal(t, 2, scimlint(t, env, "check", "--profile", "entra", "--token-file", file).code, "once is a slip, twice is another file")
}

func TestAPasswordInTheTenantURLIsWrongAndNotShown(t *testing.T) {
	server, env := served(t, "ready-entra")
	address := strings.Replace(server.URL, "://", "://me:hunter2@", 1) + "/api/v2/scim/v2/?key=hunter2#hunter2"
	got := scimlint(t, env, "check", "-v", "--profile", "entra", "--scim-url", address)
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.out, "tenant-url-wrong")
	assert.Contains(t, strings.Join(strings.Fields(got.out), " "), "a user name or password, a query (?) and a fragment (#)")
	assert.NotContains(t, got.out+got.err, "hunter2")

	bundle := filepath.Join(t.TempDir(), "bundle")
	require.Equal(t, 0, scimlint(t, env, "capture", "-o", bundle, "--profile", "entra", "--scim-url", address).code)
	data, err := os.ReadFile(bundle)
	require.NoError(t, err)
	assert.NotContains(t, string(data), "hunter2")
	assert.Contains(t, scimlint(t, nil, "check", "--from", bundle, "--profile", "entra").out, "tenant-url-wrong", "a bundle keeps that there was one")
}

func TestADayOfIssueNeedsAToken(t *testing.T) {
	_, env := served(t, "ready-onelogin")
	delete(env, envToken)
	got := scimlint(t, env, "check", "--token-issued", "2026-01-01")
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.err, "--token-file")
}
