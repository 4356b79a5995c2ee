// Package simulator is a Genesys Cloud org in a box: a scenario file goes in, a
// server comes out that answers on loopback as the published definition says,
// with its codes and messages, and enforces grant kinds, client states, scopes,
// permissions, divisions, attribute-based policies and the IP allowlist.
//
// It decides permissions with its own few lines and not with pkg/authz, so that
// an error in one shows against the other.
package simulator

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/scimlint/scimlint/internal/bounds"
)

// Scenario is one org with its faults, how to check it, and what must come out.
// docs/scenarios.md describes the file.
type Scenario struct {
	Name  string `yaml:"name"`
	Title string `yaml:"title"`
	Story string `yaml:"story"`

	Org       Org        `yaml:"org"`
	Divisions []Division `yaml:"divisions"`
	Roles     []Role     `yaml:"roles"`
	Users     []User     `yaml:"users"`
	Clients   []Client   `yaml:"clients"`
	Tokens    []Token    `yaml:"tokens"`
	Groups    []string   `yaml:"groups"`
	Scopes    Scopes     `yaml:"scopes"`
	Policies  []Policy   `yaml:"policies"`
	// IPAllowlist has CIDR ranges; empty lets every address in.
	IPAllowlist []string `yaml:"ipAllowlist"`
	// CallerIP is the address that requests seem to come from.
	CallerIP string `yaml:"callerIp"`
	// HidePolicies leaves the policies out of subjects/me, as some orgs do.
	HidePolicies bool `yaml:"hidePolicies"`
	// Skills and Languages are the names of routing skills and languages.
	Skills    []string `yaml:"skills"`
	Languages []string `yaml:"languages"`
	// HideSchemas lets GET schemas answer an empty list.
	HideSchemas bool `yaml:"hideSchemas"`
	// RateLimit is how many requests a minute a token may make; zero for any number.
	RateLimit int `yaml:"rateLimit"`
	// Zendesk is the account that the users come from.
	Zendesk *Zendesk `yaml:"zendesk"`
	// DivisionsPermitted says how the org answers in which divisions a permission is granted.
	DivisionsPermitted DivisionsPermitted `yaml:"divisionsPermitted"`
	// Permissions say which permission names this org has, and of what kind they are.
	Permissions Permissions `yaml:"permissions"`
	// UsageQueries say how the org answers queries of a client's usage.
	UsageQueries UsageQueries `yaml:"usageQueries"`
	// Audits are changes that the org's audit log shows.
	Audits []Audit `yaml:"audits"`
	// TokenEndpoint says how the login host refuses.
	TokenEndpoint TokenEndpoint `yaml:"tokenEndpoint"`
	// SeparateLogin serves the token endpoint on a listener of its own, as the platform does.
	SeparateLogin bool   `yaml:"separateLogin"`
	Faults        Faults `yaml:"faults"`

	Run    Run    `yaml:"run"`
	Expect Expect `yaml:"expect"`
}

// Org is the organization.
type Org struct {
	Name string `yaml:"name"`
	// Region is the AWS name of its region.
	Region string `yaml:"region"`
	// Features are those of organizations/me, such as hipaa.
	Features map[string]bool `yaml:"features"`
	// EnforcePolicies is the org setting that turns attribute-based policies on; true when
	// absent. No endpoint shows it.
	EnforcePolicies *bool `yaml:"enforcePolicies"`
}

// Division is a division; one is the home division.
type Division struct {
	Name string `yaml:"name"`
	Home bool   `yaml:"home"`
}

// Role is a role with its policies.
type Role struct {
	Name string `yaml:"name"`
	// Policies are permissions, wildcards allowed.
	Policies []RolePolicy `yaml:"policies"`
	// Permissions are legacy bare words.
	Permissions []string `yaml:"permissions"`
	// Default is set for a role of the vendor's own.
	Default bool `yaml:"default"`

	id string // of one that was renamed or made while the org was served
}

