package checks_test

import (
	"fmt"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// tokenLivesLongEnough is a check of one's own. In the project it would be a file
// token_lives_long_enough.go and a line in All.
var tokenLivesLongEnough = checks.Check{
	ID:     "token-lives-long-enough",
	Group:  checks.Client,
	Title:  "A token outlives an hour of migration",
	Why:    "A token that ends in the middle of a run ends the run.",
	Remedy: "Raise the client's token duration, or renew the token.",
	Needs:  []evidence.Kind{evidence.Client},
	Run: func(in *checks.Input, out *checks.Findings) {
		if !in.Client.Seen() {
			out.Unknown("the org does not show the client: %s", in.Client.WhyUnseen())
			return
		}
		if life := in.Client.Value.AccessTokenValiditySeconds; life < 3600 {
			out.Warn(results.Observed, results.Fix{Text: "Raise the client's token duration"}, "tokens live %d s", life)
			return
		}
		out.Pass(results.Observed, "tokens live an hour or longer")
	},
}

// Adding a check takes a value with an id, what it needs, and a function over the
// snapshot.
func Example() {
	list := []checks.Check{tokenLivesLongEnough}
	opts := checks.Options{Needs: catalog.DefaultNeeds()}
	seen := &evidence.Snapshot{Client: evidence.Fact[genesys.OAuthClient]{Value: &genesys.OAuthClient{AccessTokenValiditySeconds: 300}}}
	for _, snapshot := range []*evidence.Snapshot{seen, {}} {
		for _, f := range checks.RunChecks(list, snapshot, opts).Findings {
			fmt.Printf("%s %s: %s\n", f.Status, f.Check, f.Message)
		}
	}
	// Output:
	// warn token-lives-long-enough: tokens live 300 s
	// unknown token-lives-long-enough: the org does not show the client: it was not asked
}
