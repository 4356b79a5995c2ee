package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/scimlint/scimlint/pkg/results"
)

// DefaultParallel is how many orgs are checked at a time where nothing is said: what two
// cores can do, by measurement (docs/fleet.md).
const DefaultParallel = 32

// MaxParallel bounds it: every check may open some ten connections.
const MaxParallel = 512

// Options are a run's.
type Options struct {
	List *List
	// Shard is the share of the list that is checked.
	Shard Shard
	// Records is the file that the records go to; Resume goes on with one that was not
	// finished and began within that time, zero with none.
	Records string
	Resume  time.Duration
	// Parallel is how many orgs are checked at a time.
	Parallel int
	// History is where the bundles of the runs are kept; nil for nowhere.
	History *History
	Env     func(string) string
	Tool    results.Tool
	// Done is called after each org, one call at a time.
	Done func(Progress)
	// Say is called with a sentence that the user must read.
	Say func(string)
}

// Progress is how far a run is.
type Progress struct {
	Done, Total int
	// Resumed is how many of them were done before.
	Resumed int
	Org     string
	Verdict string
	Error   string
	Took    time.Duration
}

// Interrupted says that a run ended before all orgs were checked. The records of those that
// were are kept.
type Interrupted struct {
	Done, Total int
	Records     string
}

func (e *Interrupted) Error() string {
	return fmt.Sprintf("interrupted: %d of %s are checked, and their records are in %s: go on with --resume", e.Done, Count(e.Total, "org"), e.Records)
}

// Run checks every org of the shard and writes their records. The error of one org is in its
// record and ends no other check. Run returns an error where nothing could be checked, where
// the records cannot be written, and where ctx ended before the run did.
func Run(ctx context.Context, o Options) error {
	digest, err := o.List.Digest()
	if err != nil {
		return err
	}
	h := Header{Kind: kindFleet, SchemaVersion: schemaVersion, Tool: o.Tool, List: digest, Orgs: o.List.Len(), Shard: o.Shard}
	o.List.share(o.Shard)
	rec, done, note, err := begin(o.Records, h, o.Resume)
	if err != nil {
		return err
	}
	if note != "" {
		o.Say(note)
	}
	r := &runner{Options: o, rec: rec, progress: Progress{Done: len(done), Resumed: len(done), Total: o.List.Len()}}
	transport := newTransport(o.Parallel)
	defer transport.CloseIdleConnections()
	r.checker = &checker{list: o.List, env: o.Env, tool: o.Tool, transport: transport, history: o.History, now: time.Now, commandTimeout: commandTimeout}
	if err := r.all(ctx, done); err != nil {
		_ = rec.file.Close()
		return err
	}
	if r.progress.Done < r.progress.Total {
		_ = rec.file.Close()
		return &Interrupted{r.progress.Done, r.progress.Total, rec.name + partSuffix}
	}
	return rec.finish()
}

// share keeps the orgs of a shard.
func (l *List) share(s Shard) {
	l.orgs = slices.DeleteFunc(l.orgs, func(o listed) bool { return !s.Has(o.name) })
}

// runner checks orgs with several workers.
type runner struct {
	Options
	*checker
	rec      *recorder
	busy     clients
	mu       sync.Mutex // guards what follows, and the recorder
	progress Progress
	broken   error
}

// all checks the orgs that are not done yet. It ends early where ctx does, or where the
// records cannot be written.
func (r *runner) all(ctx context.Context, done map[string]bool) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	queue := make(chan Org)
	var workers sync.WaitGroup
	for range r.Parallel {
		workers.Go(func() {
			for org := range queue {
				r.one(ctx, org, stop)
			}
		})
	}
	err := r.feed(ctx, queue, done)
	close(queue)
	workers.Wait()
	if r.broken != nil {
		return fmt.Errorf("%w: %d of %s are checked, and their records are in %s: make room, and go on with --resume", r.broken, r.progress.Done, Count(r.progress.Total, "org"), r.rec.name+partSuffix)
	}
	return err
}

// feed hands the orgs that are not done to the workers, one by one.
func (r *runner) feed(ctx context.Context, queue chan<- Org, done map[string]bool) error {
	for i, entry := range r.List.orgs {
		if done[entry.name] {
			continue
		}
		org, err := r.List.Org(i)
		if err != nil {
			return err
		}
		select {
		case queue <- org:
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}

// one checks an org and keeps its record.
func (r *runner) one(ctx context.Context, org Org, stop func()) {
	free, err := r.busy.wait(ctx, org)
	if err != nil {
		return
	}
	start := time.Now()
	record, run, done := r.check(ctx, org)
	free()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, note := range record.Notes {
		r.Say("org " + org.Name + ": " + note)
	}
	if !done || r.broken != nil {
		run.drop()
		return
	}
	if err := r.rec.add(record); err != nil {
		run.drop()
		r.broken = err
		stop()
		return
	}
	if err := run.add(); err != nil {
		r.Say("org " + org.Name + ": " + err.Error())
	}
	r.progress.Done++
	p := r.progress
	p.Org, p.Verdict, p.Error, p.Took = org.Name, record.Verdict(), record.Error, time.Since(start)
	if r.Done != nil {
		r.Done(p)
	}
}

// clients lets the checks of one OAuth client wait for each other: the platform counts the
// requests of all its tokens together.
type clients struct {
	mu   sync.Mutex
	busy map[string]chan struct{}
}

// wait waits until no other check uses the client of an org.
func (c *clients) wait(ctx context.Context, o Org) (free func(), err error) {
	key := o.ClientID + " " + o.Region + " " + o.LoginURL
	for {
		c.mu.Lock()
		other, taken := c.busy[key]
		if !taken {
			mine := make(chan struct{})
			if c.busy == nil {
				c.busy = map[string]chan struct{}{}
			}
			c.busy[key] = mine
			c.mu.Unlock()
			return func() {
				c.mu.Lock()
				delete(c.busy, key)
				c.mu.Unlock()
				close(mine)
			}, nil
		}
		c.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// Count is a number with its noun.
func Count(n int, noun string) string {
	if n == 1 {
		return fmt.Sprintf("%d %s", n, noun)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// IsInterrupted says whether an error is that of an interrupted run.
func IsInterrupted(err error) bool {
	var i *Interrupted
	return errors.As(err, &i)
}
