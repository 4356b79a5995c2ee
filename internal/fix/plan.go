// Package fix finds the smallest change of roles, grants and scopes that makes every
// needed operation allowed, and proves it: applied to the evidence in memory, the
// checks decide again. It is pure; nothing here asks or changes an org.
package fix

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/diagnose"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// DefaultRole is the name of the role that a plan makes.
const DefaultRole = "SCIM provisioning"

// operationsRole is the name where no SCIM operation is needed.
const operationsRole = "API operations"

// Options say how a plan is made.
type Options struct {
	// Role is the name of the role to make, or to extend where the subject holds it.
	Role string
}

// planner makes one plan.
type planner struct {
	in   *lint.Input
	opts lint.Options
	role string
	tool results.Tool
}

// Make plans for a snapshot and proves the plan.
func Make(s *evidence.Snapshot, opts lint.Options, o Options, tool results.Tool) Plan {
	if o.Role == "" {
		o.Role = DefaultRole
	}
	in := lint.NewInput(s, opts)
	if o.Role == DefaultRole && !in.SCIM() {
		o.Role = operationsRole
	}
	opts.Refusals = nil // what was refused before says nothing of what comes after
	pl := &planner{in: in, opts: opts, role: o.Role, tool: tool}
	before := pl.judge(s)
	p := Plan{SchemaVersion: results.SchemaVersion, Tool: tool, Target: before.Target, Verdict: before.Verdict, Client: pl.client(),
		Roles: []RoleChange{}, Grants: []GrantChange{}, Calls: []APICall{}, Remaining: []results.Cause{}, Unseen: []string{}, Excess: pl.excess()}
	if before.Verdict != results.Ready {
		pl.permissions(&p)
		pl.scopes(&p)
	}
	after := pl.prove(&p)
	p.After, p.Remaining = after.Verdict, append(p.Remaining, after.Causes...)
	if after.Verdict == results.Inconclusive {
		for _, c := range after.Checks {
			if c.Status == results.Unknown && c.Required && !c.Accepted {
				p.Unseen = add(p.Unseen, c.ID+": "+c.Message)
			}
		}
	}
	p.Calls = calls(p)
	return p
}

func (pl *planner) judge(s *evidence.Snapshot) results.Report {
	return diagnose.Conclude(checks.Run(s, pl.opts), pl.tool)
}

// client is the OAuth client as the org showed it.
func (pl *planner) client() *PlannedClient {
	c, _ := pl.in.OAuthClient()
	if c == nil {
		return nil
	}
	return &PlannedClient{ID: c.ID, Name: c.Name, GrantType: c.AuthorizedGrantType, State: c.State,
		AccessTokenValiditySeconds: c.AccessTokenValiditySeconds, Scopes: append([]string{}, c.Scope...)}
}

// subject is who gets the grants.
func (pl *planner) subject() (g GrantChange, ok bool) {
	if isUser, known := pl.in.IsUserToken(); isUser || !known {
		if pl.in.User.Seen() && pl.in.User.Value.ID != "" {
			u := pl.in.User.Value
			return GrantChange{Subject: u.Name, SubjectID: u.ID, SubjectType: SubjectUser}, true
		}
		return g, false
	}
	c, _ := pl.in.OAuthClient()
	switch {
	case c != nil && c.ID != "":
		return GrantChange{Subject: c.Name, SubjectID: c.ID, SubjectType: SubjectClient}, true
	case pl.in.Target.ClientID != "":
		return GrantChange{Subject: pl.in.Target.ClientID, SubjectID: pl.in.Target.ClientID, SubjectType: SubjectClient}, true
	}
	return g, false
}

// permissions plans roles and grants for what is missing. Permissions that are missing
// in different divisions get roles of their own, so that none is granted where no
// need takes it.
func (pl *planner) permissions(p *Plan) {
	lacks, unseen := pl.in.Lacks()
	lacks = pl.gates(lacks)
	for _, u := range unseen {
		p.Unseen = add(p.Unseen, u)
	}
	if len(lacks) == 0 {
		return
	}
	subject, ok := pl.subject()
	if !ok {
		p.Unseen = add(p.Unseen, "whose token it is: tokens/me and users/me do not say")
		return
	}
	groups := group(lacks)
	for _, g := range groups {
		g.divisions = pl.everywhere(g.divisions)
		name := pl.role
		if len(groups) > 1 {
			name += " (" + labels(g.divisions) + ")"
		}
		role := pl.choose(name, g)
		for n := 2; role.ID == "" && slices.ContainsFunc(p.Roles, func(r RoleChange) bool { return strings.EqualFold(r.Name, role.Name) }); n++ {
			// Divisions can be named so that two lists of them read the same.
			role.Name = fmt.Sprintf("%s %d", name, n)
		}
		p.Roles = append(p.Roles, role)
		for _, d := range g.divisions {
			if role.Kind == RoleExtend && pl.granted(role.ID, d.ID) {
				continue
			}
			grant := subject
			grant.Role, grant.RoleID, grant.Division, grant.DivisionID = role.Name, role.ID, d.Label(), d.ID
			p.Grants = append(p.Grants, grant)
		}
	}
}

