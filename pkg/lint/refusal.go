package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// TransportWords says what came instead of an answer.
func TransportWords(r evidence.Request) string {
	if r.Failure != nil {
		return r.Failure.Text
	}
	return RefusalWords(r.Refusal)
}

// SuspectTransport says which cause is behind a request that the platform did
// not answer, or put off.
func (in *Input) SuspectTransport(r evidence.Request) (Suspicion, bool) {
	limited := r.Refusal != nil && r.Refusal.Status == 429
	if !limited && (r.Failure == nil || r.Failure.Kind == genesys.FailureCanceled || r.Failure.Kind == genesys.FailureIncomplete) {
		return Suspicion{}, false
	}
	s := Suspicion{Certainty: results.Confirmed, Operations: in.dependents(r), About: []string{string(r.Kind)},
		Proof: []results.Proof{{Basis: results.Observed, Text: fmt.Sprintf("%s %s: %s", r.Method, r.URL, TransportWords(r))}}}
	if limited {
		t := in.SuspectRefusal(r.Refusal, s.Operations)
		t.Proof = s.Proof
		return t, true
	}
	switch r.Failure.Kind {
	case genesys.FailureForeign:
		s.Cause, s.Certainty = cause.ProxyAnswered, results.Possible
		s.Because = "An answer is about something else than was asked for, as a cache between here and the platform would give: " + r.Failure.Text + "."
		s.Fix = results.Fix{Text: "Let " + in.hosts() + " pass the proxy or cache"}
	case genesys.FailureNotJSON, genesys.FailureTooLarge, genesys.FailureTruncated:
		if r.CorrelationID == "" {
			return in.notThePlatform(s, r), true
		}
		// Only the platform has correlation ids: this is its own answer, in another form.
		s.Cause, s.Certainty = cause.Undetermined, results.Possible
		s.Because = "An answer of the platform does not have the published form: " + r.Failure.Text + "."
		s.Fix = results.Fix{Text: "Run again; if it is answered alike, give the correlation id to the vendor's support (scimlint check --verbose)"}
	case genesys.FailureHTML, genesys.FailureRedirect:
		return in.notThePlatform(s, r), true
	case genesys.FailureTLS:
		s.Cause = cause.NetworkUnreachable
		s.Because = "The certificate of the host is not trusted: " + r.Failure.Text + ". A proxy that inspects TLS, or a wrong clock, does this."
		s.Fix = results.Fix{Text: "Take the host out of TLS inspection, or trust the proxy's root (SSL_CERT_FILE), and check this machine's clock"}
	default:
		s.Cause = cause.NetworkUnreachable
		s.Because = "The platform could not be reached: " + r.Failure.Text + "."
		s.Fix = results.Fix{Text: "Check the name, DNS, firewall and proxy (HTTPS_PROXY) from this machine to " + r.URL}
	}
	return s, true
}

// notThePlatform is the cause where something else answered.
func (in *Input) notThePlatform(s Suspicion, r evidence.Request) Suspicion {
	s.Cause = cause.ProxyAnswered
	s.Because = "Something between here and the platform answered in its place: " + r.Failure.Text + "."
	s.Fix = results.Fix{Text: "Let " + in.hosts() + " pass the proxy or filter, or set HTTPS_PROXY to the one to use"}
	return s
}

// dependents are the needed operations that a request's answer matters for: a
// probe's is about the operation that it calls, every other answer may be about all.
func (in *Input) dependents(r evidence.Request) []string {
	switch r.Kind {
	case evidence.ReadProbe:
		return []string{readUsers}
	case evidence.WriteProbe:
		return []string{createUsers}
	case evidence.GroupProbe:
		return []string{"scim-group-edit"}
	case evidence.WorkingToken, evidence.AuditorToken, evidence.CleanUp:
		return nil
	}
	return in.IDs(false)
}

// hosts names the API and login hosts, once when they are one.
func (in *Input) hosts() string {
	if in.Target.APIURL == in.Target.LoginURL {
		return in.Target.APIURL
	}
	return in.Target.APIURL + " and " + in.Target.LoginURL
}

