package evidence

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/scimlint/scimlint/pkg/genesys"
)

// The bounds of the write probe and of its clean-up, neither of which a signal ends.
const (
	probeTime   = 20 * time.Second
	cleanUpTime = 20 * time.Second
)

// probeWrite posts the body that cannot create anyone. Should the platform create someone
// even so, that user is deleted at once, also when the run is being stopped, but only
// if it was read back and has no userName.
func (c *collector) probeWrite(ctx context.Context) {
	if ctx.Err() != nil {
		c.WriteProbe.NotAsked = "the run was stopped before"
		return
	}
	limited, cancel := genesys.Unstopped(ctx, probeTime)
	defer cancel()
	made, call := c.api.ProbeWrite(limited, c.Target.SCIMBase)
	c.WriteProbe.Calls = []genesys.Call{call}
	switch call.Outcome() {
	case genesys.NotDone:
		return
	case genesys.NotSure:
		c.WriteProbeLeft = "the write probe may have made a user without a userName, because its POST was sent and not answered; " + c.findProbe()
		return
	}
	c.WriteProbe.Value = &Written{UserID: made.ID}
	if made.ID == "" || made.Ambiguous {
		c.WriteProbeLeft = "the write probe was answered with a success that does not show which user was made; " + c.findProbe()
		return
	}
	c.takeBack(ctx, made.ID)
}

// findProbe says how to find a user that the write probe may have made.
func (c *collector) findProbe() string {
	return fmt.Sprintf("look for a person without an e-mail address, made at %s, in Admin > People & Permissions > People, inactive people too, or in GET %s/users, and delete it",
		c.Taken.UTC().Format(time.RFC3339), c.Target.SCIMBase)
}

// takeBack deletes a user that the write probe made, if it is one without a userName.
func (c *collector) takeBack(ctx context.Context, id string) {
	undo, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTime)
	defer cancel()
	who, call := c.api.ReadSCIMUser(undo, c.Target.SCIMBase, id)
	c.CleanUpReads = append(c.CleanUpReads, call)
	switch {
	case !call.OK():
		c.WriteProbeLeft = fmt.Sprintf("the write probe made a user (id %q by the answer) that could not be read back, so it was not deleted; where GET %s/users/{id} shows a user without a userName, DELETE the same path", id, c.Target.SCIMBase)
		return
	case who.Ambiguous || who.ID != id || !who.User || who.UserName != "":
		c.WriteProbeLeft = fmt.Sprintf("the write probe's answer names a user (id %q) that it did not make: it has a userName, or the answer is of another user. It was not touched; %s", id, c.findProbe())
		return
	}
	del := c.api.DeleteSCIMUser(undo, c.Target.SCIMBase, id)
	c.CleanUp = &del
	c.WriteProbe.Value.Deleted = del.OK()
	if del.Outcome() == genesys.NotSure {
		_, again := c.api.ReadSCIMUser(undo, c.Target.SCIMBase, id)
		c.CleanUpReads = append(c.CleanUpReads, again)
		c.WriteProbe.Value.Deleted = again.Refusal != nil && again.Status == http.StatusNotFound
	}
	if !c.WriteProbe.Value.Deleted {
		c.WriteProbeLeft = fmt.Sprintf("the write probe made a user without a userName (id %q) that is still there: DELETE %s/users/%s", id, c.Target.SCIMBase, id)
	}
}
