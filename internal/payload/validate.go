package payload

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/results"
)

// Kind is one kind of fault.
type Kind uint8

// The kinds, in report order.
const (
	NotJSON Kind = iota
	MissingRequired
	BadEmail
	Duplicate
	WrongType
	TooMany
	WrongSchema
	UnknownRole
	UnknownSkill
	UnknownLanguage
	UnknownDivision
	WrongValue
	NameCase
	ManagerNoID
	MissingSchemas
	ReadOnly
	UnknownAttribute
	kinds
)

// kindInfo describes a kind for reports.
type kindInfo struct {
	id, title string
	blocks    bool
	basis     results.Basis
}

var info = [kinds]kindInfo{
	NotJSON:          {"not-json", "The body is not a JSON object", true, results.Observed},
	MissingRequired:  {"missing-required", "A required attribute is missing or empty", true, results.Published},
	BadEmail:         {"bad-email", "An e-mail address is invalid", true, results.Published},
	Duplicate:        {"duplicate-user-name", "The userName is in the file twice", true, results.Published},
	WrongType:        {"wrong-type", "A value is of the wrong type", true, results.Published},
	TooMany:          {"too-many", "More than 50 routing skills or languages", true, results.Published},
	WrongSchema:      {"wrong-schema", "schemas names what the platform does not have", true, results.Published},
	UnknownRole:      {"unknown-role", "The org has no role of the name", true, results.Observed},
	UnknownSkill:     {"unknown-skill", "The org has no routing skill of the name", true, results.Observed},
	UnknownLanguage:  {"unknown-language", "The org has no routing language of the name", true, results.Observed},
	UnknownDivision:  {"unknown-division", "The org has no division of the name", true, results.Observed},
	WrongValue:       {"wrong-value", "A value that the definition does not list, or in another form", true, results.Published},
	NameCase:         {"name-case", "A name whose letters differ in case from the org's: whether that counts is not published", false, results.Observed},
	ManagerNoID:      {"manager-no-id", "The manager is not given by id, as the definition asks", false, results.Published},
	MissingSchemas:   {"missing-schemas", "schemas does not name the schemas that the body uses", false, results.Published},
	ReadOnly:         {"read-only", "A read-only attribute is passed over", false, results.Published},
	UnknownAttribute: {"unknown-attribute", "An attribute that the schema does not have", false, results.Published},
}

// words count the faults of a kind in a sentence.
var words = map[string]struct{ one, many string }{
	"not-json":            {"body that is not a JSON object", "bodies that are not JSON objects"},
	"missing-required":    {"missing required attribute", "missing required attributes"},
	"bad-email":           {"invalid e-mail address", "invalid e-mail addresses"},
	"duplicate-user-name": {"duplicate userName", "duplicate userNames"},
	"wrong-type":          {"value of the wrong type", "values of the wrong type"},
	"too-many":            {"list of more than 50 skills or languages", "lists of more than 50 skills or languages"},
	"wrong-schema":        {"schema that the platform does not have", "schemas that the platform does not have"},
	"unknown-role":        {"role that the org does not have", "roles that the org does not have"},
	"unknown-skill":       {"routing skill that the org does not have", "routing skills that the org does not have"},
	"unknown-language":    {"routing language that the org does not have", "routing languages that the org does not have"},
	"unknown-division":    {"division that the org does not have", "divisions that the org does not have"},
	"wrong-value":         {"value that the definition does not list", "values that the definition does not list"},
	"name-case":           {"name in another case", "names in another case"},
	"manager-no-id":       {"manager without an id", "managers without an id"},
	"missing-schemas":     {"body that does not name its schemas", "bodies that do not name their schemas"},
	"read-only":           {"read-only attribute", "read-only attributes"},
	"unknown-attribute":   {"attribute that the schema does not have", "attributes that the schema does not have"},
	unknownManager:        {"manager whom the org does not have", "managers whom the org does not have"},
}

// Words are the faults of a kind as a sentence counts them, as "2 names in another case".
func Words(k results.PayloadKind) string {
	w, known := words[k.Kind]
	switch {
	case !known:
		return fmt.Sprintf("%d %s", k.Count, k.Kind)
	case k.Count == 1:
		return "1 " + w.one
	}
	return fmt.Sprintf("%d %s", k.Count, w.many)
}

// fault is one thing that is wrong with a body.
type fault struct {
	kind       Kind
	path, text string
}

// Names are what the org has; a nil set was not read, and nothing is compared with it.
type Names struct {
	// Roles are names and ids. Whether the case of a name counts is not published, for
	// divisions neither.
	Roles Set
	// Skills and Languages are case-sensitive, as the definition says.
	Skills, Languages Set
	Divisions         Set
}

