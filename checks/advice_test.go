package checks_test

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/internal/fix"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/diagnose"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/simulator"
)

// TestOnePieceOfAdvice compares the fixes of causes and the hints of checks with the
// plan that scimlint fix proves, on every scenario and on random orgs.
func TestOnePieceOfAdvice(t *testing.T) {
	planned := 0
	for _, name := range simulator.Names() {
		s, err := simulator.Embedded(name)
		require.NoError(t, err)
		snapshot, opts := collect(t, s)
		planned += advice(t, name, snapshot, opts)
	}
	assert.Greater(t, planned, 8, "scenarios for which roles or grants are planned")
	r := rand.New(rand.NewPCG(16, 2))
	planned = 0
	for i := range many(100, 1000) {
		w := randomWorld(t, r, i)
		planned += advice(t, w.name, w.snapshot, w.opts)
		if t.Failed() {
			t.FailNow()
		}
	}
	assert.Greater(t, planned, 20, "random orgs for which roles or grants are planned")
}

var permissionName = regexp.MustCompile(`[a-z]+:[A-Za-z]+:[A-Za-z*]+`)

// advice asserts that a report advises its plan. It returns 1 where the plan has grants.
func advice(t *testing.T, name string, snapshot *evidence.Snapshot, opts lint.Options) int {
	t.Helper()
	r := diagnose.Conclude(checks.Run(snapshot, opts), results.Tool{})
	p := fix.Make(snapshot, opts, fix.Options{}, results.Tool{})
	another := func(c results.Cause) bool {
		return c.ID == string(cause.TokenOfAUser) || c.ID == string(cause.TokenOfAnotherClient)
	}
	switch plan := lint.NewInput(snapshot, opts).Plan(); {
	case slices.ContainsFunc(r.Causes, another):
		assert.True(t, p.Empty(), "%s: nothing is granted to whose token it is not", name)
		for _, c := range r.Checks {
			if c.Status == results.Fail {
				assert.Empty(t, c.Fix.Permissions, "%s: hint of %s", name, c.ID)
			}
		}
	case r.Verdict != results.Ready:
		assert.Equal(t, append([]lint.RoleChange{}, plan.Roles...), p.Roles, "%s: the proof takes nothing out of the plan", name)
		assert.Equal(t, append([]lint.GrantChange{}, plan.Grants...), p.Grants, name)
		assert.Equal(t, plan.Scopes, p.Scopes, name)
	}
	var granted, advised, scopes []string
	for _, role := range p.Roles {
		granted = append(granted, role.Permissions...)
	}
	for _, c := range r.Causes {
		info, _ := cause.ByID(cause.ID(c.ID))
		if c.ID == string(cause.ScopeMissing) || c.ID == string(cause.ScopeReadonly) {
			scopes = append(scopes, c.Fix.Scopes...)
		}
		if info.Concerns != cause.Permission || len(c.Fix.Permissions) == 0 {
			continue
		}
		advised = append(advised, c.Fix.Permissions...)
		if len(p.Roles) > 0 {
			names(t, name+": cause "+c.ID, c.Fix, p)
		}
	}
	if len(p.Roles) > 0 && len(advised) > 0 {
		assert.ElementsMatch(t, lint.Unique(granted), lint.Unique(advised), "%s: what the causes advise is what the plan grants", name)
	}
	if p.Scopes != nil && len(scopes) > 0 {
		assert.ElementsMatch(t, p.Scopes.Add, lint.Unique(scopes), "%s: and so are the scopes", name)
	}
	for _, c := range r.Checks {
		if c.Status == results.Fail && len(c.Fix.Permissions) > 0 && len(p.Roles) > 0 {
			names(t, name+": hint of "+c.ID, c.Fix, p)
		}
	}
	if len(p.Roles) == 0 {
		return 0
	}
	return 1
}

// names asserts that a fix names the plan's roles with their permissions and divisions,
// as far as it is about them, and nothing else to grant.
func names(t *testing.T, what string, f results.Fix, p fix.Plan) {
	t.Helper()
	text := f.Text
	var all []string
	for _, role := range p.Roles {
		all = append(all, role.Permissions...)
		if role.Instead != nil {
			text = strings.ReplaceAll(text, ", which also includes "+lint.List(role.Instead.Excess, 6), "")
		}
		if !slices.ContainsFunc(f.Permissions, func(have string) bool { return slices.Contains(role.Permissions, have) }) {
			continue
		}
		assert.Contains(t, text, `"`+role.Name+`"`, "%s names the role", what)
		for _, g := range p.Grants {
			if g.Role == role.Name {
				assert.Contains(t, text, strings.TrimPrefix(g.Division, "division "), "%s names the division", what)
			}
		}
	}
	assert.Subset(t, all, f.Permissions, "%s: %s", what, f.Text)
	assert.ElementsMatch(t, lint.Unique(f.Permissions), lint.Unique(permissionName.FindAllString(text, -1)), "%s names what it grants and nothing else: %s", what, f.Text)
}
