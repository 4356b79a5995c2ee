package transcript

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// largeJSON reads JSON that is too large to be read in one piece: a log with an object in
// each line as text is read; an export with one long list, or many values, one by one. head
// is what was read of it already.
func (rd *reader) largeJSON(head []byte, r io.Reader) error {
	r = io.MultiReader(bytes.NewReader(head), r)
	rd.result.Prose = string(bytes.ToValidUTF8(head[:min(len(head), maxProse)], []byte("?")))
	first, _, _ := bytes.Cut(bytes.TrimSpace(head), []byte("\n"))
	if first[0] == '{' && json.Valid(first) {
		return rd.windows(r)
	}
	l := &longJSON{reader: rd, limit: &bounded{r: r, left: maxEntry}}
	l.dec = json.NewDecoder(l.limit)
	// Where one value ends within what was read, there are many of them.
	several := json.NewDecoder(bytes.NewReader(head)).Decode(new(json.RawMessage)) == nil
	err := l.values(several)
	if errors.Is(err, io.EOF) {
		return nil
	}
	// What is no JSON is text.
	if problem := rd.windows(io.MultiReader(l.dec.Buffered(), r)); problem != nil {
		return problem
	}
	switch {
	case errors.Is(err, errEntryTooLarge):
		err = unreadable("a value of the JSON behind entry %d is larger than %d MB: cut out the part around the refusal", l.entries, maxEntry>>20)
	case !errors.Is(err, io.ErrUnexpectedEOF) && rd.count+rd.result.Unjoined > 0:
		return nil // JSON, then text
	default:
		err = unreadable("the JSON ends early, or is no JSON, after %d entries: save it again", l.entries)
	}
	return rd.cutOff(err, "")
}

// longJSON reads the entries of a long JSON text.
type longJSON struct {
	*reader
	limit   *bounded
	dec     *json.Decoder
	entries int
}

// values reads one value after the other; where there is only one, the lists in it.
func (l *longJSON) values(several bool) error {
	for {
		l.limit.left = maxEntry
		if several {
			if err := l.entry(); err != nil {
				return err
			}
			continue
		}
		t, err := l.dec.Token()
		if err != nil {
			return err
		}
		if err := l.inside(t, 0); err != nil {
			return err
		}
	}
}

// maxLists bounds how deep a list is looked for: log.events, value, data.items.
const maxLists = 3

// inside reads what a value has in it, of which the first token was read.
func (l *longJSON) inside(t json.Token, depth int) error {
	each := l.entry
	switch {
	case t == json.Delim('['):
	case t == json.Delim('{') && depth < maxLists:
		each = func() error { return l.member(depth) }
	case t == json.Delim('{'):
		each = func() error { return skip(l.dec, l.limit) }
	default:
		return nil
	}
	for l.dec.More() {
		if err := each(); err != nil {
			return err
		}
	}
	_, err := l.dec.Token()
	return err
}

// member reads a key and what its value has in it.
func (l *longJSON) member(depth int) error {
	l.limit.left = maxEntry
	if _, err := l.dec.Token(); err != nil {
		return err
	}
	next, err := l.dec.Token()
	if err != nil {
		return err
	}
	return l.inside(next, depth+1)
}

// entry reads one value as a whole.
func (l *longJSON) entry() error {
	l.limit.left = maxEntry
	var raw json.RawMessage
	if err := l.dec.Decode(&raw); err != nil {
		return err
	}
	l.entries++
	where := fmt.Sprintf("entry %d", l.entries)
	text := string(raw)
	l.vault.searchIn(where, text)
	if interesting(text) {
		l.documents(raw, where)
	}
	return nil
}
