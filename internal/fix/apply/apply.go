// Package apply carries a plan out, call by call, with an auditor's token. It stops at
// the first call that is refused, not answered, or no longer fits what the plan was made
// for, and knows what was done. It deletes nothing, and changes no role of the vendor's own.
package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/scimlint/scimlint/internal/fix"
	"github.com/scimlint/scimlint/pkg/genesys"
)

// callTime bounds one call that changes something; a signal does not end it.
const callTime = 20 * time.Second

// Step is one call of a plan and what became of it.
type Step struct {
	Call    fix.APICall
	Outcome genesys.Outcome
	// Already is set when the org had it before: there is nothing to take back.
	Already bool
	// Why says in half a sentence why it was not done, or is not sure.
	Why string
	// Path is the call's path, empty where it has no id for a part of it.
	Path string
}

// Progress is how far a plan was carried out: a step for each of its calls, in order.
type Progress struct {
	Steps []Step
	// Interrupted is set when the context ended it.
	Interrupted bool
}

// Complete says whether every call was done.
func (p Progress) Complete() bool {
	return !slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Outcome != genesys.Done })
}

// runner carries one plan out.
type runner struct {
	client *genesys.Client
	say    func(string)
	made   map[string]string // role → id
}

// Run makes the calls of a plan in order. say is called with each one before it is made.
// When ctx is cancelled, the call that is under way is finished and no other is made.
func Run(ctx context.Context, client *genesys.Client, p fix.Plan, say func(string)) Progress {
	r := &runner{client: client, say: say, made: map[string]string{}}
	var progress Progress
	stopped := ""
	if err := check(p); err != nil {
		stopped = err.Error()
	}
	for _, c := range p.Calls {
		step := Step{Call: c, Outcome: genesys.NotDone, Why: stopped}
		if stopped == "" && ctx.Err() != nil {
			step.Why = ended(ctx)
		}
		if step.Why == "" {
			say(c.What)
			r.make(ctx, &step)
		}
		progress.Interrupted = progress.Interrupted || errors.Is(ctx.Err(), context.Canceled) && step.Outcome != genesys.Done
		if step.Outcome != genesys.Done && stopped == "" {
			stopped = "it comes after a call that was not done"
		}
		progress.Steps = append(progress.Steps, step)
	}
	return progress
}

// ended says why no more calls are made.
func ended(ctx context.Context) string {
	if errors.Is(ctx.Err(), context.Canceled) {
		return "it was interrupted"
	}
	return "the time was up (--timeout)"
}

// check looks whether every path can be written, before anything is changed.
func check(p fix.Plan) error {
	made := map[string]string{}
	for _, c := range p.Calls {
		if _, err := c.Resolve(made); err != nil {
			return fmt.Errorf("nothing was changed: to %s: %w", c.What, err)
		}
		if c.Makes != "" {
			made[c.Makes] = "made"
		}
	}
	return nil
}

// make makes one call and notes what became of it.
func (r *runner) make(ctx context.Context, s *Step) {
	var err error
	if s.Path, err = s.Call.Resolve(r.made); err != nil {
		s.Why = err.Error()
		return
	}
	body, why := r.before(ctx, s)
	if why != "" || s.Outcome == genesys.Done {
		s.Why = why
		return
	}
	if ctx.Err() != nil {
		s.Why = ended(ctx)
		return
	}
	limited, cancel := genesys.Unstopped(ctx, callTime)
	defer cancel()
	answer, call := r.client.Change(limited, s.Call.Method, s.Path, s.Call.Values(), body)
	s.Outcome, s.Why = call.Outcome(), whyNot(call)
	if s.Outcome != genesys.Done {
		return
	}
	if why := r.after(limited, s.Call, s.Path, answer, body); why != "" {
		s.Outcome, s.Why = genesys.NotSure, why
	}
}

// before reads what a call is about directly before it is made, compares it with what the
// plan was made for, and returns the body. The step is done where the org has it already.
func (r *runner) before(ctx context.Context, s *Step) (body any, why string) {
	c := s.Call
	switch c.Kind {
	case fix.CallMakeRole:
		found, why := r.existing(ctx, c)
		if found {
			s.Outcome, s.Already = genesys.Done, true
		}
		return c.Body, why
	case fix.CallGrant:
		return nil, r.asPlanned(ctx, c)
	}
	return r.amended(ctx, c, s.Path)
}

// after reads a changed object back: the answer of a call is not yet the org's state.
func (r *runner) after(ctx context.Context, c fix.APICall, path string, answer genesys.ChangedObject, body any) (why string) {
	if c.Kind == fix.CallGrant {
		return ""
	}
	id := lastPart(path)
	if c.Kind == fix.CallMakeRole {
		switch {
		case answer.ID == "":
			return "the answer does not have the id of the role that was made"
		case !genesys.PlainID(answer.ID) || answer.Name != "" && answer.Name != c.Makes:
			return fmt.Sprintf("the answer is of another role (%q, id %q)", answer.Name, answer.ID)
		}
		id, path = answer.ID, path+"/"+answer.ID
	} else if answer.ID != "" && !strings.EqualFold(answer.ID, id) {
		return fmt.Sprintf("the answer is of another object (id %q)", answer.ID)
	}
	now, why := r.read(ctx, path, id)
	if why != "" {
		return "what was changed could not be read back: " + why
	}
	if c.Kind == fix.CallMakeRole {
		body = map[string]any{"name": c.Makes, "permissionPolicies": c.Body["permissionPolicies"]}
	}
	if wrong := differences(body, now); wrong != "" {
		return "read back, it is not what was intended: " + wrong
	}
	if c.Makes != "" {
		r.made[c.Makes] = id
	}
	return ""
}

