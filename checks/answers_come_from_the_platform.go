package checks

import (
	"fmt"

	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// AnswersComeFromThePlatform looks for requests that something else answered, or
// nothing did, and for those that the platform put off.
var AnswersComeFromThePlatform = Check{
	ID: "answers-come-from-the-platform", Group: Reach, Title: "Every request was answered by the platform",
	Why:    "A proxy's block page also comes as 403, and no role mends it. What was not answered by the platform is unknown, not refused.",
	Remedy: "Let api.<domain> and login.<domain> pass the proxy, without TLS inspection; on 429, wait and slow down.",
	Run:    judgeAnswers,
}

func judgeAnswers(in *Input, out *Findings) {
	seen := map[string]bool{}
	for _, r := range in.Requests() {
		s, ok := in.suspectTransport(r)
		if !ok || seen[s.Cause] {
			continue
		}
		seen[s.Cause] = true
		out.UnknownSuspect(s, "%s %s: %s", r.Method, evidence.PathOf(r.URL), transportWords(r))
	}
	if len(out.list) == 0 {
		out.Pass(results.Observed, "%d requests, all answered by the platform", len(in.Requests()))
	}
}

func transportWords(r evidence.Request) string {
	if r.Failure != nil {
		return r.Failure.Text
	}
	return refusalWords(r.Refusal)
}

// suspectTransport says which cause is behind a request that the platform did
// not answer, or put off.
func (in *Input) suspectTransport(r evidence.Request) (results.Suspicion, bool) {
	limited := r.Refusal != nil && r.Refusal.Status == 429
	if !limited && (r.Failure == nil || r.Failure.Kind == genesys.FailureCanceled) {
		return results.Suspicion{}, false
	}
	s := results.Suspicion{Certainty: results.Confirmed, Operations: in.IDs(false),
		Proof: []results.Proof{{Basis: results.Observed, Text: fmt.Sprintf("%s %s: %s", r.Method, r.URL, transportWords(r))}}}
	if limited {
		t := in.suspectRefusal(r.Refusal, in.IDs(false))
		t.Proof = s.Proof
		return t, true
	}
	switch r.Failure.Kind {
	case genesys.FailureHTML, genesys.FailureRedirect, genesys.FailureNotJSON, genesys.FailureTooLarge:
		s.Cause = "proxy-answered"
		s.Because = "Something between here and the platform answered in its place: " + r.Failure.Text + "."
		s.Fix = results.Fix{Text: "Let " + in.hosts() + " pass the proxy or filter, or set HTTPS_PROXY to the one to use"}
	case genesys.FailureTLS:
		s.Cause = "network-unreachable"
		s.Because = "The certificate of the host is not trusted: " + r.Failure.Text + ". A proxy that inspects TLS, or a wrong clock, does this."
		s.Fix = results.Fix{Text: "Take the host out of TLS inspection, or trust the proxy's root (SSL_CERT_FILE), and check this machine's clock"}
	default:
		s.Cause = "network-unreachable"
		s.Because = "The platform could not be reached: " + r.Failure.Text + "."
		s.Fix = results.Fix{Text: "Check the name, DNS, firewall and proxy (HTTPS_PROXY) from this machine to " + r.URL}
	}
	return s, true
}

// hosts names the API and login hosts, once when they are one.
func (in *Input) hosts() string {
	if in.Target.APIURL == in.Target.LoginURL {
		return in.Target.APIURL
	}
	return in.Target.APIURL + " and " + in.Target.LoginURL
}
