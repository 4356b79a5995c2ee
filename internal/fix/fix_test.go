package fix

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

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

// snapshot collects the evidence of a simulated org.
func snapshot(t *testing.T, s *simulator.Scenario, probe string) *evidence.Snapshot {
	t.Helper()
	server, err := simulator.Start(s, "127.0.0.1:0")
	require.NoError(t, err)
	defer server.Close()
	base, err := genesys.ParseBase(server.URL)
	require.NoError(t, err)
	o := evidence.Options{Now: time.Unix(1700000000, 0), Target: evidence.Target{Region: "eu-west-1", APIURL: server.URL, LoginURL: server.URL, SCIMBase: catalog.SCIMBase, Probe: probe}}
	if s.Run.Token != "" {
		o.Target.TokenSupplied, o.Supplied = true, secret.New(server.Token(s.Run.Token))
	} else {
		id, clientSecret := server.Credentials(s.Run.Client)
		o.Target.ClientID, o.Secret = id, secret.New(clientSecret)
	}
	return evidence.Collect(context.Background(), genesys.NewClient(genesys.Options{API: base, Login: base}), o)
}

// randomOrg makes an org in which roles, grants and scopes are all that may be wrong.
func randomOrg(r *rand.Rand) (*simulator.Scenario, lint.Options, string) {
	permissions := []string{"directory:user:add", "directory:user:edit", "directory:user:delete", "directory:group:edit", "authorization:grant:add", "authorization:grant:delete",
		"routing:skill:assign", "routing:language:assign", "telephony:extension:assign", "directory:user:setPassword", "directory:user:*", "routing:*:*", "conversation:call:view"}
	var b strings.Builder
	b.WriteString("name: random\norg: {name: Acme}\ndivisions: [{name: Home, home: true}, {name: Paris}, {name: Oslo}]\n")
	_, _ = fmt.Fprintf(&b, "hidePolicies: %t\nroles:\n  - {name: Reader, policies: [\"authorization:policy:view\", \"authorization:role:view\", \"oauth:client:view\"]}\n", r.IntN(2) == 0)
	roles := 1 + r.IntN(4)
	for i := range roles {
		_, _ = fmt.Fprintf(&b, "  - name: %s\n    policies:\n", []string{"R0", "R1", "R2", lint.DefaultRole}[i])
		for range 1 + r.IntN(4) {
			p := permissions[r.IntN(len(permissions))]
			if r.IntN(6) == 0 {
				_, _ = fmt.Fprintf(&b, "      - {permission: %q, condition: \"Queue EQ x\"}\n", p)
			} else {
				_, _ = fmt.Fprintf(&b, "      - %q\n", p)
			}
		}
	}
	grants := "[{role: Reader}"
	for i := range roles {
		for range r.IntN(3) {
			grants += fmt.Sprintf(", {role: %s, division: %q}", []string{"R0", "R1", "R2", lint.DefaultRole}[i], []string{"*", "Home", "Paris", "Oslo"}[r.IntN(4)])
		}
	}
	grants += "]"
	probe := []string{"read", "write", "none"}[r.IntN(3)]
	if r.IntN(3) == 0 {
		scopes := []string{"[]", "[scim]", "[\"scim:readonly\"]", "[users]"}[r.IntN(4)]
		_, _ = fmt.Fprintf(&b, "users: [{name: Ann, roles: %s}]\nclients: [{name: App, grantType: CODE, scopes: %s}]\n"+
			"tokens: [{name: t, client: App, user: Ann, scopes: [%s]}]\nrun: {token: t}\n", grants, scopes, strings.Trim("authorization, oauth, organization, user-basic-info, "+strings.Trim(scopes, "[]"), ", "))
	} else {
		_, _ = fmt.Fprintf(&b, "clients: [{name: App, roles: %s}]\nrun: {client: App}\n", grants)
	}
	s, err := simulator.Load([]byte(b.String()))
	if err != nil {
		panic(b.String() + err.Error())
	}
	all := catalog.AllNeeds()
	var needs []catalog.Need
	for _, n := range all {
		if r.IntN(2) == 0 {
			needs = append(needs, n)
		}
	}
	if len(needs) == 0 {
		needs = catalog.DefaultNeeds()
	}
	opts := lint.Options{Needs: needs}
	for _, d := range []string{"Home", "Paris", "Oslo"} {
		if r.IntN(3) == 0 {
			opts.Divisions = append(opts.Divisions, d)
		}
	}
	if r.IntN(6) == 0 {
		opts.Divisions = []string{"*"}
	}
	return s, opts, probe
}

