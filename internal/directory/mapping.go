// Package directory makes Genesys Cloud SCIM bodies of users that an identity provider
// exported: CSV and Graph JSON of Entra ID, CSV and API JSON of Okta, and any CSV with a
// mapping. It reads files only, as a stream, and says what it used and what it left out.
package directory

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/scimlint/scimlint/internal/bounds"
	"github.com/scimlint/scimlint/internal/payload"
)

// The attributes that a mapping sets, in the order of reports.
var targets = []string{"userName", "displayName", "active", "title", "email", "department", "division", "employeeNumber", "externalId", "workPhone", "mobilePhone", "roles"}

// Columns name the columns of an attribute; the values of several are joined by a space.
type Columns []string

// UnmarshalYAML accepts a name or a list of names.
func (c *Columns) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*c = Columns{node.Value}
		return nil
	}
	return node.Decode((*[]string)(c))
}

// Mapping says which column of a file becomes which attribute. docs/sources.md describes
// its file.
type Mapping struct {
	// Delimiter is one character; found in the header where it is empty.
	Delimiter string             `yaml:"delimiter"`
	Columns   map[string]Columns `yaml:"columns"`
	// Active and Inactive are the values of the column of active, without case.
	Active   []string `yaml:"active"`
	Inactive []string `yaml:"inactive"`
	// Fixed are values that are the same for all.
	Fixed map[string]string `yaml:"fixed"`

	// fallback are columns for attributes whose own are empty, left out the values of a
	// column by which a user is left out, with the reason.
	fallback map[string]Columns
	leftOut  map[string]map[string]string
	// external is what the userName of a user of another organization contains; gone are the
	// properties that a deleted user has.
	external string
	gone     []string
	// nested is an object of JSON whose fields count as columns.
	nested string
	// json is set where the users may be JSON.
	json bool
	name string
}

// Entra is the mapping of what Entra ID exports: the CSV of "Download users", and the
// users of Graph. Sources: learn.microsoft.com/entra/identity/users/users-bulk-download,
// learn.microsoft.com/graph/api/user-list.
func Entra() Mapping {
	return Mapping{name: "Entra ID", json: true,
		Columns: map[string]Columns{"userName": {"userPrincipalName"}, "displayName": {"displayName"}, "active": {"accountEnabled"}, "title": {"jobTitle"}, "email": {"mail"},
			"department": {"department"}, "employeeNumber": {"employeeId"}, "workPhone": {"businessPhones"}, "mobilePhone": {"mobilePhone"}},
		fallback: map[string]Columns{"workPhone": {"telephoneNumber"}, "mobilePhone": {"mobile"}},
		Active:   []string{"true"}, Inactive: []string{"false"},
		external: "#EXT#", gone: []string{"@removed", "deletedDateTime"},
		leftOut: map[string]map[string]string{"userType": {"guest": "it is a guest"}}}
}

// Okta is the mapping of what Okta exports: the CSV of its people, and the users of its
// API. Source: support.okta.com, "import CSV attributes format", and Okta's user schema.
func Okta() Mapping {
	return Mapping{name: "Okta", json: true, nested: "profile",
		Columns: map[string]Columns{"userName": {"email"}, "displayName": {"displayName"}, "active": {"status"}, "title": {"title"}, "email": {"email"}, "department": {"department"},
			"employeeNumber": {"employeeNumber"}, "workPhone": {"primaryPhone"}, "mobilePhone": {"mobilePhone"}},
		fallback: map[string]Columns{"displayName": {"firstName", "lastName"}},
		Active:   []string{"active"},
		leftOut:  map[string]map[string]string{"status": {"deprovisioned": "it is deprovisioned"}}}
}

// maxMapping bounds a mapping's file.
const maxMapping = 256 << 10

// ParseMapping reads a mapping of one's own strictly.
func ParseMapping(in io.Reader) (m Mapping, err error) {
	data, err := io.ReadAll(io.LimitReader(in, maxMapping+1))
	if err != nil {
		return m, err
	}
	if len(data) > maxMapping {
		return m, fmt.Errorf("it has more than %d KB, more than any mapping", maxMapping>>10)
	}
	if err := bounds.YAML(data); err != nil {
		return m, err
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&m); err != nil {
		if errors.Is(err, io.EOF) {
			return m, errors.New("it is empty")
		}
		return m, bounds.YAMLError(err)
	}
	m.name = "the mapping"
	return m, m.validate()
}

func (m Mapping) validate() error {
	if len(m.Delimiter) > 1 || m.Delimiter != "" && strings.ContainsAny(m.Delimiter, "\"\r\n") {
		return fmt.Errorf("delimiter is %q: write one character, as \";\"", m.Delimiter)
	}
	if v := m.contradiction(); v != "" {
		return fmt.Errorf("%q is in active and in inactive: which of the two counts cannot be known", v)
	}
	for _, target := range []string{"userName", "displayName"} {
		if len(m.Columns[target]) == 0 {
			return fmt.Errorf("columns lacks %s, which every body needs", target)
		}
	}
	for target, columns := range m.Columns {
		if !slices.Contains(targets, target) {
			return fmt.Errorf("columns has %q: the attributes are %s", target, strings.Join(targets, ", "))
		}
		if slices.Contains(columns, "") {
			return fmt.Errorf("columns: %s names an empty column", target)
		}
	}
	for target := range m.Fixed {
		if !slices.Contains(targets, target) || target == "userName" || target == "active" {
			return fmt.Errorf("fixed has %q: what can be the same for all is %s", target, strings.Join(slices.DeleteFunc(slices.Clone(targets), func(s string) bool { return s == "userName" || s == "active" }), ", "))
		}
	}
	if len(m.Columns["active"]) > 0 && len(m.Active) == 0 && len(m.Inactive) == 0 {
		return errors.New("columns has active: say with active and inactive which values mean what, as active: [yes]")
	}
	return nil
}

