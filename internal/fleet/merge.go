package fleet

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/results"
)

// Row is what the reports of all orgs show of one.
type Row struct {
	Org      string
	Labels   map[string]string
	Region   string
	Verdict  string
	ExitCode int
	// Cause is the first cause, Fix what to do about it in one line; Why is the reason of an
	// org that was not checked, or of one that has no cause.
	Cause, Fix, Why string
	Started, Since  string
	Changes         string
	Changed         bool

	Causes []string
	// Checks are counted by status, in the order of statuses.
	Checks                  [len(statuses)]int32
	LastReady, TokenExpires string
	DurationMs              int64
}

// ref is what is in memory of one org: where its row and its record are, and what orders
// them.
type ref struct {
	org, verdict string
	exitCode     int8
	changed      bool
	file         int32
	row, record  place
}

// Fleet is the result of a run, of one machine or of many: each org, the worst first, and the
// files that have the full records.
type Fleet struct {
	// Operations are all operations that were judged, in the order of the catalogue.
	Operations []Column
	// Missing says what is not in the files; empty when every org of the list is.
	Missing []string
	// Lacking is how many orgs of the list are missing.
	Lacking int
	Header  Header

	refs  []ref
	rows  spool
	files []*os.File
}

// Len is the number of orgs.
func (f *Fleet) Len() int { return len(f.refs) }

// Worst is the first verdict of all; empty where there is no org.
func (f *Fleet) Worst() string {
	if len(f.refs) == 0 {
		return ""
	}
	return f.refs[0].verdict
}

// eachRow reads the rows in their order.
func (f *Fleet) eachRow(do func(Row) error) error { return f.eachOf(f.refs, do) }

func (f *Fleet) eachOf(refs []ref, do func(Row) error) error {
	for _, r := range refs {
		var row Row
		if err := f.rows.get(r.row, &row); err != nil {
			return err
		}
		if err := do(row); err != nil {
			return err
		}
	}
	return nil
}

// Column is an operation in the matrix.
type Column struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// source is one file of records, read once.
type source struct {
	name   string
	header *Header
	refs   []ref
	ops    []Column
	// trouble says what of the file cannot be read.
	trouble  []string
	complete bool
}

// Open reads the files of any number of shards. The strings say what was left out of them,
// and why; the error is that of a run that has nothing to report.
func Open(names []string) (f *Fleet, warnings []string, err error) {
	f = &Fleet{}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	sources := make([]*source, 0, len(names))
	for _, name := range names {
		s, err := f.read(name)
		if err != nil {
			return f, warnings, err
		}
		warnings = append(warnings, s.trouble...)
		if s.header != nil {
			sources = append(sources, s)
		}
	}
	if len(sources) == 0 {
		return f, warnings, fmt.Errorf("%s: no records of a run: scimlint fleet check writes them", strings.Join(names, ", "))
	}
	group, left := majority(sources)
	warnings = append(warnings, left...)
	f.Header = *group[0].header
	f.Header.Shard = Shard{0, 1}
	twice, err := f.merge(group)
	if err != nil {
		return f, warnings, err
	}
	warnings = append(warnings, twice...)
	f.missing(group)
	f.sort()
	return f, warnings, nil
}

// OpenShard reads the records of one shard, for a report about it only: the other shards are
// not missing.
func OpenShard(name string) (*Fleet, error) {
	f, _, err := Open([]string{name})
	if err == nil && f.Header.Orgs != f.Len() {
		f.Missing, f.Lacking = nil, 0
	}
	return f, err
}

// Close closes the files of records.
func (f *Fleet) Close() {
	f.rows.close()
	for _, file := range f.files {
		_ = file.Close()
	}
}

// read reads one file, record by record.
func (f *Fleet) read(name string) (*source, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("records: %w", err)
	}
	f.files = append(f.files, file)
	s := &source{name: name}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("records: %s is not a file", name)
	}
	index := int32(len(f.files) - 1) //nolint:gosec // as many as the command line has
	err = eachLine(file, func(l line) error { return f.take(s, l, index) })
	if err != nil {
		return nil, fmt.Errorf("records: %s: %w", name, err)
	}
	if s.header == nil {
		s.trouble = []string{name + " is left out: it does not begin with the header of a file of records"}
	}
	return s, nil
}

