package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// The ids of the operations that a probe of this run calls.
const (
	createUsers = "scim-user-create"
	readUsers   = "scim-user-read"
)

// judge decides every needed operation.
func (in *Input) judge() []results.Operation {
	var out []results.Operation
	for _, op := range in.Needed {
		out = append(out, in.operation(op))
	}
	return out
}

// operation is the one decision about one operation: its access check, each
// feature in each division, its scopes, the attribute-based policies. What the org
// answered to the same call in this run beats what the rest lets expect, and
// before all comes whether the platform accepts the token.
func (in *Input) operation(op catalog.NeededOperation) results.Operation {
	out := results.Operation{ID: op.ID, Title: op.Title, Method: op.Method, Path: op.Path, Scopes: append([]string{}, op.Scopes...),
		Gate: in.gate(op), Scope: in.scopeDecision(op), Policy: in.policyDecision(op), Features: []results.Feature{}}
	decisions := []results.Decision{out.Gate.Decision, out.Scope}
	if !in.policyAccepted(out.Policy) {
		decisions = append(decisions, out.Policy)
	}
	for _, f := range op.Features {
		feature := in.feature(f, op)
		out.Features = append(out.Features, feature)
		decisions = append(decisions, feature.Decision)
	}
	out.Decision = worst(decisions...)
	if op.GateUnpublished {
		out.Why = "the published definition names no permission for this operation that a role could include, and does not say that it requires none: only the call itself shows it"
	}
	in.applyAnswer(&out)
	if r := in.scimRefused(); r != nil && out.Decision == results.DecisionAllowed && op.SCIM() {
		out.Decision, out.Why = results.DecisionUnknown, "the org refused a read of SCIM before it looked at permissions: "+RefusalWords(r)
	}
	in.applyToken(&out)
	return out
}

// policyAccepted says whether policies that could not be read were accepted as
// unknown.
func (in *Input) policyAccepted(decided results.Decision) bool {
	return decided == results.DecisionUnknown && in.WhyPoliciesUnknown() != "" && slices.Contains(in.Opts.Accept, PolicyCheck)
}

// applyAnswer lets the org's own answer to this very call decide: a read that was
// answered is allowed, whatever could not be read; a call that was refused is
// denied. A probe that creates no one proves an open access check and no more.
func (in *Input) applyAnswer(op *results.Operation) {
	a := in.answerTo(op.Method, op.Path)
	switch {
	case a.refusal != nil:
		op.Decision, op.Why = results.DecisionDenied, "the org refused this call: "+RefusalWords(a.refusal)
	case a.answered:
		op.Decision, op.Why = results.DecisionAllowed, ""
	case a.failure != "" && op.Decision == results.DecisionAllowed:
		op.Decision, op.Why = results.DecisionUnknown, a.failure
	}
}

// applyToken applies what comes before permissions: there is a token,
// the platform accepts it, and it is a person's where the endpoint requires one.
func (in *Input) applyToken(op *results.Operation) {
	isUser, known := in.IsUserToken()
	refused := in.Unauthenticated()
	switch {
	case !in.Token.Seen():
		op.Decision, op.Why = results.DecisionUnknown, "there is no token: "+in.Token.WhyUnseen()
	case refused != nil && !in.tokenAccepted():
		op.Decision, op.Why = results.DecisionDenied, "the platform does not accept the token: "+RefusalWords(refused)
	case op.Decision == results.DecisionDenied:
	case known && !isUser && op.Path == "/api/v2/users/me" && !in.answerTo(op.Method, op.Path).answered:
		op.Decision, op.Why = results.DecisionDenied, "this endpoint requires a person's token: client credentials are answered that it requires a user context"
	case known && !isUser && requiresPerson(op.Path) && !in.answerTo(op.Method, op.Path).answered:
		op.Decision, op.Why = results.DecisionUnknown, "this endpoint is about the person behind the token, and client credentials have none"
	case op.Decision != results.DecisionAllowed:
	case !in.tokenAccepted():
		op.Decision, op.Why = results.DecisionUnknown, "whether the platform accepts the token could not be read: no answer is of the platform's form"
	}
}

