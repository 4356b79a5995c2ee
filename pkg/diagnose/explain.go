package diagnose

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/secret"
	"github.com/scimlint/scimlint/pkg/transcript"
)

// Explainer groups refused calls by what they are and explains each kind once.
// Its memory grows with the kinds of refusals, not with their number.
type Explainer struct {
	refusals []results.Refusal
	index    map[string]int
	notices  []results.Notice
	// left counts the refusals of kinds that are beyond the bound.
	left int
}

const (
	// most bounds how many occurrences and correlation ids a refusal lists.
	most = 10
	// mostKinds bounds how many kinds of refusals are explained.
	mostKinds = 1000
)

// idInPath is a part of a path that is an id.
var idInPath = regexp.MustCompile(`/(?:\d+|[0-9a-fA-F]{8}[0-9a-fA-F-]*)(/|$)`)

// ofKind is what a refused call has in common with those of its kind: the host and the
// operation, or the address where that is of no operation. The ids in a path do not matter.
func ofKind(r results.Refusal) (method, place string) {
	if r.Operation == nil {
		return r.Method, idInPath.ReplaceAllString(r.URL, "/{id}$1")
	}
	host := ""
	if u, err := url.Parse(r.URL); err == nil {
		host = u.Host
	}
	return r.Operation.Method, host + " " + r.Operation.Path
}

// Add reads one refused call.
func (x *Explainer) Add(e transcript.Exchange) {
	r := explain(e)
	method, place := ofKind(r)
	key := fmt.Sprint(r.Status, r.Code, method, place, r.Named, len(r.Causes) > 0 && r.Causes[0].ID == string(cause.AuthorizationMalformed), e.Auth)
	if x.index == nil {
		x.index = map[string]int{}
	}
	i, known := x.index[key]
	if !known && len(x.refusals) >= mostKinds {
		x.left++
		return
	}
	if !known {
		i = len(x.refusals)
		x.index[key] = i
		x.refusals = append(x.refusals, r)
	}
	g := &x.refusals[i]
	g.Count++
	if len(g.Where) < most {
		g.Where = append(g.Where, e.Where)
	}
	if id := correlationID(e); id != "" && len(g.CorrelationIDs) < most && !slices.Contains(g.CorrelationIDs, id) {
		g.CorrelationIDs = append(g.CorrelationIDs, id)
	}
	x.noticeBody(e)
}

func correlationID(e transcript.Exchange) string {
	if e.CorrelationID == "" && e.Refusal != nil {
		return e.Refusal.ContextID
	}
	return e.CorrelationID
}

// Finish returns the explanation of an input that was read to its end.
func (x *Explainer) Finish(read transcript.Result, tool results.Tool) results.Explanation {
	x.methodsOfCalls()
	x.advice(read.Prose)
	x.regions(read.Hosts)
	x.subject(read.Prose)
	if len(x.refusals) == 0 && len(x.notices) == 0 && read.Unjoined == 0 {
		x.published(read.Prose)
	}
	if x.left > 0 {
		x.notice("more-refusals", "The input has %d more refusals of other kinds than the first %d: explain a part of it to see them.", x.left, mostKinds)
	}
	if read.Cut != "" {
		x.notice("input-is-cut", "%s: what came before is explained, and what followed is unknown.", read.Cut)
	}
	out := results.Explanation{SchemaVersion: results.SchemaVersion, Tool: tool, Format: string(read.Format), Requests: read.Requests,
		Refusals: x.refusals, Notices: x.notices, Leaks: []results.Leak{}, Unjoined: read.Unjoined, UnjoinedAt: nonNil(read.UnjoinedAt), Others: nonNil(read.Others)}
	if out.Refusals == nil {
		out.Refusals = []results.Refusal{}
	}
	if out.Notices == nil {
		out.Notices = []results.Notice{}
	}
	for _, l := range read.Leaks {
		out.Leaks = append(out.Leaks, results.Leak{Kind: l.Kind, Where: l.Where, Rotate: rotation(l.Kind)})
	}
	return secret.Walk(out, read.Secrets.Known)
}

