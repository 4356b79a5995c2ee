package checks

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestARuleCanBeDeleted: no file of a rule uses what another one declares, so that
// deleting a rule is deleting its file and its line in all.go. required_permission is
// the exception: it reports by the table of the permission rules.
func TestARuleCanBeDeleted(t *testing.T) {
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	files, declared := map[string]*ast.File{}, map[string]string{}
	for _, e := range entries {
		name := e.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		files[name] = f
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				declared[d.Name.Name] = name
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if v, ok := s.(*ast.ValueSpec); ok {
						declared[v.Names[0].Name] = name
					}
				}
			}
		}
	}
	shared := map[string]bool{"permission_is_held.go": true, "all.go": true}
	for name, f := range files {
		if name == "all.go" {
			continue
		}
		for _, id := range f.Unresolved {
			owner, ok := declared[id.Name]
			assert.False(t, ok && owner != name && !shared[owner], "%s uses %s of %s", name, id.Name, owner)
		}
	}
}
