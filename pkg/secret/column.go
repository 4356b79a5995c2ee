package secret

import (
	"bytes"
	"regexp"
)

// maxRows bounds how many rows of a table are read below a heading.
const maxRows = 200

// column reads the values of a table below a heading that names a secret: a table of
// Markdown, or lines of values that a comma, a semicolon or a tabulator divides.
func (s *scan) column(st *stem, start, end int) {
	t := s.text
	lineFrom, lineTo := lineStart(t, start), lineEndAt(t, end)
	s.spent += lineTo - lineFrom
	if lineTo-lineFrom > maxHeading || s.spent > 4*len(t) {
		return
	}
	// The cell may have words before the name: Client Secret.
	divider, ok := dividerOf(t[lineFrom:lineTo], start-lineFrom, end-lineFrom)
	if !ok {
		return
	}
	cells := split(t[lineFrom:lineTo], divider)
	if divider == '|' && bytes.HasPrefix(t[lineFrom:lineTo], []byte("||")) {
		cells = jira(t[lineFrom:lineTo])
	}
	n := -1
	for i, c := range cells {
		if lineFrom+c.from <= start && end <= lineFrom+c.to {
			n = i
		}
	}
	if n < 0 || len(cells) < 2 {
		return
	}
	s.rows(st, lineFrom, lineTo, divider, n, len(cells))
}

// rows reads the cells of a column below its heading.
func (s *scan) rows(st *stem, lineFrom, lineTo int, divider byte, n, cells int) {
	t := s.text
	at := lineTo + 1
	for range maxRows {
		if at >= len(t) || at-lineFrom > s.width() {
			return
		}
		next := lineEndAt(t, at)
		s.spent += next - at
		if divider != '|' || !ruled.Match(t[at:next]) {
			row := split(t[at:next], divider)
			if len(row) != cells || divider != '|' && isLog(t[lineFrom:lineTo], t[at:next], cells, divider) {
				return
			}
			v := value{from: at + row[n].from, to: at + row[n].to, firm: true}
			if text := bytes.Trim(t[v.from:v.to], " -:|"); len(text) >= 6 && bytes.IndexByte(text, ' ') < 0 {
				s.cell(st, v)
			}
		}
		at = next + 1
	}
}

// ruled is a line between the rows of a table, as databases and Markdown draw it.
var ruled = regexp.MustCompile(`^\s*[+|:-]*-[-+|: ]*\s*$`)

// jira divides a heading of Jira, which has two bars where its rows have one.
func jira(line []byte) []part {
	var out []part
	from := 0
	for i := 0; i+1 < len(line); i++ {
		if line[i] == '|' && line[i+1] == '|' {
			out = append(out, part{from, i})
			from, i = i+2, i+1
		}
	}
	return append(out, part{from, len(line)})
}

// The lines of a log, or of a body, may have as many commas as the rows of a table.
var (
	notRow = regexp.MustCompile(`[{}]|\bhttps?://|(?:^|\s)[45]\d\d\s`)
	moment = regexp.MustCompile(`^\W?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|^\W?\d\d:\d\d:\d\d`)
	timed  = regexp.MustCompile(`(?i)^\W?\w*(?:date|time|stamp|datum|zeit|created|[_a-z]at\b|ts\b)`)
)

// isLog reports whether a line is no row of the table with the heading: a body, a line
// with a time that the heading does not have, or a sentence, with a blank
// behind each comma.
func isLog(heading, line []byte, cells int, divider byte) bool {
	if notRow.Match(line) || moment.Match(line) && !timed.Match(heading) {
		return true
	}
	return divider != '\t' && spaced(line, divider) == cells-1 && spaced(heading, divider) == 0
}

// spaced counts the cells that begin with a blank.
func spaced(line []byte, divider byte) int {
	n := 0
	for _, c := range split(line, divider)[1:] {
		if c.from < len(line) && line[c.from] == ' ' {
			n++
		}
	}
	return n
}

// cell keeps the value of a cell where it can be no word.
func (s *scan) cell(st *stem, v value) {
	for v.from < v.to && bytes.IndexByte([]byte(" \t\"'`"), s.text[v.from]) >= 0 {
		v.from++
	}
	for v.to > v.from && bytes.IndexByte([]byte(" \t\r\"'`"), s.text[v.to-1]) >= 0 {
		v.to--
	}
	text := string(s.text[v.from:v.to])
	if opaque(text) && !placeholder(text) && !note(text) {
		s.keep(st.kind, v.from, v.to) // not found: the cells before it in the row are still to be read
	}
}

// maxHeading bounds a line whose cells are read.
const maxHeading = 2 << 10

// lineStart is where the line begins that the index is in, as far as is looked.
func lineStart(t []byte, i int) int {
	from := max(0, i-maxHeading)
	return from + bytes.LastIndexByte(t[from:i], '\n') + 1
}

// lineEndAt is where it ends, as far as is looked.
func lineEndAt(t []byte, i int) int {
	to := min(len(t), i+2*maxHeading)
	if n := bytes.IndexByte(t[i:to], '\n'); n >= 0 {
		return i + n
	}
	return to
}

// dividerOf is the character that divides the cells around a name, whose cell has
// nothing else in it but words.
func dividerOf(line []byte, start, end int) (byte, bool) {
	i := end
	for i < len(line) && bytes.IndexByte([]byte(" \"'`*)\r"), line[i]) >= 0 {
		i++
	}
	if i < len(line) {
		c := line[i]
		return c, bytes.IndexByte([]byte("|,;\t"), c) >= 0
	}
	// The name is in the last cell.
	for i = start - 1; i >= 0; i-- {
		switch c := line[i]; {
		case c == '|' || c == ',' || c == ';' || c == '\t':
			return c, true
		case !nameBytes[c] && bytes.IndexByte([]byte(" \"'`*("), c) < 0:
			return 0, false
		}
	}
	return 0, false
}

// part is a cell, by its place in the line.
type part struct{ from, to int }

// split divides a line at a divider that is in no quotes.
func split(line []byte, divider byte) []part {
	var out []part
	from, quoted := 0, false
	for i, c := range line {
		switch {
		case c == '"' && divider != '|':
			quoted = !quoted
		case c == divider && !quoted:
			out = append(out, part{from, i})
			from = i + 1
		}
	}
	return append(out, part{from, len(line)})
}
