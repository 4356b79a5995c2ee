package diagnose

import (
	"cmp"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/profile"
	"github.com/scimlint/scimlint/pkg/results"
)

// found is a cause while it is put together, with the permissions whose grant ends it.
type found struct {
	results.Cause
	lacks []string
}

// causes merges the suspicions into causes, keeps of each what the decisions bear
// out, drops those that another explains, and ranks the rest.
func causes(o lint.Outcome) (reported, all []found) {
	var own, brought []lint.Suspicion
	for _, f := range o.Findings {
		// What was accepted is that a check cannot see, not what it sees.
		accepted := f.Status == results.Unknown && slices.Contains(o.Options.Accept, f.Check)
		switch {
		case f.Suspicion == nil || accepted:
		case f.Suspicion.Brought:
			brought = append(brought, *f.Suspicion)
		default:
			own = append(own, *f.Suspicion)
		}
	}
	out := withBrought(borneOut(merge(own), o.Operations), merge(brought), o.Operations)
	for i := range out {
		plan(&out[i], o.Input)
	}
	reported = unexplained(out)
	slices.SortStableFunc(reported, func(a, b found) int {
		return cmp.Or(cmp.Compare(beside(a), beside(b)), cmp.Compare(a.Certainty.Rank(), b.Certainty.Rank()), cmp.Compare(order(a.ID), order(b.ID)))
	})
	withChanges(reported, o.Changes)
	return reported, out
}

// plan gives a cause that roles, grants or scopes end its part of the plan as its fix.
func plan(c *found, in *lint.Input) {
	switch {
	case in == nil:
	case len(c.lacks) > 0:
		c.Fix = in.GrantFix(c.lacks...)
	case c.ID == string(cause.ScopeMissing) || c.ID == string(cause.ScopeReadonly):
		if scopes := in.Plan().Scopes; scopes != nil && lint.HasAny(c.Fix.Scopes, scopes.Add...) {
			c.Fix = in.ScopeFix(c.Fix.Scopes...)
		}
	}
}

// merge puts the suspicions of each cause together.
func merge(list []lint.Suspicion) []found {
	var out []found
	for i, s := range list {
		same := func(other lint.Suspicion) bool { return other.Cause == s.Cause }
		if !slices.ContainsFunc(list[:i], same) {
			out = append(out, gather(slices.DeleteFunc(slices.Clone(list[i:]), func(other lint.Suspicion) bool { return !same(other) })))
		}
	}
	return out
}

// gather makes one cause of its suspicions. The most certain one speaks, and of equal
// ones the first; operations, proof and what is lacking add up.
func gather(list []lint.Suspicion) found {
	best := list[0]
	c := found{Cause: results.Cause{Operations: []string{}, Proof: []results.Proof{}, Counter: []results.Proof{}}}
	var permissions, scopes []string
	for _, s := range list {
		if s.Certainty.Rank() < best.Certainty.Rank() {
			best = s
		}
		c.lacks = union(c.lacks, s.Lacks)
		c.Operations = union(c.Operations, s.Operations)
		c.Proof, c.Counter = union(c.Proof, s.Proof), union(c.Counter, s.Counter)
		permissions, scopes = union(permissions, s.Fix.Permissions), union(scopes, s.Fix.Scopes)
	}
	info, _ := cause.ByID(best.Cause)
	c.ID, c.Title, c.Certainty = string(best.Cause), info.Title, best.Certainty
	c.Explanation, c.Fix = best.Because, best.Fix
	c.Fix.Permissions, c.Fix.Scopes = permissions, scopes
	switch {
	case best.Cause == cause.OwnCheckFails:
		// Each of the team's checks demands something else, and has a fix of its own.
		c.Explanation = sentences(list, func(s lint.Suspicion) string { return s.Because })
		c.Fix.Text = sentences(list, func(s lint.Suspicion) string { return s.Fix.Text })
	case best.BecauseOf != nil:
		c.Explanation = best.BecauseOf(c.lacks)
	}
	return c
}

// sentences joins what each suspicion says, each sentence once.
func sentences(list []lint.Suspicion, of func(lint.Suspicion) string) string {
	var out []string
	for _, s := range list {
		out = union(out, []string{of(s)})
	}
	return strings.TrimSpace(strings.Join(out, " "))
}

// withBrought adds the causes of refusals that somebody supplied. They were true of
// a call then, so the decisions of now do not take operations from them.
func withBrought(list, brought []found, ops []results.Operation) []found {
	for _, c := range brought {
		i := slices.IndexFunc(list, func(o found) bool { return o.ID == c.ID })
		if i < 0 {
			c.Operations = inOrder(c.Operations, ops)
			list = append(list, c)
			continue
		}
		list[i].Operations = inOrder(union(list[i].Operations, c.Operations), ops)
		list[i].Proof, list[i].Counter = union(list[i].Proof, c.Proof), union(list[i].Counter, c.Counter)
		list[i].lacks = union(list[i].lacks, c.lacks)
		if c.Certainty.Rank() < list[i].Certainty.Rank() {
			list[i].Certainty, list[i].Explanation = c.Certainty, c.Explanation
		}
	}
	return list
}

