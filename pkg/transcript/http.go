package transcript

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/scimlint/scimlint/pkg/genesys"
)

var (
	requestLine = regexp.MustCompile(`(?m)^(?:> )?(GET|POST|PUT|PATCH|DELETE|HEAD) (\S+) HTTP/[\d.]+\s*$`)
	statusLine  = regexp.MustCompile(`(?m)^(?:< )?HTTP/[\d.]+ (\d{3})\b`)
	curlLine    = regexp.MustCompile(`(?m)^[$#% ]*curl\s|^> (?:GET|POST|PUT|PATCH|DELETE) \S+ HTTP/`)
	curlMethod  = regexp.MustCompile(`(?:-X|--request)[ =]?['"]?([A-Z]+)`)
	curlURL     = regexp.MustCompile(`https?://[^\s'"\\]+`)
	curlHeader  = regexp.MustCompile(`(?i)(?:-H|--header)[ =]?(?:'authorization:\s*([^']*)'|"authorization:\s*((?:\\"|[^"])*)")`)
	curlData    = regexp.MustCompile(`(?:-d|--data|--data-raw|--data-binary|--json)[ =]`)
	curlBody    = regexp.MustCompile(`(?s)(?:-d|--data|--data-raw|--data-binary|--json)[ =]\s*'(\{.*?\})'`)
)

// exchange is a call while its lines are read.
type exchange struct {
	Exchange
	host       string
	headers    bool // request headers are shown
	auth       string
	hasAuth    bool
	request    strings.Builder
	response   strings.Builder
	responding bool
	inBody     bool
	// whole says that the body at hand has ended: what follows is not of it.
	whole bool
}

// exchanges reads raw HTTP and curl transcripts, line by line, and then as text what
// is around them.
func (rd *reader) exchanges(text string) {
	var cur *exchange
	verbose := strings.Contains(text, "\n> ") || strings.HasPrefix(text, "> ")
	flush := func() {
		if cur != nil {
			rd.finish(cur)
		}
	}
	lines := strings.Split(strings.ReplaceAll(joinContinued(text), "\r\n", "\n"), "\n")
	around := make([]string, len(lines))
	for i, line := range lines {
		kind, rest := side(line, verbose)
		switch {
		case kind == '*':
		case kind != '<' && curlLine.MatchString(line) && !strings.HasPrefix(line, "> "):
			flush()
			cur = fromCommand(line, i+1)
		case kind != '<' && requestLine.MatchString(rest):
			m := requestLine.FindStringSubmatch(rest)
			if cur == nil || cur.responding || cur.headers {
				flush()
				cur = &exchange{Exchange: Exchange{Where: lineOf(i)}}
			}
			cur.Method, cur.URL, cur.headers = m[1], firstOf(absolute(m[2]), cur.URL, m[2]), true
		case kind != '>' && statusLine.MatchString(rest):
			cur = rd.response(cur, statusLine.FindStringSubmatch(rest)[1], i)
			if cur.URL == "" {
				cur.calledIn(strings.Join(around[max(0, i-linesBefore):i], "\n"))
			}
		case cur != nil && !cur.ended(rest):
			cur.line(kind, rest)
		default:
			around[i] = line
		}
	}
	flush()
	if rd.count > 0 {
		rd.prose(strings.Join(around, "\n"))
	}
}

// calledIn reads the call out of the lines before the answer.
func (e *exchange) calledIn(before string) {
	near := entry{text: plain(before), line: 1}
	if calls := near.callsIn(); len(calls) > 0 {
		last := calls[len(calls)-1]
		e.Method, e.URL, e.Named = last.method, last.url, last.named
	}
}

// linesBefore bounds how far before an answer the call may be named.
const linesBefore = 6

// ended says whether the body at hand was whole before a line.
func (e *exchange) ended(line string) bool {
	body := &e.request
	if e.responding {
		body = &e.response
	}
	if !e.inBody || e.whole || body.Len() == 0 || body.Len() > maxObject {
		return e.whole
	}
	text := strings.TrimSpace(body.String())
	switch {
	case text == "":
	case text[0] == '{' || text[0] == '[':
		e.whole = strings.ContainsRune("}]", rune(text[len(text)-1])) && (strings.TrimSpace(line) == "" || body.Len() < 4096) && json.Valid([]byte(text))
	case text[0] == '<':
		e.whole = strings.HasSuffix(strings.ToLower(text), "</html>")
	default:
		e.whole = strings.TrimSpace(line) == ""
	}
	return e.whole
}

func lineOf(i int) string { return fmt.Sprintf("line %d", i+1) }

// joinContinued puts a curl command of several lines on one.
func joinContinued(text string) string { return strings.ReplaceAll(text, "\\\n", " ") }

// side says whose line it is in curl -v: > sent, < received, * curl's own.
func side(line string, verbose bool) (kind byte, rest string) {
	if !verbose {
		return ' ', line
	}
	switch {
	case line == ">" || line == "<":
		return line[0], ""
	case strings.HasPrefix(line, "> "), strings.HasPrefix(line, "< "):
		return line[0], line[2:]
	case strings.HasPrefix(line, "* "), strings.HasPrefix(line, "{ ["), strings.HasPrefix(line, "} ["):
		return '*', ""
	}
	return ' ', line
}

