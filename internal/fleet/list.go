// Package fleet checks many orgs: it reads the list of them, checks each as `scimlint
// check` would, keeps a record of each, merges the records of several machines, and writes
// the reports of all orgs.
package fleet

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/checks/custom"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/profile"
)

// DefaultFile is the list that is read where none is named.
const DefaultFile = "fleet.yaml"

// The bounds of a list: 100,000 orgs of ten lines each have about 25 MB.
const (
	maxListBytes = 64 << 20
	maxOrgs      = 200_000
)

// Settings are what is said of one org, or of all of them by default. The keys are those of
// scimlint.yaml, where it has them.
type Settings struct {
	Labels        map[string]string `yaml:"labels" json:"labels,omitempty"`
	Region        string            `yaml:"region" json:"region,omitempty"`
	ClientID      string            `yaml:"clientId" json:"clientId,omitempty"`
	Secret        SecretSource      `yaml:"secret" json:"secret,omitzero"`
	APIURL        string            `yaml:"apiUrl" json:"apiUrl,omitempty"`
	LoginURL      string            `yaml:"loginUrl" json:"loginUrl,omitempty"`
	SCIMURL       string            `yaml:"scimUrl" json:"scimUrl,omitempty"`
	Need          []string          `yaml:"need" json:"need,omitempty"`
	NeedOperation []string          `yaml:"needOperation" json:"needOperation,omitempty"`
	Probe         string            `yaml:"probe" json:"probe,omitempty"`
	Division      []string          `yaml:"division" json:"division,omitempty"`
	ExpectOrg     string            `yaml:"expectOrg" json:"expectOrg,omitempty"`
	AcceptUnknown []string          `yaml:"acceptUnknown" json:"acceptUnknown,omitempty"`
	Requirements  Requirements      `yaml:"requirements" json:"requirements,omitzero"`
	TokenUse      string            `yaml:"tokenUse" json:"tokenUse,omitempty"`
	Profile       string            `yaml:"profile" json:"profile,omitempty"`
	Usage         int               `yaml:"usage" json:"usage,omitempty"`
	Changes       int               `yaml:"changes" json:"changes,omitempty"`
	Timeout       time.Duration     `yaml:"timeout" json:"timeout,omitempty"`
	FailOn        string            `yaml:"failOn" json:"failOn,omitempty"`
	Only          []string          `yaml:"only" json:"only,omitempty"`
	Skip          []string          `yaml:"skip" json:"skip,omitempty"`
	Severity      map[string]string `yaml:"severity" json:"severity,omitempty"`
	Baseline      string            `yaml:"baseline" json:"baseline,omitempty"`
}

// Requirements are required of the token in addition to what the published definition
// requires, or instead of it.
type Requirements struct {
	Replace     bool     `yaml:"replace" json:"replace,omitempty"`
	Scopes      []string `yaml:"scopes" json:"scopes,omitempty"`
	Permissions []string `yaml:"permissions" json:"permissions,omitempty"`
}

// SecretSource is where the secret of an OAuth client comes from: exactly one of an
// environment variable, a file and a command. It never is the secret itself.
type SecretSource struct {
	Env  string `yaml:"env,omitempty" json:"env,omitempty"`
	File string `yaml:"file,omitempty" json:"file,omitempty"`
	// Command is a program with its arguments; no shell reads it.
	Command []string `yaml:"command,omitempty" json:"command,omitempty"`
}

// Org is one entry of the list, the defaults applied.
type Org struct {
	Name     string `yaml:"name" json:"name"`
	Settings `yaml:",inline"`
}

// List is every org that was selected, in the order of their names. What is said of each is
// not in memory.
type List struct {
	orgs    []listed
	entries spool
	// own are the checks of the list, for every org, specs as they are written.
	own      []lint.Check
	specs    []custom.Spec
	profiles map[string]*profile.Profile
}

