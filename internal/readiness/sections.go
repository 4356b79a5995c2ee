package readiness

import (
	"fmt"
	"strings"
	"time"

	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/profile"
	"github.com/scimlint/scimlint/pkg/results"
)

// New returns a readiness in which nothing was looked at yet.
func New() *results.Readiness {
	r := &results.Readiness{Collisions: []results.Collision{}, Canary: []results.CanaryStep{}}
	for _, s := range []struct{ name, how string }{
		{results.SectionPermissions, ""}, {results.SectionPayload, "Give the bodies with --payload FILE"}, {results.SectionCollisions, "Give the bodies with --payload FILE"},
		{results.SectionSource, "Look at Zendesk with --source zendesk"}, {results.SectionPlan, "Give the bodies with --payload FILE"}, {results.SectionCanary, "Try one user with --canary"},
	} {
		r.Sections = append(r.Sections, results.Section{Name: s.name, State: results.NotChecked, Summary: "not asked for", Fix: s.how})
	}
	return r
}

// Set puts a section's outcome.
func Set(r *results.Readiness, name string, state results.State, fix, format string, args ...any) {
	s := r.Section(name)
	s.State, s.Summary, s.Fix, s.Wanted = state, fmt.Sprintf(format, args...), fix, true
}

// Permissions is the section of a report's verdict.
func Permissions(r *results.Readiness, report results.Report) {
	state := map[results.Verdict]results.State{results.Ready: results.Go, results.NotReady: results.NoGo}[report.Verdict]
	if state == "" {
		state = results.NotChecked
	}
	fix := ""
	if len(report.Causes) > 0 {
		fix = report.Causes[0].Fix.Text
	}
	Set(r, results.SectionPermissions, state, fix, "%s", report.Summary)
}

// Payload is the section of a file of bodies.
func Payload(r *results.Readiness, p results.Payload) {
	r.Payload = &p
	var blocking, other []string
	for _, k := range p.Kinds {
		text := fmt.Sprintf("%d %s", k.Count, k.Kind)
		if k.Blocks {
			blocking = append(blocking, text)
		} else {
			other = append(other, text)
		}
	}
	note := ""
	if len(other) > 0 {
		note = "; beside that " + strings.Join(other, ", ")
	}
	if len(p.NotChecked) > 0 {
		note += "; not checked: " + strings.Join(p.NotChecked, ", ")
	}
	switch {
	case p.Blocked():
		Set(r, results.SectionPayload, results.NoGo, "Mend the bodies that are listed", "%d bodies, and the platform would refuse some: %s%s", p.Bodies, strings.Join(blocking, ", "), note)
	case len(p.NotChecked) > 0:
		// The bodies name what may not be there.
		Set(r, results.SectionPayload, results.NotChecked, "Let the client read what is named (authorization:role:view for roles), or look whether the org has all of it",
			"%d bodies hold against %s's schema, and name what could not be looked for%s", p.Bodies, p.Schema, note)
	default:
		Set(r, results.SectionPayload, results.Go, "", "%d bodies hold against %s's schema%s", p.Bodies, p.Schema, note)
	}
}

// Collisions is the section of the userNames that the org has already. p says what the
// system that sends the bodies does with such users; it may be nil.
func Collisions(r *results.Readiness, p *profile.Profile, list []results.Collision, how string, notSeen []string) {
	r.Collisions = append(r.Collisions, list...)
	count := map[string]int{}
	for _, c := range list {
		count[c.State]++
	}
	unseen := ""
	if len(notSeen) > 0 {
		unseen = "; not seen: " + strings.Join(notSeen, ", ")
	}
	stopped, taken := 0, ""
	for _, state := range []string{"active", "inactive", "deleted"} {
		words := whatBecomes(p, state)
		switch {
		case words == "":
			stopped += count[state]
		case count[state] > 0:
			taken += fmt.Sprintf("; %d %s: %s", count[state], state, words)
		}
	}
	switch {
	case len(list) > 0 && stopped == 0 && len(notSeen) == 0:
		Set(r, results.SectionCollisions, results.Go, "", "the org has %d of the userNames already, which %s provides for%s (%s)", len(list), p.Name, taken, how)
	case len(list) > 0 && stopped == 0:
		Set(r, results.SectionCollisions, results.NotChecked, "Let the client read users, or run again", "the org has %d of the userNames already, which %s provides for%s%s", len(list), p.Name, taken, unseen)
	case len(list) > 0:
		Set(r, results.SectionCollisions, results.NoGo, "Leave these users out, or update them instead of creating them; restore or rename deleted ones",
			"the org has %d of the userNames already: %d active, %d inactive, %d deleted (%s)%s", len(list), count["active"], count["inactive"], count["deleted"], how, unseen)
	case len(notSeen) > 0:
		Set(r, results.SectionCollisions, results.NotChecked, "Let the client read users, or run again", "not all of the org's users could be read: %s", strings.Join(notSeen, ", "))
	default:
		Set(r, results.SectionCollisions, results.Go, "", "the org has none of the userNames (%s)", how)
	}
}

// whatBecomes says what the system does with a user whom the org has in this state, or
// nothing where no page says it.
func whatBecomes(p *profile.Profile, state string) string {
	switch {
	case p == nil:
	case state == "active" && p.Existing.Active == profile.Updates:
		return "found by userName and updated; what is mapped is overwritten"
	case state == "deleted" && p.Existing.Deleted == profile.Reactivates:
		return "come back active, without the default employee role and the roles that they had: assign roles again"
	}
	return ""
}

