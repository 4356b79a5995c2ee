package readiness

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/scimlint/scimlint/internal/payload"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// CanaryDomain is where the trial's user has its address: a name that no one can own.
const CanaryDomain = "scimlint.invalid"

const (
	// createTime bounds the wait for the create's answer, which a signal does not end.
	createTime = 20 * time.Second
	// cleanUpTime bounds the clean-up, also when the run is being stopped.
	cleanUpTime = 45 * time.Second
	// canaryTitle is what the trial's update sets.
	canaryTitle = "scimlint canary"
	// canaryPage and canaryPages bound one search of the canary.
	canaryPage, canaryPages = 100, 5
)

// searchWaits are the pauses before each search for a user that may have been made: an
// index shows a new user late.
var searchWaits = []time.Duration{0, time.Second, 3 * time.Second, 6 * time.Second}

// canary is one trial with one user, which is recognised by two texts that nobody else
// knows: a part of its userName, and its displayName.
type canary struct {
	org               *Org
	userName, display string
	steps             []results.CanaryStep
	// foreign are ids that the org named as the canary's and that are not: they are
	// reported, and not touched.
	foreign []string
}

func newCanary(o *Org, now time.Time, domain string) *canary {
	return &canary{org: o, userName: fmt.Sprintf("scimlint-canary-%s-%s@%s", now.UTC().Format("20060102t150405z"), strings.ToLower(rand.Text()), domain),
		display: "scimlint canary " + strings.ToLower(rand.Text()) + ", delete me"}
}

// Canary creates one user of a name that cannot be guessed, reads it, updates it and
// deletes it. No user is updated or deleted that was not read back by its id just before
// and shown to be the canary. Whatever happens on the way, Canary tries to delete what it
// made, also when the run is being stopped; left says what is or may be still there and how
// to delete it, and is empty when nothing is.
func (o *Org) Canary(ctx context.Context, now time.Time, domain string) (steps []results.CanaryStep, left string) {
	c := newCanary(o, now, domain)
	if ctx.Err() != nil {
		c.note("create the user "+c.userName, false, "the run was stopped before", "")
		return c.steps, ""
	}
	if o.Announce != nil {
		o.Announce(c.userName)
	}
	o.say("creating the canary %s", c.userName)
	id, outcome := c.create(ctx)
	if outcome == genesys.NotDone {
		return c.steps, ""
	}
	if id != "" && c.try(ctx, id) {
		left = c.end(id)
	} else {
		left = c.cleanUp(id)
	}
	if len(c.foreign) > 0 {
		left = strings.TrimPrefix(left+fmt.Sprintf("; the org named other users as the canary, which were neither updated nor deleted: %s", strings.Join(c.foreign, ", ")), "; ")
	}
	return c.steps, left
}

func (c *canary) note(what string, ok bool, text, correlationID string) {
	c.steps = append(c.steps, results.CanaryStep{What: what, OK: ok, Text: text, CorrelationID: correlationID})
}

// step notes a call; wrong says what is wrong with a success, if anything.
func (c *canary) step(what string, call genesys.Call, wrong string) {
	switch {
	case call.OK() && wrong == "":
		c.note(what, true, fmt.Sprintf("answered %d", call.Status), call.CorrelationID)
	case call.OK():
		c.note(what, false, fmt.Sprintf("answered %d, but %s", call.Status, wrong), call.CorrelationID)
	default:
		text := why(call)
		if call.Refusal != nil && call.Refusal.Message != "" {
			text += ": " + call.Refusal.Message
		}
		c.note(what, false, text, call.CorrelationID)
	}
}

// create sends the one POST. Its outcome is not sure unless the platform said no: also a
// 409 can be the answer to a request that something on the way had sent before.
func (c *canary) create(ctx context.Context) (id string, outcome genesys.Outcome) {
	limited, cancel := genesys.Unstopped(ctx, createTime)
	defer cancel()
	who, call := c.org.Client.CreateSCIMUser(limited, c.org.Base, map[string]any{"schemas": []string{payload.CoreSchema}, "userName": c.userName, "displayName": c.display, "active": false})
	wrong := ""
	switch {
	case !call.OK():
	case who.ID == "":
		wrong = "the answer does not have the user's id"
	case c.isOther(who) || !genesys.PlainID(who.ID):
		wrong = fmt.Sprintf("the answer is of another user (id %q)", who.ID)
		c.leave(who.ID)
		who.ID = ""
	}
	c.step("create the user "+c.userName, call, wrong)
	outcome = call.Outcome()
	if call.Status == http.StatusConflict {
		outcome = genesys.NotSure
	}
	return who.ID, outcome
}

