package evidence

import (
	"bytes"
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"net/http"
	"net/http/httptest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/secret"
)

func personal() *Snapshot {
	return &Snapshot{Taken: time.Unix(1700000000, 0).UTC(),
		User:   Fact[genesys.User]{Kind: User, Value: &genesys.User{ID: "u1", Name: "add", Email: "Add.Er@people.example"}},
		Grants: Fact[genesys.Subject]{Kind: Grants, Value: &genesys.Subject{Name: "add", Grants: []genesys.Grant{{Role: genesys.GrantRole{ID: "r", Name: "Role of add.er@people.example", Policies: []genesys.GrantPolicy{{Domain: "directory", EntityName: "user", Actions: []string{"add"}}}}}}}},
	}
}

func TestRedactionKeepsWhatIsJudged(t *testing.T) {
	s, err := Redact(personal(), false)
	require.NoError(t, err)
	assert.Equal(t, "u1", s.User.Value.ID, "ids stay")
	assert.Equal(t, Pseudonym("add"), s.User.Value.Name)
	assert.Equal(t, s.User.Value.Name, s.Grants.Value.Name, "the same person has the same pseudonym")
	assert.Equal(t, Pseudonym("add.er@people.example")+"@redacted.example", s.User.Value.Email)
	role := s.Grants.Value.Grants[0].Role
	assert.Equal(t, "Role of "+Pseudonym("add.er@people.example")+"@redacted.example", role.Name)
	assert.Equal(t, []string{"add"}, role.Policies[0].Actions, "a person who is called like an action changes no permission")

	kept, err := Redact(personal(), true)
	require.NoError(t, err)
	assert.Equal(t, personal(), kept)
}

func TestABundleIsTheSameBytesForTheSameSnapshot(t *testing.T) {
	a, m, err := Pack(personal(), NewManifest(personal(), "v1", "c", true))
	require.NoError(t, err)
	b, _, err := Pack(personal(), NewManifest(personal(), "v1", "c", true))
	require.NoError(t, err)
	assert.Equal(t, a, b)
	assert.Equal(t, "kept", m.Names)
	s, _, err := Unpack(bytes.NewReader(a), int64(len(a)))
	require.NoError(t, err)
	assert.Equal(t, personal(), s)
}

func TestACaptureKeepsEightRequestsInFlight(t *testing.T) {
	var now, most atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(3 * time.Millisecond)
		_, _ = w.Write([]byte(`{}`))
	}))
	defer srv.Close()
	client, opts := optionsFor(t, srv.URL)
	opts.Target.TokenSupplied, opts.Supplied, opts.MaxInFlight = true, secret.New("token"), CaptureInFlight
	Collect(context.Background(), client, opts)
	assert.LessOrEqual(t, most.Load(), int32(CaptureInFlight))
}

func FuzzUnpack(f *testing.F) {
	data, _, err := Pack(personal(), NewManifest(personal(), "v1", "c", true))
	require.NoError(f, err)
	f.Add(data)
	f.Add(data[:len(data)-10])
	f.Add(bundleOf(f, map[string]string{"facts/grants.json": `{"kind":"grants","value":{"grants":[{},{}]}}`, "facts/roles.json": strings.Repeat("[", 70)}))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, _, err := Unpack(bytes.NewReader(data), int64(len(data)))
		if err == nil && s == nil {
			t.Fatal("a bundle that is read gives a snapshot")
		}
	})
}
