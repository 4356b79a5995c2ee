// Package secret keeps secrets out of everything that leaves the process: a type
// that never prints its text, and the one redactor that every report, bundle,
// error and line of progress passes.
package secret

import (
	"fmt"
	"strings"
)

// Mark replaces a secret in a text.
const Mark = "[redacted]"

// Secret is a client secret, a password or a token. However it is printed, dumped
// or encoded, it shows as [redacted]; Reveal is the only way to its text. The zero
// value is no secret. Secrets are not comparable.
type Secret struct {
	// reveal is a function because fmt and other dumpers ignore the methods of an
	// unexported field: they print its memory, and follow its pointers. Of a
	// function they print the address.
	reveal func() string
}

// New keeps the text, without the white space that files and shells add.
func New(text string) Secret {
	text = strings.TrimSpace(text)
	if text == "" {
		return Secret{}
	}
	return Secret{func() string { return text }}
}

// Reveal returns the secret's text, for the one header that needs it.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// Empty reports whether there is no secret.
func (s Secret) Empty() bool { return s.reveal == nil }

// String implements fmt.Stringer.
func (s Secret) String() string { return Mark }

// GoString implements fmt.GoStringer.
func (s Secret) GoString() string { return Mark }

// Format implements fmt.Formatter, so that no verb shows the text.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(Mark)) }

// MarshalText implements encoding.TextMarshaler, and with it JSON, XML and slog.
func (s Secret) MarshalText() ([]byte, error) { return []byte(Mark), nil }
