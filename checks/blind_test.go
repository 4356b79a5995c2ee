package checks_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/checks/custom"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/diagnose"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/profile"
	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/secret"
	"github.com/scimlint/scimlint/pkg/simulator"
)

// TestACheckThatCannotSeeNeverPasses gives every check a snapshot in which
// nothing was answered.
func TestACheckThatCannotSeeNeverPasses(t *testing.T) {
	for name, snapshot := range map[string]*evidence.Snapshot{
		"nothing asked": {Target: evidence.Target{APIURL: "https://api.mypurecloud.com", SCIMURL: "https://api.mypurecloud.com/v2/scim/users", Probe: evidence.ProbeRead}},
		"no token":      {Target: evidence.Target{APIURL: "https://api.mypurecloud.com", ClientID: "c"}},
	} {
		o := checks.Run(snapshot, lint.Options{Needs: catalog.AllNeeds(), ExpectOrg: "Acme", Requirements: lint.Requirements{Scopes: []string{"scim"}, Permissions: []string{"a:b:c"}}})
		for _, f := range o.Findings {
			if f.Check == "answers-come-from-the-platform" { // no request was made: none was answered by anything else
				continue
			}
			assert.NotEqual(t, results.Pass, f.Status, "%s: %s passes: %s", name, f.Check, f.Message)
		}
		assert.NotEqual(t, results.Ready, diagnose.Conclude(o, results.Tool{}).Verdict)
	}
}

// collect takes the snapshot of a scenario the way a check does.
func collect(t testing.TB, s *simulator.Scenario) (*evidence.Snapshot, lint.Options) {
	t.Helper()
	server, err := simulator.Start(s, "127.0.0.1:0")
	require.NoError(t, err)
	defer server.Close()
	base, err := genesys.ParseBase(server.URL)
	require.NoError(t, err)
	opts := evidence.Options{Now: time.Unix(1700000000, 0), Target: evidence.Target{Region: s.Org.Region, APIURL: server.URL, LoginURL: server.URL, SCIMBase: catalog.SCIMBase,
		Probe: s.Run.Probe, SCIMURL: strings.ReplaceAll(s.Run.SCIMURL, "{api}", server.URL)}}
	if opts.Target.Probe == "" {
		opts.Target.Probe = evidence.ProbeRead
	}
	if s.Run.Client != "" {
		id, clientSecret := server.Credentials(s.Run.Client)
		opts.Target.ClientID, opts.Secret = id, secret.New(clientSecret)
	}
	if s.Run.Token != "" {
		opts.Target.TokenSupplied, opts.Supplied = true, secret.New(server.Token(s.Run.Token))
	}
	if s.Run.WorkingToken != "" {
		opts.WorkingToken = secret.New(server.Token(s.Run.WorkingToken))
	}
	needs := catalog.DefaultNeeds()
	if len(s.Run.Need) > 0 {
		needs, err = catalog.ParseNeeds(s.Run.Need)
		require.NoError(t, err)
	}
	operations, err := catalog.All().ParseNeedOperations(s.Run.NeedOperation)
	require.NoError(t, err)
	if len(operations) > 0 && len(s.Run.Need) == 0 {
		needs, opts.Target.Probe = nil, evidence.ProbeNone
	}
	var specs []custom.Spec
	for _, c := range s.Run.Checks {
		specs = append(specs, custom.Spec{ID: c.ID, Title: c.Title, Severity: c.Severity, Expression: custom.Expression{Text: c.Expression}, Message: c.Message, Fix: custom.Fix{Text: c.Fix}})
	}
	extra, err := custom.Compile(specs, func(string) bool { return false })
	require.NoError(t, err)
	judge := lint.Options{Needs: needs, Operations: operations, Divisions: s.Run.Division, ExpectOrg: s.Run.ExpectOrg, Requirements: lint.Requirements{Scopes: s.Run.RequireScope, Permissions: s.Run.RequirePermission}, Own: extra}
	judge.Ask(&opts)
	return evidence.Collect(context.Background(), genesys.NewClient(genesys.Options{API: base, Login: base}), opts), judge
}

