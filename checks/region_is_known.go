package checks

import (
	"net/url"

	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// RegionIsKnown judges the region that is looked at and the host that the
// integration is said to call.
var RegionIsKnown = lint.Check{
	ID: "region-is-known", Group: lint.Target, Title: "The region is a published one, and the integration calls it",
	Why:    "An org lives in one region, and its API answers only on that region's host. Where its people sit says nothing about it: api.mypurecloud.com is us-east-1.",
	Remedy: "Look at the address of the Admin UI: apps.<domain> names the region. Call api.<domain>, and ask login.<domain> for tokens.",
	Run:    judgeRegion,
}

func judgeRegion(in *lint.Input, out *lint.Findings) {
	if in.OtherHost(in.Target.SCIMURL) != "" && !in.Opts.Profile.HasAddress() {
		u, _ := url.Parse(in.Target.SCIMURL) // it has a host
		judgeOtherHost(in, out, u)
		return
	}
	if in.Target.Region == "" {
		out.Skip("no region was given, only URLs: %s", in.Target.APIURL)
		return
	}
	out.Pass(results.Published, "%s is published: %s", in.Target.Region, in.Target.APIURL)
}

func judgeOtherHost(in *lint.Input, out *lint.Findings, u *url.URL) {
	whose := "is no API host of a published region"
	if r, ok := genesys.RegionOfHost(u.Hostname()); ok {
		whose = "is of the region " + r.AWSName
	}
	out.Fail(results.Published, lint.Suspicion{Cause: cause.WrongRegion, Certainty: results.Likely, Operations: in.IDs(false),
		Because: "The integration calls " + u.Host + ", which " + whose + "; the org that was looked at answers on " + in.Target.APIURL + ".",
		Fix:     results.Fix{Text: "Let the integration call " + in.Target.APIURL}},
		"the integration calls %s, which %s; the run looked at %s", u.Host, whose, in.Target.APIURL)
}
