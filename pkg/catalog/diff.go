package catalog

import (
	"fmt"
	"slices"
	"strings"
)

// Change is what differs of one operation between two catalogues.
type Change struct {
	// Kind is added, removed, access check, scopes or refusals.
	Kind   string `json:"kind"`
	Method string `json:"method"`
	Path   string `json:"path"`
	// Before and After put the thing in words; empty where there is not one.
	Before string `json:"before"`
	After  string `json:"after"`
}

// Diff says what changed from one catalogue to another: for the operations of the
// former, and of the others those of SCIM. Codes are compared where the former has some.
func Diff(before, after *Catalog) []Change {
	var out []Change
	for _, o := range before.Operations {
		n, ok := after.Lookup(o.Method, o.Path)
		if !ok {
			out = append(out, Change{"removed", o.Method, o.Path, gateWords(o.Gate), ""})
			continue
		}
		for _, c := range []Change{{"gate", o.Method, o.Path, gateWords(o.Gate), gateWords(n.Gate)},
			{"scopes", o.Method, o.Path, setWords(o.Scopes), setWords(n.Scopes)}, {"refusals", o.Method, o.Path, setWords(o.Refusals), setWords(n.Refusals)}} {
			// Of most operations the embedded catalogue has no refusal codes.
			if c.Before != c.After && (c.Kind != "refusals" || len(o.Refusals) > 0) {
				out = append(out, c)
			}
		}
	}
	for _, n := range after.Operations {
		if _, ok := before.Lookup(n.Method, n.Path); !ok && strings.HasPrefix(n.Path, SCIMBaseUnversioned+"/") {
			out = append(out, Change{"added", n.Method, n.Path, "", gateWords(n.Gate)})
		}
	}
	return out
}

func gateWords(g Gate) string {
	if len(g.Permissions) == 0 {
		return "no permission"
	}
	return fmt.Sprintf("%s of %s", strings.ToLower(string(g.Type)), setWords(g.Permissions))
}

func setWords(list []string) string {
	sorted := slices.Clone(list)
	slices.Sort(sorted)
	return strings.Join(sorted, ", ")
}
