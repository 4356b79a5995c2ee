package checks

import (
	"strings"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// NeededOperationIsAllowed judges the operations that --need-operation names.
var NeededOperationIsAllowed = lint.Check{
	ID: catalog.NeededCheck, Group: lint.Permissions, Title: "The operations that --need-operation names are allowed", Required: true,
	Why: "The published definition says of an operation which permissions open it, all of a list or any one, and which scopes. " +
		"Without --division the home division counts, and a permission that is granted only in other divisions leaves the operation unknown. " +
		"An operation whose permissions the definition does not publish is unknown, too; one that requires a person's token is denied to client credentials.",
	Remedy: "Put the permission that the report names into a role and grant that role, in the right division, to the OAuth client. Of a list any one of which is enough, the report names the least, and the others as alternatives.",
	Needs:  []evidence.Kind{evidence.Grants, evidence.Roles, evidence.Divisions, evidence.Client, evidence.TokenInfo},
	Run: func(in *lint.Input, out *lint.Findings) {
		for _, op := range in.Judged {
			if !(catalog.NeededOperation{Path: op.Path}).SCIM() || ownFeature(op) {
				judgeNeeded(in, out, op)
			}
		}
		if out.Empty() {
			out.Skip("no operation was named with --need-operation")
		}
	},
}

// ownFeature says whether a part of a SCIM operation's work is judged here.
func ownFeature(op results.Operation) bool {
	for _, f := range op.Features {
		if f.Check == catalog.NeededCheck {
			return true
		}
	}
	return false
}

func judgeNeeded(in *lint.Input, out *lint.Findings, op results.Operation) {
	call := op.Method + " " + op.Path
	isUser, known := in.IsUserToken()
	switch {
	case known && !isUser && op.Decision == results.DecisionDenied && (strings.Contains(op.Why, genesys.CodeNotAUser) || strings.Contains(op.Why, "user context")):
		out.Fail(results.Published, lint.Suspicion{Cause: cause.UserContextRequired, Certainty: results.Confirmed, Operations: []string{op.ID},
			Because: call + " requires a person's token, and " + in.Who() + " uses client credentials: no role or scope opens it.",
			Proof:   []results.Proof{{Basis: results.Published, Text: op.Why}},
			Fix:     results.Fix{Text: "Use a person's token for this call (authorization code with PKCE), or an operation that client credentials can call"}},
			"%s is not possible with client credentials", call)
		return
	case op.Scope == results.DecisionDenied:
		judgeNeededScope(in, out, op)
	}
	for _, f := range op.Features {
		if f.Check == catalog.NeededCheck {
			judgeFeature(in, out, op, f)
		}
	}
	switch {
	case op.Decision == results.DecisionUnknown && op.Why != "":
		out.Unknown("%s: %s", call, op.Why)
	case op.Decision == results.DecisionAllowed && len(op.Features) == 0:
		out.Pass(op.Gate.Basis, "%s requires no permission", call)
	}
}

// judgeNeededScope reports an operation for which the token's scopes fall short.
func judgeNeededScope(in *lint.Input, out *lint.Findings, op results.Operation) {
	held, _ := in.TokenScopes()
	words := strings.Join(op.Scopes, " or ")
	out.Fail(results.Published, lint.Suspicion{Cause: cause.ScopeMissing, Certainty: results.Likely, Operations: []string{op.ID},
		Because: "The token lacks the scope " + words + ".",
		Proof: []results.Proof{{Basis: results.Observed, Text: "the token has " + lint.FirstOf(lint.List(held, 6), "no scope")},
			{Basis: results.Published, Text: op.Method + " " + op.Path + " requires the scope " + words}},
		Counter: []results.Proof{{Basis: results.Published, Text: "an org chooses whether scopes are enforced"}},
		Fix:     in.ScopeFix(op.Scopes...)},
		"%s %s requires the scope %s, which the token does not have", op.Method, op.Path, words)
}
