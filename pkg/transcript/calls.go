package transcript

import (
	"regexp"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/genesys"
)

var (
	// command is a program that makes a call, with its arguments to the end of the line.
	command = regexp.MustCompile(`(?m)(?:^|[\s$#>+(])(curl|wget|Invoke-RestMethod|Invoke-WebRequest|irm|iwr)\s+([^\n]+)`)
	// wget is how wget begins its own log of a call.
	wget = regexp.MustCompile(`(?m)^--\d{4}-\d\d-\d\d \d\d:\d\d:\d\d--\s+(https?://\S+)`)
	// inCode is a call in the source of a program: requests.post('https://…').
	inCode = regexp.MustCompile(`(?i)\.(get|post|put|patch|delete)(?:Async)?\(\s*[fru$@]?['"](https?://[^\s'"<>)\],]+)`)
	// commandMethod and commandData tell how these programs get the method.
	commandMethod = regexp.MustCompile(`(?i)(?:^|\s)(?:-X|--request|-Method|--method)[ =]?['"]?(GET|POST|PUT|PATCH|DELETE)\b`)
	commandData   = regexp.MustCompile(`(?:^|\s)(?:-d|--data|--data-raw|--data-binary|--data-urlencode|--json|--post-data|--post-file)[ =]`)
	// methodField and urlField are a call whose parts are apart, as in a log, in a
	// table and in the source of a request.
	methodField = regexp.MustCompile(`(?i)(?:\b|^)(?:http[ _-]?method|request[ _-]?(?:method|type)|m[eé]thode?|m[eé]todo|verb|operation)['"]?[\s:=]{1,40}['"]?(GET|POST|PUT|PATCH|DELETE)\b`)
	urlField    = regexp.MustCompile(`(?i)\b(?:request[ _-]?)?(?:url|uri|path|resource|endpoint)(?:[ _-]?(?:path|template))?['"]?[\s:=]{1,40}['"]?(https?://[^\s'"<>)\],]+|/api/v2/[\w./{}$-]+)`)
)

// reachOfFields bounds how far apart a method and its URL may are.
const reachOfFields = 600

// commands finds the calls that programs make.
func commands(text string) []piece {
	var out []piece
	if !hasAny(text, "curl", "wget", "Invoke-", "irm ", "iwr ", "(", "--20") {
		return nil
	}
	for _, m := range command.FindAllStringSubmatchIndex(text, 200) {
		arguments := text[m[4]:m[5]]
		at := bareURL.FindStringIndex(arguments)
		if at == nil {
			continue
		}
		method := "GET"
		if named := commandMethod.FindStringSubmatch(arguments); named != nil {
			method = strings.ToUpper(named[1])
		} else if commandData.MatchString(arguments) {
			method = "POST"
		}
		out = append(out, piece{from: m[2], to: m[4] + at[1], method: method, url: endOfURL(arguments[at[0]:at[1]])})
	}
	for _, m := range inCode.FindAllStringSubmatchIndex(text, 200) {
		out = append(out, piece{from: m[2], to: m[5], method: strings.ToUpper(text[m[2]:m[3]]), url: text[m[4]:m[5]]})
	}
	for _, m := range wget.FindAllStringSubmatchIndex(text, 200) {
		out = append(out, piece{from: m[2], to: m[3], method: "GET", url: text[m[2]:m[3]]})
	}
	return out
}

// fields finds the calls whose method and URL are apart.
func fields(text string) []piece {
	if !hasAny(text, "ethod", "ETHOD", "éthod", "étod", "etodo", "erb", "ype", "peration") {
		return nil
	}
	methods := methodField.FindAllStringSubmatchIndex(text, 200)
	if len(methods) == 0 {
		return nil
	}
	var out []piece
	for _, u := range urlField.FindAllStringSubmatchIndex(text, 200) {
		var near []int
		best := reachOfFields
		for _, m := range methods {
			if d := max(m[2]-u[3], u[2]-m[3]); d < best {
				near, best = m, d
			}
		}
		if near != nil {
			out = append(out, piece{from: min(u[2], near[2]), to: max(u[3], near[3]), method: strings.ToUpper(text[near[2]:near[3]]), url: endOfURL(text[u[2]:u[3]])})
		}
	}
	return out
}

