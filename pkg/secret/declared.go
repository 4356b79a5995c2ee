package secret

import (
	"bytes"
	"html"
	"net/url"
	"regexp"
	"strings"
)

// declarations lead from the name of a secret to its value where a program, a template or a file
// of settings has more between the two than a sign. Each ends at the value, behind its quote.
var declarations = []*regexp.Regexp{
	// clientSecret: String = "…", secret ||= '…', val secret by lazy { "…" }, String::from("…")
	regexp.MustCompile("^[\"'\\]]{0,2}[^,;\\n\"'`<>|]{0,60}?(?:=|<-|\\{|\\?\\?|\\|\\||<<)\\s*(?:[A-Za-z_][\\w.:!]{0,40}\\()?&?[rNbu@]?[\"'`]"),
	regexp.MustCompile("^[\"'\\]]{0,2}\\s*(?:\\|\\||<)[|-]?=?\\s*[\"'`]"),
	regexp.MustCompile(`^\s*\{[^{}\n"]{0,40}\}\s*=\s*"`),                  // ClientSecret { get; set; } = "…"
	regexp.MustCompile("^,\\s?\\w{1,12}\\s*:=\\s*[\"'`]"),                 // secret, err := "…"
	regexp.MustCompile("^\\w{0,24}\\((?:[\\w.$@]{1,40},\\s*){1,4}[\"'`]"), // new ClientSecretCredential(tenant, id, "…")
	// variable "secret" { default = "…" }
	regexp.MustCompile(`^"\s*\{(?:\s*(?:type|description|sensitive)\s*=[^\n]{0,100}\n){0,3}\s*default\s*=\s*"`),
	// "secret": {"value": "…"}
	regexp.MustCompile(`^"\s*:\s*\{\s*(?:"(?:type|sensitive)"\s*:\s*[^,{}]{1,20},\s*){0,2}"value"\s*:\s*"`),
	regexp.MustCompile(`^"?\s*:\s*\[\s*"`),                   // "passwords": ["…"]
	regexp.MustCompile(`^>\s*<!\[CDATA\[`),                   // <secret><![CDATA[…]]>
	regexp.MustCompile(`^"[^<>\n]{0,60}>\s*<value>`),         // <setting name="secret"><value>…
	regexp.MustCompile(`^"?\s*:\s*(?:&\w+|!\w+)[ \t]+["']?`), // secret: &anchor …
	regexp.MustCompile(`^(?:;\w+=\w+)*\]`),                   // ##vso[task.setvariable variable=secret]…
	regexp.MustCompile(`^:?[ \t]*\r?\n[ \t]*\r?\n[ \t]{2,}`), // Client Secret: and, two lines below, …
	regexp.MustCompile(`^\s*=\s*\|`),                         // lv_secret = |…|
}

// reachOfDeclaration bounds how far behind its name a value is looked for.
const reachOfDeclaration = 300

// declared is the value of a name that a declaration leads to. Only what a machine or a careful
// person made is one: there may be any text in quotes.
func (s *scan) declared(end int) (value, bool) {
	t := s.text
	if s.spent > 4*len(t) {
		return value{}, false
	}
	rest := t[end:min(len(t), end+reachOfDeclaration)]
	s.spent += len(rest) / 4
	for _, form := range declarations {
		m := form.FindIndex(rest)
		if m == nil {
			continue
		}
		v := s.literal(end+m[1], rest[m[1]-1])
		if text := string(t[v.from:v.to]); telling(text) && !identifier.MatchString(text) && !strings.Contains(text, "://") {
			v.firm = true
			return v, true
		}
	}
	return value{}, false
}

// before is the value that is before its name: Use … as the client secret, <add value="…" key="…"/>.
func (s *scan) before(start int) (value, bool) {
	t := s.text
	from := max(lineStart(t, start), start-reachOfDeclaration)
	m := behindValue.FindSubmatchIndex(t[from:start])
	if m == nil {
		return value{}, false
	}
	n := 2
	if m[n] < 0 {
		n = 4
	}
	v := value{from: from + m[n], to: from + m[n+1], firm: true}
	return v, telling(string(t[v.from:v.to]))
}

var behindValue = regexp.MustCompile("(?:(?i:\\buse|\\busing|\\bwith|\\bentered|\\btried|\\bpasted)\\s+[\"'`“]?([^\\s\"'`“”]{8,200})[\"'`”]?\\s+as\\s+(?:(?:the|our|my|its|client)\\s+){0,3}|\\bvalue=\"([^\"\\n]{8,200})\"\\s+(?:key|name)=\"[\\w.:-]*)$")

// shaped are the secrets that their first characters give away, whatever is around them. Source:
// the pages of these services about the forms of their keys.
func (s *scan) shaped(st *stem, from int) {
	t := s.text
	if from > 0 && (nameBytes[t[from-1]] || t[from-1] == '.') && st.text[0] != '/' {
		return
	}
	to := from + len(st.text)
	for limit := s.reach(from); to < limit && (nameBytes[t[to]] || t[to] == '.' || t[to] == '/' && st.text[0] == '/'); {
		to++
	}
	for to > from+len(st.text) && t[to-1] == '.' {
		to--
	}
	body := string(t[from+len(st.text) : to])
	if len(body) < 16 || placeholder(body) || !strings.ContainsAny(body, "0123456789") || strings.Trim(body, "xX*") == "" {
		return
	}
	s.found(st.kind, from, to)
}

