package payload

import (
	"encoding/json"
	"fmt"
	"hash/maphash"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/internal/bounds"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/results"
)

// Options say what bodies are compared with.
type Options struct {
	Schemas *Schemas
	Names   Names
	// UserName is called with the userName of each body, in order; it may be nil.
	UserName func(line int, name string)
	// Progress is called now and then with how many bodies were read; it may be nil.
	Progress func(bodies int)

	// most replaces maxBodies in tests.
	most int
}

const (
	// batch is how many bodies a worker gets at once.
	batch = 256
	// batchBytes is how much of the file a worker gets at once: large bodies in full
	// batches would fill the memory.
	batchBytes = 256 << 10
	// maxBodies bounds the bodies of a file: of each userName a few bytes are kept.
	maxBodies = 2_000_000
	// maxFaults bounds what is listed of one body; more is counted.
	maxFaults = 1000
	// maxText bounds what is quoted of a body in a finding, in bytes.
	maxText = 300
	// maxNamed bounds the divisions and managers that are kept: of more divisions, all
	// count, of more managers, the rest is not looked for.
	maxNamed = 1000
	// maxFindings bounds the findings that are listed; more are counted.
	maxFindings = 200_000
)

// Check reads a file of bodies and says what is wrong with them. Errors are those of
// the file as a whole; what is wrong with one body is a finding.
func Check(in io.Reader, o Options) (results.Payload, error) {
	if o.Schemas == nil {
		o.Schemas = Published()
	}
	if o.most == 0 {
		o.most = maxBodies
	}
	c := &checker{opts: o, v: &validator{o.Schemas, o.Names}, seed: maphash.MakeSeed(), first: map[uint64]int32{}, divisions: map[string]bool{}, managers: map[string]bool{},
		slots: make(chan struct{}, runtime.GOMAXPROCS(0)), order: make(chan *work, 4)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for w := range c.order {
			<-w.ready
			c.merge(w)
		}
	}()
	format, err := read(in, c.add)
	c.flush()
	close(c.order)
	<-done
	if err != nil {
		return results.Payload{}, err
	}
	if c.out.Bodies == 0 {
		return results.Payload{}, fmt.Errorf("there is no body in it")
	}
	c.out.Format, c.out.Schema = format, o.Schemas.From
	return c.finish(), nil
}

// work is a batch of bodies with what a worker finds of each.
type work struct {
	bodies   []raw
	bytes    int
	verdicts []verdict
	ready    chan struct{}
}

// checker reads, hands out, and puts together again in order.
type checker struct {
	opts    Options
	v       *validator
	current *work
	read    int
	slots   chan struct{}
	order   chan *work

	out     results.Payload
	found   [kinds]results.PayloadKind
	listed  int
	carries carried
	// first is where each userName was first read, by its hash: a million names take
	// some 40 MB that way.
	seed  maphash.Seed
	first map[uint64]int32
	// divisions and managers are those that bodies name, by their line's first mention.
	divisions, managers map[string]bool
}

func (c *checker) add(b raw) error {
	if c.read++; c.read > c.opts.most {
		return fmt.Errorf("it has more than %d bodies: divide it into several files", c.opts.most)
	}
	if c.current == nil {
		c.current = &work{ready: make(chan struct{})}
	}
	c.current.bodies = append(c.current.bodies, b)
	c.current.bytes += len(b.data)
	if len(c.current.bodies) == batch || c.current.bytes > batchBytes {
		c.flush()
	}
	return nil
}

func (c *checker) flush() {
	w := c.current
	if w == nil {
		return
	}
	c.current = nil
	c.slots <- struct{}{}
	go func() {
		defer func() { <-c.slots; close(w.ready) }()
		w.verdicts = make([]verdict, len(w.bodies))
		for i, b := range w.bodies {
			w.verdicts[i] = c.judge(b)
			w.bodies[i].data, w.bodies[i].body = nil, nil
		}
	}()
	c.order <- w
}

func (c *checker) judge(b raw) verdict {
	if b.err == nil && b.body == nil {
		b.err = bounds.JSON(b.data)
	}
	if b.err == nil && b.body == nil {
		if err := json.Unmarshal(b.data, &b.body); err != nil || b.body == nil {
			b.err = fmt.Errorf("it is not a JSON object")
		}
	}
	if b.err != nil {
		return verdict{faults: []fault{{NotJSON, "", clip(b.err.Error())}}}
	}
	return c.v.validate(b.body)
}

