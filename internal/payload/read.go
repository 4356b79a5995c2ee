package payload

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/scimlint/scimlint/internal/bounds"
)

// The formats of a file of bodies.
const (
	FormatNDJSON = "NDJSON"
	FormatJSON   = "JSON"
	FormatCSV    = "CSV"
)

// maxBody bounds one body.
const maxBody = 1 << 20

// raw is one body as it is in the file, with the line on which it begins.
type raw struct {
	line int
	data []byte
	// body is set by readers that make it themselves, err where it is not a body.
	body map[string]any
	err  error
}

// read recognises the format and hands each body to the function, in order.
func read(in io.Reader, each func(raw) error) (format string, err error) {
	s := &scanner{r: bufio.NewReaderSize(in, 64<<10), line: 1}
	if mark, _ := s.r.Peek(3); bytes.Equal(mark, []byte{0xef, 0xbb, 0xbf}) {
		_, _ = s.r.Discard(3)
	}
	first, err := s.next()
	if errors.Is(err, io.EOF) {
		return "", errors.New("it is empty")
	}
	if err != nil {
		return "", err
	}
	start, err := s.r.Peek(1 << 15)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	switch {
	case first == '[':
		return FormatJSON, s.array(each)
	case first == '{' && oneLine(start):
		return FormatNDJSON, s.lines(each)
	case first == '{':
		return FormatJSON, s.objects(each)
	case first == '<':
		return "", errors.New("it is HTML or XML, and not JSON, NDJSON or CSV")
	case first < ' ' || first >= 0x80:
		return "", errors.New("it is not JSON, NDJSON or CSV: it begins with what is no text")
	}
	return FormatCSV, s.csv(each)
}

// oneLine says whether the first line is a body of its own.
func oneLine(start []byte) bool {
	line, _, _ := bytes.Cut(start, []byte("\n"))
	return json.Valid(line)
}

// scanner finds bodies in a stream. It keeps no more of it than one body may have.
type scanner struct {
	r    *bufio.Reader
	line int
}

// next skips white space and returns the byte behind it, which it does not consume.
func (s *scanner) next() (byte, error) {
	for {
		c, err := s.r.ReadByte()
		switch {
		case err != nil:
			return 0, err
		case c == '\n':
			s.line++
		case c != ' ' && c != '\t' && c != '\r':
			return c, s.r.UnreadByte()
		}
	}
}

