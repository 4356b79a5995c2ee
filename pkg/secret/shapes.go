package secret

import (
	"bytes"
	"regexp"
	"strings"
)

const (
	maxName   = 64      // a key is not longer
	maxSecret = 8 << 10 // nor is a secret
)

// value is what follows a key.
type value struct {
	from, to int
	quoted   bool
	// firm is set where the text around it leaves no doubt that it is a value: quotes,
	// an equals sign, a flag, an element.
	firm bool
	// careful is set where only words or a bracket lead to it, as in a sentence: it is
	// a secret only where no word looks like it.
	careful bool
}

// key looks at a name that ends with the stem, and reads the value behind it.
func (s *scan) key(st *stem, from int) {
	t := s.text
	to := from + len(st.text)
	start := s.nameStart(from)
	end := s.nameEnd(to)
	if end < 0 {
		return
	}
	if st.loose && start > 0 && s.text[start-1] == '=' {
		return // it is a value itself: response_type=token
	}
	if p, ok := s.pair(start, end); ok {
		s.take(st, p, start, to)
		return
	}
	if v, ok := s.beside(start, end); ok {
		s.take(st, v, start, to)
		return
	}
	if start > 0 && t[start-1] == '-' || s.isFlag(start) {
		if v, ok := s.argument(end); ok {
			s.take(st, v, start, to)
			return
		}
	}
	if v, ok := s.assigned(start, end); ok {
		s.assignedValue(st, v, start, to, end)
		return
	}
	done := s.done
	if v, ok := s.spoken(st, start, end); ok {
		s.take(st, v, start, to)
	}
	if st.loose {
		return
	}
	s.column(st, start, end)
	if s.done > done {
		return
	}
	v, ok := s.declared(end)
	if !ok {
		v, ok = s.before(start)
	}
	if ok {
		s.take(st, v, start, to)
	}
}

// assignedValue keeps the value behind a sign; or the one that a declaration has behind a type;
// or, where it is a word or a reference, the one beside it that is used instead.
func (s *scan) assignedValue(st *stem, v value, start, to, end int) {
	done, kept := s.done, len(s.spans)
	s.take(st, v, start, to)
	if st.loose {
		return
	}
	if other, ok := s.declared(end); ok && s.done == done && len(s.spans) == kept {
		s.take(st, other, start, to)
		return
	}
	if text := string(s.text[v.from:v.to]); placeholder(text) || note(text) {
		if other, ok := s.fallback(v.to); ok {
			s.take(st, other, start, to)
		}
	}
}

// take keeps a value where it is a secret.
func (s *scan) take(st *stem, v value, start, to int) {
	kind := st.kind
	if s.isID(v) && kind != ClientSecret && kind != Password {
		return
	}
	text := string(s.text[v.from:v.to])
	name := strings.ToLower(string(s.text[start:to]))
	if kind == Cookie && strings.Contains(name, "external") {
		return // what an identity provider calls a session in its logs
	}
	if strings.Contains(name, "refresh") {
		kind = RefreshToken
	}
	if kind == APIKey && strings.HasSuffix(name, "signature") && bytes.EqualFold(s.text[to:min(len(s.text), to+len("value"))], []byte("value")) {
		kind = Assertion // <ds:SignatureValue> of a SAML document
	}
	if kind == Password && s.ofClient(start, v.to) {
		kind = ClientSecret
	}
	loose := st.loose && !compound(name)
	switch {
	case len(text) < 3 || !fits(kind, text) || placeholder(text) || note(text) || prose(text) || s.inBrackets(v):
	case v.careful:
		if telling(text) || s.isID(v) && kind == ClientSecret {
			s.found(kind, v.from, v.to)
		}
	case v.firm && !loose && !strings.HasPrefix(text, Mark):
		if number.MatchString(text) && kind == AccessToken {
			return
		}
		s.found(kind, v.from, v.to)
	case opaque(text):
		s.found(kind, v.from, v.to)
	}
}

func (s *scan) isID(v value) bool { return v.to-v.from == 36 && uuidAt(s.text, v.from) }

