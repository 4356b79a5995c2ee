package secret

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"
)

// copulas are the words that say what a secret is: "the password is …".
var copulas = wordSet(`is was are = equals ist war lautet heißt heisst est était vaut es era é è foi`)

// fillers may be between a name and what it is: "the password of svc is set to …".
var fillers = wordSet(`of for the our my this now currently still set to as used following value user client app auf als à a für von des der vom zum jetzt
	pour du de la le notre mon actuel para del el nuestro per il di voor van`)

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

// maxFillers bounds how many words may be between a name and its copula.
const maxFillers = 5

// spoken is the value behind a name that a sentence, a bracket, a quote or a cell of a
// table leads to: the client secret is X, client_secret (X), secret 'X', | Secret | X |.
func (s *scan) spoken(st *stem, start, end int) (value, bool) {
	t := s.text
	i := end
	for i < len(t) && i-end < 4 && strings.IndexByte("\"'`*_]", t[i]) >= 0 {
		i++
	}
	before := s.blanks(i)
	i = s.markup(before)
	cell := i > before
	if i >= len(t) {
		return value{}, false
	}
	if i == end && t[i] < utf8.RuneSelf && bytes.IndexByte([]byte("\n\r("), t[i]) < 0 {
		return s.adjoining(st, start, i)
	}
	switch c := t[i]; {
	case c == '(' || c == '[':
		return s.inParentheses(st, i)
	case c == '|':
		return s.plainly(i + 1)
	case c == '\'' || c == '"' || c == '`' || strings.HasPrefix(string(t[i:min(len(t), i+3)]), "„"):
		v, ok := s.plainly(i)
		return v, ok && !kebab.Match(t[v.from:v.to])
	case cell: // an element in the next cell
		return s.plainly(i)
	case leads.Match(t[i:min(len(t), i+8)]):
		return s.plainly(i + len(leads.Find(t[i:min(len(t), i+8)])))
	}
	if bytes.HasPrefix(t[i:], []byte("（")) {
		return s.translated(i)
	}
	at := s.copula(i)
	if at == 0 {
		if v, ok := s.alone(st, i); ok {
			return v, !st.loose || s.longEnough(v)
		}
		return s.clause(i)
	}
	v, ok := s.plainly(at)
	text := string(t[v.from:v.to])
	return v, ok && (!st.loose || s.longEnough(v) || s.tokenNamed(start) && random(text) || st.kind == Password && copulas[firstWord(t, i)] && unmistakable(text) && !identifier.MatchString(text))
}

// adjoining is the value behind a sign that a name ends with: client_secret|…, the token, … is ….
func (s *scan) adjoining(st *stem, start, i int) (value, bool) {
	switch c := s.text[i]; {
	case c == ',' && st.kind == AccessToken:
		return s.clause(i)
	case (c == '|' || c == ',') && s.beginsCell(start):
		return s.plainly(i + 1)
	}
	return value{}, false
}

// beginsCell reports whether a name begins its line, or its cell behind the marks of a heading of
// Jira.
func (s *scan) beginsCell(start int) bool {
	return start == 0 || s.text[start-1] == '\n' || bytes.HasSuffix(s.text[lineStart(s.text, start):start], []byte("||")) || bytes.HasSuffix(bytes.ToLower(s.text[lineStart(s.text, start):start]), []byte("||client "))
}

// leads are the signs and the particles that lead to a value: an arrow, a dash, the
// colons and the topics of Chinese, Japanese and Korean.
var leads = regexp.MustCompile(`^(?:->|→|⇒|[-–—][ \t]|：|は|是|为|為|는|은)[ \t]*`)

// inParentheses is the value in a bracket behind a name, or behind the bracket where a
// note is in it: secret (X), secret (prod): X, withSecret(id, "X").
func (s *scan) inParentheses(st *stem, i int) (value, bool) {
	t := s.text
	closing := map[byte]byte{'(': ')', '[': ']'}[t[i]]
	if n := bytes.IndexByte(t[i:min(lineEndAt(t, i), i+maxName)], closing); n > 0 {
		at := s.blanks(i + n + 1)
		if at < len(t) && (t[at] == ':' || t[at] == '=') {
			return s.plainly(at + 1)
		}
	}
	v, ok := s.plainly(i + 1)
	if ok && !st.loose && bare.Match(t[v.from:v.to]) {
		if second, ok := s.fallback(v.to); ok {
			second.careful = true
			return second, true
		}
	}
	return v, ok
}