// take adds what a line says.
func (f *Fleet) take(s *source, l line, file int32) error {
	switch {
	case l.header != nil && l.number == 1:
		s.header = l.header
	case l.header == nil && s.header == nil:
	case l.cut:
		s.trouble = append(s.trouble, fmt.Sprintf("%s:%d: the last record was not written to its end, and is left out", s.name, l.number))
	case l.record != nil:
		row := newRow(l.record)
		at, err := f.rows.add(row)
		if err != nil {
			return err
		}
		s.refs = append(s.refs, ref{org: row.Org, verdict: knownVerdict(row.Verdict), exitCode: int8(row.ExitCode), changed: row.Changed, file: file, row: at, record: place{l.from, int32(l.length)}}) //nolint:gosec // both are small
		s.operations(l.record)
	case l.end != nil:
		s.complete = l.end.Orgs == len(s.refs)
	default:
		s.trouble = append(s.trouble, fmt.Sprintf("%s:%d: this line is not a record that this scimlint reads, and is left out", s.name, l.number))
	}
	return nil
}

func (s *source) operations(r *summary) {
	if r.Report == nil {
		return
	}
	for _, op := range r.Report.Operations {
		if !slices.ContainsFunc(s.ops, func(c Column) bool { return c.ID == op.ID }) {
			s.ops = append(s.ops, op)
		}
	}
}

// maxRowText bounds each text of a row.
const maxRowText = 400

// newRow makes the row of a record.
func newRow(r *summary) Row {
	row := Row{Org: r.Org, Labels: r.Labels, Region: r.Region, Verdict: r.verdict(), ExitCode: r.exitCode(), Started: r.Started, Changed: r.Past.changed(r.verdict()), DurationMs: r.DurationMs}
	row.TokenExpires = r.TokenExpires
	row.count(r)
	if p := r.Past; p != nil {
		row.Since, row.LastReady = p.Since, p.LastReady
		if p.Changes != nil {
			row.Changes = changesInLine(p.Changes)
		}
	}
	switch {
	case r.Report == nil:
		row.Why = oneLineOf(r.Error)
	case len(r.Report.Causes) > 0:
		c := r.Report.Causes[0]
		row.Cause, row.Fix, row.Why = c.ID, oneLineOf(report.FixWords(c.Fix)), oneLineOf(c.Title)
	case r.Report.Verdict != results.Ready:
		row.Why = oneLineOf(r.Report.Summary)
	}
	return row
}

// count counts what the metrics show.
func (row *Row) count(r *summary) {
	if r.Report == nil {
		return
	}
	if r.Past == nil && r.Report.Verdict == results.Ready {
		row.LastReady = r.Started
	}
	for _, c := range r.Report.Causes {
		row.Causes = append(row.Causes, c.ID)
	}
	for _, c := range r.Report.Checks {
		if i := slices.Index(statuses[:], c.Status); i >= 0 {
			row.Checks[i]++
		}
	}
}

// oneLineOf makes a text one line of bounded length.
func oneLineOf(s string) string {
	s = strings.Join(strings.Fields(report.Inert(s)), " ")
	if len(s) > maxRowText {
		s = strings.ToValidUTF8(s[:maxRowText], "") + "…"
	}
	return s
}