// regions compares where the token came from with where the call went: a token is
// of one region.
func (x *Explainer) regions(hosts []string) {
	var login []string
	for _, h := range hosts {
		if domain, ok := strings.CutPrefix(h, "login."); ok {
			login = append(login, domain)
		}
	}
	for i := range x.refusals {
		u, err := url.Parse(x.refusals[i].URL)
		if err != nil || len(login) == 0 {
			continue
		}
		domain, ok := strings.CutPrefix(u.Hostname(), "api.")
		if !ok || slices.Contains(login, domain) {
			continue
		}
		info, _ := cause.ByID(cause.WrongRegion)
		x.refusals[i].Causes = slices.Insert(x.refusals[i].Causes, 0, results.Cause{ID: string(info.ID), Title: info.Title, Certainty: results.Likely, Operations: []string{}, Counter: []results.Proof{},
			Explanation: "The token comes from login." + login[0] + " and the call went to api." + domain + ": a token is of one region.",
			Proof:       []results.Proof{{Basis: results.Observed, Text: "the input shows both hosts"}},
			Fix:         results.Fix{Text: "Call api." + login[0] + ", or get the token from login." + domain}})
		x.refusals[i].Explained = true
		x.refusals[i].Next = "Call api." + login[0] + " with the same token."
	}
}

var (
	personWords = regexp.MustCompile(`(?i)\b(?:authori[sz]ation[ _-]code|pkce|implicit grant|my own (?:login|token|account|user)|api explorer|(?:logged|signed) in with|user(?:'s)? token|(?:logged|signed) in as|person's token|mein(?:em|er)? eigene[nr]? (?:login|token|anmeldung)|benutzer-?token|mon propre (?:compte|jeton|token)|jeton (?:d'|de l')utilisateur|mi propio (?:usuario|token)|in the (?:browser|admin ui|agent ui))`)
	clientWords = regexp.MustCompile(`(?i)client[ _-]?credentials?\b|clientId.{0,3}[:= ].{0,80}clientSecret|GENESYSCLOUD_OAUTHCLIENT|oauthclient_(?:id|secret)`)
)

// subject says of whom the token is where the text says it, and drops what has for
// the other kind only.
func (x *Explainer) subject(text string) {
	person, client := personWords.MatchString(text), clientWords.MatchString(text)
	if person == client {
		return
	}
	words, other := whoseClient, []cause.ID{}
	if person {
		words, other = whosePerson, []cause.ID{cause.RoleOnUserNotClient, cause.ClientHasNoRoles}
	}
	for i := range x.refusals {
		r := &x.refusals[i]
		if client && r.Code == genesys.CodeAppNotAuthorizedForScope {
			againstTheRule(r)
		}
		r.Causes = slices.DeleteFunc(r.Causes, func(c results.Cause) bool { return slices.Contains(other, cause.ID(c.ID)) })
		for n := range r.Causes {
			r.Causes[n].Fix.Text = strings.ReplaceAll(r.Causes[n].Fix.Text, whose, words)
		}
	}
}

// againstTheRule says that an org refuses a client for a scope, which by the published rule
// matters to the tokens of persons only.
func againstTheRule(r *results.Refusal) {
	for n := range r.Causes {
		c := &r.Causes[n]
		if c.ID != string(cause.ScopeMissing) {
			continue
		}
		c.Explanation += " The published rule is that a client-credentials token needs no scope; this answer says otherwise, and what the org answers counts. Or the refused token was a person's."
		c.Counter = append(c.Counter, results.Proof{Basis: results.Published, Text: "client-credentials tokens have no scopes, by the published rule"})
	}
}

