package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/internal/fix"
	"github.com/scimlint/scimlint/internal/fix/export"
	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/simulator"
)

// auditedOrg serves a scenario with an admin's client beside the others, and returns
// the environment of a run with that auditor.
func auditedOrg(t *testing.T, name string, change func(*simulator.Scenario)) (*simulator.Server, map[string]string) {
	t.Helper()
	s, err := loadScenario(name)
	require.NoError(t, err)
	s.Roles = append(s.Roles, simulator.Role{Name: "All of it", Policies: []simulator.RolePolicy{{Permission: "*:*:*"}}})
	s.Clients = append(s.Clients, simulator.Client{Name: "Auditor", GrantType: "CLIENT-CREDENTIALS", State: "active", TokenSeconds: 86400, Roles: []simulator.Grant{{Role: "All of it"}}})
	if change != nil {
		change(s)
	}
	server, err := simulator.Start(s, "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(server.Close)
	env := environment(server, nil)
	env[envAuditorID], env[envAuditorSecret] = server.Credentials("Auditor")
	return server, env
}

// runArgs are the flags that a scenario's run calls for.
func runArgs(s *simulator.Scenario, server *simulator.Server) []string {
	var args []string
	for _, n := range s.Run.Need {
		args = append(args, "--need", n)
	}
	for _, o := range s.Run.NeedOperation {
		args = append(args, "--need-operation", o)
	}
	for _, d := range s.Run.Division {
		args = append(args, "--division", d)
	}
	for _, p := range s.Run.RequirePermission {
		args = append(args, "--require-permission", p)
	}
	for _, sc := range s.Run.RequireScope {
		args = append(args, "--require-scope", sc)
	}
	if s.Run.SCIMURL != "" {
		args = append(args, "--scim-url", strings.ReplaceAll(s.Run.SCIMURL, "{api}", server.URL))
	}
	if s.Run.Probe != "" {
		args = append(args, "--probe", s.Run.Probe)
	}
	if s.Run.ExpectOrg != "" {
		args = append(args, "--expect-org", s.Run.ExpectOrg)
	}
	return args
}

// mendable are the scenarios that grants or scopes end.
var mendable = []string{"client-has-no-roles", "division-not-covered", "operation-denied", "gate-passed-feature-missing", "policy-condition-limits", "role-lacks-permission",
	"role-on-user-not-client", "scope-missing", "scope-readonly", "two-divisions", "worked-until-tuesday"}

// TestFixTurnsWhatAGrantCanMendIntoReady plans for every embedded scenario, carries the
// plan out, and checks again.
func TestFixTurnsWhatAGrantCanMendIntoReady(t *testing.T) {
	schema := validator(t, "../../docs/plan.schema.json")
	var mended []string
	for _, name := range simulator.Names() {
		s, err := simulator.Embedded(name)
		require.NoError(t, err)
		server, env := auditedOrg(t, name, nil)
		args := runArgs(s, server)
		got := scimlint(t, env, append([]string{"fix", "--format", "json"}, args...)...)
		require.NotEqual(t, 2, got.code, "%s: %s", name, got.err)
		var p fix.Plan
		require.NoError(t, json.Unmarshal([]byte(got.out), &p), name)
		instance, err := validatorInput(got.out)
		require.NoError(t, err)
		require.NoError(t, schema.Validate(instance), name)
		before := strings.Join(server.Requests(), "\n")
		assert.NotRegexp(t, `(?m)^(PUT|DELETE|PATCH)|^POST /api/v2/(oauth|authorization/(roles|subjects))`, before, "%s: a plan changes nothing", name)
		if p.Verdict == results.Ready {
			assert.True(t, p.Empty(), "%s: nothing where nothing is needed", name)
			assert.Equal(t, 0, got.code, name)
			continue
		}
		if !p.Complete {
			assert.NotEqual(t, 0, got.code, name)
			assert.NotEmpty(t, append(ids(p.Remaining), p.Unseen...), "%s: what the plan does not end is named", name)
			continue
		}
		if len(s.Faults.Rules) > 0 {
			continue // a fault goes on whatever is granted
		}
		mended = append(mended, name)
		done := scimlint(t, env, append([]string{"fix", "--apply", "--yes"}, args...)...)
		assert.Equal(t, 0, done.code, "%s\n%s%s", name, done.out, done.err)
		assert.Contains(t, done.out, "READY", name)
		assert.Equal(t, 0, scimlint(t, env, append([]string{"check"}, args...)...).code, name)
		assert.NotContains(t, strings.Join(server.Requests(), "\n"), "DELETE", "%s: nothing is deleted", name)
		again := scimlint(t, env, append([]string{"fix"}, args...)...)
		assert.Contains(t, again.out, "Nothing is needed", name)
	}
	for _, name := range mendable {
		if contains(simulator.Names(), name) {
			assert.Contains(t, mended, name)
		}
	}
	t.Log(mended)
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

func ids(list []results.Cause) []string {
	var out []string
	for _, c := range list {
		out = append(out, c.ID)
	}
	return out
}

func TestFixPrintsStepsForPeople(t *testing.T) {
	got := scimlintOn(t, "role-lacks-permission", "fix")
	assert.Equal(t, 0, got.code)
	golden(t, "fix-steps.txt", got.out)
}

func scimlintOn(t *testing.T, scenario string, args ...string) outcome {
	t.Helper()
	_, env := auditedOrg(t, scenario, nil)
	return scimlint(t, env, args...)
}

// TestFixWritesCanonicalTerraform holds every scenario's plan against HCL's own parser
// and formatter.
func TestFixWritesCanonicalTerraform(t *testing.T) {
	for _, name := range simulator.Names() {
		got := scimlintOn(t, name, "fix", "--format", "terraform")
		file, diags := hclparse.NewParser().ParseHCL([]byte(got.out), name+".tf")
		require.False(t, diags.HasErrors(), "%s: %s\n%s", name, diags, got.out)
		assert.NotNil(t, file)
		assert.Equal(t, string(hclwrite.Format([]byte(got.out))), got.out, name)
		assertReferences(t, got.out)
	}
	golden(t, "fix.tf", uuid.ReplaceAllString(scimlintOn(t, "division-not-covered", "fix", "--format", "terraform").out, "ID"))
}

var uuid = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// assertReferences finds a block for each reference.
func assertReferences(t *testing.T, text string) {
	t.Helper()
	for _, m := range regexp.MustCompile(`(data\.)?(genesyscloud_\w+)\.(\w+)\.id`).FindAllStringSubmatch(text, -1) {
		kind := "resource"
		if m[1] != "" {
			kind = "data"
		}
		assert.Contains(t, text, kind+` "`+m[2]+`" "`+m[3]+`" {`)
	}
	for _, m := range regexp.MustCompile(`to = (genesyscloud_\w+)\.(\w+)`).FindAllStringSubmatch(text, -1) {
		assert.Contains(t, text, `resource "`+m[1]+`" "`+m[2]+`" {`)
	}
}

// TestFixScripts checks the shell's syntax, and runs the curl script on the simulated
// org: afterwards the check is ready.
func TestFixScripts(t *testing.T) {
	for _, tool := range []string{"bash", "curl", "jq"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not on this machine", tool)
		}
	}
	for _, name := range []string{"role-lacks-permission", "division-not-covered", "scope-readonly", "client-has-no-roles"} {
		if !contains(simulator.Names(), name) {
			continue
		}
		server, env := auditedOrg(t, name, nil)
		for _, format := range []string{"gc", "curl"} {
			got := scimlint(t, env, "fix", "--format", format)
			if env[envSecret] != "" {
				assert.NotContains(t, got.out, env[envSecret])
			}
			check := exec.Command("bash", "-n")
			check.Stdin = strings.NewReader(got.out)
			out, err := check.CombinedOutput()
			require.NoError(t, err, "%s %s: %s\n%s", name, format, out, got.out)
			if format == "gc" {
				continue
			}
			token := tokenOf(t, server, env)
			run := exec.Command("bash")
			run.Stdin = strings.NewReader(got.out)
			run.Env = append(os.Environ(), "GENESYSCLOUD_ACCESS_TOKEN="+token)
			out, err = run.CombinedOutput()
			require.NoError(t, err, "%s: %s\n%s", name, out, got.out)
			assert.NotContains(t, string(out), token)
			assert.Equal(t, 0, scimlint(t, env, "check").code, name)
		}
	}
}

// tokenOf acquires the auditor's token.
func tokenOf(t *testing.T, server *simulator.Server, env map[string]string) string {
	t.Helper()
	cmd := exec.Command("curl", "-s", "-u", env[envAuditorID]+":"+env[envAuditorSecret], "-d", "grant_type=client_credentials", server.URL+"/oauth/token")
	out, err := cmd.Output()
	require.NoError(t, err)
	var answer struct {
		Token string `json:"access_token"`
	}
	require.NoError(t, json.Unmarshal(out, &answer))
	return answer.Token
}

// TestHostileNamesInPlans lets names try to be more than names in every format.
func TestHostileNamesInPlans(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the scripts are for bash, and for the paths of Unix")
	}
	evil := "x'; touch /tmp/scimlint-pwned; '$(touch /tmp/scimlint-pwned)`touch /tmp/scimlint-pwned`\n${file(\"/etc/passwd\")} \u202e\x1b[31m\""
	_, env := auditedOrg(t, "role-lacks-permission", func(s *simulator.Scenario) {
		s.Clients[0].Name += evil
		s.Run.Client += evil
		s.Roles[0].Name += evil
		s.Clients[0].Roles[0].Role += evil
		s.Divisions[0].Name += evil
	})
	for _, format := range export.Formats() {
		got := scimlint(t, env, "fix", "--format", format, "--role", "a'b$(c)`d`\"e")
		assert.Equal(t, 0, got.code, "%s: %s", format, got.err)
		assert.NotContains(t, got.out, "\x1b", format)
		assert.NotContains(t, got.out, "\u202e", format)
		switch format {
		case "terraform":
			file, diags := hclparse.NewParser().ParseHCL([]byte(got.out), "x.tf")
			require.False(t, diags.HasErrors(), "%s\n%s", diags, got.out)
			assert.NotNil(t, file)
			assert.NotRegexp(t, `[^$]\$\{file`, got.out, "no interpolation")
		case "gc", "curl":
			// The commands are replaced by ones that only say what they were given.
			fake := "gc() { printf '%s\\n' \"$@\"; }; curl() { echo '{\"id\":\"made\"}'; }; jq() { cat; }\n"
			run := exec.Command("bash", "-c", fake+got.out)
			run.Env = append(os.Environ(), "GENESYSCLOUD_ACCESS_TOKEN=x")
			out, err := run.CombinedOutput()
			require.NoError(t, err, string(out))
			_, err = os.Stat("/tmp/scimlint-pwned")
			assert.True(t, os.IsNotExist(err), "a name was executed")
		}
	}
}