// hideable are the facts that an org may refuse to show.
var hideable = map[string]func(*evidence.Snapshot){
	"token info":    func(s *evidence.Snapshot) { hide(&s.TokenInfo) },
	"user":          func(s *evidence.Snapshot) { hide(&s.User) },
	"grants":        func(s *evidence.Snapshot) { hide(&s.Grants) },
	"client":        func(s *evidence.Snapshot) { hide(&s.Client) },
	"scopes":        func(s *evidence.Snapshot) { hide(&s.Scopes) },
	"divisions":     func(s *evidence.Snapshot) { hide(&s.Divisions) },
	"policies":      func(s *evidence.Snapshot) { hide(&s.Policies) },
	"authorization": func(s *evidence.Snapshot) { hide(&s.Authorization) },
	"organization":  func(s *evidence.Snapshot) { hide(&s.Organization) },
	"allowlist":     func(s *evidence.Snapshot) { hide(&s.IPAllowlist) },
	"all policies":  func(s *evidence.Snapshot) { hide(&s.AllPolicies) },
	"permissions":   func(s *evidence.Snapshot) { hide(&s.Permissions) },
	"permitted": func(s *evidence.Snapshot) {
		for i := range s.Permitted {
			hide(&s.Permitted[i].Fact)
		}
	},
	"policy details": func(s *evidence.Snapshot) {
		for i := range s.PolicyDetails {
			hide(&s.PolicyDetails[i].Attributes)
			hide(&s.PolicyDetails[i].Simulated)
		}
	},
	"read probe":  func(s *evidence.Snapshot) { hide(&s.ReadProbe) },
	"write probe": func(s *evidence.Snapshot) { hide(&s.WriteProbe) },
	"roles": func(s *evidence.Snapshot) {
		for i := range s.Roles {
			hide(&s.Roles[i])
		}
	},
}

func hide[T any](f *evidence.Fact[T]) {
	if len(f.Calls) == 0 {
		return
	}
	call := f.Calls[0]
	call.Status, call.Failure = 500, nil
	call.Refusal = &genesys.Refusal{Kind: genesys.RefusalAPI, Status: 500, Code: "internal.server.error"}
	f.Value, f.Calls = nil, []genesys.Call{call}
}

func clone(t *testing.T, s *evidence.Snapshot) *evidence.Snapshot {
	t.Helper()
	data, err := json.Marshal(s)
	require.NoError(t, err)
	var out evidence.Snapshot
	require.NoError(t, json.Unmarshal(data, &out))
	return &out
}

// TestSeeingLessNeverMakesReady hides each fact of each org that is not ready:
// what is refused must not turn into a pass because less of it is seen.
func TestSeeingLessNeverMakesReady(t *testing.T) {
	for _, name := range simulator.Names() {
		s, err := simulator.Embedded(name)
		require.NoError(t, err)
		if s.Expect.Verdict == string(results.Ready) || s.Run.WrongSecret || s.Run.UnknownClient {
			continue
		}
		t.Run(name, func(t *testing.T) {
			snapshot, opts := collect(t, s)
			if slices.Contains(s.Run.Args, "--token-use") {
				opts.TokenUse = lint.TokenPasted
			}
			if i := slices.Index(s.Run.Args, "--profile"); i >= 0 {
				p, err := profile.Find(s.Run.Args[i+1])
				require.NoError(t, err)
				opts.Profile, opts.TokenUse = p, p.Token.Use
				if len(p.Needs.Value) > 0 {
					opts.Needs, err = catalog.ParseNeeds(p.Needs.Value)
					require.NoError(t, err)
				}
			}
			if s.Run.TokenIssuedAgo > 0 {
				opts.TokenIssued = snapshot.Taken.Add(-s.Run.TokenIssuedAgo)
			}
			if len(s.Run.Refusals) > 0 || s.Run.Payload != "" {
				t.Skip("it is not ready because of a refusal or a payload, which the checks do not read here")
			}
			for fact, hideIt := range hideable {
				if name == "last-answer-unprobed" && fact == "scopes" {
					continue // where the platform's list is not to be had, the catalogue is believed
				}
				blind := clone(t, snapshot)
				hideIt(blind)
				r := diagnose.Conclude(checks.Run(blind, opts), results.Tool{})
				assert.NotEqual(t, results.Ready, r.Verdict, "without %s", fact)
			}
		})
	}
}

