package apply

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/internal/fix"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/secret"
)

type object = map[string]any

// hostileOrg keeps roles and one client; an attack answers in its place where it wants to.
type hostileOrg struct {
	mu     sync.Mutex
	roles  map[string]object
	client object
	writes []string
	attack func(h *hostileOrg, w http.ResponseWriter, r *http.Request) bool
}

func policies(permissions ...string) []any {
	out := []any{}
	for _, p := range permissions {
		part := strings.Split(p, ":")
		out = append(out, object{"domain": part[0], "entityName": part[1], "actionSet": []any{part[2]}})
	}
	return out
}

func newOrg() *hostileOrg {
	return &hostileOrg{
		roles: map[string]object{
			"r1": {"id": "r1", "name": "Held", "description": "d", "permissions": []any{}, "permissionPolicies": policies("directory:user:edit"), "default": false},
			"r2": {"id": "r2", "name": "Other", "permissions": []any{}, "permissionPolicies": policies("admin:all:everything"), "default": false},
		},
		client: object{"id": "app", "name": "App", "authorizedGrantType": "CODE", "scope": []any{"users"}, "roleDivisions": []any{}, "state": "active"},
	}
}

func (h *hostileOrg) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.Method != http.MethodGet {
		h.writes = append(h.writes, r.Method+" "+r.URL.Path)
	}
	if h.attack != nil && h.attack(h, w, r) {
		return
	}
	h.serve(w, r)
}