// leave notes an id that is not the canary's.
func (c *canary) leave(id string) {
	if text := strconv.Quote(id); !slices.Contains(c.foreign, text) {
		c.foreign = append(c.foreign, text)
	}
}

// is says whether an answer shows the canary: its id, its userName, of which the platform
// may change the case, and its marker.
func (c *canary) is(who genesys.SCIMIdentity, id string) bool {
	return !who.Ambiguous && who.ID == id && strings.EqualFold(who.UserName, c.userName) && who.DisplayName == c.display
}

// isOther says whether an answer shows somebody else; what an answer does not have says
// nothing.
func (c *canary) isOther(who genesys.SCIMIdentity) bool {
	return who.Ambiguous || who.UserName != "" && !strings.EqualFold(who.UserName, c.userName) || who.DisplayName != "" && who.DisplayName != c.display
}

// try reads and updates the user that the create's answer named; false means that it was
// not shown to be the canary.
func (c *canary) try(ctx context.Context, id string) bool {
	var who genesys.SCIMIdentity
	var call genesys.Call
	for i, wait := range searchWaits {
		if i > 0 {
			c.wait(ctx, wait)
		}
		// A new user may be readable late.
		if who, call = c.org.Client.ReadSCIMUser(ctx, c.org.Base, id); !gone(call) {
			break
		}
	}
	if call.OK() && !c.is(who, id) {
		c.leave(id)
		c.step("read it", call, "the answer is of another user: the user of this id is not the canary")
		return false
	}
	c.step("read it", call, "")
	if !call.OK() {
		return false
	}
	changed, call := c.org.Client.PatchSCIMUser(ctx, c.org.Base, id, map[string]any{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"},
		"Operations": []any{map[string]any{"op": "replace", "path": "title", "value": canaryTitle}}})
	wrong := ""
	if c.isOther(changed) || changed.ID != "" && changed.ID != id {
		wrong = "the answer is of another user"
	} else if changed.Title != canaryTitle && call.OK() {
		if who, again := c.org.Client.ReadSCIMUser(ctx, c.org.Base, id); !again.OK() || who.Title != canaryTitle {
			wrong = "the change of the user could not be read back"
		}
	}
	c.step("update it", call, wrong)
	return true
}

// end deletes the canary as the trial's last step, and looks for another one: a create
// that was sent once may have been carried out twice.
func (c *canary) end(id string) (left string) {
	ctx, cancel := context.WithTimeout(context.Background(), cleanUpTime)
	defer cancel()
	var parts []string
	if text := c.remove(ctx, id, "delete it"); text != "" {
		parts = append(parts, text)
	}
	found, _ := c.search(ctx)
	for _, other := range found {
		if other == id {
			continue // the list is late
		}
		if text := c.remove(ctx, other, "delete a second user of the same create"); text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, "; ")
}

// cleanUp looks for the canary after a trial that ended early, and deletes it. id is what the
// create's answer named, or empty.
func (c *canary) cleanUp(id string) (left string) {
	ctx, cancel := context.WithTimeout(context.Background(), cleanUpTime)
	defer cancel()
	if id != "" {
		who, call := c.org.Client.ReadSCIMUser(ctx, c.org.Base, id)
		switch {
		case call.OK() && c.is(who, id):
			return c.remove(ctx, id, "delete it")
		case !call.OK() && !gone(call):
			return fmt.Sprintf("the user %s (id %q by the create's answer) was made and could not be read back, so it was not deleted (%s); %s", c.userName, id, why(call), c.how(id))
		}
	}
	problem := ""
	for _, wait := range searchWaits {
		c.wait(ctx, wait)
		var found, parts []string
		found, problem = c.search(ctx)
		removed := false
		for _, other := range found {
			if _, call := c.org.Client.ReadSCIMUser(ctx, c.org.Base, other); gone(call) {
				continue // listed, and not there yet or any more: look again
			}
			text := c.remove(ctx, other, "delete it")
			if text != "" {
				parts = append(parts, text)
			}
			removed = true
		}
		if removed {
			return strings.Join(parts, "; ")
		}
	}
	return fmt.Sprintf("the user %s may exist: %s; %s", c.userName, cmp.Or(problem, "a search did not find it, but it may appear later"), c.how(""))
}

