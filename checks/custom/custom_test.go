package custom

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

func spec(expression string) Spec {
	return Spec{ID: "a-rule", Title: "It holds", Expression: Expression{Text: expression, Line: 7}, Message: "it does not hold", Fix: Fix{Text: "make it hold"}}
}

func none(string) bool { return false }

// org is a snapshot of an org that shows all but its policies.
func org() *evidence.Snapshot {
	fact := func() []genesys.Call {
		return []genesys.Call{{Method: "GET", Status: 200, Duration: 20 * time.Millisecond}}
	}
	return &evidence.Snapshot{
		Target:    evidence.Target{Region: "eu-west-1", ClientID: "c1", Probe: "read"},
		Token:     evidence.Fact[genesys.TokenGrant]{Value: &genesys.TokenGrant{}},
		TokenInfo: evidence.Fact[genesys.TokenInfo]{Value: &genesys.TokenInfo{Organization: genesys.NamedEntity{ID: "o1", Name: "Acme"}, OAuthClient: &genesys.OAuthClient{ID: "c1", Name: "Migration"}}},
		Grants: evidence.Fact[genesys.Subject]{Calls: fact(), Value: &genesys.Subject{ID: "c1", Grants: []genesys.Grant{{Division: genesys.Division{ID: "d1"},
			Role: genesys.GrantRole{ID: "r1", Name: "SCIM", Policies: []genesys.GrantPolicy{{Domain: "directory", EntityName: "user", Actions: []string{"add"}}}}}}}},
		Divisions: evidence.Fact[[]genesys.Division]{Value: &[]genesys.Division{{ID: "d1", Name: "Home", HomeDivision: true}, {ID: "d2", Name: "Paris"}}},
	}
}

func TestExpressionsReadTheSnapshot(t *testing.T) {
	full := org()
	full.Client = evidence.Fact[genesys.OAuthClient]{Value: &genesys.OAuthClient{ID: "c1", Name: "Migration", AuthorizedGrantType: "CLIENT-CREDENTIALS", AccessTokenValiditySeconds: 86400}}
	for expression, want := range map[string]results.Status{
		`client.accessTokenValiditySeconds <= 86400`:                                 results.Pass,
		`client.accessTokenValiditySeconds < 3600`:                                   results.Fail,
		`client.grantType == "CLIENT-CREDENTIALS" && client.scopes.size() == 0`:      results.Pass,
		`token.organization.name.startsWith("Acme")`:                                 results.Pass,
		`grants.all(g, g.role.name != "admin" && g.division.id != "*")`:              results.Pass,
		`subject.holds("directory:user:add")`:                                        results.Pass,
		`subject.holds("directory:user:delete")`:                                     results.Fail,
		`subject.name().contains("Migration") && !subject.isUser()`:                  results.Pass,
		`permissions == ["directory:user:add"]`:                                      results.Pass,
		`divisions.exists(d, d.home && d.name == "Home")`:                            results.Pass,
		`operations.filter(o, o.decision == "denied").map(o, o.id).size() > 0`:       results.Pass,
		`requests.all(r, r.durationMs < 500)`:                                        results.Pass,
		`target.region in ["eu-west-1", "eu-central-1"] && "create" in target.needs`: results.Pass,
		// What the snapshot does not show is unknown, and never empty.
		`policies.size() == 0`:                                 results.Unknown,
		`!policies.exists(p, p.active)`:                        results.Unknown,
		`target.region == "eu-west-1" || policies.size() == 0`: results.Pass,
		`user.state == "active"`:                               results.Unknown,
		`!subject.isUser() || user.state == "active"`:          results.Pass,
		`subject.holds("directory:user")`:                      results.Unknown,
		`grants[9].role.name == "x"`:                           results.Unknown,
		`[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, [1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, [1,2,3,4,5,6,7,8,9,10].all(f, a+b+c+d+e+f > 0))))))`: results.Unknown,
	} {
		list, err := Compile([]Spec{spec(expression)}, none)
		require.NoError(t, err, expression)
		o := lint.RunChecks(list, full, lint.Options{Needs: catalog.DefaultNeeds()})
		require.Len(t, o.Findings, 1)
		assert.Equal(t, want, o.Findings[0].Status, "%s: %s", expression, o.Findings[0].Message)
	}
}

// TestWhatATokenTellsOfAClientIsNotAllOfIt: tokens/me carries a part of the client.
func TestWhatATokenTellsOfAClientIsNotAllOfIt(t *testing.T) {
	for expression, want := range map[string]results.Status{
		`client.name == "Migration"`:                 results.Pass,
		`client.accessTokenValiditySeconds <= 86400`: results.Unknown,
		`client.state != "disabled"`:                 results.Unknown,
	} {
		list, err := Compile([]Spec{spec(expression)}, none)
		require.NoError(t, err)
		o := lint.RunChecks(list, org(), lint.Options{Needs: catalog.DefaultNeeds()})
		assert.Equal(t, want, o.Findings[0].Status, "%s: %s", expression, o.Findings[0].Message)
	}
}

