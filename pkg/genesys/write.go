package genesys

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/scimlint/scimlint/pkg/secret"
)

// Outcome is what is known of a call that changes something.
type Outcome string

// The outcomes. A call whose outcome is not sure may or may not have been carried out.
const (
	Done    Outcome = "done"
	NotDone Outcome = "not done"
	NotSure Outcome = "not sure"
)

// statusClientClosed is what some proxies answer when they gave up waiting.
const statusClientClosed = 499

// Outcome says whether a call that changes something was carried out. A 4xx means that it
// was not, except for 408 and 499, where the request may have been passed on; so may every
// request that was sent and has no readable answer, and every one answered with 3xx or 5xx.
func (c Call) Outcome() Outcome {
	switch {
	case c.OK():
		return Done
	case c.Unsent:
		return NotDone
	case c.Status/100 == 4 && c.Status != http.StatusRequestTimeout && c.Status != statusClientClosed:
		return NotDone
	}
	return NotSure
}

// Unstopped returns a context for a request that changes something: cancelling ctx, as a
// signal does, does not end it, so that the request's outcome becomes known. It ends at
// ctx's deadline, or after most.
func Unstopped(ctx context.Context, most time.Duration) (context.Context, context.CancelFunc) {
	end := time.Now().Add(most)
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(end) {
		end = deadline
	}
	return context.WithDeadline(context.WithoutCancel(ctx), end)
}

// plainID is what an id must look like to be put into the path of a request that changes
// something: nothing that a server, or a proxy before it, could read as another path.
var plainID = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._~-]{0,127}$`)

// PlainID says whether a text from outside can be put into a path as an id.
func PlainID(id string) bool { return plainID.MatchString(id) }

// notPlain is the call that is not made because of its id.
func notPlain(method, path, id string) Call {
	return Call{Method: method, URL: path, Unsent: true, Failure: &Failure{FailureNetwork, fmt.Sprintf("the id %q is not a plain id, so no request was sent", plainWord(id))}}
}

// ChangedObject is what an answer shows of the object that a call made or changed; its
// fields are empty where the answer does not have them.
type ChangedObject struct{ ID, Name string }

// Change sends a POST, PUT or DELETE that changes the org, once: what is not answered may
// or may not have been carried out. The path is escaped.
func (c *Client) Change(ctx context.Context, method, path string, query url.Values, body any) (ChangedObject, Call) {
	answer, call := c.write(ctx, method, path, query, body)
	id, _ := oneText(answer, "id")
	name, _ := oneText(answer, "name")
	return ChangedObject{ID: id, Name: name}, call
}

// write sends a request with a body that is written as JSON.
func (c *Client) write(ctx context.Context, method, path string, query url.Values, body any) ([]byte, Call) {
	var payload []byte
	if body != nil {
		var err error
		if payload, err = json.Marshal(body); err != nil {
			return nil, Call{Method: method, URL: path, Unsent: true, Failure: &Failure{FailureNetwork, "the body cannot be written"}}
		}
	}
	return c.send(ctx, method, path, query, payload)
}

// SCIMIdentity distinguishes one SCIM user from another. A text is empty where the answer
// does not have the attribute.
type SCIMIdentity struct {
	ID, UserName, DisplayName, Title string
	// User is set when the answer says that it is a user of the core schema.
	User bool
	// Ambiguous is set when the answer has one of these attributes twice, also in another
	// case, or as something other than a text: then it shows nobody.
	Ambiguous bool
}

// coreUser is SCIM's schema of a user.
const coreUser = "urn:ietf:params:scim:schemas:core:2.0:User"

// identity reads who an answer shows.
func identity(body []byte) SCIMIdentity {
	var who SCIMIdentity
	for name, into := range map[string]*string{"id": &who.ID, "userName": &who.UserName, "displayName": &who.DisplayName, "title": &who.Title} {
		text, ok := oneText(body, name)
		*into, who.Ambiguous = text, who.Ambiguous || !ok
	}
	for _, raw := range values(body, "schemas") {
		who.User = who.User || bytes.Contains(raw, []byte(`"`+coreUser+`"`))
	}
	return who
}

// oneText returns an object's text of a name; it is empty where there is none. ok is false
// where the name occurs twice, whatever its case, or is not a text.
func oneText(body []byte, name string) (text string, ok bool) {
	found := values(body, name)
	switch len(found) {
	case 0:
		return "", true
	case 1:
		return text, json.Unmarshal(found[0], &text) == nil
	}
	return "", false
}

// values returns the values of a JSON object's fields of a name, in any case.
func values(body []byte, name string) []json.RawMessage {
	d := json.NewDecoder(bytes.NewReader(body))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil
	}
	var out []json.RawMessage
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return out
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return out
		}
		if k, _ := key.(string); strings.EqualFold(k, name) {
			out = append(out, value)
		}
	}
	return out
}

// CreateSCIMUser sends POST /api/v2/scim/v2/users, once. The answer shows who was made,
// which only ReadSCIMUser can confirm.
func (c *Client) CreateSCIMUser(ctx context.Context, base string, body any) (SCIMIdentity, Call) {
	return c.scimUser(ctx, http.MethodPost, base+"/users", body)
}

// ReadSCIMUser asks GET /api/v2/scim/v2/users/{id}.
func (c *Client) ReadSCIMUser(ctx context.Context, base, id string) (SCIMIdentity, Call) {
	if !PlainID(id) {
		return SCIMIdentity{}, notPlain(http.MethodGet, base+"/users", id)
	}
	return c.scimUser(ctx, http.MethodGet, base+"/users/"+id, nil)
}

// PatchSCIMUser sends PATCH /api/v2/scim/v2/users/{id}, once. The caller has to have read
// the user back before.
func (c *Client) PatchSCIMUser(ctx context.Context, base, id string, body any) (SCIMIdentity, Call) {
	if !PlainID(id) {
		return SCIMIdentity{}, notPlain(http.MethodPatch, base+"/users", id)
	}
	return c.scimUser(ctx, http.MethodPatch, base+"/users/"+id, body)
}

// DeleteSCIMUser sends DELETE /api/v2/scim/v2/users/{id}, once. The caller has to have read
// the user back before.
func (c *Client) DeleteSCIMUser(ctx context.Context, base, id string) Call {
	if !PlainID(id) {
		return notPlain(http.MethodDelete, base+"/users", id)
	}
	_, call := c.send(ctx, http.MethodDelete, base+"/users/"+id, nil, nil)
	return call
}

func (c *Client) scimUser(ctx context.Context, method, path string, body any) (SCIMIdentity, Call) {
	answer, call := c.write(ctx, method, path, nil, body)
	return identity(answer), call
}

// Redacted says whether a text that was read had a secret in it, which was taken out: it
// must not be written back.
func Redacted(text string) bool { return strings.Contains(text, secret.Mark) }
