package checks_test

import (
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/diagnose"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/simulator"
)

// crowds make an org's evidence large in one way each.
var crowds = map[string]func(s *evidence.Snapshot, n int){
	"empty grants": func(s *evidence.Snapshot, n int) { s.Grants.Value.Grants = make([]genesys.Grant, n) },
	"unread roles": func(s *evidence.Snapshot, n int) {
		s.Roles = nil
		for i := range n {
			id := fmt.Sprintf("role-%d", i)
			s.Grants.Value.Grants = append(s.Grants.Value.Grants, genesys.Grant{Division: genesys.Division{ID: "*"}, Role: genesys.GrantRole{ID: id, Name: "Role " + id}})
			s.Roles = append(s.Roles, evidence.Fact[genesys.Role]{Kind: evidence.Roles, Calls: []genesys.Call{{Method: "GET", URL: "https://h/api/v2/authorization/roles/" + id, Status: 403,
				Refusal: &genesys.Refusal{Status: 403, Code: genesys.CodeMissingPermissions, Permissions: []string{"authorization:role:view"}}}}})
		}
	},
	"answers of a proxy": func(s *evidence.Snapshot, n int) {
		s.Roles = nil
		for i := range n {
			s.Roles = append(s.Roles, evidence.Fact[genesys.Role]{Kind: evidence.Roles, Calls: []genesys.Call{{Method: "GET", URL: fmt.Sprint("https://h/api/v2/authorization/roles/", i), Status: 200,
				Failure: &genesys.Failure{Kind: genesys.FailureHTML, Text: fmt.Sprint("the answer is an HTML page titled ", i)}}}})
		}
	},
	"divisions": func(s *evidence.Snapshot, n int) {
		list := []genesys.Division{{ID: "home", Name: "Home", HomeDivision: true}}
		s.Grants.Value.Grants = nil
		for i := range n {
			d := genesys.Division{ID: fmt.Sprintf("d-%d", i), Name: fmt.Sprintf("Division %d", i)}
			list = append(list, d)
			s.Grants.Value.Grants = append(s.Grants.Value.Grants, genesys.Grant{Division: d, Role: genesys.GrantRole{ID: "r", Name: "R",
				Policies: []genesys.GrantPolicy{{Domain: "directory", EntityName: "user", Actions: []string{"add", "edit", "delete", "view"}}}}})
		}
		s.Divisions.Value = &list
	},
	"policies": func(s *evidence.Snapshot, n int) {
		list := make([]genesys.Policy, n)
		for i := range list {
			list[i] = genesys.Policy{ID: fmt.Sprint(i), Name: fmt.Sprint("Policy ", i), Active: true, ApplyToClients: true, TargetResource: "directory:user:add", Subject: genesys.PolicySubject{Type: "ALL"}, Effect: "DENY"}
		}
		s.Policies.Value, s.AllPolicies.Value = &list, &list
	},
	"scopes": func(s *evidence.Snapshot, n int) {
		list := make([]genesys.Scope, n)
		for i := range list {
			list[i].ID = fmt.Sprint("scope-", i)
		}
		s.Scopes.Value = &list
	},
	"permissions that nobody asked for": func(s *evidence.Snapshot, n int) {
		list := make([]genesys.PermissionInfo, n)
		for i := range list {
			list[i].Permission = fmt.Sprint("a:b:c", i)
			s.PermissionsAsked = append(s.PermissionsAsked, fmt.Sprint("x:y:z", i))
			s.Permitted = append(s.Permitted, evidence.PermittedFact{Permission: fmt.Sprint("x:y:z", i)})
		}
		s.Permissions.Value = &list
	},
	"permissions of one role": func(s *evidence.Snapshot, n int) {
		g := genesys.Grant{Division: genesys.Division{ID: "*"}, Role: genesys.GrantRole{ID: "r", Name: "R"}}
		for i := range n {
			g.Role.Policies = append(g.Role.Policies, genesys.GrantPolicy{Domain: "d", EntityName: fmt.Sprint("e", i), Actions: []string{"a"}})
		}
		s.Grants.Value.Grants = []genesys.Grant{g}
	},
}

