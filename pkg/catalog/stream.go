package catalog

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/scimlint/scimlint/internal/bounds"
)

// The bounds of a definition: the published one has 2,000 paths, the largest of 60 kB.
const (
	// maxPath bounds one path, and every other value that is read at once, in bytes.
	maxPath = 4 << 20
	// maxPaths bounds how many paths there are.
	maxPaths = 20_000
)

// stream reads a definition piece by piece: of the paths one at a time, of everything
// else nothing. The published definition has 60 MB, most of it models.
func stream(r io.Reader, path func(string, map[string]definedOperation)) (definition, error) {
	var d definition
	in := &bounds.Portions{From: r, Most: maxPath}
	dec := json.NewDecoder(in)
	if err := open(dec); err != nil {
		return d, err
	}
	for dec.More() {
		in.Next()
		key, err := name(dec)
		if err != nil {
			return d, err
		}
		switch key {
		case "swagger":
			err = dec.Decode(&d.Swagger)
		case "info":
			err = dec.Decode(&d.Info)
		case "paths":
			err = paths(dec, in, path)
		default:
			err = skip(dec, in)
		}
		if err != nil {
			return d, fmt.Errorf("%q: %w", key, whole(err))
		}
	}
	if _, err := dec.Token(); err != nil {
		return d, whole(err)
	}
	return d, nil
}

// whole puts the end of a cut-off definition in words.
func whole(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it ends early")
	}
	return err
}

func open(dec *json.Decoder) error {
	t, err := dec.Token()
	if err != nil {
		return whole(err)
	}
	if t != json.Delim('{') {
		return errors.New("it is no JSON object")
	}
	return nil
}

func name(dec *json.Decoder) (string, error) {
	t, err := dec.Token()
	if err != nil {
		return "", whole(err)
	}
	s, _ := t.(string) // the decoder lets nothing else mean a key
	return s, nil
}

func paths(dec *json.Decoder, in *bounds.Portions, path func(string, map[string]definedOperation)) error {
	if err := open(dec); err != nil {
		return err
	}
	for n := 1; dec.More(); n++ {
		in.Next()
		p, err := name(dec)
		if err != nil {
			return err
		}
		if n > maxPaths {
			return fmt.Errorf("it has more than %d paths", maxPaths)
		}
		// A path's other members, such as its parameters, are lists and not operations.
		var members json.RawMessage
		if err := dec.Decode(&members); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		ops, err := operations(p, members)
		if err != nil {
			return err
		}
		path(p, ops)
	}
	_, err := dec.Token()
	return err
}

// operations are those of the path, by method.
func operations(path string, data []byte) (map[string]definedOperation, error) {
	if err := bounds.JSON(data); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	ops := map[string]definedOperation{}
	for method, data := range members {
		if !slices.Contains(methods, method) {
			continue
		}
		var op definedOperation
		if err := json.Unmarshal(data, &op); err != nil {
			return nil, fmt.Errorf("%s %s: %w", method, path, err)
		}
		ops[method] = op
	}
	return ops, nil
}

// skip passes over one value without keeping it.
func skip(dec *json.Decoder, in *bounds.Portions) error {
	depth := 0
	for {
		in.Next()
		t, err := dec.Token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			if depth++; depth > bounds.Depth {
				return fmt.Errorf("it is nested more than %d deep", bounds.Depth)
			}
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}
