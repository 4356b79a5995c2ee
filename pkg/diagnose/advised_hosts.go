package diagnose

import (
	"regexp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

var (
	// anyHost is what may be a host, and what is around it that says whether it is one.
	anyHost = regexp.MustCompile(`(?i)(https?://|@)?((?:[a-z0-9_{}<>$%-]+\.)+[a-z]{2,5})\b(:\d+)?(/(?:api|oauth|scim)\b)?`)
	// brand is the name of the platform at the end of a host, with its domain.
	brand = regexp.MustCompile(`(?:^|\.)(?:my)?(?:purecloud|genesyscloud)\.(?:com?\.)?[a-z]{2,5}$|(?:^|\.)(?:us-gov-pure|eusc-pure|pure|genesys)\.cloud$|^api\.(?:.+\.)?genesys\.com$`)
)

var (
	// services are the names before a region's domain that the platform has.
	services = []string{"api", "login", "apps", "streaming", "webhooks", "api-cdn", "api-downloads", "fileupload", "developer", "help", "community", "www", "status", "sdk-cdn", "api-signatures"}
	// serviceLike are the names that advice gives to services of the API.
	serviceLike = []string{"api", "login", "apps", "app", "scim", "auth", "oauth", "token", "identity", "sso", "provisioning", "gateway"}
	// speech is in hosts of telephony, whose names depend on the org.
	speech = []string{"voice", "byoc", "edge", "edges", "sip", "stun", "turn", "trunk"}
	// docs are services with pages about the API.
	docs = []string{"developer", "help", "community", "www", "status", "docs"}
)

func documentation(host string) bool { return slices.Contains(docs, strings.Split(host, ".")[0]) }

// platformHost says whether a host is one of the platform, or meant to be.
func platformHost(host string) bool { return brand.MatchString(host) || misspelt(host) }

// misspelt says whether a host of an API has a name that is nearly the platform's.
func misspelt(host string) bool {
	labels := strings.Split(host, ".")
	return len(labels) > 2 && slices.Contains([]string{"api", "login", "apps"}, labels[0]) && slices.ContainsFunc(labels[1:], nearBrand)
}

// nearBrand says whether a part of a host is the platform's name with a typing error.
func nearBrand(label string) bool {
	d := levenshtein.ComputeDistance(label, "mypurecloud")
	return d > 0 && d <= 2 && label != "purecloud"
}

// respelt is a host without typing errors in the platform's name.
func respelt(host string) string {
	labels := strings.Split(host, ".")
	for i, label := range labels {
		if nearBrand(label) {
			labels[i] = "mypurecloud"
		}
	}
	return strings.Join(labels, ".")
}

// placeWords are parts of hosts that the reader is to replace.
var placeWords = regexp.MustCompile(`^(?:(?:your|my|the|org|aws|gc)[_-]?)?(?:region|domain|env|environment|host|org|tenant|instance)(?:[_-]?(?:name|code|here|id))?$|^x+$|^example$`)

// isVariable says whether a host has a variable in it, and is of nobody else.
func isVariable(host string) bool {
	labels := strings.Split(host, ".")
	last := labels[len(labels)-1]
	return strings.ContainsAny(last, "{}<>$%[]") || platformHost(host) && slices.ContainsFunc(labels, func(label string) bool {
		return strings.ContainsAny(label, "{}<>$%[]") || placeWords.MatchString(label)
	})
}

// unknownHosts names the hosts of a text that sound like the platform's API and are not.
func (x *Explainer) unknownHosts(text string) {
	for _, m := range anyHost.FindAllStringSubmatch(text, 20*maxNames) {
		host := strings.ToLower(m[2])
		if m[1] == "@" || !platformHost(host) || isVariable(host) || len(x.notices) > maxNames || x.noticed(host) {
			continue
		}
		switch {
		case wrongService(host, m[4]) && !x.called(host):
			service, domain, _ := strings.Cut(host, ".")
			x.notice(string(cause.WrongPath), "%s is not the host for paths below %s; the nearest: %s.", host, strings.ToLower(m[4]), map[string]string{"api": "login", "login": "api"}[service]+"."+domain)
		case claimsAPI(host, m[1] != "", m[4] != ""):
			x.notice(string(cause.WrongRegion), "%s is not a host of the platform's API; the nearest: %s.", host, nearestHost(host))
		}
	}
}

// called says whether a refused call went to a host: then the refusal says what is wrong
// with it.
func (x *Explainer) called(host string) bool {
	return slices.ContainsFunc(x.refusals, func(r results.Refusal) bool { return callOf(r).host == host })
}

// wrongService says whether the API's path is asked of the host that gives tokens, or the
// other way round.
func wrongService(host, path string) bool {
	r, ok := genesys.RegionOfHost(host)
	path = strings.ToLower(path)
	return ok && (host == "login."+r.Domain && path == "/api" || host == "api."+r.Domain && path == "/oauth")
}

// claimsAPI says whether a host that the platform does not have is named as one of its API:
// by its own name, or by the path behind it. Of other services only those are judged whose
// domain does not exist, since the platform has more of them than are published.
func claimsAPI(host string, url, path bool) bool {
	labels := strings.Split(host, ".")
	domain := domainOf(host)
	rest := strings.TrimSuffix(strings.TrimSuffix(host, domain), ".")
	switch {
	case labels[0] == "com" || slices.ContainsFunc(labels, func(l string) bool { return slices.Contains(speech, l) }):
		return false // com.mypurecloud.sdk is a package
	case rest == "" && domain != "":
		return path // the domain of a region, as the SDKs want it
	case domain != "" && slices.Contains(services, rest), documentation(host):
		return false
	case slices.ContainsFunc(labels, func(l string) bool { return slices.Contains(serviceLike, l) }):
		return true
	}
	return path || url && domain == "" && !strings.HasSuffix(host, "genesys.cloud")
}

// domainOf is the domain of a region at the end of a host; empty where there is none.
func domainOf(host string) string {
	for _, r := range genesys.Regions() {
		if host == r.Domain || strings.HasSuffix(host, "."+r.Domain) {
			return r.Domain
		}
	}
	return ""
}

// nearestHost is the host that a host was probably meant to be: of the same service, where
// the platform has it. A region in its name says more than its domain, which is the same
// in what people write by analogy: api.eu-west-1.mypurecloud.com.
func nearestHost(host string) string {
	service := "api"
	switch first, _, _ := strings.Cut(host, "."); first {
	case "login", "apps":
		service = first
	case "auth", "oauth", "token", "sso", "identity":
		service = "login"
	case "app":
		service = "apps"
	}
	domain := domainOf(respelt(host))
	labels := strings.Split(strings.TrimSuffix(respelt(host), domain), ".")
	for _, label := range labels {
		if name := awsName(label); name != "" {
			r, _ := genesys.LookupRegion(name)
			return service + "." + r.Domain
		}
	}
	if list := regionsOf(labels, service); list != "" {
		return list
	}
	if domain != "" {
		return service + "." + domain
	}
	for _, r := range genesys.Regions() { // those with one region: us-gov-pure.cloud
		if _, owner, _ := strings.Cut(r.Domain, "."); owner != "pure.cloud" && strings.HasSuffix(host, "."+owner) && strings.HasSuffix(owner, "pure.cloud") {
			return service + "." + r.Domain
		}
	}
	return service + ".<domain>, with the domain of the org's region (" + service + ".mypurecloud.ie in Ireland, for one)"
}

// shortRegion is a region of AWS as it is abbreviated: euc1 for eu-central-1.
var shortRegion = regexp.MustCompile(`^(us|eu|ap|ca|sa|me|mx|af)(ne|nw|se|sw|n|e|s|w|c)(\d)$`)

// awsName is the name of the region that a part of a host says, as AWS writes it, shortened,
// or with other marks; empty where it says none.
func awsName(label string) string {
	squashed := strings.NewReplacer("-", "", "_", "").Replace(label)
	if m := shortRegion.FindStringSubmatch(squashed); m != nil {
		squashed = m[1] + map[string]string{"n": "north", "e": "east", "s": "south", "w": "west", "c": "central", "ne": "northeast", "nw": "northwest", "se": "southeast", "sw": "southwest"}[m[2]] + m[3]
	}
	for _, r := range genesys.Regions() {
		short, _, _ := strings.Cut(r.Domain, ".")
		name := strings.ReplaceAll(r.AWSName, "-", "")
		if squashed == name || strings.HasSuffix(label, "-"+r.AWSName) || short != "mypurecloud" && label == short {
			return r.AWSName
		}
	}
	return ""
}

// countries are parts of hosts that name a country, a group of them or a city, by the
// beginning of the regions in it.
var countries = map[string]string{"us": "us-", "usa": "us-", "na": "us-", "eu": "eu-", "emea": "eu-", "europe": "eu-", "uk": "eu-west-2", "gb": "eu-west-2", "london": "eu-west-2", "de": "eu-central-1", "germany": "eu-central-1", "frankfurt": "eu-central-1",
	"ie": "eu-west-1", "ireland": "eu-west-1", "dublin": "eu-west-1", "ch": "eu-central-2", "zurich": "eu-central-2", "ca": "ca-", "canada": "ca-", "mx": "mx-", "mexico": "mx-", "br": "sa-", "brazil": "sa-", "saopaulo": "sa-", "au": "ap-southeast-2", "australia": "ap-southeast-2", "sydney": "ap-southeast-2",
	"jp": "ap-northeast-1", "japan": "ap-northeast-1", "tokyo": "ap-northeast-1", "osaka": "ap-northeast-3", "in": "ap-south-1", "india": "ap-south-1", "mumbai": "ap-south-1", "kr": "ap-northeast-2", "korea": "ap-northeast-2", "seoul": "ap-northeast-2", "sg": "ap-southeast-1", "singapore": "ap-southeast-1",
	"ae": "me-", "uae": "me-", "me": "me-", "apac": "ap-", "ap": "ap-", "gov": "us-east-2", "fedramp": "us-east-2", "sa": "sa-"}

// areaOf is the beginning of a region's name in a part of a host: that of a country, or that
// of a region that the platform is not in (eu-west-3).
func areaOf(label string) string {
	if area := countries[label]; area != "" {
		return area
	}
	area, rest, ok := strings.Cut(label, "-")
	if ok && compass.MatchString(rest) && countries[area] != "" {
		return area + "-"
	}
	if m := shortRegion.FindStringSubmatch(label); m != nil {
		return m[1] + "-"
	}
	return ""
}

// compass is what follows the country in the name of a region.
var compass = regexp.MustCompile(`^(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-\d$`)

// regionsOf are the hosts of the regions that a part of a host names.
func regionsOf(labels []string, service string) string {
	var out []string
	for _, label := range labels {
		begins := areaOf(label)
		for _, r := range genesys.Regions() {
			if begins != "" && strings.HasPrefix(r.AWSName, begins) {
				out = append(out, service+"."+r.Domain+" ("+r.AWSName+")")
			}
		}
		if len(out) > 0 {
			break
		}
	}
	return strings.Join(out, ", ")
}
