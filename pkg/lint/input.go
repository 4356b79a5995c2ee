package lint

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/profile"
	"github.com/scimlint/scimlint/pkg/results"
)

// Options say what the org is judged against.
type Options struct {
	Needs []catalog.Need
	// Operations are needed in addition to, or instead of, the operations of Needs.
	Operations []catalog.NeededOperation
	// Divisions are ids or names; the home division when empty.
	Divisions []string
	// ExpectOrg is the id or name of the org that the token should be of.
	ExpectOrg    string
	Requirements Requirements
	// Refusals are what someone supplied of refused calls, to be compared with what
	// the org says now.
	Refusals []results.Refusal
	// Accept are ids of checks whose unknown is accepted.
	Accept []string
	// TokenUse is TokenRenewed or TokenPasted: whether the integration gets new tokens
	// itself, or has one that somebody pasted into it. Empty where it is not said.
	TokenUse string
	// TokenIssued is when the token that was given was issued, as the user says; zero
	// where that is not said.
	TokenIssued time.Time
	// Profile describes the system that calls SCIM, or is nil; ProfileUse is the same for
	// reports, with where each value of this run comes from.
	Profile    *profile.Profile
	ProfileUse *results.Profile
	// Own are the checks of the user's configuration.
	Own []Check
}

// How a token is used.
const (
	TokenRenewed = profile.Renewed
	TokenPasted  = profile.Pasted
)

// Ask says what evidence the judgement will need: the permissions to ask the
// platform about, and which probes prove something.
func (o Options) Ask(e *evidence.Options) {
	in := &Input{Opts: o}
	if len(o.Needs)+len(o.Operations) == 0 {
		in.Opts.Needs = catalog.DefaultNeeds()
	}
	if slices.Contains(o.Needs, catalog.NeedAuto) {
		in.Opts.Needs = catalog.AllNeeds() // which of them, the traffic will tell
	}
	in.Needed = in.needed()
	e.Permissions, e.Divisions, e.NoCreate = in.askedPermissions(), o.Divisions, true
	e.Permissions = append(e.Permissions, o.refused(e.Permissions)...)
	for _, op := range in.Needed {
		e.Groups = e.Groups || strings.Contains(op.Path, "/groups")
		e.NoCreate = e.NoCreate && op.ID != createUsers
	}
}

// maxRefusedAsked bounds the permissions of refusals that the org is asked for.
const maxRefusedAsked = 10

