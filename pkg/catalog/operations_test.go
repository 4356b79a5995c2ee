package catalog

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// operationsFile has the facts of every operation; it is not part of the project.
const operationsFile = "../../../shared/genesys/operations.json"

// published reads operationsFile as a catalogue.
func published(t *testing.T) *Catalog {
	t.Helper()
	data, err := os.ReadFile(operationsFile)
	if err != nil {
		t.Skip("no list of all operations beside the project")
	}
	var list struct {
		Operations []struct {
			Method, Path, OperationID, Type string
			Permissions, Scopes             []string
		}
	}
	require.NoError(t, json.Unmarshal(data, &list))
	c := &Catalog{Source: Default().Source, Generated: "2026-07", Version: Default().Version}
	for _, o := range list.Operations {
		op := Operation{ID: o.OperationID, Method: o.Method, Path: o.Path, Gate: Gate{Type: GateNone}, Scopes: o.Scopes}
		if len(o.Permissions) > 0 {
			op.Gate = Gate{Type: GateType(o.Type), Permissions: o.Permissions}
		}
		c.Operations = append(c.Operations, op)
	}
	return c
}

func TestEmbeddedOperationsEqualThePublishedOnes(t *testing.T) {
	c := published(t)
	if *update {
		var out bytes.Buffer
		require.NoError(t, c.EncodeTable(&out))
		require.NoError(t, os.WriteFile("operations.tsv.gz", out.Bytes(), 0o644))
		return
	}
	assert.Len(t, All().Operations, len(c.Operations))
	for _, o := range c.Operations {
		got, ok := All().Lookup(o.Method, o.Path)
		require.True(t, ok, "%s %s", o.Method, o.Path)
		got.Refusals = nil
		assert.Len(t, got.Scopes, len(o.Scopes))
		if len(o.Scopes) == 0 {
			o.Scopes, got.Scopes = nil, nil
		}
		assert.Equal(t, o, got)
	}
}

func TestTheTwoEmbeddedListsAgree(t *testing.T) {
	assert.Less(t, len(wholeTable), 200<<10)
	assert.Greater(t, len(All().Operations), 3000)
	assert.Equal(t, Default().Label(), All().Label(), "one definition, one version, one month")
	for _, o := range Default().Operations {
		got, ok := All().Lookup(o.Method, o.Path)
		require.True(t, ok, "%s %s", o.Method, o.Path)
		assert.ElementsMatch(t, o.Gate.Permissions, got.Gate.Permissions)
		assert.Equal(t, o.Gate.Type, got.Gate.Type)
		assert.ElementsMatch(t, o.Scopes, got.Scopes)
		assert.Equal(t, o.Refusals, got.Refusals)
	}
}

func TestATableIsReadAsItWasWritten(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, Default().EncodeTable(&out))
	c, err := readTable(&out)
	require.NoError(t, err)
	assert.Len(t, c.Operations, len(Default().Operations))
	for name, text := range map[string]string{"no gzip": "GET\t/a", "empty": ""} {
		_, err := readTable(strings.NewReader(text))
		assert.Error(t, err, name)
	}
}

func TestEveryOperationIsFoundAsPeopleWriteIt(t *testing.T) {
	for _, tc := range []struct{ method, path, want string }{
		{"POST", "/api/v2/routing/queues", "postRoutingQueues"},
		{"POST", "https://api.mypurecloud.ie/api/v2/routing/queues?x=1", "postRoutingQueues"},
		{"POST", "api.mypurecloud.ie/api/v2/routing/queues", "postRoutingQueues"},
		{"POST", "{{baseUrl}}/api/v2/routing/queues", "postRoutingQueues"},
		{"GET", "/api/v2/routing/queues/{id}", "getRoutingQueue"},
		{"GET", "/api/v2/routing/queues/0b6e4c1e-0c0f-4b52-a8f4-6a1c6f5e9a01/", "getRoutingQueue"},
		{"POST", "/api/v2/scim/v2/Users", "postScimV2Users"},
		{"PATCH", "/api/v2/scim/Groups/7a", "patchScimGroup"},
		{"GET", "/api/v2/scim/v2/ServiceProviderConfig", "getScimV2Serviceproviderconfig"},
		{"GET", "/api/v2/users/me", "getUsersMe"},
		{"GET", "/api/v2/users/a", "getUser"},
		{"POST", "/api/v2/Routing/queues", ""},
		{"POST", "/v2/scim/users", ""},
		{"POST", "/proxy/api/v2/routing/queues", ""},
		{"POST", strings.Repeat("/a", 10_000), ""},
	} {
		o, _ := All().Match(tc.method, tc.path)
		assert.Equal(t, tc.want, o.ID, "%s %s", tc.method, tc.path)
	}
	for _, o := range All().Operations {
		got, ok := All().Match(o.Method, strings.NewReplacer("{", "", "}", "").Replace(o.Path)+"?a=b")
		require.True(t, ok, o.Path)
		assert.Len(t, strings.Split(got.Path, "/"), len(strings.Split(o.Path, "/")))
	}
	o, ok := All().ByID("post_routing_queues")
	assert.True(t, ok)
	assert.Equal(t, "/api/v2/routing/queues", o.Path)
	assert.Equal(t, []string{"GET", "POST"}, All().Methods("/api/v2/routing/queues"))
	assert.Empty(t, All().Methods("/api/v2/nothing"))
}

