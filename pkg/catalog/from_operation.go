package catalog

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// NeededCheck is the id of the check that judges operations which are no SCIM work.
const NeededCheck = "needed-operation-is-allowed"

// FromOperation returns an operation of the catalogue as one that somebody
// needs. Where all permissions of its access check are required, each is a
// feature; where any one is enough, one feature names the least of them, with
// the others as its alternatives. A SCIM operation has the features of the work
// behind it instead, because its access check lets through what the work then
// refuses.
func FromOperation(o Operation) NeededOperation {
	n := NeededOperation{ID: operationID(o), Title: "call " + o.Method + " " + o.Path, Method: o.Method, Path: o.Path, Gate: o.Gate, Scopes: o.Scopes}
	if n.SCIM() {
		return fromSCIM(n)
	}
	_, described := Default().Lookup(o.Method, o.Path)
	// A permission of one word is in no list of a role's policies: nothing is decided by it.
	named := slices.DeleteFunc(o.Gate.Named(), func(p string) bool { return !strings.Contains(p, ":") })
	unnamed := len(named) < len(o.Gate.Permissions)
	n.GateUnpublished = len(named) == 0 && !described || unnamed && (len(named) == 0 || o.Gate.Type == GateAll)
	switch {
	case len(named) == 0:
	case o.Gate.Type == GateAll:
		for _, p := range named {
			n.Features = append(n.Features, Feature{Name: "call it", Check: NeededCheck, Permission: p, Placeless: true})
		}
	default:
		ranked := Least(o.Method, o.Path, named)
		n.Features = []Feature{{Name: "call it", Check: NeededCheck, Permission: ranked[0], Alternatives: ranked[1:], Placeless: true}}
	}
	return n
}

// Named are the permissions of the access check. The definition has sentences in the
// place of some, which no role can include.
func (g Gate) Named() []string {
	return slices.DeleteFunc(slices.Clone(g.Permissions), func(p string) bool { return !permissionForm.MatchString(p) })
}

// permissionForm is the form of a permission: domain, entity and action, or one word as
// of the platform's first years, such as admin.
var permissionForm = regexp.MustCompile(`^[\w-]+:[\w-]+:[\w*-]+$|^[\w-]+$`)

// fromSCIM adds what the work behind a SCIM endpoint requires.
func fromSCIM(n NeededOperation) NeededOperation {
	if known, ok := NeededBy(append(DefaultNeeds(), NeedGroups), n.Method, n.Path); ok {
		n.Features = known.Features
		if known.Method == n.Method && SCIMRest(known.Path) == SCIMRest(n.Path) {
			n.ID, n.Title = known.ID, known.Title
		}
		return n
	}
	for _, p := range n.Gate.Permissions { // reading groups
		n.Features = append(n.Features, Feature{Name: "call it", Check: NeededCheck, Permission: p})
	}
	return n
}

// SCIMRest returns what follows either SCIM base of a published path, such as
// "/users/{userId}", and nothing for other paths.
func SCIMRest(path string) string {
	rest, ok := strings.CutPrefix(path, SCIMBaseUnversioned+"/")
	if !ok {
		return ""
	}
	return "/" + strings.TrimPrefix(rest, "v2/")
}

// operationID makes a report's id of an operationId: postRoutingQueues becomes
// post-routing-queues.
func operationID(o Operation) string {
	var b strings.Builder
	for i, r := range firstText(o.ID, strings.ToLower(o.Method)+strings.NewReplacer("/", "-", "{", "", "}", "").Replace(o.Path)) {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				b.WriteByte('-')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

func firstText(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// ParseNeedOperations reads operations as users write them, such as
// "POST /api/v2/routing/queues", and finds each in the catalogue.
func (c *Catalog) ParseNeedOperations(items []string) ([]NeededOperation, error) {
	var out []NeededOperation
	for _, item := range items {
		words := strings.Fields(item)
		if len(words) != 2 {
			return nil, fmt.Errorf("operation %q is not a method and a path: write it as in \"POST /api/v2/routing/queues\"", item)
		}
		o, err := c.Find(words[0], words[1])
		if err != nil {
			return nil, err
		}
		n := FromOperation(o)
		if !slices.ContainsFunc(out, func(known NeededOperation) bool { return known.Method == n.Method && known.Path == n.Path }) {
			out = append(out, n)
		}
	}
	return out, nil
}

// Find is Match with an error that says what is wrong and what is near.
func (c *Catalog) Find(method, path string) (Operation, error) {
	method = strings.ToUpper(method)
	if !strings.HasPrefix(PathOf(path), "/") {
		return Operation{}, fmt.Errorf("%q is not a path: write it as /api/v2/scim/v2/users", path)
	}
	if o, ok := c.Match(method, path); ok {
		return o, nil
	}
	if others := c.Methods(path); len(others) > 0 {
		return Operation{}, fmt.Errorf("the path %s has %s, not %s", path, strings.Join(others, ", "), method)
	}
	text := fmt.Sprintf("the catalogue of %d operations (%s) has no %s %s", len(c.Operations), c.Label(), method, path)
	if near := c.nearest(method, path, 3); len(near) > 0 {
		text += ": did you mean " + strings.Join(near, " or ") + "?"
	} else {
		text += ": scimlint catalog show lists them"
	}
	return Operation{}, errors.New(text)
}

// nearest names up to n operations that are like a call, those of its method first.
func (c *Catalog) nearest(method, path string, n int) []string {
	var same, other []string
	for _, p := range c.NearestPaths(path, n) {
		methods := c.Methods(p)
		if slices.Contains(methods, method) {
			same = append(same, method+" "+p)
		} else {
			other = append(other, strings.Join(methods, "|")+" "+p)
		}
	}
	return append(same, other...)
}
