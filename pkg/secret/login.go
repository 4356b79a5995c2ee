package secret

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"
)

// accountWords may be between the word for a login and the user: login user svc/PASSWORD.
var accountWords = wordSet(`user username benutzer benutzername account konto utilisateur usuario utente gebruiker as als is are sind lauten data für for mit with
	ist war was avec con est son sont com met in`)

// notUsers are words behind the word for a login that say what happened, or where.
var notUsers = wordSet(`failed failure error fehler page url host server endpoint region code status flow attempt response request result at to from on of via
	the this a credentials data seite erreur échec página fehlgeschlagen`)

// account reads the password of a login that is written as a pair: login svc/PASSWORD,
// Zugangsdaten svc / PASSWORD, credentials (ID, SECRET), creds: svc PASSWORD.
func (s *scan) account(st *stem, from int) {
	t := s.text
	if from > 0 && (nameBytes[t[from-1]] && t[from-1] != '_' && t[from-1] != '-' || strings.IndexByte("/.@", t[from-1]) >= 0) {
		return
	}
	i := from + len(st.text)
	for limit := min(len(t), i+maxName); i < limit && (nameBytes[t[i]] || t[i] == ':' || t[i] == '='); {
		i++
	}
	user, ok := s.accountUser(i)
	if !ok || !plural.Match(t[from+len(st.text):i]) || user.from == i && t[i-1] != '=' || t[user.to-1] == '.' || !nameBytes[t[user.from]] && t[user.from] < 0x80 {
		return // no user, or the end of a sentence
	}
	v, sign := s.partner(user)
	text, name := strings.TrimRight(string(t[v.from:v.to]), ".!?:"), string(t[user.from:user.to])
	v.to = v.from + len(text)
	switch {
	case strings.Contains(text, "/") || placeholder(text) || note(text) || number.MatchString(strings.TrimLeft(text, "#")) || identifier.MatchString(text):
	case sign == ' ' && strings.ContainsAny(text, "()[]{}"): // a program, or a remark
	case s.isID(user):
		if opaque(text) && (sign != ' ' || unmistakable(text)) {
			s.found(ClientSecret, v.from, v.to)
		}
	case notUsers[strings.ToLower(name)]:
	case sign == '/' && telling(text) && (unmistakable(text) || name == strings.ToLower(name)), unmistakable(text):
		s.found(kindOf(name, text), v.from, v.to)
	}
}

// plural is what may end a word for a login: logins, login-data, login_as.
var plural = regexp.MustCompile(`(?i)^(?:s|daten|data|[_-].*)?[:=]*$`)

