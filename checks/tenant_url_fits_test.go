package checks

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/diagnose"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/profile"
	"github.com/scimlint/scimlint/pkg/results"
)

// judged runs all checks by a profile, and returns one of them with the causes' ids.
func judged(t *testing.T, s *evidence.Snapshot, name, check string, change func(*lint.Options)) (results.Check, []string) {
	t.Helper()
	p, err := profile.Find(name)
	require.NoError(t, err)
	o := lint.Options{Profile: p, TokenUse: p.Token.Use}
	if change != nil {
		change(&o)
	}
	r := diagnose.Conclude(Run(s, o), results.Tool{})
	var causes []string
	for _, c := range r.Causes {
		causes = append(causes, c.ID)
	}
	for _, c := range r.Checks {
		if c.ID == check {
			return c, causes
		}
	}
	t.Fatalf("%s did not run", check)
	return results.Check{}, nil
}

func TestTheAddressInTheProviderIsJudgedByItsPage(t *testing.T) {
	for _, c := range []struct {
		profile, url string
		status       results.Status
		says         string
	}{
		{"entra", "https://api.mypurecloud.com/api/v2/scim/v2/", results.Pass, "in capitals"},
		{"entra", "https://API.MyPureCloud.com:443/api/v2/scim/v2/", results.Pass, ""},
		{"entra", "https://api.mypurecloud.com/api/v2/scim/v2", results.Warn, "slash"},
		{"entra", "https://api.mypurecloud.com/api/v2/scim/", results.Warn, "same requirements"},
		{"entra", "https://api.mypurecloud.com/api/v2/scim/v2/Users", results.Fail, "/Users"},
		{"entra", "https://api.mypurecloud.com/api/v2/scim/v2/users/", results.Fail, "/users"},
		{"entra", "https://api.mypurecloud.com/api/v2/scim/v2//", results.Fail, "not a published base"},
		{"entra", "https://api.mypurecloud.com/v2/scim/", results.Fail, "not a published base"},
		{"entra", "https://api.mypurecloud.com/API/v2/scim/v2/", results.Fail, "not a published base"},
		{"entra", "https://api.mypurecloud.com", results.Fail, "not a published base"},
		{"entra", "https://api.mypurecloud.ie/api/v2/scim/v2/", results.Fail, "eu-west-1"},
		{"entra", "https://login.mypurecloud.com/api/v2/scim/v2/", results.Fail, "not an API host"},
		{"entra", "https://apps.mypurecloud.ie/api/v2/scim/v2/", results.Fail, "not an API host"},
		{"entra", "https://scim.eu-west-1.mypurecloud.com/api/v2/scim/v2/", results.Fail, "no API host"},
		{"entra", "https://api.mypurecloud.com.evil.example/api/v2/scim/v2/", results.Fail, "no API host"},
		{"entra", "http://api.mypurecloud.com/api/v2/scim/v2/", results.Fail, "https://"},
		{"entra", "https://api.mypurecloud.ie/v2/scim/Users", results.Fail, "; its host"},
		{"entra", "https://api.mypurecloud.com/api/v2/scim/v2/?access_token=hunter2", results.Fail, "a query (?)"},
		{"entra", "https://api.mypurecloud.com/api/v2/scim/v2/?aadOptscim062020", results.Warn, "a switch of Entra ID"},
		{"okta", "https://api.mypurecloud.com/api/v2/scim/v2?aadOptscim062020", results.Fail, "needs the plain address"},
		{"entra", "https://api.mypurecloud.com/api/v2/scim/v2/#top", results.Fail, "a fragment (#)"},
		{"entra", "https://me:hunter2@api.mypurecloud.com/api/v2/scim/v2/", results.Fail, "a user name or password (not shown here)"},
		{"okta", "https://me@api.mypurecloud.ie/api/v2/scim/v2?x", results.Fail, "a user name or password and a query (?) (not shown here), and the field needs the plain address; its host"},
		{"entra", "/api/v2/scim/v2/?x", results.Fail, "a query (?)"},
		{"entra", "/api/v2/scim/v2/", results.Unknown, "host"},
		{"entra", "", results.Skip, "Tenant URL"},
		{"okta", "https://api.mypurecloud.com/api/v2/scim/v2", results.Pass, ""},
		{"okta", "https://api.mypurecloud.com/api/v2/scim/", results.Pass, ""},
		{"okta", "https://api.mypurecloud.de/api/v2/scim/v2", results.Fail, "eu-central-1"},
		{"onelogin", "https://api.mypurecloud.com/api/v2/scim", results.Pass, ""},
		{"onelogin", "https://api.mypurecloud.com/api/v2/scim/v2", results.Warn, "same requirements"},
		{"onelogin", "https://login.mypurecloud.com", results.Fail, "not an API host"},
		{"pingone", "https://api.mypurecloud.com/api/v2/scim/v2/", results.Pass, ""},
		{"pingone", "https://api.mypurecloud.com/api/v2/scim/v2/Users", results.Fail, "base only"},
		{"pingone", "https://api.usw2.pure.cloud/api/v2/scim/v2", results.Fail, "us-west-2"},
		{"custom", "https://api.mypurecloud.ie/api/v2/scim/v2/users", results.Skip, "profile"},
	} {
		s := good()
		var ok bool
		s.Target.SCIMURL, s.Target.SCIMURLParts, ok = evidence.Address(c.url)
		require.True(t, ok, c.url)
		got, causes := judged(t, s, c.profile, "tenant-url-fits", func(o *lint.Options) { o.TokenUse = lint.TokenRenewed })
		assert.Equal(t, c.status, got.Status, "%s %s: %s", c.profile, c.url, got.Message)
		assert.Contains(t, got.Message, c.says, c.url)
		assert.NotContains(t, got.Message, "hunter2")
		if c.profile != "custom" {
			assert.NotContains(t, causes, "wrong-region", c.url)
			assert.NotContains(t, causes, "wrong-path", c.url)
			assert.Equal(t, c.status == results.Fail, len(causes) == 1 && causes[0] == "tenant-url-wrong", "%s %s", c.url, causes)
		} else {
			assert.Contains(t, causes, "wrong-region", "without an address of its own the other checks judge")
		}
	}
}