// changesInLine shows the first changes, and how many there are.
func changesInLine(d *results.Difference) string {
	const most = 2
	var out []string
	for _, c := range d.Changes[:min(most, len(d.Changes))] {
		out = append(out, oneLineOf(shortChange(c)))
	}
	if more := len(d.Changes) - most; more > 0 {
		out = append(out, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(out, "; ")
}

// majority keeps the files of the list that most of them are of; the others are left out,
// with a sentence each.
func majority(sources []*source) (group []*source, left []string) {
	same := func(a, b *source) bool {
		return a.header.List == b.header.List && a.header.Orgs == b.header.Orgs && a.header.Shard.Count == b.header.Shard.Count
	}
	var first *source
	most := 0
	for _, s := range sources {
		n := 0
		for _, other := range sources {
			if same(s, other) {
				n++
			}
		}
		if n > most {
			first, most = s, n
		}
	}
	for _, s := range sources {
		if same(s, first) {
			group = append(group, s)
			continue
		}
		left = append(left, fmt.Sprintf("%s is left out: it is of another list of orgs, or of another number of shards, than %s", s.name, first.name))
	}
	return group, left
}

// merge collects the orgs of all files. One that is in two of them counts once: the newest
// record does.
func (f *Fleet) merge(group []*source) (warnings []string, err error) {
	shards := map[int]string{}
	for _, s := range group {
		if before, twice := shards[s.header.Shard.Index]; twice {
			warnings = append(warnings, fmt.Sprintf("shard %d of %d is given twice, in %s and in %s: each org counts once, with its newest record", s.header.Shard.Index, s.header.Shard.Count, before, s.name))
		}
		shards[s.header.Shard.Index] = s.name
		all := len(s.refs)
		own := slices.DeleteFunc(s.refs, func(r ref) bool { return !s.header.Shard.Has(r.org) })
		if strangers := all - len(own); strangers > 0 {
			warnings = append(warnings, fmt.Sprintf("%s: %s of other shards left out", s.name, Count(strangers, "record")))
		}
		f.refs = append(f.refs, own...)
		for _, op := range s.ops {
			if !slices.ContainsFunc(f.Operations, func(c Column) bool { return c.ID == op.ID }) {
				f.Operations = append(f.Operations, op)
			}
		}
	}
	return warnings, f.once()
}

// once keeps the newest record of each org.
func (f *Fleet) once() error {
	slices.SortStableFunc(f.refs, byName)
	kept := f.refs[:0]
	for _, r := range f.refs {
		last := len(kept) - 1
		if last < 0 || kept[last].org != r.org {
			kept = append(kept, r)
			continue
		}
		later, err := f.newer(r, kept[last])
		if err != nil {
			return err
		}
		if later {
			kept[last] = r
		}
	}
	f.refs = kept
	return nil
}

func byName(a, b ref) int { return cmp.Compare(a.org, b.org) }

// newer says which of two records of one org counts, in whatever order they are given.
func (f *Fleet) newer(a, b ref) (bool, error) {
	var one, other Row
	if err := errors.Join(f.rows.get(a.row, &one), f.rows.get(b.row, &other)); err != nil {
		return false, err
	}
	return cmp.Or(cmp.Compare(one.Started, other.Started), cmp.Compare(one.DurationMs, other.DurationMs), cmp.Compare(a.record.length, b.record.length)) > 0, nil
}

// missing says which shards are not there or not complete.
func (f *Fleet) missing(group []*source) {
	f.Lacking = max(0, f.Header.Orgs-f.Len())
	if f.Lacking == 0 {
		return
	}
	count := group[0].header.Shard.Count
	complete, begun := map[int]bool{}, map[int]bool{}
	for _, s := range group {
		begun[s.header.Shard.Index] = true
		complete[s.header.Shard.Index] = complete[s.header.Shard.Index] || s.complete
	}
	var absent, partial []string
	for i := range count {
		switch {
		case !begun[i]:
			absent = append(absent, fmt.Sprint(i))
		case !complete[i]:
			partial = append(partial, fmt.Sprint(i))
		}
	}
	f.Missing = append(f.Missing, fmt.Sprintf("%d of %s not in the records", f.Lacking, Count(f.Header.Orgs, "org")))
	if len(absent) > 0 {
		f.Missing = append(f.Missing, fmt.Sprintf("missing of %s: %s", Count(count, "shard"), someOf(absent)))
	}
	if len(partial) > 0 {
		f.Missing = append(f.Missing, fmt.Sprintf("not complete of %s: %s", Count(count, "shard"), someOf(partial)))
	}
}

// someOf lists at most twenty.
func someOf(list []string) string {
	const most = 20
	if len(list) > most {
		return strings.Join(list[:most], ", ") + fmt.Sprintf(" and %d more", len(list)-most)
	}
	return strings.Join(list, ", ")
}

// sort puts the worst orgs first, and the operations into the order of the catalogue.
func (f *Fleet) sort() {
	slices.SortFunc(f.refs, func(a, b ref) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), byName(a, b))
	})
	place := map[string]int{}
	for i, op := range catalog.Operations(catalog.AllNeeds()) {
		place[op.ID] = i - 1000 // before those by name
	}
	slices.SortFunc(f.Operations, func(a, b Column) int {
		return cmp.Or(cmp.Compare(place[a.ID], place[b.ID]), cmp.Compare(a.ID, b.ID))
	})
}

