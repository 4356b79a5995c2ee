package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// Can decides one operation of a catalogue for the token of a snapshot. A SCIM
// operation is decided as checks decide it, with the permission that its work takes
// behind the gate; another by its gate alone, in the divisions of opts where there are
// any, because no definition says what stands behind.
func Can(snapshot *evidence.Snapshot, opts Options, op catalog.Operation) results.Answer {
	in := NewInput(snapshot, opts)
	a := results.Answer{SchemaVersion: results.SchemaVersion, Subject: in.Who(), OperationID: op.ID}
	needed, isSCIM := scimOperation(op)
	if isSCIM {
		in.Needed = []catalog.NeededOperation{needed}
		in.Judged = in.judge()
		a.Operation = in.Judged[0]
		if len(needed.Features) == 0 && len(op.Gate.Permissions) > 0 {
			// Where no work behind the gate is known, policies are held against the gate.
			a.Operation.Policy = in.policyOn(op.Gate)
			a.Operation.Decision = worst(a.Operation.Decision, a.Operation.Policy)
		}
	} else {
		a.Operation = in.foreign(op, needed)
	}
	in.acceptPolicies(&a.Operation)
	in.premises(&a, op)
	in.because(&a)
	return a
}

// acceptPolicies takes policies that could not be read for allowing, where the user
// accepted that.
func (in *Input) acceptPolicies(op *results.Operation) {
	if op.Policy != results.DecisionUnknown || in.Policies.Seen() || !slices.Contains(in.Opts.Accept, PolicyCheck) {
		return
	}
	op.Policy = results.DecisionAllowed
	op.Decision = worst(op.Gate.Decision, op.Scope)
	for _, f := range op.Features {
		op.Decision = worst(op.Decision, f.Decision)
	}
}

// scimOperation is an operation as the needs know it, under either base path; an
// operation that they do not know has no work behind its gate.
func scimOperation(op catalog.Operation) (catalog.NeededOperation, bool) {
	plain := catalog.NeededOperation{ID: op.ID, Title: op.Method + " " + op.Path, Method: op.Method, Path: op.Path, Gate: op.Gate, Scopes: op.Scopes}
	rest, ok := strings.CutPrefix(op.Path, catalog.SCIMBaseUnversioned)
	if !ok {
		return plain, false
	}
	rest = strings.TrimPrefix(rest, "/v2")
	method := strings.Replace(op.Method, "PUT", "PATCH", 1) // both change, and take the same
	for _, n := range catalog.Operations([]catalog.Need{catalog.NeedCreate, catalog.NeedRead, catalog.NeedUpdate, catalog.NeedDelete, catalog.NeedGroups}) {
		if n.Method == method && n.Path == catalog.SCIMBase+rest {
			n.Method, n.Path, n.Gate, n.Scopes = op.Method, op.Path, op.Gate, op.Scopes
			return n, true
		}
	}
	return plain, true
}

// foreign decides an operation that is not SCIM's: the probes of SCIM say nothing of it.
func (in *Input) foreign(op catalog.Operation, n catalog.NeededOperation) results.Operation {
	if len(in.Opts.Divisions) > 0 && op.Gate.Type != catalog.GateAny || len(in.Opts.Divisions) > 0 && len(op.Gate.Permissions) == 1 {
		for _, p := range op.Gate.Permissions {
			n.Features = append(n.Features, catalog.Feature{Name: "the endpoint's gate, in the division", Permission: p})
		}
	}
	out := results.Operation{ID: op.ID, Title: n.Title, Method: op.Method, Path: op.Path, Scopes: append([]string{}, op.Scopes...),
		Gate: in.gate(n), Scope: in.foreignScope(op), Policy: in.policyOn(op.Gate), Features: []results.Feature{}}
	decisions := []results.Decision{out.Gate.Decision, out.Scope, out.Policy}
	for _, f := range n.Features {
		judged := in.feature(f)
		out.Features = append(out.Features, judged)
		decisions = append(decisions, judged.Decision)
	}
	out.Decision = worst(decisions...)
	return out
}

// foreignScope applies the published rule: scopes bind the tokens of people.
func (in *Input) foreignScope(op catalog.Operation) results.Decision {
	held, heldKnown := in.TokenScopes()
	isUser, known := in.IsUserToken()
	switch {
	case len(op.Scopes) == 0 || known && !isUser || HasAny(held, op.Scopes...) || in.EnforcementOff():
		return results.DecisionAllowed
	case !known || !heldKnown:
		return results.DecisionUnknown
	}
	return results.DecisionDenied
}

