package simulator

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/scimlint/scimlint/pkg/catalog"
)

const correlationHeader = "ININ-Correlation-Id"

// session is whose a live token is.
type session struct {
	client   *Client // as it is now; set when a request comes
	clientID string
	label    string // whose it was when it was issued
	user     *person
	scopes   []string
	expiry   time.Time
	home     string // the user's own org, for a trustor org's token
}

// grants are the client's own for client credentials, else the user's.
func (s *session) grants() []Grant {
	if s.user != nil {
		return s.user.Roles
	}
	return s.client.Roles
}

// Server is a running org.
type Server struct {
	// URL is the base of the API, LoginURL that of the token endpoint: the same, unless the
	// scenario separates them.
	URL, LoginURL string
	Scenario      *Scenario

	http    []*http.Server
	mu      sync.Mutex
	secrets map[string]string   // client name → secret
	tokens  map[string]*session // token → session
	issued  map[string]string   // name of an issued token → token
	struck  map[int]int         // fault rule → how often it struck
	seen    map[string]int      // request → how often it came
	log     []string
	era     int // how often the count of requests was emptied
	limits  map[string]*bucket
	scim    store
	usage   map[usageKey]*UsageRow
	queries map[string]*usageQuery
	asked   int // how many usage queries were started

	settings settings

	tokenRequests int
	started       time.Time

	world sync.RWMutex // guards the scenario's roles and clients, people and groups
}

// Start serves a scenario on the address; 127.0.0.1:0 picks a free port. Only
// loopback addresses are taken: the box must not pass for the platform.
func Start(s *Scenario, addr string) (*Server, error) {
	listener, err := listen(addr)
	if err != nil {
		return nil, err
	}
	srv := newServer(s)
	srv.URL = "http://" + listener.Addr().String()
	srv.LoginURL = srv.URL
	if s.SeparateLogin {
		login, err := listen("127.0.0.1:0")
		if err != nil {
			_ = listener.Close()
			return nil, err
		}
		srv.LoginURL = "http://" + login.Addr().String()
		srv.serve(login, http.HandlerFunc(srv.serveLogin))
	}
	srv.serve(listener, srv)
	return srv, nil
}

func (s *Server) serve(listener net.Listener, handler http.Handler) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	s.http = append(s.http, server)
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			panic(err)
		}
	}()
}

// listen accepts only loopback addresses.
func listen(addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("address %q is not on loopback: write 127.0.0.1:0", addr)
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("cannot serve on %s: %w", addr, err)
	}
	return listener, nil
}

func newServer(s *Scenario) *Server {
	srv := &Server{Scenario: s, secrets: map[string]string{}, tokens: map[string]*session{},
		issued: map[string]string{}, limits: map[string]*bucket{}, struck: map[int]int{}, seen: map[string]int{},
		usage: map[usageKey]*UsageRow{}, queries: map[string]*usageQuery{}, started: time.Now(), settings: newSettings()}
	srv.scim.seed(s)
	for i := range s.Clients {
		srv.secrets[s.Clients[i].identity()] = randomWord()
	}
	for _, t := range s.Tokens {
		expiry := time.Now().Add(time.Hour)
		if t.Expired {
			expiry = time.Now().Add(-time.Minute)
		}
		token := randomWord()
		srv.issued[t.Name] = token
		client := s.client(t.Client)
		srv.tokens[token] = &session{clientID: client.identity(), label: firstText(t.User, client.Name), user: srv.scim.byID[userID(t.User)], scopes: t.Scopes, expiry: expiry, home: t.HomeOrganization}
	}
	return srv
}

func randomWord() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails, says crypto/rand
	return base64.RawURLEncoding.EncodeToString(b)
}

// Close stops the server at once.
func (s *Server) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	for _, server := range s.http {
		if server.Shutdown(ctx) != nil {
			_ = server.Close()
		}
	}
}

// Credentials are a client's id and secret, by the client's name.
func (s *Server) Credentials(client string) (id, secret string) {
	s.world.RLock()
	defer s.world.RUnlock()
	if c := s.Scenario.client(client); c != nil {
		return c.identity(), s.secrets[c.identity()]
	}
	return clientID(client), ""
}

// Token is a token that the scenario issued, by its name.
func (s *Server) Token(name string) string { return s.issued[name] }

// What a server that runs for weeks remembers at most.
const (
	maxLog    = 10_000 // requests, in Requests
	maxSeen   = 10_000 // different requests that are counted for their correlation ids
	maxLimits = 1_000  // tokens whose rate is measured
)

