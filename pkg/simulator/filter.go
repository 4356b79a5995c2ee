package simulator

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	filter "github.com/scim2/filter-parser/v2"
)

// satisfies compares a filter with the attributes of one value. known is false for a filter
// that is not understood.
func satisfies(e filter.Expression, v resource) (ok, known bool) {
	switch x := e.(type) {
	case *filter.AttributeExpression:
		return compares(x, v.get(x.AttributePath.AttributeName))
	case *filter.LogicalExpression:
		left, okLeft := satisfies(x.Left, v)
		right, okRight := satisfies(x.Right, v)
		if x.Operator == filter.AND {
			return left && right, okLeft && okRight
		}
		return left || right, okLeft && okRight
	case *filter.NotExpression:
		inner, known := satisfies(x.Expression, v)
		return !inner, known
	}
	return false, false
}

func compares(x *filter.AttributeExpression, has any) (ok, known bool) {
	// Entra ID writes primary eq "True".
	equal := strings.EqualFold(fmt.Sprint(has), fmt.Sprint(x.CompareValue)) && has != nil
	switch x.Operator {
	case filter.EQ:
		return equal, true
	case filter.NE:
		return !equal, true
	case filter.PR:
		return has != nil, true
	case filter.SW:
		return has != nil && strings.HasPrefix(strings.ToLower(fmt.Sprint(has)), strings.ToLower(fmt.Sprint(x.CompareValue))), true
	case filter.CO:
		return has != nil && strings.Contains(strings.ToLower(fmt.Sprint(has)), strings.ToLower(fmt.Sprint(x.CompareValue))), true
	}
	return false, false
}

// bareValue is a comparison as the definition writes it, without quotes.
var bareValue = regexp.MustCompile(`^\s*(\S+)\s+(?i:eq)\s+([^"\s].*?)\s*$`)

// oneValue is a comparison with a text that needs no escapes.
var oneValue = regexp.MustCompile(`^\s*(\S+)\s+(?i:eq)\s+"([^"\\]*)"\s*$`)

// query is attributes, each with the value that it must equal.
type query map[string]string

// queries are a list's filter: what fits any of them is in it.
type queries []query

// maxAlternatives bounds what a filter with and and or comes to.
const maxAlternatives = 64

// workValue is the comparison that Entra ID writes to match by a work e-mail address, which
// is not in the grammar of RFC 7644.
var workValue = regexp.MustCompile(`(?i)\bemails\[\s*type eq "[^"]*"\s*\]\.value\s+eq\b`)

// The attributes that a list can be filtered by, in lower case. What the definition lists are
// examples; an identity provider can match by any attribute that it maps.
var (
	userFilters  = []string{"id", "username", "externalid", "manager", "email", "emails", "emails.value", "department", "division", "active", "employeenumber", "displayname", "authority", "value"}
	groupFilters = []string{"id", "displayname", "externalid", "members", "members.value"}
)

// parseFilter reads the published filters: an attribute that equals a value, with quotes or
// without, the two attributes of an external id, and these joined by and and or.
func parseFilter(text string, allowed []string) (queries, *scimError) {
	no := invalid("invalidFilter", "the filter is not understood: %s", text)
	if len(text) > maxPath {
		return nil, invalid("invalidFilter", "the filter is too long")
	}
	// What nearly every client asks is read here: the parser costs ten times as much.
	if m := oneValue.FindStringSubmatch(text); m != nil {
		name, core := strings.CutPrefix(strings.ToLower(m[1]), strings.ToLower(userSchema)+":")
		if _, has := userKind.core.Attributes.ContainsAttribute(name); slices.Contains(allowed, name) && (has || !core) && name != "authority" && name != "value" {
			return queries{{name: m[2]}}, nil
		}
	}
	if m := bareValue.FindStringSubmatch(text); m != nil && !strings.ContainsAny(m[2], `"[]()`) {
		text = fmt.Sprintf("%s eq %q", m[1], m[2])
	}
	e, err := filter.ParseFilter([]byte(workValue.ReplaceAllString(text, "emails eq")))
	if err != nil {
		return nil, no
	}
	all, ok := expand(e)
	if !ok || len(all) == 0 {
		return nil, no
	}
	for _, q := range all {
		if !q.allowed(allowed) {
			return nil, no
		}
	}
	return all, nil
}

// allowed says whether a list can be filtered by all of a query's attributes.
func (q query) allowed(names []string) bool {
	for name := range q {
		if !slices.Contains(names, name) {
			return false
		}
	}
	_, authority := q["authority"]
	_, value := q["value"]
	return len(q) > 0 && authority == value
}

// expand makes an expression a list of queries, of which one has to fit.
func expand(e filter.Expression) (queries, bool) {
	l, ok := e.(*filter.LogicalExpression)
	if !ok {
		q := query{}
		return queries{q}, q.read(e)
	}
	left, okLeft := expand(l.Left)
	right, okRight := expand(l.Right)
	if !okLeft || !okRight || len(left)*len(right) > maxAlternatives || len(left)+len(right) > maxAlternatives {
		return nil, false
	}
	if l.Operator != filter.AND {
		return append(left, right...), true
	}
	var out queries
	for _, a := range left {
		for _, b := range right {
			if q, ok := a.and(b); ok {
				out = append(out, q)
			}
		}
	}
	if len(out) == 0 { // nobody has two values of one attribute
		out = queries{{"id": ""}}
	}
	return out, true
}

