package diagnose

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// mention is a path that a text names.
type mention struct {
	// method is empty where the text names none for the path.
	method string
	// host is empty where the path has none, or a variable in its place.
	host string
	// path has {} in the place of each variable, said is the path as the text has it.
	path, said string
	// open is a path that goes on with what the text does not show: code that adds an id.
	open bool
}

// anyPath is a URL, or what looks like a path: most of these are of no API, and are left
// out by what they begin with.
var anyPath = regexp.MustCompile(`(?i)(?:https?://[^\s/"'` + "`" + `|,;()]+)?/[a-z][\w./{}<>\[\]$%:*~…-]*`)

// methods are those that the published definition describes: it says nothing of OPTIONS,
// and of HEAD in two places only.
var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// mentions are the paths of the platform that a text names: those of other APIs, and those
// that are cut, are left out.
func mentions(text string) []mention {
	var out []mention
	for _, at := range anyPath.FindAllStringIndex(text, 100*maxNames) {
		if len(out) == maxNames {
			break
		}
		m, cut := mentionAt(text, at)
		if !cut && ofPlatform(m) && (m.host != "" || !ofAnotherAPI(text, at, m.path)) {
			out = append(out, m)
		}
	}
	return out
}

// mentionAt reads the path at a place of a text, and says whether only its beginning is there.
func mentionAt(text string, at []int) (m mention, cut bool) {
	raw := text[at[0]:at[1]]
	if scheme := strings.Index(raw, "://"); scheme >= 0 {
		host, path, _ := strings.Cut(raw[scheme+3:], "/")
		m.host, raw = bareHost(host), "/"+path
	} else {
		m.host = hostBefore(text, at[0])
	}
	raw, _, _ = strings.Cut(raw, "</") // the end of an HTML element
	raw = strings.TrimPrefix(raw, "/platform")
	end := strings.TrimRight(raw, "*:]>")
	if strings.HasSuffix(end, "...") || strings.Contains(end, "…") || strings.HasPrefix(text[at[1]:], " …\n") {
		return m, true
	}
	var parts []string
	for part := range strings.SplitSeq(strings.Trim(strings.TrimRight(raw, ".:*~"), "/"), "/") {
		if strings.ContainsAny(part[:min(1, len(part))], "{<[:$%*") || strings.ContainsAny(part, "{$%") {
			parts = append(parts, "{}")
			continue
		}
		part, _, tag := strings.Cut(part, "<")
		parts = append(parts, strings.Trim(part, ".:*~[]>}-"))
		if tag {
			break // <br> behind the path
		}
	}
	m.path = "/" + strings.Join(parts, "/")
	m.said = m.path
	if strings.Contains(m.path, "{}") {
		m.said = strings.TrimRight(raw, "/.:*~")
	}
	m.open = strings.HasSuffix(strings.TrimRight(raw, ".:*~"), "/")
	m.method = methodOf(text, at)
	return m, false
}

var (
	// hostEnd is a host at the end of what comes before a path.
	hostEnd = regexp.MustCompile(`(?:^|[\s"'` + "`" + `|,;()=@/])((?:[\w{}<>$%-]+\.)+[\w{}<>$%-]+|localhost)(?::\d+)?(?:/[\w/-]*)?$`)
	// hostHeader is the host of a request that is written as HTTP.
	hostHeader = regexp.MustCompile(`(?i)^[^\n]*HTTP/\d[^\n]*(?:\n[^\n]*\S[^\n]*){0,20}?\n\W*host:\s*(\S+)`)
)

// hostBefore is the host of a path without a scheme, from what is right before it or from
// the headers of its request.
func hostBefore(text string, at int) string {
	if m := hostEnd.FindStringSubmatch(text[max(0, at-120):at]); m != nil {
		return bareHost(m[1])
	}
	if m := hostHeader.FindStringSubmatch(text[at:min(len(text), at+2000)]); m != nil {
		return bareHost(m[1])
	}
	return ""
}

// bareHost is a host without a user and a port.
func bareHost(authority string) string {
	authority = authority[strings.LastIndexByte(authority, '@')+1:]
	host, _, _ := strings.Cut(authority, ":")
	return strings.ToLower(host)
}

