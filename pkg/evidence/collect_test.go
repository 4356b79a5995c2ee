package evidence

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/secret"
	"github.com/scimlint/scimlint/pkg/simulator"
)

const scenario = `
name: collect
org: {name: Collect}
divisions: [{name: Home, home: true}]
roles: [{name: SCIM, policies: ["*:*:*"]}]
clients: [{name: c, roles: [{role: SCIM}]}]
tokens: [{name: own, client: c}]
`

func serve(t testing.TB, text string) *simulator.Server {
	t.Helper()
	s, err := simulator.Load([]byte(text))
	require.NoError(t, err)
	server, err := simulator.Start(s, "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(server.Close)
	return server
}

func optionsFor(t testing.TB, base string) (*genesys.Client, Options) {
	t.Helper()
	u, err := genesys.ParseBase(base)
	require.NoError(t, err)
	return genesys.NewClient(genesys.Options{API: u, Login: u}),
		Options{Now: time.Now(), Target: Target{APIURL: base, LoginURL: base, SCIMBase: catalog.SCIMBase, Probe: ProbeRead}}
}

func asClient(t testing.TB, server *simulator.Server) (*genesys.Client, Options) {
	t.Helper()
	client, opts := optionsFor(t, server.URL)
	id, clientSecret := server.Credentials("c")
	opts.Target.ClientID, opts.Secret = id, secret.New(clientSecret)
	return client, opts
}

func TestCollectSeesEverything(t *testing.T) {
	server := serve(t, scenario)
	client, opts := asClient(t, server)
	s := Collect(context.Background(), client, opts)
	for name, seen := range map[string]bool{"token": s.Token.Seen(), "token info": s.TokenInfo.Seen(), "grants": s.Grants.Seen(), "client": s.Client.Seen(),
		"scopes": s.Scopes.Seen(), "divisions": s.Divisions.Seen(), "policies": s.Policies.Seen(), "organization": s.Organization.Seen(),
		"allowlist": s.IPAllowlist.Seen(), "read probe": s.ReadProbe.Seen()} {
		assert.True(t, seen, name)
	}
	assert.True(t, s.User.RefusedWith(genesys.CodeNotAUser))
	assert.False(t, s.WriteProbe.Seen())
	assert.LessOrEqual(t, len(s.Requests()), 13)
	assert.Len(t, server.Requests(), len(s.Requests()), "every request is in the snapshot")
	for _, r := range s.Requests() {
		assert.NotEmpty(t, r.CorrelationID, r.URL)
		assert.Positive(t, r.Duration)
	}
}

func TestASuppliedTokenTellsItsClient(t *testing.T) {
	server := serve(t, scenario)
	client, opts := optionsFor(t, server.URL)
	opts.Target.TokenSupplied, opts.Supplied = true, secret.New(server.Token("own"))
	s := Collect(context.Background(), client, opts)
	assert.True(t, s.Client.Seen(), "the client is read once the token has named it")
	assert.True(t, s.Policies.Seen())
	assert.NotContains(t, server.Requests(), "POST /oauth/token")
}

func TestRolesAreReadWhereGrantsLeaveThemOut(t *testing.T) {
	client, opts := asClient(t, serve(t, scenario+"hidePolicies: true\n"))
	s := Collect(context.Background(), client, opts)
	require.Len(t, s.Roles, 1)
	assert.True(t, s.Roles[0].Seen())
}

func TestWithoutATokenNothingElseIsAsked(t *testing.T) {
	server := serve(t, scenario)
	client, opts := asClient(t, server)
	opts.Secret = secret.New("wrong-secret")
	s := Collect(context.Background(), client, opts)
	assert.Equal(t, []string{"POST /oauth/token"}, server.Requests())
	assert.Equal(t, "there is no token", s.Grants.WhyUnseen())
}

func TestASnapshotHoldsNoSecretAndReadsBack(t *testing.T) {
	server := serve(t, scenario)
	client, opts := asClient(t, server)
	s := Collect(context.Background(), client, opts)
	data, err := json.Marshal(s)
	require.NoError(t, err)
	_, clientSecret := server.Credentials("c")
	assert.NotContains(t, string(data), clientSecret)
	var back Snapshot
	require.NoError(t, json.Unmarshal(data, &back))
	again, err := json.Marshal(&back)
	require.NoError(t, err)
	assert.Equal(t, string(data), string(again))
}

func TestStopEndsACollection(t *testing.T) {
	client, opts := asClient(t, serve(t, scenario+"faults: {latency: 30s}\n"))
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	s := Collect(ctx, client, opts)
	require.NotNil(t, s.Token.Failed())
	assert.False(t, s.TokenInfo.Seen())
}

func TestRequestsInFlightAreBounded(t *testing.T) {
	var now, most atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for {
			m := most.Load()
			if n <= m || most.CompareAndSwap(m, n) {
				break
			}
		}
		time.Sleep(5 * time.Millisecond)
		if strings.HasSuffix(r.URL.Path, "subjects/me") {
			var grants []genesys.Grant
			for i := range 100 {
				grants = append(grants, genesys.Grant{Role: genesys.GrantRole{ID: "r" + string(rune('a'+i%26)) + string(rune('a'+i/26))}})
			}
			_ = json.NewEncoder(w).Encode(genesys.Subject{Grants: grants})
			return
		}
		_, _ = w.Write([]byte(`{}`))
	}))
	defer srv.Close()
	client, opts := optionsFor(t, srv.URL)
	opts.Target.TokenSupplied, opts.Supplied = true, secret.New("token")
	s := Collect(context.Background(), client, opts)
	assert.Len(t, s.Roles, 100)
	assert.LessOrEqual(t, most.Load(), int32(maxInFlight))
}

// BenchmarkCheckAt100ms prints how many latencies a whole collection takes, and
// how many requests: go test ./pkg/evidence -run xxx -bench 100ms
func BenchmarkCheckAt100ms(b *testing.B) {
	for name, extra := range map[string]string{"roles-with-grants": "", "roles-read": "hidePolicies: true\n"} {
		b.Run(name, func(b *testing.B) {
			server := serve(b, scenario+"faults: {latency: 100ms}\n"+extra)
			for b.Loop() {
				client, opts := asClient(b, server)
				before := len(server.Requests())
				start := time.Now()
				Collect(context.Background(), client, opts)
				b.ReportMetric(float64(time.Since(start))/float64(100*time.Millisecond), "latencies/check")
				b.ReportMetric(float64(len(server.Requests())-before), "requests/check")
			}
		})
	}
}
