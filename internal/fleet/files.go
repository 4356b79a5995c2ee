package fleet

import (
	"io"
	"os"
)

// tempPrefix begins the names of files that are being written.
const tempPrefix = ".scimlint-"

// writeTemp writes a file whole or not at all, under a name that means nothing, readable for
// its owner only.
func writeTemp(dir string, fill func(io.Writer) (int64, error)) (name string, err error) {
	temp, err := os.CreateTemp(dir, tempPrefix+"*")
	if err != nil {
		return "", err
	}
	_, err = fill(temp)
	if closed := temp.Close(); err == nil {
		err = closed
	}
	if err != nil {
		_ = os.Remove(temp.Name())
		return "", err
	}
	return temp.Name(), nil
}
