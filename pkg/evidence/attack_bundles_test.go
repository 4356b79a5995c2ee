package evidence

import (
	"archive/zip"
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAttackBundlesOfTwoEntries: a zip with two entries of one name, in any case,
// means different things to different programs.
func TestAttackBundlesOfTwoEntries(t *testing.T) {
	client, opts := asClient(t, serve(t, scenario))
	s := Collect(context.Background(), client, opts)
	good, _, err := Pack(s, NewManifest(s, "test", "test", false))
	require.NoError(t, err)
	z, err := zip.NewReader(bytes.NewReader(good), int64(len(good)))
	require.NoError(t, err)
	for _, again := range []string{"facts/grants.json", "facts/Grants.json", "manifest.json", "MANIFEST.json"} {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		for _, f := range z.File {
			require.NoError(t, w.Copy(f))
		}
		extra, err := w.Create(again)
		require.NoError(t, err)
		_, err = extra.Write([]byte(`{"kind":"grants"}`))
		require.NoError(t, err)
		require.NoError(t, w.Close())
		_, _, err = Unpack(bytes.NewReader(out.Bytes()), int64(out.Len()))
		require.ErrorContains(t, err, "twice", again)
	}
}
