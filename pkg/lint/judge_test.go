package lint

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

const create = "directory:user:add"

func answered[T any](kind evidence.Kind, path string, v T) evidence.Fact[T] {
	return evidence.Fact[T]{Kind: kind, Value: &v, Calls: []genesys.Call{{Method: "GET", URL: "https://api.example" + path, Status: 200}}}
}

func refusedBy[T any](kind evidence.Kind, method, path string, r genesys.Refusal) evidence.Fact[T] {
	return evidence.Fact[T]{Kind: kind, Calls: []genesys.Call{{Method: method, URL: "https://api.example" + path, Status: r.Status, Refusal: &r}}}
}

// client is the snapshot of a live client-credentials token that has one role with the
// permission, in one division.
func client(division string) *evidence.Snapshot {
	oauth := &genesys.OAuthClient{ID: "c", Name: "App", AuthorizedGrantType: genesys.GrantClientCredentials}
	return &evidence.Snapshot{
		Target:    evidence.Target{ClientID: "c"},
		Token:     answered(evidence.Token, "/oauth/token", genesys.TokenGrant{}),
		TokenInfo: answered(evidence.TokenInfo, "/api/v2/tokens/me", genesys.TokenInfo{AuthorizedScope: []string{}, OAuthClient: oauth}),
		Grants: answered(evidence.Grants, "/api/v2/authorization/subjects/me", genesys.Subject{ID: "c", Grants: []genesys.Grant{{Division: genesys.Division{ID: division},
			Role: genesys.GrantRole{ID: "r", Name: "R", Policies: []genesys.GrantPolicy{{Domain: "directory", EntityName: "user", Actions: []string{"add"}}}}}}}),
		Divisions: answered(evidence.Divisions, "/api/v2/authorization/divisions", []genesys.Division{{ID: "h", Name: "Home", HomeDivision: true}, {ID: "p", Name: "Paris"}}),
		Policies:  answered(evidence.Policies, "/api/v2/authorization/policies/subject/c", []genesys.Policy{}),
		Scopes:    answered(evidence.Scopes, "/api/v2/oauth/scopes", []genesys.Scope{{ID: "scim"}}),
	}
}

func permitted(s *evidence.Snapshot, permission string, v genesys.Permitted) {
	s.Permitted = append(s.Permitted, evidence.PermittedFact{Permission: permission, Fact: answered(evidence.Permitted, "/api/v2/authorization/divisionspermitted/paged/me", v)})
}

