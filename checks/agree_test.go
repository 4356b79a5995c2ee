package checks_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/diagnose"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/transcript"
)

// explained is what explain says of a pasted body.
func explained(t *testing.T, status int, body string) results.Refusal {
	t.Helper()
	x := &diagnose.Explainer{}
	r, ok := genesys.ParseRefusal(status, []byte(body))
	require.True(t, ok, body)
	x.Add(transcript.Exchange{Status: status, Refusal: r})
	e := x.Finish(transcript.Result{}, results.Tool{})
	require.Len(t, e.Refusals, 1)
	return e.Refusals[0]
}

// causesOf are causes with their certainty, in order.
func causesOf(list []results.Cause) []string {
	out := []string{}
	for _, c := range list {
		out = append(out, c.ID+" "+string(c.Certainty))
	}
	return out
}

// refusedToken is the evidence of a run that got no token, and why.
func refusedToken(t *testing.T, status int, body string) *evidence.Snapshot {
	t.Helper()
	r, ok := genesys.ParseRefusal(status, []byte(body))
	require.True(t, ok, body)
	return &evidence.Snapshot{Target: evidence.Target{ClientID: "c", Region: "eu-west-1", APIURL: "https://api.mypurecloud.ie", LoginURL: "https://login.mypurecloud.ie"},
		Token: evidence.Fact[genesys.TokenGrant]{Kind: evidence.Token, Calls: []genesys.Call{{Method: "POST", URL: "https://login.mypurecloud.ie/oauth/token", Status: status, Refusal: r}}}}
}

func concluded(s *evidence.Snapshot) results.Report {
	return diagnose.Conclude(checks.Run(s, lint.Options{Needs: catalog.DefaultNeeds()}), results.Tool{})
}

// TestCheckAndExplainAgreeOnTheTokenEndpoint: the same words have the same causes, as
// certain, whether they were pasted or answered to the run.
func TestCheckAndExplainAgreeOnTheTokenEndpoint(t *testing.T) {
	alike := []string{"credentials-rejected possible", "client-disabled possible", "client-inactive possible", "wrong-region possible"}
	for name, tc := range map[string]struct {
		status int
		body   string
		want   []string
	}{
		"authentication failed": {400, `{"error":"invalid_client","description":"authentication failed","error_description":"authentication failed"}`, alike},
		"invalid_client, mute":  {401, `{"error":"invalid_client"}`, alike},
		"client not found":      {400, `{"error":"invalid_client","description":"client not found: c"}`, []string{"wrong-region likely", "credentials-rejected possible"}},
		"client is disabled":    {400, `{"error":"invalid_client","description":"client is disabled"}`, []string{"client-disabled confirmed"}},
		"client is inactive":    {400, `{"error":"invalid_client","description":"client is inactive"}`, []string{"client-inactive confirmed"}},
		"unauthorized_client":   {400, `{"error":"unauthorized_client","description":"client is not authorized to use the client_credential grant type"}`, []string{"grant-type-unfit confirmed"}},
		"invalid_scope":         {400, `{"error":"invalid_scope"}`, []string{"scope-unknown confirmed"}},
		"its rate limit":        {400, `{"error":"invalid_request","description":"rate limit exceeded; max 300"}`, []string{"rate-limited confirmed"}},
		"what nobody knows":     {400, `{"error":"temporarily_unavailable","description":"the login service is disabled for maintenance"}`, []string{"undetermined possible"}},
	} {
		t.Run(name, func(t *testing.T) {
			pasted := causesOf(explained(t, tc.status, tc.body).Causes)
			assert.Equal(t, tc.want[0], pasted[0], "the one to look at comes first")
			assert.ElementsMatch(t, tc.want, pasted)
			r := concluded(refusedToken(t, tc.status, tc.body))
			assert.Equal(t, tc.want, causesOf(r.Causes))
			assert.NotEqual(t, results.Ready, r.Verdict)
		})
	}
}

// TestAWrongRequestIsNotTheClients: what speaks of the request names no cause in the
// client or the org, in either command.
func TestAWrongRequestIsNotTheClients(t *testing.T) {
	for _, code := range []string{"unsupported_grant_type", "invalid_request", "invalid_grant"} {
		body := `{"error":"` + code + `","description":"no"}`
		assert.Empty(t, explained(t, 400, body).Causes, code)
		r := concluded(refusedToken(t, 400, body))
		assert.Equal(t, []string{"undetermined possible"}, causesOf(r.Causes), code)
		assert.Contains(t, r.Causes[0].Explanation, "the request", code)
		assert.Equal(t, results.Inconclusive, r.Verdict, "nothing was refused to the client")
	}
}

