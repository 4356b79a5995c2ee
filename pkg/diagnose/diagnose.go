// Package diagnose turns what the checks found into an answer: the verdict, and the
// causes of refusals, each once, the most certain first.
package diagnose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/profile"
	"github.com/scimlint/scimlint/pkg/results"
)

// Conclude makes the report of a run from what its checks found.
func Conclude(o lint.Outcome, tool results.Tool) results.Report {
	r := results.Report{SchemaVersion: results.SchemaVersion, Tool: tool, Target: target(o), Taken: o.Snapshot.Taken.UTC().Format(time.RFC3339),
		Causes: []results.Cause{}, Checks: summarize(o), Operations: o.Operations, Requests: requests(o.Snapshot)}
	if r.Operations == nil {
		r.Operations = []results.Operation{}
	}
	r.Verdict = verdict(r, o.Findings)
	r.Causes = append(r.Causes, causes(o)...)
	if r.Verdict == results.NotReady && len(r.Causes) == 0 {
		r.Causes = append(r.Causes, undetermined(o))
	}
	if r.Verdict == results.Ready {
		r.Causes = []results.Cause{}
	}
	r.Summary = summary(r)
	return r
}

func target(o lint.Outcome) results.Target {
	s := o.Snapshot
	t := results.Target{Region: s.Target.Region, APIURL: s.Target.APIURL, ClientID: s.Target.ClientID, Subject: o.Subject, Divisions: o.Divisions, Probe: s.Target.Probe, Needs: []string{}, Profile: o.Options.ProfileUse}
	if s.Organization.Seen() {
		t.Organization, t.OrgID = s.Organization.Value.Name, s.Organization.Value.ID
	} else if s.TokenInfo.Seen() {
		t.Organization, t.OrgID = s.TokenInfo.Value.Organization.Name, s.TokenInfo.Value.Organization.ID
	}
	if c, _ := s.OAuthClient(); c != nil {
		t.Client, t.ClientID = c.Name, c.ID
	}
	for _, n := range o.Options.Needs {
		t.Needs = append(t.Needs, string(n))
	}
	for _, g := range o.Grants {
		t.Grants = append(t.Grants, results.Grant{Role: g.Role.Label(), RoleID: g.Role.ID, Division: g.Division.Label(), DivisionID: g.Division.ID})
	}
	t.Working = working(s.Working)
	return t
}

// working is whose the token is that works elsewhere; nil where that is not known.
func working(w *evidence.Working) *results.Holder {
	var h results.Holder
	switch {
	case w == nil:
		return nil
	case w.User.Seen():
		h.Subject = fmt.Sprintf("user %q", w.User.Value.Name)
	case w.TokenInfo.Seen() && w.TokenInfo.Value.OAuthClient != nil:
		h.Subject = fmt.Sprintf("OAuth client %q", w.TokenInfo.Value.OAuthClient.Name)
	default:
		return nil
	}
	h.Grants = []results.Grant{}
	if w.Grants.Seen() {
		for _, g := range w.Grants.Value.Grants {
			h.Grants = append(h.Grants, results.Grant{Role: cmp.Or(g.Role.Name, g.Role.ID), RoleID: g.Role.ID, Division: g.Division.Name, DivisionID: g.Division.ID})
		}
	}
	return &h
}

// severity ranks statuses; a check that says several things shows the gravest.
func severity(s results.Status) int {
	return slices.Index([]results.Status{results.Skip, results.Pass, results.Warn, results.Unknown, results.Fail}, s)
}

// summarize joins the findings of each check into one entry.
func summarize(o lint.Outcome) []results.Check {
	var out []results.Check
	of := map[string][]lint.Finding{}
	for _, f := range o.Findings {
		c := results.Check{ID: f.Check, Group: f.Group, Status: f.Status, Message: f.Message, Basis: f.Basis, Evidence: f.Evidence, Fix: f.Fix,
			Required: f.Blocks, Accepted: f.Status == results.Unknown && slices.Contains(o.Options.Accept, f.Check)}
		if c.Evidence == nil {
			c.Evidence = []string{}
		}
		of[f.Check] = append(of[f.Check], f)
		if last := len(out) - 1; last >= 0 && out[last].ID == f.Check {
			out[last] = join(out[last], c)
		} else {
			out = append(out, c)
		}
	}
	client := target(o).ClientID
	for i := range out {
		describe(&out[i], o.Checks)
		identify(&out[i], of[out[i].ID], client)
	}
	return out
}

