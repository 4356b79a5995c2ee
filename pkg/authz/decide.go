package authz

import (
	"maps"
	"slices"
	"strings"
)

// Policy is what a role allows on one entity.
type Policy struct {
	Domain  string   `json:"domain"`
	Entity  string   `json:"entity"`
	Actions []string `json:"actions"`
	// Condition limits the policy to some resources, in the platform's words;
	// empty means unconditional.
	Condition string `json:"condition,omitempty"`
}

// covering returns the action of the policy that covers p.
func (pol Policy) covering(p Permission) (action string, ok bool) {
	for _, a := range pol.Actions {
		if (Permission{Domain: pol.Domain, Entity: pol.Entity, Action: a}).Covers(p) {
			return a, true
		}
	}
	return "", false
}

// Named is an id with its name, which may be empty when the org did not say it.
type Named struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Label returns the name, or the id where there is none.
func (n Named) Label() string {
	if n.Name != "" {
		return n.Name
	}
	return n.ID
}

// Grant is a role in a division, granted to a subject.
type Grant struct {
	Role Named `json:"role"`
	// Division is where the grant applies; the id * means every division, and an
	// empty id that the org did not say.
	Division Named    `json:"division"`
	Policies []Policy `json:"policies,omitempty"`
	// Bare are the role's legacy permissions.
	Bare []string `json:"bare,omitempty"`
	// Readable is false where the role's policies could not be read; the grant
	// may then allow anything.
	Readable bool `json:"readable"`
}

// covers says whether the grant counts for the target. The second result is
// false where that cannot be known.
func (g Grant) covers(t Target) (covers, known bool) {
	switch {
	case t.anywhere, g.Division.ID == Any:
		return true, true
	case t.Division.ID == "", g.Division.ID == "":
		return false, false
	}
	return strings.EqualFold(g.Division.ID, t.Division.ID), true
}

// Target is where a permission must be granted: anywhere at all, in one division, or
// in a division whose id could not be read.
type Target struct {
	anywhere bool
	// Division is the one division; its id is empty where it could not be read.
	Division Named
}

// Anywhere asks whether a permission is granted at all: access checks look no further,
// and so does the work for permissions that are not division-aware.
func Anywhere() Target { return Target{anywhere: true} }

// In asks for a division. Without an id only a grant in every division counts for
// sure.
func In(d Named) Target { return Target{Division: d} }

// Resolved says whether the target is known.
func (t Target) Resolved() bool { return t.anywhere || t.Division.ID != "" }

// IsAnywhere says whether the target is no division in particular.
func (t Target) IsAnywhere() bool { return t.anywhere }

// Label names the target.
func (t Target) Label() string {
	if t.anywhere {
		return "any division"
	}
	return t.Division.Label()
}

// Subject is whose token it is, with all that was granted to it.
type Subject struct {
	Grants []Grant `json:"grants"`
	// Complete is false where the list of grants could not be read in full.
	Complete bool `json:"complete"`
}

// Answer is what a decision says.
type Answer string

// The answers. Unknown is never a weaker Allowed: it means that what was
// readable does not decide.
const (
	Allowed Answer = "allowed"
	Denied  Answer = "denied"
	Unknown Answer = "unknown"
)

// Reason says why a decision is not Allowed.
type Reason string

// The reasons.
const (
	// NotHeld: no readable grant has the permission, and all were readable.
	NotHeld Reason = "not-held"
	// NoGrants: the subject has no grant at all.
	NoGrants Reason = "no-grants"
	// OtherDivision: the permission is granted, only in other divisions.
	OtherDivision Reason = "other-division"
	// DivisionUnseen: the permission is granted, but whether in the right division
	// could not be learnt.
	DivisionUnseen Reason = "division-unseen"
	// Conditional: the permission is granted only under a condition.
	Conditional Reason = "conditional"
	// RoleUnseen: a granted role's policies could not be read.
	RoleUnseen Reason = "role-unseen"
	// GrantsUnseen: the grants themselves could not be read.
	GrantsUnseen Reason = "grants-unseen"
	// LegacyOnly: only a role's list of legacy permissions has it, and what that list
	// opens is not published.
	LegacyOnly Reason = "legacy-only"
)

