package diagnose

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// asks is a request that anyone can send with the refused token.
func asks(path string) string {
	return `curl -H "Authorization: Bearer $TOKEN" https://api.<domain>` + path
}

// next is the one step that says the remaining causes apart, with what each
// possible answer means.
func next(r results.Refusal, scim bool) string {
	if len(r.Causes) == 0 {
		return correct(r)
	}
	first := r.Causes[0]
	switch cause.ID(first.ID) {
	case cause.RateLimited:
		return "After that pause, send the one request again. Answered: go on with fewer requests a minute. Refused at once: something else uses the same client at the same time; give this integration a client of its own."
	case cause.AuthorizationMalformed, cause.WrongPath, cause.IPNotAllowed:
		return strings.TrimSuffix(first.Fix.Text, ".") + ", and send the request again."
	case cause.ProxyAnswered:
		return "Send `curl -i https://api.<domain>/api/v2/date` from the same machine, without a token. A page again: the network between refuses the host, whatever is sent; ask whoever runs it. JSON: that host is let through; compare the path and the body of the refused request, which a filter may have matched."
	case cause.UserContextRequired:
		return "Call `GET /api/v2/tokens/me` instead if you want to know whose token it is: `" + asks("/api/v2/tokens/me") + "`. OAuthClient in the answer is the client; for anything about a person, use that person's token or an operation that names the user by id."
	case cause.RoleLacksPermission:
		return compare(r, scim, `what is missing, and whose it is`, "the refused token was older than the grant, or was another subject's: get a new one") +
			" With only the token: `" + asks("/api/v2/authorization/subjects/me") + "`: no grants means that the subject has no roles; grants without the permission, that a role lacks it."
	case cause.DivisionNotCovered:
		return divisions(r)
	case cause.ScopeMissing, cause.ScopeReadonly, cause.AppNotAuthorized, cause.ScopeUnknown:
		return "Send `" + asks("/api/v2/tokens/me") + "` with the refused token. authorizedScope without the scope: add it to the client and get a new token. With the scope: an admin must authorize the app (Admin > Integrations > Authorized Applications)."
	case cause.PolicyDenies:
		return "Let an admin send `" + asks("/api/v2/authorization/policies") + "` and find the policy by its id. Its subject includes the refused one: exclude it, or change the condition. It does not: ask the vendor's support with the correlation id."
	case cause.TokenExpired:
		return newToken
	case cause.CredentialsRejected, cause.WrongRegion, cause.ClientDisabled, cause.ClientInactive, cause.GrantTypeUnfit:
		return "Open Admin > Integrations > OAuth in the org. The domain in the browser's address is not the one that was called: use login.<that domain>. No client of this id: the id is wrong. Its state is not active: activate it. Its grant type is another: make a new client. All of it agrees: reset the secret."
	case cause.Undetermined:
		if r.Status == 401 {
			return newToken
		}
		return compare(r, scim, "the missing permission, scope or policy", "permissions are not the reason, or another token was refused: give the vendor's support the correlation id") +
			" With only the token: `" + asks("/api/v2/authorization/subjects/me") + "` lists what it is granted."
	}
	return compare(r, scim, "what is missing", "the refused token was another one")
}

// newToken says a dead token from one that goes to the wrong region.
const newToken = "Get a new token and send the request again. Accepted: the old one had expired or was revoked. Refused again: compare apps.<domain> in the Admin UI's address with the host that was called; if they agree, look at the client's state under Admin > Integrations > OAuth."

// compare is the command that compares the refusal with the org, and what its answers
// mean. Without the call, check only judges SCIM only: it must be given the refusal.
func compare(r results.Refusal, scim bool, no, yes string) string {
	if r.Operation != nil {
		return fmt.Sprintf("Run `scimlint can-i %s %s` with the credentials of the refused token. \"no\" names %s; \"yes\" means that %s.", r.Operation.Method, r.Operation.Path, no, yes)
	}
	text := "Save the refusal in a file and run `scimlint check --refusal FILE` with the credentials of the refused token. It fits what the org says: the report names " + no + ". It does not fit: " + yes + "."
	list := callsOf(r, scim)
	switch {
	case len(list) > 0 && r.Method != "":
		return text + " No published operation has " + r.Method + " on this path; those that it has: " + strings.Join(list, ", ") + "."
	case len(list) > 0 && r.URL != "":
		return text + " The input does not say the method; if it was one of these, `scimlint can-i` answers for it: " + strings.Join(list, ", ") + "."
	case len(list) > 0:
		return text + " The input does not name the call; if it was one of these, `scimlint can-i` answers for it: " + strings.Join(list, ", ") + "."
	}
	return text + " If you know the call, `scimlint can-i METHOD PATH` answers for it."
}

