package transcript

import "regexp"

// requestID is the id under which a program logs all that belongs to one of its requests: as a
// field, or in brackets before the message.
var requestID = regexp.MustCompile(`(?i)(?:^|[\s,{\["'(])(?:x[-_])?(?:req(?:uest)?[-_]?id|req|trace[-_]?id|rid|tx[-_]?id|transaction[-_]?id|call[-_]?id|job[-_]?id)["']?\s*[=:]\s*["']?([\w-]{3,64})|[\[(]([0-9a-f]{6,32}|[0-9a-f]{8}-[0-9a-f-]{27}|req-?\w{2,40})[\])]`)

// idOfRequest is the id in the first line of an entry, or "".
func (e *entry) idOfRequest() string {
	line := e.text[:min(lineEnd(e.text), 600)]
	if !hasAny(line, "=", ":", "[", "(") {
		return ""
	}
	m := requestID.FindStringSubmatch(line)
	if m == nil {
		return ""
	}
	return firstOf(m[1], m[2])
}

// shareRequests finds the ids of requests that several entries have, where one of the refusals
// has any, and returns the entries of each.
func shareRequests(all []*joined, list []entry) map[string][]int {
	any := false
	for _, j := range all {
		if any = list[j.entry].idOfRequest() != ""; any {
			break
		}
	}
	if !any {
		return nil
	}
	requests := map[string][]int{}
	for i := range list {
		if id := list[i].idOfRequest(); id != "" {
			requests[id] = append(requests[id], i)
		}
	}
	for id, entries := range requests {
		if len(entries) < 2 {
			delete(requests, id)
			continue
		}
		for _, i := range entries {
			list[i].request = id
		}
	}
	return requests
}

// ofRequest finds the call of a refusal in the entries of the same request: the last one before
// it, else the first one behind it.
func (j *joined) ofRequest(list []entry, requests map[string][]int) bool {
	entries := requests[list[j.entry].request]
	for n := len(entries) - 1; n >= 0; n-- {
		if entries[n] < j.entry && j.callOf(&list[entries[n]], true) {
			return true
		}
	}
	for _, i := range entries {
		if i > j.entry && j.callOf(&list[i], false) {
			return true
		}
	}
	return false
}
