package catalog

import (
	"slices"
	"strings"
)

// node is one segment of the tree of path templates.
type node struct {
	literal map[string]*node
	hole    *node
	// calls are the operations that end here, by method.
	calls map[string]int
}

func (n *node) add(segments []string, method string, operation int) {
	for _, s := range segments {
		if strings.HasPrefix(s, "{") {
			if n.hole == nil {
				n.hole = &node{}
			}
			n = n.hole
			continue
		}
		if n.literal == nil {
			n.literal = map[string]*node{}
		}
		if n.literal[s] == nil {
			n.literal[s] = &node{}
		}
		n = n.literal[s]
	}
	if n.calls == nil {
		n.calls = map[string]int{}
	}
	n.calls[method] = operation
}

// find returns the ends that a path leads to, the one with the fewest
// placeholders first; visit returns true to stop.
func (n *node) find(segments []string, visit func(*node) bool) bool {
	if len(segments) == 0 {
		return len(n.calls) > 0 && visit(n)
	}
	if next := n.literal[segments[0]]; next != nil && next.find(segments[1:], visit) {
		return true
	}
	return n.hole != nil && segments[0] != "" && n.hole.find(segments[1:], visit)
}

// Match returns the operation that a request calls. The path may be a template
// or a concrete one, with a host, a variable such as {{baseUrl}} or a query
// around it. A literal segment beats a placeholder. The capitals of SCIM's
// /Users and /Groups (RFC 7644) are accepted, as the platform accepts them.
func (c *Catalog) Match(method, path string) (Operation, bool) {
	if o, ok := c.Lookup(method, path); ok {
		return o, true
	}
	found := -1
	c.tree.find(segmentsOf(path), func(n *node) bool {
		i, ok := n.calls[method]
		if ok {
			found = i
		}
		return ok
	})
	if found < 0 {
		return Operation{}, false
	}
	return c.Operations[found], true
}

// Methods returns the methods that a path has, sorted; none for a path that is
// not published.
func (c *Catalog) Methods(path string) []string {
	var out []string
	c.tree.find(segmentsOf(path), func(n *node) bool {
		for m := range n.calls {
			if !slices.Contains(out, m) {
				out = append(out, m)
			}
		}
		return false
	})
	slices.Sort(out)
	return out
}

// ByID returns the operation of an operationId, whatever its capitals and
// underscores: an SDK's method names differ from it in these only.
func (c *Catalog) ByID(id string) (Operation, bool) {
	i, ok := c.byID[plainID(id)]
	if !ok {
		return Operation{}, false
	}
	return c.Operations[i], true
}

func plainID(id string) string { return strings.ToLower(strings.ReplaceAll(id, "_", "")) }

// maxSegments bounds a path; the longest published one has 14 segments.
const maxSegments = 24

// PathOf returns the path of a request without host, variables, query and
// fragment.
func PathOf(raw string) string {
	raw, _, _ = strings.Cut(raw, "?")
	raw, _, _ = strings.Cut(raw, "#")
	if _, rest, ok := strings.Cut(raw, "://"); ok {
		_, path, _ := strings.Cut(rest, "/")
		return "/" + path
	}
	// api.mypurecloud.com/api/v2/…, {{baseUrl}}/api/v2/…
	if host, path, ok := strings.Cut(raw, "/"); ok && host != "" {
		return "/" + path
	}
	return raw
}

func segmentsOf(raw string) []string {
	list := strings.SplitN(strings.TrimSuffix(strings.TrimPrefix(PathOf(raw), "/"), "/"), "/", maxSegments)
	for i := 2; i < len(list); i++ {
		// What follows the SCIM base: /Users, /Groups, /Schemas, /ResourceTypes.
		if list[i-1] == "scim" || list[i-1] == "v2" && list[i-2] == "scim" {
			list[i] = strings.ToLower(list[i])
		}
	}
	return list
}
