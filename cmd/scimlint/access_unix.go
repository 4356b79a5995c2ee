//go:build !windows

package main

import (
	"fmt"
	"os"
)

// openTo says who may read a file other than its owner, and what to do about it; nobody
// where that cannot be found out.
func openTo(file *os.File) (who, advice string) {
	info, err := file.Stat()
	if err != nil || info.Mode().Perm()&0o044 == 0 {
		return "", ""
	}
	return fmt.Sprintf("others (mode %04o)", info.Mode().Perm()), "chmod 600 " + file.Name()
}
