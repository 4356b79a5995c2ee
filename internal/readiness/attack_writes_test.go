package readiness

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/results"
)

// user is a SCIM user as JSON.
type user map[string]any

func (u user) text(k string) string { s, _ := u[k].(string); return s }

// hostileOrg keeps users; an attack answers in its place where it wants to.
type hostileOrg struct {
	t      *testing.T
	mu     sync.Mutex
	users  []user
	made   int
	log    []string
	attack func(h *hostileOrg, w http.ResponseWriter, r *http.Request, body user) bool
}

// people are in the org before the canary.
func people() []user {
	return []user{
		{"id": "p1", "userName": "jane@acme.example", "displayName": "Jane", "active": true},
		{"id": "p2", "userName": "joe@acme.example", "displayName": "Joe", "active": true},
		{"id": "p3", "userName": "jim@acme.example", "displayName": "Jim", "active": true},
	}
}

func (h *hostileOrg) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.log = append(h.log, r.Method+" "+r.URL.Path)
	var body user
	data, _ := io.ReadAll(r.Body)
	_ = json.Unmarshal(data, &body)
	if h.attack != nil && h.attack(h, w, r, body) {
		return
	}
	h.serve(w, r, body)
}

// serve is what an honest org does; a path is resolved as a careless proxy would.
func (h *hostileOrg) serve(w http.ResponseWriter, r *http.Request, body user) {
	id := strings.TrimPrefix(path.Clean(r.URL.Path), "/api/v2/scim/v2/users")
	id = strings.TrimPrefix(id, "/")
	if r.Method == http.MethodPost {
		answer(w, 201, h.create(body))
		return
	}
	if id == "" {
		h.list(w, r, func(u user) bool {
			return fmt.Sprintf("userName eq %q", u.text("userName")) == r.URL.Query().Get("filter")
		})
		return
	}
	i := slices.IndexFunc(h.users, func(u user) bool { return u.text("id") == id })
	switch {
	case i < 0:
		answer(w, 404, user{"code": "not.found", "message": "no such user"})
	case r.Method == http.MethodDelete:
		h.users = slices.Delete(h.users, i, i+1)
		w.WriteHeader(204)
	case r.Method == http.MethodPatch:
		for _, op := range body["Operations"].([]any) {
			h.users[i][op.(map[string]any)["path"].(string)] = op.(map[string]any)["value"]
		}
		answer(w, 200, h.users[i])
	default:
		answer(w, 200, h.users[i])
	}
}

func (h *hostileOrg) create(body user) user {
	h.made++
	u := maps.Clone(body)
	u["id"] = fmt.Sprintf("c%d", h.made)
	h.users = append(h.users, u)
	return u
}

