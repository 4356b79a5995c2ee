package bounds

import (
	"fmt"
	"io"
)

// Portions reads a stream for a decoder that keeps what it has not decoded yet: no
// portion of it may be longer than Most bytes. Next begins a portion.
type Portions struct {
	From io.Reader
	Most int64

	read int64
}

// PortionError says that a portion is too long.
type PortionError struct{ Most int64 }

func (e PortionError) Error() string {
	return fmt.Sprintf("a part of it is longer than %d MB", e.Most>>20)
}

// Next begins a portion. What the decoder has read ahead belongs to the one before.
func (p *Portions) Next() { p.read = 0 }

// Read reads on within the portion; it returns a PortionError behind its end.
func (p *Portions) Read(b []byte) (int, error) {
	if p.read >= p.Most {
		return 0, PortionError{p.Most}
	}
	n, err := p.From.Read(b[:min(int64(len(b)), p.Most-p.read)])
	p.read += int64(n)
	return n, err
}
