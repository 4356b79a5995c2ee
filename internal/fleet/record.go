package fleet

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/scimlint/scimlint/internal/bounds"
	"github.com/scimlint/scimlint/pkg/results"
)

// schemaVersion is the version of the records' form.
const schemaVersion = "1"

// The kinds of lines in a file of records.
const (
	kindFleet = "fleet"
	kindOrg   = "org"
	kindEnd   = "end"
)

// maxLine bounds one record: the report of an org with many roles has less than 1 MB.
const maxLine = 16 << 20

// Header is the first line of a file of records. It has nothing that differs between runs of
// the same list, so that merged shards give the file of one run.
type Header struct {
	Kind          string       `json:"kind"`
	SchemaVersion string       `json:"schemaVersion"`
	Tool          results.Tool `json:"tool"`
	// List identifies the orgs and all that is said of them, Orgs is how many there are in
	// all shards.
	List string `json:"list"`
	Orgs int    `json:"orgs"`
	// Shard is the part of them that this file is about.
	Shard Shard `json:"shard"`
}

// Record is what a run keeps of one org: everything that depends on the order or the time of
// the run is in it.
type Record struct {
	Kind       string            `json:"kind"`
	Org        string            `json:"org"`
	Labels     map[string]string `json:"labels,omitempty"`
	Region     string            `json:"region,omitempty"`
	Started    string            `json:"started"`
	DurationMs int64             `json:"durationMs"`
	// Error says why the org was not checked; then there is no report.
	Error string   `json:"error,omitempty"`
	Notes []string `json:"notes,omitempty"`
	// TokenExpires is when the token expires that the org gave to this run.
	TokenExpires string `json:"tokenExpires,omitempty"`
	// Past is what the history says; nil where none is kept.
	Past   *Past           `json:"past,omitempty"`
	Report *results.Report `json:"report,omitempty"`
}

// Past is what the history says of an org.
type Past struct {
	// Previous is the verdict of the run before; empty where this is the first one.
	Previous string `json:"previous,omitempty"`
	// LastReady is when the org was last ready, this run included; empty for never.
	LastReady string `json:"lastReady,omitempty"`
	// Since is the first run of the unbroken series that is not ready.
	Since string `json:"since,omitempty"`
	// Changes is what changed between the last run that was ready and this one.
	Changes *results.Difference `json:"changes,omitempty"`
}

// end is the last line of a file whose run is complete.
type end struct {
	Kind string `json:"kind"`
	Orgs int    `json:"orgs"`
}

// NotChecked is the verdict of an org that has no report.
const NotChecked = "not-checked"

// Verdict is the report's, or NotChecked.
func (r Record) Verdict() string {
	if r.Report == nil {
		return NotChecked
	}
	return string(r.Report.Verdict)
}

// exitUsage is the exit code of a run that could not begin.
const exitUsage = 2

// changed says whether the verdict is another than in the run before. An org without a run
// before counts where it is not ready.
func (p *Past) changed(verdict string) bool {
	switch {
	case p == nil:
		return false
	case p.Previous == "":
		return verdict != string(results.Ready)
	}
	return p.Previous != verdict
}

// recorder appends records to the file of a run. The file has the suffix .part until the run
// is complete; then it replaces the file of the run before.
type recorder struct {
	name string
	file *os.File
	at   int64
	orgs int
}

// partSuffix marks the records of a run that is not complete.
const partSuffix = ".part"

// begin opens the file for a run. It returns the orgs that are in it already, where the run
// that wrote them is to be resumed and began within a time; zero resumes none.
func begin(name string, h Header, resume time.Duration) (rec *recorder, done map[string]bool, note string, err error) {
	if name, err = fileOf(name); err != nil {
		return nil, nil, "", err
	}
	part := name + partSuffix
	info, err := os.Stat(part)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return nil, nil, "", fmt.Errorf("records: %s is not a file: remove it", part)
	case errors.Is(err, fs.ErrNotExist):
		rec, err = newRecorder(name, h)
		return rec, nil, "", err
	case err != nil:
		return nil, nil, "", fmt.Errorf("records: %w", err)
	case resume == 0:
		return nil, nil, "", unfinished(part)
	}
	rec, done, err = reopen(name, h, time.Now().Add(-resume))
	var other *otherListError
	if errors.As(err, &other) {
		old := freeName(part + ".old")
		if err := os.Rename(part, old); err != nil {
			return nil, nil, "", fmt.Errorf("records: %w", err)
		}
		rec, err = newRecorder(name, h)
		return rec, nil, fmt.Sprintf("%s %v: it is kept as %s, and all orgs are checked", part, other, old), err
	}
	return rec, done, "", err
}

