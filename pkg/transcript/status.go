package transcript

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A number is a status where a word, an arrow, a call or a refusal beside it makes it one:
// most numbers of a log are ports, sizes and counts.
var (
	statusIn = regexp.MustCompile(`(?i)(?:status(?:\s*code)?|statut|estado|\bcode|\bhttp|error|fehler|erreur|answer(?:s|ed)?|antwort(?:et)?|return(?:s|ed)?|ApiException:)\W{0,4}(?:a\s+|an\s+|with\s+|http\s+|code\s+)*\(?(4\d\d|5\d\d)\b`)
	// reasons are what follows a status, in the languages of operating systems.
	reasons = regexp.MustCompile(`(?i)\b(4\d\d|5\d\d)\)?[ :(\-–.]+(?:Forbidden|Unauthorized|Bad Request|Not Found|Too Many|Method Not|Conflict|Client Error|Server Error|Internal Server|Bad Gateway|Service Unavailable|Gateway Time|` +
		`Unzulässig|Verboten|Nicht autorisiert|Nicht gefunden|Interdit|Non autorisé|Prohibido|No autorizado|Proibido|Não autorizado|Vietato|Non autorizzato|Verboden|Niet gemachtigd|禁止|権限)`)
	bracketedStatus = regexp.MustCompile(`\((4\d\d|5\d\d)\)[ .:]+\p{Lu}`)
	httpStatus      = regexp.MustCompile(`HTTP/[\d.]+"?\s+([45]\d\d)\b`)
	arrowStatus     = regexp.MustCompile(`(?:->|=>|→|⇒|<--)\s*\(?([45]\d\d)\b`)
	verbStatus      = regexp.MustCompile(`(?i)\b(?:get(?:s|ting)?|got|gotten|receiv(?:e|es|ed|ing)|return(?:s|ed|ing)?|throw(?:s|n|ing)?|gives?|gave|giving|seeing|answer(?:s|ed|ing)?|respond(?:s|ed|ing)?|fails?|failed|failing|with|bekomm(?:e|t|en)|erhalte?n?|kriegen?|kommt|liefert|mit|obtien[st]?|obtenons|re[çc]ois|renvoie|avec|recibo|recibimos|devuelve|con|riceviamo|ricevo|krijgen|krijg)\s+(?:(?:an?|the|only|always|immer|nur|einen?|une?|un|http|status|code|error|fehler|erreur)\s+){0,3}([45]\d\d)\b`)
	colonStatus     = regexp.MustCompile(`:\s+\(?([45]\d\d)\b`)
	callThenStatus  = regexp.MustCompile(`\b(?:GET|POST|PUT|PATCH|DELETE)\s+(?:https?://|/)[^\s"'` + "`" + `]*["'` + "`" + `]?\s+(?:HTTP/[\d.]+"?\s+)?[\[(]?([45]\d\d)\b`)
	statusThenCall  = regexp.MustCompile(`(?:^|[\s\["'(])([45]\d\d)[\])]?[\s:,-]+(?:(?:on|for|from|bei|pour|auf)\s+)?(?:GET|POST|PUT|PATCH|DELETE)\s+["'` + "`" + `]?(?:https?://|/)`)
	// statusOfRequest is a status before the request that it answers, as proxies log it: between
	// them are sizes, flags and counts.
	statusOfRequest = regexp.MustCompile(`\s([45]\d\d)(?:\s+[\d/-]+){1,4}(?:\s+[^\s"]+){0,10}\s+"(?:GET|POST|PUT|PATCH|DELETE) \S+ HTTP/`)
	// compared is what is before a number in the source of a program; a line of metrics counts
	// what was answered.
	// A statement of a configuration, the call of a function and the choice of a metric have
	// numbers that nothing answered.
	configured = regexp.MustCompile(`^\s*[a-z_]+(?:\s+[^\s;{}"']+){1,6};\s*$`)
	inCall     = regexp.MustCompile(`\.[a-z]\w*\($`)
	selected   = regexp.MustCompile(`[a-zA-Z_]\w*\{(?:\w+[=!~]+"[^"\n]*",?\s*)*\w+[=!~]+"$`)
	// counts is what follows a number of things: 429 queues.
	counts   = regexp.MustCompile(`^ ([a-z]{3,}s)(?:$|[^\w:/-])`)
	compared = regexp.MustCompile(`(?:[\w)\]]\s*(?:[=!]==?|[<>]=)|\bcase|\s-(?:eq|ne|ge|gt))\s*[\[("']?$`)
	metrics  = regexp.MustCompile(`^\s*[a-zA-Z_:][\w:]*\{[^{}\n]*\}\s+[\d.eE+-]+(?:\s+\d+)?\s*$`)
	// dashStatus is how .NET logs an answer, found how tests and retries do.
	dashStatus = regexp.MustCompile(`(?i)\b(?:HTTP|request|response)\b[^\n]{0,80}\d\s?m?s\s+-\s+([45]\d\d)\b`)
	found      = regexp.MustCompile(`(?i)\b(?:actual(?:ly)?(?:\s+value)?(?:\s+is|\s+found)?|but\s+was|too\s+many)\s+[<\[(]?([45]\d\d)\b`)
	// beforeRefusal and behindRefusal are a status directly beside a code, a sentence or
	// a body.
	beforeRefusal = regexp.MustCompile(`(?:^|[\s(\[>|])([45]\d\d)[\s:,.)\]|–-]{1,4}$`)
	behindRefusal = regexp.MustCompile(`^["')}\]\s:,;(\[|–-]{0,6}([45]\d\d)(?:$|[\s.,;)\]])`)

	// unit is what a number counts.
	unit = regexp.MustCompile(`(?i)^\)?[ \t-]*(?:ms|msec|s|sec\w*|min\w*|[kmg]?b|bytes?|octets|items?|rows?|users?|records?|results?|entit(?:y|ies)|entries|pages?|requests?|calls?|times?|lines?|characters|of \d|von \d|sur \d|/ ?\d|%|€|\$|eur|usd)(?:$|[^\w])`)
	// counted is a key whose number is no status.
	counted     = regexp.MustCompile(`(?i)(?:total|page\w*|size|count|length|limit|offset|took|elapsed|duration|latency|time\w*|bytes|line|zeile|ligne|port|items|rows|records|max\w*|min\w*|number|nr|no|order|index|attempt|retry\w*|after|wait|version|build|row)\W{0,5}$`)
	errorStatus = map[int]bool{431: true, 451: true, 499: true}
)

