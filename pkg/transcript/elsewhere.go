package transcript

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/genesys"
)

// otherServices are the domains of products that an integration of the platform calls too, and
// whose own API has paths like the platform's: /api/v2, /scim, /oauth/token. Source: the pages
// of these products about their APIs.
var otherServices = []string{"zendesk.com", "freshdesk.com", "freshservice.com", "auth0.com", "okta.com", "oktapreview.com", "onelogin.com", "datadoghq.com", "datadoghq.eu", "github.com", "gitlab.com",
	"atlassian.com", "atlassian.net", "salesforce.com", "force.com", "slack.com", "zoom.us", "service-now.com", "pagerduty.com", "sentry.io", "twilio.com", "intercom.io", "microsoft.com", "microsoftonline.com", "googleapis.com"}

// publicHost is a host as it is written in full: no variable, no address, no name of one's own
// machine or network.
var publicHost = regexp.MustCompile(`^(?:[a-z0-9_-]+\.)+[a-z]{2,}$`)

// ofOthers says whether a call went to another service than the platform: its host is one of
// such a service, or neither host nor path is the platform's. A gateway of one's own, which
// has the platform's paths, may pass the platform's answers on.
func ofOthers(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil {
		return false
	}
	host := strings.ToLower(u.Hostname())
	if !publicHost.MatchString(host) || platformDomain(host) {
		return false
	}
	known := slices.ContainsFunc(otherServices, func(domain string) bool { return host == domain || strings.HasSuffix(host, "."+domain) })
	return known || !platformPath(u.Path)
}

// platformDomain says whether a host has the platform's name in it.
func platformDomain(host string) bool {
	return hasAny(host, "purecloud", "pure.cloud", "genesys")
}

// platformPath says whether a path may be one of the platform's API.
func platformPath(path string) bool {
	lower := strings.ToLower(path)
	return strings.Contains(lower, "/api/v2/") || strings.Contains(lower, "scim") || strings.HasSuffix(lower, genesys.TokenPath)
}

// platformsWords says whether a refusal has what only the platform's have: one of its codes,
// its id of the request, or the names of what is missing. Then the platform refused, whatever
// the address is.
func platformsWords(r *genesys.Refusal) bool {
	return r != nil && (r.Kind == genesys.RefusalAPI && knownCode.MatchString(r.Code) || r.ContextID != "" || len(r.Permissions)+len(r.Scopes)+len(r.PolicyIDs) > 0)
}

// answer is how another service refuses, and which service it is.
type answer struct {
	// mark is in whatever has the form, with these capitals: looking for it is fast.
	mark    string
	form    *regexp.Regexp
	service string
}

// otherAnswers are the forms in which other services refuse, none of which the platform's
// answers have. Source: the pages of these services about their errors.
var otherAnswers = []answer{
	{"googleapi", regexp.MustCompile(`googleapi: Error [45]\d\d|type\.googleapis\.com`), "Google Cloud"},
	{"PERMISSION_DENIED", regexp.MustCompile(`\bPERMISSION_DENIED\b`), "Google Cloud"},
	{"UNAUTHENTICATED", regexp.MustCompile(`\bUNAUTHENTICATED\b`), "Google Cloud"},
	{`"Status"`, regexp.MustCompile(`"kind":\s*"Status"`), "Kubernetes"},
	{"from server (", regexp.MustCompile(`Error from server \((?:Forbidden|Unauthorized)\)`), "Kubernetes"},
	{"cannot ", regexp.MustCompile(`is forbidden: User "[^"\n]{1,200}" cannot \w+ resource`), "Kubernetes"},
	{"AccessDenied", regexp.MustCompile(`\bAccessDenied(?:Exception)?\b`), "AWS"},
	{"An error occurred (", regexp.MustCompile(`An error occurred \([\w.]+\) when calling the \w+ operation`), "AWS"},
	{"__type", regexp.MustCompile(`"__type":\s*"`), "AWS"},
	{"is not authorized to perform", regexp.MustCompile(`arn:aws[\w-]*:\S+ is not authorized to perform`), "AWS"},
	{"AuthorizationFailed", regexp.MustCompile(`\bAuthorizationFailed\b`), "Azure"},
	{"Authorization_RequestDenied", regexp.MustCompile(`Authorization_RequestDenied`), "Microsoft Graph"},
	{"faultstring", regexp.MustCompile(`"faultstring":`), "an Apigee gateway"},
	{"missing_scope", regexp.MustCompile(`["']?error["']?:\s*["']?missing_scope\b`), "Slack"},
	{"not accessible by", regexp.MustCompile(`Resource not accessible by (?:integration|personal access token)`), "GitHub"},
	{"documentation_url", regexp.MustCompile(`"documentation_url":`), "GitHub"},
	{"requested access to the resource is denied", regexp.MustCompile(`denied: requested access to the resource is denied`), "a container registry"},
	{"INSUFFICIENT_ACCESS", regexp.MustCompile(`INSUFFICIENT_ACCESS`), "Salesforce"},
}

// ofService is the service whose form of a refusal a text has, or "" where it has also a code of
// the platform's.
func ofService(text string) string {
	for _, a := range otherAnswers {
		if strings.Contains(text, a.mark) && a.form.MatchString(text) && !codeInText.MatchString(text) {
			return a.service
		}
	}
	return ""
}

// serviceBeside is the service that says a refusal of a text, by the lines that it is on. An
// access log is of a server's own paths, so those that are not the platform's are its own.
func serviceBeside(text string, j *joined) string {
	from := strings.LastIndexByte(text[:j.from], '\n') + 1
	lines := text[from : j.to+lineEnd(text[j.to:])]
	if j.bare() && strings.HasPrefix(j.url, "/") && accessed(lines) && !ofPlatform(j.url) {
		return "the server whose access log it is"
	}
	if j.bare() && !platform(text) {
		lines = text // the words of a bare status are around it
	}
	return ofService(lines)
}

// ofPlatform says whether a path is one of the platform's, or was meant to be.
func ofPlatform(path string) bool {
	return platformPath(path) || len(catalog.All().Methods("/api"+path)) > 0
}

// anothers says whether a refusal is of another service, of which scimlint has nothing to say,
// and remembers the service.
func (rd *reader) anothers(p piece) bool {
	named := p.refusal != nil && (p.refusal.ContextID != "" || len(p.refusal.Permissions)+len(p.refusal.Scopes)+len(p.refusal.PolicyIDs) > 0)
	switch {
	case p.service != "" && !named:
		rd.other(p.service)
		return true
	case ofOthers(p.url) && !platformsWords(p.refusal):
		u, _ := url.Parse(p.url) // ofOthers has read it
		rd.other(strings.ToLower(u.Hostname()))
		return true
	}
	return false
}

func (rd *reader) other(name string) {
	if len(rd.result.Others) < maxHosts && !slices.Contains(rd.result.Others, name) {
		rd.result.Others = append(rd.result.Others, name)
	}
}

// withoutOthers blanks what only another service says, so that no name in it is judged as one
// of the platform's.
func (rd *reader) withoutOthers(text string) string {
	if ofService(text) == "" {
		return text
	}
	var out strings.Builder
	for _, e := range entries(text, 1) {
		service := ofService(e.text)
		if service == "" || platform(e.text) {
			out.WriteString(e.text)
			continue
		}
		rd.other(service)
		out.WriteString(strings.Repeat("\n", strings.Count(e.text, "\n")))
	}
	return out.String()
}
