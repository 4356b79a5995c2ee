package diagnose

import (
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// summarize joins the findings of each check into one entry.
func summarize(o lint.Outcome) []results.Check {
	var out []results.Check
	client := target(o).ClientID
	for findings := range perCheck(o.Findings) {
		c := join(findings)
		c.Accepted = c.Status == results.Unknown && slices.Contains(o.Options.Accept, c.ID)
		describe(&c, o.Checks)
		identify(&c, findings, client)
		out = append(out, c)
	}
	return out
}

// perCheck yields the findings of one check after the other; those of one check follow
// each other.
func perCheck(list []lint.Finding) func(func([]lint.Finding) bool) {
	return func(yield func([]lint.Finding) bool) {
		for len(list) > 0 {
			end := slices.IndexFunc(list, func(f lint.Finding) bool { return f.Check != list[0].Check })
			if end < 0 {
				end = len(list)
			}
			if !yield(list[:end]) {
				return
			}
			list = list[end:]
		}
	}
}

// severity ranks statuses; a check that says several things shows the gravest.
func severity(s results.Status) int {
	return slices.Index([]results.Status{results.Skip, results.Pass, results.Warn, results.Unknown, results.Fail}, s)
}

// join puts the findings of one check together. The gravest one decides, and of equal
// ones the first.
func join(findings []lint.Finding) results.Check {
	gravest := findings[0]
	required := false
	for _, f := range findings {
		if severity(f.Status) > severity(gravest.Status) {
			gravest = f
		}
		required = required || f.Blocks
	}
	return results.Check{ID: gravest.Check, Group: gravest.Group, Status: gravest.Status, Message: messages(findings, gravest), Basis: gravest.Basis,
		Evidence: append([]string{}, gravest.Evidence...), Fix: gravest.Fix, Required: required}
}

// maxMessage bounds the joined messages of one check, in bytes: an org may give
// thousands of reasons.
const maxMessage = 8 << 10

// messages joins what the findings say, each sentence once. Where it becomes too long,
// what the gravest finding says is among the sentences that stay.
func messages(findings []lint.Finding, gravest lint.Finding) string {
	var all []string
	for _, f := range findings {
		all = append(all, f.Message)
	}
	all = lint.Unique(all)
	n, size := 0, 0
	for n < len(all) && size < maxMessage {
		size += len(all[n])
		n++
	}
	if n == len(all) {
		return strings.Join(all, "; ")
	}
	kept := all[:n]
	if !slices.Contains(kept, gravest.Message) {
		kept = []string{gravest.Message}
	}
	return strings.Join(kept, "; ") + "; and more of this kind"
}

// describe adds what is known of a check in general.
func describe(c *results.Check, list []lint.Check) {
	i := slices.IndexFunc(list, func(known lint.Check) bool { return known.ID == c.ID })
	if i < 0 {
		return
	}
	known := list[i]
	c.Title, c.Why, c.Remedy, c.Own = known.Title, known.Why, known.Remedy, known.Own
	c.Required = c.Required || known.Required
}
