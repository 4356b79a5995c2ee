//go:build unix

package fleet

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pipe is one that nobody writes to.
func pipe(t *testing.T, dir string) string {
	t.Helper()
	name := filepath.Join(dir, "pipe")
	require.NoError(t, syscall.Mkfifo(name, 0o600))
	return name
}

// TestNoChildIsLeft: what a command started ends with it.
func TestNoChildIsLeft(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	script := []string{"sh", "-c", "sleep 600 & echo $! >" + file + "; sleep 600"}
	for name, run := range map[string]func(context.Context) error{
		"a secret": func(ctx context.Context) error {
			_, err := secretCommand(ctx, script, 200*time.Millisecond)
			return err
		},
		"an alert": func(ctx context.Context) error {
			limited, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
			defer cancel()
			return Notify(limited, script[2], &Alert{})
		},
	} {
		require.Error(t, run(context.Background()), name)
		text, err := os.ReadFile(file)
		require.NoError(t, err, name)
		pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
		require.NoError(t, err, name)
		assert.Eventually(t, func() bool { return !running(pid) }, 5*time.Second, 10*time.Millisecond, name)
	}
}

// running says whether a process is there, and no zombie that nobody waits for.
func running(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || !strings.Contains(string(status), ") Z ")
}
