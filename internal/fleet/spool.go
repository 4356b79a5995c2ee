package fleet

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
)

// maxKept is how much a spool has in memory before it begins a temporary file.
const maxKept = 1 << 20

// spool keeps values that are needed again, but not at once, so that memory does not grow
// with the number of orgs: all but the last of them are in a temporary file. Where none can
// be made, or the disk is full, they stay in memory.
type spool struct {
	mu   sync.Mutex
	file *os.File
	// behind is where in all bytes kept begins; what is before is in the file.
	behind int64
	kept   []byte
	// alone says that there is no room for a file.
	alone bool
}

// place is where a value is in a spool or in a file of records.
type place struct {
	from   int64
	length int32
}

// add keeps a value.
func (s *spool) add(v any) (place, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return place{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := place{s.behind + int64(len(s.kept)), int32(len(data))} //nolint:gosec // a line of a file, or less
	s.kept = append(s.kept, data...)
	if len(s.kept) > maxKept && !s.alone {
		s.flush()
	}
	return p, nil
}

// flush moves what is in memory to the file.
func (s *spool) flush() {
	if s.file == nil {
		file, err := os.CreateTemp("", "scimlint-fleet-*")
		if err != nil {
			s.alone = true
			return
		}
		_ = os.Remove(file.Name()) // it has no name where the system allows that; Windows removes it in close
		s.file = file
	}
	if _, err := s.file.WriteAt(s.kept, s.behind); err != nil {
		s.alone = true
		return
	}
	s.behind += int64(len(s.kept))
	s.kept = s.kept[:0]
}

// bytes are the JSON of a value.
func (s *spool) bytes(p place) ([]byte, error) {
	out := make([]byte, p.length)
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.from >= s.behind {
		copy(out, s.kept[p.from-s.behind:])
		return out, nil
	}
	if _, err := s.file.ReadAt(out, p.from); err != nil {
		return nil, fmt.Errorf("the temporary file of this run cannot be read: %w", err)
	}
	return out, nil
}

// get reads a value.
func (s *spool) get(p place, into any) error {
	data, err := s.bytes(p)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

// close gives the file up.
func (s *spool) close() {
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
	}
}
