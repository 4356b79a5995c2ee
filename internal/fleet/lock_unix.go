//go:build unix

package fleet

import (
	"os"

	"golang.org/x/sys/unix"
)

// lock keeps another run from writing the same file: Kubernetes may start the pod of a shard
// while the one before still ends. The lock ends with the process.
func lock(file *os.File) error {
	return unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB) //nolint:gosec // a descriptor is an int
}