// rotation says what to do about a leaked secret.
func rotation(kind string) string {
	switch kind {
	case secret.ClientSecret:
		return "make a new secret for the client (Admin > Integrations > OAuth > the client) and take this one out of wherever it was pasted"
	case secret.AccessToken:
		return "end the token (DELETE /api/v2/tokens/me with it), or wait until it expires"
	case secret.RefreshToken:
		return "end the tokens of the person that it is of (an admin sends DELETE /api/v2/tokens/{userId}, which requires oauth:token:delete), reset the secret of the client that it was given to (Admin > Integrations > OAuth > the client), and let the person log in again"
	case secret.APIKey:
		return "make a new key in the product that issued it (Zendesk: Admin Center > Apps and integrations > APIs), use that one everywhere, then delete this one there"
	case secret.PrivateKey:
		return "make a new pair of keys where this one is registered, use it everywhere, then remove the old public key there"
	case secret.SAML:
		return "log out at the identity provider: a SAML response is valid for minutes, and shows who logged in; if it was sent less than an hour ago, let an admin end that session"
	case secret.Assertion:
		return "wait until the assertion expires, usually within minutes: until then it can be exchanged for a token, but no call accepts it as one. Replace the signing certificate only if its private key leaked as well"
	case secret.AuthCode:
		return "sign in again: an authorization code works once and only for minutes, so there is nothing else to rotate"
	case secret.Verifier:
		return "nothing to rotate: a code verifier belongs to one sign-in, and is useless without the code of that sign-in"
	case secret.Cookie:
		return "log out in the browser that it is of: that ends the session, closing the window does not. If you cannot, an admin ends the person's tokens (DELETE /api/v2/tokens/{userId})"
	case secret.Password:
		return "set a new one where the account is (Genesys Cloud: in the person's preferences, or by an admin with POST /api/v2/users/{userId}/password; with single sign-on, at the identity provider), and wherever else the same one is used"
	}
	return "let whoever issued it replace it, and end this one there"
}

// explain says what one refused call means.
func explain(e transcript.Exchange) results.Refusal {
	r := results.Refusal{Method: e.Method, URL: e.URL, Status: e.Status, CorrelationIDs: []string{}, Causes: []results.Cause{}, Where: []string{}}
	if e.Refusal != nil {
		r.Code, r.Message = e.Refusal.Code, e.Refusal.Message
		r.Named = results.Named{Permissions: e.Refusal.Permissions, Scopes: e.Refusal.Scopes, Divisions: e.Refusal.Divisions, PolicyIDs: e.Refusal.PolicyIDs, IP: e.Refusal.IP}
	}
	r.Operation = called(e)
	r.Meaning = meaning(e)
	// What was sent wrongly is before any permission that is blamed, however
	// sure the latter is.
	for _, c := range unexplained(merge(slices.Concat(sentWrongly(e), refusedFor(e, r.Operation)))) {
		r.Causes = append(r.Causes, c.Cause)
	}
	r.Next = next(r, e.Refusal != nil && e.Refusal.Kind == genesys.RefusalSCIM)
	if e.Refusal != nil && e.Refusal.Kind == genesys.RefusalOAuth && len(r.Causes) > 0 && r.Causes[0].ID == string(cause.Undetermined) {
		r.Next = r.Causes[0].Fix.Text + "." // no permission of a token that was not given matters
	}
	if e.Mute {
		r.Meaning = "The SDK's exception prints only its message: the log shows neither status nor body."
		r.Next = "Log getStatusCode() and getRawBody() of the exception beside its message, and explain that line: the body names what is missing."
	}
	r.Explained = !e.Mute && len(r.Causes) == 0 && r.Meaning != "" || len(r.Causes) > 0 && r.Causes[0].ID != string(cause.Undetermined)
	if r.Meaning == "" {
		r.Meaning = meaningOf(r, e)
	}
	return r
}