// refused are the permissions that the refusals name and that are not asked for yet: the org
// says whether it knows them.
func (o Options) refused(asked []string) []string {
	var out []string
	for _, r := range o.Refusals {
		for _, p := range r.Named.Permissions {
			if len(out) < maxRefusedAsked && !slices.Contains(asked, p) && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

// Requirements are what a team asks beyond, or instead of, the catalogue. They
// are hearsay to scimlint: the findings say so.
type Requirements struct {
	// Replace drops what the catalogue asks of permissions or scopes where the
	// requirements name any.
	Replace     bool
	Scopes      []string
	Permissions []string
	// Operations narrows requirements to one operation, by its id.
	Operations map[string]OperationRequirements
}

// OperationRequirements are requirements of one operation.
type OperationRequirements struct {
	Replace     bool
	Scopes      []string
	Permissions []string
}

// Input is what a check reads: the snapshot, and what follows from it and the
// options only.
type Input struct {
	*evidence.Snapshot
	Opts Options
	// Needed are the operations that the needs call for, requirements applied.
	Needed []catalog.NeededOperation
	// Subject is whose token it is, with the grants that could be read.
	Subject authz.Subject
	// Where are the divisions in which the permissions must be granted.
	Where []authz.Target
	// NoSuchDivision are divisions that were asked for and do not exist.
	NoSuchDivision []string
	// Judged are the needed operations, decided.
	Judged []results.Operation

	roles    map[string]*genesys.Role
	holdings map[string]Holding
	answers  map[string]answer
	requests []evidence.Request
	index    *index
	plan     *Plan
}

// NewInput prepares a snapshot for the checks.
func NewInput(snapshot *evidence.Snapshot, opts Options) *Input {
	in := &Input{Snapshot: snapshot, Opts: opts, roles: snapshot.RolesByID(), holdings: map[string]Holding{}}
	if slices.Contains(in.Opts.Needs, catalog.NeedAuto) {
		in.Opts.Needs = nil
		if in.Usage.Seen() {
			in.Opts.Needs = NeedsOfUsage(in.Usage.Value)
		}
	}
	if len(in.Opts.Needs)+len(in.Opts.Operations) == 0 {
		in.Opts.Needs = catalog.DefaultNeeds() // a run that needs nothing would be ready for nothing
	}
	in.Needed = in.needed()
	in.Subject = in.subject()
	in.resolveDivisions()
	in.Judged = in.judge()
	return in
}

// needed are the operations of the needs, and those that were named themselves,
// with what a team demands of them.
func (in *Input) needed() []catalog.NeededOperation {
	list := catalog.Operations(in.Opts.Needs)
	for _, op := range in.Opts.Operations {
		if !slices.ContainsFunc(list, op.Same) {
			list = append(list, op)
		}
	}
	return in.requirements(list)
}

// SCIM says whether any of the needed operations is a SCIM endpoint.
func (in *Input) SCIM() bool { return slices.ContainsFunc(in.Needed, catalog.NeededOperation.SCIM) }

// requirements applies what a team asks to the operations.
func (in *Input) requirements(ops []catalog.NeededOperation) []catalog.NeededOperation {
	for i := range ops {
		for _, r := range []OperationRequirements{
			{in.Opts.Requirements.Replace, in.Opts.Requirements.Scopes, in.Opts.Requirements.Permissions},
			in.Opts.Requirements.Operations[ops[i].ID],
		} {
			if r.Replace && len(r.Permissions) > 0 {
				ops[i].Features, ops[i].Gate, ops[i].GateUnpublished = nil, catalog.Gate{Type: catalog.GateNone}, false
			}
			if r.Replace && len(r.Scopes) > 0 {
				ops[i].Scopes = nil
			}
			for _, p := range r.Permissions {
				ops[i].Features = append(slices.Clip(ops[i].Features), catalog.Feature{Name: "required by configuration", Check: "required-permission-is-held", Permission: p})
			}
		}
	}
	return ops
}

// RequiredScopes are the scopes that the team asks of any needed operation.
func (in *Input) RequiredScopes() []string {
	out := slices.Clone(in.Opts.Requirements.Scopes)
	for _, op := range in.Needed {
		out = append(out, in.Opts.Requirements.Operations[op.ID].Scopes...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// subject reads the grants: those of subjects/me; where these could not be used,
// the client's role divisions or the user's permissions.
func (in *Input) subject() authz.Subject {
	if grants, _ := in.GrantsOfToken(); grants != nil {
		s := authz.Subject{Complete: true}
		for _, g := range grants.Grants {
			s.Grants = append(s.Grants, in.Grant(g))
		}
		return s
	}
	if in.User.Seen() && in.User.Value.Authorization != nil && in.User.Value.Authorization.Permissions != nil {
		return userSubject(in.User.Value)
	}
	client, _ := in.OAuthClient()
	if isUser, known := in.IsUserToken(); client == nil || isUser || !known || client.RoleDivisions == nil {
		return authz.Subject{}
	}
	s := authz.Subject{Complete: true}
	for _, rd := range client.RoleDivisions {
		s.Grants = append(s.Grants, in.Grant(genesys.Grant{
			Role: genesys.GrantRole{ID: rd.RoleID}, Division: genesys.Division{ID: rd.DivisionID}}))
	}
	return s
}

// userSubject makes one grant, of no known division, of the permissions that
// users/me lists.
func userSubject(u *genesys.User) authz.Subject {
	g := authz.Grant{Role: authz.Named{Name: "the user's roles"}, Readable: true}
	for _, text := range u.Authorization.Permissions {
		if p, err := authz.ParsePermission(text); err == nil && p.Bare == "" {
			g.Policies = append(g.Policies, authz.Policy{Domain: p.Domain, Entity: p.Entity, Actions: []string{p.Action}})
		}
	}
	return authz.Subject{Complete: true, Grants: []authz.Grant{g}}
}

// Grant puts a grant of the platform into the form that decides, with the policies
// of its role where these were read.
func (in *Input) Grant(g genesys.Grant) authz.Grant {
	out := authz.Grant{Role: authz.Named{ID: g.Role.ID, Name: g.Role.Name},
		Division: authz.Named{ID: g.Division.ID, Name: in.divisionName(g.Division.ID, g.Division.Name)}}
	for _, p := range g.Role.Policies {
		out.Readable = true
		out.Policies = append(out.Policies, authz.Policy{Domain: p.Domain, Entity: p.EntityName, Actions: p.Actions, Condition: p.Condition})
	}
	role, ok := in.roles[g.Role.ID]
	if !ok {
		return out
	}
	out.Readable, out.Bare = true, role.Permissions
	if out.Role.Name == "" {
		out.Role.Name = role.Name
	}
	if len(out.Policies) > 0 {
		return out
	}
	for _, p := range role.PermissionPolicies {
		out.Policies = append(out.Policies, authz.Policy{Domain: p.Domain, Entity: p.EntityName, Actions: p.ActionSet, Condition: condition(p)})
	}
	return out
}

// condition puts a policy's limits in words; empty means that it has none.
func condition(p genesys.PermissionPolicy) string {
	if len(p.NamedResources) > 0 {
		return "limited to named resources: " + strings.Join(p.NamedResources, ", ")
	}
	if n := p.ResourceConditionNode; n != nil && (n.VariableName != "" || len(n.Terms) > 0 || len(n.Operands) > 0) {
		return conditionText(*n)
	}
	return ""
}

func conditionText(n genesys.ConditionNode) string {
	var parts []string
	for _, t := range n.Terms {
		parts = append(parts, conditionText(t))
	}
	if n.VariableName != "" || len(n.Operands) > 0 {
		var values []string
		for _, o := range n.Operands {
			values = append(values, FirstOf(o.Value, o.Type))
		}
		parts = append(parts, strings.TrimSpace(n.VariableName+" "+n.Operator+" "+strings.Join(values, ", ")))
	}
	return strings.Join(parts, " "+FirstOf(n.Conjunction, "AND")+" ")
}

// FirstOf returns the first text that is not empty.
func FirstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func (in *Input) divisionName(id, name string) string {
	if id == authz.Any {
		return "all divisions"
	}
	return FirstOf(name, in.indexes().divisions[id])
}

// Who names whose grants count, as in `OAuth client "Migration"`.
func (in *Input) Who() string {
	if isUser, _ := in.IsUserToken(); isUser {
		return fmt.Sprintf("user %q", in.userName())
	}
	return in.ClientName()
}

// userName names the person behind the token, as far as the org did.
func (in *Input) userName() string {
	switch {
	case in.User.Seen():
		return FirstOf(in.User.Value.Name, in.User.Value.ID)
	case in.Grants.Seen() && in.Grants.Value.Name != "":
		return in.Grants.Value.Name
	}
	return "behind the token"
}

// ClientName names the OAuth client under test.
func (in *Input) ClientName() string {
	client, _ := in.OAuthClient()
	switch {
	case client != nil && client.Name != "":
		return fmt.Sprintf("OAuth client %q", client.Name)
	case client != nil && client.ID != "":
		return "OAuth client " + client.ID
	case in.Target.ClientID != "":
		return "OAuth client " + in.Target.ClientID
	}
	return "the token's OAuth client"
}

// The ways through the Admin UI, for checks.
const (
	AdminOAuth    = genesys.AdminOAuth
	AdminRoles    = genesys.AdminRoles
	AdminApps     = genesys.AdminApps
	AdminIPs      = genesys.AdminIPs
	AdminPolicies = genesys.AdminPolicies
)

// ClientPath is where the client is in the Admin UI, with the tab of its settings.
func (in *Input) ClientPath(tab string) string {
	path := AdminOAuth
	client, _ := in.OAuthClient()
	switch {
	case client != nil && client.Name != "":
		path += " > " + client.Name
	case tab != "":
		path += " > the client"
	}
	if tab != "" {
		path += " > " + tab
	}
	return path
}

// RolesPath is where the subject's roles are granted.
func (in *Input) RolesPath() string {
	if isUser, _ := in.IsUserToken(); isUser {
		return genesys.AdminPeople + " > " + in.userName() + " > Roles"
	}
	return in.ClientPath("Roles")
}

// refusedForPermission says whether the org refused the call behind a fact for
// want of a permission.
func (in *Input) refusedForPermission(k evidence.Kind) bool {
	for _, r := range in.Requests() {
		if r.Kind == k && r.Refusal != nil && r.Refusal.Status == 403 && r.Refusal.Code != genesys.CodeAppNotAuthorizedForScope {
			return true
		}
	}
	return false
}

// IDs returns the ids of needed operations, only those that change the org
// when write is set.
func (in *Input) IDs(write bool) []string {
	var out []string
	for _, op := range in.Needed {
		if !write || op.Write() {
			out = append(out, op.ID)
		}
	}
	return out
}

// TokenClient is the client that tokens/me names, or nil.
func (in *Input) TokenClient() *genesys.OAuthClient {
	if !in.TokenInfo.Seen() {
		return nil
	}
	return in.TokenInfo.Value.OAuthClient
}
