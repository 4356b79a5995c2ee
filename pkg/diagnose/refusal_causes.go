package diagnose

import (
	"net/http"
	"strings"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/transcript"
)

// judged is what a refusal means where no org was asked: the cause that the
// answer itself names, and the others that end in the same answer.
type judged struct {
	first lint.Suspicion
	or    []cause.ID
}

// judge maps a refusal to its causes. A cause is confirmed only where the org's
// answer says it of the subject that it refused.
func judge(e transcript.Exchange, op *results.CalledOperation) (judged, bool) {
	r := e.Refusal
	switch {
	case r.Kind == genesys.RefusalOAuth:
		return judgeToken(r)
	case len(r.Permissions) > 0 && r.Status != http.StatusBadRequest:
		return judgePermissions(e, op), true
	case r.Code == genesys.CodeNotAuthorized && op != nil && strings.HasPrefix(op.Path, "/api/v2/conversations/"):
		return judged{}, false // its meaning says all that is known
	}
	if userContext(r) {
		return judged{first: lint.Suspicion{Cause: cause.UserContextRequired, Certainty: results.Confirmed,
			Because: "The endpoint requires a person's token: a client-credentials token is refused here, whatever its roles and scopes.",
			Proof:   []results.Proof{{Text: "the org refused: " + lint.RefusalWords(r), Basis: results.Observed}},
			Fix:     results.Fix{Text: "Use a person's token for this call (authorization code with PKCE), or an operation that names the user by id"}}}, true
	}
	s := lint.SuspectRefusal(r, nil)
	j := judged{first: s, or: others[s.Cause]}
	switch {
	case s.Cause == cause.ScopeMissing:
		j.first.Certainty = results.Likely // the answer is the same where an admin has not authorized the app
		j.first.Because = "The org refuses to let this app use " + named("the scope", r.Scopes) + "."
	case s.Cause == cause.DivisionNotCovered:
		j.first = division(r)
	case s.Cause == cause.RoleLacksPermission:
		j.first.Certainty = results.Likely // it does not say which permission
		j.first.Because = "The org says that the permissions do not suffice, and does not say which one is missing."
		j.first.Fix = grant(gatePermissions(op), e, op)
	case s.Cause == cause.TokenExpired && r.Code == genesys.CodeCredentialsExpired, s.Cause == cause.Undetermined && r.Status != http.StatusForbidden:
		j.or = nil
	}
	return j, true
}

// named puts a list after what it is a list of.
func named(what string, list []string) string {
	if len(list) == 0 {
		return what + " that it requires"
	}
	return what + " " + strings.Join(list, " or ")
}

func gatePermissions(op *results.CalledOperation) []string {
	if op == nil {
		return nil
	}
	return op.Gate.Permissions
}

// judgePermissions is for answers that name permissions.
func judgePermissions(e transcript.Exchange, op *results.CalledOperation) judged {
	r := e.Refusal
	if strings.Contains(r.Code, "division") || len(r.Divisions) > 0 {
		return judged{division(r), others[cause.DivisionNotCovered]}
	}
	words := strings.Join(r.Permissions, " and ")
	if anyOf(r) {
		words = strings.Join(r.Permissions, " or ")
	}
	return judged{lint.Suspicion{Cause: cause.RoleLacksPermission, Certainty: results.Confirmed,
		Because: "The org says that the subject of the refused token does not have " + words + ".",
		Proof:   []results.Proof{{Text: "the org refused: " + lint.RefusalWords(r), Basis: results.Observed}},
		Fix:     grant(r.Permissions, e, op)}, others[cause.RoleLacksPermission]}
}

// anyOf says whether one permission of the list is enough.
func anyOf(r *genesys.Refusal) bool {
	return strings.Contains(r.Code, ".any.") || strings.Contains(strings.ToLower(r.Message), "at least one of")
}

const whose = "for a client-credentials token the subject is the OAuth client (Admin > Integrations > OAuth > the client > Roles), for a person's token that person (Admin > People > the person > Roles)"

