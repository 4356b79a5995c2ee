package lint

import (
	"fmt"
	"strings"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/results"
)

// Can decides one operation of a catalogue for the token of a snapshot, by the
// same decision as a report's operations. A SCIM operation is decided with the
// permission that its work requires behind the access check; another by its
// access check only, in the divisions of opts where there are any, because no
// definition says what comes behind.
func Can(snapshot *evidence.Snapshot, opts Options, op catalog.Operation) results.Answer {
	in := NewInput(snapshot, opts)
	needed, isSCIM := scimOperation(op)
	if !isSCIM {
		needed = in.withDivisions(needed)
	}
	a := results.Answer{SchemaVersion: results.SchemaVersion, Subject: in.Who(), OperationID: op.ID, Operation: in.operation(needed)}
	if a.Operation.Why != "" {
		a.Because = append(a.Because, results.Proof{Basis: results.Observed, Text: a.Operation.Why})
	}
	in.because(&a)
	return a
}

// withDivisions asks for the access check's permissions in the divisions of the
// options, where it is clear which of them the work requires.
func (in *Input) withDivisions(n catalog.NeededOperation) catalog.NeededOperation {
	if len(in.Opts.Divisions) == 0 || n.Gate.Type == catalog.GateAny && len(n.Gate.Permissions) != 1 {
		return n
	}
	for _, p := range n.Gate.Permissions {
		n.Features = append(n.Features, catalog.Feature{Name: "pass the access check in the division", Permission: p})
	}
	return n
}

// scimOperation is an operation as the needs know it, under either base path; an
// operation that they do not know has no work behind its access check.
func scimOperation(op catalog.Operation) (catalog.NeededOperation, bool) {
	plain := catalog.NeededOperation{ID: op.ID, Title: op.Method + " " + op.Path, Method: op.Method, Path: op.Path, Gate: op.Gate, Scopes: op.Scopes}
	if !strings.HasPrefix(op.Path, catalog.SCIMBaseUnversioned) {
		return plain, false
	}
	if n, ok := catalog.NeededBy(append(catalog.DefaultNeeds(), catalog.NeedGroups), op.Method, op.Path); ok {
		n.Method, n.Path, n.Gate, n.Scopes = op.Method, op.Path, op.Gate, op.Scopes
		return n, true
	}
	return plain, true
}

// because puts the decision's parts in words.
func (in *Input) because(a *results.Answer) {
	op := a.Operation
	say := func(basis results.Basis, format string, args ...any) {
		a.Because = append(a.Because, results.Proof{Basis: basis, Text: fmt.Sprintf(format, args...)})
	}
	if len(op.Gate.Permissions) == 0 {
		say(op.Gate.Basis, "the endpoint's access check requires no permission")
	} else {
		say(op.Gate.Basis, "the endpoint's access check requires %s of %s: %s", strings.ToLower(op.Gate.Type), strings.Join(op.Gate.Permissions, ", "), op.Gate.Decision)
	}
	for _, h := range op.Gate.Each {
		switch {
		case h.Decision == results.DecisionAllowed && len(h.Proof) > 0:
			say(results.Observed, "%s is held: %s", h.Permission, Chain(h.Proof[0]))
		case h.Decision == results.DecisionAllowed:
			say(results.Observed, "%s is held: the platform says so", h.Permission)
		case op.Gate.Decision != results.DecisionAllowed:
			say(results.Observed, "%s: %s (%s)", h.Permission, h.Decision, h.Reason)
		}
	}
	for _, f := range op.Features {
		text := fmt.Sprintf("%s requires %s: %s", f.Name, f.Permission, f.Decision)
		if len(f.Proof) > 0 {
			text += ", " + Chain(f.Proof[0])
		}
		if reason := FirstOf(f.Why, f.Reason); reason != "" {
			text += " (" + reason + ")"
		}
		say(f.Basis, "%s", text)
	}
	if len(op.Scopes) > 0 {
		say(results.Published, "OAuth scopes, one of %s: %s", strings.Join(op.Scopes, ", "), op.Scope)
	}
	if len(op.Gate.Permissions) > 0 {
		say(results.Observed, "attribute-based policies: %s", op.Policy)
	}
}