func TestWhenAPastedTokenDies(t *testing.T) {
	taken := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	day := func(d int) time.Time { return taken.Add(time.Duration(d) * 24 * time.Hour) }
	for name, c := range map[string]struct {
		seconds int64
		issued  time.Time
		idles   *time.Time
		hipaa   bool
		status  results.Status
		says    string
	}{
		"default lifetime":         {86400, time.Time{}, nil, false, results.Fail, "24 hours"},
		"default lifetime, HIPAA":  {86400, time.Time{}, nil, true, results.Fail, "24 hours"},
		"long, HIPAA":              {38880000, time.Time{}, nil, true, results.Unknown, "15 minutes"},
		"long, day unknown":        {38880000, time.Time{}, nil, false, results.Unknown, "--token-issued"},
		"long, issued today":       {38880000, taken, nil, false, results.Pass, "2027-05-25"},
		"long, about to die":       {38880000, day(-449), nil, false, results.Fail, "2026-03-02"},
		"long, should be dead":     {38880000, day(-460), nil, false, results.Unknown, "should have died"},
		"the platform says when":   {38880000, time.Time{}, pointer(day(1)), false, results.Fail, "2026-03-02 12:00 UTC"},
		"the platform says later":  {38880000, time.Time{}, pointer(day(300)), false, results.Pass, "dateTokenIdles"},
		"lifetime is not readable": {0, taken, nil, false, results.Unknown, "could not be read"},
	} {
		s := good()
		s.Taken, s.Target.TokenSupplied, s.Target.ClientID = taken, true, ""
		s.Token.Value.ExpiresIn = 0
		s.Target.SCIMURL = "https://api.mypurecloud.com/api/v2/scim/v2/"
		s.Client.Value.AccessTokenValiditySeconds, s.TokenInfo.Value.OAuthClient.AccessTokenValiditySeconds = c.seconds, c.seconds
		s.TokenInfo.Value.DateTokenIdles = c.idles
		s.Organization.Value.Features = map[string]bool{"hipaa": c.hipaa}
		got, causes := judged(t, s, "entra", "token-lifetime-fits", func(o *lint.Options) { o.TokenIssued = c.issued })
		assert.Equal(t, c.status, got.Status, "%s: %s", name, got.Message)
		assert.Contains(t, got.Message, c.says, name)
		blocks := c.seconds == 0 || c.says == "15 minutes" || c.says == "should have died"
		assert.Equal(t, blocks, got.Required, "%s: what is not known of a pasted token keeps it from being ready", name)
		if c.status == results.Fail {
			assert.Contains(t, causes, "token-lifetime-too-short", name)
			if c.seconds < 38880000 {
				assert.Contains(t, got.Fix.Text, "38,880,000", name)
			} else {
				assert.Contains(t, got.Fix.Text, "Issue a new token", name)
			}
		}
	}
}

