package main

import (
	"io"
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// wrapped breaks a paragraph at words so that no line is wider than so many columns.
// What is longer than a line is not broken: it is a path, a URL or a command.
func wrapped(text string, columns int) []string {
	var out []string
	line, used := "", 0
	for word := range strings.FieldsSeq(text) {
		w := displaywidth.String(word)
		if used > 0 && used+1+w > columns {
			out, line, used = append(out, line), "", 0
		}
		if used > 0 {
			line, used = line+" ", used+1
		}
		line, used = line+word, used+w
	}
	if used > 0 {
		out = append(out, line)
	}
	return out
}

// paragraphs wraps each paragraph of a text.
func paragraphs(text string, columns int) string {
	var out []string
	for p := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		out = append(out, strings.Join(wrapped(p, columns), "\n"))
	}
	return strings.Join(out, "\n\n")
}

// cut shortens a line to so many columns.
func cut(line string, columns int) string {
	if displaywidth.String(line) <= columns {
		return line
	}
	return displaywidth.TruncateString(line, max(columns, 1), "…")
}

// table writes rows whose columns are aligned. The last column is wrapped at words and
// continues below itself; where too little room is left for it, it begins a line.
func table(w io.Writer, columns int, rows [][]string) error {
	var widths []int
	for _, row := range rows {
		for i, cell := range row[:len(row)-1] {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], displaywidth.String(cell))
		}
	}
	indent := 0
	for _, n := range widths {
		indent += n + 2
	}
	below := columns-indent < narrowest
	var b strings.Builder
	for _, row := range rows {
		head := ""
		for i, cell := range row[:len(row)-1] {
			head += cell + strings.Repeat(" ", widths[i]-displaywidth.String(cell)+2)
		}
		lines, margin := wrapped(row[len(row)-1], columns-indent), indent
		if below {
			lines, margin = append([]string{""}, wrapped(row[len(row)-1], columns-4)...), 4
		}
		for i, line := range lines {
			if i > 0 {
				head = strings.Repeat(" ", margin)
			}
			b.WriteString(strings.TrimRight(head+line, " ") + "\n")
		}
		if len(lines) == 0 {
			b.WriteString(strings.TrimRight(head, " ") + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// narrowest is the width from which a column of text is readable.
const narrowest = 24