// requiresPerson recognises endpoints about the caller itself. Source: the
// definition says of users/me that it is not for client credentials; of the others
// it says "current user".
func requiresPerson(path string) bool {
	if path == "/api/v2/tokens/me" || path == "/api/v2/authorization/subjects/me" || path == "/api/v2/organizations/me" {
		return false
	}
	return slices.Contains(strings.Split(path, "/"), "me")
}

// tokenAccepted says whether the platform answered of the token, the person or
// the grants as it does to a token that it accepts. JSON of another kind comes
// from something else, and proves nothing.
func (in *Input) tokenAccepted() bool {
	return in.TokenInfo.Seen() && (in.TokenInfo.Value.OAuthClient != nil || in.TokenInfo.Value.Organization.ID != "") ||
		in.User.Seen() && in.User.Value.ID != "" && in.User.Value.State != "" || in.User.RefusedWith(genesys.CodeNotAUser) ||
		in.Grants.Seen() && !in.Grants.Auditor && len(in.Grants.Value.Grants) > 0 || in.ReadAnswered()
}

// gate decides an endpoint's access check, which looks at what the token has
// anywhere.
func (in *Input) gate(op catalog.NeededOperation) results.Gate {
	g := results.Gate{Type: string(op.Gate.Type), Permissions: append([]string{}, op.Gate.Permissions...), Basis: results.Published}
	var answers []authz.Answer
	for _, p := range op.Gate.Permissions {
		h := in.HoldsAnywhere(p)
		answers = append(answers, authz.Answer(h.Decision))
		g.Each = append(g.Each, results.Holding{Permission: p, Decision: h.Decision, Reason: string(h.Reason), Proof: Links(h.Proof)})
		if h.Basis == results.Observed {
			g.Basis = results.Observed
		}
	}
	g.Decision = results.Decision(authz.Combine(op.Gate.Type == catalog.GateAll, answers))
	if op.GateUnpublished {
		g.Decision = results.DecisionUnknown
	}
	if op.ID == createUsers && in.WriteGateOpen() {
		g.Decision, g.Basis = results.DecisionAllowed, results.Observed
	}
	return g
}

// WriteGateOpen says whether the write probe was answered with the platform's own
// 400: the endpoint let the token pass and then refused the body.
func (in *Input) WriteGateOpen() bool {
	r := in.WriteProbe.Refused()
	return r != nil && r.Status == 400 && (r.Code != "" || r.Kind == genesys.RefusalSCIM)
}

// saysPermission is how services say that a permission is missing, and not which.
var saysPermission = regexp.MustCompile(`(?i)\bnot have (?:any of )?(?:the |a )?(?:required|necessary) permissions?\b`)

// MissingPermission says whether a refusal is for lack of a permission: by its code, or
// because it names one or says so, as older services do under codes of their own.
func MissingPermission(r *genesys.Refusal) bool {
	return strings.HasPrefix(r.Code, "missing.") || r.Code == genesys.CodeInsufficientPermissions || len(r.Permissions) > 0 && r.Status != 400 ||
		r.Status == 403 && saysPermission.MatchString(r.Message)
}

