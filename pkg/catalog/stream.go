package catalog

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// stream reads a definition piece by piece: of the paths one at a time, of everything
// else nothing. The published definition has 60 MB, most of it models.
func stream(r io.Reader, path func(string, map[string]definedOperation)) (definition, error) {
	var d definition
	dec := json.NewDecoder(r)
	if err := open(dec); err != nil {
		return d, err
	}
	for dec.More() {
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
			err = paths(dec, path)
		default:
			err = skip(dec)
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
		return errors.New("it breaks off")
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
	s, _ := t.(string) // the decoder lets nothing else stand for a key
	return s, nil
}

func paths(dec *json.Decoder, path func(string, map[string]definedOperation)) error {
	if err := open(dec); err != nil {
		return err
	}
	for dec.More() {
		p, err := name(dec)
		if err != nil {
			return err
		}
		// A path's other members, such as its parameters, are lists and not operations.
		var members map[string]json.RawMessage
		if err := dec.Decode(&members); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		ops := map[string]definedOperation{}
		for method, data := range members {
			if !slices.Contains(methods, method) {
				continue
			}
			var op definedOperation
			if err := json.Unmarshal(data, &op); err != nil {
				return fmt.Errorf("%s %s: %w", method, p, err)
			}
			ops[method] = op
		}
		path(p, ops)
	}
	_, err := dec.Token()
	return err
}

// skip passes over one value without keeping it.
func skip(dec *json.Decoder) error {
	depth := 0
	for {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}
