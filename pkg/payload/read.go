package payload

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The formats of a file of bodies.
const (
	FormatNDJSON = "NDJSON"
	FormatJSON   = "JSON"
	FormatCSV    = "CSV"
)

// maxBody bounds one body.
const maxBody = 1 << 20

// raw is one body as it stands in the file, with the line on which it begins.
type raw struct {
	line int
	data []byte
	// body is set by readers that make it themselves, err where the body is none.
	body map[string]any
	err  error
}

// read recognises the format and hands each body to the function, in order.
func read(in io.Reader, each func(raw) error) (format string, err error) {
	r := bufio.NewReaderSize(in, 64<<10)
	if mark, _ := r.Peek(3); bytes.Equal(mark, []byte{0xef, 0xbb, 0xbf}) {
		_, _ = r.Discard(3)
	}
	head, err := r.Peek(1 << 15)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return "", err
	}
	start := bytes.TrimLeft(head, " \t\r\n")
	switch {
	case len(start) == 0:
		return "", errors.New("it is empty")
	case start[0] == '[':
		return FormatJSON, readArray(r, each)
	case start[0] == '{' && oneLine(start):
		return FormatNDJSON, readLines(r, each)
	case start[0] == '{':
		counted := &lines{r: r}
		return FormatJSON, readObjects(json.NewDecoder(counted), counted, false, each)
	case start[0] == '<':
		return "", errors.New("it is HTML or XML, and not JSON, NDJSON or CSV")
	case start[0] < ' ' || start[0] >= 0x80:
		return "", errors.New("it is not JSON, NDJSON or CSV: it begins with what is no text")
	}
	return FormatCSV, readCSV(r, each)
}

// oneLine says whether the first line is a body of its own.
func oneLine(start []byte) bool {
	line, _, _ := bytes.Cut(start, []byte("\n"))
	return json.Valid(line)
}

