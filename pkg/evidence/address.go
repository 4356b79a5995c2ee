package evidence

import (
	"net/url"
	"strings"
)

// EntraSwitch is the one query that belongs to an address: Entra ID reads it from the Tenant
// URL, and sends other PATCH requests then. Source: Microsoft's page on the compatibility of
// SCIM (application-provisioning-config-problem-scim-compatibility).
const EntraSwitch = "the query ?aadOptscim062020"

// Address reads the address that an integration calls. It leaves out the parts that may
// contain a secret, and names them: an address of SCIM has none of them.
func Address(text string) (address string, parts []string, ok bool) {
	text = strings.TrimSpace(text)
	u, err := url.Parse(text)
	if err != nil || text != "" && u.Host == "" && !strings.HasPrefix(u.Path, "/") {
		return "", nil, false
	}
	for _, part := range []struct {
		has  bool
		name string
	}{
		{u.User != nil, "a user name or password"},
		{"the query ?"+u.RawQuery == EntraSwitch, EntraSwitch},
		{(u.RawQuery != "" || u.ForceQuery) && "the query ?"+u.RawQuery != EntraSwitch, "a query (?)"},
		{strings.Contains(text, "#"), "a fragment (#)"},
	} {
		if part.has {
			parts = append(parts, part.name)
		}
	}
	u.User, u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = nil, "", false, "", ""
	return u.String(), parts, true
}
