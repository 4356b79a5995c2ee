package checks

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

const clientID = "c1"

func ok(method, path string) genesys.Call {
	return genesys.Call{Method: method, URL: "https://api.mypurecloud.com" + path, Status: 200, CorrelationID: "x"}
}

func seen[T any](kind evidence.Kind, path string, v T) evidence.Fact[T] {
	return evidence.Fact[T]{Kind: kind, Calls: []genesys.Call{ok("GET", path)}, Value: &v}
}

func refused[T any](kind evidence.Kind, path string, status int, code string, names ...string) evidence.Fact[T] {
	call := ok("GET", path)
	call.Status = status
	call.Refusal = &genesys.Refusal{Kind: genesys.RefusalAPI, Status: status, Code: code, Message: code}
	if code == genesys.CodeAppNotAuthorizedForScope {
		call.Refusal.Scopes = names
	} else {
		call.Refusal.Permissions = names
	}
	return evidence.Fact[T]{Kind: kind, Calls: []genesys.Call{call}}
}

func failed[T any](kind evidence.Kind, failure genesys.FailureKind) evidence.Fact[T] {
	call := ok("GET", "/x")
	call.Status, call.Failure = 0, &genesys.Failure{Kind: failure, Text: string(failure)}
	return evidence.Fact[T]{Kind: kind, Calls: []genesys.Call{call}}
}

// good is the snapshot of a client for which every check passes or skips.
func good() *evidence.Snapshot {
	oauth := genesys.OAuthClient{ID: clientID, Name: "Migration", AuthorizedGrantType: genesys.GrantClientCredentials, State: genesys.StateActive,
		RoleDivisions: []genesys.RoleDivision{{RoleID: "r1", DivisionID: "*"}}}
	total := int64(3)
	return &evidence.Snapshot{
		Target: evidence.Target{Region: "us-east-1", APIURL: "https://api.mypurecloud.com", LoginURL: "https://login.mypurecloud.com", ClientID: clientID,
			SCIMURL: "https://api.mypurecloud.com/api/v2/scim/v2/users", SCIMBase: catalog.SCIMBase, Probe: evidence.ProbeRead},
		Token:     seen(evidence.Token, "/oauth/token", genesys.TokenGrant{ExpiresIn: time.Hour}),
		TokenInfo: seen(evidence.TokenInfo, "/api/v2/tokens/me", genesys.TokenInfo{Organization: genesys.NamedEntity{ID: "o1", Name: "Acme"}, OAuthClient: &oauth}),
		User:      refused[genesys.User](evidence.User, "/api/v2/users/me", 400, genesys.CodeNotAUser),
		Grants: seen(evidence.Grants, "/api/v2/authorization/subjects/me", genesys.Subject{ID: clientID, Grants: []genesys.Grant{{
			Division: genesys.Division{ID: "*"}, Role: genesys.GrantRole{ID: "r1", Name: "SCIM Integration", Policies: []genesys.GrantPolicy{
				{Domain: "directory", EntityName: "user", Actions: []string{"add", "edit", "delete"}}}}}}}),
		Client:        seen(evidence.Client, "/api/v2/oauth/clients/c1", oauth),
		Scopes:        seen(evidence.Scopes, "/api/v2/oauth/scopes", []genesys.Scope{{ID: "scim"}, {ID: "scim:readonly"}, {ID: "users"}}),
		Divisions:     seen(evidence.Divisions, "/api/v2/authorization/divisions", []genesys.Division{{ID: "d1", Name: "Home", HomeDivision: true}, {ID: "d2", Name: "Paris"}}),
		Policies:      seen(evidence.Policies, "/api/v2/authorization/policies/subject/c1", []genesys.Policy{}),
		Authorization: refused[genesys.Authorization](evidence.Authorization, "/api/v2/oauth/authorizations/c1", 404, "not.found"),
		Organization:  seen(evidence.Organization, "/api/v2/organizations/me", genesys.Organization{ID: "o1", Name: "Acme"}),
		IPAllowlist:   seen(evidence.IPAllowlist, "/api/v2/organizations/ipaddressauthentication", genesys.IPAllowlist{}),
		ReadProbe:     seen(evidence.ReadProbe, "/api/v2/scim/v2/users", genesys.SCIMList{TotalResults: &total}),
		WriteProbe:    evidence.Fact[evidence.Written]{Kind: evidence.WriteProbe, NotAsked: "not asked for"},
	}
}

