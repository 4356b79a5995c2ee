package transcript

import (
	"encoding/json"
	"regexp"
	"strings"
)

// reprAt reads the object that starts at i as programs print it: Python's dict with
// single quotes, what Node.js prints of an object, a hash of Ruby. It returns it as JSON.
func reprAt(text string, i int) (object []byte, end int, ok bool) {
	r := repr{in: text[i:min(len(text), i+maxObject)]}
	if !r.value(0) {
		return nil, i + 1, false
	}
	object = []byte(r.out.String())
	return object, i + r.at, json.Valid(object)
}

// repr translates a printed object into JSON.
type repr struct {
	in  string
	at  int
	out strings.Builder
}

const maxReprDepth = 24

func (r *repr) space() {
	for r.at < len(r.in) && strings.IndexByte(" \t\r\n", r.in[r.at]) >= 0 {
		r.at++
	}
}

func (r *repr) peek() byte {
	r.space()
	if r.at < len(r.in) {
		return r.in[r.at]
	}
	return 0
}

func (r *repr) value(depth int) bool {
	if depth > maxReprDepth {
		return false
	}
	switch c := r.peek(); {
	case strings.HasPrefix(r.in[r.at:], "{…}") || strings.HasPrefix(r.in[r.at:], "[…]"):
		r.at += len("{…}")
		r.out.WriteString("null")
		return true
	case c == '{':
		return r.members(depth)
	case c == '[':
		if r.shortened() {
			return true
		}
		return r.items(depth)
	case c == '\'' || c == '"' || c == '`':
		return r.strings()
	case (c == 'u' || c == 'b') && r.at+1 < len(r.in) && (r.in[r.at+1] == '\'' || r.in[r.at+1] == '"'):
		r.at++
		return r.strings()
	case c == 0:
		return false
	}
	return r.word()
}

// shortened passes over [Object], [Array], [Circular *1] and [Function: x].
func (r *repr) shortened() bool {
	rest := r.in[r.at:]
	end := strings.IndexByte(rest, ']')
	if end < 2 || end > 60 || rest[1] < 'A' || rest[1] > 'Z' {
		return false
	}
	r.at += end + 1
	r.out.WriteString("null")
	return true
}

// strings reads one string, or several that a plus joins over lines.
func (r *repr) strings() bool {
	var b strings.Builder
	for {
		if !r.string(&b) {
			return false
		}
		mark := r.at
		if r.peek() != '+' {
			r.at = mark
			break
		}
		r.at++
		if c := r.peek(); c != '\'' && c != '"' && c != '`' {
			return false
		}
	}
	quoted, _ := json.Marshal(b.String())
	r.out.Write(quoted)
	return true
}

func (r *repr) string(b *strings.Builder) bool {
	quote := r.in[r.at]
	for r.at++; r.at < len(r.in); r.at++ {
		c := r.in[r.at]
		switch {
		case c == quote:
			r.at++
			return true
		case c == '\\' && r.at+1 < len(r.in):
			r.at++
			switch e := r.in[r.at]; e {
			case 'n':
				b.WriteByte('\n')
			case 't':
				b.WriteByte('\t')
			default:
				b.WriteByte(e)
			}
		case c == '\n' && quote != '`':
			return false
		default:
			b.WriteByte(c)
		}
	}
	return false
}

// symbol is a name as Ruby has it.
var symbol = regexp.MustCompile(`^:\w+$`)

// word reads a name or a number. Names that JSON does not have mean nothing.
func (r *repr) word() bool {
	from := r.at
	for r.at < len(r.in) && strings.IndexByte(",}]\n", r.in[r.at]) < 0 && r.at-from < 80 {
		r.at++
	}
	word := strings.TrimSpace(r.in[from:r.at])
	switch {
	case word == "" || strings.ContainsAny(word, `{["';`):
		return false
	case word == "True" || word == "False":
		word = strings.ToLower(word)
	case symbol.MatchString(word):
		word = `"` + word[1:] + `"`
	case !json.Valid([]byte(word)):
		word = "null"
	}
	r.out.WriteString(word)
	return true
}

func (r *repr) items(depth int) bool {
	r.at++
	r.out.WriteByte('[')
	for first := true; ; first = false {
		if r.peek() == ']' {
			r.at++
			r.out.WriteByte(']')
			return true
		}
		if !first {
			r.out.WriteByte(',')
		}
		if !r.value(depth+1) || !r.divided(']') {
			return false
		}
	}
}

// divided passes over the comma behind an item; the last one may have one, too.
func (r *repr) divided(end byte) bool {
	if r.peek() == ',' {
		r.at++
		return true
	}
	return r.peek() == end
}

func (r *repr) members(depth int) bool {
	r.at++
	r.out.WriteByte('{')
	for first := true; ; first = false {
		if r.peek() == '}' {
			r.at++
			r.out.WriteByte('}')
			return true
		}
		if !first {
			r.out.WriteByte(',')
		}
		if r.rest() {
			continue
		}
		if !r.key() || !r.value(depth+1) || !r.divided('}') {
			return false
		}
	}
}

// rest passes over the sign with which a browser says that there is more.
func (r *repr) rest() bool {
	if !strings.HasPrefix(r.in[r.at:], "…") {
		return false
	}
	r.at += len("…")
	r.out.WriteString(`"…":null`)
	return true
}

// key reads a key and the sign behind it: 'key':, key:, "key"=>, :key=>.
func (r *repr) key() bool {
	switch c := r.peek(); c {
	case '\'', '"':
		if !r.strings() {
			return false
		}
	default:
		if c == ':' {
			r.at++
		}
		from := r.at
		for r.at < len(r.in) && (r.in[r.at] == '_' || r.in[r.at] == '$' || r.in[r.at] == '-' || r.in[r.at] >= '0' && r.in[r.at] <= '9' || r.in[r.at]|0x20 >= 'a' && r.in[r.at]|0x20 <= 'z') {
			r.at++
		}
		if r.at == from {
			return false
		}
		quoted, _ := json.Marshal(r.in[from:r.at])
		r.out.Write(quoted)
	}
	r.space()
	for _, sign := range []string{"=>", ":"} {
		if strings.HasPrefix(r.in[r.at:], sign) {
			r.at += len(sign)
			r.out.WriteByte(':')
			return true
		}
	}
	return false
}