func (h *hostileOrg) list(w http.ResponseWriter, _ *http.Request, want func(user) bool) {
	found := slices.DeleteFunc(slices.Clone(h.users), func(u user) bool { return !want(u) })
	answer(w, 200, user{"totalResults": len(found), "Resources": found})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func drop(w http.ResponseWriter) {
	conn, _, _ := w.(http.Hijacker).Hijack()
	_ = conn.Close()
}

// canaries are the trial's users that are still there.
func (h *hostileOrg) canaries() (ids []string) {
	for _, u := range h.users {
		if strings.HasPrefix(u.text("id"), "c") {
			ids = append(ids, u.text("id"))
		}
	}
	return ids
}

// unharmed says whether the people are as they were.
func (h *hostileOrg) unharmed() {
	h.t.Helper()
	for _, p := range people() {
		i := slices.IndexFunc(h.users, func(u user) bool { return u.text("id") == p.text("id") })
		if assert.GreaterOrEqual(h.t, i, 0, "%s was deleted: %v", p.text("id"), h.log) {
			assert.Equal(h.t, p, h.users[i], "%s was changed", p.text("id"))
		}
		for _, line := range h.log {
			assert.NotRegexp(h.t, `^(PATCH|PUT|DELETE) .*`+p.text("id")+`$`, line)
		}
	}
}

type attack = func(h *hostileOrg, w http.ResponseWriter, r *http.Request, body user) bool

// run plays the canary on a hostile org without real pauses.
func run(t *testing.T, ctx context.Context, a attack) (h *hostileOrg, section results.Section, left string) {
	t.Helper()
	h = &hostileOrg{t: t, users: people(), attack: a}
	o := orgAt(t, h.ServeHTTP)
	o.pause = func(context.Context, time.Duration) {}
	steps, left := o.Canary(ctx, time.Now(), CanaryDomain)
	r := New(nil)
	Canary(r, steps, left)
	h.mu.Lock()
	defer h.mu.Unlock()
	return h, *r.Section(results.SectionCanary), left
}

func isSearch(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/users")
}
func isRead(r *http.Request) bool { return r.Method == http.MethodGet && !isSearch(r) }

func TestTheCanaryOnAnHonestOrg(t *testing.T) {
	h, section, left := run(t, t.Context(), nil)
	assert.Empty(t, left)
	assert.Equal(t, results.Go, section.State)
	assert.Empty(t, h.canaries())
	h.unharmed()
}

// TestAttackWritesCanaryTouchesNobodyElse: whatever an org answers, no one but the canary is
// updated or deleted, and a trial that was answered of someone else is no go.
func TestAttackWritesCanaryTouchesNobodyElse(t *testing.T) {
	post := func(answer func(h *hostileOrg, w http.ResponseWriter, body user)) attack {
		return func(h *hostileOrg, w http.ResponseWriter, r *http.Request, body user) bool {
			if r.Method == http.MethodPost {
				answer(h, w, body)
			}
			return r.Method == http.MethodPost
		}
	}
	namesID := func(id string) attack {
		return post(func(h *hostileOrg, w http.ResponseWriter, body user) {
			u := maps.Clone(h.create(body))
			u["id"] = id
			answer(w, 201, u)
		})
	}
	for name, tc := range map[string]struct {
		attack attack
		left   string // what is said to be left; empty: nothing
		stays  bool   // the canary cannot be deleted
	}{
		"the search's filter is ignored after a broken create": {func(h *hostileOrg, w http.ResponseWriter, r *http.Request, _ user) bool {
			switch {
			case r.Method == http.MethodPost:
				drop(w)
			case isSearch(r):
				h.list(w, r, func(user) bool { return true })
			default:
				return false
			}
			return true
		}, "may exist", false},
		"the list has no total": {func(h *hostileOrg, w http.ResponseWriter, r *http.Request, _ user) bool {
			switch {
			case r.Method == http.MethodPost:
				drop(w)
			case isSearch(r):
				answer(w, 200, user{"Resources": h.users})
			default:
				return false
			}
			return true
		}, "may exist", false},
		"the list gives the canary's name to someone": {func(h *hostileOrg, w http.ResponseWriter, r *http.Request, body user) bool {
			switch {
			case r.Method == http.MethodPost:
				drop(w)
			case isSearch(r):
				var name string
				_, _ = fmt.Sscanf(r.URL.Query().Get("filter"), "userName eq %q", &name)
				answer(w, 200, user{"totalResults": 1, "Resources": []user{{"id": "p1", "userName": name, "displayName": "x"}}})
			default:
				return false
			}
			return true
		}, "p1", false},
		"someone else's id with the canary's names": {namesID("p1"), "p1", false},
		"someone else's id, and no more": {post(func(h *hostileOrg, w http.ResponseWriter, body user) {
			h.create(body)
			answer(w, 201, user{"id": "p1"})
		}), "p1", false},
		"someone else's whole body": {post(func(h *hostileOrg, w http.ResponseWriter, body user) {
			h.create(body)
			answer(w, 200, h.users[0])
		}), "p1", false},
		"a slash in the id": {namesID("c1/../p1"), "p1", false},
		"an escaped slash":  {namesID("c1%2f..%2fp1"), "p1", false},
		"dots":              {namesID("../users/p1"), "p1", false},
		"dots alone":        {namesID(".."), "..", false},
		"a query in the id": {namesID("p1?x="), "p1", false},
		"a blank id":        {namesID(" "), "other users", false},
		"an id that is no text": {post(func(h *hostileOrg, w http.ResponseWriter, b user) {
			h.create(b)
			answer(w, 201, user{"id": []string{"p1"}})
		}), "", false},
		"the id twice": {post(func(h *hostileOrg, w http.ResponseWriter, b user) {
			h.create(b)
			_, _ = io.WriteString(w, `{"id":"c1","ID":"p1"}`)
		}), "", false},
		"a list as the answer": {post(func(h *hostileOrg, w http.ResponseWriter, b user) {
			h.create(b)
			answer(w, 200, user{"totalResults": 3, "Resources": h.users})
		}), "", false},
		"a bare list as the answer": {post(func(h *hostileOrg, w http.ResponseWriter, b user) { h.create(b); answer(w, 200, h.users) }), "", false},
		"409 of a user of that name with another marker": {post(func(h *hostileOrg, w http.ResponseWriter, b user) {
			b["displayName"] = "Someone"
			h.create(b)
			answer(w, 409, user{"scimType": "uniqueness", "detail": "in use"})
		}), "was not deleted", true},
		"the read back is someone else's": {func(h *hostileOrg, w http.ResponseWriter, r *http.Request, _ user) bool {
			if isRead(r) {
				answer(w, 200, h.users[0])
			}
			return isRead(r)
		}, "c1", true},
		"the read back has someone else's names": {func(h *hostileOrg, w http.ResponseWriter, r *http.Request, _ user) bool {
			if isRead(r) {
				answer(w, 200, user{"id": path.Base(r.URL.Path), "userName": "jane@acme.example", "displayName": "Jane"})
			}
			return isRead(r)
		}, "c1", true},
		"the read back has two userNames": {func(h *hostileOrg, w http.ResponseWriter, r *http.Request, _ user) bool {
			if isRead(r) {
				u := h.users[len(h.users)-1]
				_, _ = fmt.Fprintf(w, `{"id":"c1","username":"jane@acme.example","userName":%q,"displayName":%q}`, u["userName"], u["displayName"])
			}
			return isRead(r)
		}, "c1", true},
		"the read back has the name and not the marker": {func(h *hostileOrg, w http.ResponseWriter, r *http.Request, _ user) bool {
			if isRead(r) {
				answer(w, 200, user{"id": "c1", "userName": h.users[len(h.users)-1]["userName"]})
			}
			return isRead(r)
		}, "c1", true},
		"the update is answered of someone else": {func(h *hostileOrg, w http.ResponseWriter, r *http.Request, body user) bool {
			if r.Method == http.MethodPatch {
				answer(w, 200, h.users[0])
			}
			return r.Method == http.MethodPatch
		}, "", false},
		"the update changes nothing": {func(h *hostileOrg, w http.ResponseWriter, r *http.Request, body user) bool {
			if r.Method == http.MethodPatch {
				w.WriteHeader(204)
			}
			return r.Method == http.MethodPatch
		}, "", false},
		"the org renames what is updated": {func(h *hostileOrg, w http.ResponseWriter, r *http.Request, body user) bool {
			if r.Method == http.MethodPatch {
				h.users[len(h.users)-1]["displayName"] = "renamed"
			}
			return false
		}, "c1", true},
		"the id comes to be another's after the update": {func(h *hostileOrg, w http.ResponseWriter, r *http.Request, body user) bool {
			if r.Method == http.MethodPatch {
				h.serve(w, r, body)
				h.users[3]["id"], h.users[0]["id"] = "moved", "c1"
				return true
			}
			if r.Method == http.MethodDelete {
				h.t.Error("a real person was deleted")
			}
			if isSearch(r) { // end of the trial
				h.users[3]["id"], h.users[0]["id"] = "c1", "p1"
			}
			return false
		}, "c1", true},
	} {
		t.Run(name, func(t *testing.T) {
			h, section, left := run(t, t.Context(), tc.attack)
			h.unharmed()
			assert.Equal(t, results.NoGo, section.State, section.Summary)
			if tc.left == "" {
				assert.Empty(t, left)
			}
			assert.Contains(t, left, tc.left)
			if tc.stays {
				assert.NotEmpty(t, h.canaries())
			} else {
				assert.Empty(t, h.canaries(), "our own is cleaned up: %v", h.log)
			}
		})
	}
}

// TestAttackWritesCanaryIsNeverLeftInSilence: after every way in which a create can break,
// the user is deleted, or named with how to delete it.
func TestAttackWritesCanaryIsNeverLeftInSilence(t *testing.T) {
	// broken carries the create out and answers something else.
	broken := func(how func(w http.ResponseWriter)) attack {
		return func(h *hostileOrg, w http.ResponseWriter, r *http.Request, body user) bool {
			if r.Method == http.MethodPost {
				h.create(body)
				how(w)
			}
			return r.Method == http.MethodPost
		}
	}
	status := func(code int) attack {
		return broken(func(w http.ResponseWriter) { answer(w, code, user{"code": "x", "message": "y"}) })
	}
	// on answers a method with a status, up to a number of times.
	on := func(method string, code, times int, also func(h *hostileOrg)) attack {
		return func(h *hostileOrg, w http.ResponseWriter, r *http.Request, _ user) bool {
			if r.Method != method || times == 0 || method == http.MethodGet && !isRead(r) {
				return false
			}
			times--
			if also != nil {
				also(h)
			}
			answer(w, code, user{"code": "x", "message": "y"})
			return true
		}
	}
	late := func(searches int) attack {
		return func(h *hostileOrg, w http.ResponseWriter, r *http.Request, body user) bool {
			switch {
			case r.Method == http.MethodPost:
				h.create(body)
				drop(w)
			case isSearch(r) && searches > 0:
				searches--
				answer(w, 200, user{"totalResults": 0, "Resources": []user{}})
			default:
				return false
			}
			return true
		}
	}
	manual := "delete it so: Admin > People & Permissions > People"
	for name, tc := range map[string]struct {
		attack attack
		left   string // empty: the canary is gone and nothing is said to be left
	}{
		"500": {status(500), ""}, "502": {status(502), ""}, "503": {status(503), ""}, "504": {status(504), ""}, "408": {status(408), ""}, "499": {status(499), ""},
		"409 of a request that was sent twice": {status(409), ""},
		"a redirect": {broken(func(w http.ResponseWriter) {
			w.Header().Set("Location", "https://sso.example.com/")
			w.WriteHeader(302)
		}), ""},
		"no answer": {broken(drop), ""},
		"half an answer": {broken(func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "4096")
			_, _ = io.WriteString(w, `{"id":"c`)
		}), ""},
		"a page as the answer": {broken(func(w http.ResponseWriter) { _, _ = io.WriteString(w, "<html>") }), ""},
		"an empty 201":         {broken(func(w http.ResponseWriter) { w.WriteHeader(201) }), ""},
		"it appears late":      {late(3), ""},
		"it never appears":     {late(1000), "may exist"},
		"the search is refused": {func(h *hostileOrg, w http.ResponseWriter, r *http.Request, body user) bool {
			if r.Method == http.MethodPost {
				h.create(body)
				drop(w)
			} else {
				answer(w, 403, user{"code": "not.authorized"})
			}
			return true
		}, "may exist"},
		"the read is refused":            {on(http.MethodGet, 403, -1, nil), `(id "c1" by the create's answer)`},
		"the token dies halfway":         {on(http.MethodGet, 401, -1, nil), "could not be read back, so it was not deleted"},
		"the new user is readable late":  {on(http.MethodGet, 404, 2, nil), ""},
		"deleted by someone else":        {on(http.MethodDelete, 404, 1, func(h *hostileOrg) { h.users = h.users[:3] }), ""},
		"the delete fails once":          {on(http.MethodDelete, 500, 1, nil), ""},
		"the delete is put off":          {on(http.MethodDelete, 429, 1, nil), ""},
		"the delete fails, and was done": {on(http.MethodDelete, 504, -1, func(h *hostileOrg) { h.users = h.users[:3] }), ""},
		"the delete fails":               {on(http.MethodDelete, 500, -1, nil), "is still there"},
		"the delete is refused":          {on(http.MethodDelete, 403, -1, nil), "is still there"},
		"one create makes two": {func(h *hostileOrg, _ http.ResponseWriter, r *http.Request, body user) bool {
			if r.Method == http.MethodPost {
				h.create(body)
			}
			return false
		}, ""},
		"a broken create makes two users": {func(h *hostileOrg, w http.ResponseWriter, r *http.Request, body user) bool {
			if r.Method == http.MethodPost {
				h.create(body)
				h.create(body)
				drop(w)
			}
			return r.Method == http.MethodPost
		}, ""},
		"the list is paged": {func(h *hostileOrg, w http.ResponseWriter, r *http.Request, body user) bool {
			if r.Method == http.MethodPost {
				h.create(body)
				drop(w)
			} else if isSearch(r) {
				start := 1
				_, _ = fmt.Sscan(r.URL.Query().Get("startIndex"), &start)
				answer(w, 200, user{"totalResults": len(h.users), "Resources": h.users[start-1 : start]})
			}
			return r.Method == http.MethodPost || isSearch(r)
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h, _, left := run(t, t.Context(), tc.attack)
			h.unharmed()
			if tc.left == "" {
				assert.Empty(t, left)
				assert.Empty(t, h.canaries(), "%v", h.log)
				return
			}
			assert.Contains(t, left, tc.left)
			assert.Contains(t, left, manual)
			assert.Contains(t, left, "scimlint-canary-")
		})
	}
}

