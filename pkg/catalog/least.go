package catalog

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// verbs are the actions that serve a method, the one that says it first.
var verbs = map[string][]string{
	"GET":    {"view", "read", "search", "list"},
	"HEAD":   {"view", "read", "search"},
	"POST":   {"add", "create", "execute", "assign", "submit", "send", "manage", "edit"},
	"PUT":    {"edit", "update", "assign", "manage", "set", "add"},
	"PATCH":  {"edit", "update", "assign", "manage", "set"},
	"DELETE": {"delete", "remove", "unassign", "assign", "manage", "edit"},
}

// Least orders permissions of which one is enough: first the one that serves the call
// and allows least. The definition does not say this; the order is read from the names.
// A wildcard, and an action on all, allow more than any other. Then the entity that the
// path names wins, the more of its words the path has; then the action that the path
// names or that fits the method; then a domain that the path names.
func Least(method, path string, permissions []string) []string {
	list := rankAll(method, path, permissions)
	out := make([]string, len(list))
	for i, r := range list {
		out[i] = r.permission
	}
	return out
}

// LeastIsSure says whether the names leave no doubt which permission is the least: its
// entity and its action fit the call, and no other fits as well. Where they do, several
// are candidates, and none may be called the least.
func LeastIsSure(method, path string, permissions []string) bool {
	list := rankAll(method, path, permissions)
	if len(list) < 2 {
		return true
	}
	first, second := list[0], list[1]
	switch {
	case first.wide > 0:
		return false
	case first.entity <= 0:
		return second.wide > 0 && first.action > 0 || second.entity == first.entity && first.action >= 2*fits && first.action > second.action
	case second.wide > 0:
		return first.action > 0 || first.entity >= fully
	case first.entity != second.entity:
		return first.entity >= fully && first.action > 0
	}
	return first.action >= fits-4 && first.action-second.action > 4 || first.domain > second.domain && first.action == second.action
}

// ranked is a permission with how well it fits a call.
type ranked struct {
	permission string
	// wide is above zero for what allows more than one action on one entity.
	wide, entity, action, domain int
}

const (
	// fully is the least rank of an entity all of whose words the path has.
	fully = 100
	// fits is the rank of an action that is the method's own.
	fits = 20
)

func rankAll(method, path string, permissions []string) []ranked {
	segments := literals(path)
	about := slices.Clone(segments)
	if len(about) > 1 && slices.ContainsFunc(permissions, func(p string) bool { return sameWord(about[0], strings.ToLower(domainOf(p))) }) {
		about[0] = "" // it names a domain, and no entity of the same name
	}
	list := make([]ranked, len(permissions))
	for i, p := range permissions {
		list[i] = rank(method, segments, about, p)
	}
	slices.SortStableFunc(list, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.wide, b.wide), cmp.Compare(b.entity, a.entity), cmp.Compare(b.action, a.action), cmp.Compare(b.domain, a.domain))
	})
	return list
}

// literals are the segments of a path that are no placeholders and no ids, in small
// letters, without the API's own.
func literals(path string) []string {
	var out []string
	for s := range strings.SplitSeq(strings.ToLower(PathOf(path)), "/") {
		if s != "" && s != "api" && s != "v2" && !strings.HasPrefix(s, "{") && !identifier.MatchString(s) {
			out = append(out, s)
		}
	}
	return out
}

var identifier = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f-]{27}$|^\d+$`)

func domainOf(permission string) string {
	domain, _, _ := strings.Cut(permission, ":")
	return domain
}

func rank(method string, segments, about []string, permission string) ranked {
	r := ranked{permission: permission}
	parts := strings.Split(permission, ":")
	if len(parts) != 3 {
		r.wide = 4
		return r
	}
	for _, p := range parts {
		if p == "*" {
			r.wide++
		}
	}
	action := parts[2]
	if action == "all" || action == "admin" || strings.HasSuffix(action, "All") {
		r.wide = max(r.wide, 1)
	}
	r.entity = entityRank(about, parts[1])
	r.action = actionRank(method, segments, action)
	if slices.ContainsFunc(segments, func(s string) bool { return hasWord(s, strings.ToLower(parts[0])) }) || parts[0] == "directory" && slices.Contains(segments, "scim") {
		r.domain = 1
	}
	return r
}

// entityRank is high for an entity whose words the path has, the later the better.
func entityRank(segments []string, entity string) int {
	named, unnamed, last := 0, 0, 0
	for _, w := range wordsOf(entity) {
		at := 0
		for i, s := range segments {
			if hasWord(s, w) || w == "member" && i > 0 && sameWord(s, "user") {
				at = i + 1
			}
		}
		if at == 0 {
			unnamed++
			continue
		}
		named, last = named+1, max(last, at)
	}
	switch {
	case named == 0:
		return 0
	case unnamed == 0:
		return fully + 10*named + last
	}
	return 10*named + last - 5*unnamed
}

// actionRank is high for an action that the path names, then for one that fits the
// method.
func actionRank(method string, segments []string, action string) int {
	list := wordsOf(action)
	rank := 0
	for _, w := range list {
		if slices.ContainsFunc(segments, func(s string) bool { return hasWord(s, w) }) {
			rank += 2 * fits
		}
	}
	serving := verbs[method]
	if method == "POST" && isQuery(segments) {
		serving = []string{"view", "search", "read", "execute", "add"}
	}
	if i := slices.Index(serving, list[0]); i >= 0 {
		rank += max(fits-4*i, 1)
		if len(list) > 1 {
			rank-- // it says more than the method does
		}
	}
	return rank
}

var nameWords = regexp.MustCompile(`[A-Z]?[a-z]+|[A-Z]+|\d+[a-z]+\d*|\d+`)

// wordsOf are the words of a name such as queueMember, in small letters.
func wordsOf(name string) []string {
	list := nameWords.FindAllString(name, -1)
	for i := range list {
		list[i] = strings.ToLower(list[i])
	}
	if len(list) == 0 {
		return []string{name}
	}
	return list
}

// isQuery recognises a POST that only reads.
func isQuery(segments []string) bool {
	return slices.ContainsFunc(segments, func(w string) bool {
		return w == "query" || w == "search" || w == "aggregates" || strings.HasSuffix(w, "lookup") || w == "export"
	})
}

// hasWord says whether a segment is a word, or is made of it and others: routinglanguages
// has language.
func hasWord(segment, word string) bool {
	return sameWord(segment, word) || len(word) >= 4 && strings.Contains(segment, strings.TrimSuffix(word, "s")) || strings.HasSuffix(word, "y") && len(word) > 3 && strings.Contains(segment, strings.TrimSuffix(word, "y")+"ies")
}

// sameWord says whether two words are one, in the plural too.
func sameWord(a, b string) bool {
	return a == b || a == b+"s" || a+"s" == b || strings.TrimSuffix(b, "y")+"ies" == a
}
