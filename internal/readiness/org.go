// Package readiness walks the way from the source of a migration to the first created user:
// what the org has of the names that bodies use, which userNames it has already, what
// Zendesk shows, the time that is needed, and a trial with one user. Only the trial changes
// anything.
package readiness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/scimlint/scimlint/internal/payload"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// Org asks an org; its requests keep within the rate limit.
type Org struct {
	Client *genesys.Client
	// Base is the SCIM path, as catalog.SCIMBase.
	Base string
	// Say is called with what is being done; it may be nil.
	Say func(string)
	// Announce, if set, is called with the canary's userName before it is created.
	Announce func(userName string)
	pacer    genesys.Pacer
	// pause waits between the tries of the canary's search; tests replace it.
	pause func(context.Context, time.Duration)
}

func (o *Org) say(format string, args ...any) {
	if o.Say != nil {
		o.Say(fmt.Sprintf(format, args...))
	}
}

// Limit is the rate limit that the answers reported, or nil.
func (o *Org) Limit() *genesys.RateLimit { return o.pacer.Seen }

// why says why a call returned nothing.
func why(call genesys.Call) string {
	if call.Refusal != nil {
		return evidence.DescribeRefusal(call)
	}
	if call.Failure != nil {
		return call.Method + " " + evidence.PathOf(call.URL) + ": " + call.Failure.Text
	}
	return call.Method + " " + evidence.PathOf(call.URL) + " answered nothing"
}

// NamesOfDivisions is among the needs in what PayloadOptions could not read: bodies that
// name divisions have no need of their own.
const NamesOfDivisions catalog.Need = "division"

// PayloadOptions are what bodies are compared with: the platform's schemas and names, as
// far as the token may read them. notChecked says by the need whose names it may not.
func (o *Org) PayloadOptions(ctx context.Context) (opts payload.Options, notChecked map[catalog.Need]string) {
	notChecked = map[catalog.Need]string{}
	o.say("reading the platform's SCIM schemas")
	list, call := o.Client.SCIMSchemas(ctx, o.Base)
	o.pacer.Note(call)
	var schemas []payload.Schema
	for _, s := range list {
		schemas = append(schemas, payload.Schema{ID: s.ID, Attributes: attributes(s.Attributes)})
	}
	if opts.Schemas = payload.OfPlatform(schemas); opts.Schemas == nil {
		opts.Schemas = payload.Published()
	}
	for _, names := range []struct {
		need       catalog.Need
		what, path string
		into       *payload.Set
	}{{catalog.NeedRoles, "role names", "/api/v2/authorization/roles", &opts.Names.Roles},
		{catalog.NeedSkills, "routing skills", "/api/v2/routing/skills", &opts.Names.Skills},
		{catalog.NeedLanguages, "routing languages", "/api/v2/routing/languages", &opts.Names.Languages},
		{NamesOfDivisions, "division names", "/api/v2/authorization/divisions", &opts.Names.Divisions}} {
		o.say("reading %s", names.what)
		found, call := o.Client.Names(ctx, names.path)
		o.pacer.Note(call)
		if found == nil {
			notChecked[names.need] = names.what + ": " + why(call)
			continue
		}
		set := payload.Set{}
		for _, e := range found {
			set[e.Name] = true
			if names.into == &opts.Names.Roles && e.ID != "" {
				set[e.ID] = true
			}
		}
		*names.into = set
	}
	return opts, notChecked
}

func attributes(list []genesys.SCIMAttribute) []payload.Attribute {
	var out []payload.Attribute
	for _, a := range list {
		out = append(out, payload.Attribute{Name: a.Name, Type: a.Type, MultiValued: a.MultiValued, Required: a.Required, Mutability: a.Mutability, SubAttributes: attributes(a.SubAttributes)})
	}
	return out
}

