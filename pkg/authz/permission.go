// Package authz is the permission algebra of Genesys Cloud: it parses
// permissions, matches wildcards, and decides from a subject's grants whether
// a permission is granted in a division, with the chain that proves it.
//
// The rules are the published ones: permissions read domain:entity:action, a
// role's policy names a domain, an entity and actions, any of which may be *,
// and a grant is a role in a division.
package authz

import (
	"fmt"
	"strings"
)

// Any is the wildcard of a permission's part and of a grant's division.
const Any = "*"

// Permission is domain:entity:action, or a legacy bare word such as "admin"
// or "group_creation", which only matches itself.
type Permission struct {
	Domain, Entity, Action string
	// Bare is the legacy word; the other fields are empty then.
	Bare string
}

// ParsePermission reads "domain:entity:action", with * in any place, or a bare
// legacy word.
func ParsePermission(s string) (Permission, error) {
	s = strings.TrimSpace(s)
	for _, r := range s {
		if r <= ' ' || r == 0x7f {
			return Permission{}, fmt.Errorf("permission %q has white space inside", s)
		}
	}
	parts := strings.Split(s, ":")
	switch {
	case s == "":
		return Permission{}, fmt.Errorf("permission is empty: write domain:entity:action")
	case len(parts) == 1 && s == Any:
		return Permission{Domain: Any, Entity: Any, Action: Any}, nil
	case len(parts) == 1:
		return Permission{Bare: s}, nil
	case len(parts) != 3 || parts[0] == "" || parts[1] == "" || parts[2] == "":
		return Permission{}, fmt.Errorf("permission %q has %d parts: write domain:entity:action, as in directory:user:add", s, len(parts))
	}
	return Permission{Domain: parts[0], Entity: parts[1], Action: parts[2]}, nil
}

// MustParse is ParsePermission for the catalogue's own constants.
func MustParse(s string) Permission {
	p, err := ParsePermission(s)
	if err != nil {
		panic(err)
	}
	return p
}

// String returns the permission as the platform writes it.
func (p Permission) String() string {
	if p.Bare != "" {
		return p.Bare
	}
	return p.Domain + ":" + p.Entity + ":" + p.Action
}

// Wild says whether a part of the permission is a wildcard.
func (p Permission) Wild() bool {
	return p.Domain == Any || p.Entity == Any || p.Action == Any
}

// Covers says whether having p is having q. Names compare without case: refusals
// and roles write setPassword in more than one way. A bare legacy word covers only
// itself: what "admin" once opened is in no published list.
func (p Permission) Covers(q Permission) bool {
	if p.Bare != "" || q.Bare != "" {
		return strings.EqualFold(p.Bare, q.Bare) && p.Bare != ""
	}
	return part(p.Domain, q.Domain) && part(p.Entity, q.Entity) && part(p.Action, q.Action)
}

func part(held, asked string) bool { return held == Any || strings.EqualFold(held, asked) }

// Covers says whether the first of two permissions, as they are written, grants the second.
func Covers(held, asked string) bool {
	h, err := ParsePermission(held)
	if err != nil {
		return false
	}
	a, err := ParsePermission(asked)
	return err == nil && h.Covers(a)
}
