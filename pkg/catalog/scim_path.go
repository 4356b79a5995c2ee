package catalog

import "strings"

// SCIMBaseOf returns the published base of a SCIM path: the versioned one, or
// the one without the second version, which has the same requirements.
func SCIMBaseOf(path string) (string, bool) {
	path = strings.TrimSuffix(path, "/")
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