// hasAny says whether a text has one of the parts: what is cheap to see is looked at
// before an expression is.
func hasAny(text string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(text, p) })
}

// namedCalls finds the SDKs' methods that a trace or a message names.
func namedCalls(text string) []piece {
	var out []piece
	for _, m := range calling.FindAllStringSubmatchIndex(text, 50) {
		if o, ok := catalog.All().ByID(text[m[2]:m[3]]); ok {
			out = append(out, piece{from: m[2], to: m[3], method: o.Method, url: o.Path, named: true})
		}
	}
	return out
}

// bareCalls finds the addresses of the API without a method, as in "403 Client Error for
// url: …", on lines that name no call.
func bareCalls(text string, named []piece) []piece {
	var out []piece
	if !hasAny(text, "/api/v2/", "/oauth/token") {
		return nil
	}
	for _, m := range bareURL.FindAllStringIndex(text, 200) {
		url := endOfURL(text[m[0]:m[1]])
		if !strings.Contains(url, "/api/v2/") && !strings.HasSuffix(url, genesys.TokenPath) {
			continue
		}
		if !slices.ContainsFunc(named, func(p piece) bool { return sameLine(text, p, m[0]) }) {
			out = append(out, piece{from: m[0], to: m[0] + len(url), url: url})
		}
	}
	return out
}

// sameLine says whether a piece is on the line of an index.
func sameLine(text string, p piece, index int) bool {
	return !strings.Contains(text[min(p.to, index):max(p.from, index)], "\n")
}

// The method is behind the address, or is written small.
var (
	methodBehind = regexp.MustCompile(`(https?://[^\s'"<>)\],|` + "`" + `]+|/api/v2/[\w./{}-]+)["'` + "`" + `*]*\s+[\[(](GET|POST|PUT|PATCH|DELETE)[\])]`)
	smallMethod  = regexp.MustCompile(`\b([Pp]ost|[Pp]ut|[Pp]atch|[Dd]elete|[Gg]et)(?:t?ing)?\s(?:to\s+)?[*` + "`" + `'"({\[]*(https?://[^\s'"<>)\],|` + "`" + `/]+/api/v2/[\w./{}-]+|/api/v2/[\w./{}-]+)`)
)

// callsOtherwise finds the calls whose method is behind their address, or is written small.
func callsOtherwise(text string) []piece {
	if !strings.Contains(text, "/api/v2/") {
		return nil
	}
	var out []piece
	if hasAny(text, "[GET]", "[POST]", "[PUT]", "[PATCH]", "[DELETE]", "(GET)", "(POST)", "(PUT)", "(PATCH)", "(DELETE)") {
		for _, m := range methodBehind.FindAllStringSubmatchIndex(text, 200) {
			out = append(out, piece{from: m[2], to: m[5], method: text[m[4]:m[5]], url: endOfURL(text[m[2]:m[3]])})
		}
	}
	if !hasAny(text, "et ", "ost ", "ut ", "atch ", "elete ", "ting ") {
		return out
	}
	for _, m := range smallMethod.FindAllStringSubmatchIndex(text, 200) {
		out = append(out, piece{from: m[2], to: m[5], method: strings.ToUpper(text[m[2]:m[3]]), url: endOfURL(text[m[4]:m[5]])})
	}
	return out
}

// endOfURL cuts what is of the sentence around an address.
func endOfURL(address string) string {
	for {
		end := strings.TrimRight(address, ".,;:*")
		if strings.HasSuffix(end, "}") && strings.Count(end, "}") > strings.Count(end, "{") {
			end = end[:len(end)-1]
		}
		if end == address {
			return end
		}
		address = end
	}
}

// addCalls adds calls that are where no other one was found.
func addCalls(list, more []piece) []piece {
	for _, p := range more {
		if !slices.ContainsFunc(list, func(o piece) bool { return o.from < p.to && p.from < o.to }) {
			list = append(list, p)
		}
	}
	slices.SortStableFunc(list, func(a, b piece) int { return a.from - b.from })
	return list
}
