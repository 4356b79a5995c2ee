package secret

import (
	"bytes"
	"regexp"
	"strings"
)

// The name of a variable in YAML or on a command line, and its value beside it or in a
// line near it: - name: SECRET, ParameterKey=Secret,ParameterValue=….
var (
	pairName  = regexp.MustCompile(`(?i)(?:^|[\s{,-])\w{0,20}(?:name|key):?[ \t]*[:=][ \t]*["']?[\w/.-]*$`)
	sameLine  = regexp.MustCompile(`(?i)^["']?[ \t]*,[ \t]*\w{0,20}value[ \t]*[:=][ \t]*["']?`)
	valueLine = regexp.MustCompile(`(?i)^([ \t]*)(?:-[ \t]+)?\w{0,20}value:[ \t]*["']?`)
	itemLine  = regexp.MustCompile(`^[ \t]*-[ \t]`)
)

// maxSiblings bounds how many lines of an item of YAML are read: there may be a type or
// a comment between the name and the value.
const maxSiblings = 4

// beside is the value of a variable whose name is the value of another key.
func (s *scan) beside(start, end int) (value, bool) {
	t := s.text
	from := lineStart(t, start)
	if !s.isValue(from, start) {
		return value{}, false
	}
	s.spent += start - from
	if s.spent > 4*len(t) && start-from > maxName || start-from > maxHeading/4 || !pairName.Match(t[from:start]) {
		return value{}, false
	}
	to := lineEndAt(t, end)
	if m := sameLine.FindIndex(t[end:min(to, end+maxName)]); m != nil {
		return s.sibling(end + m[1])
	}
	if len(bytes.Trim(t[end:to], " \t\r\"'")) > 0 {
		return value{}, false
	}
	for at, n := to+1, 0; n < maxSiblings && at < len(t); n++ {
		next := lineEndAt(t, at)
		line := t[at:next]
		s.spent += len(line)
		if itemLine.Match(line) || len(bytes.TrimSpace(line)) == 0 {
			break
		}
		if m := valueLine.FindIndex(line); m != nil {
			return s.sibling(at + m[1])
		}
		at = next + 1
	}
	return s.above(from)
}

// isValue reports whether what begins at or before an index is behind a sign, as pairName has
// it: to look is much faster than the expression.
func (s *scan) isValue(from, start int) bool {
	t := s.text
	for start > from && (nameBytes[t[start-1]] || t[start-1] == '/' || t[start-1] == '.') {
		start--
	}
	if start > from && (t[start-1] == '"' || t[start-1] == '\'') {
		start--
	}
	for start > from && (t[start-1] == ' ' || t[start-1] == '\t') {
		start--
	}
	return start > from && (t[start-1] == ':' || t[start-1] == '=')
}

// above is the value in a line before the one with the name, which begins at the index:
// tools that sort the keys put it there.
func (s *scan) above(from int) (value, bool) {
	t := s.text
	if itemLine.Match(t[from:min(len(t), from+maxName)]) {
		return value{}, false // the name begins the item
	}
	for n := 0; n < maxSiblings && from > 0; n++ {
		at := lineStart(t, from-1)
		line := t[at : from-1]
		s.spent += len(line)
		if m := valueLine.FindIndex(line); m != nil {
			return s.sibling(at + m[1])
		}
		if itemLine.Match(line) || len(bytes.TrimSpace(line)) == 0 {
			break
		}
		from = at
	}
	return value{}, false
}

// sibling reads the value at the index.
func (s *scan) sibling(i int) (value, bool) {
	v := s.literal(i, s.text[i-1])
	v.firm = true
	return v, v.to > v.from
}

// clientAsUser is the id of a client where Basic has the name of a user.
var clientAsUser = regexp.MustCompile(`(?i)(?:--user|\busername)["']?[\s:=,>]+(?:["']?value["']?\s*:\s*)?["']?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// ofClient reports whether the user beside a password is a client, whose secret it is.
func (s *scan) ofClient(start, end int) bool {
	t := s.text
	const near = 160
	s.spent += 2 * near
	if s.spent > 8*len(t)+4*near {
		return false
	}
	return clientAsUser.Match(t[max(0, start-near):start]) || clientAsUser.Match(t[end:min(len(t), end+near)])
}

// codeNamed is the member code of a request for a token.
var codeNamed = regexp.MustCompile(`(?i)(?:^|[\s"'&?{,])code["']?\s*[=:]\s*["']?([\w.~+/=-]{12,})`)

// authCode reads the code that is traded for a token: authorization code: …, or the
// member code beside grant_type=authorization_code.
func (s *scan) authCode(st *stem, from int) {
	done := s.done
	s.key(st, from)
	if t := s.text; s.done == done && s.spent <= 4*len(t) {
		least, most := max(0, from-maxHeading/4), min(len(t), from+maxHeading/4)
		s.spent += most - least
		if m := codeNamed.FindSubmatchIndex(t[least:most]); m != nil && codeLike(string(t[least+m[2]:least+m[3]])) {
			s.found(AuthCode, least+m[2], least+m[3])
		}
	}
}

// A shorter value is something else: codes are of a random run, an assertion is a signed
// document.
const (
	shortestCode      = 12
	shortestVerifier  = 20
	shortestAssertion = 40
)

// codeLike reports whether a value may be an authorization code, and not the code of an
// error: AADSTS50011, missing.permissions, invalid_request_1.
func codeLike(text string) bool {
	if len(text) < shortestCode || !opaque(text) || isUUID(text) || !strings.ContainsAny(text, "0123456789") {
		return false
	}
	return changes(unmarked(text)) >= 3
}

// fits reports whether a value can be of a kind that always looks the same.
func fits(kind, text string) bool {
	switch kind {
	case AuthCode:
		return codeLike(text)
	case Verifier:
		return len(text) >= shortestVerifier && random(text) && strings.IndexByte(text, '(') < 0
	case Assertion:
		return (len(text) >= shortestAssertion || strings.HasPrefix(text, "eyJ")) && !strings.ContainsAny(text, " \t(")
	}
	return true
}
