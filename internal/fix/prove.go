package fix

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// prove applies the plan to the evidence and judges again. Each part whose absence
// changes nothing is taken out, so that what is left is needed.
func (pr *prover) prove(p *Plan) results.Report {
	after := pr.judge(applied(pr.in.Snapshot, *p))
	want := outcome(after)
	for {
		smaller, ok := pr.smaller(*p, want)
		if !ok {
			break
		}
		*p = smaller
	}
	p.Complete = after.Verdict == results.Ready
	return after
}

// smaller returns the plan without a part that it does not need.
func (pr *prover) smaller(p Plan, want string) (Plan, bool) {
	for _, less := range without(p) {
		if outcome(pr.judge(applied(pr.in.Snapshot, less))) == want {
			return less, true
		}
	}
	return p, false
}

// outcome is what of a report a plan is about.
func outcome(r results.Report) string {
	parts := []string{string(r.Verdict)}
	for _, op := range r.Operations {
		parts = append(parts, op.ID, string(op.Decision), string(op.Gate.Decision), string(op.Scope))
		for _, f := range op.Features {
			parts = append(parts, f.Permission, string(f.Decision))
		}
	}
	for _, c := range r.Causes {
		parts = append(parts, c.ID)
	}
	return strings.Join(parts, " ")
}

// without returns every plan that lacks one part: a permission of a role, a grant, a
// scope.
func without(p Plan) []Plan {
	var out []Plan
	for i, r := range p.Roles {
		if r.Kind == lint.RoleUse {
			continue // its grants are its parts
		}
		for j := range r.Permissions {
			q := copied(p)
			q.Roles[i].Permissions = slices.Delete(q.Roles[i].Permissions, j, j+1)
			out = append(out, tidied(q))
		}
	}
	for i := range p.Grants {
		q := copied(p)
		q.Grants = slices.Delete(q.Grants, i, i+1)
		out = append(out, tidied(q))
	}
	if p.Scopes != nil {
		for i := range p.Scopes.Add {
			q := copied(p)
			q.Scopes.Add = slices.Delete(q.Scopes.Add, i, i+1)
			out = append(out, tidied(q))
		}
	}
	return out
}

func copied(p Plan) Plan {
	p.Roles, p.Grants = slices.Clone(p.Roles), slices.Clone(p.Grants)
	for i := range p.Roles {
		p.Roles[i].Permissions = slices.Clone(p.Roles[i].Permissions)
	}
	if p.Scopes != nil {
		s := *p.Scopes
		s.Add = slices.Clone(s.Add)
		p.Scopes = &s
	}
	return p
}

// tidied drops roles of nothing, grants of such roles, and roles that are granted
// nowhere.
func tidied(p Plan) Plan {
	p.Roles = slices.DeleteFunc(p.Roles, func(r lint.RoleChange) bool {
		granted := slices.ContainsFunc(p.Grants, func(g lint.GrantChange) bool { return g.Role == r.Name })
		return len(r.Permissions) == 0 || !granted && r.Kind != lint.RoleExtend
	})
	p.Grants = slices.DeleteFunc(p.Grants, func(g lint.GrantChange) bool {
		return !slices.ContainsFunc(p.Roles, func(r lint.RoleChange) bool { return r.Name == g.Role })
	})
	if p.Scopes != nil && len(p.Scopes.Add) == 0 {
		p.Scopes = nil
	}
	return p
}

// applied returns the evidence as it would be with the plan carried out.
func applied(s *evidence.Snapshot, p Plan) *evidence.Snapshot {
	out := clone(s)
	for _, r := range p.Roles {
		if r.Kind == lint.RoleExtend {
			extend(out, r)
		}
	}
	for _, g := range p.Grants {
		grant(out, g, p.Roles, s)
	}
	if p.Scopes != nil {
		scope(out, p.Scopes.Add)
	}
	permit(out, p)
	forget(out, p)
	return out
}

