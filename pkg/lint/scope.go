package lint

import (
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// The published SCIM scopes.
const (
	ScopeAll  = "scim"
	ScopeRead = "scim:readonly"
)

// TokenScopes are the scopes that the token has: what tokens/me says, else
// what its client is configured with. The second result is false where neither
// could be read.
func (in *Input) TokenScopes() ([]string, bool) {
	if in.TokenInfo.Seen() && in.TokenInfo.Value.AuthorizedScope != nil {
		return in.TokenInfo.Value.AuthorizedScope, true
	}
	if client, kind := in.OAuthClient(); client != nil && kind == evidence.Client {
		return client.Scope, true
	}
	return nil, false
}

// ListedScopes are the scopes that the platform itself lists.
func (in *Input) ListedScopes() ([]string, bool) {
	if !in.Scopes.Seen() || len(*in.Scopes.Value) == 0 {
		return nil, false // a empty list is treated as unreadable
	}
	var out []string
	for _, s := range *in.Scopes.Value {
		out = append(out, s.ID)
	}
	return out, true
}

// UnpublishedScopes are SCIM scopes that this platform lists, or the token
// has, and the catalogue does not know. A platform that has them may ask
// for them, so it is believed.
func (in *Input) UnpublishedScopes(write bool) []string {
	listed, _ := in.ListedScopes()
	held, _ := in.TokenScopes()
	var out []string
	for _, s := range slices.Concat(listed, held) {
		reads := strings.Contains(strings.ToLower(s), "read")
		if strings.HasPrefix(s, ScopeAll+":") && s != ScopeRead && reads != write && !slices.Contains(out, s) &&
			(slices.Contains(listed, s) || len(listed) == 0) {
			out = append(out, s)
		}
	}
	return out
}

// scopeRefusals are the refusals for lack of a scope that the org gave to any call
// of the token under test in this run.
func (in *Input) scopeRefusals() []*genesys.Refusal {
	var out []*genesys.Refusal
	for _, r := range in.Requests() {
		if OfToken(r) && r.Refusal != nil && r.Refusal.Code == genesys.CodeAppNotAuthorizedForScope {
			out = append(out, r.Refusal)
		}
	}
	return out
}

// ScopeRefusal returns the refusal by which the org named a scope that SCIM
// requires: of a write for write operations, of a read for all.
func (in *Input) ScopeRefusal(write bool) *genesys.Refusal {
	if write && in.WriteProbe.RefusedWith(genesys.CodeAppNotAuthorizedForScope) {
		return in.WriteProbe.Refused()
	}
	for _, r := range []*genesys.Refusal{in.ReadProbe.Refused(), in.GroupProbe.Refused()} {
		if r != nil && r.Code == genesys.CodeAppNotAuthorizedForScope {
			return r
		}
	}
	return nil
}

// ScopesSettled says whether the org answered this very kind of call without
// asking for a scope. One path's answer settles that path only.
func (in *Input) ScopesSettled(write bool) bool {
	return write && in.WriteGateOpen() || !write && in.ReadAnswered()
}

// EnforcementOff says whether the org answered calls for which the token
// lacks the published scopes, and refused none for lack of one: scope
// enforcement is each org's choice.
func (in *Input) EnforcementOff() bool {
	held, known := in.TokenScopes()
	if !known || len(in.scopeRefusals()) > 0 || len(in.UnpublishedScopes(true)) > 0 || len(in.UnpublishedScopes(false)) > 0 {
		return false
	}
	for _, r := range in.Requests() {
		if !OfToken(r) || !r.OK() {
			continue
		}
		op, ok := catalog.Default().Match(r.Method, evidence.PathOf(r.URL))
		if ok && len(op.Scopes) > 0 && !HasAny(held, op.Scopes...) {
			return true
		}
	}
	return in.WriteGateOpen() && !HasAny(held, ScopeAll)
}

// HasAny says whether one of the wanted scopes is among those of the token.
func HasAny(held []string, wanted ...string) bool {
	return slices.ContainsFunc(wanted, func(w string) bool { return slices.Contains(held, w) })
}

// scopeDecision says whether scopes let the operation pass. What the org answered
// decides; then the platform's own list; then the published rule, by which
// client-credentials tokens have no scopes and need none.
func (in *Input) scopeDecision(op catalog.NeededOperation) results.Decision {
	a := in.answerTo(op.Method, op.Path)
	refused := a.refusal != nil && a.refusal.Code == genesys.CodeAppNotAuthorizedForScope
	if refused || in.refusedScope(op) {
		return results.DecisionDenied
	}
	if len(op.Scopes) == 0 || a.answered || op.ID == createUsers && in.WriteGateOpen() {
		return results.DecisionAllowed
	}
	held, heldKnown := in.TokenScopes()
	var extra []string
	if strings.HasPrefix(op.Path, catalog.SCIMBaseUnversioned) {
		extra = in.UnpublishedScopes(op.Write())
	}
	isUser, known := in.IsUserToken()
	switch {
	case HasAny(held, extra...):
		return results.DecisionAllowed
	case len(extra) > 0 || !known:
		return results.DecisionUnknown
	case HasAny(held, op.Scopes...) || in.EnforcementOff():
		return results.DecisionAllowed
	case !isUser && len(in.scopeRefusals()) > 0:
		return results.DecisionUnknown // this org does ask scopes of client credentials
	case !isUser:
		return results.DecisionAllowed
	case !heldKnown:
		return results.DecisionUnknown
	}
	return results.DecisionDenied
}

// refusedScope says whether the org refused a call of this run for lack of a scope
// that the operation requires, too, and no alternative of which the token has.
func (in *Input) refusedScope(op catalog.NeededOperation) bool {
	held, known := in.TokenScopes()
	if r := in.ScopeRefusal(op.Write()); r != nil && strings.HasPrefix(op.Path, catalog.SCIMBaseUnversioned) {
		return true
	}
	for _, r := range in.scopeRefusals() {
		named := slices.ContainsFunc(op.Scopes, func(s string) bool { return slices.Contains(r.Scopes, s) })
		if named && known && !HasAny(held, op.Scopes...) {
			return true
		}
	}
	return false
}

// WebName is what web posts call a published scope.
const WebName = "web posts call it scim:users:write, which is in no published list"

// ScopeFix says which of the scopes to add, and where: those that the plan adds, or any
// one where it adds none of them.
func (in *Input) ScopeFix(scopes ...string) results.Fix {
	names := strings.Join(scopes, " or ")
	if p := in.Plan().Scopes; p != nil && HasAny(scopes, p.Add...) {
		scopes = slices.DeleteFunc(slices.Clone(p.Add), func(s string) bool { return !slices.Contains(scopes, s) })
		names = strings.Join(scopes, " and ")
	}
	return results.Fix{Text: "Add the scope " + names + " to " + in.ClientName() + " and get a new token",
		Where: in.ClientPath("Scope"), Scopes: scopes}
}

// SuspectScope says which cause is behind a refusal that names scopes.
func (in *Input) SuspectScope(r *genesys.Refusal, operations []string) Suspicion {
	held, heldKnown := in.TokenScopes()
	s := Suspicion{Cause: cause.ScopeMissing, Certainty: results.Confirmed, Operations: operations,
		Proof: []results.Proof{{Text: "the org refused: " + RefusalWords(r), Basis: results.Observed}}}
	if !heldKnown {
		s.Certainty = results.Likely
		s.Counter = []results.Proof{{Text: "the answer is the same where an admin has not authorized the app to use the scope", Basis: results.Published}}
	}
	named := strings.Join(r.Scopes, " or ")
	isUser, known := in.IsUserToken()
	switch {
	case in.Authorization.Seen() && in.Authorization.Value.State != "" && !strings.EqualFold(in.Authorization.Value.State, "Authorized"),
		HasAny(held, r.Scopes...):
		s.Cause, s.Certainty, s.Counter = cause.AppNotAuthorized, results.Confirmed, nil
		s.Because = "The org has not authorized " + in.ClientName() + " to use the scope " + named + "."
		s.Fix = results.Fix{Text: "Authorize the app with the scope " + named, Where: AdminApps, Scopes: r.Scopes}
		return s
	case slices.Contains(r.Scopes, ScopeAll) && slices.Contains(held, ScopeRead):
		s.Cause = cause.ScopeReadonly
		s.Because = "The token has scim:readonly, which reads; writing requires scim (" + WebName + ")."
		s.Fix = in.ScopeFix(ScopeAll)
		return s
	}
	s.Because = "The org refuses the token for lack of the scope " + named + "."
	s.Fix = in.ScopeFix(r.Scopes...)
	if slices.Contains(r.Scopes, ScopeAll) {
		s.Because = strings.TrimSuffix(s.Because, ".") + " (" + WebName + ")."
		if len(in.IDs(true)) > 0 {
			s.Fix = in.ScopeFix(ScopeAll)
		}
	}
	if known && !isUser {
		s.Fix.Text += "; should the Admin UI offer no scopes for a client-credentials client, ask the vendor's support with the correlation id of the refusal"
		s.Proof = append(s.Proof, results.Proof{Basis: results.Published,
			Text: "this contradicts the published rule that client-credentials tokens have no scopes and need none; the org's answer decides"})
	}
	if extra := NotIn(r.Scopes, catalog.Default().Scopes()); len(extra) > 0 {
		s.Proof = append(s.Proof, results.Proof{Basis: results.Published,
			Text: strings.Join(extra, ", ") + " is in no published list; this org demands it, and it is believed"})
	}
	return s
}

// ScopesBeyond are the scopes that an app needs in addition to those that it was authorized
// for, of alternatives the first; lacks says whether there are any.
func (in *Input) ScopesBeyond(authorized []string) (wanted []string, lacks bool) {
	for _, op := range in.Needed {
		if len(op.Scopes) > 0 && len(authorized) > 0 && !HasAny(authorized, op.Scopes...) && !HasAny(wanted, op.Scopes...) {
			wanted = append(wanted, op.Scopes[0])
		}
	}
	return wanted, len(wanted) > 0
}

// NotIn are the members of a list that are not known.
func NotIn(list, known []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(known, s) })
}

