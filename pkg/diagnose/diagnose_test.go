package diagnose

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

func fail(check string, id cause.ID, certainty results.Certainty, permissions ...string) lint.Finding {
	return lint.Finding{Check: check, Status: results.Fail, Message: check, Suspicion: &lint.Suspicion{Cause: id, Certainty: certainty,
		Operations: []string{"scim-user-create"}, Because: "lacks " + join2(permissions), Proof: []results.Proof{{Text: check, Basis: results.Observed}},
		Fix: results.Fix{Text: "grant " + join2(permissions), Permissions: permissions}}}
}

func join2(words []string) string {
	out := ""
	for i, w := range words {
		if i > 0 {
			out += ", "
		}
		out += w
	}
	return out
}

// conclude concludes from findings about the one operation, which is decided as
// the findings say.
func conclude(findings ...lint.Finding) results.Report {
	decided := results.DecisionAllowed
	for _, f := range findings {
		if f.Status == results.Fail {
			decided = results.DecisionDenied
		}
	}
	return Conclude(lint.Outcome{Snapshot: &evidence.Snapshot{Taken: time.Unix(0, 0)}, Findings: findings,
		Operations: []results.Operation{{ID: "scim-user-create", Title: "create users", Decision: decided}}}, results.Tool{})
}

func ids(r results.Report) []string {
	out := []string{}
	for _, c := range r.Causes {
		out = append(out, c.ID)
	}
	return out
}

func TestARootCauseIsNamedOnce(t *testing.T) {
	r := conclude(
		fail("a", "role-lacks-permission", results.Likely, "directory:user:add"),
		fail("b", "role-lacks-permission", results.Confirmed, "directory:user:edit"),
		fail("c", "role-lacks-permission", results.Likely, "directory:user:delete"))
	require.Len(t, r.Causes, 1)
	c := r.Causes[0]
	assert.Equal(t, results.Confirmed, c.Certainty, "the most certain speaks")
	assert.Equal(t, []string{"directory:user:edit", "directory:user:add", "directory:user:delete"}, c.Fix.Permissions)
	assert.Equal(t, "grant directory:user:edit, directory:user:add, directory:user:delete", c.Fix.Text)
	assert.Equal(t, "lacks directory:user:edit, directory:user:add, directory:user:delete", c.Explanation)
	assert.Len(t, c.Proof, 3)
	assert.Equal(t, []string{"scim-user-create"}, c.Operations)
}

func TestWhatARootBringsAboutIsNotNamed(t *testing.T) {
	root := fail("a", "role-on-user-not-client", results.Confirmed, "directory:user:add")
	assert.Equal(t, []string{"role-on-user-not-client"},
		ids(conclude(root, fail("b", "role-lacks-permission", results.Likely, "directory:user:add"), fail("c", "client-has-no-roles", results.Confirmed, "directory:user:add"))))
	assert.Equal(t, []string{"role-on-user-not-client", "role-lacks-permission"},
		ids(conclude(root, fail("b", "role-lacks-permission", results.Likely, "directory:user:add", "routing:skill:assign"))),
		"a role that lacks a permission itself does not explain its lack")
	assert.Equal(t, []string{"wrong-path"}, ids(conclude(fail("a", "wrong-path", results.Likely))))
	possible := fail("a", "client-disabled", results.Possible)
	assert.Equal(t, []string{"token-expired", "client-disabled"}, ids(conclude(possible, fail("b", "token-expired", results.Confirmed))), "a guess explains nothing that is sure")
}

func TestCertaintyRanksBeforeOrder(t *testing.T) {
	assert.Equal(t, []string{"wrong-path", "scope-missing", "proxy-answered"}, ids(conclude(
		fail("a", "proxy-answered", results.Possible), fail("b", "scope-missing", results.Likely), fail("c", "wrong-path", results.Confirmed))))
}

func TestVerdict(t *testing.T) {
	unknown := lint.Finding{Check: "token-is-live", Status: results.Unknown, Message: "?", Blocks: true}
	idle := lint.Finding{Check: "clock-is-right", Status: results.Unknown, Message: "?"}
	pass := lint.Finding{Check: "ip-is-allowed", Status: results.Pass, Message: "ok"}
	assert.Equal(t, results.Ready, conclude(pass, idle).Verdict, "an unknown that nothing needs does not matter")
	assert.Equal(t, results.Inconclusive, conclude(pass, unknown).Verdict)
	assert.Equal(t, results.NotReady, conclude(pass, unknown, fail("a", "wrong-path", results.Likely)).Verdict, "a failure beats an unknown")
	assert.Empty(t, conclude(pass).Causes)
}

func TestAFailureWithoutACauseIsUndetermined(t *testing.T) {
	assert.Equal(t, []string{"undetermined"}, ids(conclude(lint.Finding{Check: "own-check", Status: results.Fail, Message: "no"})))
}

func TestSummaries(t *testing.T) {
	assert.Equal(t, "create, update and delete users and change group members",
		shorten([]string{"create users", "update users", "delete users", "change group members"}, "and"))
	assert.Equal(t, "read users", shorten([]string{"read users"}, "or"))
}
