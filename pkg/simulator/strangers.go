package simulator

import (
	"slices"
	"strings"
)

// passedOver are the attributes of RFC 7643 that the platform does not have. Identity
// providers send them with every user, so they are ignored, as RFC 7644 allows. Any other
// name is most likely a mistake in the caller's mapping.
var passedOver = []string{"name", "nickname", "profileurl", "usertype", "preferredlanguage", "locale", "timezone", "ims", "photos",
	"addresses", "entitlements", "x509certificates", "costcenter", "organization"}

// isPassedOver says whether a key of a body, which may be a path, is one of these.
func isPassedOver(key string) bool {
	if strings.HasPrefix(strings.ToLower(key), "urn:") {
		key = key[strings.LastIndex(key, ":")+1:]
	}
	if i := strings.IndexAny(key, ".["); i >= 0 {
		key = key[:i]
	}
	return slices.Contains(passedOver, strings.ToLower(key))
}

// stranger refuses a body that names a schema or an attribute that no schema of the kind
// has: accepting it would hide that the value is lost.
func (k kind) stranger(body resource) *scimError {
	list, isList := body.get("schemas").([]any)
	if body.get("schemas") != nil && !isList {
		return invalid("invalidSyntax", "schemas must be a list")
	}
	for _, uri := range list {
		text, _ := uri.(string)
		if _, ok := k.schemaOf(text); !ok {
			return invalid("invalidSyntax", "schemas names %q, which is no schema of %s", text, k.name)
		}
	}
	for _, key := range sortedKeys(body) {
		if strings.EqualFold(key, "schemas") || isPassedOver(key) {
			continue
		}
		if _, ok := k.core.Attributes.ContainsAttribute(key); ok {
			continue
		}
		s, ok := k.extension(key)
		if !ok {
			return invalid("invalidSyntax", "%s has no attribute %q", k.name, key)
		}
		fields, _ := body[key].(map[string]any)
		for _, sub := range sortedKeys(fields) {
			if _, ok := s.Attributes.ContainsAttribute(sub); !ok && !isPassedOver(sub) {
				return invalid("invalidSyntax", "%s has no attribute %q", s.ID, sub)
			}
		}
	}
	return nil
}