func (r *Role) identity() string {
	if r.id != "" {
		return r.id
	}
	return roleID(r.Name)
}

// RolePolicy is a permission, written as a plain string, or with a condition.
type RolePolicy struct {
	Permission string `yaml:"permission"`
	Condition  string `yaml:"condition"`
}

// UnmarshalYAML reads both forms.
func (p *RolePolicy) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return node.Decode(&p.Permission)
	}
	type plain RolePolicy
	return node.Decode((*plain)(p))
}

// Grant is a role in a division; * or nothing means every division.
type Grant struct {
	Role     string `yaml:"role"`
	Division string `yaml:"division"`
}

// User is a person or a service account.
type User struct {
	Name  string  `yaml:"name"`
	Email string  `yaml:"email"`
	Roles []Grant `yaml:"roles"`
	// State is active (when empty), inactive or deleted.
	State string `yaml:"state"`
	// Division is the division that the user is in; the home division when empty.
	Division string `yaml:"division"`
	// Groups are the groups that the user is a member of.
	Groups []string `yaml:"groups"`
}

// Client is an OAuth client. Its secret is made when the server starts.
type Client struct {
	Name      string   `yaml:"name"`
	GrantType string   `yaml:"grantType"`
	State     string   `yaml:"state"`
	Scopes    []string `yaml:"scopes"`
	Roles     []Grant  `yaml:"roles"`
	// Organization names the org that owns the client; empty for this org.
	Organization string `yaml:"organization"`
	// Authorization is the state in which this org has put another's app:
	// Authorized, Requested, Revoked, Unauthorized.
	Authorization string `yaml:"authorization"`
	// TokenSeconds is how long its tokens live; 86400 when zero.
	TokenSeconds int `yaml:"tokenSeconds"`
	// DeleteIn is the time until the client is deleted; absent for never.
	DeleteIn time.Duration `yaml:"deleteIn"`
	// Fields are further fields of the client's JSON, also ones that no definition has yet.
	Fields map[string]any `yaml:"fields"`
	// IPAllowlist has the CIDR ranges from which the client's tokens are accepted; empty
	// for all. It is shown only where Fields show it.
	IPAllowlist []string `yaml:"ipAllowlist"`
	// Usage is the client's traffic before the run.
	Usage []UsageRow `yaml:"usage"`

	id string // of one that was renamed or made while the org was served
}

func (c *Client) identity() string {
	if c.id != "" {
		return c.id
	}
	return clientID(c.Name)
}

// Token is a token that was issued before the run.
type Token struct {
	Name    string   `yaml:"name"`
	Client  string   `yaml:"client"`
	User    string   `yaml:"user"`
	Scopes  []string `yaml:"scopes"`
	Expired bool     `yaml:"expired"`
	// HomeOrganization is the user's own org, where a trustor org's token is used in this one.
	HomeOrganization string `yaml:"homeOrganization"`
}

// Scopes say what the platform lists and enforces.
type Scopes struct {
	// Listed are the scopes of GET /api/v2/oauth/scopes; a list of published
	// names when empty.
	Listed []string `yaml:"listed"`
	// Enforce is "users" (the published rule, and the default), "all" or "none".
	Enforce string `yaml:"enforce"`
	// Demand replaces the published scopes of operations, keyed "POST /path".
	Demand map[string][]string `yaml:"demand"`
}

// Faults are what goes wrong on the way.
type Faults struct {
	// Latency delays every answer.
	Latency time.Duration `yaml:"latency"`
	// ClockSkew is added to the Date of every answer.
	ClockSkew time.Duration `yaml:"clockSkew"`
	Rules     []FaultRule   `yaml:"rules"`
}