// and joins two queries; ok is false where they contradict each other.
func (q query) and(other query) (joined query, ok bool) {
	joined = maps.Clone(q)
	for name, value := range other {
		if has, both := joined[name]; both && !strings.EqualFold(has, value) {
			return nil, false
		}
		joined[name] = value
	}
	return joined, true
}

func (q query) read(e filter.Expression) bool {
	switch x := e.(type) {
	case *filter.AttributeExpression:
		if !belongs(x.AttributePath) {
			return false
		}
		name := strings.ToLower(x.AttributePath.AttributeName)
		if sub := x.AttributePath.SubAttributeName(); sub != "" && (name != "manager" || !strings.EqualFold(sub, "value")) {
			name += "." + strings.ToLower(sub)
		}
		q[name] = fmt.Sprint(x.CompareValue)
		return x.Operator == filter.EQ
	case *filter.ValuePath:
		if name := strings.ToLower(x.AttributePath.AttributeName); name == "emails" || name == "members" {
			return belongs(x.AttributePath) && q.readValue(name, x.ValueFilter)
		}
		l, ok := x.ValueFilter.(*filter.LogicalExpression)
		return ok && belongs(x.AttributePath) && strings.EqualFold(x.AttributePath.AttributeName, "externalIds") && l.Operator == filter.AND && q.read(l.Left) && q.read(l.Right)
	}
	return false
}

// readValue reads the value that a part of a list has, as in emails[value eq "…"] and
// members[type eq "User" and value eq "…"]; the type of a part is not compared.
func (q query) readValue(name string, e filter.Expression) bool {
	switch x := e.(type) {
	case *filter.AttributeExpression:
		part := strings.ToLower(x.AttributePath.AttributeName)
		if part == "value" {
			q[name] = fmt.Sprint(x.CompareValue)
		}
		return x.Operator == filter.EQ && (part == "value" || part == "type")
	case *filter.LogicalExpression:
		return x.Operator == filter.AND && q.readValue(name, x.Left) && q.readValue(name, x.Right) && q[name] != ""
	}
	return false
}

// belongs says whether a path that names a schema names an attribute of it.
func belongs(path filter.AttributePath) bool {
	uri := path.URI()
	if uri == "" {
		return true
	}
	for _, k := range []kind{userKind, groupKind} {
		if s, ok := k.schemaOf(uri); ok {
			_, ok = s.Attributes.ContainsAttribute(path.AttributeName)
			return ok
		}
	}
	return false
}

// find returns whom a filter finds, in the order in which they came.
func (st *store) find(all queries) []*person {
	if len(all) == 1 {
		return st.findBy(all[0])
	}
	var out []*person
	for _, p := range st.people {
		if !p.deleted() && slices.ContainsFunc(all, p.fits) {
			out = append(out, p)
		}
	}
	return out
}

// findBy returns whom a query finds. Those by id, userName and externalId are looked up.
func (st *store) findBy(q query) []*person {
	one := func(p *person) []*person {
		if p == nil || p.deleted() || !p.fits(q) {
			return nil
		}
		return []*person{p}
	}
	for name, value := range q {
		switch name {
		case "id":
			return one(st.byID[value])
		case "username":
			return one(st.named(value))
		case "externalid":
			return one(st.byExternal[externalID{scimAuthority, value}])
		}
	}
	var out []*person
	for _, p := range st.people {
		if !p.deleted() && p.fits(q) {
			out = append(out, p)
		}
	}
	return out
}

func (p *person) fits(q query) bool {
	for name, value := range q {
		if !p.fitsOne(q, name, value) {
			return false
		}
	}
	return true
}

// fitsOne compares one attribute of a query; one that it does not know fits.
func (p *person) fitsOne(q query, name, value string) bool {
	switch name {
	case "id":
		return p.id == value
	case "username":
		return strings.EqualFold(p.Email, value)
	case "externalid":
		return slices.Contains(p.allExternalIDs(), externalID{scimAuthority, value})
	case "manager":
		return p.manager == value
	case "email", "emails", "emails.value":
		return strings.EqualFold(p.Email, value) || slices.ContainsFunc(p.emails, func(e typedValue) bool { return strings.EqualFold(e.Value, value) })
	case "department":
		return strings.EqualFold(p.department, value)
	case "division":
		return strings.EqualFold(p.Division, value)
	case "active":
		return fmt.Sprint(p.active()) == strings.ToLower(value)
	case "employeenumber":
		return p.employeeNumber == value
	case "displayname":
		return strings.EqualFold(p.Name, value)
	case "authority":
		return slices.Contains(p.allExternalIDs(), externalID{value, q["value"]})
	}
	return true
}