// listed is an org of the list, with its line in the file.
type listed struct {
	name  string
	entry place
	line  int32
	// variable identifies the variable of the secret where its name is made of the org's, and
	// client the OAuth client: two clients cannot have one secret.
	variable, client uint32
}

// Len is the number of orgs.
func (l *List) Len() int { return len(l.orgs) }

// Org reads the i-th org.
func (l *List) Org(i int) (o Org, err error) {
	err = l.entries.get(l.orgs[i].entry, &o)
	return o, err
}

// Close gives up what the list has on disk.
func (l *List) Close() { l.entries.close() }

// document is one part of the file: a list may be divided by lines of ---.
type document struct {
	defaults, orgs *yaml.Node
	checks         *yaml.Node
}

// A ListError says what is wrong with the list, with file, line and key.
type ListError struct {
	file string
	line int
	text string
}

func (e *ListError) Error() string {
	if e.line == 0 {
		return fmt.Sprintf("%s: %s", e.file, e.text)
	}
	return fmt.Sprintf("%s:%d: %s", e.file, e.line, e.text)
}

// Load reads a list. found is true where nobody named the file: one that merely is in the
// working directory came with whatever is checked out there, so it may neither run commands
// nor choose hosts that are not published.
func Load(file string, found bool) (*List, error) {
	in, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("list of orgs: %w (scimlint fleet init writes one)", err)
	}
	defer func() { _ = in.Close() }()
	p := newParser(file, found)
	if size, err := in.Seek(0, io.SeekEnd); err == nil && size <= p.most { // no pipe
		if p.readParts(in) == nil {
			return p.list, nil
		}
		// As a whole, a list needs memory, and each mistake in it has its line.
		p.list.Close()
		p = newParser(file, found)
		if _, err := in.Seek(0, io.SeekStart); err != nil {
			return nil, fmt.Errorf("list of orgs: %w", err)
		}
	}
	if err := p.read(in); err != nil {
		p.list.Close()
		var e *ListError
		if errors.As(err, &e) && e.line == 0 {
			e.line = lineOfNoText(in)
		}
		return nil, err
	}
	return p.list, nil
}

// lineOfNoText is the first line with bytes that are no text; zero where there is none.
func lineOfNoText(in io.ReadSeeker) int {
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return 0
	}
	lines := bufio.NewReader(io.LimitReader(in, maxListBytes))
	for n := 1; ; n++ {
		text, err := lines.ReadBytes('\n')
		if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
			return n
		}
		if err != nil {
			return 0
		}
	}
}

// parser reads a list part by part.
type parser struct {
	file string
	// found says that nobody named the file.
	found    bool
	most     int64
	defaults Settings
	list     *List
}

func newParser(file string, found bool) *parser {
	return &parser{file: file, found: found, most: maxListBytes, list: &List{profiles: map[string]*profile.Profile{}}}
}

func (p *parser) fail(line int, format string, args ...any) error {
	return &ListError{p.file, line, fmt.Sprintf(format, args...)}
}

// readParts reads a list of the plain form, little of it at a time.
func (p *parser) readParts(in io.ReadSeeker) error {
	err := inParts(in, func(text []byte, document int) error {
		var root yaml.Node
		if err := yaml.Unmarshal(text, &root); err != nil {
			return err
		}
		return p.part(&root, document)
	})
	if err != nil {
		return err
	}
	return p.complete()
}

// read reads a list as a whole.
func (p *parser) read(in io.Reader) error {
	limited := &io.LimitedReader{R: in, N: p.most + 1}
	dec := yaml.NewDecoder(limited)
	for part := 0; ; part++ {
		var root yaml.Node
		err := dec.Decode(&root)
		if limited.N <= 0 {
			return p.fail(0, "it is larger than %d MB: divide it into several lists", p.most>>20)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return p.syntax(err)
		}
		if err := p.part(&root, part); err != nil {
			return err
		}
	}
	return p.complete()
}

