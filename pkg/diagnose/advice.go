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
	if clientCredentials && usersMe.MatchString(text) && (!x.meRefused() || meAnswered(text)) {
		x.notice(string(cause.TokenOfAUser), "/users/me refuses client-credentials tokens with 400: a token with which it answered is a person's, and proves nothing about the client's.")
	}
	if clientCredentials && roleOnUser.MatchString(text) {
		x.notice(string(cause.RoleOnUserNotClient), "A client-credentials token has the roles of the OAuth client, not those of a service account or user: look at Admin > Integrations > OAuth > the client > Roles. And a role's name says nothing of its permissions; the vendor's ready-made role is \"SCIM Integration\".")
	}
	x.adviceBody(text)
	if m := somewhere.FindString(text); m != "" && strings.Contains(text, "api.mypurecloud.com") {
		x.notice(string(cause.WrongRegion), "api.mypurecloud.com is the region us-east-1, not a default: the org's region decides the host, not where its people sit.")
	}
}

var (
	clientCredentialsWords = regexp.MustCompile(`(?i)client[ _-]credentials|client id and secret`)
	bodyWords              = regexp.MustCompile(`["']userName["']\s*(?::|=>)|\buserName:\s|\buserName\s*(?:,|and\b|und\b|et\b|y\b)|(?:,|\band|\bwith|\bonly)\s+["'` + "`" + `]?userName\b`)
	usersMe                = regexp.MustCompile(`(?is)/users/me.{0,80}|(?:success|work|valid|answer).{0,60}/users/me`)
	roleOnUser             = regexp.MustCompile(`(?i)(?:service account|user|account|admin console).{0,80}\brole\b|\brole\b.{0,80}(?:service account|admin console|to (?:the|my|our) user)`)
	somewhere              = regexp.MustCompile(`(?i)\b(?:based in|located in|i am in|we are in|i'm in)\b`)
)

// meRefused says whether /users/me is among the refused calls, or what refuses as it does.
func (x *Explainer) meRefused() bool {
	return slices.ContainsFunc(x.refusals, func(r results.Refusal) bool {
		return catalog.PathOf(r.URL) == "/api/v2/users/me" || slices.ContainsFunc(r.Causes, func(c results.Cause) bool { return c.ID == string(cause.UserContextRequired) })
	})
}

var (
	success = `\b(?:success\w*|work(?:s|ed|ing)?|valid|answer(?:s|ed)|return(?:s|ed)|200|fine|ok)\b`
	// meAnswers are success and /users/me in one line, with what is right before and behind.
	meAnswers = regexp.MustCompile(`(?i)[^\n]{0,12}` + success + `[^\n]{0,60}?/users/me|/users/me\b[^\n]{0,80}?` + success + `[^\n]{0,8}`)
	denial    = regexp.MustCompile(`(?i)\b(?:40\d|not|never|no longer|cannot|\w+n['’]t|invalid|fail\w*|refus\w*|error)\b`)
)

// meAnswered says whether a text says that /users/me answered.
func meAnswered(text string) bool {
	return slices.ContainsFunc(meAnswers.FindAllString(text, maxNames), func(s string) bool { return !denial.MatchString(s) })
}

// adviceBody says that a body which a text describes lacks displayName. Only the creation of
// a user requires it.
func (x *Explainer) adviceBody(text string) {
	described := bodyWords.MatchString(text) && !strings.Contains(text, "displayName")
	if !described || slices.ContainsFunc(x.notices, func(n results.Notice) bool { return n.ID == "payload" }) {
		return
	}
	switch {
	case slices.ContainsFunc(x.refusals, mayCreateUser):
		x.notice("payload", "The body that is described names userName and not displayName, which is required: a 400 waits behind the 403.")
	case len(x.refusals) == 0 && strings.Contains(strings.ToLower(text), "scim") && (strings.Contains(text, "POST") || !changes.MatchString(text)):
		x.notice("payload", "The body that is described names userName and not displayName, which is required to create a user: without it the answer is 400.")
	}
}

// changes are the methods that change a user, for which displayName is not required.
var changes = regexp.MustCompile(`\b(?:PATCH|PUT|GET|DELETE)\b`)

// mayCreateUser says whether a refused call may have created a user over SCIM, so that a
// body is behind it which was not judged yet.
func mayCreateUser(r results.Refusal) bool {
	path := strings.ToLower(strings.TrimSuffix(catalog.PathOf(r.URL), "/"))
	creates := r.URL == "" || strings.Contains(path, "scim") && strings.HasSuffix(path, "/users")
	return r.Status == 403 && (r.Method == "" || r.Method == http.MethodPost) && creates
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