// person turns the snapshot into one of a person's token with these scopes.
func person(s *evidence.Snapshot, scopes ...string) {
	s.Target.TokenSupplied, s.Target.ClientID = true, ""
	s.User = seen(evidence.User, "/api/v2/users/me", genesys.User{ID: "u1", Name: "Kim"})
	s.Grants.Value.ID = "u1"
	s.TokenInfo.Value.AuthorizedScope = append([]string{"user-basic-info", "authorization", "oauth", "organization"}, scopes...)
	s.TokenInfo.Value.OAuthClient = &genesys.OAuthClient{ID: clientID, Name: "App", AuthorizedGrantType: genesys.GrantCode, State: genesys.StateActive, Scope: scopes}
	s.Client.Value.AuthorizedGrantType, s.Client.Value.Scope = genesys.GrantCode, scopes
	s.ReadProbe.NotAsked, s.ReadProbe.Value, s.ReadProbe.Calls = "not asked for", nil, nil
}

func policies(s *evidence.Snapshot) *[]genesys.GrantPolicy {
	return &s.Grants.Value.Grants[0].Role.Policies
}

func TestTheGoodClient(t *testing.T) {
	for _, f := range Run(good(), lint.Options{Needs: catalog.DefaultNeeds(), ExpectOrg: "acme"}).Findings {
		assert.Contains(t, []results.Status{results.Pass, results.Skip}, f.Status, "%s: %s", f.Check, f.Message)
	}
}

