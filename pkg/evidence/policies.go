package evidence

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/genesys"
)

// policyDetails are the calls that put policies with a condition to the org
// itself: which attributes decide them, and how it evaluates them for the values
// that are known. Only policies on a needed permission are asked about. The two
// calls go out together, so that they cost one round trip: the names of the
// attributes are in the condition already.
func (c *collector) policyDetails(ctx context.Context) []func() {
	conditional := c.conditionalPolicies()
	c.PolicyDetails = make([]PolicyDetail, len(conditional))
	var tasks []func()
	for i, p := range conditional {
		d := &c.PolicyDetails[i]
		d.ID, d.Attributes.Kind, d.Simulated.Kind = p.ID, PolicyDetails, PolicyDetails
		d.Values = c.policyValues(p)
		tasks = append(tasks, ask(&d.Attributes, func() (*genesys.PolicyAttributes, genesys.Call) { return c.api.PolicyAttributes(ctx, p.ID) }))
		if len(d.Values) == 0 {
			d.Simulated.NotAsked = "no attribute in the policy's condition has a value that is known before the call"
			continue
		}
		tasks = append(tasks, ask(&d.Simulated, func() (*genesys.PolicyResult, genesys.Call) { return c.api.SimulatePolicy(ctx, p.ID, d.Values) }))
	}
	return tasks
}

// conditionalPolicies are the policies with a condition whose target is a needed
// permission: those of the subject, and ALLOW policies of anyone.
func (c *collector) conditionalPolicies() []genesys.Policy {
	var out []genesys.Policy
	for _, f := range []Fact[[]genesys.Policy]{c.Policies, c.AllPolicies} {
		if !f.Seen() {
			continue
		}
		for _, p := range *f.Value {
			known := slices.ContainsFunc(out, func(o genesys.Policy) bool { return o.ID == p.ID })
			if !known && p.ID != "" && p.Active && len(p.Condition) > 0 && c.needs(p.TargetResource) {
				out = append(out, p)
			}
		}
	}
	return out
}

// needs says whether a policy's target covers a permission that is needed.
func (c *collector) needs(target string) bool {
	covering, err := authz.ParsePermission(target)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(c.opts.Permissions, func(text string) bool {
		p, err := authz.ParsePermission(text)
		return err == nil && covering.Covers(p)
	})
}

var notLetter = regexp.MustCompile(`[^a-z]`)

// policyValues are values for the attributes that a policy's condition names, as
// far as they are known before the call. The names of attributes are not
// published: only those are taken whose meaning is in their name.
func (c *collector) policyValues(p genesys.Policy) map[string]genesys.TypedValue {
	known := c.knownValues()
	out := map[string]genesys.TypedValue{}
	var walk func(v any, depth int)
	walk = func(v any, depth int) {
		if depth > 32 {
			return
		}
		switch v := v.(type) {
		case map[string]any:
			for key, value := range v {
				walk(key, depth+1)
				walk(value, depth+1)
			}
		case []any:
			for _, value := range v {
				walk(value, depth+1)
			}
		case string:
			if value, ok := known[notLetter.ReplaceAllString(strings.ToLower(v), "")]; ok {
				out[v] = genesys.TypedValue{Type: "STRING", Value: value}
			}
		}
	}
	walk(p.Condition, 0)
	return out
}

// knownValues are the values of attributes by their names' letters.
func (c *collector) knownValues() map[string]string {
	out := map[string]string{}
	put := func(value string, names ...string) {
		for _, n := range names {
			if value != "" {
				out[n] = value
			}
		}
	}
	if user, known := c.IsUserToken(); known && !user {
		put("CLIENT", "subjecttype")
		if client, _ := c.OAuthClient(); client != nil {
			put(client.ID, "clientid", "oauthclientid", "subjectid", "subjectclientid")
			put(client.Name, "clientname", "oauthclientname", "subjectname")
		}
	}
	if d := c.targetDivision(); d != nil {
		// "division" without more may be compared with an id or a name: it is left open.
		put(d.ID, "divisionid", "resourcedivisionid")
		put(d.Name, "divisionname", "resourcedivisionname")
	}
	return out
}

// targetDivision is the one division that the users will be in, or nil.
func (c *collector) targetDivision() *genesys.Division {
	if !c.Divisions.Seen() || len(c.opts.Divisions) > 1 {
		return nil
	}
	for i, d := range *c.Divisions.Value {
		wanted := d.HomeDivision
		if len(c.opts.Divisions) == 1 {
			wanted = d.ID == c.opts.Divisions[0] || strings.EqualFold(d.Name, c.opts.Divisions[0])
		}
		if wanted && d.ID != "" {
			return &(*c.Divisions.Value)[i]
		}
	}
	return nil
}
