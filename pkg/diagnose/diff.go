package diagnose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// Diff says what differs between two orgs, or one at two times, and which
// operations that opened or shut. Ids differ from org to org, so roles and
// divisions are compared by name.
func Diff(a, b lint.Outcome, left, right string, tool results.Tool) results.Difference {
	d := results.Difference{SchemaVersion: results.SchemaVersion, Tool: tool, Left: left, Right: right, Changes: []results.Change{}, Operations: []results.OperationChange{}}
	x, y := view(a), view(b)
	for _, kind := range x.kinds(y) {
		for _, key := range keys(x[kind], y[kind]) {
			l, r := x[kind][key], y[kind][key]
			if l != r {
				d.Changes = append(d.Changes, results.Change{Kind: kind, Name: key, Left: l, Right: r})
			}
		}
	}
	for _, op := range a.Operations {
		i := slices.IndexFunc(b.Operations, func(o results.Operation) bool { return o.ID == op.ID })
		if i >= 0 && b.Operations[i].Decision != op.Decision {
			d.Operations = append(d.Operations, results.OperationChange{ID: op.ID, Title: op.Title, Left: op.Decision, Right: b.Operations[i].Decision, Because: because(op, b.Operations[i])})
		}
	}
	ra, rb := Conclude(a, tool), Conclude(b, tool)
	d.LeftVerdict, d.RightVerdict = ra.Verdict, rb.Verdict
	return d
}

// because names what of an operation is decided otherwise.
func because(a, b results.Operation) string {
	var out []string
	add := func(what string, l, r results.Decision) {
		if l != r {
			out = append(out, fmt.Sprintf("%s: %s, %s", what, l, r))
		}
	}
	add("access check", a.Gate.Decision, b.Gate.Decision)
	add("scopes", a.Scope, b.Scope)
	add("attribute-based policies", a.Policy, b.Policy)
	for _, f := range a.Features {
		if i := slices.IndexFunc(b.Features, func(g results.Feature) bool { return g.Permission == f.Permission }); i >= 0 {
			add(f.Permission, f.Decision, b.Features[i].Decision)
		}
	}
	return strings.Join(out, "; ")
}

// views are what is compared: kind, name, value.
type views map[string]map[string]string

func (v views) kinds(w views) []string { return keys(v, w) }

func keys[T any](a, b map[string]T) []string {
	var out []string
	for k := range a {
		out = append(out, k)
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

func (v views) set(kind, name, value string) {
	if v[kind] == nil {
		v[kind] = map[string]string{}
	}
	v[kind][name] = value
}

// unread is the value of what could not be read; it equals nothing that was.
const unread = "could not be read"

func view(o lint.Outcome) views {
	v, s := views{}, o.Snapshot
	v.set("token", "acquired", fmt.Sprint(s.Token.Seen()))
	viewClient(v, s)
	if s.TokenInfo.Seen() {
		for _, scope := range s.TokenInfo.Value.AuthorizedScope {
			v.set("token scope", scope, "authorized")
		}
	}
	if s.Scopes.Seen() {
		for _, scope := range *s.Scopes.Value {
			v.set("platform scope", scope.ID, "listed")
		}
	}
	if s.Policies.Seen() {
		for _, p := range *s.Policies.Value {
			v.set("attribute-based policy", cmp.Or(p.Name, p.ID), fmt.Sprintf("%s %s, active: %t, clients: %t, condition: %t", p.Effect, p.TargetResource, p.Active, p.ApplyToClients, len(p.Condition) > 0))
		}
	} else {
		v.set("attribute-based policy", "*", unread)
	}
	if s.Permissions.Seen() {
		for _, p := range s.PermissionsAsked {
			if o.Input.HoldsAnywhere(p).Reason == lint.NotAvailable {
				v.set("permission", p, "not known to the org")
			}
		}
	}
	viewGrants(v, o)
	return v
}

// viewClient is what the org shows of the client.
func viewClient(v views, s *evidence.Snapshot) {
	client, _ := s.OAuthClient()
	if client == nil {
		v.set("client", "state", unread)
		return
	}
	v.set("client", "name", client.Name)
	v.set("client", "state", cmp.Or(client.State, unread))
	v.set("client", "grant type", cmp.Or(client.AuthorizedGrantType, unread))
	if life := client.AccessTokenValiditySeconds; life > 0 {
		v.set("client", "token duration", fmt.Sprintf("%d s", life))
	}
	if client.DateToDelete != nil {
		v.set("client", "to be deleted", client.DateToDelete.UTC().Format(time.DateOnly))
	}
	for name, value := range client.Addresses {
		v.set("client", name, string(value))
	}
	for _, scope := range client.Scope {
		v.set("client scope", scope, "set")
	}
}

func viewGrants(v views, o lint.Outcome) {
	in := o.Input
	if !in.Subject.Complete {
		v.set("grant", "*", unread)
	}
	for _, g := range in.Subject.Grants {
		role := g.Role.Label()
		v.set("grant", role+" in "+cmp.Or(g.Division.Label(), unread), "granted")
		if !g.Readable {
			v.set("role "+role, "*", unread)
		}
		for _, p := range g.Policies {
			for _, action := range p.Actions {
				v.set("role "+role, p.Domain+":"+p.Entity+":"+action, cmp.Or(p.Condition, "allowed"))
			}
		}
		for _, bare := range g.Bare {
			v.set("role "+role, bare, "allowed")
		}
	}
}