func TestChecks(t *testing.T) {
	const pass, warn, fail, unknown, skip = results.Pass, results.Warn, results.Fail, results.Unknown, results.Skip
	for _, tc := range []struct {
		check  string
		when   string
		change func(*evidence.Snapshot)
		opts   lint.Options
		want   results.Status
		cause  string
	}{
		{"region-is-known", "the integration calls another region", func(s *evidence.Snapshot) { s.Target.SCIMURL = "https://api.mypurecloud.ie/api/v2/scim/users" }, lint.Options{}, fail, "wrong-region"},
		{"region-is-known", "the same host, written otherwise", func(s *evidence.Snapshot) { s.Target.SCIMURL = "https://API.MyPureCloud.com:443/api/v2/scim/v2/users" }, lint.Options{}, pass, ""},
		{"region-is-known", "the integration calls some host", func(s *evidence.Snapshot) { s.Target.SCIMURL = "https://acme.zendesk.com/api/v2/users" }, lint.Options{}, fail, "wrong-region"},
		{"region-is-known", "only URLs were given", func(s *evidence.Snapshot) { s.Target.Region = "" }, lint.Options{}, skip, ""},
		{"api-path-is-versioned", "no /api", func(s *evidence.Snapshot) { s.Target.SCIMURL = "https://api.mypurecloud.com/v2/scim/users" }, lint.Options{}, fail, "wrong-path"},
		{"api-path-is-versioned", "the other published path", func(s *evidence.Snapshot) { s.Target.SCIMURL = "https://api.mypurecloud.com/api/v2/scim/users/" }, lint.Options{}, pass, ""},
		{"api-path-is-versioned", "a base alone", func(s *evidence.Snapshot) { s.Target.SCIMURL = "https://api.mypurecloud.com/api/v2/scim/v2" }, lint.Options{}, pass, ""},
		{"api-path-is-versioned", "not said", func(s *evidence.Snapshot) { s.Target.SCIMURL = "" }, lint.Options{}, skip, ""},
		{"api-path-is-versioned", "an unpublished version", func(s *evidence.Snapshot) { s.Target.SCIMURL = "https://api.mypurecloud.com/api/v2/scim/v3/users" }, lint.Options{}, fail, "wrong-path"},

		{"token-is-acquired", "a mute invalid_client", func(s *evidence.Snapshot) {
			s.Token = refused[genesys.TokenGrant](evidence.Token, "/oauth/token", 401, "invalid_client")
		}, lint.Options{}, fail, "credentials-rejected"},
		{"token-is-acquired", "the endpoint is down", func(s *evidence.Snapshot) {
			s.Token = refused[genesys.TokenGrant](evidence.Token, "/oauth/token", 503, "")
		}, lint.Options{}, unknown, ""},
		{"token-is-acquired", "a scope that it does not know", func(s *evidence.Snapshot) {
			s.Token = refused[genesys.TokenGrant](evidence.Token, "/oauth/token", 400, "invalid_scope")
		}, lint.Options{}, fail, "scope-unknown"},
		{"token-is-live", "bad.credentials for a token that was brought", func(s *evidence.Snapshot) {
			s.Target.TokenSupplied = true
			s.TokenInfo = refused[genesys.TokenInfo](evidence.TokenInfo, "/api/v2/tokens/me", 401, genesys.CodeBadCredentials)
		}, lint.Options{}, fail, "token-expired"},
		{"token-is-live", "bad.credentials for a token of a moment ago", func(s *evidence.Snapshot) {
			s.TokenInfo = refused[genesys.TokenInfo](evidence.TokenInfo, "/api/v2/tokens/me", 401, genesys.CodeBadCredentials)
		}, lint.Options{}, fail, "wrong-region"},
		{"token-is-live", "refused for its address", func(s *evidence.Snapshot) {
			s.TokenInfo = refused[genesys.TokenInfo](evidence.TokenInfo, "/api/v2/tokens/me", 401, genesys.CodeIPNotAuthorized)
		}, lint.Options{}, unknown, ""},
		{"clock-is-right", "an hour off", func(s *evidence.Snapshot) { s.TokenInfo.Calls[0].Skew = -time.Hour }, lint.Options{}, warn, ""},
		{"clock-is-right", "seconds off", func(s *evidence.Snapshot) { s.TokenInfo.Calls[0].Skew = 4 * time.Second }, lint.Options{}, pass, ""},
		{"token-belongs-to-client", "another's", func(s *evidence.Snapshot) { s.Target.ClientID = "c2" }, lint.Options{}, fail, "token-of-another-client"},
		{"token-belongs-to-client", "tokens/me is not to be read", func(s *evidence.Snapshot) {
			s.Target.TokenSupplied, s.TokenInfo = true, failed[genesys.TokenInfo](evidence.TokenInfo, genesys.FailureTimeout)
		}, lint.Options{}, unknown, ""},
		{"token-kind-matches-grant", "a person's token for a client's", func(s *evidence.Snapshot) {
			s.Target.ClientID, s.Target.TokenSupplied = "c2", true
			s.User = seen(evidence.User, "/api/v2/users/me", genesys.User{ID: "u", Name: "Kim"})
		}, lint.Options{}, fail, "token-of-a-user"},
		{"token-kind-matches-grant", "a person's token, and tokens/me is not to be read", func(s *evidence.Snapshot) {
			s.Target.TokenSupplied = true
			s.TokenInfo = failed[genesys.TokenInfo](evidence.TokenInfo, genesys.FailureTimeout)
			s.User = seen(evidence.User, "/api/v2/users/me", genesys.User{ID: "u", Name: "Kim"})
		}, lint.Options{}, fail, "token-of-a-user"},
		{"token-kind-matches-grant", "the org contradicts the rule", func(s *evidence.Snapshot) {
			s.User = seen(evidence.User, "/api/v2/users/me", genesys.User{ID: "u", Name: "Kim"})
		}, lint.Options{}, warn, ""},
		{"token-kind-matches-grant", "no answer", func(s *evidence.Snapshot) { s.User = failed[genesys.User](evidence.User, genesys.FailureTimeout) }, lint.Options{}, unknown, ""},
		{"token-org-is-expected", "the other org", func(*evidence.Snapshot) {}, lint.Options{ExpectOrg: "Acme Test"}, fail, "token-of-another-client"},
		{"token-org-is-expected", "by id", func(*evidence.Snapshot) {}, lint.Options{ExpectOrg: "o1"}, pass, ""},

		{"client-is-active", "disabled", func(s *evidence.Snapshot) { s.Client.Value.State = "disabled" }, lint.Options{}, fail, "client-disabled"},
		{"client-is-active", "a state of tomorrow", func(s *evidence.Snapshot) { s.Client.Value.State = "paused" }, lint.Options{}, unknown, ""},
		{"client-is-active", "to be deleted", func(s *evidence.Snapshot) { d := time.Now(); s.Client.Value.DateToDelete = &d }, lint.Options{}, warn, ""},
		{"client-grant-type-fits", "implicit", func(s *evidence.Snapshot) { s.Client.Value.AuthorizedGrantType = genesys.GrantImplicit }, lint.Options{}, warn, ""},
		{"client-has-roles", "none", func(s *evidence.Snapshot) {
			s.Grants.Value.Grants = []genesys.Grant{}
			s.Client.Value.RoleDivisions, s.TokenInfo.Value.OAuthClient.RoleDivisions = nil, nil
		}, lint.Options{}, fail, "client-has-no-roles"},
		{"client-has-roles", "an empty list, and the client shows roles", func(s *evidence.Snapshot) { s.Grants.Value.Grants = []genesys.Grant{} }, lint.Options{}, pass, ""},
		{"client-has-roles", "grants refused, but the client lists its roles", func(s *evidence.Snapshot) {
			s.Grants = refused[genesys.Subject](evidence.Grants, "/x", 403, "not.authorized")
		}, lint.Options{}, pass, ""},
		{"client-has-roles", "grants refused, and the client shows none", func(s *evidence.Snapshot) {
			s.Grants = refused[genesys.Subject](evidence.Grants, "/x", 403, "not.authorized")
			s.Client = refused[genesys.OAuthClient](evidence.Client, "/x", 403, "missing.any.permissions")
			s.TokenInfo.Value.OAuthClient.RoleDivisions = nil
		}, lint.Options{}, unknown, ""},
		{"role-names-match-permissions", "a name that promises", func(s *evidence.Snapshot) { (*policies(s))[0].Actions = []string{"view"} }, lint.Options{}, warn, ""},
		{"client-is-least-privileged", "a wildcard", func(s *evidence.Snapshot) { (*policies(s))[0].Actions = []string{"*"} }, lint.Options{}, warn, ""},
		{"client-is-least-privileged", "one too many", func(s *evidence.Snapshot) {
			(*policies(s))[0].Actions = append((*policies(s))[0].Actions, "setPassword")
		}, lint.Options{}, warn, ""},
		{"client-is-least-privileged", "what scimlint reads with", func(s *evidence.Snapshot) {
			*policies(s) = append(*policies(s), genesys.GrantPolicy{Domain: "oauth", EntityName: "client", Actions: []string{"view"}})
		}, lint.Options{}, pass, ""},

		{"client-scopes-have-effect", "scopes on client credentials", func(s *evidence.Snapshot) { s.Client.Value.Scope = []string{"scim"} }, lint.Options{}, warn, ""},
		{"token-has-scim-scope", "a person's token without it", func(s *evidence.Snapshot) { person(s, "users") }, lint.Options{}, fail, "scope-missing"},
		{"token-has-scim-scope", "a person's token with it", func(s *evidence.Snapshot) { person(s, "scim") }, lint.Options{}, pass, ""},
		{"token-has-scim-scope", "the org does not enforce scopes", func(s *evidence.Snapshot) {
			probe := s.ReadProbe
			person(s, "users")
			s.ReadProbe = probe
		}, lint.Options{}, warn, ""},
		{"token-has-scim-scope", "the org refuses client credentials for a scope", func(s *evidence.Snapshot) {
			s.ReadProbe = refused[genesys.SCIMList](evidence.ReadProbe, "/x", 403, genesys.CodeAppNotAuthorizedForScope, "scim")
		}, lint.Options{}, fail, "scope-missing"},
		{"token-has-scim-scope", "the scopes are not to be read", func(s *evidence.Snapshot) {
			person(s)
			s.TokenInfo = failed[genesys.TokenInfo](evidence.TokenInfo, genesys.FailureTimeout)
			s.Client = refused[genesys.OAuthClient](evidence.Client, "/x", 403, "missing.any.permissions")
		}, lint.Options{}, unknown, ""},
		{"scope-is-write", "readonly", func(s *evidence.Snapshot) { person(s, "scim:readonly") }, lint.Options{}, fail, "scope-readonly"},
		{"scope-is-write", "the platform lists one of its own", func(s *evidence.Snapshot) {
			*s.Scopes.Value = append(*s.Scopes.Value, genesys.Scope{ID: "scim:users:write"})
		}, lint.Options{}, unknown, "scope-missing"},
		{"scope-is-write", "the platform lists one of its own, and the token has it", func(s *evidence.Snapshot) {
			*s.Scopes.Value = append(*s.Scopes.Value, genesys.Scope{ID: "scim:users:write"})
			person(s, "scim:users:write")
		}, lint.Options{}, pass, ""},
		{"scope-is-write", "the probe got past", func(s *evidence.Snapshot) {
			*s.Scopes.Value = append(*s.Scopes.Value, genesys.Scope{ID: "scim:users:write"})
			s.WriteProbe = refused[evidence.Written](evidence.WriteProbe, "/x", 400, "bad.request")
		}, lint.Options{}, pass, ""},
		{"scope-is-write", "nothing is to be written", func(s *evidence.Snapshot) { person(s, "scim:readonly") }, lint.Options{Needs: []catalog.Need{catalog.NeedRead}}, skip, ""},
		{"scope-names-exist", "hearsay on client credentials", func(s *evidence.Snapshot) { s.Client.Value.Scope = []string{"scim:users:write"} }, lint.Options{}, warn, ""},
		{"scope-names-exist", "hearsay on a person's app", func(s *evidence.Snapshot) { person(s, "ScimUser:Write") }, lint.Options{}, fail, "scope-unknown"},
		{"scope-names-exist", "a strange name beside scim", func(s *evidence.Snapshot) { person(s, "scim", "wfm:schedule:publish") }, lint.Options{}, warn, ""},
		{"scope-names-exist", "the list is not to be read", func(s *evidence.Snapshot) {
			s.Scopes = failed[[]genesys.Scope](evidence.Scopes, genesys.FailureTimeout)
		}, lint.Options{}, unknown, ""},
		{"app-is-authorized", "revoked", func(s *evidence.Snapshot) {
			person(s, "scim")
			s.Authorization = seen(evidence.Authorization, "/x", genesys.Authorization{State: "Revoked"})
		}, lint.Options{}, fail, "app-not-authorized"},
		{"app-is-authorized", "authorized for reading alone", func(s *evidence.Snapshot) {
			person(s, "scim")
			s.Authorization = seen(evidence.Authorization, "/x", genesys.Authorization{State: "Authorized", Scope: []string{"scim:readonly"}})
		}, lint.Options{}, warn, ""},
		{"required-scope-is-held", "demanded, listed, lacking", func(*evidence.Snapshot) {}, lint.Options{Requirements: lint.Requirements{Scopes: []string{"users"}}}, fail, "scope-missing"},
		{"required-scope-is-held", "demanded, in no list", func(*evidence.Snapshot) {}, lint.Options{Requirements: lint.Requirements{Scopes: []string{"scim:users:write"}}}, fail, "scope-unknown"},
		{"required-scope-is-held", "demanded of one operation that is not needed", func(*evidence.Snapshot) {}, lint.Options{Needs: []catalog.Need{catalog.NeedRead},
			Requirements: lint.Requirements{Operations: map[string]lint.OperationRequirements{"scim-user-create": {Scopes: []string{"x"}}}}}, skip, ""},

		{"scim-user-create", "no permission", func(s *evidence.Snapshot) { (*policies(s))[0].Actions = []string{"view"} }, lint.Options{}, fail, "role-lacks-permission"},
		{"scim-user-create", "the ANY trap", func(s *evidence.Snapshot) {
			*policies(s) = []genesys.GrantPolicy{{Domain: "routing", EntityName: "skill", Actions: []string{"assign"}}}
		}, lint.Options{}, fail, "gate-passed-feature-missing"},
		{"scim-user-create", "the org says otherwise than the grants", func(s *evidence.Snapshot) {
			s.WriteProbe = refused[evidence.Written](evidence.WriteProbe, "/x", 403, genesys.CodeMissingAnyPermissions, "directory:user:add")
		}, lint.Options{}, fail, "undetermined"},
		{"scim-user-create", "a role that cannot be read", func(s *evidence.Snapshot) { *policies(s) = nil }, lint.Options{}, unknown, ""},
		{"scim-user-delete", "another division", func(s *evidence.Snapshot) { s.Grants.Value.Grants[0].Division = genesys.Division{ID: "d2"} }, lint.Options{}, fail, "division-not-covered"},
		{"scim-user-delete", "that division is meant", func(s *evidence.Snapshot) { s.Grants.Value.Grants[0].Division = genesys.Division{ID: "d2"} }, lint.Options{Divisions: []string{"Paris"}}, pass, ""},
		{"scim-user-read", "the read is refused without a reason", func(s *evidence.Snapshot) {
			s.ReadProbe = refused[genesys.SCIMList](evidence.ReadProbe, "/x", 403, genesys.CodeNotAuthorized)
		}, lint.Options{}, fail, "undetermined"},
		{"scim-user-read", "the read is put off", func(s *evidence.Snapshot) {
			s.ReadProbe = refused[genesys.SCIMList](evidence.ReadProbe, "/x", 429, genesys.CodeTooManyRequests)
		}, lint.Options{}, unknown, ""},
		{"user-roles", "updating takes roles away too", func(s *evidence.Snapshot) {
			*policies(s) = append(*policies(s), genesys.GrantPolicy{Domain: "authorization", EntityName: "grant", Actions: []string{"add"}})
		}, lint.Options{Needs: []catalog.Need{catalog.NeedUpdate, catalog.NeedRoles}}, fail, "gate-passed-feature-missing"},
		{"user-skills", "not needed", func(*evidence.Snapshot) {}, lint.Options{}, skip, ""},
		{"grant-covers-division", "the home division is not known", func(s *evidence.Snapshot) {
			s.Grants.Value.Grants[0].Division = genesys.Division{ID: "d2"}
			s.Divisions = failed[[]genesys.Division](evidence.Divisions, genesys.FailureTimeout)
		}, lint.Options{}, unknown, ""},
		{"grant-covers-division", "a grant everywhere needs no home", func(s *evidence.Snapshot) {
			s.Divisions = failed[[]genesys.Division](evidence.Divisions, genesys.FailureTimeout)
		}, lint.Options{}, pass, ""},
		{"policy-has-no-condition", "one has", func(s *evidence.Snapshot) { (*policies(s))[0].Condition = "team EQ x" }, lint.Options{}, unknown, ""},
		{"abac-policy-allows", "not to be read", func(s *evidence.Snapshot) {
			s.Policies = refused[[]genesys.Policy](evidence.Policies, "/x", 403, genesys.CodeMissingAnyPermissions)
		}, lint.Options{}, unknown, ""},
		{"abac-policy-allows", "not readable: an empty body that got past settles no policy", func(s *evidence.Snapshot) {
			s.Policies = refused[[]genesys.Policy](evidence.Policies, "/x", 403, genesys.CodeMissingAnyPermissions)
			s.WriteProbe = refused[evidence.Written](evidence.WriteProbe, "/x", 400, "bad.request")
		}, lint.Options{Needs: []catalog.Need{catalog.NeedCreate}}, unknown, ""},
		{"abac-policy-allows", "the probe shows nothing of updates", func(s *evidence.Snapshot) {
			s.Policies = refused[[]genesys.Policy](evidence.Policies, "/x", 403, genesys.CodeMissingAnyPermissions)
			s.WriteProbe = refused[evidence.Written](evidence.WriteProbe, "/x", 400, "bad.request")
		}, lint.Options{}, unknown, ""},
		{"abac-policy-allows", "denied", func(s *evidence.Snapshot) {
			*s.Policies.Value = []genesys.Policy{{ID: "p", Effect: "DENY", Active: true, ApplyToClients: true, TargetResource: "directory:*:*"}}
		}, lint.Options{}, fail, "abac-policy-denies"},
		{"abac-policy-allows", "denied to people alone", func(s *evidence.Snapshot) {
			*s.Policies.Value = []genesys.Policy{{ID: "p", Effect: "DENY", Active: true, TargetResource: "directory:user:add"}}
		}, lint.Options{}, pass, ""},
		{"abac-policy-allows", "denied under a condition", func(s *evidence.Snapshot) {
			*s.Policies.Value = []genesys.Policy{{ID: "p", Effect: "DENY", Active: true, ApplyToClients: true, TargetResource: "directory:user:add", Condition: map[string]any{"a": 1}}}
		}, lint.Options{}, unknown, "abac-policy-denies"},

		{"ip-is-allowed", "refused", func(s *evidence.Snapshot) {
			s.TokenInfo = refused[genesys.TokenInfo](evidence.TokenInfo, "/x", 401, genesys.CodeIPNotAuthorized)
		}, lint.Options{}, fail, "ip-not-allowed"},
		{"ip-is-allowed", "a list that this address is on", func(s *evidence.Snapshot) {
			s.IPAllowlist.Value.NetworkWhitelist = []string{"10.0.0.0/8"}
		}, lint.Options{}, warn, ""},
		{"answers-come-from-the-platform", "a proxy's page", func(s *evidence.Snapshot) { s.Scopes = failed[[]genesys.Scope](evidence.Scopes, genesys.FailureHTML) }, lint.Options{}, unknown, "proxy-answered"},
		{"answers-come-from-the-platform", "a certificate", func(s *evidence.Snapshot) { s.Scopes = failed[[]genesys.Scope](evidence.Scopes, genesys.FailureTLS) }, lint.Options{}, unknown, "network-unreachable"},
		{"answers-come-from-the-platform", "429", func(s *evidence.Snapshot) {
			s.Scopes = refused[[]genesys.Scope](evidence.Scopes, "/x", 429, genesys.CodeTooManyRequests)
		}, lint.Options{}, unknown, "rate-limited"},
		{"read-probe-answers", "404", func(s *evidence.Snapshot) {
			s.ReadProbe = refused[genesys.SCIMList](evidence.ReadProbe, "/x", 404, "not.found")
		}, lint.Options{}, unknown, "undetermined"},
		{"read-probe-answers", "JSON of something else", func(s *evidence.Snapshot) { s.ReadProbe = seen(evidence.ReadProbe, "/x", genesys.SCIMList{}) }, lint.Options{}, unknown, ""},
		{"scim-user-read", "JSON of something else", func(s *evidence.Snapshot) { s.ReadProbe = seen(evidence.ReadProbe, "/x", genesys.SCIMList{}) }, lint.Options{}, unknown, ""},
		{"client-has-roles", "JSON of something else", func(s *evidence.Snapshot) {
			s.Grants = seen(evidence.Grants, "/x", genesys.Subject{})
			s.Client = refused[genesys.OAuthClient](evidence.Client, "/x", 403, "missing.any.permissions")
			s.TokenInfo.Value.OAuthClient = nil
		}, lint.Options{}, unknown, ""},
		{"scope-names-exist", "an empty list", func(s *evidence.Snapshot) {
			*s.Scopes.Value = nil
			s.Client.Value.Scope = []string{"scim"}
		}, lint.Options{}, unknown, ""},
		{"write-probe-answers", "400", func(s *evidence.Snapshot) {
			s.WriteProbe = refused[evidence.Written](evidence.WriteProbe, "/x", 400, "bad.request")
		}, lint.Options{}, pass, ""},
		{"write-probe-answers", "it made a user", func(s *evidence.Snapshot) {
			s.WriteProbe = seen(evidence.WriteProbe, "/x", evidence.Written{UserID: "u9"})
		}, lint.Options{}, fail, "undetermined"},
		{"write-probe-answers", "a division", func(s *evidence.Snapshot) {
			s.WriteProbe = refused[evidence.Written](evidence.WriteProbe, "/x", 403, genesys.CodeMissingAnyDivisionPermissions)
		}, lint.Options{}, fail, "division-not-covered"},
		{"write-probe-answers", "put off", func(s *evidence.Snapshot) {
			s.WriteProbe = refused[evidence.Written](evidence.WriteProbe, "/x", 429, genesys.CodeTooManyRequests)
		}, lint.Options{}, unknown, ""},
	} {
		t.Run(tc.check+"/"+tc.when, func(t *testing.T) {
			s := good()
			tc.change(s)
			if len(tc.opts.Needs) == 0 {
				tc.opts.Needs = catalog.DefaultNeeds()
			}
			c, exists := ByID(tc.check)
			require.True(t, exists)
			findings := lint.RunChecks([]lint.Check{c}, s, tc.opts).Findings
			i := slices.IndexFunc(findings, func(f lint.Finding) bool { return f.Status == tc.want })
			require.GreaterOrEqual(t, i, 0, "%+v", findings)
			cause := ""
			if findings[i].Suspicion != nil {
				cause = string(findings[i].Suspicion.Cause)
			}
			assert.Equal(t, tc.cause, cause)
			for _, f := range findings {
				assert.False(t, tc.want != pass && f.Status == pass && tc.want != fail, "%s also passes: %s", tc.check, f.Message)
			}
		})
	}
}

