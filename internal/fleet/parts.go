package fleet

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
)

// maxPart is how much text of a list is in memory as YAML at once, one entry more or less.
const maxPart = 64 << 10

var (
	orgsKey = regexp.MustCompile(`^orgs:[ \t]*(?:#.*)?\r?\n?$`)
	begins  = regexp.MustCompile(`^( *)-(?:[ \t\r\n]|$)`)
	empty   = regexp.MustCompile(`^[ \t]*(?:#.*)?\r?\n?$`)
	divides = regexp.MustCompile(`^---[ \t]*(?:#.*)?\r?\n?$`)
	// other are the other lines between documents.
	other = regexp.MustCompile(`^(?:---|\.\.\.|%)`)
)

// errNotPlain says that a list is not written so that it can be divided.
var errNotPlain = errors.New("this list cannot be read in parts")

// inParts reads a list so that a long one never is in memory as a whole: first the other
// keys of each document, then the entries below orgs, some at a time. That is possible where
// the entries are written the plain way, each with a dash in front, all in one column. Any
// other list, and one with a mistake, is an error here: then it must be read as a whole.
// Documents are counted from zero.
func inParts(in io.ReadSeeker, each func(text []byte, document int) error) error {
	for _, entries := range []bool{false, true} {
		if _, err := in.Seek(0, io.SeekStart); err != nil {
			return err
		}
		d := &partition{entries: entries, each: each}
		if err := d.read(in); err != nil {
			return err
		}
	}
	return nil
}

// partition divides a list by its lines.
type partition struct {
	// entries says that the entries are read, and not the other keys.
	entries bool
	each    func(text []byte, document int) error

	text bytes.Buffer
	// full says that the text has more than comments.
	full     bool
	document int
	// some says that the document at hand has anything but comments, orgs that it has entries
	// already, inside that the line at hand is of them.
	some, orgs, inside bool
	// column is where the dash of each entry is; negative before the first one.
	column int
}

func (d *partition) read(in io.Reader) error {
	lines := bufio.NewReaderSize(in, 1<<16)
	for {
		line, err := readLine(lines)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if problem := d.take(line); problem != nil {
			return problem
		}
		if err != nil {
			return d.end()
		}
	}
}

// take adds a line to the part that it is of.
func (d *partition) take(line []byte) error {
	switch {
	case divides.Match(line):
		err := d.end()
		if d.some {
			d.document++
		}
		d.some, d.orgs, d.inside = false, false, false
		return err
	case other.Match(line):
		return errNotPlain
	case empty.Match(line): // it may be of a text in several lines
		if d.inside == d.entries {
			d.text.Write(line)
		}
		return nil
	case orgsKey.Match(line):
		if d.orgs {
			return errNotPlain
		}
		d.some, d.orgs, d.inside, d.column = true, true, true, -1
		d.keep(line)
		return nil
	}
	d.some = true
	if d.inside {
		if err := d.entry(line); err != nil {
			return err
		}
	}
	d.keep(line)
	return nil
}

// entry looks at a line below orgs: it may begin an entry, or be behind the last one.
func (d *partition) entry(line []byte) error {
	m := begins.FindSubmatch(line)
	switch {
	case m == nil && d.column < 0:
		return errNotPlain
	case m != nil && d.column < 0:
		d.column = len(m[1])
	case m != nil && len(m[1]) == d.column:
		if d.text.Len() > maxPart {
			if err := d.end(); err != nil {
				return err
			}
			d.text.WriteString("orgs:\n") // keep adds the entry
		}
	case len(line)-len(bytes.TrimLeft(line, " ")) <= d.column:
		d.inside = false
	}
	return nil
}

func (d *partition) keep(line []byte) {
	if d.inside == d.entries {
		d.text.Write(line)
		d.full = true
	}
}

// end hands on the part at hand.
func (d *partition) end() error {
	var err error
	if d.full {
		err = d.each(d.text.Bytes(), d.document)
	}
	d.text.Reset()
	d.full = false
	return err
}
