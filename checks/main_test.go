package checks_test

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain gives the collector less to do: random orgs are short-lived, and no test here
// measures memory.
func TestMain(m *testing.M) {
	debug.SetGCPercent(800)
	os.Exit(m.Run())
}