// fromCommand reads a curl command line.
func fromCommand(line string, n int) *exchange {
	e := &exchange{Exchange: Exchange{Where: fmt.Sprintf("line %d", n), Method: "GET"}}
	if curlData.MatchString(line) {
		e.Method = "POST"
	}
	if m := curlMethod.FindStringSubmatch(line); m != nil {
		e.Method = m[1]
	}
	e.URL = curlURL.FindString(line)
	if m := curlBody.FindStringSubmatch(line); m != nil {
		e.request.WriteString(m[1])
	}
	e.headers = true
	if m := curlHeader.FindStringSubmatch(line); m != nil {
		e.auth, e.hasAuth = firstOf(m[1], m[2]), true
	} else if strings.Contains(line, " -u ") || strings.Contains(line, "--user") {
		e.auth, e.hasAuth = "Basic x", true
	}
	return e
}

// response starts the answer of the call at hand, or a call whose request is not
// shown. An interim or redirecting answer is followed by another.
func (rd *reader) response(cur *exchange, status string, i int) *exchange {
	code, _ := strconv.Atoi(status)
	if cur != nil && cur.responding && cur.Status >= 200 {
		rd.finish(cur)
		cur = nil
	}
	if cur == nil {
		cur = &exchange{Exchange: Exchange{Where: lineOf(i)}}
	}
	cur.Status, cur.responding, cur.inBody, cur.whole = code, true, false, false
	return cur
}

// line reads a header or a line of a body.
func (e *exchange) line(kind byte, rest string) {
	body := &e.request
	if e.responding {
		body = &e.response
	}
	if strings.TrimSpace(rest) == "" && !e.inBody {
		e.inBody = true
		return
	}
	if e.inBody && kind == ' ' {
		body.WriteString(rest + "\n")
		return
	}
	if e.responding && kind == ' ' && strings.HasPrefix(strings.TrimSpace(rest), "{") {
		e.inBody = true
		body.WriteString(rest + "\n")
		return
	}
	name, value, ok := strings.Cut(rest, ":")
	if !ok {
		// A header that goes on in the next line: a token with a line break in it.
		if !e.responding && e.hasAuth && !e.inBody && strings.TrimSpace(rest) != "" {
			e.auth += "\n" + rest
		}
		return
	}
	e.header(strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value))
}

func (e *exchange) header(name, value string) {
	switch {
	case e.responding && name == strings.ToLower(genesys.CorrelationHeader):
		e.CorrelationID = value
	case !e.responding && name == "host":
		e.host = value
	case !e.responding && name == "authorization":
		e.auth, e.hasAuth = value, true
	}
}

// finish hands a call on that was refused.
func (rd *reader) finish(e *exchange) {
	rd.result.Requests++
	if e.host != "" && absolute(e.URL) == "" {
		e.URL = "https://" + e.host + e.URL
	}
	rd.host(e.URL)
	if e.Status < 400 {
		return
	}
	if e.headers {
		e.Auth, e.Whole = authOf(e.auth, e.hasAuth), true
	}
	if e.auth != "" {
		rd.vault.searchIn(e.Where, "authorization: "+strings.ReplaceAll(e.auth, "\n", ""))
	}
	e.Body = topKeys(e.request.String())
	e.answered(e.response.String())
	if len(rd.beside) < maxNear {
		rd.beside = append(rd.beside, e.Exchange)
	}
	rd.keep(e.Exchange)
}

// maxNear bounds how many exchanges the text around them is compared with.
const maxNear = 1000

func absolute(u string) string {
	if strings.HasPrefix(u, "http://") || strings.HasPrefix(u, "https://") {
		return u
	}
	return ""
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// answered reads the body of the answer to a call. Where it passes on what another call was
// refused, as a gateway's 502 does, the exchange is of that call.
func (e *Exchange) answered(body string) {
	trimmed := strings.TrimSpace(body)
	if inner := within(e.Status, trimmed); inner != nil {
		e.Refusal, e.Status, e.CorrelationID = inner.refusal, inner.answer(), firstOf(inner.id, e.CorrelationID)
		if inner.url != "" {
			e.Method, e.URL, e.Named = inner.method, inner.url, inner.named
		}
		return
	}
	e.Refusal, e.HTML = refusalOf(e.Status, trimmed)
	e.CDN = e.HTML && ofCDN.MatchString(body)
}

// within is the refusal of access that a body has in it which says of another failure, or nil.
func within(status int, body string) *piece {
	if status == 401 || status == 403 || status == 429 || !strings.HasPrefix(body, "{") {
		return nil
	}
	for _, p := range record([]byte(body)) {
		if n := p.answer(); p.refusal != nil && n != status && (n == 401 || n == 403 || n == 429) && knownCode.MatchString(p.refusal.Code) {
			return &p
		}
	}
	return nil
}

// refusalOf reads the body of a refused call. A body that is not the platform's
// leaves the status to speak; a page is said.
func refusalOf(status int, trimmed string) (r *genesys.Refusal, html bool) {
	if strings.HasPrefix(trimmed, "<") {
		return nil, true
	}
	if i, j := strings.Index(trimmed, "{"), strings.LastIndex(trimmed, "}"); i >= 0 && j > i {
		if r, ok := genesys.ParseRefusal(status, []byte(trimmed[i:j+1])); ok {
			return r, false
		}
	}
	if r := fromWords(status, trimmed); r != nil {
		return r, false
	}
	return &genesys.Refusal{Kind: genesys.RefusalAPI, Status: status}, false
}

// topKeys returns the top-level keys of a JSON object, sorted.
func topKeys(body string) []string {
	var object map[string]json.RawMessage
	if json.Unmarshal([]byte(strings.TrimSpace(body)), &object) != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(object))
}
