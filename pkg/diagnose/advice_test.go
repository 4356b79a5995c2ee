package diagnose

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/transcript"
)

// judged explains a text and returns its notices, those that praise left out.
func judged(t *testing.T, text string) []string {
	t.Helper()
	var x Explainer
	read, err := transcript.Read(strings.NewReader(text+"\n"), x.Add)
	require.NoError(t, err)
	var out []string
	for _, n := range x.Finish(read, results.Tool{}).Notices {
		if n.ID != "names-are-published" {
			out = append(out, n.Text)
		}
	}
	return out
}

// TestAdviceIsNamedWithTheNearest: one notice for each line, which begins and ends so.
func TestAdviceIsNamedWithTheNearest(t *testing.T) {
	for text, want := range map[string][]string{
		// Names are what the text calls them.
		"You must add the scope routing:queue:write": {"routing:queue:write is in no published list of scopes; the nearest published: routing, routing:readonly."},
		"Grant the scope telephony:edge:view":        {"telephony:edge:view is in no published list of scopes; the nearest published: telephony:readonly, telephony."},
		"recordings:download is the scope you need":  {"recordings:download is in no published list of scopes; the nearest published: recordings, recordings:readonly."},
		"Scopes needed: conversation:readonly and routing:admin": {
			"conversation:readonly is in no published list of scopes; the nearest published: conversations:readonly, conversations.",
			"routing:admin is in no published list of scopes; the nearest published: routing, routing:readonly."},
		"Scopes:\n - routing:queue:write\n\nPermissions:\n - users:profile:go": {
			"routing:queue:write is in no published list of scopes; the nearest published: routing, routing:readonly.",
			"users:profile:go is in no published list of permissions"},
		`{"authorizedScope": ["externalContacts:contact:write"]}`: {"externalContacts:contact:write is in no published list of scopes; the nearest published: external-contacts, external-contacts:readonly."},
		"the scope wfm:schedule:edit2":                            {"wfm:schedule:edit2 is in no published list of scopes; the nearest published: workforce-management, workforce-management:readonly."},
		"the permission routing:queues:create":                    {"routing:queues:create is in no published list of permissions; the nearest published: routing:queue:add."},
		"You need the `routing:admin` permission":                 {"routing:admin is in no published list of permissions"},
		"add the scope `scim-write` to the client":                {"scim-write is in no published list of scopes; the nearest published: scim, scim:readonly."},

		// The region in a host says more than its domain, and its service stays.
		"https://api.eu-west-1.mypurecloud.com/api/v2/users":     {"api.eu-west-1.mypurecloud.com is not a host of the platform's API; the nearest: api.mypurecloud.ie."},
		"https://login.us-east-1.mypurecloud.com/oauth/token":    {"login.us-east-1.mypurecloud.com is not a host of the platform's API; the nearest: login.mypurecloud.com."},
		"https://apps.eu-central-1.pure.cloud":                   {"apps.eu-central-1.pure.cloud is not a host of the platform's API; the nearest: apps.mypurecloud.de."},
		"Base URL is https://api.euc1.pure.cloud":                {"api.euc1.pure.cloud is not a host of the platform's API; the nearest: api.mypurecloud.de."},
		"the host api.ap_northeast_2.mypurecloud.com":            {"api.ap_northeast_2.mypurecloud.com is not a host of the platform's API; the nearest: api.apne2.pure.cloud."},
		"the host scim.euw2.pure.cloud":                          {"scim.euw2.pure.cloud is not a host of the platform's API; the nearest: api.euw2.pure.cloud."},
		"the host api.edee2.eusc-pure.cloud":                     {"api.edee2.eusc-pure.cloud is not a host of the platform's API; the nearest: api.edee1.eusc-pure.cloud."},
		"the host api.frankfurt.mypurecloud.com":                 {"api.frankfurt.mypurecloud.com is not a host of the platform's API; the nearest: api.mypurecloud.de (eu-central-1)."},
		"Use https://api.mypurecloud.co.uk/api/v2/users":         {"api.mypurecloud.co.uk is not a host of the platform's API; the nearest: api.euw2.pure.cloud (eu-west-2)."},
		"Use https://api.mypurecloud.eu/api/v2/users":            {"api.mypurecloud.eu is not a host of the platform's API; the nearest: api.mypurecloud.ie (eu-west-1), api.euw2.pure.cloud (eu-west-2), api.mypurecloud.de (eu-central-1), api.euc2.pure.cloud (eu-central-2)."},
		"Use https://api.eu-west-3.mypurecloud.com/api/v2/users": {"api.eu-west-3.mypurecloud.com is not a host of the platform's API; the nearest: api.mypurecloud.ie (eu-west-1), "},
		"Use https://api.mypurcloud.com/api/v2/users":            {"api.mypurcloud.com is not a host of the platform's API; the nearest: api.mypurecloud.com."},
		"Use https://mypurecloud.ie/api/v2/users":                {"mypurecloud.ie is not a host of the platform's API; the nearest: api.mypurecloud.ie."},
		"https://login.mypurecloud.ie/api/v2/users":              {"login.mypurecloud.ie is not the host for paths below /api; the nearest: api.mypurecloud.ie."},

		// Paths, with the method that the text names for them.
		"https://api.mypurecloud.com/api/v3/routing/queues":                       {"/api/v3/routing/queues is of a version that the API does not have: its paths begin with /api/v2; the nearest published: /api/v2/routing/queues."},
		"POST https://api.{region}.mypurecloud.com/api/v2.1/users":                {"/api/v2.1/users is of a version that the API does not have: its paths begin with /api/v2; the nearest published: POST /api/v2/users."},
		"https://api.mypurecloud.com/api/users":                                   {"/api/users is not a path of the API: its paths begin with /api/v2; the nearest published: /api/v2/users."},
		"https://api.mypurecloud.com/scim/v2/Users":                               {"/scim/v2/Users is not a path of the API: its paths begin with /api/v2; the nearest published: /api/v2/scim/v2/Users."},
		"Call https://api.mypurecloud.com/v2/users/me":                            {"The text calls /v2/users/me; the API's paths begin with /api: /api/v2/users/me."},
		"https://login.mypurecloud.ie/oauth2/token":                               {"/oauth2/token is not an endpoint of the platform; tokens come from https://login.<domain>/oauth/token."},
		"POST to https://api.mypurecloud.com/api/v2/routing/queue/create":         {"/api/v2/routing/queue/create is in no published definition of the API; the nearest published: POST /api/v2/routing/queues, "},
		"/api/v2/routing/queue/create":                                            {"/api/v2/routing/queue/create is in no published definition of the API; the nearest published: POST /api/v2/routing/queues, "},
		"Use DELETE /api/v2/users/{userId}/routingskill/{skillId}":                {"/api/v2/users/{userId}/routingskill/{skillId} is in no published definition of the API; the nearest published: DELETE /api/v2/users/{userId}/routingskills/{skillId}, "},
		"GET /api/v2/analytics/conversation/details/query":                        {"/api/v2/analytics/conversation/details/query is in no published definition of the API; the nearest published: POST /api/v2/analytics/conversations/details/query, GET "},
		"Migrating from Zendesk: call POST /api/v2/scim/v2/Bulk of Genesys Cloud": {"/api/v2/scim/v2/Bulk is in no published definition of the API; the nearest published: POST /api/v2/scim/v2/users."},
		"PATCH /api/v2/routing/queues/<queueId>":                                  {"/api/v2/routing/queues/<queueId> has no PATCH in the published definition; it has DELETE, GET, PUT."},
	} {
		got := judged(t, text)
		if assert.Len(t, got, len(want), "%s: %q", text, got) {
			for i := range want {
				assert.True(t, strings.HasPrefix(got[i], want[i]), "%s:\n%s\n%s", text, want[i], got[i])
			}
		}
	}
}