// published says whether a number is a status at all.
func publishedStatus(n int) bool {
	return n >= 400 && n <= 418 || n >= 421 && n <= 429 || n >= 500 && n <= 511 || n >= 520 && n <= 530 || errorStatus[n]
}

// statusForm is a form in which a text says a status.
type statusForm struct {
	form *regexp.Regexp
	// parts are in whatever has the form: looking for them is fast.
	parts []string
	// loose says that a number behind the name of a count is not a status.
	loose bool
}

// nearForms have all that makes a number a status close to it, farForms the call that it
// answers.
var (
	nearForms = []statusForm{
		{statusIn, nil, false}, {reasons, nil, false}, {bracketedStatus, []string{"("}, false}, {httpStatus, []string{"HTTP/"}, false},
		{arrowStatus, []string{"->", "=>", "→", "⇒", "<--"}, true}, {verbStatus, nil, true}, {dashStatus, []string{" - "}, false}, {found, []string{"ctual", "was", "many"}, false},
	}
	methodsBefore = []string{"GET ", "POST ", "PUT ", "PATCH ", "DELETE ", "GET\t", "POST\t", "PUT\t", "PATCH\t", "DELETE\t", "GET\n", "POST\n", "PUT\n", "PATCH\n", "DELETE\n"}
	farForms      = []statusForm{{statusOfRequest, []string{" HTTP/"}, false}, {callThenStatus, methodsBefore, false}, {statusThenCall, methodsBefore, false}, {colonStatus, nil, true}}
)

// near is how many bytes before and behind a number make it a status.
const (
	nearBefore = 80
	nearBehind = 48
)

