package ready

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/payload"
	"github.com/scimlint/scimlint/pkg/results"
)

// CanaryDomain is where the trial's user has its address: a name that no one can own.
const CanaryDomain = "scimlint.invalid"

// cleanUpTime bounds the taking back of the trial's user, even when the run is being
// stopped.
const cleanUpTime = 30 * time.Second

// Canary creates one clearly named user, reads it, updates it and deletes it. Whatever
// happens on the way, it tries to delete what it made; left says what is still there,
// exactly, and is empty when nothing is.
func (o *Org) Canary(ctx context.Context, now time.Time, domain string) (steps []results.CanaryStep, left string) {
	name := fmt.Sprintf("scimlint-canary-%s@%s", now.UTC().Format("20060102t150405z"), domain)
	step := func(what string, call genesys.Call) bool {
		ok := call.OK()
		text := fmt.Sprintf("answered %d", call.Status)
		if !ok {
			text = why(call)
			if call.Refusal != nil && call.Refusal.Message != "" {
				text += ": " + call.Refusal.Message
			}
		}
		steps = append(steps, results.CanaryStep{What: what, OK: ok, Text: text, CorrelationID: call.CorrelationID})
		return ok
	}
	o.say("creating the canary %s", name)
	id, call := o.Client.SCIMRequest(ctx, http.MethodPost, o.Base, "", map[string]any{"schemas": []string{payload.CoreSchema}, "userName": name, "displayName": "scimlint canary, delete me", "active": false})
	if !step("create the user "+name, call) {
		if call.Failure != nil {
			// No answer came: the user may have been made all the same.
			return steps, o.search(name)
		}
		return steps, ""
	}
	if id == "" {
		steps = append(steps, results.CanaryStep{What: "find the user's id", Text: "the answer does not tell it"})
		return steps, o.search(name)
	}
	_, call = o.Client.SCIMRequest(ctx, http.MethodGet, o.Base, id, nil)
	step("read it", call)
	_, call = o.Client.SCIMRequest(ctx, http.MethodPatch, o.Base, id, map[string]any{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"},
		"Operations": []any{map[string]any{"op": "replace", "path": "title", "value": "scimlint canary"}}})
	step("update it", call)
	call = o.remove(id)
	if !step("delete it", call) {
		return steps, fmt.Sprintf("the user %s (id %s) is still there: delete it in Admin > People & Permissions > People", name, id)
	}
	return steps, ""
}

// remove deletes a user even when the run is being stopped, and once more when no answer
// comes.
func (o *Org) remove(id string) genesys.Call {
	ctx, cancel := context.WithTimeout(context.Background(), cleanUpTime)
	defer cancel()
	_, call := o.Client.SCIMRequest(ctx, http.MethodDelete, o.Base, id, nil)
	if call.Failure != nil {
		_, again := o.Client.SCIMRequest(ctx, http.MethodDelete, o.Base, id, nil)
		if again.OK() || again.Refusal != nil && again.Status == http.StatusNotFound {
			call = genesys.Call{Method: http.MethodDelete, URL: again.URL, Status: http.StatusNoContent, CorrelationID: again.CorrelationID}
		}
	}
	return call
}

// search looks for a user that may have been made, and deletes it.
func (o *Org) search(name string) (left string) {
	ctx, cancel := context.WithTimeout(context.Background(), cleanUpTime)
	defer cancel()
	maybe := fmt.Sprintf("the user %s may be there: look for it in Admin > People & Permissions > People, inactive ones too, and delete it", name)
	page, call := o.Client.SCIMUsers(ctx, o.Base, fmt.Sprintf("userName eq %q", name), 1, 2)
	if page == nil || !call.OK() {
		return maybe
	}
	for _, u := range page.Resources {
		if call := o.remove(u.ID); !call.OK() {
			return fmt.Sprintf("the user %s (id %s) is still there: delete it in Admin > People & Permissions > People", name, u.ID)
		}
	}
	if page.TotalResults == nil {
		return maybe
	}
	return ""
}