// everywhere is one grant in all divisions where the user asked for all of them and each
// one lacks the permission: divisions that are made later are meant, too.
func (pl *planner) everywhere(list []authz.Named) []authz.Named {
	if slices.Contains(pl.opts.Divisions, authz.Any) && len(list) == len(pl.in.Where) {
		return []authz.Named{{ID: authz.Any, Name: "all divisions"}}
	}
	return list
}

// gates adds what an operation's access check requires and neither the subject nor
// the planned permissions have.
func (pl *planner) gates(list []lint.Lack) []lint.Lack {
	for i, op := range pl.in.Needed {
		if pl.in.Judged[i].Gate.Decision != results.DecisionDenied {
			continue
		}
		for _, p := range pl.gate(op, list) {
			if where := pl.places(); len(where) > 0 {
				list = append(list, lint.Lack{Permission: p, Divisions: where[:1]})
			}
		}
	}
	return list
}

// places are the target divisions whose ids are known.
func (pl *planner) places() []authz.Named {
	var out []authz.Named
	for _, t := range pl.in.Where {
		if t.Resolved() {
			out = append(out, t.Division)
		}
	}
	return out
}

// gate returns what an operation's gate misses when the planned permissions do not
// open it: of alternatives the one that allows least, as explain advises.
func (pl *planner) gate(op catalog.NeededOperation, planned []lint.Lack) []string {
	var missing []string
	for _, text := range op.Gate.Permissions {
		held := pl.in.HoldsAnywhere(text).Decision == results.DecisionAllowed
		if held || slices.ContainsFunc(planned, func(l lint.Lack) bool { return covers(l.Permission, text) }) {
			if op.Gate.Type == catalog.GateAny {
				return nil
			}
			continue
		}
		missing = append(missing, text)
	}
	if op.Gate.Type == catalog.GateAny && len(missing) > 0 {
		return catalog.Least(op.Method, op.Path, missing)[:1]
	}
	return missing
}

func covers(held, asked string) bool {
	h, err := authz.ParsePermission(held)
	if err != nil {
		return false
	}
	a, err := authz.ParsePermission(asked)
	return err == nil && h.Covers(a)
}

// set are permissions that are missing in the same divisions.
type set struct {
	permissions []string
	divisions   []authz.Named
}

func group(lacks []lint.Lack) []set {
	var out []set
	for _, l := range lacks {
		i := slices.IndexFunc(out, func(s set) bool { return slices.Equal(s.divisions, l.Divisions) })
		if i < 0 {
			out = append(out, set{divisions: l.Divisions})
			i = len(out) - 1
		}
		out[i].permissions = add(out[i].permissions, l.Permission)
	}
	return out
}

func labels(list []authz.Named) string {
	var out []string
	for _, d := range list {
		out = append(out, d.Label())
	}
	return strings.Join(out, ", ")
}

// choose finds the role for a set: the one of the name that the subject holds, where
// extending it grants nothing elsewhere; an existing one that brings just what is
// needed; else a new one.
func (pl *planner) choose(name string, s set) RoleChange {
	made := RoleChange{Kind: RoleMake, Name: name, Permissions: s.permissions}
	if r, ok := pl.known(func(r known) bool { return r.Name == name }); ok {
		if r.isDefault {
			made.Name, made.CopyOf = name+" for SCIM", name
			if !pl.in.SCIM() {
				made.Name = name + " for API operations"
			}
			return made
		}
		if r.plain && pl.grantedWithin(r.ID, s.divisions) {
			return RoleChange{Kind: RoleExtend, Name: r.Name, ID: r.ID, Permissions: s.permissions, Has: r.permissions}
		}
		made.Name = name + " (" + labels(s.divisions) + ")"
	}
	if r, ok := pl.known(func(r known) bool { return r.plain && pl.fits(r, s) }); ok {
		return RoleChange{Kind: RoleUse, Name: r.Name, ID: r.ID, Permissions: r.permissions}
	}
	return made
}

// fits says whether a role brings all of a set and nothing that no need takes.
func (pl *planner) fits(r known, s set) bool {
	needed := pl.needed()
	for _, p := range r.permissions {
		if !slices.Contains(needed, p) {
			return false
		}
	}
	for _, p := range s.permissions {
		if !slices.ContainsFunc(r.permissions, func(h string) bool { return covers(h, p) }) {
			return false
		}
	}
	return true
}

