package secret

import (
	"bytes"
	"html"
	"unicode/utf8"
)

// maxLayers bounds how often a text is decoded: as JSON in a JSON string in a
// query parameter, and once more.
const maxLayers = 4

// layer is a text, or what it says once its escapes are decoded, with the place
// in the original of every byte.
type layer struct {
	text []byte
	// at has an entry for every byte and one for the end; nil for the original.
	at []int32
	// depth is zero for the original.
	depth int
}

// place returns where byte i of the layer starts in the original. A span from i to
// j of the layer is the span from place(i) to place(j) of the original.
func (l *layer) place(i int) int {
	if l.at == nil {
		return i
	}
	return int(l.at[i])
}

// decoded returns the layer with one level of escapes decoded, in the buffers of
// into: JSON's and JavaScript's, percent-encoding, HTML's, and a terminal's colours. It reports false
// where there is nothing to decode.
func (l *layer) decoded(into *layer) bool {
	src := l.text
	if !bytes.ContainsAny(src, "\\%&\x1b") {
		return false
	}
	into.text, into.at, into.depth = into.text[:0], into.at[:0], l.depth+1
	found := false
	var small [utf8.UTFMax]byte
	for i := 0; i < len(src); {
		c := src[i]
		place := int32(l.place(i)) //nolint:gosec // a window is far smaller than 2 GB
		if c != '\\' && c != '%' && c != '&' && c != 0x1b {
			into.text, into.at = append(into.text, c), append(into.at, place)
			i++
			continue
		}
		out, n := unescape(src[i:], small[:0])
		if n == 0 {
			out, n = append(small[:0], c), 1
		} else {
			found = true
		}
		for _, b := range out {
			into.text, into.at = append(into.text, b), append(into.at, place)
		}
		i += n
	}
	into.at = append(into.at, int32(l.place(len(src)))) //nolint:gosec // as above
	return found
}

// unescape decodes the escape that s begins with, and returns how long it is; zero
// where it is not one.
func unescape(s, out []byte) ([]byte, int) {
	switch {
	case len(s) < 2:
		return nil, 0
	case s[0] == '%':
		if r, ok := hexNumber(s[1:], 2); ok {
			return append(out, byte(r)), 3 //nolint:gosec // two digits are a byte
		}
		return nil, 0
	case s[0] == '&':
		return entity(s, out)
	case s[0] == 0x1b:
		if n := escapeSequence(s); n > 0 {
			return out, n + 1 // a terminal's colour
		}
		return nil, 0
	}
	switch c := s[1]; c {
	case 'u':
		if r, ok := hexNumber(s[2:], 4); ok {
			return utf8.AppendRune(out, r), 6
		}
	case 'x':
		if r, ok := hexNumber(s[2:], 2); ok {
			return append(out, byte(r)), 4 //nolint:gosec // two digits are a byte
		}
	case 'n', 'r', 't', 'f', 'b', 'v':
		return append(out, map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', 'f': '\f', 'b': '\b', 'v': '\v'}[c]), 2
	case '/', '"', '\'', '\\', '`', '$', '&', '=', ':':
		return append(out, c), 2
	case '\n':
		return out, 2 // a command that goes on in the next line
	}
	return nil, 0
}

// maxEntity bounds how far the end of an HTML entity is looked for.
const maxEntity = 12

func entity(s, out []byte) ([]byte, int) {
	end := bytes.IndexByte(s[:min(len(s), maxEntity)], ';')
	if end < 2 {
		return nil, 0
	}
	name := string(s[:end+1])
	if text := html.UnescapeString(name); text != name {
		return append(out, text...), end + 1
	}
	return nil, 0
}

func hexNumber(s []byte, digits int) (rune, bool) {
	if len(s) < digits {
		return 0, false
	}
	n := rune(0)
	for _, c := range s[:digits] {
		switch {
		case '0' <= c && c <= '9':
			n = n<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			n = n<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return n, true
}
