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

// judge maps a refusal to its causes, by the decision that check makes of it. What it
// changes is the words: here nothing is known of whom the token is of.
func judge(e transcript.Exchange, op *results.CalledOperation) []lint.Suspicion {
	r := e.Refusal
	if r.Kind == genesys.RefusalOAuth {
		return lint.TokenRefusal(r)
	}
	if r.Code == genesys.CodeNotAuthorized && len(r.Permissions) == 0 && op != nil && strings.HasPrefix(op.Path, "/api/v2/conversations/") {
		return nil // its meaning says all that is known
	}
	if userContext(r) || ofThePerson(e) {
		certainty := results.Confirmed
		if !userContext(r) {
			certainty = results.Likely // the status says so, and no word of the org
		}
		return []lint.Suspicion{{Cause: cause.UserContextRequired, Certainty: certainty,
			Because: "The endpoint requires a person's token: a client-credentials token is refused here, whatever its roles and scopes.",
			Proof:   []results.Proof{{Text: "the org refused: " + lint.RefusalWords(r), Basis: results.Observed}},
			Fix:     results.Fix{Text: "Use a person's token for this call (authorization code with PKCE), or an operation that names the user by id"}}}
	}
	s := lint.SuspectRefusal(r, operationIDs(op))
	or := others[s.Cause]
	switch {
	case s.Cause == cause.ScopeMissing:
		s.Because = "The org refuses to let this app use " + named("the scope", r.Scopes) + "."
	case s.Cause == cause.DivisionNotCovered:
		s.Because, s.Fix = division(r)
	case s.Cause == cause.RoleLacksPermission && len(r.Permissions) == 0:
		s.Because = "The org says that the permissions do not suffice, and does not say which one is missing."
		s.Fix = grant(gatePermissions(op), e, op)
	case s.Cause == cause.RoleLacksPermission:
		s.Because = "The org says that the subject of the refused token does not have " + missing(r) + "."
		s.Fix = grant(r.Permissions, e, op)
	case s.Cause == cause.Undetermined && r.Status == http.StatusForbidden && op != nil:
		s.Fix = results.Fix{Text: "Find out what the subject of the token lacks of what the operation requires: the next step shows it"}
	case s.Cause == cause.Undetermined && r.Status == http.StatusUnauthorized:
		or = nil
		s.Fix = results.Fix{Text: "Get a new token, and send it in the header Authorization: Bearer"}
	case s.Cause == cause.TokenExpired && r.Code == genesys.CodeCredentialsExpired, s.Cause == cause.Undetermined && r.Status != http.StatusForbidden:
		or = nil
	}
	return append([]lint.Suspicion{s}, alternatives(or, op)...)
}

// missing lists the permissions that a refusal names.
func missing(r *genesys.Refusal) string {
	if lint.AnyOf(r) {
		return strings.Join(r.Permissions, " or ")
	}
	return strings.Join(r.Permissions, " and ")
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

// ofThePerson says whether a call was refused as those are that require a person's token:
// GET /users/me answers 400 to a client's.
func ofThePerson(e transcript.Exchange) bool {
	return e.Status == http.StatusBadRequest && catalog.PathOf(e.URL) == "/api/v2/users/me" && (e.Method == http.MethodGet || e.Method == "")
}

// whosePerson and whoseClient are what remains of whose where the input says of whom the
// token is.
const (
	whosePerson = "the token is a person's, so that is a role of that person (Admin > People > the person > Roles)"
	whoseClient = "the token is a client's, so that is a role of the OAuth client (Admin > Integrations > OAuth > the client > Roles)"
)

const whose = "for a client-credentials token the subject is the OAuth client (Admin > Integrations > OAuth > the client > Roles), for a person's token that person (Admin > People > the person > Roles)"

// grant says what to grant, and to whom: the answer does not say whether the
// token was a client's or a person's. Where one permission of several is enough
// it names the least, and the others as alternatives; where no rule says which is the
// least, all of them.
func grant(permissions []string, e transcript.Exchange, op *results.CalledOperation) results.Fix {
	if len(permissions) == 0 {
		return results.Fix{Text: "Grant the missing permission to the subject of the token: " + whose}
	}
	if len(permissions) == 1 || !lint.AnyOf(e.Refusal) && (len(e.Refusal.Permissions) > 0 || op == nil || op.Gate.Type != string(catalog.GateAny)) {
		return results.Fix{Text: "Add " + strings.Join(permissions, " and ") + " to a role of the subject; " + whose, Permissions: permissions}
	}
	method, path := e.Method, catalog.PathOf(e.URL)
	if op != nil {
		method, path = op.Method, op.Path
	}
	ranked := catalog.Least(method, path, permissions)
	if !catalog.LeastIsSure(method, path, permissions) {
		return results.Fix{Text: "Add one of these, each of which is enough, to a role of the subject: " + strings.Join(ranked, ", ") + " (their names do not say which allows least: compare what they allow in the role editor); " + whose}
	}
	return results.Fix{Text: "Add " + ranked[0] + " to a role of the subject; " + whose + ". Any of these would open the endpoint instead: " + strings.Join(ranked[1:], ", "), Permissions: ranked[:1]}
}

// division says what a refusal in a division is about, and what to grant.
func division(r *genesys.Refusal) (because string, fix results.Fix) {
	where := "the division of what was touched"
	if len(r.Divisions) > 0 {
		where = "the division " + strings.Join(r.Divisions, " or ")
	}
	what := "the permission"
	if len(r.Permissions) > 0 {
		what = strings.Join(r.Permissions, " or ")
	}
	return "The org says that the subject of the refused token does not have " + what + " in " + where + ".",
		results.Fix{Text: "Grant the role in that division, or in all divisions; " + whose, Permissions: r.Permissions}
}