// bare is the name of a variable.
var bare = regexp.MustCompile(`^[A-Za-z_][\w.]*$`)

// clause is a value at the end of a longer sentence about a token: the token that we use
// for SCIM is X. So much may be between the two that only a token is one.
func (s *scan) clause(i int) (value, bool) {
	t := s.text
	if s.spent > 4*len(t) {
		return value{}, false
	}
	rest := t[i:min(lineEndAt(t, i), i+maxClause)]
	s.spent += len(rest)
	m := clauseEnd.FindIndex(rest)
	if m == nil {
		return value{}, false
	}
	v, ok := s.plainly(i + m[1])
	return v, ok && s.longEnough(v) && tokenLike(t[v.from:v.to])
}

// maxClause bounds how far the verb of a sentence is looked for.
const maxClause = 160

// clauseEnd is the verb, in the sentence.
var clauseEnd = regexp.MustCompile(`^[^.;!?(){}\[\]"]*?[ \t](?:is|was|ist|war|lautet|heißt|est|es|è|é|=)[ \t]*:?[ \t]+`)

// translated is the value behind a name that a bracket repeats in another language.
func (s *scan) translated(i int) (value, bool) {
	t := s.text
	if n := bytes.Index(t[i:min(len(t), i+maxName)], []byte("）")); n > 0 {
		i = s.blanks(i + n + len("）"))
	}
	for _, sign := range []string{":", "："} {
		if bytes.HasPrefix(t[i:], []byte(sign)) {
			return s.plainly(i + len(sign))
		}
	}
	return value{}, false
}

// longEnough reports whether a value is as long as a token: a word that means much else is
// before it.
func (s *scan) longEnough(v value) bool {
	text := strings.TrimRight(string(s.text[v.from:v.to]), ":.,")
	return len(text) >= 20 && random(text) && !isUUID(text)
}

// alone is a value that follows its name with nothing between, in the line or in the
// next one, as a form shows it. Only what no word can be is one.
func (s *scan) alone(st *stem, i int) (value, bool) {
	t := s.text
	start := i
	below := i < len(t) && (t[i] == '\n' || t[i] == '\r')
	for limit := min(len(t), i+8); i < limit && isSpace(t[i]); {
		i++
	}
	v, ok := s.plainly(i)
	if !ok {
		return v, false
	}
	for v.to > v.from && t[v.to-1] == ':' {
		v.to--
	}
	text := string(t[v.from:v.to])
	if below {
		rest := t[v.to:lineEndAt(t, v.to)]
		return v, random(text) && len(bytes.TrimSpace(rest)) == 0
	}
	return v, random(text) || st.kind == Password && telling(text) && (strings.ContainsAny(text, "!@#$%^&*?") || s.namesUser(start))
}

// fallback is the value that a program uses where the first has none: a variable of the
// environment, or nothing.
func (s *scan) fallback(i int) (value, bool) {
	t := s.text
	line := t[i:min(lineEndAt(t, i), i+80)]
	m := orElse.FindIndex(line)
	if m == nil || nextMember.Match(line) {
		return value{}, false
	}
	v := s.literal(i+m[1], t[i+m[1]-1])
	return v, v.to > v.from
}

// orElse leads to such a value.
var orElse = regexp.MustCompile(`^[\w.()\['"\]]*\s*(?:\bor\b|\|\||\?\?|\?:|,)\s*["'` + "`" + `]`)

// nextMember begins the next member of an object of JSON, which is no other value.
var nextMember = regexp.MustCompile(`^,\s*"[^"\n]{0,80}"\s*:`)

// pass reads what follows the word pass, which means much else.
func (s *scan) pass(st *stem, from int) {
	t := s.text
	joined := from > 0 && (nameBytes[t[from-1]] || t[from-1] == '.')
	if joined && t[from-1] != '_' && t[from-1] != '-' || !joined && bytes.HasPrefix(t[from:], []byte("PASS")) {
		return
	}
	done := s.done
	s.key(st, from)
	if i := from + len(st.text); s.done == done && i < len(t) && t[i] == ' ' {
		if v, ok := s.alone(st, i); ok {
			s.take(st, v, from, i)
		}
	}
}

// kebab is a name of something else, such as a secret of a cluster.
var kebab = regexp.MustCompile(`^[a-z0-9]+(?:[-_.][a-z0-9]+)+$`)

