package checks

import (
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// ClockIsRight compares this machine's clock with the dates of the answers.
var ClockIsRight = lint.Check{
	ID: "clock-is-right", Group: lint.Token, Title: "This machine's clock agrees with the platform's",
	Why:    "A client that trusts a wrong clock keeps a token past its end, or throws a good one away, and certificates seem expired.",
	Remedy: "Set the clock (NTP) of the machine that runs the integration.",
	Needs:  []evidence.Kind{evidence.TokenInfo},
	Run: func(in *lint.Input, out *lint.Findings) {
		answered := false
		for _, r := range in.Requests() {
			answered = answered || r.Status != 0
		}
		skew := in.Skew()
		switch {
		case !answered:
			out.Unknown("nothing was answered that has a date")
		case lint.Abs(skew) > lint.TolerableSkew:
			out.Warn(results.Observed, results.Fix{Text: "Set this machine's clock (NTP)"},
				"this machine's clock is %s: tokens will be kept too long or too short", lint.SkewWords(skew))
		default:
			out.Pass(results.Observed, "within %s of the platform's", lint.TolerableSkew)
		}
	},
}