// meaningOf is what a refusal means whose code is not published, by what its words were read
// for.
func meaningOf(r results.Refusal, e transcript.Exchange) string {
	if len(r.Causes) > 0 && r.Causes[0].Certainty != results.Possible {
		code, ok := codeOf[cause.ID(r.Causes[0].ID)]
		switch {
		case ok && code == genesys.CodeMissingPermissions && len(r.Named.Permissions) == 0:
			return meanings[genesys.CodeInsufficientPermissions]
		case ok && code == genesys.CodeMissingPermissions && lint.AnyOf(e.Refusal):
			return meanings[genesys.CodeMissingAnyPermissions]
		case ok:
			return meanings[code]
		}
	}
	return "The answer does not say why."
}

// codeOf are the codes under which the platform refuses for a cause.
var codeOf = map[cause.ID]string{
	cause.RoleLacksPermission: genesys.CodeMissingPermissions,
	cause.DivisionNotCovered:  genesys.CodeMissingDivisionPermissions,
	cause.ScopeMissing:        genesys.CodeAppNotAuthorizedForScope,
	cause.PolicyDenies:        genesys.CodeAuthzPolicyDenied,
}

// called finds the operation that was called.
func called(e transcript.Exchange) *results.CalledOperation {
	path := behindGateway(e.URL)
	o, ok := catalog.All().Match(e.Method, path)
	if methods := catalog.All().Methods(path); !ok && e.Method == "" && len(methods) == 1 {
		o, ok = catalog.All().Match(methods[0], path)
	}
	if !ok && e.Method == "" {
		o, ok = methodFor(path, e.Refusal)
	}
	if !ok && e.Method == "" {
		o, ok = guessMethod(path)
	}
	if !ok {
		return nil
	}
	c := &results.CalledOperation{ID: o.ID, Method: o.Method, Path: o.Path, Scopes: nonNil(o.Scopes), Features: []string{},
		Gate: results.Gate{Type: string(o.Gate.Type), Permissions: nonNil(o.Gate.Named()), Decision: results.DecisionUnknown, Basis: results.Published}}
	if op, ok := catalog.NeededBy(catalog.AllNeeds(), o.Method, o.Path); ok {
		for _, f := range op.Features {
			c.Features = append(c.Features, f.Name+": "+f.Permission)
		}
	}
	return c
}

// behindGateway is the path of a call as the platform has it: a gateway of one's own may have a
// prefix before it.
func behindGateway(raw string) string {
	path := catalog.PathOf(raw)
	u, err := url.Parse(raw)
	i := strings.LastIndex(path, "/api/v2/")
	if err != nil || u.Host == "" || i <= 0 || len(catalog.All().Methods(path)) > 0 {
		return path
	}
	if _, ok := genesys.RegionOfHost(u.Hostname()); ok {
		return path // on the platform's own host it is a wrong path
	}
	return path[i:]
}

// methodFor is the one operation of a path that requires what the refusal names.
func methodFor(path string, r *genesys.Refusal) (found catalog.Operation, ok bool) {
	if r == nil || len(r.Permissions) == 0 {
		return found, false
	}
	for _, m := range catalog.All().Methods(path) {
		o, _ := catalog.All().Match(m, path)
		if slices.ContainsFunc(r.Permissions, func(p string) bool { return !slices.Contains(o.Gate.Permissions, p) }) {
			continue
		}
		if ok {
			return catalog.Operation{}, false // two of them do
		}
		found, ok = o, true
	}
	return found, ok
}

// guessMethod reads a refused SCIM call without a method for a POST, which is
// what provisioning starts with.
func guessMethod(path string) (catalog.Operation, bool) {
	if strings.HasSuffix(path, "/users") && strings.Contains(path, "/scim") {
		return catalog.All().Match("POST", path)
	}
	return catalog.Operation{}, false
}

func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func pathOf(raw string) string { return catalog.PathOf(raw) }

// operationIDs names the operation as check names it.
func operationIDs(op *results.CalledOperation) []string {
	if op == nil {
		return nil
	}
	if n, ok := catalog.NeededBy(catalog.AllNeeds(), op.Method, op.Path); ok {
		return []string{n.ID}
	}
	return nil
}

