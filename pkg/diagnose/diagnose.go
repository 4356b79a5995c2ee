// Package diagnose turns what the checks found into an answer: the verdict, and the
// causes of refusals, each once, the most certain first.
package diagnose

import (
	"cmp"
	"fmt"
	"slices"
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
