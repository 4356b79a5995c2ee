package lint

import (
	"net/url"
	"strings"
)

// OtherHost returns the host of a URL that a call went to, or is said to go to, where it is
// not the org's API; empty where it is, and where the URL has none. It is the one decision
// about hosts that are supplied.
func (in *Input) OtherHost(raw string) string {
	u, err := url.Parse(raw)
	api, apiErr := url.Parse(in.Target.APIURL)
	if err != nil || apiErr != nil || u.Host == "" || sameHost(u, api) {
		return ""
	}
	if in.Target.Domain != "" && strings.EqualFold(u.Hostname(), "api."+in.Target.Domain) {
		return ""
	}
	return u.Host
}

// sameHost compares hosts without case, and :443 with no port at all.
func sameHost(a, b *url.URL) bool {
	port := func(u *url.URL) string {
		if p := u.Port(); p != "" {
			return p
		}
		return map[string]string{"https": "443", "http": "80"}[strings.ToLower(u.Scheme)]
	}
	return strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}