// statuses finds the statuses of a text.
func statuses(text string) []piece {
	var out []piece
	n := 0
	for i, ok := statusNumber(text, 0); ok && n < 200; i, ok = statusNumber(text, i+3) {
		n++
		from := max(0, i-nearBefore)
		out = findStatuses(out, nearForms, text, from, min(len(text), i+nearBehind))
	}
	if n > 0 {
		out = findStatuses(out, farForms, text, 0, len(text))
	}
	return append(answers(out, text), statusNames(text)...)
}

// What answers a call on its own line: the first number that may be a status, or the name of
// one where there is no number.
var (
	aNumber = regexp.MustCompile(`(?:^|[^\w.,:#%/=-]|[^\w.]-\s|: |=)([1-5]\d\d)(?:$|[^\w%/:.,-]|[.,:](?:$|\D)|-\s)`)
	aName   = regexp.MustCompile(`\b(Forbidden|Unauthorized|Too Many Requests|FORBIDDEN|UNAUTHORIZED)\b`)
)

// answers finds the statuses on the lines of the platform's calls, whatever the words between
// the two are, in any language.
func answers(list []piece, text string) []piece {
	at := 0
	for line := range strings.Lines(text) {
		if call := callOn(line); call > 0 {
			list = answerOn(list, text, at+call, at+len(strings.TrimRight(line, "\r\n")))
		}
		at += len(line)
	}
	return list
}

// callOn is where the last call of the platform ends that a line has, or 0.
func callOn(line string) int {
	if len(line) > maxLine || !hasAny(line, "/api/v2/", "/oauth/token") || strings.HasPrefix(strings.TrimSpace(line), "{") {
		return 0
	}
	if all := methodURL.FindAllStringSubmatchIndex(line, 20); all != nil {
		return all[len(all)-1][5]
	}
	if all := bareURL.FindAllStringIndex(line, 20); all != nil && strings.Contains(line[all[len(all)-1][0]:], "/api/v2/") {
		return all[len(all)-1][1]
	}
	return 0
}

// maxLine bounds a line on which a call and its answer are.
const maxLine = 2000

// answerOn adds the status that is between a call and the end of its line.
func answerOn(list []piece, text string, from, to int) []piece {
	if slices.ContainsFunc(list, func(p piece) bool { return p.from >= from && p.to <= to }) {
		return list
	}
	if m := aNumber.FindStringSubmatchIndex(text[from:to]); m != nil {
		if first, last := from+m[2], from+m[3]; asStatus(text, first, last, true) {
			return addStatus(list, text, first, last)
		}
		return list
	}
	if m := aName.FindStringIndex(text[from:to]); m != nil {
		name := strings.ToLower(strings.ReplaceAll(text[from+m[0]:from+m[1]], " ", ""))
		list = append(list, piece{core: true, from: from + m[0], to: from + m[1], status: names[name]})
	}
	return list
}

// succeeded says whether the first number behind a call is the status of a success.
func succeeded(rest string) bool {
	m := aNumber.FindStringSubmatch(rest)
	return m != nil && m[1] < "400"
}

// namedStatus is a status that is written as its name, as .NET and Entra ID do; names are
// the numbers of those that matter here.
var (
	namedStatus = regexp.MustCompile(`(?i)\bstatus[ _-]?code['"]?\s*[:=]\s*['"]?(Forbidden|Unauthorized|Too ?Many ?Requests|Bad ?Request|Not ?Found|Conflict)\b`)
	names       = map[string]int{"forbidden": 403, "unauthorized": 401, "toomanyrequests": 429, "badrequest": 400, "notfound": 404, "conflict": 409}
)

// statusNames finds the statuses of a text that are written as names.
func statusNames(text string) []piece {
	var out []piece
	for _, m := range namedStatus.FindAllStringSubmatchIndex(text, 200) {
		name := strings.ToLower(strings.ReplaceAll(text[m[2]:m[3]], " ", ""))
		out = append(out, piece{core: true, from: m[2], to: m[3], status: names[name]})
	}
	return out
}