// copula is where the word ends, from the index on, that says what the secret is; zero
// where there is not one in the sentence.
func (s *scan) copula(i int) int {
	t := s.text
	last := ""
	for found, n := false, 0; n <= maxFillers; n++ {
		i = s.blanks(i)
		j := i
		for j < len(t) && j-i < 24 && (nameBytes[t[j]] || t[j] >= utf8.RuneSelf || t[j] == '=' || t[j] == '.' && j > i) {
			j++
		}
		word := strings.ToLower(string(t[i:j]))
		switch {
		case copulas[word]:
			found = true
		case found && fillers[word]:
		case found:
			return i
		case j < len(t) && t[j] == ':' && j > i && fillers[firstWord(t, i)]:
			return j + 1
		case word == "" && n > 0 && i < len(t) && (t[i] == '\'' || t[i] == '"' || t[i] == '`'):
			return i // set clientSecret to '…'
		case becomes[last] && word != "" && !fillers[word]:
			return i // change the client secret to …
		case word == "" || !fillers[word] && n == 0:
			return 0
		}
		if j < len(t) && t[j] == ':' && (found || n > 0) {
			return j + 1
		}
		i, last = j, word
	}
	return 0
}

// becomes are the words before the value that something is set to.
var becomes = wordSet(`to as auf als à a`)

// firstWord is the word at the index, in small letters.
func firstWord(t []byte, i int) string {
	j := i
	for j < len(t) && (nameBytes[t[j]] || t[j] >= utf8.RuneSelf) {
		j++
	}
	return strings.ToLower(string(t[i:j]))
}

// plainly reads a value that no sign leads to.
func (s *scan) plainly(i int) (value, bool) {
	t := s.text
	i = s.blanks(s.markup(s.blanks(i)))
	if i >= len(t) {
		return value{}, false
	}
	q := byte(0)
	if t[i] == '"' || t[i] == '\'' || t[i] == '`' {
		q = t[i]
		for i++; i+1 < len(t) && t[i] == q && t[i+1] == q; { // three quotes
			i += 2
		}
	} else {
		i = s.opened(i)
	}
	v := s.literal(i, q)
	if cut := bytes.IndexAny(t[v.from:v.to], "“”‘’»"); cut > 0 {
		v.to = v.from + cut
	}
	v.careful = true
	return v, v.to > v.from
}

// telling reports whether a value that a sentence names can be no word: it has capitals,
// small letters and digits, or a digit and another sign.
func telling(text string) bool {
	text = strings.TrimRight(text, ".!?:")
	if len(text) < 6 || !opaque(text) || !strings.ContainsAny(text, "0123456789") {
		return false
	}
	return mixed(text) && len(text) >= 8 || strings.ContainsAny(text, "!@#$%^&*+?~=/") || changes(text) >= 4
}

// markup is where the tags and marks of emphasis end that begin at the index: a value
// in the next cell, in <code> or in bold.
func (s *scan) markup(i int) int {
	t := s.text
	for n := 0; n < 6 && i < len(t); n++ {
		switch {
		case t[i] == '<' && i+1 < len(t) && (t[i+1] == '/' || t[i+1]|0x20 >= 'a' && t[i+1]|0x20 <= 'z'):
			end := bytes.IndexByte(t[i:min(len(t), i+80)], '>')
			if end < 0 || !tag.Match(t[i:i+end+1]) {
				return i
			}
			for i += end + 1; i < len(t) && isSpace(t[i]); {
				i++
			}
		case i+1 < len(t) && (t[i] == '*' || t[i] == '|' || t[i] == '{') && t[i+1] == t[i]:
			i = s.blanks(i + 2)
		case bytes.HasPrefix(t[i:], []byte("{code}")) || bytes.HasPrefix(t[i:], []byte("{noformat}")):
			i += bytes.IndexByte(t[i:], '}') + 1
		default:
			return i
		}
	}
	return i
}

// opened is where the quotes of other languages end that begin at the index.
func (s *scan) opened(i int) int {
	for _, mark := range openingQuotes {
		if bytes.HasPrefix(s.text[min(i, len(s.text)):], []byte(mark)) {
			return s.blanks(i + len(mark))
		}
	}
	return i
}

var openingQuotes = []string{"„", "“", "‘", "«", "「", "『", "【", "（"}

// tag is an element of a page, or of a list of keys and values. Others mean
// something: <secret>.
var tag = regexp.MustCompile(`(?i)^</?(?:\w+:)?(?:td|th|tr|b|i|em|strong|code|span|p|br|dt|dd|li|pre|div|key|string|value|name)(?:\s[^<>]*)?/?>$`)

