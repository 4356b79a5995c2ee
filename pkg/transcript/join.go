package transcript

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/genesys"
)

// piece is something of a refused call that a text shows, with its place.
type piece struct {
	from, to int
	// core says that the piece is of a refusal: a body, a code, a sentence, a
	// status, a page, an exception. Other pieces are calls and ids.
	core    bool
	status  int
	refusal *genesys.Refusal
	// body is set where the refusal is a whole error body.
	body, html, mute bool
	method, url      string
	named            bool
	// answered is a status below 400 beside the call.
	answered bool
	id       string
}

// entry is a paragraph, a log entry with its lines, or an error of Terraform.
type entry struct {
	text string
	line int
	// cores and rest are read when they are asked for.
	calls []piece
	read  bool
}

var (
	frames     = strings.NewReplacer("│", "   ", "╷", "   ", "╵", "   ", "┃", "   ", "\u00a0", "  ")
	quotedLine = regexp.MustCompile(`(?m)^(?:>[ \t]?)+`)
	escapes    = regexp.MustCompile(`\x1b\[[0-9;]*[A-Za-z]`)
	bareUUID   = regexp.MustCompile(`\(([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\)`)
	oauthWords = regexp.MustCompile(`\b(invalid_client|invalid_grant|invalid_scope|unauthorized_client|unsupported_grant_type|invalid_request)\b(?:\s*[(:,-]+\s*([^\n)]{0,200})\)?)?`)
	httpStatus = regexp.MustCompile(`HTTP/[\d.]+"?\s+([45]\d\d)\b|(?:->|=>|→|\breturn(?:s|ed)|\bgot|\bgets?|\bgave|\bgives?|\bthrows|:)\s*([45]\d\d)\b`)
	success    = regexp.MustCompile(`(?i)(?:status(?:\s*code)?|HTTP/[\d.]+"?|->|=>|→|:)\W{0,3}(2\d\d)\b|\b(2\d\d)\s+OK\b`)
	page       = regexp.MustCompile(`(?i)<html|<!doctype html`)
	pageStatus = regexp.MustCompile(`(?i)<(?:title|h1)>[^<]{0,40}\b([45]\d\d)\b`)
	tunnel     = regexp.MustCompile(`(?i)tunnel connection failed:\s*([45]\d\d)|CONNECT tunnel failed,? response ([45]\d\d)|Received HTTP code ([45]\d\d) from proxy`)
	muteError  = regexp.MustCompile(`\bApiException: error\b`)
)

// triggers are parts of what any refusal says, chosen so that capitals do not
// matter. A text without one, and without a status, is passed over unread.
var triggers = []string{"ermission", "orbidden", "nauthorized", "ot authorized", "not.authorized", "redentials", "ate limit", "oo many requests", "too.many", "user context",
	"nvalid_", "policy.denied", "denied access", "bearer token", "nvalid login", "grant_type", "piException", "unnel", "<html", "<HTML", "IP address", "ip.not"}

func interesting(text string) bool {
	for _, t := range triggers {
		if strings.Contains(text, t) {
			return true
		}
	}
	return statusLike(text)
}

// statusWords stand near a status, before or behind it; capitals do not matter.
var statusWords = []string{"tatus", "ode", "TTP", "ttp", "rror", "ehler", "rreur", "->", "=>", "→", "nswer", "esponse", "eturn", "got", "get", "gave", "give", "hrows", ": ", ":4", ":5", "xception"}

// statusLike looks for a number from 400 to 599 that is no part of another and
// has a word near it that makes it a status. Most numbers of a log are not.
func statusLike(text string) bool {
	digit := func(i int) bool { return i >= 0 && i < len(text) && text[i] >= '0' && text[i] <= '9' }
	for i := 0; i+2 < len(text); i++ {
		if (text[i] == '4' || text[i] == '5') && digit(i+1) && digit(i+2) && !digit(i-1) && !digit(i+3) && !strings.HasPrefix(text[i+3:], " ms") && !strings.HasPrefix(text[i+3:], "ms") {
			if rest := strings.TrimLeft(text[i+3:], " :(-"); rest != "" && strings.IndexByte("FUBNTfubnt", rest[0]) >= 0 {
				return true // Forbidden, Unauthorized, Bad Request, Not Found, Too Many
			}
			before := text[max(0, i-16) : i+1]
			for _, w := range statusWords {
				if strings.Contains(before, w) {
					return true
				}
			}
		}
	}
	return false
}