// Groups is the section of the groups that the system will fill.
func Groups(r *results.Readiness, wanted []string, missing, notSeen []string) {
	r.Sections = append(r.Sections, results.Section{Name: results.SectionGroups})
	switch {
	case len(missing) > 0:
		Set(r, results.SectionGroups, results.NoGo, "Create these groups in Genesys Cloud by exactly these names: SCIM only sets members", "of %d groups the org does not have %s", len(wanted), strings.Join(missing, ", "))
	case len(notSeen) > 0:
		Set(r, results.SectionGroups, results.NotChecked, "Let the client read groups (directory:group:edit), or run again", "%s", strings.Join(notSeen, ", "))
	default:
		Set(r, results.SectionGroups, results.Go, "", "the org has all %d groups", len(wanted))
	}
}

// Source is the section of the system that the users come from.
func Source(r *results.Readiness, s results.Source) {
	r.Source = &s
	var bad []string
	for _, part := range []struct {
		list []string
		what string
	}{{s.WithoutEmail, "have no e-mail address"}, {s.WithoutName, "have no name"}, {s.DuplicateEmails, "e-mail addresses are of several users"}} {
		if len(part.list) > 0 {
			bad = append(bad, fmt.Sprintf("%d %s", len(part.list), part.what))
		}
	}
	text := fmt.Sprintf("%s has %d agents and %d admins, %d of them suspended", s.Place, s.Agents, s.Admins, len(s.Suspended))
	if len(s.NotSeen) > 0 {
		text += "; not seen: " + strings.Join(s.NotSeen, ", ")
	}
	switch {
	case len(bad) > 0:
		Set(r, results.SectionSource, results.NoGo, "Mend these users in Zendesk, or leave them out", "%s; %s", text, strings.Join(bad, ", "))
	case s.Agents+s.Admins == 0:
		Set(r, results.SectionSource, results.NoGo, "Look whether the token sees the agents", "%s", text)
	default:
		Set(r, results.SectionSource, results.Go, "", "%s", text)
	}
}

// Plan puts the migration in numbers.
func Plan(r *results.Readiness, creates int, limit *genesys.RateLimit, tokenSeconds int64) {
	p := results.Schedule{Creates: creates, Requests: creates, PerMinute: genesys.DefaultPerMinute, PerMinuteBasis: results.Reported, TokenSeconds: tokenSeconds}
	if limit != nil {
		p.PerMinute, p.PerMinuteBasis = limit.Allowed, results.Observed
	}
	// The last request needs no wait behind it, and a part of a minute counts in seconds.
	p.Seconds = (int64(p.Requests)*60 + int64(p.PerMinute) - 1) / int64(p.PerMinute)
	token := "how long the token lives was not seen"
	if tokenSeconds > 0 {
		p.Renewals = max(0, (p.Seconds-1)/tokenSeconds)
		token = "the token outlives the run"
		if p.Renewals > 0 {
			token = fmt.Sprintf("a token lives %s and must be renewed %d times", time.Duration(tokenSeconds)*time.Second, p.Renewals)
		}
	}
	r.Plan = &p
	Set(r, results.SectionPlan, results.Go, "", "%d creates take %d requests, at %d a minute (%s) at least %s; %s",
		p.Creates, p.Requests, p.PerMinute, p.PerMinuteBasis, time.Duration(p.Seconds)*time.Second, token)
}

// Canary is the section of the trial.
func Canary(r *results.Readiness, steps []results.CanaryStep, left string) {
	r.Canary = append(r.Canary, steps...)
	for _, s := range steps {
		if !s.OK {
			fix := "See why this step was refused"
			if left != "" {
				fix = left
			}
			Set(r, results.SectionCanary, results.NoGo, fix, "to %s failed: %s%s", s.What, s.Text, leftWords(left))
			return
		}
	}
	if left != "" {
		Set(r, results.SectionCanary, results.NoGo, left, "%s", left)
		return
	}
	Set(r, results.SectionCanary, results.Go, "", "one user was created, read, updated and deleted; nothing is left")
}

func leftWords(left string) string {
	if left == "" {
		return "; nothing is left in the org"
	}
	return "; " + left
}

// Conclude lets the sections weigh on a report: a wanted section that is no-go makes it
// not ready, one that could not be checked inconclusive.
func Conclude(report results.Report, r *results.Readiness) results.Report {
	report.Readiness = r
	var noGo, unseen []string
	for _, s := range r.Sections {
		switch {
		case s.Name == results.SectionPermissions:
		case s.State == results.NoGo:
			noGo = append(noGo, s.Name)
		case s.State == results.NotChecked && s.Wanted:
			unseen = append(unseen, s.Name)
		}
	}
	switch {
	case len(noGo) > 0:
		report.Verdict = results.NotReady
		report.Summary = strings.TrimSuffix(report.Summary, ".") + "; no-go: " + strings.Join(noGo, ", ") + "."
	case len(unseen) > 0 && report.Verdict == results.Ready:
		report.Verdict = results.Inconclusive
		report.Summary = strings.TrimSuffix(report.Summary, ".") + "; not checked: " + strings.Join(unseen, ", ") + "."
	}
	return report
}