func clone(s *evidence.Snapshot) *evidence.Snapshot {
	data, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Sprintf("a snapshot cannot be copied: %v", err)) // bundles are written the same way
	}
	var out evidence.Snapshot
	if err := json.Unmarshal(data, &out); err != nil {
		panic(fmt.Sprintf("a snapshot cannot be copied: %v", err))
	}
	return &out
}

// policies divides permissions by domain and entity.
func policies(permissions []string) []genesys.GrantPolicy {
	var out []genesys.GrantPolicy
	for _, p := range permissions {
		part := strings.SplitN(p, ":", 3)
		if len(part) != 3 {
			continue
		}
		i := slices.IndexFunc(out, func(g genesys.GrantPolicy) bool { return g.Domain == part[0] && g.EntityName == part[1] })
		if i < 0 {
			out = append(out, genesys.GrantPolicy{Domain: part[0], EntityName: part[1]})
			i = len(out) - 1
		}
		out[i].Actions = append(out[i].Actions, part[2])
	}
	return out
}

// extend adds permissions to a role wherever the evidence shows it.
func extend(s *evidence.Snapshot, r lint.RoleChange) {
	if s.Grants.Seen() {
		for i := range s.Grants.Value.Grants {
			g := &s.Grants.Value.Grants[i]
			if g.Role.ID == r.ID && len(g.Role.Policies) > 0 {
				g.Role.Policies = append(g.Role.Policies, policies(r.Permissions)...)
			}
		}
	}
	for i := range s.Roles {
		if f := &s.Roles[i]; f.Seen() && f.Value.ID == r.ID {
			for _, p := range policies(r.Permissions) {
				f.Value.PermissionPolicies = append(f.Value.PermissionPolicies, genesys.PermissionPolicy{Domain: p.Domain, EntityName: p.EntityName, ActionSet: p.Actions})
			}
		}
	}
}

// grant adds a grant where the evidence lists the subject's.
func grant(s *evidence.Snapshot, g lint.GrantChange, roles []lint.RoleChange, before *evidence.Snapshot) {
	i := slices.IndexFunc(roles, func(r lint.RoleChange) bool { return r.Name == g.Role })
	if i < 0 {
		return
	}
	permissions := roles[i].Permissions
	if roles[i].Kind == lint.RoleExtend {
		permissions = append(held(before, g.RoleID), permissions...)
	}
	id := g.RoleID
	if id == "" {
		id = "new role " + g.Role
	}
	if c := s.Client.Value; c != nil && c.RoleDivisions != nil && g.SubjectType == lint.SubjectClient {
		c.RoleDivisions = append(c.RoleDivisions, genesys.RoleDivision{RoleID: id, DivisionID: g.DivisionID})
	}
	if t := s.TokenInfo.Value; t != nil && t.OAuthClient != nil && t.OAuthClient.RoleDivisions != nil && g.SubjectType == lint.SubjectClient {
		t.OAuthClient.RoleDivisions = append(t.OAuthClient.RoleDivisions, genesys.RoleDivision{RoleID: id, DivisionID: g.DivisionID})
	}
	switch {
	case s.Grants.Seen():
		s.Grants.Value.Grants = append(s.Grants.Value.Grants, genesys.Grant{SubjectID: g.SubjectID, Division: genesys.Division{ID: g.DivisionID, Name: g.Division},
			Role: genesys.GrantRole{ID: id, Name: g.Role, Policies: policies(permissions)}})
	case s.User.Seen() && s.User.Value.Authorization != nil:
		s.User.Value.Authorization.Permissions = append(s.User.Value.Authorization.Permissions, permissions...)
	default:
		s.Roles = append(s.Roles, evidence.Fact[genesys.Role]{Kind: evidence.Roles, Value: &genesys.Role{ID: id, Name: g.Role, PermissionPolicies: rolePolicies(permissions)}})
	}
}

