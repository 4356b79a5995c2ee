package lint

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
)

// TestDivisionsThatDifferInCapitals: the exact name counts, and of two that are like it none is
// guessed.
func TestDivisionsThatDifferInCapitals(t *testing.T) {
	s := &evidence.Snapshot{Divisions: evidence.Fact[[]genesys.Division]{Value: &[]genesys.Division{{ID: "h", Name: "Home", HomeDivision: true}, {ID: "p1", Name: "Paris"}, {ID: "p2", Name: "PARIS"}}}}
	for wanted, id := range map[string]string{"PARIS": "p2", "Paris": "p1", "pAris": "", "home": "h", "P1": "p1"} {
		in := NewInput(s, Options{Divisions: []string{wanted}})
		got := ""
		if len(in.Where) > 0 {
			got = in.Where[0].Division.ID
		}
		assert.Equal(t, id, got, wanted)
	}
}
