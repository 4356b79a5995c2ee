package evidence

import "github.com/scimlint/scimlint/pkg/genesys"

// Kind names a fact.
type Kind string

// The facts, in the order in which reports list their requests.
const (
	Token         Kind = "token"
	TokenInfo     Kind = "token-info"
	User          Kind = "user"
	Grants        Kind = "grants"
	Client        Kind = "client"
	Roles         Kind = "roles"
	Permitted     Kind = "permitted"
	Permissions   Kind = "permissions"
	Scopes        Kind = "scopes"
	Divisions     Kind = "divisions"
	Policies      Kind = "policies"
	AllPolicies   Kind = "all-policies"
	PolicyDetails Kind = "policy-details"
	Authorization Kind = "authorization"
	Organization  Kind = "organization"
	IPAllowlist   Kind = "ip-allowlist"
	Usage         Kind = "usage"
	Changes       Kind = "changes"
	ReadProbe     Kind = "read-probe"
	GroupProbe    Kind = "group-probe"
	WriteProbe    Kind = "write-probe"
	CleanUp       Kind = "clean-up"
	WorkingToken  Kind = "working-token"
	AuditorToken  Kind = "auditor-token"
)

// asked is a fact of any type.
type asked interface {
	kind() *Kind
	made() []genesys.Call
	why() *string
	Answered() bool
}

// facts is the one table of facts: what goes over all of them reads it. Permission
// is what the call behind a fact requires; empty where any token may read it.
// Source of the permissions: the published definition.
var facts = []struct {
	Kind       Kind
	Permission string
	of         func(*Snapshot) []asked
}{
	{Token, "", func(s *Snapshot) []asked { return []asked{&s.Token} }},
	{TokenInfo, "", func(s *Snapshot) []asked { return []asked{&s.TokenInfo} }},
	{User, "", func(s *Snapshot) []asked { return []asked{&s.User} }},
	{Grants, "", func(s *Snapshot) []asked { return []asked{&s.Grants} }},
	{Client, "oauth:client:view", func(s *Snapshot) []asked { return []asked{&s.Client} }},
	{Roles, "authorization:role:view", func(s *Snapshot) []asked { return each(s.Roles, func(f *Fact[genesys.Role]) asked { return f }) }},
	{Permitted, "", func(s *Snapshot) []asked {
		return each(s.Permitted, func(f *PermittedFact) asked { return &f.Fact })
	}},
	{Permissions, "", func(s *Snapshot) []asked { return []asked{&s.Permissions} }},
	{Scopes, "", func(s *Snapshot) []asked { return []asked{&s.Scopes} }},
	{Divisions, "", func(s *Snapshot) []asked { return []asked{&s.Divisions} }},
	{Policies, "authorization:policy:view", func(s *Snapshot) []asked { return []asked{&s.Policies} }},
	{AllPolicies, "authorization:policy:view", func(s *Snapshot) []asked { return []asked{&s.AllPolicies} }},
	{PolicyDetails, "authorization:policy:view", func(s *Snapshot) []asked {
		out := each(s.PolicyDetails, func(d *PolicyDetail) asked { return &d.Attributes })
		return append(out, each(s.PolicyDetails, func(d *PolicyDetail) asked { return &d.Simulated })...)
	}},
	{Authorization, "oauth:client:authorize", func(s *Snapshot) []asked { return []asked{&s.Authorization} }},
	{Organization, "", func(s *Snapshot) []asked { return []asked{&s.Organization} }},
	{IPAllowlist, "directory:organization:admin", func(s *Snapshot) []asked { return []asked{&s.IPAllowlist} }},
	{Usage, "usage:client:view", func(s *Snapshot) []asked { return []asked{&s.Usage} }},
	{Changes, "audits:audit:view", func(s *Snapshot) []asked { return []asked{&s.Changes} }},
	{ReadProbe, "", func(s *Snapshot) []asked { return []asked{&s.ReadProbe} }},
	{GroupProbe, "", func(s *Snapshot) []asked { return []asked{&s.GroupProbe} }},
	{WriteProbe, "", func(s *Snapshot) []asked { return []asked{&s.WriteProbe} }},
}

func each[T any](list []T, fact func(*T) asked) []asked {
	out := make([]asked, 0, len(list))
	for i := range list {
		out = append(out, fact(&list[i]))
	}
	return out
}

// RequiredPermission returns the permission that the call behind a fact requires;
// it is empty for facts that any token may read.
func RequiredPermission(k Kind) string {
	for _, f := range facts {
		if f.Kind == k {
			return f.Permission
		}
	}
	return ""
}

// name gives every fact its kind, so that one that was not asked for is a fact too.
func (s *Snapshot) name() {
	for _, row := range facts {
		for _, f := range row.of(s) {
			*f.kind() = row.Kind
		}
	}
}

// skip notes for every fact but the token why it was not asked for.
func (s *Snapshot) skip(why string) {
	for _, row := range facts {
		for _, f := range row.of(s) {
			if row.Kind != Token && len(f.made()) == 0 && *f.why() == "" {
				*f.why() = why
			}
		}
	}
}

// Unanswered are the facts that were to be asked for and have no answer.
func (s *Snapshot) Unanswered() []Kind {
	var out []Kind
	for _, row := range facts {
		for _, f := range row.of(s) {
			if !f.Answered() && (*f.why() == "" || *f.why() == NoToken) {
				out = append(out, row.Kind)
				break
			}
		}
	}
	return out
}

// Request is a call with the fact that it was made for.
type Request struct {
	Kind Kind
	// Auditor is true for a call that was made with the auditor's token.
	Auditor bool
	genesys.Call
}

// Requests returns every call of the run, in the order of the facts.
func (s *Snapshot) Requests() []Request {
	var out []Request
	add := func(k Kind, calls []genesys.Call) {
		for _, c := range calls {
			out = append(out, Request{Kind: k, Call: c})
		}
	}
	for _, row := range facts {
		for _, f := range row.of(s) {
			add(row.Kind, f.made())
		}
	}
	for _, c := range s.AuditorCalls {
		out = append(out, Request{Kind: c.Kind, Auditor: true, Call: c.Call})
	}
	add(CleanUp, s.CleanUpReads)
	if s.CleanUp != nil {
		add(CleanUp, []genesys.Call{*s.CleanUp})
	}
	if w := s.Working; w != nil {
		add(WorkingToken, w.TokenInfo.Calls)
		add(WorkingToken, w.User.Calls)
		add(WorkingToken, w.Grants.Calls)
	}
	return out
}
