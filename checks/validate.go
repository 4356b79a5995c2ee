package checks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/internal/nearest"
	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/lint"
)

// Validate finds names in the options that do not exist: operations, permissions and
// checks. The error names the one that is wrong and what to write.
func Validate(o lint.Options) error {
	permissions, known := slices.Clone(o.Requirements.Permissions), []string{}
	for _, op := range append(catalog.Operations(catalog.AllNeeds()), o.Operations...) {
		known = append(known, op.ID)
	}
	for id, op := range o.Requirements.Operations {
		if !slices.Contains(known, id) {
			return fmt.Errorf("requirements name the operation %q: the operations are %s", id, strings.Join(known, ", "))
		}
		permissions = append(permissions, op.Permissions...)
	}
	for _, p := range permissions {
		if _, err := authz.ParsePermission(p); err != nil {
			return fmt.Errorf("required %w", err)
		}
	}
	list := append(All(), o.Own...)
	var names []string
	for _, c := range list {
		names = append(names, c.ID)
	}
	for _, id := range o.Accept {
		if !slices.Contains(names, id) {
			return fmt.Errorf("accept-unknown names the check %q, which does not exist.%s scimlint rules lists the checks", id, nearest.Question(id, names))
		}
	}
	return nil
}
