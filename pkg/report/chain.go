package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/results"
)

// chain is the picture of a run: who asks, by which roles, with which permissions, for
// which operations. It has only what matters to the needs.
type chain struct {
	Tiers [4][]*node
	Edges []*edge
	// Causes are those of the report, by the number that marks them.
	Causes []results.Cause
}

// The tiers of a chain, from the subject down.
const (
	tierSubject = iota
	tierRole
	tierPermission
	tierOperation
)

// tierNames are the headings of the tiers.
var tierNames = [4]string{"Who asks", "Roles", "Permissions", "Operations"}

// node is a box of the picture.
type node struct {
	Tier        int
	Label, Note string
	State       results.Decision
	// Cause is the number of the cause that breaks here; 0 for none.
	Cause int
}

// edge joins two boxes. Its state is allowed where the chain is whole, denied or unknown
// where it breaks, and empty beyond the break.
type edge struct {
	From, To *node
	State    results.Decision
	Cause    int
}

// maxBoxes is how many boxes a tier shows; the report has all of them.
const maxBoxes = 8

// breaks are the causes about permissions that break the chain elsewhere than on the way
// from a role to a permission: on the way from the subject to a role, or from the
// permission to the operation.
var breaks = map[cause.ID]int{
	cause.RoleOnUserNotClient: tierRole, cause.ClientHasNoRoles: tierRole,
	cause.AppNotAuthorized: tierOperation, cause.ScopeUnknown: tierOperation, cause.ScopeReadonly: tierOperation,
	cause.ScopeMissing: tierOperation, cause.PolicyDenies: tierOperation, cause.Undetermined: tierOperation,
}

// breaksAt is the tier at which a cause breaks the chain.
func breaksAt(id string) int {
	info, _ := cause.ByID(cause.ID(id))
	tier, ok := breaks[info.ID]
	switch {
	case ok:
		return tier
	case info.Concerns == cause.Token, info.Concerns == cause.Client:
		return tierSubject
	case info.Concerns == cause.Permission && info.ID != "":
		return tierPermission
	}
	return tierOperation
}

// drawer puts a chain together.
type drawer struct {
	r results.Report
	c *chain
	// subject is whose token was judged, working the person or client whose token works.
	subject, working *node
}

// newChain makes the picture of a report; nil where nothing was judged.
func newChain(r results.Report) *chain {
	if len(r.Operations) == 0 {
		return nil
	}
	d := &drawer{r: r, c: &chain{Causes: r.Causes}}
	d.subject = d.node(tierSubject, first(r.Target.Subject, "the token"), "", results.DecisionAllowed)
	d.subject.Cause = d.cause(tierSubject, "")
	if d.subject.Cause > 0 {
		d.subject.State = results.DecisionDenied
	} else if nothingRead(r) {
		d.subject.State = results.DecisionUnknown
	}
	if w := r.Target.Working; w != nil {
		d.working = d.node(tierSubject, w.Subject, "the token that works", results.DecisionAllowed)
	}
	for i, op := range r.Operations {
		if i == maxBoxes {
			d.node(tierOperation, fmt.Sprintf("and %d more", len(r.Operations)-maxBoxes), "", "")
			break
		}
		d.operation(op)
	}
	return d.c
}

// nothingRead says whether the org did not answer at all: then the subject is no more
// certain than the rest.
func nothingRead(r results.Report) bool {
	return r.Target.Organization == "" && len(r.Target.Grants) == 0 &&
		!slices.ContainsFunc(r.Operations, func(op results.Operation) bool { return op.Decision != results.DecisionUnknown })
}

// node returns the box of a label in a tier, a new one where there is none.
func (d *drawer) node(tier int, label, note string, state results.Decision) *node {
	for _, n := range d.c.Tiers[tier] {
		if n.Label == label {
			n.State = worse(n.State, state)
			return n
		}
	}
	n := &node{Tier: tier, Label: label, Note: note, State: state}
	d.c.Tiers[tier] = append(d.c.Tiers[tier], n)
	return n
}