func TestFixChangesAnOrgOnlyWhenAskedInSoManyWords(t *testing.T) {
	server, env := auditedOrg(t, "role-lacks-permission", nil)
	alone := map[string]string{}
	for k, v := range env {
		if k != envAuditorID && k != envAuditorSecret {
			alone[k] = v
		}
	}
	got := scimlint(t, alone, "fix", "--apply", "--yes")
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.err, "--auditor-client-id")
	alone[envAuditorID], alone[envAuditorSecret] = env[envClientID], env[envSecret]
	got = scimlint(t, alone, "fix", "--apply", "--yes")
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.err, "is not to grant itself roles")
	got = scimlint(t, env, "fix", "--apply")
	assert.Equal(t, 2, got.code, "nothing was typed")
	assert.Contains(t, got.err, "nothing was changed")
	for args, want := range map[string]string{"--yes": "--yes goes with --apply", "--apply --from x": "live org", "--format yaml": "the formats are", "--role \u2800": "no name", "--output /none/x": "does not exist"} {
		got = scimlint(t, env, append([]string{"fix"}, strings.Fields(args)...)...)
		assert.Equal(t, 2, got.code, args)
		assert.Contains(t, got.err, want)
	}
	for _, r := range server.Requests() {
		assert.NotRegexp(t, `^(PUT|PATCH|DELETE)|^POST /api`, r)
	}
	var out, errs bytes.Buffer
	status := run(t.Context(), []string{"fix", "--apply"}, stdio{strings.NewReader("Zendesk migration\n"), &out, &errs, func(k string) string { return env[k] }})
	assert.Equal(t, 0, status, errs.String())
	assert.Contains(t, errs.String(), "done:     grant the role")
}