// sentWrongly finds what is wrong with the request itself: it comes before any
// permission is blamed.
func sentWrongly(e transcript.Exchange) []lint.Suspicion {
	var out []lint.Suspicion
	if s, ok := wrongHeader(e); ok {
		out = append(out, s)
	}
	if s, ok := wrongPlace(e); ok {
		out = append(out, s)
	}
	return out
}

// wrongHeader looks at how the token was sent. A missing header is blamed only
// where the platform says so too: recorders take headers out.
func wrongHeader(e transcript.Exchange) (lint.Suspicion, bool) {
	s := lint.Suspicion{Cause: cause.AuthorizationMalformed, Certainty: results.Confirmed,
		Fix: results.Fix{Text: "Send the header Authorization: Bearer, one space, and the token, without quotes or line breaks"}}
	if e.Status != http.StatusUnauthorized && e.Refusal != nil && tokenJudged(e.Refusal) {
		return s, false // the org has read the token: it judged what the token may do
	}
	required := e.Refusal != nil && e.Refusal.Code == genesys.CodeAuthenticationRequired
	token := strings.HasSuffix(pathOf(e.URL), genesys.TokenPath)
	switch {
	case token:
		return s, false
	case e.Auth == transcript.AuthNone && (required || e.Status == http.StatusUnauthorized || e.Whole):
		s.Because = "The request has no Authorization header."
	case e.Auth == transcript.AuthBasic:
		s.Because = "The request sends the client's id and secret (Basic) instead of the token: only the token endpoint accepts Basic."
	case e.Auth == transcript.AuthBare:
		s.Because = "The request sends the token without the word Bearer before it."
	case e.Auth == transcript.AuthBroken:
		s.Because = "The token in the Authorization header has a quote, a line break or white space in it, or is missing."
	case required:
		s.Certainty, s.Because = results.Likely, "The org sees no bearer token in the request."
	default:
		return s, false
	}
	s.Proof = []results.Proof{{Basis: results.Observed, Text: "the request's Authorization header: " + headerWords(e.Auth)}}
	return s, true
}

// tokenJudged says whether a refusal is about what the token may do: then the request had one,
// whatever was cut out of what is shown of it. SCIM names permissions without a code.
func tokenJudged(r *genesys.Refusal) bool {
	return r.Code != "" && r.Code != genesys.CodeNotAuthorized || len(r.Permissions)+len(r.Scopes)+len(r.Divisions)+len(r.PolicyIDs) > 0
}

func headerWords(a transcript.Auth) string {
	return map[transcript.Auth]string{transcript.AuthNone: "there is none", transcript.AuthBasic: "Basic", transcript.AuthBare: "a token without a scheme",
		transcript.AuthBroken: "Bearer, with something that cannot be a token", transcript.AuthUnseen: "not shown; the answer says that there is none"}[a]
}

// wrongPlace looks at where the request went.
func wrongPlace(e transcript.Exchange) (lint.Suspicion, bool) {
	u, err := url.Parse(e.URL)
	if err != nil || e.URL == "" || e.Named {
		return lint.Suspicion{}, false
	}
	s := lint.Suspicion{Cause: cause.WrongPath, Certainty: results.Likely, Fix: results.Fix{Text: "Call https://api.<domain>" + catalog.SCIMBase + "/users, with the domain of the org's region"}}
	host := strings.ToLower(u.Hostname())
	switch {
	case strings.HasSuffix(host, ".zendesk.com"), strings.HasSuffix(u.Path, "/users.json"):
		s.Because = "That is Zendesk's address (" + where(u) + "); Genesys Cloud's is /api/v2/scim/v2/users on api.<domain>."
	case strings.HasPrefix(host, "login.") && !strings.HasSuffix(u.Path, genesys.TokenPath) && !strings.HasPrefix(u.Path, "/oauth/"):
		s.Because = "The request went to the login host (" + host + "), which gives tokens; the API is at api." + strings.TrimPrefix(host, "login.") + "."
	case strings.HasPrefix(host, "apps."):
		s.Because = "The request went to the Admin UI's host (" + host + "); the API is at api." + strings.TrimPrefix(host, "apps.") + "."
	case strings.Contains(strings.ToLower(u.Path), "scim") && !publishedSCIM(u.Path):
		s.Because = "This path is not the API's: it was written as " + u.Path + ", and is " + rightPath(u.Path) + "."
		s.Fix.Text = "Call " + rightPath(u.Path) + " on https://api.<domain>, with the domain of the org's region"
	default:
		return s, false
	}
	s.Proof = []results.Proof{{Basis: results.Published, Text: where(u) + " is in no published definition of the API"}}
	return s, true
}

