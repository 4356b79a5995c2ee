package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// DefaultRole is the name of the role that a plan creates.
const DefaultRole = "SCIM provisioning"

// operationsRole is the name where no SCIM operation is needed.
const operationsRole = "API operations"

// The kinds of a role's change.
const (
	// RoleMake creates a role, RoleExtend adds permissions to one that the subject has,
	// RoleUse grants one that exists as it is.
	RoleMake   = "make"
	RoleExtend = "extend"
	RoleUse    = "use"
)

// The types of a subject, as the platform names them in grants.
const (
	SubjectClient = "PC_OAUTH_CLIENT"
	SubjectUser   = "PC_USER"
)

// RoleChange is a role that a plan creates, extends or uses.
type RoleChange struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	// ID is empty for a role that is to be created.
	ID string `json:"id,omitempty"`
	// Permissions are what the role is created with, or what is added to it; for a role
	// that is used, what it includes.
	Permissions []string `json:"permissions"`
	// Has are the permissions that a role which is extended has already.
	Has []string `json:"has,omitempty"`
	// CopyOf names the default role in whose place the role is created.
	CopyOf string `json:"copyOf,omitempty"`
	// Instead is a role that exists and would do as well, but includes more.
	Instead *BroaderRole `json:"instead,omitempty"`
}

// BroaderRole is a role that includes what is missing, and more than the needs require.
type BroaderRole struct {
	Name string `json:"name"`
	ID   string `json:"id"`
	// Excess are the permissions that no need requires.
	Excess []string `json:"excess"`
}

// GrantChange is a grant that a plan makes.
type GrantChange struct {
	Role string `json:"role"`
	// RoleID is empty for a role that is to be created.
	RoleID      string `json:"roleId,omitempty"`
	Division    string `json:"division"`
	DivisionID  string `json:"divisionId"`
	Subject     string `json:"subject"`
	SubjectID   string `json:"subjectId"`
	SubjectType string `json:"subjectType"`
}

// ScopeChange are scopes that a plan adds to an OAuth client.
type ScopeChange struct {
	Client   string   `json:"client"`
	ClientID string   `json:"clientId"`
	Add      []string `json:"add"`
}

// Plan is the smallest change of roles, grants and scopes by which the subject gets
// what it lacks. It is the only source of advice about them: checks, causes and the
// headline word a part of it, and scimlint fix proves it and writes it out.
type Plan struct {
	Roles  []RoleChange
	Grants []GrantChange
	Scopes *ScopeChange
	// Missing are the permissions that the plan is for; roles that exist may include more.
	Missing []string
	// Unknown says what would have to be known to plan for it.
	Unknown []string
}

// Plan plans with the default name of a role, once for all that read it.
func (in *Input) Plan() Plan {
	if in.plan == nil {
		p := in.PlanFor("")
		in.plan = &p
	}
	return *in.plan
}

// PlanFor plans with this name for a role that is to be created, or extended where
// the subject has it.
func (in *Input) PlanFor(role string) Plan {
	if role == "" {
		role = DefaultRole
	}
	if role == DefaultRole && !in.SCIM() {
		role = operationsRole
	}
	pl := &planner{in: in, role: role}
	pl.permissions()
	pl.scopes()
	return pl.plan
}

// Lack is a needed permission with the divisions in which the subject does not
// have it.
type Lack struct {
	Permission string
	Divisions  []authz.Named
}

// Lacks are the permissions to grant: every needed one that is decided as not
// granted, or as granted only under a condition, in each division where it is needed.
// The second list says what could not be decided: for that, no change is called needed.
func (in *Input) Lacks() (list []Lack, unseen []string) {
	for _, op := range in.Judged {
		for _, f := range op.Features {
			if len(f.Alternatives) > 0 && f.Decision == results.DecisionAllowed {
				continue
			}
			if f.Decision == results.DecisionUnknown && f.Reason == string(authz.OtherDivision) {
				unseen = append(unseen, f.Why)
				continue
			}
			if slices.ContainsFunc(list, func(l Lack) bool { return l.Permission == f.Permission }) {
				continue
			}
			divisions, why := in.lackedIn(f.Permission)
			unseen = append(unseen, why...)
			if len(divisions) > 0 {
				list = append(list, Lack{f.Permission, divisions})
			}
		}
	}
	return list, Unique(unseen)
}

// lackedIn are the divisions in which a permission is to be granted.
func (in *Input) lackedIn(permission string) (divisions []authz.Named, unseen []string) {
	if len(in.Where) == 0 {
		return nil, []string{"where " + permission + " is needed: " + in.whyNoDivision()}
	}
	for _, target := range in.Where {
		h := in.HoldsIn(permission, target)
		switch {
		case h.Decision == results.DecisionAllowed:
		case h.Reason == Disagree:
			unseen = append(unseen, permission+" is granted already in "+target.Label()+", and the org answers that the token does not have it: no grant changes that")
		case h.Reason == NotAvailable:
			unseen = append(unseen, permission+" cannot be granted: the org does not know a permission of this name")
		case h.Decision == results.DecisionUnknown && h.Reason != authz.Conditional:
			unseen = append(unseen, "whether "+permission+" is granted in "+target.Label()+": "+FirstOf(h.Why, string(h.Reason)))
		case !target.Resolved():
			unseen = append(unseen, "the id of "+target.Label()+", in which "+permission+" is to be granted")
		default:
			divisions = append(divisions, target.Division)
		}
		if in.divisionless(permission) && len(divisions) > 0 {
			return divisions[:1], unseen // one grant counts everywhere
		}
	}
	return divisions, unseen
}

