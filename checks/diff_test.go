package checks

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/diagnose"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// TestADiffNamesTheClientsSettings: what makes one of two orgs not ready is among the changes.
func TestADiffNamesTheClientsSettings(t *testing.T) {
	long, short := good(), good()
	long.Client.Value.AccessTokenValiditySeconds, short.Client.Value.AccessTokenValiditySeconds = 38_880_000, 86_400
	end := time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC)
	short.Client.Value.DateToDelete = &end
	opts := lint.Options{Needs: catalog.DefaultNeeds(), TokenUse: lint.TokenPasted}
	d := diagnose.Diff(Run(long, opts), Run(short, opts), "A", "B", results.Tool{})
	assert.NotEqual(t, d.LeftVerdict, d.RightVerdict)
	assert.Contains(t, d.Changes, results.Change{Kind: "client", Name: "token duration", Left: "38880000 s", Right: "86400 s"})
	assert.Contains(t, d.Changes, results.Change{Kind: "client", Name: "to be deleted", Right: "2026-12-24"})
}
