package export

import (
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/zclconf/go-cty/cty"
	"golang.org/x/text/unicode/norm"
)

// FuzzHCLString: HashiCorp's parser reads back the very text, whatever it is, and no part
// of it as a template; its formatter has nothing to change.
func FuzzHCLString(f *testing.F) {
	for _, s := range []string{"", "Paris", `a"b\c`, "${file(\"x\")}", "%{if true}x%{endif}", "$${x}", "$$${x}", "$", "%{", "a\nb\r\tc\x00\x1b", "é\u202e\u0301\U000E0001", "\xff{", "$\xff{", "# x", "*/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		body := &hclBody{}
		body.line("# c")
		body.setString("name", s)
		body.setList("names_of_all", []string{s, "x"})
		body.block("data", "kind", "label").set("id", hclNumber(7))
		src := []byte(body.String())
		assert.Equal(t, string(hclwrite.Format(src)), string(src))
		file, diags := hclsyntax.ParseConfig(src, "x.tf", hcl.InitialPos)
		require.False(t, diags.HasErrors(), "%s\n%s", diags, src)
		value, diags := file.Body.(*hclsyntax.Body).Attributes["name"].Expr.Value(nil)
		require.False(t, diags.HasErrors(), "%s\n%s", diags, src)
		require.Equal(t, cty.String, value.Type())
		assert.Equal(t, norm.NFC.String(string([]rune(s))), value.AsString())
	})
}
