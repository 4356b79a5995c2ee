package checks

import (
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// The published SCIM scopes.
const (
	scopeAll  = "scim"
	scopeRead = "scim:readonly"
)

// tokenScopes are the scopes that the token carries: what tokens/me says, else
// what its client is configured with. The second result is false where neither
// could be read.
func (in *Input) tokenScopes() ([]string, bool) {
	if in.TokenInfo.Seen() {
		return in.TokenInfo.Value.AuthorizedScope, true
	}
	if in.Client.Seen() {
		return in.Client.Value.Scope, true
	}
	return nil, false
}

// listedScopes are the scopes that the platform itself lists.
func (in *Input) listedScopes() ([]string, bool) {
	if !in.Scopes.Seen() || len(*in.Scopes.Value) == 0 {
		return nil, false // a platform without any scope is none
	}
	var out []string
	for _, s := range *in.Scopes.Value {
		out = append(out, s.ID)
	}
	return out, true
}

// unpublishedScopes are SCIM scopes that this platform lists, or the token
// carries, and the catalogue does not know. A platform that has them may ask
// for them, so it is believed.
func (in *Input) unpublishedScopes(write bool) []string {
	listed, _ := in.listedScopes()
	held, _ := in.tokenScopes()
	var out []string
	for _, s := range slices.Concat(listed, held) {
		reads := strings.Contains(strings.ToLower(s), "read")
		if strings.HasPrefix(s, scopeAll+":") && s != scopeRead && reads != write && !slices.Contains(out, s) &&
			(slices.Contains(listed, s) || len(listed) == 0) {
			out = append(out, s)
		}
	}
	return out
}

// scopeRefusal returns the refusal by which a probe named a scope: of a write
// for write operations, of a read for all.
func (in *Input) scopeRefusal(write bool) *genesys.Refusal {
	if write && in.WriteProbe.RefusedWith(genesys.CodeAppNotAuthorizedForScope) {
		return in.WriteProbe.Refused()
	}
	if in.ReadProbe.RefusedWith(genesys.CodeAppNotAuthorizedForScope) {
		return in.ReadProbe.Refused()
	}
	return nil
}

// settled says whether a probe showed that scopes do not stand in the way of an
// operation of this kind.
func (in *Input) settled(write bool) bool {
	return write && in.writeGateOpen() || !write && in.readAnswered()
}

// enforcementOff says whether the org was seen to let pass a token that lacks
// the published scope: scope enforcement is each org's choice.
func (in *Input) enforcementOff() bool {
	held, known := in.tokenScopes()
	if !known || len(in.unpublishedScopes(true)) > 0 || len(in.unpublishedScopes(false)) > 0 {
		return false
	}
	return in.readAnswered() && !hasAny(held, scopeAll, scopeRead) || in.writeGateOpen() && !hasAny(held, scopeAll)
}

func hasAny(held []string, wanted ...string) bool {
	return slices.ContainsFunc(wanted, func(w string) bool { return slices.Contains(held, w) })
}

// scopeDecision says whether scopes let the operation pass. What a probe
// answered decides; then the platform's own list; then the published rule, by
// which client-credentials tokens carry no scopes and need none.
func (in *Input) scopeDecision(op catalog.NeededOperation) results.Decision {
	write := op.Write()
	if in.scopeRefusal(write) != nil {
		return results.DecisionDenied
	}
	if in.settled(write) || len(op.Scopes) == 0 {
		return results.DecisionAllowed
	}
	held, heldKnown := in.tokenScopes()
	extra := in.unpublishedScopes(write)
	isUser, known := in.IsUserToken()
	switch {
	case hasAny(held, extra...):
		return results.DecisionAllowed
	case len(extra) > 0 || !known:
		return results.DecisionUnknown
	case !isUser || hasAny(held, op.Scopes...) || in.enforcementOff():
		return results.DecisionAllowed
	case !heldKnown:
		return results.DecisionUnknown
	}
	return results.DecisionDenied
}

// webName is what web posts call a published scope.
const webName = "web posts call it scim:users:write, which is in no published list"

// scopeFix says where scopes are set, which differs by who enforces them.
func (in *Input) scopeFix(scopes ...string) results.Fix {
	return results.Fix{Text: "Add the scope " + strings.Join(scopes, " or ") + " to " + in.ClientName() + " and get a new token",
		Where: in.clientPath("Scope"), Scopes: scopes}
}

// suspectScope says which cause is behind a refusal that names scopes.
func (in *Input) suspectScope(r *genesys.Refusal, operations []string) results.Suspicion {
	held, _ := in.tokenScopes()
	s := results.Suspicion{Cause: "scope-missing", Certainty: results.Confirmed, Operations: operations,
		Proof: []results.Proof{{Text: "the org refused: " + refusalWords(r), Basis: results.Observed}}}
	named := strings.Join(r.Scopes, " or ")
	isUser, known := in.IsUserToken()
	switch {
	case in.Authorization.Seen() && in.Authorization.Value.State != "" && !strings.EqualFold(in.Authorization.Value.State, "Authorized"),
		hasAny(held, r.Scopes...):
		s.Cause = "app-not-authorized"
		s.Because = "The org has not authorized " + in.ClientName() + " to use the scope " + named + "."
		s.Fix = results.Fix{Text: "Authorize the app with the scope " + named, Where: adminApps, Scopes: r.Scopes}
		return s
	case slices.Contains(r.Scopes, scopeAll) && slices.Contains(held, scopeRead):
		s.Cause = "scope-readonly"
		s.Because = "The token carries scim:readonly, which reads; writing takes scim (" + webName + ")."
		s.Fix = in.scopeFix(scopeAll)
		return s
	}
	s.Because = "The org refuses the token for want of the scope " + named + "."
	s.Fix = in.scopeFix(r.Scopes...)
	if slices.Contains(r.Scopes, scopeAll) {
		s.Because = strings.TrimSuffix(s.Because, ".") + " (" + webName + ")."
		if len(in.IDs(true)) > 0 {
			s.Fix = in.scopeFix(scopeAll)
		}
	}
	if known && !isUser {
		s.Fix.Text += "; should the Admin UI offer no scopes for a client-credentials client, ask the vendor's support with the correlation id of the refusal"
		s.Proof = append(s.Proof, results.Proof{Basis: results.Published,
			Text: "this contradicts the published rule that client-credentials tokens carry no scopes and need none; the org's answer decides"})
	}
	if extra := notIn(r.Scopes, catalog.Default().Scopes()); len(extra) > 0 {
		s.Proof = append(s.Proof, results.Proof{Basis: results.Published,
			Text: strings.Join(extra, ", ") + " is in no published list; this org demands it, and it is believed"})
	}
	return s
}

func notIn(list, known []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(known, s) })
}

// refusalWords quotes a refusal: status, code, message.
func refusalWords(r *genesys.Refusal) string {
	text := strings.TrimSpace(itoa(r.Status) + " " + r.Code)
	if r.Message != "" {
		text += ", " + quote(r.Message)
	}
	return text
}
