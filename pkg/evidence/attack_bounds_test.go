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
)

// TestAttackBoundsOfABundle: a small zip of a million empty grants is refused before
// they are made.
func TestAttackBoundsOfABundle(t *testing.T) {
	for name, part := range map[string]string{
		"empty grants": `{"kind":"grants","value":{"grants":[` + strings.Repeat("{},", 1_000_000) + `{}]}}`,
		"values":       `{"kind":"scopes","value":[` + strings.Repeat("1,", 3_500_000) + `1]}`,
	} {
		m := Manifest{Format: BundleFormat, Parts: []Part{{Name: "facts/grants.json", SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte(part))), Bytes: len(part)}}}
		head, err := json.Marshal(m)
		require.NoError(t, err)
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		for _, f := range []struct{ name, text string }{{"manifest.json", string(head)}, {"facts/grants.json", part}} {
			w, err := z.Create(f.name)
			require.NoError(t, err)
			_, err = w.Write([]byte(f.text))
			require.NoError(t, err)
		}
		require.NoError(t, z.Close())
		assert.Less(t, out.Len(), 64<<10, "the zip is small")
		start := time.Now()
		_, _, err = Unpack(bytes.NewReader(out.Bytes()), int64(out.Len()))
		require.ErrorContains(t, err, "more than any org's", name)
		assert.Less(t, time.Since(start), 2*time.Second, name)
	}
}
