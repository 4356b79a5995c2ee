package diagnose

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/transcript"
)

// explainedText explains a text to its end.
func explainedText(t *testing.T, text string) results.Refusal {
	t.Helper()
	var x Explainer
	read, err := transcript.Read(strings.NewReader(text), x.Add)
	require.NoError(t, err)
	e := x.Finish(read, results.Tool{})
	require.NotEmpty(t, e.Refusals, text)
	return e.Refusals[0]
}

const refusedQueue = "PUT https://api.mypurecloud.de/api/v2/routing/queues/11111111-2222-4333-8444-555555555555 403 {\"message\":\"You must have at least one of the following permissions assigned: [routing:queue:edit]\",\"code\":\"missing.any.permissions\",\"status\":403} "

// TestAFixIsForWhoseTokenItIs: a person's token gets a person's fix, a client's a client's,
// and both where the text does not say.
func TestAFixIsForWhoseTokenItIs(t *testing.T) {
	for text, want := range map[string][2]bool{
		"The token is from my own login (PKCE).":                           {true, false},
		"Jane was logged in as herself in the browser, authorization code": {true, false},
		"We use client credentials.":                                       {false, true},
		"Any idea?":                                                        {true, true},
	} {
		r := explainedText(t, refusedQueue+text)
		fix := r.Causes[0].Fix.Text
		assert.Equal(t, want[0], strings.Contains(fix, "Admin > People"), text)
		assert.Equal(t, want[1], strings.Contains(fix, "Integrations > OAuth"), text)
	}
}

// TestTheNextStepFitsTheRefusal: it names the call, or check with the refusal, and never
// check without it.
func TestTheNextStepFitsTheRefusal(t *testing.T) {
	assert.Contains(t, explainedText(t, refusedQueue).Next, "scimlint can-i PUT /api/v2/routing/queues/{queueId}")
	next := explainedText(t, "API Error: 403 - You must have at least one of the following permissions assigned: [routing:queue:add]").Next
	assert.Contains(t, next, "scimlint check --refusal FILE")
	assert.Contains(t, next, "POST /api/v2/routing/queues")
	for text, words := range map[string]string{
		`{"message":"You must have at least one of the following permissions assigned: [] in at least one of the following division(s): [11111111-2222-4333-8444-555555555555]","code":"missing.any.division.permissions","status":403}`: "subjects/me",
		"PATCH /api/v2/conversations/calls/11111111-2222-4333-8444-555555555555\n{\"message\":\"You are not authorized to perform the requested action.\",\"code\":\"not.authorized\",\"status\":403}":                                   "takes part",
		`400 {"error":"unsupported_grant_type","description":"unsupported grant type"}`: "grant_type=client_credentials",
		"GET https://api.mypurecloud.de/api/v2/oauth/clients 401 Unauthorized":          "Get a new token",
	} {
		assert.Contains(t, explainedText(t, text).Next, words, text)
	}
}
