package simulator

import (
	"crypto/subtle"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// TokenEndpoint says how the login host refuses.
type TokenEndpoint struct {
	// Wording is now (when empty): since 2025-10 a wrong secret, a wrong id and a disabled
	// client have the same answer; or distinct, as it was before.
	Wording string `yaml:"wording"`
	// RefuseFirst is how many requests the rate limit refuses, and RetryAfter what the
	// refusal asks to wait in seconds; no header when zero.
	RefuseFirst int `yaml:"refuseFirst"`
	RetryAfter  int `yaml:"retryAfter"`
}

func (s *Scenario) validateAnswers(p *problems) {
	for key, got := range map[string][]string{
		"tokenEndpoint.wording":         {s.TokenEndpoint.Wording, "", "now", "distinct"},
		"divisionsPermitted.mode":       {s.DivisionsPermitted.Mode, "", "answers", "user-context", "refused", "absent"},
		"divisionsPermitted.conditions": {s.DivisionsPermitted.Conditions, "", "counted", "left-out"},
	} {
		if !slices.Contains(got[1:], got[0]) {
			p.add("%s is %q: write one of %q", key, got[0], got[2:])
		}
	}
}

// token is the login host's endpoint: client credentials with HTTP Basic or in
// the form, and refusals in OAuth's form.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		oauthProblem(w, http.StatusMethodNotAllowed, "invalid_request", "the token endpoint accepts POST")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	if err := r.ParseForm(); err != nil {
		oauthProblem(w, http.StatusBadRequest, "invalid_request", "the form cannot be read")
		return
	}
	if s.tokensLimited() {
		if wait := s.Scenario.TokenEndpoint.RetryAfter; wait > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(wait))
		}
		oauthProblem(w, http.StatusBadRequest, "invalid_request", "rate limit exceeded; too many token requests, retry later")
		return
	}
	id, secret := credentials(r)
	s.world.RLock()
	defer s.world.RUnlock()
	client := s.Scenario.client(id)
	if client != nil && client.Name == id {
		client = nil // a name is no id
	}
	right := client != nil && subtle.ConstantTimeCompare([]byte(secret), []byte(s.secrets[client.identity()])) == 1
	switch {
	case r.PostForm.Get("grant_type") != "client_credentials":
		oauthProblem(w, http.StatusBadRequest, "unsupported_grant_type", "grant type not supported")
	case !right || client.State != "active":
		s.unauthenticated(w, id, client, right)
	case client.GrantType != "CLIENT-CREDENTIALS":
		oauthProblem(w, http.StatusBadRequest, "unauthorized_client", "client is not authorized to use the client_credential grant type")
	default:
		s.issue(w, client)
	}
}

// unauthenticated refuses a wrong id, a wrong secret and a client that is not active: all
// alike, or, as it was once, each in its own words.
func (s *Server) unauthenticated(w http.ResponseWriter, id string, client *Client, right bool) {
	distinct := s.Scenario.TokenEndpoint.Wording == "distinct"
	switch {
	case distinct && client == nil:
		oauthProblem(w, http.StatusBadRequest, "invalid_client", "client not found: "+id)
	case distinct && right:
		oauthProblem(w, http.StatusBadRequest, "invalid_client", "client is "+client.State)
	case distinct:
		oauthProblem(w, http.StatusUnauthorized, "invalid_client", "authentication failed")
	default:
		oauthProblem(w, http.StatusBadRequest, "invalid_client", "authentication failed")
	}
}

func (s *Server) tokensLimited() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokenRequests++
	return s.tokenRequests <= s.Scenario.TokenEndpoint.RefuseFirst
}

func credentials(r *http.Request) (id, secret string) {
	if user, pass, ok := r.BasicAuth(); ok {
		id, _ = url.QueryUnescape(user)
		secret, _ = url.QueryUnescape(pass)
		return id, secret
	}
	return r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
}

// sweepEvery is how many tokens there are between sweeps of those that expired long ago.
const sweepEvery = 1_000

func (s *Server) issue(w http.ResponseWriter, client *Client) {
	token := randomWord()
	life := time.Duration(client.TokenSeconds) * time.Second
	who := &session{clientID: client.identity(), label: client.Name, expiry: time.Now().Add(life)}
	if s.Scenario.Scopes.Enforce == "all" {
		who.scopes = client.Scopes
	}
	s.mu.Lock()
	if len(s.tokens)%sweepEvery == sweepEvery-1 {
		maps.DeleteFunc(s.tokens, func(_ string, t *session) bool { return time.Since(t.expiry) > time.Hour })
	}
	s.tokens[token] = who
	s.mu.Unlock()
	reply(w, http.StatusOK, "application/json", map[string]any{
		"access_token": token, "token_type": "bearer", "expires_in": client.TokenSeconds - 1})
}
