package main

import (
	"bytes"
	"io"
	"os"
	"unicode"
	"unicode/utf8"

	"github.com/scimlint/scimlint/pkg/secret"
)

// guard is what every command writes to: nothing that came from outside reaches a
// terminal, or the log of a pipeline, as something that either would obey. Control
// characters, marks that turn the direction of writing or are invisible, and broken
// UTF-8 are dropped; of escape sequences only colours pass. A line that a pipeline
// would read as a command (GitHub's "::command", Azure's "##vso[" and "##[") is
// changed so that it is not one. The secrets that the run knows are taken out, whatever
// else was done before; what only has the shape of a secret is taken out of each text
// of a result before it is put into a form.
type guard struct {
	w       io.Writer
	secrets *secret.Redactor
	// inLine is set while something of the current line was written.
	inLine bool
}

// Write implements io.Writer.
func (g *guard) Write(p []byte) (int, error) {
	if g.secrets != nil {
		if _, err := g.w.Write(g.tame(plain([]byte(g.secrets.Known(string(p)))))); err != nil {
			return 0, err
		}
		return len(p), nil
	}
	if _, err := g.w.Write(g.tame(plain(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// plain drops what a terminal would obey.
func plain(p []byte) []byte {
	out := make([]byte, 0, len(p))
	for len(p) > 0 {
		if n := colour(p); n > 0 {
			out, p = append(out, p[:n]...), p[n:]
			continue
		}
		r, size := utf8.DecodeRune(p)
		switch {
		case r == '\n' || r == '\t':
			out = append(out, p[:size]...)
		case r == utf8.RuneError && size == 1:
			out = append(out, '?')
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == '\u2028', r == '\u2029':
		default:
			out = append(out, p[:size]...)
		}
		p = p[size:]
	}
	return out
}

// colour returns the length of the escape sequence for colours that p begins with.
func colour(p []byte) int {
	if len(p) < 3 || p[0] != 0x1b || p[1] != '[' {
		return 0
	}
	for i := 2; i < len(p); i++ {
		switch c := p[i]; {
		case c == 'm':
			return i + 1
		case c != ';' && (c < '0' || c > '9'):
			return 0
		}
	}
	return 0
}

// tame breaks the commands of pipelines' logs. In JSON the character is written as
// its escape, so that the value stays what it is.
func (g *guard) tame(p []byte) []byte {
	var out bytes.Buffer
	for line := range bytes.Lines(p) {
		text := bytes.TrimLeft(line, " \t")
		sharp := []byte("# #")
		if len(text) > 0 && bytes.IndexByte([]byte(`{["}]`), text[0]) >= 0 {
			sharp = []byte(`#\u0023`)
		}
		if !g.inLine && bytes.HasPrefix(text, []byte("::")) {
			line = bytes.Replace(line, []byte("::"), []byte(": :"), 1)
		}
		for _, command := range []string{"[", "vso["} {
			line = bytes.ReplaceAll(line, []byte("##"+command), append(bytes.Clone(sharp), command...))
		}
		out.Write(line)
		g.inLine = !bytes.HasSuffix(line, []byte("\n"))
	}
	return out.Bytes()
}

// secrets knows the secrets of the run; every output passes it.
func (s stdio) secrets() *secret.Redactor {
	for _, w := range []io.Writer{s.err, s.out} {
		if g, ok := w.(*guard); ok && g.secrets != nil {
			return g.secrets
		}
	}
	return &secret.Redactor{}
}

// unguarded is where a simulated org's credentials are printed, which are made to be
// shown.
func (s stdio) unguarded() io.Writer {
	if g, ok := s.out.(*guard); ok {
		return g.w
	}
	return s.out
}

// file is the file behind a writer, guarded or not.
func file(w io.Writer) (*os.File, bool) {
	if g, ok := w.(*guard); ok {
		w = g.w
	}
	f, ok := w.(*os.File)
	return f, ok
}
