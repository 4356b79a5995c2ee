package readiness

import (
	"context"
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/scimlint/scimlint/internal/zendesk"
	"github.com/scimlint/scimlint/pkg/results"
)

// Zendesk looks at an account: whose the token is, how many agents and admins there are,
// and which of them cannot be migrated as they are.
func Zendesk(ctx context.Context, client *zendesk.Client, place string) (results.Source, error) {
	s := results.Source{System: "zendesk", Place: place, WithoutEmail: []string{}, WithoutName: []string{}, Suspended: []string{}, DuplicateEmails: []string{}, NotSeen: []string{}}
	me, err := client.Me(ctx)
	if err != nil {
		return s, err
	}
	s.As = fmt.Sprintf("%s (%s)", me.Name, me.Role)
	if me.Role != "admin" {
		s.NotSeen = append(s.NotSeen, fmt.Sprintf("the token is of the role %q and not an admin's: what it is not shown is not counted", me.Role))
	}
	seen := map[string]int{}
	err = client.Agents(ctx, func(u zendesk.User) {
		id := strconv.FormatInt(u.ID, 10)
		switch u.Role {
		case "agent":
			s.Agents++
		case "admin":
			s.Admins++
		default:
			return // a filter that was passed over
		}
		email := strings.ToLower(strings.TrimSpace(u.Email))
		if email == "" {
			s.WithoutEmail = append(s.WithoutEmail, id)
		} else {
			seen[email]++
		}
		if strings.TrimSpace(u.Name) == "" {
			s.WithoutName = append(s.WithoutName, id)
		}
		if u.Suspended {
			s.Suspended = append(s.Suspended, id)
		}
	})
	for email, n := range seen {
		if n > 1 {
			s.DuplicateEmails = append(s.DuplicateEmails, email)
		}
	}
	sort.Strings(s.DuplicateEmails)
	return s, err
}