// needed are the permissions that the needs require.
func (pl *planner) needed() []string { return pl.in.NeededPermissions() }

// known is a role that the evidence shows with its policies.
type known struct {
	authz.Named
	permissions []string
	// plain is set when no condition limits it and nothing bare is in it.
	plain, isDefault bool
}

// known finds a role among those that the evidence shows: the subject's, those that
// were read on their own, and those of a token that works.
func (pl *planner) known(want func(known) bool) (known, bool) {
	var list []known
	for _, f := range pl.in.Roles {
		if f.Seen() {
			list = append(list, roleOf(*f.Value))
		}
	}
	for _, g := range pl.in.Subject.Grants {
		if g.Readable {
			list = append(list, grantOf(g))
		}
	}
	if w := pl.in.Working; w != nil && w.Grants.Seen() {
		for _, g := range w.Grants.Value.Grants {
			if len(g.Role.Policies) > 0 {
				list = append(list, policiesOf(g.Role))
			}
		}
	}
	for _, r := range list {
		if r.ID != "" && len(r.permissions) > 0 && want(r) {
			return r, true
		}
	}
	return known{}, false
}

func roleOf(r genesys.Role) known {
	k := known{Named: authz.Named{ID: r.ID, Name: r.Name}, plain: len(r.Permissions) == 0, isDefault: r.Default || r.Base}
	for _, p := range r.PermissionPolicies {
		k.plain = k.plain && p.ResourceConditionNode == nil && len(p.NamedResources) == 0
		for _, a := range p.ActionSet {
			k.permissions = add(k.permissions, p.Domain+":"+p.EntityName+":"+a)
		}
	}
	return k
}

func grantOf(g authz.Grant) known {
	k := known{Named: g.Role, plain: len(g.Bare) == 0}
	for _, p := range g.Policies {
		k.plain = k.plain && p.Condition == ""
		for _, a := range p.Actions {
			k.permissions = add(k.permissions, p.Domain+":"+p.Entity+":"+a)
		}
	}
	return k
}

func policiesOf(r genesys.GrantRole) known {
	k := known{Named: authz.Named{ID: r.ID, Name: r.Name}, plain: true}
	for _, p := range r.Policies {
		k.plain = k.plain && p.Condition == ""
		for _, a := range p.Actions {
			k.permissions = add(k.permissions, p.Domain+":"+p.EntityName+":"+a)
		}
	}
	return k
}

func (pl *planner) granted(role, division string) bool {
	return slices.ContainsFunc(pl.in.Subject.Grants, func(g authz.Grant) bool {
		return g.Role.ID == role && (g.Division.ID == division || g.Division.ID == authz.Any)
	})
}

// grantedWithin says whether the subject holds the role in these divisions alone.
func (pl *planner) grantedWithin(role string, divisions []authz.Named) bool {
	if slices.ContainsFunc(divisions, func(d authz.Named) bool { return d.ID == authz.Any }) {
		return true
	}
	for _, g := range pl.in.Subject.Grants {
		if g.Role.ID == role && !slices.ContainsFunc(divisions, func(d authz.Named) bool { return d.ID == g.Division.ID }) {
			return false
		}
	}
	return true
}

// scopes plans scopes for a client that uses them: the one that opens every operation
// that scopes shut, the narrowest first.
func (pl *planner) scopes(p *Plan) {
	c := p.Client
	if isUser, _ := pl.in.IsUserToken(); !isUser || c == nil || c.GrantType == genesys.GrantClientCredentials {
		return
	}
	var add []string
	for _, op := range pl.in.Judged {
		if op.Scope == results.DecisionDenied && !slices.ContainsFunc(op.Scopes, func(s string) bool { return slices.Contains(add, s) }) {
			add = append(add, pl.scope(op.Scopes)...)
		}
	}
	if len(add) > 0 {
		p.Scopes = &ScopeChange{Client: c.Name, ClientID: c.ID, Add: add}
	}
}

// scope picks of alternatives the one that most of the shut operations take, and of
// equal ones the narrower.
func (pl *planner) scope(alternatives []string) []string {
	best, most := "", 0
	for _, s := range alternatives {
		n := 0
		for _, op := range pl.in.Judged {
			if op.Scope == results.DecisionDenied && slices.Contains(op.Scopes, s) {
				n++
			}
		}
		if n > most || n == most && len(s) > len(best) {
			best, most = s, n
		}
	}
	if best == "" {
		return nil
	}
	return []string{best}
}

func add[T comparable](list []T, v T) []T {
	if slices.Contains(list, v) {
		return list
	}
	return append(list, v)
}
