package bounds

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

func TestAttackBoundsOfJSON(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	list := func(n int) string { return "[" + strings.Repeat("{},", n-1) + "{}]" }
	for name, tc := range map[string]struct{ text, want string }{
		"as deep as allowed":       {nested(Depth), ""},
		"deeper":                   {nested(Depth + 1), "nested more than 64 deep"},
		"deep and never closed":    {strings.Repeat(`{"a":`, 14_000), "nested more than 64 deep"},
		"deep in a list":           {`[1,{"a":` + nested(Depth) + `}]`, "nested more than 64 deep"},
		"deep in the words alone":  {`{"a":"` + strings.Repeat(`[\"{`, 1000) + `"}`, ""},
		"as long as allowed":       {list(Entries), ""},
		"longer":                   {list(Entries + 1), "more than 100000 entries"},
		"an object of many":        {"{" + strings.Repeat(`"a":1,`, Entries) + `"a":1}`, "more than 100000 entries"},
		"many lists":               {"[" + strings.Repeat(list(Entries)+",", 5) + "1]", "more than 500000 values"},
		"brackets that do not fit": {"]]]]}}}" + nested(3), ""},
		"a string without an end":  {`["` + strings.Repeat(`[`, 100), ""},
		"a last backslash":         {`["\`, ""},
	} {
		err := JSON([]byte(tc.text))
		if tc.want == "" {
			require.NoError(t, err, name)
		} else {
			require.ErrorContains(t, err, tc.want, name)
		}
	}
	large := []byte(list(Entries))
	assert.Zero(t, testing.AllocsPerRun(1, func() { _ = JSON(large) }), "nothing is kept")
}

func TestAttackBoundsOfYAML(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	chain := "n0: &n0 [x]\n"
	for i := range 8 {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", 'b'+i, 'b'+i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", 'a'+i), 10), ","))
	}
	for i := range 100 {
		chain += fmt.Sprintf("n%d: &n%d [*n%d]\n", i+1, i+1, i)
	}
	for name, tc := range map[string]struct{ text, want string }{
		"a configuration":       {"need: [create]\ndefault: &d {a: 1}\nother: *d\n", ""},
		"a bomb of aliases":     {bomb, "aliases followed"},
		"aliases over aliases":  {chain, "nested more than 64 deep"},
		"an alias of itself":    {"a: &a [*a]\n", "contains itself"},
		"deep":                  {strings.Repeat("[", 100) + strings.Repeat("]", 100), "nested more than 64 deep"},
		"many open brackets":    {strings.Repeat("[", YAMLValues+1), "more than 200000 values"},
		"many open braces":      {strings.Repeat("{a: ", 100_000), ""},
		"deep by indents":       {indents(100), "nested more than 64 deep"},
		"many values":           {strings.Repeat("- x\n", YAMLValues+1), "more than 200000 values"},
		"larger":                {strings.Repeat("# x\n", YAMLBytes/4+1), "larger than 2 MB"},
		"not YAML":              {"a: [", ""},
		"nothing":               {"", ""},
		"a bomb in merged keys": {"a: &a {b: c}\n<<: [" + strings.Repeat("*a,", 100_000) + "*a]\n", "aliases followed"},
	} {
		start := time.Now()
		err := YAML([]byte(tc.text))
		if tc.want == "" {
			require.NoError(t, err, name)
		} else {
			require.ErrorContains(t, err, tc.want, name)
		}
		assert.Less(t, time.Since(start), 2*time.Minute, name)
	}
}

func indents(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func TestAttackBoundsOfFiles(t *testing.T) {
	name := filepath.Join(t.TempDir(), "large")
	require.NoError(t, os.WriteFile(name, make([]byte, 3<<20), 0o600))
	_, err := ReadFile(name, 2<<20)
	require.ErrorContains(t, err, "larger than 2 MB")
	data, err := ReadFile(name, 3<<20)
	require.NoError(t, err)
	assert.Len(t, data, 3<<20)
	_, err = ReadFile("/dev/zero", 2<<20)
	require.ErrorContains(t, err, "larger than 2 MB", "a file without an end")
}

// FuzzJSON holds the bounds against what the decoder makes of the same bytes.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,{"b":"\"]"}]}`, strings.Repeat("[", 70) + strings.Repeat("]", 70), `"\\"`, `[[[`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v any
		if json.Unmarshal(data, &v) != nil {
			return
		}
		assert.Equal(t, height(v) > Depth, JSON(data) != nil)
	})
}

func height(v any) int {
	below := 0
	switch v := v.(type) {
	case []any:
		for _, inner := range v {
			below = max(below, height(inner))
		}
	case map[string]any:
		for _, inner := range v {
			below = max(below, height(inner))
		}
	default:
		return 0
	}
	return below + 1
}

// FuzzYAML lets nothing through that the decoder takes long for.
func FuzzYAML(f *testing.F) {
	f.Add([]byte("a: &a [x]\nb: [*a, *a]\n"))
	f.Add([]byte("a: &a [*a]\n"))
	f.Add([]byte("? {a: b}\n: - c\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if YAML(data) == nil {
			var v any
			_ = yaml.Unmarshal(data, &v)
		}
	})
}
