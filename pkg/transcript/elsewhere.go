package transcript

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

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

// anothers says whether a refusal is of another service, of which scimlint has nothing to say,
// and remembers the service.
func (rd *reader) anothers(address string, r *genesys.Refusal) bool {
	if !ofOthers(address) || platformsWords(r) {
		return false
	}
	u, _ := url.Parse(address) // ofOthers has read it
	if host := strings.ToLower(u.Hostname()); len(rd.result.Others) < maxHosts && !slices.Contains(rd.result.Others, host) {
		rd.result.Others = append(rd.result.Others, host)
	}
	return true
}
