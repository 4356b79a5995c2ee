package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

const (
	// shortest is the length below which a secret is not looked for: it would take
	// ordinary words out of every text.
	shortest = 4
	// gram is the shortest part of a random secret that is looked for.
	gram = 12
	// prime is the base of the rolling hash.
	prime = 0x9E3779B97F4A7C15
)

// known are the secrets of a run, in the forms in which they are looked for. Texts
// are compared without case, white space and control characters, so that a secret
// is found that was wrapped, indented or printed in capitals.
type known struct {
	// grams are the hashes of all parts, gram characters long, of random secrets:
	// so every cut form is found. filter has their low bits, to ask it first.
	grams  map[uint64]struct{}
	filter [1 << 10]uint64
	// whole are the texts that are only looked for as a whole: short secrets, and
	// those made of words.
	whole [][]byte
}

// add keeps a secret in its plain form, and in base64 at the three alignments that
// it may have in a longer text. Other encodings are decoded in the text instead.
func (k *known) add(text string) {
	if len(text) < shortest {
		return
	}
	forms := []string{text}
	quoted, _ := json.Marshal(text)
	for _, f := range []string{url.QueryEscape(text), strings.Trim(string(quoted), `"`)} {
		if !slices.Contains(forms, f) {
			forms = append(forms, f)
		}
	}
	for _, f := range forms {
		k.keep(f, random(f))
		k.keep(hex.EncodeToString([]byte(f)), random(f))
		for alignment := range 3 {
			k.keep(inBase64(f, alignment), random(f))
		}
	}
	if !random(text) && len(text) >= 16 {
		cut := max(gram, len(text)*3/4)
		k.keep(text[:cut], false)
		k.keep(text[len(text)-cut:], false)
	}
}

// inBase64 is the part of a text's base64 that does not depend on what is before
// and behind the text.
func inBase64(text string, alignment int) string {
	encoded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", alignment) + text))
	first := []int{0, 2, 3}[alignment]
	last := (alignment + len(text)) * 8 / 6
	return encoded[first:max(first, last)]
}

// random reports whether a secret is made by a machine: only of such a one may a
// part be taken out of a text, for the parts of others are words.
func random(text string) bool {
	digits, letters := 0, 0
	for _, c := range []byte(text) {
		switch {
		case '0' <= c && c <= '9':
			digits++
		case 'a' <= c|0x20 && c|0x20 <= 'z':
			letters++
		}
	}
	return len(text) >= 16 && letters > 0 && (digits*10 >= len(text) || changes(text)*10 >= len(text)*4)
}

func (k *known) keep(form string, parts bool) {
	folded, _ := fold([]byte(form), nil, nil)
	if len(folded) < shortest {
		return
	}
	if !parts || len(folded) < gram {
		if !slices.ContainsFunc(k.whole, func(w []byte) bool { return bytes.Equal(w, folded) }) {
			k.whole = append(k.whole, folded)
		}
		return
	}
	if k.grams == nil {
		k.grams = map[uint64]struct{}{}
	}
	for i := 0; i+gram <= len(folded); i++ {
		h := uint64(0)
		for _, c := range folded[i : i+gram] {
			h = h*prime + uint64(c)
		}
		k.grams[h] = struct{}{}
		k.filter[h>>54] |= 1 << (h >> 48 & 63)
	}
}

func (k *known) empty() bool { return len(k.grams) == 0 && len(k.whole) == 0 }

// search calls found with every span of the folded text that is of a secret.
func (k *known) search(text []byte, found func(from, to int)) {
	for _, w := range k.whole {
		for at := 0; ; {
			i := bytes.Index(text[at:], w)
			if i < 0 {
				break
			}
			found(at+i, at+i+len(w))
			at += i + len(w)
		}
	}
	if len(k.grams) == 0 || len(text) < gram {
		return
	}
	h := uint64(0)
	for i, c := range text {
		h = h*prime + uint64(c)
		if i >= gram {
			h -= uint64(text[i-gram]) * primeToGram
		}
		if i < gram-1 || k.filter[h>>54]&(1<<(h>>48&63)) == 0 {
			continue
		}
		if _, ok := k.grams[h]; ok {
			found(i+1-gram, i+1)
		}
	}
}

// primeToGram is what the hash has multiplied a character by that leaves it.
var primeToGram = func() uint64 {
	p := uint64(1)
	for range gram {
		p *= prime
	}
	return p
}()

// folds maps a byte to what it is compared as; zero where it is passed over.
// Base64's two alphabets are compared as one.
var folds = func() (t [256]byte) {
	for i := range t {
		c := byte(i)
		switch {
		case c <= ' ' || c == 0x7f:
		case 'A' <= c && c <= 'Z':
			t[i] = c | 0x20
		case c == '-':
			t[i] = '+'
		case c == '_':
			t[i] = '/'
		default:
			t[i] = c
		}
	}
	return t
}()

// fold appends the text as it is compared, and the index of every byte of it.
func fold(text, out []byte, at []int32) ([]byte, []int32) {
	for i := 0; i < len(text); i++ {
		c := folds[text[i]]
		if c == 0 {
			if text[i] == 0x1b {
				i += escapeSequence(text[i:])
			}
			continue
		}
		if c >= 0xc2 {
			if n := invisible(text[i:]); n > 0 {
				i += n - 1
				continue
			}
		}
		out, at = append(out, c), append(at, int32(i)) //nolint:gosec // a window is far smaller than 2 GB
	}
	return out, at
}

// escapeSequence returns how many bytes follow the ESC of a terminal's colour.
func escapeSequence(s []byte) int {
	if len(s) < 2 || s[1] != '[' {
		return 0
	}
	for i := 2; i < min(len(s), 16); i++ {
		if c := s[i]; c != ';' && (c < '0' || c > '9') {
			return i
		}
	}
	return 0
}

// invisible returns the length of the character that a text begins with where it
// shows nothing, or is a line of a box around the text.
func invisible(s []byte) int {
	switch {
	case len(s) >= 2 && s[0] == 0xc2 && (s[1] == 0xa0 || s[1] == 0xad || s[1] < 0xa0):
		return 2
	case len(s) < 3 || s[0] != 0xe2 && s[0] != 0xef:
		return 0
	case s[0] == 0xe2 && s[1] == 0x80 && (s[2] <= 0x8f || s[2] >= 0xa8 && s[2] <= 0xaf):
		return 3 // spaces, zero width, direction
	case s[0] == 0xe2 && (s[1] == 0x81 && s[2] >= 0xa0 || s[1] == 0x94 || s[1] == 0x95):
		return 3 // isolates, boxes
	case s[0] == 0xef && s[1] == 0xbb && s[2] == 0xbf:
		return 3
	}
	return 0
}
