package genesys

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseRefusal(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		body   string
		want   Refusal
	}{
		"permissions from messageParams": {403,
			`{"code":"missing.any.permissions","message":"…: [a:b:c]","messageParams":{"permissions":"[directory:user:add, routing:skill:assign]"},"contextId":"c1"}`,
			Refusal{Kind: RefusalAPI, Code: CodeMissingAnyPermissions, Message: "…: [a:b:c]", ContextID: "c1", Permissions: []string{"directory:user:add", "routing:skill:assign"}}},
		"permissions from the words": {403,
			`{"code":"missing.permissions","message":"You are missing the following permission(s): directory:user:setPassword"}`,
			Refusal{Kind: RefusalAPI, Code: CodeMissingPermissions, Message: "You are missing the following permission(s): directory:user:setPassword", Permissions: []string{"directory:user:setPassword"}}},
		"params as a list": {403,
			`{"code":"missing.permissions","message":"m","messageParams":["directory:user:add"]}`,
			Refusal{Kind: RefusalAPI, Code: CodeMissingPermissions, Message: "m", Permissions: []string{"directory:user:add"}}},
		"params of a strange type": {403,
			`{"code":"not.authorized","message":"m","messageParams":7,"contextId":{}}`,
			Refusal{Kind: RefusalAPI, Code: CodeNotAuthorized, Message: "m"}},
		"scopes in brackets": {403,
			`{"code":"app.not.authorized.for.scope","message":"App not authorized to use scope [telephony:readonly, telephony]"}`,
			Refusal{Kind: RefusalAPI, Code: CodeAppNotAuthorizedForScope, Message: "App not authorized to use scope [telephony:readonly, telephony]", Scopes: []string{"telephony:readonly", "telephony"}}},
		"a scope without brackets": {403,
			`{"code":"app.not.authorized.for.scope","message":"App not authorized to use scope scim:users:write"}`,
			Refusal{Kind: RefusalAPI, Code: CodeAppNotAuthorizedForScope, Message: "App not authorized to use scope scim:users:write", Scopes: []string{"scim:users:write"}}},
		"policy ids": {403,
			`{"code":"authz.policy.denied","message":"Policy ID(s): [0b6e4c1e-0c0f-4b52-a8f4-6a1c6f5e9a01]"}`,
			Refusal{Kind: RefusalAPI, Code: CodeAuthzPolicyDenied, Message: "Policy ID(s): [0b6e4c1e-0c0f-4b52-a8f4-6a1c6f5e9a01]", PolicyIDs: []string{"0b6e4c1e-0c0f-4b52-a8f4-6a1c6f5e9a01"}}},
		"divisions by name": {403,
			`{"code":"missing.any.division.permissions","message":"at least one of the following permissions assigned: directory:user:add in at least one of the following division(s): Paris, Home"}`,
			Refusal{Kind: RefusalAPI, Code: CodeMissingAnyDivisionPermissions, Permissions: []string{"directory:user:add"}, Divisions: []string{"Paris", "Home"},
				Message: "at least one of the following permissions assigned: directory:user:add in at least one of the following division(s): Paris, Home"}},
		"an address": {401,
			`{"code":"ip.not.authorized","message":"Requests originating from this IP address are not authorized: [2001:db8::7]"}`,
			Refusal{Kind: RefusalAPI, Code: CodeIPNotAuthorized, IP: "2001:db8::7", Message: "Requests originating from this IP address are not authorized: [2001:db8::7]"}},
		"OAuth": {400, `{"error":"invalid_client","description":"client not found: x"}`,
			Refusal{Kind: RefusalOAuth, Code: "invalid_client", Message: "client not found: x"}},
		"SCIM": {409, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"409","scimType":"uniqueness","detail":"taken"}`,
			Refusal{Kind: RefusalSCIM, Code: "uniqueness", Message: "taken"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := ParseRefusal(tc.status, []byte(tc.body))
			require.True(t, ok)
			tc.want.Status = tc.status
			assert.Equal(t, &tc.want, got)
		})
	}
	for _, body := range []string{"", "null", "[]", `"x"`, "<html>", `{"a":1}`, `{"code"`} {
		_, ok := ParseRefusal(403, []byte(body))
		assert.False(t, ok, body)
	}
}

func FuzzParseRefusal(f *testing.F) {
	f.Add([]byte(`{"code":"missing.permissions","messageParams":{"permissions":"a:b:c"}}`))
	f.Add([]byte(`{"code":"app.not.authorized.for.scope","message":"scope ["}`))
	f.Add([]byte(`{"code":"ip.not.authorized","messageParams":[[[]]]}`))
	f.Add([]byte(`{"error":1,"schemas":2}`))
	f.Add([]byte(nestedParams(20)))
	f.Add([]byte(nestedParams(70)))
	f.Add([]byte(`{"code":"missing.division.permission","messageParams":{"b":["division(s): [x,y]",{"a":"a:b:c"}]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, ok := ParseRefusal(403, body)
		if ok != (r != nil) {
			t.Fatal("a refusal comes only with true")
		}
		if r != nil {
			assert.LessOrEqual(t, max(len(r.Permissions), len(r.Scopes), len(r.Divisions), len(r.PolicyIDs)), maxNames)
			assert.LessOrEqual(t, len(r.Message), maxMessage+len("…"))
		}
	})
}
