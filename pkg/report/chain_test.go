package report

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/results"
)

func TestWhereCausesBreakTheChain(t *testing.T) {
	for id, want := range map[cause.ID]int{
		cause.ClientDisabled: tierSubject, cause.TokenExpired: tierSubject, cause.ClientHasNoRoles: tierRole, cause.RoleOnUserNotClient: tierRole,
		cause.RoleLacksPermission: tierPermission, cause.DivisionNotCovered: tierPermission, cause.ScopeMissing: tierOperation,
		cause.PolicyDenies: tierOperation, cause.WrongPath: tierOperation, cause.ProxyAnswered: tierOperation, cause.OwnCheckFails: tierOperation,
	} {
		assert.Equal(t, want, breaksAt(string(id)), id)
	}
	assert.Equal(t, tierOperation, breaksAt("of-another-version"))
}

func TestTheChain(t *testing.T) {
	held := []results.Link{{Role: "Creator", Division: "Home"}}
	create := func(op results.Decision, f results.Feature) results.Operation {
		f.Name, f.Permission = "create the user", "directory:user:add"
		return results.Operation{ID: "scim-user-create", Title: "create users", Method: "POST", Path: "/api/v2/scim/v2/users", Decision: op,
			Scope: results.DecisionAllowed, Policy: results.DecisionAllowed, Features: []results.Feature{f}}
	}
	because := func(id string, permissions ...string) []results.Cause {
		return []results.Cause{{ID: id, Certainty: results.Confirmed, Operations: []string{"scim-user-create"}, Fix: results.Fix{Permissions: permissions}}}
	}
	for _, c := range []struct {
		name, want string
		report     results.Report
	}{
		{"whole", `client "M" → Creator; Creator → directory:user:add; directory:user:add → create users; create users: allowed.`,
			results.Report{Operations: []results.Operation{create(results.DecisionAllowed, results.Feature{Decision: results.DecisionAllowed, Proof: held})}}},
		{"the platform says so, and no role could be read", `client "M" → directory:user:add; directory:user:add → create users; create users: allowed.`,
			results.Report{Operations: []results.Operation{create(results.DecisionAllowed, results.Feature{Decision: results.DecisionAllowed})}}},
		{"no role", `client "M" → no role (denied: client-has-no-roles); create users: denied.`,
			results.Report{Causes: because("client-has-no-roles"), Operations: []results.Operation{create(results.DecisionDenied, results.Feature{Decision: results.DecisionDenied})}}},
		{"no role includes it", `client "M" → Reader; Reader → directory:user:add (denied: role-lacks-permission); create users: denied.`,
			results.Report{Target: results.Target{Grants: []results.Grant{{Role: "Reader"}}}, Causes: because("role-lacks-permission"),
				Operations: []results.Operation{create(results.DecisionDenied, results.Feature{Decision: results.DecisionDenied})}}},
		{"another division", `client "M" → Creator; Creator → directory:user:add (denied: division-not-covered); create users: denied.`,
			results.Report{Causes: because("division-not-covered"), Operations: []results.Operation{create(results.DecisionDenied, results.Feature{Decision: results.DecisionDenied, Proof: held})}}},
		{"a scope", `client "M" → Creator; Creator → directory:user:add; directory:user:add → create users (denied: scope-missing); create users: denied.`,
			results.Report{Causes: because("scope-missing"), Operations: []results.Operation{create(results.DecisionDenied, results.Feature{Decision: results.DecisionAllowed, Proof: held})}}},
		{"a role of the token that works", `client "M" → Scim Admin (denied: role-on-user-not-client); user "Kim" → Scim Admin; create users: denied.`,
			results.Report{Target: results.Target{Working: &results.Holder{Subject: `user "Kim"`, Grants: []results.Grant{{Role: "Scim Admin"}}}},
				Causes:     because("role-on-user-not-client", "directory:user:add"),
				Operations: []results.Operation{create(results.DecisionDenied, results.Feature{Decision: results.DecisionDenied})}}},
		{"not read", `client "M" → roles that could not be read (unknown); create users: unknown.`,
			results.Report{Operations: []results.Operation{create(results.DecisionUnknown, results.Feature{Decision: results.DecisionUnknown})}}},
		{"the org did not answer", `client "M" → roles that could not be read (unknown); no permission required → read users (unknown: network-unreachable); create users: unknown (network-unreachable); read users: unknown.`,
			results.Report{Causes: []results.Cause{{ID: "network-unreachable"}}, Operations: []results.Operation{create(results.DecisionUnknown, results.Feature{Decision: results.DecisionUnknown}),
				{ID: "scim-user-read", Title: "read users", Method: "GET", Path: "/api/v2/scim/v2/users", Decision: results.DecisionUnknown}}}},
		{"the client", `client "M" → Creator; Creator → directory:user:add; directory:user:add → create users (denied); client "M" is refused: client-disabled; create users: denied.`,
			results.Report{Causes: because("client-disabled"), Operations: []results.Operation{func() results.Operation {
				op := create(results.DecisionDenied, results.Feature{Decision: results.DecisionAllowed, Proof: held})
				op.Scope = results.DecisionUnknown
				return op
			}()}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.report.Target.Subject = `client "M"`
			got := newChain(c.report)
			require.NotNil(t, got)
			assert.Equal(t, c.want, got.Words())
		})
	}
	assert.Nil(t, newChain(results.Report{}), "nothing was judged")
}

func TestWhoAsksIsUnknownWhereTheOrgDidNotAnswer(t *testing.T) {
	r := results.Report{Operations: []results.Operation{{Title: "read users", Decision: results.DecisionUnknown}}}
	assert.Equal(t, results.DecisionUnknown, newChain(r).Tiers[tierSubject][0].State)
	r.Target.Organization = "Acme"
	assert.Equal(t, results.DecisionAllowed, newChain(r).Tiers[tierSubject][0].State)
}

// A server that forbids styles, as Jenkins does, still shows outlines and not black boxes.
func TestThePictureIsReadableWithoutItsStyle(t *testing.T) {
	r := results.Report{Causes: []results.Cause{{ID: "client-disabled"}}, Operations: []results.Operation{{Title: "read users", Decision: results.DecisionDenied}}}
	var out strings.Builder
	require.NoError(t, writeSVG(&out, r, Options{}))
	shapes := regexp.MustCompile(`<(?:path|rect|circle) [^>]*>`).FindAllString(out.String(), -1)
	require.NotEmpty(t, shapes)
	for _, s := range shapes {
		assert.Contains(t, s, `fill="none" stroke="currentColor"`)
	}
}
