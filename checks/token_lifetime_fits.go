package checks

import (
	"time"

	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// TokenLifetimeFits compares how long tokens live with how they are used.
var TokenLifetimeFits = lint.Check{
	ID: "token-lifetime-fits", Group: lint.Token, Title: "Tokens live as long as they are used",
	Why: "Tokens live as long as their client says, a day by default. An integration that gets its own tokens does not notice. A token that was pasted into an identity provider is " +
		"dead after that time, and the integration stops. A client that is used for SCIM may have up to 38,880,000 seconds (450 days). Under HIPAA a token also dies after 15 minutes without use.",
	Remedy: "Set the client's token duration to 38,880,000 seconds, issue a new token, and put the renewal into a calendar. Say how the token is used with --token-use: where a profile does not say it either, a short lifetime leaves the run inconclusive.",
	Needs:  []evidence.Kind{evidence.Client, evidence.Organization},
	Run:    judgeLifetime,
}

// The lifetimes of tokens. Source: the vendor's help and its Terraform provider.
const (
	defaultLifetime = 86400 * time.Second
	longestLifetime = 38880000 * time.Second
	pastedNeeds     = 30 * 24 * time.Hour
)

func judgeLifetime(in *lint.Input, out *lint.Findings) {
	life, known := lifetime(in)
	judgeClientsLifetime(in, out, life, known)
	if in.Target.TokenSupplied && (in.Opts.TokenUse == lint.TokenPasted || !in.Opts.TokenIssued.IsZero()) {
		judgeEndOfToken(in, out, life, known)
	}
}

// judgeClientsLifetime judges how long tokens of the client live.
func judgeClientsLifetime(in *lint.Input, out *lint.Findings, life time.Duration, known bool) {
	use := in.Opts.TokenUse
	switch {
	case use == lint.TokenPasted:
		judgePasted(in, out, life, known)
	case use == "" && in.Opts.Profile != nil && tooShortIfPasted(in, life, known) != "":
		// A profile names an integration that exists: with a token that is renewed it
		// works, with one that was pasted it may stop, and nothing says which it is.
		out.UnknownBlocks("nothing says whether this integration renews its token or somebody pasted one: %s", tooShortIfPasted(in, life, known))
		out.Advise(results.Fix{Text: "Add --token-use pasted or --token-use renewed, as the integration has it"})
	case !known:
		out.Unknown("how long the client's tokens live could not be read: %s", in.Client.WhyUnseen())
	case use == "" && life <= defaultLifetime:
		out.Pass(results.Observed, "tokens live %s, which is enough for an integration that renews them (not for one into which a token is pasted: --token-use pasted)", lifeSpan(life))
	default:
		out.Pass(results.Observed, "tokens live %s", lifeSpan(life))
	}
}

// judgePasted judges how long tokens live of which one was pasted.
func judgePasted(in *lint.Input, out *lint.Findings, life time.Duration, known bool) {
	switch {
	case !known:
		out.UnknownBlocks("how long the tokens of %s live could not be read, and a pasted token is not renewed: %s", tokensClient(in), in.Client.WhyUnseen())
	case life < pastedNeeds:
		out.Fail(results.Observed, lint.Suspicion{Cause: cause.TokenLifetimeTooShort, Certainty: results.Confirmed, Operations: in.IDs(false), Fix: longerLife(in),
			Because: "A pasted token of " + in.Who() + " dies after " + lifeSpan(life) + ", and the integration stops then."},
			"a pasted token dies after %s", lifeSpan(life))
	case hipaa(in):
		out.UnknownSuspect(lint.Suspicion{Cause: cause.TokenLifetimeTooShort, Certainty: results.Possible, Operations: in.IDs(false),
			Because: "The org has HIPAA on: a token dies after 15 minutes without use, and whether the integration pauses for longer is not known.",
			Fix:     results.Fix{Text: "Let the integration renew its tokens itself, or make sure that it never pauses for 15 minutes"}},
			"the org has HIPAA on: a token dies after 15 minutes without use, however long it lives")
		out.Blocks()
	case !in.Organization.Seen():
		out.UnknownBlocks("tokens live %s, but whether the org has HIPAA on, with which a token dies after 15 minutes without use, could not be read: %s", lifeSpan(life), in.Organization.WhyUnseen())
	default:
		out.Pass(results.Observed, "tokens live %s", lifeSpan(life))
	}
}

// tooShortIfPasted says why the lifetime does not, or may not, do for a token that was
// pasted. It is empty where the lifetime is long enough however the token is used.
func tooShortIfPasted(in *lint.Input, life time.Duration, known bool) string {
	switch {
	case !known:
		return "how long tokens live could not be read (" + in.Client.WhyUnseen() + "), which matters for a pasted one"
	case life < pastedNeeds:
		return "a pasted one dies after " + lifeSpan(life)
	case hipaa(in):
		return "the org has HIPAA on, with which a pasted one dies after 15 minutes without use"
	case !in.Organization.Seen():
		return "whether the org has HIPAA on, with which a pasted one dies after 15 minutes without use, could not be read: " + in.Organization.WhyUnseen()
	}
	return ""
}

func hipaa(in *lint.Input) bool {
	return in.Organization.Seen() && in.Organization.Value.Features["hipaa"]
}

// tokensClient names the client that the token is of. A client that was only named for the
// run is not it: the token that was given may be of any.
func tokensClient(in *lint.Input) string {
	if client, _ := in.OAuthClient(); client == nil && in.Target.TokenSupplied {
		return "the token's OAuth client"
	}
	return in.ClientName()
}

// longerLife is the fix of a pasted token that dies too soon.
func longerLife(in *lint.Input) results.Fix {
	if isUser, known := in.IsUserToken(); known && isUser {
		return lint.PasteClientsToken
	}
	return results.Fix{Text: "Set the token duration of " + tokensClient(in) + " to 38,880,000 seconds (450 days), issue a new token and paste it", Where: in.ClientPath("")}
}

// judgeEndOfToken says when the very token that was given dies, as far as anything shows
// it. No endpoint says when a token was issued, and a lifetime that the client was given
// later is that of later tokens.
func judgeEndOfToken(in *lint.Input, out *lint.Findings, life time.Duration, known bool) {
	renew := results.Fix{Text: "Issue a new token, paste it, and put the next renewal into a calendar", Where: in.ClientPath("")}
	if in.TokenInfo.Seen() && in.TokenInfo.Value.DateTokenIdles != nil {
		end := *in.TokenInfo.Value.DateTokenIdles
		say := "tokens/me says that this token is due to expire on " + end.UTC().Format("2006-01-02 15:04 MST") + " (dateTokenIdles)"
		if end.Sub(in.Taken) < pastedNeeds {
			endsSoon(in, out, results.Observed, results.Confirmed, renew, say)
		} else {
			out.Pass(results.Observed, "%s", say)
		}
		return
	}
	switch end := in.Opts.TokenIssued.Add(life); {
	case !known:
	case in.Opts.TokenIssued.IsZero():
		out.Unknown("when this token dies is not known, because no endpoint says when it was issued: give the day with --token-issued")
	case end.Before(in.Taken):
		out.UnknownBlocks("issued on %s, this token should have died on %s: the client's lifetime or the day is not the token's", in.Opts.TokenIssued.Format(time.DateOnly), end.Format(time.DateOnly))
	case end.Sub(in.Taken) < pastedNeeds:
		endsSoon(in, out, results.Reported, results.Likely, renew, "issued on "+in.Opts.TokenIssued.Format(time.DateOnly)+", this token dies on "+end.Format(time.DateOnly)+", in "+lifeSpan(end.Sub(in.Taken)))
	default:
		out.Pass(results.Reported, "issued on %s, this token dies on %s if the client's lifetime has not been changed since", in.Opts.TokenIssued.Format(time.DateOnly), end.Format(time.DateOnly))
	}
}

// endsSoon reports a token that dies before long: an integration into which it was pasted
// stops then, as one does whose tokens live that short from the beginning.
func endsSoon(in *lint.Input, out *lint.Findings, basis results.Basis, certainty results.Certainty, renew results.Fix, text string) {
	if in.Opts.TokenUse != lint.TokenPasted {
		out.Warn(basis, renew, "%s", text)
		return
	}
	out.Fail(basis, lint.Suspicion{Cause: cause.TokenLifetimeTooShort, Certainty: certainty, Operations: in.IDs(false), Fix: renew,
		Because: lint.Upper(text) + ", and the integration stops then."}, "%s", text)
}

// lifetime is how long a token of the client lives: what the client says, else what
// the token endpoint said of the token of this run.
func lifetime(in *lint.Input) (time.Duration, bool) {
	client, _ := in.OAuthClient()
	switch {
	case client != nil && client.AccessTokenValiditySeconds > 0:
		return time.Duration(min(client.AccessTokenValiditySeconds, int64(longestLifetime/time.Second)*10)) * time.Second, true
	case in.Token.Seen() && in.Token.Value.ExpiresIn > 0:
		return in.Token.Value.ExpiresIn, true
	}
	return 0, false
}

func lifeSpan(d time.Duration) string {
	switch d = d.Round(time.Minute); {
	case d >= 48*time.Hour:
		return lint.Counted(int(d.Hours()/24), "day")
	case d >= time.Hour && d%time.Hour == 0:
		return lint.Counted(int(d.Hours()), "hour")
	}
	return lint.Counted(int(d.Minutes()), "minute")
}
