package checks

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// ClientIsTheOneInUse compares the client under test with its own traffic.
var ClientIsTheOneInUse = lint.Check{
	ID: "client-is-the-one-in-use", Group: lint.Client, SCIM: true, Title: "The failing integration uses this OAuth client",
	Why: "The platform counts the calls of each OAuth client. A client without SCIM traffic, while the integration fails, means that the integration uses another client: " +
		"every role that is granted to this one changes nothing. Calls that fail show what the integration really does.",
	Remedy: "Look in the integration's settings for its client id, and run scimlint for that client.",
	Needs:  []evidence.Kind{evidence.Usage},
	Run:    judgeUsage,
}

func judgeUsage(in *lint.Input, out *lint.Findings) {
	if !in.Usage.Seen() {
		if in.Usage.NotAsked != "" || len(in.Usage.Calls) == 0 {
			out.Skip("--usage does not ask for the client's traffic")
			return
		}
		out.Unknown("the client's traffic could not be read: %s", in.Usage.WhyUnseen())
		return
	}
	rows, days := scimRows(in.Usage.Value), in.Usage.Value.Days
	none := fmt.Sprintf("the client made no SCIM call in the last %d days, but for reads such as scimlint's own", days)
	fix := results.Fix{Text: "Look in the integration's settings for its client id, and run scimlint for that client"}
	switch {
	case len(rows) == 0 && len(in.Opts.Refusals) > 0:
		out.Fail(results.Observed, lint.Suspicion{Cause: cause.TokenOfAnotherClient, Certainty: results.Confirmed, Operations: in.IDs(false), Fix: fix,
			Because: fmt.Sprintf("%s made no SCIM call in the last %d days, so the refused calls are of another client.", in.ClientName(), days)}, "%s", none)
		return
	case len(rows) == 0:
		out.Warn(results.Observed, fix, "%s: if an integration fails, it uses another client", none)
		return
	}
	var failing []string
	for _, r := range rows {
		if r.Status400 > 0 {
			failing = append(failing, fmt.Sprintf("%s %s: %d of %d calls were refused (%d of them 429)", r.Method, r.TemplateURI, r.Status400, r.Requests, r.Status429))
		}
	}
	if len(failing) > 0 {
		out.Warn(results.Observed, results.Fix{Text: "Name what the integration does with --need"}, "in the last %d days: %s", days, strings.Join(failing, "; "))
		return
	}
	out.Pass(results.Observed, "the client made SCIM calls in the last %d days, and none was refused", days)
}

// scimRows are the SCIM calls of the client, but for reads of users that were
// answered: those may be scimlint's own, and are no sign of an integration.
func scimRows(u *genesys.Usage) []genesys.UsageRow {
	var out []genesys.UsageRow
	for _, r := range u.Rows {
		ownRead := r.Method == http.MethodGet && strings.HasSuffix(strings.ToLower(r.TemplateURI), "/users") && r.Status400 == 0
		if strings.Contains(strings.ToLower(r.TemplateURI), catalog.SCIMBaseUnversioned+"/") && r.Requests > 0 && !ownRead {
			out = append(out, r)
		}
	}
	return out
}