// Requests are the last requests that came, up to 10,000, as "GET /path".
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log[max(0, len(s.log)-maxLog):])
}

// ServeHTTP answers one request: faults first, then who asks, from where, with
// which scopes and permissions, and last what is asked.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.note(w, r)
	if !s.pause(r.Context()) || s.fault(w, r) {
		return
	}
	if r.URL.Path == tokenPath && !s.Scenario.SeparateLogin {
		s.token(w, r)
		return
	}
	if s.limited(w, r) {
		return
	}
	op, ok := match(r.Method, r.URL.Path)
	if !ok {
		if op.Path != "" {
			notSimulated(w, op.Method+" "+op.Path)
			return
		}
		deny(http.StatusNotFound, "not.found").write(w)
		return
	}
	kept := &recorder{ResponseWriter: w, status: http.StatusOK}
	who, no := s.admitted(r, op)
	if who != nil {
		defer func() { s.count(who, op, kept.status) }()
	}
	c := &call{w: kept, r: r, who: who, op: op}
	if no == nil {
		no = c.read()
	}
	if no != nil {
		no.write(kept)
		return
	}
	// A change has the org to itself. Its body is here already: a slow caller keeps nobody
	// waiting.
	if changes(op) {
		s.world.Lock()
		defer s.world.Unlock()
	} else {
		s.world.RLock()
		defer s.world.RUnlock()
	}
	s.answer(c)
}

// admitted says who asks, and refuses what the token may not call at all.
func (s *Server) admitted(r *http.Request, op catalog.Operation) (*session, *problem) {
	s.world.RLock()
	defer s.world.RUnlock()
	who, no := s.authenticate(r)
	for _, gate := range []func(*session, catalog.Operation) *problem{s.address, s.scope, s.context, s.permission, s.policy} {
		if no == nil {
			no = gate(who, op)
		}
	}
	return who, no
}

const tokenPath = "/oauth/token"

// serveLogin is the login host where it is one of its own.
func (s *Server) serveLogin(w http.ResponseWriter, r *http.Request) {
	s.note(w, r)
	if !s.pause(r.Context()) || s.fault(w, r) {
		return
	}
	if r.URL.Path != tokenPath {
		deny(http.StatusNotFound, "not.found").write(w)
		return
	}
	s.token(w, r)
}

// note gives the answer its correlation id, the same for the same request, so
// that reports on a scenario do not change from run to run.
func (s *Server) note(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	line := r.Method + " " + r.URL.Path
	if s.log = append(s.log, line); len(s.log) >= 2*maxLog {
		s.log = append(s.log[:0], s.log[maxLog:]...)
	}
	if len(s.seen) >= maxSeen {
		clear(s.seen)
		s.era++
	}
	key := line + "?" + r.URL.RawQuery
	if who := s.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]; who != nil {
		key += " by " + who.label // requests of two tokens race
	}
	if s.era > 0 {
		key += fmt.Sprint(" again ", s.era)
	}
	s.seen[key]++
	w.Header().Set(correlationHeader, id("request", fmt.Sprint(key, " ", s.seen[key])))
	if skew := s.Scenario.Faults.ClockSkew; skew != 0 {
		w.Header().Set("Date", time.Now().Add(skew).UTC().Format(http.TimeFormat))
	}
}

