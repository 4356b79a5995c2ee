package checks_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/internal/fix"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/diagnose"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/secret"
	"github.com/scimlint/scimlint/pkg/simulator"
)

// inProcess answers requests by a handler, without a network.
type inProcess struct{ handler http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	p.handler.ServeHTTP(w, r)
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

// world is one org with what was collected from it and how it is judged.
type world struct {
	name     string
	server   *simulator.Server
	snapshot *evidence.Snapshot
	opts     lint.Options
	token    secret.Secret
}

// visit collects the evidence of an org in the process.
func visit(t testing.TB, name string, s *simulator.Scenario, opts lint.Options, probe string) world {
	t.Helper()
	server := simulator.New(s)
	base, err := genesys.ParseBase(server.URL)
	require.NoError(t, err)
	client := genesys.NewClient(genesys.Options{API: base, Login: base, Transport: inProcess{server}})
	e := evidence.Options{Now: time.Unix(1700000000, 0), Target: evidence.Target{Region: s.Org.Region, APIURL: server.URL, LoginURL: server.URL,
		SCIMBase: catalog.SCIMBase, Probe: probe, TokenSupplied: true}}
	w := world{name: name, server: server, opts: opts, token: secret.New(server.Token(s.Run.Token))}
	if s.Run.Token == "" {
		id, clientSecret := server.Credentials(s.Run.Client)
		w.token, _, _ = client.AcquireToken(context.Background(), id, secret.New(clientSecret))
	}
	e.Supplied = w.token
	opts.Ask(&e)
	w.snapshot = evidence.Collect(context.Background(), client, e)
	return w
}

// randomWorld makes an org of random roles, grants, divisions, conditions, policies,
// scopes, tokens and faults.
func randomWorld(t testing.TB, r *rand.Rand, i int) world {
	t.Helper()
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	permissions := []string{"directory:user:add", "directory:user:edit", "directory:user:delete", "directory:group:edit", "authorization:grant:add", "authorization:grant:delete",
		"routing:skill:assign", "routing:language:assign", "telephony:extension:assign", "directory:user:setPassword", "directory:user:*", "directory:*:*", "*:*:*", "conversation:call:view"}
	var b strings.Builder
	w := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format, args...) }
	w("name: random\norg: {name: Acme}\ndivisions: [{name: Home, home: true}, {name: Paris}, {name: Oslo}]\nhidePolicies: %t\n", r.IntN(2) == 0)
	w("divisionsPermitted: {mode: %s}\n", pick("answers", "answers", "user-context", "refused", "absent"))
	reader := pick(`"authorization:policy:view", "authorization:role:view", "oauth:client:view"`, `"authorization:policy:view"`, `"authorization:role:view"`, `"conversation:call:view"`)
	w("roles:\n  - {name: Reader, policies: [%s]}\n", reader)
	grants := "[{role: Reader}"
	for i := range r.IntN(4) {
		w("  - name: R%d\n    policies:\n", i)
		for range 1 + r.IntN(4) {
			if r.IntN(7) == 0 {
				w("      - {permission: %q, condition: \"Queue EQ x\"}\n", permissions[r.IntN(len(permissions))])
			} else {
				w("      - %q\n", permissions[r.IntN(len(permissions))])
			}
		}
		for range r.IntN(3) {
			grants += fmt.Sprintf(", {role: R%d, division: %q}", i, pick("*", "Home", "Paris", "Oslo"))
		}
	}
	grants += "]"
	if r.IntN(12) == 0 {
		grants = "[]"
	}
	if r.IntN(4) == 0 {
		w("policies:\n  - {name: P, effect: %s, target: %q, applyToClients: %t, inactive: %t%s}\n", pick("DENY", "DENY", "ALLOW"), permissions[r.IntN(len(permissions))], r.IntN(3) > 0, r.IntN(4) == 0,
			pick("", "", `, condition: {attribute: resource.division, operator: EQUALS, values: [Paris]}`))
	}
	if r.IntN(3) == 0 {
		scopes := pick("[]", "[scim]", `["scim:readonly"]`, "[users]", "[authorization, oauth, organization, user-basic-info, scim]")
		w("users: [{name: Ann, roles: %s}]\nclients: [{name: App, grantType: CODE, scopes: %s}]\ntokens: [{name: t, client: App, user: Ann, scopes: %s}]\nrun: {token: t}\n", grants, scopes, scopes)
	} else {
		w("clients: [{name: App, roles: %s}]\nrun: {client: App}\n", grants)
	}
	if r.IntN(8) == 0 {
		w("faults: {rules: [{path: %q, kind: status, status: %s}]}\n", pick("/api/v2/authorization/subjects/me", "/api/v2/authorization/divisions", "/api/v2/oauth/scopes", "/api/v2/tokens/me",
			"/api/v2/users/me", "/api/v2/authorization/policies/subject/*", "/api/v2/scim/v2/users"), pick("500", "403", "404"))
	}
	s, err := simulator.Load([]byte(b.String()))
	require.NoError(t, err, b.String())
	opts := lint.Options{Needs: slices.DeleteFunc(catalog.AllNeeds(), func(catalog.Need) bool { return r.IntN(2) == 0 })}
	for _, d := range []string{"Home", "Paris", "Oslo"} {
		if r.IntN(4) == 0 {
			opts.Divisions = append(opts.Divisions, d)
		}
	}
	if r.IntN(10) == 0 {
		opts.Divisions = []string{pick("*", "Pariss")}
	}
	return visit(t, fmt.Sprintf("org %d\n%s%v %v", i, b.String(), opts.Needs, opts.Divisions), s, opts, pick("read", "read", "write", "none"))
}

