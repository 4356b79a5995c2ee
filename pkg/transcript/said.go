package transcript

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/genesys"
)

// hearsay are words of somebody who says what others got, or may get.
var hearsay = regexp.MustCompile(`(?i)\b(?:some(?:body|one)(?: else)?|other (?:people|users|customers)|(?:on|in) (?:the|a|an|this|another|that) (?:forum|blog|thread|post|docs?|documentation|article)|i(?:'ve| have)? read|(?:in|at|from|of) (?:an|some) ?other (?:company|org(?:anization)?|customer|team|tenant)|stack ?overflow|asked \d+ \w+ ago|not (?:us|ours|our org|mine)\b|for example|for instance|e\.g\.|example (?:response|error|answer)|would (?:get|return|see|be)|(?:if|when) you (?:get|see)|you (?:may|might|will|would|could) (?:get|see)|` +
	`jemand(?:em)?|andere(?:r|n)? (?:kunden?|nutzer|leute)|im forum|gelesen|zum beispiel|z\. ?b\.|bei anderen|quelqu['’]un|d['’]autres|sur (?:le|un) forum|par ex\w+|j['’]ai lu|alguien|en el foro|por ejemplo|he le[ií]do|otros (?:usuarios|clientes))`)

// missingWord leads to a permission that somebody found missing.
var missingWord = regexp.MustCompile(`(?i)\b(?:missing|lacks?|lacking|without|needs?|requires?|required|fehlt|fehlende?[rs]?|fehlen|ben[öo]tigt|braucht|manque|manquante?|requise?|falta|faltan|necesita|requiere|manca|serve|ontbreekt)\b`)

// orBehind is what may be between a status and the permission that it was for.
var orBehind = regexp.MustCompile(`(?i)^(?:\s*(?:forbidden|unzulässig|verboten|interdit|prohibido|error|fehler|erreur))?\s*[:,(\[–-]{1,2}\s*$`)

var permissionSet = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for _, p := range catalog.All().Permissions() {
		set[p] = true
	}
	return set
})

// saidMissing reads the permissions that somebody names as missing beside a status: a
// sentence such as "403, missing directory:user:add" quotes nothing, and says it still.
func (e *entry) saidMissing(j *joined) {
	if j.body || j.html || j.mute || firstStatus(j.status, 403) != 403 || j.refusal != nil && (len(j.refusal.Permissions) > 0 || j.refusal.Kind != genesys.RefusalAPI || j.refusal.Code != "" && !strings.Contains(j.refusal.Code, "permission")) || j.status == 0 && j.refusal == nil {
		return
	}
	from := strings.LastIndexByte(e.text[:j.from], '\n') + 1
	to := len(e.text)
	if i := strings.IndexByte(e.text[j.to:], '\n'); i >= 0 {
		to = j.to + i
	}
	names := e.namedMissing(j, from, to)
	if len(names) == 0 {
		return
	}
	r := &genesys.Refusal{Kind: genesys.RefusalAPI, Status: 403, Message: truncate(strings.Join(strings.Fields(e.text[from:to]), " "), 500)}
	if j.refusal != nil {
		*r = *j.refusal
	}
	r.Permissions, j.refusal, j.quoted = names, r, true
}

// namedMissing are the permissions that a part of the text says are missing.
func (e *entry) namedMissing(j *joined, from, to int) []string {
	var names []string
	for _, m := range permissionName.FindAllStringSubmatchIndex(e.text[from:to], 20) {
		at := from + m[2]
		before := e.text[max(from, at-60):at]
		if i := strings.LastIndexAny(before, ".;!?"); i >= 0 {
			before = before[i:]
		}
		if !permissionSet()[e.text[at:from+m[3]]] && !missingWord.MatchString(before) {
			continue
		}
		beside := at >= j.to && orBehind.MatchString(e.text[j.to:at])
		if beside || missingWord.MatchString(before) || len(names) > 0 && strings.Trim(before, " ,") == "" {
			names = appendNew(names, e.text[at:from+m[3]])
		}
	}
	return names
}

// retold says whether an entry says of what others got.
func retold(list []entry, i int) bool {
	text := list[i].text
	if stamped(text) {
		return false // a log says nothing of others
	}
	if hearsay.MatchString(withoutObjects(text)) {
		return true
	}
	// The body is only in its paragraph: the sentence is before it.
	alone := strings.HasPrefix(strings.TrimSpace(text), "{")
	return alone && i > 0 && !stamped(list[i-1].text) && hearsay.MatchString(withoutObjects(list[i-1].text))
}

// introduces says whether the first lines of a text say that all that follows is somebody
// else's.
func introduces(text string) bool {
	text = strings.TrimSpace(text)
	return !stamped(text) && strings.HasSuffix(text, ":") && len(text) < 300 && hearsay.MatchString(text)
}

// withoutObjects drops what is in braces: a body is nobody's words.
func withoutObjects(text string) string {
	from, to := strings.IndexByte(text, '{'), strings.LastIndexByte(text, '}')
	if from < 0 || to < from {
		return text
	}
	return text[:from] + text[to+1:]
}

var (
	anyTag   = regexp.MustCompile(`(?is)<!doctype[^>]{0,300}>|<(?:title|script|style)\b[^>]*>.*?</(?:title|script|style)>|</?(?:html|head|body|meta|link|p|pre|code|div|span|br|blockquote|li|ul|ol|a|b|i|em|strong|td|tr|th|table|h[1-6]|article|section)(?:\s[^<>]{0,300})?/?>`)
	quotedIn = regexp.MustCompile(`(?i)<(?:pre|code|blockquote|p|div|td)\b`)
)

// unpaged returns a page that quotes the platform's answer as the text that it shows:
// the page of a forum, a ticket, a mail. A page that quotes none stays what it is, for it
// may have come in the platform's place.
func unpaged(text string) string {
	if !quotedIn.MatchString(text) {
		return text
	}
	plain := html.UnescapeString(anyTag.ReplaceAllString(text, " "))
	if page.MatchString(plain) || !codeInText.MatchString(plain) && !slices.ContainsFunc(wordings, func(w wording) bool { return w.form.MatchString(plain) }) {
		return text
	}
	return plain
}

// tagOf is the name of the worker, the thread or the container that a line of a log
// begins with: [worker-1], sync-1 |. A log has so many lines that no expression looks
// for it.
func tagOf(line string) string {
	head := line[:min(len(line), 100)]
	for i := 0; i < len(head); i++ {
		switch c := head[i]; c {
		case '[', '(':
			end := strings.IndexByte(head[i:], "])"[strings.IndexByte("[(", c)])
			if end < 0 {
				return ""
			}
			if name := head[i+1 : i+end]; workerName(name) {
				return name
			}
			i += end
		case '|':
			if name := strings.TrimSpace(head[:i]); workerName(name) {
				return name
			}
			return ""
		case '{', '"', '<', '>', '/':
			return "" // the message has begun
		}
	}
	return ""
}

// workerName says whether a name is one of several alike: a word and a number.
func workerName(name string) bool {
	if len(name) < 3 || len(name) > 60 || name[0]|0x20 < 'a' || name[0]|0x20 > 'z' {
		return false
	}
	if c := name[len(name)-1]; c < '0' || c > '9' {
		return false
	}
	for _, c := range []byte(name) {
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') && strings.IndexByte("_-# ", c) < 0 {
			return false
		}
	}
	return true
}