// commandLines have a secret in their line that no name is beside.
var commandLines = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\bnet\s+use\s+(?:\S:\s+)?\\\\\S+\s+([^\s/]\S*)\s+/user:`),
	regexp.MustCompile(`(?i)\bnet\s+user\s+\S+\s+([^\s/*]\S*)\s+/add\b`),
	regexp.MustCompile(`(?i)\s/rp\s+"?([^\s"/][^\s"]*)`),
	regexp.MustCompile(`(?i)\s/u(?:ser)?:\S+\s+/p(?:assword)?:"?([^\s"]+)`),
	regexp.MustCompile(`\b(?:echo|printf)\s+(?:-n\s+)?["']?([^\s"'|]+)["']?\s*\|[^\n]{0,120}--password-stdin`),
	regexp.MustCompile(`\bjdbc:oracle:thin:[^/\s]{1,60}/([^@\s]+)@`),
	regexp.MustCompile(`(?m)^[\w.-]+:\d{2,5}:[\w*.-]+:[\w*.@-]+:(\S+)\s*$`),
	regexp.MustCompile(`\bcurl\b[^\n]{0,200}?\s(?:-b|--cookie)\s+["']?(?:[\w-]+=)([^\s"';]{12,})`),
	regexp.MustCompile(`(?i)\b(?:password|kennwort|passwort|mot de passe)\s+(?:for|of|für|von|pour|de)\s+\S+@\S+\s+(?:has been |was |is now |wurde |a été )?(?:re)?(?:set|changed|geändert|changé)\s+(?:to|auf|en)\s+["'“]?([^\s"'”]+)`),
	regexp.MustCompile(`(?i)\b(?:secret|password|passwort|kennwort|token)\s+(?:that\s+|which\s+)?(?:I|we|he|she|they|you)\s+(?:have\s+|had\s+)?(?:used|tried|entered|pasted|set|typed|got|generated|created)\s+(?:was|is|were)\s+["'“]?([^\s"'”]+)`),
	regexp.MustCompile(`--from-literal[= ]["']?[\w.-]+=([^\s"']+)`),
	regexp.MustCompile(`"value":\s*"([^"\n]{8,400})",\s*"type":\s*"secret"`),
}

// command1 reads the secret of a command, of which a stem is at the index.
func (s *scan) command1(st *stem, from int) {
	t := s.text
	if s.spent > 4*len(t) {
		return
	}
	start := max(lineStart(t, from), from-reachOfDeclaration)
	line := t[start:min(lineEndAt(t, from), from+2*reachOfDeclaration)]
	if st.text == `"secret"` {
		line = t[start-min(start, reachOfDeclaration) : min(len(t), from+len(st.text))]
		start -= min(start, reachOfDeclaration)
	}
	s.spent += len(line)
	for _, form := range commandLines {
		m := form.FindSubmatchIndex(line)
		if m == nil {
			continue
		}
		text := strings.TrimRight(string(line[m[2]:m[3]]), ".,;")
		if len(text) >= 6 && !placeholder(text) && !note(text) && strings.ContainsAny(text, "0123456789!@#$%^&*+?") {
			kind := st.kind
			if bytes.Contains(bytes.ToLower(line), []byte("token i")) || bytes.Contains(bytes.ToLower(line), []byte("token we")) {
				kind = AccessToken
			}
			s.found(kind, start+m[2], start+m[2]+len(text))
			return
		}
	}
}

// decorations are what people and markup put around a value.
const decorations = "*_~「」『』【】«»„“”‘’()[]{}<>|。，、；：！？（）,.;`'\" \u00a0"

// otherForms are the forms in which a secret may turn up again: without what was around it, and
// without the escapes of the text that it was found in.
func otherForms(text string) []string {
	var out []string
	add := func(form string) {
		if form != text && len(form) >= shortest && !placeholder(form) {
			out = append(out, form)
		}
	}
	add(strings.Trim(text, decorations))
	if strings.ContainsAny(text, "%+") {
		if plain, err := url.QueryUnescape(text); err == nil {
			add(plain)
		}
		if plain, err := url.PathUnescape(text); err == nil {
			add(plain)
		}
	}
	if strings.Contains(text, "&") {
		add(html.UnescapeString(text))
	}
	if strings.Contains(text, `\`) {
		add(unslashed.Replace(text))
	}
	if strings.Contains(text, `""`) {
		add(strings.ReplaceAll(text, `""`, `"`))
	}
	return out
}

var unslashed = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\'`, `'`, `\/`, `/`, `\$`, `$`, `\&`, `&`, `\!`, `!`, `\ `, ` `)

// secureString is how PowerShell's ConvertTo-SecureString has its text.
var secureString = regexp.MustCompile(`^(?:\s+-(?:AsPlainText|Force|String))*\s+["']`)

// secure reads the text of ConvertTo-SecureString.
func (s *scan) secure(st *stem, from int) {
	end := from + len(st.text)
	rest := s.text[end:min(len(s.text), end+reachOfDeclaration)]
	m := secureString.FindIndex(rest)
	if m == nil {
		return
	}
	v := s.literal(end+m[1], rest[m[1]-1])
	if text := string(s.text[v.from:v.to]); v.to-v.from >= 4 && !placeholder(text) && !note(text) {
		s.found(st.kind, v.from, v.to)
	}
}
