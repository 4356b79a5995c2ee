// Package evidence holds what an org says about a token: a snapshot of facts,
// each with the requests that brought it, and the collector that takes it.
// Nothing behind this package touches the network. A refusal is evidence too.
package evidence

import (
	"strconv"
	"time"

	"github.com/scimlint/scimlint/pkg/genesys"
)

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
	Scopes        Kind = "scopes"
	Divisions     Kind = "divisions"
	Policies      Kind = "policies"
	Authorization Kind = "authorization"
	Organization  Kind = "organization"
	IPAllowlist   Kind = "ip-allowlist"
	ReadProbe     Kind = "read-probe"
	WriteProbe    Kind = "write-probe"
	CleanUp       Kind = "clean-up"
	WorkingToken  Kind = "working-token"
	AuditorToken  Kind = "auditor-token"
)

// Reads names the permission that the call behind a fact takes; facts that any
// token may read are not in it. Source: the published definition.
func Reads(k Kind) string {
	return map[Kind]string{
		Client: "oauth:client:view", Roles: "authorization:role:view", Policies: "authorization:policy:view",
		Authorization: "oauth:client:authorize", IPAllowlist: "directory:organization:admin",
	}[k]
}

// Fact is one thing that the org said, or did not.
type Fact[T any] struct {
	Kind Kind `json:"kind"`
	// Calls are the requests that were made for it, in order; the last one
	// decides. Empty when nothing was asked.
	Calls []genesys.Call `json:"calls,omitempty"`
	// Value is nil unless the org answered.
	Value *T `json:"value,omitempty"`
	// NotAsked says why there was no request.
	NotAsked string `json:"notAsked,omitempty"`
	// Auditor is true where an auditor's token brought the fact, because the token
	// under test may not read it.
	Auditor bool `json:"auditor,omitempty"`
}

// Seen says whether the org answered.
func (f Fact[T]) Seen() bool { return f.Value != nil }

// Call returns the request that decided, or a zero Call when nothing was asked.
func (f Fact[T]) Call() genesys.Call {
	if len(f.Calls) == 0 {
		return genesys.Call{}
	}
	return f.Calls[len(f.Calls)-1]
}

// Refused returns the org's refusal, or nil.
func (f Fact[T]) Refused() *genesys.Refusal { return f.Call().Refusal }

// RefusedWith says whether the org refused with one of the codes.
func (f Fact[T]) RefusedWith(codes ...string) bool {
	for _, code := range codes {
		if r := f.Refused(); r != nil && r.Code == code {
			return true
		}
	}
	return false
}

// Failed returns why there was no usable answer, or nil.
func (f Fact[T]) Failed() *genesys.Failure { return f.Call().Failure }

// WhyUnseen says in half a sentence why there is no value.
func (f Fact[T]) WhyUnseen() string {
	switch call := f.Call(); {
	case f.NotAsked != "":
		return f.NotAsked
	case call.Refusal != nil:
		return DescribeRefusal(call)
	case call.Failure != nil:
		return call.Failure.Text
	}
	return "it was not asked"
}

// DescribeRefusal puts a refused call in a few words: method, path, status, code.
func DescribeRefusal(call genesys.Call) string {
	text := call.Method + " " + PathOf(call.URL) + " answered " + strconv.Itoa(call.Status)
	if call.Refusal != nil && call.Refusal.Code != "" {
		text += " " + call.Refusal.Code
	}
	return text
}

// Target is what the run looks at.
type Target struct {
	// Region is the AWS name, or empty when only URLs were given.
	Region   string `json:"region,omitempty"`
	Domain   string `json:"domain,omitempty"`
	APIURL   string `json:"apiUrl"`
	LoginURL string `json:"loginUrl"`
	// ClientID is the client that the user says the token is of.
	ClientID string `json:"clientId,omitempty"`
	// SCIMURL is the address that the integration is said to call, as given.
	SCIMURL string `json:"scimUrl,omitempty"`
	// SCIMBase is the path under which the probes look.
	SCIMBase string `json:"scimBase"`
	// TokenSupplied is true when the user brought the token.
	TokenSupplied bool `json:"tokenSupplied,omitempty"`
	// Probe is read, write or none.
	Probe string `json:"probe"`
}

// Written is what a write probe made against all rules.
type Written struct {
	// UserID is the id of the user that was made; empty when the answer had none.
	UserID string `json:"userId,omitempty"`
	// Deleted says whether the user was taken back.
	Deleted bool `json:"deleted"`
}