// compound reports whether a name says which token it is: access_token, authToken.
func compound(name string) bool {
	for _, p := range []string{"secret", "access", "auth", "refresh", "api", "bearer", "id_", "idtoken", "jwt", "oauth", "x-", "zendesk", "genesys"} {
		if strings.Contains(name, p) {
			return strings.HasSuffix(name, "token")
		}
	}
	return false
}

// nameStart is where the name begins that has the stem at from.
func (s *scan) nameStart(from int) int {
	for least := max(0, from-maxName); from > least && (nameBytes[s.text[from-1]] || s.text[from-1] == '.'); {
		from--
	}
	return from
}

// nameEnd is where the name ends whose stem ends at to, or -1 where the stem is not
// what the name says it is: tokenUrl, secret-file.
func (s *scan) nameEnd(to int) int {
	end := to
	for end < len(s.text) && end-to <= 11 && nameBytes[s.text[end]] {
		end++
	}
	switch rest := strings.ToLower(strings.TrimLeft(string(s.text[to:end]), "_-")); {
	case rest == "", rest == "value", rest == "header", rest == "prod", rest == "dev", rest == "test", rest == "credential", strings.Trim(rest, "0123456789") == "":
		return end
	}
	return -1
}

var nameBytes = func() (t [256]bool) {
	for c := range t {
		t[c] = '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || c == '-'
	}
	return t
}()

func (s *scan) isFlag(start int) bool {
	return start+1 < len(s.text) && s.text[start] == '-' && (start == 0 || isSpace(s.text[start-1]) || s.text[start-1] == '"' || s.text[start-1] == '\'')
}

// argument is what follows a flag: --clientSecret VALUE, "--authToken", "VALUE".
func (s *scan) argument(end int) (value, bool) {
	t := s.text
	i := end
	for i < len(t) && i-end < 8 && (isSpace(t[i]) || t[i] == '"' || t[i] == '\'' || t[i] == ',' || t[i] == '=') {
		i++
	}
	if i == end || i >= len(t) || t[i] == '-' || t[i] == '<' && !bytes.ContainsRune(t[i:min(len(t), i+40)], '>') {
		return value{}, false
	}
	q := t[i-1]
	v := s.literal(i, q)
	v.firm = true
	return v, v.to > v.from
}

// literal reads a value from i on; q is the byte before it, which is its quote where
// it is one.
func (s *scan) literal(i int, q byte) value {
	t := s.text
	limit := s.reach(i)
	quoted := q == '"' || q == '\'' || q == '`'
	j := i
	for ; j < limit; j++ {
		c := t[j]
		if quoted && c == '\\' && j+1 < limit && t[j+1] == q {
			j++
			continue
		}
		if c == '\n' || c == '\r' || quoted && c == q || !quoted && ends[c] {
			break
		}
	}
	j = min(j, limit)
	s.spent += j - i
	if cut := bytes.IndexAny(t[i:j], wideSigns); !quoted && cut > 0 {
		j = i + cut
	}
	if cut := bytes.Index(t[i:j], []byte("{code")); cut > 0 {
		j = i + cut
	}
	for j > i && !quoted && strings.IndexByte(".,", t[j-1]) >= 0 {
		j--
	}
	return value{from: i, to: j, quoted: quoted, firm: quoted}
}

// wideSigns end a value in texts of Chinese and Japanese.
const wideSigns = "，。（）；、「」『』【】"

// ends end a value without quotes.
var ends = func() (t [256]bool) {
	for _, c := range []byte(" \t\v\f\r\n,;&<>\"'`)]}|\\") {
		t[c] = true
	}
	return t
}()

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// assigned is the value behind a name and a sign: name=value, "name": "value",
// name => 'value', <name>value</name>, "name", "value".
func (s *scan) assigned(start, end int) (value, bool) {
	t := s.text
	i := end
	closed := i < len(t) && (t[i] == '"' || t[i] == '\'' || t[i] == '`')
	for i < len(t) && i-end < 4 && strings.IndexByte("\"'`]*_", t[i]) >= 0 {
		i++
	}
	blank := i
	i = s.blanks(i)
	if i >= len(t) || closed && start > 0 && t[start-1] == '/' { // a path ends here, no name
		return value{}, false
	}
	firm := false
	switch c := t[i]; {
	case c == '>' && start > 0 && (t[start-1] == '<' || t[start-1] == ':'):
		firm = true
	case c == '=':
		firm = i == blank
	case c == ',':
		if !closed || !s.isItem(start-1) {
			return value{}, false
		}
	case c == ':':
		// authorization:role:view and token:x are names of permissions, too.
		if !closed && i+1 < len(t) && t[i+1] != '*' && permission.Match(bytes.TrimRight(t[start:s.wordEnd(i+1)], ":")) {
			return value{}, false
		}
	default:
		return value{}, false
	}
	sign := t[i]
	for i++; i < len(t) && (t[i] == '=' || t[i] == '>' || t[i] == ':') && t[i-1] != '>'; {
		i++
	}
	return s.behind(i, start, sign, closed, firm)
}

