package catalog

import (
	"cmp"
	"slices"
	"strings"
)

// verbs are the actions that serve a method, the least first.
var verbs = map[string][]string{
	"GET":    {"view", "search", "viewSensitive", "read", "list"},
	"HEAD":   {"view", "search", "read"},
	"POST":   {"add", "create", "execute", "view", "search", "edit", "assign"},
	"PUT":    {"edit", "update", "add", "assign"},
	"PATCH":  {"edit", "update", "assign"},
	"DELETE": {"delete", "remove", "unassign", "edit"},
}

// Least orders permissions of which one is enough: first the one that serves
// the call and gives the least besides. The definition does not say this; the
// order is read from the names: an action that fits the method, then an entity
// and a domain that the path names, then the order of the list.
func Least(method, path string, permissions []string) []string {
	words := strings.FieldsFunc(strings.ToLower(PathOf(path)), func(r rune) bool { return r == '/' || r == '-' || r == '_' })
	type ranked struct {
		permission string
		rank       int
	}
	list := make([]ranked, len(permissions))
	for i, p := range permissions {
		list[i] = ranked{p, rank(method, words, p)}
	}
	slices.SortStableFunc(list, func(a, b ranked) int { return cmp.Compare(a.rank, b.rank) })
	out := make([]string, len(list))
	for i, r := range list {
		out[i] = r.permission
	}
	return out
}

// rank is low for a permission that fits the call.
func rank(method string, words []string, permission string) int {
	parts := strings.Split(permission, ":")
	if len(parts) != 3 {
		return 1 << 20
	}
	n := slices.Index(verbs[method], parts[2])
	switch {
	case parts[2] == "*":
		n = 90 // all actions give more than any one
	case n < 0:
		n = 20
	case method == "POST" && isQuery(words):
		n = slices.Index([]string{"view", "search", "execute", "add"}, parts[2])
		if n < 0 {
			n = 20
		}
	}
	if parts[1] == "*" || parts[0] == "*" {
		n += 200
	}
	if !namesIt(words, parts[1]) {
		n += 30
	}
	if !namesIt(words, parts[0]) && (parts[0] != "directory" || !slices.Contains(words, "scim")) {
		n += 3
	}
	return n
}

// isQuery recognises a POST that only reads.
func isQuery(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return w == "query" || w == "search" || w == "aggregates" })
}

// namesIt says whether a path names a domain or entity, in the plural too.
func namesIt(words []string, name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(words, func(w string) bool {
		return w == name || w == name+"s" || w+"s" == name || strings.TrimSuffix(name, "y")+"ies" == w
	})
}
