package lint

import (
	"fmt"
	"strings"

	"github.com/scimlint/scimlint/pkg/genesys"
)

// ChangesOfAccess are the entries of the org's audit log that touch the client,
// the roles that it has, or a policy that concerns it, the latest first.
func (in *Input) ChangesOfAccess() []genesys.Change {
	if !in.Changes.Seen() {
		return nil
	}
	concerned := map[string]bool{}
	put := func(id string) {
		if id != "" && id != "*" {
			concerned[strings.ToLower(id)] = true
		}
	}
	if client, _ := in.OAuthClient(); client != nil {
		put(client.ID)
	}
	put(in.Target.ClientID)
	for _, g := range in.Subject.Grants {
		put(g.Role.ID)
	}
	for _, v := range in.PolicyVerdicts(in.NeededPermissions()) {
		put(v.Policy.ID)
	}
	var out []genesys.Change
	for _, c := range *in.Changes.Value {
		touches := concerned[strings.ToLower(c.Entity.ID)]
		for _, e := range c.Entities {
			touches = touches || concerned[strings.ToLower(e.ID)]
		}
		for _, p := range c.Properties {
			for _, v := range append(append([]string{}, p.Old...), p.New...) {
				touches = touches || concerned[strings.ToLower(v)]
			}
		}
		if touches && !strings.EqualFold(c.Status, "FAILURE") {
			out = append(out, c)
		}
	}
	return out
}

// ChangeWords puts a change in one sentence: when, who, what.
func ChangeWords(c genesys.Change) string {
	who := "somebody"
	switch {
	case c.User != nil && FirstOf(c.User.Name, c.User.ID) != "":
		who = FirstOf(c.User.Name, c.User.ID)
	case c.Client != nil && FirstOf(c.Client.Name, c.Client.ID) != "":
		who = "the OAuth client " + FirstOf(c.Client.Name, c.Client.ID)
	}
	text := fmt.Sprintf("%s: %s by %s: %s %s", c.Date.UTC().Format("2006-01-02 15:04 MST"), strings.ToLower(c.Action), who, c.EntityType, Quote(FirstOf(c.Entity.Name, c.Entity.ID)))
	for _, p := range c.Properties {
		text += fmt.Sprintf("; %s from %s to %s", p.Property, valueWords(p.Old), valueWords(p.New))
	}
	for _, e := range c.Entities {
		text += fmt.Sprintf("; %s %s from %s to %s", e.Type, Quote(FirstOf(e.Name, e.ID)), valueWords(e.Old), valueWords(e.New))
	}
	return text
}

func valueWords(values []string) string {
	if len(values) == 0 {
		return "nothing"
	}
	return List(values, 4)
}
