package lint

import (
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// The reasons of a decision beside those of authz.
const (
	// Refused: the org itself refused a call of this run and named the permission.
	Refused authz.Reason = "refused"
	// NotAvailable: the org does not know a permission of this name.
	NotAvailable authz.Reason = "not-available"
	// Disagree: grants and the platform's own answer contradict each other.
	Disagree authz.Reason = "platform-disagrees"
)

// Holding is the one decision about one permission: whether the subject has it
// where it is needed. Everything that speaks of a permission reads it here.
type Holding struct {
	Permission string
	// Decision is allowed for granted, denied for not granted, and unknown for what could
	// not be read.
	Decision results.Decision
	Reason   authz.Reason
	// Why says in the org's words why it could not be read, or what refused it.
	Why string
	// Basis is observed where the platform itself answered, published where the
	// answer follows from grants and roles.
	Basis results.Basis
	Proof []authz.Link
	// Target is the division that decides: the first one in which the permission is
	// not granted.
	Target authz.Target
	// Note is what contradicts the decision, such as grants that list a permission
	// which the platform says is not granted.
	Note string
}

// Holds decides a permission in every target division; the worst counts.
func (in *Input) Holds(permission string) Holding {
	if len(in.Where) == 0 {
		return Holding{Permission: permission, Decision: results.DecisionUnknown, Reason: authz.DivisionUnseen, Basis: results.Observed, Why: in.whyNoDivision()}
	}
	var out Holding
	for i, target := range in.Where {
		h := in.HoldsIn(permission, target)
		if i == 0 || rank(h.Decision) > rank(out.Decision) {
			out = h
		}
	}
	return out
}

// holdsOne decides permissions any one of which is enough, in every target division:
// the best counts in each, and the worst of the divisions in all.
func (in *Input) holdsOne(permissions []string) Holding {
	if len(in.Where) == 0 || len(permissions) == 1 {
		return in.Holds(permissions[0])
	}
	var out Holding
	for i, target := range in.Where {
		best := in.HoldsIn(permissions[0], target)
		for _, p := range permissions[1:] {
			if h := in.HoldsIn(p, target); rank(h.Decision) < rank(best.Decision) {
				best = h
			}
		}
		if i == 0 || rank(best.Decision) > rank(out.Decision) {
			out = best
		}
	}
	return out
}

// HoldsAnywhere decides a permission for an endpoint's access check, which does
// not look at divisions.
func (in *Input) HoldsAnywhere(permission string) Holding {
	return in.HoldsIn(permission, authz.Anywhere())
}

// HoldsIn decides a permission in one place. The platform's refusal of a call of
// this run is believed first, its answer to where the token has the permission
// second, and last what follows from the grants and roles.
func (in *Input) HoldsIn(permission string, target authz.Target) Holding {
	key := permission + "\x00" + target.Label() + "\x00" + target.Division.ID
	if h, ok := in.holdings[key]; ok {
		return h
	}
	h := in.decideHolding(permission, target)
	in.holdings[key] = h
	return h
}

func (in *Input) decideHolding(permission string, target authz.Target) Holding {
	h := Holding{Permission: permission, Target: target, Basis: results.Published}
	p, err := authz.ParsePermission(permission)
	if err != nil {
		h.Decision, h.Reason, h.Why = results.DecisionUnknown, authz.NotHeld, err.Error()
		return h
	}
	if in.divisionless(permission) {
		target = authz.Anywhere()
	}
	inferred := in.Subject.Decide(p, target)
	h.Proof = inferred.Proof
	if r, ok := in.refusedPermission(permission, target); ok {
		h.Decision, h.Reason, h.Basis, h.Why = results.DecisionDenied, Refused, results.Observed, "the org refused: "+RefusalWords(r)
		if OfDivision(r) {
			h.Reason = authz.OtherDivision
		}
		if inferred.Answer == authz.Allowed {
			if h.Reason == Refused {
				h.Reason = Disagree
			}
			h.Note = "the grants do list " + permission + " (" + Chain(Links(inferred.Proof)[0]) + "): it may have been granted after the token was issued; a new token shows it"
		}
		return h
	}
	if held, answered := in.platformSays(permission, target); answered {
		return in.fromPlatform(h, held, inferred)
	}
	return in.fromGrants(h, inferred)
}

// fromPlatform decides by the platform's own answer, with what the grants say as
// its explanation.
func (in *Input) fromPlatform(h Holding, held authz.Answer, inferred authz.Decision) Holding {
	h.Basis = results.Observed
	switch {
	case held == authz.Allowed && in.permissionUnknown(h.Permission):
		h.Decision, h.Reason = results.DecisionUnknown, NotAvailable
	case held == authz.Denied && inferred.Reason == authz.Conditional:
		// Whether the platform's answer counts a permission with a condition is not published.
		h.Decision, h.Reason = results.DecisionUnknown, authz.Conditional
	case held == authz.Allowed && inferred.Reason == authz.Conditional:
		// The answer says where, not for which objects: a condition still limits it.
		h.Decision, h.Reason = results.DecisionUnknown, authz.Conditional
	case held == authz.Allowed && inferred.Answer == authz.Unknown && in.mayBeConditional(h.Permission) && (inferred.Reason == authz.RoleUnseen || inferred.Reason == authz.GrantsUnseen):
		h.Decision, h.Reason = results.DecisionUnknown, inferred.Reason
		h.Why = "the platform says that it is granted, and whether a condition limits it could not be read: " + in.whyRoles(inferred)
	case held == authz.Allowed:
		h.Decision = results.DecisionAllowed
		if inferred.Answer == authz.Denied {
			h.Note = "the grants that were read do not include " + h.Permission + "; the platform's own answer decides"
		}
	case held == authz.Unknown:
		h.Decision, h.Reason, h.Why = results.DecisionUnknown, authz.DivisionUnseen, in.whyNoDivision()
	default:
		h.Decision, h.Reason = results.DecisionDenied, authz.NotHeld
		switch inferred.Answer {
		case authz.Denied:
			h.Reason = inferred.Reason
		case authz.Allowed:
			h.Reason = Disagree
			h.Note = "the grants do list " + h.Permission + " (" + Chain(Links(inferred.Proof)[0]) + "), and the platform answers that the token does not have it"
			h.Proof = nil
		}
		if in.permissionUnknown(h.Permission) {
			h.Reason = NotAvailable
		}
	}
	return h
}

// mayBeConditional says whether a role may limit a permission by a condition: what
// the org says of it, else yes.
func (in *Input) mayBeConditional(permission string) bool {
	info, ok := in.permissionInfo(permission)
	return !ok || info.AllowsConditions == nil || *info.AllowsConditions
}

func (in *Input) whyRoles(inferred authz.Decision) string {
	if inferred.Reason == authz.RoleUnseen {
		return in.whyRole(inferred.Unread)
	}
	return in.WhyGrants()
}

// fromGrants decides by grants and roles.
func (in *Input) fromGrants(h Holding, inferred authz.Decision) Holding {
	h.Decision, h.Reason = results.Decision(inferred.Answer), inferred.Reason
	if in.permissionUnknown(h.Permission) {
		h.Reason = NotAvailable
		if h.Decision == results.DecisionAllowed {
			h.Decision = results.DecisionUnknown
		}
	}
	switch h.Reason {
	case authz.RoleUnseen:
		h.Why = in.whyRole(inferred.Unread)
	case authz.GrantsUnseen:
		h.Why = in.WhyGrants()
	case authz.DivisionUnseen:
		h.Why = in.whyNoDivision()
	case authz.LegacyOnly:
		h.Why = "only the role's list of legacy permissions has it, and what that list opens is not published"
	}
	return h
}

// platformSays is the platform's own answer to whether the token has a permission
// in the target. answered is false where it gave none.
func (in *Input) platformSays(permission string, target authz.Target) (held authz.Answer, answered bool) {
	if strings.EqualFold(permission, groupEdit) && in.GroupProbe.Seen() {
		return authz.Allowed, true // reading a group requires it
	}
	f, ok := in.PermittedOf(permission)
	if !ok || !f.Seen() {
		return "", false
	}
	v := f.Value
	switch {
	case v.Everywhere, target.IsAnywhere() && len(v.Divisions) > 0:
		return authz.Allowed, true
	case len(v.Divisions) == 0:
		return authz.Denied, true
	case !target.Resolved():
		return authz.Unknown, true
	}
	for _, d := range v.Divisions {
		if strings.EqualFold(d.ID, target.Division.ID) {
			return authz.Allowed, true
		}
	}
	return authz.Denied, true
}

// groupEdit is the permission that every SCIM call on groups requires. Source: the
// published definition.
const groupEdit = "directory:group:edit"

// divisionless says whether the division of a grant does not matter for a
// permission: what the org says of it, else what is published.
func (in *Input) divisionless(permission string) bool {
	if info, ok := in.permissionInfo(permission); ok && info.DivisionAware != nil {
		return !*info.DivisionAware
	}
	return catalog.DivisionUnaware(permission)
}

func (in *Input) permissionInfo(permission string) (genesys.PermissionInfo, bool) {
	if !in.Permissions.Seen() {
		return genesys.PermissionInfo{}, false
	}
	info, ok := in.indexes().permissions[strings.ToLower(permission)]
	return info, ok
}

// permissionUnknown says whether the org was asked for a permission of this name
// and does not have it. An answer that knows none of the names that were asked for
// is not believed: it did not understand the question.
func (in *Input) permissionUnknown(permission string) bool {
	if !in.Permissions.Seen() || len(*in.Permissions.Value) == 0 {
		return false
	}
	asked := slices.ContainsFunc(in.PermissionsAsked, func(p string) bool { return strings.EqualFold(p, permission) })
	_, known := in.permissionInfo(permission)
	return asked && !known && in.answersTheQuestion()
}

func (in *Input) answersTheQuestion() bool {
	return slices.ContainsFunc(in.PermissionsAsked, func(p string) bool { _, ok := in.permissionInfo(p); return ok })
}

// refusedPermission returns the refusal by which the org named a permission as
// missing, to a call that the token under test made in this run.
func (in *Input) refusedPermission(permission string, target authz.Target) (*genesys.Refusal, bool) {
	for _, req := range in.Requests() {
		r := req.Refusal
		if !OfToken(req) || r == nil || r.Status != 403 || !MissingPermission(r) && !OfDivision(r) {
			continue
		}
		// A refusal in a division says nothing of whether it is granted at all.
		if OfDivision(r) && (target.IsAnywhere() || !in.refusedIn(r, target)) {
			continue
		}
		if slices.ContainsFunc(r.Permissions, func(p string) bool { return strings.EqualFold(p, permission) }) {
			return r, true
		}
	}
	return nil, false
}

// refusedIn says whether a refusal is about the target division: the one that it
// names, or the only one that the run is about where it names none.
func (in *Input) refusedIn(r *genesys.Refusal, target authz.Target) bool {
	if len(r.Divisions) == 0 {
		return len(in.Where) == 1
	}
	return slices.ContainsFunc(r.Divisions, func(d string) bool {
		return strings.EqualFold(d, target.Division.ID) || strings.EqualFold(d, target.Division.Name)
	})
}

// WhyGrants says in the org's words why the grants are not known in full.
func (in *Input) WhyGrants() string {
	_, why := in.GrantsOfToken()
	return FirstOf(why, "the list of grants could not be read in full")
}

// whyRole says in the org's words why a granted role's policies are not known.
func (in *Input) whyRole(unread []authz.Named) string {
	for _, f := range in.Roles {
		if !f.Seen() {
			return f.WhyUnseen()
		}
	}
	if len(unread) > 0 {
		return "the grants show the role " + Quote(unread[0].Label()) + " without its policies"
	}
	return "a granted role's policies could not be read"
}

// whyNoDivision says why it is not known in which division to look.
func (in *Input) whyNoDivision() string {
	switch {
	case len(in.NoSuchDivision) > 0:
		return "the org has no division " + Quote(in.NoSuchDivision[0])
	case !in.Divisions.Seen():
		return "the divisions could not be read: " + in.Divisions.WhyUnseen()
	}
	return "the org does not say the id of a division"
}
