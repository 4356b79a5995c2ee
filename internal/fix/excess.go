package fix

import (
	"slices"

	"github.com/scimlint/scimlint/pkg/catalog"
)

// excess lists what each grant of an OAuth client brings beyond the needs; what
// scimlint reads with is not counted. A person's roles serve other work too.
func (pl *planner) excess() []Excess {
	out := []Excess{}
	if isUser, known := pl.in.IsUserToken(); isUser || !known {
		return out
	}
	allowed := append(pl.needed(), catalog.DiagnosticPermissions()...)
	for _, g := range pl.in.Subject.Grants {
		k := grantOf(g)
		for _, b := range g.Bare {
			k.permissions = add(k.permissions, b)
		}
		var beyond []string
		useful := false
		for _, p := range k.permissions {
			if !slices.Contains(allowed, p) {
				beyond = append(beyond, p)
			}
			useful = useful || slices.ContainsFunc(allowed, func(a string) bool { return covers(p, a) })
		}
		if len(beyond) > 0 {
			out = append(out, Excess{Role: g.Role.Label(), RoleID: g.Role.ID, Division: g.Division.Label(), DivisionID: g.Division.ID, Permissions: beyond, Whole: !useful})
		}
	}
	return out
}