// describe adds what is known of a check in general.
func describe(c *results.Check, list []lint.Check) {
	i := slices.IndexFunc(list, func(known lint.Check) bool { return known.ID == c.ID })
	if i < 0 {
		return
	}
	known := list[i]
	c.Title, c.Why, c.Remedy, c.Own = known.Title, known.Why, known.Remedy, known.Own
	c.Required = c.Required || known.Required
}

// maxMessage bounds the joined messages of one check, in bytes: an org may give
// thousands of reasons.
const maxMessage = 8 << 10

const andMore = "; and more of this kind"

// join puts two findings of one check together; the graver one decides.
func join(a, b results.Check) results.Check {
	text := a.Message
	switch {
	case strings.Contains(a.Message, b.Message):
	case len(a.Message) < maxMessage:
		text += "; " + b.Message
	case severity(b.Status) > severity(a.Status):
		text = b.Message + andMore
	case !strings.HasSuffix(text, andMore):
		text += andMore
	}
	required := a.Required || b.Required
	if severity(b.Status) > severity(a.Status) {
		a = b
	}
	a.Required = required
	a.Message = text
	return a
}

// verdict: not ready is what fails, or a needed operation that is denied; what is
// needed and unknown is inconclusive, unless the user accepted that it cannot be
// read; the rest is ready. A run in which nothing was needed is never ready.
func verdict(r results.Report, findings []lint.Finding) results.Verdict {
	accepted := map[string]bool{}
	for _, c := range r.Checks {
		accepted[c.ID] = c.Accepted
		if c.Status == results.Fail {
			return results.NotReady
		}
	}
	for _, op := range r.Operations {
		if op.Decision == results.DecisionDenied {
			return results.NotReady
		}
	}
	for _, f := range findings {
		if f.Status == results.Unknown && f.Blocks && !accepted[f.Check] {
			return results.Inconclusive
		}
	}
	for _, op := range r.Operations {
		if op.Decision == results.DecisionUnknown && !explained(op, accepted) {
			return results.Inconclusive
		}
	}
	if len(r.Operations) == 0 {
		return results.Inconclusive
	}
	return results.Ready
}

// explained says whether an operation is unknown only for reasons that were
// accepted: its policies could not be read, or a feature's check is accepted.
func explained(op results.Operation, accepted map[string]bool) bool {
	if op.Why != "" || op.Gate.Decision != results.DecisionAllowed || op.Scope != results.DecisionAllowed {
		return false
	}
	if op.Policy != results.DecisionAllowed && !accepted[lint.PolicyCheck] {
		return false
	}
	return !slices.ContainsFunc(op.Features, func(f results.Feature) bool { return f.Decision != results.DecisionAllowed && !accepted[f.Check] })
}

// causes merges the suspicions into causes, keeps of each what the decisions bear
// out, drops those that another explains, and ranks the rest.
func causes(o lint.Outcome) []results.Cause {
	var out, brought []results.Cause
	for _, f := range o.Findings {
		// What was accepted is that a check cannot see, not what it sees.
		accepted := f.Status == results.Unknown && slices.Contains(o.Options.Accept, f.Check)
		switch {
		case f.Suspicion == nil || accepted:
		case f.Suspicion.Brought:
			brought = merge(brought, *f.Suspicion)
		default:
			out = merge(out, *f.Suspicion)
		}
	}
	out = unexplained(withBrought(borneOut(out, o.Operations), brought, o.Operations))
	slices.SortStableFunc(out, func(a, b results.Cause) int {
		return cmp.Or(cmp.Compare(beside(a), beside(b)), cmp.Compare(a.Certainty.Rank(), b.Certainty.Rank()), cmp.Compare(order(a.ID), order(b.ID)))
	})
	withChanges(out, o.Changes)
	for i := range out {
		out[i].Fix.Text = InTheirWords(o.Options.Profile, out[i].ID, out[i].Fix.Text)
	}
	return out
}

// InTheirWords adds to a fix where it is in the screens of the system that calls SCIM.
func InTheirWords(p *profile.Profile, cause, fix string) string {
	theirs := p.Fix(cause)
	if theirs == "" {
		return fix
	}
	return strings.TrimSpace(strings.TrimSuffix(fix, ".") + ". " + theirs)
}