// blanks is where the white space of a line ends that begins at the index.
func (s *scan) blanks(i int) int {
	for limit := min(len(s.text), i+40); i < limit && (s.text[i] == ' ' || s.text[i] == '\t'); {
		i++
	}
	return i
}

// isItem reports whether the quote at the index opens an item of a list, and not the
// value of a member.
func (s *scan) isItem(quote int) bool {
	for quote--; quote >= 0 && isSpace(s.text[quote]); {
		quote--
	}
	return quote < 0 || strings.IndexByte(":=", s.text[quote]) < 0
}

func (s *scan) wordEnd(i int) int {
	for limit := min(len(s.text), i+maxName); i < limit && (nameBytes[s.text[i]] || s.text[i] == ':' || s.text[i] == '*'); {
		i++
	}
	return i
}

// behind reads the value behind the sign.
func (s *scan) behind(i, start int, sign byte, closed, firm bool) (value, bool) {
	t := s.text
	from := i
	for i < len(t) && i-from < 40 && (t[i] == ' ' || t[i] == '\t' || closed && isSpace(t[i])) {
		i++
	}
	for i < len(t) && i-from < 40 && (t[i] == '[' && !bytes.HasPrefix(t[i:], []byte(Mark)) || t[i] == '@' || t[i] == 'b' && i+1 < len(t) && (t[i+1] == '\'' || t[i+1] == '"')) {
		i++
	}
	if block, ok := s.block(i, start); ok {
		return block, true
	}
	i = s.opened(s.markup(i))
	q := byte(0)
	if i < len(t) && (t[i] == '"' || t[i] == '\'' || t[i] == '`') {
		q = t[i]
		for i++; i+1 < len(t) && t[i] == q && t[i+1] == q; { // three quotes
			i += 2
		}
	}
	if sign == ',' && q == 0 {
		return value{}, false
	}
	v := s.literal(i, q)
	if q == 0 {
		s.restOfLine(&v, start)
	}
	v.firm = v.firm || firm || closed || s.ownLine(start, v.to)
	return v, v.to > v.from
}

// restOfLine lets a value that begins behind the name of its line go to the end of the line: a
// password may have any sign in it. A form has another member behind an ampersand.
func (s *scan) restOfLine(v *value, start int) {
	t := s.text
	to := lineEndAt(t, v.from)
	rest := bytes.TrimRight(t[v.from:to], "\r,;")
	if v.from+len(rest) <= v.to || len(rest) > maxName || bytes.ContainsAny(rest, " \t"+wideSigns) || bytes.Contains(rest, []byte("{code}")) || !s.ownLine(start, v.from+len(rest)) || notPassword.Match(rest) {
		return
	}
	v.to = v.from + len(rest)
}

// notPassword is what goes on behind a value: a member of a form, an element, a bracket, a quote.
var notPassword = regexp.MustCompile(`&[\w.-]+=|</|^[<({\["'$%]|[\])}>"'` + "`" + `|]$|","|\\n`)

// ownLine reports whether a name begins its line and a value ends it, as in YAML and
// in headers.
func (s *scan) ownLine(start, end int) bool {
	t := s.text
	for start > 0 && strings.IndexByte(" \t-><#*", t[start-1]) >= 0 {
		start--
	}
	for end < len(t) && (t[end] == ' ' || t[end] == '\t') {
		end++
	}
	return (start == 0 && end < len(t) || start > 0 && t[start-1] == '\n') && (end == len(t) || t[end] == '\n' || t[end] == '\r')
}

