package fleet

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/diagnose"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/secret"
)

// DefaultKeep is how many runs of each org the history keeps.
const DefaultKeep = 30

// History keeps the redacted bundle of each run of each org: DIR/ORG/TIME-VERDICT.scimlint.
type History struct {
	Dir string
	// Keep is how many runs of an org are kept, in addition to the last one that was ready
	// and the first one after it.
	Keep int
}

// NewHistory opens a history, and makes its folder where there is none.
func NewHistory(dir string, keep int) (*History, error) {
	if keep < 1 {
		return nil, fmt.Errorf("--keep %d: write how many runs of each org are kept, at least 1", keep)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	return &History{Dir: dir, Keep: keep}, nil
}

// timeForm sorts as text.
const timeForm = "20060102T150405.000Z"

// entryName is the name of one run of an org.
var entryName = regexp.MustCompile(`^(\d{8}T\d{6}\.\d{3}Z)-(ready|not-ready|inconclusive|not-checked)\.(?:scimlint|txt)$`)

// entry is one run of the past.
type entry struct{ file, at, verdict string }

func (e entry) ready() bool { return e.verdict == string(results.Ready) }

// when is the time of the run as reports show it.
func (e entry) when() string {
	t, err := time.Parse(timeForm, e.at)
	if err != nil {
		return e.at
	}
	return t.UTC().Format(time.RFC3339)
}

// entries are the runs of an org, the oldest first. What has another name is not the
// history's, and half-written files have another name.
func (h *History) entries(org string) ([]entry, error) {
	list, err := os.ReadDir(filepath.Join(h.Dir, org))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []entry
	for _, e := range list { // in the order of their names
		if m := entryName.FindStringSubmatch(e.Name()); m != nil && e.Type().IsRegular() {
			out = append(out, entry{filepath.Join(h.Dir, org, e.Name()), m[1], m[2]})
		}
	}
	return out, nil
}

// keep says in the record what the history knows, and prepares the run's own bundle, which
// is added when the record is written: a run that ends
// between the two is not in the history, so the org's next check is compared with the run
// before it. What of it fails is a note: it changes nothing of the judgement.
func (h *History) keep(r *Record, snapshot *evidence.Snapshot, outcome lint.Outcome, secrets *secret.Redactor, tool results.Tool) (run *pending) {
	note := func(what string, err error) {
		r.Notes = append(r.Notes, secrets.Clean(fmt.Sprintf("history: %s: %v", what, err)))
	}
	past, err := h.entries(r.Org)
	if err != nil {
		note("it cannot be read", err)
		return nil
	}
	redacted, err := evidence.Redact(snapshot, false)
	if err != nil {
		note("the bundle cannot be made", err)
		return nil
	}
	redacted = secret.Walk(redacted, secrets.Known)
	now := entry{at: snapshot.Taken.UTC().Format(timeForm), verdict: r.Verdict()}
	r.Past = now.after(past)
	if !now.ready() {
		outcome.Snapshot = redacted
		h.changes(r, past, outcome, tool, note)
	}
	data, _, err := evidence.Pack(redacted, evidence.NewManifest(redacted, tool.Version, catalog.Default().Label(), false))
	if err == nil {
		run, err = h.prepare(r.Org, now, "scimlint", data)
	}
	if err != nil {
		note("this run is not kept in it", err)
		return nil
	}
	return run
}

// pending is a run that is not in the history yet; nil where there is nothing to add.
type pending struct {
	h               *History
	org, temp, name string
}

// add adds the run, and removes the oldest ones.
func (p *pending) add() error {
	if p == nil {
		return nil
	}
	if err := os.Rename(p.temp, p.name); err != nil {
		return fmt.Errorf("history: this run is not kept in it: %w", err)
	}
	if err := p.h.prune(p.org); err != nil {
		return fmt.Errorf("history: old runs cannot be removed: %w", err)
	}
	return nil
}

// drop forgets the run.
func (p *pending) drop() {
	if p != nil {
		_ = os.Remove(p.temp)
	}
}

// keepError is keep for a run in which the org could not be checked.
func (h *History) keepError(r *Record, now time.Time) (run *pending) {
	past, err := h.entries(r.Org)
	if err == nil {
		e := entry{at: now.UTC().Format(timeForm), verdict: NotChecked}
		r.Past = e.after(past)
		run, err = h.prepare(r.Org, e, "txt", []byte(r.Error+"\n"))
	}
	if err != nil {
		r.Notes = append(r.Notes, fmt.Sprintf("history: this run is not kept in it: %v", err))
		return nil
	}
	return run
}

// after says what this run is after those of the past.
func (e entry) after(past []entry) *Past {
	p := &Past{}
	if len(past) > 0 {
		p.Previous = past[len(past)-1].verdict
	}
	if e.ready() {
		p.LastReady = e.when()
		return p
	}
	if i := lastReady(past); i >= 0 {
		p.LastReady = past[i].when()
	}
	if e.verdict == NotChecked {
		return p
	}
	p.Since = e.when()
	if i := seriesStart(past); i >= 0 {
		p.Since = past[i].when()
	}
	return p
}

// lastReady is the last run that was ready, or -1.
func lastReady(past []entry) int {
	for i := len(past) - 1; i >= 0; i-- {
		if past[i].ready() {
			return i
		}
	}
	return -1
}

// seriesStart is the first run after the last ready one that was judged, or -1.
func seriesStart(past []entry) int {
	for i := lastReady(past) + 1; i < len(past); i++ {
		if past[i].verdict != NotChecked {
			return i
		}
	}
	return -1
}

// changes compares the last run that was ready with this one. A bundle that cannot be read
// is left out, and the one before is compared.
func (h *History) changes(r *Record, past []entry, now lint.Outcome, tool results.Tool, note func(string, error)) {
	for i := lastReady(past); i >= 0; i = lastReady(past[:i]) {
		old, err := readBundle(past[i].file)
		if err != nil {
			note(filepath.Base(past[i].file)+" is not compared with", err)
			continue
		}
		d := diagnose.Diff(checks.Run(old, now.Options), now, past[i].when(), r.Report.Taken, tool)
		r.Past.Changes = &d
		return
	}
}

func readBundle(name string) (*evidence.Snapshot, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	s, _, err := evidence.Unpack(file, info.Size())
	return s, err
}

// prepare writes the file of a run under another name.
func (h *History) prepare(org string, e entry, kind string, data []byte) (*pending, error) {
	dir := filepath.Join(h.Dir, org)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	temp, err := writeTemp(dir, bytes.NewReader(data).WriteTo)
	if err != nil {
		return nil, err
	}
	return &pending{h, org, temp, filepath.Join(dir, e.at+"-"+e.verdict+"."+kind)}, nil
}

// prune removes the oldest runs. The last one that was ready and the first one after it stay:
// without them, nobody could say what changed, and since when.
func (h *History) prune(org string) error {
	list, err := h.entries(org)
	if err != nil {
		return err
	}
	keep := []int{lastReady(list), seriesStart(list)}
	for i := range len(list) - h.Keep {
		if slices.Contains(keep, i) {
			continue
		}
		if err := os.Remove(list[i].file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return h.sweep(org)
}

// sweep removes what writes that were interrupted left behind.
func (h *History) sweep(org string) error {
	left, err := filepath.Glob(filepath.Join(h.Dir, org, tempPrefix+"*"))
	if err != nil {
		return err
	}
	for _, name := range left {
		if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) > time.Hour {
			_ = os.Remove(name)
		}
	}
	return nil
}

// shortChange is one change in a line.
func shortChange(c results.Change) string {
	side := func(s string) string {
		if s == "" {
			return "absent"
		}
		return s
	}
	return fmt.Sprintf("%s %s: %s → %s", c.Kind, strings.TrimSpace(c.Name), side(c.Left), side(c.Right))
}
