package evidence

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scimlint/scimlint/pkg/secret"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// probed collects from an org that answers SCIM requests as told, and everything else with
// 404; log has the SCIM writes and reads of one user.
func probed(t *testing.T, ctx context.Context, scim func(w http.ResponseWriter, r *http.Request)) (s *Snapshot, log []string) {
	t.Helper()
	var mu sync.Mutex
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/api/v2/scim/") || r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/users") {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		mu.Lock()
		log = append(log, r.Method+" "+path.Clean(r.URL.Path))
		mu.Unlock()
		scim(w, r)
	}))
	client, opts := optionsFor(t, srv.URL)
	opts.Target.TokenSupplied, opts.Supplied, opts.Target.Probe = true, secret.New("token"), ProbeWrite
	s = Collect(ctx, client, opts)
	srv.Close() // ends with the last handler, which may outlive a run that was cut off
	return s, log
}

const nameless = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"u1","active":true}`

// TestAttackWritesProbeDeletesOnlyWhatItMade: the clean-up deletes a user that has no
// userName, read back by its id, and nobody else.
func TestAttackWritesProbeDeletesOnlyWhatItMade(t *testing.T) {
	for name, tc := range map[string]struct {
		made, read string
		readStatus int
		del        int
		deleted    bool
		left       string // empty: nothing is left
	}{
		"a user without a userName":  {`{"id":"u1"}`, nameless, 200, 204, true, ""},
		"it may not be deleted":      {`{"id":"u1"}`, nameless, 200, 403, false, "that is still there: DELETE /api/v2/scim/v2/users/u1"},
		"a real user's id":           {`{"id":"u1"}`, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"u1","userName":"jane@acme.example"}`, 200, 204, false, "not touched"},
		"a userName in another case": {`{"id":"u1"}`, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"u1","USERNAME":"jane@acme.example"}`, 200, 204, false, "not touched"},
		"two userNames":              {`{"id":"u1"}`, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"u1","userName":"jane@acme.example","username":""}`, 200, 204, false, "not touched"},
		"a userName that is no text": {`{"id":"u1"}`, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"u1","userName":{"value":"jane"}}`, 200, 204, false, "not touched"},
		"another id is read":         {`{"id":"u1"}`, strings.Replace(nameless, "u1", "u2", 1), 200, 204, false, "not touched"},
		"an error in a 200":          {`{"id":"u1"}`, `{"id":"u1","status":403,"message":"no"}`, 200, 204, false, "not touched"},
		"the read is refused":        {`{"id":"u1"}`, `{"code":"not.authorized"}`, 403, 204, false, "could not be read back, so it was not deleted"},
		"a slash in the id":          {`{"id":"x/../p1"}`, nameless, 200, 204, false, "could not be read back"},
		"no id":                      {`{}`, nameless, 200, 204, false, "does not show which user was made"},
		"a list":                     {`{"Resources":[{"id":"p1"}]}`, nameless, 200, 204, false, "does not show which user was made"},
		"two ids":                    {`{"id":"u1","Id":"p1"}`, nameless, 200, 204, false, "does not show which user was made"},
	} {
		t.Run(name, func(t *testing.T) {
			s, log := probed(t, t.Context(), func(w http.ResponseWriter, r *http.Request) {
				switch r.Method {
				case http.MethodPost:
					w.WriteHeader(201)
					_, _ = io.WriteString(w, tc.made)
				case http.MethodGet:
					w.WriteHeader(tc.readStatus)
					_, _ = io.WriteString(w, tc.read)
				default:
					w.WriteHeader(tc.del)
				}
			})
			require.True(t, s.WriteProbe.Seen())
			assert.Equal(t, tc.deleted, s.WriteProbe.Value.Deleted)
			assert.Equal(t, tc.deleted || tc.del == 403, strings.Contains(fmt.Sprint(log), "DELETE"), "%v", log)
			assert.NotContains(t, fmt.Sprint(log), "p1")
			if tc.left == "" {
				assert.Empty(t, s.WriteProbeLeft)
			}
			assert.Contains(t, s.WriteProbeLeft, tc.left)
		})
	}
}

// TestAttackWritesProbeThatIsNotAnsweredSaysSo: a POST that was sent and not answered may
// have made a user; one that was refused, or never sent, has not.
func TestAttackWritesProbeThatIsNotAnsweredSaysSo(t *testing.T) {
	for name, tc := range map[string]struct {
		post  func(w http.ResponseWriter, r *http.Request)
		maybe bool
	}{
		"400":        {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(400) }, false},
		"403":        {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, false},
		"429":        {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) }, false},
		"408":        {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(408) }, true},
		"500":        {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, true},
		"504":        {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(504) }, true},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, true},
		"a page":     {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }, true},
		"no answer":  {func(w http.ResponseWriter, _ *http.Request) { c, _, _ := w.(http.Hijacker).Hijack(); _ = c.Close() }, true},
		"half of one": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "99")
			_, _ = io.WriteString(w, "{")
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			s, log := probed(t, t.Context(), tc.post)
			assert.Len(t, log, 1)
			if !tc.maybe {
				assert.Empty(t, s.WriteProbeLeft)
				return
			}
			assert.Contains(t, s.WriteProbeLeft, "may have made a user without a userName")
			assert.Contains(t, s.WriteProbeLeft, "Admin > People & Permissions > People")
			assert.False(t, s.WriteProbe.Seen())
		})
	}
	// What cannot have been sent can have made nobody.
	client, opts := optionsFor(t, "http://127.0.0.1:1")
	opts.Target.TokenSupplied, opts.Supplied, opts.Target.Probe = true, secret.New("token"), ProbeWrite
	assert.Empty(t, Collect(t.Context(), client, opts).WriteProbeLeft)
}

// TestAttackWritesProbeOutlivesTheSignal: a signal does not cancel a probe that was sent,
// and what it made is taken back; the deadline of the run does end it, and says so.
func TestAttackWritesProbeOutlivesTheSignal(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	s, log := probed(t, ctx, func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodPost:
			stop()
			time.Sleep(5 * time.Millisecond)
			_, _ = io.WriteString(w, `{"id":"u1"}`)
		case http.MethodGet:
			_, _ = io.WriteString(w, nameless)
		default:
			w.WriteHeader(204)
		}
	})
	assert.Contains(t, log, "DELETE /api/v2/scim/v2/users/u1")
	assert.Empty(t, s.WriteProbeLeft)

	limited, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	s, _ = probed(t, limited, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.ReadAll(r.Body); <-r.Context().Done() })
	assert.Contains(t, s.WriteProbeLeft, "may have made a user")
}
