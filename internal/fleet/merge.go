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

// Row is what is kept in memory of one org: about one kilobyte, however large its report is.
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

	causes                  []string
	checks                  [len(statuses)]int32
	lastReady, tokenExpires string
	durationMs              int64
	file                    int
	from                    int64
	length                  int
}

// Fleet is the result of a run, of one machine or of many: a row of each org, the worst
// first, and the files that have the full records.
type Fleet struct {
	Rows []Row
	// Operations are all operations that were judged, in the order of the catalogue.
	Operations []Column
	// Missing says what is not in the files; empty when every org of the list is.
	Missing []string
	// Lacking is how many orgs of the list are missing.
	Lacking int
	Header  Header

	files []*os.File
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
	rows   []Row
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
	warnings = append(warnings, f.merge(group)...)
	f.missing(group)
	f.sort()
	return f, warnings, nil
}

// OpenShard reads the records of one shard, for a report about it only: the other shards are
// not missing.
func OpenShard(name string) (*Fleet, error) {
	f, _, err := Open([]string{name})
	if err == nil && f.Header.Orgs != len(f.Rows) {
		f.Missing, f.Lacking = nil, 0
	}
	return f, err
}

// Close closes the files of records.
func (f *Fleet) Close() {
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
	index := len(f.files) - 1
	err = eachLine(file, func(l line) error {
		s.take(l, index)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("records: %s: %w", name, err)
	}
	if s.header == nil {
		s.trouble = []string{name + " is left out: it does not begin with the header of a file of records"}
	}
	return s, nil
}

// take adds what a line says.
func (s *source) take(l line, file int) {
	switch {
	case l.header != nil && l.number == 1:
		s.header = l.header
	case l.header == nil && s.header == nil:
	case l.cut:
		s.trouble = append(s.trouble, fmt.Sprintf("%s:%d: the last record was not written to its end, and is left out", s.name, l.number))
	case l.record != nil:
		row := newRow(l.record)
		row.file, row.from, row.length = file, l.from, l.length
		s.rows = append(s.rows, row)
		s.operations(l.record)
	case l.end != nil:
		s.complete = l.end.Orgs == len(s.rows)
	default:
		s.trouble = append(s.trouble, fmt.Sprintf("%s:%d: this line is not a record that this scimlint reads, and is left out", s.name, l.number))
	}
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
	row := Row{Org: r.Org, Labels: r.Labels, Region: r.Region, Verdict: r.verdict(), ExitCode: r.exitCode(), Started: r.Started, Changed: r.Past.changed(r.verdict()), durationMs: r.DurationMs}
	row.tokenExpires = r.TokenExpires
	row.count(r)
	if p := r.Past; p != nil {
		row.Since, row.lastReady = p.Since, p.LastReady
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
		row.lastReady = r.Started
	}
	for _, c := range r.Report.Causes {
		row.causes = append(row.causes, c.ID)
	}
	for _, c := range r.Report.Checks {
		if i := slices.Index(statuses[:], c.Status); i >= 0 {
			row.checks[i]++
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

// merge collects the rows of all files. An org that is in two of them counts once: the newest
// record does.
func (f *Fleet) merge(group []*source) (warnings []string) {
	at := map[string]int{}
	shards := map[int]string{}
	for _, s := range group {
		if before, twice := shards[s.header.Shard.Index]; twice {
			warnings = append(warnings, fmt.Sprintf("shard %d of %d is given twice, in %s and in %s: each org counts once, with its newest record", s.header.Shard.Index, s.header.Shard.Count, before, s.name))
		}
		shards[s.header.Shard.Index] = s.name
		strangers := 0
		for _, row := range s.rows {
			if !s.header.Shard.Has(row.Org) {
				strangers++
				continue
			}
			i, twice := at[row.Org]
			if !twice {
				at[row.Org] = len(f.Rows)
				f.Rows = append(f.Rows, row)
			} else if newer(row, f.Rows[i]) {
				f.Rows[i] = row
			}
		}
		if strangers > 0 {
			warnings = append(warnings, fmt.Sprintf("%s: %s of other shards left out", s.name, Count(strangers, "record")))
		}
		for _, op := range s.ops {
			if !slices.ContainsFunc(f.Operations, func(c Column) bool { return c.ID == op.ID }) {
				f.Operations = append(f.Operations, op)
			}
		}
	}
	return warnings
}

// newer says which of two records of one org counts, in whatever order they are given.
func newer(a, b Row) bool {
	return cmp.Or(cmp.Compare(a.Started, b.Started), cmp.Compare(a.durationMs, b.durationMs), cmp.Compare(a.length, b.length)) > 0
}

// missing says which shards are not there or not complete.
func (f *Fleet) missing(group []*source) {
	f.Lacking = max(0, f.Header.Orgs-len(f.Rows))
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
	slices.SortFunc(f.Rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Org, b.Org))
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

// rank orders rows: by exit code, then by verdict.
func rank(r Row) int {
	return slices.Index([]int{1, exitUsage, 3, 0}, r.ExitCode)*len(verdicts) + slices.Index(verdicts, r.Verdict)
}

// Select keeps the rows of the orgs that have every label.
func (f *Fleet) Select(labels []Label) {
	f.Rows = slices.DeleteFunc(f.Rows, func(r Row) bool { return !labelled(r.Labels, labels) })
}

// Counts are the numbers of orgs by verdict.
func (f *Fleet) Counts() map[string]int {
	out := map[string]int{}
	for _, r := range f.Rows {
		out[r.Verdict]++
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
	for _, r := range f.Rows {
		if worse(r.ExitCode, worst) {
			worst = r.ExitCode
		}
	}
	return worst
}

func worse(a, b int) bool {
	order := []int{1, exitUsage, 3, 0}
	return slices.Index(order, a) < slices.Index(order, b)
}

// Record reads the full record of a row.
func (f *Fleet) Record(r Row) (Record, error) {
	return readRecord(f.files[r.file], r.from, r.length)
}

// each reads the records in the order of the rows; one is in memory at a time.
func (f *Fleet) each(do func(Row, Record) error) error {
	for _, row := range f.Rows {
		record, err := f.Record(row)
		if err != nil {
			return err
		}
		if err := do(row, record); err != nil {
			return err
		}
	}
	return nil
}

// byName are the rows in the order of their names.
func (f *Fleet) byName() []Row {
	return slices.SortedFunc(slices.Values(f.Rows), func(a, b Row) int { return cmp.Compare(a.Org, b.Org) })
}

// writeNDJSON writes the records of all files as one file of records: the same bytes,
// however the orgs were divided.
func writeNDJSON(w io.Writer, f *Fleet) error {
	out := lineWriter{w}
	if err := out.write(f.Header); err != nil {
		return err
	}
	for _, row := range f.byName() {
		data := make([]byte, row.length)
		if _, err := f.files[row.file].ReadAt(data, row.from); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if _, err := w.Write(data); err != nil {
			return err
		}
	}
	if len(f.Missing) > 0 {
		return nil // it is not complete
	}
	return out.write(end{Kind: kindEnd, Orgs: len(f.Rows)})
}
