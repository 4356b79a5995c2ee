package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/simulator"
)

// TestEveryExpectationIsAsserted changes one expectation at a time: each must be missed.
func TestEveryExpectationIsAsserted(t *testing.T) {
	r := results.Report{Verdict: results.NotReady, Summary: "it may not\ncreate users",
		Causes: []results.Cause{{ID: "a", Certainty: results.Confirmed, Operations: []string{"x", "y"}, Fix: results.Fix{Text: "Grant it", Where: "Admin > Roles"}},
			{ID: "b"}}, Operations: []results.Operation{{ID: "x", Decision: results.DecisionDenied}}}
	right := simulator.Expect{Verdict: "not-ready", Cause: "a", Also: []string{"b"}, Not: []string{"c"}, Certainty: "confirmed", Breaks: []string{"y", "x"},
		Operations: map[string]string{"x": "denied"}, Headline: []string{"may not create"}, Fix: []string{"Grant", "Roles"}, Plan: []string{"step 1"}}
	require.Empty(t, unexpected(right, r, "do step 1"))
	for name, spoil := range map[string]func(*simulator.Expect){
		"verdict":    func(e *simulator.Expect) { e.Verdict = "ready" },
		"cause":      func(e *simulator.Expect) { e.Cause = "b" },
		"also":       func(e *simulator.Expect) { e.Also = []string{"c"} },
		"not":        func(e *simulator.Expect) { e.Not = []string{"b"} },
		"certainty":  func(e *simulator.Expect) { e.Certainty = "likely" },
		"breaks":     func(e *simulator.Expect) { e.Breaks = []string{"x"} },
		"operations": func(e *simulator.Expect) { e.Operations = map[string]string{"x": "allowed"} },
		"no such":    func(e *simulator.Expect) { e.Operations = map[string]string{"z": "allowed"} },
		"headline":   func(e *simulator.Expect) { e.Headline = []string{"may create"} },
		"fix":        func(e *simulator.Expect) { e.Fix = []string{"Take it away"} },
		"plan":       func(e *simulator.Expect) { e.Plan = []string{"step 2"} },
	} {
		e := right
		spoil(&e)
		assert.NotEmpty(t, unexpected(e, r, "do step 1"), name)
	}
}

// TestAScenarioRunsWithEveryFlag gives a run flags, files and an auditor, and a run that is
// not started the words of its error.
func TestAScenarioRunsWithEveryFlag(t *testing.T) {
	const org = `
name: flags
org: {name: Flags}
separateLogin: true
roles:
  - {name: create, policies: ["directory:user:add"]}
  - {name: view, policies: ["oauth:client:view", "authorization:*:view"]}
clients:
  - {name: c, roles: [{role: create}]}
  - {name: auditor, roles: [{role: view}]}
`
	for name, tc := range map[string]struct {
		run  string
		code int
		err  string
	}{
		"an auditor and flags": {`
run: {client: c, auditor: auditor, need: [create], acceptUnknown: [abac-policy-allows], timeout: 20s, refusals: ["HTTP 403 missing.permissions"], args: [--fail-on, warn, --division, "*"]}
expect: {verdict: ready, operations: {scim-user-create: allowed}, plan: [READY]}
`, 0, ""},
		"the day on which a token was issued": {`
tokens: [{name: t, client: c}]
run: {token: t, need: [create], tokenIssuedAgo: 240h, args: [--token-use, pasted]}
expect: {verdict: inconclusive}
`, 0, ""},
		"a day that is still to come": {"run: {client: c, tokenIssuedAgo: -24h}\nexpect: {verdict: ready}\n", 2, "tokenIssuedAgo"},
		"a plan": {`
run: {client: c, need: [create, delete]}
expect: {verdict: not-ready, cause: role-lacks-permission, breaks: [scim-user-delete], plan: ["directory:user:delete"]}
`, 0, ""},
		"a payload": {`
run: {client: c, auditor: auditor, need: [create], payload: '[{"userName": "a@b.example", "displayName": "A", "roles": [{"value": "x"}]}]'}
expect: {verdict: not-ready, cause: gate-passed-feature-missing}
`, 0, ""},
		"a usage error": {`
run: {client: c, args: [--need, nonsense]}
expect: {usageError: nonsense}
`, 0, ""},
		"an unknown flag": {`
run: {client: c, args: [--nonsense]}
expect: {usageError: unknown flag}
`, 0, ""},
		"a usage error that does not come": {"run: {client: c}\nexpect: {usageError: nonsense}\n", 1, "expected the usage error"},
		"a usage error that is not expected": {`
run: {client: c, args: [--need, nonsense]}
expect: {verdict: ready}
`, 2, "nonsense"},
		"a file outside its folder": {"run: {client: c, files: {../x: y}}\nexpect: {verdict: ready}\n", 2, "plain file name"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "flags.yaml")
			require.NoError(t, os.WriteFile(file, []byte(org+tc.run), 0o600))
			got := scimlint(t, nil, "demo", file)
			assert.Equal(t, tc.code, got.code, got.err)
			assert.Contains(t, got.err, tc.err)
		})
	}
}

// TestSimulateServesManyOrgs reads names, files and folders.
func TestSimulateServesManyOrgs(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b"} {
		text := "name: " + name + "\norg: {name: " + name + "}\nclients: [{name: c}]\nrun: {client: c}\n"
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".yaml"), []byte(text), 0o600))
	}
	list, err := loadScenarios([]string{dir, "ready-admin"})
	require.NoError(t, err)
	require.Len(t, list, 3)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, errs bytes.Buffer
	require.NoError(t, simulateMany(ctx, stdio{out: &out, err: &errs}, list, "127.0.0.1:0", ""))
	assert.Contains(t, errs.String(), "serving 3 orgs")
	for _, name := range []string{"# a\n", "# b\n", "# ready-admin\n"} {
		assert.Contains(t, out.String(), name)
	}
	_, err = loadScenarios([]string{t.TempDir()})
	require.ErrorContains(t, err, "no scenarios")
}
