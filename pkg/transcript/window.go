package transcript

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// windows reads a text of any size, a window at a time. A window ends where a log
// entry does, as far as one can be read.
func (rd *reader) windows(r io.Reader) error {
	buffer := make([]byte, maxWindow)
	held, line := 0, 1
	for {
		n, err := io.ReadFull(r, buffer[held:])
		held += n
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return unreadable("the input cannot be read: %v", err)
		}
		cut := held
		if !last {
			cut = cutAt(buffer[:held])
		}
		text := string(bytes.ToValidUTF8(buffer[:cut], []byte("?")))
		if rd.result.Prose == "" {
			rd.result.Prose = text[:min(len(text), 1<<20)]
		}
		// Secrets and refusals are looked for at once, on two cores; what is kept is
		// kept when all secrets of the window are known.
		rd.keepJoined(beside(func() []*joined { return refusals(text, line) }, func() { rd.secretsOf(text, line) }))
		if last {
			return nil
		}
		line += strings.Count(text, "\n")
		held = copy(buffer, buffer[cut:held])
	}
}

// beside runs one thing on another core while it runs a second one. What goes wrong
// there goes wrong here, where it can be caught.
func beside[T any](there func() T, here func()) T {
	type outcome struct {
		value T
		fault any
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			o.fault = recover()
			done <- o
		}()
		o.value = there()
	}()
	here()
	o := <-done
	if o.fault != nil {
		panic(o.fault)
	}
	return o.value
}

// cutAt finds the end of the last whole entry: a blank line, or a line.
func cutAt(window []byte) int {
	tail := max(0, len(window)-maxEntryText)
	for _, mark := range []string{"\n\n", "\r\n\r\n", "\n20", "\n[20", "\n{"} {
		if i := bytes.LastIndex(window[tail:], []byte(mark)); i > 0 {
			return tail + i + 1
		}
	}
	if i := bytes.LastIndexByte(window[tail:], '\n'); i >= 0 {
		return tail + i + 1
	}
	return len(window)
}

// marks are parts of what is before a secret.
var marks = []string{"uthorization", "UTHORIZATION", "earer ", "ecret", "ECRET", "oken", "OKEN", "assword", "ASSWORD", "ookie", " -u ", "--user"}

// secretsOf looks for secrets in the lines that may have one.
func (rd *reader) secretsOf(text string, line int) {
	for l := range strings.Lines(text) {
		shown := l
		if strings.Contains(l, "[REDACTED]") {
			shown = strings.ReplaceAll(l, "Authorization: [REDACTED]", "") // the SDKs' own
		}
		for _, m := range marks {
			if strings.Contains(shown, m) {
				rd.vault.searchIn(fmt.Sprintf("line %d", line), l)
				break
			}
		}
		line++
	}
}
