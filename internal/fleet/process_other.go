//go:build !unix

package fleet

import "os/exec"

// ownGroup does nothing: here, only the command itself is ended, and not its children.
func ownGroup(*exec.Cmd) {}

func endGroup(*exec.Cmd) error { return nil }
