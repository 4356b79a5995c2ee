package checks

import (
	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// PolicyHasNoCondition judges whether needed permissions are granted without
// conditions.
var PolicyHasNoCondition = lint.Check{
	ID: "policy-has-no-condition", Group: lint.Permissions, Title: "No condition limits a needed permission",
	Why:    "A role's policy may have a condition, such as \"for members of this team only\". What it lets pass depends on the user at hand, so no check beforehand can promise it.",
	Remedy: "Remove the condition, or grant a role that has the permission without one.",
	Needs:  []evidence.Kind{evidence.Grants, evidence.Roles}, Required: true,
	Run: judgeConditions,
}

func judgeConditions(in *lint.Input, out *lint.Findings) {
	held := false
	for _, op := range in.Judged {
		for _, f := range op.Features {
			held = held || f.Decision == results.DecisionAllowed
			if f.Reason == string(authz.Conditional) {
				out.Unknown("%s is granted only under the condition %q of the role %q", f.Permission, f.Proof[0].Condition, f.Proof[0].Role)
			}
		}
	}
	if out.Empty() && held {
		out.Pass(results.Observed, "what is needed and granted is granted without conditions")
	} else if out.Empty() {
		out.Skip("no needed permission could be read as granted")
	}
}
