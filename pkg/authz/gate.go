package authz

// DecideGate says whether the subject passes a gate that asks for any or for
// all of the permissions, in any division: a gate looks at what the token
// holds before it looks at what the request touches. A gate without
// permissions lets everyone pass. The second result are the single decisions,
// in the order of the permissions.
func (s Subject) DecideGate(all bool, permissions []string) (Answer, []Decision) {
	decisions := make([]Decision, 0, len(permissions))
	count := map[Answer]int{}
	for _, text := range permissions {
		p, err := ParsePermission(text)
		if err != nil {
			decisions = append(decisions, Decision{Permission: text, Answer: Unknown, Reason: NotHeld})
			count[Unknown]++
			continue
		}
		d := s.Decide(p, AnyDivision)
		decisions = append(decisions, d)
		count[d.Answer]++
	}
	switch {
	case len(permissions) == 0:
		return Allowed, decisions
	case all && count[Denied] > 0:
		return Denied, decisions
	case all && count[Unknown] > 0:
		return Unknown, decisions
	case all || count[Allowed] > 0:
		return Allowed, decisions
	case count[Unknown] > 0:
		return Unknown, decisions
	}
	return Denied, decisions
}