// TestWhatElseIsKnownNarrowsAnAnswer: an auditor that sees the client, and a token that
// is alive, leave fewer causes; none is confirmed by the answer only.
func TestWhatElseIsKnownNarrowsAnAnswer(t *testing.T) {
	const failed = `{"error":"invalid_client","description":"authentication failed"}`
	client := func(state string) evidence.Fact[genesys.OAuthClient] {
		return evidence.Fact[genesys.OAuthClient]{Kind: evidence.Client, Auditor: true, Value: &genesys.OAuthClient{ID: "c", Name: "App", State: state, AuthorizedGrantType: genesys.GrantClientCredentials}}
	}
	alive := func(id string) *evidence.Working {
		return &evidence.Working{TokenInfo: evidence.Fact[genesys.TokenInfo]{Kind: evidence.WorkingToken, Value: &genesys.TokenInfo{OAuthClient: &genesys.OAuthClient{ID: id}}}}
	}
	for name, tc := range map[string]struct {
		change func(*evidence.Snapshot)
		want   []string
	}{
		"the client is active":     {func(s *evidence.Snapshot) { s.Client = client("active") }, []string{"credentials-rejected likely"}},
		"the client is disabled":   {func(s *evidence.Snapshot) { s.Client = client("disabled") }, []string{"client-disabled confirmed"}},
		"another's token is alive": {func(s *evidence.Snapshot) { s.Working = alive("other") }, []string{"credentials-rejected possible", "client-disabled possible", "client-inactive possible"}},
		"the client's token lives": {func(s *evidence.Snapshot) { s.Working = alive("c") }, []string{"credentials-rejected possible", "client-inactive possible"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := refusedToken(t, 400, failed)
			tc.change(s)
			assert.Equal(t, tc.want, causesOf(concluded(s).Causes))
		})
	}
}

// TestCheckAndExplainAgreeOnTheAPI: where a run knows no more than the answer, it says
// what explain says of it.
func TestCheckAndExplainAgreeOnTheAPI(t *testing.T) {
	for body, want := range map[string]string{
		`{"code":"missing.permissions","status":403,"message":"[directory:user:add]"}`:                                             "role-lacks-permission confirmed",
		`{"code":"insufficient.permissions","status":403,"message":"no"}`:                                                          "role-lacks-permission likely",
		`{"code":"missing.division.permission","status":403,"message":"You are missing directory:user:add in division(s): Paris"}`: "division-not-covered likely",
		`{"code":"missing.division.permission.implied","status":403,"message":"no"}`:                                               "division-not-covered likely",
		`{"code":"forbidden","status":403,"message":"Missing the permission directory:user:add"}`:                                  "role-lacks-permission confirmed",
		`{"code":"app.not.authorized.for.scope","status":403,"message":"App not authorized to use scope [scim]"}`:                  "scope-missing likely",
		`{"code":"authz.policy.denied","status":403,"message":"Policy ID(s): [11111111-2222-4333-8444-555555555555]"}`:             "abac-policy-denies confirmed",
		`{"code":"not.authorized","status":403,"message":"m"}`:                                                                     "undetermined possible",
	} {
		r := explained(t, 403, body)
		assert.Equal(t, want, causesOf(r.Causes)[0], body)
		refusal, _ := genesys.ParseRefusal(403, []byte(body))
		in := lint.NewInput(&evidence.Snapshot{}, lint.Options{Needs: catalog.DefaultNeeds()})
		s := in.SuspectRefusal(refusal, nil)
		assert.Equal(t, want, string(s.Cause)+" "+string(s.Certainty), body)
	}
}

// TestNoCauseOfAnotherCallSpeaksOfSCIM: what is said of a call that is not SCIM's is
// about that call.
func TestNoCauseOfAnotherCallSpeaksOfSCIM(t *testing.T) {
	for _, code := range []string{"missing.permissions", "missing.any.permissions", "missing.division.permission", "app.not.authorized.for.scope", "authz.policy.denied", "insufficient.permissions",
		"not.authorized", "bad.credentials", "credentials.expired", "ip.not.authorized", "too.many.requests", "authentication.required"} {
		status := map[string]int{"bad.credentials": 401, "credentials.expired": 401, "ip.not.authorized": 401, "authentication.required": 401, "too.many.requests": 429}[code]
		if status == 0 {
			status = 403
		}
		x := &diagnose.Explainer{}
		r, _ := genesys.ParseRefusal(status, []byte(`{"code":"`+code+`","message":"[routing:queue:view] scope [routing]"}`))
		x.Add(transcript.Exchange{Method: "GET", URL: "https://api.mypurecloud.ie/api/v2/routing/queues", Status: status, Refusal: r, Auth: transcript.AuthBearer})
		data, err := json.Marshal(x.Finish(transcript.Result{}, results.Tool{}).Refusals)
		require.NoError(t, err)
		text := strings.ReplaceAll(strings.ToLower(string(data)), "scimlint", "")
		for _, word := range []string{"scim", "migrat", "provision"} {
			assert.NotContains(t, text, word, code)
		}
	}
}
