package simulator

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// MessageParams are the named parts of a refusal's message, in the order of the file.
type MessageParams struct{ list []param }

// UnmarshalYAML reads a mapping of texts.
func (m *MessageParams) UnmarshalYAML(node *yaml.Node) error {
	var all map[string]string
	if err := node.Decode(&all); err != nil {
		return err
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i].Value
		m.list = append(m.list, param{key, all[key]})
	}
	return nil
}

// fault answers in place of the platform where a rule of the scenario strikes.
func (s *Server) fault(w http.ResponseWriter, r *http.Request) bool {
	rule := s.strikes(r)
	if rule == nil {
		return false
	}
	switch rule.Kind {
	case "html":
		w.Header().Del(correlationHeader)
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Via", "1.1 proxy.example.com")
		w.WriteHeader(max(rule.Status, http.StatusOK))
		_, _ = w.Write([]byte("<html><head><title>Access Denied</title></head><body>Web filter</body></html>"))
	case "redirect":
		http.Redirect(w, r, "https://sso.example.com/login", http.StatusFound)
	case "drop":
		drop(w)
	case "truncate":
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "4096")
		_, _ = w.Write([]byte(`{"id":"half`))
	case "answer":
		foreign(w, rule)
	case "hang":
		select {
		case <-r.Context().Done():
		case <-time.After(time.Minute):
		}
	default:
		s.status(w, rule)
	}
	return true
}

// drop closes the connection without an answer.
func drop(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

// foreign answers what the scenario wrote down, headers and all.
func foreign(w http.ResponseWriter, rule *FaultRule) {
	place := strings.NewReplacer("{correlationId}", w.Header().Get(correlationHeader))
	for key, value := range rule.Headers {
		w.Header().Del(key)
		if value != "" {
			w.Header().Set(key, place.Replace(value))
		}
	}
	w.WriteHeader(max(rule.Status, http.StatusOK))
	_, _ = w.Write([]byte(place.Replace(rule.Body)))
}

func (s *Server) status(w http.ResponseWriter, rule *FaultRule) {
	code := rule.Code
	if code == "" {
		code = map[int]string{http.StatusTooManyRequests: "too.many.requests.retry.after", http.StatusForbidden: "not.authorized",
			http.StatusServiceUnavailable: "service.unavailable"}[rule.Status]
	}
	p := &problem{status: rule.Status, code: code, params: rule.MessageParams.list, text: rule.Message}
	if rule.Status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", strconv.Itoa(rule.RetryAfter))
		if len(p.params) == 0 {
			p.params = []param{{"seconds", strconv.Itoa(rule.RetryAfter)}}
		}
	}
	p.write(w)
}

// strikes returns the first rule that selects the request and is not used up.
func (s *Server) strikes(r *http.Request) *FaultRule {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.Scenario.Faults.Rules {
		rule := &s.Scenario.Faults.Rules[i]
		if rule.selects(r) && (rule.Times == 0 || s.struck[i] < rule.Times) {
			s.struck[i]++
			return rule
		}
	}
	return nil
}

func (f *FaultRule) selects(r *http.Request) bool {
	if f.Method != "" && f.Method != r.Method {
		return false
	}
	prefix, wild := strings.CutSuffix(f.Path, "*")
	return f.Path == "" || f.Path == r.URL.Path || wild && strings.HasPrefix(r.URL.Path, prefix)
}
