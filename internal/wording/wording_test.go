// Package wording has no code: its test reads every text of the project, and finds
// phrases that cost readers time. The vocabulary is plain technical English, one word
// for one thing.
package wording

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// banned are phrases, with what to write instead. A phrase is looked for in prose only:
// ids, flags, paths, permissions and what is between backticks are removed first.
var banned = []struct {
	phrase *regexp.Regexp
	write  string
}{
	{regexp.MustCompile(`\b[Tt]akes\b(?: (?:effect|place|long|longer|part|over|precedence|\d|about|up to|some|a few|a second|a minute|a while))?`), "requires, needs (a permission); accepts (a token); reads (a file)"},
	{regexp.MustCompile(`\b[Tt]ake (?:a|the|any|one|no) (?:permission|scope)s?\b`), "require"},
	{regexp.MustCompile(`\balone\b`), "only, before the noun"},
	{regexp.MustCompile(`\bgates?\b`), "access check (of an endpoint); pipeline result (of a pipeline)"},
	{regexp.MustCompile(`\b(?:un)?seen\b`), "read, known; could not be read, unknown"},
	{regexp.MustCompile(`\b[Ss]tands?\b`), "is, appears, goes"},
	{regexp.MustCompile(`\b[Tt]old\b`), "is reported, shows"},
	{regexp.MustCompile(`\b[Tt]ells\b(?: (?:\w+ ){0,5}apart)?`), "reports, shows, says"},
	{regexp.MustCompile(`\b(?:[Hh]olds?|[Hh]eld|[Hh]olding)\b(?: true)?`), "has (a subject has a permission); includes (a role includes it); contains (a file)"},
	{regexp.MustCompile(`\b[Cc]arr(?:y|ies|ied|ying)\b(?: (?:\w+ ){0,2}out)?`), "has, includes, contains"},
	{regexp.MustCompile(`\b(?:[Bb]rings?|[Bb]rought)\b`), "has, includes, adds, causes"},
	{regexp.MustCompile(`\b[Mm]end(?:s|ed|ing)?\b`), "fix, correct"},
	{regexp.MustCompile(`\b[Bb]esides\b`), "also, in addition to"},
	{regexp.MustCompile(`\ball the same\b`), "still, nevertheless"},
	{regexp.MustCompile(`(?:\b[Tt]here )?\b(?:is|are) none\b`), "is not a …, is invalid; there is no …"},
	{regexp.MustCompile(`\bfor want of\b`), "because … is missing"},
	{regexp.MustCompile(`\b[Ss]hall\b`), "must, should"},
	{regexp.MustCompile(`\bbr(?:oke|oken|eaks?) off\b`), "was truncated, ended early"},
	{regexp.MustCompile(`\b(?:^|[^0-9.,:/-])1 (?:admin|page|user|request|role|grant|check|cause|permission|refusal|kind|step|division|scope|agent|change|call|org)s\b|\b1 (?:policies|bodies)\b`), "the singular"},
}

// fine are the uses of these words that are plain English: a match that ends with one of
// them is no finding.
var fine = regexp.MustCompile(`^[Tt]here (?:is|are) none$|(?: effect| place| long| longer| part| over| precedence| \d| about| up to| some| a few| a second| a minute| a while| apart| out| true)$`)

// code is what is not prose in a text.
var code = regexp.MustCompile("```[\\s\\S]*?```|`[^`\n]*`|https?://\\S+|[\\w.*{}<>$%-]*[/:_=][\\w.*{}<>$%/:_=-]+|\\w+(?:-\\w+)+|--?\\w+|\\w+\\(\\)")

// finding is a phrase in a place.
type finding struct{ place, phrase, write, text string }

func (f finding) String() string {
	return fmt.Sprintf("%s: %q: write %s\n\t%s", f.place, f.phrase, f.write, f.text)
}

// judge finds banned phrases in a text that begins at a line of a file.
func judge(file string, line int, text string) []finding {
	var out []finding
	prose := code.ReplaceAllStringFunc(text, func(s string) string { return strings.Repeat("\n", strings.Count(s, "\n")) + "…" })
	for i, l := range strings.Split(prose, "\n") {
		for _, b := range banned {
			for _, m := range b.phrase.FindAllString(l, -1) {
				if !fine.MatchString(m) {
					out = append(out, finding{fmt.Sprintf("%s:%d", file, line+i), m, b.write, strings.TrimSpace(l)})
				}
			}
		}
	}
	return out
}

// goTexts judges the comments of a Go file and its texts of more than one word.
func goTexts(t *testing.T, path string) []finding {
	t.Helper()
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, path, nil, parser.ParseComments)
	require.NoError(t, err)
	var out []finding
	for _, group := range f.Comments {
		for i, c := range group.List {
			text := strings.TrimPrefix(strings.TrimPrefix(c.Text, "//"), " ")
			if i == 0 { // a comment begins with the name of what it explains
				_, text, _ = strings.Cut(strings.TrimPrefix(text, "Package "), " ")
			}
			if !strings.HasPrefix(c.Text, "//go:") {
				out = append(out, judge(path, set.Position(c.Pos()).Line, text)...)
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil && strings.Contains(text, " ") {
				out = append(out, judge(path, set.Position(lit.Pos()).Line, text)...)
			}
		}
		return true
	})
	return out
}

// judged are the files whose texts people read. What a test of explain pastes is other
// people's words, and so is a scenario's answer of a proxy.
func judged(path string) bool {
	switch filepath.Ext(path) {
	case ".md", ".sh", ".yml", ".yaml", ".html", ".tmpl":
		return !strings.Contains(path, "testdata/") || strings.Contains(path, "golden")
	case ".txt", ".golden":
		return strings.Contains(path, "golden")
	}
	return strings.HasPrefix(path, ".ci/")
}

// TestWords: every text that a person reads is in the project's vocabulary. SCIMLINT_WORDS
// names a folder or a file, such as pkg/lint, to look only there.
func TestWords(t *testing.T) {
	root := filepath.Join("..", "..")
	var all []finding
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		name = filepath.ToSlash(name)
		switch {
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules" || name == "internal/wording"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasPrefix("./"+name, "./"+strings.TrimPrefix(os.Getenv("SCIMLINT_WORDS"), ".")):
			return nil
		case strings.HasSuffix(name, "_test.go"):
			return nil // messages of tests quote what people paste
		case strings.HasSuffix(name, ".go"):
			all = append(all, rename(goTexts(t, path), path, name)...)
		case judged(name):
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			all = append(all, judge(name, 1, string(bytes.ToValidUTF8(data, nil)))...)
		}
		return nil
	})
	require.NoError(t, err)
	for _, f := range all {
		t.Error(f)
	}
}

func rename(list []finding, from, to string) []finding {
	for i := range list {
		list[i].place = strings.Replace(list[i].place, from, to, 1)
	}
	return list
}
