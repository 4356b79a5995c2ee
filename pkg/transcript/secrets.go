package transcript

import (
	"fmt"
	"hash/maphash"
	"regexp"
	"strings"
	"unicode"

	"github.com/scimlint/scimlint/pkg/secret"
)

// vault finds secrets, says that they leaked, and reads them out of texts.
type vault struct {
	leaks    []Leak
	seen     map[string]bool
	redactor secret.Redactor
	// shown has those secrets of them that are no words: they are taken out of the whole report.
	shown secret.Redactor
	// searched are the texts that were searched, by their hashes: the headers of a
	// recorded session are the same a thousand times.
	searched map[uint64]bool
	seed     maphash.Seed
}

// maxSearched bounds how many texts are remembered.
const maxSearched = 10_000

// repeated reports whether a text was searched before.
func (v *vault) repeated(text string) bool {
	if v.searched == nil {
		v.searched, v.seed = map[uint64]bool{}, maphash.MakeSeed()
	}
	h := maphash.String(v.seed, text)
	if v.searched[h] {
		return true
	}
	if len(v.searched) < maxSearched {
		v.searched[h] = true
	}
	return false
}

// maxLeaks bounds how many secrets are reported, maxKnown how many are taken out of the report.
const (
	maxLeaks = 1600
	maxKnown = 20_000
)

// search reads every secret of a text into the vault.
func (v *vault) search(text string) { v.searchFrom(text, 1) }

// searchFrom is search for a text that begins at a line.
func (v *vault) searchFrom(text string, line int) {
	at := 0
	for _, f := range secret.Find(text) {
		line += strings.Count(text[at:f.From], "\n")
		at = f.From
		v.add(f, fmt.Sprintf("line %d", line))
	}
}

// searchIn is search for one entry of a file that is streamed.
func (v *vault) searchIn(where string, texts ...string) {
	for _, text := range texts {
		if v.repeated(text) {
			continue
		}
		for _, f := range secret.Find(text) {
			v.add(f, where)
		}
	}
}

// add keeps a secret, in the forms in which it may turn up again. What is known by its
// shape only may be an id: it is taken out of texts, but no leak.
func (v *vault) add(f secret.Found, where string) {
	value := f.Values[0].Reveal()
	if f.Kind == secret.Opaque || v.seen[value] || len(v.seen) >= maxKnown {
		return
	}
	if v.part(value) {
		v.redactor.Add(f.Values...)
		return
	}
	if v.seen == nil {
		v.seen = map[string]bool{}
	}
	v.seen[value] = true
	if len(v.leaks) < maxLeaks {
		v.leaks = append(v.leaks, Leak{Kind: f.Kind, Where: where})
	}
	v.redactor.Add(f.Values...)
	for _, form := range f.Values {
		if strings.ContainsFunc(form.Reveal(), func(c rune) bool { return !unicode.IsLetter(c) && c != '-' && c != '_' }) {
			v.shown.Add(form)
		}
	}
}

// part says whether a value is a part of a secret that is known: a line's end broke it.
func (v *vault) part(value string) bool {
	if len(v.seen) > maxLeaks {
		return false // to look at so many of them would take too long
	}
	for known := range v.seen {
		if len(known) > len(value) && strings.Contains(known, value) {
			return true
		}
	}
	return false
}

// clean reads the secrets out of a text.
func (v *vault) clean(text string) string { return v.redactor.Clean(text) }

// withoutQuery drops what may have a token in a URL.
func withoutQuery(raw string) string {
	raw, _, _ = strings.Cut(raw, "?")
	raw, _, _ = strings.Cut(raw, "#")
	if scheme, rest, ok := strings.Cut(raw, "://"); ok {
		if at := strings.LastIndex(strings.SplitN(rest, "/", 2)[0], "@"); at >= 0 {
			rest = rest[at+1:]
		}
		return scheme + "://" + rest
	}
	return raw
}

// placeholder recognises what people put where a token was.
var placeholder = regexp.MustCompile(`^(?:<[^<>]*>|\{\{[^{}]*\}\}|\[[^\[\]]*\]|\$\{?\w+\}?|%\w+%|[*x.…]{3,}.*|(?i)redacted|(?i)your[ _-]?token|(?i)token)$`)

// authOf says in which form an Authorization header's value has its token.
func authOf(value string, present bool) Auth {
	value = strings.TrimSpace(value)
	scheme, token, two := strings.Cut(value, " ")
	token = strings.TrimSpace(token)
	switch {
	case !present || value == "":
		return AuthNone
	case strings.EqualFold(scheme, "bearer") && placeholder.MatchString(token):
		return AuthBearer // somebody took the token out; its form was right
	case strings.EqualFold(scheme, "basic"):
		return AuthBasic
	case !two && !strings.EqualFold(scheme, "bearer"):
		return AuthBare
	case strings.EqualFold(scheme, "bearer") && (token == "" || strings.ContainsAny(token, "\"'\r\n\t {}<>") || strings.Contains(token, `\n`) || strings.HasPrefix(strings.ToLower(token), "bearer")):
		return AuthBroken
	case strings.EqualFold(scheme, "bearer"):
		return AuthBearer
	}
	return AuthBare
}
