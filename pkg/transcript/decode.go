package transcript

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// maxLayers bounds compression within compression.
const maxLayers = 3

// decoded returns the input as UTF-8 without a byte order mark, however it was
// saved: gzip, UTF-16 of either order with or without a mark, UTF-8 with one.
func decoded(r io.Reader) (io.Reader, error) {
	for range maxLayers {
		buffered := bufio.NewReaderSize(r, 4096)
		head, err := buffered.Peek(64)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, unreadable("the input cannot be read: %v", err)
		}
		if !bytes.HasPrefix(head, []byte{0x1f, 0x8b}) {
			return unmarked(buffered, head), nil
		}
		unpacked, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, unreadable("the input is compressed (gzip) and damaged: save it again")
		}
		r = unpacked
	}
	return nil, unreadable("the input is compressed more than %d times: unpack it first", maxLayers-1)
}

func unmarked(r *bufio.Reader, head []byte) io.Reader {
	switch {
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		_, _ = r.Discard(3)
		return r
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		_, _ = r.Discard(2)
		return &utf16Reader{r: r, order: binary.LittleEndian}
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		_, _ = r.Discard(2)
		return &utf16Reader{r: r, order: binary.BigEndian}
	}
	switch even, odd := zeros(head); {
	case odd > 0 && even == 0 && odd*4 >= len(head)-2:
		return &utf16Reader{r: r, order: binary.LittleEndian}
	case even > 0 && odd == 0 && even*4 >= len(head)-2:
		return &utf16Reader{r: r, order: binary.BigEndian}
	}
	return r
}

// zeros counts the zero bytes at even and odd places: in UTF-16 those of ASCII
// are all at one of the two.
func zeros(head []byte) (even, odd int) {
	for i, b := range head {
		if b == 0 && i%2 == 0 {
			even++
		} else if b == 0 {
			odd++
		}
	}
	return even, odd
}

// utf16Reader reads UTF-16 as UTF-8.
type utf16Reader struct {
	r     *bufio.Reader
	order binary.ByteOrder
	out   []byte
	// high is the first half of a surrogate pair, or 0.
	high rune
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.out) == 0 {
		var unit [2]byte
		if _, err := io.ReadFull(u.r, unit[:]); err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				err = io.EOF // a byte was cut off
			}
			return 0, err
		}
		c := rune(u.order.Uint16(unit[:]))
		switch high := u.high; {
		case high != 0:
			u.high = 0
			if r := utf16.DecodeRune(high, c); r != utf8.RuneError {
				u.out = utf8.AppendRune(u.out, r)
				continue
			}
			u.out = utf8.AppendRune(u.out, utf8.RuneError)
			fallthrough
		default:
			if utf16.IsSurrogate(c) {
				u.high = c
				continue
			}
			u.out = utf8.AppendRune(u.out, c)
		}
	}
	n := copy(p, u.out)
	u.out = u.out[n:]
	return n, nil
}

// forgiving ends where a compressed input ends early: what came before is read.
type forgiving struct {
	r    io.Reader
	read bool
	cut  bool
}

func (f *forgiving) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	f.read = f.read || n > 0
	if f.read && (errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrChecksum) || errors.As(err, new(flate.CorruptInputError))) {
		f.cut, err = true, io.EOF
	}
	return n, err
}

// tail remembers the end of what was read, to be read as text where it ends early.
type tail struct {
	r   io.Reader
	end []byte
	// at is where the next byte is in the input.
	at int64
}

// maxTail bounds how much is remembered.
const maxTail = 1 << 20

func (t *tail) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.at += int64(n)
	if t.end = append(t.end, p[:n]...); len(t.end) > 2*maxTail {
		t.end = append(t.end[:0], t.end[len(t.end)-maxTail:]...)
	}
	return n, err
}

// from is what was read from a place on, as far as it is remembered.
func (t *tail) from(at int64) string {
	first := t.at - int64(len(t.end))
	return string(t.end[max(0, min(at-first, int64(len(t.end)))):])
}