// TestUnknownNamesThePermissionThatWouldHelp: the reader is told what to grant.
func TestUnknownNamesThePermissionThatWouldHelp(t *testing.T) {
	s := good()
	s.Policies = refused[[]genesys.Policy](evidence.Policies, "/x", 403, genesys.CodeMissingAnyPermissions, "authorization:policy:view")
	*policies(s) = nil
	s.Roles = []evidence.Fact[genesys.Role]{refused[genesys.Role](evidence.Roles, "/x", 403, genesys.CodeMissingAnyPermissions)}
	fixes := map[string][]string{}
	for _, f := range Run(s, lint.Options{Needs: catalog.DefaultNeeds()}).Findings {
		if f.Status == results.Unknown {
			fixes[f.Check] = f.Fix.Permissions
		}
	}
	assert.Equal(t, []string{"authorization:policy:view"}, fixes["abac-policy-allows"])
	assert.Equal(t, []string{"authorization:role:view"}, fixes["scim-user-create"])
}

// TestARefusalThatContradictsTheGrantsSaysSo: the org's answer decides, and what
// speaks against it is shown.
func TestARefusalThatContradictsTheGrantsSaysSo(t *testing.T) {
	s := good()
	s.WriteProbe = refused[evidence.Written](evidence.WriteProbe, "/x", 403, genesys.CodeMissingPermissions, "directory:user:add")
	c, _ := ByID("write-probe-answers")
	f := lint.RunChecks([]lint.Check{c}, s, lint.Options{Needs: catalog.DefaultNeeds()}).Findings[0]
	require.NotNil(t, f.Suspicion)
	assert.Equal(t, cause.Undetermined, f.Suspicion.Cause, "a role includes it")
	assert.Empty(t, f.Suspicion.Lacks, "granting it again changes nothing")
	require.Len(t, f.Suspicion.Counter, 1)
	assert.Contains(t, f.Suspicion.Counter[0].Text, "a new token shows it")
}

// A whole judgement of a client with 500 grants and 200 roles:
// go test ./checks -run xxx -bench 500Grants
func BenchmarkCheck500Grants(b *testing.B) {
	s := good()
	s.Grants.Value.Grants = nil
	for i := range 500 {
		role := genesys.GrantRole{ID: "r" + lint.Itoa(i%200), Name: "Role " + lint.Itoa(i%200)}
		for p := range 20 {
			role.Policies = append(role.Policies, genesys.GrantPolicy{Domain: "domain" + lint.Itoa(p), EntityName: "entity", Actions: []string{"view", "edit", "add"}})
		}
		s.Grants.Value.Grants = append(s.Grants.Value.Grants, genesys.Grant{Division: genesys.Division{ID: "d" + lint.Itoa(i)}, Role: role})
	}
	for b.Loop() {
		Run(s, lint.Options{Needs: catalog.AllNeeds()})
	}
}
