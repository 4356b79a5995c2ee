package lint

import (
	"net/http"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/genesys"
)

// NeedsOfUsage are the needs that a client's own traffic shows: what the
// integration really does over SCIM. It is empty where there is no such traffic.
func NeedsOfUsage(u *genesys.Usage) []catalog.Need {
	found := map[catalog.Need]bool{}
	for _, r := range u.Rows {
		rest, ok := strings.CutPrefix(strings.ToLower(r.TemplateURI), catalog.SCIMBaseUnversioned)
		if !ok || r.Requests == 0 {
			continue
		}
		rest = strings.TrimPrefix(rest, "/v2")
		switch {
		case strings.HasPrefix(rest, "/groups"):
			found[catalog.NeedGroups] = true
		case !strings.HasPrefix(rest, "/users"):
		case r.Method == http.MethodPost:
			found[catalog.NeedCreate] = true
		case r.Method == http.MethodPut, r.Method == http.MethodPatch:
			found[catalog.NeedUpdate] = true
		case r.Method == http.MethodDelete:
			found[catalog.NeedDelete] = true
		case r.Method == http.MethodGet:
			found[catalog.NeedRead] = true
		}
	}
	return slices.DeleteFunc(catalog.AllNeeds(), func(n catalog.Need) bool { return !found[n] })
}
