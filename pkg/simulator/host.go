package simulator

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// Host serves many orgs on one address. The token endpoint tells them apart by client id
// and secret, the API by the token; what no org knows, the first one refuses.
type Host struct {
	// URL is the base of all of them, for the API and the token endpoint.
	URL  string
	Orgs []*Server

	http *http.Server
}

// StartMany serves scenarios on the address, as Start does one.
func StartMany(list []*Scenario, addr string) (*Host, error) {
	if len(list) == 0 {
		return nil, errors.New("no scenario to serve")
	}
	names := map[string]bool{}
	for _, s := range list {
		if names[s.Name] {
			return nil, fmt.Errorf("two scenarios are named %q: give each org a name of its own", s.Name)
		}
		names[s.Name] = true
	}
	listener, err := listen(addr)
	if err != nil {
		return nil, err
	}
	h := &Host{URL: "http://" + listener.Addr().String()}
	for _, s := range list {
		srv := newServer(s)
		srv.URL, srv.LoginURL = h.URL, h.URL
		h.Orgs = append(h.Orgs, srv)
	}
	h.http = &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func(l net.Listener) {
		if err := h.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			panic(err)
		}
	}(listener)
	return h, nil
}

// Close stops the host at once.
func (h *Host) Close() { _ = h.http.Close() }

// ServeHTTP hands a request to the org that it is for.
func (h *Host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == tokenPath {
		r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
		_ = r.ParseForm() // the org says what is wrong with it
		h.byClient(r).serveLogin(w, r)
		return
	}
	h.byToken(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")).ServeHTTP(w, r)
}

// byClient finds the org of a client. Orgs may have clients of the same id, as ids are
// made from names: then the secret decides.
func (h *Host) byClient(r *http.Request) *Server {
	id, secret := credentials(r)
	found := h.Orgs[0]
	for i := len(h.Orgs) - 1; i >= 0; i-- {
		known, right := h.Orgs[i].knowsClient(id, secret)
		if right {
			return h.Orgs[i]
		}
		if known {
			found = h.Orgs[i]
		}
	}
	return found
}

func (s *Server) knowsClient(id, secret string) (known, right bool) {
	s.world.RLock()
	defer s.world.RUnlock()
	c := s.Scenario.client(id)
	if c == nil || c.Name == id {
		return false, false
	}
	return true, s.secrets[c.identity()] == secret
}

func (h *Host) byToken(token string) *Server {
	for _, s := range h.Orgs {
		s.mu.Lock()
		known := s.tokens[token] != nil
		s.mu.Unlock()
		if known {
			return s
		}
	}
	return h.Orgs[0]
}