// read asks for an object; the answer has to be of the id that was asked for.
func (r *runner) read(ctx context.Context, path, id string) (now map[string]any, why string) {
	now, call := r.client.Read(ctx, path)
	if why := whyNot(call); why != "" {
		return nil, why
	}
	if got, _ := now["id"].(string); !strings.EqualFold(got, id) {
		return nil, fmt.Sprintf("the answer has the id %q, asked for was %q", got, id)
	}
	return now, ""
}

func lastPart(path string) string { return path[strings.LastIndex(path, "/")+1:] }

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

// existing looks for a role of the name of one that is to be made, as a plan that was
// carried out in part leaves it. It is used when it has exactly what is planned.
func (r *runner) existing(ctx context.Context, c fix.APICall) (found bool, why string) {
	role, call := r.client.RoleByName(ctx, c.Makes)
	if why := whyNot(call); why != "" {
		return false, "whether the role exists could not be read: " + why
	}
	if role == nil {
		return false, ""
	}
	if !genesys.PlainID(role.ID) {
		return false, fmt.Sprintf("the role of the name %q has the id %q, which is not an id", c.Makes, role.ID)
	}
	now, why := r.read(ctx, "/api/v2/authorization/roles/"+role.ID, role.ID)
	if why != "" {
		return false, "the role of that name could not be read: " + why
	}
	if ownRole(now) || !sameSet(permissions(now["permissionPolicies"]), permissions(c.Body["permissionPolicies"])) || len(texts(now["permissions"])) > 0 {
		return false, fmt.Sprintf("a role of the name %q exists and has other permissions: choose another name with --role", c.Makes)
	}
	r.say(fmt.Sprintf("the role %q is there already", c.Makes))
	r.made[c.Makes] = role.ID
	return true, ""
}

// asPlanned reads a role directly before it is granted: it must have what the plan says.
func (r *runner) asPlanned(ctx context.Context, c fix.APICall) (why string) {
	last := c.Path[len(c.Path)-1]
	id := last.Text
	if last.Role != "" {
		id = r.made[last.Role]
	}
	now, why := r.read(ctx, "/api/v2/authorization/roles/"+id, id)
	switch {
	case why != "":
		return "the role that it grants could not be read: " + why
	case !sameSet(permissions(now["permissionPolicies"]), c.Grants):
		return fmt.Sprintf("the role now has other permissions (%s) than the plan was made for (%s): run scimlint fix again",
			strings.Join(permissions(now["permissionPolicies"]), ", "), strings.Join(sorted(c.Grants), ", "))
	}
	return ""
}

// ownRole says whether a role may be one of the vendor's own.
func ownRole(role map[string]any) bool {
	for _, k := range []string{"default", "base"} {
		if v, ok := role[k]; ok && v != false && v != nil {
			return true
		}
	}
	return false
}

// amended reads what a call changes, and adds to its lists. The vendor's own roles are
// not changed, and nothing that others changed since the plan was made.
func (r *runner) amended(ctx context.Context, c fix.APICall, path string) (body map[string]any, why string) {
	now, why := r.read(ctx, path, lastPart(path))
	if why != "" {
		return nil, "what it changes could not be read: " + why
	}
	if ownRole(now) {
		return nil, "it is a role of the vendor's own, which scimlint does not change"
	}
	body = map[string]any{}
	for _, k := range c.Keep {
		if v, ok := now[k]; ok {
			body[k] = v
		}
	}
	for k, more := range c.Append {
		if body[k], why = appended(body, k, more, c.Saw); why != "" {
			return nil, why
		}
	}
	if hasSecret(body) {
		return nil, "one of its fields has a secret of this run in it, which scimlint removes from what it reads: writing it back would lose it"
	}
	return body, ""
}

// appended adds to one list of an answer, which must be as the plan saw it.
func appended(body map[string]any, k string, more []any, saw []string) (list []any, why string) {
	list, isList := body[k].([]any)
	if v, ok := body[k]; !ok || !isList && v != nil {
		return nil, fmt.Sprintf("the answer does not have the list %s, so what else is in it would be lost", k)
	}
	now := texts(body[k])
	if k == "permissionPolicies" {
		now = permissions(body[k])
	}
	if !sameSet(now, saw) {
		return nil, fmt.Sprintf("somebody changed it since the plan was made: it has %s, the plan was made for %s: run scimlint fix again", listed(now), listed(sorted(saw)))
	}
	for _, v := range more {
		if s, ok := v.(string); !ok || !slices.Contains(list, any(s)) {
			list = append(list, v)
		}
	}
	return list, ""
}

func listed(list []string) string {
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, ", ")
}
