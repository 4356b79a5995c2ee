package simulator

import (
	_ "embed"
	"net/http"
	"strings"
	"sync"

	"github.com/scimlint/scimlint/pkg/catalog"
)

// otherOperations are the published operations that the catalogue does not have: they
// exist on the platform and not here.
//
//go:embed operations.txt
var otherOperations string

// template is an operation with the parts of its path; known is false for one of
// otherOperations.
type template struct {
	op    catalog.Operation
	parts []string
	known bool
}

// templates are all operations by their method and how many parts their paths have.
var templates = sync.OnceValue(func() map[string]map[int][]template {
	out := map[string]map[int][]template{}
	add := func(op catalog.Operation, known bool) {
		parts := strings.Split(op.Path, "/")
		if out[op.Method] == nil {
			out[op.Method] = map[int][]template{}
		}
		out[op.Method][len(parts)] = append(out[op.Method][len(parts)], template{op, parts, known})
	}
	for _, op := range catalog.Default().Operations {
		add(op, true)
	}
	for _, line := range strings.Split(strings.TrimSpace(otherOperations), "\n") {
		method, path, _ := strings.Cut(line, " ")
		add(catalog.Operation{Method: method, Path: path}, false)
	}
	return out
})

// match finds the operation that a request calls. A literal part beats a placeholder. SCIM's
// own names are compared without case: RFC 7644 and Entra ID write /Users.
func match(method, path string) (catalog.Operation, bool) {
	parts := strings.Split(strings.TrimSuffix(path, "/"), "/")
	scim := strings.HasPrefix(path, "/api/v2/scim/")
	var best *template
	bestHoles := len(parts) + 1
	candidates := templates()[method][len(parts)]
	for i := range candidates {
		t := &candidates[i]
		if holes, ok := t.fits(parts, scim); ok && holes < bestHoles {
			best, bestHoles = t, holes
		}
	}
	if best == nil {
		return catalog.Operation{}, false
	}
	if !best.known {
		return catalog.Operation{Method: best.op.Method, Path: best.op.Path}, false
	}
	return best.op, true
}

func (t *template) fits(parts []string, fold bool) (holes int, ok bool) {
	for i, want := range t.parts {
		switch {
		case want == parts[i]:
		case strings.HasPrefix(want, "{") && parts[i] != "":
			holes++
		case fold && i > 3 && strings.EqualFold(want, parts[i]):
		default:
			return 0, false
		}
	}
	return holes, true
}

// reading are the operations that change nothing though they have a body.
var reading = map[string]bool{
	"POST /api/v2/authorization/policies/{policyId}/simulate": true,
	"POST /api/v2/audits/query/realtime":                      true,
	"POST /api/v2/oauth/clients/{clientId}/usage/query":       true,
}

// changes says whether an operation changes the org.
func changes(op catalog.Operation) bool {
	return op.Method != http.MethodGet && op.Method != http.MethodHead && !reading[op.Method+" "+op.Path]
}
