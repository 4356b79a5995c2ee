// Package genesys speaks with the Genesys Cloud platform: regions, the token
// endpoint, one typed call for each endpoint that scimlint reads, and the
// bodies of refusals. It judges nothing.
package genesys

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Region is one Genesys Cloud region. An org lives in exactly one.
type Region struct {
	// AWSName is the name that the vendor's Terraform provider uses, such as
	// "eu-west-1".
	AWSName string
	// Domain is the region's domain, such as "mypurecloud.ie".
	Domain string
}

// APIURL is the base of the region's API.
func (r Region) APIURL() string { return "https://api." + r.Domain }

// LoginURL is the base of the region's token endpoint.
func (r Region) LoginURL() string { return "https://login." + r.Domain }

// Regions returns the published regions.
func Regions() []Region {
	return []Region{
		{"us-east-1", "mypurecloud.com"},
		{"us-east-2", "use2.us-gov-pure.cloud"},
		{"us-west-2", "usw2.pure.cloud"},
		{"ca-central-1", "cac1.pure.cloud"},
		{"mx-central-1", "mxc1.pure.cloud"},
		{"sa-east-1", "sae1.pure.cloud"},
		{"eu-west-1", "mypurecloud.ie"},
		{"eu-west-2", "euw2.pure.cloud"},
		{"eu-central-1", "mypurecloud.de"},
		{"eu-central-2", "euc2.pure.cloud"},
		{"eusc-de-east-1", "edee1.eusc-pure.cloud"},
		{"me-central-1", "mec1.pure.cloud"},
		{"ap-south-1", "aps1.pure.cloud"},
		{"ap-northeast-1", "mypurecloud.jp"},
		{"ap-northeast-2", "apne2.pure.cloud"},
		{"ap-northeast-3", "apne3.pure.cloud"},
		{"ap-southeast-1", "apse1.pure.cloud"},
		{"ap-southeast-2", "mypurecloud.com.au"},
	}
}

// UnknownRegionError names a region that is not published, and the nearest
// that are.
type UnknownRegionError struct {
	Name    string
	Nearest []string
}

func (e *UnknownRegionError) Error() string {
	return fmt.Sprintf("unknown region %q: nearest are %s (an AWS name such as eu-west-1, or a domain such as mypurecloud.ie)",
		e.Name, strings.Join(e.Nearest, ", "))
}

// LookupRegion finds a region by its AWS name or its domain. It also accepts a
// host or URL of the region (https://api.mypurecloud.ie) and underscores for
// dashes (eu_west_1), the way the SDKs write it.
func LookupRegion(name string) (Region, error) {
	key := normalizeRegion(name)
	for _, r := range Regions() {
		if key == r.AWSName || key == r.Domain || strings.ReplaceAll(key, "_", "-") == r.AWSName {
			return r, nil
		}
	}
	return Region{}, &UnknownRegionError{Name: name, Nearest: nearestRegions(key)}
}

// RegionOfHost returns the region whose API, login or apps host this is: exactly
// api.<domain>, login.<domain> or apps.<domain>, without a port.
func RegionOfHost(host string) (Region, bool) {
	host = strings.ToLower(host)
	for _, r := range Regions() {
		if host == "api."+r.Domain || host == "login."+r.Domain || host == "apps."+r.Domain {
			return r, true
		}
	}
	return Region{}, false
}

// Published says whether a base is the API host of a published region, or its
// login host, over https and on the usual port.
func Published(u *url.URL, service string) (Region, bool) {
	r, ok := RegionOfHost(u.Hostname())
	port := u.Port() == "" || u.Port() == "443"
	return r, ok && port && u.Scheme == "https" && strings.EqualFold(u.Hostname(), service+"."+r.Domain)
}

func normalizeRegion(name string) string {
	key := strings.ToLower(strings.TrimSpace(name))
	if _, rest, ok := strings.Cut(key, "://"); ok {
		key = rest
	}
	key, _, _ = strings.Cut(key, "/")
	key, _, _ = strings.Cut(key, ":")
	for _, p := range []string{"api.", "login.", "apps."} {
		key = strings.TrimPrefix(key, p)
	}
	return key
}

func nearestRegions(key string) []string {
	type near struct {
		label    string
		distance int
	}
	var all []near
	for _, r := range Regions() {
		d := min(levenshtein.ComputeDistance(key, r.AWSName), levenshtein.ComputeDistance(key, r.Domain))
		all = append(all, near{r.AWSName + " (" + r.Domain + ")", d})
	}
	slices.SortStableFunc(all, func(a, b near) int { return a.distance - b.distance })
	return []string{all[0].label, all[1].label, all[2].label}
}
