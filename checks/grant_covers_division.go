package checks

import (
	"strings"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/results"
)

// GrantCoversDivision judges whether what is granted is granted where the users
// are to be made.
var GrantCoversDivision = Check{
	ID: "grant-covers-division", Group: Permissions, Title: "The grants cover the divisions of the users", Required: true,
	Why:    "A grant is a role in a division. The endpoint's gate may pass a token whose permission holds in another division, and the work is refused all the same.",
	Remedy: "Grant the role in the division of the users, or in all divisions. Tell scimlint the division with --division; without it, the home division counts.",
	Needs:  []evidence.Kind{evidence.Grants, evidence.Divisions},
	Run:    judgeDivisions,
}

func judgeDivisions(in *Input, out *Findings) {
	if len(in.NoSuchDivision) > 0 {
		out.Unknown("the org has no division %s; it has %s", list(in.NoSuchDivision, 4), list(in.divisionNames(), 6))
		return
	}
	if len(in.neededPermissions()) == 0 {
		out.Skip("the needs take no permission")
		return
	}
	var unseen []string
	held := 0
	for _, op := range in.Judged {
		for _, f := range op.Features {
			switch {
			case f.Reason == string(authz.OtherDivision):
				s := suspectDivision(in, op, f)
				out.Fail(results.Published, s, "%s: %s", f.Permission, deniedWords(f))
			case f.Reason == string(authz.DivisionUnseen):
				unseen = append(unseen, f.Permission)
			case f.Decision == results.DecisionAllowed:
				held++
			}
		}
	}
	switch {
	case len(out.list) > 0:
	case len(unseen) > 0:
		out.Unknown("whether %s covers %s could not be read: %s", strings.Join(unseen, ", "), in.whereWords(), in.Divisions.WhyUnseen())
	case held == 0:
		out.Skip("nothing that is needed is granted in any division")
	default:
		out.Pass(results.Observed, "what is granted covers %s", in.whereWords())
	}
}

func (in *Input) divisionNames() []string {
	var out []string
	if in.Divisions.Seen() {
		for _, d := range *in.Divisions.Value {
			out = append(out, d.Name)
		}
	}
	return out
}