// findStatuses looks for forms between two places of a text.
func findStatuses(out []piece, forms []statusForm, text string, from, to int) []piece {
	part := text[from:to]
	for _, f := range forms {
		if len(f.parts) > 0 && !hasAny(part, f.parts...) {
			continue
		}
		for _, m := range f.form.FindAllStringSubmatchIndex(part, 200) {
			first, last := from+m[2], from+m[3]
			if !asStatus(text, first, last, f.loose) || f.form == colonStatus && !afterCall(text, from+m[0]) {
				continue
			}
			out = addStatus(out, text, first, last)
		}
	}
	return out
}

func addStatus(list []piece, text string, from, to int) []piece {
	n, _ := strconv.Atoi(text[from:to])
	for _, p := range list {
		if p.from == from {
			return list
		}
	}
	return append(list, piece{core: true, from: from, to: to, status: n})
}

// asStatus says whether a number may be a status where it is.
func asStatus(text string, from, to int, loose bool) bool {
	n, _ := strconv.Atoi(text[from:to])
	if !publishedStatus(n) || unit.MatchString(text[to:min(len(text), to+16)]) {
		return false
	}
	before := text[max(0, from-24):from]
	if inSource(text, from, before) {
		return false
	}
	if m := counts.FindStringSubmatch(text[to:min(len(text), to+24)]); m != nil && !noCounts[m[1]] {
		return false
	}
	if strings.HasSuffix(before, ":") && (len(before) < 2 || !strings.HasSuffix(before, `":`)) && isHost(before) {
		return false
	}
	return !loose || !counted.MatchString(before)
}

// noCounts are words in s that may follow a status.
var noCounts = map[string]bool{"errors": true, "always": true, "sometimes": true, "unless": true, "means": true, "happens": true, "comes": true, "appears": true, "responses": true, "answers": true, "says": true, "access": true, "occurs": true, "this": true, "was": true, "has": true, "does": true, "across": true, "persists": true, "returns": true, "refuses": true, "statuses": true, "despite": true}

// inSource says whether the number at an index is one of a program, of a configuration or of
// metrics, which nothing answered.
func inSource(text string, at int, before string) bool {
	if compared.MatchString(before) || inCall.MatchString(before) {
		return true
	}
	line := lineAt(text, at)
	return metrics.MatchString(line) || configured.MatchString(line) || strings.HasSuffix(before, `="`) && selected.MatchString(text[max(0, at-200):at])
}

// lineAt is the line of an index, as far as a line of metrics may go.
func lineAt(text string, at int) string {
	const longest = 1000
	from := strings.LastIndexByte(text[max(0, at-longest):at], '\n') + 1 + max(0, at-longest)
	to := min(len(text), at+longest)
	if i := strings.IndexByte(text[at:to], '\n'); i >= 0 {
		to = at + i
	}
	return text[from:to]
}

// isHost says whether what is before a colon is a host, and the number its port.
func isHost(before string) bool {
	i := strings.LastIndexAny(before, " \t\"'|(<>")
	return strings.Contains(before[i+1:], ".") || strings.HasSuffix(before, "|:")
}

// afterCall says whether the colon at an index follows the call that the number answers.
func afterCall(text string, colon int) bool {
	line := text[strings.LastIndexByte(text[:colon], '\n')+1 : colon]
	if i := strings.LastIndexAny(line, ",;"); i >= 0 {
		line = line[i:]
	}
	return methodURL.MatchString(line) || bareURL.MatchString(line) || pathOnly.MatchString(line)
}

// statusesBeside finds the statuses directly before and behind what is of a refusal.
func statusesBeside(list []piece, text string, cores []piece) []piece {
	for _, p := range cores {
		if p.refusal == nil || p.to > len(text) {
			continue
		}
		from := max(0, p.from-16)
		if m := beforeRefusal.FindStringSubmatchIndex(text[from:p.from]); m != nil && asStatus(text, from+m[2], from+m[3], true) {
			list = addStatus(list, text, from+m[2], from+m[3])
			continue
		}
		rest := text[p.to:min(len(text), p.to+16)]
		if m := behindRefusal.FindStringSubmatchIndex(rest); m != nil && !strings.Contains(rest[:m[2]], "\n") && asStatus(text, p.to+m[2], p.to+m[3], true) {
			list = addStatus(list, text, p.to+m[2], p.to+m[3])
		}
	}
	return list
}