// grantsListAll says whether the grants list everything that the org says is missing.
func (in *Input) grantsListAll(permissions []string) bool {
	return len(permissions) > 0 && !slices.ContainsFunc(permissions, func(p string) bool { return in.Holds(p).Reason != Disagree })
}

// SuspectRefusal says which cause is behind a refusal of a SCIM call. The code
// decides, then what the refusal names; words come last.
func (in *Input) SuspectRefusal(r *genesys.Refusal, operations []string) Suspicion {
	s := Suspicion{Cause: cause.Undetermined, Certainty: results.Possible, Operations: operations,
		Because: "The org refuses without saying why.",
		Proof:   []results.Proof{{Text: "the org refused: " + RefusalWords(r), Basis: results.Observed}},
		Fix:     results.Fix{Text: "Ask the vendor's support with the correlation id of the refused request (scimlint check --verbose)"}}
	switch {
	case r.Code == genesys.CodeAppNotAuthorizedForScope:
		return in.SuspectScope(r, operations)
	case OfDivision(r):
		s = in.suspectDivision(r, s)
	case MissingPermission(r):
		s = in.suspectMissing(r, s)
	case r.Code == genesys.CodeAuthzPolicyDenied:
		s.Cause, s.Certainty = cause.PolicyDenies, results.Confirmed
		s.Because = "An attribute-based policy of the org denies the call: " + in.policyNames(r.PolicyIDs) + "."
		s.Fix = results.Fix{Text: "Exclude " + in.Who() + " from the policy " + in.policyNames(r.PolicyIDs) + ", or turn the policy off", Where: AdminPolicies}
	case r.Code == genesys.CodeIPNotAuthorized:
		return in.SuspectIP(r)
	case r.Code == genesys.CodeCredentialsExpired:
		s.Cause, s.Certainty, s.Because = cause.TokenExpired, results.Confirmed, "The token has expired."
		s.Fix = results.Fix{Text: "Get a new token"}
	case r.Status == 404:
		s.Because = "What answers at " + in.Target.APIURL + " does not know the published SCIM path."
		s.Fix = results.Fix{Text: "Make sure that " + in.Target.APIURL + " is the region's API host"}
	case r.Status == 429:
		s.Cause, s.Certainty = cause.RateLimited, results.Confirmed
		s.Because = "The org answers 429: too many requests."
		s.Fix = results.Fix{Text: "Wait as long as Retry-After says and run again; send the calls no faster than the org's rate limit"}
	}
	return s
}

// OfDivision says whether a refusal is about where a permission is granted.
func OfDivision(r *genesys.Refusal) bool {
	return strings.Contains(r.Code, "division") || len(r.Divisions) > 0
}

// AnyOf says whether one of the permissions that a refusal names is enough.
func AnyOf(r *genesys.Refusal) bool {
	return strings.Contains(r.Code, ".any.") || strings.Contains(strings.ToLower(r.Message), "at least one of")
}

// Enough are those of the permissions that a refusal names which end it: all of them, or,
// where any one is enough, the one that allows least. explain, check and fix advise it.
func Enough(r *genesys.Refusal, method, path string) []string {
	if !AnyOf(r) || len(r.Permissions) < 2 {
		return r.Permissions
	}
	return catalog.Least(method, path, r.Permissions)[:1]
}

// Ending are the permissions whose grant ends a refusal: those of the named ones that
// the plan grants, where any one is enough, and else what Enough says.
func (in *Input) Ending(r *genesys.Refusal, method, path string) []string {
	if AnyOf(r) {
		missing := in.Plan().Missing
		if planned := slices.DeleteFunc(slices.Clone(r.Permissions), func(p string) bool { return !slices.Contains(missing, p) }); len(planned) > 0 {
			return planned
		}
	}
	return Enough(r, method, path)
}

// ending is Ending for a call of these needed operations.
func (in *Input) ending(r *genesys.Refusal, operations []string) []string {
	for _, op := range in.Needed {
		if slices.Contains(operations, op.ID) {
			return in.Ending(r, op.Method, op.Path)
		}
	}
	return in.Ending(r, "", "")
}