// TestAMethodIsReadWhereverItIs: a published path has only GET, and each text has another.
func TestAMethodIsReadWhereverItIs(t *testing.T) {
	for _, text := range []string{
		"Call PATCH /api/v2/scripts to change a script",
		"Send a PATCH request to the endpoint /api/v2/scripts.",
		"Use `/api/v2/scripts` with PATCH. Then GET /api/v2/scripts",
		"/api/v2/scripts (PATCH)",
		"**PATCH** `/api/v2/scripts`",
		"<b>PATCH</b> <code>/api/v2/scripts</code><br>",
		"| PATCH | /api/v2/scripts |",
		"| /api/v2/scripts | PATCH |",
		"PATCH,/api/v2/scripts",
		`requests.patch("https://api.mypurecloud.de/api/v2/scripts", json=b)`,
		`fetch("https://api.mypurecloud.de/api/v2/scripts", {method: "PATCH"})`,
		`callApi('/api/v2/scripts', 'PATCH', {})`,
		`{"method": "PATCH", "path": "/api/v2/scripts"}`,
		"curl -XPATCH https://api.mypurecloud.de/api/v2/scripts",
		"curl 'https://api.mypurecloud.de/api/v2/scripts' \\\n  -H 'X: y' \\\n  --request PATCH",
		"PATCH /api/v2/scripts HTTP/1.1\nHost: api.mypurecloud.com\n",
		"PATCH https://api.mypurecloud.de/api/v2/scripts -> 405 Method Not Allowed",
	} {
		assert.Equal(t, []string{"/api/v2/scripts has no PATCH in the published definition; it has GET."}, judged(t, text), text)
	}
}