// TestAFailedApplySaysWhatWasDone refuses the grant after the role was made.
func TestAFailedApplySaysWhatWasDone(t *testing.T) {
	for kind, want := range map[string]string{"status": "not done: grant the role", "drop": "NOT SURE: grant the role"} {
		_, env := auditedOrg(t, "role-lacks-permission", func(s *simulator.Scenario) {
			rule := simulator.FaultRule{Method: "POST", Path: "/api/v2/authorization/subjects/*", Kind: kind, Times: 1}
			if kind == "status" {
				rule.Status, rule.Code = 400, "bad.client.role"
			}
			s.Faults.Rules = append(s.Faults.Rules, rule)
		})
		got := scimlint(t, env, "fix", "--apply", "--yes")
		assert.Equal(t, 1, got.code)
		assert.Contains(t, got.err, `done:     create the role "SCIM provisioning"`)
		assert.Contains(t, got.err, want)
		assert.Contains(t, got.err, `to take it back: delete the role "SCIM provisioning"`)
		assert.Equal(t, kind == "drop", strings.Contains(got.err, `in Home from "Zendesk migration": DELETE /api/v2/authorization/subjects/`))

		// The fault strikes once: the same command goes on where it stopped.
		got = scimlint(t, env, "fix", "--apply", "--yes")
		assert.Equal(t, 0, got.code, got.err)
		assert.Contains(t, got.err, "is there already")
	}
}

