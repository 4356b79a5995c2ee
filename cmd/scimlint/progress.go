package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/scimlint/scimlint/pkg/report"
)

// spinnerFrames turn while something is being waited for.
var spinnerFrames = []rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")

// spinner is one line on a terminal that shows what a run is doing.
type spinner struct {
	mutex sync.Mutex
	w     io.Writer
	what  string
	frame int
	done  chan struct{}
	ended sync.WaitGroup
}

// spin shows progress on standard error where that is a terminal, whatever standard
// output is: a report that goes into a file or a pipe is waited for, too.
func spin(std stdio, wanted bool) (say func(string), done func()) {
	if !wanted || !isTerminal(std.err) || std.env("TERM") == "dumb" {
		return nil, func() {}
	}
	terminal, _ := file(std.err) // the guard lets no cursor movement pass
	p := startSpinner(terminal)
	return func(what string) { p.say(report.Inert(std.secrets().Clean(what))) }, p.stop
}

func startSpinner(w io.Writer) *spinner {
	p := &spinner{w: w, done: make(chan struct{})}
	p.draw()
	p.ended.Go(func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-p.done:
				return
			case <-tick.C:
				p.draw()
			}
		}
	})
	return p
}

func (p *spinner) say(what string) {
	p.mutex.Lock()
	p.what = what
	p.mutex.Unlock()
	p.draw()
}

// draw writes the line again, without wrapping it.
func (p *spinner) draw() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	line := string(spinnerFrames[p.frame%len(spinnerFrames)])
	if p.what != "" {
		line += " " + p.what
	}
	p.frame++
	_, _ = fmt.Fprintf(p.w, "\r\x1b[K%s", cut(line, width(p.w)-1))
}

// stop removes the line.
func (p *spinner) stop() {
	close(p.done)
	p.ended.Wait()
	_, _ = fmt.Fprint(p.w, "\r\x1b[K")
}