// apiPath is a path that says by itself that it is one of an API.
var apiPath = regexp.MustCompile(`^/(?:api/v[\w.]+|oauth|v2)/.`)

// ofPlatform says whether a path is one of the platform's API, or meant to be.
func ofPlatform(m mention) bool {
	api := apiPath.MatchString(m.path)
	switch {
	case m.host == "" || isVariable(m.host):
		return api
	case loopback(m.host): // the platform's API through a tunnel, or an imitation of it
		return strings.HasPrefix(m.path, "/api/v2/")
	case !platformHost(m.host):
		return false
	case api:
		return !documentation(m.host)
	}
	// Whatever is called on the API's host is meant to be its path.
	return strings.HasPrefix(m.host, "api.") || strings.HasPrefix(m.host, "login.") && strings.HasPrefix(m.path, "/oauth")
}

func loopback(host string) bool { return host == "localhost" || strings.HasPrefix(host, "127.") }

var (
	// otherAPIs are names of services that have paths like the platform's.
	otherAPIs = regexp.MustCompile(`(?i)\b(?:zendesk|okta|entra|azure|microsoft|graph|onelogin|ping ?(?:one|identity|federate)|salesforce|servicenow|slack|github|gitlab|jira|atlassian|workday|google|docker|auth0|keycloak|hubspot|freshdesk|intercom)\b`)
	thisAPI   = regexp.MustCompile(`(?i)genesys|pure ?cloud`)
)

// ofAnotherAPI says whether the words beside a path without a host give it to another
// service. What a published path or a SCIM one looks like is the platform's.
func ofAnotherAPI(text string, at []int, path string) bool {
	if strings.Contains(path, "/scim/") || len(catalog.All().Methods(path)) > 0 {
		return false
	}
	if strings.HasSuffix(path, ".json") || strings.HasSuffix(path, ".xml") {
		return true // the platform's paths have no such endings
	}
	before := text[max(0, at[0]-200):at[0]]
	before = before[strings.LastIndexByte(before, '\n')+1:]
	behind := text[at[1]:min(len(text), at[1]+30)]
	behind, _, _ = strings.Cut(behind, "\n")
	other := lastIndex(otherAPIs, before)
	return other >= 0 && other > lastIndex(thisAPI, before) || otherAPIs.MatchString(behind) && !thisAPI.MatchString(behind)
}

func lastIndex(form *regexp.Regexp, text string) int {
	all := form.FindAllStringIndex(text, -1)
	if len(all) == 0 {
		return -1
	}
	return all[len(all)-1][0]
}

var (
	// glue is what may be between a method and its path.
	glue         = `(?:</?\w+>|[ \t"'` + "`" + `*_|:,;<\[(]|…)*`
	methodBefore = regexp.MustCompile(`\b(GET|POST|PUT|PATCH|DELETE)\b` + glue + `(?:(?:requests?|calls?|methods?)\s+)?(?:(?:to|on|at|for|against|of|the|endpoint|path|url)\s+)*` + glue + `(?:[\w{}$<>-]+(?:\.[\w{}$<>-]+)*)?$`)
	methodInCode = regexp.MustCompile(`(?i)\.(get|post|put|patch|delete)\(\s*[fbru@$]*["'` + "`" + `][^\s"'` + "`" + `]*$`)
	methodInJSON = regexp.MustCompile(`(?i)["']?method["']?\s*[:=]\s*["']?(GET|POST|PUT|PATCH|DELETE)["']?[,;\s]+["']?(?:request)?_?(?:path|ur[il]|endpoint)["']?\s*[:=]\s*["']?[^\s"']*$`)
	methodBehind = regexp.MustCompile(`^[^\s\w/]*\s*(?:\||\(|\b(?:with|using|by|via)\b)\s*(?:(?:an?|the|http|method)\s+)*["'` + "`" + `*]*(GET|POST|PUT|PATCH|DELETE)\b([^\n]{0,20})`)
	// methodAfter is the next argument, field or column.
	methodAfter = regexp.MustCompile(`(?i)^["'` + "`" + `]?\s*[,;]\s*\{?\s*(?:["']?(?:http)?_?method["']?\s*[:=]\s*)?["']?(GET|POST|PUT|PATCH|DELETE)["']?\s*[,;)}\n]`)
	nextPath    = regexp.MustCompile(`^[^\s\w]*\s+\S*/`)
	curlMethod  = regexp.MustCompile(`\s(?:-X\s*|--request[ =])["']?(GET|POST|PUT|PATCH|DELETE)\b`)
)

