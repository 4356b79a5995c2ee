package secret

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"sync"
)

const (
	// window is how much of a long text is looked at in one go, overlap how much of it
	// is looked at again with what follows.
	window  = 128 << 10
	overlap = 2 * maxSecret
	// maxPeeks bounds how often base64 in base64 is decoded.
	maxPeeks = 3
)

// span is a secret in the original text.
type span struct {
	from, to, depth int
	kind            string
	// text is the secret, decoded.
	text string
}

// scan looks for secrets in one window of a text, layer by layer.
type scan struct {
	layer
	// known are the run's secrets; shapes says whether to look for others, too.
	known  *known
	shapes bool
	base   int
	peeks  int
	spans  []span
	// done is where the last secret of this layer ends, spent counts what the finders
	// have read: a text that is made to be read again and again is read less far.
	done, spent int

	folded   []byte
	foldedAt []int32
	buffers  [2]layer
}

var scans = sync.Pool{New: func() any { return &scan{} }}

// spansOf returns all secrets of a text, in order of their places.
func spansOf(text string, k *known, shapes bool) []span {
	if len(text) < shortest || (k == nil || k.empty()) && !shapes {
		return nil
	}
	s := scans.Get().(*scan)
	defer scans.Put(s)
	s.known, s.shapes, s.peeks = k, shapes, 0
	return s.all([]byte(text))
}

func (s *scan) all(text []byte) []span {
	var out []span
	for from := 0; ; from += window - overlap {
		to := min(len(text), from+window)
		s.base, s.spans = from, s.spans[:0]
		s.window(text[from:to])
		out = append(out, s.spans...)
		if to == len(text) {
			break
		}
	}
	slices.SortStableFunc(out, func(a, b span) int { return a.from - b.from })
	return out
}

// window looks at a part of the text, then at what it says once it is decoded.
func (s *scan) window(text []byte) {
	s.layer = layer{text: text}
	for n := 0; ; n++ {
		s.done, s.spent = 0, 0
		s.look()
		next := &s.buffers[n%2]
		if n == maxLayers || !s.decoded(next) {
			break
		}
		s.layer = *next
	}
}

func (s *scan) look() {
	if s.known != nil && !s.known.empty() {
		s.folded, s.foldedAt = fold(s.text, s.folded[:0], s.foldedAt[:0])
		s.known.search(s.folded, func(from, to int) {
			s.keep(Unnamed, int(s.foldedAt[from]), int(s.foldedAt[to-1])+1)
		})
	}
	if s.shapes {
		s.stems()
	}
	s.runs()
}

// stems asks every stem's finder, where the text has the stem.
func (s *scan) stems() {
	state := uint16(0)
	for i, c := range s.text {
		state = finder.next[state][c]
		for _, n := range finder.ends[state] {
			st := &stems[n]
			if from := i + 1 - len(st.text); from >= s.done {
				st.find(s, st, from)
			}
		}
	}
}

// reach is how far a finder that starts at index i may read.
func (s *scan) reach(i int) int { return min(len(s.text), i+s.width()) }

func (s *scan) width() int {
	if s.spent > 4*len(s.text) {
		return 256
	}
	return maxSecret
}

// found keeps a secret of the layer, and passes over what else is in it.
func (s *scan) found(kind string, from, to int) {
	for from < to && isSpace(s.text[from]) {
		from++
	}
	for from < to && isSpace(s.text[to-1]) {
		to--
	}
	if to-from <= maxBeginning && (bytes.HasPrefix(s.text[to:], []byte("…")) || bytes.HasPrefix(s.text[to:], []byte("..."))) {
		return // only the beginning is shown
	}
	// What was redacted already stays as it is.
	if marked := bytes.TrimSuffix([]byte(Mark), []byte("]")); bytes.HasPrefix(s.text[from:to], marked) {
		from = min(to, from+len(Mark))
	}
	if to-from >= 3 {
		s.keep(kind, from, to)
		s.done = max(s.done, to)
	}
}

// maxBeginning bounds what is shown of a secret that was cut.
const maxBeginning = 12

func (s *scan) keep(kind string, from, to int) {
	place := span{from: s.base + s.place(from), to: s.base + s.place(to), depth: s.depth, kind: kind}
	if n := len(s.spans); kind == Unnamed && n > 0 {
		// The parts of a known secret follow each other closely.
		if last := &s.spans[n-1]; last.kind == Unnamed && last.from <= place.from && place.from <= last.to {
			last.to = max(last.to, place.to)
			return
		}
	}
	if kind != Unnamed {
		place.text = string(s.text[from:to])
	}
	s.spans = append(s.spans, place)
}

const (
	shortestRun  = 24 // of base64 that is decoded
	shortestLike = 32 // of what looks like a token
	shortestPair = 16 // of what looks like a secret behind the id of a client
)

// runs looks at every long run of characters that tokens are made of.
func (s *scan) runs() {
	t := s.text
	for i := 0; i < len(t); {
		if !tokenBytes[t[i]] {
			i++
			continue
		}
		from := i
		for i++; i < len(t) && tokenBytes[t[i]]; {
			i++
		}
		if s.shapes && i-from >= shortestPair && i-from <= maxSecret {
			s.behindID(from, i)
		}
		if i-from >= shortestRun {
			s.run(from, i)
		}
	}
}

