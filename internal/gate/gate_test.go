package gate

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/results"
)

func check(id string, status results.Status, required bool) results.Check {
	c := results.Check{ID: id, Status: status, Required: required, Message: id + " says " + string(status)}
	if status != results.Pass && status != results.Skip {
		c.Fingerprint = "print-of-" + id
	}
	return c
}

func reportOf(verdict results.Verdict, list ...results.Check) results.Report {
	return results.Report{Verdict: verdict, Checks: list}
}

func TestTheGateCountsWhatItsTermsSay(t *testing.T) {
	fails := reportOf(results.NotReady, check("a", results.Fail, true), check("b", results.Pass, true))
	warns := reportOf(results.Ready, check("a", results.Pass, true), check("w", results.Warn, false))
	blind := reportOf(results.Inconclusive, check("u", results.Unknown, true))
	dim := reportOf(results.Ready, check("u", results.Unknown, false))
	accepted := reportOf(results.Ready, results.Check{ID: "u", Status: results.Unknown, Required: true, Accepted: true})
	for name, tc := range map[string]struct {
		r    results.Report
		o    Options
		want int
	}{
		"a failure fails":                          {fails, Options{FailOn: OnFail}, 1},
		"a failure fails below any threshold":      {fails, Options{FailOn: OnWarn}, 1},
		"a warning passes by default":              {warns, Options{FailOn: OnFail}, 0},
		"a warning is less than unknown":           {warns, Options{FailOn: OnUnknown}, 0},
		"a warning fails when asked":               {warns, Options{FailOn: OnWarn}, 1},
		"what is needed and unseen is open":        {blind, Options{Skip: []string{"x"}}, 3},
		"fail-on fail lets the unseen pass":        {blind, Options{FailOn: OnFail}, 0},
		"fail-on unknown does not":                 {blind, Options{FailOn: OnUnknown}, 3},
		"what is not needed and unseen passes":     {dim, Options{Skip: []string{"x"}}, 0},
		"fail-on unknown counts all that is":       {dim, Options{FailOn: OnUnknown}, 3},
		"fail-on warn counts the unseen too":       {dim, Options{FailOn: OnWarn}, 3},
		"what was accepted does not count":         {accepted, Options{FailOn: OnWarn}, 0},
		"a check that is skipped does not count":   {fails, Options{Skip: []string{"a"}}, 0},
		"only others count":                        {fails, Options{Only: []string{"b"}}, 0},
		"only this one counts":                     {fails, Options{Only: []string{"a"}}, 1},
		"severity off":                             {fails, Options{Severity: map[string]string{"a": SeverityOff}}, 0},
		"severity warn":                            {fails, Options{Severity: map[string]string{"a": SeverityWarn}}, 0},
		"severity warn and fail-on warn":           {fails, Options{Severity: map[string]string{"a": SeverityWarn}, FailOn: OnWarn}, 1},
		"severity fail of a warning":               {warns, Options{Severity: map[string]string{"w": SeverityFail}}, 1},
		"severity fail of what cannot be seen":     {dim, Options{Severity: map[string]string{"u": SeverityFail}}, 3},
		"severity does nothing to a pass":          {warns, Options{Severity: map[string]string{"a": SeverityFail}}, 0},
		"an operation that no check speaks for":    {reportOf(results.NotReady, check("a", results.Pass, true)), Options{FailOn: OnFail}, 1},
		"an unseen one":                            {reportOf(results.Inconclusive, check("a", results.Pass, true)), Options{FailOn: OnUnknown}, 3},
		"an unseen one does not fail on fail":      {reportOf(results.Inconclusive, check("a", results.Pass, true)), Options{FailOn: OnFail}, 0},
		"operations are no part of what only says": {reportOf(results.NotReady, check("a", results.Pass, true)), Options{Only: []string{"a"}}, 0},
	} {
		got := Apply(tc.r, tc.o)
		require.NotNil(t, got.Pipeline, name)
		assert.Equal(t, tc.want, got.ExitCode(), "%s: %q", name, got.Pipeline.Because)
		assert.Equal(t, tc.want == 0, got.Pipeline.Passed, name)
		assert.Equal(t, tc.r.Verdict, got.Verdict, "%s: the verdict is the org's", name)
		if tc.want != 0 {
			assert.NotEmpty(t, got.Pipeline.Because, name)
		}
	}
}

func TestWithoutTermsTheVerdictDecides(t *testing.T) {
	for _, v := range []results.Verdict{results.Ready, results.NotReady, results.Inconclusive} {
		got := Apply(reportOf(v, check("a", results.Fail, true)), Options{})
		assert.Nil(t, got.Pipeline)
		assert.Equal(t, v.ExitCode(), got.ExitCode())
	}
}

func day(s string) time.Time {
	t, _ := time.Parse(time.DateOnly, s)
	return t
}

