package directory

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// delimiters are those that exports have, the most frequent first.
const delimiters = ",;\t|"

// csv reads rows. The header names the columns.
func (c *converter) csv(r *bufio.Reader) error {
	comma, err := c.delimiter(r)
	if err != nil {
		return err
	}
	c.out.Format = "CSV with the delimiter " + strconv.Quote(string(comma))
	rows := csv.NewReader(r)
	rows.Comma, rows.ReuseRecord, rows.FieldsPerRecord = comma, true, -1
	header, err := rows.Read()
	if err != nil {
		return fmt.Errorf("the header cannot be read: %w", plain(err))
	}
	header = slices.Clone(header)
	for i := range header {
		header[i] = strings.TrimSpace(strings.TrimPrefix(header[i], "\ufeff"))
	}
	switch {
	case !valid(header):
		return errors.New("the header is not UTF-8: save the file as UTF-8")
	case strings.HasPrefix(strings.ToLower(header[0]), "version:"):
		return errors.New("it is the template for uploads (its first row is a version): use the export of users")
	}
	if err := c.columns(header); err != nil {
		return err
	}
	index := map[string]int{}
	for i := len(header) - 1; i >= 0; i-- {
		index[strings.ToLower(header[i])] = i
	}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("a row cannot be read: %w", plain(err)) // where its quotes end cannot be known
		}
		line, _ := rows.FieldPos(0)
		if err := c.row(line, row, len(header), index); err != nil {
			return err
		}
	}
}

func (c *converter) row(line int, row []string, columns int, index map[string]int) error {
	if !slices.ContainsFunc(row, func(f string) bool { return strings.TrimSpace(f) != "" }) {
		c.limit.Next()
		c.out.EmptyRows++
		return nil
	}
	switch {
	case len(row) != columns:
		c.limit.Next()
		c.leave("line", line, fmt.Sprintf("it has %d columns and the header %d", len(row), columns))
		return nil
	case !valid(row):
		c.limit.Next()
		c.leave("line", line, "it is not UTF-8")
		return nil
	}
	return c.user("line", line, func(name string) string {
		if i, ok := index[strings.ToLower(name)]; ok {
			return row[i]
		}
		return ""
	})
}

// delimiter is the mapping's, or the one by which the header has most of the columns that
// are looked for.
func (c *converter) delimiter(r *bufio.Reader) (rune, error) {
	if c.m.Delimiter != "" {
		return rune(c.m.Delimiter[0]), nil
	}
	head, err := r.Peek(60 << 10)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return 0, err
	}
	line, _, _ := bytes.Cut(head, []byte("\n"))
	line = bytes.TrimRight(line, "\r")
	if i := bytes.IndexByte(line, '\r'); i >= 0 {
		line = line[:i]
	}
	wanted := c.m.wanted()
	best, most := ',', 0
	for _, d := range delimiters {
		rows := csv.NewReader(bytes.NewReader(line))
		rows.Comma, rows.LazyQuotes = d, true
		header, err := rows.Read()
		if err != nil {
			continue
		}
		n := 0
		for _, name := range header {
			if slices.ContainsFunc(wanted, func(w string) bool { return strings.EqualFold(w, strings.TrimSpace(name)) }) {
				n++
			}
		}
		if n > most {
			best, most = d, n
		}
	}
	return best, nil
}

// plain puts the csv reader's errors into a sentence of ours.
func plain(err error) error {
	var parse *csv.ParseError
	switch {
	case tooLong(err):
		return errTooLong
	case errors.As(err, &parse):
		return fmt.Errorf("line %d has a quotation mark that is not closed or not doubled", parse.Line)
	case errors.Is(err, io.EOF):
		return errors.New("there is none")
	}
	return err
}
