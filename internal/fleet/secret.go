package fleet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"github.com/scimlint/scimlint/pkg/secret"
)

const (
	// commandTimeout is how long a command may need for a secret.
	commandTimeout = 30 * time.Second
	// maxSecret bounds a file or an answer that should be one line.
	maxSecret = 64 << 10
)

// validate finds a source that names nothing, or more than one thing.
func (s SecretSource) validate() error {
	given := 0
	for _, is := range []bool{s.Env != "", s.File != "", len(s.Command) > 0} {
		if is {
			given++
		}
	}
	switch {
	case given == 0:
		return errNoSecret
	case given > 1:
		return errors.New("secret names more than one place: keep one of env, file and command")
	case s.Env != "" && !variableForm.MatchString(s.Env):
		return errors.New("secret.env is not the name of a variable (letters, digits and underscores): it never is the secret itself")
	case len(s.Command) > 0 && strings.TrimSpace(s.Command[0]) == "":
		return errors.New("secret.command names no program: write it as a list, as in [vault, kv, get, -field=secret, kv/scim]")
	}
	return nil
}

// variableForm is what the name of a variable is written with, {org} and {ORG} in it.
var variableForm = regexp.MustCompile(`^([A-Za-z_]|\{(org|ORG|clientId)\})([A-Za-z0-9_]|\{(org|ORG|clientId)\})*$`)

var notOfVariable = regexp.MustCompile(`[^A-Za-z0-9]`)

// fill puts the org into a text of the list: {org} is its name, {ORG} its name as the names
// of variables are written, {clientId} its client's id.
func fill(text string, o Org) string {
	return strings.NewReplacer("{org}", o.Name, "{ORG}", strings.ToUpper(notOfVariable.ReplaceAllString(o.Name, "_")), "{clientId}", o.ClientID).Replace(text)
}

// secretOf reads the secret of an org's client. Its errors show nothing of what was read.
func secretOf(ctx context.Context, o Org, env func(string) string, timeout time.Duration) (secret.Secret, error) {
	switch s := o.Secret; {
	case s.Env != "":
		name := fill(s.Env, o)
		return oneLine(env(name), "the environment variable "+name)
	case s.File != "":
		return secretFile(ctx, fill(s.File, o), timeout)
	default:
		args := make([]string, len(s.Command))
		for i, a := range s.Command {
			args[i] = fill(a, o)
		}
		return secretCommand(ctx, args, timeout)
	}
}

// oneLine is the secret that a text is, without the line break at its end.
func oneLine(text, from string) (secret.Secret, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return secret.Secret{}, fmt.Errorf("there is no secret: %s is empty or not set", from)
	case len(text) > maxSecret:
		return secret.Secret{}, fmt.Errorf("%s has more than %d kB: it must be the secret only", from, maxSecret>>10)
	case strings.ContainsAny(text, "\n\r\x00"):
		return secret.Secret{}, fmt.Errorf("%s has more than one line: it must be the secret only", from)
	}
	return secret.New(text), nil
}

// secretFile reads a file, which a disk that is far away may not give in time.
func secretFile(ctx context.Context, name string, timeout time.Duration) (secret.Secret, error) {
	type answer struct {
		data []byte
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		data, err := regularFile(name)
		done <- answer{data, err}
	}()
	late := time.NewTimer(timeout)
	defer late.Stop()
	select {
	case a := <-done:
		if a.err != nil {
			return secret.Secret{}, unreadable(name, a.err)
		}
		return oneLine(string(a.data), "the file "+name)
	case <-late.C:
		return secret.Secret{}, unreadable(name, fmt.Errorf("it was not read within %s", timeout))
	case <-ctx.Done():
		return secret.Secret{}, ctx.Err()
	}
}

// regularFile reads the beginning of a file. A pipe is not one: nobody may ever write to it.
func regularFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errors.New("it is a directory")
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is a pipe or a device, and no file")
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(io.LimitReader(file, maxSecret+1))
}

// unreadable is why a file cannot be read.
func unreadable(name string, err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return fmt.Errorf("the file of the secret, %s, cannot be read: %w", name, err)
}

// secretCommand runs a program, with no shell between, and reads the one line that it
// prints. What it prints elsewhere is not shown: it may be a secret too.
func secretCommand(ctx context.Context, args []string, timeout time.Duration) (secret.Secret, error) {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	out := &limitedWriter{most: maxSecret + 1}
	cmd := exec.CommandContext(limited, args[0], args[1:]...) //nolint:gosec // the list names it, and no shell reads it
	cmd.Stdout = out
	// A child that keeps the output open must not keep the run, nor go on after it.
	cmd.WaitDelay = time.Second / 2
	ownGroup(cmd)
	err := cmd.Run()
	_ = endGroup(cmd)
	from := "the command " + args[0]
	var ended *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return secret.Secret{}, ctx.Err()
	case limited.Err() != nil:
		return secret.Secret{}, fmt.Errorf("%s did not end within %s and was stopped: it must not ask questions", from, timeout)
	case errors.As(err, &ended) && ended.ExitCode() < 0:
		return secret.Secret{}, fmt.Errorf("%s was ended by a signal (%s): run it by hand to see why", from, ended.ProcessState)
	case errors.As(err, &ended):
		return secret.Secret{}, fmt.Errorf("%s ended with exit code %d: run it by hand to see why", from, ended.ExitCode())
	case err != nil && !errors.Is(err, exec.ErrWaitDelay): // it ended, and left a child behind
		return secret.Secret{}, fmt.Errorf("%s cannot be run: %w", from, withoutPath(err))
	}
	return oneLine(out.String(), from)
}

// withoutPath is why a program cannot be run; its name is said already.
func withoutPath(err error) error {
	var e *exec.Error
	if errors.As(err, &e) {
		return e.Err
	}
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// limitedWriter keeps the beginning of what is written, and accepts the rest.
type limitedWriter struct {
	strings.Builder
	most int
}

// Write implements io.Writer.
func (w *limitedWriter) Write(p []byte) (int, error) {
	if left := w.most - w.Len(); left > 0 {
		_, _ = w.Builder.Write(p[:min(left, len(p))])
	}
	return len(p), nil
}
