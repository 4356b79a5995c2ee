package diagnose

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/genesys"
)

var (
	colonName = regexp.MustCompile(`[A-Za-z][\w-]*(?::[A-Za-z*][\w-]*){1,3}`)
	pathName  = regexp.MustCompile(`(?:\b(GET|POST|PUT|PATCH|DELETE)\s+(?:to\s+|on\s+)?["'` + "`" + `]?)?(?:https?://[\w.{}-]+|…|\.\.\.)?(/(?:api/v\d+|oauth|v2)/[\w./{}-]+)`)
	hostName  = regexp.MustCompile(`(?i)\b(?:[a-z0-9{}<>-]+\.)+(?:mypurecloud\.(?:com\.au|[a-z]{2,4})|genesyscloud\.(?:com|io|net)|purecloud\.(?:com|ie|de|jp|io)|us-gov-pure\.cloud|pure\.cloud|genesys\.cloud|mygenesyscloud\.com)\b`)
	asScope   = regexp.MustCompile(`(?i)scope|permission|role|grant|oauth`)
)

// maxNames bounds how many names of a kind are judged.
const maxNames = 200

// unknownNames names what a text advises and no published list has, with the
// nearest that one has.
func (x *Explainer) unknownNames(text string) {
	x.unknownScopes(text)
	x.unknownPaths(text)
	x.unknownHosts(text)
	x.unknownRoles(text)
}

var (
	// roleBefore is a name before the word role, roleBehind one behind it.
	roleBefore = regexp.MustCompile(`["'“‘*]?\b((?:[A-Z][\w&-]*[ ]){0,3}(?i:scim|provisioning)(?:[ ][A-Z][\w&-]*){0,3})["'”’*]*\s+(?i:role)\b`)
	roleBehind = regexp.MustCompile(`(?i:\brole)s?\s+(?i:named\s+|called\s+|of\s+)?["'“‘*]+((?:\w[\w&-]*[ ]){0,3}(?i:scim|provisioning)(?:[ ]\w[\w&-]*){0,3})["'”’*]`)
)

// scimRole is the role that the vendor ships for this work.
const scimRole = "SCIM Integration"

// unknownRoles names roles that sound like the platform's own for this work. An org
// may have a role of any name, and its name says nothing of its permissions.
func (x *Explainer) unknownRoles(text string) {
	for _, form := range []*regexp.Regexp{roleBefore, roleBehind} {
		for _, m := range form.FindAllStringSubmatch(text, maxNames) {
			name := strings.TrimSpace(m[1])
			plain := strings.TrimSpace(articles.ReplaceAllString(name, ""))
			if plain == "" || strings.EqualFold(plain, scimRole) || strings.EqualFold(plain, "scim") || strings.EqualFold(plain, "provisioning") || x.noticed("The role "+strconv.Quote(plain)) {
				continue
			}
			x.notice("role-names-match-permissions", "The role %q is not one that the platform ships: its role for SCIM is %q. An org may have a role of that name, and a role's name says nothing of its permissions: look at these.", plain, scimRole)
		}
	}
}

var articles = regexp.MustCompile(`^(?:The|A|An|Assign|Give|Add|Grant|Use|Your|Our|My)\s+`)

