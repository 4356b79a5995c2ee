package simulator

import (
	_ "embed"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/elimity-com/scim/schema"
)

// The SCIM schemas that the platform names.
const (
	userSchema       = "urn:ietf:params:scim:schemas:core:2.0:User"
	groupSchema      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	listSchema       = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	patchSchema      = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	genesysSchema    = "urn:ietf:params:scim:schemas:extension:genesys:purecloud:2.0:User"
	enterpriseSchema = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
)

// The schemas are written here on their own, so that an error in the product's shows
// against them. They validate what is sent and are what GET schemas answers.
//
//go:embed schemas.json
var schemaData []byte

var scimSchemas = func() map[string]schema.Schema {
	var list []schema.Schema
	if err := json.Unmarshal(schemaData, &list); err != nil {
		panic(err) // the file is embedded
	}
	out := map[string]schema.Schema{}
	for _, s := range list {
		out[s.ID] = s
	}
	return out
}()

// kind is a type of SCIM resource: its own schema and those that extend it.
type kind struct {
	name       string
	core       schema.Schema
	extensions []schema.Schema
}

var (
	userKind  = kind{"User", scimSchemas[userSchema], []schema.Schema{scimSchemas[enterpriseSchema], scimSchemas[genesysSchema]}}
	groupKind = kind{"Group", scimSchemas[groupSchema], nil}
)

// schemaOf finds one of the kind's schemas by its URI, which is compared without case.
func (k kind) schemaOf(uri string) (schema.Schema, bool) {
	for _, s := range append([]schema.Schema{k.core}, k.extensions...) {
		if strings.EqualFold(s.ID, uri) {
			return s, true
		}
	}
	return schema.Schema{}, false
}

// extension finds one of the kind's extensions by its URI.
func (k kind) extension(uri string) (schema.Schema, bool) {
	s, ok := k.schemaOf(uri)
	return s, ok && s.ID != k.core.ID
}

// canonical validates a resource and spells its attributes as the schemas do. What no
// schema has, and what is read-only, is left out.
func (k kind) canonical(r resource) (resource, *scimError) {
	booleans(k.core.Attributes, r)
	out, err := k.core.ValidateExtension(map[string]any(r))
	if err != nil {
		return nil, &scimError{err.Status, string(err.ScimType), "an attribute of the resource is missing, or has the wrong type"}
	}
	for key, value := range r {
		s, ok := k.extension(key)
		if !ok || value == nil {
			continue
		}
		if out[s.ID], err = s.ValidateExtension(value); err != nil {
			return nil, &scimError{err.Status, string(err.ScimType), "an attribute of " + s.ID + " is missing, or has the wrong type"}
		}
	}
	return out, k.lists(out)
}

// booleans reads "True" and "False" where the schema has a boolean, in the attributes and in
// their parts. Entra ID sends active as such a text when it creates a user, too. Source:
// Microsoft's reference code for SCIM, which tests a POST with it, and its answer to
// https://github.com/AzureAD/SCIMReferenceCode/issues/21.
func booleans(attributes schema.Attributes, fields map[string]any) {
	for key, value := range fields {
		a, ok := attributes.ContainsAttribute(key)
		if !ok {
			continue
		}
		switch x := value.(type) {
		case string:
			fields[key] = boolean(a, x)
		case map[string]any:
			booleans(a.SubAttributes(), x)
		case []any:
			for _, one := range x {
				if part, ok := one.(map[string]any); ok {
					booleans(a.SubAttributes(), part)
				}
			}
		}
	}
}

// boolean is the truth value that a text says for a boolean attribute, else the text.
func boolean(a schema.CoreAttribute, text string) any {
	if a.AttributeType() == "boolean" {
		for _, truth := range []bool{true, false} {
			if strings.EqualFold(text, strconv.FormatBool(truth)) {
				return truth
			}
		}
	}
	return text
}

// lists refuses an object where a list belongs; the library lets it pass.
func (k kind) lists(r resource) *scimError {
	for _, s := range append([]schema.Schema{k.core}, k.extensions...) {
		in := r
		if s.ID != k.core.ID {
			in, _ = r[s.ID].(map[string]any)
		}
		for _, a := range s.Attributes {
			if _, list := in[a.Name()].([]any); a.MultiValued() && in[a.Name()] != nil && !list {
				return &scimError{400, "invalidValue", a.Name() + " has a list of values"}
			}
		}
	}
	return nil
}

// resource is a SCIM resource as JSON.
type resource map[string]any

func (r resource) text(key string) string {
	s, _ := r[key].(string)
	return s
}

// get finds an attribute without regard to case.
func (r resource) get(name string) any {
	if v, ok := r[name]; ok {
		return v
	}
	for key, v := range r {
		if strings.EqualFold(key, name) {
			return v
		}
	}
	return nil
}

// put sets an attribute under the spelling that is there, or the given one.
func (r resource) put(name string, value any) {
	for key := range r {
		if strings.EqualFold(key, name) {
			name = key
			break
		}
	}
	if value == nil {
		delete(r, name)
		return
	}
	r[name] = value
}

// schemaList is what GET schemas answers.
func (s *Server) schemaList(base string) []any {
	list := []any{}
	for _, id := range []string{userSchema, enterpriseSchema, genesysSchema, groupSchema} {
		if !s.Scenario.HideSchemas {
			list = append(list, s.schemaBody(id, base))
		}
	}
	return list
}

func (s *Server) schemaBody(id, base string) resource {
	body := resource(scimSchemas[id].ToMap())
	delete(body, "schemas")
	body["meta"] = resource{"resourceType": "Schema", "location": s.URL + base + "/schemas/" + id}
	return body
}

func (s *Server) resourceTypes(base string) []any {
	one := func(name, endpoint, schemaID, description string, extensions ...string) any {
		list := []any{}
		for _, e := range extensions {
			list = append(list, resource{"schema": e, "required": false})
		}
		return resource{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:ResourceType"}, "id": name, "name": name, "description": description, "endpoint": endpoint,
			"schema": schemaID, "schemaExtensions": list, "meta": resource{"resourceType": "ResourceType", "location": s.URL + base + "/resourcetypes/" + name}}
	}
	return []any{one("User", "/users", userSchema, "User Account", enterpriseSchema, genesysSchema), one("Group", "/groups", groupSchema, "Group")}
}

func (s *Server) providerConfig(base string) resource {
	yes, no := resource{"supported": true}, resource{"supported": false}
	return resource{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"}, "patch": yes, "sort": no, "changePassword": yes, "etag": yes,
		"bulk": resource{"supported": false, "maxOperations": 0, "maxPayloadSize": 0}, "filter": resource{"supported": true, "maxResults": maxPage},
		"authenticationSchemes": []any{resource{"type": "oauthbearertoken", "name": "OAuth Bearer Token", "description": "A bearer token of OAuth 2", "primary": true}},
		"meta":                  resource{"resourceType": "ServiceProviderConfig", "location": s.URL + base + "/serviceproviderconfig", "version": "1", "lastModified": stamp(s.started)}}
}