// many is how many random orgs a property is tried on: the second number where
// SCIMLINT_LONG is set, as .ci/run does.
func many(usual, long int) int {
	if os.Getenv("SCIMLINT_LONG") != "" {
		return long
	}
	return usual
}

// TestOneJudgement compares random orgs with what must be true of every report.
func TestOneJudgement(t *testing.T) {
	r := rand.New(rand.NewPCG(20, 26))
	verdicts := map[results.Verdict]int{}
	orgs := many(500, 2000)
	if testing.Short() || raceEnabled {
		orgs = 200
	}
	facts := slices.Sorted(maps.Keys(hideable))
	for i := range orgs {
		w := randomWorld(t, r, i)
		o := checks.Run(w.snapshot, w.opts)
		report := diagnose.Conclude(o, results.Tool{})
		verdicts[report.Verdict]++
		holds(t, w.name, report)
		if report.Verdict != results.Ready {
			fact := facts[r.IntN(len(facts))]
			blind := clone(t, w.snapshot)
			hideable[fact](blind)
			assert.NotEqual(t, results.Ready, diagnose.Conclude(checks.Run(blind, w.opts), results.Tool{}).Verdict, "%s: without %s", w.name, fact)
		}
		if i%4 == 0 {
			provisions(t, w, report)
		}
		if i%8 == 0 {
			fixes(t, w, report)
		}
		if t.Failed() {
			t.Fatalf("%s", w.name)
		}
	}
	for _, v := range []results.Verdict{results.Ready, results.NotReady, results.Inconclusive} {
		assert.Greater(t, verdicts[v], orgs/40, "the random orgs are of every kind: %v", verdicts)
	}
}

// TestOneJudgementOfScenarios holds the embedded scenarios against the same.
func TestOneJudgementOfScenarios(t *testing.T) {
	for _, name := range simulator.Names() {
		s, err := simulator.Embedded(name)
		require.NoError(t, err)
		snapshot, opts := collect(t, s)
		holds(t, name, diagnose.Conclude(checks.Run(snapshot, opts), results.Tool{}))
	}
}

var (
	// wellFormed are sentences that were looked at: most reports say the same.
	wellFormed = map[string]bool{}

	unfilled = regexp.MustCompile(`%!|\{[a-z]+:|  |: \.|: ,| ,|\(\)|\[\]|" "|""|^ | $|divisions? \.|lacks \.`)
	missing  = regexp.MustCompile(`(?i)(no role includes|does not have|is missing|lacks) ([a-z]+:[a-zA-Z]+:[a-zA-Z]+)`)
)

