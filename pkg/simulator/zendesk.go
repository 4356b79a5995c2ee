package simulator

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Zendesk is the account that a migration comes from.
type Zendesk struct {
	Users []ZendeskUser `yaml:"users"`
	// TokenRole is the role of the token's owner: admin, agent or end-user; admin when
	// empty.
	TokenRole string `yaml:"tokenRole"`
	// RateLimit is how many requests a minute are answered; zero for all.
	RateLimit int `yaml:"rateLimit"`
	// RetryAfter is what a refusal by the rate limit asks to wait, in seconds; 1 when zero.
	RetryAfter int `yaml:"retryAfter"`
}

// ZendeskUser is a user of the account.
type ZendeskUser struct {
	Name      string   `yaml:"name" json:"name"`
	Email     string   `yaml:"email" json:"email"`
	Role      string   `yaml:"role" json:"role"`
	Phone     string   `yaml:"phone" json:"phone"`
	Locale    string   `yaml:"locale" json:"locale"`
	Tags      []string `yaml:"tags" json:"tags"`
	Suspended bool     `yaml:"suspended" json:"suspended"`
}

// ZendeskServer is a running account. It answers in the shapes that Zendesk publishes:
// users with cursor paging, errors in both forms, 429 with Retry-After.
type ZendeskServer struct {
	URL string
	// Email and Token are what an API token's owner signs in with; OAuth is an OAuth token.
	Email, Token, OAuth string

	account *Zendesk
	http    *http.Server
	mu      sync.Mutex
	log     []string
	window  time.Time
	made    int
}

// StartZendesk serves an account on a loopback address.
func StartZendesk(z *Zendesk, addr string) (*ZendeskServer, error) {
	listener, err := listen(addr)
	if err != nil {
		return nil, err
	}
	s := &ZendeskServer{URL: "http://" + listener.Addr().String(), Email: "owner@zendesk.example", Token: randomWord(), OAuth: randomWord(), account: z}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			panic(err)
		}
	}()
	return s, nil
}

// Close stops the server at once.
func (s *ZendeskServer) Close() { _ = s.http.Close() }

// Requests are the requests that came so far, as "GET /path?query".
func (s *ZendeskServer) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.log...)
}

// ServeHTTP answers one request.
func (s *ZendeskServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	role := s.account.TokenRole
	if role == "" {
		role = "admin"
	}
	switch {
	case s.limited(w, r):
	case !s.known(r):
		reply(w, http.StatusUnauthorized, "application/json", map[string]any{"error": "Couldn't authenticate you"})
	case r.Method != http.MethodGet:
		reply(w, http.StatusMethodNotAllowed, "application/json", map[string]any{"error": "MethodNotAllowed"})
	case r.URL.Path == "/api/v2/users/me.json":
		reply(w, http.StatusOK, "application/json", map[string]any{"user": map[string]any{"id": 1, "name": "Token Owner", "email": s.Email, "role": role, "active": true}})
	case r.URL.Path != "/api/v2/users.json":
		reply(w, http.StatusNotFound, "application/json", map[string]any{"error": "InvalidEndpoint", "description": "Not found"})
	case role == "end-user":
		reply(w, http.StatusForbidden, "application/json", map[string]any{"error": map[string]any{"title": "Forbidden", "message": "You do not have access to this page. Please contact the account owner of this help desk for further help."}})
	default:
		s.users(w, r)
	}
}

func (s *ZendeskServer) limited(w http.ResponseWriter, r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, r.Method+" "+r.URL.RequestURI())
	if s.account.RateLimit == 0 {
		return false
	}
	wait := max(1, s.account.RetryAfter)
	if time.Since(s.window) > time.Duration(wait)*time.Second {
		s.window, s.made = time.Now(), 0
	}
	s.made++
	w.Header().Set("X-Rate-Limit", strconv.Itoa(s.account.RateLimit))
	w.Header().Set("X-Rate-Limit-Remaining", strconv.Itoa(max(0, s.account.RateLimit-s.made)))
	if s.made <= s.account.RateLimit {
		return false
	}
	w.Header().Set("Retry-After", strconv.Itoa(wait))
	reply(w, http.StatusTooManyRequests, "application/json", map[string]any{"error": "APIRateLimitExceeded", "description": "Number of allowed API requests per minute exceeded"})
	return true
}

func (s *ZendeskServer) known(r *http.Request) bool {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return token == s.OAuth
	}
	basic, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Basic ")
	data, err := base64.StdEncoding.DecodeString(basic)
	return err == nil && string(data) == s.Email+"/token:"+s.Token
}

func (s *ZendeskServer) users(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	wanted := map[string]bool{}
	for _, role := range q["role[]"] {
		wanted[role] = true
	}
	var all []int // their places; what the page does not show is not made
	for i, u := range s.account.Users {
		if len(wanted) == 0 || wanted[u.Role] {
			all = append(all, i)
		}
	}
	size := min(100, intOr(q.Get("page[size]"), 100))
	from := 0
	if after := q.Get("page[after]"); after != "" {
		from = intOr(strings.TrimPrefix(after, "cursor-"), len(all))
	}
	to := min(from+size, len(all))
	page := []map[string]any{}
	for _, i := range all[min(from, to):to] {
		page = append(page, s.account.Users[i].shown(1000+i))
	}
	more := to < len(all)
	body := map[string]any{"users": page, "meta": map[string]any{"has_more": more}, "links": map[string]any{"next": nil}}
	if more {
		cursor := "cursor-" + strconv.Itoa(to)
		body["meta"] = map[string]any{"has_more": true, "after_cursor": cursor}
		body["links"] = map[string]any{"next": s.URL + "/api/v2/users.json?page%5Bsize%5D=100&page%5Bafter%5D=" + cursor}
	}
	reply(w, http.StatusOK, "application/json", body)
}

// shown is a user as the account lists it.
func (u ZendeskUser) shown(id int) map[string]any {
	data, err := json.Marshal(u)
	if err != nil {
		panic(err)
	}
	var body map[string]any
	_ = json.Unmarshal(data, &body)
	body["id"], body["active"] = id, true
	if u.Email == "" {
		body["email"] = nil
	}
	return body
}
