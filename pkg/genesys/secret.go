package genesys

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

const redacted = "[redacted]"

// Secret is a client secret or a token. However it is printed or encoded, it
// shows as [redacted]; Reveal is the only way to its text.
type Secret struct{ text string }

// NewSecret keeps the text, without the white space that files and shells add.
func NewSecret(text string) Secret { return Secret{strings.TrimSpace(text)} }

// Reveal returns the secret's text, for the one header that needs it.
func (s Secret) Reveal() string { return s.text }

// Empty says whether there is no secret.
func (s Secret) Empty() bool { return s.text == "" }

// String implements fmt.Stringer.
func (s Secret) String() string { return redacted }

// GoString implements fmt.GoStringer.
func (s Secret) GoString() string { return redacted }

// Format implements fmt.Formatter, so that no verb shows the text.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText implements encoding.TextMarshaler.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// scrubber takes known secrets out of whatever the platform, or something
// between, sends back: an answer that echoes a token must not carry it on.
type scrubber struct{ forms []string }

func (s *scrubber) add(secret Secret) { s.addText(secret.text) }

func (s *scrubber) addBasic(id string, secret Secret) {
	if !secret.Empty() {
		s.addText(base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(id) + ":" + url.QueryEscape(secret.text))))
		s.addText(base64.StdEncoding.EncodeToString([]byte(id + ":" + secret.text)))
	}
}

func (s *scrubber) addText(text string) {
	// A very short secret would take ordinary words out of every answer.
	if len(text) < 4 {
		return
	}
	quoted, _ := json.Marshal(text)
	s.forms = append(s.forms, text, strings.Trim(string(quoted), `"`), strings.ReplaceAll(text, "/", `\/`), url.QueryEscape(text))
}

func (s *scrubber) clean(text string) string {
	for _, f := range s.forms {
		text = strings.ReplaceAll(text, f, redacted)
	}
	return text
}

var (
	// tokenLike finds what is no id and no word: a JSON Web Token, a bearer
	// token, or a long run of mixed letters and digits.
	tokenLike = regexp.MustCompile(`(?i:bearer|basic)\s+[\w.~+/=-]{8,}|eyJ[\w-]{10,}\.[\w-]+(?:\.[\w-]*)?|[A-Za-z0-9_~+/=-]{32,}`)
	uuid      = regexp.MustCompile(`^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
)

// WithoutTokens takes out of a text what looks like a token, whoever's it is. Ids,
// paths and words stay.
func WithoutTokens(text string) string {
	if len(text) < 12 {
		return text
	}
	return tokenLike.ReplaceAllStringFunc(text, func(m string) string {
		if uuid.MatchString(m) || !mixed(m) {
			return m
		}
		return redacted
	})
}

// mixed says whether a run has capitals, small letters and digits, as tokens have
// and words have not; Bearer, Basic and eyJ say it of themselves.
func mixed(s string) bool {
	lower := strings.ToLower(s)
	if strings.HasPrefix(lower, "bearer") || strings.HasPrefix(lower, "basic") || strings.HasPrefix(s, "eyJ") {
		return true
	}
	return !strings.Contains(s, "/api/") && strings.ContainsAny(s, "0123456789") && lower != s && strings.ToUpper(s) != s
}