func where(u *url.URL) string { return u.Host + u.Path }

func publishedSCIM(path string) bool {
	_, ok := catalog.SCIMBaseOf(path)
	return ok
}

// rightPath is the published path that a wrong one most likely means.
func rightPath(path string) string {
	i := strings.LastIndex(strings.ToLower(path), "scim")
	rest := strings.TrimPrefix(path[i+len("scim"):], "/v2")
	for _, known := range []string{"/users", "/groups"} {
		if strings.HasPrefix(strings.ToLower(rest), known) {
			if _, id, ok := strings.Cut(rest[1:], "/"); ok && id != "" {
				return catalog.SCIMBase + known + "/" + id
			}
			return catalog.SCIMBase + known
		}
	}
	return catalog.SCIMBase + "/users"
}

// refusedFor says what the org refused for, the sure cause first, and what else
// remains possible.
func refusedFor(e transcript.Exchange, op *results.CalledOperation) []lint.Suspicion {
	if e.HTML {
		if e.CDN {
			return cdnAnswered(op)
		}
		return []lint.Suspicion{{Cause: cause.ProxyAnswered, Certainty: results.Confirmed, Operations: operationIDs(op),
			Because: "The answer is an HTML page: something between the client and the platform answered in its place.",
			Proof:   []results.Proof{{Basis: results.Observed, Text: "the platform answers JSON; this answer is a page"}},
			Fix:     results.Fix{Text: "Let the API and login hosts of the region pass the proxy or filter"}}}
	}
	r := e.Refusal
	if !aboutAccess(r) && !userContext(r) && !ofThePerson(e) || r.Code == genesys.CodeAuthenticationRequired {
		return nil
	}
	list := judge(e, op)
	for i := range list {
		list[i].Operations = operationIDs(op)
		if e.Quoted {
			list[i].Certainty = max2(list[i].Certainty, results.Likely)
			list[i].Proof = reported(list[i].Proof)
		}
	}
	return list
}

// cdnAnswered is a page of the network through which the platform's own answers come:
// it may have refused, or something on the way to it.
func cdnAnswered(op *results.CalledOperation) []lint.Suspicion {
	return []lint.Suspicion{{Cause: cause.ProxyAnswered, Certainty: results.Likely, Operations: operationIDs(op),
		Because: "The answer is a page of CloudFront, through which the platform's own answers come: the request was refused there, before it reached the API. A filter or proxy of yours may have sent it there, or the request itself was blocked.",
		Proof:   []results.Proof{{Basis: results.Observed, Text: "the page says that CloudFront generated it"}},
		Fix:     results.Fix{Text: "Send a plain request to the same host from another network; if it is refused too, give the vendor's support the page's Request ID"}}}
}

// reported are proofs that rest on what somebody quotes.
func reported(list []results.Proof) []results.Proof {
	out := slices.Clone(list)
	for i := range out {
		if out[i].Basis == results.Observed {
			out[i].Basis = results.Reported
		}
	}
	return out
}

// userContext says whether a refusal is that the endpoint requires a person's token.
func userContext(r *genesys.Refusal) bool {
	return r.Code == genesys.CodeNotAUser || strings.Contains(strings.ToLower(r.Message), "requires a user context")
}

// max2 returns the weaker certainty.
func max2(a, b results.Certainty) results.Certainty {
	if a.Rank() > b.Rank() {
		return a
	}
	return b
}

