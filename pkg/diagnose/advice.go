package diagnose

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/results"
)

// advice judges what a text says and advises, against the published facts. It
// looks for claims by their words, so it speaks of what is said and never of
// what the org shows.
func (x *Explainer) advice(text string) {
	if text == "" {
		return
	}
	clientCredentials := clientCredentialsWords.MatchString(text)
	x.adviceNames(text, clientCredentials)
	x.unknownNames(text)
	if m := unversioned.FindStringSubmatch(text); m != nil {
		x.notice(string(cause.WrongPath), "The text calls %s; the API's paths begin with /api: /api%s.", m[1], m[1])
	}
	if clientCredentials && usersMe.MatchString(text) && (!x.meRefused() || usersMeAnswered.MatchString(text)) {
		x.notice(string(cause.TokenOfAUser), "/users/me refuses client-credentials tokens with 400: a token with which it answered is a person's, and proves nothing about the client's.")
	}
	if clientCredentials && roleOnUser.MatchString(text) {
		x.notice(string(cause.RoleOnUserNotClient), "A client-credentials token has the roles of the OAuth client, not those of a service account or user: look at Admin > Integrations > OAuth > the client > Roles. And a role's name says nothing of its permissions; the vendor's ready-made role is \"SCIM Integration\".")
	}
	lacksName := func(n results.Notice) bool { return n.ID == "payload" }
	if x.mayBeBody() && bodyWords.MatchString(text) && !strings.Contains(text, "displayName") && !slices.ContainsFunc(x.notices, lacksName) {
		x.notice("payload", "The body that is described names userName and not displayName, which is required: a 400 waits behind the 403.")
	}
	if m := somewhere.FindString(text); m != "" && strings.Contains(text, "api.mypurecloud.com") {
		x.notice(string(cause.WrongRegion), "api.mypurecloud.com is the region us-east-1, not a default: the org's region decides the host, not where its people sit.")
	}
}

var (
	clientCredentialsWords = regexp.MustCompile(`(?i)client[ _-]credentials|client id and secret`)
	unversioned            = regexp.MustCompile(`(?:^|[^\w/]|\.com|\.ie|\.de|\.jp|\.au|\.cloud)(/v2/(?:scim/)?[a-z]+(?:/[a-z]+)*)`)
	usersMeAnswered        = regexp.MustCompile(`(?is)(?:success|works?\b|valid|answers?\b|200\b|fine\b|ok\b).{0,60}/users/me|/users/me.{0,80}?(?:success|works?\b|valid|answers?\b|200\b|fine\b)`)
	bodyWords              = regexp.MustCompile(`["']userName["']\s*(?::|=>)|\buserName:\s|\buserName\s*(?:,|and\b|und\b|et\b|y\b)|(?:,|\band|\bwith|\bonly)\s+["'` + "`" + `]?userName\b`)
	usersMe                = regexp.MustCompile(`(?is)/users/me.{0,80}|(?:success|work|valid|answer).{0,60}/users/me`)
	roleOnUser             = regexp.MustCompile(`(?i)(?:service account|user|account|admin console).{0,80}\brole\b|\brole\b.{0,80}(?:service account|admin console|to (?:the|my|our) user)`)
	somewhere              = regexp.MustCompile(`(?i)\b(?:based in|located in|i am in|we are in|i'm in)\b`)
)

// meRefused says whether /users/me is among the refused calls.
func (x *Explainer) meRefused() bool {
	return slices.ContainsFunc(x.refusals, func(r results.Refusal) bool { return catalog.PathOf(r.URL) == "/api/v2/users/me" })
}

// mayBeBody says whether a body may be behind what the text says: where calls were refused, a
// write that got a 403 must be among them.
func (x *Explainer) mayBeBody() bool {
	return len(x.refusals) == 0 || slices.ContainsFunc(x.refusals, func(r results.Refusal) bool { return r.Status == 403 && r.Method != http.MethodGet })
}

// adviceNames judges scope and permission names. The catalogue knows a part of
// the platform's names, so only those are called unpublished that are known to
// be, and those that claim to be of SCIM.
func (x *Explainer) adviceNames(text string, clientCredentials bool) {
	hearsay := catalog.HearsayScopes()
	var wrong []string
	for _, name := range slices.Sorted(maps.Keys(hearsay)) {
		if regexp.MustCompile(`(?:^|[^\w:])` + regexp.QuoteMeta(name) + `(?:$|[^\w:])`).MatchString(text) {
			wrong = append(wrong, name)
			x.notice("scope-names-exist", "%s is in no published list: %s. If your platform does list it (GET /api/v2/oauth/scopes), believe the platform.", name, hearsay[name])
		}
	}
	if clientCredentials && (len(wrong) > 0 || scopeAdvice.MatchString(text)) {
		x.notice("client-scopes-have-effect", "A client-credentials client has no scopes to add: scopes apply only to the other grant types. If an org still refuses a call with app.not.authorized.for.scope, believe the org.")
	}
}

var scopeAdvice = regexp.MustCompile(`(?i)\b(?:add|include|grant|ensure|missing|requires?|set)\b.{0,60}\bscopes?\b`)
