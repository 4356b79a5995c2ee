package readiness

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestAttackTimeOfTheLists: a list without an end, an answer that is late and a wait that
// is too long end with the run, with a reason, and name nothing free.
func TestAttackTimeOfTheLists(t *testing.T) {
	slow := func(w http.ResponseWriter, r *http.Request) { // and never ends
		if r.URL.Path == "/api/v2/users" {
			_, _ = fmt.Fprintf(w, `{"entities":[{"username":"x%s@y.example"}],"pageCount":1000}`, r.URL.Query().Get("pageNumber"))
			time.Sleep(5 * time.Millisecond)
			return
		}
		_, _ = fmt.Fprint(w, `{"totalResults":0,"Resources":[]}`)
	}
	limited := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("inin-ratelimit-allowed", "300")
		w.Header().Set("inin-ratelimit-count", "300")
		w.Header().Set("inin-ratelimit-reset", "60")
		_, _ = fmt.Fprint(w, `{"totalResults":0,"Resources":[]}`)
	}
	for name, tc := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"deleted users without an end": {slow, "deleted users"},
		"the rate limit":               {limited, "has to wait 1m0s, and"},
		"an answer that never comes":   {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "no answer in time"},
		"Retry-After": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "5")
			w.WriteHeader(http.StatusTooManyRequests)
		}, "a retry has to wait 5s, and"},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		start := time.Now()
		list, _, notSeen := orgAt(t, tc.handler).Collisions(ctx, names{"a@x.example"})
		assert.Less(t, time.Since(start), 2*time.Minute, name)
		assert.Empty(t, list, name)
		assert.Contains(t, strings.Join(notSeen, "\n"), tc.want, name)
		cancel()
	}
}

// TestAttackBoundsOfTheLists: what an answer says of itself is not believed beyond
// reason.
func TestAttackBoundsOfTheLists(t *testing.T) {
	many := strings.Repeat(`{"userName":"x"},`, 200) + `{"userName":"x"}`
	for users, want := range map[string]string{
		`{"totalResults":-1,"Resources":[]}`:              "-1 users",
		`{"totalResults":2000000000,"Resources":[]}`:      "2000000000 users",
		`{"totalResults":300,"Resources":[` + many + `]}`: "lists 201 users where",
	} {
		requests := 0
		list, _, notSeen := orgAt(t, func(w http.ResponseWriter, _ *http.Request) {
			requests++
			_, _ = fmt.Fprint(w, users)
		}).Collisions(context.Background(), names{"a@x.example"})
		assert.Empty(t, list)
		assert.Contains(t, strings.Join(notSeen, "\n"), want)
		assert.Less(t, requests, 5)
	}
	for deleted, want := range map[string]string{
		`{"entities":[]}`: "does not say how many pages",
		`{"entities":[` + strings.Repeat("{},", 200) + `{}],"pageCount":1}`: "lists 201 users where 100 were asked for",
	} {
		_, _, notSeen := orgAt(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/api/v2/users" {
				_, _ = fmt.Fprint(w, deleted)
				return
			}
			_, _ = fmt.Fprint(w, `{"totalResults":0,"Resources":[]}`)
		}).Collisions(context.Background(), names{"a@x.example"})
		assert.Contains(t, strings.Join(notSeen, "\n"), want)
	}
}

// TestAttackTimeOfSchemas: a list of names that is limited is not one that is empty.
func TestAttackTimeOfSchemas(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	opts, notChecked := orgAt(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }).PayloadOptions(ctx)
	assert.Nil(t, opts.Names.Roles)
	assert.Len(t, notChecked, 4)
}