// RefusalWords quotes a refusal: status, code, message.
func RefusalWords(r *genesys.Refusal) string {
	text := strings.TrimSpace(Itoa(r.Status) + " " + r.Code)
	if r.Message != "" {
		text += ", " + Quote(r.Message)
	}
	return text
}

// ScopesReplaced says whether requirements replace the published scopes of
// every operation.
func (in *Input) ScopesReplaced() bool {
	return len(in.Needed) > 0 && !slices.ContainsFunc(in.Needed, func(op catalog.NeededOperation) bool { return len(op.Scopes) > 0 })
}

// SCIMScopes are the scopes among those of the token that are about SCIM.
func SCIMScopes(held []string) []string {
	return slices.DeleteFunc(slices.Clone(held), func(s string) bool {
		return s != ScopeAll && !slices.Contains([]string{ScopeRead}, s) && !isSCIMName(s)
	})
}

func isSCIMName(s string) bool { return len(s) > 5 && s[:5] == "scim:" }

// SuspectMissingScope is the cause where there was no refusal: the token falls
// short of the published rule, and enforcement is the org's choice.
func (in *Input) SuspectMissingScope(write bool) Suspicion {
	held, _ := in.TokenScopes()
	words := "no scope"
	if len(held) > 0 {
		words = List(held, 6)
	}
	return Suspicion{Cause: cause.ScopeMissing, Certainty: results.Likely, Operations: in.IDs(write),
		Because: "The token lacks the scope scim (" + WebName + ").",
		Proof: []results.Proof{{Basis: results.Observed, Text: "the token has " + words},
			{Basis: results.Published, Text: "SCIM requires the scope scim, or scim:readonly to read"}},
		Counter: []results.Proof{{Basis: results.Published, Text: "an org chooses whether scopes are enforced; no probe showed it here"}},
		Fix:     in.ScopeFix(ScopeAll)}
}
