package evidence

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/scimlint/scimlint/pkg/genesys"
)

// audit lets the auditor read what the token under test did not get to see. The
// probes are never the auditor's.
func (c *collector) audit(ctx context.Context, client *genesys.Client) {
	if !c.opts.Auditor.Given() {
		return
	}
	c.say("reading as the auditor")
	a := &audit{collector: c}
	if !a.acquire(ctx, client) {
		return
	}
	c.all(a.facts(ctx)...)
	c.all(a.roles(ctx)...)
	slices.SortFunc(c.AuditorCalls, func(x, y AuditorCall) int {
		return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Call.URL, y.Call.URL))
	})
	slices.SortStableFunc(c.Roles, func(x, y Fact[genesys.Role]) int { return cmp.Compare(roleOf(x), roleOf(y)) })
}

func roleOf(f Fact[genesys.Role]) string {
	if f.Seen() {
		return f.Value.ID
	}
	return ""
}

// audit is one auditor at work.
type audit struct {
	*collector
	mu  sync.Mutex
	api *genesys.Client
}

func (a *audit) acquire(ctx context.Context, client *genesys.Client) bool {
	token := a.opts.Auditor.Token
	if token.Empty() {
		var call genesys.Call
		token, _, call = client.AcquireToken(ctx, a.opts.Auditor.ClientID, a.opts.Auditor.Secret)
		a.record(AuditorToken, call)
	}
	a.api = client.WithToken(token)
	return !token.Empty()
}

func (a *audit) record(kind Kind, calls ...genesys.Call) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, call := range calls {
		a.AuditorCalls = append(a.AuditorCalls, AuditorCall{kind, call})
	}
}

// brought stores a fact that the auditor could read; what the auditor could not
// read stays as it was.
func brought[T any](a *audit, f *Fact[T], v *T, calls ...genesys.Call) {
	a.record(f.Kind, calls...)
	if v != nil {
		f.Value, f.Auditor, f.NotAsked = v, true, ""
	}
}

// facts are the calls for what is not known yet, but for the roles.
func (a *audit) facts(ctx context.Context) []func() {
	var tasks []func()
	want := func(seen bool, task func()) {
		if !seen {
			tasks = append(tasks, task)
		}
	}
	if id := a.clientID(); id != "" {
		want(a.Client.Seen(), func() { v, call := a.api.OAuthClient(ctx, id); brought(a, &a.Client, v, call) })
		if days := a.opts.UsageDays; days > 0 {
			want(a.Usage.Seen(), func() { v, calls := a.api.Usage(ctx, id, days); brought(a, &a.Usage, v, calls...) })
		}
		want(a.Authorization.Seen(), func() { v, call := a.api.Authorization(ctx, id); brought(a, &a.Authorization, v, call) })
	}
	if id := cmp.Or(a.subjectID(), a.clientSubject()); id != "" {
		want(a.Grants.Seen(), func() { v, call := a.api.Subject(ctx, id); brought(a, &a.Grants, v, call) })
		for i := range a.Permitted {
			f := &a.Permitted[i]
			want(f.Seen(), func() { v, calls := a.api.PermittedSubject(ctx, id, f.Permission); brought(a, &f.Fact, v, calls...) })
		}
		want(a.Policies.Seen(), func() { v, calls := a.api.SubjectPolicies(ctx, id); brought(a, &a.Policies, v, calls...) })
	}
	want(a.IPAllowlist.Seen(), func() { v, call := a.api.IPAllowlist(ctx); brought(a, &a.IPAllowlist, v, call) })
	want(a.Scopes.Seen(), func() { v, calls := a.api.Scopes(ctx); brought(a, &a.Scopes, v, calls...) })
	want(a.Divisions.Seen(), func() { v, calls := a.api.Divisions(ctx); brought(a, &a.Divisions, v, calls...) })
	want(a.AllPolicies.Seen(), func() { v, calls := a.api.Policies(ctx); brought(a, &a.AllPolicies, v, calls...) })
	if len(a.opts.Permissions) > 0 {
		want(a.Permissions.Seen(), func() {
			v, calls := a.api.Permissions(ctx, a.opts.Permissions)
			brought(a, &a.Permissions, v, calls...)
		})
	}
	want(a.Organization.Seen(), func() { v, call := a.api.OrganizationMe(ctx); brought(a, &a.Organization, v, call) })
	return tasks
}

func (a *audit) clientID() string {
	if a.TokenInfo.Seen() && a.TokenInfo.Value.OAuthClient != nil && a.Target.ClientID == "" {
		return a.TokenInfo.Value.OAuthClient.ID
	}
	return a.Target.ClientID
}

// clientSubject is the client as the subject of grants: by client credentials it
// is the subject itself.
func (a *audit) clientSubject() string {
	if a.Target.TokenSupplied {
		return ""
	}
	return a.Target.ClientID
}

// roles are the calls for roles that are named and not known.
func (a *audit) roles(ctx context.Context) []func() {
	known := map[string]bool{}
	for _, f := range a.Roles {
		if f.Seen() {
			known[f.Value.ID] = true
		}
	}
	var tasks []func()
	for _, id := range a.rolesToRead() {
		if known[id] {
			continue
		}
		tasks = append(tasks, func() {
			v, call := a.api.Role(ctx, id)
			f := Fact[genesys.Role]{Kind: Roles}
			brought(a, &f, v, call)
			if f.Seen() {
				a.mu.Lock()
				a.Roles = append(a.Roles, f)
				a.mu.Unlock()
			}
		})
	}
	return tasks
}