// TestAttackWritesCanaryOutlivesTheSignal: a signal does not cancel a create that was sent,
// and the clean-up runs after it; before the create, nothing is sent.
func TestAttackWritesCanaryOutlivesTheSignal(t *testing.T) {
	for name, when := range map[string]func(*http.Request) bool{
		"in the create": func(r *http.Request) bool { return r.Method == http.MethodPost },
		"in the read":   isRead,
		"in the update": func(r *http.Request) bool { return r.Method == http.MethodPatch },
		"in the delete": func(r *http.Request) bool { return r.Method == http.MethodDelete },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, stop := context.WithCancel(context.Background())
			defer stop()
			h, _, left := run(t, ctx, func(_ *hostileOrg, _ http.ResponseWriter, r *http.Request, _ user) bool {
				if when(r) {
					stop()
					time.Sleep(5 * time.Millisecond)
				}
				return false
			})
			assert.Empty(t, left)
			assert.Empty(t, h.canaries(), "%v", h.log)
		})
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	h, section, left := run(t, ctx, nil)
	assert.Empty(t, h.log)
	assert.Empty(t, left)
	assert.Equal(t, results.NoGo, section.State)
}

// TestAttackWritesCanaryTimesOut: a create that is not answered by the deadline is searched
// for after it.
func TestAttackWritesCanaryTimesOut(t *testing.T) {
	ctx, stop := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer stop()
	h, section, left := run(t, ctx, func(h *hostileOrg, w http.ResponseWriter, r *http.Request, body user) bool {
		if r.Method == http.MethodPost {
			h.create(body)
			<-r.Context().Done()
			return true
		}
		return false
	})
	assert.Empty(t, left)
	assert.Empty(t, h.canaries())
	assert.Equal(t, results.NoGo, section.State)
}