// edge joins two boxes once, by the worst of its states.
func (d *drawer) edge(from, to *node, state results.Decision, cause int) {
	for _, e := range d.c.Edges {
		if e.From == from && e.To == to {
			e.State, e.Cause = worse(e.State, state), max(e.Cause, cause)
			return
		}
	}
	d.c.Edges = append(d.c.Edges, &edge{from, to, state, cause})
}

func worse(a, b results.Decision) results.Decision {
	for _, s := range []results.Decision{results.DecisionDenied, results.DecisionUnknown, results.DecisionAllowed} {
		if a == s || b == s {
			return s
		}
	}
	return ""
}

// cause is the number of the first cause that breaks a tier for an operation; 0 for none.
func (d *drawer) cause(tier int, operation string) int {
	for i, c := range d.r.Causes {
		if breaksAt(c.ID) == tier && (operation == "" || len(c.Operations) == 0 || slices.Contains(c.Operations, operation)) {
			return i + 1
		}
	}
	return 0
}

// operation draws one operation with what it requires.
func (d *drawer) operation(op results.Operation) {
	n := d.node(tierOperation, op.Title, "", op.Decision)
	if !strings.Contains(op.Title, op.Path) {
		n.Note = op.Method + " " + op.Path
	}
	at := d.cause(tierOperation, op.ID)
	features := op.Features
	if len(features) == 0 {
		features = accessFeatures(op)
	}
	if !slices.ContainsFunc(features, func(f results.Feature) bool { return f.Decision == results.DecisionAllowed }) && (len(features) > 0 || op.Decision == results.DecisionAllowed) {
		n.Cause = at // no line ends in this operation on which the mark could be
	}
	for _, f := range features {
		p := d.node(tierPermission, f.Permission, inWords(f.Division), f.Decision)
		switch {
		case f.Decision != results.DecisionAllowed:
			d.edge(p, n, "", at)
		case at > 0 || op.Decision != results.DecisionAllowed && worse(op.Scope, op.Policy) != results.DecisionAllowed:
			d.edge(p, n, worse(op.Decision, ""), at)
		default:
			d.edge(p, n, results.DecisionAllowed, 0)
		}
		d.permission(p, f, op)
	}
	if len(features) == 0 {
		p := d.node(tierPermission, "no permission required", "", results.DecisionAllowed)
		d.edge(d.subject, p, d.beyondSubject(), 0)
		d.edge(p, n, op.Decision, at)
	}
}

// beyondSubject is the state of a line that only depends on who asks: it is not whole where
// that is refused or unknown.
func (d *drawer) beyondSubject() results.Decision {
	if d.subject.State == results.DecisionAllowed {
		return results.DecisionAllowed
	}
	return ""
}

// accessFeatures are what an operation requires whose work is not published: the
// permissions of its access check that the subject has, or one box for all.
func accessFeatures(op results.Operation) []results.Feature {
	if len(op.Gate.Permissions) == 0 {
		return nil
	}
	for _, h := range op.Gate.Each {
		if h.Decision == results.DecisionAllowed && op.Gate.Type != "ALL" {
			return []results.Feature{{Permission: h.Permission, Decision: h.Decision, Proof: h.Proof}}
		}
	}
	return []results.Feature{{Permission: accessWords(op.Gate), Decision: op.Gate.Decision}}
}

