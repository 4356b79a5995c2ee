package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"golang.org/x/term"
)

// open opens a file of the command line; "-" is standard input.
func open(ctx context.Context, std stdio, name string) (io.ReadCloser, error) {
	if name != "-" {
		return os.Open(name)
	}
	if atTerminal(std.in) {
		end := "Ctrl-D on a line of its own"
		if runtime.GOOS == "windows" {
			end = "Ctrl-Z and Enter on a line of its own"
		}
		_, _ = fmt.Fprintf(std.err, "Reading standard input: paste, then press %s. Ctrl-C cancels.\n", end)
	}
	return io.NopCloser(&cancellable{ctx: ctx, in: std.in}), nil
}

// atTerminal reports whether a person types what is read.
func atTerminal(in io.Reader) bool {
	f, ok := in.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// errInterrupted ends the reading of standard input.
var errInterrupted = &exit{code: exitInterrupted, err: errors.New("interrupted: standard input was not read to its end")}

// interruptedReading is the error of a command that was interrupted while it read.
func interruptedReading(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errInterrupted
	}
	return err
}

// cancellable is an input that ends when the program is interrupted: a read of standard input
// itself cannot be cancelled, so it is left waiting and its result dropped.
type cancellable struct {
	ctx context.Context
	in  io.Reader
	// end is the error that ended the input. A terminal is not read again after it: that
	// would wait for a second Ctrl-D.
	end error
}

// Read implements io.Reader.
func (t *cancellable) Read(p []byte) (int, error) {
	if t.end != nil {
		return 0, t.end
	}
	type result struct {
		n   int
		err error
	}
	buffer := make([]byte, len(p)) // p is the caller's again once the read is given up
	read := make(chan result, 1)
	go func() {
		n, err := t.in.Read(buffer)
		read <- result{n, err}
	}()
	select {
	case <-t.ctx.Done():
		return 0, errInterrupted
	case r := <-read:
		t.end = r.err
		return copy(p, buffer[:r.n]), r.err
	}
}