// feature decides one part of the work in every target division. Of permissions any
// one of which is enough, the one counts that is granted, or else is nearest to it.
func (in *Input) feature(f catalog.Feature, op catalog.NeededOperation) results.Feature {
	h := in.holdsOne(append([]string{f.Permission}, f.Alternatives...))
	if f.Placeless && len(in.Opts.Divisions) == 0 && h.Decision == results.DecisionDenied {
		h = in.elsewhere(h, append([]string{f.Permission}, f.Alternatives...))
	}
	out := results.Feature{Name: f.Name, Permission: h.Permission, Check: f.Check, Decision: h.Decision, Reason: string(h.Reason),
		Why: h.Why, Note: h.Note, Basis: h.Basis, Proof: Links(h.Proof)}
	for _, p := range append([]string{f.Permission}, f.Alternatives...) {
		if p != h.Permission {
			out.Alternatives = append(out.Alternatives, p)
		}
	}
	if f.Name == "call it" {
		out.Name = "call " + op.Method + " " + op.Path
	}
	if !in.divisionless(h.Permission) && h.Decision != results.DecisionAllowed && !h.Target.IsAnywhere() {
		out.Division = h.Target.Label()
	}
	return out
}

// elsewhere is what a permission means that is not granted in the home division, for a
// call whose object's division is not known: unknown where one of
// the permissions is, or may be, granted in another division.
func (in *Input) elsewhere(h Holding, permissions []string) Holding {
	for _, p := range permissions {
		other := in.HoldsAnywhere(p)
		if other.Decision == results.DecisionDenied || h.Reason == Refused {
			continue
		}
		out := in.HoldsIn(p, h.Target)
		out.Decision, out.Reason = results.DecisionUnknown, authz.OtherDivision
		out.Why = p + " is not granted in " + divisionLabel(h.Target) + " but in another division, and where the call's object is was not said: name its division with --division"
		if other.Decision == results.DecisionUnknown {
			out.Why = "whether " + p + " is granted in a division other than " + divisionLabel(h.Target) + " could not be read: " + FirstOf(other.Why, string(other.Reason))
		}
		return out
	}
	return h
}

func divisionLabel(t authz.Target) string {
	if t.Resolved() {
		return "division " + Quote(t.Label())
	}
	return t.Label()
}

// Links puts chains into the report's form.
func Links(proof []authz.Link) []results.Link {
	out := []results.Link{}
	for _, l := range proof {
		out = append(out, results.Link{Role: l.Role.Label(), RoleID: l.Role.ID, Division: l.Division.Label(), DivisionID: l.Division.ID,
			Policy: l.Policy, Action: l.Action, Condition: l.Condition})
	}
	return out
}

func rank(d results.Decision) int {
	return slices.Index([]results.Decision{results.DecisionAllowed, results.DecisionUnknown, results.DecisionDenied}, d)
}

func worst(list ...results.Decision) results.Decision {
	out := results.DecisionAllowed
	for _, d := range list {
		if rank(d) > rank(out) {
			out = d
		}
	}
	return out
}

// Chain puts a link in words: grant, role, policy, action, division.
func Chain(l results.Link) string {
	text := fmt.Sprintf("role %q in %s: policy %s", l.Role, divisionWords(l), l.Policy)
	if l.Condition != "" {
		text += fmt.Sprintf(" under the condition %q", l.Condition)
	}
	return text
}

func divisionWords(l results.Link) string {
	switch l.DivisionID {
	case authz.Any:
		return "all divisions"
	case "":
		return "a division that the org does not name"
	}
	return fmt.Sprintf("division %q", l.Division)
}

// NeededPermissions are all permissions that the needs require, once each: of those
// any one of which is enough, the one that decides.
func (in *Input) NeededPermissions() []string {
	var out []string
	for _, op := range in.Judged {
		for _, f := range op.Features {
			out = append(out, f.Permission)
		}
	}
	if in.Judged != nil {
		return Unique(out)
	}
	for _, op := range in.Needed {
		for _, f := range op.Features {
			out = append(out, f.Permission)
		}
	}
	return Unique(out)
}

// askedPermissions are those that the platform is asked about: all that may decide.
func (in *Input) askedPermissions() []string {
	out := in.NeededPermissions()
	for _, op := range in.Needed {
		for _, f := range op.Features {
			out = append(out, f.Alternatives...)
		}
	}
	return Unique(out)
}