// verdicts are in the order of their gravity.
var verdicts = []string{string(results.NotReady), NotChecked, string(results.Inconclusive), string(results.Ready)}

// knownVerdict is the text of a verdict that is in memory already, not the record's copy.
func knownVerdict(v string) string {
	if i := slices.Index(verdicts, v); i >= 0 {
		return verdicts[i]
	}
	return v
}

// rank orders orgs: by exit code, then by verdict.
func rank(r ref) int {
	return slices.Index([]int8{1, exitUsage, 3, 0}, r.exitCode)*len(verdicts) + slices.Index(verdicts, r.verdict)
}

// Select keeps the orgs that have every label.
func (f *Fleet) Select(labels []Label) error {
	if len(labels) == 0 {
		return nil
	}
	var kept []ref
	for _, r := range f.refs {
		var row Row
		if err := f.rows.get(r.row, &row); err != nil {
			return err
		}
		if labelled(row.Labels, labels) {
			kept = append(kept, r)
		}
	}
	if f.refs = kept; len(kept) == 0 {
		return errNoLabel
	}
	return nil
}

// Counts are the numbers of orgs by verdict.
func (f *Fleet) Counts() map[string]int {
	out := map[string]int{}
	for _, r := range f.refs {
		out[r.verdict]++
	}
	return out
}

// ExitCode is the worst of all orgs: 1 before 2 before 3 before 0. What is missing is
// unknown, and never passes.
func (f *Fleet) ExitCode() int {
	worst := 0
	if len(f.Missing) > 0 {
		worst = results.Inconclusive.ExitCode()
	}
	for _, r := range f.refs {
		if worse(int(r.exitCode), worst) {
			worst = int(r.exitCode)
		}
	}
	return worst
}

func worse(a, b int) bool {
	order := []int{1, exitUsage, 3, 0}
	return slices.Index(order, a) < slices.Index(order, b)
}

// record reads the full record of an org.
func (f *Fleet) record(r ref) (Record, error) {
	return readRecord(f.files[r.file], r.record.from, int(r.record.length))
}

// each reads the rows with their records; one of them is in memory at a time.
func (f *Fleet) each(do func(Row, Record) error) error {
	at := 0
	return f.eachRow(func(row Row) error {
		record, err := f.record(f.refs[at])
		at++
		if err != nil {
			return err
		}
		return do(row, record)
	})
}

// byName are the orgs in the order of their names.
func (f *Fleet) byName() []ref { return slices.SortedFunc(slices.Values(f.refs), byName) }

// writeNDJSON writes the records of all files as one file of records: the same bytes,
// however the orgs were divided.
func writeNDJSON(w io.Writer, f *Fleet) error {
	out := lineWriter{w}
	if err := out.write(f.Header); err != nil {
		return err
	}
	for _, r := range f.byName() {
		data := make([]byte, r.record.length)
		if _, err := f.files[r.file].ReadAt(data, r.record.from); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if _, err := w.Write(data); err != nil {
			return err
		}
	}
	if len(f.Missing) > 0 {
		return nil // it is not complete
	}
	return out.write(end{Kind: kindEnd, Orgs: f.Len()})
}