// policyOn says whether attribute-based policies let a gate's permissions pass. Where
// one of several alternatives is denied, which one counts cannot be known.
func (in *Input) policyOn(gate catalog.Gate) results.Decision {
	switch {
	case len(gate.Permissions) == 0:
		return results.DecisionAllowed
	case !in.Policies.Seen():
		return results.DecisionUnknown
	}
	decision := results.DecisionAllowed
	for _, p := range *in.Policies.Value {
		target, err := authz.ParsePermission(p.TargetResource)
		if err != nil || !in.Denies(p) {
			continue
		}
		hit := slices.ContainsFunc(gate.Permissions, func(text string) bool {
			want, err := authz.ParsePermission(text)
			return err == nil && target.Covers(want)
		})
		switch {
		case hit && len(p.Condition) == 0 && (gate.Type == catalog.GateAll || len(gate.Permissions) == 1):
			return results.DecisionDenied
		case hit:
			decision = results.DecisionUnknown
		}
	}
	return decision
}

// premises are what must hold before permissions matter: a token that the platform
// takes, and a person where the endpoint wants one.
func (in *Input) premises(a *results.Answer, op catalog.Operation) {
	isUser, known := in.IsUserToken()
	r := in.TokenInfo.Refused()
	switch {
	case !in.Token.Seen():
		a.Operation.Decision = results.DecisionUnknown
		a.Because = append(a.Because, results.Proof{Basis: results.Observed, Text: "there is no token: " + in.Token.WhyUnseen()})
	case r != nil && r.Status == 401:
		a.Operation.Decision = results.DecisionDenied
		a.Because = append(a.Because, results.Proof{Basis: results.Observed, Text: "the platform refuses the token: " + in.TokenInfo.WhyUnseen()})
	case !in.tokenTaken() && a.Operation.Decision == results.DecisionAllowed:
		a.Operation.Decision = results.DecisionUnknown
		a.Because = append(a.Because, results.Proof{Basis: results.Observed, Text: "whether the platform takes the token could not be seen: no answer is of the platform's form"})
	case op.Path == "/api/v2/users/me" && known && !isUser:
		a.Operation.Decision = results.DecisionDenied
		a.Because = append(a.Because, results.Proof{Basis: results.Published, Text: "this endpoint takes a person's token; client credentials are answered " + genesys.CodeNotAUser})
	}
}

// tokenTaken says whether the platform answered of the token, the person or the grants
// as it does to a token that it takes. JSON of another kind comes from something else,
// and proves nothing.
func (in *Input) tokenTaken() bool {
	return in.TokenInfo.Seen() && (in.TokenInfo.Value.OAuthClient != nil || in.TokenInfo.Value.Organization.ID != "") ||
		in.User.Seen() && in.User.Value.ID != "" && in.User.Value.State != "" ||
		in.Grants.Seen() && len(in.Grants.Value.Grants) > 0
}

// because puts the decision's parts in words.
func (in *Input) because(a *results.Answer) {
	op := a.Operation
	say := func(basis results.Basis, format string, args ...any) {
		a.Because = append(a.Because, results.Proof{Basis: basis, Text: fmt.Sprintf(format, args...)})
	}
	if len(op.Gate.Permissions) == 0 {
		say(op.Gate.Basis, "the endpoint's gate asks for no permission")
	} else {
		say(op.Gate.Basis, "the endpoint's gate asks for %s of %s: %s", strings.ToLower(op.Gate.Type), strings.Join(op.Gate.Permissions, ", "), op.Gate.Decision)
	}
	for _, h := range op.Gate.Each {
		switch {
		case h.Decision == results.DecisionAllowed:
			say(results.Observed, "%s is held: %s", h.Permission, Chain(h.Proof[0]))
		case op.Gate.Decision != results.DecisionAllowed:
			say(results.Observed, "%s: %s (%s)", h.Permission, h.Decision, h.Reason)
		}
	}
	for _, f := range op.Features {
		text := fmt.Sprintf("%s takes %s: %s", f.Name, f.Permission, f.Decision)
		if len(f.Proof) > 0 {
			text += ", " + Chain(f.Proof[0])
		}
		if f.Reason != "" {
			text += " (" + f.Reason + ")"
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
