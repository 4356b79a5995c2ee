package checks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// RefusalsFitTheEvidence compares refusals that someone supplied with what the
// org says now.
var RefusalsFitTheEvidence = lint.Check{
	ID: "refusals-fit-the-evidence", Group: lint.Reach, Title: "The supplied refusals fit what the org says",
	Why: "A refusal is of one moment, one token and one host. When the org now lists what the refusal says is lacking, it was granted since, " +
		"or the refused token was older, or another client's, or of another org: looking at roles again would not find that.",
	Remedy: "Where they fit, follow the cause. Where they contradict each other, get a new token of this very client and send the refused request again.",
	Needs:  []evidence.Kind{evidence.Grants, evidence.TokenInfo, evidence.Policies},
	Run: func(in *lint.Input, out *lint.Findings) {
		for _, r := range in.Opts.Refusals {
			judgeRefusal(in, out, r)
		}
		if len(in.Opts.Refusals) == 0 {
			out.Skip("no refusal was supplied (--refusal)")
		}
	},
}

func judgeRefusal(in *lint.Input, out *lint.Findings, r results.Refusal) {
	switch {
	case len(r.Causes) > 0 && slices.Contains([]cause.ID{cause.AuthorizationMalformed, cause.WrongPath, cause.ProxyAnswered}, cause.ID(r.Causes[0].ID)):
		c := r.Causes[0]
		out.Fail(results.Reported, lint.Suspicion{Cause: cause.ID(c.ID), Certainty: c.Certainty, Operations: in.IDs(false), Because: c.Explanation, Proof: c.Proof, Fix: c.Fix, Brought: true},
			"%s was sent wrongly: %s", refusedCall(r), c.Explanation)
	case in.OtherHost(r.URL) != "":
		out.Fail(results.Reported, lint.Suspicion{Cause: cause.WrongRegion, Certainty: results.Likely, Brought: true, Operations: in.IDs(false),
			Because: "The refused call went to " + in.OtherHost(r.URL) + "; the org that was looked at answers on " + in.Target.APIURL + ".",
			Fix:     results.Fix{Text: "Let the integration call " + in.Target.APIURL}},
			"%s went to %s, not to %s", refusedCall(r), in.OtherHost(r.URL), in.Target.APIURL)
	case lint.FromTokenEndpoint(r.Code):
		judgeRefusedAcquisition(in, out, r)
	case r.Code == genesys.CodeAppNotAuthorizedForScope:
		judgeRefusedScope(in, out, r)
	case len(r.Named.Permissions) > 0:
		judgeRefusedPermission(in, out, r)
	case r.Code == genesys.CodeAuthzPolicyDenied:
		judgeRefusedPolicy(in, out, r)
	case r.Status == 401:
		judgeRefusedToken(in, out, r)
	default:
		out.Warn(results.Reported, results.Fix{Text: r.Next}, "%s names nothing that could be compared with the org", refusedCall(r))
	}
}

// refusedCall puts a refusal in a few words, with the id that support asks for.
func refusedCall(r results.Refusal) string {
	text := strings.TrimSpace(strings.Join([]string{"the refused", r.Method, r.URL}, " "))
	text += fmt.Sprintf(" (%s", strings.TrimSpace(lint.Itoa(r.Status)+" "+r.Code))
	if len(r.CorrelationIDs) > 0 {
		text += ", correlation id " + r.CorrelationIDs[0]
	}
	return text + ")"
}

// judgeRefusedPermission compares the permissions that a refusal names with what
// is decided of them now.
func judgeRefusedPermission(in *lint.Input, out *lint.Findings, r results.Refusal) {
	permissions := r.Named.Permissions
	names := lint.OrUnnamed(permissions)
	operations := []string{}
	if r.Operation != nil {
		operations = operationsOf(in, r)
	}
	s := lint.Suspicion{Cause: cause.RoleLacksPermission, Certainty: results.Confirmed, Operations: operations, Lacks: ending(in, r), About: permissions, Brought: true,
		Because: "The org refused because " + names + " was missing, and it still is.",
		Proof:   []results.Proof{{Basis: results.Reported, Text: refusedCall(r) + " names " + names}, {Basis: results.Observed, Text: in.GrantWords()}}}
	division := lint.OfDivision(&genesys.Refusal{Code: r.Code, Divisions: r.Named.Divisions})
	switch held, how := heldNow(in, permissions, !lint.AnyOf(&genesys.Refusal{Code: r.Code, Message: r.Message})); {
	case held == authz.Allowed && division:
		out.Warn(results.Observed, results.Fix{Text: "Name the division of the user with --division"}, "%s says that %s is not granted in the user's division; it is granted: %s", refusedCall(r), names, how)
	case held == authz.Allowed:
		out.Warn(results.Observed, newTokenFix(in), "%s does not fit what the org says now: it says that %s is missing, and the org lists %s. It was granted since, or the refused token was older, another client's, or of another org",
			refusedCall(r), names, how)
	case held == authz.Denied && unknownHere(in, permissions) != "":
		name := unknownHere(in, permissions)
		s.Cause, s.Fix, s.Lacks = cause.PermissionNotAvailable, lint.AskVendor(name), nil
		s.Because = "The org refused because " + names + " was missing, and does not know a permission " + name + ": no role can include it."
		out.Fail(results.Observed, s, "%s names %s, which the org does not know", refusedCall(r), name)
	case held == authz.Denied:
		out.Fail(results.Observed, s, "%s fits what the org says now: %s does not have %s", refusedCall(r), in.Who(), names)
	default:
		if division {
			s.Cause, s.Certainty = cause.DivisionNotCovered, results.Likely
		}
		s.Because = "The org refused because " + names + " was missing; what is granted now could not be read."
		out.UnknownSuspect(s, "%s names %s, and what is granted now could not be read", refusedCall(r), names)
	}
}