func readLines(r *bufio.Reader, each func(raw) error) error {
	for n := 1; ; n++ {
		line, err := r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			rest, restErr := readRest(r)
			line, err = append(bytes.Clone(line), rest...), restErr
		} else {
			line = bytes.Clone(line)
		}
		if text := bytes.TrimSpace(line); len(text) > 0 {
			body := raw{line: n, data: text}
			if len(text) > maxBody {
				body = raw{line: n, err: fmt.Errorf("the line is longer than %d MB", maxBody>>20)}
			}
			if err := each(body); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// readRest reads on to the line's end, and keeps no more of it than a body may have.
func readRest(r *bufio.Reader) ([]byte, error) {
	var out []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(out) <= maxBody {
			out = append(out, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return out, err
		}
	}
}

// lines counts the lines that were read, so that an offset tells a line.
type lines struct {
	r      io.Reader
	read   int64
	breaks []int64
	passed int
}

func (l *lines) Read(b []byte) (int, error) {
	n, err := l.r.Read(b)
	for i, c := range b[:n] {
		if c == '\n' {
			l.breaks = append(l.breaks, l.read+int64(i))
		}
	}
	l.read += int64(n)
	return n, err
}

// line is that of an offset; offsets come in rising order.
func (l *lines) line(offset int64) int {
	for len(l.breaks) > 0 && l.breaks[0] < offset {
		l.breaks = l.breaks[1:]
		l.passed++
	}
	return l.passed + 1
}

func readArray(r io.Reader, each func(raw) error) error {
	counted := &lines{r: r}
	dec := json.NewDecoder(counted)
	if _, err := dec.Token(); err != nil {
		return err
	}
	return readObjects(dec, counted, true, each)
}

// readObjects reads one object after the other, within an array or not.
func readObjects(dec *json.Decoder, counted *lines, array bool, each func(raw) error) error {
	for n := 1; dec.More(); n++ {
		var data json.RawMessage
		if err := dec.Decode(&data); err != nil {
			return fmt.Errorf("body %d cannot be read: %w", n, whole(err))
		}
		line := counted.line(dec.InputOffset() - int64(len(data)) + 1)
		if err := each(raw{line: line, data: data}); err != nil {
			return err
		}
	}
	if !array {
		return nil
	}
	if _, err := dec.Token(); err != nil {
		return fmt.Errorf("the list has no end: %w", whole(err))
	}
	return nil
}

func whole(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it breaks off")
	}
	return err
}

// The columns of a CSV file, by their names in lower case. Lists are divided by
// semicolons; a skill may carry its proficiency behind a colon, as in Billing:4.
var columns = map[string]func(body map[string]any, value string) error{
	"username": text("userName"), "displayname": text("displayName"), "title": text("title"), "externalid": text("externalId"), "password": text("password"),
	"active": func(body map[string]any, value string) error {
		v, err := strconv.ParseBool(value)
		if err != nil {
			return fmt.Errorf("active is %q and must be true or false", value)
		}
		body["active"] = v
		return nil
	},
	"email": func(body map[string]any, value string) error {
		body["emails"] = []any{map[string]any{"value": value, "type": "work", "primary": true}}
		return nil
	},
	"extension": func(body map[string]any, value string) error {
		body["phoneNumbers"] = []any{map[string]any{"value": "tel:;ext=" + value, "type": "work"}}
		return nil
	},
	"roles": func(body map[string]any, value string) error {
		body["roles"] = each(value, func(s string) map[string]any { return map[string]any{"value": s} })
		return nil
	},
	"department":     inner(EnterpriseSchema, "department"),
	"division":       inner(EnterpriseSchema, "division"),
	"employeenumber": inner(EnterpriseSchema, "employeeNumber"),
	"routingskills":  rated("routingSkills"), "routinglanguages": rated("routingLanguages"),
}

func text(name string) func(map[string]any, string) error {
	return func(body map[string]any, value string) error { body[name] = value; return nil }
}

func extension(body map[string]any, schema string) map[string]any {
	if _, ok := body[schema]; !ok {
		body[schema] = map[string]any{}
		list, _ := body["schemas"].([]any)
		body["schemas"] = append(list, schema)
	}
	ext, _ := body[schema].(map[string]any)
	return ext
}

func inner(schema, name string) func(map[string]any, string) error {
	return func(body map[string]any, value string) error { extension(body, schema)[name] = value; return nil }
}

func rated(name string) func(map[string]any, string) error {
	return func(body map[string]any, value string) error {
		extension(body, GenesysSchema)[name] = each(value, func(s string) map[string]any {
			skill, rating, ok := strings.Cut(s, ":")
			if number, err := strconv.ParseFloat(rating, 64); ok && err == nil {
				return map[string]any{"name": skill, "proficiency": number}
			}
			return map[string]any{"name": s}
		})
		return nil
	}
}

func each(value string, f func(string) map[string]any) []any {
	var out []any
	for part := range strings.SplitSeq(value, ";") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, f(part))
		}
	}
	return out
}

// readCSV makes a body of each row. The header names the columns; one that it does not
// know is an error, because a column that is passed over is a fault that nobody sees.
func readCSV(in io.Reader, each func(raw) error) error {
	r := csv.NewReader(in)
	r.ReuseRecord = true
	header, err := r.Read()
	if err != nil {
		return fmt.Errorf("the header cannot be read: %w", err)
	}
	set := make([]func(map[string]any, string) error, len(header))
	for i, name := range header {
		if set[i] = columns[strings.ToLower(strings.TrimSpace(name))]; set[i] == nil {
			return fmt.Errorf("the column %q is none that a body has: the columns are userName, displayName, active, title, email, externalId, extension, password, roles, department, division, employeeNumber, routingSkills, routingLanguages", name)
		}
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var body raw
		var parse *csv.ParseError
		switch {
		case err == nil:
			body.line, _ = r.FieldPos(0)
			body.body, body.err = row2body(set, row)
		case errors.As(err, &parse) && errors.Is(parse.Err, csv.ErrFieldCount):
			body.line, body.err = parse.StartLine, fmt.Errorf("the row has %d columns and the header %d", len(row), len(header))
		default:
			return fmt.Errorf("row cannot be read: %w", err) // where its quotes end cannot be known
		}
		if err := each(body); err != nil {
			return err
		}
	}
}

func row2body(set []func(map[string]any, string) error, row []string) (map[string]any, error) {
	body := map[string]any{"schemas": []any{CoreSchema}}
	for i, value := range row {
		if value = strings.TrimSpace(value); value == "" {
			continue
		}
		if err := set[i](body, value); err != nil {
			return nil, err
		}
	}
	return body, nil
}
