package profile

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v3"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
)

// docs/profile.schema.json accepts what this file accepts, and refuses the rest; a test
// compares the two. The forms below are in it word for word.
var (
	nameForm   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,40}$`)
	sourceForm = regexp.MustCompile(`^https://[0-9A-Za-z.-]+(:[0-9]{1,5})?([/?#][^ \t\r\n]*)?$`)
)

// operations are those that set an attribute of a user.
var operations = []string{string(catalog.NeedCreate), string(catalog.NeedUpdate)}

// paths are the published bases of SCIM, as a person may enter them.
var paths = []string{catalog.SCIMBase, catalog.SCIMBase + "/", catalog.SCIMBaseUnversioned, catalog.SCIMBaseUnversioned + "/"}

// plain refuses values that are no texts. Everything that a profile says is a text: a
// number or a key without a value is a slip, which the decoder would pass over.
func plain(data []byte) error {
	var document yaml.Node
	if yaml.Unmarshal(data, &document) != nil || len(document.Content) == 0 {
		return nil //nolint:nilerr // the decoder says what is wrong
	}
	return texts(document.Content[0], "it")
}

// texts walks through a node. where names it in an error.
func texts(n *yaml.Node, where string) error {
	switch n.Kind {
	case yaml.ScalarNode:
		switch {
		case n.ShortTag() == "!!null" || n.ShortTag() == "!!str" && n.Value == "":
			return fmt.Errorf("line %d: %s has no value: write one, or leave the key out", n.Line, where)
		case n.ShortTag() != "!!str" && n.ShortTag() != "!!timestamp": // a day is a text, too
			return fmt.Errorf("line %d: the value of %s is not a text: put it in quotes", n.Line, where)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := strings.TrimPrefix(where+"."+n.Content[i].Value, "it.")
			if n.Content[i].ShortTag() != "!!str" {
				return fmt.Errorf("line %d: the key %s is not a text", n.Content[i].Line, key)
			}
			if err := texts(n.Content[i+1], key); err != nil {
				return err
			}
		}
	case yaml.SequenceNode:
		for _, one := range n.Content {
			if err := texts(one, where); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Profile) validate() error {
	if !nameForm.MatchString(p.Name) {
		return fmt.Errorf("name is %q: write a short name in lower case, as entra", p.Name)
	}
	if err := p.Needs.validate(); err != nil {
		return err
	}
	for _, f := range []struct {
		key, value string
		allowed    []string
	}{
		{"token.use", p.Token.Use, []string{Pasted, Renewed}},
		{"existing.active", p.Existing.Active, []string{Updates}},
		{"existing.deleted", p.Existing.Deleted, []string{Reactivates}},
	} {
		if f.value != "" && !slices.Contains(f.allowed, f.value) {
			return fmt.Errorf("%s is %q: write %s, or leave it out where it is not known", f.key, f.value, strings.Join(f.allowed, " or "))
		}
	}
	if err := p.Address.validate(); err != nil {
		return err
	}
	for _, a := range p.Attributes {
		if err := a.validate(); err != nil {
			return err
		}
	}
	if err := p.validateFixes(); err != nil {
		return err
	}
	for _, s := range p.sources() {
		if s != "" && !sourceForm.MatchString(s) {
			return fmt.Errorf("source %q is not the https address of a page", s)
		}
	}
	return nil
}

func (p *Profile) sources() []string {
	out := []string{p.Source, p.Needs.Source, p.Token.Source, p.Address.Source, p.Existing.Source}
	for _, a := range p.Attributes {
		out = append(out, a.Source)
	}
	return out
}

// validate accepts each need as --need names it, and not auto: traffic is of a client, and
// a profile describes the systems that anyone has.
func (n Needs) validate() error {
	for _, v := range n.Value {
		if v == string(catalog.NeedAuto) {
			return errors.New("needs.value: auto is for --need, where it means the client's own traffic: name the needs, or leave them out where they are not known")
		}
		if slices.Contains(catalog.AllNeeds(), catalog.Need(v)) {
			continue
		}
		if _, err := catalog.ParseNeeds([]string{v}); err != nil {
			return fmt.Errorf("needs.value: %w", err)
		}
		return fmt.Errorf("needs.value has %q: write each need for itself and in lower case, as [create, read]", v)
	}
	return nil
}

func (a Address) validate() error {
	switch {
	case a.Path == "":
		return nil
	case a.Field == "":
		return errors.New("address.path needs address.field, the name of the field in which it is entered")
	case !slices.Contains(paths, a.Path):
		return fmt.Errorf("address.path is %q: the published bases of SCIM are %s and %s", a.Path, catalog.SCIMBase, catalog.SCIMBaseUnversioned)
	}
	return nil
}

func (a Attribute) validate() error {
	if a.Name == "" {
		return errors.New("attributes has one without a name")
	}
	for _, op := range a.Operations {
		if !slices.Contains(operations, op) {
			return fmt.Errorf("attributes: the operation %q of %s: write %s", op, a.Name, strings.Join(operations, " or "))
		}
	}
	return nil
}

// validateFixes refuses ids of causes that do not exist: their fixes would never be shown.
func (p *Profile) validateFixes() error {
	for _, id := range p.FixedCauses() {
		if _, known := cause.ByID(cause.ID(id)); !known {
			return fmt.Errorf("fixes names the cause %q, which does not exist: did you mean %s? scimlint rules lists the causes", id, nearestCause(id))
		}
	}
	return nil
}

func nearestCause(id string) cause.ID {
	return slices.MinFunc(cause.All(), func(a, b cause.Info) int {
		return levenshtein.ComputeDistance(string(a.ID), id) - levenshtein.ComputeDistance(string(b.ID), id)
	}).ID
}
