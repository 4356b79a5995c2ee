package checks_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/pkg/diagnose"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/simulator"
)

// TestNoOptionsAreTheDefaultNeeds: a program that says nothing of what is needed is not
// told that a client without permissions is ready for it.
func TestNoOptionsAreTheDefaultNeeds(t *testing.T) {
	s, err := simulator.Embedded("role-lacks-permission")
	require.NoError(t, err)
	snapshot, opts := collect(t, s)
	said := diagnose.Conclude(checks.Run(snapshot, lint.Options{}), results.Tool{})
	asked := diagnose.Conclude(checks.Run(snapshot, opts), results.Tool{})
	assert.Equal(t, results.NotReady, said.Verdict)
	assert.Equal(t, asked.Operations, said.Operations)
	assert.Equal(t, asked.Causes, said.Causes)
}
