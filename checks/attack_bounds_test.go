package checks_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/diagnose"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

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
		assert.Less(t, time.Since(start), 5*time.Second, "%v", wanted)
		for _, c := range r.Checks {
			assert.NotContains(t, c.Fix.Text, "authorization:role:view", "no permission helps against a 503: %s", c.ID)
		}
	}
}
