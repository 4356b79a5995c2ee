package export

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/internal/fix"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/report"
)

// terraform writes a plan for the vendor's Terraform provider. Source of the names:
// the provider's published examples.
type terraform struct {
	file  *hclBody
	plan  fix.Plan
	names map[labelKey]string
	taken map[labelKey]bool
}

// labelKey is a kind of things with a key of one of them, or with a label that is taken.
type labelKey struct{ kind, key string }

func writeTerraform(w io.Writer, p fix.Plan) error {
	t := &terraform{file: &hclBody{}, plan: p, names: map[labelKey]string{}, taken: map[labelKey]bool{}}
	t.comment("Planned by scimlint fix: " + planWords(p))
	if !p.Empty() {
		t.provider()
		for _, r := range p.Roles {
			t.role(r)
		}
		t.subject()
	}
	for _, c := range p.Remaining {
		t.comment("Remains: " + c.ID + ": " + report.FixWords(c.Fix))
	}
	for _, u := range p.Unseen {
		t.comment("Could not be read: " + u)
	}
	_, err := io.WriteString(w, t.file.String())
	return err
}

// comment writes a line of its own; a text from outside cannot end it.
func (t *terraform) comment(text string) {
	t.file.line("# " + report.Inert(text))
}

func (t *terraform) block(kind string, labels ...string) *hclBody {
	t.file.line("")
	return t.file.block(kind, labels...)
}

func (t *terraform) provider() {
	body := t.block("terraform").block("required_providers")
	body.set("genesyscloud", "{\n      source = "+hclString("mypurecloud/genesyscloud")+"\n    }")
}

// label makes a name for a thing, once for each.
func (t *terraform) label(kind, key, name string) string {
	if l, ok := t.names[labelKey{kind, key}]; ok {
		return l
	}
	clean := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + ('a' - 'A')
		}
		return '_'
	}, name)
	if clean = strings.Trim(clean, "_"); clean == "" || clean[0] >= '0' && clean[0] <= '9' {
		clean = "the_" + clean
	}
	l := clean
	for n := 2; t.taken[labelKey{kind, l}]; n++ {
		l = fmt.Sprintf("%s_%d", clean, n)
	}
	t.taken[labelKey{kind, l}], t.names[labelKey{kind, key}] = true, l
	return l
}

func (t *terraform) role(r lint.RoleChange) {
	if r.Kind == lint.RoleUse {
		t.roleData(r.ID, r.Name)
		return
	}
	label := t.label("role", r.Name, r.Name)
	if r.Kind == lint.RoleExtend {
		t.comment("If this is one of the vendor's own roles, leave it and create a new one (--role).")
		t.importBlock("genesyscloud_auth_role", label, r.ID)
	}
	body := t.block("resource", "genesyscloud_auth_role", label)
	body.setString("name", r.Name)
	if r.Kind == lint.RoleMake {
		body.setString("description", "What the needed operations require, and nothing more")
	}
	for _, p := range policyBlocks(append(slices.Clone(r.Has), r.Permissions...)) {
		block := body.block("permission_policies")
		block.setString("domain", p.domain)
		block.setString("entity_name", p.entity)
		block.setList("action_set", p.actions)
	}
	if r.Kind == lint.RoleExtend {
		t.ignore(body, "description")
	}
}

// policyBlock is what a role allows on one entity.
type policyBlock struct {
	domain, entity string
	actions        []string
}

func policyBlocks(permissions []string) []policyBlock {
	var out []policyBlock
	for _, p := range permissions {
		part := strings.SplitN(p, ":", 3)
		if len(part) != 3 {
			continue
		}
		i := slices.IndexFunc(out, func(b policyBlock) bool { return b.domain == part[0] && b.entity == part[1] })
		if i < 0 {
			out = append(out, policyBlock{domain: part[0], entity: part[1]})
			i = len(out) - 1
		}
		if !slices.Contains(out[i].actions, part[2]) {
			out[i].actions = append(out[i].actions, part[2])
		}
	}
	return out
}

func (t *terraform) importBlock(kind, label, id string) {
	body := t.block("import")
	body.set("to", kind+"."+label)
	body.setString("id", id)
}

// ignore leaves attributes as they are that the evidence does not show.
func (t *terraform) ignore(body *hclBody, attributes ...string) {
	body.block("lifecycle").set("ignore_changes", "["+strings.Join(attributes, ", ")+"]")
}

