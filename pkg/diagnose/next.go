package diagnose

import (
	"fmt"
	"strings"

	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/results"
)

// asks is a request that anyone can send with the refused token.
func asks(path string) string {
	return `curl -H "Authorization: Bearer $TOKEN" https://api.<domain>` + path
}

// next is the one step that tells the remaining causes apart, with what each
// possible answer means.
func next(r results.Refusal) string {
	if len(r.Causes) == 0 {
		return "Correct the request and send it again."
	}
	first := r.Causes[0]
	canI := "scimlint check"
	if r.Operation != nil {
		canI = fmt.Sprintf("scimlint can-i %s %s", r.Operation.Method, r.Operation.Path)
	}
	switch cause.ID(first.ID) {
	case cause.AuthorizationMalformed, cause.WrongPath, cause.ProxyAnswered, cause.RateLimited, cause.IPNotAllowed:
		return strings.TrimSuffix(first.Fix.Text, ".") + ", and send the request again."
	case cause.RoleLacksPermission:
		return "Run `" + canI + "` with the credentials of the refused token. \"no\" names what is missing, and whose it is; \"yes\" means that the refused token was older than the grant, or was another subject's: get a new one. " +
			"With only the token: `" + asks("/api/v2/authorization/subjects/me") + "`: no grants means that the subject has no roles; grants without the permission, that a role lacks it."
	case cause.DivisionNotCovered:
		permission := "PERMISSION"
		if len(first.Fix.Permissions) > 0 {
			permission = first.Fix.Permissions[0]
		}
		return "Send `" + asks("/api/v2/authorization/divisionspermitted/paged/me?permission="+permission) + "` with the refused token. Divisions listed, but not the one that was touched: grant the role there. No division: no role has the permission at all."
	case cause.ScopeMissing, cause.ScopeReadonly, cause.AppNotAuthorized, cause.ScopeUnknown:
		return "Send `" + asks("/api/v2/tokens/me") + "` with the refused token. authorizedScope without the scope: add it to the client and get a new token. With the scope: an admin must authorize the app (Admin > Integrations > Authorized Applications)."
	case cause.PolicyDenies:
		return "Let an admin send `" + asks("/api/v2/authorization/policies") + "` and find the policy by its id. Its subject includes the refused one: exclude it, or change the condition. It does not: ask the vendor's support with the correlation id."
	case cause.TokenExpired:
		return "Get a new token and send the request again. Accepted: the old one had expired or was revoked. Refused again: compare apps.<domain> in the Admin UI's address with the host that was called; if they agree, look at the client's state under Admin > Integrations > OAuth."
	case cause.CredentialsRejected, cause.WrongRegion, cause.ClientDisabled, cause.ClientInactive, cause.GrantTypeUnfit:
		return "Open Admin > Integrations > OAuth in the org. The domain in the browser's address is not the one that was called: use login.<that domain>. No client of this id: the id is wrong. Its state is not active: activate it. Its grant type is another: make a new client. All of it agrees: reset the secret."
	case cause.Undetermined:
		return "Run `" + canI + "` with the credentials of the refused token. \"no\" names the missing permission, scope or policy; \"yes\" means that permissions are not the reason, or that another token was refused: give the vendor's support the correlation id."
	}
	return "Run `" + canI + "` with the credentials of the refused token."
}
