package diagnose

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// identify adds what a check's findings point at, and a fingerprint made of it.
// The fingerprint rests on what is found and not on how it is worded, so that a
// baseline outlives a new release and the hour of the day, and notices a lack that
// was not there before.
func identify(c *results.Check, findings []lint.Finding, client string) {
	parts := []string{"v2", c.ID, string(c.Status), client}
	for _, f := range findings {
		if f.Status != c.Status {
			continue
		}
		about := slices.Concat(f.About, f.Fix.Scopes)
		lacks := f.Fix.Permissions // of a finding without a cause: what it needs to be read
		if s := f.Suspicion; s != nil {
			c.Causes = union(c.Causes, []string{string(s.Cause)})
			c.Operations = union(c.Operations, s.Operations)
			about = append(slices.Concat(about, s.About, s.Operations), string(s.Cause))
			if len(s.Lacks) > 0 {
				lacks = s.Lacks // the fix may name a role that includes more
			}
		}
		about = append(about, lacks...)
		slices.Sort(about)
		parts = append(parts, strings.Join(slices.Compact(about), "\x1f"))
	}
	if c.Status == results.Pass || c.Status == results.Skip {
		return
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x1e")))
	c.Fingerprint = hex.EncodeToString(sum[:12])
}
