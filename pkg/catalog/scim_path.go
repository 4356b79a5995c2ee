package catalog

import "strings"

// SCIMBaseOf returns the published base of a SCIM path: the versioned one, or
// the one without the second version, which has the same requirements. /Users and
// /Groups in capitals, as RFC 7644 writes them, are the same endpoints.
func SCIMBaseOf(path string) (string, bool) {
	path = strings.TrimSuffix(path, "/")
	for _, word := range []string{"/Users", "/Groups", "/Schemas", "/ResourceTypes", "/ServiceProviderConfig"} {
		path = strings.Replace(path, word, strings.ToLower(word), 1)
	}
	for _, base := range []string{SCIMBase, SCIMBaseUnversioned} {
		if path == base {
			return base, true
		}
		for _, method := range []string{"GET", "POST", "PUT"} {
			if op, ok := Default().Match(method, path); ok && strings.HasPrefix(op.Path, base+"/") {
				return base, true
			}
		}
	}
	return "", false
}
