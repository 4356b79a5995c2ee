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
	// row is set where the entry is a row of a table: nothing of another row is of it.
	row *row
	// tag names the worker or the container whose line it is.
	tag string
}

var (
	frames     = strings.NewReplacer("│", "   ", "╷", "   ", "╵", "   ", "┃", "   ", "\u00a0", "  ")
	quotedLine = regexp.MustCompile(`(?m)^(?:>[ \t]?)+`)
	escapes    = regexp.MustCompile(`\x1b\[[0-9;]*[A-Za-z]`)
	bareUUID   = regexp.MustCompile(`\(([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\)`)
	oauthWords = regexp.MustCompile(`\b(invalid_client|invalid_grant|invalid_scope|unauthorized_client|unsupported_grant_type|invalid_request)\b(?:\s*[(:,-]+\s*([^\n)]{0,200})\)?)?`)
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

// entries divides a text where one thing ends and the next begins.
func entries(text string, firstLine int) []entry {
	d := divider{text: text, line: firstLine, start: firstLine}
	for d.at < len(text) {
		if !d.table() {
			d.next()
		}
	}
	d.end()
	return d.out
}

// divider divides a text into entries.
type divider struct {
	text string
	out  []entry
	// from is where the entry at hand begins, start its line; at is where the next line
	// begins, line its number.
	from, at, line, start int
	tag                   string
}

// end ends the entry at hand before the line that comes next.
func (d *divider) end() {
	if strings.TrimSpace(d.text[d.from:d.at]) != "" {
		d.out = append(d.out, entry{text: d.text[d.from:d.at], line: d.start, tag: d.tag})
	}
	d.from, d.start = d.at, d.line
}

// peek is the line that comes next, with its end.
func (d *divider) peek() string {
	if i := strings.IndexByte(d.text[d.at:], '\n'); i >= 0 {
		return d.text[d.at : d.at+i+1]
	}
	return d.text[d.at:]
}

// table takes the rows of a table that begins here.
func (d *divider) table() bool {
	if !maybeTable(d.peek()) {
		return false
	}
	rows, to, line := rowsOf(d.text, d.at, d.line)
	if len(rows) == 0 {
		return false
	}
	d.end()
	d.out = append(d.out, rows...)
	d.from, d.at, d.line, d.start = to, to, line, line
	return true
}

// next takes one line.
func (d *divider) next() {
	l := d.peek()
	trimmed := strings.TrimSpace(l)
	object := strings.HasPrefix(trimmed, "{") && strings.HasSuffix(trimmed, "}") && len(trimmed) > 2
	begins := starts(l)
	if tag := tagOf(l); tag != d.tag && (tag != "" || begins) {
		d.end()
		d.tag = tag
	}
	if trimmed == "" || object || begins || d.at-d.from > maxEntryText || strings.HasPrefix(trimmed, "Error: ") || strings.HasPrefix(trimmed, "Traceback (") {
		d.end()
	}
	d.at += len(l)
	d.line++
	if object {
		d.end()
	}
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
	list := entries(unpaged(text), firstLine)
	var all []*joined
	worth := worthReading(list)
	for i := range list {
		if !worth[i] {
			continue
		}
		for _, j := range list[i].join() {
			j.entry = i
			j.retold = retold(list, i)
			all = append(all, j)
		}
	}
	all = acrossEntries(all, list)
	for n, j := range all {
		if j.url == "" && list[j.entry].row == nil {
			before, after := j.neighbours(all, n, list)
			j.lookAround(list, before, after)
		}
	}
	return all
}

// neighbours are the entries of the refusals before and behind, of the same worker: a
// call beyond them is theirs.
func (j *joined) neighbours(all []*joined, n int, list []entry) (before, after int) {
	before, after = -1, len(list)
	for i := n - 1; i >= 0 && i > n-reach; i-- {
		if sameTag(&list[j.entry], &list[all[i].entry]) {
			before = all[i].entry
			break
		}
	}
	for i := n + 1; i < len(all) && i < n+reach; i++ {
		if sameTag(&list[j.entry], &list[all[i].entry]) {
			after = all[i].entry
			break
		}
	}
	return before, after
}

// sameTag says whether two entries may be of one worker.
func sameTag(a, b *entry) bool { return a.tag == "" || b.tag == "" || a.tag == b.tag }

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
	// retold says that it is somebody else's, by the words around it.
	retold bool
}