func TestFixTouchesNoDefaultRole(t *testing.T) {
	_, env := auditedOrg(t, "role-lacks-permission", func(s *simulator.Scenario) { s.Roles[0].Default, s.HidePolicies = true, true })
	got := scimlint(t, env, "fix", "--role", "Scim Admin")
	assert.Contains(t, got.out, `"Scim Admin for SCIM"`)
	assert.Contains(t, strings.Join(strings.Fields(got.out), " "), `replaces the vendor's own role "Scim Admin"`)
	// Where the evidence does not tell that it is one, the org does.
	_, env = auditedOrg(t, "role-lacks-permission", func(s *simulator.Scenario) {
		s.Roles[0].Default = true
		s.Clients[0].Roles[0].Division = "Home"
	})
	got = scimlint(t, env, "fix", "--role", "Scim Admin", "--apply", "--yes")
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.err, "the vendor's own")
}

func TestFixExtendsARoleThatTheClientHolds(t *testing.T) {
	server, env := auditedOrg(t, "role-lacks-permission", func(s *simulator.Scenario) { s.Clients[0].Roles[0].Division = "Home" })
	got := scimlint(t, env, "fix", "--role", "Scim Admin", "--apply", "--yes")
	assert.Equal(t, 0, got.code, got.err)
	assert.Contains(t, got.out, `Add to the role "Scim Admin": directory:user:add`)
	var held []string
	for _, p := range server.Scenario.Roles[0].Policies {
		held = append(held, p.Permission)
	}
	assert.Contains(t, held, "directory:user:add")
	assert.Contains(t, held, "directory:group:view", "what the role had stays")
	assert.Contains(t, scimlintOn(t, "role-lacks-permission", "fix", "--role", "Scim Admin").out, `Create the role "Scim Admin (Home)"`,
		"a role that is granted elsewhere is not extended: that would grant there, too")
}

func TestFixFromABundle(t *testing.T) {
	_, env := auditedOrg(t, "role-lacks-permission", nil)
	dir := t.TempDir()
	bundle, file := filepath.Join(dir, "b"), filepath.Join(dir, "plan.tf")
	require.Equal(t, 0, scimlint(t, env, "capture", "-o", bundle).code)
	got := scimlint(t, nil, "fix", "--from", bundle, "--format", "terraform", "--output", file)
	assert.Equal(t, 0, got.code, got.err)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(text), `resource "genesyscloud_auth_role" "scim_provisioning"`)
}

func TestFixInAllDivisions(t *testing.T) {
	server, env := auditedOrg(t, "division-not-covered", nil)
	got := scimlint(t, env, "fix", "--division", "*", "--apply", "--yes")
	assert.Equal(t, 0, got.code, got.err)
	assert.Equal(t, 0, scimlint(t, env, "check", "--division", "*").code)
	grants := 0
	for _, r := range server.Requests() {
		if strings.HasPrefix(r, "POST /api/v2/authorization/subjects/") {
			grants++
		}
	}
	assert.Equal(t, 1, grants, "one grant, not one for each division")
}
