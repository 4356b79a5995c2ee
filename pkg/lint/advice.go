package lint

import (
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// PasteClientsToken is the fix of a person's token that was pasted. A person's token is not
// to live for 450 days: the vendor's instructions paste a client's.
var PasteClientsToken = results.Fix{Text: "Paste a token that an OAuth client of the grant type Client Credentials gets with its own id and secret; grant the role to that client, and set the duration of its tokens to 38,880,000 seconds (450 days)", Where: AdminOAuth}

// GrantFix words the part of the plan that grants these permissions, and all of it
// where none is named. Every check, cause and headline about a missing permission gets
// its fix here, so that none says anything else than scimlint fix. Permissions that the
// plan does not grant, such as those of a refusal of somebody else's call, are named
// for a role of the reader's choice.
func (in *Input) GrantFix(permissions ...string) results.Fix {
	if len(permissions) == 0 {
		permissions = in.Plan().Missing
	}
	if len(permissions) == 0 {
		return results.Fix{Text: "Grant a role that includes the missing permission to " + in.Who(), Where: in.RolesPath()}
	}
	roles, rest := in.Plan().part(permissions)
	if len(roles) == 0 {
		return results.Fix{Text: "Add " + strings.Join(permissions, " and ") + " to a role (" + genesys.AdminRoles + ") and grant that role to " + in.Who(),
			Where: in.RolesPath(), Permissions: permissions}
	}
	out := results.Fix{Permissions: rest}
	var sentences, where []string
	for _, r := range roles {
		grants := in.Plan().grantsOf(r)
		sentences = append(sentences, in.roleWords(r, grants))
		if r.Kind != RoleUse {
			where = append(where, genesys.AdminRoles)
		}
		if len(grants) > 0 {
			where = append(where, in.RolesPath())
		}
		out.Permissions = append(out.Permissions, r.Permissions...)
	}
	if len(rest) > 0 {
		sentences = append(sentences, "Add "+strings.Join(rest, ", ")+" to a role of "+in.Who()+", too")
	}
	out.Text, out.Where = strings.Join(sentences, ". "), strings.Join(Unique(where), ", then ")
	out.Permissions = Unique(out.Permissions)
	return out
}

// part are the plan's roles, with those of the permissions only that are asked for;
// rest are permissions that no role of the plan includes. A role that exists is used
// whole.
func (p Plan) part(permissions []string) (roles []RoleChange, rest []string) {
	rest = slices.Clone(permissions)
	for _, r := range p.Roles {
		includes := func(asked string) bool { return slices.Contains(r.Permissions, asked) }
		if !slices.ContainsFunc(permissions, includes) {
			continue
		}
		rest = slices.DeleteFunc(rest, includes)
		if r.Kind != RoleUse {
			r.Permissions = slices.DeleteFunc(slices.Clone(r.Permissions), func(has string) bool { return !slices.Contains(permissions, has) })
		}
		roles = append(roles, r)
	}
	return roles, rest
}

func (p Plan) grantsOf(r RoleChange) []GrantChange {
	return slices.DeleteFunc(slices.Clone(p.Grants), func(g GrantChange) bool { return g.Role != r.Name || g.RoleID != r.ID })
}

// roleWords says what to do with one role of the plan.
func (in *Input) roleWords(r RoleChange, grants []GrantChange) string {
	list := strings.Join(r.Permissions, ", ")
	var text string
	switch r.Kind {
	case RoleExtend:
		text = "Add " + list + " to the role " + Quote(r.Name)
		if len(grants) > 0 {
			text += " and grant it to " + in.Who() + " in " + placesOf(grants)
		}
		return text
	case RoleUse:
		text = "Grant the role " + Quote(r.Name) + " (" + list + ") to " + in.Who() + " in " + placesOf(grants)
	default:
		text = "Grant " + list + " to " + in.Who() + " in " + placesOf(grants) + " with a new role " + Quote(r.Name)
	}
	if len(grants) > 0 && grants[0].SubjectType == SubjectClient {
		text += " (assign it to yourself first)"
	}
	if r.Instead != nil {
		text += ", or with the role " + Quote(r.Instead.Name) + ", which also includes " + List(r.Instead.Excess, 6)
	}
	return text
}

// placesOf names the divisions of grants.
func placesOf(grants []GrantChange) string {
	var names []string
	for _, g := range grants {
		if g.DivisionID == authz.Any {
			return "all divisions"
		}
		names = append(names, g.Division)
	}
	return placeWords(Unique(names))
}
