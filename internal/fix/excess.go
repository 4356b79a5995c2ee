package fix

import (
	"slices"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/lint"
)

// excess lists what each grant of an OAuth client includes beyond the needs; what
// scimlint reads with is not counted. A person's roles serve other work too.
func excess(in *lint.Input) []Excess {
	out := []Excess{}
	if isUser, known := in.IsUserToken(); isUser || !known {
		return out
	}
	allowed := append(in.NeededPermissions(), catalog.DiagnosticPermissions()...)
	for _, g := range in.Subject.Grants {
		var beyond []string
		useful := false
		for _, p := range lint.Unique(append(lint.RoleOfGrant(g).Permissions, g.Bare...)) {
			if !slices.Contains(allowed, p) {
				beyond = append(beyond, p)
			}
			useful = useful || slices.ContainsFunc(allowed, func(a string) bool { return authz.Covers(p, a) })
		}
		if len(beyond) > 0 {
			out = append(out, Excess{Role: g.Role.Label(), RoleID: g.Role.ID, Division: g.Division.Label(), DivisionID: g.Division.ID, Permissions: beyond, Whole: !useful})
		}
	}
	return out
}
