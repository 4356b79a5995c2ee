package checks

import (
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// suspectRefusal says which cause is behind a refusal of a SCIM call. The code
// decides, then what the refusal names; words come last.
func (in *Input) suspectRefusal(r *genesys.Refusal, operations []string) results.Suspicion {
	s := results.Suspicion{Cause: "undetermined", Certainty: results.Possible, Operations: operations,
		Because: "The org refuses without saying why.",
		Proof:   []results.Proof{{Text: "the org refused: " + refusalWords(r), Basis: results.Observed}},
		Fix:     results.Fix{Text: "Ask the vendor's support with the correlation id of the refused request (scimlint check --verbose)"}}
	switch {
	case r.Code == genesys.CodeAppNotAuthorizedForScope:
		return in.suspectScope(r, operations)
	case strings.Contains(r.Code, "division"):
		s.Cause, s.Certainty = "division-not-covered", results.Confirmed
		s.Because = "The org says that " + in.Who() + " may not do this in the division of the request."
		s.Fix = results.Fix{Text: "Grant the role in that division, or in all divisions", Where: in.rolesPath(), Permissions: r.Permissions}
	case missingPermission(r):
		s = in.suspectMissing(r, s)
	case r.Code == genesys.CodeAuthzPolicyDenied:
		s.Cause, s.Certainty = "abac-policy-denies", results.Confirmed
		s.Because = "An attribute-based policy of the org denies the call: " + in.policyNames(r.PolicyIDs) + "."
		s.Fix = results.Fix{Text: "Exclude " + in.Who() + " from the policy " + in.policyNames(r.PolicyIDs) + ", or turn the policy off", Where: adminPolicies}
	case r.Code == genesys.CodeIPNotAuthorized:
		return in.suspectIP(r)
	case r.Code == genesys.CodeCredentialsExpired:
		s.Cause, s.Certainty, s.Because = "token-expired", results.Confirmed, "The token has expired."
		s.Fix = results.Fix{Text: "Get a new token"}
	case r.Status == 404:
		s.Because = "What answers at " + in.Target.APIURL + " does not know the published SCIM path."
		s.Fix = results.Fix{Text: "Make sure that " + in.Target.APIURL + " is the region's API host"}
	case r.Status == 429:
		s.Cause, s.Certainty = "rate-limited", results.Confirmed
		s.Because = "The org answers 429: too many requests."
		s.Fix = results.Fix{Text: "Wait as long as Retry-After says and run again; slow the migration down to the org's rate limit"}
	}
	return s
}

// suspectMissing names the permissions that a refusal says are missing, and
// holds them against the grants.
func (in *Input) suspectMissing(r *genesys.Refusal, s results.Suspicion) results.Suspicion {
	s.Cause, s.Certainty = "role-lacks-permission", results.Confirmed
	s.Because = "The org says that " + in.Who() + " lacks " + orUnnamed(r.Permissions) + "."
	s.Fix = in.grantFix(r.Permissions[:min(1, len(r.Permissions))])
	for _, text := range r.Permissions {
		p, err := authz.ParsePermission(text)
		if err != nil {
			continue
		}
		if d := in.Subject.Decide(p, authz.AnyDivision); d.Answer == authz.Allowed {
			s.Counter = append(s.Counter, results.Proof{Basis: results.Observed,
				Text: "the grants do list " + text + " (" + chain(links(d.Proof)[0]) + "): it may have been granted after the token was issued; a new token tells"})
		}
	}
	return s
}

func orUnnamed(permissions []string) string {
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
					names[i] = quote(p.Name) + " (" + id + ")"
				}
			}
		}
	}
	if len(names) == 0 {
		return "it does not say which"
	}
	return strings.Join(names, ", ")
}

func (in *Input) suspectIP(r *genesys.Refusal) results.Suspicion {
	return results.Suspicion{Cause: "ip-not-allowed", Certainty: results.Confirmed, Operations: in.IDs(false),
		Because: "The org's IP allowlist does not let in the address " + firstOf(r.IP, "that this request came from") + ".",
		Proof:   []results.Proof{{Text: "the org refused: " + refusalWords(r), Basis: results.Observed}},
		Fix:     results.Fix{Text: "Add " + firstOf(r.IP, "the address") + " to the allowlist, or run the migration from an address that is on it", Where: adminIPs}}
}

// grantFix says how to get permissions to the subject.
func (in *Input) grantFix(permissions []string) results.Fix {
	text := "Put " + strings.Join(permissions, ", ") + " into a role (" + adminRoles + ") and grant that role to " + in.Who()
	if len(permissions) == 0 {
		text = "Grant a role that carries the missing permission to " + in.Who()
	}
	return results.Fix{Text: text, Where: in.rolesPath(), Permissions: permissions}
}

// SuspectRefusal says which cause is behind a refusal of which nothing else is
// known: no org was asked.
func SuspectRefusal(r *genesys.Refusal, operations []string) results.Suspicion {
	in := NewInput(&evidence.Snapshot{Target: evidence.Target{TokenSupplied: true, APIURL: "the region's API host", LoginURL: "https://login.<domain>"}}, Options{Needs: catalog.DefaultNeeds()})
	var s results.Suspicion
	switch {
	case r.Kind == genesys.RefusalOAuth:
		s = in.suspectToken(r)
		if s.Cause == "wrong-region" {
			s.Because = "The region that was asked has no OAuth client of this id."
		}
	case r.Code == genesys.CodeBadCredentials:
		s = in.suspectDeadToken(r)
	default:
		s = in.suspectRefusal(r, operations)
	}
	s.Operations = operations
	return s
}