// unknownScopes judges names with colons: two parts are a scope's or what was
// taken for one, three a permission's.
func (x *Explainer) unknownScopes(text string) {
	scopes, permissions := catalog.All().Scopes(), catalog.All().Permissions()
	var domains []string
	for _, name := range slices.Concat(scopes, permissions) {
		domain, _, _ := strings.Cut(name, ":")
		domains = append(domains, strings.ToLower(domain))
	}
	advised := asScope.MatchString(text)
	for _, at := range colonName.FindAllStringIndex(text, 20*maxNames) {
		name := text[at[0]:at[1]]
		before := at[0] > 0 && strings.ContainsRune(":/.@-_", rune(text[at[0]-1])) || cutOff(text, at)
		domain, _, _ := strings.Cut(name, ":")
		known := slices.Contains(domains, strings.ToLower(domain)) || slices.Contains(domains, strings.ToLower(domain)+"s")
		if before || !advised || !known && !strings.HasPrefix(strings.ToLower(name), "scim") ||
			slices.Contains(scopes, name) || slices.Contains(permissions, name) || x.noticed(name) || len(x.notices) > maxNames {
			continue
		}
		parts := strings.Count(name, ":") + 1
		switch {
		case strings.Contains(name, "*") || parts > 3 || strings.HasPrefix(name, "scim:schemas"):
		case parts == 3 && !strings.HasPrefix(strings.ToLower(name), "scim") && !calledScope(text, at):
			x.notice(string(cause.PermissionNotAvailable), "%s is in no published list of permissions%s.", name, nearWords(catalog.Nearest(name, permissions, 2)))
		default:
			x.notice("scope-names-exist", "%s is in no published list of scopes%s.", name, nearWords(nearScopes(name, scopes, permissions)))
		}
	}
}

// The words beside a name that call it a scope.
var (
	scopeBefore = regexp.MustCompile(`(?i)\bscopes?\b\W{0,4}(?:(?:named|called|is|are|of)\W{1,3})?$`)
	scopeBehind = regexp.MustCompile(`(?i)^["'` + "`" + `”]?\s+scopes?\b`)
)

// calledScope says whether a text calls the name at a place a scope.
func calledScope(text string, at []int) bool {
	return scopeBefore.MatchString(text[max(0, at[0]-30):at[0]]) || scopeBehind.MatchString(text[at[1]:min(len(text), at[1]+12)])
}

// cutOff says whether the name at a place is the last of a list whose end is not there: only
// its beginning may be.
func cutOff(text string, at []int) bool {
	rest := strings.TrimLeft(text[at[1]:min(len(text), at[1]+4)], " \t\r")
	line := text[strings.LastIndexByte(text[:at[0]], '\n')+1 : at[0]]
	open := strings.LastIndexByte(line, '[') > strings.LastIndexByte(line, ']')
	return open && (rest == "" || rest[0] == '\n' || strings.HasPrefix(rest, "…") || strings.HasPrefix(rest, "..."))
}

// nearScopes are the scopes that a name most likely means, or the nearest permission. A
// scope without a suffix allows to write, one with :readonly does not.
func nearScopes(name string, scopes, permissions []string) []string {
	base, _, _ := strings.Cut(strings.ToLower(name), ":")
	action := strings.ToLower(name[strings.LastIndexByte(name, ':')+1:])
	var out []string
	for _, b := range []string{base, base + "s", strings.TrimSuffix(base, "s")} {
		if slices.Contains([]string{"read", "view", "readonly", "list"}, action) {
			b += ":readonly"
		}
		if slices.Contains(scopes, b) && !slices.Contains(out, b) {
			out = append(out, b)
		}
	}
	near := catalog.Nearest(name, scopes, 2)
	if len(out)+len(near) == 0 {
		near = catalog.Nearest(name, permissions, 1)
	}
	for _, near := range near {
		if !slices.Contains(out, near) && len(out) < maxNear {
			out = append(out, near)
		}
	}
	return out
}

// maxNear bounds how many names are offered for one.
const maxNear = 3