func TestABaselineHoldsWhatIsKnown(t *testing.T) {
	first := reportOf(results.NotReady, check("a", results.Fail, true), check("w", results.Warn, false), check("p", results.Pass, true))
	b := NewBaseline(first, nil)
	require.Len(t, b.Findings, 2)
	b.Findings[0].Reason, b.Findings[0].Expires = "ticket 12", "2027-01-31"
	data, err := b.Encode()
	require.NoError(t, err)
	read, err := ParseBaseline(data)
	require.NoError(t, err)
	assert.Equal(t, b, *read)

	got := Apply(first, Options{Baseline: read, FailOn: OnWarn, Now: day("2027-01-31")})
	assert.Equal(t, 0, got.ExitCode(), "on its last day a finding is known")
	assert.Equal(t, results.NotReady, got.Verdict)
	assert.Equal(t, "ticket 12", got.Checks[0].Known.Reason)
	assert.Contains(t, got.Pipeline.Because, "2 known from the baseline")

	got = Apply(first, Options{Baseline: read, Now: day("2027-02-01")})
	assert.Equal(t, 1, got.ExitCode(), "after it, it fails again")
	assert.Contains(t, fmt.Sprint(got.Pipeline.Because), "expired on 2027-01-31")

	other := first.Checks[0]
	other.Fingerprint = "another lack"
	got = Apply(reportOf(results.NotReady, other), Options{Baseline: read, Now: day("2027-01-01")})
	assert.Equal(t, 1, got.ExitCode(), "another finding of the same check is not known")
	assert.Len(t, got.Pipeline.Stale, 2)
	assert.Equal(t, "ticket 12", got.Pipeline.Stale[0].Reason)

	blind := reportOf(results.Inconclusive, check("a", results.Unknown, true), check("w", results.Pass, false))
	blind.Checks[0].Fingerprint = "blind"
	got = Apply(blind, Options{Baseline: read, Now: day("2027-01-01")})
	require.Len(t, got.Pipeline.Stale, 1, "what could not be found out may still be there")
	assert.Equal(t, "w", got.Pipeline.Stale[0].Check)

	again := NewBaseline(blind, read)
	assert.Equal(t, []string{"blind", "print-of-a"}, []string{again.Findings[0].Fingerprint, again.Findings[1].Fingerprint}, "writing again keeps what was not seen and drops what is gone")
	assert.Equal(t, "ticket 12", NewBaseline(first, read).Findings[0].Reason, "reasons stay")
}

func TestBadBaselines(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "empty",
		"version: 2\nfindings: []": "version is 2",
		"findings: []":             "version is 0",
		"version: 1\nfindings: [{check: a, fingerprint: f, expires: soon}]":              `expires on "soon"`,
		"version: 1\nfindings: [{check: a}]":                                             "entry 1 (a) lacks",
		"version: 1\nfindings: [{check: a, fingerprint: f}, {check: b, fingerprint: f}]": "entry 2 (b)",
		"version: 1\nfindings: [{check: a, fingerprint: f, because: x}]":                 "because",
		"<html>": "no baseline",
	} {
		_, err := ParseBaseline([]byte(text))
		require.ErrorContains(t, err, want, text)
	}
}

func TestBadTerms(t *testing.T) {
	ids := []string{"a"}
	require.NoError(t, Options{FailOn: OnWarn, Only: ids, Skip: ids, Severity: map[string]string{"a": "off"}}.Validate(ids))
	for want, o := range map[string]Options{
		`"pass"`:               {FailOn: "pass"},
		`only names the check`: {Only: []string{"b"}},
		`skip names the check`: {Skip: []string{"b"}},
		`severity names`:       {Severity: map[string]string{"b": "fail"}},
		`fail, warn or off`:    {Severity: map[string]string{"a": "error"}},
	} {
		require.ErrorContains(t, o.Validate(ids), want)
	}
}

func FuzzParseBaseline(f *testing.F) {
	f.Add([]byte("version: 1\nfindings: [{check: a, status: fail, fingerprint: f, expires: 2027-01-31}]"))
	f.Add([]byte("version: [1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := ParseBaseline(data)
		if err != nil {
			return
		}
		again, err := b.Encode()
		require.NoError(t, err)
		read, err := ParseBaseline(again)
		require.NoError(t, err)
		assert.Len(t, read.Findings, len(b.Findings))
	})
}

// TestAttackBoundsOfABaseline: a baseline of a few lines that is large in memory.
func TestAttackBoundsOfABaseline(t *testing.T) {
	bomb := "version: 1\na: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for i := range 8 {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", 'b'+i, 'b'+i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", 'a'+i), 10), ","))
	}
	for text, want := range map[string]string{
		bomb:                         "aliases followed",
		strings.Repeat("[", 300_000): "more than 200000 values",
		"version: 1\nfindings:\n" + strings.Repeat("- {check: c, fingerprint: f}\n", 100_000): "larger than 2 MB",
	} {
		_, err := ParseBaseline([]byte(text))
		require.ErrorContains(t, err, want)
	}
}

func TestNoBaselineIsMadeOfAnOutage(t *testing.T) {
	require.NoError(t, Recordable(results.Report{Causes: []results.Cause{{ID: "role-lacks-permission"}}}))
	for _, id := range []string{"network-unreachable", "proxy-answered", "rate-limited"} {
		require.ErrorContains(t, Recordable(results.Report{Causes: []results.Cause{{ID: "role-lacks-permission"}, {ID: id}}}), id)
	}
}
