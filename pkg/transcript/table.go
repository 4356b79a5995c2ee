package transcript

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// row is a record of a table: what its cells say of one call.
type row struct {
	// cells are by column; kinds say what each column has.
	cells []string
	kinds []column
}

// column is what the cells of a column say.
type column int

const (
	columnAny column = iota
	columnMethod
	columnURL
	columnStatus
	columnAction
	// columnOther has times, sizes and counts: no status is read from it.
	columnOther
)

// headings are the names of columns, in the languages of exports and of their readers.
var headings = map[string]column{
	"method": columnMethod, "verb": columnMethod, "http method": columnMethod, "request method": columnMethod, "methode": columnMethod, "méthode": columnMethod, "metodo": columnMethod, "método": columnMethod,
	"url": columnURL, "uri": columnURL, "path": columnURL, "endpoint": columnURL, "resource": columnURL, "request": columnURL, "call": columnURL, "request url": columnURL, "operation": columnURL, "pfad": columnURL, "chemin": columnURL, "ruta": columnURL, "aufruf": columnURL, "appel": columnURL, "anfrage": columnURL, "adresse": columnURL,
	"status": columnStatus, "status code": columnStatus, "statuscode": columnStatus, "http status": columnStatus, "http": columnStatus, "http code": columnStatus, "response code": columnStatus, "responsecode": columnStatus, "code": columnStatus, "rc": columnStatus, "sc-status": columnStatus, "cs-method": columnMethod, "cs-uri-stem": columnURL, "cs-uri-query": columnOther, "time-taken": columnOther, "success": columnOther, "target": columnOther, "type": columnOther, "resultcode": columnStatus, "result code": columnStatus,
	"name": columnAny, "data": columnAny, "result": columnAny, "response": columnAny, "answer": columnAny, "outcome": columnAny, "ergebnis": columnAny, "antwort": columnAny, "résultat": columnAny, "réponse": columnAny, "resultado": columnAny, "respuesta": columnAny,
	"action": columnAction, "aktion": columnAction, "acción": columnAction, "azione": columnAction, "ação": columnAction, "provisioning action": columnAction,
	"body": columnAny, "message": columnAny, "error": columnAny, "detail": columnAny, "status reason": columnAny, "reason": columnAny, "statusgrund": columnAny, "raison de l'état": columnAny, "nachricht": columnAny, "fehler": columnAny, "erreur": columnAny,
	"size": columnOther, "bytes": columnOther, "elapsed": columnOther, "duration": columnOther, "ms": columnOther, "took": columnOther, "time": columnOther, "latency": columnOther, "count": columnOther, "total": columnOther, "dauer": columnOther, "durée": columnOther, "line": columnOther, "id": columnOther, "#": columnOther, "page": columnOther, "length": columnOther, "größe": columnOther, "port": columnOther,
}

var (
	wholeMethod = regexp.MustCompile(`^(?:GET|POST|PUT|PATCH|DELETE|HEAD)$`)
	wholeStatus = regexp.MustCompile(`^([1-5]\d\d)(?:\s+\D.*)?$`)
	rule        = regexp.MustCompile(`^\|?[\s:|-]+\|?$`)
)

// maxCells bounds the cells of a row.
const maxCells = 64

// table reads the table whose first line begins at from, and returns its rows with
// the places where they begin and end; none where there is no table.
func table(text string, from int) (rows []row, ends []int) {
	line, below, _ := strings.Cut(text[from:min(len(text), from+maxEntryText)], "\n")
	if strings.HasPrefix(line, fieldsOfLog) {
		return extended(text, from, line, below)
	}
	for _, divider := range []byte{'|', '\t', ';', ','} {
		if strings.Count(line, string(divider)) == 0 {
			continue
		}
		if rows, ends = tableOf(text, from, divider); rows != nil {
			return rows, ends
		}
	}
	return nil, nil
}

// fieldsOfLog begins the heading of a log in the extended format of the W3C, as IIS and
// CloudFront write it.
const fieldsOfLog = "#Fields: "

