package readiness

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// orgAt is an org that a handler plays.
func orgAt(t *testing.T, handler http.HandlerFunc) *Org {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	base, err := genesys.ParseBase(srv.URL)
	require.NoError(t, err)
	return &Org{Client: genesys.NewClient(genesys.Options{API: base, Login: base, AttemptTimeout: 5 * time.Second}), Base: catalog.SCIMBase}
}

// names are userNames from nowhere.
type names []string

func (n names) Count() int { return len(n) }
func (n names) Each(f func(int, string)) error {
	for i, name := range n {
		f(i+1, name)
	}
	return nil
}

// TestCollisionsThatCannotBeSeenAreNoneFound: an org that refuses, or answers something
// else, has not said that a name is free.
func TestCollisionsThatCannotBeSeenAreNoneFound(t *testing.T) {
	page := `{"totalResults":%d,"Resources":[]}`
	for name, handler := range map[string]http.HandlerFunc{
		"refused":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
		"no totals": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{}`)) },
		"html": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<html>"))
		},
		"then refused": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("count") == "0" {
				_, _ = fmt.Fprintf(w, page, 500)
				return
			}
			w.WriteHeader(http.StatusForbidden)
		},
		"deleted ones refused": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/api/v2/users" {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			_, _ = fmt.Fprintf(w, page, 0)
		},
	} {
		list, how, notSeen := orgAt(t, handler).Collisions(context.Background(), names{"a@x.example", "b@x.example"})
		assert.Empty(t, list, name)
		assert.NotEmpty(t, notSeen, name)
		r := New()
		Collisions(r, nil, list, how, notSeen)
		assert.Equal(t, results.NotChecked, r.Section(results.SectionCollisions).State, name)
	}
}

func TestAListThatEndsEarlyEnds(t *testing.T) {
	requests := 0
	o := orgAt(t, func(w http.ResponseWriter, r *http.Request) {
		requests++
		if r.URL.Path == "/api/v2/users" {
			_, _ = w.Write([]byte(`{"entities":[],"pageCount":1}`))
			return
		}
		_, _ = w.Write([]byte(`{"totalResults":100,"Resources":[]}`))
	})
	_, _, notSeen := o.Collisions(context.Background(), names{"a", "b", "c", "d"})
	assert.NotEmpty(t, notSeen, "a list that tells of 100 and shows none was not seen in full")
	assert.Less(t, requests, 10)
}

// TestNamesThatCannotBeSeenAreHeldAgainstNothing: what the org does not list is not what
// it does not have.
func TestNamesThatCannotBeSeenAreHeldAgainstNothing(t *testing.T) {
	for name, answer := range map[string]string{"something else": `{}`, "a refusal": ""} {
		o := orgAt(t, func(w http.ResponseWriter, _ *http.Request) {
			if answer == "" {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			_, _ = w.Write([]byte(answer))
		})
		opts, notChecked := o.PayloadOptions(context.Background())
		assert.Nil(t, opts.Names.Roles, name)
		assert.Nil(t, opts.Names.Skills, name)
		assert.Nil(t, opts.Names.Divisions, name)
		assert.Len(t, notChecked, 4, name)
		assert.Equal(t, "the catalogue", opts.Schemas.From, name)
	}
}