// pairKeys are the keys under which names of values are kept in lists of pairs.
var pairKeys = [][]byte{[]byte("name"), []byte("key"), []byte("id"), []byte("header"), []byte("variable")}

// pair finds the value of {"key": "client_secret", "value": "…"}, in either order.
func (s *scan) pair(start, end int) (value, bool) {
	t := s.text
	for end < len(t) && start > 1 && (t[start-1] == '/' || nameBytes[t[start-1]]) && end-start < maxName {
		start-- // the name may be a path: /genesys/client_secret
	}
	if end >= len(t) || start < 1 || t[end] != '"' && t[end] != '\'' || t[start-1] != t[end] {
		return value{}, false
	}
	before := bytes.TrimRight(t[max(0, start-24):start-1], " \t\r\n")
	if bytes.HasSuffix(before, []byte("=")) {
		return s.attribute(before, end)
	}
	if !bytes.HasSuffix(before, []byte(":")) {
		return value{}, false
	}
	if !namesPair(bytes.TrimRight(before[:len(before)-1], "\"' \t")) {
		return value{}, false
	}
	after := t[end:s.reach(end)]
	if i := bytes.IndexByte(after, '{'); i >= 0 {
		after = after[:i]
	}
	s.spent += len(after)
	if v, ok := s.valueIn(end, after); ok {
		return v, true
	}
	from := max(0, start-s.width())
	if i := bytes.LastIndexByte(t[from:start], '{'); i >= 0 {
		s.spent += start - from - i
		return s.valueIn(from+i, t[from+i:start])
	}
	return value{}, false
}

// namesPair reports whether a text ends with a key of a list of pairs.
func namesPair(before []byte) bool {
	for _, k := range pairKeys {
		if len(before) >= len(k) && bytes.EqualFold(before[len(before)-len(k):], k) {
			return true
		}
	}
	return false
}

// valueIn finds the member value of the part of an object that begins at the index; some
// call it ParameterValue.
func (s *scan) valueIn(at int, part []byte) (value, bool) {
	const name = "alue"
	for i := 0; ; {
		n := bytes.Index(part[i:], []byte(name))
		if n < 0 {
			return value{}, false
		}
		i += n + len(name)
		if i >= len(part) || part[i] != '"' && part[i] != '\'' {
			continue
		}
		j := i + 1
		for j < len(part) && (isSpace(part[j]) || part[j] == ':') {
			j++
		}
		if j > i+1 && j < len(part) && (part[j] == '"' || part[j] == '\'') {
			v := s.literal(at+j+1, part[j])
			return v, v.to > v.from
		}
	}
}

// header reads what an Authorization header has, to its end: a token that was
// broken by a space is one still.
func (s *scan) header(st *stem, from int) {
	to := from + len(st.text)
	start := s.nameStart(from)
	v, ok := s.pair(start, to)
	if !ok {
		if v, ok = s.assigned(start, to); !ok {
			if v, ok = s.argument(to); !ok || !s.isFlag(start) {
				return
			}
		}
	}
	if !v.quoted {
		v.to = s.lineEnd(v.from)
	}
	text := string(s.text[v.from:v.to])
	scheme, rest, two := strings.Cut(strings.TrimLeft(text, " "), " ")
	kind := st.kind
	switch strings.ToLower(scheme) {
	case "basic":
		kind = ClientSecret
	case "ssws":
		kind = APIKey
	}
	if two && schemes[strings.ToLower(strings.Trim(scheme, ":"))] {
		v.from += strings.Index(text, scheme) + len(scheme) + 1
		text = strings.TrimSpace(rest)
	} else if !opaque(firstField(text)) {
		return
	}
	if first := firstField(text); len(first) < 4 || placeholder(text) || placeholder(first) || note(first) || prose(text) {
		return
	}
	s.found(kind, v.from, v.to)
}

func firstField(text string) string {
	if f := strings.Fields(text); len(f) > 0 {
		return f[0]
	}
	return ""
}

var schemes = map[string]bool{"bearer": true, "basic": true, "negotiate": true, "ntlm": true, "digest": true, "token": true, "apikey": true, "ssws": true, "aws4-hmac-sha256": true}