// Link is the chain from a grant to the action that covers a permission.
type Link struct {
	Role      Named  `json:"role"`
	Division  Named  `json:"division"`
	Policy    string `json:"policy"`
	Action    string `json:"action"`
	Condition string `json:"condition,omitempty"`

	legacy bool
}

// Decision is an answer with its proof.
type Decision struct {
	Permission string `json:"permission"`
	Answer     Answer `json:"answer"`
	Reason     Reason `json:"reason,omitempty"`
	// Proof is the chain that grants (Allowed, one link), or the chains that
	// come near and fail: conditional ones and those of other divisions.
	Proof []Link `json:"proof,omitempty"`
	// Unread are the granted roles whose policies could not be read.
	Unread []Named `json:"unread,omitempty"`
}

// maxProof bounds the chains, and the unread roles, that one decision names: a subject
// may have many thousands.
const maxProof = 100

// Decide says whether the subject has p in the target.
func (s Subject) Decide(p Permission, target Target) Decision {
	few := func(to []Link, link Link) []Link {
		if len(to) == maxProof {
			return to
		}
		return append(to, link)
	}
	d := Decision{Permission: p.String(), Answer: Denied, Reason: NotHeld}
	var conditional, elsewhere, unplaced, legacy []Link
	for _, g := range s.Grants {
		covers, known := g.covers(target)
		if !g.Readable && (covers || !known) && len(d.Unread) < maxProof {
			d.Unread = append(d.Unread, g.Role)
		}
		for _, link := range g.links(p) {
			switch {
			case !known:
				unplaced = few(unplaced, link)
			case !covers:
				elsewhere = few(elsewhere, link)
			case link.legacy:
				legacy = few(legacy, link)
			case link.Condition != "":
				conditional = few(conditional, link)
			default:
				return Decision{Permission: d.Permission, Answer: Allowed, Proof: []Link{link}}
			}
		}
	}
	switch {
	case len(conditional) > 0:
		d.Answer, d.Reason, d.Proof = Unknown, Conditional, conditional
	case len(d.Unread) > 0:
		d.Answer, d.Reason, d.Proof = Unknown, RoleUnseen, elsewhere
	case !s.Complete:
		d.Answer, d.Reason, d.Proof = Unknown, GrantsUnseen, slices.Concat(unplaced, elsewhere)
	case len(unplaced) > 0:
		d.Answer, d.Reason, d.Proof = Unknown, DivisionUnseen, unplaced
	case len(legacy) > 0:
		d.Answer, d.Reason, d.Proof = Unknown, LegacyOnly, legacy
	case len(elsewhere) > 0:
		d.Reason, d.Proof = OtherDivision, elsewhere
	case len(s.Grants) == 0:
		d.Reason = NoGrants
	}
	return d
}

// links returns the chains of the grant that cover p, the unconditional ones of
// policies first and those of legacy permissions last.
func (g Grant) links(p Permission) []Link {
	var plain, limited, legacy []Link
	for _, pol := range g.Policies {
		action, ok := pol.covering(p)
		if !ok {
			continue
		}
		link := Link{Role: g.Role, Division: g.Division, Action: action, Condition: pol.Condition,
			Policy: Permission{Domain: pol.Domain, Entity: pol.Entity, Action: action}.String()}
		if pol.Condition == "" {
			plain = append(plain, link)
		} else {
			limited = append(limited, link)
		}
	}
	for _, b := range g.Bare {
		if held, err := ParsePermission(b); err == nil && held.Covers(p) {
			legacy = append(legacy, Link{Role: g.Role, Division: g.Division, Policy: b, Action: held.Action, legacy: true})
		}
	}
	return slices.Concat(plain, limited, legacy)
}

// Held returns every permission that the readable grants list, with wildcards
// as they are, sorted and once each.
func (s Subject) Held() []Permission {
	held := map[Permission]bool{}
	for _, g := range s.Grants {
		for _, b := range g.Bare {
			if p, err := ParsePermission(b); err == nil {
				held[p] = true
			}
		}
		for _, pol := range g.Policies {
			for _, a := range pol.Actions {
				held[Permission{Domain: pol.Domain, Entity: pol.Entity, Action: a}] = true
			}
		}
	}
	return slices.SortedFunc(maps.Keys(held), func(a, b Permission) int { return strings.Compare(a.String(), b.String()) })
}