// entries divides a text where one thing ends and the next begins.
func entries(text string, firstLine int) []entry {
	var out []entry
	from, at, line, start := 0, 0, firstLine, firstLine
	end := func(to, next int) {
		if strings.TrimSpace(text[from:to]) != "" {
			out = append(out, entry{text: text[from:to], line: start})
		}
		from, start = to, next
	}
	for l := range strings.Lines(text) {
		trimmed := strings.TrimSpace(l)
		object := strings.HasPrefix(trimmed, "{") && strings.HasSuffix(trimmed, "}") && len(trimmed) > 2
		switch {
		case trimmed == "" || object || at-from > maxEntryText || starts(l),
			strings.HasPrefix(trimmed, "Error: "), strings.HasPrefix(trimmed, "Traceback ("):
			end(at, line)
		}
		at += len(l)
		line++
		if object {
			end(at, line)
		}
	}
	end(len(text), line)
	return out
}

// maxEntryText bounds an entry: a text without any boundary is cut at a line.
const maxEntryText = 64 << 10

// starts says whether a line begins a log entry.
func starts(line string) bool {
	digit := false
	for _, c := range []byte(line[:min(len(line), 4)]) {
		digit = digit || c >= '0' && c <= '9'
	}
	return digit && stamped(line) && !strings.Contains(line, "esponse body")
}

// stamped says whether a text begins with a date and a time, as in 2026-05-04 10:11
// or [2026/05/04T10:11. A log has so many lines that no expression looks for it.
func stamped(text string) bool {
	const form = "0000-00-00 00:00"
	for i := 0; i < len(text) && i <= 3; i++ {
		if c := text[i]; c < '0' || c > '9' {
			if c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
				return false
			}
			continue
		}
		return fits(text[i:], form)
	}
	return false
}

// fits compares a text with a form of digits and dividers.
func fits(text, form string) bool {
	if len(text) < len(form) {
		return false
	}
	for i := range len(form) {
		c := text[i]
		switch form[i] {
		case '0':
			if c < '0' || c > '9' {
				return false
			}
		case '-':
			if c != '-' && c != '/' {
				return false
			}
		case ' ':
			if c != ' ' && c != 'T' {
				return false
			}
		default:
			if c != form[i] {
				return false
			}
		}
	}
	return true
}

// prose reads a log or a pasted text: every entry into pieces, the pieces into
// refusals, each with the call that is nearest to it.
func (rd *reader) prose(text string) { rd.keepJoined(refusals(text, 1)) }

// refusals are what prose reads; nothing of a reader is touched.
func refusals(text string, firstLine int) []*joined {
	if strings.Contains(text, "\x1b") || strings.Contains(text, "\xe2\x94") || strings.Contains(text, "\xe2\x95") || strings.Contains(text, "\u00a0") {
		text = escapes.ReplaceAllStringFunc(frames.Replace(text), func(s string) string { return strings.Repeat(" ", len(s)) })
	}
	if strings.HasPrefix(text, ">") || strings.Contains(text, "\n>") {
		text = quotedLine.ReplaceAllStringFunc(text, func(s string) string { return strings.Repeat(" ", len(s)) })
	}
	list := entries(text, firstLine)
	var all []*joined
	worth := worthReading(list)
	for i := range list {
		if !worth[i] {
			continue
		}
		for _, j := range list[i].join() {
			j.entry = i
			all = append(all, j)
		}
	}
	all = acrossEntries(all, list)
	for n, j := range all {
		if j.url == "" {
			before, after := -1, len(list)
			if n > 0 {
				before = all[n-1].entry
			}
			if n+1 < len(all) {
				after = all[n+1].entry
			}
			j.lookAround(list, before, after)
		}
	}
	return all
}