// extended is table for such a log: its heading has blanks between the names, its rows blanks
// or tabulators.
func extended(text string, from int, line, below string) (rows []row, ends []int) {
	divider := byte(' ')
	if first, _, _ := strings.Cut(below, "\n"); strings.Contains(first, "\t") {
		divider = '\t'
	}
	kinds, ok := heading(strings.Fields(line[len(fieldsOfLog):]))
	at := from + len(line) + 1
	if !ok || at > len(text) {
		return nil, nil
	}
	rows, ends = []row{{}}, []int{at}
	for at < len(text) && text[at] != '#' {
		cells, next := record1(text, at, divider)
		if next == 0 || len(cells) != len(kinds) {
			break
		}
		rows, ends = append(rows, row{cells, kinds}), append(ends, next)
		at = next
	}
	return rows, ends
}

// tableOf is table for one divider. A heading, or two rows with a method in one column,
// make a table; the first line with another number of cells ends it.
func tableOf(text string, from int, divider byte) (rows []row, ends []int) {
	first, next := record1(text, from, divider)
	if len(first) < 2 || next == 0 {
		return nil, nil
	}
	kinds, headed := heading(first)
	at := next
	if headed && !slices.ContainsFunc(kinds, saysCall) {
		second, _ := record1(text, next, divider)
		headed = kindsOf(second) != nil
	}
	if !headed {
		if kinds = kindsOf(first); kinds == nil {
			return nil, nil
		}
		at = from
	}
	for at < len(text) {
		cells, next := record1(text, at, divider)
		if next == 0 || len(cells) < len(kinds)-1 || len(cells) < 2 || len(cells) > len(kinds) && divider == '|' {
			break
		}
		if len(cells) > len(kinds) { // a text in the last cell that no quotes enclose
			last := strings.Join(cells[len(kinds)-1:], string(divider))
			cells = append(cells[:len(kinds)-1:len(kinds)-1], last)
		}
		if rule.MatchString(text[at:next]) {
			cells = nil
		}
		rows, ends = append(rows, row{cells, kinds}), append(ends, next)
		at = next
	}
	if headed && len(rows) > 0 {
		return append([]row{{}}, rows...), append([]int{next}, ends...)
	}
	if len(rows) < 2 || kindsOf(rows[1].cells) == nil {
		return nil, nil
	}
	return rows, ends
}

// heading reads the names of columns; two must be known, and one of them say of the call or of
// its answer.
func heading(cells []string) (kinds []column, ok bool) {
	known, answer := 0, false
	for _, c := range cells {
		name := strings.ToLower(strings.Trim(c, " *_`'\"\ufeff"))
		k, ok := headings[name]
		if ok {
			known++
		} else if wholeStatus.MatchString(name) || strings.Contains(name, "/") {
			return nil, false
		}
		answer = answer || k == columnStatus || saysCall(k)
		kinds = append(kinds, k)
	}
	return kinds, known >= 2 && answer
}

// saysCall says whether the cells of a column are of a call.
func saysCall(k column) bool { return k == columnMethod || k == columnURL || k == columnAction }

// kindsOf reads the kinds of columns from a row without a heading: a method, or a
// method and a path, must be one of its cells.
func kindsOf(cells []string) []column {
	kinds := make([]column, len(cells))
	found := false
	for i, c := range cells {
		c = strings.Trim(c, "` ")
		switch {
		case wholeMethod.MatchString(c):
			kinds[i], found = columnMethod, true
		case methodURL.MatchString(c):
			found = true
		case strings.Contains(c, "/api/v2/") || strings.HasPrefix(c, "https://"):
			kinds[i] = columnURL
		case wholeStatus.MatchString(c):
			kinds[i] = columnStatus
		}
	}
	if !found {
		return nil
	}
	return kinds
}

// record1 reads one record, whose quoted cells may go over lines, and returns where the
// next one begins; zero where there is not one.
func record1(text string, at int, divider byte) (cells []string, next int) {
	limit := min(len(text), at+maxEntryText)
	var cell strings.Builder
	quoted, i := false, at
loop:
	for ; i < limit; i++ {
		c := text[i]
		switch {
		case c == '"' && divider != '|' && !quoted && strings.TrimSpace(cell.String()) == "":
			quoted = true
			cell.Reset()
		case c == '"' && quoted:
			if i+1 < limit && text[i+1] == '"' {
				cell.WriteByte('"')
				i++
				continue
			}
			quoted = false
		case c == '\n' && !quoted:
			i++
			break loop
		case c == divider && !quoted:
			cells = append(cells, cell.String())
			cell.Reset()
			if len(cells) > maxCells {
				return nil, 0
			}
		default:
			cell.WriteByte(c)
		}
	}
	if quoted || strings.TrimSpace(text[at:i]) == "" {
		return nil, 0
	}
	cells = append(cells, strings.TrimRight(cell.String(), "\r"))
	if divider == '|' {
		cells = inner(cells)
	}
	return cells, i
}