// TestWhatExistsOrIsAnothersIsLeft: what a text names and nothing is said of.
func TestWhatExistsOrIsAnothersIsLeft(t *testing.T) {
	for _, text := range []string{
		// Published names, and beginnings of them.
		"Give the role routing:queue:add, authorize scope routing, and call POST /api/v2/routing/queues on https://api.mypurecloud.de",
		"permissions: routing:queue:*, directory:*:*, *:*:*, and scope users:readonly",
		"Add the permission routing:queue to the role, with all of its actions",
		"missing the following permission(s): [externalContacts:contact:add, externalContacts:externalOrg",
		"missing the following permission(s): externalContacts:contact:add, externalContacts:externalOrg",
		"permissions assigned: [routing:queue:add, routing:que… (2 more)",
		"permissions assigned: [routing:queue:add, routing:que[truncated]",
		"https://api.mypurecloud.ie/api/v2/docs/swagger https://api.mypurecloud.com/api/v2 https://API.mypurecloud.com:443/api/v2/users",
		"PUT /api/v2/routing/queues/:queueId, PUT /api/v2/routing/queues/$QUEUE_ID, PUT /api/v2/routing/queues/${id}, PUT /api/v2/routing/queues/%s, PUT /api/v2/routing/queues/*",
		`"PUT /api/v2/routing/queues/" + id`,
		"see /api/v2/routing/que... or /api/v2/routing/que…",
		"PATCH <code>/api/v2/users/{userId}</code><br>needs directory:user:edit",
		"GET https://api.mypurecloud.com/api/v2/users - 200\nPATCH https://api.mypurecloud.com/api/v2/users/abc - 200 scope",
		"OPTIONS /api/v2/scripts and HEAD /api/v2/users",
		"https://apps.mypurecloud.de/platform/api/v2/users/me and https://apps.mypurecloud.de/directory/#/admin/oauth",
		"https://login.mypurecloud.com/oauth/authorize?client_id=x and https://login.mypurecloud.com/logout",

		// Words with colons.
		"level:error user:alice action:login scope:scim role:admin group:Admins",
		"docker run users:latest with the oauth scope; image telephony:v2",
		"client:credentials grant; user:pass; role:none; routing:queues {\"users:id\":\"x\"}",
		"urn:ietf:params:scim:schemas:extension:genesys:purecloud:2.0:User scope application/scim+json at 12:30:11 permission",
		"arn:aws:iam::123:role/x and kubernetes.io/role:admin:view, quay.io/acme/routing:add",
		"mvn com.mypurecloud:platform-client-v2:112.0.0 role; import com.mypurecloud.sdk.v2.ApiException",
		"scope `openid`, scope \"offline_access\", the scope \"read\" of Slack",

		// Other APIs, and hosts of other services.
		"Okta: GET https://acme.okta.com/api/v1/users needs the scope okta.users.read",
		"https://acme.zendesk.com/api/v2/users/create_many.json with a token of https://acme.zendesk.com/oauth/tokens",
		"Zendesk's /api/v2/tickets/count, Okta's /api/v1/apps, and /api/v2/users.json",
		"POST /api/v1/users HTTP/1.1\nAccept: */*\nHost: acme.okta.com\n\nscope",
		"https://{tenant}.okta.com/api/v1/users scope",
		"https://graph.microsoft.com/api/v3/users https://login.microsoftonline.com/common/oauth2/v2.0/token permission User.Read",
		"https://hub.docker.com/v2/users is a registry, GET /v2/library/ubuntu, oauth role",
		"src/api/v2/users/handler.go and /usr/share/api/v3/doc, permission denied",
		"Our gateway https://gw.acme.example/api/v1/hooks or /api/v1/hooks, scope x",

		// The platform's other hosts, documentation, and what the reader is to fill in.
		"https://help.genesys.cloud/articles/x https://developer.genesys.cloud/api/v9/users https://developer.mypurecloud.com/api/rest/v2/x https://community.genesys.com/api/v1/x",
		"lb01.voice.use1.mypurecloud.com acme.byoc.mypurecloud.com noreply@mail.mypurecloud.com wss://streaming.mypurecloud.com/x",
		"https://sdk-cdn.mypurecloud.com/x.js https://rc.genesys.cloud/x https://www.genesys.com/api",
		"https://api.{region}.mypurecloud.com/api/v2/users https://api.<region>.pure.cloud/api/v2/users https://api.$REGION.mypurecloud.com/ api.your-region.pure.cloud",
		"https://${host}/api/v2/users {{baseUrl}}/api/v2/users $BASE/api/v2/users environment mypurecloud.ie",
	} {
		assert.Empty(t, judged(t, text), text)
	}
}

