package catalog

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

// The table of every published operation: a header line with source, month and
// version, then one line an operation. It is a fifteenth of the size of the same
// facts in JSON, and no command pays for it that does not ask for it.
//
//go:embed operations.tsv.gz
var wholeTable []byte

// All is the embedded catalogue of every published operation, decoded when it
// is first asked for. The operations that Default describes have its refusal
// codes too; of the others no codes are embedded.
var All = sync.OnceValue(func() *Catalog {
	c, err := readTable(bytes.NewReader(wholeTable))
	if err != nil {
		panic(fmt.Sprintf("embedded operations: %v", err))
	}
	for i, o := range c.Operations {
		if detailed, ok := Default().Lookup(o.Method, o.Path); ok {
			c.Operations[i].Refusals = detailed.Refusals
		}
	}
	return c
})

// EncodeTable writes the catalogue without its refusal codes as the embedded
// table, deterministically.
func (c *Catalog) EncodeTable(w io.Writer) error {
	sorted := slices.Clone(c.Operations)
	slices.SortFunc(sorted, func(a, b Operation) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
	})
	zip, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(zip, "%s\t%s\t%s\n", c.Source, c.Generated, c.Version); err != nil {
		return err
	}
	for _, o := range sorted {
		_, err := fmt.Fprintln(zip, strings.Join([]string{o.Method, o.Path, o.ID, string(o.Gate.Type),
			strings.Join(o.Gate.Permissions, ","), strings.Join(o.Scopes, ",")}, "\t"))
		if err != nil {
			return err
		}
	}
	return zip.Close()
}

// readTable reads what EncodeTable wrote. Equal lists share one slice.
func readTable(r io.Reader) (*Catalog, error) {
	zip, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(zip)
	lines.Buffer(nil, 1<<20)
	if !lines.Scan() {
		return nil, fmt.Errorf("no header line: %w", cmp.Or(lines.Err(), io.ErrUnexpectedEOF))
	}
	head := strings.Split(lines.Text(), "\t")
	if len(head) != 3 {
		return nil, fmt.Errorf("header line has %d fields, not 3", len(head))
	}
	c := &Catalog{Source: head[0], Generated: head[1], Version: head[2]}
	lists := map[string][]string{"": nil}
	list := func(text string) []string {
		l, ok := lists[text]
		if !ok {
			l = strings.Split(text, ",")
			lists[text] = l
		}
		return l
	}
	for lines.Scan() {
		f := strings.Split(lines.Text(), "\t")
		if len(f) != 6 {
			return nil, fmt.Errorf("operation %d has %d fields, not 6", len(c.Operations)+1, len(f))
		}
		c.Operations = append(c.Operations, Operation{Method: f[0], Path: f[1], ID: f[2],
			Gate: Gate{Type: GateType(f[3]), Permissions: list(f[4])}, Scopes: list(f[5])})
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	c.index()
	return c, nil
}