// TestAPlanIsEnoughAndNoMore is the property: on random orgs in which only roles,
// grants and scopes are wrong, the plan makes the org ready; without any single part it
// does not; it grants nothing that no need takes; and an org that is ready gets none.
func TestAPlanIsEnoughAndNoMore(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	kinds := map[string]int{}
	for i := range 200 {
		s, opts, probe := randomOrg(r)
		snap := snapshot(t, s, probe)
		p := Make(snap, opts, Options{}, results.Tool{})
		where := fmt.Sprintf("org %d: %+v", i, p)
		if p.Verdict == results.Ready {
			require.True(t, p.Empty(), where)
			kinds["ready"]++
			continue
		}
		require.Equal(t, results.Ready, p.After, where)
		require.True(t, p.Complete, where)
		require.False(t, p.Empty(), where)
		pr := &prover{in: lint.NewInput(snap, opts), opts: opts}
		for _, less := range without(p) {
			require.NotEqual(t, results.Ready, pr.judge(applied(snap, less)).Verdict, "a part is not needed: %s\nwithout it: %+v", where, less)
		}
		needed := pr.in.NeededPermissions()
		for _, role := range p.Roles {
			kinds[role.Kind]++
			for _, permission := range role.Permissions {
				require.Contains(t, needed, permission, where)
			}
		}
		if p.Scopes != nil {
			kinds["scopes"]++
		}
		before := fmt.Sprintf("%+v", snap.Grants.Value)
		require.Equal(t, before, fmt.Sprintf("%+v", snap.Grants.Value), "the evidence stays as it was")
	}
	for _, kind := range []string{"ready", lint.RoleMake, lint.RoleExtend, lint.RoleUse, "scopes"} {
		assert.Positive(t, kinds[kind], "the random orgs bring about %s: %v", kind, kinds)
	}
}

func scenario(t *testing.T, name string) *simulator.Scenario {
	t.Helper()
	s, err := simulator.Embedded(name)
	require.NoError(t, err)
	return s
}

