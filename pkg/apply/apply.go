// Package apply carries a plan out, call by call, with an auditor's token. It stops at
// the first call that is refused or not answered, and knows what was done. It deletes
// nothing, and changes no role of the vendor's own.
package apply

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// Progress is how far a plan was carried out.
type Progress struct {
	// Done are the calls that the org answered with a success; Open are those that were
	// not made.
	Done, Open []results.APICall
	// Stopped is the call that ended it; nil when all were made. Unsure is set when it may
	// have been done all the same, because no answer came.
	Stopped *results.APICall
	Unsure  bool
	// Why says in half a sentence what ended it.
	Why string
}

// runner carries one plan out.
type runner struct {
	client *genesys.Client
	say    func(string)
	made   map[string]string // role → id
}

// Run makes the calls of a plan in order. say is told of each call before it is made.
func Run(ctx context.Context, client *genesys.Client, p results.Plan, say func(string)) Progress {
	r := &runner{client: client, say: say, made: map[string]string{}}
	var progress Progress
	for i, c := range p.Calls {
		if ctx.Err() != nil {
			progress.stop(p.Calls[i:], "it was interrupted", false)
			return progress
		}
		say(c.What)
		why, unsure := r.make(ctx, c)
		if why != "" {
			progress.stop(p.Calls[i:], why, unsure)
			return progress
		}
		progress.Done = append(progress.Done, c)
	}
	return progress
}

func (p *Progress) stop(rest []results.APICall, why string, unsure bool) {
	p.Stopped, p.Open, p.Why, p.Unsure = &rest[0], rest[1:], why, unsure
}

// make makes one call; why is empty when it was done.
func (r *runner) make(ctx context.Context, c results.APICall) (why string, unsure bool) {
	if c.Makes != "" {
		found, why := r.existing(ctx, c)
		if found || why != "" {
			return why, false
		}
	}
	path, ok := r.path(c.Path)
	if !ok {
		return "the role that it grants was not made", false
	}
	var body any
	if c.Body != nil {
		body = c.Body
	}
	if c.Append != nil {
		changed, why := r.amended(ctx, c, path)
		if why != "" {
			return why, false
		}
		body = changed
	}
	id, call := r.client.Change(ctx, c.Method, path, body)
	if why := whyNot(call); why != "" {
		return why, call.Failure != nil
	}
	if c.Makes != "" {
		if id == "" {
			return "the answer does not tell the id of the role that was made", true
		}
		r.made[c.Makes] = id
	}
	return "", false
}

// whyNot says why a call was not answered with a success.
func whyNot(call genesys.Call) string {
	switch {
	case call.Refusal != nil:
		text := fmt.Sprintf("the org answered %d", call.Status)
		for _, part := range []string{call.Refusal.Code, call.Refusal.Message} {
			if part != "" {
				text += " " + part
			}
		}
		if call.CorrelationID != "" {
			text += " (correlation id " + call.CorrelationID + ")"
		}
		return text
	case call.Failure != nil:
		return call.Failure.Text
	case !call.OK():
		return fmt.Sprintf("the answer has the status %d", call.Status)
	}
	return ""
}

var madeRole = regexp.MustCompile(`\{role:([^}]*)\}`)

// path puts the ids of roles that were made into a path.
func (r *runner) path(path string) (string, bool) {
	m := madeRole.FindStringSubmatchIndex(path)
	if m == nil {
		return path, true
	}
	id := r.made[path[m[2]:m[3]]]
	return path[:m[0]] + id + path[m[1]:], id != ""
}

// existing looks for a role of the name of one that is to be made, as a plan that was
// carried out in part leaves it. It serves when it holds exactly what is planned.
func (r *runner) existing(ctx context.Context, c results.APICall) (found bool, why string) {
	role, call := r.client.RoleByName(ctx, c.Makes)
	if why := whyNot(call); why != "" {
		return false, "whether the role exists could not be seen: " + why
	}
	if role == nil {
		return false, ""
	}
	if role.Default || role.Base || !slices.Equal(held(*role), planned(c)) {
		return false, fmt.Sprintf("a role of the name %q exists and holds something else: choose another name with --role", c.Makes)
	}
	r.say(fmt.Sprintf("the role %q is there already", c.Makes))
	r.made[c.Makes] = role.ID
	return true, ""
}

func held(role genesys.Role) []string {
	out := slices.Clone(role.Permissions)
	for _, p := range role.PermissionPolicies {
		suffix := ""
		if p.ResourceConditionNode != nil || len(p.NamedResources) > 0 {
			suffix = " under a condition"
		}
		for _, a := range p.ActionSet {
			out = append(out, p.Domain+":"+p.EntityName+":"+a+suffix)
		}
	}
	slices.Sort(out)
	return out
}

func planned(c results.APICall) []string {
	var out []string
	list, _ := c.Body["permissionPolicies"].([]any)
	for _, v := range list {
		p, _ := v.(map[string]any)
		actions, _ := p["actionSet"].([]any)
		for _, a := range actions {
			out = append(out, fmt.Sprintf("%v:%v:%v", p["domain"], p["entityName"], a))
		}
	}
	slices.Sort(out)
	return out
}

// amended reads what a call changes, and adds to its lists. The vendor's own roles are
// not changed.
func (r *runner) amended(ctx context.Context, c results.APICall, path string) (map[string]any, string) {
	now, call := r.client.Read(ctx, path)
	if why := whyNot(call); why != "" {
		return nil, "what it changes could not be read: " + why
	}
	if now["default"] == true || now["base"] == true {
		return nil, "it is a role of the vendor's own, which scimlint does not change"
	}
	body := map[string]any{}
	for _, k := range c.Keep {
		if v, ok := now[k]; ok {
			body[k] = v
		}
	}
	for k, more := range c.Append {
		list, _ := body[k].([]any)
		for _, v := range more {
			if s, ok := v.(string); !ok || !slices.Contains(list, any(s)) {
				list = append(list, v)
			}
		}
		body[k] = list
	}
	return body, ""
}

// Words says what was done, what was not, and how to take back what was.
func (p Progress) Words() string {
	var b strings.Builder
	for _, c := range p.Done {
		_, _ = fmt.Fprintf(&b, "done:     %s\n", c.What)
	}
	if p.Stopped != nil {
		word := "not done: "
		if p.Unsure {
			word = "NOT SURE: "
		}
		_, _ = fmt.Fprintf(&b, "%s%s: %s\n", word, p.Stopped.What, p.Why)
	}
	for _, c := range p.Open {
		_, _ = fmt.Fprintf(&b, "not done: %s\n", c.What)
	}
	if p.Stopped == nil {
		return b.String()
	}
	undo := slices.Clone(p.Done)
	if p.Unsure {
		undo = append(undo, *p.Stopped)
	}
	slices.Reverse(undo)
	for _, c := range undo {
		_, _ = fmt.Fprintf(&b, "to take it back: %s\n", c.Undo)
	}
	return b.String()
}