// aboutAccess says refusals of access from those of the request's content.
func aboutAccess(r *genesys.Refusal) bool {
	if r.Kind == genesys.RefusalOAuth {
		return true
	}
	return r.Status == 401 || r.Status == 403 || r.Status == 429
}

// others are the causes that end in the same answer.
var others = map[cause.ID][]cause.ID{
	cause.RoleLacksPermission: {cause.RoleOnUserNotClient, cause.ClientHasNoRoles, cause.TokenOfAnotherClient},
	cause.DivisionNotCovered:  {cause.RoleLacksPermission},
	cause.ScopeMissing:        {cause.AppNotAuthorized},
	cause.TokenExpired:        {cause.WrongRegion, cause.ClientDisabled},
	cause.Undetermined:        {cause.RoleLacksPermission, cause.ScopeMissing, cause.PolicyDenies, cause.DivisionNotCovered},
}

// alternatives are causes of which the answer says nothing. What is true of them for SCIM
// only is said of calls of SCIM.
func alternatives(ids []cause.ID, op *results.CalledOperation) []lint.Suspicion {
	var out []lint.Suspicion
	for _, id := range ids {
		info, _ := cause.ByID(id)
		fix := info.Remedy
		if info.OfSCIM != "" && op != nil && strings.HasPrefix(op.Path, catalog.SCIMBaseUnversioned) {
			fix += " " + info.OfSCIM
		}
		out = append(out, lint.Suspicion{Cause: id, Certainty: results.Possible, Because: info.About,
			Proof: []results.Proof{{Basis: results.Published, Text: "it ends in the same answer"}}, Fix: results.Fix{Text: fix}})
	}
	return out
}

// meanings say what a code means, in a sentence.
var meanings = map[string]string{
	genesys.CodeMissingPermissions:            "The token is valid, and its subject does not have a permission that the call requires.",
	genesys.CodeMissingAnyPermissions:         "Any one of the named permissions would open the endpoint, and the token's subject has none of them.",
	genesys.CodeMissingDivisionPermission:     "The subject does not have the permission in the division of what was touched.",
	genesys.CodeMissingDivisionPermissions:    "The subject does not have the permissions in the division of what was touched.",
	genesys.CodeMissingAnyDivisionPermissions: "The subject has none of the permissions in any of the named divisions.",
	genesys.CodeMissingDivisionImplied:        "The subject has no access to the division at all.",
	genesys.CodeAppNotAuthorizedForScope:      "The token lacks an OAuth scope, or the org has not authorized the app to use it. It is not a matter of roles.",
	genesys.CodeAuthzPolicyDenied:             "An attribute-based policy of the org denies the call, whatever the roles grant.",
	genesys.CodeInsufficientPermissions:       "The token's roles do not suffice; the answer does not say for what.",
	genesys.CodeAuthenticationRequired:        "The request has no bearer token that the platform can read. Permissions are not the problem.",
	genesys.CodeBadCredentials:                "The platform does not accept the token: expired, revoked, of another region, or of a disabled client. It is not a matter of permissions.",
	genesys.CodeCredentialsExpired:            "The token has expired.",
	genesys.CodeIPNotAuthorized:               "The org does not let this address in; no token and no role helps.",
	genesys.CodeNotAUser:                      "The endpoint is for persons: a client-credentials token is refused here, and rightly. A token for which /users/me answers is a person's, not the client's.",
	genesys.CodeTooManyRequests:               "Too many requests: wait as long as Retry-After says.",
	genesys.CodeTooManyRequestsRetryAfter:     "Too many requests: wait as long as Retry-After says.",
	"invalid_client":                          "The token endpoint does not accept the client id and secret.",
	"invalid_grant":                           "The token endpoint does not accept the grant.",
	"invalid_scope":                           "The token endpoint does not know the scope that was asked for.",
	"invalid_request":                         "The token request is malformed: send a form with grant_type=client_credentials, and the client id and secret by HTTP Basic.",
	"unauthorized_client":                     "The client may not use this grant type.",
	"unsupported_grant_type":                  "The grant_type of the request is not one that the token endpoint offers. The client is not at fault: send the form field grant_type=client_credentials.",
	"uniqueness":                              "The userName is in use already. The right to create is there; the user exists.",
	"not.found":                               "There is no such resource, or no such path.",
}