// contradiction is a value that means both active and inactive; empty where there is none.
func (m Mapping) contradiction() string {
	for _, v := range m.Active {
		if slices.ContainsFunc(m.Inactive, func(other string) bool { return strings.EqualFold(v, other) }) {
			return v
		}
	}
	return ""
}

// wanted are all columns that the mapping looks for, in the order of the attributes.
func (m Mapping) wanted() []string {
	var out []string
	add := func(c Columns) {
		for _, name := range c {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	for _, t := range targets {
		add(m.Columns[t])
		add(m.fallback[t])
	}
	for column := range m.leftOut {
		add(Columns{column})
	}
	return out
}

// has says whether all columns of an attribute, or of its fallback, are there.
func (m Mapping) has(target string, there func(string) bool) bool {
	all := func(c Columns) bool {
		return len(c) > 0 && !slices.ContainsFunc(c, func(n string) bool { return !there(n) })
	}
	return all(m.Columns[target]) || all(m.fallback[target])
}

// value is an attribute's value of a user, trimmed.
func (m Mapping) value(target string, field func(string) string) string {
	for _, columns := range []Columns{m.Columns[target], m.fallback[target]} {
		var parts []string
		for _, c := range columns {
			if v := strings.TrimSpace(field(c)); v != "" {
				parts = append(parts, v)
			}
		}
		if len(parts) > 0 {
			return strings.Join(parts, " ")
		}
	}
	return m.Fixed[target]
}

// e164 is a telephone number as the platform reads it.
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// trunk is a digit that is dialled only within a country: what a number with it is
// internationally is a guess.
const trunk = "(0)"

// separators are what people put between the digits of a number.
var separators = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "", "\u00a0", "")

// body makes a SCIM body of a user. why says why there is none; phones counts numbers that
// are not whole and so are not sent.
func (m Mapping) body(field func(string) string) (body map[string]any, why string, phones int) {
	for column, values := range m.leftOut {
		if reason := values[strings.ToLower(strings.TrimSpace(field(column)))]; reason != "" {
			return nil, reason, 0
		}
	}
	get := func(target string) string { return m.value(target, field) }
	name := get("userName")
	switch {
	case m.external != "" && strings.Contains(strings.ToUpper(name), m.external):
		return nil, "it is of another organization (" + m.external + ")", 0
	case name == "":
		return nil, "it has no userName (" + strings.Join(m.Columns["userName"], " ") + ")", 0
	case get("displayName") == "":
		return nil, "it has no displayName (" + strings.Join(m.Columns["displayName"], " ") + ")", 0
	}
	body = map[string]any{"userName": name, "displayName": get("displayName")}
	if state := get("active"); state != "" {
		is := func(v string) bool { return strings.EqualFold(v, state) }
		switch {
		case slices.ContainsFunc(m.Active, is):
			body["active"] = true
		case slices.ContainsFunc(m.Inactive, is):
			body["active"] = false
		default:
			return nil, fmt.Sprintf("its %s is %q, of which it is not known whether it is active", strings.Join(m.Columns["active"], " "), state), 0
		}
	}
	for _, key := range []string{"title", "externalId"} {
		if v := get(key); v != "" {
			body[key] = v
		}
	}
	if email := get("email"); email != "" {
		body["emails"] = []any{map[string]any{"value": email, "type": "work", "primary": true}}
	}
	var numbers []any
	for _, p := range []struct{ target, kind string }{{"workPhone", "work"}, {"mobilePhone", "mobile"}} {
		if number := separators.Replace(get(p.target)); e164.MatchString(number) && !strings.Contains(get(p.target), trunk) {
			numbers = append(numbers, map[string]any{"value": "tel:" + number, "type": p.kind})
		} else if number != "" {
			phones++
		}
	}
	if len(numbers) > 0 {
		body["phoneNumbers"] = numbers
	}
	m.extend(body, get)
	return body, "", phones
}

// extend adds roles and the enterprise extension.
func (m Mapping) extend(body map[string]any, get func(string) string) {
	schemas := []any{payload.CoreSchema}
	var roles []any
	for r := range strings.SplitSeq(get("roles"), ";") {
		if r = strings.TrimSpace(r); r != "" {
			roles = append(roles, map[string]any{"value": r})
		}
	}
	if len(roles) > 0 {
		body["roles"] = roles
	}
	enterprise := map[string]any{}
	for _, key := range []string{"department", "division", "employeeNumber"} {
		if v := get(key); v != "" {
			enterprise[key] = v
		}
	}
	if len(enterprise) > 0 {
		body[payload.EnterpriseSchema] = enterprise
		schemas = append(schemas, payload.EnterpriseSchema)
	}
	body["schemas"] = schemas
}