// lineEnd is where a header ends that is not quoted, or is within a quoted argument.
func (s *scan) lineEnd(i int) int {
	limit := s.reach(i)
	from := i
	defer func() { s.spent += i - from }()
	for i < limit && strings.IndexByte("\r\n\"'`\\<]}", s.text[i]) < 0 {
		i++
	}
	return i
}

// cookies reads a header of cookies to its end, and the values of a HAR's list.
func (s *scan) cookies(st *stem, from int) {
	t := s.text
	to := from + len(st.text)
	start := s.nameStart(from)
	if to < len(t) && t[to]|0x20 == 's' {
		s.cookieList(to + 1)
		return
	}
	v, ok := s.pair(start, to)
	if !ok {
		if v, ok = s.assigned(start, to); !ok {
			if v, ok = s.argument(to); !ok || !s.isFlag(start) {
				return
			}
		}
	}
	if !v.quoted {
		v.to = s.lineEnd(v.from)
	}
	if text := string(t[v.from:v.to]); strings.Contains(text, "=") && hasCookie(text) {
		s.found(st.kind, v.from, v.to)
	}
}

// hasCookie reports whether a header of cookies has a value that is no placeholder.
func hasCookie(text string) bool {
	for c := range strings.SplitSeq(text, ";") {
		if _, v, two := strings.Cut(c, "="); two && len(v) >= 3 && v != "/" && !placeholder(v) {
			return true
		}
	}
	return false
}

func (s *scan) cookieList(i int) {
	t := s.text
	for limit := min(len(t), i+8); i < limit && strings.IndexByte("\"' :\n", t[i]) >= 0; {
		i++
	}
	if i >= len(t) || t[i] != '[' {
		return
	}
	end := bytes.IndexByte(t[i:s.reach(i)], ']')
	if end < 0 {
		end = s.reach(i) - i
	}
	for end += i; i < end; {
		v, ok := s.valueIn(i, t[i:end])
		if !ok {
			return
		}
		if text := string(t[v.from:v.to]); len(text) >= 3 && !placeholder(text) {
			s.found(Cookie, v.from, v.to)
		}
		i = v.to + 1
	}
}

// scheme reads the token behind Bearer or Basic, wherever it is.
func (s *scan) scheme(st *stem, from int) {
	t := s.text
	i := from + len(st.text)
	if from > 0 && nameBytes[t[from-1]] && t[from-1] != '-' {
		return
	}
	for i < len(t) && i-from < 16 && strings.IndexByte(" \t\r\n:'\"+=,[", t[i]) >= 0 {
		i++
	}
	if i == from+len(st.text) {
		return
	}
	j := i
	for limit := s.reach(i); j < limit && tokenBytes[t[j]]; {
		j++
	}
	text := strings.TrimRight(string(t[i:j]), ".")
	short := cutShort(string(t[i:j]))
	j = i + len(text)
	if short || len(text) < 8 || placeholder(text) || note(text) || isUUID(text) {
		return
	}
	if st.kind == ClientSecret && !mixed(text) && !strings.HasSuffix(text, "=") || !opaque(text) && len(text) < 20 {
		return
	}
	s.found(st.kind, i, j)
}

// tokenBytes are those of RFC 6750's tokens and of base64.
var tokenBytes = func() (t [256]bool) {
	for c := range t {
		t[c] = nameBytes[c] || strings.IndexByte(".~+/=", byte(c)) >= 0
	}
	return t
}()

// userInfo reads the password out of a URL, and a user that is a token.
func (s *scan) userInfo(st *stem, from int) {
	t := s.text
	from += len(st.text)
	at, colon := -1, -1
	for i := from; i < s.reach(from) && strings.IndexByte("/?# \t\r\n\"'<>`\\", t[i]) < 0; i++ {
		switch {
		case t[i] == '@':
			at = i
		case t[i] == ':' && colon < 0:
			colon = i
		}
	}
	if at <= from {
		return
	}
	user := at
	if colon >= 0 && colon < at {
		user = colon
		if text := string(t[colon+1 : at]); text != "" && !placeholder(text) {
			kind := st.kind
			if isUUID(string(t[from:colon])) {
				kind = ClientSecret
			}
			s.found(kind, colon+1, at)
		}
	}
	if text := string(t[from:user]); opaque(text) && !placeholder(text) && (user == at || mixed(text)) {
		s.found(AccessToken, from, user)
	}
}