// inner drops what is before the first and behind the last pipe of a row.
func inner(cells []string) []string {
	if len(cells) > 0 && strings.TrimSpace(cells[0]) == "" {
		cells = cells[1:]
	}
	if n := len(cells); n > 0 && strings.TrimSpace(cells[n-1]) == "" {
		cells = cells[:n-1]
	}
	return cells
}

// maybeTable says whether a line may begin a table.
func maybeTable(line string) bool {
	switch {
	case len(line) > maxEntryText:
		return false
	case strings.HasPrefix(line, "|"), strings.HasPrefix(line, fieldsOfLog):
		return true
	case strings.HasPrefix(line, "{"):
		return false
	}
	dividers := 0
	for i := strings.IndexAny(line, "|\t;,"); i >= 0; {
		dividers++
		if methodBefore(line[:i]) {
			return true
		}
		n := strings.IndexAny(line[i+1:], "|\t;,")
		if n < 0 {
			break
		}
		i += 1 + n
	}
	// A heading has names only: a line of a log begins with a number.
	return dividers > 0 && len(line) < maxHeading && !strings.ContainsAny(line[:min(len(line), 24)], "0123456789") && columnNames.MatchString(line)
}

// maxHeading bounds a line of names of columns.
const maxHeading = 1000

// methodBefore says whether a text ends with a method that is all of its cell.
func methodBefore(text string) bool {
	text = strings.TrimRight(text, " \"`")
	if text == "" || !strings.HasSuffix(text, "T") && !strings.HasSuffix(text, "E") && !strings.HasSuffix(text, "H") {
		return false
	}
	for _, m := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		if rest, ok := strings.CutSuffix(text, m); ok {
			return rest == "" || strings.IndexByte("|\t;, \"`", rest[len(rest)-1]) >= 0
		}
	}
	return false
}

// columnNames are those that one of a heading's columns has at least.
var columnNames = regexp.MustCompile(`(?i)(?:^|[;,\t|]\s*)["']?(?:\w+ )?(?:m[eé]thode?|m[eé]todo|verb|action|aktion|acción|ação|url|uri|path|endpoint|call|result ?code|status ?code)["']?(?:\s*[;,\t|]|\s*$)`)

// join reads the refusal that a row has; none where its call succeeded.
func (r row) join() *joined {
	if len(r.cells) == 0 {
		return nil
	}
	j := joined{piece: piece{core: true}, quoted: true}
	j.method, j.url, j.named = r.call()
	found, status := r.answer()
	if status > 0 && status < 400 && (found == nil || found.bare()) {
		return nil
	}
	if found != nil {
		j.refusal, j.status, j.id, j.body, j.html = found.refusal, found.status, found.id, found.body, found.html
		j.quoted = !found.body
		if j.url == "" || j.named && found.url != "" {
			j.method, j.url, j.named = found.method, found.url, found.named
		}
	}
	j.status = firstStatus(j.status, status)
	if j.bare() && j.status < 400 {
		return nil
	}
	return &j
}

// answer reads the cells that say how the call was answered: the refusal, if one is
// there, and the status.
func (r row) answer() (found *joined, status int) {
	status = r.status()
	for i, c := range r.cells {
		c = strings.Trim(c, " `")
		kind := r.kind(i)
		if kind == columnMethod || kind == columnURL || kind == columnOther || !interesting(c) && permissionAlone.FindString(c) == "" {
			continue
		}
		e := entry{text: c, line: 1}
		for _, p := range e.join() {
			if found == nil || found.bare() {
				found = p
				continue
			}
			found.adds(p.piece, "", ownInLine)
		}
	}
	return found, status
}

// status is what the cells say of it: those of its column, or of any where none has it.
func (r row) status() int {
	of := columnAny
	if slices.Contains(r.kinds, columnStatus) {
		of = columnStatus
	}
	for i, c := range r.cells {
		if m := wholeStatus.FindStringSubmatch(strings.Trim(c, " `*")); m != nil && r.kind(i) == of {
			n, _ := strconv.Atoi(m[1])
			return n
		}
	}
	return 0
}

