// Package cause is the registry of causes: why a call of the platform is refused.
// It knows what is true of a cause in general; a report adds what an org shows.
package cause

import "slices"

// ID names a cause: kebab-case, and never changed.
type ID string

// The causes. Ids never change; a constant that does not exist does not compile.
const (
	NetworkUnreachable       ID = "network-unreachable"
	ProxyAnswered            ID = "proxy-answered"
	AuthorizationMalformed   ID = "authorization-malformed"
	RateLimited              ID = "rate-limited"
	IPNotAllowed             ID = "ip-not-allowed"
	ClientDisabled           ID = "client-disabled"
	ClientInactive           ID = "client-inactive"
	GrantTypeUnfit           ID = "grant-type-unfit"
	UserContextRequired      ID = "user-context-required"
	WrongRegion              ID = "wrong-region"
	CredentialsRejected      ID = "credentials-rejected"
	ClockSkew                ID = "clock-skew"
	TokenOfAUser             ID = "token-of-a-user"
	TokenOfAnotherClient     ID = "token-of-another-client"
	TokenExpired             ID = "token-expired"
	RoleOnUserNotClient      ID = "role-on-user-not-client"
	ClientHasNoRoles         ID = "client-has-no-roles"
	AppNotAuthorized         ID = "app-not-authorized"
	ScopeUnknown             ID = "scope-unknown"
	ScopeReadonly            ID = "scope-readonly"
	ScopeMissing             ID = "scope-missing"
	PolicyDenies             ID = "abac-policy-denies"
	GatePassedFeatureMissing ID = "gate-passed-feature-missing"
	DivisionNotCovered       ID = "division-not-covered"
	RoleLacksPermission      ID = "role-lacks-permission"
	PolicyConditionLimits    ID = "policy-condition-limits"
	PermissionNotAvailable   ID = "permission-not-available"
	NoSuchDivision           ID = "no-such-division"
	TokenLifetimeTooShort    ID = "token-lifetime-too-short"
	TenantURLWrong           ID = "tenant-url-wrong"
	WrongPath                ID = "wrong-path"
	OwnCheckFails            ID = "own-check-fails"
	Undetermined             ID = "undetermined"
)

// Concern is what a cause is about. A cause about permissions breaks only what is
// decided as not allowed; one about the token, the client, the path, the host or
// the team's own demand breaks whatever depends on that, and says so.
type Concern string

// The concerns; the zero value is Permission.
const (
	Permission Concern = ""
	Token      Concern = "token"
	Client     Concern = "client"
	Path       Concern = "path"
	Host       Concern = "host"
	// Transport is an answer that did not come from the platform; it breaks only what
	// was not decided without it.
	Transport Concern = "transport"
	Team      Concern = "team"
)

// Info describes a cause for everyone; a report adds what this org shows.
type Info struct {
	ID    ID
	Title string
	// Concerns says what the cause is about.
	Concerns Concern
	// About says what is wrong and why it ends in a refusal; Tell how to recognise it
	// among similar ones; Remedy how to fix it.
	About, Tell, Remedy string
	// OfSCIM is what is true of it for calls of SCIM only; empty for most.
	OfSCIM string
	// Explains are causes that follow from this one: where both are found, only this
	// one is reported.
	Explains []ID
}

