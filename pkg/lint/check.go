package lint

import (
	"fmt"
	"slices"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/results"
)

// Group is the heading under which a report lists a check.
type Group string

// The groups, in report order.
const (
	Target      Group = "Target"
	Token       Group = "Token"
	Client      Group = "OAuth client"
	Scopes      Group = "OAuth scopes"
	Permissions Group = "Permissions"
	Reach       Group = "Answers"
	Own         Group = "Own checks"
)

// PolicyCheck is the id of the check that judges attribute-based policies: the
// one whose unknown a user may accept for the operations as well.
const PolicyCheck = "abac-policy-allows"

// Check is one rule. Ids are kebab-case, say what is true when the check
// passes, and never change.
type Check struct {
	ID    string
	Group Group
	// Title says in a few words what is true when the check passes.
	Title string
	// Why says why it matters, Remedy what to do when it fails; docs/checks is
	// made from them.
	Why    string
	Remedy string
	// Needs are the facts that the check reads.
	Needs []evidence.Kind
	// Required says that a check that cannot see keeps the verdict from being
	// ready.
	Required bool
	// SCIM says that the check is about SCIM work and of no use where none is needed.
	SCIM bool
	// Own is set for a check that a user's configuration has.
	Own bool
	Run func(in *Input, out *Findings)
}

// Outcome is what all checks found.
type Outcome struct {
	// Checks are those that ran, in their order.
	Checks     []Check
	Snapshot   *evidence.Snapshot
	Options    Options
	Findings   []Finding
	Operations []results.Operation
	// Subject, Divisions name whose grants were judged, and where; Grants are the
	// roles that could be read.
	Subject   string
	Divisions []string
	Grants    []authz.Grant
	// Changes are what the audit log shows of the subject's access, the latest first.
	Changes []string
	// Input is what the checks read; the diagnosis words its fixes by the same plan.
	Input *Input
}

// RunChecks judges a snapshot with the given checks, in their order.
func RunChecks(list []Check, snapshot *evidence.Snapshot, opts Options) Outcome {
	in := NewInput(snapshot, opts)
	o := Outcome{Checks: list, Snapshot: snapshot, Options: opts, Operations: in.Judged, Subject: in.Who(), Grants: in.Subject.Grants, Input: in}
	for _, c := range in.ChangesOfAccess() {
		o.Changes = append(o.Changes, ChangeWords(c))
	}
	for _, d := range in.Where {
		o.Divisions = append(o.Divisions, d.Label())
	}
	if !in.SCIM() {
		list = slices.DeleteFunc(slices.Clone(list), func(c Check) bool { return c.SCIM })
		o.Checks = list
	}
	for _, c := range list {
		out := &Findings{check: c, in: in}
		c.Run(in, out)
		if len(out.list) == 0 {
			out.Skip("nothing to judge")
		}
		o.Findings = append(o.Findings, out.list...)
	}
	return o
}

// Findings collects what one check says.
type Findings struct {
	check Check
	in    *Input
	list  []Finding
}

func (f *Findings) add(status results.Status, basis results.Basis, message string) *Finding {
	finding := Finding{Check: f.check.ID, Group: string(f.check.Group), Status: status, Basis: basis, Message: message}
	for _, k := range f.check.Needs {
		finding.Evidence = append(finding.Evidence, string(k))
	}
	f.list = append(f.list, finding)
	return &f.list[len(f.list)-1]
}

// Pass says that the check passes.
func (f *Findings) Pass(basis results.Basis, format string, args ...any) {
	f.add(results.Pass, basis, fmt.Sprintf(format, args...))
}

// Skip says why the check does not apply.
func (f *Findings) Skip(format string, args ...any) {
	f.add(results.Skip, results.Published, fmt.Sprintf(format, args...))
}

// Warn says what works and should not stay.
func (f *Findings) Warn(basis results.Basis, fix results.Fix, format string, args ...any) {
	f.add(results.Warn, basis, fmt.Sprintf(format, args...)).Fix = fix
}

// Fail says what is or would be refused, and points at the cause.
func (f *Findings) Fail(basis results.Basis, s Suspicion, format string, args ...any) {
	finding := f.add(results.Fail, basis, fmt.Sprintf(format, args...))
	s.plan(f.in)
	finding.Fix = s.Fix
	if s.Because == "" {
		s.Because = finding.Message
	}
	if len(s.Proof) == 0 {
		s.Proof = []results.Proof{{Text: finding.Message, Basis: basis}}
	}
	finding.Suspicion = &s
}

// Unknown says what could not be read, and names the permission that would have
// let the check see where it is one of the facts that the check needs.
func (f *Findings) Unknown(format string, args ...any) {
	finding := f.add(results.Unknown, results.Observed, fmt.Sprintf(format, args...))
	finding.Blocks = f.check.Required
	finding.Fix = f.sight()
}

// UnknownBlocks is Unknown where the answer is needed for this run, though not for every.
func (f *Findings) UnknownBlocks(format string, args ...any) {
	f.Unknown(format, args...)
	f.Blocks()
}

// Blocks keeps the verdict from being ready because of what the check said last.
func (f *Findings) Blocks() { f.list[len(f.list)-1].Blocks = true }

// Advise gives what the check said last a fix of its own.
func (f *Findings) Advise(fix results.Fix) { f.list[len(f.list)-1].Fix = fix }

// UnknownSuspect is Unknown with a cause that may be behind it.
func (f *Findings) UnknownSuspect(s Suspicion, format string, args ...any) {
	f.Unknown(format, args...)
	finding := &f.list[len(f.list)-1]
	s.plan(f.in)
	if s.Because == "" {
		s.Because = finding.Message
	}
	if len(s.Proof) == 0 {
		s.Proof = []results.Proof{{Text: finding.Message, Basis: finding.Basis}}
	}
	if s.Fix.Text != "" {
		finding.Fix = s.Fix
	}
	finding.Suspicion = &s
}

// sight is the fix that lets the check see: the reading permission of the first
// needed fact that the org refused for lack of a permission.
func (f *Findings) sight() results.Fix {
	for _, k := range f.check.Needs {
		if p := evidence.RequiredPermission(k); p != "" && f.in.refusedForPermission(k) {
			return results.Fix{Text: "Grant " + p + " to " + f.in.Who() + " to make this readable, or let an auditor read it (--auditor-client-id)",
				Where: f.in.RolesPath(), Permissions: []string{p}}
		}
	}
	return results.Fix{}
}

// Empty says whether the check has said nothing yet.
func (f *Findings) Empty() bool { return len(f.list) == 0 }
