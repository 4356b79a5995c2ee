// Package diagnose turns what the checks found into an answer: the verdict, and the
// causes of refusals, each once, the most certain first.
package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
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
	if r.Verdict != results.Ready {
		r.Causes = append(r.Causes, reasons(o, r.Checks)...)
	}
	if r.Verdict == results.NotReady && len(r.Causes) == 0 {
		r.Causes = append(r.Causes, undetermined(o))
	}
	r.Summary = summary(r)
	return r
}

// reasons returns the causes, and gives the checks that point at one its fix.
func reasons(o lint.Outcome, checks []results.Check) []results.Cause {
	reported, all := causes(o)
	for i := range checks {
		hint(&checks[i], reported, all)
	}
	var out []results.Cause
	for _, c := range reported {
		c.Fix.Text = InTheirWords(o.Options.Profile, c.ID, c.Fix.Text)
		out = append(out, c.Cause)
	}
	return out
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
	return t
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
