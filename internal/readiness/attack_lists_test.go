package readiness

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// few are names to look for.
type few []string

func (f few) Count() int { return len(f) }

func (f few) Each(each func(int, string)) error {
	for i, name := range f {
		each(i+1, name)
	}
	return nil
}

// TestAttackListsIgnoredFilter: a server that ignores the filter lists somebody, and
// says nothing of the name that was asked for; nor does one that lists fewer than it
// says.
func TestAttackListsIgnoredFilter(t *testing.T) {
	const head = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],`
	for name, tc := range map[string]struct {
		answer string
		known  bool
	}{
		"another user":     {head + `"totalResults":1,"Resources":[{"id":"1","userName":"kim@acme.example"}]}`, false},
		"two, one of them": {head + `"totalResults":2,"Resources":[{"id":"1","userName":"jean@acme.example"},{"id":"2","userName":"kim@acme.example"}]}`, false},
		"fewer than said":  {head + `"totalResults":5,"Resources":[]}`, false},
		"no total":         {head + `"Resources":[]}`, false},
		"the user":         {head + `"totalResults":1,"Resources":[{"id":"1","userName":"Jean@acme.example"}]}`, true},
		"nobody":           {head + `"totalResults":0,"Resources":[]}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Query().Get("filter") == "" || r.URL.Query().Get("filter") == inactive:
					_, _ = fmt.Fprint(w, head+`"totalResults":500,"Resources":[]}`)
				case r.URL.Path == "/api/v2/users":
					_, _ = fmt.Fprint(w, `{"entities":[],"pageCount":0}`)
				default:
					_, _ = fmt.Fprint(w, tc.answer)
				}
			}))
			defer server.Close()
			base, err := genesys.ParseBase(server.URL)
			require.NoError(t, err)
			o := &Org{Client: genesys.NewClient(genesys.Options{API: base, Login: base}), Base: catalog.SCIMBase}
			list, _, notSeen := o.Collisions(context.Background(), few{"jean@acme.example"})
			unread := 0
			for _, why := range notSeen {
				if why != "" && why[:3] != "del" {
					unread++
				}
			}
			assert.Equal(t, tc.known, unread == 0, "%v", notSeen)
			assert.Equal(t, name == "the user", len(list) == 1, "%v", list)
		})
	}
}

// TestAttackListsOfUsers: where all users are listed, a list that ignores what was asked
// for, or has less than it says, does not show that a name is free.
func TestAttackListsOfUsers(t *testing.T) {
	const nobody, page = `{"totalResults":0,"Resources":[]}`, `{"entities":[],"pageCount":1,"total":0}`
	kim := func(fields string) string { return `{"totalResults":1,"Resources":[{"id":"1"` + fields + `}]}` }
	for name, tc := range map[string]struct {
		all, inactive, deleted string
		want                   string
	}{
		"all is well":              {kim(`,"userName":"kim@acme.example","active":true`), kim(`,"userName":"kay@acme.example","active":false`), page, ""},
		"the filter is ignored":    {nobody, kim(`,"userName":"kim@acme.example","active":true`), page, "the filter was ignored"},
		"no userNames":             {kim(""), nobody, page, "without a userName"},
		"the same user, again":     {`{"totalResults":2,"Resources":[{"id":"1","userName":"kim@acme.example"}]}`, nobody, page, "says that it has 2 users and shows 1"},
		"deleted, of another kind": {nobody, nobody, `{"entities":[{"username":"kim@acme.example","state":"active"}],"pageCount":1}`, "the state that was asked for was ignored"},
		"deleted, without an end":  {nobody, nobody, `{"entities":[]}`, "does not say how many pages there are"},
		"deleted, short":           {nobody, nobody, `{"entities":[],"pageCount":1,"total":3}`, "has 3 users and ends after 0"},
		"deleted, an empty page":   {nobody, nobody, `{"entities":[],"pageCount":9}`, "page 1 of 9 is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			o := orgAt(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/api/v2/users":
					_, _ = fmt.Fprint(w, tc.deleted)
				case r.URL.Query().Get("filter") == inactive:
					_, _ = fmt.Fprint(w, tc.inactive)
				default:
					_, _ = fmt.Fprint(w, tc.all)
				}
			})
			list, how, notSeen := o.Collisions(context.Background(), few{"a@acme.example", "b@acme.example", "c@acme.example"})
			assert.Empty(t, list)
			r := New(nil)
			Collisions(r, nil, list, how, notSeen)
			section := r.Section(results.SectionCollisions)
			if tc.want == "" {
				assert.Equal(t, results.Go, section.State, "%v", notSeen)
				return
			}
			assert.Equal(t, results.NotChecked, section.State)
			assert.Contains(t, section.Summary, tc.want)
		})
	}
}
