package checks

import (
	"net/url"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// APIPathIsVersioned judges the path that the integration is said to call.
var APIPathIsVersioned = lint.Check{
	ID: "api-path-is-versioned", Group: lint.Target, SCIM: true, Title: "The integration calls a published SCIM path",
	Why:    "The SCIM endpoints are /api/v2/scim/v2/… and /api/v2/scim/…. A path such as /v2/scim/users is not the API's, and what answers there is not the SCIM service.",
	Remedy: "Call /api/v2/scim/v2/users on the region's API host. Tell scimlint what the integration calls with --scim-url.",
	Run:    judgePath,
}

func judgePath(in *lint.Input, out *lint.Findings) {
	if in.Opts.Profile.HasAddress() {
		out.Skip("tenant-url-fits judges the address by the profile %s", in.Opts.Profile.Name)
		return
	}
	if in.Target.SCIMURL == "" {
		out.Skip("--scim-url does not say what the integration calls")
		return
	}
	u, err := url.Parse(in.Target.SCIMURL)
	if err == nil {
		if _, ok := catalog.SCIMBaseOf(u.Path); ok {
			out.Pass(results.Published, "the integration calls %s, which is published", u.Path)
			return
		}
	}
	right := catalog.SCIMBase + "/users"
	out.Fail(results.Published, lint.Suspicion{Cause: cause.WrongPath, Certainty: results.Likely, Operations: in.IDs(false),
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
