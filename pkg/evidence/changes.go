package evidence

import (
	"context"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/scimlint/scimlint/pkg/genesys"
)

// aboutAccess recognises the types of objects in the audit log whose changes can
// cause a refusal. The mapping of services is the org's own answer; the
// names of the types are not published, so they are matched by what they say.
var aboutAccess = regexp.MustCompile(`(?i)role|grant|oauth|client|polic|permission|division|organi[sz]ation`)

// changes asks the audit log for what changed of roles, grants, clients, policies
// and settings in so many days.
func (c *collector) changes(ctx context.Context, days int) {
	services, call := c.api.AuditServices(ctx)
	c.Changes.Calls = []genesys.Call{call}
	if services == nil {
		return
	}
	to := c.opts.Now
	from := to.Add(-time.Duration(days) * 24 * time.Hour)
	var mu sync.Mutex
	all := []genesys.Change{}
	var failed []genesys.Call
	var tasks []func()
	for _, s := range *services {
		about := slices.ContainsFunc(s.Entities, func(e struct {
			Name string `json:"name"`
		}) bool {
			return aboutAccess.MatchString(e.Name)
		})
		if !about {
			continue
		}
		tasks = append(tasks, func() {
			list, calls := c.api.Changes(ctx, s.Name, from, to)
			mu.Lock()
			defer mu.Unlock()
			if list == nil {
				failed = append(failed, calls...)
				return
			}
			c.Changes.Calls = append(c.Changes.Calls, calls...)
			all = append(all, *list...)
		})
	}
	together(tasks)
	c.Changes.Calls = append(c.Changes.Calls, failed...) // the last call decides
	if len(failed) == 0 {
		slices.SortStableFunc(all, func(a, b genesys.Change) int { return b.Date.Compare(a.Date) })
		c.Changes.Value = &all
	}
}