// Working is what the org says of a token that is said to work elsewhere.
type Working struct {
	TokenInfo Fact[genesys.TokenInfo] `json:"tokenInfo"`
	User      Fact[genesys.User]      `json:"user"`
	Grants    Fact[genesys.Subject]   `json:"grants"`
}

// AuditorCall is one call of an auditor's token, with the fact it was made for.
type AuditorCall struct {
	Kind Kind         `json:"kind"`
	Call genesys.Call `json:"call"`
}

// Snapshot is every fact of one run. It holds no secret and no token.
type Snapshot struct {
	Taken  time.Time `json:"taken"`
	Target Target    `json:"target"`

	Token         Fact[genesys.TokenGrant]    `json:"token"`
	TokenInfo     Fact[genesys.TokenInfo]     `json:"tokenInfo"`
	User          Fact[genesys.User]          `json:"user"`
	Grants        Fact[genesys.Subject]       `json:"grants"`
	Client        Fact[genesys.OAuthClient]   `json:"client"`
	Scopes        Fact[[]genesys.Scope]       `json:"scopes"`
	Divisions     Fact[[]genesys.Division]    `json:"divisions"`
	Policies      Fact[[]genesys.Policy]      `json:"policies"`
	Authorization Fact[genesys.Authorization] `json:"authorization"`
	Organization  Fact[genesys.Organization]  `json:"organization"`
	IPAllowlist   Fact[genesys.IPAllowlist]   `json:"ipAllowlist"`
	Roles         []Fact[genesys.Role]        `json:"roles,omitempty"`
	ReadProbe     Fact[genesys.SCIMList]      `json:"readProbe"`
	WriteProbe    Fact[Written]               `json:"writeProbe"`
	CleanUp       *genesys.Call               `json:"cleanUp,omitempty"`
	// CleanUpReads are the calls that read a user back before and after the clean-up.
	CleanUpReads []genesys.Call `json:"cleanUpReads,omitempty"`
	// WriteProbeLeft says what the write probe left or may have left in the org, and how to
	// find out; empty when nothing.
	WriteProbeLeft string `json:"writeProbeLeft,omitempty"`
	// AuditorCalls are the calls that an auditor's token made.
	AuditorCalls []AuditorCall `json:"auditorCalls,omitempty"`
	Working      *Working      `json:"working,omitempty"`
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
	add(Token, s.Token.Calls)
	add(TokenInfo, s.TokenInfo.Calls)
	add(User, s.User.Calls)
	add(Grants, s.Grants.Calls)
	add(Client, s.Client.Calls)
	for _, r := range s.Roles {
		add(Roles, r.Calls)
	}
	add(Scopes, s.Scopes.Calls)
	add(Divisions, s.Divisions.Calls)
	add(Policies, s.Policies.Calls)
	add(Authorization, s.Authorization.Calls)
	add(Organization, s.Organization.Calls)
	add(IPAllowlist, s.IPAllowlist.Calls)
	add(ReadProbe, s.ReadProbe.Calls)
	add(WriteProbe, s.WriteProbe.Calls)
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

// OAuthClient returns the client behind the token as fully as the org showed
// it: oauth/clients/{id} where that was readable, else what tokens/me carries.
func (s *Snapshot) OAuthClient() (*genesys.OAuthClient, Kind) {
	if s.Client.Seen() && (!s.TokenInfo.Seen() || s.TokenInfo.Value.OAuthClient == nil || s.TokenInfo.Value.OAuthClient.ID == s.Client.Value.ID) {
		return s.Client.Value, Client
	}
	if s.TokenInfo.Seen() && s.TokenInfo.Value.OAuthClient != nil {
		return s.TokenInfo.Value.OAuthClient, TokenInfo
	}
	return nil, TokenInfo
}

// IsUserToken says whether a person stands behind the token. It is known when
// users/me answered, when it refused for want of a user, and when the token was
// acquired by client credentials in this run.
func (s *Snapshot) IsUserToken() (user, known bool) {
	switch {
	case s.User.Seen():
		return true, true
	case s.User.RefusedWith(genesys.CodeNotAUser), s.Token.Seen() && !s.Target.TokenSupplied:
		return false, true
	}
	if c, _ := s.OAuthClient(); c != nil && c.AuthorizedGrantType != "" {
		return c.AuthorizedGrantType != genesys.GrantClientCredentials, true
	}
	return false, false
}

// Role returns the role that was read on its own.
func (s *Snapshot) Role(id string) (*genesys.Role, bool) {
	for _, r := range s.Roles {
		if r.Seen() && r.Value.ID == id {
			return r.Value, true
		}
	}
	return nil, false
}