// worthReading looks at the entries on two cores: of a big log, looking takes
// longer than reading what is found.
func worthReading(list []entry) []bool {
	out := make([]bool, len(list))
	look := func(from, to int) {
		for i := from; i < to; i++ {
			out[i] = interesting(list[i].text)
		}
	}
	if len(list) < 1000 {
		look(0, len(list))
		return out
	}
	beside(func() struct{} { look(0, len(list)/2); return struct{}{} }, func() { look(len(list)/2, len(list)) })
	return out
}

// keepJoined hands on what is a refusal, and counts what only looks like one. A
// bare status is a refusal where it answers a call of the platform, or where the
// text shows nothing else.
func (rd *reader) keepJoined(all []*joined) {
	if rd.beside != nil {
		all = slices.DeleteFunc(all, func(j *joined) bool { return j.bare() || rd.shown(j) })
	}
	sure := slices.ContainsFunc(all, func(j *joined) bool { return j.sure() })
	for _, j := range all {
		switch {
		case j.sure() || !sure && j.access():
			rd.keep(j.exchange())
		case j.access():
			rd.result.Unjoined++
			if len(rd.result.UnjoinedAt) < 10 {
				rd.result.UnjoinedAt = append(rd.result.UnjoinedAt, fmt.Sprintf("line %d", j.line))
			}
		}
	}
}

// shown says whether an exchange of the input shows the same refusal.
func (rd *reader) shown(j *joined) bool {
	return slices.ContainsFunc(rd.beside, func(e Exchange) bool {
		if j.url != "" && e.URL != "" && catalog.PathOf(j.url) != catalog.PathOf(e.URL) {
			return false
		}
		if j.status != 0 && e.Status != 0 && j.status != e.Status {
			return false
		}
		return j.html == e.HTML && (e.Refusal == nil || j.refusal == nil || e.Refusal.Code != "" && sameRefusal(e.Refusal, j.refusal))
	})
}

// joined is a refusal with what belongs to it.
type joined struct {
	piece
	line, entry int
	quoted      bool
}

func (j *joined) bare() bool { return j.refusal == nil && !j.html }

// sure says that this is a refusal of the platform.
func (j *joined) sure() bool { return !j.bare() || j.status != 0 && platform(j.url) }

// access says that this looks like a refusal of access, whoever's it is.
func (j *joined) access() bool {
	return !j.bare() || j.mute || j.status == 401 || j.status == 403 || j.status == 429
}

func platform(url string) bool {
	lower := strings.ToLower(url)
	return strings.Contains(lower, "/api/v2/") || strings.Contains(lower, "scim") || strings.Contains(lower, "purecloud") || strings.Contains(lower, "pure.cloud") || strings.HasSuffix(lower, genesys.TokenPath)
}

func (j *joined) exchange() Exchange {
	r := j.refusal
	if r == nil && !j.html {
		r = &genesys.Refusal{Kind: genesys.RefusalAPI}
	}
	if r != nil && r.Status == 0 {
		r.Status = j.status
	}
	e := Exchange{Where: fmt.Sprintf("line %d", j.line), Method: j.method, URL: j.url, Named: j.named, Status: j.status, Refusal: r, HTML: j.html, CorrelationID: j.id, Quoted: j.quoted, Mute: j.mute}
	if e.Status == 0 && r != nil {
		e.Status = r.Status
	}
	return e
}

// join reads the entry and joins its pieces.
func (e *entry) join() []*joined {
	cores := e.cores()
	var out []*joined
	for _, p := range cores {
		if len(out) > 0 && out[len(out)-1].takes(p, e.text) {
			continue
		}
		out = append(out, &joined{piece: p, quoted: !p.body})
	}
	calls, ids := e.callsIn(), e.idsIn()
	for n, j := range out {
		low, high := 0, len(e.text)
		if n > 0 {
			low = out[n-1].to
		}
		if n+1 < len(out) {
			high = out[n+1].from
		}
		if c := nearest(calls, j.from, j.to, low, high, e.text, true); c != nil && j.url == "" {
			j.method, j.url, j.named = c.method, c.url, c.named
		}
		if c := nearest(ids, j.from, j.to, low, high, e.text, false); c != nil && j.id == "" {
			j.id = c.id
		}
		j.line = e.line + strings.Count(e.text[:j.from], "\n")
	}
	return out
}