// grant says what to grant, and to whom: the answer does not say whether the
// token was a client's or a person's. Where one permission of several is enough
// it names the least, and the others as alternatives.
func grant(permissions []string, e transcript.Exchange, op *results.CalledOperation) results.Fix {
	if len(permissions) == 0 {
		return results.Fix{Text: "Grant the missing permission to the subject of the token: " + whose}
	}
	need, rest := permissions, []string(nil)
	if anyOf(e.Refusal) || len(e.Refusal.Permissions) == 0 && op != nil && op.Gate.Type == string(catalog.GateAny) {
		method, path := e.Method, catalog.PathOf(e.URL)
		if op != nil {
			method, path = op.Method, op.Path
		}
		ranked := catalog.Least(method, path, permissions)
		need, rest = ranked[:1], ranked[1:]
	}
	text := "Add " + strings.Join(need, " and ") + " to a role of the subject; " + whose
	if len(rest) > 0 {
		text += ". Instead of it any of these opens the endpoint too: " + strings.Join(rest, ", ")
	}
	return results.Fix{Text: text, Permissions: need}
}

// division is likely and not confirmed: the answer does not say whether the
// subject has the permission in any other division.
func division(r *genesys.Refusal) lint.Suspicion {
	where := "the division of what was touched"
	if len(r.Divisions) > 0 {
		where = "the division " + strings.Join(r.Divisions, " or ")
	}
	what := "the permission"
	if len(r.Permissions) > 0 {
		what = strings.Join(r.Permissions, " or ")
	}
	return lint.Suspicion{Cause: cause.DivisionNotCovered, Certainty: results.Likely,
		Because: "The org says that the subject of the refused token does not have " + what + " in " + where + ".",
		Proof:   []results.Proof{{Text: "the org refused: " + lint.RefusalWords(r), Basis: results.Observed}},
		Fix:     results.Fix{Text: "Grant the role in that division, or in all divisions; " + whose, Permissions: r.Permissions}}
}

// judgeToken is for refusals of the token endpoint.
func judgeToken(r *genesys.Refusal) (judged, bool) {
	words := strings.ToLower(r.Message)
	proof := []results.Proof{{Text: "the token endpoint refused: " + lint.RefusalWords(r), Basis: results.Observed}}
	switch {
	case strings.HasPrefix(words, "rate limit exceeded"):
		return judged{first: lint.Suspicion{Cause: cause.RateLimited, Certainty: results.Confirmed, Proof: proof,
			Because: "The token endpoint's rate limit is exceeded. It says so with 400, not with 429.",
			Fix:     results.Fix{Text: "Keep the token until it expires and share it, in place of a new one for each request; wait a minute before the next"}}}, true
	case r.Code == "unsupported_grant_type", r.Code == "invalid_request":
		return judged{}, false // the request is at fault, and its meaning says so
	case r.Code == "invalid_client" && !strings.Contains(words, "not found") && !strings.Contains(words, "disabled") && !strings.Contains(words, "inactive"):
		return judged{lint.Suspicion{Cause: cause.CredentialsRejected, Certainty: results.Possible, Proof: proof,
			Because: "The answer is the same for a wrong secret, a wrong client id, another region, and a client that is disabled.",
			Fix:     results.Fix{Text: "Compare the client id and the region first: neither is secret. Then reset the client's secret"}},
			[]cause.ID{cause.WrongRegion, cause.ClientDisabled, cause.ClientInactive}}, true
	case r.Code == "unauthorized_client":
		return judged{first: lint.Suspicion{Cause: cause.GrantTypeUnfit, Certainty: results.Confirmed, Proof: proof,
			Because: "The token endpoint says that this client may not use the grant type that was asked for.",
			Fix:     results.Fix{Text: "Make an OAuth client of the grant type Client Credentials, and grant it a role"}}}, true
	}
	s := lint.SuspectRefusal(r, nil)
	if s.Cause == cause.WrongRegion {
		s.Certainty = results.Likely // a mistyped client id is not found either
	}
	return judged{s, others[s.Cause]}, true
}