// holds asserts what must be true of every report, whatever the org.
func holds(t *testing.T, name string, r results.Report) {
	t.Helper()
	decided := map[string]results.Operation{}
	allowed := map[string]bool{}
	for _, op := range r.Operations {
		decided[op.ID] = op
		for _, f := range op.Features {
			allowed[f.Permission] = f.Decision == results.DecisionAllowed
		}
	}
	elsewhere := false
	for _, c := range r.Causes {
		info, known := cause.ByID(cause.ID(c.ID))
		require.True(t, known, c.ID)
		elsewhere = elsewhere || info.Concerns != cause.Permission
		for _, id := range c.Operations {
			if decided[id].Decision == results.DecisionAllowed {
				assert.NotEqual(t, cause.Permission, info.Concerns, "%s: %s is said to break %s, which is allowed", name, c.ID, id)
			}
		}
	}
	denied := slices.ContainsFunc(r.Operations, func(op results.Operation) bool { return op.Decision == results.DecisionDenied })
	failed := slices.ContainsFunc(r.Checks, func(c results.Check) bool { return c.Own && c.Status == results.Fail })
	switch r.Verdict {
	case results.NotReady:
		assert.True(t, denied || elsewhere || failed, "%s: not ready although nothing that is needed is denied: %+v", name, r.Causes)
	case results.Ready:
		for _, op := range r.Operations {
			assert.Equal(t, results.DecisionAllowed, op.Decision, "%s: ready, and %s is %s", name, op.ID, op.Decision)
		}
	}
	for _, text := range texts(r) {
		if !wellFormed[text] {
			assert.NotRegexp(t, unfilled, text, name)
			wellFormed[text] = true
		}
		if !strings.Contains(text, ":") {
			continue // no permission is named
		}
		for _, m := range missing.FindAllStringSubmatch(text, -1) {
			assert.False(t, allowed[m[2]], "%s: %q, and it is allowed", name, text)
		}
	}
}

// texts are the sentences of a report.
func texts(r results.Report) []string {
	out := []string{r.Summary}
	for _, c := range r.Causes {
		out = append(out, c.Title, c.Explanation, c.Fix.Text)
		for _, p := range append(c.Proof, c.Counter...) {
			out = append(out, p.Text)
		}
	}
	for _, c := range r.Checks {
		out = append(out, c.Message)
		if c.Fix.Text != "" {
			out = append(out, c.Fix.Text)
		}
	}
	return out
}

// provisions makes the needed calls and compares the org's answers with the
// operations of the report and with can-i.
func provisions(t *testing.T, w world, r results.Report) {
	t.Helper()
	for _, op := range r.Operations {
		called, ok := catalog.Default().Lookup(op.Method, op.Path)
		require.True(t, ok)
		can := lint.Can(w.snapshot, w.opts, called)
		if len(op.Features) == 1 && op.Features[0].Check == op.ID || op.ID == "scim-user-read" {
			assert.Equal(t, op.Decision, can.Operation.Decision, "%s: the report and can-i of %s", w.name, op.ID)
		}
	}
	if len(w.opts.Divisions) > 0 {
		return // the calls below are made in the home division
	}
	for _, op := range r.Operations {
		body, want := needed(op)
		if body == "" {
			continue
		}
		status := send(t, w, op.Method, strings.NewReplacer("{userId}", "absent").Replace(op.Path), body)
		refused := status == 401 || status == 403
		switch op.Decision {
		case results.DecisionAllowed:
			assert.False(t, refused, "%s: %s is allowed, and the org answered %d (%s)", w.name, op.ID, status, want)
		case results.DecisionDenied:
			assert.True(t, refused, "%s: %s is denied, and the org answered %d (%s)", w.name, op.ID, status, want)
		}
	}
}

// needed is a body that asks for just the work of an operation without features.
func needed(op results.Operation) (body, about string) {
	if op.ID == "scim-user-create" && len(op.Features) == 1 {
		return `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"x@acme.example","displayName":"X"}`, "a plain user"
	}
	if op.ID == "scim-user-read" {
		return "{}", "a list"
	}
	return "", ""
}

func send(t *testing.T, w world, method, path, body string) int {
	t.Helper()
	req := httptest.NewRequest(method, w.server.URL+path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+w.token.Reveal())
	req.Header.Set("Content-Type", "application/scim+json")
	if method == http.MethodGet {
		req = httptest.NewRequest(method, w.server.URL+path, nil)
		req.Header.Set("Authorization", "Bearer "+w.token.Reveal())
	}
	rec := httptest.NewRecorder()
	w.server.ServeHTTP(rec, req)
	return rec.Code
}

// fixes plans, and asserts that the plan keeps what it promises.
func fixes(t *testing.T, w world, r results.Report) {
	t.Helper()
	p := fix.Make(w.snapshot, w.opts, fix.Options{}, results.Tool{})
	assert.Equal(t, r.Verdict, p.Verdict, w.name)
	if r.Verdict == results.Ready {
		assert.True(t, p.Empty(), w.name)
	}
	if p.After == results.Inconclusive {
		assert.NotEmpty(t, p.Unseen, "%s: a plan that leads to an unknown announces it", w.name)
	}
	if p.After == results.NotReady {
		assert.NotEmpty(t, p.Remaining, w.name)
	}
}
