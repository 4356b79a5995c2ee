package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/results"
)

// summary is the verdict in one sentence.
func summary(r results.Report) string {
	all := titles(r.Operations, func(results.Operation) bool { return true })
	switch r.Verdict {
	case results.Ready:
		return fmt.Sprintf("%s may %s.", r.Target.Subject, all.words("and"))
	case results.NotReady:
		return notReady(r, all)
	}
	open := titles(r.Operations, func(op results.Operation) bool { return op.Decision != results.DecisionAllowed })
	if open.empty() {
		return fmt.Sprintf("Could not find out everything about whether %s may %s.", r.Target.Subject, all.words("or"))
	}
	return fmt.Sprintf("Could not find out whether %s may %s.", r.Target.Subject, open.words("or"))
}

func notReady(r results.Report, all phrases) string {
	denied := titles(r.Operations, func(op results.Operation) bool {
		return op.Decision == results.DecisionDenied || affected(r, op) && !allowed(r)
	})
	refused := slices.ContainsFunc(r.Operations, func(op results.Operation) bool { return op.Decision == results.DecisionDenied })
	switch own := failing(r.Checks); {
	case !refused && !allowed(r) && len(r.Causes) > 0 && !slices.ContainsFunc(r.Causes, ofThisToken):
		return fmt.Sprintf("Could not find out whether %s may %s, and: %s.", r.Target.Subject, all.words("or"), lowerFirst(r.Causes[0].Title))
	case !denied.empty():
		return fmt.Sprintf("%s cannot %s.", r.Target.Subject, denied.words("or"))
	case len(own) > 0 && allowed(r):
		return fmt.Sprintf("%s may %s, but fails what the configuration demands: %s.", r.Target.Subject, all.words("and"), strings.Join(own, ", "))
	case len(own) > 0:
		return fmt.Sprintf("%s fails what the configuration demands: %s. Could not find out whether it may %s.", r.Target.Subject, strings.Join(own, ", "), all.words("or"))
	case len(r.Causes) > 0 && allowed(r):
		return fmt.Sprintf("%s can %s, but: %s.", r.Target.Subject, all.words("and"), lowerFirst(r.Causes[0].Title))
	}
	return fmt.Sprintf("%s cannot %s.", r.Target.Subject, all.words("or"))
}

// ofThisToken says whether a cause refuses the calls of the token that was judged. A path
// that the integration calls, and an end of the token that is still to come, do not.
func ofThisToken(c results.Cause) bool {
	info, _ := cause.ByID(cause.ID(c.ID))
	return info.Concerns != cause.Path && info.ID != cause.TokenLifetimeTooShort
}

// lowerFirst lets a title go on within a sentence.
func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// failing returns the failing checks if all of them are the user's own.
func failing(list []results.Check) []string {
	var out []string
	for _, c := range list {
		if c.Status == results.Fail {
			if !c.Own {
				return nil
			}
			out = append(out, c.ID)
		}
	}
	return out
}

func allowed(r results.Report) bool {
	return !slices.ContainsFunc(r.Operations, func(op results.Operation) bool { return op.Decision != results.DecisionAllowed })
}

// affected says whether a cause that was found breaks the operation.
func affected(r results.Report, op results.Operation) bool {
	return slices.ContainsFunc(r.Causes, func(c results.Cause) bool {
		return c.Certainty != results.Possible && slices.Contains(c.Operations, op.ID)
	})
}

// userVerbs are the operations on users, whose titles share their last word.
var userVerbs = map[string]string{"scim-user-create": "create", "scim-user-read": "read", "scim-user-update": "update", "scim-user-delete": "delete"}

// phrases are operations as a sentence names them.
type phrases struct {
	// verbs are what is done with users, scim other work over SCIM, calls the rest.
	verbs, scim, calls []string
}

// titles names the operations to keep.
func titles(ops []results.Operation, keep func(results.Operation) bool) phrases {
	var p phrases
	for _, op := range ops {
		call := op.Method + " " + op.Path
		switch verb, ofUsers := userVerbs[op.ID]; {
		case !keep(op):
		case ofUsers:
			p.verbs = append(p.verbs, verb)
		case op.Title == "call "+call:
			p.calls = append(p.calls, call)
		default:
			p.scim = append(p.scim, op.Title)
		}
	}
	return p
}

func (p phrases) empty() bool { return len(p.verbs)+len(p.scim)+len(p.calls) == 0 }

// words joins the phrases: "create and read users over SCIM".
func (p phrases) words(last string) string {
	var parts []string
	scim := p.scim
	if len(p.verbs) > 0 {
		scim = append([]string{enumerate(p.verbs, last) + " users"}, scim...)
	}
	if len(scim) > 0 {
		parts = append(parts, enumerate(scim, last)+" over SCIM")
	}
	if len(p.calls) > 0 {
		parts = append(parts, "call "+enumerate(p.calls, last))
	}
	return strings.Join(parts, " "+last+" ")
}

func enumerate(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}
