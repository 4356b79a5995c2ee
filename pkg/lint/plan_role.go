package lint

import (
	"slices"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/genesys"
)

// choose finds the role for a set: the one of the name that the subject has, where
// extending it grants nothing elsewhere; an existing one that includes just what is
// needed; else a new one.
func (pl *planner) choose(name string, s set) RoleChange {
	made := RoleChange{Kind: RoleMake, Name: name, Permissions: s.permissions}
	if r, ok := pl.known(func(r KnownRole) bool { return r.Name == name }); ok {
		if r.Default {
			made.Name, made.CopyOf = name+" for SCIM", name
			if !pl.in.SCIM() {
				made.Name = name + " for API operations"
			}
			return made
		}
		if r.Plain && pl.grantedWithin(r.ID, s.divisions) {
			return RoleChange{Kind: RoleExtend, Name: r.Name, ID: r.ID, Permissions: s.permissions, Has: r.Permissions}
		}
		made.Name = name + " (" + labels(s.divisions) + ")"
	}
	if r, ok := pl.known(func(r KnownRole) bool { return r.includes(s.permissions) && len(pl.beyond(r)) == 0 }); ok {
		return RoleChange{Kind: RoleUse, Name: r.Name, ID: r.ID, Permissions: r.Permissions}
	}
	made.Instead = pl.broader(s)
	return made
}

// broader is the role with the least excess of those that include all of a set.
func (pl *planner) broader(s set) *BroaderRole {
	var best *BroaderRole
	for _, r := range pl.in.knownRoles() {
		if beyond := pl.beyond(r); r.includes(s.permissions) && (best == nil || len(beyond) < len(best.Excess)) {
			best = &BroaderRole{Name: r.Name, ID: r.ID, Excess: beyond}
		}
	}
	return best
}

// beyond are the role's permissions that no need requires.
func (pl *planner) beyond(r KnownRole) []string {
	needed := pl.in.NeededPermissions()
	return slices.DeleteFunc(slices.Clone(r.Permissions), func(p string) bool { return slices.Contains(needed, p) })
}

func (pl *planner) known(want func(KnownRole) bool) (KnownRole, bool) {
	for _, r := range pl.in.knownRoles() {
		if want(r) {
			return r, true
		}
	}
	return KnownRole{}, false
}

// granted says whether the subject has the role in the division.
func (pl *planner) granted(role, division string) bool {
	return slices.ContainsFunc(pl.in.Subject.Grants, func(g authz.Grant) bool {
		return g.Role.ID == role && (g.Division.ID == division || g.Division.ID == authz.Any)
	})
}

// grantedWithin says whether the subject has the role in these divisions only.
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

// KnownRole is a role of which the evidence shows what it includes.
type KnownRole struct {
	authz.Named
	Permissions []string
	// Plain is set when no condition limits it and no legacy permission is in it.
	Plain bool
	// Default is set for a role of the vendor's own, which is not to be changed.
	Default bool
}

// includes says whether a role without conditions includes all of these permissions.
func (r KnownRole) includes(permissions []string) bool {
	return r.Plain && !slices.ContainsFunc(permissions, func(p string) bool {
		return !slices.ContainsFunc(r.Permissions, func(h string) bool { return authz.Covers(h, p) })
	})
}

// knownRoles are the roles that the evidence shows: those that were read on their own,
// the subject's, and those of a token that works.
func (in *Input) knownRoles() []KnownRole {
	var list []KnownRole
	for _, f := range in.Roles {
		if f.Seen() {
			list = append(list, RoleOf(*f.Value))
		}
	}
	for _, g := range in.Subject.Grants {
		if g.Readable {
			list = append(list, RoleOfGrant(g))
		}
	}
	if w := in.Working; w != nil && w.Grants.Seen() {
		for _, g := range w.Grants.Value.Grants {
			if len(g.Role.Policies) > 0 {
				list = append(list, RoleInGrant(g.Role))
			}
		}
	}
	return slices.DeleteFunc(list, func(r KnownRole) bool { return r.ID == "" || len(r.Permissions) == 0 })
}

// RoleOf reads a role that was asked for on its own.
func RoleOf(r genesys.Role) KnownRole {
	k := KnownRole{Named: authz.Named{ID: r.ID, Name: r.Name}, Plain: len(r.Permissions) == 0, Default: r.Default || r.Base}
	for _, p := range r.PermissionPolicies {
		k.Plain = k.Plain && p.ResourceConditionNode == nil && len(p.NamedResources) == 0
		k.add(p.Domain, p.EntityName, p.ActionSet)
	}
	return k.once()
}

// RoleOfGrant reads a role from a decided grant.
func RoleOfGrant(g authz.Grant) KnownRole {
	k := KnownRole{Named: g.Role, Plain: len(g.Bare) == 0}
	for _, p := range g.Policies {
		k.Plain = k.Plain && p.Condition == ""
		k.add(p.Domain, p.Entity, p.Actions)
	}
	return k.once()
}

// RoleInGrant reads a role from a grant as the platform lists it.
func RoleInGrant(r genesys.GrantRole) KnownRole {
	k := KnownRole{Named: authz.Named{ID: r.ID, Name: r.Name}, Plain: true}
	for _, p := range r.Policies {
		k.Plain = k.Plain && p.Condition == ""
		k.add(p.Domain, p.EntityName, p.Actions)
	}
	return k.once()
}

func (r *KnownRole) add(domain, entity string, actions []string) {
	for _, a := range actions {
		r.Permissions = append(r.Permissions, domain+":"+entity+":"+a)
	}
}

// once drops permissions that are listed twice.
func (r KnownRole) once() KnownRole {
	r.Permissions = Unique(r.Permissions)
	return r
}