func (h *hostileOrg) serve(w http.ResponseWriter, r *http.Request) {
	const roles = "/api/v2/authorization/roles"
	var body object
	_ = json.NewDecoder(r.Body).Decode(&body)
	id := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	switch {
	case r.URL.Path == roles && r.Method == http.MethodPost:
		body["id"] = fmt.Sprintf("made%d", len(h.roles))
		h.roles[body["id"].(string)] = body
		answer(w, 200, body)
	case r.URL.Path == roles:
		answer(w, 200, object{"entities": slices.Collect(maps.Values(h.roles)), "pageCount": 1})
	case strings.HasPrefix(r.URL.Path, roles):
		if r.Method == http.MethodPut {
			body["id"], body["default"] = id, false
			h.roles[id] = body
		}
		answer(w, 200, h.roles[id])
	case strings.HasPrefix(r.URL.Path, "/api/v2/oauth/clients/"):
		if r.Method == http.MethodPut {
			body["id"] = "app"
			h.client = body
		}
		answer(w, 200, h.client)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

func answer(w http.ResponseWriter, status int, v any) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func parts(path string, more ...fix.PathPart) []fix.PathPart {
	var out []fix.PathPart
	for _, text := range strings.Split(strings.Trim(path, "/"), "/") {
		out = append(out, fix.PathPart{Text: text})
	}
	return append(out, more...)
}

func makeRole(name string) fix.APICall {
	return fix.APICall{Kind: fix.CallMakeRole, What: "make " + name, Method: "POST", Path: parts("/api/v2/authorization/roles"), Makes: name, Undo: "delete the role",
		Body: object{"name": name, "permissionPolicies": policies("directory:user:add")}}
}

func extendRole() fix.APICall {
	return fix.APICall{Kind: fix.CallExtendRole, What: "extend Held", Method: "PUT", Path: parts("/api/v2/authorization/roles/r1"), Undo: "take it out",
		Saw: []string{"directory:user:edit"}, Append: map[string][]any{"permissionPolicies": policies("directory:user:add")}, Keep: []string{"name", "description", "permissions", "permissionPolicies"}}
}

func addScope() fix.APICall {
	return fix.APICall{Kind: fix.CallAddScopes, What: "add scim", Method: "PUT", Path: parts("/api/v2/oauth/clients/app"), Undo: "take it out",
		Saw: []string{"users"}, Append: map[string][]any{"scope": {"scim"}}, Keep: []string{"name", "authorizedGrantType", "scope", "roleDivisions", "state"}}
}

func grant(role fix.PathPart, grants ...string) fix.APICall {
	return fix.APICall{Kind: fix.CallGrant, What: "grant", Method: "POST", Path: parts("/api/v2/authorization/subjects/app/divisions/home/roles", role),
		Query: map[string]string{"subjectType": "PC_OAUTH_CLIENT"}, Grants: grants, Undo: "take it from the app", UndoDelete: true}
}

func plan() []fix.APICall {
	return []fix.APICall{makeRole("New"), grant(fix.PathPart{Role: "New"}, "directory:user:add")}
}

func clientAt(t *testing.T, url string) *genesys.Client {
	t.Helper()
	base, err := genesys.ParseBase(url)
	require.NoError(t, err)
	return genesys.NewClient(genesys.Options{API: base, Login: base, AttemptTimeout: 5 * time.Second}).WithToken(secret.New("the-auditors-token"))
}

func applied(t *testing.T, ctx context.Context, h *hostileOrg, calls ...fix.APICall) Progress {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return Run(ctx, clientAt(t, srv.URL), fix.Plan{Calls: calls}, func(string) {})
}

func TestAnHonestOrgIsChangedAsPlanned(t *testing.T) {
	h := newOrg()
	p := applied(t, t.Context(), h, append(plan(), extendRole(), addScope(), grant(fix.PathPart{Text: "r1"}, "directory:user:edit", "directory:user:add"))...)
	assert.True(t, p.Complete(), p.Words())
	assert.Equal(t, []any{"users", "scim"}, h.client["scope"])
	assert.Len(t, h.roles["r1"]["permissionPolicies"], 2)
	assert.Equal(t, "d", h.roles["r1"]["description"], "what the role had stays")
}

// on answers requests of a method and path with what the function writes.
func on(method, path string, write func(h *hostileOrg, w http.ResponseWriter, r *http.Request)) func(*hostileOrg, http.ResponseWriter, *http.Request) bool {
	return func(h *hostileOrg, w http.ResponseWriter, r *http.Request) bool {
		if r.Method != method || r.URL.Path != path {
			return false
		}
		write(h, w, r)
		return true
	}
}

// TestAttackWritesApplyTouchesOnlyWhatWasPlanned: what is read before a call has to be the
// object that was asked for, as the plan saw it; else nothing is written.
func TestAttackWritesApplyTouchesOnlyWhatWasPlanned(t *testing.T) {
	const roles = "/api/v2/authorization/roles"
	change := func(id, key string, v any) func(*hostileOrg) { return func(h *hostileOrg) { h.roles[id][key] = v } }
	for name, tc := range map[string]struct {
		calls  []fix.APICall
		org    func(h *hostileOrg)
		attack func(*hostileOrg, http.ResponseWriter, *http.Request) bool
		why    string
	}{
		"a PUT's read is of another role":   {[]fix.APICall{extendRole()}, nil, on("GET", roles+"/r1", func(h *hostileOrg, w http.ResponseWriter, _ *http.Request) { answer(w, 200, h.roles["r2"]) }), `has the id "r2"`},
		"a PUT's read has no id":            {[]fix.APICall{extendRole()}, change("r1", "id", nil), nil, `has the id ""`},
		"a PUT's read is of another client": {[]fix.APICall{addScope()}, func(h *hostileOrg) { h.client["id"] = "victim" }, nil, `has the id "victim"`},
		"an error in a 200":                 {[]fix.APICall{addScope()}, nil, on("GET", "/api/v2/oauth/clients/app", func(_ *hostileOrg, w http.ResponseWriter, _ *http.Request) { answer(w, 200, object{"status": 403}) }), `has the id ""`},
		"the list is not in the read":       {[]fix.APICall{extendRole()}, func(h *hostileOrg) { delete(h.roles["r1"], "permissionPolicies") }, nil, "would be lost"},
		"the list is no list":               {[]fix.APICall{extendRole()}, change("r1", "permissionPolicies", "none"), nil, "would be lost"},
		"the role was extended by others":   {[]fix.APICall{extendRole()}, change("r1", "permissionPolicies", policies("directory:user:edit", "admin:all:everything")), nil, "somebody changed it since"},
		"the role was limited by others":    {[]fix.APICall{extendRole()}, change("r1", "permissionPolicies", []any{object{"domain": "directory", "entityName": "user", "actionSet": []any{"edit"}, "resourceConditionNode": object{"operator": "EQ"}}}), nil, "somebody changed it since"},
		"the scopes were changed by others": {[]fix.APICall{addScope()}, func(h *hostileOrg) { h.client["scope"] = []any{} }, nil, "somebody changed it since"},
		"a vendor's role":                   {[]fix.APICall{extendRole()}, change("r1", "default", true), nil, "the vendor's own"},
		"a vendor's role in other words":    {[]fix.APICall{extendRole()}, change("r1", "base", "true"), nil, "the vendor's own"},
		"a secret would be written back":    {[]fix.APICall{extendRole()}, change("r1", "description", "token: the-auditors-token"), nil, "a secret of this run"},
		"the granted role was changed":      {[]fix.APICall{grant(fix.PathPart{Text: "r1"}, "directory:user:edit")}, change("r1", "permissionPolicies", policies("directory:user:edit", "admin:all:everything")), nil, "now has other permissions"},
		"the granted role is another":       {[]fix.APICall{grant(fix.PathPart{Text: "r1"}, "directory:user:edit")}, change("r1", "id", "r2"), nil, `has the id "r2"`},
		"an id with a slash":                {[]fix.APICall{grant(fix.PathPart{Text: "r1/../r2"}, "directory:user:edit")}, nil, nil, "is not an id"},
		"an id that is empty":               {[]fix.APICall{grant(fix.PathPart{}, "directory:user:edit")}, nil, nil, "is not an id"},
		"a later id is none":                {append(plan(), grant(fix.PathPart{Text: ".."})), nil, nil, "is not an id"},
		"a role that nobody makes":          {append([]fix.APICall{addScope()}, grant(fix.PathPart{Role: "Nobody"})), nil, nil, "was not made"},
		"a role of the name has more":       {[]fix.APICall{makeRole("Other"), grant(fix.PathPart{Role: "Other"}, "directory:user:add")}, nil, nil, "exists and has other permissions"},
		"the list shows another content than the role": {[]fix.APICall{makeRole("Other"), grant(fix.PathPart{Role: "Other"}, "directory:user:add")}, nil, on("GET", roles, func(_ *hostileOrg, w http.ResponseWriter, _ *http.Request) {
			answer(w, 200, object{"pageCount": 1, "entities": []any{object{"id": "r2", "name": "Other", "permissionPolicies": policies("directory:user:add")}}})
		}), "exists and has other permissions"},
		"the list of roles is missing": {plan(), nil, on("GET", roles, func(_ *hostileOrg, w http.ResponseWriter, _ *http.Request) { answer(w, 200, object{"pageCount": 1}) }), "could not be read"},
		"two roles of the name": {plan(), nil, on("GET", roles, func(_ *hostileOrg, w http.ResponseWriter, _ *http.Request) {
			answer(w, 200, object{"pageCount": 1, "entities": []any{object{"id": "a", "name": "new"}, object{"id": "b", "name": "NEW"}}})
		}), "several roles"},
		"the filter is ignored and the role is on the second page": {[]fix.APICall{makeRole("Other")}, nil, on("GET", roles, func(h *hostileOrg, w http.ResponseWriter, r *http.Request) {
			answer(w, 200, object{"pageCount": 2, "entities": []any{h.roles["r"+r.URL.Query().Get("pageNumber")]}})
		}), "exists and has other permissions"},
		"the list of roles never ends": {plan(), nil, on("GET", roles, func(_ *hostileOrg, w http.ResponseWriter, _ *http.Request) {
			answer(w, 200, object{"pageCount": 99999, "entities": []any{object{"id": "r2", "name": "Other"}}})
		}), "pages"},
		"the role's id from the list runs": {plan(), nil, on("GET", roles, func(_ *hostileOrg, w http.ResponseWriter, _ *http.Request) {
			answer(w, 200, object{"pageCount": 1, "entities": []any{object{"id": "../x", "name": "New"}}})
		}), "is not an id"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newOrg()
			if tc.org != nil {
				tc.org(h)
			}
			h.attack = tc.attack
			p := applied(t, t.Context(), h, tc.calls...)
			assert.Empty(t, h.writes, "nothing is written")
			assert.False(t, p.Complete())
			assert.Contains(t, p.Words(), tc.why)
			assert.NotContains(t, p.Words(), "to take it back", "there is nothing to take back")
			assert.NotContains(t, p.Words(), "done:     ")
		})
	}
}

// TestAttackWritesApplyBelievesNoAnswer: what was changed is read back, and a plan goes no
// further with something that is not as intended.
func TestAttackWritesApplyBelievesNoAnswer(t *testing.T) {
	const roles = "/api/v2/authorization/roles"
	for name, tc := range map[string]struct {
		calls  []fix.APICall
		attack func(*hostileOrg, http.ResponseWriter, *http.Request) bool
		why    string
	}{
		"the made role's id is of another": {plan(), on("POST", roles, func(_ *hostileOrg, w http.ResponseWriter, _ *http.Request) {
			answer(w, 200, object{"id": "r2", "name": "New"})
		}), "not what was intended: name"},
		"the made role's answer is another": {plan(), on("POST", roles, func(h *hostileOrg, w http.ResponseWriter, _ *http.Request) { answer(w, 200, h.roles["r2"]) }), "of another role"},
		"the made role has no id":           {plan(), on("POST", roles, func(_ *hostileOrg, w http.ResponseWriter, _ *http.Request) { answer(w, 200, object{}) }), "does not have the id"},
		"the made role's id is no id": {plan(), on("POST", roles, func(_ *hostileOrg, w http.ResponseWriter, _ *http.Request) {
			answer(w, 200, object{"id": "r2/../../x"})
		}), "of another role"},
		"the made role is renamed": {plan(), on("POST", roles, func(h *hostileOrg, w http.ResponseWriter, r *http.Request) {
			h.serve(w, r)
			h.roles["made2"]["name"] = "Renamed"
		}), "not what was intended: name"},
		"the made role gets more": {plan(), on("POST", roles, func(h *hostileOrg, w http.ResponseWriter, r *http.Request) {
			h.serve(w, r)
			h.roles["made2"]["permissionPolicies"] = policies("a:b:c")
		}), "not what was intended: permissionPolicies"},
		"a PUT is answered of another": {[]fix.APICall{extendRole()}, on("PUT", roles+"/r1", func(h *hostileOrg, w http.ResponseWriter, _ *http.Request) { answer(w, 200, h.roles["r2"]) }), "of another object"},
		"a PUT changes nothing":        {[]fix.APICall{extendRole()}, on("PUT", roles+"/r1", func(h *hostileOrg, w http.ResponseWriter, _ *http.Request) { answer(w, 200, h.roles["r1"]) }), "not what was intended: permissionPolicies"},
		"a PUT loses what others added": {[]fix.APICall{addScope()}, on("PUT", "/api/v2/oauth/clients/app", func(h *hostileOrg, w http.ResponseWriter, _ *http.Request) {
			h.client["scope"] = []any{"scim", "users", "more"}
			answer(w, 200, h.client)
		}), "not what was intended: scope"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newOrg()
			h.attack = tc.attack
			p := applied(t, t.Context(), h, tc.calls...)
			assert.Len(t, h.writes, 1, "the plan ends there")
			assert.Equal(t, genesys.NotSure, p.Steps[0].Outcome)
			assert.Contains(t, p.Words(), "NOT SURE: ")
			assert.Contains(t, p.Words(), tc.why)
			assert.Contains(t, p.Words(), "if it was done, to take it back: ")
		})
	}
}

