package fix

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// Excess is what a grant includes beyond the needs.
type Excess struct {
	Role        string   `json:"role"`
	RoleID      string   `json:"roleId"`
	Division    string   `json:"division"`
	DivisionID  string   `json:"divisionId"`
	Permissions []string `json:"permissions"`
	// Whole is set when no need requires anything of the grant.
	Whole bool `json:"whole"`
}

// PlannedClient is the OAuth client as the plan found it: who manages it in a tool
// of its own has to write it down whole.
type PlannedClient struct {
	ID                         string   `json:"id"`
	Name                       string   `json:"name"`
	GrantType                  string   `json:"grantType"`
	State                      string   `json:"state"`
	AccessTokenValiditySeconds int64    `json:"accessTokenValiditySeconds,omitempty"`
	Scopes                     []string `json:"scopes"`
}

// PathPart is one segment of a call's path: a text as it is, not escaped, or the id of a
// role that an earlier call of the plan made.
type PathPart struct {
	Text string `json:"text,omitempty"`
	Role string `json:"role,omitempty"`
}

// CallKind is what a call of a plan does.
type CallKind string

// The kinds of calls.
const (
	CallMakeRole   CallKind = "make-role"
	CallExtendRole CallKind = "extend-role"
	CallGrant      CallKind = "grant"
	CallAddScopes  CallKind = "add-scopes"
)

// APICall is one call of the platform's API that a plan makes.
type APICall struct {
	Kind   CallKind          `json:"kind"`
	What   string            `json:"what"`
	Method string            `json:"method"`
	Path   []PathPart        `json:"path"`
	Query  map[string]string `json:"query,omitempty"`
	// Body is sent as it is. Append is what is added to lists of what a GET of
	// the path shows, of which the fields of Keep are sent back.
	Body   map[string]any   `json:"body,omitempty"`
	Append map[string][]any `json:"append,omitempty"`
	Keep   []string         `json:"keep,omitempty"`
	// Saw is what the plan was made for: the permissions of the role that is extended, or
	// the scopes of the client. The call is not made when they differ by then.
	Saw []string `json:"saw,omitempty"`
	// Grants are the permissions of the role that is granted. The call is not made when the
	// role has others by then.
	Grants []string `json:"grants,omitempty"`
	// Makes names the role whose id the answer has.
	Makes string `json:"makes,omitempty"`
	// Undo says how to take the call back; UndoDelete is set when a DELETE of the same path
	// does it.
	Undo       string `json:"undo"`
	UndoDelete bool   `json:"undoDelete,omitempty"`
}

// plainID is what a segment that came from outside must look like: nothing that a server
// could read as another path.
var plainID = regexp.MustCompile(`^(\*|[0-9A-Za-z][0-9A-Za-z._~-]{0,127})$`)

// Resolve returns the call's path, escaped and without its query, with the ids of the roles
// that were made. It fails, and names the part, where a part has no id or is not a plain
// one.
func (c APICall) Resolve(made map[string]string) (string, error) {
	var b strings.Builder
	for _, p := range c.Path {
		text := p.Text
		if p.Role != "" {
			if text = made[p.Role]; text == "" {
				return "", fmt.Errorf("the role %q that it needs was not made", p.Role)
			}
		}
		if !plainID.MatchString(text) {
			return "", fmt.Errorf("%q is not an id", text)
		}
		b.WriteString("/" + url.PathEscape(text))
	}
	return b.String(), nil
}

// Shown returns the call's path and query for people; a role that is yet to be made shows by
// its name.
func (c APICall) Shown() string {
	var b strings.Builder
	for _, p := range c.Path {
		if p.Role != "" {
			_, _ = fmt.Fprintf(&b, "/<id of the role %q>", p.Role)
			continue
		}
		b.WriteString("/" + p.Text)
	}
	if len(c.Query) > 0 {
		b.WriteString("?" + c.Values().Encode())
	}
	return b.String()
}

// Values are the call's query.
func (c APICall) Values() url.Values {
	v := url.Values{}
	for k, text := range c.Query {
		v.Set(k, text)
	}
	return v
}

// Plan is the smallest change that makes every needed operation allowed, and what it
// does not end.
type Plan struct {
	SchemaVersion string          `json:"schemaVersion"`
	Tool          results.Tool    `json:"tool"`
	Target        results.Target  `json:"target"`
	Verdict       results.Verdict `json:"verdict"`
	// After is the verdict with the changes applied to the evidence in memory.
	After  results.Verdict    `json:"after"`
	Roles  []lint.RoleChange  `json:"roles"`
	Grants []lint.GrantChange `json:"grants"`
	Scopes *lint.ScopeChange  `json:"scopes,omitempty"`
	Client *PlannedClient     `json:"client,omitempty"`
	Calls  []APICall          `json:"calls"`
	// Remaining are causes that no change of the plan ends.
	Remaining []results.Cause `json:"remaining"`
	// Unseen says what would have to be known to plan for it.
	Unseen []string `json:"unseen"`
	// Excess could be removed; it is not part of the plan.
	Excess []Excess `json:"excess"`
	// Complete is set when the plan ends in ready and leaving out any part does not.
	Complete bool `json:"complete"`
}

// Subject is the name and the id of whom the plan is for.
func (p Plan) Subject() (name, id string) {
	for _, g := range p.Grants {
		return g.Subject, g.SubjectID
	}
	switch {
	case p.Scopes != nil:
		return p.Scopes.Client, p.Scopes.ClientID
	case p.Client != nil:
		return p.Client.Name, p.Client.ID
	}
	return p.Target.Client, p.Target.ClientID
}

// Empty says whether the plan changes nothing.
func (p Plan) Empty() bool { return len(p.Roles) == 0 && len(p.Grants) == 0 && p.Scopes == nil }

// ExitCode is that of the verdict after the changes.
func (p Plan) ExitCode() int { return p.After.ExitCode() }