// userFlag reads the secret out of curl -u id:secret.
func (s *scan) userFlag(st *stem, from int) {
	t := s.text
	i := from + len(st.text)
	if st.text == "-u" && i < len(t) && nameBytes[t[i]] && (from == 0 || isSpace(t[from-1])) {
		s.attachedFlag(i)
		return
	}
	if i >= len(t) || from > 0 && !isSpace(t[from-1]) && t[from-1] != '"' && (st.text != "-u" || t[from-1] != '-') || !isSpace(t[i]) && t[i] != '=' && t[i] != '\'' && t[i] != '"' {
		return
	}
	v, ok := s.argument(i)
	if !ok {
		return
	}
	id, text, two := strings.Cut(string(t[v.from:v.to]), ":")
	if two && len(text) >= 3 && !placeholder(text) && !number.MatchString(text) && !strings.HasPrefix(text, "//") && !userCommand.Match(s.command(from)) {
		s.found(kindOf(id, text), v.from+len(id)+1, v.to)
	}
}

// commands are the programs whose -p is a password.
var commands = [][]byte{[]byte("archy"), []byte("login"), []byte("genesys"), []byte("mysql"), []byte("sshpass")}

// profileFlag is a program whose -p names a profile: Genesys Cloud's gc, and others.
var profileFlag = regexp.MustCompile(`(?:^|[\s>$])(?:gc|aws|az)(?:\.exe)?\s`)

// passwordFlag reads the value of -p, which means many things.
func (s *scan) passwordFlag(st *stem, from int) {
	t := s.text
	i := from + len(st.text)
	if i >= len(t) || from > 0 && !isSpace(t[from-1]) && t[from-1] != '"' {
		return
	}
	line := t[max(0, from-maxName*4):from]
	line = bytes.ToLower(line[bytes.LastIndexByte(line, '\n')+1:])
	attached := !isSpace(t[i]) && t[i] != '='
	if attached {
		if v := s.literal(i, 0); t[from+1] == 'p' && s.isPassword(v, line, attached) { // -P means something else
			s.found(st.kind, v.from, v.to)
		}
		return
	}
	if v, ok := s.argument(i); ok && s.isPassword(v, line, attached) {
		s.found(st.kind, v.from, v.to)
	}
}

// isPassword reports whether the value of -p is a password, by what is before it in the
// line: it may be a port, a path, a profile, a project.
func (s *scan) isPassword(v value, line []byte, attached bool) bool {
	text := string(s.text[v.from:v.to])
	if len(text) < 4 || placeholder(text) && text != "secret" || strings.ContainsAny(text, "/:") || number.MatchString(text) {
		return false
	}
	if profileFlag.Match(line) {
		return unmistakable(text)
	}
	for _, c := range commands {
		if bytes.Contains(line, c) {
			return !attached || opaque(text) && !longFlag.MatchString(text)
		}
	}
	if attached {
		return unmistakable(text) && !longFlag.MatchString(text) && (mixed(text) || strings.ContainsAny(text, "!@#$%^&*+?~"))
	}
	return opaque(text) && strings.ContainsAny(text, "0123456789") && !strings.Contains(text, ".") || telling(text) && userWord.Match(line)
}

// longFlag is the rest of a flag whose name begins with p: -parallel=2.
var longFlag = regexp.MustCompile(`^[a-z-]+=`)

// jwt reads a JSON Web Token, or what is left of one: eyJ is the base64 of {".
func (s *scan) jwt(st *stem, from int) {
	t := s.text
	if !bytes.HasPrefix(t[from:], []byte("eyJ")) || from > 0 && nameBytes[t[from-1]] {
		return
	}
	j := from
	for limit := s.reach(from); j < limit && (nameBytes[t[j]] || t[j] == '.' || t[j] == '+' || t[j] == '/' || t[j] == '='); {
		j++
	}
	if cutShort(string(t[from:j])) {
		return
	}
	text := strings.TrimRight(string(t[from:j]), ".=")
	if len(text) >= 16 && bytes.IndexByte(t[from:j], '.') > 0 || len(text) >= 20 {
		s.found(st.kind, from, from+len(text))
	}
}