// lines reads a body of each line.
func (s *scanner) lines(each func(raw) error) error {
	for ; ; s.line++ {
		line, err := s.r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			line, err = s.rest(bytes.Clone(line))
		}
		if text := bytes.TrimSpace(line); len(text) > 0 {
			if stop := each(s.body(s.line, bytes.Clone(text), len(text) > maxBody)); stop != nil {
				return stop
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

// rest reads on to the line's end, and keeps no more of it than a body may have.
func (s *scanner) rest(out []byte) ([]byte, error) {
	for {
		part, err := s.r.ReadSlice('\n')
		if len(out) <= maxBody {
			out = append(out, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return out, err
		}
	}
}

func (s *scanner) body(line int, data []byte, long bool) raw {
	if long {
		return raw{line: line, err: fmt.Errorf("the body is longer than %d MB", maxBody>>20)}
	}
	return raw{line: line, data: data}
}

// array reads the bodies of a JSON list.
func (s *scanner) array(each func(raw) error) error {
	_, _ = s.r.Discard(1) // the bracket
	c, err := s.next()
	for n := 1; err == nil && (n > 1 || c != ']'); n++ {
		if err := s.value(n, each); err != nil {
			return err
		}
		if c, err = s.next(); err != nil || c == ']' {
			break
		}
		if c != ',' {
			return fmt.Errorf("on line %d, behind body %d, there is %q and not a comma", s.line, n, c)
		}
		_, _ = s.r.Discard(1)
		if c, err = s.next(); err == nil && c == ']' {
			return fmt.Errorf("on line %d, behind body %d, there is a comma and no other body", s.line, n)
		}
		if err != nil {
			return fmt.Errorf("body %d cannot be read: %w", n+1, whole(err))
		}
	}
	if err != nil {
		return fmt.Errorf("the list has no end: %w", whole(err))
	}
	_, _ = s.r.Discard(1)
	if _, err := s.next(); !errors.Is(err, io.EOF) {
		return cmp.Or(err, fmt.Errorf("it goes on behind its list, on line %d", s.line))
	}
	return nil
}

// objects reads one object after the other.
func (s *scanner) objects(each func(raw) error) error {
	for n := 1; ; n++ {
		c, err := s.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case c != '{':
			return fmt.Errorf("body %d, on line %d, begins with %q: a body is an object", n, s.line, c)
		}
		if err := s.value(n, each); err != nil {
			return err
		}
	}
}

// value reads one JSON value and hands it on. It counts brackets and leaves to the decoder
// whether they fit.
func (s *scanner) value(n int, each func(raw) error) error {
	line := s.line
	var data []byte
	var v nesting
	long := false
	for {
		c, err := s.r.ReadByte()
		if errors.Is(err, io.EOF) && v.scalar() {
			break
		}
		if err != nil {
			return fmt.Errorf("body %d cannot be read: %w", n, whole(err))
		}
		if v.scalar() && strings.IndexByte(", \t\r\n]}", c) >= 0 {
			_ = s.r.UnreadByte()
			break
		}
		if c == '\n' {
			s.line++
		}
		if long = long || len(data) == maxBody; !long {
			data = append(data, c)
		}
		if v.add(c) {
			break
		}
	}
	return each(s.body(line, data, long))
}

// nesting follows a JSON value to its end.
type nesting struct {
	depth           int
	quoted, escaped bool
}

// scalar says whether the value is not one of those that end with a sign of their own.
func (v *nesting) scalar() bool { return v.depth == 0 && !v.quoted }

// add reads one byte, and says whether the value ends with it.
func (v *nesting) add(c byte) bool {
	switch {
	case v.escaped:
		v.escaped = false
	case v.quoted && c == '\\':
		v.escaped = true
	case c == '"':
		v.quoted = !v.quoted
		return v.scalar()
	case v.quoted:
	case c == '{' || c == '[':
		v.depth++
	case c == '}' || c == ']':
		v.depth--
		return v.depth == 0
	}
	return false
}

func whole(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it is truncated")
	}
	return err
}

// The columns of a CSV file, by their names in lower case. Lists are divided by
// semicolons; a skill may have its proficiency behind a colon, as in Billing:4.
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

// csv makes a body of each row. The header names the columns; one that it does not
// know is an error, because a column that is passed over is a fault that nobody sees.
func (s *scanner) csv(each func(raw) error) error {
	rows := &bounds.Portions{From: s.r, Most: maxBody}
	r := csv.NewReader(rows)
	r.ReuseRecord = true
	header, err := r.Read()
	if err != nil {
		return fmt.Errorf("the header cannot be read: %w", unclosed(err))
	}
	set, err := setters(header)
	if err != nil {
		return err
	}
	for {
		rows.Next()
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
			body.line, body.err = parse.StartLine, fmt.Errorf("the row has %d columns and the header %d", len(row), len(set))
		default:
			return fmt.Errorf("row cannot be read: %w", unclosed(err)) // where its quotes end cannot be known
		}
		body.line += s.line - 1
		if err := each(body); err != nil {
			return err
		}
	}
}

// unclosed says what it mostly is when a row has no end.
func unclosed(err error) error {
	if errors.As(err, &bounds.PortionError{}) {
		return fmt.Errorf("it is longer than %d MB: perhaps a quote is not closed", maxBody>>20)
	}
	return err
}

// setters are what the columns of a header set in a body.
func setters(header []string) ([]func(map[string]any, string) error, error) {
	set := make([]func(map[string]any, string) error, len(header))
	seen := map[string]bool{}
	for i, name := range header {
		key := strings.ToLower(strings.TrimSpace(name))
		if set[i] = columns[key]; set[i] == nil {
			return nil, fmt.Errorf("the column %q is not one that a body has: the columns are userName, displayName, active, title, email, externalId, extension, password, roles, department, division, employeeNumber, routingSkills, routingLanguages", clip(name))
		}
		if seen[key] {
			return nil, fmt.Errorf("the header has the column %q twice", name)
		}
		seen[key] = true
	}
	return set, nil
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
