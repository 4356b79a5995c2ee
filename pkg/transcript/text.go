package transcript

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
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

// errorBodies reads one error body, a list of them, or one a line.
func (rd *reader) errorBodies(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	for n := 1; dec.More(); n++ {
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			// JSON with something else behind or around it: a log line, say.
			rd.prose(string(data))
			if rd.count > 0 {
				return nil
			}
			return unreadable("the input is JSON that breaks off, or no JSON, after byte %d: paste the whole body", dec.InputOffset())
		}
		rd.body(raw, fmt.Sprintf("body %d", n))
	}
	return nil
}

func (rd *reader) body(raw json.RawMessage, where string) {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil {
		for i, item := range list {
			rd.body(item, fmt.Sprintf("body %d", i+1))
		}
		return
	}
	var fields struct {
		Status     any             `json:"status"`
		StatusCode any             `json:"statusCode"`
		Body       json.RawMessage `json:"body"`
		Error      json.RawMessage `json:"error"`
		Method     string          `json:"method"`
		URL        string          `json:"url"`
	}
	_ = json.Unmarshal(raw, &fields)
	if r, ok := genesys.ParseRefusal(firstStatus(number(fields.Status), number(fields.StatusCode)), raw); ok && refuses(r) {
		rd.keep(Exchange{Where: where, Status: r.Status, Refusal: r, Method: strings.ToUpper(fields.Method), URL: fields.URL})
		return
	}
	for _, inner := range []json.RawMessage{fields.Body, fields.Error} {
		if len(inner) > 0 && inner[0] == '{' {
			rd.body(inner, where)
		}
	}
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

// refuses tells a refusal from any other JSON that has a message in it.
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
	methodURL  = regexp.MustCompile(`\b(GET|POST|PUT|PATCH|DELETE)\b[\s:'",=]+(?:url[='": ]+)?((?:https?://[^\s'"<>)\],]+)|(?:/[\w./{}-]+))`)
	bareURL    = regexp.MustCompile(`https?://[^\s'"<>)\],]+`)
	calling    = regexp.MustCompile(`(?i)\b((?:get|post|put|patch|delete)_?[a-z][a-z0-9_]{2,100}?)(?:WithHttpInfo|_with_http_info|Async)?\b`)
	pathOnly   = regexp.MustCompile(`(?:^|[\s'"(])(/(?:api/)?v2/[\w./{}-]+)`)
	statusIn   = regexp.MustCompile(`(?i)(?:status(?:\s*code)?|code|http|error|answer(?:s|ed)?|return(?:s|ed)?|ApiException:)\W{0,4}(?:a\s+|an\s+|with\s+)?\(?(4\d\d|5\d\d)\b|\b(4\d\d)[ :-]+(?:Forbidden|Unauthorized|Bad Request|Not Found|Too Many)`)
	correlate  = regexp.MustCompile(`(?i)(?:inin-)?correlation-?_?id['"]?\s*[:=,]?\s*\[?['"]?([0-9a-f]{8}-[0-9a-f-]{27})`)
)