// refused says whether the row is of a call that was refused.
func (r row) refused() bool {
	n := r.status()
	return n >= 400 && publishedStatus(n)
}

func (r row) kind(i int) column {
	if i < len(r.kinds) {
		return r.kinds[i]
	}
	return columnAny
}

// call is what the row's cells say of the call.
func (r row) call() (method, url string, named bool) {
	action := ""
	for i, c := range r.cells {
		c = strings.Trim(c, " `\"'")
		switch kind := r.kind(i); {
		case wholeMethod.MatchString(strings.ToUpper(c)) && (kind == columnMethod || kind == columnAny):
			method = strings.ToUpper(c)
		case methodURL.MatchString(c) && url == "" && kind != columnOther:
			m := methodURL.FindStringSubmatch(c)
			method, url = m[1], endOfURL(m[2])
		case url == "" && (kind == columnURL || kind == columnAny) && (bareURL.FindString(c) == c && c != "" || pathOnly.MatchString(c) && !strings.Contains(c, " ")):
			url = c
		case kind == columnAction:
			action = c
		}
	}
	if url == "" && action != "" {
		if method, url = provisioned(action, strings.Join(r.cells, " ")); url != "" {
			return method, url, true
		}
	}
	return method, url, false
}

// actions are what provisioning does, by the words of the identity providers' exports.
var actions = map[string]string{
	"create": "POST", "erstellen": "POST", "créer": "POST", "crear": "POST", "crea": "POST", "criar": "POST",
	"update": "PATCH", "aktualisieren": "PATCH", "mettre à jour": "PATCH", "actualizar": "PATCH", "aggiorna": "PATCH", "atualizar": "PATCH",
	"disable": "PATCH", "deaktivieren": "PATCH", "désactiver": "PATCH", "deshabilitar": "PATCH", "disabilita": "PATCH", "desabilitar": "PATCH",
	"delete": "DELETE", "löschen": "DELETE", "supprimer": "DELETE", "eliminar": "DELETE", "elimina": "DELETE", "excluir": "DELETE",
}

// provisioned is the call that an identity provider makes for an action: it speaks SCIM.
func provisioned(action, about string) (method, path string) {
	method = actions[strings.ToLower(strings.TrimSpace(action))]
	if method == "" {
		return "", ""
	}
	path = "/api/v2/scim/v2/users"
	if groupNamed.MatchString(about) {
		path = "/api/v2/scim/v2/groups"
	}
	if method != "POST" {
		path += "/{" + strings.TrimSuffix(path[strings.LastIndexByte(path, '/')+1:], "s") + "Id}"
	}
	return method, path
}

var (
	groupNamed = regexp.MustCompile(`\b(?:update|create|delete|add|remove|member)\w*\s+(?:to\s+|of\s+)?Group\b|"?identityType"?:\s*"?Group|^Group$`)
	// exported is what Entra ID says of a step that failed.
	exported = regexp.MustCompile(`(?i)\bfailed to (create|update|disable|delete) (User|Group)\b[^\n]{0,200}?(?:customappsso|StatusCode|Web Response|Genesys)`)
	// portal is what Entra ID's portal shows of a step: the action in a line of its own.
	portal = regexp.MustCompile(`(?mi)^\s*Action:?\s+(Create|Update|Disable|Delete)\s*$`)
	// permissionAlone is a permission that is all that a text says.
	permissionAlone = regexp.MustCompile(`^[A-Za-z]\w*:\w+:[\w*]+$`)
)

// exportIn is the call of a step of Entra ID's that a text says of.
func exportIn(text string) (method, path string) {
	if m := exported.FindStringSubmatch(text); m != nil {
		return provisioned(m[1], "update "+m[2])
	}
	if m := portal.FindStringSubmatch(text); m != nil && hasAny(text, "Entra", "Web Response", "customappsso", "SystemForCrossDomainIdentityManagement") {
		return provisioned(m[1], text)
	}
	return "", ""
}

// rowsOf are the entries of a table's rows.
func rowsOf(text string, from, line int) (list []entry, end, endLine int) {
	rows, ends := table(text, from)
	for i := range rows {
		list = append(list, entry{text: text[from:ends[i]], line: line, row: &rows[i]})
		line += strings.Count(text[from:ends[i]], "\n")
		from = ends[i]
	}
	return slices.DeleteFunc(list, func(e entry) bool { return strings.TrimSpace(e.text) == "" }), from, line
}