// withBrought adds the causes of refusals that somebody brought. They were true of
// a call then, so the decisions of now do not take operations from them.
func withBrought(list, brought []results.Cause, ops []results.Operation) []results.Cause {
	for _, c := range brought {
		i := slices.IndexFunc(list, func(o results.Cause) bool { return o.ID == c.ID })
		if i < 0 {
			c.Operations = inOrder(c.Operations, ops)
			list = append(list, c)
			continue
		}
		list[i].Operations = inOrder(union(list[i].Operations, c.Operations), ops)
		list[i].Proof, list[i].Counter = union(list[i].Proof, c.Proof), union(list[i].Counter, c.Counter)
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
func withChanges(list []results.Cause, changes []string) {
	for i, c := range list {
		info, _ := cause.ByID(cause.ID(c.ID))
		if len(changes) > 0 && (info.Concerns == cause.Permission || info.Concerns == cause.Client) {
			list[i].Proof = append(list[i].Proof, results.Proof{Basis: results.Observed, Text: "the audit log has a change that may have brought this about: " + changes[0]})
			return
		}
	}
}

// beside ranks causes that break nothing after those that do.
func beside(c results.Cause) int {
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
func borneOut(list []results.Cause, ops []results.Operation) []results.Cause {
	denied := func(op results.Operation) bool { return op.Decision != results.DecisionAllowed }
	decided := len(ops) > 0 && !slices.ContainsFunc(ops, denied)
	var out []results.Cause
	for _, c := range list {
		info, _ := cause.ByID(cause.ID(c.ID))
		named := c.Operations
		c.Operations = []string{}
		for _, op := range ops {
			if slices.Contains(named, op.ID) && (info.Concerns != cause.Permission && info.Concerns != cause.Transport || denied(op)) {
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

// unexplained leaves out the causes that others bring about.
func unexplained(all []results.Cause) []results.Cause {
	return slices.DeleteFunc(slices.Clone(all), func(c results.Cause) bool { return explainedBy(c, all) })
}

// explainedBy says whether another cause that is certain enough brings this one
// about. A cause whose fix grants permissions explains no lack of others.
func explainedBy(c results.Cause, all []results.Cause) bool {
	for _, other := range all {
		info, _ := cause.ByID(cause.ID(other.ID))
		ends := len(other.Fix.Permissions) == 0 || within(c.Fix.Permissions, other.Fix.Permissions)
		if slices.Contains(info.Explains, cause.ID(c.ID)) && ends && other.Certainty != results.Possible {
			return true
		}
	}
	return false
}

func within(part, whole []string) bool {
	return !slices.ContainsFunc(part, func(s string) bool { return !slices.Contains(whole, s) })
}

// merge adds a suspicion to the cause of its id. The more certain one speaks;
// operations, proof and what to grant add up.
func merge(list []results.Cause, s lint.Suspicion) []results.Cause {
	info, _ := cause.ByID(s.Cause)
	i := slices.IndexFunc(list, func(c results.Cause) bool { return c.ID == string(s.Cause) })
	if i < 0 {
		list = append(list, results.Cause{ID: string(s.Cause), Title: info.Title, Certainty: s.Certainty, Explanation: s.Because, Fix: s.Fix,
			Operations: []string{}, Proof: []results.Proof{}, Counter: []results.Proof{}})
		i = len(list) - 1
	}
	c := &list[i]
	own, other := c.Fix, s.Fix
	if s.Certainty.Rank() < c.Certainty.Rank() {
		c.Certainty, c.Explanation = s.Certainty, s.Because
		own, other = s.Fix, c.Fix
	}
	c.Fix = joinFix(own, other)
	if s.Cause == cause.OwnCheckFails && !strings.Contains(c.Explanation, s.Because) {
		// Each own check demands something else, and each has a fix of its own.
		c.Explanation += " " + s.Because
		c.Fix.Text += " " + s.Fix.Text
	}
	c.Explanation = naming(c.Explanation, own.Permissions, c.Fix.Permissions)
	c.Operations = union(c.Operations, s.Operations)
	c.Proof = union(c.Proof, s.Proof)
	c.Counter = union(c.Counter, s.Counter)
	return list
}

// joinFix adds the other fix's permissions; a fix that grants permissions names
// them all in one instruction.
func joinFix(a, b results.Fix) results.Fix {
	all := union(a.Permissions, b.Permissions)
	a.Text = naming(a.Text, a.Permissions, all)
	a.Permissions = all
	a.Scopes = union(a.Scopes, b.Scopes)
	return a
}

// naming lets a sentence that names some permissions name all of them.
func naming(text string, some, all []string) string {
	if len(some) == 0 || len(all) == len(some) {
		return text
	}
	return strings.Replace(text, strings.Join(some, ", "), strings.Join(all, ", "), 1)
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

// undetermined stands where something fails and nothing says why.
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

// requests lists the run's calls for the report.
func requests(s *evidence.Snapshot) []results.Request {
	out := []results.Request{}
	for _, r := range s.Requests() {
		req := results.Request{Fact: string(r.Kind), Method: r.Method, URL: r.URL, Status: r.Status, CorrelationID: r.CorrelationID,
			DurationMs: r.Duration.Milliseconds(), Retries: len(r.Retries), Auditor: r.Auditor}
		switch {
		case r.Refusal != nil:
			req.Note = r.Refusal.Code
		case r.Failure != nil:
			req.Note = r.Failure.Text
		}
		out = append(out, req)
	}
	return out
}

// summary is the verdict in one sentence.
func summary(r results.Report) string {
	all := func(results.Operation) bool { return true }
	switch r.Verdict {
	case results.Ready:
		return fmt.Sprintf("%s may %s.", r.Target.Subject, titles(r.Operations, "and", all))
	case results.NotReady:
		if denied := titles(r.Operations, "or", func(op results.Operation) bool {
			return op.Decision == results.DecisionDenied || affected(r, op) && !allowed(r)
		}); denied != "" {
			return fmt.Sprintf("%s cannot %s.", r.Target.Subject, denied)
		}
		if own := failing(r.Checks); len(own) > 0 && allowed(r) {
			return fmt.Sprintf("%s may %s, but fails what the configuration demands: %s.", r.Target.Subject, titles(r.Operations, "and", all), strings.Join(own, ", "))
		}
		if len(r.Causes) > 0 && allowed(r) {
			return fmt.Sprintf("%s can %s, but: %s.", r.Target.Subject, titles(r.Operations, "and", all), lowerFirst(r.Causes[0].Title))
		}
		return fmt.Sprintf("%s cannot %s.", r.Target.Subject, titles(r.Operations, "or", all))
	}
	if open := titles(r.Operations, "or", func(op results.Operation) bool { return op.Decision != results.DecisionAllowed }); open != "" {
		return fmt.Sprintf("Whether %s may %s could not be seen.", r.Target.Subject, strings.TrimSuffix(open, " over SCIM"))
	}
	return fmt.Sprintf("Whether %s may %s could not be seen in full.", r.Target.Subject, strings.TrimSuffix(titles(r.Operations, "or", all), " over SCIM"))
}

// lowerFirst lets a title go on within a sentence.
func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// failing returns the failing checks if all of them are the user's own.
func failing(list []results.Check) []string {
	var out []string
	for _, c := range list {
		if c.Status == results.Fail {
			if !c.Own {
				return nil
			}
			out = append(out, c.ID)
		}
	}
	return out
}

func allowed(r results.Report) bool {
	return !slices.ContainsFunc(r.Operations, func(op results.Operation) bool { return op.Decision != results.DecisionAllowed })
}

// affected says whether a cause that was found breaks the operation.
func affected(r results.Report, op results.Operation) bool {
	return slices.ContainsFunc(r.Causes, func(c results.Cause) bool {
		return c.Certainty != results.Possible && slices.Contains(c.Operations, op.ID)
	})
}

// titles joins the operations' titles: "create and read users over SCIM".
func titles(ops []results.Operation, word string, keep func(results.Operation) bool) string {
	var scim, other []string
	for _, op := range ops {
		switch call, named := strings.CutPrefix(op.Title, "call "); {
		case !keep(op):
		case named:
			other = append(other, call)
		default:
			scim = append(scim, op.Title)
		}
	}
	var parts []string
	if len(scim) > 0 {
		parts = append(parts, shorten(scim, word)+" over SCIM")
	}
	if len(other) > 0 {
		parts = append(parts, "call "+enumerate(other, word))
	}
	return strings.Join(parts, " "+word+" ")
}

// shorten joins "create users", "read users" to "create and read users".
func shorten(phrases []string, word string) string {
	var verbs, rest []string
	for _, p := range phrases {
		if verb, ok := strings.CutSuffix(p, " users"); ok {
			verbs = append(verbs, verb)
		} else {
			rest = append(rest, p)
		}
	}
	if len(verbs) > 0 {
		rest = append([]string{enumerate(verbs, word) + " users"}, rest...)
	}
	return enumerate(rest, word)
}

func enumerate(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}
