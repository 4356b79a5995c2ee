package checks

import (
	"fmt"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// WorkingTokenIsTheClients compares the token under test with one that is said
// to work elsewhere.
var WorkingTokenIsTheClients = lint.Check{
	ID: "working-token-is-the-clients", Group: lint.Token, Title: "The token that works elsewhere is the same client's",
	Why: "\"The token works elsewhere\" usually means another token: a person's, whose roles the client does not share. " +
		"Given both, scimlint compares whose they are and what is granted to each.",
	Remedy: "Grant to the OAuth client the role that the person has. Give the other token with --working-token-file.",
	Needs:  []evidence.Kind{evidence.WorkingToken, evidence.TokenInfo, evidence.Grants},
	Run:    judgeWorking,
}

func judgeWorking(in *lint.Input, out *lint.Findings) {
	w := in.Working
	if w == nil {
		out.Skip("no other token was given (--working-token-file)")
		return
	}
	mine, _ := in.OAuthClient()
	switch {
	case !w.TokenInfo.Seen() || w.TokenInfo.Value.OAuthClient == nil:
		out.Unknown("the org does not say whose the other token is: %s", w.TokenInfo.WhyUnseen())
	case w.User.Seen():
		judgeWorkingUser(in, out, w)
	case mine != nil && w.TokenInfo.Value.OAuthClient.ID != mine.ID:
		out.Warn(results.Observed, results.Fix{Text: "Grant to " + in.ClientName() + " what the other client has", Where: in.ClientPath("Roles")},
			"the token that works is of another client, %q: its roles do not count for %s", w.TokenInfo.Value.OAuthClient.Name, in.ClientName())
	default:
		out.Pass(results.Observed, "both tokens are of %s", in.ClientName())
	}
}

// judgeWorkingUser is the migration thread's case: the token that worked is a
// person's, and the role sits on that person.
func judgeWorkingUser(in *lint.Input, out *lint.Findings, w *evidence.Working) {
	name := w.User.Value.Name
	roles, permissions, operations := rolesOnUser(in, w)
	if in.User.Seen() || len(operations) == 0 {
		out.Warn(results.Observed, results.Fix{Text: "Judge the integration by the client's own token"},
			"the token that works is of the user %q: its roles do not count for %s", name, in.ClientName())
		return
	}
	out.Fail(results.Observed, lint.Suspicion{Cause: cause.RoleOnUserNotClient, Certainty: results.Confirmed, Operations: operations,
		Because: fmt.Sprintf("The role %s is granted to the user %q and not to the %s, and a client-credentials token has only the client's own roles.", roles, name, in.ClientName()),
		Proof: []results.Proof{
			{Basis: results.Observed, Text: fmt.Sprintf("for the token that works, users/me answers with the user %q: it is not the client's token, for which it answers 400", name)},
			{Basis: results.Observed, Text: fmt.Sprintf("the grants of the user %q list the role %s", name, roles)},
			{Basis: results.Observed, Text: in.GrantWords()},
			{Basis: results.Published, Text: "roles of a user do not apply to client-credentials tokens"}},
		Lacks: permissions},
		"the token that works is of the user %q, who has the role %s; %s does not", name, roles, in.ClientName())
}

// rolesOnUser finds the user's roles that grant what the token under test lacks,
// the permissions that they would add, and the operations that lack them.
func rolesOnUser(in *lint.Input, w *evidence.Working) (roles string, permissions, operations []string) {
	if !w.Grants.Seen() {
		return "", nil, nil
	}
	user := authz.Subject{Complete: true}
	for _, g := range w.Grants.Value.Grants {
		user.Grants = append(user.Grants, in.Grant(genesys.Grant{Role: g.Role, Division: g.Division}))
	}
	var names []string
	for _, op := range in.Judged {
		for _, f := range op.Features {
			p, err := authz.ParsePermission(f.Permission)
			if err != nil || f.Decision != results.DecisionDenied {
				continue
			}
			if d := user.Decide(p, authz.Anywhere()); d.Answer == authz.Allowed {
				names = append(names, lint.Quote(d.Proof[0].Role.Label()))
				permissions, operations = append(permissions, f.Permission), append(operations, op.ID)
			}
		}
	}
	return lint.List(lint.Unique(names), 4), lint.Unique(permissions), lint.Unique(operations)
}