// published says that all names of a text which only advises are published ones.
func (x *Explainer) published(text string) {
	if !asScope.MatchString(text) {
		return
	}
	scopes, permissions := catalog.All().Scopes(), catalog.All().Permissions()
	var names []string
	for _, name := range colonName.FindAllString(text, 20*maxNames) {
		if (slices.Contains(scopes, name) || slices.Contains(permissions, name)) && !slices.Contains(names, name) && len(names) < maxNames {
			names = append(names, name)
		}
	}
	for _, m := range scopeWord.FindAllStringSubmatch(text, maxNames) {
		if name := strings.ToLower(m[1]); slices.Contains(scopes, name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if strings.Contains(text, scimRole) {
		names = append(names, "the role "+scimRole)
	}
	if len(names) > 0 {
		x.notice("names-are-published", "All names in the text are published ones: %s. Whether they are enough for what you do, `scimlint can-i` says of your org.", strings.Join(names, ", "))
	}
}

var scopeWord = regexp.MustCompile(`(?i)\bscopes?\s+(?:named\s+|called\s+)?["'` + "`" + `“]?([a-z][a-z0-9-]+)\b`)

// noticed says whether a notice speaks of a name.
func (x *Explainer) noticed(name string) bool {
	for _, n := range x.notices {
		if strings.HasPrefix(n.Text, name+" ") {
			return true
		}
	}
	return false
}

func nearWords(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return "; the nearest published: " + strings.Join(list, ", ")
}

func (x *Explainer) unknownPaths(text string) {
	for _, m := range pathName.FindAllStringSubmatch(text, maxNames) {
		method, path := m[1], strings.TrimRight(m[2], "./")
		if strings.HasPrefix(path, "/v2/") && !strings.HasPrefix(path, "/v2/scim") || x.noticed(path) || slices.Contains([]string{"/oauth/token", "/oauth/authorize", "/api/v2/scim", "/api/v2/scim/v2", "/api/v2/docs/swagger"}, path) {
			continue
		}
		methods := catalog.All().Methods(path)
		switch {
		case path == "/api/v2/oauth/token" || strings.HasPrefix(path, "/oauth/"):
			x.notice(string(cause.WrongPath), "%s is not an endpoint of the platform; tokens come from https://login.<domain>%s.", path, genesys.TokenPath)
		case strings.HasPrefix(path, "/v2/"):
		case !strings.HasPrefix(path, "/api/v2/"):
			x.notice(string(cause.WrongPath), "%s is of a version that the API does not have: its paths begin with /api/v2%s.", path, nearWords(nearestPaths(method, "/api/v2"+otherVersion.ReplaceAllString(path, ""))))
		case len(methods) == 0 && !parent(path):
			x.notice(string(cause.WrongPath), "%s is in no published definition of the API%s.", path, nearWords(nearestPaths(method, path)))
		case len(methods) > 0 && method != "" && !slices.Contains(methods, method):
			x.notice(string(cause.WrongPath), "%s has no %s in the published definition; it has %s.", path, method, strings.Join(methods, ", "))
		}
	}
}

var (
	otherVersion = regexp.MustCompile(`^/api/v\d+`)
	// verb is a last part of a path that the API says by the method.
	verb = regexp.MustCompile(`/(?:create|add|new|list|get|update|edit|delete|remove)$`)
)

// nearestPaths are the published paths that a path most likely means: one with the method, where
// one is named, and the nearest of all.
func nearestPaths(method, path string) []string {
	all := catalog.All()
	fits := func(p string) bool { return method == "" || slices.Contains(all.Methods(p), method) }
	near := all.NearestPaths(verb.ReplaceAllString(path, ""), 10)
	if len(all.Methods(path)) > 0 {
		near = slices.Insert(near, 0, path)
	}
	var out []string
	if i := slices.IndexFunc(near, fits); i >= 0 {
		out = append(out, near[i])
	}
	for _, p := range near {
		if len(out) < 2 && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// parent says whether published paths begin with a path.
func parent(path string) bool {
	return slices.ContainsFunc(catalog.All().Operations, func(o catalog.Operation) bool { return strings.HasPrefix(o.Path, path+"/") })
}

// services are the names before a region's domain that the platform has.
var services = []string{"api", "login", "apps", "streaming", "webhooks", "api-cdn", "api-downloads", "fileupload", "developer", "help", "community", "www", "status", "sdk-cdn", "api-signatures"}

func (x *Explainer) unknownHosts(text string) {
	var domains []string
	for _, r := range genesys.Regions() {
		domains = append(domains, r.Domain)
	}
	for _, host := range hostName.FindAllString(text, maxNames) {
		host = strings.ToLower(host)
		service, domain, _ := strings.Cut(host, ".")
		if base := vendorDomain.FindString(host); base != "" && !slices.Contains(domains, base) && !slices.Contains([]string{"api", "login", "apps"}, service) {
			continue // com.mypurecloud.sdk is a package
		}
		public := domain == "genesys.cloud" || domain == "mypurecloud.com"
		if slices.Contains(domains, host) || strings.ContainsAny(host, "{}<>") || slices.Contains(services, service) && (slices.Contains(domains, domain) || public && service != "api") || x.noticed(host) {
			continue
		}
		x.notice(string(cause.WrongRegion), "%s is not a host of the platform's API; the nearest: %s.", host, nearestHost(host, domains))
	}
}

// vendorDomain is a domain with the platform's name in it, whether it has that one or not.
var vendorDomain = regexp.MustCompile(`\b(?:mypurecloud\.(?:com\.au|[a-z]{2,4})|genesyscloud\.\w+|purecloud\.\w+)$`)

// nearestHost is the host that a host was probably meant to be: of the same service, where the
// platform has it.
func nearestHost(host string, domains []string) string {
	service, _, _ := strings.Cut(host, ".")
	if !slices.Contains([]string{"api", "login", "apps"}, service) {
		service = "api"
	}
	for _, r := range genesys.Regions() {
		if slices.ContainsFunc(strings.Split(host, "."), func(part string) bool { return part == r.AWSName || longName(part) == r.AWSName }) {
			return service + "." + r.Domain
		}
	}
	near := ""
	for _, d := range domains {
		if region, _, _ := strings.Cut(d, "."); strings.HasSuffix(host, "."+d) || region != "mypurecloud" && strings.Contains(host, region+".") {
			near = service + "." + d
		}
	}
	return cmp.Or(near, regionsOf(host, service), service+".<domain>, with the domain of the org's region (api.mypurecloud.ie in Ireland, for one)")
}

// shortRegion is a region of AWS as it is abbreviated: euc1 for eu-central-1.
var shortRegion = regexp.MustCompile(`^(us|eu|ap|ca|sa|me|mx|af)(ne|nw|se|sw|n|e|s|w|c)(\d)$`)

// longName is the name of an abbreviated region of AWS; empty for any other text.
func longName(part string) string {
	m := shortRegion.FindStringSubmatch(part)
	if m == nil {
		return ""
	}
	return m[1] + "-" + map[string]string{"n": "north", "e": "east", "s": "south", "w": "west", "c": "central", "ne": "northeast", "nw": "northwest", "se": "southeast", "sw": "southwest"}[m[2]] + "-" + m[3]
}

// countries are parts of hosts that name a country, by the beginning of the regions in it.
var countries = map[string]string{"us": "us-", "usa": "us-", "eu": "eu-", "emea": "eu-", "uk": "eu-west-2", "gb": "eu-west-2", "de": "eu-central-1", "ie": "eu-west-1", "ca": "ca-", "mx": "mx-", "br": "sa-", "au": "ap-southeast-2", "jp": "ap-northeast-1", "in": "ap-south-1", "kr": "ap-northeast-2", "apac": "ap-", "ap": "ap-"}

// regionsOf are the hosts of the regions that a part of a host names.
func regionsOf(host, service string) string {
	var out []string
	for part := range strings.SplitSeq(host, ".") {
		begins := countries[part]
		if begins == "" {
			continue
		}
		for _, r := range genesys.Regions() {
			if strings.HasPrefix(r.AWSName, begins) {
				out = append(out, service+"."+r.Domain+" ("+r.AWSName+")")
			}
		}
		break
	}
	return strings.Join(out, ", ")
}