// suspectDivision judges a refusal in a division: the answer does not say whether the
// subject has the permission anywhere else, so it is likely until the grants show it.
func (in *Input) suspectDivision(r *genesys.Refusal, s Suspicion) Suspicion {
	s.Cause, s.Certainty = cause.DivisionNotCovered, results.Likely
	s.Because = "The org says that " + in.Who() + " does not have " + OrUnnamed(r.Permissions) + " in the division of the request" + in.divisionWords(r.Divisions) + "."
	s.Fix = results.Fix{Text: "Grant the role in that division, or in all divisions", Where: in.RolesPath(), Permissions: r.Permissions}
	switch in.heldAnywhere(r) {
	case authz.Allowed:
		s.Certainty = results.Confirmed
	case authz.Denied:
		s.Cause, s.Certainty = cause.RoleLacksPermission, results.Confirmed
		s.Because = in.Who() + " does not have " + OrUnnamed(r.Permissions) + " in any division; the org says so of the division of the request" + in.divisionWords(r.Divisions) + "."
		s.Lacks = in.ending(r, s.Operations)
	}
	missing := in.Plan().Missing
	if planned := slices.DeleteFunc(slices.Clone(missing), func(p string) bool { return len(r.Permissions) > 0 && !slices.Contains(r.Permissions, p) }); len(planned) > 0 {
		s.Lacks = planned
	}
	s.plan(in)
	return s
}

// heldAnywhere decides the permissions that a refusal names, wherever they are granted.
func (in *Input) heldAnywhere(r *genesys.Refusal) authz.Answer {
	if len(r.Permissions) == 0 {
		return authz.Unknown
	}
	var answers []authz.Answer
	for _, p := range r.Permissions {
		answers = append(answers, authz.Answer(in.HoldsAnywhere(p).Decision))
	}
	return authz.Combine(!AnyOf(r), answers)
}

// suspectMissing names the permissions that a refusal says are missing, and
// compares them with the grants. It is likely where none is named: an answer that does not
// say what is missing does not say that it is a permission of a role.
func (in *Input) suspectMissing(r *genesys.Refusal, s Suspicion) Suspicion {
	s.Cause, s.Certainty = cause.RoleLacksPermission, results.Confirmed
	s.Because = "The org says that " + in.Who() + " does not have " + OrUnnamed(r.Permissions) + "."
	if len(r.Permissions) == 0 {
		s.Certainty = results.Likely
		s.Because = "The org says that the permissions of " + in.Who() + " do not suffice, and does not say which one is missing."
	}
	s.Fix, s.Lacks = in.GrantFix(), in.ending(r, s.Operations)
	if in.grantsListAll(r.Permissions) {
		s.Cause, s.Certainty, s.Lacks = cause.Undetermined, results.Possible, nil
		s.Because = "The org says that " + in.Who() + " does not have " + OrUnnamed(r.Permissions) + ", and its grants list that."
		s.Fix = results.Fix{Text: "Run again with a new token: a token does not show grants that are newer. If the answers still contradict each other, give the vendor's support the correlation id (scimlint check --verbose)"}
	}
	for _, text := range r.Permissions {
		if h := in.HoldsAnywhere(text); h.Note != "" {
			s.Counter = append(s.Counter, results.Proof{Basis: results.Observed, Text: h.Note})
		}
		if in.permissionUnknown(text) {
			s.Cause = cause.PermissionNotAvailable
			s.Because = "The org requires " + text + " and does not know a permission of this name."
			s.Fix, s.Lacks = AskVendor(text), nil
		}
	}
	s.plan(in)
	return s
}

// AskVendor is the fix for a permission that the org does not know.
func AskVendor(permission string) results.Fix {
	return results.Fix{Text: "Ask the vendor whether " + permission + " is part of this org's license, or in beta, or has another name here"}
}

