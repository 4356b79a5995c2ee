// Package payload reads the SCIM bodies of a migration as a stream, compares each with
// the platform's schema, and says what they contain and what is wrong with them.
package payload

import (
	"strings"
)

// The SCIM schemas of a user. Source: the published definition.
const (
	CoreSchema       = "urn:ietf:params:scim:schemas:core:2.0:User"
	EnterpriseSchema = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	GenesysSchema    = "urn:ietf:params:scim:schemas:extension:genesys:purecloud:2.0:User"
)

// Attribute is one attribute of a schema, as GET /api/v2/scim/v2/schemas describes it.
type Attribute struct {
	Name string `json:"name"`
	// Type is string, boolean, decimal, integer, dateTime, reference or complex.
	Type        string `json:"type"`
	MultiValued bool   `json:"multiValued"`
	Required    bool   `json:"required"`
	// Mutability is readWrite, readOnly, immutable or writeOnly.
	Mutability    string      `json:"mutability"`
	SubAttributes []Attribute `json:"subAttributes"`

	subs map[string]Attribute
}

// Schema is one schema with its attributes.
type Schema struct {
	ID         string      `json:"id"`
	Attributes []Attribute `json:"attributes"`
}

// Schemas are what bodies are compared with.
type Schemas struct {
	// From is "the platform" or "the catalogue".
	From string
	core map[string]Attribute
	ext  map[string]map[string]Attribute
	// lower has the same by the ids in lower case.
	lower map[string]map[string]Attribute
}

// maxSkills is how many routing skills, and how many routing languages, a user may have.
// Source: the published definition.
const maxSkills = 50

// always are what a SCIM body may have in addition to its schema's attributes, and what the
// platform sets itself. Source: RFC 7643.
var always = []Attribute{{Name: "schemas", Type: "string", MultiValued: true}, {Name: "id", Type: "string", Mutability: "readOnly"}, {Name: "meta", Type: "complex", Mutability: "readOnly"}}

// Published are the schemas of the published definition.
func Published() *Schemas {
	value := func(more ...Attribute) []Attribute {
		return append([]Attribute{{Name: "value", Type: "string"}}, more...)
	}
	typed := []Attribute{{Name: "type", Type: "string"}, {Name: "primary", Type: "boolean"}}
	rated := []Attribute{{Name: "name", Type: "string", Required: true}, {Name: "proficiency", Type: "decimal"}}
	return newSchemas("the catalogue", []Schema{
		{ID: CoreSchema, Attributes: []Attribute{
			{Name: "userName", Type: "string", Required: true}, {Name: "displayName", Type: "string", Required: true}, {Name: "active", Type: "boolean"},
			{Name: "title", Type: "string"}, {Name: "externalId", Type: "string"}, {Name: "password", Type: "string", Mutability: "writeOnly"},
			{Name: "emails", Type: "complex", MultiValued: true, SubAttributes: value(typed...)},
			{Name: "phoneNumbers", Type: "complex", MultiValued: true, SubAttributes: value(typed...)},
			{Name: "roles", Type: "complex", MultiValued: true, SubAttributes: value()},
			{Name: "groups", Type: "complex", MultiValued: true, Mutability: "readOnly", SubAttributes: value()},
		}},
		{ID: EnterpriseSchema, Attributes: []Attribute{{Name: "department", Type: "string"}, {Name: "division", Type: "string"}, {Name: "employeeNumber", Type: "string"},
			{Name: "dateHire", Type: "string"}, {Name: "manager", Type: "complex"}}},
		{ID: GenesysSchema, Attributes: []Attribute{
			{Name: "routingSkills", Type: "complex", MultiValued: true, SubAttributes: rated}, {Name: "routingLanguages", Type: "complex", MultiValued: true, SubAttributes: rated},
			{Name: "externalIds", Type: "complex", MultiValued: true, SubAttributes: []Attribute{{Name: "authority", Type: "string", Required: true}, {Name: "value", Type: "string", Required: true}}},
		}},
	})
}

// OfPlatform makes schemas of what the platform answered. What the published definition
// requires and limits still counts: a schema that is silent about it allows
// nothing. It is nil where the answer has no schema of a user.
func OfPlatform(list []Schema) *Schemas {
	s := newSchemas("the platform", list)
	if len(s.core) <= len(always) {
		return nil
	}
	for name, published := range Published().core {
		a, ok := s.core[name]
		switch {
		case !ok && !published.Required:
			continue
		case !ok:
			a = published
		}
		a.Required = a.Required || published.Required
		if published.Mutability == "readOnly" {
			a.Mutability = "readOnly"
		}
		s.core[name] = a
	}
	return s
}

func newSchemas(from string, list []Schema) *Schemas {
	s := &Schemas{From: from, core: index(always), ext: map[string]map[string]Attribute{}, lower: map[string]map[string]Attribute{}}
	for _, schema := range list {
		attributes := index(schema.Attributes)
		switch {
		case schema.ID == CoreSchema:
			for k, a := range attributes {
				s.core[k] = a
			}
		case strings.Contains(schema.ID, ":User") && schema.ID != CoreSchema:
			s.ext[schema.ID], s.lower[strings.ToLower(schema.ID)] = attributes, attributes
		}
	}
	return s
}

// index finds attributes by their names in lower case: SCIM's names have no case.
func index(list []Attribute) map[string]Attribute {
	out := make(map[string]Attribute, len(list))
	for _, a := range list {
		if len(a.SubAttributes) > 0 {
			a.subs = index(a.SubAttributes)
		}
		out[strings.ToLower(a.Name)] = a
	}
	return out
}
