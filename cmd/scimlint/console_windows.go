package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// showsColours turns the interpretation of colours on, and says whether the console has
// it: those before Windows 10 would print the escape sequences.
func showsColours(console *os.File) bool {
	var mode uint32
	handle := windows.Handle(console.Fd())
	if windows.GetConsoleMode(handle, &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(handle, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