// takes adds a piece that is of the same refusal, and says whether it is.
func (j *joined) takes(p piece, text string) bool {
	between := ""
	if p.from > j.to && p.from <= len(text) {
		between = text[j.to:p.from]
	}
	switch {
	case j.status != 0 && p.status != 0 && j.status != p.status,
		j.id != "" && p.id != "" && j.id != p.id,
		j.url != "" && p.url != "" && j.url != p.url,
		j.body && p.body,
		// A call between the two belongs to what follows it.
		p.status != 0 && j.status != 0 && (methodURL.MatchString(between) || bareUUID.MatchString(between)),
		j.refusal != nil && p.refusal != nil && !sameRefusal(j.refusal, p.refusal):
		return false
	}
	if p.refusal != nil && (j.refusal == nil || p.body || !j.body && len(p.refusal.Permissions) > len(j.refusal.Permissions)) {
		if j.refusal != nil && p.refusal.Code == "" {
			p.refusal.Code = j.refusal.Code
		}
		j.refusal = p.refusal
	}
	j.to = max(j.to, p.to)
	j.status, j.id = firstStatus(j.status, p.status), firstOf(j.id, p.id)
	j.html, j.mute, j.body = j.html || p.html, j.mute && p.mute, j.body || p.body
	j.quoted = !j.body
	if j.url == "" {
		j.method, j.url, j.named = p.method, p.url, p.named
	}
	return true
}

// sameRefusal says whether two readings may be of one refusal: a code and its
// sentence are, two sentences that name different things are not.
func sameRefusal(a, b *genesys.Refusal) bool {
	if a == nil || b == nil {
		return a == b
	}
	differ := func(x, y []string) bool { return len(x) > 0 && len(y) > 0 && !slices.Equal(x, y) }
	if differ(a.Permissions, b.Permissions) || differ(a.Scopes, b.Scopes) || a.Kind != b.Kind {
		return false
	}
	return a.Code == b.Code || a.Code == "" || b.Code == "" || len(a.Permissions) == 0 || len(b.Permissions) == 0 || strings.Contains(a.Code, "permission") && strings.Contains(b.Code, "permission")
}

// nearest returns the piece on the lines of [from, to), else the last before it,
// else the first behind it, between low and high.
func nearest(list []piece, from, to, low, high int, text string, beforeFirst bool) *piece {
	lineFrom := strings.LastIndexByte(text[:from], '\n') + 1
	lineTo := len(text)
	if n := strings.IndexByte(text[to:], '\n'); n >= 0 {
		lineTo = to + n
	}
	var same, before, after *piece
	for i := range list {
		p := &list[i]
		switch {
		case p.to <= low && p.from < lineFrom || p.from >= high || p.from < low:
		case p.from >= lineFrom && p.from < lineTo && (same == nil || distance(*p, from, to) < distance(*same, from, to)):
			same = p
		case p.from < from && !p.answered:
			before = p
		case p.from >= to && after == nil && !p.answered:
			after = p
		}
	}
	if !beforeFirst {
		before, after = after, before
	}
	return cmp.Or(same, before, after)
}

func distance(p piece, from, to int) int {
	if p.to <= from {
		return from - p.to
	}
	return max(0, p.from-to)
}

