package transcript

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/genesys"
)

func decode(text, encoding string) string {
	if encoding == "base64" {
		if raw, err := base64.StdEncoding.DecodeString(text); err == nil {
			return string(raw)
		}
	}
	return text
}

// errorBodies reads one error body, a list of them, or one a line. Where something
// else is around the JSON, all of it is read as text.
func (rd *reader) errorBodies(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	var list []json.RawMessage
	for dec.More() {
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			rd.prose(string(data))
			if rd.count > 0 || rd.result.Unjoined > 0 {
				return nil
			}
			return unreadable("the input is JSON that ends early, or no JSON, after byte %d: paste the whole body", dec.InputOffset())
		}
		list = append(list, raw)
	}
	if len(list) > 1 {
		rd.prose(string(data)) // a log: what one line begins another may end
		return nil
	}
	for _, raw := range list {
		rd.documents(raw, "body 1")
	}
	return nil
}

func firstStatus(list ...int) int {
	for _, n := range list {
		if n != 0 {
			return n
		}
	}
	return 0
}

// number reads a status that is a number or, as in SCIM, a string.
func number(v any) int {
	switch n := v.(type) {
	case float64:
		return int(n)
	case string:
		i, _ := strconv.Atoi(n)
		return i
	}
	return 0
}

// statusOf is the status under which a code is published.
func statusOf(code string) int {
	switch code {
	case genesys.CodeAuthenticationRequired, genesys.CodeBadCredentials, genesys.CodeIPNotAuthorized, genesys.CodeCredentialsExpired:
		return 401
	case genesys.CodeNotAUser, "bad.request", "invalid.value", "constraint.validation", "invalid.property":
		return 400
	case genesys.CodeTooManyRequests, genesys.CodeTooManyRequestsRetryAfter:
		return 429
	case "not.found":
		return 404
	}
	if knownCode.MatchString(code) {
		return 403
	}
	return 0
}

// refuses says a refusal from any other JSON that has a message in it.
func refuses(r *genesys.Refusal) bool {
	if r.Status == 0 {
		r.Status = statusOf(r.Code)
	}
	switch r.Kind {
	case genesys.RefusalOAuth:
		return oauthCode.MatchString(r.Code)
	case genesys.RefusalSCIM:
		return r.Status >= 400
	}
	return r.Status >= 400 && r.Status < 600 || knownCode.MatchString(r.Code)
}

var (
	oauthCode  = regexp.MustCompile(`^(invalid_client|invalid_request|invalid_grant|invalid_scope|unauthorized_client|unsupported_grant_type|access_denied|invalid_token)$`)
	codeWords  = `missing\.permissions|missing\.any\.permissions|missing\.division\.permission\.implied|missing\.division\.permissions|missing\.division\.permission|missing\.any\.division\.permissions|app\.not\.authorized\.for\.scope|authz\.policy\.denied|insufficient\.permissions|not\.authorized|authentication\.required|bad\.credentials|ip\.not\.authorized|credentials\.expired|not\.a\.user|too\.many\.requests\.retry\.after|too\.many\.requests`
	knownCode  = regexp.MustCompile(`^(?:` + codeWords + `)$`)
	codeInText = regexp.MustCompile(`(?:^|[^\w.])(` + codeWords + `)(?:$|[^\w.])`)
	methodURL  = regexp.MustCompile(`\b(GET|POST|PUT|PATCH|DELETE)\b[\s:'",=|*` + "`" + `{}()\[\]]+(?:(?:requests?|calls?|Anfrage|requête)\s+)?(?:(?:to|on|for|against|auf|an|sur|vers)\s+)?(?:resource\s+)?(?:url[='": ]+)?[*` + "`" + `'"({\[]*((?:https?://[^\s'"<>)\],|` + "`" + `]+)|(?:/[\w./{}-]+))`)
	bareURL    = regexp.MustCompile(`https?://[^\s'"<>)\],|` + "`" + `]+`)
	calling    = regexp.MustCompile(`(?i)\b((?:get|post|put|patch|delete)_?[a-z][a-z0-9_]{2,100}?)(?:WithHttpInfo|_with_http_info|Async)?\b`)
	pathOnly   = regexp.MustCompile(`(?:^|[\s'"(])(/(?:api/)?v2/[\w./{}-]+)`)
	correlate  = regexp.MustCompile(`(?i)\b(?:inin-)?(?:correlation|context)[-_ ]?id\W{0,5}(?:is\s|was\s)?\[?['"]?([0-9a-f]{8}-[0-9a-f-]{27})`)
)

