package ready

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