func meaning(e transcript.Exchange) string {
	switch {
	case e.CDN:
		return "A page of CloudFront came, through which the platform answers: the API did not judge this request."
	case e.HTML:
		return "A page came in the platform's place: this status is not the platform's."
	case e.Refusal.Kind == genesys.RefusalOAuth && genesys.TokenRateLimited(e.Refusal):
		return "Too many token requests: the token endpoint's rate limit is exceeded."
	case userContext(e.Refusal):
		return meanings[genesys.CodeNotAUser]
	case e.Refusal.Code == genesys.CodeNotAuthorized && strings.Contains(catalog.PathOf(e.URL), "/conversations/"):
		return "The caller is not a participant of this conversation, or may not do this to it. It is seldom a matter of roles."
	case meanings[e.Refusal.Code] != "":
		return meanings[e.Refusal.Code]
	case e.Status == 400 && strings.HasSuffix(strings.ToLower(catalog.PathOf(e.URL)), "/users") && strings.Contains(e.URL, "/scim"):
		return "The request's content is refused, so access was not: look at the body (userName and displayName are required)."
	case e.Status == 400 || e.Refusal.Kind == genesys.RefusalSCIM && e.Status != 403 && e.Status != 401:
		return "The request's content is refused, so access was not: look at the parameters and the body."
	case e.Status == 404:
		return meanings["not.found"]
	case e.Status == 405:
		return notOfThePath(e)
	case e.Status == 409:
		return "The request conflicts with what exists."
	case e.Status == 429:
		return meanings[genesys.CodeTooManyRequests]
	case e.Status == 401 && e.Auth != transcript.AuthUnseen && e.Auth != transcript.AuthBearer:
		return meanings[genesys.CodeAuthenticationRequired]
	case e.Status == 401:
		return "The platform does not accept the token, or finds none. It is not a matter of permissions."
	case e.Status >= 500:
		return "The platform failed, or could not be reached: it did not judge whether the call is allowed."
	}
	return ""
}

// notOfThePath is what a 405 means.
func notOfThePath(e transcript.Exchange) string {
	path := catalog.PathOf(e.URL)
	has := catalog.All().Methods(path)
	switch {
	case len(has) > 0 && e.Method == "":
		return "The path has " + strings.Join(has, ", ") + " in the published definition, and another method was sent. Access was not judged."
	case slices.Contains(has, e.Method):
		return "The published definition has " + e.Method + " on this path: something before the API answered, or another address was called. Access was not judged."
	case len(has) > 0:
		return "The path has no " + e.Method + " in the published definition; it has " + strings.Join(has, ", ") + ". Access was not judged."
	}
	return "What was called has no such method. Access was not judged."
}

// noticeBody says what a request's body lacks.
func (x *Explainer) noticeBody(e transcript.Exchange) {
	if e.Method != http.MethodPost || len(e.Body) == 0 || !strings.Contains(strings.ToLower(e.URL), "scim") || !strings.HasSuffix(strings.TrimSuffix(pathOf(e.URL), "/"), "/users") {
		return
	}
	for _, key := range []string{"userName", "displayName"} {
		if !slices.Contains(e.Body, key) {
			x.notice("payload", "The request's body lacks %s, which is required: a 400 waits behind this refusal.", key)
		}
	}
}

// notice adds a notice once. All rest on the published facts: no org was asked.
func (x *Explainer) notice(id, format string, args ...any) {
	n := results.Notice{ID: id, Basis: results.Published, Text: fmt.Sprintf(format, args...)}
	if !slices.Contains(x.notices, n) {
		x.notices = append(x.notices, n)
	}
}
