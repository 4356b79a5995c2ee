package report

import (
	"fmt"
	"strings"

	"github.com/scimlint/scimlint/pkg/results"
)

// pipelineSentence says what a run means by the pipeline's terms.
func pipelineSentence(p results.Pipeline) string {
	text := fmt.Sprintf("fails, exit code %d", p.ExitCode)
	if p.Passed {
		text = "passes, exit code 0"
	}
	if len(p.Because) > 0 {
		text += ": " + strings.Join(p.Because, "; ")
	}
	return text
}

func staleWords(s results.Stale) string {
	text := fmt.Sprintf("stale in the baseline: %s no longer finds this: %s", s.Check, s.Message)
	if s.Reason != "" {
		text += " [" + s.Reason + "]"
	}
	return text
}

// standing says which of accepted, known and left out a check is;
// empty for most.
func standing(c results.Check) string {
	var out []string
	if c.Accepted {
		out = append(out, "accepted as unknown")
	}
	if c.LeftOut {
		out = append(out, "left out of the pipeline result")
	}
	if c.Severity != "" && c.Status != results.Pass && c.Status != results.Skip {
		out = append(out, "severity "+c.Severity)
	}
	if k := c.Known; k != nil {
		text := "known"
		if k.Expired {
			text = "was known until " + k.Expires
		} else if k.Expires != "" {
			text += " until " + k.Expires
		}
		if k.Reason != "" {
			text += ": " + k.Reason
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

// statusWords name the statuses for people.
var statusWords = map[results.Status]string{results.Pass: "pass", results.Warn: "warning", results.Fail: "fail", results.Unknown: "unknown", results.Skip: "does not apply"}

// verdictWords name the verdicts for people.
var verdictWords = map[results.Verdict]string{results.Ready: "Ready", results.NotReady: "Not ready", results.Inconclusive: "Inconclusive"}

// shortened cuts a text to at most n characters.
func shortened(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// reason returns the two sentences below the verdict, why and what to click, and the id
// of what says so. They are empty where there is nothing to say.
func reason(r results.Report) (why, fix, id string) {
	if len(r.Causes) > 0 {
		c := r.Causes[0]
		return c.Explanation, FixWords(c.Fix), c.ID + ", " + string(c.Certainty)
	}
	for _, state := range []results.State{results.NoGo, results.NotChecked} {
		if r.Readiness == nil || r.Verdict == results.Ready {
			break
		}
		for _, s := range r.Readiness.Sections {
			if s.State == state && s.Wanted && s.Name != results.SectionPermissions {
				return upper(s.Summary) + ".", Inert(s.Fix), s.Name
			}
		}
	}
	for _, c := range r.Checks {
		if r.Verdict == results.Inconclusive && c.Status == results.Unknown && c.Required && !c.Accepted {
			return c.Message, first(FixWords(c.Fix), "See what the checks below could not read"), c.ID
		}
	}
	return "", "", ""
}

// answer is the reason without its id.
func answer(r results.Report) (why, fix string) {
	why, fix, _ = reason(r)
	return why, fix
}

// upper begins a sentence.
func upper(s string) string {
	if s == "" {
		return s
	}
	r := []rune(s)
	return strings.ToUpper(string(r[0])) + string(r[1:])
}

// reasonWords say why the subject does not have a permission.
var reasonWords = map[string]string{
	"not-held": "no granted role has it", "no-grants": "there is no grant at all", "other-division": "granted only in another division",
	"division-unseen": "whether it is granted in the right division could not be read", "conditional": "granted only under a condition",
	"role-unseen": "a granted role could not be read", "grants-unseen": "the grants could not be read",
}

// chainWords says by which chain the subject has a permission, or why it has not.
func chainWords(proof []results.Link, reason string) string {
	var parts []string
	if len(proof) > 0 {
		l := proof[0]
		text := fmt.Sprintf("role %q in %q by policy %s", l.Role, first(l.Division, "a division that was not said"), l.Policy)
		if l.Condition != "" {
			text += fmt.Sprintf(" if %q", l.Condition)
		}
		parts = append(parts, text)
	}
	if reason != "" {
		parts = append(parts, first(reasonWords[reason], reason))
	}
	return Inert(strings.Join(parts, ": "))
}

// counted is a number with its noun: 1 check, 2 checks.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