// TestTheMethodIsSaidOfARefusedCall: the answer to a method that a path does not have.
func TestTheMethodIsSaidOfARefusedCall(t *testing.T) {
	for text, want := range map[string]string{
		"POST https://api.mypurecloud.com/api/v2/scripts -> 405 Method Not Allowed":        "The path has no POST in the published definition; it has GET. Access was not judged.",
		"POST https://api.mypurecloud.com/api/v2/routing/queues -> 405 Method Not Allowed": "The published definition has POST on this path: something before the API answered, or another address was called. Access was not judged.",
	} {
		var x Explainer
		read, err := transcript.Read(strings.NewReader(text), x.Add)
		require.NoError(t, err)
		e := x.Finish(read, results.Tool{})
		require.Len(t, e.Refusals, 1)
		assert.Equal(t, want, e.Refusals[0].Meaning)
		assert.True(t, e.Refusals[0].Explained)
		assert.NotContains(t, e.Refusals[0].Next, "403")
	}
}

// TestUsersMeIsSaidWhereItAnswered: what refused the token proves nothing wrong.
func TestUsersMeIsSaidWhereItAnswered(t *testing.T) {
	const refused = "GET https://api.mypurecloud.com/api/v2/users/me -> 400 {\"message\":\"This request requires a user context. Client credentials cannot be used for requests to this resource.\",\"code\":\"bad.request\",\"status\":400}\n"
	const post = "POST https://api.mypurecloud.com/api/v2/routing/queues -> 403 {\"message\":\"You are missing the following permission(s): [routing:queue:add]\",\"code\":\"missing.permissions\",\"status\":403}\n"
	for text, want := range map[string]bool{
		refused: false,
		refused + "the client credentials token is not valid for /users/me":           false,
		refused + "with client credentials /users/me answers 400":                     false,
		refused + "with client credentials /users/me doesn't work":                    false,
		refused + "yesterday /users/me worked with client credentials":                true,
		post + "GET /api/v2/users/me -> 200 {}\nboth with client credentials":         true,
		post + "the client credentials token is fine, /api/v2/users/me works with it": true,
	} {
		said := strings.Contains(strings.Join(judged(t, text), "\n"), "/users/me refuses client-credentials tokens")
		assert.Equal(t, want, said, text)
	}
}

// TestABodyIsNotInvented: only the creation of a user requires displayName.
func TestABodyIsNotInvented(t *testing.T) {
	const body = ` {"userName": "a@example.com", "name": {}}`
	const denied = ` -> 403 {"code":"missing.permissions","status":403,"message":"You are missing the following permission(s): [directory:user:add]"}`
	for text, want := range map[string]string{
		"POST https://api.mypurecloud.com/api/v2/scim/v2/users" + denied + "\nBody:" + body:                                                                        "a 400 waits behind the 403.",
		"Over SCIM, POST this body to create a user:" + body:                                                                                                       "without it the answer is 400.",
		"PATCH https://api.mypurecloud.com/api/v2/scim/v2/users/1" + denied + "\nBody:" + body:                                                                     "",
		"POST https://api.mypurecloud.com/api/v2/routing/queues" + denied + "\nWe also send" + body:                                                                "",
		"GET https://api.mypurecloud.com/api/v2/scim/v2/Users?filter=userName+eq+%22a%22 -> 401":                                                                   "",
		`{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"409","scimType":"uniqueness","detail":"User with the same userName already exists"}`: "",
		"Over SCIM, PATCH the user with" + body:                                                                                                                    "",
	} {
		got := strings.Join(judged(t, text), "\n")
		if want == "" {
			assert.NotContains(t, got, "displayName", text)
		} else {
			assert.Contains(t, got, want, text)
		}
	}
}
