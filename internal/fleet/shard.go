package fleet

import (
	"errors"
	"fmt"
	"hash/fnv"
	"path/filepath"
	"strconv"
	"strings"
)

// maxShards bounds the number of shards: Kubernetes allows 100,000 completions.
const maxShards = 100_000

// Shard is a share of the orgs: the Index-th of Count, from zero.
type Shard struct {
	Index int `json:"index"`
	Count int `json:"count"`
}

func (s Shard) valid() bool {
	return s.Count >= 1 && s.Count <= maxShards && s.Index >= 0 && s.Index < s.Count
}

// JobIndex is the variable in which Kubernetes gives the pods of an Indexed Job their index.
const JobIndex = "JOB_COMPLETION_INDEX"

// ParseShard reads INDEX/COUNT; job/COUNT reads the index from JOB_COMPLETION_INDEX. Without
// a text there is one shard.
func ParseShard(text string, env func(string) string) (Shard, error) {
	if text == "" {
		return Shard{0, 1}, nil
	}
	first, second, ok := strings.Cut(text, "/")
	count, err := strconv.Atoi(second)
	if ok && err == nil && count > maxShards {
		return Shard{}, fmt.Errorf("--shard %q: there can be at most %d shards", text, maxShards)
	}
	if !ok || err != nil || count < 1 {
		return Shard{}, fmt.Errorf("--shard %q: write INDEX/COUNT, as in 0/16 for the first of 16 shards, or job/16 in a Kubernetes Job", text)
	}
	if first == "job" {
		if first = env(JobIndex); first == "" {
			return Shard{}, errors.New("--shard " + text + ": " + JobIndex + " is not set: it is in the pods of a Job with completionMode: Indexed")
		}
	}
	index, err := strconv.Atoi(first)
	if err != nil || index < 0 || index >= count {
		return Shard{}, fmt.Errorf("--shard %q: the index must be a number from 0 to %d", text, count-1)
	}
	return Shard{index, count}, nil
}

// Has says whether an org is in the shard: FNV-1a (64 bits) of its name, modulo the number
// of shards. This must never change: shards of two versions make one report.
func (s Shard) Has(org string) bool {
	h := fnv.New64a()
	_, _ = h.Write([]byte(org))
	return h.Sum64()%uint64(s.Count) == uint64(s.Index) //nolint:gosec // both are positive
}

// File is where the records of the shard go: for a folder, a file in it with the shard's
// name.
func (s Shard) File(records string, folder bool) string {
	if !folder {
		return records
	}
	width := len(strconv.Itoa(s.Count - 1))
	return filepath.Join(records, fmt.Sprintf("shard-%0*d-of-%d.ndjson", width, s.Index, s.Count))
}
