package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkColdStart prints how long `scimlint version` takes from start to end,
// and how large the binary is: go test ./cmd/scimlint -run xxx -bench ColdStart
func BenchmarkColdStart(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "scimlint")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, ".")
	out, err := build.CombinedOutput()
	require.NoError(b, err, string(out))
	info, err := os.Stat(binary)
	require.NoError(b, err)
	for b.Loop() {
		require.NoError(b, exec.Command(binary, "version").Run())
	}
	b.ReportMetric(float64(info.Size())/1e6, "MB")
}
