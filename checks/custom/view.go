package custom

import (
	"reflect"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
)

// What an expression sees of a snapshot. The names that expressions use are those of
// the cel tags; docs/own-checks.md lists them, and a test compares the page with
// these types. Names are only ever added.

// Target is what the run looks at.
type Target struct {
	Region   string   `cel:"region"`
	APIURL   string   `cel:"apiUrl"`
	ClientID string   `cel:"clientId"`
	Needs    []string `cel:"needs"`
	Probe    string   `cel:"probe"`
}

// Entity is an id with a name.
type Entity struct {
	ID   string `cel:"id"`
	Name string `cel:"name"`
}

// Token is what tokens/me shows.
type Token struct {
	Organization     Entity   `cel:"organization"`
	HomeOrganization Entity   `cel:"homeOrganization"`
	Scopes           []string `cel:"scopes"`
}

// Client is the OAuth client behind the token.
type Client struct {
	ID                         string   `cel:"id"`
	Name                       string   `cel:"name"`
	GrantType                  string   `cel:"grantType"`
	State                      string   `cel:"state"`
	Scopes                     []string `cel:"scopes"`
	AccessTokenValiditySeconds int64    `cel:"accessTokenValiditySeconds"`
}

// User is the person behind the token, where there is one.
type User struct {
	ID    string `cel:"id"`
	Name  string `cel:"name"`
	Email string `cel:"email"`
	State string `cel:"state"`
}

// Grant is a role in a division; the division's id is * for all.
type Grant struct {
	Role     Entity `cel:"role"`
	Division Entity `cel:"division"`
}

// Division is a division of the org.
type Division struct {
	ID   string `cel:"id"`
	Name string `cel:"name"`
	Home bool   `cel:"home"`
}

// Policy is an attribute-based access policy.
type Policy struct {
	ID             string `cel:"id"`
	Name           string `cel:"name"`
	Effect         string `cel:"effect"`
	Active         bool   `cel:"active"`
	ApplyToClients bool   `cel:"applyToClients"`
	TargetResource string `cel:"targetResource"`
}

// Organization is the org.
type Organization struct {
	ID     string `cel:"id"`
	Name   string `cel:"name"`
	Domain string `cel:"domain"`
	State  string `cel:"state"`
}

// Operation is a needed operation, decided: allowed, denied or unknown.
type Operation struct {
	ID       string `cel:"id"`
	Method   string `cel:"method"`
	Path     string `cel:"path"`
	Decision string `cel:"decision"`
}

// Request is one request of the run; a time in milliseconds.
type Request struct {
	Fact       string `cel:"fact"`
	Method     string `cel:"method"`
	URL        string `cel:"url"`
	Status     int64  `cel:"status"`
	DurationMs int64  `cel:"durationMs"`
}

// variable is one name that expressions may use.
type variable struct {
	name string
	// zero is a value of the variable's type.
	zero any
	// kind is the fact that it is made from; empty where it is always known.
	kind evidence.Kind
	// value is what the snapshot has, nil where it does not.
	value func(in *lint.Input) any
}

