package transcript

import (
	"regexp"
	"strings"
)

// What is around a sentence of the platform in the line of a log, which is not the org's.
var (
	// opening is how the platform's sentences begin.
	opening = regexp.MustCompile(`\b(?:Unable to perform|You (?:are|must|do|don't|have|need)|The (?:app|requested|request|user|following)|User |Missing |Insufficient |Invalid |No authentication|App |Rate limit|Requests? )`)
	// wrapper ends what a program or a person wrote before a sentence.
	wrapper = regexp.MustCompile(`(?:\s[-–|>]+\s|[:;|>)\]}{=]\s*|\b[45]\d\d\b\W*|\t)`)
	// another is what a line has of a refusal before this one.
	another = regexp.MustCompile(`\]|\b(?:GET|POST|PUT|PATCH|DELETE)\s+(?:https?://|/)`)
	// oneName is a list of permissions without brackets.
	oneName = regexp.MustCompile(`^(?:\(s\)|s)?[\s:]*[A-Za-z]\w*:[\w*]+:[\w*]+(?:,\s*[A-Za-z]\w*:[\w*]+:[\w*]+)*`)
	// onward is what may be behind a list of permissions within a sentence.
	onward = regexp.MustCompile(`^\s*in\s+(?:at\s+least|the|any|all|one|this|that)\b`)
	// appended is what a program adds behind a sentence.
	appended = regexp.MustCompile(`\s*(?:\((?:[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|truncated)|\s-\s(?:inin-)?correlation|\s+(?:in|at)\s+/|\s+(?i:inin-)?correlation[ _-]?id\b)`)
)

// maxSentence bounds a sentence.
const maxSentence = 500

// sentenceAt returns the sentence around a wording: the org's own words, without what a
// program wrote around them, and over the end of a line that a terminal or a mail program
// broke. end is where it ends in the text.
func sentenceAt(text string, from, to int) (sentence string, end int) {
	start := sentenceStart(text, from)
	end = sentenceEnd(text, from, to)
	words := text[start:end]
	if m := appended.FindStringIndex(text[to:end]); m != nil {
		words = text[start : to+m[0]]
	}
	return truncate(wholeNames(strings.Join(strings.Fields(strings.Trim(words, "\n, ")), " ")), maxSentence), end
}

// sentenceStart is where the platform's words begin: at a quote, or behind whatever else is
// before them in their line.
func sentenceStart(text string, from int) int {
	start := strings.LastIndexAny(text[:from], "\n“\"'`") + 1
	for start < from && text[start] >= 0x80 && text[start] < 0xc0 {
		start++ // the rest of a curly quote
	}
	// What ends a list, or calls the API, is before the sentence: it may be another refusal's.
	if all := another.FindAllStringIndex(text[start:from], -1); all != nil {
		start += all[len(all)-1][1]
	}
	line := text[start:from]
	if m := opening.FindStringIndex(text[start:min(len(text), from+1)]); m != nil && start+m[0] <= from {
		return start + m[0]
	}
	if all := wrapper.FindAllStringIndex(line, -1); all != nil {
		return start + all[len(all)-1][1]
	}
	return start
}

// sentenceEnd is where a sentence ends that has its wording between two places.
func sentenceEnd(text string, from, to int) int {
	if m := oneName.FindStringIndex(text[to:]); m != nil {
		to, _ = brokenName(text, to+m[1])
		if !onward.MatchString(text[to:]) {
			return to
		}
	}
	end := to
	for end < len(text) && end-from < maxSentence {
		c := text[end]
		if c == '"' || c == '`' || strings.HasPrefix(text[end:], "”") {
			break
		}
		open := strings.LastIndexByte(text[from:end], '[') > strings.LastIndexByte(text[from:end], ']')
		// It goes on over a line's end where a list is open, or where it ends in a colon.
		if c == '\n' && !open && !strings.HasSuffix(strings.TrimSpace(text[from:end]), ":") {
			next, broken := brokenName(text, end)
			if !broken {
				break
			}
			end = next
			continue
		}
		end++
		if c == ']' && open && !onward.MatchString(text[end:]) {
			break
		}
	}
	return end
}
