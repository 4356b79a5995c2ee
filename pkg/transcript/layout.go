package transcript

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// plain undoes what a mail program, a terminal, a browser or a recorder of logs did to a text:
// it breaks lines, puts marks before them, and writes signs in other ways. A paragraph stays
// where it is; a line of it may have been joined to the one above.
func plain(text string) string {
	text = unencoded(text)
	if strings.Contains(text, "\x1b") || strings.Contains(text, "\xe2\x94") || strings.Contains(text, "\xe2\x95") || strings.Contains(text, "\u00a0") {
		text = escapes.ReplaceAllStringFunc(frames.Replace(text), spaces)
	}
	if strings.Contains(text, "\n\tat ") {
		text = withoutFrames(text)
	}
	if strings.HasPrefix(text, "| ") || strings.Contains(text, "\n| ") {
		text = unbarred(text)
	}
	if strings.Contains(text, "\n@@ -") {
		text = withoutDiff(text)
	}
	if strings.HasPrefix(text, ">") || strings.Contains(text, "\n>") {
		text = quotedLine.ReplaceAllStringFunc(text, spaces)
	}
	if strings.Contains(text, "   | ") {
		text = withoutGutter(text)
	}
	if strings.Contains(text, "{") {
		text = withoutMarks(text)
	}
	return text
}

// unbarred blanks the bar before each line of a paragraph; the rows of a table have more of them.
func unbarred(text string) string {
	lines := strings.SplitAfter(text, "\n")
	for i := 0; i < len(lines); {
		to, table := i, false
		for to < len(lines) && strings.HasPrefix(lines[to], "|") {
			table = table || strings.Count(lines[to], "|") > 1
			to++
		}
		for ; !table && i < to; i++ {
			lines[i] = " " + lines[i][1:]
		}
		i = max(to, i+1)
	}
	return strings.Join(lines, "")
}

// withoutDiff blanks the hunks of a diff: they are source, and say of no call.
func withoutDiff(text string) string {
	var out strings.Builder
	in := false
	for line := range strings.Lines(text) {
		in = strings.HasPrefix(line, "@@ -") || in && strings.ContainsAny(line[:1], "+- ")
		if in {
			line = spaces(strings.TrimRight(line, "\r\n")) + "\n"
		}
		out.WriteString(line)
	}
	return out.String()
}

func spaces(s string) string { return strings.Repeat(" ", len(s)) }

// The signs of a body that were written in another way.
var (
	entities = strings.NewReplacer("&quot;", `"`, "&#34;", `"`, "&#x22;", `"`, "&#39;", "'", "&#x27;", "'", "&apos;", "'", "&amp;quot;", `"`, "&amp;#39;", "'", "&#123;", "{", "&#125;", "}", "&#58;", ":")
	// curlyKey is a key of a body between the quotes that a word processor makes.
	curlyKey = regexp.MustCompile(`[“”„]\s*:\s*(?:[“”„{\[]|\d|true|false|null)`)
	curly    = strings.NewReplacer("“", `"`, "”", `"`, "„", `"`)
	// unseen are the signs without a width that chats and word processors put into words.
	unseen = strings.NewReplacer("\u200b", "", "\u200c", "", "\u200d", "", "\u2060", "", "\u00ad", "", "\ufeff", "")
	// inQuery is a sentence as a query has it.
	inQuery = regexp.MustCompile(`(?i)[?&](?:message|error_description|error_message|description)=[^&\s"'<>]+`)
	// inURL is an object as a query, a form or a log of them has it.
	inURL = regexp.MustCompile(`%7[Bb](?:%[0-9A-Fa-f]{2}|[\w.~*'()!:,+-])+`)
)

// unencoded writes signs as they are: of quoted-printable mail, of markup, of URLs, and quotes.
func unencoded(text string) string {
	if strings.Contains(text, "=\n") || strings.Contains(text, "=\r\n") {
		text = unquoted(text)
	}
	if strings.Contains(text, "\u200b") || strings.Contains(text, "\u00ad") || strings.Contains(text, "\u200d") || strings.Contains(text, "\ufeff") {
		text = unseen.Replace(text)
	}
	if strings.Contains(text, `{"log":"`) {
		text = logged(text)
	}
	if strings.Contains(text, "essage=") || strings.Contains(text, "escription=") {
		text = inQuery.ReplaceAllStringFunc(text, func(s string) string {
			name, value, _ := strings.Cut(s, "=")
			if words, err := url.QueryUnescape(value); err == nil && strings.Contains(words, " ") {
				return name + "= " + strings.Map(oneLine, words)
			}
			return s
		})
	}
	if strings.Contains(text, "&quot;") || strings.Contains(text, "&#") || strings.Contains(text, "&apos;") {
		text = entities.Replace(text)
	}
	if strings.Contains(text, "”") && curlyKey.MatchString(text) {
		text = curly.Replace(text)
	}
	if strings.Contains(text, "%7B%") || strings.Contains(text, "%7b%") {
		text = inURL.ReplaceAllStringFunc(text, func(s string) string {
			if words, err := url.QueryUnescape(s); err == nil {
				return strings.Map(oneLine, words)
			}
			return s
		})
	}
	return text
}

