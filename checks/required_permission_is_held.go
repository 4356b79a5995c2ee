package checks

import (
	"github.com/scimlint/scimlint/pkg/lint"
)

// RequiredPermissionIsHeld judges the permissions that the configuration
// demands beyond the catalogue.
var RequiredPermissionIsHeld = lint.Check{
	ID: "required-permission-is-held", Group: lint.Permissions, Title: "The subject has the permissions that the configuration demands", Required: true,
	Why:    "A team may need more than the catalogue asks. With --require-permission, or requirements: in the configuration, it demands exact permissions and sees them judged, on its own word.",
	Remedy: "Put the permission into a role and grant that role to the OAuth client, or take the demand back.",
	Needs:  permissionNeeds,
	Run: func(in *lint.Input, out *lint.Findings) {
		seen := map[string]bool{}
		for _, op := range in.Judged {
			for _, f := range op.Features {
				if f.Check == "required-permission-is-held" && !seen[f.Permission] {
					seen[f.Permission] = true
					judgeFeature(in, out, op, f)
				}
			}
		}
		if len(seen) == 0 {
			out.Skip("the configuration demands no permission")
		}
	},
}
