package readiness

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/scimlint/scimlint/internal/payload"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/profile"
	"github.com/scimlint/scimlint/pkg/results"
)

// New returns a readiness in which nothing was looked at yet. p says which system sends the
// bodies; it may be nil.
func New(p *profile.Profile) *results.Readiness {
	r := &results.Readiness{Collisions: []results.Collision{}, Canary: []results.CanaryStep{}}
	for _, s := range []struct{ name, how string }{
		{results.SectionPermissions, ""}, {results.SectionPayload, "Give the bodies with --payload FILE"}, {results.SectionCollisions, "Give the bodies with --payload FILE"},
		{results.SectionSource, sourceHint(p)}, {results.SectionPlan, "Give the bodies with --payload FILE"}, {results.SectionCanary, "Try one user with --canary"},
	} {
		r.Sections = append(r.Sections, results.Section{Name: s.name, State: results.NotChecked, Summary: "not asked for", Fix: s.how})
	}
	return r
}

// sourceHint says how the users of a system are looked at. Only Zendesk is asked itself;
// of other systems an export is read.
func sourceHint(p *profile.Profile) string {
	export := "from-csv"
	switch {
	case p == nil || p.Name == "zendesk" || p.Name == "custom":
		return "Look at Zendesk with --source zendesk"
	case !p.Own && (p.Name == "entra" || p.Name == "okta"):
		export = "from-" + p.Name
	}
	return "Export the users of " + p.Label() + ", and give them with --payload: scimlint payload " + export + " makes the bodies"
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
		text := payload.Words(k)
		if k.Blocks {
			blocking = append(blocking, text)
		} else {
			other = append(other, text)
		}
	}
	note := ""
	if len(other) > 0 {
		note = "; also " + strings.Join(other, ", ")
	}
	if len(p.NotChecked) > 0 {
		note += "; not checked: " + strings.Join(p.NotChecked, ", ")
	}
	bodies := counted(p.Bodies, "body", "bodies")
	switch {
	case p.Blocked():
		Set(r, results.SectionPayload, results.NoGo, "Correct the records listed below", "%s, and the platform would refuse some: %s%s", bodies, strings.Join(blocking, ", "), note)
	case len(p.NotChecked) > 0:
		// The bodies name what may not be there.
		Set(r, results.SectionPayload, results.NotChecked, "Let the client read what is named (authorization:role:view for roles), or check that the org has all of it, written exactly so",
			"%s valid by %s's schema, with names that could not be checked%s", bodies, p.Schema, note)
	default:
		Set(r, results.SectionPayload, results.Go, "", "%s valid by %s's schema%s", bodies, p.Schema, note)
	}
}

// counted is a number with its noun.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Collisions is the section of the userNames that the org has already. p says what the
// system that sends the bodies does with such users; it may be nil.
func Collisions(r *results.Readiness, p *profile.Profile, list []results.Collision, how string, notSeen []string) {
	r.Collisions = append(r.Collisions, list...)
	count := map[string]int{}
	for _, c := range list {
		count[c.State]++
	}
	unread := ""
	if len(notSeen) > 0 {
		unread = "; could not be read: " + strings.Join(notSeen, ", ")
	}
	stopped, taken := 0, ""
	var states []string
	for _, state := range []string{"active", "inactive", "deleted"} {
		if count[state] == 0 {
			continue
		}
		states = append(states, fmt.Sprintf("%d %s", count[state], state))
		if words := whatBecomes(p, state); words != "" {
			taken += fmt.Sprintf("; %d %s: %s", count[state], state, words)
		} else {
			stopped += count[state]
		}
	}
	exist := counted(len(list), "userName already exists", "userNames already exist") + " in the org (" + strings.Join(states, ", ") + ")"
	switch {
	case len(list) > 0 && stopped == 0 && len(notSeen) == 0:
		Set(r, results.SectionCollisions, results.Go, "", "%s, which %s handles%s (%s)", exist, p.Label(), taken, how)
	case len(list) > 0 && stopped == 0:
		Set(r, results.SectionCollisions, results.NotChecked, "Let the client read users, or run again", "%s, which %s handles%s%s", exist, p.Label(), taken, unread)
	case len(list) > 0:
		Set(r, results.SectionCollisions, results.NoGo, collisionFix(p), "%s (%s)%s%s", exist, how, taken, unread)
	case len(notSeen) > 0:
		Set(r, results.SectionCollisions, results.NotChecked, "Let the client read users, or run again", "not all of the org's users could be read: %s", strings.Join(notSeen, ", "))
	default:
		Set(r, results.SectionCollisions, results.Go, "", "none of the userNames exists in the org yet (%s)", how)
	}
}

// collisionFix says what to do about users who exist already. Whoever sets up an identity
// provider cannot choose between creating and updating: the provider does.
func collisionFix(p *profile.Profile) string {
	if p == nil || p.Name == "zendesk" || p.Name == "custom" {
		return "Leave these users out, or update them instead of creating them; restore or rename deleted ones"
	}
	return "No page says what " + p.Label() + " does with users in these states: rename them in Genesys Cloud, take them out of the provider's assignment, or try it with one user first"
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
		Set(r, results.SectionGroups, results.NoGo, "Create these groups in Genesys Cloud by exactly these names: SCIM only sets members", "%s missing in the org: %s", counted(len(missing), "group is", "groups are"), strings.Join(missing, ", "))
	case len(notSeen) > 0:
		Set(r, results.SectionGroups, results.NotChecked, "Let the client read groups (directory:group:edit), or run again", "%s", strings.Join(notSeen, ", "))
	default:
		Set(r, results.SectionGroups, results.Go, "", "the org has all of %s", counted(len(wanted), "group", "groups"))
	}
}