// DeniedFor are the needed operations that are not allowed because one of the
// permissions is not granted; of any permission where none is given.
func (in *Input) DeniedFor(permissions ...string) []string {
	var out []string
	for _, op := range in.Judged {
		if op.Decision == results.DecisionAllowed {
			continue
		}
		for _, f := range op.Features {
			if f.Decision == results.DecisionDenied && (len(permissions) == 0 || slices.Contains(permissions, f.Permission)) {
				out = append(out, op.ID)
				break
			}
		}
	}
	return out
}

// GateWords names the permissions of an access check.
func GateWords(g results.Gate) string {
	if len(g.Permissions) == 1 {
		return g.Permissions[0]
	}
	return strings.ToLower(g.Type) + " of " + strings.Join(g.Permissions, ", ")
}

// GrantWords says what the org lists as granted.
func (in *Input) GrantWords() string {
	if len(in.Subject.Grants) == 0 {
		return "the org lists no role of " + in.Who()
	}
	var names []string
	for _, g := range in.Subject.Grants {
		names = append(names, g.Role.Label())
	}
	return "the org lists these roles of " + in.Who() + ": " + List(Unique(names), 6)
}

// WhereWords names the target divisions.
func (in *Input) WhereWords() string {
	var labels []string
	for _, t := range in.Where {
		labels = append(labels, t.Label())
	}
	if len(labels) == 0 {
		return "a division that the org does not have"
	}
	return placeWords(labels)
}

// DeniedWords says in a few words why a feature is denied.
func DeniedWords(f results.Feature) string {
	switch {
	case f.Reason == string(authz.OtherDivision) && len(f.Proof) > 0:
		return f.Permission + " is granted in another division (" + Chain(f.Proof[0]) + ")"
	case f.Reason == string(authz.OtherDivision):
		return f.Permission + " is not granted in division " + Quote(f.Division)
	case f.Why != "":
		return f.Why
	case f.Reason == string(NotAvailable):
		return "the org does not know a permission " + f.Permission
	case f.Basis == results.Observed:
		return "the platform answers that the token does not have " + f.Permission
	}
	return "no role includes " + f.Permission
}

// SuspectDivision is the cause of a permission that is granted in other divisions only.
func (in *Input) SuspectDivision(op results.Operation, f results.Feature) Suspicion {
	s := Suspicion{Cause: cause.DivisionNotCovered, Certainty: results.Likely, Operations: []string{op.ID}, About: lackedLabels(in, f.Permission),
		Lacks: []string{f.Permission},
		BecauseOf: func(permissions []string) string {
			return strings.Join(permissions, ", ") + verb(permissions, " is", " are") + " granted, but not in " + placeWords(lackedLabels(in, permissions...)) + "."
		}}
	if f.Basis == results.Observed {
		s.Certainty = results.Confirmed
		s.Proof = append(s.Proof, results.Proof{Basis: results.Observed, Text: FirstOf(f.Why, "the platform answers that the token has "+f.Permission+" in other divisions only")})
	}
	if len(f.Proof) > 0 {
		s.Proof = append(s.Proof, results.Proof{Basis: results.Observed, Text: Chain(f.Proof[0])})
	}
	return s
}

func verb(list []string, one, many string) string {
	if len(list) == 1 {
		return one
	}
	return many
}

// lackedLabels are the divisions, of those that count, in which one of the permissions
// is not granted: a covered one is never named.
func lackedLabels(in *Input, permissions ...string) []string {
	var out []string
	for _, t := range in.Where {
		if slices.ContainsFunc(permissions, func(p string) bool { return in.HoldsIn(p, t).Decision != results.DecisionAllowed }) {
			out = append(out, t.Label())
		}
	}
	return out
}

func placeWords(labels []string) string {
	quoted := make([]string, len(labels))
	for i, l := range labels {
		quoted[i] = Quote(l)
	}
	if len(quoted) == 1 {
		return "division " + quoted[0]
	}
	return "the divisions " + List(quoted, 4)
}
