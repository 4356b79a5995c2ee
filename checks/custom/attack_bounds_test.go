package custom

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// TestAttackBoundsOfExpressions: an expression that grows what it reads ends unknown,
// within seconds and without filling the memory.
func TestAttackBoundsOfExpressions(t *testing.T) {
	ten := strings.Repeat("a", 10)
	doubled := strings.Repeat(".map(x, x + x)", 60)
	for name, expression := range map[string]string{
		"replace":            `"` + ten + `"` + strings.Repeat(`.replace("a", "`+ten+`")`, 12) + ` == ""`,
		"replace of nothing": `"a"` + strings.Repeat(`.replace("", "`+strings.Repeat("b", 200)+`")`, 8) + ` == ""`,
		"joined doubling":    `[["` + ten + `"]]` + doubled + `[0].join("") == ""`,
		"doubled text":       `["` + ten + `"]` + doubled + `[0] == ""`,
		"found in doubling":  `"b" in [["` + ten + `"]]` + doubled + `[0]`,
		"grants of grants":   `grants.all(a, grants.all(b, a.role.id == b.role.id || true))`,
		"holds of grants":    `grants.all(a, subject.holds("x:y:z") || true)`,
		"a hostile pattern":  `grants.all(a, a.role.name.matches("(a+)+$"))`,
	} {
		s := org()
		for i := range 2_000 {
			s.Grants.Value.Grants = append(s.Grants.Value.Grants, genesys.Grant{Division: genesys.Division{ID: "*"}, Role: genesys.GrantRole{ID: fmt.Sprint(i), Name: strings.Repeat("a", 50) + "!", Policies: s.Grants.Value.Grants[0].Role.Policies}})
		}
		list, err := Compile([]Spec{spec(expression)}, none)
		if strings.Contains(name, "doubling") {
			require.ErrorContains(t, err, "adds lists", name)
			continue
		}
		require.NoError(t, err, name)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		o := lint.RunChecks(list, s, lint.Options{Needs: catalog.DefaultNeeds()})
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		require.Len(t, o.Findings, 1, name)
		t.Log(name, took, (after.TotalAlloc-before.TotalAlloc)>>20, "MB", o.Findings[0].Status, o.Findings[0].Message)
		if name != "holds of grants" && name != "a hostile pattern" { // which cost what they are long
			assert.Equal(t, results.Unknown, o.Findings[0].Status, name)
		}
		assert.Less(t, took, 2*maxTime, name)
		assert.Less(t, (after.TotalAlloc-before.TotalAlloc)>>20, uint64(200), "MB of %s", name)
	}
}
