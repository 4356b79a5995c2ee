package checks

import (
	"net/url"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/profile"
	"github.com/scimlint/scimlint/pkg/results"
)

// TenantURLFits judges the address that a person entered in an identity provider.
var TenantURLFits = lint.Check{
	ID: "tenant-url-fits", Group: lint.Target, Title: "The identity provider has the org's SCIM address",
	Why: "An identity provider calls the address that somebody entered as Tenant URL, Base URL or SCIM Base URL, and appends /Users and /Groups to it. " +
		"With the host of another region, another path, a query or password, or /Users in the address, its calls never reach the org's SCIM service.",
	Remedy: "Give the address with --scim-url and the provider with --profile. Enter https://api.<domain> of the org's region with the path that the provider's page names.",
	Run:    judgeTenantURL,
}

func judgeTenantURL(in *lint.Input, out *lint.Findings) {
	p := in.Opts.Profile
	switch {
	case !p.HasAddress():
		out.Skip("no --profile says which address is entered")
		return
	case in.Target.SCIMURL == "":
		out.Skip("--scim-url does not say what is entered as %s", p.Address.Field)
		return
	}
	u, err := url.Parse(in.Target.SCIMURL)
	api, apiErr := url.Parse(in.Target.APIURL)
	if err != nil || apiErr != nil {
		out.Unknown("the address %s cannot be read", in.Target.SCIMURL)
		return
	}
	path, slash := judgeBasePath(u.Path, p.Address.Path)
	parts, query := judgeParts(in.Target.SCIMURLParts, p)
	wrong, doubt := inOne(parts, path, judgeAddressHost(u, api)), inOne(query, slash)
	right := in.Target.APIURL + lint.FirstOf(p.Address.Path, catalog.SCIMBase)
	basis := results.Published
	if p.Own {
		basis = results.Reported
	}
	fix := results.Fix{Text: "Enter " + right + " as " + p.Address.Field}
	switch {
	case wrong != "":
		out.Fail(basis, lint.Suspicion{Cause: cause.TenantURLWrong, Certainty: results.Likely, Operations: in.IDs(false), Fix: fix,
			Because: p.Address.Field + " is " + in.Target.SCIMURL + ": " + wrong + "."},
			"%s is %s: %s", p.Address.Field, in.Target.SCIMURL, wrong)
	case u.Host == "":
		out.Unknown("%s is given without its host: write the whole address", p.Address.Field)
	case doubt != "":
		out.Warn(basis, fix, "%s is %s: %s", p.Address.Field, in.Target.SCIMURL, doubt)
	default:
		out.Pass(basis, "%s", strings.TrimSpace(p.Address.Field+" is "+in.Target.SCIMURL+". "+p.Address.Note))
	}
}

// inOne joins what is said of the parts of an address.
func inOne(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), "; ")
}

// judgeParts says which parts an address has that a provider would put before its /Users.
// They are never shown: there may be a password or a token in them. A doubt is the switch
// that Entra ID itself reads.
func judgeParts(parts []string, p *profile.Profile) (wrong, doubt string) {
	switch {
	case len(parts) == 0:
		return "", ""
	case len(parts) == 1 && parts[0] == evidence.EntraSwitch && p.Name == "entra":
		return "", "it has " + evidence.EntraSwitch + ", a switch of Entra ID that the page does not have: it changes the form of PATCH requests"
	}
	list, rest := parts[len(parts)-1], parts[:len(parts)-1]
	if len(rest) > 0 {
		list = strings.Join(rest, ", ") + " and " + list
	}
	return "it has " + list + " (not shown here), and the field needs the plain address", ""
}

// judgeAddressHost says what is wrong with the scheme and host of an address.
func judgeAddressHost(u, api *url.URL) string {
	switch {
	case u.Host == "":
		return ""
	case !strings.EqualFold(strings.TrimSuffix(u.Host, ":443"), strings.TrimSuffix(api.Host, ":443")):
	case u.Scheme != api.Scheme:
		return "it begins with " + u.Scheme + ":// and must begin with " + api.Scheme + "://"
	default:
		return ""
	}
	r, known := genesys.RegionOfHost(u.Hostname())
	switch {
	case !known:
		return "its host " + u.Host + " is no API host of a published region, and the org was asked on " + api.Host
	case !strings.HasPrefix(strings.ToLower(u.Host), "api."):
		return "its host " + u.Host + " is not an API host (the API of " + r.AWSName + " is api." + r.Domain + ")"
	}
	return "its host " + u.Host + " is of the region " + r.AWSName + ", and the org was asked on " + api.Host
}

// judgeBasePath compares the path of an address with the one that the provider's page
// writes; published is empty where no page says it. A doubt is what no page settles.
func judgeBasePath(path, published string) (wrong, doubt string) {
	base, known := catalog.SCIMBaseOf(path)
	plain := strings.TrimSuffix(path, "/")
	switch {
	case !known:
		return "its path " + lint.FirstOf(path, "/") + " is not a published base of SCIM, which is " + lint.FirstOf(strings.TrimSuffix(published, "/"), catalog.SCIMBase+" or "+catalog.SCIMBaseUnversioned), ""
	case plain != base:
		return "its path goes on after " + base + " with " + strings.TrimPrefix(plain, base) + ", and the field needs the base only", ""
	case published == "" || path == published:
		return "", ""
	case plain == strings.TrimSuffix(published, "/"):
		return "", "the page writes " + published + "; whether the slash at the end matters is not published"
	}
	return "", "the page writes " + published + "; the platform publishes " + base + " with the same requirements"
}
