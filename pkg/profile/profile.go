// Package profile describes the systems that call SCIM: what an identity provider does
// with the platform, which address it has, and how it gets its token. A profile is one
// YAML file; each part of it names its source, and what no page says is listed as unknown.
package profile

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v3"

	"github.com/scimlint/scimlint/internal/bounds"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
)

// How a provider gets its token.
const (
	Pasted  = "pasted"
	Renewed = "renewed"
)

// What a provider does with a user that the org has already; empty where no page says it.
const (
	Updates     = "update"
	Reactivates = "reactivate"
)

// Profile describes one provider. docs/profile.schema.json describes the file.
type Profile struct {
	Name  string `yaml:"name"`
	Title string `yaml:"title"`
	// Source is the page that describes the provider's set-up, where there is one.
	Source string `yaml:"source"`
	Needs  Needs  `yaml:"needs"`
	Token  Token  `yaml:"token"`
	// Address is what a person enters as the address of SCIM.
	Address    Address           `yaml:"address"`
	Attributes []Attribute       `yaml:"attributes"`
	Existing   Existing          `yaml:"existing"`
	Fixes      map[string]string `yaml:"fixes"`
	// Unknown lists what no page says.
	Unknown []string `yaml:"unknown"`
	// Own is set for a file of a team's own, whose statements nobody published.
	Own bool `yaml:"-"`
}

// Needs are what the provider does; empty where no page says it.
type Needs struct {
	Value  []string `yaml:"value"`
	Note   string   `yaml:"note"`
	Source string   `yaml:"source"`
}

// Token says how the provider gets its token.
type Token struct {
	// Use is pasted, renewed, or empty where no page says it.
	Use string `yaml:"use"`
	// Field is where a person pastes the token.
	Field  string `yaml:"field"`
	Note   string `yaml:"note"`
	Source string `yaml:"source"`
}

// Address is the address of SCIM as a person enters it.
type Address struct {
	// Field is the name of the field; without it the provider has no such address.
	Field string `yaml:"field"`
	// Path is the path as the page writes it; empty where no page says it.
	Path   string `yaml:"path"`
	Note   string `yaml:"note"`
	Source string `yaml:"source"`
}

// Attribute is an attribute of a user with the operations that set it.
type Attribute struct {
	Name       string   `yaml:"name"`
	Operations []string `yaml:"operations"`
	Note       string   `yaml:"note"`
	Source     string   `yaml:"source"`
}

// Existing says what the provider does with users that the org has already.
type Existing struct {
	// Active is update or empty, Deleted reactivate or empty.
	Active  string `yaml:"active"`
	Deleted string `yaml:"deleted"`
	// Notes are sentences for people.
	Notes  []string `yaml:"notes"`
	Source string   `yaml:"source"`
}

//go:embed profiles/*.yaml
var files embed.FS

// Names returns the names of the embedded profiles, in alphabetical order.
func Names() []string {
	entries, err := files.ReadDir("profiles")
	if err != nil {
		panic(err) // embedded
	}
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return out
}

// maxFile bounds a profile's file.
const maxFile = 256 << 10

// IsFile says whether a name is that of a file, and not of an embedded profile.
func IsFile(name string) bool {
	return strings.ContainsAny(name, `/\`) || slices.Contains([]string{".yaml", ".yml"}, strings.ToLower(filepath.Ext(name)))
}

// Find returns the embedded profile of a name, or reads the file of a path: what has a
// path separator or ends in .yaml or .yml is a file.
func Find(name string) (*Profile, error) {
	if IsFile(name) {
		return readFile(name)
	}
	data, err := files.ReadFile("profiles/" + name + ".yaml")
	if err != nil {
		nearest := slices.MinFunc(Names(), func(a, b string) int {
			return levenshtein.ComputeDistance(a, name) - levenshtein.ComputeDistance(b, name)
		})
		return nil, fmt.Errorf("unknown profile %q (did you mean %s?): the profiles are %s; a profile of your own is a file, as ./%s.yaml", name, nearest, strings.Join(Names(), ", "), nearest)
	}
	p, err := Parse(data)
	if err != nil {
		panic(fmt.Sprintf("embedded profile %s: %v", name, err))
	}
	return p, nil
}

func readFile(path string) (*Profile, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	defer func() { _ = in.Close() }()
	data, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("profile %s: %w", path, err)
	}
	p, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("profile %s: %w", path, err)
	}
	p.Own = true
	return p, nil
}

// Parse reads a profile strictly. Its errors name the key.
func Parse(data []byte) (*Profile, error) {
	if len(data) > maxFile {
		return nil, fmt.Errorf("it has more than %d KB, more than any profile", maxFile>>10)
	}
	if err := bounds.YAML(data); err != nil {
		return nil, err
	}
	if err := plain(data); err != nil {
		return nil, err
	}
	var p Profile
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&p); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("it is empty")
		}
		return nil, bounds.YAMLError(err)
	}
	if err := dec.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, errors.New("it has more than one document: a profile is one")
	}
	return &p, p.validate()
}

// Fix is what a cause's fix is called in the provider's own screens, or empty.
func (p *Profile) Fix(cause string) string {
	if p == nil {
		return ""
	}
	return strings.TrimSpace(p.Fixes[cause])
}

// FixedCauses are the ids of the causes for which the profile has a fix, as reports rank them.
func (p *Profile) FixedCauses() []string {
	ids := slices.Collect(maps.Keys(p.Fixes))
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(cmp.Compare(cause.Rank(cause.ID(a)), cause.Rank(cause.ID(b))), cmp.Compare(a, b))
	})
	return ids
}

// Label is what the system is called within a sentence: its title, without what the page
// calls the app in it.
func (p *Profile) Label() string {
	name, _, _ := strings.Cut(p.Title, ",")
	return cmp.Or(strings.TrimSpace(name), p.Name)
}

// HasAddress says whether a person enters an address of SCIM in the system.
func (p *Profile) HasAddress() bool { return p != nil && p.Address.Field != "" }

// attributeNeeds are the needs of attributes that require a permission of their own.
var attributeNeeds = map[string]catalog.Need{"roles": catalog.NeedRoles, "routingskills": catalog.NeedSkills, "routinglanguages": catalog.NeedLanguages, "password": catalog.NeedPassword}

// NeedNames are the needs of the profile with those of the attributes that are sent; none
// where no page says either.
func (p *Profile) NeedNames() []string {
	var more []string
	for _, a := range p.Attributes {
		need, ok := attributeNeeds[strings.ToLower(a.Name)]
		if ok && (need != catalog.NeedPassword || slices.Contains(a.Operations, string(catalog.NeedUpdate))) && !slices.Contains(p.Needs.Value, string(need)) {
			more = append(more, string(need))
		}
	}
	base := p.Needs.Value
	if len(more) > 0 && len(base) == 0 {
		for _, n := range catalog.DefaultNeeds() {
			base = append(base, string(n))
		}
	}
	return slices.Concat(base, more)
}