// search returns the ids of the users of the canary's userName. Each has to be read back
// before anything is done to it. problem says why the list proves nothing.
func (c *canary) search(ctx context.Context) (ids []string, problem string) {
	start := 1
	for range canaryPages {
		page, call := c.org.Client.SCIMUsers(ctx, c.org.Base, fmt.Sprintf("userName eq %q", c.userName), start, canaryPage)
		if page == nil || !call.OK() {
			return ids, "it could not be searched for (" + why(call) + ")"
		}
		for _, u := range page.Resources {
			if strings.EqualFold(u.UserName, c.userName) {
				ids = append(ids, u.ID)
			}
		}
		start += len(page.Resources)
		if len(page.Resources) == 0 || page.TotalResults == nil || start > *page.TotalResults {
			return ids, ""
		}
	}
	return ids, "the org ignored the filter of the search"
}

// remove deletes a user after it was read back and recognised; left is empty when the user
// is gone.
func (c *canary) remove(ctx context.Context, id, what string) (left string) {
	who, call := c.org.Client.ReadSCIMUser(ctx, c.org.Base, id)
	switch {
	case gone(call):
		c.note(what, true, "it is gone", call.CorrelationID)
		return ""
	case !call.OK():
		c.step(what, call, "")
		return fmt.Sprintf("the user %s (id %q) could not be read back, so it was not deleted (%s); %s", c.userName, id, why(call), c.how(id))
	case !c.is(who, id):
		c.leave(id)
		c.note(what, false, "the user of the id no longer has the canary's names", call.CorrelationID)
		return fmt.Sprintf("the user of the id %q has other names than the canary %s (%q) and was not deleted: look at it; %s", id, c.userName, c.display, c.how(""))
	}
	del := c.org.Client.DeleteSCIMUser(ctx, c.org.Base, id)
	if del.Outcome() == genesys.NotSure || del.Status == http.StatusTooManyRequests {
		// Whether it is gone can be read.
		c.wait(ctx, time.Second)
		if who, call = c.org.Client.ReadSCIMUser(ctx, c.org.Base, id); call.OK() && c.is(who, id) {
			del = c.org.Client.DeleteSCIMUser(ctx, c.org.Base, id)
			_, call = c.org.Client.ReadSCIMUser(ctx, c.org.Base, id)
		}
		if gone(call) {
			c.note(what, true, "it is gone", del.CorrelationID)
			return ""
		}
	}
	if gone(del) {
		c.note(what, true, "it is gone", del.CorrelationID)
		return ""
	}
	c.step(what, del, "")
	if del.OK() {
		return ""
	}
	return fmt.Sprintf("the user %s (id %q) is still there; %s", c.userName, id, c.how(id))
}

// gone says whether the platform answered that there is no such user. A 404 without the
// platform's words can be a proxy's, which knows nothing of users.
func gone(call genesys.Call) bool {
	return call.Refusal != nil && (call.Status == http.StatusNotFound || call.Status == http.StatusGone)
}

// how says how to delete the canary by hand.
func (c *canary) how(id string) string {
	text := "delete it so: Admin > People & Permissions > People, show the inactive people too, look for " + c.userName
	if id == "" {
		return text + fmt.Sprintf("; or GET %s/users?filter=userName eq %s and DELETE %s/users/{the id that it shows}", c.org.Base, c.userName, c.org.Base)
	}
	return text + fmt.Sprintf("; or, where GET %s/users/%s shows this userName, DELETE the same path", c.org.Base, id)
}

func (c *canary) wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	if c.org.pause != nil {
		c.org.pause(ctx, d)
		return
	}
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
