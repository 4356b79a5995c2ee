package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// terminal is a pseudo terminal: what a person sees of it, and the side that a program has.
type terminal struct {
	person, program *os.File
	mutex           sync.Mutex
	seen            bytes.Buffer
	changed         chan struct{}
}

// stillRead are terminals on which a prompt was given up: its reading goes on to the end of
// the process, by the number of the file, which no other terminal may get.
var stillRead []*terminal

func newTerminal(t *testing.T, columns uint16) *terminal {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo terminals here")
	}
	require.NoError(t, unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	require.NoError(t, err)
	program, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	require.NoError(t, unix.IoctlSetWinsize(int(program.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: columns}))
	term := &terminal{person: person, program: program, changed: make(chan struct{}, 1)}
	t.Cleanup(func() {
		if !slices.Contains(stillRead, term) {
			_, _ = person.Close(), program.Close()
		}
	})
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, err := person.Read(buffer)
			if err != nil {
				return
			}
			term.mutex.Lock()
			term.seen.Write(buffer[:n])
			term.mutex.Unlock()
			select {
			case term.changed <- struct{}{}:
			default:
			}
		}
	}()
	return term
}

func (term *terminal) text() string {
	term.mutex.Lock()
	defer term.mutex.Unlock()
	return term.seen.String()
}

// waitFor waits until a text appears.
func (term *terminal) waitFor(text string) {
	for !strings.Contains(term.text(), text) {
		<-term.changed
	}
}

// TestATerminalIsAskedToPaste: explain says that it waits and how to end it, and Ctrl-C
// ends it at once.
func TestATerminalIsAskedToPaste(t *testing.T) {
	for _, end := range []struct {
		how  string
		code int
	}{{"interrupt", exitInterrupted}, {"end of input", 0}} {
		term := newTerminal(t, 80)
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan int)
		go func() {
			ended <- run(ctx, []string{"explain"}, stdio{term.program, term.program, term.program, func(string) string { return "" }})
		}()
		term.waitFor("press Ctrl-D on a line of its own. Ctrl-C cancels.")
		_, err := term.person.WriteString(`{"code":"missing.any.permissions","status":403,"message":"x"}` + "\n")
		require.NoError(t, err)
		if end.code == exitInterrupted {
			cancel()
		} else {
			_, err = term.person.WriteString("\x04")
			require.NoError(t, err)
		}
		assert.Equal(t, end.code, <-ended, end.how)
		cancel()
	}
}

// TestAnInterruptEndsAPrompt for a secret, and for the name that confirms a change.
func TestAnInterruptEndsAPrompt(t *testing.T) {
	term := newTerminal(t, 80)
	_, env := org(t, "role-lacks-permission")
	delete(env, envSecret)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan int)
	go func() {
		ended <- run(ctx, []string{"check"}, stdio{term.program, term.program, term.program, func(k string) string { return env[k] }})
	}()
	term.waitFor("Secret of the OAuth client")
	stillRead = append(stillRead, term)
	cancel()
	assert.Equal(t, exitInterrupted, <-ended)
}

// TestProgressIsShownWhereverTheReportGoes: a report that goes to a file or a pipe is
// waited for, too.
func TestProgressIsShownWhereverTheReportGoes(t *testing.T) {
	term := newTerminal(t, 60)
	_, env := org(t, "ready-admin")
	var out bytes.Buffer
	code := run(context.Background(), []string{"check", "-o", "json"}, stdio{strings.NewReader(""), &out, term.program, func(k string) string { return env[k] }})
	assert.Equal(t, 0, code)
	term.waitFor("\r\x1b[K⠋")
	assert.NotContains(t, out.String(), "\x1b")
	assert.Equal(t, byte('{'), out.Bytes()[0])
}

// TestListsAndStoriesWrapAtWords at the width of the terminal.
func TestListsAndStoriesWrapAtWords(t *testing.T) {
	for _, args := range [][]string{{"demo", "--list"}, {"rules"}, {"profiles"}, {"--help"}, {"simulate", "--help"}} {
		term := newTerminal(t, 60)
		require.Equal(t, 0, run(context.Background(), args, stdio{strings.NewReader(""), term.program, term.program, func(string) string { return "" }}))
		_, err := term.program.WriteString("the end")
		require.NoError(t, err)
		term.waitFor("the end")
		for line := range strings.SplitSeq(term.text(), "\r\n") {
			if strings.Contains(line, "  ") { // a row of a list
				assert.LessOrEqual(t, len([]rune(line)), 90, "%q: %s", args, line)
			}
		}
	}
}