// cores finds what is of refusals, in the order of the text.
func (e *entry) cores() []piece {
	text, out := e.bodies()
	if len(out) > 0 && !interesting(text) {
		return out // most log lines say nothing besides the body
	}
	for _, m := range codeInText.FindAllStringSubmatchIndex(text, 200) {
		code := text[m[2]:m[3]]
		message := ""
		if strings.Contains(code, "permission") {
			message, _ = sentenceAt(text, m[2], m[3]) // "missing.permissions routing:queue:add"
		}
		out = append(out, piece{core: true, from: m[2], to: m[3], refusal: genesys.NewRefusal(statusOf(code), code, message)})
	}
	for _, w := range wordings {
		for _, m := range w.form.FindAllStringIndex(text, 200) {
			if slices.ContainsFunc(out, func(p piece) bool { return !p.body && p.from < m[1] && m[0] < p.to }) {
				continue // a more exact wording has it
			}
			message, to := sentenceAt(text, m[0], m[1])
			out = append(out, piece{core: true, from: m[0], to: to, refusal: genesys.NewRefusal(statusOf(w.code), w.code, message)})
		}
	}
	for _, m := range forbiddenOn.FindAllStringIndex(text, 200) {
		message, to := sentenceAt(text, m[0], m[1])
		out = append(out, piece{core: true, from: m[0], to: to, refusal: &genesys.Refusal{Kind: genesys.RefusalAPI, Code: "forbidden", Status: 403, Message: message}})
	}
	for _, m := range oauthWords.FindAllStringSubmatchIndex(text, 200) {
		words := ""
		if m[4] >= 0 {
			words = strings.Trim(text[m[4]:m[5]], " '\"}")
		}
		out = append(out, piece{core: true, from: m[2], to: m[1], refusal: &genesys.Refusal{Kind: genesys.RefusalOAuth, Code: text[m[2]:m[3]], Message: words}})
	}
	out = append(out, statuses(text)...)
	if m := page.FindStringIndex(text); m != nil {
		p := piece{core: true, from: m[0], to: len(text), html: true}
		if s := pageStatus.FindStringSubmatch(text[m[0]:]); s != nil {
			p.status, _ = strconv.Atoi(s[1])
		}
		out = append(slices.DeleteFunc(out, func(o piece) bool { return o.from > m[0] }), p)
	}
	for _, m := range tunnel.FindAllStringSubmatchIndex(text, 50) {
		// What a proxy says before the platform is reached is not the platform's.
		p := piece{core: true, from: m[0], to: m[1], html: true}
		p.status, _ = strconv.Atoi(text[m[1]-3 : m[1]])
		if strings.HasSuffix(text[m[0]:m[1]], "proxy") {
			p.status, _ = strconv.Atoi(text[m[6]:m[7]])
		}
		out = append(slices.DeleteFunc(out, func(o piece) bool { return o.from >= m[0] && o.to <= m[1] }), p)
	}
	for _, m := range muteError.FindAllStringIndex(text, 50) {
		out = append(out, piece{core: true, from: m[0], to: m[1], mute: true})
	}
	slices.SortStableFunc(out, func(a, b piece) int { return a.from - b.from })
	return out
}

// sentenceAt returns the sentence around a wording, over the end of a line that
// a terminal or a mail program broke.
func sentenceAt(text string, from, to int) (sentence string, end int) {
	start := strings.LastIndexAny(text[:from], "\n“\"'`") + 1
	for start < from && text[start] >= 0x80 && text[start] < 0xc0 {
		start++ // the rest of a curly quote
	}
	end = to
	for end < len(text) && end-from < 500 {
		c := text[end]
		if c == '"' || c == '`' || strings.HasPrefix(text[end:], "”") {
			break
		}
		if c == '\n' {
			// It goes on where a list is open, or where it ends in a colon.
			open := strings.LastIndexByte(text[from:end], '[') > strings.LastIndexByte(text[from:end], ']')
			if !open && !strings.HasSuffix(strings.TrimSpace(text[from:end]), ":") {
				break
			}
		}
		end++
	}
	return truncate(strings.Join(strings.Fields(strings.Trim(text[start:end], "\n, ")), " "), 500), end
}

func statuses(text string) []piece {
	var out []piece
	for _, form := range []*regexp.Regexp{statusIn, httpStatus} {
		for _, m := range form.FindAllStringSubmatchIndex(text, 200) {
			from, to := m[2], m[3]
			if from < 0 {
				from, to = m[4], m[5]
			}
			n, _ := strconv.Atoi(text[from:to])
			if !slices.ContainsFunc(out, func(p piece) bool { return p.from == from }) {
				out = append(out, piece{core: true, from: from, to: to, status: n})
			}
		}
	}
	return out
}

