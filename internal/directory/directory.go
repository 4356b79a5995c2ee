package directory

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/scimlint/scimlint/internal/bounds"
)

// Summary says what was read of a file, what was made of it and what was left out.
type Summary struct {
	// Format is CSV with its delimiter, or JSON.
	Format string
	Bodies int
	// Used are the columns that were found and used, Missing those that were looked for in
	// vain, Unused those of the file that nothing asks for.
	Used, Missing, Unused []string
	// LeftOut counts users without a body; Reasons has the first of them with line and why.
	LeftOut int
	Reasons []string
	// EmptyRows are rows without any value.
	EmptyRows int
	// Phones counts telephone numbers that are not whole international numbers, and that
	// are left out of their bodies.
	Phones int
	// Incomplete says why the file does not have all users; empty where nothing shows that.
	Incomplete string
}

const (
	// maxUser bounds one user of a file.
	maxUser = 1 << 20
	// maxReasons bounds the reasons that are kept.
	maxReasons = 100
)

// tooLong says whether one user is larger than any, and errTooLong why that may be.
func tooLong(err error) bool { return errors.As(err, &bounds.PortionError{}) }

var errTooLong = fmt.Errorf("one user has more than %d MB: a quotation mark or a bracket is not closed", maxUser>>20)

// Convert reads a file by a mapping and calls the function with every body, in order. Its
// errors are those of the file as a whole; who has no body is listed in the summary. An
// error of the function ends it.
func Convert(in io.Reader, m Mapping, each func(body map[string]any) error) (Summary, error) {
	limited := &bounds.Portions{From: in, Most: maxUser}
	r := bufio.NewReaderSize(limited, 64<<10)
	head, err := r.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return Summary{}, err
	}
	switch {
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		_, _ = r.Discard(3)
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}), bytes.IndexByte(head, 0) >= 0:
		return Summary{}, errors.New("it is UTF-16 or no text: save it as UTF-8")
	}
	c := &converter{m: m, each: each, seed: maphash.MakeSeed(), first: map[uint64]int{}, limit: limited}
	for {
		b, err := r.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return Summary{}, errors.New("it is empty")
		case err != nil:
			return Summary{}, err
		case b == ' ' || b == '\r' || b == '\n':
			continue
		}
		_ = r.UnreadByte()
		switch {
		case b == '<':
			return Summary{}, errors.New("it is HTML or XML, and not an export of users")
		case (b == '[' || b == '{') && m.json:
			err = c.json(r)
		default:
			err = c.csv(r)
		}
		if err == nil && c.out.Bodies+c.out.LeftOut == 0 {
			err = errors.New("it has no users")
		}
		return c.out, err
	}
}

// converter makes bodies of users.
type converter struct {
	m     Mapping
	each  func(map[string]any) error
	limit *bounds.Portions
	out   Summary
	// first is where each userName was first read, by its hash.
	seed  maphash.Seed
	first map[uint64]int
}

// columns notes which columns are there. A file without those that every body needs is not
// what was named.
func (c *converter) columns(found []string) error {
	there := func(name string) bool {
		return slices.ContainsFunc(found, func(f string) bool { return strings.EqualFold(f, name) })
	}
	wanted := c.m.wanted()
	for _, name := range wanted {
		if there(name) {
			c.out.Used = append(c.out.Used, name)
		} else {
			c.out.Missing = append(c.out.Missing, name)
		}
	}
	for i, name := range found {
		same := func(other string) bool { return strings.EqualFold(other, name) }
		switch {
		case !slices.ContainsFunc(wanted, same):
			c.out.Unused = append(c.out.Unused, name)
		case slices.ContainsFunc(found[:i], same):
			return fmt.Errorf("the column %q is there twice: which one counts cannot be known", name)
		}
	}
	for _, target := range []string{"userName", "displayName"} {
		if !c.m.has(target, there) {
			return fmt.Errorf("the column of %s is not there: looked for %s (as of %s); found %s", target, strings.Join(wanted, ", "), c.m.name, enumerate(found))
		}
	}
	return nil
}

// enumerate lists names, not more than a person reads.
func enumerate(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	const most = 40
	short := make([]string, 0, most)
	for _, n := range names[:min(len(names), most)] {
		if len(n) > 60 {
			n = strings.ToValidUTF8(n[:60], "") + "…"
		}
		short = append(short, n)
	}
	text := strings.Join(short, ", ")
	if len(names) > most {
		text += fmt.Sprintf(" and %d more", len(names)-most)
	}
	return text
}

// user makes the body of one user.
func (c *converter) user(place string, number int, field func(string) string) error {
	c.limit.Next()
	body, why, phones := c.m.body(field)
	c.out.Phones += phones
	if why == "" {
		name, _ := body["userName"].(string)
		key := maphash.String(c.seed, strings.ToLower(name))
		if first, again := c.first[key]; again {
			why = fmt.Sprintf("its userName %q is that of %s %d too", name, place, first)
		} else {
			c.first[key] = number
		}
	}
	if why != "" {
		c.leave(place, number, why)
		return nil
	}
	c.out.Bodies++
	return c.each(body)
}

// leave notes a user without a body.
func (c *converter) leave(place string, number int, why string) {
	c.out.LeftOut++
	if len(c.out.Reasons) < maxReasons {
		c.out.Reasons = append(c.out.Reasons, fmt.Sprintf("%s %d: %s", place, number, why))
	}
}

func valid(fields []string) bool {
	return !slices.ContainsFunc(fields, func(f string) bool { return !utf8.ValidString(f) || strings.ContainsRune(f, 0) })
}
