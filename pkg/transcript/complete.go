package transcript

import (
	"regexp"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/genesys"
)

var (
	forbiddenOn     = regexp.MustCompile(`(?i)forbidden on domain,?\s*'([\w*]+)',?\s*entity\s*'([\w*]+)',?\s*with action set\s*'?\[([\w*, ]+)\]`)
	permissionNamed = regexp.MustCompile(`(?i)permission[^\n]{0,120}?\b[a-z][\w]*:[\w*]+:[a-z*]`)
	permissionName  = regexp.MustCompile(`\b([A-Za-z]\w*:(?:[A-Za-z*]\w*|\d+[A-Za-z]\w*):[A-Za-z*]\w*|[A-Za-z]\w*:\*:\*)(?::([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\*))?`)
	schemaName      = regexp.MustCompile(`urn:[\w:.-]+`)
	permissionList  = regexp.MustCompile(`(?i)permissions?(?:\(s\))?(?:\s+assigned)?:\s*(\[[^\[\]]*\]|[\w:*-]+(?:,\s*[\w:*-]+)*)`)
	divisionsNamed  = regexp.MustCompile(`(?i)division(?:\(s\)|s)?:?\s*\[?((?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}[,\s]*)+)`)
)

// complete reads what a refusal names in forms that are its message's only: the
// older services' domain, entity and actions; permissions in a SCIM detail; a
// division behind the permission; divisions where the list of permissions is
// empty.
func complete(r *genesys.Refusal) {
	message := schemaName.ReplaceAllString(r.Message, "")
	if m := forbiddenOn.FindStringSubmatch(message); m != nil && len(r.Permissions) == 0 {
		for action := range strings.SplitSeq(m[3], ",") {
			r.Permissions = appendNew(r.Permissions, m[1]+":"+m[2]+":"+strings.TrimSpace(action))
		}
	}
	if r.Kind == genesys.RefusalOAuth || r.Code == genesys.CodeAppNotAuthorizedForScope {
		return
	}
	if r.Kind == genesys.RefusalSCIM || len(r.Permissions) > 0 || permissionNamed.MatchString(message) {
		for _, m := range permissionName.FindAllStringSubmatch(message, 200) {
			if r.Status == 403 || r.Status == 0 {
				r.Permissions = appendNew(r.Permissions, m[1])
			}
			if len(m[2]) > 1 {
				r.Divisions = appendNew(r.Divisions, m[2])
			}
		}
	}
	wordsNamed(r, message)
	if m := divisionsNamed.FindStringSubmatch(message); m != nil {
		for _, id := range strings.FieldsFunc(m[1], func(c rune) bool { return strings.ContainsRune(", \n\t", c) }) {
			r.Divisions = appendNew(r.Divisions, id)
		}
	}
}

// wordsNamed reads the permissions of the platform's first years, which are one word:
// admin, content_management_user. They are read where a list of permissions has them.
func wordsNamed(r *genesys.Refusal, message string) {
	m := permissionList.FindStringSubmatch(message)
	if m == nil || r.Status != 403 && r.Status != 0 {
		return
	}
	for name := range strings.SplitSeq(strings.Trim(m[1], "[]"), ",") {
		if name = strings.TrimSpace(name); !strings.Contains(name, ":") && permissionSet()[name] {
			r.Permissions = appendNew(r.Permissions, name)
		}
	}
}

func appendNew(list []string, name string) []string {
	if name == "" || slices.Contains(list, name) {
		return list
	}
	return append(list, name)
}