// permission draws how a subject comes to a permission, or where that breaks.
func (d *drawer) permission(p *node, f results.Feature, op results.Operation) {
	at := d.cause(tierPermission, op.ID)
	if f.Decision == results.DecisionAllowed {
		at = 0
	}
	for _, l := range f.Proof {
		role := d.node(tierRole, l.Role, inWords(first(l.Division, "an unknown division")), results.DecisionAllowed)
		d.edge(d.subject, role, results.DecisionAllowed, 0)
		d.edge(role, p, f.Decision, at)
	}
	switch {
	case len(f.Proof) > 0:
	case f.Decision == results.DecisionAllowed:
		d.edge(d.subject, p, results.DecisionAllowed, 0) // the platform says so, and no role that could be read
	case d.fromWorking(p, f, op):
	case len(d.r.Target.Grants) == 0:
		role := d.node(tierRole, noRole(f.Decision), "", f.Decision)
		d.edge(d.subject, role, f.Decision, max(at, d.cause(tierRole, op.ID)))
		d.edge(role, p, "", 0)
	default:
		role := d.node(tierRole, d.roles(), "", results.DecisionAllowed)
		d.edge(d.subject, role, results.DecisionAllowed, 0)
		d.edge(role, p, f.Decision, at)
	}
}

// fromWorking draws the roles of the subject whose token works, which the subject under
// test does not have; it says whether there are any.
func (d *drawer) fromWorking(p *node, f results.Feature, op results.Operation) bool {
	at := d.cause(tierRole, op.ID)
	if d.working == nil || at == 0 || !slices.Contains(d.r.Causes[at-1].Fix.Permissions, f.Permission) {
		return false
	}
	for _, g := range d.r.Target.Working.Grants {
		role := d.node(tierRole, g.Role, inWords(first(g.Division, "an unknown division")), results.DecisionAllowed)
		d.edge(d.working, role, results.DecisionAllowed, 0)
		d.edge(d.subject, role, results.DecisionDenied, at)
		d.edge(role, p, "", 0)
	}
	return true
}

// noRole words that there is no role to draw.
func noRole(d results.Decision) string {
	if d == results.DecisionUnknown {
		return "roles that could not be read"
	}
	return "no role"
}

func inWords(division string) string {
	if division == "" {
		return ""
	}
	return "in " + division
}

// roles names the subject's roles in one box: none of them includes what is required.
func (d *drawer) roles() string {
	var names []string
	for _, g := range d.r.Target.Grants {
		if !slices.Contains(names, g.Role) {
			names = append(names, g.Role)
		}
	}
	if len(names) > 2 {
		return fmt.Sprintf("%s and %d more", names[0], len(names)-1)
	}
	return strings.Join(names, ", ")
}

// Words say what the picture shows, for screen readers.
func (c *chain) Words() string {
	var parts []string
	for _, tier := range c.Tiers {
		for _, n := range tier {
			if to := c.reached(n); len(to) > 0 {
				parts = append(parts, n.Label+" → "+strings.Join(to, ", "))
			}
		}
	}
	for _, n := range c.Tiers[tierSubject] {
		if n.Cause > 0 {
			parts = append(parts, n.Label+" is refused"+markWords(n.Cause, c.Causes))
		}
	}
	for _, n := range c.Tiers[tierOperation] {
		if n.State != "" {
			parts = append(parts, c.outcome(n))
		}
	}
	return Inert(strings.Join(parts, "; ") + ".")
}

// reached names the boxes to which lines lead from a box, and where they break.
func (c *chain) reached(n *node) []string {
	var to []string
	for _, e := range c.Edges {
		switch {
		case e.From != n || e.State == "":
		case e.State == results.DecisionAllowed:
			to = append(to, e.To.Label)
		default:
			to = append(to, e.To.Label+" ("+string(e.State)+markWords(e.Cause, c.Causes)+")")
		}
	}
	return to
}

// outcome says how an operation ends, and by which cause.
func (c *chain) outcome(n *node) string {
	text := n.Label + ": " + string(n.State)
	if n.Cause > 0 {
		text += " (" + c.Causes[n.Cause-1].ID + ")"
	}
	return text
}

func markWords(cause int, causes []results.Cause) string {
	if cause == 0 {
		return ""
	}
	return ": " + causes[cause-1].ID
}