// wordings recognise the platform's messages where no code is given.
var wordings = []struct {
	form *regexp.Regexp
	code string
}{
	{regexp.MustCompile(`(?i)at least one of the following permissions assigned:[^\n]*in at least one of the following division`), genesys.CodeMissingAnyDivisionPermissions},
	{regexp.MustCompile(`(?i)missing the following permission '[^']+' in the provided division`), genesys.CodeMissingDivisionPermission},
	{regexp.MustCompile(`(?i)at least one of the following permissions assigned:`), genesys.CodeMissingAnyPermissions},
	{regexp.MustCompile(`(?i)missing the following permission`), genesys.CodeMissingPermissions},
	{regexp.MustCompile(`(?i)not authorized to use scope`), genesys.CodeAppNotAuthorizedForScope},
	{regexp.MustCompile(`(?i)security policies have denied access`), genesys.CodeAuthzPolicyDenied},
	{regexp.MustCompile(`(?i)from this IP address are not authorized`), genesys.CodeIPNotAuthorized},
	{regexp.MustCompile(`(?i)does(?:n't| not) have (?:required|access) permissions (?:to|for) (?:the|this) division`), genesys.CodeMissingDivisionPermissions},
	{regexp.MustCompile(`(?i)insufficient permissions`), genesys.CodeInsufficientPermissions},
	{regexp.MustCompile(`(?i)requires a user context`), genesys.CodeNotAUser},
	{regexp.MustCompile(`(?i)No authentication bearer token`), genesys.CodeAuthenticationRequired},
	{regexp.MustCompile(`(?i)Invalid login credentials`), genesys.CodeBadCredentials},
	{regexp.MustCompile(`(?i)Rate limit exceeded the maximum`), genesys.CodeTooManyRequests},
	{regexp.MustCompile(`(?i)not authorized to perform the requested action`), genesys.CodeNotAuthorized},
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

// sentence returns the line that a wording stands in, or the message near a code.
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

// prose finds the refusals in a log or a pasted text: JSON bodies first, then
// codes, then the platform's words, then a bare status beside a call.
func (rd *reader) prose(text string) {
	before := rd.count
	rest := rd.embedded(text)
	if rd.count > before {
		return
	}
	for _, block := range blocks(rest) {
		if r := fromWords(statusNear(block.text), block.text); r != nil {
			rd.keepNear(block.text, block.where, r)
		}
	}
	if rd.count > before {
		return
	}
	if status := statusNear(rest); status != 0 {
		rd.keepNear(rest, "the text", &genesys.Refusal{Kind: genesys.RefusalAPI, Status: status})
	}
}

// block is a paragraph, or an exception with its lines.
type block struct{ text, where string }

// blocks divides a text at blank lines and at lines that start a new log entry.
func blocks(text string) []block {
	var out []block
	var cur strings.Builder
	start := 1
	lines := strings.Split(text, "\n")
	flush := func(next int) {
		if strings.TrimSpace(cur.String()) != "" {
			out = append(out, block{cur.String(), fmt.Sprintf("line %d", start)})
		}
		cur.Reset()
		start = next
	}
	for i, l := range lines {
		if strings.TrimSpace(l) == "" || stamped.MatchString(l) && !strings.Contains(strings.ToLower(l), "response body") {
			flush(i + 1)
		}
		cur.WriteString(l + "\n")
	}
	flush(len(lines))
	return out
}

var stamped = regexp.MustCompile(`^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d`)

func statusNear(text string) int {
	m := statusIn.FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(firstOf(m[1], m[2]))
	return n
}

// keepNear keeps a refusal with the call that the text around it names.
func (rd *reader) keepNear(text, where string, r *genesys.Refusal) {
	e := Exchange{Where: where, Status: r.Status, Refusal: r, Quoted: true}
	e.Method, e.URL, e.Named = callIn(text)
	if m := correlate.FindStringSubmatch(text); m != nil {
		e.CorrelationID = m[1]
	}
	rd.keep(e)
}

// callIn finds the call that a text speaks of; the last one named counts, for it
// stands nearest to the refusal.
func callIn(text string) (method, url string, named bool) {
	if all := methodURL.FindAllStringSubmatch(text, -1); all != nil {
		last := all[len(all)-1]
		return last[1], strings.TrimRight(last[2], ".,;:"), false
	}
	for _, m := range calling.FindAllStringSubmatch(text, 50) {
		if o, ok := catalog.All().ByID(m[1]); ok {
			return o.Method, o.Path, true
		}
	}
	if u := bareURL.FindString(text); u != "" {
		return "", strings.TrimRight(u, ".,;:"), false
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
	return ""
}

func urlIn(label string) string {
	if m := methodURL.FindStringSubmatch(label); m != nil {
		return m[2]
	}
	return bareURL.FindString(label)
}

// maxObject bounds one JSON object in a text, maxSearch what the search for them
// looks at in all: braces that are never closed must not make it slow.
const (
	maxObject = 64 << 10
	maxSearch = 4 * maxText
)

// embedded finds error bodies inside a text, escaped ones too, and returns the
// text without them. The call is looked for in what stands before each, from the
// last body on.
func (rd *reader) embedded(text string) string {
	var rest strings.Builder
	from, lastEnd := 0, 0
	line, counted := 1, 0
	for budget := maxSearch; budget > 0; {
		i := strings.IndexByte(text[from:], '{')
		if i < 0 {
			break
		}
		i += from
		object, end, ok := objectAt(text, i)
		budget -= end - i
		if !ok {
			from = i + 1
			continue
		}
		r, isRefusal := genesys.ParseRefusal(statusIn0(object), object)
		if !isRefusal || !refuses(r) {
			from = i + 1
			continue
		}
		context := text[max(lastEnd, i-4000):i]
		after := text[end:min(len(text), end+300)]
		if r.Status == 0 || r.Status == statusOf(r.Code) {
			r.Status = firstStatus(r.Status, statusNear(context))
		}
		line += strings.Count(text[counted:i], "\n")
		counted = i
		e := Exchange{Where: fmt.Sprintf("line %d", line), Status: r.Status, Refusal: r}
		e.Method, e.URL, e.Named = callIn(context)
		if e.URL == "" {
			e.Method, e.URL, e.Named = callIn(strings.SplitN(after, "\n\n", 2)[0])
		}
		if m := correlate.FindStringSubmatch(context); m != nil {
			e.CorrelationID = m[1]
		}
		rd.keep(e)
		rest.WriteString(text[lastEnd:i])
		from, lastEnd = end, end
	}
	rest.WriteString(text[lastEnd:])
	return rest.String()
}

func statusIn0(object []byte) int {
	var f struct {
		Status any `json:"status"`
	}
	_ = json.Unmarshal(object, &f)
	return number(f.Status)
}

// objectAt returns the JSON object that starts at i, plain or with its quotes
// escaped as in a string of a log. end is how far it looked, found or not.
func objectAt(text string, i int) (object []byte, end int, ok bool) {
	window := text[i:min(len(text), i+maxObject)]
	escaped := strings.HasPrefix(strings.TrimLeft(window[1:], " \t\r\n"), `\"`)
	if !escaped && !strings.HasPrefix(strings.TrimLeft(window[1:], " \t\r\n"), `"`) {
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
				object = []byte(window[:j+1])
				if escaped {
					object = []byte(strings.ReplaceAll(window[:j+1], `\"`, `"`))
				}
				return object, i + j + 1, json.Valid(object)
			}
		}
	}
	return nil, i + len(window), false
}