// unknownHere is the first permission that the org does not know; empty where it knows all.
func unknownHere(in *lint.Input, permissions []string) string {
	for _, p := range permissions {
		if in.HoldsAnywhere(p).Reason == lint.NotAvailable {
			return p
		}
	}
	return ""
}

// ending are the permissions that would have ended a refusal.
func ending(in *lint.Input, r results.Refusal) []string {
	method, path := r.Method, r.URL
	if r.Operation != nil {
		method, path = r.Operation.Method, r.Operation.Path
	}
	return in.Ending(&genesys.Refusal{Code: r.Code, Message: r.Message, Permissions: r.Named.Permissions}, method, path)
}

// heldNow decides the permissions of a refusal as the run sees them, and names the
// first one that is granted.
func heldNow(in *lint.Input, permissions []string, all bool) (answer authz.Answer, how string) {
	var answers []authz.Answer
	for _, p := range permissions {
		h := in.HoldsAnywhere(p)
		answers = append(answers, authz.Answer(h.Decision))
		if h.Decision == results.DecisionAllowed && how == "" {
			how = p
			if len(h.Proof) > 0 {
				how += ", " + lint.Chain(lint.Links(h.Proof)[0])
			}
		}
	}
	return authz.Combine(all, answers), how
}

// operationsOf names the needed operations that a refused call was of.
func operationsOf(in *lint.Input, r results.Refusal) []string {
	if op, ok := catalog.NeededBy(in.Opts.Needs, r.Operation.Method, r.Operation.Path); ok {
		return []string{op.ID}
	}
	called := catalog.NeededOperation{Method: r.Operation.Method, Path: r.Operation.Path}
	for _, op := range in.Needed {
		if op.Same(called) {
			return []string{op.ID}
		}
	}
	return []string{}
}

func newTokenFix(in *lint.Input) results.Fix {
	return results.Fix{Text: "Get a new token of " + in.ClientName() + " and send the refused request again"}
}

func judgeRefusedScope(in *lint.Input, out *lint.Findings, r results.Refusal) {
	held, known := in.TokenScopes()
	if known && lint.HasAny(held, r.Named.Scopes...) {
		out.Warn(results.Observed, newTokenFix(in), "%s contradicts the org: it says that the scope %s is lacking, and the token that was judged has it. The refused token was another one",
			refusedCall(r), strings.Join(r.Named.Scopes, " or "))
		return
	}
	s := in.SuspectScope(&genesys.Refusal{Kind: genesys.RefusalAPI, Status: r.Status, Code: r.Code, Message: r.Message, Scopes: r.Named.Scopes}, in.IDs(true))
	s.Brought = true
	out.Fail(results.Reported, s, "%s fits what the org says: the token does not have the scope %s", refusedCall(r), strings.Join(r.Named.Scopes, " or "))
}

func judgeRefusedPolicy(in *lint.Input, out *lint.Findings, r results.Refusal) {
	if !in.Policies.Seen() {
		out.Unknown("%s names the policy %s, and the org's policies could not be read", refusedCall(r), strings.Join(r.Named.PolicyIDs, ", "))
		return
	}
	for _, v := range in.PolicyVerdicts(in.NeededPermissions()) {
		if slices.Contains(r.Named.PolicyIDs, v.Policy.ID) && v.Decision != results.DecisionAllowed {
			s := in.SuspectRefusal(&genesys.Refusal{Status: r.Status, Code: r.Code, Message: r.Message, PolicyIDs: r.Named.PolicyIDs}, in.OperationsOn(v.Permissions))
			s.Brought = true
			out.Fail(results.Observed, s, "%s fits what the org says now: the policy %q is in force", refusedCall(r), v.Label())
			return
		}
	}
	out.Warn(results.Observed, newTokenFix(in), "%s contradicts the org: the policy %s is not in force against %s now", refusedCall(r), strings.Join(r.Named.PolicyIDs, ", "), in.Who())
}

// judgeRefusedAcquisition compares a refusal of the token endpoint with what it answers
// this run.
func judgeRefusedAcquisition(in *lint.Input, out *lint.Findings, r results.Refusal) {
	switch {
	case in.Target.TokenSupplied:
		out.Unknown("%s is of the token endpoint, which this run did not ask: its token was supplied", refusedCall(r))
	case !in.Token.Seen():
		out.Warn(results.Observed, results.Fix{Text: r.Next}, "%s is of the token endpoint, which refuses this run, too", refusedCall(r))
	default:
		out.Warn(results.Observed, results.Fix{Text: "Let the integration use the client id, the secret and the region of this run, and send grant_type=client_credentials as a form"},
			"%s is of the token endpoint, which gives this run a token: the refused request had another id, secret, region or form", refusedCall(r))
	}
}

func judgeRefusedToken(in *lint.Input, out *lint.Findings, r results.Refusal) {
	switch {
	case in.Unauthenticated() != nil || !in.Token.Seen():
		out.Unknown("%s: the org does not take the token that was judged either", refusedCall(r))
	case r.Named.IP != "":
		out.Warn(results.Observed, results.Fix{Text: "Add " + r.Named.IP + " to the allowlist", Where: lint.AdminIPs},
			"%s came from %s, which the org does not let in; it lets this machine in", refusedCall(r), r.Named.IP)
	default:
		out.Warn(results.Observed, newTokenFix(in), "%s is of a token that the org did not accept; it accepts the one that was judged", refusedCall(r))
	}
}