// MissingManagers looks for the users of these ids, and returns those whom the org does not
// have. unread says why some could not be looked for.
func (o *Org) MissingManagers(ctx context.Context, ids []string) (missing []string, unread string) {
	for i, id := range ids {
		if err := o.pacer.Wait(ctx); err != nil {
			return missing, fmt.Sprintf("%d of %d managers were not looked for: %v", len(ids)-i, len(ids), err)
		}
		o.say("looking for manager %d of %d", i+1, len(ids))
		_, call := o.Client.ReadSCIMUser(ctx, o.Base, id)
		o.pacer.Note(call)
		switch {
		case call.OK():
		case call.Status == http.StatusNotFound:
			missing = append(missing, id)
		default:
			return missing, fmt.Sprintf("%d of %d managers could not be looked for: %s", len(ids)-i, len(ids), why(call))
		}
	}
	return missing, ""
}

// pageSize is how many users one request lists. The published definition allows more
// than 25 where only cheap attributes are asked for.
const pageSize = 100

// Names are the userNames that a migration will create.
type Names interface {
	// Each calls the function with every userName and its line, and may be called again.
	Each(func(line int, name string)) error
	// Count is how many there are.
	Count() int
}

// Collisions finds the userNames that the org has already, by only reading. Where the
// names are fewer than the pages of the org's users, each is asked for; else all users
// are listed, active, inactive and deleted. notSeen says what could not be read.
func (o *Org) Collisions(ctx context.Context, names Names) (list []results.Collision, how string, notSeen []string) {
	pages, why := o.pages(ctx)
	if why != "" {
		return nil, "", []string{why}
	}
	var have map[string]string
	if names.Count() <= pages {
		how = "asked for " + counted(names.Count(), "name", "names, one by one")
		have, why = o.ask(ctx, names)
	} else {
		how = "listed the org's users on " + counted(pages, "page", "pages")
		have, why = o.list(ctx)
	}
	if why != "" {
		notSeen = append(notSeen, why)
	}
	if why := o.deleted(ctx, have); why != "" {
		notSeen = append(notSeen, "deleted users: "+why)
	}
	if err := names.Each(func(line int, name string) {
		if state, ok := have[strings.ToLower(name)]; ok {
			list = append(list, results.Collision{UserName: name, Line: line, State: state})
		}
	}); err != nil {
		notSeen = append(notSeen, err.Error())
	}
	return list, how, notSeen
}

