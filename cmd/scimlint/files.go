package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unicode/utf16"
)

// asUTF8 returns a text file as UTF-8 without a byte order mark: editors of Windows write
// one, and PowerShell's > writes UTF-16.
func asUTF8(data []byte) []byte {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	default:
		return bytes.TrimPrefix(data, []byte("\ufeff"))
	}
	units := make([]uint16, 0, len(data)/2)
	for i := 2; i+1 < len(data); i += 2 {
		units = append(units, order.Uint16(data[i:]))
	}
	return []byte(string(utf16.Decode(units)))
}

func writeWhole(path string, data []byte) error { return writeMode(path, data, 0o644) }

// writeMode writes a file beside its place and renames it into place when it is
// whole. What is there and is no plain file (a device, a pipe, /dev/stdout) is
// written to and never replaced; a link stays, and what it points at is written; a
// file that exists keeps its mode.
func writeMode(path string, data []byte, mode os.FileMode) error {
	return writeStream(path, mode, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// writeStream is writeMode for what is too large for memory. Where the function fails,
// nothing is left of it but in a device or a pipe.
func writeStream(path string, mode os.FileMode, fill func(io.Writer) error) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("%s is a folder: name a file in it", path)
	case err == nil && !info.Mode().IsRegular():
		return writeInto(path, fill)
	case err == nil:
		mode = info.Mode().Perm()
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if path, err = behindLinks(path); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".scimlint-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temp.Name()) }()
	if err = fill(temp); err == nil {
		err = temp.Chmod(mode)
	}
	if closed := temp.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}

// writeInto writes to something that is no plain file.
func writeInto(path string, fill func(io.Writer) error) error {
	out, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	err = fill(out)
	if closed := out.Close(); err == nil {
		err = closed
	}
	return err
}

// behindLinks is the file that a path leads to; the path itself where there is
// nothing yet.
func behindLinks(path string) (string, error) {
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		return path, nil //nolint:nilerr // a file that is not there yet is no failure
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", fmt.Errorf("%s is a link that leads nowhere: remove it, or make what it points at", path)
	}
	return target, nil
}

// named is a file with the flag or key that names it.
type named struct{ by, path string }

// distinct refuses an output that is also an input of the run, and two outputs that
// are one file, whatever their spelling: a report must not destroy what it is about.
func distinct(outputs, inputs []named) error {
	for i, out := range outputs {
		for _, in := range inputs {
			if sameFile(out.path, in.path) {
				return fmt.Errorf("%s would write %s, which %s reads: name another file", out.by, out.path, in.by)
			}
		}
		for _, other := range outputs[:i] {
			if sameFile(out.path, other.path) {
				return fmt.Errorf("%s and %s would write the same file, %s: give each its own", other.by, out.by, out.path)
			}
		}
	}
	return nil
}

// sameFile compares plain files by what they are, and names that do not exist yet by
// where they would be.
func sameFile(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	if errX == nil && errY == nil {
		return x.Mode().IsRegular() && os.SameFile(x, y)
	}
	if errX == nil || errY == nil {
		return false
	}
	return samePlace(place(a), place(b), runtime.GOOS)
}

// samePlace compares names of files that do not exist yet. Windows and macOS tell no
// cases apart.
func samePlace(a, b, system string) bool {
	return a == b || (system == "windows" || system == "darwin") && strings.EqualFold(a, b)
}

func place(path string) string {
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		dir = filepath.Dir(path)
	}
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return filepath.Join(dir, filepath.Base(path))
}