// judgeCrowd judges, concludes and reports as a run does.
func judgeCrowd(tb testing.TB, s *evidence.Snapshot, opts lint.Options) {
	tb.Helper()
	r := diagnose.Conclude(checks.Run(s, opts), results.Tool{})
	require.NotEmpty(tb, r.Verdict)
	for _, format := range report.Formats() {
		require.NoError(tb, report.Write(io.Discard, format, r, report.Options{}))
	}
}

// crowded is the evidence of an org with n of something.
func crowded(tb testing.TB, n int, grow func(*evidence.Snapshot, int)) (*evidence.Snapshot, lint.Options) {
	tb.Helper()
	scenario, err := simulator.Embedded("role-lacks-permission")
	require.NoError(tb, err)
	s, opts := collect(tb, scenario)
	grow(s, n)
	return s, opts
}

// TestAttackBoundsOfJudging: what a judgement costs grows as the evidence does.
// BenchmarkCrowds judges 100,000 of each.
func TestAttackBoundsOfJudging(t *testing.T) {
	const few, many = 250, 2000
	for name, grow := range crowds {
		fast := 10 * time.Minute
		took := func(n int) time.Duration {
			s, opts := crowded(t, n, grow)
			start := time.Now()
			judgeCrowd(t, s, opts)
			return time.Since(start)
		}
		for range 3 {
			fast = min(fast, took(few))
		}
		slow := min(took(many), took(many))
		t.Log(name, fast, slow)
		// Eight times as much; a judgement that compares each with each takes 64 times.
		assert.Less(t, slow, 30*fast+100*time.Millisecond, name)
	}
}

// BenchmarkCrowds judges and reports 100,000 of each.
func BenchmarkCrowds(b *testing.B) {
	for name, grow := range crowds {
		b.Run(name, func(b *testing.B) {
			s, opts := crowded(b, 100_000, grow)
			for b.Loop() {
				judgeCrowd(b, s, opts)
			}
		})
	}
}

// TestAttackBoundsOfAJudgement: 20,000 roles that were not read, in 10,000 divisions,
// end in a verdict that is not ready, within seconds.
func TestAttackBoundsOfAJudgement(t *testing.T) {
	grants, divisions := []genesys.Grant{}, []genesys.Division{}
	s := &evidence.Snapshot{Token: evidence.Fact[genesys.TokenGrant]{Value: &genesys.TokenGrant{}},
		TokenInfo: evidence.Fact[genesys.TokenInfo]{Value: &genesys.TokenInfo{OAuthClient: &genesys.OAuthClient{ID: "c", AuthorizedGrantType: genesys.GrantClientCredentials}}}}
	for i := range 20_000 {
		id := fmt.Sprintf("r%d", i)
		grants = append(grants, genesys.Grant{Division: genesys.Division{ID: fmt.Sprintf("d%d", i%10_000)}, Role: genesys.GrantRole{ID: id}})
		s.Roles = append(s.Roles, evidence.Fact[genesys.Role]{Kind: evidence.Roles, Calls: []genesys.Call{{Method: "GET", URL: "https://api.example/api/v2/authorization/roles/" + id, Status: 503,
			Refusal: &genesys.Refusal{Kind: genesys.RefusalAPI, Status: 503, Code: "service.unavailable"}}}})
	}
	for i := range 10_000 {
		divisions = append(divisions, genesys.Division{ID: fmt.Sprintf("d%d", i), Name: fmt.Sprintf("Division %d", i), HomeDivision: i == 0})
	}
	s.Grants = evidence.Fact[genesys.Subject]{Value: &genesys.Subject{ID: "c", Grants: grants}}
	s.Divisions = evidence.Fact[[]genesys.Division]{Value: &divisions}
	for _, wanted := range [][]string{nil, {"*"}, {"Divission 77"}} {
		start := time.Now()
		r := diagnose.Conclude(checks.Run(s, lint.Options{Needs: catalog.AllNeeds(), Divisions: wanted}), results.Tool{})
		assert.Equal(t, results.Inconclusive, r.Verdict)
		assert.Less(t, time.Since(start), 2*time.Minute, "%v", wanted)
		for _, c := range r.Checks {
			assert.NotContains(t, c.Fix.Text, "authorization:role:view", "no permission helps against a 503: %s", c.ID)
		}
	}
}