func TestPlans(t *testing.T) {
	defaults := lint.Options{Needs: catalog.DefaultNeeds()}
	t.Run("a role of exactly what is missing", func(t *testing.T) {
		p := Make(snapshot(t, scenario(t, "role-lacks-permission"), "read"), defaults, Options{}, results.Tool{})
		require.Len(t, p.Roles, 1)
		assert.Equal(t, []string{"directory:user:add", "directory:user:edit", "directory:user:delete"}, p.Roles[0].Permissions)
		require.Len(t, p.Grants, 1)
		assert.Equal(t, "Home", p.Grants[0].Division, "not all divisions")
		require.Len(t, p.Excess, 1)
		assert.ElementsMatch(t, []string{"directory:user:view", "directory:group:view"}, p.Excess[0].Permissions)
	})
	t.Run("what is missing in one division alone is granted there alone", func(t *testing.T) {
		s, err := simulator.Load([]byte(`{name: x, org: {name: x}, divisions: [{name: Home, home: true}, {name: Paris}],
			roles: [{name: R, policies: ["directory:user:add"]}, {name: Reader, policies: ["authorization:policy:view"]}],
			clients: [{name: App, roles: [{role: R, division: Home}, {role: Reader}]}], run: {client: App}}`))
		require.NoError(t, err)
		p := Make(snapshot(t, s, "read"), lint.Options{Needs: []catalog.Need{catalog.NeedCreate, catalog.NeedDelete}, Divisions: []string{"Home", "Paris"}}, Options{}, results.Tool{})
		require.True(t, p.Complete)
		assert.Equal(t, []string{`R in Paris`, `SCIM provisioning (Home, Paris) in Home`, `SCIM provisioning (Home, Paris) in Paris`}, grantsOf(p))
	})
	t.Run("all divisions are one grant", func(t *testing.T) {
		p := Make(snapshot(t, scenario(t, "role-lacks-permission"), "read"), lint.Options{Needs: catalog.DefaultNeeds(), Divisions: []string{"*"}}, Options{}, results.Tool{})
		require.True(t, p.Complete)
		assert.Equal(t, []string{"SCIM provisioning in all divisions"}, grantsOf(p))
		assert.Equal(t, "*", p.Grants[0].DivisionID)
	})
	t.Run("nothing can be planned for what cannot be seen", func(t *testing.T) {
		p := Make(snapshot(t, scenario(t, "roles-unreadable"), "read"), defaults, Options{}, results.Tool{})
		assert.False(t, p.Complete)
		assert.NotEmpty(t, p.Unseen)
		assert.Equal(t, 3, p.ExitCode())
	})
	t.Run("what no grant ends remains", func(t *testing.T) {
		p := Make(snapshot(t, scenario(t, "abac-policy-denies"), "read"), defaults, Options{}, results.Tool{})
		assert.Equal(t, 1, p.ExitCode())
		require.NotEmpty(t, p.Remaining)
		assert.Equal(t, "abac-policy-denies", p.Remaining[0].ID)
	})
	t.Run("scopes for a client that uses them, the narrowest", func(t *testing.T) {
		s := scenario(t, "scope-missing")
		p := Make(snapshot(t, s, "read"), lint.Options{Needs: []catalog.Need{catalog.NeedRead}}, Options{}, results.Tool{})
		if p.Scopes != nil {
			assert.Equal(t, []string{"scim:readonly"}, p.Scopes.Add)
		}
		p = Make(snapshot(t, s, "read"), defaults, Options{}, results.Tool{})
		require.NotNil(t, p.Scopes)
		assert.Equal(t, []string{"scim"}, p.Scopes.Add)
	})
}

func grantsOf(p Plan) []string {
	var out []string
	for _, g := range p.Grants {
		out = append(out, g.Role+" in "+g.Division)
	}
	slices.Sort(out)
	return out
}

// TestAttackWritesRolesOfAPlanHaveNamesOfTheirOwn: the divisions A and B read like the
// division "A, B"; a grant must not get the other's role.
func TestAttackWritesRolesOfAPlanHaveNamesOfTheirOwn(t *testing.T) {
	s, err := simulator.Load([]byte(`
name: names
org: {name: Names}
divisions: [{name: Home, home: true}, {name: A}, {name: B}, {name: "A, B"}]
roles:
  - {name: Reader, policies: ["oauth:client:view", "authorization:role:view", "authorization:policy:view"]}
  - {name: Adder, policies: ["directory:user:add", "a:b:c"]}
  - {name: Editor, policies: ["directory:user:edit", "a:b:c"]}
clients: [{name: App, roles: [{role: Reader}, {role: Adder, division: "A, B"}, {role: Editor, division: A}, {role: Editor, division: B}]}]
run: {client: App}
`))
	require.NoError(t, err)
	opts := lint.Options{Needs: []catalog.Need{catalog.NeedCreate, catalog.NeedUpdate}, Divisions: []string{"A", "B", "A, B"}}
	p := Make(snapshot(t, s, "none"), opts, Options{}, results.Tool{})
	require.Equal(t, results.Ready, p.After)
	names := map[string]bool{}
	for _, r := range p.Roles {
		require.False(t, names[r.Name], "two roles are named %q", r.Name)
		names[r.Name] = true
	}
	for _, c := range p.Calls {
		if c.Kind == CallGrant {
			require.NotEmpty(t, c.Grants, "a grant says what it grants: %+v", c)
		}
	}
}
