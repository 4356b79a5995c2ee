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
// access check, in the home division unless opts name others, because no
// definition says what comes behind.
func Can(snapshot *evidence.Snapshot, opts Options, op catalog.Operation) results.Answer {
	needed := catalog.FromOperation(op)
	opts.Needs, opts.Operations, opts.Requirements = nil, []catalog.NeededOperation{needed}, Requirements{}
	in := NewInput(snapshot, opts)
	a := results.Answer{SchemaVersion: results.SchemaVersion, Subject: in.Who(), OperationID: op.ID, Operation: in.Judged[0]}
	a.Operation.Title = op.Method + " " + op.Path
	if a.Operation.Why != "" {
		a.Because = append(a.Because, results.Proof{Basis: results.Observed, Text: a.Operation.Why})
	}
	in.because(&a, needed.GateUnpublished)
	return a
}

// because puts the decision's parts in words.
func (in *Input) because(a *results.Answer, unpublished bool) {
	op := a.Operation
	say := func(basis results.Basis, format string, args ...any) {
		a.Because = append(a.Because, results.Proof{Basis: basis, Text: fmt.Sprintf(format, args...)})
	}
	switch {
	case unpublished: // the answer says so already
	case len(op.Gate.Permissions) == 0:
		say(op.Gate.Basis, "the endpoint's access check requires no permission")
	default:
		say(op.Gate.Basis, "the endpoint's access check requires %s of %s: %s", strings.ToLower(op.Gate.Type), strings.Join(op.Gate.Permissions, ", "), op.Gate.Decision)
	}
	for _, h := range op.Gate.Each {
		switch {
		case h.Decision == results.DecisionAllowed && len(h.Proof) > 0:
			say(results.Observed, "%s is granted: %s", h.Permission, Chain(h.Proof[0]))
		case h.Decision == results.DecisionAllowed:
			say(results.Observed, "%s is granted: the platform says so", h.Permission)
		case op.Gate.Decision != results.DecisionAllowed:
			say(results.Observed, "%s: %s (%s)", h.Permission, h.Decision, h.Reason)
		}
	}
	for _, f := range op.Features {
		text := fmt.Sprintf("to %s requires %s: %s", f.Name, anyOf(f), f.Decision)
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

// anyOf names a permission with those that would do instead.
func anyOf(f results.Feature) string {
	if len(f.Alternatives) == 0 {
		return f.Permission
	}
	return f.Permission + " (or " + List(f.Alternatives, 4) + ")"
}
