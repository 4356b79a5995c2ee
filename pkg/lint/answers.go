package lint

import (
	"strings"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
)

// answer is what the org answered to one operation in this run: with a success, with a
// refusal of access, or not so that it says either; failure says how, in a sentence.
type answer struct {
	answered bool
	refusal  *genesys.Refusal
	failure  string
}

// answerTo is what the org answered to calls of an operation that the token under
// test made in this run. Only the call itself settles itself: one path's answer
// says nothing of another's.
func (in *Input) answerTo(method, path string) answer {
	if in.answers == nil {
		in.answers = map[string]answer{}
		for _, r := range in.Requests() {
			if OfToken(r) && r.Kind != evidence.CleanUp {
				in.note(r)
			}
		}
	}
	return in.answers[callKey(method, path)]
}

// callKey names an operation; SCIM's two base paths lead to the same endpoints.
func callKey(method, path string) string {
	if rest, ok := strings.CutPrefix(path, catalog.SCIMBaseUnversioned); ok {
		path = "scim:" + strings.TrimPrefix(rest, "/v2")
	}
	return method + " " + path
}

// ReadAnswered says whether the read probe was answered with a SCIM list.
func (in *Input) ReadAnswered() bool {
	return in.ReadProbe.Seen() && in.ReadProbe.Value.TotalResults != nil
}

// Requests returns every call of the run; the list is made once.
func (in *Input) Requests() []evidence.Request {
	if in.requests == nil {
		in.requests = in.Snapshot.Requests()
	}
	return in.requests
}

// note files what one request showed under the operation that it called. Of
// several calls of one operation a success counts before a failure: a missing
// object is no refusal.
func (in *Input) note(r evidence.Request) {
	key := in.called(r)
	if key == "" {
		return
	}
	a := in.answers[key]
	switch {
	case r.Kind == evidence.WriteProbe && (r.Refusal == nil || r.Refusal.Status != 403 && r.Refusal.Status != 401):
		// A body that cannot create anyone proves nothing of one that can.
		if r.Failure != nil {
			a.failure = failureWords(r.Failure)
		}
	case r.OK() && r.Kind == evidence.ReadProbe && !in.ReadAnswered():
		a.failure = "what answered this call is not the platform: the answer is not a SCIM list"
	case r.OK():
		a.answered = true
	case r.Refusal != nil && (r.Refusal.Status == 403 || r.Refusal.Code == genesys.CodeNotAUser || r.Refusal.Status == 401 && isProbe(r.Kind)):
		a.refusal = r.Refusal
	case r.Failure != nil && r.Failure.Kind != genesys.FailureCanceled:
		a.failure = failureWords(r.Failure)
	case r.Refusal != nil && r.Kind == evidence.ReadProbe:
		a.failure = "the org answered this call neither with success nor with a refusal of access: " + RefusalWords(r.Refusal)
	}
	if a.answered {
		a.refusal, a.failure = nil, ""
	}
	in.answers[key] = a
}

func isProbe(k evidence.Kind) bool {
	return k == evidence.ReadProbe || k == evidence.WriteProbe || k == evidence.GroupProbe
}

// failureWords says that a call was not answered, or by something else.
func failureWords(f *genesys.Failure) string {
	switch f.Kind {
	case genesys.FailureNetwork, genesys.FailureTimeout, genesys.FailureTLS:
		return "this call was not answered: " + f.Text
	}
	return "what answered this call is not the platform: " + f.Text
}

// scimRefused is the 401 that the platform gave to a read of SCIM: it may do the same to every
// call of SCIM.
func (in *Input) scimRefused() *genesys.Refusal {
	if r := in.ReadProbe.Refused(); r != nil && r.Status == 401 {
		return r
	}
	return nil
}

// called names the operation that a request of the run called; empty for one that
// the catalogue does not know.
func (in *Input) called(r evidence.Request) string {
	switch r.Kind {
	case evidence.ReadProbe:
		return "GET scim:/users"
	case evidence.GroupProbe:
		return "GET scim:/groups"
	case evidence.WriteProbe:
		return "POST scim:/users"
	}
	op, ok := catalog.Default().Match(r.Method, evidence.PathOf(r.URL))
	if !ok {
		return ""
	}
	return callKey(op.Method, op.Path)
}
