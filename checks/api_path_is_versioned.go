package checks

import (
	"net/url"
	"strings"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/results"
)

// APIPathIsVersioned judges the path that the integration is said to call.
var APIPathIsVersioned = Check{
	ID: "api-path-is-versioned", Group: Target, Title: "The integration calls a published SCIM path",
	Why:    "The SCIM endpoints are /api/v2/scim/v2/… and /api/v2/scim/…. A path such as /v2/scim/users is not the API's, and what answers there is not the SCIM service.",
	Remedy: "Call /api/v2/scim/v2/users on the region's API host. Tell scimlint what the integration calls with --scim-url.",
	Run:    judgePath,
}

func judgePath(in *Input, out *Findings) {
	if in.Target.SCIMURL == "" {
		out.Skip("--scim-url does not say what the integration calls")
		return
	}
	u, err := url.Parse(in.Target.SCIMURL)
	if err == nil {
		if _, ok := SCIMBaseOf(u.Path); ok {
			out.Pass(results.Published, "the integration calls %s, which is published", u.Path)
			return
		}
	}
	right := catalog.SCIMBase + "/users"
	out.Fail(results.Published, results.Suspicion{Cause: "wrong-path", Certainty: results.Likely, Operations: in.IDs(false),
		Because: "The integration calls " + pathOr(u, in.Target.SCIMURL) + ", which is not a path of the API; it is " + right + ".",
		Fix:     results.Fix{Text: "Let the integration call " + in.Target.APIURL + right}},
		"the integration calls %s, which is not a published path: it is %s", pathOr(u, in.Target.SCIMURL), right)
}

func pathOr(u *url.URL, raw string) string {
	if u == nil || u.Path == "" {
		return raw
	}
	return u.Path
}

// SCIMBaseOf returns the published base of a SCIM path: the versioned one, or
// the one without the second version, which has the same requirements.
func SCIMBaseOf(path string) (string, bool) {
	path = strings.TrimSuffix(path, "/")
	for _, base := range []string{catalog.SCIMBase, catalog.SCIMBaseUnversioned} {
		if path == base {
			return base, true
		}
		for _, method := range []string{"GET", "POST", "PUT"} {
			if op, ok := catalog.Default().Match(method, path); ok && strings.HasPrefix(op.Path, base+"/") {
				return base, true
			}
		}
	}
	return "", false
}
