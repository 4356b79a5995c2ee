package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/scimlint/scimlint/pkg/results"
)

// terraform writes a plan for the vendor's Terraform provider. Source of the names:
// the provider's published examples.
type terraform struct {
	file  *hclwrite.File
	plan  results.Plan
	names map[labelKey]string
	taken map[labelKey]bool
}

// labelKey is a kind of things with a key of one of them, or with a label that is taken.
type labelKey struct{ kind, key string }

func writeTerraform(w io.Writer, p results.Plan) error {
	t := &terraform{file: hclwrite.NewEmptyFile(), plan: p, names: map[labelKey]string{}, taken: map[labelKey]bool{}}
	t.comment("Planned by scimlint fix: " + planWords(p))
	if !p.Empty() {
		t.provider()
		for _, r := range p.Roles {
			t.role(r)
		}
		t.subject()
	}
	for _, c := range p.Remaining {
		t.comment("Remains: " + c.ID + ": " + fixWords(c.Fix))
	}
	for _, u := range p.Unseen {
		t.comment("Not seen: " + u)
	}
	_, err := w.Write(hclwrite.Format(t.file.Bytes()))
	return err
}

// comment writes a line of its own; a text from outside cannot end it.
func (t *terraform) comment(text string) {
	t.file.Body().AppendUnstructuredTokens(hclwrite.Tokens{{Type: hclsyntax.TokenComment, Bytes: []byte("# " + Inert(text) + "\n")}})
}

func (t *terraform) block(kind string, labels ...string) *hclwrite.Body {
	t.file.Body().AppendNewline()
	return t.file.Body().AppendNewBlock(kind, labels).Body()
}