// Source is the section of the system that the users come from. Users who cannot be
// migrated do not count against it where the payload is valid: they were left out of it, or
// corrected on the way.
func Source(r *results.Readiness, s results.Source) {
	r.Source = &s
	var bad []string
	for _, part := range []struct {
		list      []string
		one, many string
	}{{s.WithoutEmail, "has no e-mail address", "have no e-mail address"}, {s.WithoutName, "has no name", "have no name"},
		{s.DuplicateEmails, "e-mail address is of several users", "e-mail addresses are of several users"}} {
		if len(part.list) > 0 {
			bad = append(bad, counted(len(part.list), part.one, part.many))
		}
	}
	text := fmt.Sprintf("%s has %s and %s, %d of them suspended", s.Place, counted(s.Agents, "agent", "agents"), counted(s.Admins, "admin", "admins"), len(s.Suspended))
	if len(s.NotSeen) > 0 {
		text += "; could not be read: " + strings.Join(s.NotSeen, ", ")
	}
	switch {
	case s.Agents+s.Admins == 0:
		Set(r, results.SectionSource, results.NoGo, "Check that the token may read the agents", "%s", text)
	case len(bad) > 0 && r.Section(results.SectionPayload).State == results.Go:
		// Which of the users the payload has is not known: that none of it has these faults is.
		Set(r, results.SectionSource, results.Go, "", "%s; %s. No record of the payload has such a fault", text, strings.Join(bad, ", "))
	case len(bad) > 0:
		Set(r, results.SectionSource, results.NoGo, "Correct these users in Zendesk, or leave them out: scimlint payload from-zendesk writes a payload without them", "%s; %s", text, strings.Join(bad, ", "))
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
	token := "how long the token still lives is not known"
	if tokenSeconds > 0 {
		p.Renewals = max(0, (p.Seconds-1)/tokenSeconds)
		token = "the token outlives the run"
		if p.Renewals > 0 {
			token = fmt.Sprintf("a token lives %s and must be renewed %d times", time.Duration(tokenSeconds)*time.Second, p.Renewals)
		}
	}
	r.Plan = &p
	if p.Creates == 0 {
		Set(r, results.SectionPlan, results.Go, "", "nothing to create")
		return
	}
	Set(r, results.SectionPlan, results.Go, "", "%s in %s, at %d a minute (%s) at least %s; %s",
		counted(p.Creates, "user", "users"), counted(p.Requests, "request", "requests"), p.PerMinute, p.PerMinuteBasis, time.Duration(p.Seconds)*time.Second, token)
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

// Conclude lets the sections count in a report: a wanted section that is no-go makes it
// not ready, one that could not be checked inconclusive.
func Conclude(report results.Report, r *results.Readiness) results.Report {
	report.Readiness = r
	var noGo, open []string
	for _, s := range r.Sections {
		switch {
		case s.Name == results.SectionPermissions:
		case s.State == results.NoGo:
			noGo = append(noGo, short(r, s))
		case s.State == results.NotChecked && s.Wanted:
			open = append(open, s.Name)
		}
	}
	fine := report.Verdict == results.Ready
	switch {
	case len(noGo) > 0 && fine:
		report.Verdict, report.Summary = results.NotReady, "Permissions are fine, but "+and(noGo)+"."
	case len(noGo) > 0:
		report.Verdict = results.NotReady
		report.Summary = strings.TrimSuffix(report.Summary, ".") + "; also, " + and(noGo) + "."
	case len(open) > 0 && fine:
		report.Verdict, report.Summary = results.Inconclusive, "Permissions are fine, but "+and(open)+" could not be checked."
	}
	return report
}

// short is what is wrong with a section, in a few words for the headline.
func short(r *results.Readiness, s results.Section) string {
	switch s.Name {
	case results.SectionPayload:
		refused := 0
		for _, k := range r.Payload.Kinds {
			if k.Blocks {
				refused += k.Count
			}
		}
		return "the payload has " + counted(refused, "fault", "faults") + " that the platform would refuse"
	case results.SectionCollisions:
		return counted(len(r.Collisions), "userName already exists", "userNames already exist")
	case results.SectionSource:
		if r.Source == nil {
			return "Zendesk refused to be read"
		}
		if r.Source.Agents+r.Source.Admins == 0 {
			return "Zendesk shows no agents"
		}
		bad := map[string]bool{}
		for _, id := range slices.Concat(r.Source.WithoutEmail, r.Source.WithoutName, r.Source.DuplicateEmails) {
			bad[id] = true
		}
		return counted(len(bad), "Zendesk user", "Zendesk users") + " cannot be migrated"
	case results.SectionCanary:
		return "the trial user failed"
	case results.SectionGroups:
		return s.Summary
	}
	return s.Name + " is not ready"
}

func and(list []string) string {
	if n := len(list) - 1; n > 0 {
		return strings.Join(list[:n], ", ") + " and " + list[n]
	}
	return list[0]
}
