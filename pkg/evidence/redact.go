package evidence

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/scimlint/scimlint/pkg/secret"
)

// Redact returns a copy of the snapshot in which names and e-mail addresses of
// people are replaced by pseudonyms, the same for the same person everywhere.
// What looks like a token is removed wherever it is; ids and
// correlation ids stay. With keepNames, people keep theirs.
func Redact(s *Snapshot, keepNames bool) (*Snapshot, error) {
	data, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	r := redactor{keepNames: keepNames}
	if !keepNames {
		r.people(s)
	}
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		return nil, err
	}
	if data, err = json.Marshal(r.walk("", tree)); err != nil {
		return nil, err
	}
	var out Snapshot
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, err
	}
	return &out, nil
}

// redactor replaces texts.
type redactor struct {
	keepNames bool
	names     []string
}

// people collects the names of the persons that the snapshot knows.
func (r *redactor) people(s *Snapshot) {
	add := func(names ...string) {
		for _, n := range names {
			if len(strings.TrimSpace(n)) > 1 {
				r.names = append(r.names, n)
			}
		}
	}
	if s.User.Seen() {
		add(s.User.Value.Name)
	}
	// Whose grants they are is taken for a person's name, but for the client's own.
	client, _ := s.OAuthClient()
	if s.Grants.Seen() && (client == nil || s.Grants.Value.Name != client.Name) {
		add(s.Grants.Value.Name)
	}
	if s.Changes.Seen() {
		for _, c := range *s.Changes.Value {
			if c.User != nil {
				add(c.User.Name)
			}
		}
	}
	w := s.Working
	if w == nil {
		return
	}
	if w.User.Seen() {
		add(w.User.Value.Name)
	}
	if via := w.TokenInfo; w.Grants.Seen() && (!via.Seen() || via.Value.OAuthClient == nil || via.Value.OAuthClient.Name != w.Grants.Value.Name) {
		add(w.Grants.Value.Name)
	}
}

var email = regexp.MustCompile(`[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`)

// walk replaces the strings of a JSON value, and the keys of its objects. A URL
// is looked at by its segments: as a whole it would look like a token.
func (r *redactor) walk(key string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, value := range v {
			out[r.text("", k)] = r.walk(k, value)
		}
		return out
	case []any:
		for i := range v {
			v[i] = r.walk(key, v[i])
		}
	case string:
		if key == "url" || strings.HasSuffix(key, "Url") {
			return r.url(v)
		}
		return r.text(key, v)
	}
	return v
}

func (r *redactor) url(text string) string {
	segments := strings.Split(text, "/")
	for i := range segments {
		segments[i] = r.text("", segments[i])
	}
	return strings.Join(segments, "/")
}

// text removes tokens and e-mail addresses from a text. Names are replaced in
// what is written only for people: a person may be called like a permission.
func (r *redactor) text(key, text string) string {
	text = secret.Clean(text)
	if r.keepNames {
		return text
	}
	text = email.ReplaceAllStringFunc(text, func(m string) string { return Pseudonym(m) + "@redacted.example" })
	if key == "name" || key == "message" || key == "text" || key == "entityName" || key == "oldValues" || key == "newValues" {
		for _, name := range r.names {
			text = strings.ReplaceAll(text, name, Pseudonym(name))
		}
	}
	return text
}

// Pseudonym is the name that replaces a person's: the same for the same text.
func Pseudonym(text string) string {
	h := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(text))))
	return fmt.Sprintf("person-%x", h[:4])
}