// limited enforces the rate limit of each token, and shows it in each answer.
func (s *Server) limited(w http.ResponseWriter, r *http.Request) bool {
	limit := s.Scenario.RateLimit
	if limit == 0 {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	token := r.Header.Get("Authorization")
	now := time.Now()
	if len(s.limits) >= maxLimits {
		maps.DeleteFunc(s.limits, func(_ string, b *bucket) bool { return now.Sub(b.since) >= time.Minute })
	}
	b := s.limits[token]
	if b == nil || now.Sub(b.since) >= time.Minute {
		b = &bucket{since: now}
		s.limits[token] = b
	}
	b.made++
	reset := strconv.Itoa(int(time.Until(b.since.Add(time.Minute)).Seconds()) + 1)
	w.Header().Set("inin-ratelimit-allowed", strconv.Itoa(limit))
	w.Header().Set("inin-ratelimit-count", strconv.Itoa(min(b.made, limit)))
	w.Header().Set("inin-ratelimit-reset", reset)
	if b.made <= limit {
		return false
	}
	w.Header().Set("Retry-After", reset)
	deny(http.StatusTooManyRequests, "too.many.requests.retry.after", param{"retryAfter", reset}).write(w)
	return true
}

// bucket counts a token's requests in a minute.
type bucket struct {
	since time.Time
	made  int
}

func (s *Server) pause(ctx context.Context) bool {
	if s.Scenario.Faults.Latency == 0 {
		return true
	}
	select {
	case <-time.After(s.Scenario.Faults.Latency):
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *Server) authenticate(r *http.Request) (*session, *problem) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || token == "" {
		return nil, deny(http.StatusUnauthorized, "authentication.required")
	}
	s.mu.Lock()
	kept := s.tokens[token]
	var who *session
	if kept != nil {
		live := *kept
		live.client = s.Scenario.client(live.clientID)
		who = &live
	}
	s.mu.Unlock()
	switch {
	case who == nil, who.client == nil, who.client.State == "disabled", who.client.State == "deleted",
		who.user != nil && !who.user.active():
		return nil, deny(http.StatusUnauthorized, "bad.credentials")
	case time.Now().After(who.expiry):
		return nil, deny(http.StatusUnauthorized, "credentials.expired")
	}
	return who, nil
}

// address enforces the org's allowlist and the client's own.
func (s *Server) address(who *session, _ catalog.Operation) *problem {
	caller := netip.MustParseAddr(s.Scenario.CallerIP)
	for _, list := range [][]string{s.Scenario.IPAllowlist, who.client.IPAllowlist} {
		in := slices.ContainsFunc(list, func(cidr string) bool { return netip.MustParsePrefix(cidr).Contains(caller) })
		if len(list) > 0 && !in {
			return deny(http.StatusUnauthorized, "ip.not.authorized", param{"ipAddress", caller.String()})
		}
	}
	return nil
}

// scope enforces what the scenario says; by the published rule a
// client-credentials token has no scopes and needs none.
func (s *Server) scope(who *session, op catalog.Operation) *problem {
	wanted := op.Scopes
	if demand, ok := s.Scenario.Scopes.Demand[op.Method+" "+op.Path]; ok {
		wanted = demand
	}
	enforced := s.Scenario.Scopes.Enforce == "all" || s.Scenario.Scopes.Enforce == "users" && who.user != nil
	if !enforced || len(wanted) == 0 {
		return nil
	}
	foreign := who.client.Authorization != "" && who.client.Authorization != "Authorized"
	for _, sc := range who.scopes {
		if slices.Contains(wanted, sc) && (!foreign || sc == "user-basic-info") {
			return nil
		}
	}
	// A demand replaces one operation's scopes; the others stay reachable for
	// client credentials, which have no scopes at all.
	if _, demanded := s.Scenario.Scopes.Demand[op.Method+" "+op.Path]; !demanded && who.user == nil {
		return nil
	}
	return deny(http.StatusForbidden, "app.not.authorized.for.scope", param{"scopes", "[" + strings.Join(wanted, ", ") + "]"})
}

func (s *Server) context(who *session, op catalog.Operation) *problem {
	if op.Path == "/api/v2/users/me" && who.user == nil {
		return deny(http.StatusBadRequest, "not.a.user")
	}
	return nil
}

// permission enforces the published access check: what the token has in any division.
func (s *Server) permission(who *session, op catalog.Operation) *problem {
	held := 0
	for _, p := range op.Gate.Permissions {
		if s.holds(who, p, "") {
			held++
		}
	}
	switch {
	case op.Gate.Type == catalog.GateAny && held == 0:
		return deny(http.StatusForbidden, "missing.any.permissions", param{"permissions", "[" + strings.Join(op.Gate.Permissions, ", ") + "]"})
	case op.Gate.Type == catalog.GateAll && held < len(op.Gate.Permissions):
		return deny(http.StatusForbidden, "missing.permissions", param{"permissions", strings.Join(op.Gate.Permissions, ", ")})
	}
	return nil
}

// policy enforces policies on the permissions by which the token is let through: on each of
// them, or, where any one is enough, until one is not refused.
func (s *Server) policy(who *session, op catalog.Operation) *problem {
	var first *problem
	for _, p := range op.Gate.Permissions {
		if !s.holds(who, p, "") {
			continue
		}
		no := s.policyOn(who, p, nil)
		if no == nil && op.Gate.Type == catalog.GateAny {
			return nil
		}
		if first == nil {
			first = no
		}
	}
	return first
}

// holds says whether the token's roles include the permission without condition,
// in the division or, for an empty name, anywhere.
func (s *Server) holds(who *session, permission, division string) bool {
	return s.grantsHold(who.grants(), permission, division, false)
}

func matches(pattern, permission string) bool {
	want := strings.Split(permission, ":")
	for i, part := range strings.Split(pattern, ":") {
		if part != "*" && (i >= len(want) || part != want[i]) {
			return false
		}
	}
	return true
}