// accountUser is the user of a login, from the index on.
func (s *scan) accountUser(i int) (value, bool) {
	t := s.text
	for range 4 {
		i = s.opening(i)
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

// opening is where the white space, the brackets and the quotes end that are before the
// user of a login.
func (s *scan) opening(i int) int {
	t := s.text
	i = s.blanks(i)
	for n := 0; n < 3 && i < len(t) && strings.IndexByte("([:\"'`", t[i]) >= 0; n++ {
		i = s.blanks(i + 1)
	}
	return i
}

// joined are the words that may be between a user and a password.
var joined = regexp.MustCompile(`^(?:and|with|und|mit|et|avec|y|con|e|com|en|met)[ \t]`)

// dash may be there as well.
var dash = regexp.MustCompile(`^(?:[-–—→]|->)[ \t]`)

// partner is what follows the user of a login, and the sign between the two: a blank
// where there is none.
func (s *scan) partner(user value) (value, byte) {
	t := s.text
	i := user.to
	if i < len(t) && strings.IndexByte("\"'`", t[i]) >= 0 {
		i++
	}
	sign := byte(' ')
	i = s.blanks(i)
	switch {
	case i >= len(t):
		return value{}, sign
	case strings.IndexByte("/:|,;", t[i]) >= 0:
		sign = t[i]
		i = s.blanks(i + 1)
	case i > user.to && dash.Match(t[i:min(len(t), i+4)]):
		i = s.blanks(i + len(dash.Find(t[i:min(len(t), i+4)])))
	case i > user.to:
		i = s.blanks(i + len(joined.Find(t[i:min(len(t), i+8)])))
	}
	q := byte(0)
	if i < len(t) && strings.IndexByte("\"'`", t[i]) >= 0 {
		q = t[i]
		i++
	}
	return s.literal(i, q), sign
}

// unmistakable is telling where nothing but a name is before a value: a version, a region
// or the name of an error changes between letters and digits less often.
func unmistakable(text string) bool {
	return telling(text) && (strings.ContainsAny(text, "!@#$%^&*+?~=") || changes(unmarked(text)) >= 4)
}

// unmarked is a text without the signs that divide the words of a name.
func unmarked(text string) string {
	return strings.NewReplacer("-", "", ".", "", "_", "").Replace(text)
}

// identifier is a name in a program: http2.ServeConn, v8::External, List().
var identifier = regexp.MustCompile(`^[A-Za-z_]\w*(?:(?:\.|::|->)[A-Za-z_]\w*)+(?:\(\))?$|^[A-Za-z_]\w*\(\)$`)

// kindOf is what the second of a pair is, by the first: clients have UUIDs, people have
// addresses, and Zendesk wants svc@acme.example/token before a key.
func kindOf(id, text string) string {
	switch {
	case strings.HasSuffix(strings.ToLower(id), "/token"):
		return APIKey
	case isUUID(id) || !strings.Contains(id, "@") && random(text):
		return ClientSecret
	}
	return Password
}

// userWord names the user of a password that follows in the line.
var userWord = regexp.MustCompile(`(?i)\b(?:user(?:name|id)?|login|benutzer(?:name)?|konto|account|utilisateur|usuario|utente|gebruiker)\b|ユーザー|用户|用戶|사용자`)

// namesUser reports whether the line names a user before the index.
func (s *scan) namesUser(i int) bool {
	return userWord.Match(s.text[max(lineStart(s.text, i), i-80):i])
}

// attachedFlag reads curl's -uID:SECRET.
func (s *scan) attachedFlag(i int) {
	v := s.literal(i, 0)
	id, text, two := strings.Cut(string(s.text[v.from:v.to]), ":")
	if !two || placeholder(text) || !telling(text) && !random(text) || userCommand.Match(s.command(i)) {
		return
	}
	s.found(kindOf(id, text), v.from+len(id)+1, v.to)
}

// command is what is before a flag in its line, as far as is looked.
func (s *scan) command(i int) []byte {
	from := max(lineStart(s.text, i), i-4*maxName)
	if s.spent > 4*len(s.text) {
		from = max(from, i-maxName)
	}
	s.spent += i - from
	return s.text[from:i]
}

// userCommand is a command whose -u is a user and a group, or no user at all.
var userCommand = regexp.MustCompile(`(?:^|[\s$>/])(?:docker|podman|nerdctl|kubectl|chown|install|python[\d.]*|systemctl|journalctl|sort|git|tar|sudo|date)\s`)

// curlFlags are flags of curl in one word that ends with -u: -sSu ID:SECRET.
var curlFlags = regexp.MustCompile(`\s-[a-zA-Z#]+?[uU]\s*["']?([^\s:"'=]+):([^\s"']+)`)

// curl reads the secret of -u where other flags are in the same word.
func (s *scan) curl(_ *stem, from int) {
	t := s.text
	end := min(lineEndAt(t, from), from+maxHeading/4)
	if s.spent > 4*len(t) {
		return
	}
	s.spent += end - from
	m := curlFlags.FindSubmatchIndex(t[from:end])
	if m == nil {
		return
	}
	id, text := string(t[from+m[2]:from+m[3]]), string(t[from+m[4]:from+m[5]])
	if !placeholder(text) && (telling(text) || random(text)) {
		s.found(kindOf(id, text), from+m[4], from+m[5])
	}
}

// httpie is a command whose -a is an id and a secret.
var httpie = regexp.MustCompile(`(?:^|[\s$>])(?:https?(?:ie)?|xhs?)\s`)

// authFlag reads HTTPie's -a ID:SECRET.
func (s *scan) authFlag(st *stem, from int) {
	t := s.text
	i := from + len(st.text)
	if i >= len(t) || from > 0 && !isSpace(t[from-1]) || !httpie.Match(s.command(from)) {
		return
	}
	v := s.literal(i, 0) // -aID:SECRET
	if isSpace(t[i]) || strings.IndexByte("='\"", t[i]) >= 0 {
		var ok bool
		if v, ok = s.argument(i); !ok {
			return
		}
	} else if st.text != "-a" {
		return
	}
	id, text, two := strings.Cut(string(t[v.from:v.to]), ":")
	switch {
	case two && opaque(text) && !placeholder(text):
		s.found(kindOf(id, text), v.from+len(id)+1, v.to)
	case !two && opaque(id) && !placeholder(id) && httpieBearer.Match(t[lineStart(t, from):lineEndAt(t, from)]):
		s.found(AccessToken, v.from, v.to)
	}
}

// httpieBearer says that what HTTPie's -a has is a token.
var httpieBearer = regexp.MustCompile(`\s(?:-A|--auth-type)[ =]?["']?bearer\b`)

// labels are before the address of a person or a machine: mailto:svc@acme.example.
var labels = wordSet(`mailto sip sips im xmpp acct smtp imap mail email e-mail upn user username userid login account to from cc bcc git ssh`)

// hostInfo reads the password before a host without a scheme: svc:PASSWORD@api.….
func (s *scan) hostInfo(_ *stem, at int) {
	t := s.text
	from := s.wordStart(at)
	user, text, two := strings.Cut(string(t[from:at]), ":")
	if two && user != "" && !labels[strings.ToLower(user)] && len(text) >= 4 && !placeholder(text) && (from == 0 || t[from-1] != '/') {
		s.found(kindOf(user, text), from+len(user)+1, at)
	}
}

// wordStart is where the word begins that ends at the index.
func (s *scan) wordStart(at int) int {
	t := s.text
	from := at
	for least := max(0, at-2*maxName); from > least && !isSpace(t[from-1]) && strings.IndexByte("\"'<>()[]{},;/", t[from-1]) < 0; {
		from--
	}
	return from
}

// address reads what is joined with an address: the password before a host that has a
// port or a path, and the password or the key of the person whose e-mail address it is.
func (s *scan) address(_ *stem, at int) {
	t := s.text
	if s.spent > 4*len(t) {
		return
	}
	end := at + 1
	for end < len(t) && end-at < 2*maxName && (nameBytes[t[end]] || t[end] == '.') {
		end++
	}
	host := string(t[at+1 : end])
	from := s.wordStart(at)
	s.spent += end - from
	if from == at || end == at+1 || !strings.Contains(host, ".") {
		return
	}
	user, text, two := strings.Cut(string(t[from:at]), ":")
	isHost := hostEnd.Match(t[end:min(len(t), end+2)]) || platform.MatchString(host)
	if two && isHost && telling(text) && utf8.ValidString(text) && !labels[strings.ToLower(user)] && !placeholder(text) && (from == 0 || t[from-1] != '/') {
		s.found(kindOf(user, text), from+len(user)+1, at)
		return
	}
	s.ofPerson(value{from: from, to: end}, host)
}

// hostEnd is the port or the path behind a host.
var hostEnd = regexp.MustCompile(`^(?::\d|/)`)

// platform has hosts that no e-mail address has.
var platform = regexp.MustCompile(`(?i)(?:^|\.)(?:mypurecloud\.[a-z.]+|pure\.cloud|zendesk\.com)$`)

// ofPerson reads what follows an e-mail address: svc@acme.example/token:KEY,
// svc@acme.example / PASSWORD.
func (s *scan) ofPerson(person value, host string) {
	t := s.text
	const token = "/token:"
	if rest := t[person.to:min(len(t), person.to+len(token))]; bytes.EqualFold(rest, []byte(token)) {
		v := s.literal(person.to+len(token), 0)
		if text := string(t[v.from:v.to]); opaque(text) && !placeholder(text) {
			s.found(APIKey, v.from, v.to)
		}
		return
	}
	v, sign := s.partner(person)
	text := strings.TrimRight(string(t[v.from:v.to]), ".!?:")
	// Other signs divide a list. The platform's chat has svc@acme.orgspan.com/device.
	if sign != '/' && (sign != ':' || v.from != person.to+1) || strings.HasSuffix(host, "orgspan.com") || strings.HasPrefix(string(t[person.from:person.to]), "git@") {
		return
	}
	if unmistakable(text) && utf8.ValidString(text) && !strings.Contains(text, "/") && !placeholder(text) && !fileName.MatchString(text) && !permission.MatchString(text) {
		s.found(Password, v.from, v.from+len(text))
	}
}

// fileName ends like a file: scp svc@host.example:Report2.csv.
var fileName = regexp.MustCompile(`\.[a-z]{2,5}$`)

// short reads what follows pw, which is a password only as a word of its own.
func (s *scan) short(st *stem, from int) {
	t := s.text
	if to := from + len(st.text); (from == 0 || !nameBytes[t[from-1]]) && to < len(t) && !nameBytes[t[to]] {
		s.key(st, from)
	}
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
