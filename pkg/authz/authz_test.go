package authz

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParsePermission(t *testing.T) {
	for in, want := range map[string]Permission{
		"directory:user:add": {Domain: "directory", Entity: "user", Action: "add"},
		"*:*:*":              {Domain: "*", Entity: "*", Action: "*"},
		"*":                  {Domain: "*", Entity: "*", Action: "*"},
		" admin ":            {Bare: "admin"},
		"group_creation":     {Bare: "group_creation"},
	} {
		got, err := ParsePermission(in)
		require.NoError(t, err, in)
		assert.Equal(t, want, got, in)
	}
	for _, in := range []string{"", "directory:user", "a:b:c:d", "a::c", "directory:user: add", ":::"} {
		_, err := ParsePermission(in)
		assert.Error(t, err, "%q", in)
	}
}

func TestCovers(t *testing.T) {
	for _, tc := range []struct {
		held, asked string
		want        bool
	}{
		{"directory:user:add", "directory:user:add", true},
		{"directory:user:*", "directory:user:setPassword", true},
		{"directory:*:*", "directory:group:edit", true},
		{"*:user:add", "directory:user:add", true},
		{"*:*:*", "routing:skill:assign", true},
		{"*:*:add", "directory:user:delete", false},
		{"directory:user:setpassword", "directory:user:setPassword", true},
		{"directory:user:add", "directory:user:*", false},
		{"admin", "directory:user:add", false},
		{"*:*:*", "admin", false},
		{"admin", "admin", true},
		{"directory:userx:add", "directory:user:add", false},
	} {
		assert.Equal(t, tc.want, MustParse(tc.held).Covers(MustParse(tc.asked)), "%s covers %s", tc.held, tc.asked)
	}
}

func grant(role, division string, policies ...Policy) Grant {
	return Grant{Role: Named{ID: role}, Division: Named{ID: division}, Policies: policies, Readable: true}
}

func policy(domain, entity string, actions ...string) Policy {
	return Policy{Domain: domain, Entity: entity, Actions: actions}
}

func limited(p Policy) Policy {
	p.Condition = "user.id EQ self"
	return p
}

func target(division string) Target {
	if division == "anywhere" {
		return Anywhere()
	}
	return In(Named{ID: division})
}

func TestDecide(t *testing.T) {
	add := policy("directory", "user", "add")
	unreadable := Grant{Role: Named{ID: "r?"}, Division: Named{ID: "home"}}
	for name, tc := range map[string]struct {
		subject  Subject
		division string
		want     Answer
		reason   Reason
	}{
		"held in the division":                     {Subject{[]Grant{grant("r", "home", add)}, true}, "home", Allowed, ""},
		"held in every division":                   {Subject{[]Grant{grant("r", "*", add)}, true}, "sales", Allowed, ""},
		"every division covers an unknown one":     {Subject{[]Grant{grant("r", "*", add)}, true}, "", Allowed, ""},
		"held somewhere is enough for a gate":      {Subject{[]Grant{grant("r", "sales", add)}, true}, "anywhere", Allowed, ""},
		"held in another division":                 {Subject{[]Grant{grant("r", "sales", add)}, true}, "home", Denied, OtherDivision},
		"target division unknown":                  {Subject{[]Grant{grant("r", "sales", add)}, true}, "", Unknown, DivisionUnseen},
		"grant's division unknown":                 {Subject{[]Grant{grant("r", "", add)}, true}, "home", Unknown, DivisionUnseen},
		"no grants":                                {Subject{nil, true}, "home", Denied, NoGrants},
		"other permissions":                        {Subject{[]Grant{grant("r", "home", policy("directory", "user", "view"))}, true}, "home", Denied, NotHeld},
		"wildcard action":                          {Subject{[]Grant{grant("r", "home", policy("directory", "user", "*"))}, true}, "home", Allowed, ""},
		"wildcard domain":                          {Subject{[]Grant{grant("r", "home", policy("*", "*", "*"))}, true}, "home", Allowed, ""},
		"condition limits it":                      {Subject{[]Grant{grant("r", "home", limited(add))}, true}, "home", Unknown, Conditional},
		"a second grant lifts the condition":       {Subject{[]Grant{grant("r", "home", limited(add)), grant("s", "home", add)}, true}, "home", Allowed, ""},
		"a role that cannot be read":               {Subject{[]Grant{unreadable}, true}, "home", Unknown, RoleUnseen},
		"a role elsewhere need not be read":        {Subject{[]Grant{unreadable}, true}, "sales", Denied, NotHeld},
		"readable grant settles it":                {Subject{[]Grant{unreadable, grant("r", "home", add)}, true}, "home", Allowed, ""},
		"grants not listed in full":                {Subject{nil, false}, "home", Unknown, GrantsUnseen},
		"what is listed still counts":              {Subject{[]Grant{grant("r", "home", add)}, false}, "home", Allowed, ""},
		"a bare word opens nothing else":           {Subject{[]Grant{{Role: Named{ID: "r"}, Division: Named{ID: "home"}, Bare: []string{"admin"}, Readable: true}}, true}, "home", Denied, NotHeld},
		"a full permission in the bare list":       {Subject{[]Grant{{Role: Named{ID: "r"}, Division: Named{ID: "home"}, Bare: []string{"directory:user:add"}, Readable: true}}, true}, "home", Unknown, LegacyOnly},
		"other case":                               {Subject{[]Grant{grant("r", "HOME", policy("Directory", "USER", "Add"))}, true}, "home", Allowed, ""},
		"unlimited policy beside a limited one":    {Subject{[]Grant{grant("r", "home", limited(add), add)}, true}, "home", Allowed, ""},
		"unlimited elsewhere, limited where asked": {Subject{[]Grant{grant("r", "sales", add), grant("s", "home", limited(add))}, true}, "home", Unknown, Conditional},
	} {
		t.Run(name, func(t *testing.T) {
			d := tc.subject.Decide(MustParse("directory:user:add"), target(tc.division))
			assert.Equal(t, tc.want, d.Answer)
			assert.Equal(t, tc.reason, d.Reason)
			if tc.want == Allowed {
				require.Len(t, d.Proof, 1)
				assert.NotEmpty(t, d.Proof[0].Policy)
			}
		})
	}
}