func TestWhereNobodySaysHowTheTokenIsUsedAShortLifeBlocks(t *testing.T) {
	day, long := int64(86400), int64(38880000)
	for name, c := range map[string]struct {
		profile, use  string
		seconds       int64
		hipaa, hidden bool
		status        results.Status
		blocks        bool
		says          string
	}{
		"a day, unsaid":                      {"pingone", "", day, false, false, results.Unknown, true, "dies after 24 hours"},
		"29 days, unsaid":                    {"custom", "", 29 * day, false, false, results.Unknown, true, "dies after 29 days"},
		"30 days, unsaid":                    {"custom", "", 30 * day, false, false, results.Pass, false, "tokens live 30 days"},
		"450 days, unsaid":                   {"pingone", "", long, false, false, results.Pass, false, "tokens live 450 days"},
		"450 days, HIPAA, unsaid":            {"pingone", "", long, true, false, results.Unknown, true, "15 minutes"},
		"lifetime not readable, unsaid":      {"pingone", "", 0, false, false, results.Unknown, true, "could not be read"},
		"organization not readable, unsaid":  {"pingone", "", long, false, true, results.Unknown, true, "could not be read"},
		"a day, renewed":                     {"pingone", lint.TokenRenewed, day, false, false, results.Pass, false, "tokens live 24 hours"},
		"a day, renewed as the profile says": {"onelogin", lint.TokenRenewed, day, true, false, results.Pass, false, "tokens live 24 hours"},
		"a day, pasted":                      {"pingone", lint.TokenPasted, day, false, false, results.Fail, false, "dies after 24 hours"},
	} {
		s := good()
		s.Target.TokenSupplied, s.Target.ClientID, s.Token.Value.ExpiresIn = true, "", 0
		s.Client.Value.AccessTokenValiditySeconds, s.TokenInfo.Value.OAuthClient.AccessTokenValiditySeconds = c.seconds, c.seconds
		s.Organization.Value.Features = map[string]bool{"hipaa": c.hipaa}
		if c.hidden {
			s.Organization = evidence.Fact[genesys.Organization]{NotAsked: "there was no time"}
		}
		got, _ := judged(t, s, c.profile, "token-lifetime-fits", func(o *lint.Options) { o.TokenUse = c.use })
		assert.Equal(t, c.status, got.Status, "%s: %s", name, got.Message)
		assert.Equal(t, c.blocks, got.Required, name)
		assert.Contains(t, got.Message, c.says, name)
		if c.blocks {
			assert.Contains(t, got.Fix.Text, "--token-use pasted or --token-use renewed", name)
		}
	}
}