// methodOf is the method that a text names for the path at a place; empty where it names none.
func methodOf(text string, at []int) string {
	before := text[max(0, at[0]-160):at[0]]
	if m := curlMethod.FindAllStringSubmatch(command(text, at), -1); len(m) == 1 {
		return m[0][1]
	}
	for _, form := range []*regexp.Regexp{methodBefore, methodInCode, methodInJSON} {
		if m := form.FindStringSubmatch(before); m != nil {
			return strings.ToUpper(m[1])
		}
	}
	behind := text[at[1]:min(len(text), at[1]+80)]
	if m := methodAfter.FindStringSubmatch(behind); m != nil {
		return strings.ToUpper(m[1])
	}
	if m := methodBehind.FindStringSubmatch(behind); m != nil && !nextPath.MatchString(m[2]) {
		return m[1]
	}
	return ""
}

// command is the curl command around a place, with the lines that continue it; empty where
// there is none.
func command(text string, at []int) string {
	const most = 2000
	begin, end := max(0, at[0]-most), min(len(text), at[1]+most)
	from := strings.LastIndexByte(text[begin:at[0]], '\n') + 1
	for from > 1 && strings.HasSuffix(strings.TrimRight(text[begin:begin+from-1], "\r"), "\\") {
		from = strings.LastIndexByte(text[begin:begin+from-1], '\n') + 1
	}
	to := at[1]
	for to < end {
		i := strings.IndexByte(text[to:end], '\n')
		if i < 0 {
			to = end
			break
		}
		to += i + 1
		if !strings.HasSuffix(strings.TrimRight(text[:to], "\r\n"), "\\") {
			break
		}
	}
	line := text[begin+from : to]
	if i := strings.LastIndex(line[:max(0, at[0]-begin-from)], "curl "); i >= 0 {
		return line[i:]
	}
	return ""
}

// unknownPaths names the paths of a text that are in no published definition, and methods
// that a published path does not have.
func (x *Explainer) unknownPaths(text string) {
	for _, m := range mentions(text) {
		if !x.noticed(m.said) || m.method != "" {
			x.judgePath(m)
		}
	}
}

// bases are paths that are no operations and that texts rightly name.
var bases = []string{genesys.TokenPath, "/oauth/authorize", "/api/v2", "/api/v2/scim", "/api/v2/scim/v2", "/api/v2/docs/swagger", "/api"}

func (x *Explainer) judgePath(m mention) {
	if slices.Contains(bases, m.path) || m.path == "/" {
		return
	}
	all := catalog.All()
	switch has := all.Methods(m.path); {
	case strings.HasPrefix(m.path, "/oauth") || tokenPath.MatchString(m.path):
		x.notice(string(cause.WrongPath), "%s is not an endpoint of the platform; tokens come from https://login.<domain>%s.", m.said, genesys.TokenPath)
	case strings.HasPrefix(m.path, "/v2/"):
		if m.host != "" || isPublished("/api"+m.path) || strings.HasPrefix(m.path, "/v2/scim") {
			x.notice(string(cause.WrongPath), "The text calls %s; the API's paths begin with /api: /api%s.", m.said, m.said)
		}
	case !strings.HasPrefix(m.path, "/api/v2/"):
		near := nearestCalls(m.method, "/api/v2"+otherVersion.ReplaceAllString(m.path, ""))
		if len(near) == 0 && m.host == "" {
			return // nothing says that it is the platform's
		}
		what := "is not a path of the API"
		if version.MatchString(m.path) {
			what = "is of a version that the API does not have"
		}
		x.notice(string(cause.WrongPath), "%s %s: its paths begin with /api/v2%s.", m.said, what, nearWords(near))
	case len(has) == 0 && !isPublished(m.path):
		x.notice(string(cause.WrongPath), "%s is in no published definition of the API%s.", m.said, nearWords(nearestCalls(m.method, m.path)))
	case !m.open:
		x.methodOfPath(m)
	}
}