// variables are all names other than subject.
var variables = []variable{
	{"target", Target{}, "", func(in *lint.Input) any {
		t := Target{Region: in.Target.Region, APIURL: in.Target.APIURL, ClientID: in.Target.ClientID, Probe: in.Target.Probe}
		for _, n := range in.Opts.Needs {
			t.Needs = append(t.Needs, string(n))
		}
		return t
	}},
	{"token", Token{}, evidence.TokenInfo, func(in *lint.Input) any {
		if !in.TokenInfo.Seen() {
			return nil
		}
		i := in.TokenInfo.Value
		return Token{Entity(i.Organization), Entity(i.HomeOrganization), i.AuthorizedScope}
	}},
	{"client", Client{}, evidence.Client, func(in *lint.Input) any {
		c, _ := in.OAuthClient()
		if c == nil {
			return nil
		}
		return Client{c.ID, c.Name, c.AuthorizedGrantType, c.State, c.Scope, c.AccessTokenValiditySeconds}
	}},
	{"user", User{}, evidence.User, func(in *lint.Input) any {
		if !in.User.Seen() {
			return nil
		}
		u := in.User.Value
		return User{u.ID, u.Name, u.Email, u.State}
	}},
	{"grants", []Grant{}, evidence.Grants, func(in *lint.Input) any {
		if !in.Subject.Complete || slices.ContainsFunc(in.Subject.Grants, unplaced) {
			return nil
		}
		return each(in.Subject.Grants, func(g authz.Grant) Grant { return Grant{Entity(g.Role), Entity(g.Division)} })
	}},
	{"permissions", []string{}, evidence.Roles, func(in *lint.Input) any {
		for _, g := range in.Subject.Grants {
			if !g.Readable {
				return nil
			}
		}
		if !in.Subject.Complete {
			return nil
		}
		return each(in.Subject.Held(), authz.Permission.String)
	}},
	{"scopes", []string{}, evidence.Scopes, seen(func(in *lint.Input) evidence.Fact[[]scope] { return in.Scopes }, func(s scope) string { return s.ID })},
	{"divisions", []Division{}, evidence.Divisions, seen(func(in *lint.Input) evidence.Fact[[]division] { return in.Divisions },
		func(d division) Division { return Division{d.ID, d.Name, d.HomeDivision} })},
	{"policies", []Policy{}, evidence.Policies, seen(func(in *lint.Input) evidence.Fact[[]policy] { return in.Policies },
		func(p policy) Policy {
			return Policy{p.ID, p.Name, p.Effect, p.Active, p.ApplyToClients, p.TargetResource}
		})},
	{"organization", Organization{}, evidence.Organization, func(in *lint.Input) any {
		if !in.Organization.Seen() {
			return nil
		}
		o := in.Organization.Value
		return Organization{o.ID, o.Name, o.Domain, o.State}
	}},
	{"ipAllowlist", []string{}, evidence.IPAllowlist, func(in *lint.Input) any {
		if !in.IPAllowlist.Seen() {
			return nil
		}
		return append([]string{}, in.IPAllowlist.Value.NetworkWhitelist...)
	}},
	{"operations", []Operation{}, "", func(in *lint.Input) any {
		return each(in.Judged, func(o judged) Operation { return Operation{o.ID, o.Method, o.Path, string(o.Decision)} })
	}},
	{"requests", []Request{}, "", func(in *lint.Input) any {
		return each(in.Requests(), func(r evidence.Request) Request {
			return Request{string(r.Kind), r.Method, r.URL, int64(r.Status), r.Duration.Milliseconds()}
		})
	}},
}

// unplaced says whether the name of a grant's role, or its division, is not known:
// users/me lists a person's permissions and not the grants, and a client's own list of
// roles has ids only. An expression about names must not take these for empty names.
func unplaced(g authz.Grant) bool { return g.Role.ID == "" || g.Role.Name == "" || g.Division.ID == "" }

func each[A, B any](list []A, f func(A) B) []B {
	out := make([]B, 0, len(list))
	for _, v := range list {
		out = append(out, f(v))
	}
	return out
}

// seen makes a variable's value of a fact that is a list.
func seen[A, B any](fact func(*lint.Input) evidence.Fact[[]A], f func(A) B) func(*lint.Input) any {
	return func(in *lint.Input) any {
		if fact := fact(in); fact.Seen() {
			return each(*fact.Value, f)
		}
		return nil
	}
}

// absent returns the fields of the client that no answer has: tokens/me shows
// less of a client than the client itself does, and what was not shown is not empty.
func absent(in *lint.Input) []string {
	c, kind := in.OAuthClient()
	if c == nil || kind == evidence.Client {
		return nil
	}
	var out []string
	v := reflect.ValueOf(variables[clientIndex].value(in))
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			out = append(out, tag(v.Type().Field(i)))
		}
	}
	return out
}

// clientIndex is the place of client among the variables.
const clientIndex = 2

func tag(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("cel"), ",")
	return name
}
