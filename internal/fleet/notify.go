package fleet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"time"

	"github.com/scimlint/scimlint/pkg/results"
)

// notifyTimeout is how long the command of an alert may run.
const notifyTimeout = time.Minute

// Alert is what the command of --notify-command reads.
type Alert struct {
	SchemaVersion string `json:"schemaVersion"`
	// Text is one sentence about all, and a line for each changed org: what a chat shows.
	Text    string       `json:"text"`
	Orgs    int          `json:"orgs"`
	Changed []ChangedOrg `json:"changed"`
}

// ChangedOrg is an org whose verdict is another than in the run before.
type ChangedOrg struct {
	Org      string            `json:"org"`
	Labels   map[string]string `json:"labels,omitempty"`
	Region   string            `json:"region,omitempty"`
	Previous string            `json:"previous,omitempty"`
	Verdict  string            `json:"verdict"`
	Cause    string            `json:"cause,omitempty"`
	Since    string            `json:"since,omitempty"`
	Fix      string            `json:"fix,omitempty"`
	Why      string            `json:"why,omitempty"`
	Changes  []results.Change  `json:"changes,omitempty"`
}

// maxAlert bounds how many orgs an alert has; the text says how many there are.
const maxAlert = 200

// NewAlert collects the changed orgs; nil where there are none.
func NewAlert(f *Fleet) (*Alert, error) {
	a := &Alert{SchemaVersion: schemaVersion, Orgs: f.Len()}
	total := 0
	var lines bytes.Buffer
	for _, at := range f.refs {
		if !at.changed {
			continue
		}
		if total++; total > maxAlert {
			continue
		}
		c, err := f.changed(at)
		if err != nil {
			return nil, err
		}
		a.Changed = append(a.Changed, c)
		_, _ = fmt.Fprintf(&lines, "\n%s: %s%s", c.Org, verdictWords[c.Verdict], alertTail(c))
	}
	if total == 0 {
		return nil, nil //nolint:nilnil // nothing to say
	}
	a.Text = fmt.Sprintf("scimlint: %s of %d changed", Count(total, "org"), f.Len()) + lines.String()
	if more := total - len(a.Changed); more > 0 {
		a.Text += fmt.Sprintf("\nand %d more", more)
	}
	return a, nil
}

// changed is what an alert says of an org.
func (f *Fleet) changed(at ref) (c ChangedOrg, err error) {
	var row Row
	r, err := f.record(at)
	if err := errors.Join(err, f.rows.get(at.row, &row)); err != nil {
		return c, err
	}
	c = ChangedOrg{Org: row.Org, Labels: row.Labels, Region: row.Region, Previous: r.Past.Previous, Verdict: row.Verdict, Cause: row.Cause, Since: row.Since, Fix: row.Fix, Why: row.Why}
	if r.Past.Changes != nil {
		c.Changes = r.Past.Changes.Changes
	}
	return c, nil
}

func alertTail(c ChangedOrg) string {
	out := ""
	if c.Previous != "" {
		out += " (was " + verdictWords[c.Previous] + ")"
	}
	if c.Cause != "" {
		out += ", " + c.Cause
	}
	return out
}

// Notify runs a command of the user's shell with an alert on its standard input. Nothing
// from outside is in the command's text.
func Notify(ctx context.Context, command string, a *Alert) error {
	data, err := json.Marshal(a)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, notifyTimeout)
	defer cancel()
	shell := []string{"sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/C"}
	}
	cmd := exec.CommandContext(limited, shell[0], shell[1], command) //nolint:gosec // the user typed it
	cmd.Stdin = bytes.NewReader(append(data, '\n'))
	cmd.WaitDelay = time.Second
	ownGroup(cmd)
	err = cmd.Run()
	_ = endGroup(cmd)
	var ended *exec.ExitError
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
		return nil
	case limited.Err() != nil && ctx.Err() == nil:
		return fmt.Errorf("the alert was not sent: the command of --notify-command did not end within %s", notifyTimeout)
	case errors.As(err, &ended):
		return fmt.Errorf("the alert was not sent: the command of --notify-command ended with exit code %d", ended.ExitCode())
	}
	return fmt.Errorf("the alert was not sent: %w", err)
}
