package checks

import (
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// ClientIsLeastPrivileged looks for more than the needs take. It warns and
// never fails: too much does not end in a 403.
var ClientIsLeastPrivileged = lint.Check{
	ID: "client-is-least-privileged", Group: lint.Client, Title: "The client has no more than the needs require",
	Why:    "Whoever gets the secret of a client with *:*:* owns the org. The permissions that scimlint itself reads with are not counted as excess.",
	Remedy: "Make a role of just the permissions that the report names, grant it to the client, and take the other roles away.",
	Needs:  []evidence.Kind{evidence.Grants, evidence.Roles},
	Run:    judgePrivileges,
}

func judgePrivileges(in *lint.Input, out *lint.Findings) {
	if isUser, _ := in.IsUserToken(); isUser {
		out.Skip("the token is a person's, whose roles serve other work too")
		return
	}
	if len(in.Subject.Grants) == 0 {
		out.Skip("no grant could be read")
		return
	}
	wild, excess := excess(in)
	fix := results.Fix{Text: "Grant a role of just " + lint.List(in.NeededPermissions(), 12), Where: in.RolesPath(), Permissions: in.NeededPermissions()}
	if len(in.NeededPermissions()) == 0 {
		fix.Text = "Take away the roles that other work does not use: the needs require no permission"
	}
	switch {
	case len(wild) > 0:
		out.Warn(results.Observed, fix, "%s has %s, far more than the needs require", in.Who(), lint.List(wild, 3))
	case len(excess) > 0:
		out.Warn(results.Observed, fix, "%s has %s that the needs do not require: %s", in.Who(), lint.Counted(len(excess), "permission"), lint.List(excess, 3))
	case !allReadable(in):
		out.Unknown("not all granted roles could be read")
	default:
		out.Pass(results.Observed, "no permissions beyond what is needed")
	}
}

func allReadable(in *lint.Input) bool {
	return in.Subject.Complete && !slices.ContainsFunc(in.Subject.Grants, func(g authz.Grant) bool { return !g.Readable })
}

// excess are the permissions that no need requires: those with wildcards, which
// cover more than one, and the others.
func excess(in *lint.Input) (wild, single []string) {
	allowed := append(in.NeededPermissions(), catalog.DiagnosticPermissions()...)
	for _, p := range in.Subject.Held() {
		switch {
		case slices.Contains(allowed, p.String()):
		case p.Wild():
			wild = append(wild, p.String())
		default:
			single = append(single, p.String())
		}
	}
	slices.SortFunc(wild, func(a, b string) int { return strings.Count(b, authz.Any) - strings.Count(a, authz.Any) })
	return wild, single
}