// all is every cause. Their order ranks causes of equal certainty: what keeps
// everything from working comes before what breaks a part.
var all = []Info{
	{ID: NetworkUnreachable, Title: "The platform cannot be reached", Concerns: Transport,
		About:  "No answer came: DNS, a firewall, a closed or hung connection, or a certificate that is not trusted.",
		Tell:   "There is no HTTP status. A page that does come, from somewhere else, is proxy-answered.",
		Remedy: "Test the way from this machine to api.<domain> and login.<domain>; set HTTPS_PROXY where a proxy is needed."},
	{ID: ProxyAnswered, Title: "Something else answered in the platform's place", Concerns: Transport,
		About:  "A proxy, web filter or login portal answered with a page or a redirect. Such an answer can have the status 403, too, and has nothing to do with permissions.",
		Tell:   "The answer is HTML or a redirect and has no ININ-Correlation-Id.",
		Remedy: "Let the API and login hosts pass the proxy."},
	{ID: AuthorizationMalformed, Title: "The token was not sent as the platform reads it", Concerns: Token,
		About:    "The Authorization header is missing, says Basic where Bearer belongs, lacks the word Bearer, or contains a token with quotes or a line break in it. No permission helps. scimlint explain finds it in what was sent; scimlint check sends its own requests.",
		Tell:     "401 authentication.required, or the request itself, where it is shown.",
		Remedy:   "Send Authorization: Bearer, one space, and the token.",
		Explains: []ID{TokenExpired, WrongRegion, ClientDisabled, Undetermined, RoleLacksPermission}},
	{ID: RateLimited, Title: "The org answers 429", Concerns: Transport,
		About:  "The client or the org made more requests than allowed. What was asked is unknown, not refused.",
		Tell:   "The status is 429, with Retry-After.",
		Remedy: "Wait, run again, and send requests no faster than the rate limit."},
	{ID: IPNotAllowed, Title: "The org does not accept requests from this address", Concerns: Host,
		About:    "The org has an IP allowlist, and the request came from another network. No token and no role helps.",
		Tell:     "401 ip.not.authorized names the address.",
		Remedy:   "Add the address to the allowlist, or run from one that is on it.",
		Explains: []ID{TokenExpired, WrongRegion}},
	{ID: CredentialsRejected, Title: "The client id or secret is not accepted", Concerns: Client,
		About:  "The token endpoint does not accept the client id with this secret. A wrong secret, a wrong client id, another region and a disabled client are answered alike, so the answer confirms none of them.",
		Tell:   "invalid_client with \"authentication failed\".",
		Remedy: "Compare the region and the client id first, then look at the client's state; copy the secret again, or make a new one in the Admin UI."},
	{ID: ClientDisabled, Title: "The OAuth client is disabled", Concerns: Client,
		About:    "A disabled client gets no tokens, and its existing tokens are invalid.",
		Tell:     "The client's state says so, or the token endpoint's description does.",
		Remedy:   "Set the client's state to active.",
		Explains: []ID{CredentialsRejected, TokenExpired}},
	{ID: ClientInactive, Title: "The OAuth client is inactive", Concerns: Client,
		About:    "An inactive client gets no new tokens and will be deleted. Tokens that it has still work until they end, so everything seems fine today.",
		Tell:     "The client's state says so; dateToDelete says until when.",
		Remedy:   "Set the client's state to active, or make a new client.",
		Explains: []ID{CredentialsRejected}},
	{ID: GrantTypeUnfit, Title: "The client's grant type is not Client Credentials", Concerns: Client,
		About:  "A client of the type Code, Token Implicit or SAML2 gets no token by client credentials.",
		Tell:   "The token endpoint answers unauthorized_client.",
		Remedy: "Make a client of the grant type Client Credentials."},
	{ID: UserContextRequired, Title: "The operation requires a person's token", Concerns: Client,
		About:    "Some operations are about the person behind the token. A client-credentials token has no person behind it and is refused there, whatever its roles and scopes.",
		Tell:     "400 with \"This request requires a user context\", or the operation is published as not for client credentials.",
		Remedy:   "Use a person's token for this call, or an operation that names the user by id.",
		Explains: []ID{RoleLacksPermission, ClientHasNoRoles}},
	{ID: WrongRegion, Title: "The region is not the org's", Concerns: Host,
		About:  "An org lives in one region. Its client ids and tokens are unknown everywhere else, and api.mypurecloud.com is us-east-1, not a default.",
		Tell:   "The Admin UI's address is of another domain, or the API refuses a token that is minutes old. The token endpoint answers \"authentication failed\", before 2025-10 \"client not found\".",
		Remedy: "Look at the Admin UI's address: apps.<domain> names the region."},
	{ID: ClockSkew, Title: "This machine's clock is wrong", Concerns: Token,
		About:    "With a wrong clock a token is kept past its end or thrown away early, and certificates seem expired.",
		Tell:     "The Date of the answers differs from this machine's clock by more than five minutes.",
		Remedy:   "Set the clock.",
		Explains: []ID{TokenExpired}},
	{ID: TokenOfAUser, Title: "The token is a person's, not the client's", Concerns: Token,
		About:    "A person's token has that person's roles. It says nothing about the client that the integration uses.",
		Tell:     "GET /api/v2/users/me answers; for a client-credentials token it answers 400.",
		Remedy:   "Use the client's own token, and grant the role to the client.",
		Explains: []ID{TokenOfAnotherClient, RoleLacksPermission, ClientHasNoRoles, GatePassedFeatureMissing, DivisionNotCovered, ScopeMissing, ScopeReadonly, TokenLifetimeTooShort}},
	{ID: TokenOfAnotherClient, Title: "The token is another client's, or of another org", Concerns: Token,
		About:    "The token is live, but it is not of the client, or not of the org, that the integration is to use.",
		Tell:     "GET /api/v2/tokens/me names the client and the org.",
		Remedy:   "Use the right client's token.",
		Explains: []ID{RoleLacksPermission, ClientHasNoRoles, GatePassedFeatureMissing, DivisionNotCovered, ScopeMissing, ScopeReadonly}},
	{ID: TokenExpired, Title: "The token has expired or was revoked", Concerns: Token,
		About:  "Tokens live as long as their client says: 300 to 172,800 seconds, 86,400 by default.",
		Tell:   "401 credentials.expired or bad.credentials. A token of another region and one of a disabled client are refused with bad.credentials too.",
		Remedy: "Get a new token."},
	{ID: RoleOnUserNotClient, Title: "The role sits on a user, not on the OAuth client",
		About:    "A client-credentials token has only the client's own roles. The role of a service account, or of the person who created the client, does not count.",
		Tell:     "The grants of the client lack what the grants of the user have.",
		Remedy:   "Add the role to the client: Admin > Integrations > OAuth > the client > Roles. You can only add a role that you have yourself.",
		OfSCIM:   "This is the case of the migration thread (scimlint demo): the role was there, on the wrong subject.",
		Explains: []ID{ClientHasNoRoles, RoleLacksPermission, GatePassedFeatureMissing, DivisionNotCovered}},
	{ID: ClientHasNoRoles, Title: "The OAuth client has no roles",
		About:    "Without a role a client-credentials token may call what requires no permission, and nothing else. It seems to work until the first write.",
		Tell:     "GET /api/v2/authorization/subjects/me lists no grants.",
		Remedy:   "Add a role to the client.",
		Explains: []ID{RoleLacksPermission, GatePassedFeatureMissing, DivisionNotCovered}},
	{ID: AppNotAuthorized, Title: "The org has not authorized the app", Concerns: Client,
		About:    "An app may use only the scopes that an admin of this org has authorized.",
		Tell:     "The refusal is app.not.authorized.for.scope although the token has the scope, or the app's authorization is requested, revoked or missing.",
		Remedy:   "Admin > Integrations > Authorized Applications.",
		Explains: []ID{ScopeMissing, ScopeReadonly}},
	{ID: ScopeUnknown, Title: "The scope is one that the platform does not list", Concerns: Client,
		About:    "The client is set up with, or the configuration demands, a scope name that this platform does not have.",
		Tell:     "GET /api/v2/oauth/scopes does not list it.",
		Remedy:   "Use a scope that the platform lists; with client credentials use no scope at all.",
		OfSCIM:   "The published scopes are scim and scim:readonly.",
		Explains: []ID{ScopeMissing}},
	{ID: ScopeReadonly, Title: "The token may read and not write",
		About:    "A scope that ends in :readonly lets reads pass and refuses every write.",
		Tell:     "Reads are answered, writes are refused with app.not.authorized.for.scope.",
		Remedy:   "Replace it by the scope without :readonly and get a new token.",
		OfSCIM:   "Replace scim:readonly by scim.",
		Explains: []ID{ScopeMissing}},
	{ID: ScopeMissing, Title: "The token lacks a scope",
		About: "A person's token needs one of the scopes that the operation lists. Client-credentials tokens need none by the published rule; " +
			"an org that refuses one because a scope is missing is believed even so.",
		Tell:   "app.not.authorized.for.scope names the scope in brackets.",
		Remedy: "Add the scope to the client and get a new token.",
		OfSCIM: "The scope is scim, or scim:readonly to read."},
	{ID: PolicyDenies, Title: "An attribute-based policy denies it",
		About:  "The org has a policy that denies what the roles grant, and it applies to this subject.",
		Tell:   "403 authz.policy.denied names the policy's id.",
		Remedy: "Exclude the subject from the policy, or turn the policy off."},
	{ID: GatePassedFeatureMissing, Title: "The call is let through, but the work is refused",
		About: "The endpoint lets in whoever has any one of several permissions, and each part of the work requires its own. " +
			"A client that has only routing:skill:assign is let in by POST /scim/users and cannot create a user.",
		Tell:   "An empty body is answered 400, a whole one 403.",
		Remedy: "Grant what each part of the work requires."},
	{ID: DivisionNotCovered, Title: "The permission is granted in another division",
		About:  "A grant is a role in a division; elsewhere it does not count.",
		Tell:   "403 with a code that names divisions, or grants whose division is not that of what is touched.",
		Remedy: "Grant the role in the division of what the call touches, or in all divisions."},
	{ID: RoleLacksPermission, Title: "The granted roles lack a permission",
		About:  "The subject has roles, and none of them includes what the call requires. A role's name says nothing of its policies.",
		Tell:   "403 missing.permissions or missing.any.permissions names the permission.",
		Remedy: "Add the permission to a role of the subject, or grant a role that has it.",
		OfSCIM: "The vendor's ready-made role is SCIM Integration."},
	{ID: PolicyConditionLimits, Title: "A condition limits the permission",
		About:  "A role's policy grants the permission only under a condition, so whether the call is refused depends on the user that it is about.",
		Tell:   "The policy has a condition.",
		Remedy: "Remove the condition, or grant a role without one."},
	{ID: PermissionNotAvailable, Title: "The org does not know the permission",
		About:  "A permission of this name is in no list of this org: it is not part of the license, it is in beta, or the name is wrong. No role editor offers it, so no role can include it.",
		Tell:   "GET /api/v2/authorization/permissions knows the other names and not this one.",
		Remedy: "Ask the vendor whether the permission is part of the org's license, or has another name."},
	{ID: NoSuchDivision, Title: "The org has no division of this name", Concerns: Team,
		About:  "The division that was named with --division is not one of the org's, so it cannot be said whether the grants cover it.",
		Tell:   "GET /api/v2/authorization/divisions lists the org's divisions and not this one.",
		Remedy: "Run again with one of the divisions that the org has."},
	{ID: TokenLifetimeTooShort, Title: "The token dies while it is still in use", Concerns: Token,
		About:  "A token that was pasted into an identity provider is not renewed. It works until its lifetime is over, and then every call is refused with 401.",
		Tell:   "The client's token duration is shorter than the token is to be used (--token-use pasted).",
		Remedy: "Set the client's token duration to 38,880,000 seconds (450 days), issue a new token, and put the renewal into a calendar."},
	{ID: TenantURLWrong, Title: "The address in the identity provider is not the org's SCIM address", Concerns: Host,
		About:  "An identity provider calls what a person entered as Tenant URL, Base URL or SCIM Base URL. With the host of another region, another path, or a path that names /Users itself, its calls never reach the org's SCIM service, whatever is granted.",
		Tell:   "The address that is given with --scim-url differs from the one that the profile's page describes (--profile).",
		Remedy: "Enter https://api.<domain> of the org's own region with the SCIM path, in the identity provider, and test the connection there.", Explains: []ID{WrongPath}},
	{ID: WrongPath, Title: "The path is not the API's", Concerns: Path,
		About:  "The SCIM endpoints are /api/v2/scim/v2/users and /api/v2/scim/users. /v2/scim/users is neither.",
		Tell:   "The path is in no published definition.",
		Remedy: "Call /api/v2/scim/v2/users."},
	{ID: OwnCheckFails, Title: "A check of the configuration fails", Concerns: Team,
		About:  "One of the checks that the configuration defines fails. The platform may still allow every call: the check is the team's rule, not the platform's.",
		Tell:   "The failing check is listed under Own checks, and its basis is reported.",
		Remedy: "Do what the check says, or change the check in the configuration."},
	{ID: Undetermined, Title: "The org refuses without saying why",
		About:  "The refusal names nothing, and what could be read of grants, scopes and policies lets the call pass.",
		Tell:   "403 not.authorized, or a refusal without a code.",
		Remedy: "Give the vendor's support the correlation id."},
}

// rank is the place of each cause in the list.
var rank = func() map[ID]int {
	out := make(map[ID]int, len(all))
	for i, c := range all {
		out[c.ID] = i
	}
	return out
}()

// All returns every cause, in the order that ranks causes of equal certainty.
func All() []Info { return slices.Clone(all) }

// Rank is the place of a cause in the order of All; unknown ids come last.
func Rank(id ID) int {
	if i, ok := rank[id]; ok {
		return i
	}
	return len(all)
}

// ByID returns a cause's description.
func ByID(id ID) (Info, bool) {
	if i, ok := rank[id]; ok {
		return all[i], true
	}
	return Info{}, false
}
