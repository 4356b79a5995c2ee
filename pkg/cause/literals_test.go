package cause

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestCausesAreNamedByTheirConstants reads the project's code: outside this package, no
// cause is named by a literal, which a compiler does not compare with the registry. The
// ids that the simulator's scenarios expect are data, and have a test of their own.
func TestCausesAreNamedByTheirConstants(t *testing.T) {
	fset, files := token.NewFileSet(), 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || len(d.Name()) > 2 && strings.HasPrefix(d.Name(), ".")):
			return filepath.SkipDir
		case filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || filepath.Dir(path) == filepath.Join("..", "..", "pkg", "cause"):
			return nil
		}
		file, err := parser.ParseFile(fset, path, nil, 0)
		require.NoError(t, err)
		files++
		ast.Inspect(file, func(n ast.Node) bool {
			if at := literal(n); at != nil {
				assert.Fail(t, "a cause as a literal", "%s: write the constant of pkg/cause, or add one there", fset.Position(at.Pos()))
			}
			return true
		})
		return nil
	})
	require.NoError(t, err)
	assert.Greater(t, files, 100, "the project's files were found")
}

// literal returns the node if it is a cause named by a literal: one that exists, or any
// that is converted to an ID or given to a field Cause.
func literal(n ast.Node) ast.Node {
	switch n := n.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(n.Value)
		if _, known := ByID(ID(text)); err == nil && n.Kind == token.STRING && known {
			return n
		}
	case *ast.CallExpr:
		if s, ok := n.Fun.(*ast.SelectorExpr); ok && len(n.Args) == 1 && s.Sel.Name == "ID" && isName(s.X, "cause") && isText(n.Args[0]) {
			return n
		}
	case *ast.KeyValueExpr:
		if isName(n.Key, "Cause") && isText(n.Value) {
			return n
		}
	}
	return nil
}

func isName(n ast.Expr, name string) bool {
	id, ok := n.(*ast.Ident)
	return ok && id.Name == name
}

func isText(n ast.Expr) bool {
	lit, ok := n.(*ast.BasicLit)
	return ok && lit.Kind == token.STRING
}

func TestLiterals(t *testing.T) {
	for text, want := range map[string]bool{
		`x.notice("wrong-path")`:             true,
		`cause.ID("wrong-pathh")`:            true,
		`lint.Suspicion{Cause: "wrong-pat"}`: true,
		`cause.ID(c.ID)`:                     false,
		`lint.Suspicion{Cause: cause.X}`:     false,
		`"wrong path"`:                       false,
	} {
		expr, err := parser.ParseExpr(text)
		require.NoError(t, err)
		found := false
		ast.Inspect(expr, func(n ast.Node) bool {
			found = found || literal(n) != nil
			return true
		})
		assert.Equal(t, want, found, text)
	}
}