// TestAttackWritesApplyTellsTheOutcomesApart: done, not done and not sure.
func TestAttackWritesApplyTellsTheOutcomesApart(t *testing.T) {
	for status, want := range map[int]genesys.Outcome{400: genesys.NotDone, 401: genesys.NotDone, 403: genesys.NotDone, 404: genesys.NotDone, 409: genesys.NotDone, 429: genesys.NotDone,
		408: genesys.NotSure, 499: genesys.NotSure, 302: genesys.NotSure, 500: genesys.NotSure, 502: genesys.NotSure, 503: genesys.NotSure, 504: genesys.NotSure} {
		h := newOrg()
		h.attack = func(_ *hostileOrg, w http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.URL.Path, "/subjects/") {
				answer(w, status, object{"code": "x"})
			}
			return strings.Contains(r.URL.Path, "/subjects/")
		}
		p := applied(t, t.Context(), h, plan()...)
		assert.Equal(t, genesys.Done, p.Steps[0].Outcome, status)
		assert.Equal(t, want, p.Steps[1].Outcome, status)
		assert.Contains(t, p.Words(), "\nto take it back: delete the role\n", status)
		assert.Equal(t, want == genesys.NotSure, strings.Contains(p.Words(), "if it was done, to take it back: take it from the app: DELETE /api/v2/authorization/subjects/app/divisions/home/roles/made2"), status)
	}
	for name, broken := range map[string]func(w http.ResponseWriter){
		"no answer":      func(w http.ResponseWriter) { c, _, _ := w.(http.Hijacker).Hijack(); _ = c.Close() },
		"half an answer": func(w http.ResponseWriter) { w.Header().Set("Content-Length", "99"); _, _ = io.WriteString(w, `{"id`) },
		"no JSON":        func(w http.ResponseWriter) { _, _ = io.WriteString(w, "fine") },
		"a page":         func(w http.ResponseWriter) { _, _ = io.WriteString(w, "<html>") },
	} {
		h := newOrg()
		h.attack = func(_ *hostileOrg, w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPost {
				broken(w)
			}
			return r.Method == http.MethodPost
		}
		p := applied(t, t.Context(), h, plan()...)
		assert.Equal(t, genesys.NotSure, p.Steps[0].Outcome, name)
		assert.Equal(t, genesys.NotDone, p.Steps[1].Outcome, name)
		assert.NotContains(t, p.Words(), "{", name)
		assert.NotContains(t, p.Words(), "DELETE", "the way back of a call that has no id yet names none: "+name)
	}
	h := newOrg()
	h.attack = func(_ *hostileOrg, w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodGet {
			answer(w, 403, object{"code": "x"})
		}
		return r.Method != http.MethodGet
	}
	assert.NotContains(t, applied(t, t.Context(), h, plan()...).Words(), "to take it back")
	// What cannot have been sent was not done.
	assert.Equal(t, genesys.NotDone, Run(t.Context(), clientAt(t, "http://127.0.0.1:1"), fix.Plan{Calls: plan()}, func(string) {}).Steps[0].Outcome)
}