// TestHoldingBelievesTheStrongestAnswer: the refusal of a call, then the platform's own
// answer, then the grants; and says what contradicts it.
func TestHoldingBelievesTheStrongestAnswer(t *testing.T) {
	missing := genesys.Refusal{Kind: genesys.RefusalAPI, Status: 403, Code: genesys.CodeMissingAnyPermissions, Permissions: []string{"Directory:User:Add"}}
	inDivision := genesys.Refusal{Kind: genesys.RefusalAPI, Status: 403, Code: genesys.CodeMissingDivisionPermission, Permissions: []string{create}, Divisions: []string{"p"}}
	no, yes := false, true
	for name, tc := range map[string]struct {
		division string
		change   func(*evidence.Snapshot)
		opts     []string
		want     results.Decision
		reason   authz.Reason
		basis    results.Basis
		note     bool
	}{
		"grants":               {"h", nil, nil, results.DecisionAllowed, "", results.Published, false},
		"grants elsewhere":     {"p", nil, nil, results.DecisionDenied, authz.OtherDivision, results.Published, false},
		"platform: everywhere": {"p", func(s *evidence.Snapshot) { permitted(s, create, genesys.Permitted{Everywhere: true}) }, nil, results.DecisionAllowed, "", results.Observed, true},
		"platform: this division": {"p", func(s *evidence.Snapshot) {
			permitted(s, create, genesys.Permitted{Divisions: []genesys.Division{{ID: "H"}}})
		}, nil, results.DecisionAllowed, "", results.Observed, true},
		"platform: another division": {"h", func(s *evidence.Snapshot) {
			permitted(s, create, genesys.Permitted{Divisions: []genesys.Division{{ID: "p"}}})
		}, nil, results.DecisionDenied, Disagree, results.Observed, true},
		"platform: nowhere":            {"h", func(s *evidence.Snapshot) { permitted(s, create, genesys.Permitted{}) }, nil, results.DecisionDenied, Disagree, results.Observed, true},
		"platform: another permission": {"h", func(s *evidence.Snapshot) { permitted(s, "routing:skill:assign", genesys.Permitted{}) }, nil, results.DecisionAllowed, "", results.Published, false},
		"a refusal beats the platform": {"h", func(s *evidence.Snapshot) {
			permitted(s, create, genesys.Permitted{Everywhere: true})
			s.WriteProbe = refusedBy[evidence.Written](evidence.WriteProbe, "POST", "/api/v2/scim/v2/users", missing)
		}, nil, results.DecisionDenied, Disagree, results.Observed, true},
		"a refusal of a division": {"*", func(s *evidence.Snapshot) {
			s.WriteProbe = refusedBy[evidence.Written](evidence.WriteProbe, "POST", "/api/v2/scim/v2/users", inDivision)
		}, []string{"Paris"}, results.DecisionDenied, authz.OtherDivision, results.Observed, true},
		"a refusal of another division": {"*", func(s *evidence.Snapshot) {
			s.WriteProbe = refusedBy[evidence.Written](evidence.WriteProbe, "POST", "/api/v2/scim/v2/users", inDivision)
		}, nil, results.DecisionAllowed, "", results.Published, false},
		"not division-aware, says the org": {"p", func(s *evidence.Snapshot) {
			s.PermissionsAsked = []string{create}
			s.Permissions = answered(evidence.Permissions, "/x", []genesys.PermissionInfo{{Permission: create, DivisionAware: &no}})
		}, nil, results.DecisionAllowed, "", results.Published, false},
		"the org does not know it": {"h", func(s *evidence.Snapshot) {
			s.PermissionsAsked = []string{create, "directory:user:edit"}
			s.Permissions = answered(evidence.Permissions, "/x", []genesys.PermissionInfo{{Permission: "directory:user:edit", DivisionAware: &yes}})
		}, nil, results.DecisionUnknown, NotAvailable, results.Published, false},
		"the org knows none that were asked": {"h", func(s *evidence.Snapshot) {
			s.PermissionsAsked = []string{create}
			s.Permissions = answered(evidence.Permissions, "/x", []genesys.PermissionInfo{})
		}, nil, results.DecisionAllowed, "", results.Published, false},
		"held, and conditions are not known": {"h", func(s *evidence.Snapshot) {
			permitted(s, create, genesys.Permitted{Everywhere: true})
			s.Grants.Value.Grants[0].Role.Policies = nil
		}, nil, results.DecisionUnknown, authz.RoleUnseen, results.Observed, false},
		"held, and no condition is possible": {"h", func(s *evidence.Snapshot) {
			permitted(s, create, genesys.Permitted{Everywhere: true})
			s.Grants.Value.Grants[0].Role.Policies = nil
			s.PermissionsAsked = []string{create}
			s.Permissions = answered(evidence.Permissions, "/x", []genesys.PermissionInfo{{Permission: create, AllowsConditions: &no}})
		}, nil, results.DecisionAllowed, "", results.Observed, false},
		"held, under a condition": {"h", func(s *evidence.Snapshot) {
			permitted(s, create, genesys.Permitted{Everywhere: true})
			s.Grants.Value.Grants[0].Role.Policies[0].Condition = "x"
		}, nil, results.DecisionUnknown, authz.Conditional, results.Observed, false},
		"a division without an id": {"h", func(s *evidence.Snapshot) { (*s.Divisions.Value)[0].ID = "" }, nil, results.DecisionUnknown, authz.DivisionUnseen, results.Published, false},
		"no list of grants":        {"h", func(s *evidence.Snapshot) { s.Grants.Value.Grants = nil }, nil, results.DecisionUnknown, authz.GrantsUnseen, results.Published, false},
		"grants of another": {"h", func(s *evidence.Snapshot) {
			s.Grants.Value.ID = "x"
			s.User = refusedBy[genesys.User](evidence.User, "GET", "/api/v2/users/me", genesys.Refusal{Status: 400, Code: genesys.CodeNotAUser})
		}, nil, results.DecisionUnknown, authz.GrantsUnseen, results.Published, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := client(tc.division)
			if tc.change != nil {
				tc.change(s)
			}
			h := NewInput(s, Options{Needs: []catalog.Need{catalog.NeedCreate}, Divisions: tc.opts}).Holds(create)
			assert.Equal(t, tc.want, h.Decision)
			assert.Equal(t, tc.reason, h.Reason)
			assert.Equal(t, tc.basis, h.Basis)
			assert.Equal(t, tc.note, h.Note != "", h.Note)
			if h.Decision == results.DecisionUnknown && h.Reason != authz.Conditional && h.Reason != NotAvailable {
				assert.NotEmpty(t, h.Why, "an unknown says why")
			}
		})
	}
}