func (c *checker) merge(w *work) {
	for i, v := range w.verdicts {
		line := w.bodies[i].line
		c.out.Bodies++
		c.carries |= v.carries
		for _, f := range v.faults {
			c.note(line, f)
		}
		for kind, n := range v.rest {
			c.found[kind].Count += n
			c.out.LeftOut += n
		}
		c.mention(v)
		if v.userName == "" {
			continue
		}
		key := maphash.String(c.seed, strings.ToLower(v.userName))
		if first, ok := c.first[key]; ok {
			c.note(line, fault{Duplicate, "userName", fmt.Sprintf("userName %q is also on line %d", clip(v.userName), first)})
		} else {
			c.first[key] = int32(line) //nolint:gosec // there are no files of more lines
		}
		if c.opts.UserName != nil {
			c.opts.UserName(line, v.userName)
		}
	}
	if c.opts.Progress != nil {
		c.opts.Progress(c.out.Bodies)
	}
}

// mention keeps the division and the manager that a body names.
func (c *checker) mention(v verdict) {
	switch division := c.opts.Names.Divisions.asOrgHas(v.division); {
	case v.division == "":
		c.out.InHome = true
	case division != "" && len(c.divisions) <= maxNamed:
		c.divisions[division] = true
	}
	if v.manager != "" && len(c.managers) <= maxNamed {
		c.managers[v.manager] = true
	}
}

func (c *checker) note(line int, f fault) {
	k := &c.found[f.kind]
	k.Count++
	if c.listed == maxFindings {
		c.out.LeftOut++
		return
	}
	c.listed++
	k.Findings = append(k.Findings, results.PayloadFinding{Line: line, Path: f.path, Text: f.text})
}

func (c *checker) finish() results.Payload {
	c.out.Kinds, c.out.NotChecked = []results.PayloadKind{}, []string{}
	for i := range kinds {
		k := c.found[i]
		if k.Count == 0 {
			continue
		}
		k.Kind, k.Title, k.Blocks, k.Basis = info[i].id, info[i].title, info[i].blocks, info[i].basis
		c.out.Kinds = append(c.out.Kinds, k)
	}
	c.out.Needs = c.carries.needs()
	c.out.Divisions, c.out.Managers = slices.Sorted(maps.Keys(c.divisions)), slices.Sorted(maps.Keys(c.managers))
	if len(c.out.Divisions) > maxNamed {
		c.out.Divisions = []string{"*"}
	}
	if n := c.found[NameCase].Count; n > 0 {
		c.out.NotChecked = append(c.out.NotChecked, fmt.Sprintf("whether the case of names counts, in which %d differ from the org's", n))
	}
	if len(c.managers) > maxNamed {
		c.out.NotChecked = append(c.out.NotChecked, fmt.Sprintf("managers: the bodies name more than %d", maxNamed))
	}
	return c.out
}

// unknownManager is a kind that is found by asking the org, and not in the bodies.
const unknownManager = "unknown-manager"

// Managers adds what was found of the managers that bodies name: those whom the org does
// not have, and why some could not be looked for.
func Managers(p *results.Payload, missing []string, unread string) {
	if unread != "" {
		p.NotChecked = append(p.NotChecked, unread)
	}
	if len(missing) == 0 {
		return
	}
	k := results.PayloadKind{Kind: unknownManager, Title: "The org has no user of the manager's id", Blocks: true, Basis: results.Observed, Count: len(missing)}
	for _, id := range missing {
		k.Findings = append(k.Findings, results.PayloadFinding{Path: "manager.value", Text: "the org has no user " + id})
	}
	p.Kinds = append(p.Kinds, k)
}

// needs are what the bodies take beside creating users.
func (c carried) needs() []string {
	out := []string{string(catalog.NeedCreate)}
	for _, n := range []struct {
		bit  carried
		need catalog.Need
	}{{carriesRoles, catalog.NeedRoles}, {carriesSkills, catalog.NeedSkills}, {carriesLanguages, catalog.NeedLanguages},
		{carriesExtension, catalog.NeedExtension}, {carriesPassword, catalog.NeedPassword}, {carriesGroups, catalog.NeedGroups}} {
		if c&n.bit != 0 {
			out = append(out, string(n.need))
		}
	}
	return slices.Compact(out)
}
