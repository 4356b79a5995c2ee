package secret

import (
	"bytes"
	"regexp"
	"strings"
)

// accountWords may be between the word for a login and the user: login user svc/PASSWORD.
var accountWords = wordSet(`user username benutzer benutzername account konto utilisateur usuario as als is are sind lauten data für for mit with`)

// account reads the password of a login that is written as a pair: login svc/PASSWORD,
// Zugangsdaten svc / PASSWORD, credentials (ID, SECRET).
func (s *scan) account(_ *stem, from int) {
	t := s.text
	if from > 0 && (nameBytes[t[from-1]] && t[from-1] != '_' && t[from-1] != '-' || strings.IndexByte("/.@", t[from-1]) >= 0) {
		return
	}
	i := from
	for i < len(t) && (nameBytes[t[i]] || t[i] == ':') {
		i++
	}
	user, ok := s.accountUser(i)
	if !ok || !isSpace(t[i]) && t[i] != '(' {
		return
	}
	i = s.blanks(user.to)
	if i >= len(t) || t[i] != '/' && (t[i] != ',' || bytes.IndexByte(t[max(0, user.from-3):user.from], '(') < 0) {
		return
	}
	v := s.literal(s.blanks(i+1), 0)
	text := string(t[v.from:v.to])
	switch {
	case strings.Contains(text, "/") || placeholder(text) || note(text):
	case s.isID(user) && opaque(text):
		s.found(ClientSecret, v.from, v.to)
	case telling(text):
		s.found(Password, v.from, v.to)
	}
}

// accountUser is the user of a login, from the index on.
func (s *scan) accountUser(i int) (value, bool) {
	t := s.text
	for range 4 {
		i = s.blanks(i)
		if i < len(t) && (t[i] == '(' || t[i] == ':') {
			i = s.blanks(i + 1)
		}
		j := i
		for j < len(t) && j-i < maxName && (nameBytes[t[j]] || t[j] == '.' || t[j] == '@' || t[j] == '+' || t[j] >= 0x80) {
			j++
		}
		if word := strings.ToLower(string(t[i:j])); !accountWords[word] {
			return value{from: i, to: j}, j > i
		}
		for i = j; i < len(t) && (t[i] == ':' || t[i] == '='); {
			i++
		}
	}
	return value{}, false
}

// userWord names the user of a password that follows in the line.
var userWord = regexp.MustCompile(`(?i)\b(?:user(?:name|id)?|login|benutzer(?:name)?|konto|account|utilisateur|usuario|utente|gebruiker)\b`)

// namesUser reports whether the line names a user before the index.
func (s *scan) namesUser(i int) bool {
	return userWord.Match(s.text[max(lineStart(s.text, i), i-80):i])
}

// attachedFlag reads curl's -uID:SECRET.
func (s *scan) attachedFlag(i int) {
	v := s.literal(i, 0)
	id, text, two := strings.Cut(string(s.text[v.from:v.to]), ":")
	if !two || placeholder(text) || !telling(text) && !random(text) {
		return
	}
	kind := Password
	if isUUID(id) {
		kind = ClientSecret
	}
	s.found(kind, v.from+len(id)+1, v.to)
}

// httpie is a command whose -a is an id and a secret.
var httpie = regexp.MustCompile(`(?:^|[\s$>])https?(?:ie)?\s`)

// authFlag reads HTTPie's -a ID:SECRET.
func (s *scan) authFlag(st *stem, from int) {
	t := s.text
	i := from + len(st.text)
	if i >= len(t) || from > 0 && !isSpace(t[from-1]) || !isSpace(t[i]) && t[i] != '=' || !httpie.Match(t[lineStart(t, from):from]) {
		return
	}
	v, ok := s.argument(i)
	if !ok {
		return
	}
	if id, text, two := strings.Cut(string(t[v.from:v.to]), ":"); two && opaque(text) && !placeholder(text) {
		s.found(ClientSecret, v.from+len(id)+1, v.to)
	}
}

// hostInfo reads the password before a host without a scheme: svc:PASSWORD@api.….
func (s *scan) hostInfo(_ *stem, at int) {
	t := s.text
	from := at
	for least := max(0, at-2*maxName); from > least && !isSpace(t[from-1]) && strings.IndexByte("\"'<>()[]{},;/", t[from-1]) < 0; {
		from--
	}
	user, text, two := strings.Cut(string(t[from:at]), ":")
	if two && user != "" && len(text) >= 4 && !placeholder(text) && (from == 0 || t[from-1] != '/') {
		s.found(Password, from+len(user)+1, at)
	}
}

// short reads what follows pw, which is a password only as a word of its own.
func (s *scan) short(st *stem, from int) {
	t := s.text
	if to := from + len(st.text); (from == 0 || !nameBytes[t[from-1]]) && to < len(t) && !nameBytes[t[to]] {
		s.key(st, from)
	}
}

// The name of a variable in YAML, and its value in the line below.
var (
	yamlName  = regexp.MustCompile(`(?i)^[ \t]*(?:-[ \t]+)?(?:name|key):[ \t]*["']?[\w/.-]*$`)
	yamlValue = regexp.MustCompile(`(?i)^[ \t]+value:[ \t]*["']?`)
)

// below is the value of a variable that is in the line below its name: - name: SECRET.
func (s *scan) below(start, end int) (value, bool) {
	t := s.text
	if !yamlName.Match(t[lineStart(t, start):start]) {
		return value{}, false
	}
	to := lineEndAt(t, end)
	if len(bytes.Trim(t[end:to], " \t\r\"'")) > 0 || to >= len(t) {
		return value{}, false
	}
	m := yamlValue.FindIndex(t[to+1 : lineEndAt(t, to+1)])
	if m == nil {
		return value{}, false
	}
	v := s.literal(to+1+m[1], t[to+m[1]])
	v.firm = true
	return v, v.to > v.from
}

// kindsOfToken are the words before "token" that say which one it is.
var kindsOfToken = wordSet(`secret access refresh bearer api oauth auth idp scim jwt id`)

// tokenNamed reports whether the word before a name says which token it is: Secret Token.
func (s *scan) tokenNamed(start int) bool {
	t := s.text
	to := start
	for to > 0 && (t[to-1] == ' ' || t[to-1] == '-' || t[to-1] == '_') {
		to--
	}
	from := to
	for from > 0 && to-from < 10 && nameBytes[t[from-1]] && t[from-1] != '-' && t[from-1] != '_' {
		from--
	}
	return to < start && kindsOfToken[strings.ToLower(string(t[from:to]))]
}
