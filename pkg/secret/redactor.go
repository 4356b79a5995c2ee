package secret

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Redactor removes secrets of texts: those that it was given, in every encoding,
// and whatever has the shape of one. It is safe for concurrent use. A nil Redactor
// knows no secret and looks for shapes only.
type Redactor struct {
	mu    sync.RWMutex
	known known
}

// Add makes secrets known.
func (r *Redactor) Add(secrets ...Secret) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range secrets {
		r.known.add(s.Reveal())
	}
}

// AddBasic makes the credentials known that HTTP Basic sends for an id and a secret.
func (r *Redactor) AddBasic(id string, s Secret) {
	if s.Empty() {
		return
	}
	pair := []string{id + ":" + s.Reveal(), url.QueryEscape(id) + ":" + url.QueryEscape(s.Reveal())}
	r.Add(s, New(base64.StdEncoding.EncodeToString([]byte(pair[0]))), New(base64.StdEncoding.EncodeToString([]byte(pair[1]))))
}

// Clean removes of a text, which should be decoded and neither cut nor wrapped,
// the known secrets and whatever has the shape of one.
func (r *Redactor) Clean(text string) string { return replace(text, r.spans(text, true)) }

// Known removes the known secrets of a text of any format: JSON and HTML stay
// valid.
func (r *Redactor) Known(text string) string { return replace(text, r.spans(text, false)) }

// Clean removes of a text what has the shape of a secret, whoever's it is. Ids,
// permissions, scopes, paths and words stay.
func Clean(text string) string { return (*Redactor)(nil).Clean(text) }

// Find lists what has the shape of a secret: see [Redactor.Find].
func Find(text string) []Found { return (*Redactor)(nil).Find(text) }

func (r *Redactor) spans(text string, shapes bool) []span {
	if r == nil {
		return spansOf(text, nil, shapes)
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	return spansOf(text, &r.known, shapes)
}

// replace puts the mark in the place of every span.
func replace(text string, spans []span) string {
	if len(spans) == 0 {
		return text
	}
	var out strings.Builder
	last := 0
	for i := 0; i < len(spans); {
		from, to := spans[i].from, spans[i].to
		for i++; i < len(spans) && spans[i].from <= to; i++ {
			to = max(to, spans[i].to)
		}
		// Half an escape must not stay behind.
		if from > last && escaped(text, from) {
			from--
		}
		out.WriteString(text[last:max(from, last)])
		out.WriteString(Mark)
		last = to
	}
	out.WriteString(text[last:])
	return out.String()
}

// escaped reports whether the character at the index is the second of an escape.
func escaped(text string, at int) bool {
	n := 0
	for at-n > 0 && text[at-n-1] == '\\' {
		n++
	}
	return n%2 == 1
}

// Found is a secret of unknown origin in a text.
type Found struct {
	Kind string
	// From and To are its place in the text, in bytes.
	From, To int
	// Values are the secret and the forms in which it may turn up again.
	Values []Secret
}

// Find returns what has the shape of a secret, in order of the places in the text,
// each place once. Placeholders are no secrets.
func (r *Redactor) Find(text string) []Found {
	var out []Found
	for _, s := range named(r.spans(text, true)) {
		f := Found{Kind: s.kind, From: s.from, To: s.to, Values: []Secret{New(s.text)}}
		if raw, ok := decode64([]byte(strings.TrimRight(s.text, "="))); ok && printable(raw) {
			if _, secret, two := strings.Cut(string(raw), ":"); two && len(secret) >= shortest {
				f.Values = append(f.Values, New(secret))
			}
		}
		for _, form := range otherForms(s.text) {
			f.Values = append(f.Values, New(form))
		}
		if s.kind == Cookie {
			for c := range strings.SplitSeq(s.text, ";") {
				if _, v, _ := strings.Cut(c, "="); len(v) >= 8 && opaque(v) {
					f.Values = append(f.Values, New(v))
				}
			}
		}
		out = append(out, f)
	}
	return out
}

// named keeps the spans that have a kind. Of those that overlap, the one that was
// decoded furthest says best what the secret is.
func named(spans []span) []span {
	spans = slices.DeleteFunc(spans, func(s span) bool { return s.kind == Unnamed })
	var out []span
	for _, s := range spans {
		n := len(out)
		switch {
		case n == 0 || s.from >= out[n-1].to:
			out = append(out, s)
		case s.kind != Opaque && (out[n-1].kind == Opaque || s.depth > out[n-1].depth && s.to >= out[n-1].to):
			out[n-1] = s
		}
	}
	return out
}