// divisionWords names divisions by what the org lists of them, else by id.
func (in *Input) divisionWords(ids []string) string {
	var names []string
	for _, id := range ids {
		if d, ok := in.findDivision(id); ok {
			id = d.Name
		}
		names = append(names, Quote(id))
	}
	if len(names) == 0 {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// OrUnnamed joins permissions of which one is enough.
func OrUnnamed(permissions []string) string {
	if len(permissions) == 0 {
		return "a permission that it does not name"
	}
	return strings.Join(permissions, " or ")
}

// policyNames names policies by what the org lists of them, else by id.
func (in *Input) policyNames(ids []string) string {
	names := slices.Clone(ids)
	for i, id := range names {
		if in.Policies.Seen() {
			for _, p := range *in.Policies.Value {
				if p.ID == id && p.Name != "" {
					names[i] = Quote(p.Name) + " (" + id + ")"
				}
			}
		}
	}
	if len(names) == 0 {
		return "it does not say which"
	}
	return strings.Join(names, ", ")
}

// SuspectIP is the cause behind a refusal of the address.
func (in *Input) SuspectIP(r *genesys.Refusal) Suspicion {
	s := addressRefused(r)
	s.Operations = in.IDs(false)
	return s
}

func addressRefused(r *genesys.Refusal) Suspicion {
	return Suspicion{Cause: cause.IPNotAllowed, Certainty: results.Confirmed,
		Because: "The org's IP allowlist does not let in the address " + FirstOf(r.IP, "that this request came from") + ".",
		Proof:   []results.Proof{{Text: "the org refused: " + RefusalWords(r), Basis: results.Observed}},
		Fix:     results.Fix{Text: "Add " + FirstOf(r.IP, "the address") + " to the allowlist, or send the calls from an address that is on it", Where: AdminIPs}}
}

// SuspectRefusal says which cause is behind a refusal of which nothing else is
// known: no org was asked.
func SuspectRefusal(r *genesys.Refusal, operations []string) Suspicion {
	in := NewInput(&evidence.Snapshot{Target: evidence.Target{TokenSupplied: true, APIURL: "the region's API host", LoginURL: "https://login.<domain>"}}, Options{Needs: catalog.DefaultNeeds()})
	s := in.SuspectRefusal(r, operations)
	if r.Code == genesys.CodeBadCredentials {
		s = in.SuspectDeadToken(r)
	}
	s.Operations = operations
	return s
}

// SuspectDeadToken is the cause behind a 401 that the API gave the token.
func (in *Input) SuspectDeadToken(r *genesys.Refusal) Suspicion {
	s := Suspicion{Cause: cause.TokenExpired, Certainty: results.Likely, Operations: in.IDs(false),
		Because: "The API does not accept the token that was supplied: it has expired or was revoked.",
		Proof:   []results.Proof{{Text: "the API answered: " + RefusalWords(r), Basis: results.Observed}},
		Fix:     results.Fix{Text: "Get a new token from " + in.Target.LoginURL + genesys.TokenPath}}
	switch {
	case r.Code == genesys.CodeCredentialsExpired:
		s.Certainty, s.Because = results.Confirmed, "The token has expired."
		if skew := in.Skew(); Abs(skew) > TolerableSkew {
			s.Cause = cause.ClockSkew
			s.Because = fmt.Sprintf("This machine's clock is %s, so a token is kept past its end; the org says that it has expired.", SkewWords(skew))
			s.Proof = append(s.Proof, results.Proof{Basis: results.Observed, Text: "the Date of the org's answers differs from this machine's clock by " + Abs(skew).String()})
			s.Fix = results.Fix{Text: "Set this machine's clock (NTP), then get a new token"}
		}
	case !in.Target.TokenSupplied:
		s.Cause = cause.WrongRegion
		s.Because = "The API does not take a token that the login host gave a moment ago: " + in.Target.APIURL + " and " + in.Target.LoginURL + " may be of different regions, or the client was disabled meanwhile."
		s.Fix = results.Fix{Text: "Use the API host and the login host of one region"}
	default:
		s.Counter = []results.Proof{{Basis: results.Published, Text: "a token of another region and a token of a disabled client are refused in the same way"}}
	}
	return s
}
