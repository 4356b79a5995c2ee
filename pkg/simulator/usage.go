package simulator

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/scimlint/scimlint/pkg/catalog"
)

// UsageQueries say how the org answers queries of a client's usage.
type UsageQueries struct {
	// Running is how often the results are not there yet.
	Running int `yaml:"running"`
	// Delayed leaves out what is called during the run, as an org does whose counts come
	// with a delay.
	Delayed bool `yaml:"delayed"`
	// Failed lets queries fail.
	Failed bool `yaml:"failed"`
}

// UsageRow is a client's traffic to one template URI on one day.
type UsageRow struct {
	Method   string `yaml:"method"`
	Template string `yaml:"template"`
	// DaysAgo is the day; 0 for today.
	DaysAgo int `yaml:"daysAgo"`
	// User is the name of the user who signed in, where one did.
	User string `yaml:"user"`
	// The counts of answers by status. Status429 are among Status400.
	Status200 int64 `yaml:"status200"`
	Status300 int64 `yaml:"status300"`
	Status400 int64 `yaml:"status400"`
	Status429 int64 `yaml:"status429"`
	Status500 int64 `yaml:"status500"`
}

// usageKey is what calls are counted by.
type usageKey struct{ client, user, method, template string }

// recorder keeps the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// count adds a call to the usage of the client that made it.
func (s *Server) count(who *session, op catalog.Operation, status int) {
	k := usageKey{client: who.clientID, method: op.Method, template: op.Path}
	if who.user != nil {
		k.user = who.user.id
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	row := s.usage[k]
	if row == nil {
		row = &UsageRow{Method: k.method, Template: k.template, User: k.user}
		s.usage[k] = row
	}
	switch {
	case status < 300:
		row.Status200++
	case status < 400:
		row.Status300++
	case status < 500:
		row.Status400++
		if status == http.StatusTooManyRequests {
			row.Status429++
		}
	default:
		row.Status500++
	}
}

// usageSummary starts a query of the last days' usage.
func (s *Server) usageSummary(c *call) {
	days := 7
	if text := c.r.URL.Query().Get("days"); text != "" {
		var err error
		if days, err = strconv.Atoi(text); err != nil || days < 1 {
			deny(http.StatusBadRequest, "bad.request").write(c.w)
			return
		}
	}
	s.startUsage(c, days)
}

// maxQueries is how many usage queries are remembered.
const maxQueries = 1_000

// startUsage answers where the results of a query will be.
func (s *Server) startUsage(c *call, days int) {
	client := s.Scenario.client(c.param("clientId"))
	if client == nil || client.State == "deleted" {
		deny(http.StatusNotFound, "not.found").write(c.w)
		return
	}
	s.mu.Lock()
	execution := id("usage", client.identity()+strconv.Itoa(s.asked))
	s.asked++
	if len(s.queries) >= maxQueries {
		clear(s.queries)
	}
	s.queries[execution] = &usageQuery{client: client.identity(), days: days, left: s.Scenario.UsageQueries.Running}
	s.mu.Unlock()
	status := http.StatusOK
	if s.Scenario.UsageQueries.Running > 0 {
		status = http.StatusAccepted
	}
	reply(c.w, status, "application/json", map[string]any{"executionId": execution,
		"resultsUri": "/api/v2/oauth/clients/" + client.identity() + "/usage/query/results/" + execution})
}

// usageQuery is a query that was started; left counts how often it is still running.
type usageQuery struct {
	client     string
	days, left int
}

func (s *Server) usageResults(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queries[c.param("executionId")]
	switch {
	case q == nil || q.client != c.param("clientId"):
		deny(http.StatusNotFound, "not.found").write(c.w)
	case q.left > 0:
		q.left--
		reply(c.w, http.StatusOK, "application/json", map[string]any{"results": []any{}, "queryStatus": "Running"})
	case s.Scenario.UsageQueries.Failed:
		reply(c.w, http.StatusOK, "application/json", map[string]any{"results": []any{}, "queryStatus": "Failed"})
	default:
		reply(c.w, http.StatusOK, "application/json", map[string]any{"results": s.usageRows(q), "queryStatus": "Complete"})
	}
}

// usageRows are the scenario's rows and what was really called.
func (s *Server) usageRows(q *usageQuery) []any {
	client := s.Scenario.client(q.client)
	rows := slices.Clone(client.Usage)
	for i := range rows {
		if rows[i].User != "" {
			rows[i].User = userID(rows[i].User)
		}
	}
	if !s.Scenario.UsageQueries.Delayed {
		for _, k := range slices.SortedFunc(maps.Keys(s.usage), func(a, b usageKey) int {
			return cmp.Or(strings.Compare(a.template, b.template), strings.Compare(a.method, b.method), strings.Compare(a.user, b.user))
		}) {
			if k.client == q.client {
				rows = append(rows, *s.usage[k])
			}
		}
	}
	list := []any{}
	for _, r := range rows {
		if r.DaysAgo >= q.days {
			continue
		}
		body := map[string]any{"clientId": q.client, "clientName": client.Name, "organizationId": orgID(s.Scenario.Org.Name),
			"templateUri": r.Template, "httpMethod": r.Method, "date": stamp(time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -r.DaysAgo)),
			"status200": r.Status200, "status300": r.Status300, "status400": r.Status400, "status429": r.Status429, "status500": r.Status500,
			"requests": r.Status200 + r.Status300 + r.Status400 + r.Status500}
		if r.User != "" {
			body["userId"] = r.User
		}
		list = append(list, body)
	}
	return list
}

// stamp writes a time the way the platform does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