// Set are names as the org has them.
type Set map[string]bool

// otherCase returns the org's name that differs only in case; empty where there is none.
func (s Set) otherCase(name string) string {
	for have := range s {
		if strings.EqualFold(have, name) {
			return have
		}
	}
	return ""
}

// asOrgHas is a name as the org writes it: the name itself where the org's are not known,
// empty where the org does not have it.
func (s Set) asOrgHas(name string) string {
	if s == nil || s[name] {
		return name
	}
	return s.otherCase(name)
}

// verdict is what one body was found to be.
type verdict struct {
	userName string
	// division and manager are what the body names; empty where it names none.
	division, manager string
	faults            []fault
	// rest are the faults that are not listed, by their kind.
	rest    map[Kind]int
	carries carried
}

// clip shortens what is quoted of a body.
func clip(text string) string {
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "") + "…"
}

// carried are the needs that follow from a body.
type carried uint16

const (
	carriesRoles carried = 1 << iota
	carriesSkills
	carriesLanguages
	carriesExtension
	carriesPassword
	carriesGroups
	carriesDivision
)

// validator compares bodies with schemas and names.
type validator struct {
	schemas *Schemas
	names   Names
}

// validate looks at one body.
func (v *validator) validate(body map[string]any) verdict {
	var out verdict
	say := func(k Kind, path, format string, args ...any) {
		if len(out.faults) < maxFaults {
			out.faults = append(out.faults, fault{k, clip(path), clip(fmt.Sprintf(format, args...))})
			return
		}
		if out.rest == nil {
			out.rest = map[Kind]int{}
		}
		out.rest[k]++
	}
	present := make(map[string]any, len(body))
	for _, name := range slices.Sorted(maps.Keys(body)) {
		value := body[name]
		if extension, ok := v.extension(name); ok {
			v.attributes(value, extension, name, say)
			continue
		}
		lower := strings.ToLower(name)
		present[lower] = value
		v.value(value, v.schemas.core, name, name, say)
	}
	for lower, a := range v.schemas.core {
		if a.Required && empty(present[lower]) {
			say(MissingRequired, a.Name, "%s is missing or empty", a.Name)
		}
	}
	out.userName, _ = present["username"].(string)
	v.emails(out.userName, present["emails"], say)
	v.declared(present["schemas"], body, say)
	out.carries = v.content(body, present, say)
	enterprise, _ := lookup(body, EnterpriseSchema).(map[string]any)
	out.division, out.manager = divisionOf(enterprise), managerOf(enterprise)
	slices.SortStableFunc(out.faults, func(a, b fault) int { return strings.Compare(a.path, b.path) })
	return out
}

func empty(v any) bool {
	s, isText := v.(string)
	return v == nil || isText && strings.TrimSpace(s) == ""
}

func (v *validator) extension(name string) (map[string]Attribute, bool) {
	attributes, ok := v.schemas.lower[strings.ToLower(name)]
	return attributes, ok
}

// attributes compares an object with the attributes that it may have.
func (v *validator) attributes(value any, known map[string]Attribute, path string, say func(Kind, string, string, ...any)) {
	object, ok := value.(map[string]any)
	if !ok {
		if value != nil {
			say(WrongType, path, "%s is %s and must be an object", short(path), typeOf(value))
		}
		return
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		inner := object[name]
		v.value(inner, known, name, path+"."+name, say)
	}
	for _, a := range known {
		if a.Required && empty(lookup(object, a.Name)) {
			say(MissingRequired, path+"."+a.Name, "%s is missing or empty", short(path+"."+a.Name))
		}
	}
}