// complete sorts the orgs, of which there must be one, and no two of one name: some file
// systems do not distinguish Acme from acme.
func (p *parser) complete() error {
	orgs := p.list.orgs
	if len(orgs) == 0 {
		return p.fail(0, "it has no orgs: add them below the key orgs")
	}
	folded := func(o listed) string { return strings.ToLower(o.name) }
	slices.SortFunc(orgs, func(a, b listed) int {
		return cmp.Or(cmp.Compare(folded(a), folded(b)), cmp.Compare(a.line, b.line))
	})
	for i := 1; i < len(orgs); i++ {
		if folded(orgs[i]) == folded(orgs[i-1]) {
			return p.fail(int(orgs[i].line), "two orgs are named %s (the other is in line %d): give each a name of its own, not only in capitals", orgs[i].name, orgs[i-1].line)
		}
	}
	slices.SortFunc(orgs, func(a, b listed) int { return cmp.Compare(a.name, b.name) })
	return p.variables(slices.Clone(orgs))
}

// variables refuses two clients whose secrets would be read from one variable.
func (p *parser) variables(orgs []listed) error {
	slices.SortFunc(orgs, func(a, b listed) int { return cmp.Or(cmp.Compare(a.variable, b.variable), cmp.Compare(a.line, b.line)) })
	for i := 1; i < len(orgs); i++ {
		a, b := orgs[i-1], orgs[i]
		if a.variable == 0 || a.variable != b.variable || a.client == b.client {
			continue
		}
		var one, other Org
		if err := errors.Join(p.list.entries.get(a.entry, &one), p.list.entries.get(b.entry, &other)); err != nil {
			return err
		}
		if name := fill(one.Secret.Env, one); name == fill(other.Secret.Env, other) && one.ClientID != other.ClientID {
			return p.fail(int(b.line), "the secrets of %s and %s would be in one variable, %s: give one of them a variable of its own, as in secret: {env: NAME}", a.name, b.name, name)
		}
	}
	return nil
}

// sum is a short checksum of a text; zero for none.
func sum(text string) uint32 {
	if text == "" {
		return 0
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(text))
	return h.Sum32()
}

var atLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// syntax is the decoder's error, without the text of the file.
func (p *parser) syntax(err error) error {
	line := 0
	if m := atLine.FindStringSubmatch(err.Error()); m != nil && m[1] != "" {
		_, _ = fmt.Sscan(m[1], &line)
	}
	return p.fail(line, "it is not YAML: %s", shown.ReplaceAllString(atLine.ReplaceAllString(err.Error(), ""), "this value"))
}

// part reads one document of the file.
func (p *parser) part(root *yaml.Node, number int) error {
	if root.Kind == yaml.DocumentNode && len(root.Content) == 1 {
		root = root.Content[0]
	}
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil // an empty part
	}
	if root.Kind != yaml.MappingNode {
		return p.fail(root.Line, "a list of orgs has the keys defaults and orgs")
	}
	var doc document
	used := map[string]bool{}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		twice := used[key.Value]
		used[key.Value] = true
		switch {
		case twice && key.Value == "orgs":
			return p.fail(key.Line, "the key orgs is there twice: all orgs of a part go below one")
		case twice:
			return p.fail(key.Line, "the key %q is there twice", key.Value)
		case key.Value == "orgs":
			doc.orgs = value
		case number > 0:
			return p.fail(key.Line, "only the first part of a list has the key %q: the others have orgs", key.Value)
		case key.Value == "version":
			if number := value.Tag == "!!int" || value.Tag == "!!float"; !number || value.Value != "1" && value.Value != "1.0" {
				return p.fail(value.Line, "version is not one that this scimlint reads: write version: 1")
			}
		case key.Value == "defaults":
			doc.defaults = value
		case key.Value == "checks":
			doc.checks = value
		default:
			return p.fail(key.Line, "%s", unknownKey("", key.Value, []string{"version", "defaults", "checks", "orgs"}))
		}
	}
	return p.use(doc)
}

