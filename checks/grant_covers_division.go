package checks

import (
	"strings"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// GrantCoversDivision judges whether what is granted is granted where the users
// are to be made.
var GrantCoversDivision = lint.Check{
	ID: "grant-covers-division", Group: lint.Permissions, Title: "The grants cover the divisions of the users", Required: true,
	Why:    "A grant is a role in a division. The endpoint's gate may pass a token whose permission holds in another division, and the work is refused all the same.",
	Remedy: "Grant the role in the division of the users, or in all divisions. Tell scimlint the division with --division; without it, the home division counts.",
	Needs:  []evidence.Kind{evidence.Grants, evidence.Divisions},
	Run:    judgeDivisions,
}

func judgeDivisions(in *lint.Input, out *lint.Findings) {
	if len(in.NoSuchDivision) > 0 {
		out.Unknown("the org has no division %s; it has %s", lint.List(in.NoSuchDivision, 4), lint.List(divisionNames(in), 6))
		return
	}
	if len(in.NeededPermissions()) == 0 {
		out.Skip("the needs take no permission")
		return
	}
	var unseen []string
	held := 0
	for _, op := range in.Judged {
		for _, f := range op.Features {
			switch {
			case f.Reason == string(authz.OtherDivision):
				s := lint.SuspectDivision(in, op, f)
				out.Fail(results.Published, s, "%s: %s", f.Permission, lint.DeniedWords(f))
			case f.Reason == string(authz.DivisionUnseen):
				unseen = append(unseen, f.Permission)
			case f.Decision == results.DecisionAllowed:
				held++
			}
		}
	}
	switch {
	case !out.Empty():
	case len(unseen) > 0:
		out.Unknown("whether %s covers %s could not be read: %s", strings.Join(unseen, ", "), in.WhereWords(), in.Divisions.WhyUnseen())
	case held == 0:
		out.Skip("nothing that is needed is granted in any division")
	default:
		out.Pass(results.Observed, "what is granted covers %s", in.WhereWords())
	}
}

func divisionNames(in *lint.Input) []string {
	var out []string
	if in.Divisions.Seen() {
		for _, d := range *in.Divisions.Value {
			out = append(out, d.Name)
		}
	}
	return out
}
