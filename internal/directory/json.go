package directory

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// json reads pages and users: lists of users, pages as Graph answers them, or one user
// after the other.
func (c *converter) json(r io.Reader) error {
	c.out.Format = "JSON"
	dec := json.NewDecoder(r)
	dec.UseNumber()
	for n := 0; ; {
		token, err := dec.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return broken(n, err)
		case token == json.Delim('['):
			err = c.list(dec, &n)
		case token == json.Delim('{'):
			err = c.object(dec, &n)
		default:
			err = fmt.Errorf("it has %v where a user or a list of users is expected", token)
		}
		if err != nil {
			return err
		}
	}
}

func broken(n int, err error) error {
	switch {
	case tooLong(err):
		return errTooLong
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("it is truncated after user %d", n)
	}
	return fmt.Errorf("it cannot be read after user %d: %w", n, err)
}

// list reads a list of users, behind its bracket.
func (c *converter) list(dec *json.Decoder, n *int) error {
	for dec.More() {
		var user any
		if err := dec.Decode(&user); err != nil {
			return broken(*n, err)
		}
		if err := c.value(user, n); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return broken(*n, err)
	}
	return nil
}

// object reads a page, whose users are in its value, or a user, behind its bracket.
func (c *converter) object(dec *json.Decoder, n *int) error {
	fields, page := map[string]any{}, false
	c.out.Incomplete = ""
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return broken(*n, err)
		}
		key, _ := token.(string)
		if strings.EqualFold(key, "value") {
			next, err := dec.Token()
			if err != nil {
				return broken(*n, err)
			}
			if next != json.Delim('[') {
				return errors.New("it has a value that is no list of users")
			}
			page = true
			if err := c.list(dec, n); err != nil {
				return err
			}
			continue
		}
		var v any
		if err := dec.Decode(&v); err != nil {
			return broken(*n, err)
		}
		fields[key] = v
	}
	if _, err := dec.Token(); err != nil {
		return broken(*n, err)
	}
	if !page {
		return c.value(fields, n)
	}
	if next, _ := fields["@odata.nextLink"].(string); next != "" {
		c.out.Incomplete = "its last page names a next one (@odata.nextLink): not all users are in it"
	}
	return nil
}

// value makes the body of one user.
func (c *converter) value(user any, n *int) error {
	*n++
	fields, ok := user.(map[string]any)
	if !ok {
		c.limit.Next()
		c.leave("user", *n, "it is no object")
		return nil
	}
	flat := map[string]any{}
	for key, v := range fields {
		flat[strings.ToLower(key)] = v
	}
	for _, key := range c.m.gone {
		if v := flat[strings.ToLower(key)]; v != nil && v != "" {
			c.limit.Next()
			c.leave("user", *n, "it is deleted ("+key+")")
			return nil
		}
	}
	names := slices.Sorted(maps.Keys(fields))
	if inner, ok := flat[c.m.nested].(map[string]any); ok && c.m.nested != "" {
		delete(flat, c.m.nested)
		names = slices.DeleteFunc(names, func(s string) bool { return strings.EqualFold(s, c.m.nested) })
		for _, key := range slices.Sorted(maps.Keys(inner)) {
			if _, there := flat[strings.ToLower(key)]; !there {
				flat[strings.ToLower(key)] = inner[key]
				names = append(names, key)
			}
		}
	}
	if c.out.Used == nil {
		if err := c.columns(names); err != nil {
			return err
		}
	}
	return c.user("user", *n, func(name string) string { return text(flat[strings.ToLower(name)]) })
}

// text is a value as a column would have it; of a list its first.
func text(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case bool:
		return map[bool]string{true: "true", false: "false"}[x]
	case json.Number:
		return x.String()
	case []any:
		if len(x) > 0 {
			return text(x[0])
		}
	}
	return ""
}
