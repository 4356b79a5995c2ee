package secret

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Redactor takes the secrets of a run, and whatever else has the shape of one, out
// of texts. The zero value knows no secrets and finds shapes only. It may be used
// by several goroutines at once.
type Redactor struct {
	mu    sync.RWMutex
	known known
}

// Add lets the redactor know secrets.
func (r *Redactor) Add(secrets ...Secret) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range secrets {
		r.known.add(s.Reveal())
	}
}

// AddBasic lets the redactor know an id and a secret as HTTP Basic sends them.
func (r *Redactor) AddBasic(id string, s Secret) {
	if s.Empty() {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known.add(s.Reveal())
	for _, pair := range []string{id + ":" + s.Reveal(), url.QueryEscape(id) + ":" + url.QueryEscape(s.Reveal())} {
		r.known.add(base64.StdEncoding.EncodeToString([]byte(pair)))
	}
}

// Clean returns the text with Mark in the place of every secret: those that the
// redactor knows, in any encoding, case and cut, and those that only their shape
// gives away. JSON, HTML and lines stay what they are.
func (r *Redactor) Clean(text string) string {
	if r == nil {
		return Clean(text)
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	return clean(text, &r.known)
}

// Known takes only the secrets that the redactor knows out of a text: what it makes
// of JSON still decodes to the same, but for these.
func (r *Redactor) Known(text string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.known.empty() {
		return text
	}
	return cleanBy(text, func(found func(string, int, int)) { eachSpan([]byte(text), &r.known, false, found) })
}

// Clean takes out of a text what has the shape of a secret, whoever's it is.
func Clean(text string) string { return clean(text, nil) }

// Found is a secret in a text: its kind, and where it is.
type Found struct {
	Kind     string
	From, To int
}

// Find lists what has the shape of a secret, in the order of the text.
func Find(text string) []Found {
	var out []Found
	eachSpan([]byte(text), nil, true, func(kind string, from, to int) { out = append(out, Found{kind, from, to}) })
	slices.SortStableFunc(out, func(a, b Found) int { return cmp.Or(a.From-b.From, b.To-a.To) })
	return slices.CompactFunc(out, func(a, b Found) bool { return b.From < a.To })
}

// window bounds how much of a text is looked at at once: longer ones are cut where
// a line ends.
const window = 1 << 20

func clean(text string, k *known) string {
	if len(text) <= window {
		return cleanWindow(text, k)
	}
	var out strings.Builder
	for len(text) > 0 {
		n := min(window, len(text))
		if i := strings.LastIndexByte(text[:n], '\n'); i >= 0 && n < len(text) {
			n = i + 1
		}
		out.WriteString(cleanWindow(text[:n], k))
		text = text[n:]
	}
	return out.String()
}

func cleanWindow(text string, k *known) string {
	return cleanBy(text, func(found func(string, int, int)) { eachSpan([]byte(text), k, true, found) })
}

// cleanBy puts Mark in the place of every span that find reports.
func cleanBy(text string, find func(found func(kind string, from, to int))) string {
	type span struct{ from, to int }
	var spans []span
	find(func(_ string, from, to int) { spans = append(spans, span{from, to}) })
	if len(spans) == 0 {
		return text
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Or(a.from-b.from, b.to-a.to) })
	var out strings.Builder
	at := 0
	for i := 0; i < len(spans); {
		from, to := spans[i].from, spans[i].to
		for i++; i < len(spans) && spans[i].from <= to; i++ {
			to = max(to, spans[i].to)
		}
		if to <= at {
			continue
		}
		from = max(from, at)
		out.WriteString(text[at:from])
		if !strings.HasSuffix(out.String(), Mark) || from > at {
			out.WriteString(Mark)
		}
		at = to
	}
	out.WriteString(text[at:])
	return out.String()
}

// scan looks at one layer of a text.
type scan struct {
	text  []byte
	found func(kind string, from, to int)
}

// eachSpan calls found with every secret of a text, in places of the text itself.
func eachSpan(text []byte, k *known, shapes bool, found func(kind string, from, to int)) {
	current, other := &layer{text: text}, &layer{}
	for depth := 0; ; depth++ {
		report := func(kind string, from, to int) {
			if from < to && to <= len(current.text) {
				found(kind, current.place(from), current.place(to))
			}
		}
		s := &scan{text: current.text, found: report}
		if shapes {
			s.shapes()
			s.runs()
		}
		if k != nil && !k.empty() {
			folded, at := fold(current.text, nil, nil)
			k.search(folded, func(from, to int) { report(Unnamed, int(at[from]), int(at[to-1])+1) })
		}
		if depth == maxLayers || !current.decoded(other) {
			return
		}
		current = &layer{text: bytes.Clone(other.text), at: slices.Clone(other.at), depth: other.depth}
	}
}

// shapes finds what stands beside the words by which secrets are named.
func (s *scan) shapes() {
	state := uint8(0)
	for i, c := range s.text {
		state = finder.next[state][c]
		for _, n := range finder.ends[state] {
			st := &stems[n]
			st.find(s, st, i+1-len(st.text))
		}
	}
}

// The least length of a run of characters that only its shape gives away.
const leastRun = 32

// runs finds long runs of mixed letters and digits, as opaque tokens are.
func (s *scan) runs() {
	for i := 0; i < len(s.text); {
		if !tokenBytes[s.text[i]] {
			i++
			continue
		}
		j := i
		for j < len(s.text) && tokenBytes[s.text[j]] {
			j++
		}
		s.run(i, j)
		i = j
	}
}

// run takes the parts of a run that no path, host or id is made of.
func (s *scan) run(from, to int) {
	if to-from < leastRun {
		return
	}
	text := string(s.text[from:to])
	if strings.Contains(text, "/api/") || strings.Contains(text, "./") || strings.HasPrefix(text, "/") {
		// A path: its segments are looked at one by one.
		for at := 0; at < len(text); {
			end := strings.IndexByte(text[at:], '/')
			if end < 0 {
				end = len(text) - at
			}
			if part := text[at : at+end]; len(part) >= leastRun && mixed(part) && !strings.Contains(part, ".") && !hasUUID(part) {
				s.found(Unnamed, from+at, from+at+end)
			}
			at += end + 1
		}
		return
	}
	for at, part := range parts(text) {
		if len(part) >= leastRun && mixed(part) && !hasUUID(part) {
			s.found(Unnamed, from+at, from+at+len(part))
		}
	}
}

// parts are a text's parts between dots, by where they begin: hosts and JSON paths
// have dots, and tokens between theirs are long.
func parts(text string) map[int]string {
	out := map[int]string{}
	at := 0
	for part := range strings.SplitSeq(text, ".") {
		out[at] = part
		at += len(part) + 1
	}
	return out
}

// hasUUID reports whether a part is made of an id and words, as keys of objects are.
func hasUUID(part string) bool {
	for i := range part {
		if uuidAt([]byte(part), i) {
			return true
		}
	}
	return false
}

// mixed reports whether a text has capitals, small letters and digits, as tokens
// have and words have not.
func mixed(s string) bool {
	return strings.ContainsAny(s, "0123456789") && strings.ToLower(s) != s && strings.ToUpper(s) != s
}

// changes counts how often a text goes from one kind of character to another.
func changes(s string) int {
	kind := func(c byte) int {
		switch {
		case '0' <= c && c <= '9':
			return 0
		case 'a' <= c && c <= 'z':
			return 1
		case 'A' <= c && c <= 'Z':
			return 2
		}
		return 3
	}
	n := 0
	for i := 1; i < len(s); i++ {
		if kind(s[i]) != kind(s[i-1]) {
			n++
		}
	}
	return n
}
