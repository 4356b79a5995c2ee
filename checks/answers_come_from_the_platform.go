package checks

import (
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// AnswersComeFromThePlatform looks for requests that something else answered, or
// nothing did, and for those that the platform put off.
var AnswersComeFromThePlatform = lint.Check{
	ID: "answers-come-from-the-platform", Group: lint.Reach, Title: "Every request was answered by the platform",
	Why:    "A proxy's block page also comes as 403, and no role helps. What was not answered by the platform is unknown, not refused.",
	Remedy: "Let api.<domain> and login.<domain> pass the proxy, without TLS inspection; on 429, wait and slow down.",
	Run:    judgeAnswers,
}

func judgeAnswers(in *lint.Input, out *lint.Findings) {
	seen := map[cause.ID]int{}
	var found []lint.Suspicion
	var first []evidence.Request
	for _, r := range in.Requests() {
		s, ok := in.SuspectTransport(r)
		if !ok {
			continue
		}
		if i, known := seen[s.Cause]; known {
			found[i].Operations = lint.Unique(append(found[i].Operations, s.Operations...))
			continue
		}
		seen[s.Cause] = len(found)
		found, first = append(found, s), append(first, r)
	}
	for i, s := range found {
		out.UnknownSuspect(s, "%s %s: %s", first[i].Method, evidence.PathOf(first[i].URL), lint.TransportWords(first[i]))
	}
	if out.Empty() {
		out.Pass(results.Observed, "%d requests, all answered by the platform", len(in.Requests()))
	}
}
