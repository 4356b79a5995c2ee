package simulator

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/elimity-com/scim/schema"
	filter "github.com/scim2/filter-parser/v2"
)

// scimError is a refusal in SCIM's own form.
type scimError struct {
	status int
	kind   string // the scimType
	detail string
}

func invalid(kind, format string, args ...any) *scimError {
	return &scimError{400, kind, fmt.Sprintf(format, args...)}
}

// patch changes a resource of a kind the way RFC 7644 section 3.5.2 says.
type patch struct {
	kind     kind
	resource resource
}

// apply carries out the operations of a PATCH body in their order.
func (p *patch) apply(body resource) *scimError {
	schemas, _ := body.get("schemas").([]any)
	if !slices.ContainsFunc(schemas, func(s any) bool { text, _ := s.(string); return strings.EqualFold(text, patchSchema) }) {
		return invalid("invalidSyntax", "schemas must contain %s", patchSchema)
	}
	list, ok := body.get("Operations").([]any)
	if !ok || len(list) == 0 {
		return invalid("invalidSyntax", "Operations must be a list of operations")
	}
	for _, item := range list {
		one, ok := item.(map[string]any)
		if !ok {
			return invalid("invalidSyntax", "an operation must be an object")
		}
		if err := p.operation(one); err != nil {
			return err
		}
	}
	return nil
}

func (p *patch) operation(one resource) *scimError {
	op, _ := one.get("op").(string)
	op = strings.ToLower(op) // Entra ID writes Add, Replace and Remove
	if op != "add" && op != "replace" && op != "remove" {
		return invalid("invalidSyntax", "op must be add, replace or remove")
	}
	rawPath, value := one.get("path"), one.get("value")
	path, ok := rawPath.(string)
	if rawPath != nil && !ok {
		return invalid("invalidPath", "path must be a text")
	}
	if strings.TrimSpace(path) != "" {
		err := p.at(op, path, value)
		if err != nil && err.kind == "invalidPath" && isPassedOver(path) {
			return nil // as without a path
		}
		return err
	}
	if op == "remove" {
		return invalid("noTarget", "a remove operation requires a path")
	}
	fields, ok := value.(map[string]any)
	if !ok {
		return invalid("invalidValue", "without a path, value must be an object")
	}
	return p.fields(op, fields, "")
}