// MissingPermissions are the needed permissions that are to be granted.
func (in *Input) MissingPermissions() []string { return in.Plan().Missing }

// planner makes one plan.
type planner struct {
	in   *Input
	role string
	plan Plan
}

// PlanSubject is who gets the grants; false where the org does not say whose token it is.
func (in *Input) PlanSubject() (g GrantChange, ok bool) {
	if isUser, known := in.IsUserToken(); isUser || !known {
		if in.User.Seen() && in.User.Value.ID != "" {
			u := in.User.Value
			return GrantChange{Subject: u.Name, SubjectID: u.ID, SubjectType: SubjectUser}, true
		}
		return g, false
	}
	c, _ := in.OAuthClient()
	switch {
	case c != nil && c.ID != "":
		return GrantChange{Subject: c.Name, SubjectID: c.ID, SubjectType: SubjectClient}, true
	case in.Target.ClientID != "":
		return GrantChange{Subject: in.Target.ClientID, SubjectID: in.Target.ClientID, SubjectType: SubjectClient}, true
	}
	return g, false
}

// permissions plans roles and grants for what is missing. Permissions that are missing
// in different divisions get roles of their own, so that none is granted where no
// need requires it.
func (pl *planner) permissions() {
	p := &pl.plan
	lacks, unknown := pl.in.Lacks()
	lacks = pl.gates(lacks)
	p.Unknown = unknown
	for _, l := range lacks {
		p.Missing = append(p.Missing, l.Permission)
	}
	if len(lacks) == 0 {
		return
	}
	subject, ok := pl.in.PlanSubject()
	if !ok {
		p.Unknown = append(p.Unknown, "whose token it is: tokens/me and users/me do not say")
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
	if slices.Contains(pl.in.Opts.Divisions, authz.Any) && len(list) == len(pl.in.Where) {
		return []authz.Named{{ID: authz.Any, Name: "all divisions"}}
	}
	return list
}

// gates adds what an operation's access check requires and neither the subject nor
// the planned permissions have.
func (pl *planner) gates(list []Lack) []Lack {
	for i, op := range pl.in.Needed {
		if pl.in.Judged[i].Gate.Decision != results.DecisionDenied {
			continue
		}
		for _, p := range pl.gate(op, list) {
			if where := pl.places(); len(where) > 0 {
				list = append(list, Lack{Permission: p, Divisions: where[:1]})
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

// hopeless says whether no grant gives the subject a permission: the org does not know it, so
// no role can include it, or it is granted already and the org does not count that.
func (pl *planner) hopeless(permission string) bool {
	return pl.in.permissionUnknown(permission) || pl.in.HoldsAnywhere(permission).Reason == Disagree
}

// gate returns what an operation's access check misses when the planned permissions do
// not open it: of alternatives the one that allows least, as explain advises.
func (pl *planner) gate(op catalog.NeededOperation, planned []Lack) []string {
	var missing []string
	if slices.ContainsFunc(featurePermissions(op), pl.hopeless) {
		return nil // to open the endpoint by another permission helps nobody
	}
	for _, text := range op.Gate.Permissions {
		held := pl.in.HoldsAnywhere(text).Decision == results.DecisionAllowed
		if held || slices.ContainsFunc(planned, func(l Lack) bool { return authz.Covers(l.Permission, text) }) {
			if op.Gate.Type == catalog.GateAny {
				return nil
			}
			continue
		}
		if !pl.hopeless(text) {
			missing = append(missing, text)
		}
	}
	if op.Gate.Type == catalog.GateAny && len(missing) > 0 {
		return catalog.Least(op.Method, op.Path, missing)[:1]
	}
	return missing
}

// set are permissions that are missing in the same divisions.
type set struct {
	permissions []string
	divisions   []authz.Named
}

func group(lacks []Lack) []set {
	var out []set
	for _, l := range lacks {
		i := slices.IndexFunc(out, func(s set) bool { return slices.Equal(s.divisions, l.Divisions) })
		if i < 0 {
			out = append(out, set{divisions: l.Divisions})
			i = len(out) - 1
		}
		out[i].permissions = append(out[i].permissions, l.Permission)
	}
	for i := range out {
		out[i].permissions = Unique(out[i].permissions)
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

// scopes plans scopes for a client that uses them: the one that opens every operation
// that scopes shut, the narrowest first.
func (pl *planner) scopes() {
	c, _ := pl.in.OAuthClient()
	if isUser, _ := pl.in.IsUserToken(); !isUser || c == nil || c.AuthorizedGrantType == genesys.GrantClientCredentials {
		return
	}
	var add []string
	for _, op := range pl.in.Judged {
		if op.Scope == results.DecisionDenied && !HasAny(add, op.Scopes...) {
			add = append(add, pl.scope(op.Scopes)...)
		}
	}
	if len(add) > 0 {
		pl.plan.Scopes = &ScopeChange{Client: c.Name, ClientID: c.ID, Add: add}
	}
}

// scope picks of alternatives the one that most of the refused operations accept, and
// of equal ones the narrower.
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