// FaultRule replaces the answers of some requests.
type FaultRule struct {
	// Method and Path select requests; empty selects all. A path that ends in *
	// selects what begins with it.
	Method string `yaml:"method"`
	Path   string `yaml:"path"`
	// Kind is status, answer, html, drop, truncate, hang or redirect.
	Kind       string `yaml:"kind"`
	Status     int    `yaml:"status"`
	Code       string `yaml:"code"`
	RetryAfter int    `yaml:"retryAfter"`
	// Message and MessageParams replace those of a refusal of kind status. The params fill
	// the published pattern in their order.
	Message       string        `yaml:"message"`
	MessageParams MessageParams `yaml:"messageParams"`
	// Body and Headers are the whole answer of kind answer; a header that is empty is left
	// out. {correlationId} in them means the request's.
	Body    string            `yaml:"body"`
	Headers map[string]string `yaml:"headers"`
	// Times is how often the rule strikes; zero for always.
	Times int `yaml:"times"`
}

// Load reads a scenario file strictly: an unknown key is an error that names
// its line.
func Load(data []byte) (*Scenario, error) {
	var s Scenario
	if err := bounds.YAML(data); err != nil {
		return nil, fmt.Errorf("scenario cannot be read: %w", err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&s); err != nil {
		return nil, fmt.Errorf("scenario cannot be read: %w", err)
	}
	s.defaults()
	if err := s.validate(); err != nil {
		return nil, fmt.Errorf("scenario %q: %w", s.Name, err)
	}
	return &s, nil
}

func (s *Scenario) defaults() {
	if len(s.Divisions) == 0 {
		s.Divisions = []Division{{Name: "Home", Home: true}}
	}
	if s.Org.Region == "" {
		s.Org.Region = "us-east-1"
	}
	if s.CallerIP == "" {
		s.CallerIP = "203.0.113.10"
	}
	if s.Scopes.Enforce == "" {
		s.Scopes.Enforce = "users"
	}
	if len(s.Scopes.Listed) == 0 {
		s.Scopes.Listed = defaultScopes()
	}
	for i := range s.Clients {
		c := &s.Clients[i]
		if c.GrantType == "" {
			c.GrantType = "CLIENT-CREDENTIALS"
		}
		if c.State == "" {
			c.State = "active"
		}
		if c.TokenSeconds == 0 {
			c.TokenSeconds = 86400
		}
	}
	for i := range s.Policies {
		s.Policies[i].defaults()
	}
	for i := range s.Audits {
		s.Audits[i].defaults()
	}
}

// defaultScopes are names of published paths.
func defaultScopes() []string {
	return []string{"authorization", "authorization:readonly", "oauth", "oauth:readonly", "organization",
		"organization:readonly", "scim", "scim:readonly", "user-basic-info", "users", "users:readonly"}
}

// problems collects what is wrong with a scenario.
type problems []error

func (p *problems) add(format string, args ...any) { *p = append(*p, fmt.Errorf(format, args...)) }

func (s *Scenario) validate() error {
	var p problems
	if s.Name == "" || s.Org.Name == "" {
		p.add("name and org.name are required")
	}
	home := 0
	for _, d := range s.Divisions {
		if d.Home {
			home++
		}
	}
	if home != 1 {
		p.add("one division must have home: true, %d have", home)
	}
	s.validateGrants(&p)
	s.validateTokens(&p)
	s.validateNetwork(&p)
	s.validateRun(&p)
	s.validateAnswers(&p)
	s.validatePolicies(&p)
	return errors.Join(p...)
}

func (s *Scenario) validateGrants(p *problems) {
	for _, u := range s.Users {
		s.validateRolesOf(p, "user "+u.Name, u.Roles)
		if u.Division != "" && s.division(u.Division) == nil {
			p.add("user %s is in the division %q, which is not defined", u.Name, u.Division)
		}
		for _, g := range u.Groups {
			if !slices.Contains(s.Groups, g) {
				p.add("user %s is in the group %q, which is not defined", u.Name, g)
			}
		}
	}
	for _, c := range s.Clients {
		s.validateRolesOf(p, "client "+c.Name, c.Roles)
	}
	for _, r := range s.Roles {
		for _, pol := range r.Policies {
			if strings.Count(pol.Permission, ":") != 2 {
				p.add("role %q has the policy %q: write domain:entity:action", r.Name, pol.Permission)
			}
		}
	}
}

func (s *Scenario) validateRolesOf(p *problems, owner string, grants []Grant) {
	for _, g := range grants {
		if s.role(g.Role) == nil {
			p.add("%s is granted the role %q, which is not defined", owner, g.Role)
		}
		if g.Division != "" && g.Division != "*" && s.division(g.Division) == nil {
			p.add("%s is granted %q in the division %q, which is not defined", owner, g.Role, g.Division)
		}
	}
}

func (s *Scenario) validateTokens(p *problems) {
	for _, t := range s.Tokens {
		if s.client(t.Client) == nil {
			p.add("token %q names the client %q, which is not defined", t.Name, t.Client)
		}
		if t.User != "" && s.user(t.User) == nil {
			p.add("token %q names the user %q, which is not defined", t.Name, t.User)
		}
	}
	if !slices.Contains([]string{"users", "all", "none"}, s.Scopes.Enforce) {
		p.add("scopes.enforce is %q: write users, all or none", s.Scopes.Enforce)
	}
}

func (s *Scenario) validateNetwork(p *problems) {
	lists := s.IPAllowlist
	for _, c := range s.Clients {
		lists = append(slices.Clone(lists), c.IPAllowlist...)
	}
	for _, cidr := range lists {
		if _, err := netip.ParsePrefix(cidr); err != nil {
			p.add("ipAllowlist: %q is not a CIDR range", cidr)
		}
	}
	if _, err := netip.ParseAddr(s.CallerIP); err != nil {
		p.add("callerIp %q is not an address", s.CallerIP)
	}
	for _, f := range s.Faults.Rules {
		if !slices.Contains([]string{"status", "answer", "html", "drop", "truncate", "hang", "redirect"}, f.Kind) {
			p.add("fault kind %q: write status, answer, html, drop, truncate, hang or redirect", f.Kind)
		}
		if f.Status != 0 && (f.Status < 200 || f.Status > 599) {
			p.add("fault status %d: write one from 200 to 599", f.Status)
		}
	}
}

func find[T any](list []T, match func(*T) bool) *T {
	for i := range list {
		if match(&list[i]) {
			return &list[i]
		}
	}
	return nil
}

func (s *Scenario) role(name string) *Role {
	return find(s.Roles, func(r *Role) bool { return r.Name == name || r.identity() == name })
}

func (s *Scenario) division(name string) *Division {
	return find(s.Divisions, func(d *Division) bool { return d.Name == name || divisionID(d.Name) == name })
}

func (s *Scenario) user(name string) *User {
	return find(s.Users, func(u *User) bool { return u.Name == name })
}

func (s *Scenario) client(name string) *Client {
	return find(s.Clients, func(c *Client) bool { return c.Name == name || c.identity() == name })
}

func (s *Scenario) token(name string) *Token {
	return find(s.Tokens, func(t *Token) bool { return t.Name == name })
}

// divisionOf is the division that a user is in.
func (s *Scenario) divisionOf(u *User) *Division {
	if u.Division == "" {
		return s.home()
	}
	return s.division(u.Division)
}

func (s *Scenario) home() *Division {
	return find(s.Divisions, func(d *Division) bool { return d.Home })
}

// id makes a UUID of a kind and a name, the same in every run.
func id(kind, name string) string {
	h := sha256.Sum256([]byte(kind + "\x00" + name))
	h[6], h[8] = h[6]&0x0f|0x40, h[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

func roleID(name string) string   { return id("role", name) }
func userID(name string) string   { return id("user", name) }
func clientID(name string) string { return id("client", name) }
func orgID(name string) string    { return id("org", name) }

func divisionID(name string) string {
	if name == "" || name == "*" {
		return "*"
	}
	return id("division", name)
}

// firstText is the first text that is not empty.
func firstText(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