// maxCalls bounds how many calls are offered.
const maxCalls = 3

// callsOf are the calls that the refusal may be of: those of its path, or the few that
// require exactly what it names; of SCIM, where it has the form of SCIM, those that also do.
func callsOf(r results.Refusal, scim bool) []string {
	var list []string
	if list = ofPath(catalog.PathOf(r.URL)); r.URL != "" && len(list) > 0 {
		return list
	}
	for _, o := range catalog.All().Operations {
		fits := sameSet(o.Gate.Permissions, r.Named.Permissions)
		if scim {
			fits = strings.HasPrefix(o.Path, catalog.SCIMBase+"/") && includes(o.Gate.Permissions, r.Named.Permissions)
		}
		if fits && len(r.Named.Permissions) > 0 {
			list = append(list, o.Method+" "+o.Path)
		}
	}
	if len(list) > maxCalls {
		return nil
	}
	return list
}

// ofPath are the operations of a path. Where it is published as it is, those of a path with a
// variable in its place are left out.
func ofPath(path string) []string {
	var exact, list []string
	for _, m := range catalog.All().Methods(path) {
		o, ok := catalog.All().Match(m, path)
		switch {
		case !ok:
		case o.Path == path:
			exact = append(exact, o.Method+" "+o.Path)
		default:
			list = append(list, o.Method+" "+o.Path)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return list
}

func sameSet(a, b []string) bool {
	return len(a) == len(b) && includes(b, a)
}

func includes(all, some []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

// divisions asks the org in which divisions the subject has the permission.
func divisions(r results.Refusal) string {
	permissions := r.Causes[0].Fix.Permissions
	if len(permissions) == 0 && r.Operation != nil {
		permissions = r.Operation.Gate.Permissions
	}
	if len(permissions) == 0 {
		return "Send `" + asks("/api/v2/authorization/subjects/me") + "` with the refused token: the answer names no permission, so look at all grants. A role whose grant is not of the division that was touched: grant it there. No role with a permission for such calls: grant one."
	}
	return "Send `" + asks("/api/v2/authorization/divisionspermitted/paged/me?permission="+permissions[0]) + "` with the refused token. Divisions listed, but not the one that was touched: grant the role there. No division: no role has the permission at all."
}

// correct says what to change where access was not refused.
func correct(r results.Refusal) string {
	switch {
	case r.Code == genesys.CodeNotAuthorized:
		return "Send the call with the token of somebody who takes part in the conversation. If it must be the client's, look for the operation of the same purpose that names the participant, and ask `scimlint can-i` for it."
	case r.Code == "unsupported_grant_type":
		return "Send grant_type=client_credentials, spelled so, as a field of a form (Content-Type: application/x-www-form-urlencoded). The same answer again: something between rewrites the body."
	case r.Status == 409 && (r.Method == http.MethodPut || r.Method == http.MethodPatch):
		return "Read it again and send the change with the version that it has now. Refused again: another one has the name that the change gives it."
	case r.Status == 409 && r.Code != "uniqueness" && !strings.Contains(strings.ToLower(r.URL), "/scim/"):
		return "Look for what exists with the same name or key. It exists: change that one instead of creating it. It does not: it may be deleted, and its name still taken."
	case r.Code == "uniqueness" || r.Status == 409:
		return "Look for what exists already (over SCIM: GET /api/v2/scim/v2/users?filter=userName eq \"…\"). It exists: update it instead of creating it. It does not: it was deleted, and its name is still taken."
	case r.Status == 405 && r.Operation != nil && r.Operation.Method == r.Method:
		return "Send the same request to https://api.<domain> directly, without a proxy or gateway in between. Not 405: what is in between refused the method. 405 again: give the vendor's support the correlation id."
	case r.Status == 405:
		return "Look for the operation in the published ones (`scimlint catalog show WORD`), and send its method."
	case r.Status == 404:
		return "Compare the path with the published ones (`scimlint catalog show WORD`). It is published: the id is of nothing in this org. It is not: use the nearest one."
	case r.Status >= 400 && r.Status < 500:
		return "Read what the answer says of the field or parameter, correct that one, and send the request again. 403 then: access was refused after all."
	}
	return "Send the request again after a pause; if it is answered alike, give the vendor's support the correlation id."
}