// fileOf is the file that a name leads to, over links: it will be replaced. What is there and
// is no file, as a device, stays.
func fileOf(name string) (string, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(name); err == nil {
			return "", fmt.Errorf("records: %s is a link that leads nowhere: remove it, or make what it leads to", name)
		}
		return name, nil
	case err != nil:
		return "", fmt.Errorf("records: %w", err)
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("records: %s is not a file: name one, or one that does not exist yet", name)
	}
	if name, err = filepath.EvalSymlinks(name); err != nil {
		return "", fmt.Errorf("records: %w", err)
	}
	return name, nil
}

// unfinished says what to do about the records of a run that has not ended, if it goes on or
// not.
func unfinished(part string) error {
	if file, err := os.OpenFile(part, os.O_RDWR, 0); err == nil {
		defer func() { _ = file.Close() }()
		r := &recorder{file: file}
		if err := r.lock(); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s has the records of a run that was not finished: go on with --resume, or remove it", part)
}

// freeName is a name that no file has.
func freeName(name string) string {
	for n, free := 2, name; ; n++ {
		if _, err := os.Lstat(free); err != nil {
			return free
		}
		free = fmt.Sprintf("%s.%d", name, n)
	}
}

// newRecorder begins a new file.
func newRecorder(name string, h Header) (*recorder, error) {
	file, err := os.OpenFile(name+partSuffix, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("records: %w", err)
	}
	r := &recorder{name: name, file: file}
	if err := r.lock(); err != nil {
		_ = file.Close()
		return nil, err
	}
	if err := r.append(h); err != nil {
		_ = file.Close()
		_ = os.Remove(file.Name())
		return nil, err
	}
	return r, nil
}

// otherListError says that a file is of other orgs than the run.
type otherListError struct{ why string }

func (e *otherListError) Error() string { return e.why }

// reopen goes on with a file, whose records are not older than a time: the verdicts of another
// day are not those of this run. What follows its last whole line is cut off.
func reopen(name string, h Header, since time.Time) (*recorder, map[string]bool, error) {
	file, err := os.OpenFile(name+partSuffix, os.O_RDWR, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("records: %w", err)
	}
	r := &recorder{name: name, file: file}
	if err := r.lock(); err != nil {
		_ = file.Close()
		return nil, nil, err
	}
	done := map[string]bool{}
	var was *Header
	old := since.UTC().Format(time.RFC3339)
	late, broken := false, false
	err = eachLine(file, func(l line) error {
		broken = broken || l.cut || l.bad
		switch {
		case broken: // it is written again, and so is what follows it
			return nil
		case l.header != nil:
			was = l.header
		case l.record != nil && !done[l.record.Org]:
			done[l.record.Org] = true
			late = late || l.record.Started < old
		}
		r.at = l.from + int64(l.length)
		return nil
	})
	switch {
	case err != nil:
	case was == nil:
		err = &otherListError{"has no records"}
	case was.List != h.List || was.Shard != h.Shard:
		err = &otherListError{"is of another list, other labels or another shard"}
	case late:
		err = &otherListError{"has records from before " + old}
	}
	if err == nil {
		r.orgs = len(done)
		err = r.cut()
	}
	if err != nil {
		_ = file.Close()
		return nil, nil, err
	}
	return r, done, nil
}

func (r *recorder) lock() error {
	if err := lock(r.file); err != nil {
		return fmt.Errorf("records: another run writes to %s: wait for its end, or name another file with --records", r.file.Name())
	}
	return nil
}

// cut removes what is behind the last whole record.
func (r *recorder) cut() error {
	if err := r.file.Truncate(r.at); err != nil {
		return fmt.Errorf("records: %w", err)
	}
	_, err := r.file.Seek(r.at, io.SeekStart)
	return err
}

// append writes one line whole, or nothing of it.
func (r *recorder) append(v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	n, err := r.file.Write(append(data, '\n'))
	if err != nil {
		_ = r.cut()
		return fmt.Errorf("records cannot be written: %w", err)
	}
	r.at += int64(n)
	return nil
}

// add writes the record of an org.
func (r *recorder) add(rec Record) error {
	if err := r.append(rec); err != nil {
		return err
	}
	r.orgs++
	return nil
}

// finish completes the file, which replaces the one of the run before.
func (r *recorder) finish() error {
	err := r.append(end{Kind: kindEnd, Orgs: r.orgs})
	err = errors.Join(err, r.file.Sync())
	if closed := r.file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(r.file.Name(), r.name)
}

// line is one line of a file of records: a header, a record, an end, or neither of them.
type line struct {
	number, length int
	from           int64
	header         *Header
	record         *summary
	end            *end
	// cut is true for a last line without its end, bad for one that is no record.
	cut, bad bool
}

// eachLine reads a file of records line by line; only one is in memory.
func eachLine(file io.Reader, each func(line) error) error {
	in := bufio.NewReaderSize(file, 1<<16)
	var at int64
	for number := 1; ; number++ {
		data, err := readLine(in)
		if len(data) == 0 && errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		l := line{number: number, from: at, length: len(data), cut: err != nil}
		at += int64(len(data))
		if !l.cut {
			l.decode(data)
		}
		if err := each(l); err != nil {
			return err
		}
		if l.cut {
			return nil
		}
	}
}

// readLine reads a line with its end.
func readLine(in *bufio.Reader) ([]byte, error) {
	var out []byte
	for {
		part, err := in.ReadSlice('\n')
		out = append(out, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return out, err
		}
		if len(out) > maxLine {
			return nil, fmt.Errorf("a line has more than %d MB: it is no file of records", maxLine>>20)
		}
	}
}

// summary is what of a record a row is made from; the rest is not decoded.
type summary struct {
	Kind       string            `json:"kind"`
	Org        string            `json:"org"`
	Labels     map[string]string `json:"labels"`
	Region     string            `json:"region"`
	Started    string            `json:"started"`
	DurationMs int64             `json:"durationMs"`
	Error      string            `json:"error"`
	Past       *Past             `json:"past"`
	// TokenExpires is when the token expires that the org gave.
	TokenExpires string `json:"tokenExpires"`
	Report       *struct {
		Verdict results.Verdict `json:"verdict"`
		Summary string          `json:"summary"`
		Causes  []struct {
			ID    string      `json:"id"`
			Title string      `json:"title"`
			Fix   results.Fix `json:"fix"`
		} `json:"causes"`
		Checks []struct {
			Status results.Status `json:"status"`
		} `json:"checks"`
		Operations []Column `json:"operations"`
		Pipeline   *struct {
			ExitCode int `json:"exitCode"`
		} `json:"pipeline"`
	} `json:"report"`

	// Of the other kinds of lines:
	SchemaVersion string       `json:"schemaVersion"`
	Tool          results.Tool `json:"tool"`
	List          string       `json:"list"`
	Orgs          int          `json:"orgs"`
	Shard         Shard        `json:"shard"`
}

// decode finds out what a line is.
func (l *line) decode(data []byte) {
	s := &summary{}
	l.bad = true
	if bounds.JSON(data) != nil || json.Unmarshal(data, s) != nil {
		return
	}
	switch {
	case s.Kind == kindFleet && s.SchemaVersion == schemaVersion && s.Shard.valid():
		l.header, l.bad = &Header{Kind: s.Kind, SchemaVersion: s.SchemaVersion, Tool: s.Tool, List: s.List, Orgs: s.Orgs, Shard: s.Shard}, false
	case s.Kind == kindOrg && orgName.MatchString(s.Org) && (s.Report != nil || s.Error != ""):
		l.record, l.bad = s, false
	case s.Kind == kindEnd:
		l.end, l.bad = &end{Kind: s.Kind, Orgs: s.Orgs}, false
	}
}

// verdict and exitCode are those of the record.
func (s *summary) verdict() string {
	if s.Report == nil {
		return NotChecked
	}
	return string(s.Report.Verdict)
}

func (s *summary) exitCode() int {
	switch {
	case s.Report == nil:
		return exitUsage
	case s.Report.Pipeline != nil:
		return s.Report.Pipeline.ExitCode
	}
	return s.Report.Verdict.ExitCode()
}

// readRecord reads one record of a file whose place is known.
func readRecord(file io.ReaderAt, from int64, length int) (Record, error) {
	data := make([]byte, length)
	if _, err := file.ReadAt(data, from); err != nil && !errors.Is(err, io.EOF) {
		return Record{}, err
	}
	var r Record
	if bounds.JSON(data) != nil || json.Unmarshal(data, &r) != nil || !orgName.MatchString(r.Org) {
		return r, errors.New("the file of records was changed while it was read, or has a record that this scimlint does not read")
	}
	return r, nil
}