// roleData reads a role that exists; it returns the reference to its id.
func (t *terraform) roleData(id, name string) string {
	for _, r := range t.plan.Roles {
		if r.Kind != lint.RoleUse && (r.ID != "" && r.ID == id || r.ID == "" && id == "" && r.Name == name) {
			return "genesyscloud_auth_role." + t.label("role", r.Name, r.Name) + ".id"
		}
	}
	known := t.names[labelKey{"role data", id}] != ""
	label := t.label("role data", id, name)
	if !known {
		t.block("data", "genesyscloud_auth_role", label).setString("name", name)
	}
	return "data.genesyscloud_auth_role." + label + ".id"
}

func (t *terraform) divisionData(id, name string) string {
	known := t.names[labelKey{"division", id}] != ""
	label := t.label("division", id, name)
	if !known {
		t.block("data", "genesyscloud_auth_division", label).setString("name", name)
	}
	return "data.genesyscloud_auth_division." + label + ".id"
}

// heldGrant is a grant with the references that it is written with.
type heldGrant struct {
	role     string
	division string // empty for all divisions
}

// grants are those that the subject has and those of the plan: the provider manages
// all of a subject's grants in one place. The data sources are written first.
func (t *terraform) grants() []heldGrant {
	var out []heldGrant
	write := func(roleID, role, divisionID, division string) {
		h := heldGrant{role: t.roleData(roleID, role)}
		if divisionID != "*" {
			h.division = t.divisionData(divisionID, cmp.Or(division, divisionID))
		}
		out = append(out, h)
	}
	for _, g := range t.plan.Target.Grants {
		if g.RoleID == "" || g.DivisionID == "" {
			t.comment("WARNING: a grant of the role " + g.Role + " that the evidence does not show in full is not written here, and terraform apply would remove it: add it first.")
			continue
		}
		write(g.RoleID, g.Role, g.DivisionID, g.Division)
	}
	for _, g := range t.plan.Grants {
		write(g.RoleID, g.Role, g.DivisionID, g.Division)
	}
	return out
}

// subject writes the OAuth client or the user's roles, whole.
func (t *terraform) subject() {
	if len(t.plan.Grants) > 0 && t.plan.Grants[0].SubjectType == lint.SubjectUser {
		t.user(t.plan.Grants[0])
		if t.plan.Scopes == nil {
			return
		}
	}
	c := t.plan.Client
	if c == nil || len(t.plan.Grants) == 0 && t.plan.Scopes == nil {
		return
	}
	var held []heldGrant
	if c.GrantType == "" || c.GrantType == "CLIENT-CREDENTIALS" {
		held = t.grants()
	}
	label := t.label("client", c.ID, cmp.Or(c.Name, "client"))
	t.importBlock("genesyscloud_oauth_client", label, c.ID)
	body := t.block("resource", "genesyscloud_oauth_client", label)
	body.setString("name", c.Name)
	body.setString("authorized_grant_type", cmp.Or(c.GrantType, "CLIENT-CREDENTIALS"))
	ignored := []string{"description", "registered_redirect_uris"}
	if c.AccessTokenValiditySeconds > 0 {
		body.set("access_token_validity_seconds", hclNumber(c.AccessTokenValiditySeconds))
	} else {
		ignored = append(ignored, "access_token_validity_seconds")
	}
	if c.State != "" {
		body.setString("state", c.State)
	}
	if scopes := t.clientScopes(); len(scopes) > 0 {
		body.setList("scopes", scopes)
	}
	for _, h := range held {
		block := body.block("roles")
		block.set("role_id", h.role)
		if h.division == "" {
			block.setString("division_id", "*")
		} else {
			block.set("division_id", h.division)
		}
	}
	t.ignore(body, ignored...)
}

func (t *terraform) clientScopes() []string {
	scopes := slices.Clone(t.plan.Client.Scopes)
	if t.plan.Scopes != nil {
		scopes = append(scopes, t.plan.Scopes.Add...)
	}
	return scopes
}

func (t *terraform) user(g lint.GrantChange) {
	held := t.grants()
	label := t.label("user", g.SubjectID, g.Subject)
	t.importBlock("genesyscloud_user_roles", label, g.SubjectID)
	body := t.block("resource", "genesyscloud_user_roles", label)
	body.setString("user_id", g.SubjectID)
	for _, h := range held {
		block := body.block("roles")
		block.set("role_id", h.role)
		if h.division == "" {
			block.setList("division_ids", []string{"*"})
		} else {
			block.set("division_ids", "["+h.division+"]")
		}
	}
}