func (j *joined) bare() bool { return j.refusal == nil && !j.html }

// answer is the status of a piece, as it says or as its code is published.
func (p piece) answer() int {
	if p.status == 0 && p.refusal != nil {
		return p.refusal.Status
	}
	return p.status
}

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
	e := Exchange{Where: fmt.Sprintf("line %d", j.line), Method: j.method, URL: j.url, Named: j.named, Status: j.status, Refusal: r, HTML: j.html, CorrelationID: j.id, Quoted: j.quoted || j.retold, Mute: j.mute}
	if e.Status == 0 && r != nil {
		e.Status = r.Status
	}
	return e
}

// join reads the entry and joins its pieces.
func (e *entry) join() []*joined {
	if e.row != nil {
		j := e.row.join()
		if j == nil {
			return nil
		}
		j.line = e.line
		return []*joined{j}
	}
	cores := e.cores()
	calls, ids := e.callsIn(), e.idsIn()
	var out []*joined
	for _, p := range cores {
		if n := len(out); n > 0 {
			low := 0
			if n > 1 {
				low = out[n-2].to
			}
			own := slices.ContainsFunc(calls, func(c piece) bool { return c.from >= low && c.to <= out[n-1].from && !c.answered })
			if out[n-1].takes(p, e.text, own) {
				continue
			}
		}
		out = append(out, &joined{piece: p, quoted: !p.body})
	}
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
		e.saidMissing(j)
	}
	return out
}

// takes adds a piece that is of the same refusal, and says whether it is. own says
// whether the refusal has a call before it already.
func (j *joined) takes(p piece, text string, own bool) bool {
	between := ""
	if p.from > j.to && p.from <= len(text) {
		between = text[j.to:p.from]
	}
	switch {
	case j.answer() != 0 && p.answer() != 0 && j.answer() != p.answer(),
		j.id != "" && p.id != "" && j.id != p.id,
		j.url != "" && p.url != "" && j.url != p.url,
		j.body && p.body,
		// A call between the two belongs to what follows it.
		own && p.answer() != 0 && j.answer() != 0 && methodURL.MatchString(between),
		p.status != 0 && j.status != 0 && !p.body && bareUUID.MatchString(between),
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
		out = append(out, statusesBeside(nil, e.text, out)...)
		slices.SortStableFunc(out, func(a, b piece) int { return a.from - b.from })
		return out // most log lines say nothing but the body
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
	out = append(out, statusesBeside(statuses(text), e.text, out)...)
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
	if method, url := exportIn(e.text); len(e.calls) == 0 && url != "" {
		at := max(0, strings.Index(strings.ToLower(e.text), "failed to "))
		e.calls = []piece{{from: at, to: at, method: method, url: url, named: true}}
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
		if last := lastOf(out, j, list); last != nil {
			close := j.line-last.line < 60 && (j.entry-last.entry <= 2 || j.entry-last.entry <= reach && last.bare() && last.url != "" && !called(list[last.entry+1:j.entry]))
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
				out[slices.Index(out, last)] = j
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

// called says whether entries name a call.
func called(list []entry) bool {
	return slices.ContainsFunc(list, func(e entry) bool { return len(e.callsIn()) > 0 })
}

// lastOf is the refusal before another one that may be of the same call: of the same
// worker, and no row of a table.
func lastOf(out []*joined, j *joined, list []entry) *joined {
	if list[j.entry].row != nil {
		return nil
	}
	for i := len(out) - 1; i >= 0 && i > len(out)-reach; i-- {
		e := &list[out[i].entry]
		if e.row == nil && sameTag(&list[j.entry], e) {
			return out[i]
		}
		if e.row != nil {
			return nil
		}
	}
	return nil
}

// reach bounds how many entries away a call may be.
const reach = 12

// lookAround finds the call in the entries before the refusal, then in those
// behind it, up to the next refusals.
func (j *joined) lookAround(list []entry, before, after int) {
	for i := j.entry - 1; i > before && i >= j.entry-reach; i-- {
		if sameTag(&list[j.entry], &list[i]) && j.callOf(&list[i], true) {
			return
		}
	}
	for i := j.entry + 1; i < after && i <= j.entry+reach; i++ {
		if sameTag(&list[j.entry], &list[i]) && j.callOf(&list[i], false) {
			return
		}
	}
}

func (j *joined) callOf(e *entry, last bool) bool {
	if e.row != nil {
		return false
	}
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