// TestReadyIsTrue builds random orgs, and where a check says ready, does the
// work: every needed operation must succeed on the simulator, which decides by
// rules of its own. Where the check says not ready, something must be refused.
func TestReadyIsTrue(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	verdicts := map[results.Verdict]int{}
	for i := range 150 {
		s := randomOrg(t, r)
		snapshot, opts := collect(t, s)
		verdict := diagnose.Conclude(checks.Run(snapshot, opts), results.Tool{}).Verdict
		verdicts[verdict]++
		refused := provision(t, s)
		switch verdict {
		case results.Ready:
			assert.Empty(t, refused, "org %d is said to be ready: %+v", i, s.Roles)
		case results.NotReady:
			assert.NotEmpty(t, refused, "org %d is said not to be ready: %+v %+v", i, s.Roles, s.Clients)
		}
	}
	for _, v := range []results.Verdict{results.Ready, results.NotReady} {
		assert.Greater(t, verdicts[v], 10, "the random orgs must show both: %v", verdicts)
	}
}

// randomOrg grants a client some roles in some divisions; policies and their
// conditions come as they fall.
func randomOrg(t *testing.T, r *rand.Rand) *simulator.Scenario {
	t.Helper()
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	var roles, grants []string
	for i := range 1 + r.IntN(3) {
		var policies []string
		for range 1 + r.IntN(5) {
			p := pick("directory:user:add", "directory:user:edit", "directory:user:delete", "directory:user:*", "*:*:*", "*:user:*", "directory:*:add", "routing:skill:assign", "directory:user:view")
			if r.IntN(8) == 0 {
				policies = append(policies, fmt.Sprintf(`{permission: %q, condition: "team EQ a"}`, p))
			} else {
				policies = append(policies, fmt.Sprintf("%q", p))
			}
		}
		roles = append(roles, fmt.Sprintf("  - {name: r%d, policies: [%s]}", i, strings.Join(policies, ", ")))
		grants = append(grants, fmt.Sprintf(`{role: r%d, division: %q}`, i, pick("*", "*", "Home", "Paris")))
	}
	policies := ""
	if r.IntN(4) == 0 {
		policies = fmt.Sprintf("policies: [{name: p, effect: %s, target: %q, applyToClients: %s, subjectType: ALL}]\n",
			pick("DENY", "DENY", "ALLOW"), pick("directory:user:add", "*:*:delete", "routing:skill:assign"), pick("true", "false"))
	}
	s, err := simulator.Load([]byte("name: random\norg: {name: Random}\ndivisions: [{name: Home, home: true}, {name: Paris}]\n" +
		"roles:\n  - {name: reader, policies: [\"authorization:policy:view\", \"authorization:role:view\"]}\n" + strings.Join(roles, "\n") +
		"\nusers: [{name: U, email: u@x.example}]\nclients: [{name: c, roles: [{role: reader}, " + strings.Join(grants, ", ") + "]}]\n" +
		policies + "hidePolicies: " + pick("true", "false") + "\nrun: {client: c}\n"))
	require.NoError(t, err)
	return s
}

// provision does what the default needs name and returns what was refused.
func provision(t *testing.T, s *simulator.Scenario) []string {
	t.Helper()
	server, err := simulator.Start(s, "127.0.0.1:0")
	require.NoError(t, err)
	defer server.Close()
	return provisionOn(t, server)
}

// FuzzSnapshot judges whatever reads back as a snapshot: a report comes out, and
// a check that has no answer of the org does not make it ready.
func FuzzSnapshot(f *testing.F) {
	for _, name := range []string{"migration-thread", "ready-user-token", "division-not-covered", "token-of-a-user"} {
		s, err := simulator.Embedded(name)
		require.NoError(f, err)
		snapshot, _ := collect(f, s)
		data, err := json.Marshal(snapshot)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Add([]byte(`{"tokenInfo":{"value":{}},"user":{"value":{}},"grants":{"value":{"grants":[{}]}},"working":{"tokenInfo":{"value":{}},"user":{"value":{}},"grants":{"value":{}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var snapshot evidence.Snapshot
		if json.Unmarshal(data, &snapshot) != nil {
			return
		}
		o := checks.Run(&snapshot, lint.Options{Needs: catalog.AllNeeds(), ExpectOrg: "a", Divisions: []string{"*", "b"}, Requirements: lint.Requirements{Scopes: []string{"x"}}})
		r := diagnose.Conclude(o, results.Tool{})
		if len(snapshot.Requests()) == 0 && r.Verdict == results.Ready && !snapshot.Token.Seen() {
			t.Fatal("ready without a request")
		}
	})
}