// logged returns the lines that a container wrote out of the log that Docker keeps of them.
func logged(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		var l struct {
			Log    string
			Stream string
		}
		if strings.HasPrefix(line, `{"log":"`) && json.Unmarshal([]byte(line), &l) == nil && l.Stream != "" {
			line = strings.Map(oneLine, strings.TrimSpace(l.Log)) + "\n"
		}
		out.WriteString(line)
	}
	return out.String()
}

func oneLine(c rune) rune {
	if unicode.IsControl(c) {
		return ' '
	}
	return c
}

// Lines of quoted-printable mail end in = where they were broken, at 76 characters.
var (
	encodedMail = regexp.MustCompile(`(?i)quoted-printable|=3D|=C3=[89A-B][0-9A-F]|=E2=80=`)
	encodedByte = regexp.MustCompile(`=(?:3D|20|0A|0D|09|C[23]=[89AB][0-9A-F]|E2=[89AB][0-9A-F]=[89AB][0-9A-F])`)
)

const (
	shortestBroken = 60
	longestBroken  = 76
)

// unquoted undoes quoted-printable where a text has it.
func unquoted(text string) string {
	mail := encodedMail.MatchString(text)
	text = joinLines(text, func(line, next string) (string, bool) {
		body, broken := strings.CutSuffix(line, "=")
		whole := len(line) >= shortestBroken && len(line) <= longestBroken && strings.Contains(line, " ")
		return body, broken && next != "" && (mail || whole)
	})
	if !mail {
		return text
	}
	return encodedByte.ReplaceAllStringFunc(text, func(s string) string {
		decoded, err := url.PathUnescape(strings.ReplaceAll(s, "=", "%"))
		if err != nil {
			return s
		}
		return decoded
	})
}

// joinLines joins each line of which joins says so, and what is left of it, with the next one.
// The paragraph behind begins at the line where it was.
func joinLines(text string, joins func(line, next string) (left string, yes bool)) string {
	lines := strings.Split(text, "\n")
	var out strings.Builder
	owed := 0
	for i, line := range lines {
		line = strings.TrimSuffix(line, "\r")
		if i+1 == len(lines) {
			out.WriteString(line)
			break
		}
		if left, yes := joins(line, strings.TrimSpace(lines[i+1])); yes {
			out.WriteString(left)
			owed++
			continue
		}
		out.WriteString(line + "\n")
		if owed > 0 && strings.TrimSpace(lines[i+1]) == "" {
			out.WriteString(strings.Repeat("\n", owed))
			owed = 0
		}
	}
	return out.String()
}

// gutter is what PowerShell puts before the lines of an error: the number of a line of the
// script, or blanks. underline marks the place in the script.
var (
	gutter    = regexp.MustCompile(`^ {3,}\| ?`)
	underline = regexp.MustCompile(`^[\s~^]*$`)
)

// withoutGutter joins the lines into which PowerShell broke a message: between words, or in
// the middle of one that is longer than a line.
func withoutGutter(text string) string {
	if !gutter.MatchString(text) && !strings.Contains(text, "\n   ") {
		return text
	}
	in := false
	return joinLines(text, func(line, next string) (string, bool) {
		mark := gutter.FindString(line)
		in = mark != ""
		if !in {
			return line, false
		}
		words := line[len(mark):]
		if !strings.HasPrefix(next, "|") || underline.MatchString(words) {
			return words, false
		}
		if strings.ContainsAny(words, " \t") {
			words += " "
		}
		return words, true
	})
}