func lookup(object map[string]any, name string) any {
	if v, ok := object[name]; ok {
		return v
	}
	for k, v := range object {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return nil
}

// value compares one attribute with its description.
func (v *validator) value(value any, known map[string]Attribute, name, path string, say func(Kind, string, string, ...any)) {
	a, ok := known[strings.ToLower(name)]
	switch {
	case !ok:
		say(UnknownAttribute, path, "%s is no attribute of the schema", short(path))
	case a.Mutability == "readOnly":
		say(ReadOnly, path, "only the platform sets %s", short(path))
	case value == nil:
	case a.MultiValued:
		list, ok := value.([]any)
		if !ok {
			say(WrongType, path, "%s is %s and must be a list", short(path), typeOf(value))
			return
		}
		for i, item := range list {
			v.single(item, a, fmt.Sprintf("%s[%d]", path, i), say)
		}
	default:
		v.single(value, a, path, say)
	}
}

func (v *validator) single(value any, a Attribute, path string, say func(Kind, string, string, ...any)) {
	wanted := a.Type
	ok := true
	switch a.Type {
	case "string", "dateTime", "reference":
		_, ok = value.(string)
	case "boolean":
		_, ok = value.(bool)
	case "decimal", "integer":
		_, ok = value.(float64)
		wanted = "number"
	case "complex":
		if a.subs != nil {
			v.attributes(value, a.subs, path, say)
			return
		}
		_, ok = value.(map[string]any)
		wanted = "object"
	}
	if !ok {
		say(WrongType, path, "%s is %s and must be %s", short(path), typeOf(value), wanted)
	}
}

// short leaves a schema's URN out of a path.
func short(path string) string {
	for _, urn := range []string{GenesysSchema, EnterpriseSchema} {
		if rest, ok := strings.CutPrefix(path, urn); ok {
			return strings.TrimPrefix(rest, ".")
		}
	}
	return path
}

func typeOf(v any) string {
	switch v.(type) {
	case string:
		return "a string"
	case float64:
		return "a number"
	case bool:
		return "a boolean"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return "null"
}

// emails checks the forms: userName is the user's address.
func (v *validator) emails(userName string, emails any, say func(Kind, string, string, ...any)) {
	if !empty(userName) && !isEmail(userName) {
		say(BadEmail, "userName", "userName %q is no e-mail address", userName)
	}
	list, _ := emails.([]any)
	for i, item := range list {
		object, _ := item.(map[string]any)
		if value, ok := lookup(object, "value").(string); ok && !isEmail(value) {
			say(BadEmail, fmt.Sprintf("emails[%d].value", i), "%q is no e-mail address", value)
		}
	}
}

// isEmail asks for one @ with something before it, and a domain with a dot behind it;
// the platform may ask for more.
func isEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	dot := strings.LastIndexByte(domain, '.')
	return ok && local != "" && dot > 0 && dot < len(domain)-1 && !strings.ContainsAny(s, " \t\r\n,;<>\"()") && !strings.Contains(domain, "@") &&
		!strings.Contains(s, "..") && !strings.HasPrefix(local, ".") && !strings.HasSuffix(local, ".") && len(s) <= 254
}

// declared compares what schemas names with what the body uses.
func (v *validator) declared(schemas any, body map[string]any, say func(Kind, string, string, ...any)) {
	list, _ := schemas.([]any)
	names := map[string]bool{}
	named := func(id string) bool { return names[strings.ToLower(id)] }
	for i, item := range list {
		id, ok := item.(string)
		names[strings.ToLower(id)] = true
		_, known := v.extension(id)
		if ok && !known && !strings.EqualFold(id, CoreSchema) {
			say(WrongSchema, fmt.Sprintf("schemas[%d]", i), "%q is no schema of a user", id)
		}
	}
	if !named(CoreSchema) {
		say(MissingSchemas, "schemas", "schemas does not name %s", CoreSchema)
	}
	for _, name := range slices.Sorted(maps.Keys(body)) {
		if _, ok := v.extension(name); ok && !named(name) {
			say(MissingSchemas, "schemas", "schemas does not name %s, which the body uses", name)
		}
	}
}

// content looks at what the body wants of the org, and returns the needs that follow.
func (v *validator) content(body, present map[string]any, say func(Kind, string, string, ...any)) carried {
	genesys, _ := lookup(body, GenesysSchema).(map[string]any)
	out := v.named(list{present["roles"], "roles", "value", UnknownRole, v.names.Roles, 0}, carriesRoles, say) |
		v.named(list{lookup(genesys, "routingSkills"), "routingSkills", "name", UnknownSkill, v.names.Skills, maxSkills}, carriesSkills, say) |
		v.named(list{lookup(genesys, "routingLanguages"), "routingLanguages", "name", UnknownLanguage, v.names.Languages, maxSkills}, carriesLanguages, say)
	out |= v.enterprise(lookup(body, EnterpriseSchema), say)
	v.channels(present, say)
	if !empty(present["password"]) {
		out |= carriesPassword
	}
	if present["groups"] != nil {
		out |= carriesGroups
	}
	if hasExtension(present["phonenumbers"]) {
		out |= carriesExtension
	}
	return out
}

// list is an attribute whose items name something of the org.
type list struct {
	value     any
	path, key string
	unknown   Kind
	names     Set
	// most is how many items are allowed; 0 for any number.
	most int
}

// named compares the names of a list with the org's; the list needs what it returns.
func (v *validator) named(l list, need carried, say func(Kind, string, string, ...any)) carried {
	items, _ := l.value.([]any)
	if len(items) == 0 {
		return 0
	}
	if l.most > 0 && len(items) > l.most {
		say(TooMany, l.path, "%d %s, and %d are allowed", len(items), l.path, l.most)
	}
	for i, item := range items {
		object, _ := item.(map[string]any)
		at := fmt.Sprintf("%s[%d].%s", l.path, i, l.key)
		if name, ok := lookup(object, l.key).(string); ok {
			v.known(name, at, l.unknown, l.names, need == carriesRoles, say)
		}
		if rating, ok := lookup(object, "proficiency").(float64); ok && (rating < 0 || rating > 5) {
			say(WrongType, fmt.Sprintf("%s[%d].proficiency", l.path, i), "proficiency %v is not between 0 and 5", rating)
		}
	}
	return need
}

// known says that the org does not have a name, or has it in another case where it is not
// published whether that counts.
func (v *validator) known(name, at string, unknown Kind, names Set, anyCase bool, say func(Kind, string, string, ...any)) {
	if names == nil || names[name] {
		return
	}
	if have := names.otherCase(name); anyCase && have != "" {
		if !idForm.MatchString(have) { // ids have no case
			say(NameCase, at, "the org has %q, not %q", have, name)
		}
		return
	}
	say(unknown, at, "the org has no %q", name)
}

// The values that the definition lists.
var (
	emailTypes = []string{"work", "other"}
	phoneTypes = []string{"work", "work2", "work3", "work4", "home", "mobile", "other", "microsoftteams", "zoomphone", "eightbyeight", "ringcentral"}
)

// phoneForm is E.164 or a tel URI, as the definition asks; an extension may follow.
var phoneForm = regexp.MustCompile(`^(?i:tel:)?\+[1-9][0-9]{1,14}(;[A-Za-z-]+=[^;\s]+)*$|^(?i:tel:)[0-9*#]*(;[A-Za-z-]+=[^;\s]+)*$|^[1-9][0-9]{6,14}$`)

// channels compares e-mail addresses and telephone numbers with the published values.
func (v *validator) channels(present map[string]any, say func(Kind, string, string, ...any)) {
	for _, c := range []struct {
		key, path string
		types     []string
	}{{"emails", "emails", emailTypes}, {"phonenumbers", "phoneNumbers", phoneTypes}} {
		items, _ := present[c.key].([]any)
		for i, item := range items {
			object, _ := item.(map[string]any)
			if kind, ok := lookup(object, "type").(string); ok && !slices.Contains(c.types, kind) {
				say(WrongValue, fmt.Sprintf("%s[%d].type", c.path, i), "type %q is not one of %s", kind, strings.Join(c.types, ", "))
			}
			if value, ok := lookup(object, "value").(string); ok && c.key == "phonenumbers" && !phoneForm.MatchString(value) {
				say(WrongValue, fmt.Sprintf("%s[%d].value", c.path, i), "telephone number %q is neither E.164 (+33612345678) nor a tel URI", value)
			}
		}
	}
}

var idForm = regexp.MustCompile(`(?i)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// hireDate is the form of dateHire.
var hireDate = regexp.MustCompile(`^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`)

// enterprise looks at the division, which is named, at the manager, whose value the
// definition describes as an id, and at the day of hire.
func (v *validator) enterprise(value any, say func(Kind, string, string, ...any)) (out carried) {
	object, _ := value.(map[string]any)
	if name := divisionOf(object); name != "" {
		out |= carriesDivision
		v.known(name, "division", UnknownDivision, v.names.Divisions, true, say)
	}
	manager, _ := lookup(object, "manager").(map[string]any)
	if id, ok := lookup(manager, "value").(string); ok && !idForm.MatchString(id) {
		say(ManagerNoID, "manager.value", "manager %q is not an id: whether the platform finds the user by it is not published", id)
	}
	if day, ok := lookup(object, "dateHire").(string); ok && day != "" && !hireDate.MatchString(day) {
		say(WrongValue, "dateHire", "dateHire %q is not of the form YYYY-MM-DD", day)
	}
	return out
}

func divisionOf(enterprise map[string]any) string {
	name, _ := lookup(enterprise, "division").(string)
	return strings.TrimSpace(name)
}

// managerOf is the id of the manager; empty where the body names none by id.
func managerOf(enterprise map[string]any) string {
	manager, _ := lookup(enterprise, "manager").(map[string]any)
	if id, _ := lookup(manager, "value").(string); idForm.MatchString(id) {
		return strings.ToLower(id)
	}
	return ""
}

// hasExtension says whether a work number has a telephone extension.
func hasExtension(phones any) bool {
	list, _ := phones.([]any)
	return slices.ContainsFunc(list, func(item any) bool {
		object, _ := item.(map[string]any)
		kind, _ := lookup(object, "type").(string)
		value, _ := lookup(object, "value").(string)
		return strings.HasPrefix(kind, "work") && strings.Contains(value, "ext=")
	})
}