func TestDecisionProvesTheChain(t *testing.T) {
	s := Subject{Grants: []Grant{{
		Role: Named{ID: "r1", Name: "SCIM Integration"}, Division: Named{ID: "d1", Name: "Home"},
		Policies: []Policy{policy("directory", "user", "view", "*")}, Readable: true}}, Complete: true}
	d := s.Decide(MustParse("directory:user:add"), target("d1"))
	assert.Equal(t, []Link{{Role: Named{"r1", "SCIM Integration"}, Division: Named{"d1", "Home"}, Policy: "directory:user:*", Action: "*"}}, d.Proof)
}

func TestCombine(t *testing.T) {
	for name, tc := range map[string]struct {
		all     bool
		answers []Answer
		want    Answer
	}{
		"no check":                  {false, nil, Allowed},
		"any: one is enough":        {false, []Answer{Denied, Allowed}, Allowed},
		"any: one beats unknown":    {false, []Answer{Unknown, Allowed}, Allowed},
		"any: none":                 {false, []Answer{Denied, Denied}, Denied},
		"any: perhaps one":          {false, []Answer{Denied, Unknown}, Unknown},
		"all: one is not enough":    {true, []Answer{Allowed, Denied}, Denied},
		"all: every one":            {true, []Answer{Allowed, Allowed}, Allowed},
		"all: perhaps":              {true, []Answer{Allowed, Unknown}, Unknown},
		"all: denied beats unknown": {true, []Answer{Unknown, Denied}, Denied},
	} {
		assert.Equal(t, tc.want, Combine(tc.all, tc.answers), name)
	}
}

func TestHeldListsWildcardsAsTheyStand(t *testing.T) {
	s := Subject{Grants: []Grant{grant("a", "*", policy("directory", "user", "*", "add")), grant("b", "*", policy("directory", "user", "add"))}}
	var got []string
	for _, p := range s.Held() {
		got = append(got, p.String())
	}
	assert.Equal(t, []string{"directory:user:*", "directory:user:add"}, got)
}

func FuzzParsePermission(f *testing.F) {
	for _, s := range []string{"directory:user:add", "*", "admin", "a:b", "a:b:c:d", "::", " x ", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePermission(s)
		if err != nil {
			return
		}
		again, err := ParsePermission(p.String())
		require.NoError(t, err)
		assert.Equal(t, p, again, "a permission reads back as itself")
		assert.True(t, p.Covers(p), "a permission covers itself")
	})
}

// 500 grants and 200 roles: the decision must stay far under the 50 ms of CPU
// that a whole check may take. go test ./pkg/authz -bench Decide
func BenchmarkDecide500Grants(b *testing.B) {
	var s Subject
	s.Complete = true
	for i := range 500 {
		s.Grants = append(s.Grants, grant(strconv.Itoa(i%200), strconv.Itoa(i), policy("routing", "queue", "view", "edit"), policy("directory", "user", "view")))
	}
	for b.Loop() {
		s.Decide(MustParse("directory:user:add"), target("home"))
	}
}