func (t *terraform) provider() {
	body := t.block("terraform").AppendNewBlock("required_providers", nil).Body()
	body.SetAttributeValue("genesyscloud", cty.ObjectVal(map[string]cty.Value{"source": cty.StringVal("mypurecloud/genesyscloud")}))
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

func (t *terraform) role(r results.RoleChange) {
	if r.Kind == results.RoleUse {
		t.roleData(r.ID, r.Name)
		return
	}
	label := t.label("role", r.Name, r.Name)
	if r.Kind == results.RoleExtend {
		t.comment("Should this be one of the vendor's own roles, leave it and make a new one (--role).")
		t.importBlock("genesyscloud_auth_role", label, r.ID)
	}
	body := t.block("resource", "genesyscloud_auth_role", label)
	body.SetAttributeValue("name", cty.StringVal(r.Name))
	if r.Kind == results.RoleMake {
		body.SetAttributeValue("description", cty.StringVal("What the needed operations require, and nothing more"))
	}
	for _, p := range policyBlocks(append(slices.Clone(r.Has), r.Permissions...)) {
		block := body.AppendNewBlock("permission_policies", nil).Body()
		block.SetAttributeValue("domain", cty.StringVal(p.domain))
		block.SetAttributeValue("entity_name", cty.StringVal(p.entity))
		block.SetAttributeValue("action_set", strList(p.actions))
	}
	if r.Kind == results.RoleExtend {
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

func strList(list []string) cty.Value {
	values := make([]cty.Value, 0, len(list))
	for _, s := range list {
		values = append(values, cty.StringVal(s))
	}
	if len(values) == 0 {
		return cty.ListValEmpty(cty.String)
	}
	return cty.ListVal(values)
}

func (t *terraform) importBlock(kind, label, id string) {
	body := t.block("import")
	body.SetAttributeTraversal("to", hcl.Traversal{hcl.TraverseRoot{Name: kind}, hcl.TraverseAttr{Name: label}})
	body.SetAttributeValue("id", cty.StringVal(id))
}

// ignore leaves attributes alone that the evidence does not tell.
func (t *terraform) ignore(body *hclwrite.Body, attributes ...string) {
	tokens := hclwrite.Tokens{{Type: hclsyntax.TokenOBrack, Bytes: []byte("[" + strings.Join(attributes, ", ") + "]")}}
	body.AppendNewBlock("lifecycle", nil).Body().SetAttributeRaw("ignore_changes", tokens)
}

// roleData reads a role that exists; it returns the reference to its id.
func (t *terraform) roleData(id, name string) hcl.Traversal {
	for _, r := range t.plan.Roles {
		if r.Kind != results.RoleUse && (r.ID != "" && r.ID == id || r.ID == "" && id == "" && r.Name == name) {
			return reference("", "genesyscloud_auth_role", t.label("role", r.Name, r.Name))
		}
	}
	known := t.names[labelKey{"role data", id}] != ""
	label := t.label("role data", id, name)
	if !known {
		t.block("data", "genesyscloud_auth_role", label).SetAttributeValue("name", cty.StringVal(name))
	}
	return reference("data", "genesyscloud_auth_role", label)
}

func (t *terraform) divisionData(id, name string) hcl.Traversal {
	known := t.names[labelKey{"division", id}] != ""
	label := t.label("division", id, name)
	if !known {
		t.block("data", "genesyscloud_auth_division", label).SetAttributeValue("name", cty.StringVal(name))
	}
	return reference("data", "genesyscloud_auth_division", label)
}

func reference(root, kind, label string) hcl.Traversal {
	if root == "" {
		return hcl.Traversal{hcl.TraverseRoot{Name: kind}, hcl.TraverseAttr{Name: label}, hcl.TraverseAttr{Name: "id"}}
	}
	return hcl.Traversal{hcl.TraverseRoot{Name: root}, hcl.TraverseAttr{Name: kind}, hcl.TraverseAttr{Name: label}, hcl.TraverseAttr{Name: "id"}}
}

// heldGrant is a grant with the references that it is written with.
type heldGrant struct {
	role     hcl.Traversal
	division hcl.Traversal // nil for all divisions
}

// grants are those that the subject holds and those of the plan: the provider manages
// all of a subject's grants in one place. The data sources are written first.
func (t *terraform) grants() []heldGrant {
	var out []heldGrant
	write := func(roleID, role, divisionID, division string) {
		h := heldGrant{role: t.roleData(roleID, role)}
		if divisionID != "*" {
			h.division = t.divisionData(divisionID, first(division, divisionID))
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
	if len(t.plan.Grants) > 0 && t.plan.Grants[0].SubjectType == results.SubjectUser {
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
	label := t.label("client", c.ID, first(c.Name, "client"))
	t.importBlock("genesyscloud_oauth_client", label, c.ID)
	body := t.block("resource", "genesyscloud_oauth_client", label)
	body.SetAttributeValue("name", cty.StringVal(c.Name))
	body.SetAttributeValue("authorized_grant_type", cty.StringVal(first(c.GrantType, "CLIENT-CREDENTIALS")))
	ignored := []string{"description", "registered_redirect_uris"}
	if c.AccessTokenValiditySeconds > 0 {
		body.SetAttributeValue("access_token_validity_seconds", cty.NumberIntVal(c.AccessTokenValiditySeconds))
	} else {
		ignored = append(ignored, "access_token_validity_seconds")
	}
	if c.State != "" {
		body.SetAttributeValue("state", cty.StringVal(c.State))
	}
	if scopes := t.clientScopes(); len(scopes) > 0 {
		body.SetAttributeValue("scopes", strList(scopes))
	}
	for _, h := range held {
		block := body.AppendNewBlock("roles", nil).Body()
		block.SetAttributeTraversal("role_id", h.role)
		if h.division == nil {
			block.SetAttributeValue("division_id", cty.StringVal("*"))
		} else {
			block.SetAttributeTraversal("division_id", h.division)
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

func (t *terraform) user(g results.GrantChange) {
	held := t.grants()
	label := t.label("user", g.SubjectID, g.Subject)
	t.importBlock("genesyscloud_user_roles", label, g.SubjectID)
	body := t.block("resource", "genesyscloud_user_roles", label)
	body.SetAttributeValue("user_id", cty.StringVal(g.SubjectID))
	for _, h := range held {
		block := body.AppendNewBlock("roles", nil).Body()
		block.SetAttributeTraversal("role_id", h.role)
		if h.division == nil {
			block.SetAttributeValue("division_ids", strList([]string{"*"}))
		} else {
			block.SetAttributeRaw("division_ids", hclwrite.TokensForTuple([]hclwrite.Tokens{hclwrite.TokensForTraversal(h.division)}))
		}
	}
}
