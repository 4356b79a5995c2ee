package genesys

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// maxPages bounds how far a list is followed.
const maxPages = 50

// page is one page of a list in any of the platform's forms. What a form does
// not have is nil.
type page[T any] struct {
	Entities  *[]T    `json:"entities"`
	PageCount *int    `json:"pageCount"`
	Total     *int    `json:"total"`
	NextURI   *string `json:"nextUri"`
	// AllPermitted is of divisionspermitted only.
	AllPermitted *bool `json:"allDivsPermitted"`
}

// list is what a list says once it was read to its end.
type list[T any] struct {
	entities     []T
	allPermitted *bool
}

// incomplete makes a call one whose list was not read to its end: what half a
// list does not have is unknown, not absent.
func incomplete(call *Call, format string, args ...any) {
	call.Failure = &Failure{FailureIncomplete, fmt.Sprintf(format, args...)}
}

// numbered reads a list that pages with pageSize and pageNumber. It returns nil
// unless every page was read: an answer without entities, a page that says
// neither how many pages nor how many entities there are, a list that ends
// short of its own total and one over the page limit are all failures.
// Source: the published definition's listings (pageCount, total, nextUri).
func numbered[T any](ctx context.Context, c *Client, path string, query url.Values) (*list[T], []Call) {
	out := &list[T]{entities: []T{}}
	var calls []Call
	for n := 1; n <= maxPages; n++ {
		q := url.Values{}
		for k, v := range query {
			q[k] = v
		}
		if n > 1 || q.Get("pageSize") != "" {
			q.Set("pageNumber", strconv.Itoa(n))
		}
		p, call := get[page[T]](ctx, c, path, q)
		calls = append(calls, call)
		last := &calls[len(calls)-1]
		if p == nil {
			return nil, calls
		}
		if p.Entities == nil {
			incomplete(last, "the answer has no list of entities")
			return nil, calls
		}
		out.entities = append(out.entities, *p.Entities...)
		out.allPermitted = p.AllPermitted
		done, why := p.last(n, len(out.entities))
		if why != "" {
			incomplete(last, "%s", why)
			return nil, calls
		}
		if done {
			return out, calls
		}
	}
	incomplete(&calls[len(calls)-1], "the list has more than %d pages", maxPages)
	return nil, calls
}

// last says whether page n is the last one, of a list of which read entities
// were read so far. why says why that cannot be known, or that the list
// contradicts itself.
func (p page[T]) last(n, read int) (done bool, why string) {
	next := p.NextURI != nil && *p.NextURI != ""
	switch {
	case p.PageCount != nil && n < *p.PageCount:
		if len(*p.Entities) == 0 {
			return false, fmt.Sprintf("page %d of %d is empty", n, *p.PageCount)
		}
		return false, ""
	case p.PageCount != nil && next:
		return false, fmt.Sprintf("page %d calls itself the last one and names a next page", n)
	case p.PageCount == nil && next:
		return false, ""
	case p.Total != nil && read != *p.Total:
		if p.PageCount == nil && read < *p.Total && len(*p.Entities) > 0 {
			return false, ""
		}
		return false, fmt.Sprintf("the list says that it has %d entities and ends after %d", *p.Total, read)
	case p.PageCount == nil && p.Total == nil:
		return false, "the answer does not say whether it is the last page"
	}
	return true, ""
}

// cursored reads a list whose pages name the next one by a cursor. The end of
// such a list is a page without nextUri; only the cursor of a next page's
// address is used, so the token goes where the first request went.
func cursored[T any](ctx context.Context, c *Client, path string, query url.Values) (*[]T, []Call) {
	all := []T{}
	var calls []Call
	seen := map[string]bool{}
	for range maxPages {
		p, call := get[page[T]](ctx, c, path, query)
		calls = append(calls, call)
		last := &calls[len(calls)-1]
		if p == nil {
			return nil, calls
		}
		if p.Entities == nil {
			incomplete(last, "the answer has no list of entities")
			return nil, calls
		}
		all = append(all, *p.Entities...)
		if p.NextURI == nil || *p.NextURI == "" {
			return &all, calls
		}
		next, err := url.Parse(*p.NextURI)
		after := ""
		if err == nil {
			after = next.Query().Get("after")
		}
		if after == "" || seen[after] {
			incomplete(last, "the address of the next page cannot be followed")
			return nil, calls
		}
		seen[after] = true
		query.Set("after", after)
	}
	incomplete(&calls[len(calls)-1], "the list has more than %d pages", maxPages)
	return nil, calls
}

// repeatedKey returns a key that one object of the JSON has twice, also in
// other case: decoders do not agree on which of the two counts, so nothing can
// be concluded from such an answer. It is empty for everything else.
func repeatedKey(data []byte) string {
	dec := json.NewDecoder(bytes.NewReader(data))
	var in nesting
	for {
		t, err := dec.Token()
		if err != nil {
			return "" // the end; invalid JSON is found elsewhere
		}
		if d, ok := t.(json.Delim); ok {
			in.delim(d)
		} else if key, ok := t.(string); ok && in.expectsKey() {
			if !in.key(strings.ToLower(key)) {
				return key
			}
		} else {
			in.value()
		}
	}
}

// nesting is where a reader of JSON is: in which objects and arrays, the innermost last.
type nesting []level

type level struct {
	keys  map[string]bool // nil in an array
	value bool            // the next token of an object is a value
}

// delim enters or leaves an object or an array.
func (n *nesting) delim(d json.Delim) {
	switch d {
	case '{':
		*n = append(*n, level{keys: map[string]bool{}})
	case '[':
		*n = append(*n, level{})
	default:
		*n = (*n)[:len(*n)-1]
		n.value()
	}
}

// expectsKey says whether the next text is a key.
func (n *nesting) expectsKey() bool {
	top := len(*n) - 1
	return top >= 0 && (*n)[top].keys != nil && !(*n)[top].value
}

// key reads a key, and says whether the object does not have it yet.
func (n *nesting) key(key string) bool {
	top := &(*n)[len(*n)-1]
	fresh := !top.keys[key]
	top.keys[key], top.value = true, true
	return fresh
}

// value reads a value: in an object a key comes next.
func (n *nesting) value() {
	if top := len(*n) - 1; top >= 0 {
		(*n)[top].value = false
	}
}
