// Package nearest finds the names that a misspelled one may have meant.
package nearest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
)

// most is how many names are suggested.
const most = 3

// Names returns the names of a list that are like a name, the nearest first: those
// within a third of its length in edits, or, where there is none, those that begin
// with it or with which it begins.
func Names(name string, list []string) []string {
	type scored struct {
		name  string
		edits int
	}
	var near []scored
	want := strings.ToLower(name)
	for _, candidate := range list {
		have := strings.ToLower(candidate)
		edits := levenshtein.ComputeDistance(want, have)
		if edits <= max(1, min(len(want), len(have))/3) {
			near = append(near, scored{candidate, edits})
		}
	}
	if len(near) == 0 && len(want) > 1 {
		for _, candidate := range list {
			have := strings.ToLower(candidate)
			if strings.HasPrefix(have, want) || len(have) > 2 && strings.HasPrefix(want, have) {
				near = append(near, scored{candidate, 0})
			}
		}
	}
	slices.SortStableFunc(near, func(a, b scored) int { return cmp.Compare(a.edits, b.edits) })
	var out []string
	for _, s := range near {
		if len(out) < most && !slices.Contains(out, s.name) {
			out = append(out, s.name)
		}
	}
	return out
}

// Question is a sentence that offers the nearest names, with a space before it; it is
// empty where no name is near.
func Question(name string, list []string) string {
	var quoted []string
	for _, n := range Names(name, list) {
		quoted = append(quoted, strconv.Quote(n))
	}
	switch n := len(quoted); n {
	case 0:
		return ""
	case 1:
		return " Did you mean " + quoted[0] + "?"
	default:
		return " Did you mean " + strings.Join(quoted[:n-1], ", ") + " or " + quoted[n-1] + "?"
	}
}