func TestAcceptingTheUnknownUseOfATokenMakesTheRunReady(t *testing.T) {
	for name, accept := range map[string][]string{"inconclusive": nil, "ready": {"token-lifetime-fits"}} {
		p, err := profile.Find("pingone")
		require.NoError(t, err)
		s := good()
		s.Target.SCIMURL = "" // of another kind than the address that the profile speaks of
		r := diagnose.Conclude(Run(s, lint.Options{Profile: p, Accept: accept}), results.Tool{})
		assert.Equal(t, name, string(r.Verdict))
	}
	r := diagnose.Conclude(Run(good(), lint.Options{}), results.Tool{})
	assert.Equal(t, results.Ready, r.Verdict, "without a profile no integration is named that could stop")
}

func pointer[T any](v T) *T { return &v }

func TestAPersonsPastedTokenIsSaid(t *testing.T) {
	s := good()
	person(s, "scim")
	for _, c := range []struct {
		profile, use string
		status       results.Status
		fix          string
	}{
		{"entra", lint.TokenPasted, results.Fail, "Paste a token"},
		{"okta", lint.TokenPasted, results.Fail, "Paste a token"},
		{"pingone", "", results.Fail, "grant type Client Credentials"},
		{"onelogin", lint.TokenRenewed, results.Fail, "grant type Client Credentials"},
		{"custom", lint.TokenPasted, results.Fail, "Paste a token"},
		{"custom", "", results.Pass, ""},
		{"zendesk", lint.TokenRenewed, results.Pass, ""},
	} {
		got, causes := judged(t, s, c.profile, "token-kind-matches-grant", func(o *lint.Options) { o.TokenUse = c.use })
		assert.Equal(t, c.status, got.Status, c.profile)
		assert.Contains(t, got.Message, `"Kim"`)
		assert.Contains(t, got.Fix.Text, c.fix)
		if c.status == results.Fail {
			assert.Equal(t, "token-of-a-user", causes[0], "%s: %v", c.profile, causes)
			assert.NotContains(t, causes, "token-lifetime-too-short", c.profile)
		}
	}
}

func TestAPersonsPastedTokenIsRecognisedWithoutTheScopeForIt(t *testing.T) {
	s := good()
	person(s, "scim")
	s.User = evidence.Fact[genesys.User]{NotAsked: "there was no time"}
	got, causes := judged(t, s, "entra", "token-kind-matches-grant", nil)
	assert.Equal(t, results.Fail, got.Status)
	assert.Equal(t, []string{"token-of-a-user"}, causes[:1])
}

func TestALifetimeIsOfNoClientThatIsNotShownToBeTheTokens(t *testing.T) {
	s := good() // the org shows the client that was named for the run, and not whose the token is
	s.Target.TokenSupplied, s.Token.Value.ExpiresIn = true, 0
	s.TokenInfo = evidence.Fact[genesys.TokenInfo]{NotAsked: "there was no time"}
	s.Grants = evidence.Fact[genesys.Subject]{NotAsked: "there was no time"}
	got, causes := judged(t, s, "entra", "token-lifetime-fits", nil)
	assert.Equal(t, results.Unknown, got.Status, got.Message)
	assert.Contains(t, got.Message, "the token's OAuth client")
	assert.NotContains(t, causes, "token-lifetime-too-short")

	s = good()
	person(s, "scim")
	s.TokenInfo.Value.OAuthClient.AccessTokenValiditySeconds, s.Client.Value.AccessTokenValiditySeconds = 86400, 86400
	for _, f := range Run(s, lint.Options{TokenUse: lint.TokenPasted}).Findings {
		if f.Check == "token-lifetime-fits" && f.Suspicion != nil {
			assert.Contains(t, f.Suspicion.Because, `user "Kim"`, "a person's token is of the person")
			assert.NotContains(t, f.Suspicion.Because, "OAuth client")
		}
	}
}
