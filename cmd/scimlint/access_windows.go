package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// openTo says who may read a file other than its owner and administrators, and what to do
// about it; nobody where that cannot be found out. Windows has no modes: what counts is
// the file's access control list.
func openTo(file *os.File) (who, advice string) {
	sd, err := windows.GetSecurityInfo(windows.Handle(file.Fd()), windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return "", ""
	}
	return readersOf(sd.String()), "let only your own account read it (Properties > Security)"
}