func (p *parser) use(doc document) (err error) {
	if doc.defaults != nil {
		d := decoder{p, "defaults"}
		if err := d.decode(doc.defaults, &p.defaults); err != nil {
			return err
		}
		if err := p.validate(Org{Settings: p.defaults}, doc.defaults, "defaults", Settings{}); err != nil {
			return err
		}
	}
	if doc.checks != nil {
		if err := p.ownChecks(doc.checks); err != nil {
			return err
		}
	}
	if doc.orgs == nil || doc.orgs.Tag == "!!null" {
		return nil
	}
	if doc.orgs.Kind != yaml.SequenceNode {
		return p.fail(doc.orgs.Line, "orgs is not a list: begin each org with a dash")
	}
	for _, entry := range doc.orgs.Content {
		if err := p.org(entry); err != nil {
			return err
		}
	}
	return nil
}

// ownChecks compiles the checks of the list.
func (p *parser) ownChecks(n *yaml.Node) error {
	if n.Kind != yaml.SequenceNode {
		return p.fail(n.Line, "checks is not a list: begin each check with a dash")
	}
	specs := make([]custom.Spec, len(n.Content))
	for i, entry := range n.Content {
		d := decoder{p, fmt.Sprintf("checks, entry %d", i+1)}
		if err := d.decode(entry, &specs[i]); err != nil {
			return err
		}
	}
	own, err := custom.Compile(specs, func(id string) bool {
		_, check := checks.ByID(id)
		_, known := cause.ByID(cause.ID(id))
		return check || known
	})
	if err != nil {
		return p.fail(n.Line, "%v", err)
	}
	p.list.own, p.list.specs = own, specs
	return nil
}

// orgName is what file names, metrics and URLs accept unchanged.
var orgName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// org reads one entry.
func (p *parser) org(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode && n.Kind != yaml.AliasNode {
		return p.fail(n.Line, "an entry of orgs is not an org: write it as keys with values, as in {name: acme, clientId: …}")
	}
	o := Org{Settings: p.defaults}
	name := "org"
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "name" {
			name = n.Content[i+1].Value
		}
	}
	// A name may be a secret that was pasted into the wrong line: only one that has the form
	// of a name is shown.
	if !orgName.MatchString(name) {
		return p.fail(n.Line, "the name of this org is missing, or has other characters than letters, digits, dots, dashes and underscores (at most 100)")
	}
	d := decoder{p, "org " + name}
	if err := d.decode(n, &o); err != nil {
		return err
	}
	if o.Name == "" {
		return p.fail(n.Line, "an org has no name: add the key name")
	}
	o.Labels = mergeLabels(p.defaults.Labels, o.Labels)
	if len(p.list.orgs) >= maxOrgs {
		return p.fail(n.Line, "it has more than %d orgs: divide it into several lists", maxOrgs)
	}
	if err := p.validate(o, n, "org "+o.Name, p.defaults); err != nil {
		return err
	}
	if err := p.mayDo(o, n.Line); err != nil {
		return err
	}
	entry, err := p.list.entries.add(o)
	variable := ""
	if strings.Contains(o.Secret.Env, "{ORG}") {
		variable = fill(o.Secret.Env, o)
	}
	p.list.orgs = append(p.list.orgs, listed{strings.Clone(o.Name), entry, int32(n.Line), sum(variable), sum(o.ClientID)}) //nolint:gosec // a file of 64 MB
	return err
}

