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
		about := slices.Concat(f.Fix.Permissions, f.Fix.Scopes)
		if s := f.Suspicion; s != nil {
			about = append(append(about, string(s.Cause)), s.Operations...)
			c.Causes = union(c.Causes, []string{string(s.Cause)})
			c.Operations = union(c.Operations, s.Operations)
			about = append(about, s.About...)
		}
		about = append(about, f.About...)
		slices.Sort(about)
		parts = append(parts, strings.Join(slices.Compact(about), "\x1f"))
	}
	if c.Status == results.Pass || c.Status == results.Skip {
		return
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x1e")))
	c.Fingerprint = hex.EncodeToString(sum[:12])
}
