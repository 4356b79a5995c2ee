package checks_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/secret"
	"github.com/scimlint/scimlint/pkg/simulator"
)

// TestCanIsTrue asks of every operation of the catalogue, on every simulated org, and
// then calls it: yes means that the org lets it pass, no that it refuses.
func TestCanIsTrue(t *testing.T) {
	said := map[results.Decision]int{}
	for _, name := range simulator.Names() {
		s, err := simulator.Embedded(name)
		require.NoError(t, err)
		if s.Run.WrongSecret || s.Run.UnknownClient || s.Faults.Latency > 0 || len(s.Faults.Rules) > 0 {
			continue
		}
		server, err := simulator.Start(s, "127.0.0.1:0")
		require.NoError(t, err)
		snapshot, token := collectFrom(t, server)
		if token.Empty() {
			server.Close()
			continue
		}
		for _, op := range catalog.Default().Operations {
			scim := strings.HasPrefix(op.Path, "/api/v2/scim")
			if scim && op.Method != "GET" {
				continue // what stands behind the gate is TestReadyIsTrue's
			}
			if op.Method == "DELETE" && op.Path == "/api/v2/tokens/me" {
				continue // it would end the token that the other calls are made with
			}
			a := lint.Can(snapshot, lint.Options{Needs: catalog.DefaultNeeds()}, op)
			said[a.Operation.Decision]++
			status := call(t, server.URL, token, op)
			refused := status == 401 || status == 403 || op.Path == "/api/v2/users/me" && status == 400
			switch a.Operation.Decision {
			case results.DecisionAllowed:
				assert.False(t, refused, "%s: %s %s: yes, and the org answered %d\n%+v", name, op.Method, op.Path, status, a.Because)
			case results.DecisionDenied:
				assert.True(t, refused, "%s: %s %s: no, and the org answered %d\n%+v", name, op.Method, op.Path, status, a.Because)
			}
		}
		server.Close()
	}
	assert.Greater(t, said[results.DecisionAllowed], 100, "%v", said)
	assert.Greater(t, said[results.DecisionDenied], 100, "%v", said)
}

// collectFrom takes a snapshot of a server that goes on, and the token that it was
// taken with.
func collectFrom(t *testing.T, server *simulator.Server) (*evidence.Snapshot, secret.Secret) {
	t.Helper()
	base, err := genesys.ParseBase(server.URL)
	require.NoError(t, err)
	client := genesys.NewClient(genesys.Options{API: base, Login: base})
	run := server.Scenario.Run
	token := secret.New(server.Token(run.Token))
	if run.Token == "" {
		id, clientSecret := server.Credentials(run.Client)
		token, _, _ = client.AcquireToken(context.Background(), id, secret.New(clientSecret))
	}
	opts := evidence.Options{Supplied: token, Target: evidence.Target{Region: server.Scenario.Org.Region, APIURL: server.URL, LoginURL: server.URL,
		SCIMBase: catalog.SCIMBase, Probe: evidence.ProbeRead, TokenSupplied: true}}
	return evidence.Collect(context.Background(), client, opts), token
}

func call(t *testing.T, base string, token secret.Secret, op catalog.Operation) int {
	t.Helper()
	path := op.Path
	for strings.Contains(path, "{") {
		from, to := strings.Index(path, "{"), strings.Index(path, "}")
		path = path[:from] + "x" + path[to+1:]
	}
	req, err := http.NewRequestWithContext(context.Background(), op.Method, base+path, strings.NewReader("{}"))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+token.Reveal())
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode
}

// TestEveryPublishedOperationIsDecided asks of all operations on an org whose client may
// do everything: what is published is allowed, what is not published, or is about the
// person behind a token, never is.
func TestEveryPublishedOperationIsDecided(t *testing.T) {
	s, err := simulator.Embedded("operation-for-persons")
	require.NoError(t, err)
	server, err := simulator.Start(s, "127.0.0.1:0")
	require.NoError(t, err)
	defer server.Close()
	snapshot, _ := collectFrom(t, server)
	said := map[results.Decision]int{}
	for _, op := range catalog.All().Operations {
		n := catalog.FromOperation(op)
		d := lint.Can(snapshot, lint.Options{}, op).Operation.Decision
		said[d]++
		person := slices.Contains(strings.Split(op.Path, "/"), "me") && op.Path != "/api/v2/tokens/me" && op.Path != "/api/v2/organizations/me" && op.Path != "/api/v2/authorization/subjects/me"
		switch {
		case person:
			assert.NotEqual(t, results.DecisionAllowed, d, "%s %s", op.Method, op.Path)
		case n.GateUnpublished:
			assert.Equal(t, results.DecisionUnknown, d, "%s %s", op.Method, op.Path)
		default:
			assert.Equal(t, results.DecisionAllowed, d, "%s %s", op.Method, op.Path)
		}
	}
	assert.Greater(t, said[results.DecisionAllowed], 2500, "%v", said)
	assert.Greater(t, said[results.DecisionUnknown], 200, "%v", said)
}