func rolePolicies(permissions []string) []genesys.PermissionPolicy {
	var out []genesys.PermissionPolicy
	for _, p := range policies(permissions) {
		out = append(out, genesys.PermissionPolicy{Domain: p.Domain, EntityName: p.EntityName, ActionSet: p.Actions})
	}
	return out
}

// held are the permissions that a role has before the plan.
func held(s *evidence.Snapshot, role string) []string {
	if s.Grants.Seen() {
		for _, g := range s.Grants.Value.Grants {
			if g.Role.ID == role && len(g.Role.Policies) > 0 {
				return lint.RoleInGrant(g.Role).Permissions
			}
		}
	}
	if r, ok := s.RolesByID()[role]; ok {
		return lint.RoleOf(*r).Permissions
	}
	return nil
}

func scope(s *evidence.Snapshot, more []string) {
	if t := s.TokenInfo.Value; t != nil {
		t.AuthorizedScope = append(t.AuthorizedScope, more...)
		if t.OAuthClient != nil {
			t.OAuthClient.Scope = append(t.OAuthClient.Scope, more...)
		}
	}
	if c := s.Client.Value; c != nil {
		c.Scope = append(c.Scope, more...)
	}
}

// permit lets the platform's own answers include what the plan grants.
func permit(s *evidence.Snapshot, p Plan) {
	for _, r := range p.Roles {
		permissions, divisions := grantedBy(s, p, r)
		for i := range s.Permitted {
			f := &s.Permitted[i]
			if !f.Seen() || !slices.ContainsFunc(permissions, func(have string) bool { return authz.Covers(have, f.Permission) }) {
				continue
			}
			f.Value.Everywhere = f.Value.Everywhere || slices.Contains(divisions, authz.Any)
			for _, d := range divisions {
				f.Value.Divisions = append(f.Value.Divisions, genesys.Division{ID: d})
			}
		}
	}
}

// grantedBy says what the subject has, and where, by a role of the plan: a role that is
// extended counts where it was granted before, too.
func grantedBy(s *evidence.Snapshot, p Plan, r lint.RoleChange) (permissions, divisions []string) {
	permissions = r.Permissions
	for _, g := range p.Grants {
		if g.Role == r.Name {
			divisions = append(divisions, g.DivisionID)
		}
	}
	if r.Kind != lint.RoleExtend || !s.Grants.Seen() {
		return permissions, divisions
	}
	for _, g := range s.Grants.Value.Grants {
		if g.Role.ID == r.ID {
			divisions = append(divisions, g.Division.ID)
		}
	}
	return append(held(s, r.ID), permissions...), divisions
}

// forget drops what a probe was refused for when the plan grants what was missing: that
// answer is of before.
func forget(s *evidence.Snapshot, p Plan) {
	var permissions, scopes []string
	for _, r := range p.Roles {
		permissions = append(permissions, r.Permissions...)
	}
	if p.Scopes != nil {
		scopes = p.Scopes.Add
	}
	if granted(s.WriteProbe.Refused(), permissions, scopes) {
		s.WriteProbe = evidence.Fact[evidence.Written]{Kind: evidence.WriteProbe, NotAsked: "the plan changes what it was refused for"}
	}
	if granted(s.GroupProbe.Refused(), permissions, scopes) {
		s.GroupProbe = evidence.Fact[genesys.SCIMList]{Kind: evidence.GroupProbe, NotAsked: "the plan changes what it was refused for"}
	}
	if granted(s.ReadProbe.Refused(), permissions, scopes) {
		s.ReadProbe = evidence.Fact[genesys.SCIMList]{Kind: evidence.ReadProbe, NotAsked: "the plan changes what it was refused for"}
	}
}

func granted(r *genesys.Refusal, permissions, scopes []string) bool {
	if r == nil {
		return false
	}
	within := func(named, brought []string) bool {
		return slices.ContainsFunc(named, func(n string) bool {
			return slices.ContainsFunc(brought, func(b string) bool { return authz.Covers(b, n) || b == n })
		})
	}
	return within(r.Permissions, permissions) || within(r.Scopes, scopes)
}
