package readiness

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/profile"
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
		r := New(nil)
		Collisions(r, nil, list, how, notSeen)
		assert.Equal(t, results.NotChecked, r.Section(results.SectionCollisions).State, name)
	}
}

func TestHintsNameTheSystemThatSendsTheBodies(t *testing.T) {
	for name, hint := range map[string]string{
		"": "--source zendesk", "zendesk": "--source zendesk", "custom": "--source zendesk",
		"entra": "users of Microsoft Entra ID, and give them with --payload: scimlint payload from-entra", "okta": "users of Okta, and give them with --payload: scimlint payload from-okta",
		"onelogin": "users of OneLogin, and give them with --payload: scimlint payload from-csv", "pingone": "users of PingOne, and give",
	} {
		var p *profile.Profile
		if name != "" {
			var err error
			p, err = profile.Find(name)
			require.NoError(t, err)
		}
		r := New(p)
		assert.Contains(t, r.Section(results.SectionSource).Fix, hint, name)
		if p.HasAddress() {
			assert.NotContains(t, r.Section(results.SectionSource).Fix, "Zendesk", name)
		}
		Collisions(r, p, []results.Collision{{UserName: "a", State: "inactive"}}, "asked for 1 name", nil)
		if p.HasAddress() {
			assert.Contains(t, r.Section(results.SectionCollisions).Fix, "what "+p.Label()+" does", name)
		}
		Collisions(r, p, []results.Collision{{UserName: "a", State: "active"}}, "asked for 1 name", nil)
		if name == "entra" {
			assert.Contains(t, r.Section(results.SectionCollisions).Summary, "which Microsoft Entra ID handles")
		}
	}
	own := &profile.Profile{Name: "entra", Title: "Our own", Own: true}
	assert.Contains(t, New(own).Section(results.SectionSource).Fix, "users of Our own, and give them with --payload: scimlint payload from-csv")
	assert.Equal(t, "our-idp", (&profile.Profile{Name: "our-idp"}).Label())
}

// TestOfTheSourceIsOnlySaidWhatIsKnown: a valid payload has no record with a fault; whether
// the users with the fault are in it, corrected, is not known.
func TestOfTheSourceIsOnlySaidWhatIsKnown(t *testing.T) {
	s := results.Source{Place: "acme.zendesk.com", Agents: 3, Admins: 1, WithoutName: []string{"7"}, DuplicateEmails: []string{"a@x.example", "b@x.example"}}
	for state, want := range map[results.State]results.State{results.Go: results.Go, results.NoGo: results.NoGo, results.NotChecked: results.NoGo} {
		r := New(nil)
		r.Section(results.SectionPayload).State = state
		Source(r, s)
		got := r.Section(results.SectionSource)
		assert.Equal(t, want, got.State)
		assert.Contains(t, got.Summary, "1 has no name, 2 e-mail addresses are of several users")
		assert.NotContains(t, got.Summary, "not in the payload")
		assert.Equal(t, want == results.Go, strings.Contains(got.Summary, "No record of the payload has such a fault"))
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
