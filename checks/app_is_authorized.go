package checks

import (
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// AppIsAuthorized judges whether the org lets the app use its scopes.
var AppIsAuthorized = lint.Check{
	ID: "app-is-authorized", Group: lint.Scopes, Title: "The org has authorized the app for its scopes",
	Why:    "An app, above all one of another org or vendor, may use only the scopes that an admin of this org has authorized. The refusal is app.not.authorized.for.scope, like that of a missing scope.",
	Remedy: "Admin > Integrations > Authorized Applications: authorize the app with the scopes that it asks for (permission oauth:client:authorize).",
	Needs:  []evidence.Kind{evidence.Authorization, evidence.Client},
	Run:    judgeAuthorization,
}

func judgeAuthorization(in *lint.Input, out *lint.Findings) {
	isUser, known := in.IsUserToken()
	r := in.Authorization.Refused()
	switch {
	case known && !isUser:
		out.Skip("a client-credentials client of the org itself needs no authorization")
	case in.Authorization.Seen():
		judgeAppState(in, out)
	case r != nil && r.Status == 404:
		out.Pass(results.Observed, "the org lists no authorization of the app: its own clients need none")
	default:
		out.Unknown("the app's authorization could not be read: %s", in.Authorization.WhyUnseen())
	}
}

func judgeAppState(in *lint.Input, out *lint.Findings) {
	a := in.Authorization.Value
	wanted, what := []string{lint.ScopeAll}, "write SCIM"
	lacks := !lint.HasAny(a.Scope, slices.Concat(wanted, in.UnpublishedScopes(true))...) && len(a.Scope) > 0
	if !in.SCIM() {
		wanted, lacks = in.ScopesBeyond(a.Scope)
		what = "open every needed operation"
	}
	fix := results.Fix{Text: "Authorize the app with the scope " + lint.FirstOf(strings.Join(wanted, ", "), "that it asks for"), Where: lint.AdminApps, Scopes: wanted}
	switch {
	case strings.EqualFold(a.State, "Authorized") && !a.Pending && !lacks:
		out.Pass(results.Observed, "the org has authorized the app for %s", lint.List(a.Scope, 6))
	case strings.EqualFold(a.State, "Authorized") && lacks:
		out.Warn(results.Observed, fix, "the org has authorized the app for %s, which does not %s", lint.List(a.Scope, 6), what)
	default:
		s := lint.Suspicion{Cause: cause.AppNotAuthorized, Certainty: results.Likely, Operations: in.IDs(false), Fix: fix,
			Because: "The org has not authorized " + in.ClientName() + ": its state is " + lint.FirstOf(a.State, "unknown") + "."}
		if in.ScopeRefusal(true) != nil {
			s.Certainty = results.Confirmed
		}
		out.Fail(results.Observed, s, "the app's state in the org is %s", lint.FirstOf(a.State, "unknown"))
	}
}
