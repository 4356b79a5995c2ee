//go:build !windows

package main

import "os"

// showsColours says whether a terminal interprets colours: outside Windows all do that
// do not say they are dumb.
func showsColours(*os.File) bool { return true }