// validate finds what is wrong with the settings of an entry, with the line of the key that it
// is about: the one that is wrong in the same way where only the defaults are beside it.
func (p *parser) validate(o Org, n *yaml.Node, what string, defaults Settings) error {
	whole := func(s Settings) error {
		if what == "defaults" { // they may leave out what every org says
			s.ClientID, s.Region = cmp.Or(s.ClientID, "x"), cmp.Or(s.Region, "us-east-1")
			if s.Secret.Env+s.Secret.File == "" && len(s.Secret.Command) == 0 {
				s.Secret.Env = "X"
			}
		}
		return p.list.validate(Org{Name: o.Name, Settings: s})
	}
	err := whole(o.Settings)
	if err == nil {
		return nil
	}
	line := n.Line
	for i := 0; i+1 < len(n.Content); i += 2 {
		one := Org{Settings: defaults}
		pair := &yaml.Node{Kind: yaml.MappingNode, Content: n.Content[i : i+2]}
		if (decoder{p, what}).decode(pair, &one) != nil {
			continue
		}
		one.ClientID, one.Region = cmp.Or(one.ClientID, "x"), cmp.Or(one.Region, "us-east-1")
		if n.Content[i].Value != "secret" {
			one.Secret = SecretSource{Env: "X"}
		}
		if alone := whole(one.Settings); alone != nil && alone.Error() == err.Error() {
			line = n.Content[i].Line
		}
	}
	return p.fail(line, "%s: %v", what, err)
}

// mergeLabels are the labels of the defaults with those of an org over them.
func mergeLabels(defaults, own map[string]string) map[string]string {
	if len(defaults) == 0 {
		return own
	}
	out := make(map[string]string, len(defaults)+len(own))
	for _, labels := range []map[string]string{defaults, own} {
		for k, v := range labels {
			out[k] = v
		}
	}
	return out
}

// mayDo refuses what a list that nobody named may not do.
func (p *parser) mayDo(o Org, line int) error {
	if !p.found {
		return nil
	}
	if len(o.Secret.Command) > 0 {
		return p.fail(line, "org %s: a list that nobody named runs no command for a secret: name it, as in scimlint fleet check %s", o.Name, p.file)
	}
	for service, text := range map[string]string{"api": o.APIURL, "login": o.LoginURL} {
		if text == "" {
			continue
		}
		u, err := genesys.ParseBase(text)
		if err != nil {
			return p.fail(line, "org %s: %sUrl: %v", o.Name, service, err)
		}
		if _, published := genesys.Published(u, service); !published {
			return p.fail(line, "org %s: a list that nobody named chooses no other host than the published ones, and %sUrl does: name it, as in scimlint fleet check %s", o.Name, service, p.file)
		}
	}
	return nil
}

// Label is one demand of --label.
type Label struct{ Key, Value string }

// ParseLabels reads demands as they are typed: key=value.
func ParseLabels(texts []string) ([]Label, error) {
	var out []Label
	for _, text := range texts {
		key, value, ok := strings.Cut(text, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("--label %q: write it as key=value", text)
		}
		out = append(out, Label{key, value})
	}
	return out, nil
}

// Select keeps the orgs that have every label. Of several demands of one key, any is enough.
func (l *List) Select(labels []Label) error {
	if len(labels) == 0 {
		return nil
	}
	var kept []listed
	for i, entry := range l.orgs {
		o, err := l.Org(i)
		if err != nil {
			return err
		}
		if labelled(o.Labels, labels) {
			kept = append(kept, entry)
		}
	}
	if l.orgs = kept; len(kept) == 0 {
		return errNoLabel
	}
	return nil
}

var errNoLabel = errors.New("no org has the labels of --label")

func labelled(have map[string]string, labels []Label) bool {
	for _, demand := range labels {
		if !slices.ContainsFunc(labels, func(l Label) bool { return l.Key == demand.Key && have[l.Key] == l.Value && hasKey(have, l.Key) }) {
			return false
		}
	}
	return true
}

func hasKey(m map[string]string, key string) bool { _, ok := m[key]; return ok }

// Digest identifies the selected orgs with everything that is said of them: shards of one
// run have the same, whatever the order or the comments of the file.
func (l *List) Digest() (string, error) {
	h := sha256.New()
	enc := json.NewEncoder(h)
	for _, spec := range l.specs {
		spec.Expression.Line = 0
		_ = enc.Encode(spec)
	}
	for _, o := range l.orgs {
		data, err := l.entries.bytes(o.entry)
		if err != nil {
			return "", err
		}
		_, _ = h.Write(append(data, '\n'))
	}
	return hex.EncodeToString(h.Sum(nil)[:16]), nil
}