// TestPermissionsOfAPersonAreNoGrants: where users/me alone tells what is held, nothing
// tells in which divisions.
func TestPermissionsOfAPersonAreNoGrants(t *testing.T) {
	s := org()
	s.Grants = evidence.Fact[genesys.Subject]{}
	s.User = evidence.Fact[genesys.User]{Value: &genesys.User{ID: "u", Authorization: &genesys.UserAuthorization{Permissions: []string{"directory:user:add"}}}}
	for expression, want := range map[string]results.Status{
		`grants.all(g, g.division.id != "*")`: results.Unknown,
		`"directory:user:add" in permissions`: results.Pass,
	} {
		list, err := Compile([]Spec{spec(expression)}, none)
		require.NoError(t, err)
		assert.Equal(t, want, lint.RunChecks(list, s, lint.Options{Needs: catalog.DefaultNeeds()}).Findings[0].Status, expression)
	}
}

func TestAFailureNamesTheTeamsRule(t *testing.T) {
	list, err := Compile([]Spec{spec("false")}, none)
	require.NoError(t, err)
	f := lint.RunChecks(list, org(), lint.Options{}).Findings[0]
	assert.Equal(t, results.Reported, f.Basis)
	assert.Equal(t, cause.OwnCheckFails, f.Suspicion.Cause)
	assert.Equal(t, "make it hold", f.Fix.Text)

	warning := spec("false")
	warning.Severity = "warn"
	list, err = Compile([]Spec{warning}, none)
	require.NoError(t, err)
	assert.Equal(t, results.Warn, lint.RunChecks(list, org(), lint.Options{}).Findings[0].Status)
	assert.False(t, list[0].Required, "a warning that cannot see keeps nothing from being ready")
}

func TestWrongExpressionsAreErrorsWithTheirColumn(t *testing.T) {
	for expression, want := range map[string]string{
		`clint.name == "x"`:                "line 7 is wrong at column 1: undeclared reference to 'clint'",
		`client.nam == "x"`:                "column 7: undefined field 'nam'",
		`client.name == 5`:                 "column 13: found no matching overload",
		`client.name`:                      "gives string",
		`grants.all(g, g.role.name ==`:     "column",
		"true &&\n  clint.name == 'x'":     "its line 2, column 3",
		`subject.holds(5)`:                 "column 14: found no matching overload",
		strings.Repeat("!", 5000) + "true": "size",
		strings.Repeat("(", 300) + "true" + strings.Repeat(")", 300): "recursion",
	} {
		_, err := Compile([]Spec{spec(expression)}, none)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "entry 1 (a-rule)")
	}
}

func TestIncompleteChecksAreErrors(t *testing.T) {
	change := func(f func(*Spec)) []Spec { s := spec("true"); f(&s); return []Spec{s} }
	for want, specs := range map[string][]Spec{
		"lower-case words": change(func(s *Spec) { s.ID = "A Rule" }),
		"must be there":    change(func(s *Spec) { s.Message = "" }),
		"unknown severity": change(func(s *Spec) { s.Severity = "error" }),
		"another entry":    {spec("true"), spec("true")},
	} {
		_, err := Compile(specs, none)
		require.ErrorContains(t, err, want)
	}
	_, err := Compile([]Spec{spec("true")}, func(string) bool { return true })
	require.ErrorContains(t, err, "scimlint itself")
	list, err := Compile(nil, none)
	require.NoError(t, err)
	assert.Empty(t, list)
}

func TestTheLineOfTheFileIsKept(t *testing.T) {
	var s struct{ Checks []Spec }
	require.NoError(t, yaml.Unmarshal([]byte("checks:\n  - id: a\n    expression: |\n      true\n"), &s))
	assert.Equal(t, 3, s.Checks[0].Expression.Line)
	assert.Equal(t, "true\n", s.Checks[0].Expression.Text)
}

// TestThePageNamesEveryName holds docs/own-checks.md against what expressions see.
func TestThePageNamesEveryName(t *testing.T) {
	page, err := os.ReadFile("../../docs/own-checks.md")
	require.NoError(t, err)
	for _, v := range variables {
		assert.Contains(t, string(page), "| `"+v.name+"` |")
		structure := structType(v)
		for i := range structure.NumField() {
			assert.Regexp(t, `\b`+tag(structure.Field(i))+`\b`, string(page), v.name)
		}
	}
	assert.Equal(t, "client", variables[clientIndex].name)
	assert.Equal(t, reflect.TypeOf(Client{}), reflect.TypeOf(variables[clientIndex].zero))
	for _, f := range []string{"subject.holds(", "subject.name()", "subject.isUser()"} {
		assert.Contains(t, string(page), f)
	}
}

// TestTheExamplesOfThePageCompile compiles what the page shows.
func TestTheExamplesOfThePageCompile(t *testing.T) {
	page, err := os.ReadFile("../../docs/own-checks.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(page), "```yaml\n")
	require.True(t, found)
	example, _, _ := strings.Cut(rest, "```")
	var c struct{ Checks []Spec }
	require.NoError(t, yaml.Unmarshal([]byte(example), &c))
	list, err := Compile(c.Checks, none)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, len(list), 3)
}

func FuzzCompile(f *testing.F) {
	for _, e := range []string{`client.name == "x"`, `grants.all(g, g.role.name.contains("a"))`, `subject.holds("a:b:c")`, `(((`, `"\xff"`} {
		f.Add(e)
	}
	snapshot := org()
	f.Fuzz(func(t *testing.T, expression string) {
		list, err := Compile([]Spec{spec(expression)}, none)
		if err != nil {
			assert.NotEmpty(t, err.Error())
			return
		}
		o := lint.RunChecks(list, snapshot, lint.Options{})
		assert.Len(t, o.Findings, 1, fmt.Sprint(expression))
	})
}
