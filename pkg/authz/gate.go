package authz

import "slices"

// Combine says whether an endpoint's access check lets a subject pass that has
// the permissions of a list as answered: all of them, or any one. A check of no
// permissions lets everyone pass.
func Combine(all bool, answers []Answer) Answer {
	has := func(a Answer) bool { return slices.Contains(answers, a) }
	switch {
	case len(answers) == 0:
		return Allowed
	case all && has(Denied):
		return Denied
	case all && has(Unknown):
		return Unknown
	case all || has(Allowed):
		return Allowed
	case has(Unknown):
		return Unknown
	}
	return Denied
}