// fields applies each attribute of an object. Clients send attributes of RFC 7643 that the
// platform does not have, and the resource's own id: these are passed over.
func (p *patch) fields(op string, fields map[string]any, prefix string) *scimError {
	for _, key := range sortedKeys(fields) {
		if prefix == "" && (strings.EqualFold(key, "schemas") || strings.EqualFold(key, "meta")) {
			continue
		}
		if prefix == "" && strings.EqualFold(key, "id") && fields[key] == p.resource["id"] {
			continue
		}
		err := p.at(op, prefix+key, fields[key])
		if err != nil && err.kind == "invalidPath" && isPassedOver(key) {
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// at applies an operation to the attributes that a path selects.
func (p *patch) at(op, path string, value any) *scimError {
	path = strings.TrimSpace(path)
	if s, ok := p.kind.schemaOf(path); ok {
		return p.whole(op, s, value)
	}
	parsed, err := parsePath(path)
	if err != nil {
		return err
	}
	s := p.kind.core
	if uri := parsed.AttributePath.URI(); uri != "" {
		var ok bool
		if s, ok = p.kind.schemaOf(uri); !ok {
			return invalid("invalidPath", "no schema is named %s", uri)
		}
	}
	a, ok := s.Attributes.ContainsAttribute(parsed.AttributePath.AttributeName)
	if !ok {
		return invalid("invalidPath", "%s has no attribute %s", p.kind.name, path)
	}
	sub := parsed.AttributePath.SubAttributeName() + parsed.SubAttributeName()
	t := target{attribute: a, filter: parsed.ValueExpression}
	if sub != "" {
		if t.sub, ok = a.SubAttributes().ContainsAttribute(sub); !ok {
			return invalid("invalidPath", "%s has no attribute %s", p.kind.name, path)
		}
		t.hasSub = true
	}
	in := p.resource
	if s.ID != p.kind.core.ID {
		in, _ = p.resource.get(s.ID).(map[string]any)
		if in == nil {
			in = resource{}
		}
	}
	if err := t.apply(op, in, value); err != nil {
		return err
	}
	if s.ID != p.kind.core.ID {
		p.resource.put(s.ID, map[string]any(in))
	}
	return nil
}

// whole applies an operation to all attributes of a schema.
func (p *patch) whole(op string, s schema.Schema, value any) *scimError {
	fields, ok := value.(map[string]any)
	extension := s.ID != p.kind.core.ID
	switch {
	case op == "remove" && extension:
		p.resource.put(s.ID, nil)
		return nil
	case op == "remove":
		return invalid("noTarget", "a remove operation names an attribute")
	case !ok:
		return invalid("invalidValue", "the value of %s must be an object", s.ID)
	}
	if op == "replace" && extension {
		p.resource.put(s.ID, nil)
	}
	return p.fields(op, fields, s.ID+":")
}

// maxPath bounds a path or filter: the parser is recursive.
const maxPath = 1000

// parsePath reads a path. The parser is a library's, and what it makes of hostile texts is
// fuzzed.
func parsePath(path string) (parsed filter.Path, err *scimError) {
	if len(path) > maxPath {
		return parsed, invalid("invalidPath", "the path is too long")
	}
	parsed, wrong := filter.ParsePath([]byte(path))
	if wrong != nil {
		return parsed, invalid("invalidPath", "the path is not understood: %s", path)
	}
	return parsed, nil
}

// target is what a path selects within a resource or an extension.
type target struct {
	attribute, sub schema.CoreAttribute
	hasSub         bool
	filter         filter.Expression
}

func (t *target) apply(op string, in resource, value any) *scimError {
	name := t.attribute.Name()
	if t.attribute.Mutability() == "readOnly" || t.hasSub && t.sub.Mutability() == "readOnly" {
		if reflect.DeepEqual(in.get(name), value) {
			return nil // Okta sends a group's name as it is
		}
		return &scimError{400, "mutability", name + " is read-only"}
	}
	switch {
	case t.attribute.MultiValued():
		return t.many(op, in, value)
	case t.filter != nil:
		return invalid("invalidPath", "%s has one value: no filter selects it", name)
	case t.hasSub:
		inner, _ := in.get(name).(map[string]any)
		if inner == nil {
			inner = map[string]any{}
		}
		if op == "remove" {
			value = nil
		}
		resource(inner).put(t.sub.Name(), shaped(t.sub, value))
		if len(inner) == 0 {
			in.put(name, nil)
		} else {
			in.put(name, inner)
		}
		return nil
	case op == "remove":
		in.put(name, nil)
		return nil
	}
	value = shaped(t.attribute, value)
	if fields, ok := value.(map[string]any); ok && op == "add" {
		if old, ok := in.get(name).(map[string]any); ok {
			for _, key := range sortedKeys(fields) {
				resource(old).put(key, fields[key])
			}
			return nil
		}
	}
	in.put(name, value)
	return nil
}

// shaped turns the shapes that clients send into the schema's: "True" for a boolean, the
// bare value of a complex attribute, one value of a list.
func shaped(a schema.CoreAttribute, value any) any {
	if list, ok := value.([]any); ok {
		out := make([]any, len(list))
		for i, v := range list {
			out[i] = shapedOne(a, v)
		}
		return out
	}
	return shapedOne(a, value)
}

func shapedOne(a schema.CoreAttribute, value any) any {
	switch x := value.(type) {
	case string:
		if a.HasSubAttributes() {
			return map[string]any{"value": x}
		}
		return boolean(a, x)
	case map[string]any:
		out := resource{}
		for _, key := range sortedKeys(x) {
			if sub, ok := a.SubAttributes().ContainsAttribute(key); ok {
				out[sub.Name()] = shapedOne(sub, x[key])
			} else {
				out[key] = x[key]
			}
		}
		return map[string]any(out)
	}
	return value
}

// many applies an operation to an attribute with several values.
func (t *target) many(op string, in resource, value any) *scimError {
	name := t.attribute.Name()
	list, _ := in.get(name).([]any)
	list = slices.Clone(list)
	var err *scimError
	switch {
	case t.filter != nil || t.hasSub:
		list, err = t.selected(op, list, value)
	case op == "remove" && value != nil:
		list = without(list, valuesIn(t.attribute, value)) // as Entra ID removes members
	case op == "remove":
		list = nil
	case value == nil && op == "replace":
		list = nil
	default:
		more := valuesIn(t.attribute, value)
		if op == "replace" {
			list = nil
		}
		for _, v := range more {
			list = with(list, v)
		}
	}
	if err != nil {
		return err
	}
	if len(list) == 0 {
		in.put(name, nil)
	} else {
		in.put(name, list)
	}
	return nil
}

// valuesIn are the values that an operation names, one or a list.
func valuesIn(a schema.CoreAttribute, value any) []any {
	shape := shaped(a, value)
	if list, ok := shape.([]any); ok {
		return list
	}
	return []any{shape}
}

// identity is what tells the values of a list apart.
func identity(value any) string {
	m, ok := value.(map[string]any)
	if !ok {
		return fmt.Sprint(value)
	}
	return fmt.Sprint(resource(m).get("value"), "\x00", resource(m).get("name"), "\x00", resource(m).get("authority"), "\x00", resource(m).get("type"))
}

// with adds a value to a list that does not have it. A value that is primary makes the
// others not.
func with(list []any, value any) []any {
	if m, ok := value.(map[string]any); ok && m["primary"] == true {
		list = demoted(list)
	}
	if i := slices.IndexFunc(list, func(v any) bool { return identity(v) == identity(value) }); i >= 0 {
		list[i] = value
		return list
	}
	return append(list, value)
}

func demoted(list []any) []any {
	out := slices.Clone(list)
	for i, v := range out {
		if m, ok := v.(map[string]any); ok && m["primary"] == true {
			c := resource{}
			for k, x := range m {
				c[k] = x
			}
			delete(c, "primary")
			out[i] = map[string]any(c)
		}
	}
	return out
}

// without removes values from a list by their value, or their name.
func without(list, gone []any) []any {
	key := func(v any) string {
		m, _ := v.(map[string]any)
		return fmt.Sprint(resource(m).get("value"), "\x00", resource(m).get("name"))
	}
	return slices.DeleteFunc(list, func(v any) bool {
		return slices.ContainsFunc(gone, func(g any) bool { return key(g) == key(v) })
	})
}

// selected applies an operation to the values that a filter selects, or to a sub-attribute.
func (t *target) selected(op string, list []any, value any) ([]any, *scimError) {
	var out []any
	hits := 0
	for _, v := range list {
		m, ok := v.(map[string]any)
		if !ok {
			continue
		}
		hit, err := t.hits(m)
		if err != nil {
			return nil, err
		}
		if !hit {
			out = append(out, m)
			continue
		}
		hits++
		if m = t.changed(op, m, value); m != nil {
			// One that becomes primary makes those not that the filter does not select.
			if t.hasSub && t.sub.Name() == "primary" && m["primary"] == true && hits == 1 {
				list, out = demoted(list), demoted(out)
			}
			out = append(out, m)
		}
	}
	if hits > 0 || op == "remove" {
		return out, nil
	}
	if op == "replace" && t.filter != nil {
		return nil, invalid("noTarget", "no value of %s matches the filter", t.attribute.Name())
	}
	// Entra ID adds to emails[type eq "work"].value where there is none yet.
	fresh := resource{}
	if !pinned(t.filter, fresh) {
		return nil, invalid("noTarget", "no value of %s matches the filter", t.attribute.Name())
	}
	if m := t.changed(op, fresh, value); m != nil {
		out = with(out, m)
	}
	return out, nil
}

func (t *target) hits(m map[string]any) (bool, *scimError) {
	if t.filter == nil {
		return true, nil
	}
	ok, known := satisfies(t.filter, m)
	if !known {
		return false, invalid("invalidFilter", "the filter of the path is not understood")
	}
	return ok, nil
}

// changed is a value after the operation; nil when the operation removes it.
func (t *target) changed(op string, m map[string]any, value any) map[string]any {
	out := resource{}
	for k, v := range m {
		out[k] = v
	}
	switch {
	case t.hasSub && op == "remove":
		out.put(t.sub.Name(), nil)
	case t.hasSub:
		out.put(t.sub.Name(), shapedOne(t.sub, value))
	case op == "remove":
		return nil
	default:
		fields, _ := shapedOne(t.attribute, value).(map[string]any)
		for _, k := range sortedKeys(fields) {
			out.put(k, fields[k])
		}
	}
	if len(out) == 0 || len(t.attribute.SubAttributes()) > 0 && out["value"] == nil && out["name"] == nil && out["authority"] == nil {
		return nil
	}
	return out
}

// pinned writes down what a filter of equalities demands of a value.
func pinned(e filter.Expression, into resource) bool {
	switch x := e.(type) {
	case nil:
		return true
	case *filter.AttributeExpression:
		into[x.AttributePath.AttributeName] = x.CompareValue
		return x.Operator == filter.EQ
	case *filter.LogicalExpression:
		return x.Operator == filter.AND && pinned(x.Left, into) && pinned(x.Right, into)
	}
	return false
}