// behindID keeps a run as a secret that is the second of a pair, without a word before
// it: ID:SECRET, ID / SECRET.
func (s *scan) behindID(from, to int) {
	t := s.text
	i := from
	for i > 0 && from-i < 3 && t[i-1] == ' ' {
		i--
	}
	if i < 1 || t[i-1] != ':' && t[i-1] != '/' {
		return
	}
	// A path has an id, too.
	slash := t[i-1] == '/'
	for i--; i > 0 && from-i < 6 && t[i-1] == ' '; {
		i--
	}
	if i < 36 || !uuidAt(t, i-36) || slash && i > 36 && t[i-37] == '/' {
		return
	}
	text := string(t[from:to])
	if mixed(text) && changes(text)*10 >= len(text)*4 && strings.IndexByte(text, '/') < 0 && !placeholder(text) {
		s.keep(ClientSecret, from, to)
	}
}

func (s *scan) run(from, to int) {
	t := s.text
	if kind, ok := s.hides(t[from:to]); ok {
		s.keep(kind, from, to)
		return
	}
	slashed := false
	for i, j := from, from; j <= to; j++ {
		if j < to && t[j] != '/' && t[j] != '.' && t[j] != '=' && t[j] != '~' {
			continue
		}
		if part := t[i:j]; len(part) >= shortestLike && s.shapes && tokenLike(part) {
			s.keep(Opaque, i, j)
		} else if slashed && len(part) >= shortestRun {
			if kind, ok := s.hides(part); ok {
				s.keep(kind, i, j)
			}
		}
		slashed = slashed || j < to && t[j] == '/'
		i = j + 1
	}
	// Base64 has slashes in it; so have paths, whose parts are words.
	if part := bytes.TrimRight(t[from:to], "="); slashed && s.shapes && len(part) >= 40 && bytes.IndexByte(part, '.') < 0 && tokenLike(part) {
		s.keep(Opaque, from, to)
	}
}

// tokenLike reports whether a run looks as if a machine had made it: capitals, small
// letters and digits that change all the time, and no id in it.
func tokenLike(run []byte) bool {
	for i := 0; len(run)-i >= 36; i++ {
		if uuidAt(run, i) {
			return len(run)-36 >= shortestLike && (tokenLike(run[:i]) || tokenLike(run[i+36:]))
		}
	}
	return len(run) >= shortestLike && mixed(string(run)) && changes(string(run))*10 >= len(run)*4
}

// mixed reports whether a text has capitals, small letters and digits.
func mixed(text string) bool {
	return strings.ContainsAny(text, "0123456789") && strings.ToLower(text) != text && strings.ToUpper(text) != text
}

// changes counts how often a text changes between capitals, small letters, digits and
// other characters.
func changes(text string) int {
	n, last := 0, -1
	for _, c := range []byte(text) {
		class := 3
		switch {
		case 'a' <= c && c <= 'z':
			class = 0
		case 'A' <= c && c <= 'Z':
			class = 1
		case '0' <= c && c <= '9':
			class = 2
		}
		if class != last {
			n++
		}
		last = class
	}
	return n - 1
}

// hides reports whether a run is base64 of a text that has a secret in it, and of which
// kind that is; Unnamed where only its shape gives it away, or where the run knows it.
func (s *scan) hides(run []byte) (string, bool) {
	if s.peeks >= maxPeeks {
		return Unnamed, false
	}
	for skip := range min(4, len(run)-shortestRun+1) {
		decoded, ok := readable(run[skip:])
		if !ok {
			continue
		}
		inner := scans.Get().(*scan)
		inner.known, inner.shapes, inner.peeks = s.known, s.shapes, s.peeks+1
		spans := inner.all(decoded)
		scans.Put(inner)
		for _, found := range spans {
			if found.kind != Unnamed && found.kind != Opaque {
				return found.kind, true
			}
		}
		if len(spans) > 0 {
			return Unnamed, true
		}
	}
	return Unnamed, false
}

// readable decodes base64 of either alphabet, as far as it goes, where it is a text.
func readable(run []byte) ([]byte, bool) {
	for i := 0; i < 12; i += 4 {
		a, b, c, d := sextets[run[i]], sextets[run[i+1]], sextets[run[i+2]], sextets[run[i+3]]
		if a|b|c|d > 63 || !isText(a<<2|b>>4) || !isText(b<<4|c>>2) || !isText(c<<6|d) {
			return nil, false
		}
	}
	if i := bytes.IndexAny(run, "=.~"); i >= 0 {
		run = run[:i]
	}
	decoded, ok := decode64(run[:len(run)-len(run)%4+partial(len(run)%4)])
	return decoded, ok && printable(decoded)
}

// sextets are the values of the characters of both of base64's alphabets.
var sextets = func() (t [256]byte) {
	for i := range t {
		t[i] = 0xff
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		t[c] = byte(i) //nolint:gosec // there are 64
	}
	t['-'], t['_'] = 62, 63
	return t
}()

func isText(c byte) bool {
	return c >= ' ' && c < 0x7f || c == '\n' || c == '\r' || c == '\t' || c >= 0xc2
}

// partial is how many characters of a last group can be decoded.
func partial(n int) int {
	if n == 1 {
		return 0
	}
	return n
}

func decode64(run []byte) ([]byte, bool) {
	std := bytes.Map(func(r rune) rune {
		switch r {
		case '-':
			return '+'
		case '_':
			return '/'
		}
		return r
	}, run)
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(std)))
	n, err := base64.RawStdEncoding.Decode(out, std)
	return out[:n], err == nil
}

// printable reports whether bytes are a text, but for a few at the end.
func printable(b []byte) bool {
	for i, c := range b {
		if (c < ' ' || c == 0x7f) && c != '\n' && c != '\r' && c != '\t' && i < len(b)-3 {
			return false
		}
	}
	return len(b) > 0 && b[0] < 0x80
}
