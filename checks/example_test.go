package checks_test

import (
	"fmt"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// tokenLivesLongEnough is a check of one's own. In the project it would be a file
// token_lives_long_enough.go and a line in All.
var tokenLivesLongEnough = lint.Check{
	ID:     "token-lives-long-enough",
	Group:  lint.Client,
	Title:  "A token outlives an hour of migration",
	Why:    "A token that ends in the middle of a run ends the run.",
	Remedy: "Raise the client's token duration, or renew the token.",
	Needs:  []evidence.Kind{evidence.Client},
	Run: func(in *lint.Input, out *lint.Findings) {
		if !in.Client.Seen() {
			out.Unknown("the org does not show the client: %s", in.Client.WhyUnseen())
			return
		}
		switch life := in.Client.Value.AccessTokenValiditySeconds; {
		case life == 0: // the org shows the client, and not this
			out.Unknown("the org does not show how long the client's tokens live")
		case life < 3600:
			out.Warn(results.Observed, results.Fix{Text: "Raise the client's token duration"}, "tokens live %d s", life)
		default:
			out.Pass(results.Observed, "tokens live an hour or longer")
		}
	},
}

// Adding a check takes a value with an id, what it needs, and a function over the
// snapshot.
func Example() {
	list := []lint.Check{tokenLivesLongEnough}
	opts := lint.Options{Needs: catalog.DefaultNeeds()}
	seen := &evidence.Snapshot{Client: evidence.Fact[genesys.OAuthClient]{Value: &genesys.OAuthClient{AccessTokenValiditySeconds: 300}}}
	silent := &evidence.Snapshot{Client: evidence.Fact[genesys.OAuthClient]{Value: &genesys.OAuthClient{}}}
	for _, snapshot := range []*evidence.Snapshot{seen, silent, {}} {
		for _, f := range lint.RunChecks(list, snapshot, opts).Findings {
			fmt.Printf("%s %s: %s\n", f.Status, f.Check, f.Message)
		}
	}
	// Output:
	// warn token-lives-long-enough: tokens live 300 s
	// unknown token-lives-long-enough: the org does not show how long the client's tokens live
	// unknown token-lives-long-enough: the org does not show the client: it was not asked
}
