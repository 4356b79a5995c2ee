package zendesk

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/scimlint/scimlint/internal/payload"
)

// What becomes of suspended users.
const (
	SuspendedSkip     = "skip"
	SuspendedInactive = "inactive"
)

// Mapping says how users become SCIM bodies. docs/zendesk.md describes it.
type Mapping struct {
	// Roles are the Genesys Cloud roles for a Zendesk role (agent, admin).
	Roles map[string][]string `yaml:"roles"`
	// Skills are the routing skills for a tag, each with a proficiency behind a colon or
	// without: billing: "Billing:4".
	Skills map[string]string `yaml:"skills"`
	// Languages are the routing languages for a locale: fr: "French:5".
	Languages map[string]string `yaml:"languages"`
	// Division and Department are the same for all; Title too.
	Division   string `yaml:"division"`
	Department string `yaml:"department"`
	Title      string `yaml:"title"`
	// ExternalID is the prefix of externalId before Zendesk's id; "zendesk-" when empty.
	ExternalID string `yaml:"externalIdPrefix"`
	// Suspended is skip (the default) or inactive.
	Suspended string `yaml:"suspended"`
}

// Validate finds what is no mapping.
func (m Mapping) Validate() error {
	if m.Suspended != "" && m.Suspended != SuspendedSkip && m.Suspended != SuspendedInactive {
		return fmt.Errorf("suspended is %q: write skip or inactive", m.Suspended)
	}
	for role := range m.Roles {
		if role != "agent" && role != "admin" {
			return fmt.Errorf("roles name the Zendesk role %q: the roles are agent and admin", role)
		}
	}
	for _, list := range []map[string]string{m.Skills, m.Languages} {
		for key, value := range list {
			if name, rating, ok := strings.Cut(value, ":"); ok {
				if n, err := strconv.ParseFloat(rating, 64); err != nil || n < 0 || n > 5 || name == "" {
					return fmt.Errorf("%s: %q has no proficiency from 0 to 5 behind the colon", key, value)
				}
			}
		}
	}
	return nil
}

// e164 is a telephone number as the platform accepts it.
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// Body makes a SCIM body of a user. why says why there is none: no e-mail address, no
// name, suspended, deleted.
func (m Mapping) Body(u User) (body map[string]any, why string) {
	switch {
	case u.Active != nil && !*u.Active:
		return nil, "it is deleted in Zendesk"
	case strings.TrimSpace(u.Email) == "":
		return nil, "it has no e-mail address"
	case strings.TrimSpace(u.Name) == "":
		return nil, "it has no name"
	case u.Suspended && m.Suspended != SuspendedInactive:
		return nil, "it is suspended"
	}
	prefix := m.ExternalID
	if prefix == "" {
		prefix = "zendesk-"
	}
	email := strings.TrimSpace(u.Email)
	body = map[string]any{"userName": email, "displayName": strings.TrimSpace(u.Name), "active": !u.Suspended, "externalId": prefix + strconv.FormatInt(u.ID, 10),
		"emails": []any{map[string]any{"value": email, "type": "work", "primary": true}}}
	schemas := []any{payload.CoreSchema}
	if m.Title != "" {
		body["title"] = m.Title
	}
	if phone := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "").Replace(u.Phone); e164.MatchString(phone) && !strings.Contains(u.Phone, "(0)") {
		body["phoneNumbers"] = []any{map[string]any{"value": "tel:" + phone, "type": "work"}}
	}
	var roles []any
	for _, r := range m.Roles[u.Role] {
		roles = append(roles, map[string]any{"value": r})
	}
	if len(roles) > 0 {
		body["roles"] = roles
	}
	if enterprise := nonEmpty(map[string]string{"division": m.Division, "department": m.Department}); len(enterprise) > 0 {
		body[payload.EnterpriseSchema] = enterprise
		schemas = append(schemas, payload.EnterpriseSchema)
	}
	if ext := m.routing(u); len(ext) > 0 {
		body[payload.GenesysSchema] = ext
		schemas = append(schemas, payload.GenesysSchema)
	}
	body["schemas"] = schemas
	return body, ""
}

func nonEmpty(in map[string]string) map[string]any {
	out := map[string]any{}
	for k, v := range in {
		if v != "" {
			out[k] = v
		}
	}
	return out
}

func (m Mapping) routing(u User) map[string]any {
	ext := map[string]any{}
	var skills []any
	seen := map[string]bool{}
	for _, tag := range u.Tags {
		if value, ok := m.Skills[tag]; ok && !seen[value] {
			seen[value] = true
			skills = append(skills, rated(value))
		}
	}
	if len(skills) > 0 {
		ext["routingSkills"] = skills
	}
	locale, _, _ := strings.Cut(u.Locale, "-")
	for _, key := range []string{u.Locale, locale} {
		if value, ok := m.Languages[key]; ok && key != "" {
			ext["routingLanguages"] = []any{rated(value)}
			break
		}
	}
	return ext
}

func rated(value string) map[string]any {
	name, rating, _ := strings.Cut(value, ":")
	if n, err := strconv.ParseFloat(rating, 64); err == nil {
		return map[string]any{"name": name, "proficiency": n}
	}
	return map[string]any{"name": name}
}
