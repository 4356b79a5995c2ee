package transcript

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// vault finds secrets, says that they leaked, and takes them out of texts.
type vault struct {
	leaks  []Leak
	values []string
}

// secretForms find secrets by what stands before them; the last group is the
// secret.
var secretForms = []struct {
	kind string
	form *regexp.Regexp
}{
	{"access token", regexp.MustCompile(`(?i)authorization['"]?\s*[:=,]?\s*(?:['"]?value['"]?\s*:\s*)?\[?['"]?\s*bearer[\s:]+['"]?([\w.~+/=-]{8,})`)},
	{"access token", regexp.MustCompile(`(?i)\bbearer\s+['"]?([\w.~+/-]{16,}=*)`)},
	{"client secret", regexp.MustCompile(`(?i)authorization['"]?\s*[:=]?\s*\[?['"]?\s*basic\s+([\w+/=-]{8,})`)},
	{"client secret", regexp.MustCompile(`(?i)client_?secret['"]?\s*(?:[:=]|%3D)\s*['"]?([^\s'"&,;}]{6,})`)},
	{"access token", regexp.MustCompile(`(?i)(?:access|refresh|id)_?token['"]?\s*(?:[:=]|%3D)\s*['"]?([\w.~+/-]{16,}=*)`)},
	{"password", regexp.MustCompile(`(?i)['"]password['"]\s*:\s*"([^"]{1,200})"`)},
	{"session cookie", regexp.MustCompile(`(?im)^[<>\s]*(?:set-)?cookie:\s*\S+?=([^;\s]{8,})`)},
	{"client secret", regexp.MustCompile(`(?i)(?:\s-u\s+|--user[ =])['"]?[\w-]+:([^\s'"]{6,})`)},
}

// search takes every secret of a text into the vault.
func (v *vault) search(text string) {
	for _, f := range secretForms {
		for _, m := range f.form.FindAllStringSubmatchIndex(text, maxLeaks) {
			if value := text[m[2]:m[3]]; v.unknown(value) {
				v.add(f.kind, value, fmt.Sprintf("line %d", strings.Count(text[:m[2]], "\n")+1))
			}
		}
	}
}

// searchIn is search for one entry of a file that is streamed.
func (v *vault) searchIn(where string, texts ...string) {
	for _, text := range texts {
		for _, f := range secretForms {
			for _, m := range f.form.FindAllStringSubmatch(text, 20) {
				v.add(f.kind, m[1], where)
			}
		}
	}
}

// maxLeaks bounds how many secrets of a kind are looked for in a text.
const maxLeaks = 200

// unknown says whether a value is a secret that was not found before: what was
// starred out by hand, and placeholders, are none.
func (v *vault) unknown(value string) bool {
	return value != "" && !placeholder.MatchString(value) && strings.Trim(value, "*xX.<>{}$") != "" && !strings.ContainsAny(value[:1], "$<{%") && !slices.Contains(v.values, value)
}

// add keeps a secret, in the forms in which it may turn up again.
func (v *vault) add(kind, value, where string) {
	if !v.unknown(value) || len(v.leaks) >= maxLeaks*len(secretForms) {
		return
	}
	v.leaks = append(v.leaks, Leak{Kind: kind, Where: where})
	v.values = append(v.values, value)
	if raw, err := base64.StdEncoding.DecodeString(value); err == nil {
		if _, secret, ok := strings.Cut(string(raw), ":"); ok && len(secret) >= 4 {
			v.values = append(v.values, secret)
		}
	}
	if escaped := url.QueryEscape(value); escaped != value {
		v.values = append(v.values, escaped)
	}
}

// clean takes the secrets out of a text.
func (v *vault) clean(text string) string {
	for _, value := range v.values {
		if strings.Contains(text, value) {
			text = strings.ReplaceAll(text, value, "[redacted]")
		}
	}
	return text
}

// withoutQuery drops what may carry a token in a URL.
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

// placeholder recognises what people put where a token stood.
var placeholder = regexp.MustCompile(`^(?:<[^<>]*>|\{\{[^{}]*\}\}|\[[^\[\]]*\]|\$\{?\w+\}?|%\w+%|[*x.…]{3,}.*|(?i)redacted|(?i)your[ _-]?token|(?i)token)$`)

// authOf says in which form an Authorization header's value carries its token.
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
