package lint

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// TestTheWorstDivisionDecides: of several divisions, one in which the permission is not
// held is enough to deny it, in whichever order they are named; and of permissions any one
// of which is enough, the best counts in each division.
func TestTheWorstDivisionDecides(t *testing.T) {
	for _, divisions := range [][]string{{"Home", "Paris"}, {"Paris", "Home"}} {
		in := NewInput(client("h"), Options{Needs: []catalog.Need{catalog.NeedCreate}, Divisions: divisions})
		for name, h := range map[string]Holding{
			"one": in.Holds(create), "any of one": in.holdsOne([]string{create}),
			"any of two": in.holdsOne([]string{create, "directory:user:edit"}), "any of two, the other way": in.holdsOne([]string{"directory:user:edit", create}),
		} {
			assert.Equal(t, results.DecisionDenied, h.Decision, "%s in %v", name, divisions)
			assert.Equal(t, "Paris", h.Target.Label(), "%s in %v", name, divisions)
		}
		assert.Equal(t, results.DecisionDenied, in.Judged[0].Decision, "%v", divisions)
	}
	both := client("h")
	both.Grants.Value.Grants = append(both.Grants.Value.Grants, genesys.Grant{Division: genesys.Division{ID: "p"},
		Role: genesys.GrantRole{ID: "e", Name: "E", Policies: []genesys.GrantPolicy{{Domain: "directory", EntityName: "user", Actions: []string{"edit"}}}}})
	in := NewInput(both, Options{Divisions: []string{"Home", "Paris"}})
	assert.Equal(t, results.DecisionAllowed, in.holdsOne([]string{create, "directory:user:edit"}).Decision, "one of them in each division")
}
