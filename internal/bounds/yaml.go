package bounds

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The bounds of YAML. The largest configuration of the documentation has 4 kB.
const (
	// YAMLBytes is how large a file may be.
	YAMLBytes = 2 << 20
	// YAMLValues is how many values it may have once its aliases are followed.
	YAMLValues = 200_000
)

// YAML says that data goes beyond the bounds, in the second half of a sentence: its
// size, its nesting, and what its aliases come to. What is not YAML is for the decoder
// to say.
func YAML(data []byte) error {
	if len(data) > YAMLBytes {
		return fmt.Errorf("it is larger than %d MB", YAMLBytes>>20)
	}
	for _, c := range []byte("[{") { // before the parser, which calls itself for each
		if bytes.Count(data, []byte{c}) > YAMLValues {
			return fmt.Errorf("it has more than %d values", YAMLValues)
		}
	}
	var document yaml.Node
	if yaml.Unmarshal(data, &document) != nil {
		return nil //nolint:nilerr // the decoder says what is wrong
	}
	w := weigher{known: map[*yaml.Node]weight{}}
	_, err := w.weigh(&document)
	return err
}

// weight is what a node comes to: its values and its depth with aliases followed.
type weight struct{ values, depth int }

// weigher counts what an alias refers to once, however often it is named.
type weigher struct{ known map[*yaml.Node]weight }

var errOfItself = errors.New("an alias in it contains itself")

func (w weigher) weigh(n *yaml.Node) (weight, error) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if found, ok := w.known[n]; ok {
		if found.depth == 0 {
			return found, errOfItself
		}
		return found, nil
	}
	if n.Anchor != "" {
		w.known[n] = weight{}
	}
	out := weight{values: 1, depth: 1}
	for _, inner := range n.Content {
		below, err := w.weigh(inner)
		if err != nil {
			return out, err
		}
		out.values, out.depth = out.values+below.values, max(out.depth, below.depth+1)
		if out.values > YAMLValues {
			return out, fmt.Errorf("it has more than %d values, its aliases followed", YAMLValues)
		}
		if out.depth > Depth {
			return out, fmt.Errorf("it is nested more than %d deep", Depth)
		}
	}
	if n.Anchor != "" {
		w.known[n] = out
	}
	return out, nil
}

// ReadFile reads a file of at most so many bytes.
func ReadFile(name string, most int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("%s is larger than %d MB", name, most>>20)
	}
	return data, nil
}

var (
	shownValue = regexp.MustCompile("`[^`]*`")
	goType     = regexp.MustCompile(` (in|into) type \S+| into \S+`)
)

// YAMLError is a decoder's error in one line, without the values of the file, which may
// be another than was meant, and without names of Go types.
func YAMLError(err error) error {
	text := strings.ReplaceAll(strings.TrimPrefix(err.Error(), "yaml: "), "\n  ", " ")
	return errors.New("it cannot be read: " + goType.ReplaceAllString(shownValue.ReplaceAllString(text, "a value"), ""))
}