// TestWhoseTokenItIs: the answers decide, never the id that was configured.
func TestWhoseTokenItIs(t *testing.T) {
	for name, tc := range map[string]struct {
		change      func(*evidence.Snapshot)
		user, known bool
		client      string
	}{
		"tokens/me names the client":      {func(*evidence.Snapshot) {}, false, true, "c"},
		"subjects/me names somebody else": {func(s *evidence.Snapshot) { s.Grants.Value.ID = "kim" }, true, true, "c"},
		"nothing names anyone":            {func(s *evidence.Snapshot) { s.TokenInfo.Value, s.Grants.Value = nil, nil }, false, false, ""},
		"a configured client that is read": {func(s *evidence.Snapshot) {
			s.TokenInfo.Value, s.Grants.Value = nil, nil
			s.Client = answered(evidence.Client, "/x", genesys.OAuthClient{ID: "c"})
		}, false, false, ""},
		"subjects/me names the client": {func(s *evidence.Snapshot) {
			s.TokenInfo.Value = nil
			s.Client = answered(evidence.Client, "/x", genesys.OAuthClient{ID: "c"})
		}, false, true, "c"},
		"users/me answers": {func(s *evidence.Snapshot) { s.User = answered(evidence.User, "/x", genesys.User{ID: "kim"}) }, true, true, "c"},
	} {
		s := client("h")
		s.Target.TokenSupplied = true
		tc.change(s)
		user, known := s.IsUserToken()
		assert.Equal(t, []bool{tc.user, tc.known}, []bool{user, known}, name)
		id := ""
		if c, _ := s.OAuthClient(); c != nil {
			id = c.ID
		}
		assert.Equal(t, tc.client, id, name)
	}
}

// TestNoNeedsAreTheDefaultOnes: a run that needs nothing would be ready for nothing.
func TestNoNeedsAreTheDefaultOnes(t *testing.T) {
	assert.Len(t, NewInput(client("h"), Options{}).Judged, len(catalog.DefaultNeeds()))
}

// TestSimulatedPolicies: only words of the org that cannot be misread count.
func TestSimulatedPolicies(t *testing.T) {
	for _, tc := range []struct {
		effect, result string
		want           results.Decision
	}{
		{"DENY", "DENY", results.DecisionAllowed}, {"deny", "Deny", results.DecisionAllowed}, {"DENY", "NOT_APPLICABLE", results.DecisionDenied}, {"DENY", "ALLOW", results.DecisionDenied},
		{"ALLOW", "ALLOW", results.DecisionAllowed}, {"ALLOW", "DENY", results.DecisionDenied}, {"ALLOW", "true", results.DecisionAllowed}, {"ALLOW", "false", results.DecisionDenied},
		{"DENY", "", results.DecisionUnknown}, {"DENY", "MAYBE", results.DecisionUnknown}, {"AUDIT", "MAYBE", results.DecisionUnknown},
	} {
		met, why := simulated(tc.effect, tc.result)
		assert.Equal(t, tc.want, met, "%s %s", tc.effect, tc.result)
		assert.Equal(t, met == results.DecisionUnknown, why != "")
	}
}

// TestARefusalInADivisionIsJudgedByTheGrants: the answer says where, and the grants say
// whether the permission is held at all.
func TestARefusalInADivisionIsJudgedByTheGrants(t *testing.T) {
	refused := &genesys.Refusal{Kind: genesys.RefusalAPI, Status: 403, Code: genesys.CodeMissingDivisionPermission, Permissions: []string{create}}
	unread := client("p")
	unread.Grants = refusedBy[genesys.Subject](evidence.Grants, "GET", "/api/v2/authorization/subjects/me", genesys.Refusal{Status: 503})
	lacking := client("p")
	lacking.Grants.Value.Grants[0].Role.Policies[0].Actions = []string{"view"}
	for want, s := range map[string]*evidence.Snapshot{"division-not-covered confirmed": client("p"), "role-lacks-permission confirmed": lacking, "division-not-covered likely": unread} {
		found := NewInput(s, Options{Needs: catalog.DefaultNeeds()}).SuspectRefusal(refused, nil)
		assert.Equal(t, want, string(found.Cause)+" "+string(found.Certainty))
	}
}

// TestOneOfSeveralIsTheLeast: where any one of the permissions is enough, the fix names the
// one that allows least, and where all are needed, all of them.
func TestOneOfSeveralIsTheLeast(t *testing.T) {
	names := []string{"authorization:grant:add", create, "routing:skill:assign"}
	in := NewInput(&evidence.Snapshot{}, Options{Needs: catalog.DefaultNeeds()})
	anyOne := &genesys.Refusal{Kind: genesys.RefusalAPI, Status: 403, Code: genesys.CodeMissingAnyPermissions, Permissions: names}
	assert.Equal(t, []string{create}, in.SuspectRefusal(anyOne, []string{createUsers}).Fix.Permissions)
	all := &genesys.Refusal{Kind: genesys.RefusalAPI, Status: 403, Code: genesys.CodeMissingPermissions, Permissions: names}
	assert.Equal(t, names, in.SuspectRefusal(all, []string{createUsers}).Fix.Permissions)
}
