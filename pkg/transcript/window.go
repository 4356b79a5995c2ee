package transcript

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// inWindows reads a text of any size and calls each with one window after the other, and
// with how many lines are before it. A window ends where a log entry does, as far as one can
// be read.
func inWindows(r io.Reader, each func(text string, before int)) error {
	buffer := make([]byte, streamed)
	held, lines := 0, 0
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
		each(text, lines)
		if last {
			return nil
		}
		lines += strings.Count(text, "\n")
		held = copy(buffer, buffer[cut:held])
	}
}

// maxProse bounds of how much of a long text the advice is judged.
const maxProse = 1 << 20

// windows reads a text of any size. Two windows at a time are searched for refusals, and
// each for secrets meanwhile: that uses two cores. What is kept is kept in the order of the
// windows, when all secrets of its own are known.
func (rd *reader) windows(r io.Reader) error {
	var searched []func() []*joined
	err := inWindows(r, func(text string, before int) {
		if rd.result.Prose == "" {
			rd.result.Prose = rd.withoutOthers(wholeNames(plain(text[:min(len(text), maxProse)])))
		}
		searched = append(searched, later(func() []*joined { return refusals(text, before+1) }))
		rd.secretsOf(text, before+1)
		if len(searched) == 2 {
			rd.keepJoined(searched[0]())
			searched = searched[1:]
		}
	})
	for _, wait := range searched {
		rd.keepJoined(wait())
	}
	return err
}

// later runs something on another core, and returns how to wait for what it returns. What
// goes wrong there goes wrong where it is waited for, where it can be caught.
func later[T any](run func() T) (wait func() T) {
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
		o.value = run()
	}()
	return func() T {
		o := <-done
		if o.fault != nil {
			panic(o.fault)
		}
		return o.value
	}
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

// marks are parts of what is beside a secret, or of one: only the lines around them are searched
// in a long text. Names in other alphabets are found by their letters.
var marks = anyOfThese("uthorization", "UTHORIZATION", "earer ", "ecret", "ECRET", "oken", "OKEN", "assw", "ASSW", "ookie", " -u", " -a", " -p ", "--user", "pwd", "Pwd", "PWD", "passphrase",
	"api_key", "api-key", "apikey", "apiKey", "ApiKey", "API_KEY", "Api-Key", "API-Key", "ccess_key", "ccessKey", "ccountKey", "redential", "code=", "eyJ", "-----BEGIN", "AKIA", "xox", "ghp_", "glpat-", "AIza", "sk_live", "sig=", "SSWS", "SAMLResponse", "ssertion",
	"wachtwoord", "ennwort", "eheimnis", "senha", "Senha", "mot de passe", "mdp", "jeton", "ogin ")

// marked says whether a line may have a secret, or its name.
func marked(line string) bool {
	if strings.Contains(line, "[REDACTED]") {
		line = strings.ReplaceAll(line, "Authorization: [REDACTED]", "") // the SDKs' own
	}
	if marks.in(line) || strings.ContainsFunc(line, func(c rune) bool { return c >= utf8.RuneSelf }) {
		return true
	}
	_, rest, ok := strings.Cut(line, "://")
	return ok && strings.Contains(rest, "@")
}

// nearLines is how many lines before and behind a mark are searched with it.
const nearLines = 3

// secretsOf looks for secrets in the lines that may have one, and in those around them.
func (rd *reader) secretsOf(text string, line int) {
	var starts [nearLines + 1]int // where the last lines begin
	from, first, left, n, at := -1, 0, 0, 0, 0
	for l := range strings.Lines(text) {
		starts[n%len(starts)] = at
		if marked(l) {
			if from < 0 {
				back := min(n, nearLines)
				from, first = starts[(n-back)%len(starts)], line+n-back
			}
			left = nearLines + 1
		}
		at += len(l)
		n++
		if from >= 0 {
			if left--; left <= 0 {
				rd.vault.searchFrom(text[from:at], first)
				from = -1
			}
		}
	}
	if from >= 0 {
		rd.vault.searchFrom(text[from:], first)
	}
}