// methodOfPath says that a published path does not have a method.
func (x *Explainer) methodOfPath(m mention) {
	has := catalog.All().Methods(m.path)
	if len(has) > 0 && slices.Contains(methods, m.method) && !slices.Contains(has, m.method) {
		x.notice(string(cause.WrongPath), "%s has no %s in the published definition; it has %s.", m.said, m.method, strings.Join(has, ", "))
	}
}

// methodsOfCalls says of the refused calls that their paths do not have their methods.
func (x *Explainer) methodsOfCalls() {
	for _, r := range x.refusals {
		if m := callOf(r); r.Operation == nil && ofPlatform(m) {
			x.methodOfPath(m)
		}
	}
}

// callOf is what a refused call was.
func callOf(r results.Refusal) mention {
	path := catalog.PathOf(r.URL)
	m := mention{method: r.Method, path: path, said: path}
	if _, rest, ok := strings.Cut(r.URL, "://"); ok {
		host, _, _ := strings.Cut(rest, "/")
		m.host = bareHost(host)
	}
	return m
}

var (
	otherVersion = regexp.MustCompile(`(?i)^(?:/api(?:/v[\w.]+)?|/v\d[\w.]*)?`)
	version      = regexp.MustCompile(`^(?:/api)?/v[\w.]+/`)
	tokenPath    = regexp.MustCompile(`^/(?:api/)?(?:v[\w.]+/)?oauth2?(?:/v[\w.]+)?/(?:token|authorize)(?:/.*)?$`)
	// verbs are last parts of paths that the API says by the method.
	verbs = map[string]string{"create": http.MethodPost, "add": http.MethodPost, "new": http.MethodPost, "insert": http.MethodPost, "get": http.MethodGet, "list": http.MethodGet, "all": http.MethodGet,
		"update": http.MethodPatch, "edit": http.MethodPatch, "modify": http.MethodPatch, "delete": http.MethodDelete, "remove": http.MethodDelete}
)

// nearestCalls are the published operations that a call most likely means: those with its
// method where one is known, and only paths otherwise.
func nearestCalls(method, path string) []string {
	base, verb := path, ""
	if i := strings.LastIndexByte(path, '/'); verbs[strings.ToLower(path[i+1:])] != "" {
		base, verb = path[:i], verbs[strings.ToLower(path[i+1:])]
	}
	if method == "" {
		method = verb
	}
	// What changes one thing may be PUT or PATCH: a word does not say which.
	tries := []string{method}
	if verb == http.MethodPatch && method == verb {
		tries = append(tries, http.MethodPut)
	}
	var out []string
	for _, try := range tries {
		for _, p := range nearestPaths(try, base) {
			out = append(out, strings.TrimSpace(try+" "+p))
		}
	}
	for _, p := range nearestPaths("", path) {
		has := catalog.All().Methods(p)
		// Only the path may be spelt wrongly, and the method be wrong too.
		if method != "" && !slices.Contains(has, method) && (len(out) == 0 || catalog.SameWords(p, path)) {
			out = slices.Insert(out, 0, strings.Join(has, "|")+" "+p)
		}
	}
	return out[:min(len(out), maxNear)]
}

// nearestPaths are the published paths that a path most likely means: only that one where it
// is published.
func nearestPaths(method, path string) []string {
	all := catalog.All()
	if has := all.Methods(path); len(has) > 0 && (method == "" || slices.Contains(has, method)) {
		return []string{path}
	}
	return all.NearestPathsOf(method, path, 2)
}

// isPublished says whether a path is a published one or the beginning of one. A variable of
// the text may be in the place of any part, or a part of the text in the place of a published
// variable, and not both: then nearly everything would be published.
func isPublished(path string) bool {
	want := strings.Split(path, "/")
	return slices.ContainsFunc(catalog.All().Operations, func(o catalog.Operation) bool {
		have := strings.Split(o.Path, "/")
		return len(have) >= len(want) && fits(want, have)
	})
}

// fits compares the parts of a path with the first of a published one.
func fits(want, have []string) bool {
	ofText, ofTemplate := true, true
	for i, w := range want {
		hole := strings.HasPrefix(have[i], "{")
		ofText = ofText && (w == have[i] || w == "{}")
		ofTemplate = ofTemplate && (hole || w == have[i])
	}
	return ofText || ofTemplate
}