func TestFindSaysWhatIsWrong(t *testing.T) {
	for name, tc := range map[string]struct{ method, path, want string }{
		"no path":        {"GET", "users", "is not a path"},
		"another method": {"delete", "/api/v2/routing/queues", "has GET, POST, not DELETE"},
		"near":           {"POST", "/api/v2/routing/queue", "/api/v2/routing/queues"},
		"the wrong base": {"POST", "/v2/scim/users", "/api/v2/scim"},
	} {
		_, err := All().Find(tc.method, tc.path)
		require.ErrorContains(t, err, tc.want, name)
	}
	_, err := All().ParseNeedOperations([]string{"POST"})
	require.ErrorContains(t, err, "not a method and a path")
}

func TestLeast(t *testing.T) {
	for _, tc := range []struct {
		method, path, want string
		list               []string
	}{
		{"POST", "/api/v2/routing/queues", "routing:queue:add", []string{"routing:queue:edit", "routing:queue:*", "routing:queue:add"}},
		{"GET", "/api/v2/routing/queues", "routing:queue:view", []string{"routing:queue:search", "routing:queue:view", "routing:queue:edit"}},
		{"POST", "/api/v2/scim/v2/users", "directory:user:add", []string{"authorization:grant:add", "routing:skill:assign", "directory:user:add"}},
		{"DELETE", "/api/v2/users/a", "directory:user:delete", []string{"admin", "directory:*:delete", "directory:user:edit", "directory:user:delete"}},
		{"DELETE", "/api/v2/users/{userId}/station/defaultstation", "telephony:phone:assign", []string{"telephony:plugin:all", "telephony:phone:assign"}},
		{"PUT", "/api/v2/users/{userId}/station/defaultstation/{stationId}", "telephony:phone:assign", []string{"telephony:plugin:all", "telephony:phone:assign"}},
		{"POST", "/api/v2/flows/actions/publish", "architect:flow:publish", []string{"architect:flow:unlock", "architect:flow:publish"}},
		{"POST", "/api/v2/users/3f2504e0-4f89-41d3-9a0c-0305e82c3301/routinglanguages", "routing:language:assign", []string{"routing:skill:assign", "routing:language:assign"}},
		{"DELETE", "/api/v2/users/{userId}/routinglanguages/{languageId}", "routing:language:assign", []string{"routing:skill:assign", "routing:language:assign"}},
		{"POST", "/api/v2/conversations/calls/{conversationId}/participants/{participantId}/consult/agent", "conversation:communication:consultTransferAgent", []string{"conversation:communication:consultTransfer", "conversation:communication:consultTransferAgent"}},
		{"POST", "/api/v2/conversations/{conversationId}/participants/{participantId}/replace/queue", "conversation:communication:blindTransferQueue", []string{"conversation:communication:blindTransfer", "conversation:communication:blindTransferQueue"}},
		{"POST", "/api/v2/routing/queues/{queueId}/members", "routing:queueMember:manage", []string{"routing:queue:edit", "routing:queueMember:manage"}},
		{"DELETE", "/api/v2/routing/queues/{queueId}/users/{memberId}", "routing:queueMember:manage", []string{"routing:queue:edit", "routing:queueMember:manage"}},
		{"PUT", "/api/v2/conversations/{conversationId}/recordings/{recordingId}", "recording:recording:editRetention", []string{"recording:recording:view", "recording:recording:editRetention", "recording:recording:restore", "recording:screenRecording:view", "recording:screenRecording:editRetention"}},
		{"DELETE", "/api/v2/chats/users/{userId}/messages/{messageId}", "chat:1on1Message:delete", []string{"chat:chat:access", "chat:1on1Message:delete"}},
		{"POST", "/api/v2/chats/rooms/{roomJid}/messages", "chat:roomMessage:add", []string{"chat:chat:access", "chat:roomMessage:add"}},
		{"PUT", "/api/v2/gamification/contests/{contestId}", "gamification:contest:edit", []string{"gamification:contest:editAll", "gamification:contest:edit"}},
		{"GET", "/api/v2/flows/datatables/{datatableId}/rows", "architect:datatableRow:view", []string{"architect:datatable:view", "architect:datatableRow:view"}},
		{"POST", "/api/v2/users/{userId}/password", "directory:user:setPassword", []string{"directory:user:edit", "directory:user:setPassword"}},
		{"GET", "/api/v2/integrations/actions", "integrations:action:view", []string{"bridge:actions:view", "integrations:action:view"}},
		{"PATCH", "/api/v2/authorization/settings", "authorization:settings:edit", []string{"directory:organization:admin", "authorization:settings:edit"}},
		{"POST", "/api/v2/analytics/conversations/details/query", "analytics:conversationDetail:view", []string{"analytics:conversationDetail:add", "analytics:conversationDetail:view"}},
	} {
		got := Least(tc.method, tc.path, tc.list)
		assert.Equal(t, tc.want, got[0], "%s %s", tc.method, tc.path)
		assert.ElementsMatch(t, tc.list, got)
	}
}

