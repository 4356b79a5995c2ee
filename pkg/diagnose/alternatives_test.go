package diagnose

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/transcript"
)

// TestExplainNamesWhatEndsInTheSameAnswer pins the causes that explain lists for an
// answer, the one that the answer shows first and then what is possible, too.
func TestExplainNamesWhatEndsInTheSameAnswer(t *testing.T) {
	for code, tc := range map[string]struct {
		refusal genesys.Refusal
		want    []cause.ID
	}{
		"a permission is named": {genesys.Refusal{Status: 403, Code: genesys.CodeMissingPermissions, Permissions: []string{"directory:user:add"}},
			[]cause.ID{cause.RoleLacksPermission, cause.TokenOfAnotherClient, cause.RoleOnUserNotClient, cause.ClientHasNoRoles}},
		"a division": {genesys.Refusal{Status: 403, Code: "missing.division.permissions", Permissions: []string{"directory:user:add"}, Divisions: []string{"d"}},
			[]cause.ID{cause.DivisionNotCovered, cause.RoleLacksPermission}},
		"a scope": {genesys.Refusal{Status: 403, Code: genesys.CodeAppNotAuthorizedForScope, Scopes: []string{"scim"}},
			[]cause.ID{cause.ScopeMissing, cause.AppNotAuthorized}},
		"a dead token": {genesys.Refusal{Status: 401, Code: genesys.CodeBadCredentials},
			[]cause.ID{cause.TokenExpired, cause.ClientDisabled, cause.WrongRegion}},
		"an expired token": {genesys.Refusal{Status: 401, Code: genesys.CodeCredentialsExpired},
			[]cause.ID{cause.TokenExpired}},
		"no reason": {genesys.Refusal{Status: 403, Code: "not.authorized"},
			[]cause.ID{cause.Undetermined, cause.ScopeMissing, cause.PolicyDenies, cause.DivisionNotCovered, cause.RoleLacksPermission}},
	} {
		t.Run(code, func(t *testing.T) {
			r := tc.refusal
			r.Kind = genesys.RefusalAPI
			got := explain(transcript.Exchange{Method: "POST", URL: "https://api.mypurecloud.ie/api/v2/scim/v2/users", Status: r.Status, Refusal: &r})
			var ids []cause.ID
			for i, c := range got.Causes {
				ids = append(ids, cause.ID(c.ID))
				if i > 0 {
					assert.Equal(t, results.Possible, c.Certainty, c.ID)
					assert.NotEmpty(t, c.Fix.Text, c.ID)
				}
			}
			assert.ElementsMatch(t, tc.want, ids)
			assert.Equal(t, tc.want[0], ids[0])
		})
	}
}
