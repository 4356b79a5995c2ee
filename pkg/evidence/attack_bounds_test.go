package evidence

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/genesys"
)

// bundleOf packs parts as they are, with a manifest that fits them.
func bundleOf(tb testing.TB, parts map[string]string) []byte {
	tb.Helper()
	m := Manifest{Format: BundleFormat}
	for name, text := range parts {
		m.Parts = append(m.Parts, Part{Name: name, SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte(text)))})
	}
	head, err := json.Marshal(m)
	require.NoError(tb, err)
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	add := func(name, text string) {
		w, err := z.Create(name)
		require.NoError(tb, err)
		_, err = w.Write([]byte(text))
		require.NoError(tb, err)
	}
	add(manifest, string(head))
	for name, text := range parts {
		add(name, text)
	}
	require.NoError(tb, z.Close())
	return out.Bytes()
}

// TestAttackBoundsOfABundle: a bundle of few bytes that is large in memory, or long to
// read, is refused with a sentence.
func TestAttackBoundsOfABundle(t *testing.T) {
	grants := func(n int) string {
		return `{"kind":"grants","value":{"id":"x","grants":[` + strings.Repeat("{},", n-1) + `{}]}}`
	}
	calls := `{"kind":"roles","calls":[` + strings.Repeat("{},", 60_000) + `{}]}`
	for name, tc := range map[string]struct {
		parts map[string]string
		want  string
	}{
		"empty grants":      {map[string]string{"facts/grants.json": grants(1_000_000)}, "more than 100000 entries"},
		"values":            {map[string]string{"facts/scopes.json": `{"kind":"scopes","value":[` + strings.Repeat("1,", 3_500_000) + `1]}`}, "more than 100000 entries"},
		"a large part":      {map[string]string{"facts/grants.json": strings.Repeat(" ", maxPart+1)}, "larger than 16 MB"},
		"three large parts": {map[string]string{"facts/a.json": strings.Repeat(" ", maxPart), "facts/b.json": strings.Repeat(" ", maxPart), "facts/c.json": " "}, "more than 32 MB"},
		"nested":            {map[string]string{"facts/grants.json": strings.Repeat("[", 9000) + strings.Repeat("]", 9000)}, "nested more than 64 deep"},
		"many small lists":  {map[string]string{"facts/roles.json": "[" + strings.Repeat(calls+",", 9) + calls + "]"}, "more than 500000 values"},
	} {
		data := bundleOf(t, tc.parts)
		assert.Less(t, len(data), 64<<10, name)
		start := time.Now()
		_, _, err := Unpack(bytes.NewReader(data), int64(len(data)))
		require.ErrorContains(t, err, tc.want, name)
		assert.Less(t, time.Since(start), 2*time.Minute, name)
	}
}

// TestWhatIsPackedCanBeUnpacked: evidence beyond a bundle's bounds is refused when it is
// packed and not when it is needed.
func TestWhatIsPackedCanBeUnpacked(t *testing.T) {
	s := personal()
	s.Divisions.Value = &[]genesys.Division{{Name: strings.Repeat("x", maxTotal)}}
	_, _, err := Pack(s, NewManifest(s, "v1", "c", true))
	require.ErrorContains(t, err, "no more than 32 MB")
}