// mark is what recorders put before every line: a time, a name of a container, a level. What is
// behind it is the program's line.
var (
	mark      = regexp.MustCompile(`^(?:(?:[\w./-]+[ \t]*\|[ \t]|\[[\w./: -]{1,100}\]:?[ \t]|\[?\d{4}-\d\d-\d\d[T ][\d:.,]+(?:Z|[+-]\d\d:?\d\d)?\]?[ \t]+|[A-Z][a-z]{2} +\d+ [\d:]{8} \S+ [\w./-]+(?:\[\d+\])?: |(?:INFO|DEBUG|ERROR|WARN|TRACE)\b:?[ \t]+|(?:std(?:out|err)) F ))+`)
	mostLined = 400
)

// withoutMarks blanks the marks before the lines of a body that a program printed over several
// lines, so that the body is one again.
func withoutMarks(text string) string {
	lines := strings.SplitAfter(text, "\n")
	var changed bool
	for i := 0; i < len(lines); i++ {
		if l := strings.TrimRight(lines[i], " \t\r\n"); !strings.HasSuffix(l, "{") && !strings.HasSuffix(l, "[") {
			continue
		}
		first := mark.FindString(lines[i])
		if first == "" {
			continue
		}
		if n := bodyLines(lines[i:min(len(lines), i+mostLined)], first); n > 0 {
			for k := i + 1; k < i+n; k++ {
				m := mark.FindString(lines[k])
				lines[k] = spaces(m) + lines[k][len(m):]
			}
			i, changed = i+n-1, true
		}
	}
	if !changed {
		return text
	}
	return strings.Join(lines, "")
}

// bodyLines is over how many lines, each behind a mark, the body goes that the first one opens.
func bodyLines(lines []string, first string) int {
	start := strings.IndexAny(lines[0][len(first):], "{[")
	if start < 0 {
		return 0
	}
	body := []byte(lines[0][len(first)+start:])
	for n := 1; n < len(lines); n++ {
		m := mark.FindString(lines[n])
		if m == "" {
			return 0
		}
		rest := lines[n][len(m):]
		body = append(body, rest...)
		if t := strings.TrimSpace(rest); strings.HasPrefix(t, "}") || strings.HasPrefix(t, "]") {
			if json.Valid(body) {
				return n + 1
			}
		}
	}
	return 0
}

// lineBreak is a line's end within a text of a body, with the indentation behind it.
var lineBreak = regexp.MustCompile(`[ \t]*\r?\n[ \t]*`)

// unbroken is an object whose texts were broken over lines: between words, as mail programs
// do, or anywhere, as terminals do. Of the two it is the one that says more.
func unbroken(object string) ([]byte, bool) {
	words, letters := lineBreak.ReplaceAllString(object, " "), lineBreak.ReplaceAllString(object, "")
	best := []byte(words)
	if says(letters) > says(words) {
		best = []byte(letters)
	}
	return best, json.Valid(best)
}

// says counts what a text has of the platform's: codes, sentences, permissions.
func says(text string) int {
	n := len(codeInText.FindAllString(text, 20))
	for _, w := range wordings {
		if w.form.MatchString(text) {
			n++
		}
	}
	for _, p := range permissionName.FindAllString(text, 50) {
		if permissionSet()[p] {
			n++
		}
	}
	return n
}

// brokenName says whether a line's end breaks the name of a permission: what is before it is
// none, and with the next word it is one. next is where that word ends.
func brokenName(text string, end int) (next int, broken bool) {
	isName := func(c byte) bool {
		return c == ':' || c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
	}
	from := end
	for from > 0 && isName(text[from-1]) {
		from--
	}
	head := text[from:end]
	if !strings.Contains(head, ":") {
		return end, false
	}
	for next = end; next < len(text) && strings.IndexByte(" \t\r\n", text[next]) >= 0; {
		next++
	}
	behind := next
	for next < len(text) && isName(text[next]) {
		next++
	}
	whole := head + text[behind:next]
	if behind == next || !permissionSet()[whole] {
		return end, false
	}
	return next, true
}

// wholeNames joins the names of permissions that a line's end broke.
func wholeNames(message string) string {
	var out strings.Builder
	done := 0
	for i := strings.IndexByte(message, ':'); i >= 0 && i < len(message); i++ {
		if message[i] != ' ' && message[i] != '\n' {
			continue
		}
		if next, broken := brokenName(message, i); broken {
			out.WriteString(message[done:i])
			done = next - len(strings.TrimLeft(message[i:next], " \t\r\n"))
			i = next - 1
		}
	}
	out.WriteString(message[done:])
	return out.String()
}
