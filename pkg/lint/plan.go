package lint

import (
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/results"
)

// Lack is a needed permission with the divisions in which the subject does not
// have it.
type Lack struct {
	Permission string
	Divisions  []authz.Named
}

// Lacks are the permissions to grant: every needed one that is decided as not
// held, or as held only under a condition, in each division where it is needed.
// unseen says what could not be decided: for that, no change is called needed.
// Every piece of advice about permissions, and the plan of fix, start from it.
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
		case h.Reason == NotAvailable:
			unseen = append(unseen, permission+" cannot be granted: the org does not know a permission of this name")
		case h.Decision == results.DecisionUnknown && h.Reason != authz.Conditional:
			unseen = append(unseen, "whether "+permission+" is held in "+target.Label()+": "+FirstOf(h.Why, string(h.Reason)))
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
func (in *Input) MissingPermissions() []string {
	lacks, _ := in.Lacks()
	var out []string
	for _, l := range lacks {
		out = append(out, l.Permission)
	}
	return out
}

// GrantFix says how the subject gets what it lacks: all of it in one instruction,
// so that every check, cause and headline gives the same advice. Where nothing is
// known to be lacking, it names the permissions of a refusal.
func (in *Input) GrantFix(named ...string) results.Fix {
	lacks, _ := in.Lacks()
	if len(lacks) == 0 {
		if len(named) == 0 {
			return results.Fix{Text: "Grant a role that includes the missing permission to " + in.Who(), Where: in.RolesPath()}
		}
		return results.Fix{Text: "Add " + strings.Join(named, " and ") + " to a role (" + AdminRoles + ") and grant that role to " + in.Who(), Where: in.RolesPath(), Permissions: named}
	}
	permissions := in.MissingPermissions()
	text := "Add " + strings.Join(permissions, ", ") + " to a role (" + AdminRoles + ") and grant that role to " + in.Who()
	if places := in.lackPlaces(lacks); places != "" {
		text += " in " + places
	}
	return results.Fix{Text: text, Where: in.RolesPath(), Permissions: permissions}
}

// lackPlaces names the divisions of lacks that all have the same.
func (in *Input) lackPlaces(lacks []Lack) string {
	var names []string
	for _, l := range lacks {
		for _, d := range l.Divisions {
			names = append(names, Quote(d.Label()))
		}
	}
	names = Unique(names)
	switch {
	case slices.Contains(in.Opts.Divisions, authz.Any):
		return "all divisions"
	case len(names) == 1:
		return "division " + names[0]
	case len(names) > 1:
		return "the divisions " + List(names, 4)
	}
	return ""
}
