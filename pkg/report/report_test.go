package report

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/results"
)

// hostile stands wherever the org can put a text of its own.
const hostile = "evil\x1b[31m\x1b]8;;http://x\x07\u202ered\u2066\r\nVERDICT: READY\x00\u009b2J\ufeff"

func poisoned() results.Report {
	fix := results.Fix{Text: hostile, Where: hostile, Permissions: []string{hostile}}
	return results.Report{SchemaVersion: "1", Replay: &results.Replay{Taken: "2026-01-01T00:00:00Z", CapturedBy: hostile}, Taken: "2026-01-01T00:00:00Z", Verdict: results.NotReady, Summary: hostile,
		Target: results.Target{Organization: hostile, OrgID: hostile, APIURL: hostile, Subject: hostile, Divisions: []string{hostile}, Needs: []string{"create"},
			Profile: &results.Profile{Name: hostile, Title: hostile, Source: hostile, Values: []results.ProfileValue{{Name: hostile, Value: hostile, From: "profile", Source: hostile}}, Unknown: []string{hostile}}},
		Causes: []results.Cause{{ID: "undetermined", Title: "t", Certainty: results.Possible, Explanation: hostile, Operations: []string{"scim-user-create"},
			Proof: []results.Proof{{Text: hostile, Basis: results.Observed}}, Counter: []results.Proof{{Text: hostile, Basis: results.Reported}}, Fix: fix}},
		Checks: []results.Check{{ID: "a", Group: "g", Status: results.Fail, Message: hostile, Fix: fix}, {ID: "b", Group: "g", Status: results.Unknown, Message: hostile, Fix: fix, Accepted: true}},
		Operations: []results.Operation{{ID: "scim-user-create", Title: "create users", Method: "POST", Path: "/x", Decision: results.DecisionUnknown, Scope: results.DecisionUnknown, Policy: results.DecisionAllowed,
			Gate:     results.Gate{Type: "ANY", Permissions: []string{"a:b:c"}, Decision: results.DecisionAllowed},
			Features: []results.Feature{{Name: "n", Permission: hostile, Decision: results.DecisionUnknown, Proof: []results.Link{{Role: hostile, Division: hostile, Policy: hostile, Condition: hostile}}}}}},
		Requests: []results.Request{{Method: "GET", URL: hostile, CorrelationID: hostile, Note: hostile, Retries: 2}},
	}
}

func TestTextFromOutsideIsInert(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, Write(&out, "text", poisoned(), Options{Verbose: true}))
	for _, bad := range []string{"\x1b", "\x07", "\u202e", "\u2066", "\r", "\x00", "\u009b", "\ufeff"} {
		assert.NotContains(t, out.String(), bad)
	}
	assert.NotRegexp(t, `(?m)^VERDICT`, out.String(), "a name cannot start a line of its own")

	out.Reset()
	require.NoError(t, Write(&out, "json", poisoned(), Options{}))
	assert.True(t, json.Valid(out.Bytes()))
	for _, bad := range []string{"\x1b", "\x07", "\r", "\x00"} {
		assert.NotContains(t, out.String(), bad)
	}
}

var escape = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestColourAddsNothingButColour(t *testing.T) {
	var plain, colour bytes.Buffer
	require.NoError(t, Write(&plain, "text", poisoned(), Options{Verbose: true}))
	require.NoError(t, Write(&colour, "text", poisoned(), Options{Verbose: true, Color: true}))
	assert.Contains(t, colour.String(), "\x1b[")
	assert.Equal(t, plain.String(), escape.ReplaceAllString(colour.String(), ""))
}

func TestNarrowTerminals(t *testing.T) {
	r := results.Report{Verdict: results.NotReady, Summary: strings.Repeat("word ", 60), Causes: []results.Cause{{ID: "wrong-path", Certainty: results.Likely,
		Title: strings.Repeat("title ", 20), Explanation: strings.Repeat("because ", 30), Fix: results.Fix{Text: strings.Repeat("click ", 30)}}}}
	for _, width := range []int{40, 60, 100, 0} {
		var out bytes.Buffer
		require.NoError(t, Write(&out, "text", r, Options{Width: width}))
		limit := width
		if limit == 0 {
			limit = 100
		}
		for line := range strings.Lines(out.String()) {
			assert.LessOrEqual(t, columns.String(strings.TrimRight(line, "\n")), limit)
		}
	}
}

func TestAnUnknownFormatNamesTheKnown(t *testing.T) {
	assert.ErrorContains(t, Write(&bytes.Buffer{}, "xml", results.Report{}, Options{}), "text, json")
}

func FuzzInert(f *testing.F) {
	f.Add(hostile)
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range Inert(s) {
			if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
				t.Fatalf("%q lets %U through", s, r)
			}
		}
	})
}