// TestAttackWritesApplyIsInterrupted: the call that is under way is finished, no other is
// made, and the words say which is which.
func TestAttackWritesApplyIsInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	h := newOrg()
	h.attack = func(_ *hostileOrg, _ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost {
			stop()
			time.Sleep(5 * time.Millisecond)
		}
		return false
	}
	p := applied(t, ctx, h, plan()...)
	assert.True(t, p.Interrupted)
	assert.Len(t, h.writes, 1)
	assert.Equal(t, genesys.Done, p.Steps[0].Outcome, p.Words())
	assert.Contains(t, p.Words(), "not done: grant: it was interrupted")
	assert.Contains(t, p.Words(), "to take it back: delete the role")
}

// TestAttackWritesApplyTakesNothingBackThatItDidNotDo: a role that was there before is not
// named among what is to be deleted.
func TestAttackWritesApplyTakesNothingBackThatItDidNotDo(t *testing.T) {
	h := newOrg()
	h.roles["r3"] = object{"id": "r3", "name": "New", "permissionPolicies": policies("directory:user:add"), "default": false}
	h.attack = func(_ *hostileOrg, w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost {
			answer(w, 403, object{"code": "x"})
		}
		return r.Method == http.MethodPost
	}
	p := applied(t, t.Context(), h, plan()...)
	assert.Contains(t, p.Words(), "already:")
	assert.NotContains(t, p.Words(), "delete the role")
}
