package diagnose

import (
	"strings"
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
		Operations: []string{"scim-user-create"}, Proof: []results.Proof{{Text: check, Basis: results.Observed}}, Lacks: permissions,
		BecauseOf: func(list []string) string { return "lacks " + strings.Join(list, ", ") },
		Fix:       results.Fix{Text: "grant " + strings.Join(permissions, ", "), Permissions: permissions}}}
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
	in := lint.NewInput(&evidence.Snapshot{}, lint.Options{})
	return Conclude(lint.Outcome{Snapshot: &evidence.Snapshot{Taken: time.Unix(0, 0)}, Findings: findings, Input: in,
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
	all := []string{"directory:user:add", "directory:user:edit", "directory:user:delete"}
	assert.Equal(t, all, c.Fix.Permissions)
	assert.Contains(t, c.Fix.Text, "directory:user:add and directory:user:edit and directory:user:delete", "one instruction for all of them")
	assert.Equal(t, "lacks directory:user:add, directory:user:edit, directory:user:delete", c.Explanation)
	for _, check := range r.Checks {
		assert.Equal(t, c.Fix, check.Fix, "a hint is the fix of the cause")
	}
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
	user := func(verb string) results.Operation {
		return results.Operation{ID: "scim-user-" + verb, Title: verb + " users", Method: "X", Path: "/u"}
	}
	groups := results.Operation{ID: "scim-group-edit", Title: "change group members"}
	call := results.Operation{ID: "queues", Title: "call GET /q", Method: "GET", Path: "/q"}
	all := func(results.Operation) bool { return true }
	assert.Equal(t, "create, update and delete users and change group members over SCIM",
		titles([]results.Operation{user("create"), user("update"), user("delete"), groups}, all).words("and"))
	assert.Equal(t, "read users over SCIM or call GET /q", titles([]results.Operation{user("read"), call}, all).words("or"))
	assert.Equal(t, "call GET /q", titles([]results.Operation{user("read"), call}, func(op results.Operation) bool { return op.ID == "queues" }).words("or"))
	assert.True(t, titles([]results.Operation{call}, func(results.Operation) bool { return false }).empty())
}

// TestASummaryClaimsNothingUnknown: where only the team's own check fails, whether the
// calls are allowed decides what is said of them.
func TestASummaryClaimsNothingUnknown(t *testing.T) {
	of := func(d results.Decision) string {
		return summary(results.Report{Verdict: results.NotReady, Target: results.Target{Subject: "App"}, Checks: []results.Check{{ID: "own", Own: true, Status: results.Fail}},
			Operations: []results.Operation{{ID: "scim-user-create", Decision: d}}})
	}
	assert.Equal(t, "App may create users over SCIM, but fails what the configuration demands: own.", of(results.DecisionAllowed))
	assert.Equal(t, "App fails what the configuration demands: own. Could not find out whether it may create users over SCIM.", of(results.DecisionUnknown))
	assert.Equal(t, "App cannot create users over SCIM.", of(results.DecisionDenied))
}

// TestTheGravestFindingSpeaks: its fix, basis and evidence are the check's, of equal ones
// the first's; and that one finding blocks makes the check required.
func TestTheGravestFindingSpeaks(t *testing.T) {
	f := func(status results.Status, message string, blocks bool) lint.Finding {
		return lint.Finding{Check: "x", Status: status, Message: message, Basis: results.Basis(message), Evidence: []string{message}, Fix: results.Fix{Text: message}, Blocks: blocks}
	}
	r := conclude(f(results.Warn, "a", true), f(results.Fail, "b", false), f(results.Fail, "c", false), f(results.Unknown, "d", false))
	require.Len(t, r.Checks, 1)
	c := r.Checks[0]
	assert.Equal(t, "a; b; c; d", c.Message)
	assert.Equal(t, results.Check{ID: "x", Status: results.Fail, Message: c.Message, Basis: "b", Evidence: []string{"b"}, Fix: results.Fix{Text: "b"}, Required: true, Fingerprint: c.Fingerprint}, c)
	long := conclude(f(results.Unknown, strings.Repeat("x", maxMessage), false), f(results.Warn, "y", false), f(results.Fail, "the failure", false))
	assert.Equal(t, "the failure; and more of this kind", long.Checks[0].Message, "what decides is never cut")
	long = conclude(f(results.Fail, strings.Repeat("x", maxMessage), false), f(results.Warn, "y", false))
	assert.Equal(t, strings.Repeat("x", maxMessage)+"; and more of this kind", long.Checks[0].Message)
	parts := conclude(f(results.Fail, "no role includes a:b:c", false), f(results.Fail, "no role includes a:b", false))
	assert.Equal(t, "no role includes a:b:c; no role includes a:b", parts.Checks[0].Message, "a sentence within another is not the same one")
}

// TestSuspicionsOfOneCauseAddUp: the most certain speaks and the first of equal ones;
// operations, proof, counter-evidence, scopes and what is lacking add up.
func TestSuspicionsOfOneCauseAddUp(t *testing.T) {
	s := func(name string, certainty results.Certainty) lint.Suspicion {
		return lint.Suspicion{Cause: cause.ScopeMissing, Certainty: certainty, Because: name, Operations: []string{name}, Lacks: []string{name},
			Proof: []results.Proof{{Text: name}}, Counter: []results.Proof{{Text: "not " + name}}, Fix: results.Fix{Text: "fix " + name, Scopes: []string{name}, Permissions: []string{name}}}
	}
	got := merge([]lint.Suspicion{s("a", results.Possible), s("b", results.Likely), s("c", results.Likely), s("a", results.Possible)})
	require.Len(t, got, 1)
	c := got[0]
	abc := []string{"a", "b", "c"}
	assert.Equal(t, results.Likely, c.Certainty)
	assert.Equal(t, "b", c.Explanation)
	assert.Equal(t, results.Fix{Text: "fix b", Scopes: abc, Permissions: abc}, c.Fix)
	assert.Equal(t, abc, c.Operations)
	assert.Equal(t, abc, c.lacks)
	assert.Equal(t, []results.Proof{{Text: "a"}, {Text: "b"}, {Text: "c"}}, c.Proof)
	assert.Equal(t, []results.Proof{{Text: "not a"}, {Text: "not b"}, {Text: "not c"}}, c.Counter)
	own := func(because, fix string) lint.Suspicion {
		return lint.Suspicion{Cause: cause.OwnCheckFails, Because: because, Fix: results.Fix{Text: fix}}
	}
	got = merge([]lint.Suspicion{own("One.", "Do one."), own("Two.", "Do two."), own("One.", "Do one.")})
	assert.Equal(t, "One. Two.", got[0].Explanation, "each of the team's checks is named")
	assert.Equal(t, "Do one. Do two.", got[0].Fix.Text)
}

// TestCausesThatBreakNothingComeLast, however certain they are; the team's own demand
// breaks no operation and keeps its place.
func TestCausesThatBreakNothingComeLast(t *testing.T) {
	idle := fail("a", cause.ClockSkew, results.Confirmed)
	idle.Suspicion.Operations = nil
	own := fail("b", cause.OwnCheckFails, results.Confirmed)
	own.Suspicion.Operations = nil
	assert.Equal(t, []string{"own-check-fails", "scope-missing", "clock-skew"}, ids(conclude(idle, fail("c", cause.ScopeMissing, results.Likely), own)))
	other := fail("d", cause.WrongPath, results.Possible)
	assert.Equal(t, []string{"own-check-fails", "wrong-path", "clock-skew"}, ids(conclude(idle, other, own)))
}

// TestASuppliedRefusalAddsToItsCause: it is listed once, its operations, proof and lacks
// with the others, and it speaks where it is more certain.
func TestASuppliedRefusalAddsToItsCause(t *testing.T) {
	now := fail("a", cause.RoleLacksPermission, results.Likely, "a:b:c")
	then := fail("b", cause.RoleLacksPermission, results.Confirmed, "d:e:f")
	then.Suspicion.Brought = true
	r := conclude(now, then)
	require.Equal(t, []string{"role-lacks-permission"}, ids(r))
	assert.Equal(t, results.Confirmed, r.Causes[0].Certainty)
	assert.Equal(t, "lacks d:e:f", r.Causes[0].Explanation)
	assert.Equal(t, []string{"a:b:c", "d:e:f"}, r.Causes[0].Fix.Permissions)
	assert.Len(t, r.Causes[0].Proof, 2)
	then.Suspicion.Certainty = results.Likely
	assert.Equal(t, "lacks a:b:c", conclude(now, then).Causes[0].Explanation, "of equal certainty, what the org shows now speaks")
}

// TestAnAcceptedUnknownHasNoCause: what was accepted is that a check cannot read
// something. A failure of the same check keeps its cause.
func TestAnAcceptedUnknownHasNoCause(t *testing.T) {
	f := fail("abac", cause.PolicyDenies, results.Possible)
	other := fail("b", cause.WrongPath, results.Likely)
	of := func(status results.Status, accept ...string) []string {
		f.Status = status
		ops := []results.Operation{{ID: "scim-user-create", Decision: results.DecisionDenied}}
		return ids(Conclude(lint.Outcome{Snapshot: &evidence.Snapshot{}, Operations: ops, Findings: []lint.Finding{f, other}, Options: lint.Options{Accept: accept}}, results.Tool{}))
	}
	assert.Equal(t, []string{"wrong-path"}, of(results.Unknown, "abac"))
	assert.Equal(t, []string{"wrong-path", "abac-policy-denies"}, of(results.Unknown))
	assert.Equal(t, []string{"wrong-path", "abac-policy-denies"}, of(results.Unknown, "b"))
	assert.Equal(t, []string{"wrong-path", "abac-policy-denies"}, of(results.Fail, "abac"))
}

// TestAHintIsTheReportedFix: a check that points at a cause which another explains gets
// the other's fix, and a cause explains only operations that it breaks.
func TestAHintIsTheReportedFix(t *testing.T) {
	root := fail("a", cause.TokenOfAUser, results.Confirmed)
	root.Suspicion.Fix = results.Fix{Text: "use the client's token"}
	r := conclude(root, fail("b", cause.RoleLacksPermission, results.Likely, "a:b:c"))
	assert.Equal(t, []string{"token-of-a-user"}, ids(r))
	assert.Equal(t, "use the client's token", r.Checks[1].Fix.Text)

	root.Suspicion.Operations = []string{"another"}
	two := []results.Operation{{ID: "another", Decision: results.DecisionDenied}, {ID: "scim-user-create", Decision: results.DecisionDenied}}
	r = Conclude(lint.Outcome{Snapshot: &evidence.Snapshot{}, Operations: two, Findings: []lint.Finding{root, fail("b", cause.RoleLacksPermission, results.Likely, "a:b:c")}}, results.Tool{})
	assert.Equal(t, []string{"token-of-a-user", "role-lacks-permission"}, ids(r))
	warned := fail("b", cause.RoleLacksPermission, results.Likely, "a:b:c")
	warned.Status, warned.Fix = results.Unknown, results.Fix{Text: "its own"}
	assert.Equal(t, "its own", conclude(fail("a", cause.RoleLacksPermission, results.Likely, "a:b:c"), warned).Checks[1].Fix.Text, "what is unknown keeps its own hint")
}

// TestAChecksFindingsAreJoined: the most severe status speaks, whichever came first,
// and no message is lost or said twice.
func TestAChecksFindingsAreJoined(t *testing.T) {
	order := []results.Status{results.Skip, results.Pass, results.Warn, results.Unknown, results.Fail}
	for i, lesser := range order {
		for _, graver := range order[i+1:] {
			for _, pair := range [][]results.Status{{lesser, graver}, {graver, lesser}} {
				r := conclude(lint.Finding{Check: "x", Status: pair[0], Message: "first"}, lint.Finding{Check: "x", Status: pair[1], Message: "second"})
				require.Len(t, r.Checks, 1)
				assert.Equal(t, graver, r.Checks[0].Status, "%v", pair)
				assert.Equal(t, "first; second", r.Checks[0].Message)
			}
		}
	}
	again := conclude(lint.Finding{Check: "x", Status: results.Warn, Message: "the same"}, lint.Finding{Check: "x", Status: results.Warn, Message: "the same"})
	assert.Equal(t, "the same", again.Checks[0].Message)
}

// TestCausesOfEqualCertaintyKeepTheOrderOfTheList: what keeps everything from working
// comes before what breaks a part.
func TestCausesOfEqualCertaintyKeepTheOrderOfTheList(t *testing.T) {
	a, b := cause.RoleLacksPermission, cause.TokenExpired
	for _, pair := range [][]cause.ID{{a, b}, {b, a}} {
		assert.Equal(t, []string{string(b), string(a)}, ids(conclude(fail("a", pair[0], results.Likely), fail("b", pair[1], results.Likely))))
	}
}

// TestTheVerdictRestsOnOperations: a denied operation is not ready although no check
// fails, an unknown one is inconclusive although no check says so, and a run that
// needs nothing is never ready.
func TestTheVerdictRestsOnOperations(t *testing.T) {
	for name, tc := range map[string]struct {
		ops    []results.Operation
		accept []string
		want   results.Verdict
	}{
		"denied":           {[]results.Operation{{ID: "x", Decision: results.DecisionDenied}}, nil, results.NotReady},
		"unknown":          {[]results.Operation{{ID: "x", Decision: results.DecisionUnknown}}, nil, results.Inconclusive},
		"nothing needed":   {nil, nil, results.Inconclusive},
		"allowed":          {[]results.Operation{{ID: "x", Decision: results.DecisionAllowed}}, nil, results.Ready},
		"accepted policy":  {[]results.Operation{open(results.DecisionAllowed, results.DecisionUnknown)}, []string{lint.PolicyCheck}, results.Ready},
		"policy":           {[]results.Operation{open(results.DecisionAllowed, results.DecisionUnknown)}, nil, results.Inconclusive},
		"accepted feature": {[]results.Operation{open(results.DecisionUnknown, results.DecisionAllowed)}, []string{"f"}, results.Ready},
		"not the feature":  {[]results.Operation{open(results.DecisionUnknown, results.DecisionAllowed)}, []string{lint.PolicyCheck}, results.Inconclusive},
	} {
		findings := []lint.Finding{{Check: lint.PolicyCheck, Status: results.Unknown, Message: "?"}, {Check: "f", Status: results.Unknown, Message: "?"}}
		r := Conclude(lint.Outcome{Snapshot: &evidence.Snapshot{}, Operations: tc.ops, Findings: findings, Options: lint.Options{Accept: tc.accept}}, results.Tool{})
		assert.Equal(t, tc.want, r.Verdict, name)
	}
}

// open is an operation that is unknown because of its feature or its policies.
func open(feature, policy results.Decision) results.Operation {
	return results.Operation{ID: "x", Decision: results.DecisionUnknown, Gate: results.Gate{Decision: results.DecisionAllowed}, Scope: results.DecisionAllowed, Policy: policy,
		Features: []results.Feature{{Check: "f", Decision: feature}}}
}

// TestACauseBreaksOnlyWhatIsNotAllowed: one about permissions that contradicts the
// decisions is dropped; one about the token keeps what it names; an answer that did not
// come matters only where something was not decided without it; a refusal that was
// brought stays.
func TestACauseBreaksOnlyWhatIsNotAllowed(t *testing.T) {
	ops := []results.Operation{{ID: "a", Decision: results.DecisionAllowed}, {ID: "b", Decision: results.DecisionDenied}}
	suspect := func(id cause.ID, brought bool, operations ...string) lint.Finding {
		return lint.Finding{Check: string(id), Status: results.Fail, Message: "m", Suspicion: &lint.Suspicion{Cause: id, Certainty: results.Likely, Operations: operations, Because: "b", Brought: brought}}
	}
	of := func(ops []results.Operation, f lint.Finding) []results.Cause {
		return Conclude(lint.Outcome{Snapshot: &evidence.Snapshot{}, Operations: ops, Findings: []lint.Finding{f}}, results.Tool{}).Causes
	}
	assert.Equal(t, []string{"b"}, of(ops, suspect(cause.RoleLacksPermission, false, "a", "b"))[0].Operations)
	assert.Equal(t, "undetermined", of(ops, suspect(cause.RoleLacksPermission, false, "a"))[0].ID, "it contradicts the decision")
	assert.Equal(t, []string{"a", "b"}, of(ops, suspect(cause.TokenOfAUser, false, "a", "b"))[0].Operations)
	assert.Equal(t, []string{"a"}, of(ops, suspect(cause.RoleLacksPermission, true, "a"))[0].Operations, "a refusal that was brought")
	assert.Equal(t, []string{"b"}, of(ops, suspect(cause.ProxyAnswered, false, "a", "b"))[0].Operations)
	assert.Equal(t, "undetermined", of(ops[:1], suspect(cause.ProxyAnswered, false, "a"))[0].ID, "all was decided without the answer")
}

// TestTheLatestChangeIsShownWhereItExplains: beside a cause about permissions.
func TestTheLatestChangeIsShownWhereItExplains(t *testing.T) {
	ops := []results.Operation{{ID: "scim-user-create", Decision: results.DecisionDenied}}
	r := Conclude(lint.Outcome{Snapshot: &evidence.Snapshot{}, Operations: ops, Changes: []string{"on Tuesday by Dana", "before"},
		Findings: []lint.Finding{fail("a", cause.WrongPath, results.Confirmed), fail("b", cause.RoleLacksPermission, results.Likely)}}, results.Tool{})
	require.Len(t, r.Causes, 2)
	assert.NotContains(t, r.Causes[0].Proof[len(r.Causes[0].Proof)-1].Text, "Tuesday")
	assert.Contains(t, r.Causes[1].Proof[len(r.Causes[1].Proof)-1].Text, "on Tuesday by Dana")
}