// statusWords are near a status, before or behind it; capitals do not matter.
var statusWords = anyOfThese("tatus", "tatut", "ode", "TTP", "ttp", "rror", "ehler", "rreur", "->", "=>", "→", "<--", "nswer", "ntwort", "esponse", "eturn", "got", "get", "Get", "gave", "give", "ceiv", "hrow", "fail", "with", " mit ", " con ", "avec", "omme", "halt", "cib", "evuelve", "envoie", ": ", ":4", ":5", "xception", "s - ", "ctual", "but was", "many ")

// besideStatus is what follows a status: how its reason, a call, a body or a code begins.
var besideStatus = []string{"Forb", "forb", "FORB", "Unau", "unau", "UNAU", "Bad", "bad", "BAD", "Not", "not", "NOT", "Too", "too", "TOO", "Client", "Server", "Conf", "Method", "Gatew", "Servi", "Unable", "App ", "You ", "GET ", "POST ", "PUT ", "PATCH ", "DELETE ", "{", "missing", "miss", "invalid", "unsupp", "insuff", "app.", "authz", "creden", "ip.", "Unzul", "Verb", "Nicht", "Interd", "Non", "Proh", "Proib", "Viet", "N\u00e3o", "No a", "\u7981", "\u6a29"}

// statusLike looks for a status that has a word near it that makes it one. Most numbers of
// a log are something else.
func statusLike(text string) bool {
	for i, ok := statusNumber(text, 0); ok; i, ok = statusNumber(text, i+3) {
		if !strings.HasPrefix(text[i+3:], " ms") && !strings.HasPrefix(text[i+3:], "ms") && statusNear(text, i) {
			return true
		}
	}
	return false
}

// statusNumber finds the next number that is a status and no part of another number.
func statusNumber(text string, from int) (int, bool) {
	digit := func(i int) bool { return i >= 0 && i < len(text) && text[i] >= '0' && text[i] <= '9' }
	letter := func(i int) bool { return i >= 0 && i < len(text) && text[i]|0x20 >= 'a' && text[i]|0x20 <= 'z' }
	for i := from; i+2 < len(text); i++ {
		alone := !digit(i-1) && !digit(i+3) && (!letter(i-1) || !letter(i+3))
		if alone && (text[i] == '4' || text[i] == '5') && digit(i+1) && digit(i+2) && publishedStatus(int(text[i]-'0')*100+int(text[i+1]-'0')*10+int(text[i+2]-'0')) {
			return i, true
		}
	}
	return 0, false
}

// statusNear says whether something beside the number at the index makes it a status.
func statusNear(text string, i int) bool {
	if i > 1 && text[i-1] == ',' && text[i-2] >= '0' && text[i-2] <= '9' {
		return false // milliseconds of a log
	}
	rest := strings.TrimLeft(text[i+3:min(len(text), i+16)], " :(-).[|")
	for _, r := range besideStatus {
		if strings.HasPrefix(rest, r) {
			return true
		}
	}
	if statusWords.in(text[max(0, i-16) : i+1]) {
		return true
	}
	if line := text[i:min(len(text), i+240)]; strings.Contains(line[:lineEnd(line)], " HTTP/") {
		return true // the request is behind it
	}
	if line := text[max(0, i-300):i]; strings.Contains(line[strings.LastIndexByte(line, '\n')+1:], "/api/v2/") {
		return true // the call is before it
	}
	// The word before it is a path or ends a request line.
	word := strings.TrimRight(text[max(0, i-200):i], " \t\n\"`[(")
	if len(word) == i || !strings.ContainsAny(text[i-1:i], " \t\n[(") {
		return false
	}
	return strings.Contains(word[strings.LastIndexAny(word, " \n\t")+1:], "/")
}

func lineEnd(text string) int {
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		return i
	}
	return len(text)
}