// inBrackets reports whether a value is the first word of a text in brackets, which
// says something of the secret: (sensitive value), <known after apply>.
func (s *scan) inBrackets(v value) bool {
	t := s.text
	if v.from >= v.to || t[v.from] != '(' {
		return false
	}
	line := t[v.from:min(len(t), v.from+60)]
	end := bytes.IndexByte(line, ')')
	return end > 0 && bytes.IndexByte(line[:end], '\n') < 0 && placeholder(string(line[:end+1]))
}

// attribute is the value of key="client_secret" value="…", or of the element that has
// such an attribute.
func (s *scan) attribute(before []byte, end int) (value, bool) {
	t := s.text
	if !namesPair(bytes.TrimRight(before[:len(before)-1], " \t")) {
		return value{}, false
	}
	rest := t[end:s.reach(end)]
	close := bytes.IndexByte(rest, '>')
	if close < 0 {
		return value{}, false
	}
	if m := valueAttribute.FindIndex(rest[:close]); m != nil {
		v := s.literal(end+m[1], rest[m[1]-1])
		return v, v.to > v.from
	}
	if bytes.HasSuffix(rest[:close], []byte("/")) {
		return value{}, false
	}
	v := s.literal(end+close+1, 0)
	v.firm = true
	return v, v.to > v.from
}

var valueAttribute = regexp.MustCompile(`(?i)\bvalue\s*=\s*["']`)

// block is a value that goes on in the lines below its name: clientSecret: >- in YAML.
func (s *scan) block(i, start int) (value, bool) {
	t := s.text
	if i >= len(t) || t[i] != '>' && t[i] != '|' {
		return value{}, false
	}
	mark := i
	for i++; i < len(t) && i-mark < 4 && strings.IndexByte("+-0123456789 \r", t[i]) >= 0; {
		i++
	}
	if i >= len(t) || t[i] != '\n' {
		return value{}, false
	}
	line := t[lineStart(t, start):start]
	indent := len(line) - len(bytes.TrimLeft(line, " -"))
	from := i + 1
	for i = from; i < len(t) && isSpace(t[i]); i++ {
		if t[i] == '\n' {
			from = i + 1
		}
	}
	if i-from <= indent {
		return value{}, false
	}
	v := s.literal(i, 0)
	v.firm = true
	return v, v.to > v.from
}

// login reads the secret out of an SDK's call: the second of the texts in brackets is
// it, behind the client's id.
func (s *scan) login(st *stem, from int) {
	t := s.text
	i := from + len(st.text)
	for limit := min(len(t), i+maxName); i < limit && (nameBytes[t[i]] || t[i] == '.'); {
		i++
	}
	if i = s.blanks(i); i >= len(t) || t[i] != '(' {
		return
	}
	first, ok := s.text1(i + 1)
	if !ok {
		return
	}
	i = first.to + 1
	for limit := min(len(t), i+40); i < limit && (isSpace(t[i]) || t[i] == ','); {
		i++
	}
	second, ok := s.text1(i)
	if !ok {
		return
	}
	if text := string(t[second.from:second.to]); len(text) >= 6 && !placeholder(text) && !note(text) && !word.MatchString(text) {
		s.found(st.kind, second.from, second.to)
	}
}

// text1 is the literal of a program that begins at the index, behind white space and the
// name of an argument.
func (s *scan) text1(i int) (value, bool) {
	t := s.text
	for limit := min(len(t), i+maxName); i < limit && (isSpace(t[i]) || nameBytes[t[i]] || t[i] == '=' || t[i] == ':' || t[i] == '@'); {
		i++
	}
	if i >= len(t) || t[i] != '"' && t[i] != '\'' && t[i] != '`' {
		return value{}, false
	}
	v := s.literal(i+1, t[i])
	return v, v.to > v.from && v.to < len(t) && t[v.to] == t[i]
}

// pem reads a private key.
func (s *scan) pem(st *stem, from int) {
	rest := s.text[from:s.reach(from)]
	line := rest[:min(len(rest), 64)]
	head := bytes.Index(line[len(st.text):], []byte("-----"))
	if head < 0 || !bytes.Contains(line[:len(st.text)+head], []byte("PRIVATE KEY")) {
		return
	}
	body := len(st.text) + head + len("-----")
	end := bytes.Index(rest[body:], []byte("-----END"))
	if end < 0 {
		end = len(rest) - body
	}
	if !placeholder(strings.TrimSpace(string(rest[body : body+end]))) {
		s.found(st.kind, from+body, from+body+end)
	}
}