func inOrder(ids []string, ops []results.Operation) []string {
	out := []string{}
	for _, op := range ops {
		if slices.Contains(ids, op.ID) {
			out = append(out, op.ID)
		}
	}
	return out
}

// withChanges puts the latest change of the subject's access beside the first cause
// that it can explain: one about permissions, or about the client.
func withChanges(list []found, changes []string) {
	for i, c := range list {
		info, _ := cause.ByID(cause.ID(c.ID))
		if len(changes) > 0 && (info.Concerns == cause.Permission || info.Concerns == cause.Client) {
			list[i].Proof = append(list[i].Proof, results.Proof{Basis: results.Observed, Text: "the audit log has a change that may be the reason: " + changes[0]})
			return
		}
	}
}

// beside ranks causes that break nothing after those that do.
func beside(c found) int {
	info, _ := cause.ByID(cause.ID(c.ID))
	if len(c.Operations) == 0 && info.Concerns != cause.Team {
		return 1
	}
	return 0
}

// borneOut keeps of each cause the operations that it can have broken: all that
// are needed for one about the token, the client, the path or the host, and for
// one about permissions those that are decided as not allowed. A cause about
// permissions of which nothing is left contradicts the decisions and is dropped;
// so is an answer that did not come, where everything was decided without it.
func borneOut(list []found, ops []results.Operation) []found {
	open := func(op results.Operation) bool { return op.Decision != results.DecisionAllowed }
	decided := len(ops) > 0 && !slices.ContainsFunc(ops, open)
	var out []found
	for _, c := range list {
		info, _ := cause.ByID(cause.ID(c.ID))
		named := c.Operations
		c.Operations = []string{}
		for _, op := range ops {
			if slices.Contains(named, op.ID) && (info.Concerns != cause.Permission && info.Concerns != cause.Transport || open(op)) {
				c.Operations = append(c.Operations, op.ID)
			}
		}
		gone := len(named) > 0 && len(c.Operations) == 0
		if gone && (info.Concerns == cause.Permission || info.Concerns == cause.Transport && decided) {
			continue
		}
		out = append(out, c)
	}
	return out
}

func order(id string) int { return cause.Rank(cause.ID(id)) }

// unexplained drops the causes that others explain.
func unexplained(all []found) []found {
	return slices.DeleteFunc(slices.Clone(all), func(c found) bool { return explainedBy(c, all) })
}

// explainedBy says whether another cause that is certain enough explains this one.
func explainedBy(c found, all []found) bool {
	return slices.ContainsFunc(all, func(other found) bool { return explains(other, c) })
}

// explains says whether one cause follows from the other. A cause whose fix grants
// permissions explains no lack of others, and one that breaks some operations explains
// nothing of the rest.
func explains(root, c found) bool {
	info, _ := cause.ByID(cause.ID(root.ID))
	return slices.Contains(info.Explains, cause.ID(c.ID)) && root.Certainty != results.Possible &&
		(len(root.Fix.Permissions) == 0 || within(c.Fix.Permissions, root.Fix.Permissions)) &&
		(len(root.Operations) == 0 || within(c.Operations, root.Operations))
}

func within(part, whole []string) bool {
	return !slices.ContainsFunc(part, func(s string) bool { return !slices.Contains(whole, s) })
}

// hint gives a check the fix of the cause that is reported for what it found, so that a
// report gives one piece of advice: the cause's own, or that of the one which explains it.
func hint(c *results.Check, reported, all []found) {
	if len(c.Causes) == 0 || c.Status != results.Fail {
		return
	}
	id := c.Causes[0]
	byID := func(f found) bool { return f.ID == id }
	i := slices.IndexFunc(reported, byID)
	if i < 0 {
		dropped := slices.IndexFunc(all, byID)
		i = slices.IndexFunc(reported, func(root found) bool { return dropped >= 0 && explains(root, all[dropped]) })
	}
	if i >= 0 && (reported[i].ID != id || len(reported[i].lacks) > 0) {
		c.Fix = reported[i].Fix
	}
}

// InTheirWords adds to a fix where it is in the screens of the system that calls SCIM.
func InTheirWords(p *profile.Profile, cause, fix string) string {
	theirs := p.Fix(cause)
	if theirs == "" {
		return fix
	}
	return strings.TrimSpace(strings.TrimSuffix(fix, ".") + ". " + theirs)
}

// maxUnion bounds what is listed of one kind beside one cause.
const maxUnion = 200

func union[T comparable](a, b []T) []T {
	for _, v := range b {
		if len(a) < maxUnion && !slices.Contains(a, v) {
			a = append(a, v)
		}
	}
	return a
}

// undetermined is the cause where something fails and nothing says why.
func undetermined(o lint.Outcome) results.Cause {
	info, _ := cause.ByID(cause.Undetermined)
	c := results.Cause{ID: string(info.ID), Title: info.Title, Certainty: results.Possible, Explanation: info.About,
		Operations: []string{}, Proof: []results.Proof{}, Counter: []results.Proof{}, Fix: results.Fix{Text: info.Remedy}}
	for _, op := range o.Operations {
		if op.Decision == results.DecisionDenied {
			c.Operations = append(c.Operations, op.ID)
		}
	}
	return c
}