func TestFromOperation(t *testing.T) {
	list, err := All().ParseNeedOperations([]string{"post /api/v2/routing/queues", "POST https://api.mypurecloud.ie/api/v2/routing/queues", "POST /api/v2/scim/Users", "POST /api/v2/authorization/divisions", "GET /api/v2/users/me"})
	require.NoError(t, err)
	require.Len(t, list, 4, "each once")
	assert.Equal(t, "post-routing-queues", list[0].ID)
	assert.Equal(t, "routing:queue:add", list[0].Features[0].Permission)
	assert.Equal(t, "directory:user:add", list[1].Features[0].Permission, "the work, not the access check")
	assert.Len(t, list[1].Features, 1)
	assert.Len(t, list[2].Features, 2, "ALL: each is needed")
	assert.Empty(t, list[3].Features)
}

// TestLeastIsSure: where the names do not say which is the least, none is called so.
func TestLeastIsSure(t *testing.T) {
	for _, tc := range []struct {
		method, path string
		list         []string
		want         bool
	}{
		{"POST", "/api/v2/routing/queues", []string{"routing:queue:edit", "routing:queue:add"}, true},
		{"POST", "/api/v2/flows/actions/publish", []string{"architect:flow:unlock", "architect:flow:publish"}, true},
		{"POST", "/api/v2/users/{userId}/routinglanguages", []string{"routing:skill:assign", "routing:language:assign"}, true},
		{"DELETE", "/api/v2/users/{userId}/station/defaultstation", []string{"telephony:plugin:all", "telephony:phone:assign"}, true},
		{"PATCH", "/api/v2/conversations/calls/{conversationId}/participants/{participantId}", []string{"conversation:participant:wrapup", "conversation:call:record", "conversation:communication:disconnect"}, false},
		{"POST", "/api/v2/conversations/{conversationId}/assign", []string{"conversation:call:assign", "conversation:callback:assign", "conversation:email:assign"}, false},
		{"GET", "/api/v2/chats/messages/{messageId}", []string{"chat:1on1Message:view", "chat:room:view", "chat:chat:access"}, false},
		{"POST", "/api/v2/something/else", []string{"a:b:c", "d:e:f"}, false},
		{"GET", "/api/v2/users", []string{"directory:user:view"}, true},
		{"POST", "/api/v2/routing/skills", []string{"routing:skill:create", "routing:skill:manage"}, true},
		{"GET", "/api/v2/billing/reports/billableusage", []string{"billing:subscription:view", "billing:subscription:read"}, false},
		{"POST", "/api/v2/conversations/{conversationId}/participants/{participantId}/replace/agent", []string{"conversation:communication:blindTransfer", "conversation:communication:blindTransferAgent"}, true},
		{"PUT", "/api/v2/conversations/{conversationId}/recordings/{recordingId}", []string{"recording:recording:view", "recording:recording:editRetention", "recording:recording:restore"}, true},
		{"POST", "/api/v2/externalcontacts/relationships", []string{"relate:externalOrganization:edit", "externalContacts:externalOrganization:edit"}, false},
	} {
		assert.Equal(t, tc.want, LeastIsSure(tc.method, tc.path, tc.list), "%s %s", tc.method, tc.path)
	}
}

func TestNearest(t *testing.T) {
	scopes, permissions := All().Scopes(), All().Permissions()
	for name, tc := range map[string]struct {
		list []string
		want string
	}{
		"scim:group:write":              {scopes, "scim"},
		"scim:user:read":                {scopes, "scim:readonly"},
		"directory:user:admin":          {permissions, "directory:user:add"},
		"authorization:roles:read":      {permissions, "authorization:role:view"},
		"routing:queues:write":          {permissions, "routing:queue:edit"},
		"analytics:conversation:view":   {permissions, "analytics:conversation"},
		"journey:actionmaps:view":       {permissions, "journey:actionmap:view"},
		"wfm:schedule:publish":          {permissions, "wfm:"},
		"oauth:clients:read":            {permissions, "oauth:client:view"},
		"/api/v2/scim/v2/Bulk":          {nil, ""},
		"routing:skil:assign":           {permissions, "routing:skill:assign"},
		"quality:evaluations:readwrite": {permissions, "quality:evaluation"},
	} {
		got := Nearest(name, tc.list, 3)
		assert.Contains(t, strings.Join(got, " "), tc.want, name)
		assert.LessOrEqual(t, len(got), 3)
	}
	assert.Empty(t, Nearest("weather", permissions, 3))
}

func BenchmarkAll(b *testing.B) {
	for b.Loop() {
		_, err := readTable(bytes.NewReader(wholeTable))
		require.NoError(b, err)
	}
}

func BenchmarkMatch(b *testing.B) {
	c := All()
	for b.Loop() {
		c.Match("POST", "https://api.mypurecloud.ie/api/v2/routing/queues/0b6e4c1e/members")
	}
}
