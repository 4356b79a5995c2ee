package fix

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
)

// SameSubject says whether everything in the evidence that names whom a plan is for names
// the same one: the client that the user gave, tokens/me, oauth/clients, the grants, and the
// plan itself. An error names the first two that differ; then nothing may be changed.
func SameSubject(s *evidence.Snapshot, p Plan) error {
	_, want := p.Subject()
	if want == "" {
		return errors.New("the plan does not name whom it is for")
	}
	for _, g := range p.Grants {
		if !strings.EqualFold(g.SubjectID, want) {
			return fmt.Errorf("the plan is for %q and for %q", want, g.SubjectID)
		}
	}
	for _, r := range s.Requests() {
		if r.Failure != nil && r.Failure.Kind == genesys.FailureForeign {
			return fmt.Errorf("%s %s: %s", r.Method, evidence.PathOf(r.URL), r.Failure.Text)
		}
	}
	isUser, known := s.IsUserToken()
	if !known {
		return errors.New("whether the token is a client's or a person's could not be read")
	}
	client, err := sameClient(s, p)
	if err != nil {
		return err
	}
	subject := client
	if isUser {
		if !s.User.Seen() && len(p.Grants) > 0 {
			return errors.New("whose token it is could not be read")
		}
		if s.User.Seen() {
			subject = s.User.Value.ID
		}
	}
	if len(p.Grants) > 0 && !strings.EqualFold(subject, want) {
		return fmt.Errorf("the plan is for %q, the token under test is of %q", want, subject)
	}
	return sameGrants(s, subject, isUser)
}

// sameClient compares the places that name the OAuth client, and returns its id.
func sameClient(s *evidence.Snapshot, p Plan) (string, error) {
	client := s.Target.ClientID
	type named struct{ where, id string }
	var list []named
	if s.TokenInfo.Seen() && s.TokenInfo.Value.OAuthClient != nil {
		list = append(list, named{"tokens/me", s.TokenInfo.Value.OAuthClient.ID})
	}
	if s.Client.Seen() {
		list = append(list, named{"oauth/clients", s.Client.Value.ID})
	}
	if p.Scopes != nil {
		list = append(list, named{"the plan", p.Scopes.ClientID})
	}
	for _, n := range list {
		client = cmp.Or(client, n.id)
		if !strings.EqualFold(n.id, client) {
			return client, fmt.Errorf("%s names the client %q, the client under test is %q", n.where, n.id, client)
		}
	}
	return client, nil
}

// sameGrants compares the grants that were read with whose token it is.
func sameGrants(s *evidence.Snapshot, subject string, isUser bool) error {
	if !s.Grants.Seen() {
		return nil
	}
	if id := cmp.Or(s.Grants.Value.ID, subject); !strings.EqualFold(id, subject) {
		return fmt.Errorf("the grants are of %q, the token under test is of %q", id, subject)
	}
	for _, g := range s.Grants.Value.Grants {
		// A person can have grants through groups.
		if id := cmp.Or(g.SubjectID, subject); !isUser && !strings.EqualFold(id, subject) {
			return fmt.Errorf("a grant is of %q, the token under test is of %q", id, subject)
		}
	}
	return nil
}
