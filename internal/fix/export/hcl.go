package export

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The Terraform that a plan needs is blocks of attributes with one-line values. HashiCorp's
// writer comes with its parser and its function library, 1.5 MB of a binary; the tests
// parse what is written here with it, and compare it with its canonical form.

// hclBody is the contents of a block, or of a file.
type hclBody struct {
	items []hclItem
}

// hclItem is an attribute, a block, or lines as they are.
type hclItem struct {
	name, value string // of an attribute; value is an expression
	header      string // of a block
	body        *hclBody
	raw         string // a comment or an empty line, with its end
}

func (b *hclBody) line(raw string)          { b.items = append(b.items, hclItem{raw: raw + "\n"}) }
func (b *hclBody) set(name, expr string)    { b.items = append(b.items, hclItem{name: name, value: expr}) }
func (b *hclBody) setString(name, s string) { b.set(name, hclString(s)) }
func (b *hclBody) setList(name string, l []string) {
	quoted := make([]string, 0, len(l))
	for _, s := range l {
		quoted = append(quoted, hclString(s))
	}
	b.set(name, "["+strings.Join(quoted, ", ")+"]")
}

// block adds a block and returns its body.
func (b *hclBody) block(kind string, labels ...string) *hclBody {
	header := kind
	for _, l := range labels {
		header += " " + hclString(l)
	}
	body := &hclBody{}
	b.items = append(b.items, hclItem{header: header, body: body})
	return body
}

// String is the body in the form that `terraform fmt` leaves as it is: two blanks a level,
// and the equals signs of attributes that follow one another in one column.
func (b *hclBody) String() string {
	var out strings.Builder
	b.write(&out, "")
	return out.String()
}

func (b *hclBody) write(out *strings.Builder, indent string) {
	for i, item := range b.items {
		switch {
		case item.body != nil:
			out.WriteString(indent + item.header + " {\n")
			item.body.write(out, indent+"  ")
			out.WriteString(indent + "}\n")
		case item.name != "":
			fmt.Fprintf(out, "%s%-*s = %s\n", indent, b.width(i), item.name, item.value)
		default:
			out.WriteString(item.raw)
		}
	}
}

// width is the longest name of the attributes around i.
func (b *hclBody) width(i int) int {
	first := i
	for first > 0 && b.items[first-1].name != "" {
		first--
	}
	width := 0
	for _, item := range b.items[first:] {
		if item.name == "" {
			break
		}
		width = max(width, len(item.name))
	}
	return width
}

// hclString is s as a quoted string in which nothing is a template and nothing ends it.
// Source: the HCL native syntax specification, "Template Expressions".
func hclString(s string) string {
	var out strings.Builder
	out.WriteByte('"')
	for i, r := range s {
		switch {
		case r == utf8.RuneError:
			out.WriteRune(utf8.RuneError)
		case r == '"' || r == '\\':
			out.WriteByte('\\')
			out.WriteRune(r)
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\r':
			out.WriteString(`\r`)
		case r == '\t':
			out.WriteString(`\t`)
		case (r == '$' || r == '%') && strings.HasPrefix(s[i+1:], "{"):
			out.WriteRune(r)
			out.WriteRune(r)
		case !unicode.IsPrint(r) && r > 0xffff:
			out.WriteString(`\U` + fmt.Sprintf("%08x", r))
		case !unicode.IsPrint(r):
			out.WriteString(`\u` + fmt.Sprintf("%04x", r))
		default:
			out.WriteRune(r)
		}
	}
	out.WriteByte('"')
	return out.String()
}

func hclNumber(n int64) string { return strconv.FormatInt(n, 10) }
