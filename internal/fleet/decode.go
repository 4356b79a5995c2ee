package fleet

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v3"
)

// decoder reads the settings of one entry key by key, so that an error names line and key
// and shows no value: it may be a secret in the wrong place.
type decoder struct {
	p    *parser
	what string
}

var (
	shown  = regexp.MustCompile("`[^`]*`")
	goType = regexp.MustCompile(` into \S+`)
	inline = regexp.MustCompile(`(?i)^(client_?secret|access_?token|token|password|passwd|api_?key)$`)
	lines  = regexp.MustCompile(`line \d+: `)
)

// reason is a decoder's error without values, lines and types of Go.
func reason(err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	text = strings.TrimPrefix(strings.ReplaceAll(text, "\n  ", " "), "unmarshal errors: ")
	return lines.ReplaceAllString(goType.ReplaceAllString(shown.ReplaceAllString(text, "this value"), ""), "")
}

// decode sets the fields of a struct that the node has keys for; the others keep their
// values.
func (d decoder) decode(n *yaml.Node, into any) error {
	if n.Kind == yaml.AliasNode {
		return d.p.fail(n.Line, "%s: aliases (*name) are not read here: what many orgs share goes into defaults", d.what)
	}
	if n.Kind != yaml.MappingNode {
		return d.p.fail(n.Line, "%s: write it as keys with values, as in {name: acme, clientId: …}", d.what)
	}
	fields := map[string]reflect.Value{}
	collect(reflect.ValueOf(into).Elem(), fields)
	used := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		field, known := fields[key.Value]
		switch {
		case key.Value == "<<":
			return d.p.fail(key.Line, "%s: merges (<<) are not read here: what many orgs share goes into defaults", d.what)
		case value.Tag == "!!null":
			return d.p.fail(key.Line, "%s: the key %q is empty: give it a value, or leave it out", d.what, key.Value)
		case value.Kind == yaml.ScalarNode && value.Tag == "!!str" && value.Value == "" && !strings.HasSuffix(d.what, ": secret"):
			return d.p.fail(key.Line, "%s: the key %q is empty: give it a value, or leave it out", d.what, key.Value)
		case key.Value == "secret" && value.Kind == yaml.MappingNode && len(value.Content) == 0:
			return d.p.fail(key.Line, "%s: the key %q is empty: write {env: NAME}, {file: PATH} or {command: [PROGRAM, ARGUMENT]}", d.what, key.Value)
		case strings.HasSuffix(d.what, ": secret") && value.Kind != yaml.MappingNode && value.Value == "" && len(value.Content) == 0:
			return d.p.fail(key.Line, "%s: the key %q is empty: keep the one of env, file and command that says where the secret is", d.what, key.Value)
		case inline.MatchString(key.Value), key.Value == "secret" && value.Kind == yaml.ScalarNode:
			return d.p.fail(key.Line, "%s: the key %q has a secret, which never goes into the list: write secret: {env: NAME}, {file: PATH} or {command: [PROGRAM, ARGUMENT]}", d.what, key.Value)
		case !known:
			return d.p.fail(key.Line, "%s: %s", d.what, unknownKey("", key.Value, sortedKeys(fields)))
		case used[key.Value]:
			return d.p.fail(key.Line, "%s: the key %q is there twice", d.what, key.Value)
		}
		used[key.Value] = true
		if err := d.set(key, value, field); err != nil {
			return err
		}
	}
	return nil
}

// set decodes one value. A struct is decoded strictly too.
func (d decoder) set(key, value *yaml.Node, field reflect.Value) error {
	if line := alias(value, 0); line > 0 {
		return d.p.fail(line, "%s: aliases (*name) and deep nesting are not read here: what many orgs share goes into defaults", d.what)
	}
	if line := nothing(value, key.Value == "command"); line > 0 && key.Value != "secret" {
		return d.p.fail(line, "%s: the key %q has an empty value in it", d.what, key.Value)
	}
	fresh := reflect.New(field.Type())
	if _, own := fresh.Interface().(yaml.Unmarshaler); field.Kind() == reflect.Struct && !own {
		inner := decoder{d.p, d.what + ": " + key.Value}
		if err := inner.decode(value, fresh.Interface()); err != nil {
			return err
		}
	} else if field.Kind() == reflect.Int && value.Tag != "!!int" || field.Kind() == reflect.Bool && value.Tag != "!!bool" {
		return d.p.fail(value.Line, "%s: the key %q: %s", d.what, key.Value, expected(field.Type(), nil))
	} else if err := value.Decode(fresh.Interface()); err != nil {
		return d.p.fail(value.Line, "%s: the key %q: %s", d.what, key.Value, expected(field.Type(), err))
	}
	field.Set(fresh.Elem())
	return nil
}

// nothing is the line of an empty item of a list or an empty value of a map, or zero. An
// argument of a command may be an empty text.
func nothing(n *yaml.Node, command bool) int {
	for i, inner := range n.Content {
		empty := inner.Tag == "!!null" || !command && inner.Kind == yaml.ScalarNode && inner.Value == ""
		if empty && (n.Kind == yaml.SequenceNode || i%2 == 1) {
			return inner.Line
		}
	}
	return 0
}

// expected says what a key must have: the decoder's own error names types.
func expected(t reflect.Type, err error) string {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return "write a time with its unit, as in 60s or 2m"
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String:
		return "write a list, as in [a, b]"
	case t.Kind() == reflect.Map:
		return "write keys with values, as in {env: prod}"
	case t.Kind() == reflect.Int:
		return "write a whole number"
	case t.Kind() == reflect.Bool:
		return "write true or false"
	case t.Kind() == reflect.String:
		return "write a text"
	}
	return reason(err)
}

// alias returns the line of an alias below a node, or of what is nested deeper than any
// setting; zero where there is none. It ends before an alias could lead it in a circle.
func alias(n *yaml.Node, depth int) int {
	if n.Kind == yaml.AliasNode || depth > 8 {
		return n.Line
	}
	for _, inner := range n.Content {
		if line := alias(inner, depth+1); line > 0 {
			return line
		}
	}
	return 0
}

// collect lists the fields of a struct by their keys, those of inlined structs among them.
func collect(v reflect.Value, into map[string]reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() {
			continue
		}
		name, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if option == "inline" {
			collect(v.Field(i), into)
			continue
		}
		into[name] = v.Field(i)
	}
}

func sortedKeys[T any](m map[string]T) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

var keyForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,39}$`)

// unknownKey names a key that does not exist, with the nearest that does. What does not
// look like a key is not shown.
func unknownKey(prefix, key string, known []string) string {
	if !keyForm.MatchString(key) {
		return prefix + "there is a key that does not exist"
	}
	nearest := slices.MinFunc(known, func(a, b string) int {
		return levenshtein.ComputeDistance(strings.ToLower(a), strings.ToLower(key)) - levenshtein.ComputeDistance(strings.ToLower(b), strings.ToLower(key))
	})
	if levenshtein.ComputeDistance(strings.ToLower(nearest), strings.ToLower(key)) <= 3 {
		return fmt.Sprintf("%sthe key %q does not exist: did you mean %s?", prefix, key, nearest)
	}
	return fmt.Sprintf("%sthe key %q does not exist: the keys are %s", prefix, key, strings.Join(known, ", "))
}

var errNoSecret = errors.New("there is no secret: write secret: {env: NAME}, {file: PATH} or {command: [PROGRAM, ARGUMENT]}")