// callsIn finds the calls that the entry names.
func (e *entry) callsIn() []piece {
	if e.read {
		return e.calls
	}
	e.read = true
	if !strings.ContainsAny(e.text, "/_(.") {
		return nil
	}
	for _, m := range methodURL.FindAllStringSubmatchIndex(e.text, 200) {
		e.calls = append(e.calls, piece{from: m[2], to: m[5], method: e.text[m[2]:m[3]], url: strings.TrimRight(e.text[m[4]:m[5]], ".,;:")})
	}
	e.calls = addCalls(e.calls, commands(e.text))
	e.calls = addCalls(e.calls, fields(e.text))
	if len(e.calls) == 0 {
		e.calls = namedCalls(e.text)
	}
	if len(e.calls) == 0 {
		if method, url, named := callIn(e.text); url != "" {
			from := max(0, strings.Index(e.text, url))
			e.calls = []piece{{from: from, to: from + len(url), method: method, url: url, named: named}}
		}
	}
	for i := range e.calls {
		c := &e.calls[i]
		rest, _, _ := strings.Cut(e.text[c.to:], "\n")
		c.answered = success.MatchString(rest)
	}
	return e.calls
}

func (e *entry) idsIn() []piece {
	var out []piece
	for _, form := range []*regexp.Regexp{correlate, bareUUID} {
		for _, m := range form.FindAllStringSubmatchIndex(e.text, 200) {
			out = append(out, piece{from: m[2], to: m[3], id: e.text[m[2]:m[3]]})
		}
	}
	slices.SortFunc(out, func(a, b piece) int { return a.from - b.from })
	return out
}

// acrossEntries joins what a blank line or a new log line divides: a status or
// an exception, and the body behind it.
func acrossEntries(all []*joined, list []entry) []*joined {
	var out []*joined
	for _, j := range all {
		if n := slices.IndexFunc(out, func(o *joined) bool { return o.id != "" && o.id == j.id && !o.bare() && !j.bare() }); n >= 0 && sameRefusal(out[n].refusal, j.refusal) {
			// One correlation id is one call, however often a log says it.
			if out[n].url == "" {
				out[n].method, out[n].url, out[n].named = j.method, j.url, j.named
			}
			continue
		}
		if len(out) > 0 {
			last := out[len(out)-1]
			close := j.entry-last.entry <= 2 && j.line-last.line < 60
			compatible := last.status == 0 || j.status == 0 || last.status == j.status
			elsewhere := last.url != "" && j.url != "" && last.url != j.url || last.id != "" && j.id != "" && last.id != j.id
			switch {
			case !close || !compatible || elsewhere || j.entry == last.entry:
			case last.bare():
				j.status, j.id = firstStatus(j.status, last.status), firstOf(j.id, last.id)
				if j.url == "" {
					j.method, j.url, j.named = last.method, last.url, last.named
				}
				j.mute = j.mute && last.mute
				out[len(out)-1] = j
				continue
			case j.bare() && j.url == "" && !stamped(list[j.entry].text):
				last.status, last.id, last.entry = firstStatus(last.status, j.status), firstOf(last.id, j.id), j.entry
				continue
			}
		}
		out = append(out, j)
	}
	return out
}

// reach bounds how many entries away a call may be.
const reach = 12

// lookAround finds the call in the entries before the refusal, then in those
// behind it, up to the next refusals.
func (j *joined) lookAround(list []entry, before, after int) {
	for i := j.entry - 1; i > before && i >= j.entry-reach; i-- {
		if j.callOf(&list[i], true) {
			return
		}
	}
	for i := j.entry + 1; i < after && i <= j.entry+reach; i++ {
		if j.callOf(&list[i], false) {
			return
		}
	}
}

func (j *joined) callOf(e *entry, last bool) bool {
	open := slices.DeleteFunc(slices.Clone(e.callsIn()), func(p piece) bool { return p.answered })
	if len(open) == 0 {
		return false
	}
	c := open[0]
	if last {
		c = open[len(open)-1]
	}
	j.method, j.url, j.named = c.method, c.url, c.named
	return true
}
