// Command scimlint says whether SCIM provisioning will work on a Genesys Cloud
// org, and if not, why.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/secret"
)

// The exit codes beside those of a verdict (0 ready, 1 not ready, 3
// inconclusive).
const (
	exitUsage       = 2
	exitInterrupted = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second Ctrl-C ends the program the hard way.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr, os.Getenv}))
}

// stdio is what a command reads from and writes to; tests put their own in.
type stdio struct {
	in  io.Reader
	out io.Writer
	err io.Writer
	env func(string) string
}

// exit is an error with the program's exit code; its message is printed
// unless it is empty.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// code returns an exit code without a message.
func code(n int) error {
	if n == 0 {
		return nil
	}
	return &exit{code: n}
}

// fromEnvironment knows every secret of the environment, also those that the command
// at hand does not use: what is pasted into explain may have them.
func fromEnvironment(env func(string) string) *secret.Redactor {
	r := &secret.Redactor{}
	for _, name := range []string{envSecret, envToken, envWorking, envAuditorSecret, envAuditorToken, envZendeskToken, envZendeskOAuth} {
		r.Add(secret.New(env(name)))
	}
	return r
}

// run is the program; it returns the exit code.
func run(ctx context.Context, args []string, std stdio) (result int) {
	// A file of variables with Windows' line ends leaves a carriage return on each value.
	raw := std.env
	std.env = func(name string) string { return strings.TrimSpace(raw(name)) }
	secrets := fromEnvironment(std.env)
	std.out, std.err = &guard{w: std.out, secrets: secrets}, &guard{w: std.err, secrets: secrets}
	defer func() {
		// Do not print a panic: its text may contain a secret.
		if fault := recover(); fault != nil {
			_, _ = fmt.Fprintln(std.err, "scimlint: internal error; please report it with the command line (without secrets)")
			result = 3
		}
	}()
	root := newRoot(std)
	root.SetArgs(args)
	command, err := root.ExecuteContextC(ctx)
	var e *exit
	switch {
	case err == nil:
		return 0
	case errors.As(err, &e):
		if e.Error() != "" {
			_, _ = fmt.Fprintln(std.err, "scimlint:", report.Inert(secrets.Clean(e.Error())))
		}
		return e.code
	}
	_, _ = fmt.Fprintln(std.err, "scimlint:", report.Inert(secrets.Clean(err.Error())))
	_, _ = fmt.Fprintf(std.err, "See '%s --help'.\n", command.CommandPath())
	return exitUsage
}
