package catalog

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// repeat is a stream of so many copies of a text, which is never kept as a whole.
func repeat(text string, times int) io.Reader {
	r, w := io.Pipe()
	go func() {
		const chunk = 64 << 10
		many := strings.Repeat(text, chunk)
		for n := 0; n < times; n += chunk {
			if _, err := io.WriteString(w, many); err != nil {
				return
			}
		}
		_ = w.Close()
	}()
	return r
}

// TestAttackBoundsOfADefinition: a stream that a decoder would keep as a whole.
func TestAttackBoundsOfADefinition(t *testing.T) {
	path := `"/p%d":{"get":{"operationId":"a","x-inin-requires-permissions":{"type":"ANY","permissions":["a:b:c"]}}},`
	paths := strings.Builder{}
	for i := range maxPaths + 1 {
		_, _ = fmt.Fprintf(&paths, path, i)
	}
	for name, tc := range map[string]struct {
		in   io.Reader
		want string
	}{
		"newlines":          {repeat("\n", 64<<20), "longer than 4 MB"},
		"one long string":   {io.MultiReader(strings.NewReader(`{"definitions":"`), repeat("x", 64<<20)), "longer than 4 MB"},
		"nested":            {io.MultiReader(strings.NewReader(`{"definitions":`), repeat("[", 64<<20)), "nested more than 64 deep"},
		"a path of nesting": {io.MultiReader(strings.NewReader(`{"paths":{"/a":`), strings.NewReader(strings.Repeat("[", 5000)+strings.Repeat("]", 5000))), "nested more than 64 deep"},
		"a path of lists":   {io.MultiReader(strings.NewReader(`{"paths":{"/a":{"get":{"security":[`), repeat("{},", 64<<20)), "longer than 4 MB"},
		"many paths":        {strings.NewReader(`{"swagger":"2.0","paths":{` + paths.String()), "more than 20000 paths"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Import(tc.in, "")
		runtime.ReadMemStats(&after)
		require.ErrorContains(t, err, tc.want, name)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<20), name)
	}
}
