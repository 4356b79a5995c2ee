package catalog

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Nearest returns up to n names of a list that are like a name, the most alike
// first. Names are compared part by part, at ":", "." and "/", because advice
// has the right words in the wrong order more often than it has typing errors.
func Nearest(name string, list []string, n int) []string {
	type scored struct {
		name  string
		score float64
	}
	var all []scored
	want := nameParts(name)
	for _, candidate := range list {
		if s := likeness(want, nameParts(candidate)); s > 0 {
			all = append(all, scored{candidate, s})
		}
	}
	slices.SortStableFunc(all, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(len(a.name), len(b.name)), cmp.Compare(a.name, b.name))
	})
	var out []string
	for _, s := range all {
		if len(out) == n || s.score < all[0].score*0.7 {
			break
		}
		out = append(out, s.name)
	}
	return out
}

// SameWords says whether two names differ only in plurals, capitals and synonyms.
func SameWords(a, b string) bool { return slices.Equal(nameParts(a), nameParts(b)) }

// nameParts are the words of a name in small letters, plurals made singular.
func nameParts(name string) []string {
	var out []string
	for _, p := range strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune(":./-_", r) }) {
		p = strings.ToLower(p)
		if len(p) > 3 {
			p = strings.TrimSuffix(p, "s")
		}
		if same, ok := synonyms[p]; ok {
			p = same
		}
		out = append(out, p)
	}
	return out
}

// synonyms are the words that advice uses for the platform's own.
var synonyms = map[string]string{"read": "view", "readonly": "view", "write": "edit", "manage": "edit", "update": "edit", "create": "add", "remove": "delete", "member": "user"}

// likeness counts the parts of two names that are equal or nearly so, and requires
// off what either has more.
func likeness(want, have []string) float64 {
	score := 0.0
	for i, w := range want {
		best := 0.0
		for j, h := range have {
			s := 0.0
			switch d := levenshtein.ComputeDistance(w, h); {
			case d == 0:
				s = 2
			case len(w) > 4 && d <= len(w)/4:
				s = 1.4
			case len(h) > 3 && strings.Contains(w, h) || len(w) > 3 && strings.Contains(h, w):
				s = 1
			}
			if s > 0 && i == j {
				s += 0.5
			}
			best = max(best, s)
		}
		score += best
	}
	if score < 2 {
		return 0
	}
	diff := len(want) - len(have)
	return score - 0.5*float64(max(diff, -diff))
}

// NearestPaths returns up to n published path templates that are like a path.
func (c *Catalog) NearestPaths(path string, n int) []string { return c.NearestPathsOf("", path, n) }

// NearestPathsOf returns up to n published path templates that are like a path and have a
// method; any method where it is empty.
func (c *Catalog) NearestPathsOf(method, path string, n int) []string {
	var short []string
	back := map[string]string{}
	for _, o := range c.Operations {
		s := plainPath(o.Path)
		if back[s] == "" && (method == "" || o.Method == method) {
			short = append(short, s)
			back[s] = o.Path
		}
	}
	out := Nearest(plainPath(PathOf(path)), short, n)
	for i, p := range out {
		out[i] = back[p]
	}
	return out
}

// variable is a part of a path that is an id, or the place of one.
var variable = regexp.MustCompile(`/(?:\{[^/]*\}|\d+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27})(/|$)`)

// plainPath is a path as paths are compared: without what all begin with, and with one
// name for all ids, since what an id is called says nothing of the operation.
func plainPath(path string) string {
	path = strings.TrimPrefix(strings.TrimPrefix(path, "/api"), "/v2")
	// Twice, because ids that follow each other share a slash.
	return variable.ReplaceAllString(variable.ReplaceAllString(path, "/{}$1"), "/{}$1")
}