// wording is a sentence of the platform, and its code.
type wording struct {
	form *regexp.Regexp
	// word is in whatever has the form, in small letters: looking for it is fast.
	word string
	code string
}

// wordings recognise the platform's messages where no code is given.
var wordings = []wording{
	{regexp.MustCompile(`(?i)at\s+least\s+one\s+of\s+the\s+following\s+permissions\s+assigned:[^\n]*(?:\n[^\n]+)?in\s+at\s+least\s+one\s+of\s+the\s+following\s+division`), "following", genesys.CodeMissingAnyDivisionPermissions},
	{regexp.MustCompile(`(?i)missing\s+the\s+following\s+permission\s+'[^']+'\s+in\s+the\s+provided\s+division`), "following", genesys.CodeMissingDivisionPermission},
	{regexp.MustCompile(`(?i)at\s+least\s+one\s+of\s+the\s+following\s+permissions\s+assigned:`), "following", genesys.CodeMissingAnyPermissions},
	{regexp.MustCompile(`(?i)missing\s+the\s+following\s+permission`), "following", genesys.CodeMissingPermissions},
	{regexp.MustCompile(`(?i)not\s+authorized\s+to\s+use\s+scope`), "scope", genesys.CodeAppNotAuthorizedForScope},
	{regexp.MustCompile(`(?i)security\s+policies\s+have\s+denied\s+access`), "denied", genesys.CodeAuthzPolicyDenied},
	{regexp.MustCompile(`(?i)from\s+this\s+IP\s+address\s+are\s+not\s+authorized`), "address", genesys.CodeIPNotAuthorized},
	{regexp.MustCompile(`(?i)does(?:n't|\s+not)\s+have\s+(?:required|access)\s+permissions\s+(?:to|for)\s+(?:the|this)\s+division`), "division", genesys.CodeMissingDivisionPermissions},
	{regexp.MustCompile(`(?i)insufficient\s+permissions`), "insufficient", genesys.CodeInsufficientPermissions},
	{regexp.MustCompile(`(?i)requires\s+a\s+user\s+context`), "context", genesys.CodeNotAUser},
	{regexp.MustCompile(`(?i)No\s+authentication\s+bearer\s+token`), "bearer", genesys.CodeAuthenticationRequired},
	{regexp.MustCompile(`(?i)Invalid\s+login\s+credentials`), "login", genesys.CodeBadCredentials},
	{regexp.MustCompile(`(?i)Rate\s+limit\s+exceeded\s+the\s+maximum`), "exceeded", genesys.CodeTooManyRequests},
	{regexp.MustCompile(`(?i)not\s+authorized\s+to\s+perform\s+the\s+requested\s+action`), "action", genesys.CodeNotAuthorized},
}

// fromWords reads a refusal out of a sentence, or returns nil.
func fromWords(status int, text string) *genesys.Refusal {
	if m := codeInText.FindStringSubmatch(text); m != nil {
		return genesys.NewRefusal(firstStatus(status, statusOf(m[1])), m[1], sentence(text, m[1]))
	}
	for _, w := range wordings {
		if m := w.form.FindString(text); m != "" {
			return genesys.NewRefusal(firstStatus(status, statusOf(w.code)), w.code, sentence(text, m))
		}
	}
	return nil
}

// sentence returns the line that a wording is in, or the message near a code.
func sentence(text, part string) string {
	for _, w := range wordings {
		if loc := w.form.FindStringIndex(text); loc != nil {
			part = text[loc[0]:loc[1]]
			break
		}
	}
	for line := range strings.Lines(text) {
		if i := strings.Index(line, part); i >= 0 {
			start := 0
			if q := strings.LastIndexAny(line[:i], "“\"'`"); q >= 0 {
				_, size := utf8.DecodeRuneInString(line[q:])
				start = q + size
			}
			end := len(line)
			if j := strings.IndexAny(line[i:], "”\"`"); j >= 0 {
				end = i + j
			}
			return truncate(strings.TrimSpace(strings.Trim(line[start:end], "\n,")), 500)
		}
	}
	return ""
}

func truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// ofMarkup are addresses that a page or a schema has in its own text: nobody calls them.
var ofMarkup = regexp.MustCompile(`^https?://(?:www\.w3\.org|schema\.org|json-schema\.org|schemas\.[\w.]+|xmlns\.[\w.]+|purl\.org|java\.sun\.com)(?:/|$)`)

// callIn finds the call that a text speaks of; the last one named counts, for it
// is nearest to the refusal.
func callIn(text string) (method, url string, named bool) {
	if all := methodURL.FindAllStringSubmatch(text, -1); all != nil {
		last := all[len(all)-1]
		return last[1], endOfURL(last[2]), false
	}
	for _, m := range calling.FindAllStringSubmatch(text, 50) {
		if o, ok := catalog.All().ByID(m[1]); ok {
			return o.Method, o.Path, true
		}
	}
	for _, u := range bareURL.FindAllString(text, 20) {
		if !ofMarkup.MatchString(u) {
			return "", endOfURL(u), false
		}
	}
	if m := pathOnly.FindStringSubmatch(text); m != nil {
		return "", m[1], false
	}
	return "", "", false
}

func methodIn(label string) string {
	if m := methodURL.FindStringSubmatch(label); m != nil {
		return m[1]
	}
	if first, _, _ := strings.Cut(label, " "); wholeMethod.MatchString(first) {
		return first // "POST Create queue"
	}
	return ""
}

func urlIn(label string) string {
	if m := methodURL.FindStringSubmatch(label); m != nil {
		return m[2]
	}
	return bareURL.FindString(label)
}

// maxObject bounds one JSON object in a text, maxKey where its first key is looked for.
const (
	maxObject = 256 << 10
	maxKey    = 200
)

// printed is how an object begins that a program printed, and that is no JSON.
var printed = regexp.MustCompile(`^(?:u?'[\w-]+'\s*:|[A-Za-z_$][\w$]*:\s|:\w+\s*=>|"[\w-]+"\s*=>)`)

// objectAt returns the JSON object that starts at i, plain or with its quotes
// escaped as in a string of a log. end is how far it looked, found or not.
func objectAt(text string, i int) (object []byte, end int, ok bool) {
	window := text[i:min(len(text), i+maxObject)]
	if strings.HasPrefix(window, `{""`) {
		return doubled(text, i)
	}
	inside := strings.TrimLeft(window[1:min(len(window), maxKey)], " \t\r\n")
	escaped := strings.HasPrefix(inside, `\"`)
	if printed.MatchString(inside) {
		return reprAt(text, i)
	}
	if !escaped && !strings.HasPrefix(inside, `"`) {
		return nil, i + 1, false
	}
	depth, inString := 0, false
	for j := 0; j < len(window); j++ {
		switch c := window[j]; {
		case c == '\\' && !escaped && inString:
			j++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				object, ok = whole(window[:j+1], escaped)
				return object, i + j + 1, ok
			}
		}
	}
	return nil, i + len(window), false
}

// whole is an object as JSON, if it is one: without the escapes of a string that it is in, and
// without the ends of lines that broke its texts.
func whole(text string, escaped bool) (object []byte, ok bool) {
	if escaped {
		text = strings.ReplaceAll(text, `\"`, `"`)
	}
	object = []byte(text)
	if json.Valid(object) || !strings.Contains(text, "\n") {
		return object, json.Valid(object)
	}
	return unbroken(text)
}

// doubled is objectAt for a field of a CSV file, where each quote is doubled.
func doubled(text string, i int) (object []byte, end int, ok bool) {
	window := text[i:min(len(text), i+maxObject)]
	for j := 0; j < len(window); j++ {
		if window[j] != '"' {
			continue
		}
		if j+1 < len(window) && window[j+1] == '"' {
			j++
			continue
		}
		window = window[:j] // a single quote ends the field
		break
	}
	end = i + len(window)
	plain := strings.ReplaceAll(window, `""`, `"`)
	object, n, ok := objectAt(plain, 0)
	if !ok {
		return nil, end, false
	}
	return object, i + n + strings.Count(window, `""`), true
}
