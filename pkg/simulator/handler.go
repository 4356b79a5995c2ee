package simulator

import "net/http"

// New makes an org without a listener: an http.Handler that a test calls in the
// process, thousands of times over.
func New(s *Scenario) *Server {
	srv := newServer(s)
	srv.URL, srv.LoginURL = "http://127.0.0.1:9", "http://127.0.0.1:9"
	return srv
}

var _ http.Handler = (*Server)(nil)
