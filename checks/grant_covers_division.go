package checks

import (
	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// GrantCoversDivision judges whether what is granted is granted where the users
// are to be made.
var GrantCoversDivision = lint.Check{
	ID: "grant-covers-division", Group: lint.Permissions, Title: "The grants cover the divisions of the users", Required: true,
	Why:    "A grant is a role in a division. The endpoint's access check may let a token pass whose permission is granted in another division, and the work is still refused.",
	Remedy: "Grant the role in the division of the users, or in all divisions. Tell scimlint the division with --division; without it, the home division counts.",
	Needs:  []evidence.Kind{evidence.Grants, evidence.Divisions},
	Run:    judgeDivisions,
}

func judgeDivisions(in *lint.Input, out *lint.Findings) {
	for _, wanted := range in.NoSuchDivision {
		near := in.NearestDivisions(wanted)
		fix := results.Fix{Text: "Run again with a division that the org has"}
		if len(near) > 0 {
			fix.Text = "Run again with --division " + lint.Quote(near[0])
		}
		out.UnknownSuspect(lint.Suspicion{Cause: cause.NoSuchDivision, Certainty: results.Confirmed, Operations: in.IDs(true), About: []string{wanted},
			Because: "The org has no division " + lint.Quote(wanted) + ". It has: " + lint.List(near, 6) + ".", Fix: fix},
			"the org has no division %q; it has %s", wanted, lint.List(near, 6))
	}
	if !out.Empty() {
		return
	}
	if len(in.NeededPermissions()) == 0 {
		out.Skip("the needs require no permission")
		return
	}
	if len(in.Opts.Divisions) > 0 && !in.Divisions.Seen() {
		out.Unknown("whether the org has %s could not be read: %s", in.WhereWords(), in.Divisions.WhyUnseen())
		return
	}
	unread, why, held := []string{}, "", 0
	for _, op := range in.Judged {
		for _, f := range op.Features {
			switch {
			case f.Decision == results.DecisionDenied && f.Reason == string(authz.OtherDivision):
				out.Fail(f.Basis, in.SuspectDivision(op, f), "%s: %s", f.Permission, lint.DeniedWords(f))
			case f.Reason == string(authz.DivisionUnseen):
				unread, why = append(unread, f.Permission), f.Why
			case f.Decision == results.DecisionAllowed:
				held++
			}
		}
	}
	switch {
	case !out.Empty():
	case len(unread) > 0:
		out.Unknown("whether %s is granted in %s could not be read: %s", lint.List(lint.Unique(unread), 6), in.WhereWords(), why)
	case held == 0:
		out.Skip("nothing that is needed is granted in any division")
	default:
		out.Pass(results.Observed, "what is granted covers %s", in.WhereWords())
	}
}
