// Package fix proves the smallest change of roles, grants and scopes that makes every
// needed operation allowed: applied to the evidence in memory, the checks decide again.
// The plan itself is pkg/lint's, as is all advice. Nothing here asks or changes an org.
package fix

import (
	"slices"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/diagnose"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// Options say how a plan is made.
type Options struct {
	// Role is the name of the role to create, or to extend where the subject has it.
	Role string
}

// prover proves one plan.
type prover struct {
	in   *lint.Input
	opts lint.Options
	tool results.Tool
}

// Make plans for a snapshot and proves the plan.
func Make(s *evidence.Snapshot, opts lint.Options, o Options, tool results.Tool) Plan {
	in := lint.NewInput(s, opts)
	opts.Refusals = nil // what was refused before says nothing of what comes after
	pr := &prover{in: in, opts: opts, tool: tool}
	before := pr.judge(s)
	p := Plan{SchemaVersion: results.SchemaVersion, Tool: tool, Target: before.Target, Verdict: before.Verdict, Client: pr.client(),
		Roles: []lint.RoleChange{}, Grants: []lint.GrantChange{}, Calls: []APICall{}, Remaining: []results.Cause{}, Unseen: []string{}, Excess: excess(in)}
	if c, ok := anotherSubject(before.Causes); ok {
		p.Unseen = append(p.Unseen, "what the integration's own token lacks: "+c.Explanation)
	} else if before.Verdict != results.Ready {
		plan := in.PlanFor(o.Role)
		p.Roles, p.Grants, p.Scopes = append(p.Roles, plan.Roles...), append(p.Grants, plan.Grants...), plan.Scopes
		p.Unseen = append(p.Unseen, plan.Unknown...)
	}
	after := pr.prove(&p)
	p.After, p.Remaining = after.Verdict, append(p.Remaining, after.Causes...)
	if after.Verdict == results.Inconclusive {
		for _, c := range after.Checks {
			if c.Status == results.Unknown && c.Required && !c.Accepted {
				p.Unseen = append(p.Unseen, c.ID+": "+c.Message)
			}
		}
	}
	p.Unseen = append([]string{}, lint.Unique(p.Unseen)...)
	p.Calls = calls(p)
	return p
}

// anotherSubject finds the cause that says that the token which was judged is not the
// integration's: what that token lacks is nothing to grant.
func anotherSubject(list []results.Cause) (results.Cause, bool) {
	for _, c := range list {
		info, _ := cause.ByID(cause.ID(c.ID))
		if info.Concerns == cause.Token && slices.Contains(info.Explains, cause.RoleLacksPermission) && c.Certainty != results.Possible {
			return c, true
		}
	}
	return results.Cause{}, false
}

func (pr *prover) judge(s *evidence.Snapshot) results.Report {
	return diagnose.Conclude(checks.Run(s, pr.opts), pr.tool)
}

// client is the OAuth client as the org showed it.
func (pr *prover) client() *PlannedClient {
	c, _ := pr.in.OAuthClient()
	if c == nil {
		return nil
	}
	return &PlannedClient{ID: c.ID, Name: c.Name, GrantType: c.AuthorizedGrantType, State: c.State,
		AccessTokenValiditySeconds: c.AccessTokenValiditySeconds, Scopes: append([]string{}, c.Scope...)}
}
