// Package evidence has what an org says about a token: a snapshot of facts,
// each with the requests that it came from, and the collector that makes it.
// Nothing behind this package touches the network. A refusal is evidence too.
package evidence

import (
	"strconv"
	"strings"
	"time"

	"github.com/scimlint/scimlint/pkg/genesys"
)

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
	// Auditor is true where an auditor's token read the fact, because the token
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
	if call.NotWaited != "" {
		text += " (" + call.NotWaited + ")"
	}
	return text
}

// The methods by which the table of facts goes over facts of any type.
func (f *Fact[T]) kind() *Kind          { return &f.Kind }
func (f *Fact[T]) made() []genesys.Call { return f.Calls }
func (f *Fact[T]) why() *string         { return &f.NotAsked }

// Answered says whether the org answered the question, with the fact or with a refusal.
func (f *Fact[T]) Answered() bool { return f.Seen() || f.Refused() != nil }

// Target is what the run looks at.
type Target struct {
	// Region is the AWS name, or empty when only URLs were given.
	Region   string `json:"region,omitempty"`
	Domain   string `json:"domain,omitempty"`
	APIURL   string `json:"apiUrl"`
	LoginURL string `json:"loginUrl"`
	// ClientID is the client that the user says the token is of.
	ClientID string `json:"clientId,omitempty"`
	// SCIMURL is the address that the integration is said to call, without the parts that
	// may contain a secret; SCIMURLParts names these, as "a query".
	SCIMURL      string   `json:"scimUrl,omitempty"`
	SCIMURLParts []string `json:"scimUrlParts,omitempty"`
	// SCIMBase is the path under which the probes look.
	SCIMBase string `json:"scimBase"`
	// TokenSupplied is true when the user supplied the token.
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

// PermittedFact is the platform's answer to where the token has one permission.
type PermittedFact struct {
	Permission string `json:"permission"`
	Fact[genesys.Permitted]
}

// PolicyDetail is what the org says of one policy with a condition: the
// attributes that decide it, and its own evaluation for the values Values.
type PolicyDetail struct {
	ID         string                         `json:"id"`
	Attributes Fact[genesys.PolicyAttributes] `json:"attributes"`
	Values     map[string]genesys.TypedValue  `json:"values,omitempty"`
	Simulated  Fact[genesys.PolicyResult]     `json:"simulated"`
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

// Snapshot is every fact of one run. It has no secret and no token.
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
	// Permitted are the platform's own answers to where the token has a permission;
	// Permissions what the org knows of the permissions PermissionsAsked.
	Permitted        []PermittedFact                `json:"permitted,omitempty"`
	Permissions      Fact[[]genesys.PermissionInfo] `json:"permissions"`
	PermissionsAsked []string                       `json:"permissionsAsked,omitempty"`
	// AllPolicies are the org's policies for everyone; PolicyDetails what the org
	// itself says of policies with a condition.
	AllPolicies   Fact[[]genesys.Policy] `json:"allPolicies"`
	PolicyDetails []PolicyDetail         `json:"policyDetails,omitempty"`
	// Usage is the client's own traffic, Changes the org's audit log; both are asked
	// for only on request.
	Usage   Fact[genesys.Usage]    `json:"usage"`
	Changes Fact[[]genesys.Change] `json:"changes"`

	ReadProbe  Fact[genesys.SCIMList] `json:"readProbe"`
	GroupProbe Fact[genesys.SCIMList] `json:"groupProbe"`
	WriteProbe Fact[Written]          `json:"writeProbe"`
	CleanUp    *genesys.Call          `json:"cleanUp,omitempty"`
	// CleanUpReads are the calls that read a user back before and after the clean-up.
	CleanUpReads []genesys.Call `json:"cleanUpReads,omitempty"`
	// WriteProbeLeft says what the write probe left or may have left in the org, and how to
	// find out; empty when nothing.
	WriteProbeLeft string `json:"writeProbeLeft,omitempty"`
	// AuditorCalls are the calls that an auditor's token made.
	AuditorCalls []AuditorCall `json:"auditorCalls,omitempty"`
	Working      *Working      `json:"working,omitempty"`
}

// OAuthClient returns the client behind the token as fully as the org showed it,
// and the fact that shows it; nil where no answer says which client it is of.
// tokens/me and subjects/me decide whose the token is; the id that the user
// configured decides it only where the run asks for its token with that id.
func (s *Snapshot) OAuthClient() (*genesys.OAuthClient, Kind) {
	if via := s.tokenClient(); via != nil {
		if s.Client.Seen() && same(s.Client.Value.ID, via.ID) {
			return s.Client.Value, Client
		}
		return via, TokenInfo
	}
	if !s.Client.Seen() {
		return nil, TokenInfo
	}
	acquired := !s.Target.TokenSupplied && same(s.Client.Value.ID, s.Target.ClientID)
	subject := s.Grants.Seen() && s.Grants.Value.ID != "" && same(s.Grants.Value.ID, s.Client.Value.ID)
	if acquired || subject {
		return s.Client.Value, Client
	}
	return nil, TokenInfo
}

// tokenClient is the client that tokens/me names, or nil.
func (s *Snapshot) tokenClient() *genesys.OAuthClient {
	if s.TokenInfo.Seen() && s.TokenInfo.Value.OAuthClient != nil && s.TokenInfo.Value.OAuthClient.ID != "" {
		return s.TokenInfo.Value.OAuthClient
	}
	return nil
}

// same compares ids, which the platform writes in small letters.
func same(a, b string) bool { return strings.EqualFold(a, b) }

// IsUserToken says whether a person is behind the token. What the org answers
// decides: users/me, then whether subjects/me names the client of tokens/me or
// somebody else, then the client's grant type, then that the token was acquired by
// client credentials in this run.
func (s *Snapshot) IsUserToken() (user, known bool) {
	via := s.tokenClient()
	subject := ""
	if s.Grants.Seen() && !s.Grants.Auditor {
		subject = s.Grants.Value.ID
	}
	switch {
	case s.User.Seen():
		return true, true
	case s.User.RefusedWith(genesys.CodeNotAUser):
		return false, true
	case via != nil && subject != "":
		return !same(via.ID, subject), true
	case via != nil && via.AuthorizedGrantType != "":
		return via.AuthorizedGrantType != genesys.GrantClientCredentials, true
	case s.Token.Seen() && !s.Target.TokenSupplied:
		return false, true
	case s.Client.Seen() && subject != "" && same(s.Client.Value.ID, subject):
		return false, true
	}
	return false, false
}

// GrantsOfToken are the grants of whoever is behind the token. why says why the
// answer cannot be used: it names another subject, or has no list of grants.
func (s *Snapshot) GrantsOfToken() (grants *genesys.Subject, why string) {
	if !s.Grants.Seen() {
		return nil, s.Grants.WhyUnseen()
	}
	g := s.Grants.Value
	if g.Grants == nil {
		return nil, "the answer has no list of grants"
	}
	user, known := s.IsUserToken()
	switch via := s.tokenClient(); {
	case len(g.Grants) == 0 && known && !user && s.clientShowsRoles():
		return nil, "the list of grants is empty, and the client shows roles"
	case g.ID == "":
	case s.User.Seen() && s.User.Value.ID != "" && !same(g.ID, s.User.Value.ID):
		return nil, "the answer is about another subject (" + g.ID + ")"
	case known && !user && via != nil && !same(g.ID, via.ID):
		return nil, "the answer is about another subject (" + g.ID + ")"
	case known && !user && via == nil && !s.Target.TokenSupplied && s.Target.ClientID != "" && !same(g.ID, s.Target.ClientID):
		return nil, "the answer is about another subject (" + g.ID + ")"
	}
	return g, ""
}

// clientShowsRoles says whether the org shows roles of the client itself.
func (s *Snapshot) clientShowsRoles() bool {
	via := s.tokenClient()
	return via != nil && len(via.RoleDivisions) > 0 || s.Client.Seen() && len(s.Client.Value.RoleDivisions) > 0
}

// RolesByID are the roles that were read on their own.
func (s *Snapshot) RolesByID() map[string]*genesys.Role {
	out := make(map[string]*genesys.Role, len(s.Roles))
	for _, r := range s.Roles {
		if r.Seen() {
			out[r.Value.ID] = r.Value
		}
	}
	return out
}

// PermittedOf is the platform's answer about one permission.
func (s *Snapshot) PermittedOf(permission string) (PermittedFact, bool) {
	for _, f := range s.Permitted {
		if strings.EqualFold(f.Permission, permission) {
			return f, true
		}
	}
	return PermittedFact{}, false
}