// MissingGroups asks for groups by name. notSeen says what could not be read. A name that
// only differs in its case counts as missing: whether case matters is not published.
func (o *Org) MissingGroups(ctx context.Context, names []string) (missing, notSeen []string) {
	for i, name := range names {
		o.say("asking for group %d of %d", i+1, len(names))
		if err := o.pacer.Wait(ctx); err != nil {
			return missing, append(notSeen, whyStopped(err))
		}
		page, call := o.Client.SCIMGroupsNamed(ctx, o.Base, name)
		o.pacer.Note(call)
		switch {
		case page == nil:
			return missing, append(notSeen, why(call))
		case page.TotalResults == nil:
			return missing, append(notSeen, "the answer does not say how many groups there are")
		}
		found, nearly := groupNamed(page, name)
		switch {
		case found:
		case nearly != "" && !strings.EqualFold(nearly, name):
			notSeen = append(notSeen, fmt.Sprintf("the answer to the filter for the group %q is about %q: the filter was ignored", name, nearly))
		case nearly != "":
			missing = append(missing, fmt.Sprintf("%q (there is %q)", name, nearly))
		case *page.TotalResults > 0:
			notSeen = append(notSeen, fmt.Sprintf("the answer to the filter for the group %q counts %d groups and lists none", name, *page.TotalResults))
		case strings.ContainsAny(name, `"\`):
			notSeen = append(notSeen, fmt.Sprintf("the group %q was not found, which its quotes may have prevented", name))
		default:
			missing = append(missing, strconv.Quote(name))
		}
	}
	return missing, notSeen
}

// groupNamed looks for a group of exactly this name, and for one that comes near.
func groupNamed(page *genesys.SCIMGroups, name string) (found bool, other string) {
	for _, g := range page.Resources {
		if g.DisplayName == name {
			return true, ""
		}
		if other == "" || strings.EqualFold(g.DisplayName, name) {
			other = firstOf(g.DisplayName, "a group without a name")
		}
	}
	return false, other
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// inactive lists the users that are not active. Source: the published definition.
const inactive = "active eq false"

// pages is how many requests are needed to list all users.
func (o *Org) pages(ctx context.Context) (n int, why string) {
	for _, filter := range []string{"", inactive} {
		page, w := o.users(ctx, filter, 1, 0)
		if page == nil {
			return 0, w
		}
		n += (*page.TotalResults + pageSize - 1) / pageSize
	}
	return max(n, 1), ""
}

func (o *Org) users(ctx context.Context, filter string, start, count int) (*genesys.SCIMUsers, string) {
	if err := o.pacer.Wait(ctx); err != nil {
		return nil, whyStopped(err)
	}
	page, call := o.Client.SCIMUsers(ctx, o.Base, filter, start, count)
	o.pacer.Note(call)
	if page == nil {
		return nil, why(call)
	}
	// JSON of another kind comes from something else, and lists nothing.
	switch {
	case page.TotalResults == nil:
		return nil, "the answer does not say how many users there are"
	case *page.TotalResults < 0 || *page.TotalResults > maxUsers:
		return nil, fmt.Sprintf("the answer says that there are %d users, and no more than %d can be looked through", *page.TotalResults, maxUsers)
	case len(page.Resources) > max(count, 1):
		return nil, fmt.Sprintf("the answer lists %d users where %d were asked for", len(page.Resources), count)
	}
	return page, ""
}

func (o *Org) ask(ctx context.Context, names Names) (map[string]string, string) {
	have, stopped := map[string]string{}, ""
	n := 0
	err := names.Each(func(_ int, name string) {
		if stopped != "" {
			return
		}
		n++
		o.say("asking for userName %d of %d", n, names.Count())
		page, why := o.users(ctx, fmt.Sprintf("userName eq %q", name), 1, 2)
		if page == nil {
			stopped = why
			return
		}
		if why := ignored(page, name); why != "" {
			stopped = why
			return
		}
		o.keep(have, page, "")
	})
	if err != nil {
		return have, err.Error()
	}
	return have, stopped
}

// ignored says that an answer does not keep to the filter for a userName: what does
// not filter lists somebody, and says nothing of the name that was asked for.
func ignored(page *genesys.SCIMUsers, name string) string {
	for _, u := range page.Resources {
		if !strings.EqualFold(u.UserName, name) {
			return fmt.Sprintf("the answer to the filter for the userName %q is about another user: the filter was ignored", name)
		}
	}
	if len(page.Resources) != *page.TotalResults {
		return fmt.Sprintf("the answer to the filter for the userName %q says that it has %d users and lists %d", name, *page.TotalResults, len(page.Resources))
	}
	return ""
}

// whyStopped says why no further request was sent.
func whyStopped(err error) string {
	if errors.Is(err, context.Canceled) {
		return "the run was stopped"
	}
	return err.Error()
}

func (o *Org) list(ctx context.Context) (map[string]string, string) {
	have := map[string]string{}
	for _, filter := range []string{"", inactive} {
		if why := o.listed(ctx, filter, have); why != "" {
			return have, why
		}
	}
	return have, ""
}

// listed reads one list to its end. It says why it was not: a list in which the filter or
// the place was ignored, or which has less than it says, does not show who is missing.
func (o *Org) listed(ctx context.Context, filter string, have map[string]string) (why string) {
	distinct := map[string]bool{}
	for start := 1; ; {
		o.say("listing the org's users, from %d", start)
		page, why := o.users(ctx, filter, start, pageSize)
		if page == nil {
			return why
		}
		for _, u := range page.Resources {
			switch {
			case u.UserName == "":
				return "the list has users without a userName"
			case filter == inactive && u.Active != nil && *u.Active:
				return fmt.Sprintf("the list of inactive users has the active user %q: the filter was ignored", u.UserName)
			}
			distinct[strings.ToLower(u.UserName)] = true
		}
		o.keep(have, page, map[string]string{inactive: "inactive"}[filter])
		start += len(page.Resources)
		switch {
		case start > *page.TotalResults && len(distinct) < *page.TotalResults:
			return fmt.Sprintf("the list says that it has %d users and shows %d", *page.TotalResults, len(distinct))
		case start > *page.TotalResults:
			return ""
		case len(page.Resources) == 0:
			return fmt.Sprintf("the list says that it has %d users and ends after %d", *page.TotalResults, start-1)
		}
	}
}

func (o *Org) keep(have map[string]string, page *genesys.SCIMUsers, state string) {
	for _, u := range page.Resources {
		s := state
		if s == "" {
			s = "active"
			if u.Active != nil && !*u.Active {
				s = "inactive"
			}
		}
		if len(u.UserName) <= maxName {
			have[strings.ToLower(u.UserName)] = s
		}
	}
}

// maxUsers bounds the users of an org that are looked through.
const maxUsers = 1_000_000

// maxName bounds what is kept of one userName, in bytes: no payload that is sent has a
// longer one.
const maxName = 1024

// maxDeletedPages bounds the pages of deleted users that are read.
const maxDeletedPages = 1000

func (o *Org) deleted(ctx context.Context, have map[string]string) string {
	read := 0
	for n := 1; n <= maxDeletedPages; n++ {
		o.say("listing deleted users, page %d", n)
		if err := o.pacer.Wait(ctx); err != nil {
			return whyStopped(err)
		}
		page, call := o.Client.DeletedUsers(ctx, n)
		o.pacer.Note(call)
		if page == nil {
			return why(call)
		}
		if wrong := keepDeleted(have, page); wrong != "" {
			return wrong
		}
		read += len(page.Entities)
		switch {
		case n >= *page.PageCount && page.Total != nil && read < *page.Total:
			return fmt.Sprintf("the list says that it has %d users and ends after %d", *page.Total, read)
		case n >= *page.PageCount:
			return ""
		case len(page.Entities) == 0:
			return fmt.Sprintf("page %d of %d is empty", n, *page.PageCount)
		}
	}
	return fmt.Sprintf("there are more than %d pages of them", maxDeletedPages)
}

// keepDeleted keeps the names of a page of deleted users, and says what is wrong with it.
func keepDeleted(have map[string]string, page *genesys.UsersPage) string {
	switch {
	case page.Entities == nil:
		return "the answer lists nothing"
	case page.PageCount == nil:
		return "the answer does not say how many pages there are"
	case len(page.Entities) > pageSize:
		return fmt.Sprintf("the answer lists %d users where %d were asked for", len(page.Entities), pageSize)
	}
	for _, u := range page.Entities {
		if u.State != "" && !strings.EqualFold(u.State, "deleted") {
			return fmt.Sprintf("the list has a user of the state %q: the state that was asked for was ignored", u.State)
		}
		for _, name := range []string{u.Username, u.Email} {
			if key := strings.ToLower(name); key != "" && len(key) <= maxName && have[key] == "" {
				have[key] = "deleted"
			}
		}
	}
	return ""
}

// File is the userNames of a file of bodies. The file is read each time.
type File struct {
	Open   func() (io.ReadCloser, error)
	Bodies int
}

// Count is how many bodies the file has.
func (f File) Count() int { return f.Bodies }

// Each reads the file and calls the function with each userName.
func (f File) Each(each func(int, string)) error {
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	_, err = payload.Check(in, payload.Options{UserName: each})
	return err
}