// TestAttackWritesCanaryNameCannotBeGuessed: two runs of the same second share no name and
// no marker.
func TestAttackWritesCanaryNameCannotBeGuessed(t *testing.T) {
	now := time.Now()
	a, b := newCanary(nil, now, CanaryDomain), newCanary(nil, now, CanaryDomain)
	assert.NotEqual(t, a.userName, b.userName)
	assert.NotEqual(t, a.display, b.display)
	local, _, _ := strings.Cut(a.userName, "@")
	assert.LessOrEqual(t, len(local), 64, "as long as an address may be")
	assert.Equal(t, strings.ToLower(a.userName), a.userName, "the platform may change the case")
	assert.NotContains(t, a.userName, strings.Fields(a.display)[2][:16], "who sees the name cannot tell the marker")
}

// TestTheCanaryIsAnnounced: whoever kills the run knows what to look for.
func TestTheCanaryIsAnnounced(t *testing.T) {
	h := &hostileOrg{t: t, users: people()}
	o := orgAt(t, h.ServeHTTP)
	announced := ""
	o.Announce = func(name string) {
		require.Empty(t, h.log, "before the create")
		announced = name
	}
	steps, _ := o.Canary(t.Context(), time.Now(), CanaryDomain)
	assert.Contains(t, steps[0].What, announced)
	assert.NotEmpty(t, announced)
}
