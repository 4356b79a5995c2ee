package transcript

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/genesys"
)

// bodies finds the JSON objects of an entry and returns the entry's text with
// those blanked that were read.
func (e *entry) bodies() (string, []piece) {
	var out []piece
	var read [][2]int
	budget := 8 * maxObject
	for from := 0; budget > 0; {
		i := strings.IndexByte(e.text[from:], '{')
		if i < 0 {
			break
		}
		i += from
		object, end, ok := objectAt(e.text, i)
		budget -= end - i
		from = i + 1
		if !ok {
			continue
		}
		if bytes.Contains(object, definition) || mocks(e.text[:i]) {
			read = append(read, [2]int{i, end}) // nobody was answered with it
			from = end
			continue
		}
		found := record(object)
		if len(found) == 0 {
			continue
		}
		for _, p := range found {
			p.from, p.to = i, end
			out = append(out, p)
		}
		read = append(read, [2]int{i, end})
		from = end
	}
	return blanked(e.text, read), out
}

// definition is in the definition of the platform's API only.
var definition = []byte(`"x-inin-error-codes"`)

// mocked is the call of a test that says what a call is to be answered with.
var mocked = regexp.MustCompile(`\.(?:reply|respond|respondWith|mock\w*|thenReturn|andReturn|willReturn|toMatchObject|toEqual|toStrictEqual|toThrow\w*)\([^(){}\n]{0,60}$`)

// mocks says whether the source of a test is before an object.
func mocks(before string) bool {
	return mocked.MatchString(before[max(0, len(before)-100):])
}

// blanked is a text with spaces in place of what is at some places of it, but with its lines.
func blanked(text string, places [][2]int) string {
	if len(places) == 0 {
		return text
	}
	out := []byte(text)
	for _, p := range places {
		for i := p[0]; i < p[1]; i++ {
			if out[i] != '\n' {
				out[i] = ' '
			}
		}
	}
	return string(out)
}

// documents reads a JSON value of the input: each object of a list is its own.
func (rd *reader) documents(raw json.RawMessage, where string) {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil {
		for i, item := range list {
			rd.documents(item, fmt.Sprintf("body %d", i+1))
		}
		return
	}
	for _, p := range record(raw) {
		j := joined{piece: p, quoted: !p.body}
		if !j.sure() && !j.access() || rd.anothers(p) {
			continue
		}
		e := j.exchange()
		e.Where = where
		rd.keep(e)
	}
}

// event is what the fields of a log event say of the call.
type event struct {
	method, url, id string
	status          int
	// host is where the address is a path only, called a whole call in one text.
	host   string
	called []string
	// action is what provisioning did, as Entra ID logs it; kind is the kind of an event, as
	// Okta logs it.
	action, kind string
}

// record reads the refusals out of a JSON object: an error body, or an event of
// a log that has one in it, as an object, as a string, or in words.
func record(object []byte) []piece {
	var v any
	if json.Unmarshal(object, &v) != nil {
		return nil
	}
	out := recorded(shaped(v, 0), 0)
	for i := range out {
		out[i].service = ofService(string(object))
	}
	return out
}

// recorded reads the refusals of an event.
func recorded(v any, depth int) []piece {
	whole := eventOf(v)
	named := whole.provisioning(v)
	var out []piece
	visit(v, whole, depth, &out)
	if len(out) == 0 && named && strings.HasPrefix(whole.kind, oktaEvents) {
		out = oktaStatus(marshalled(v))
	}
	if len(out) == 0 && whole.status >= 400 && whole.status < 600 && (platform(whole.url) || ofOthers(whole.url)) {
		out = append(out, piece{core: true, status: whole.status})
	}
	// What one call of the event says may be what the event says in words.
	out = merged(out)
	for i := range out {
		p := &out[i]
		if p.url == "" {
			p.method, p.url, p.named = strings.ToUpper(whole.method), whole.url, named
		}
		p.status, p.id = firstStatus(p.status, whole.status), firstOf(p.id, whole.id)
	}
	return merged(out)
}

// provisioning reads the call of an event of an identity provider, and says whether it is one.
func (ev *event) provisioning(v any) bool {
	switch {
	case ev.url != "":
		return false
	case ev.action != "":
		ev.method, ev.url = provisioned(ev.action, marshalled(v))
	case strings.HasPrefix(ev.kind, oktaEvents):
		ev.method, ev.url = oktaCall(ev.kind, marshalled(v))
	default:
		return false
	}
	return ev.url != ""
}

func marshalled(v any) string {
	text, _ := json.Marshal(v) // it was unmarshalled
	return string(text)
}

// oktaEvents is how the kinds of Okta's events begin that are of provisioning.
const oktaEvents = "application.provision."

// What Okta's events say of the call, and of its answer where that has no body.
var (
	oktaTried  = regexp.MustCompile(`(?i)\btrying to (create|update|delete|deactivate|disable|push (?:a )?profile update)\b[^\n]{0,40}?\b(?:user|group|for)\b`)
	oktaAnswer = regexp.MustCompile(`(?:: |: HTTP )(Forbidden|Unauthorized)\b`)
	oktaKinds  = map[string]string{"user.push_profile": "update", "user.deactivate": "disable", "user.reactivate": "update"}
)

// oktaCall is the call that an event of Okta's was for.
func oktaCall(kind, text string) (method, url string) {
	action := oktaKinds[strings.TrimPrefix(kind, oktaEvents)]
	if m := oktaTried.FindStringSubmatch(text); m != nil {
		switch first, _, _ := strings.Cut(strings.ToLower(m[1]), " "); first {
		case "deactivate":
			action = "disable"
		case "push":
			action = "update"
		default:
			action = first
		}
	}
	return provisioned(action, strings.Replace(kind, ".group", " update Group", 1))
}

// oktaStatus is the answer that an event names by its status only.
func oktaStatus(text string) []piece {
	m := oktaAnswer.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	return []piece{{core: true, status: names[strings.ToLower(m[1])]}}
}

// eventLine reads an entry that is one JSON object and no refusal by its words: then only its
// own field may be a status, and no other number. It is false for any other text.
func eventLine(text string) ([]piece, bool) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "{") || !strings.HasSuffix(text, "}") {
		return nil, false
	}
	var v map[string]any
	if json.Unmarshal([]byte(text), &v) != nil {
		return nil, false
	}
	whole := eventOf(shaped(v, 0))
	if !publishedStatus(whole.status) || whole.status < 400 {
		return nil, !saysStatus(v, 0)
	}
	return []piece{{core: true, to: len(text), status: whole.status, method: strings.ToUpper(whole.method), url: whole.url, id: whole.id}}, true
}

// saysStatus reports whether any text of an event may say a status.
func saysStatus(v any, depth int) bool {
	switch v := v.(type) {
	case string:
		return statusLike(v)
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return depth > 12 || saysStatus(item, depth+1) })
	case map[string]any:
		for _, item := range v {
			if depth > 12 || saysStatus(item, depth+1) {
				return true
			}
		}
	}
	return false
}

// merged joins what one event says more than once.
func merged(list []piece) []piece {
	var out []piece
	for _, p := range list {
		if len(out) > 0 {
			j := joined{piece: out[len(out)-1]}
			if j.adds(p, "", ownInLine) {
				out[len(out)-1] = j.piece
				continue
			}
		}
		out = append(out, p)
	}
	return out
}

// httpMethod is a method, and nothing else.
var httpMethod = regexp.MustCompile(`(?i)^(?:GET|POST|PUT|PATCH|DELETE|HEAD)$`)

var joinWords = strings.NewReplacer("_", "", "-", "")

// fieldKinds are what the fields of an event say, by their names in small letters, without
// the dividers of words. Source: the schemas of Elastic, Datadog, OpenTelemetry, Azure Monitor
// and CloudWatch, and what programs write.
var fieldKinds = kindsOfFields()

func kindsOfFields() map[string]string {
	kinds := map[string]string{}
	for kind, keys := range map[string]string{
		"method": "method httpmethod requestmethod http.request.method http.method req.method request.method verb requesttype operation",
		"url":    "url uri path requesturl requesturi requestpath endpoint resource url.full url.original url.path http.url http.target http.route request.url req.url fullurl target uripath",
		"status": "status http.response.statuscode http.statuscode statuscode httpstatus responsestatus responsecode httpstatuscode responsestatuscode resultcode resulttype response.status",
		"host":   "host domain url.domain authority httphost http.host server.address net.peer.name",
		"id":     "correlationid inincorrelationid contextid",
		"kind":   "eventtype",
		"action": "provisioningaction",
	} {
		for key := range strings.FieldsSeq(keys) {
			kinds[key] = kind
		}
	}
	return kinds
}

// eventOf reads what the fields of an event say of the call.
func eventOf(v any) event {
	var ev event
	ev.fill(v, 0)
	if ev.url == "" && ev.called != nil {
		ev.method, ev.url = ev.called[1], ev.called[2]
	}
	if strings.HasPrefix(ev.url, "/") && publicHost.MatchString(ev.host) && (platformDomain(ev.host) || !platformPath(ev.url)) {
		ev.url = "https://" + ev.host + ev.url
	}
	return ev
}

// wholeCall is a call that is all of a text.
var wholeCall = regexp.MustCompile(`^(GET|POST|PUT|PATCH|DELETE) ((?:https?://|/)\S+)(?: HTTP/[\d.]+)?$`)

// fill reads the first value of each kind that the event has, near its top first.
func (ev *event) fill(v any, depth int) {
	object, ok := v.(map[string]any)
	if !ok || depth > 4 {
		return
	}
	keys := slices.Sorted(maps.Keys(object))
	without, host := ev.url == "", ""
	for _, key := range keys {
		kind := fieldKinds[strings.ToLower(joinWords.Replace(key))]
		if kind == "host" {
			host = firstOf(host, strings.ToLower(textOf(object[key])))
		}
		ev.field(kind, object[key])
	}
	if without && ev.url != "" {
		ev.host = host // the host of the address is beside it: any other may be the logger's
	}
	for _, key := range keys {
		if key != "debugContext" { // of Okta's events: how its own console was called
			ev.fill(object[key], depth+1)
		}
	}
}

// field reads a field of a kind, if the event had none of it before.
func (ev *event) field(kind string, value any) {
	text := textOf(value)
	call := wholeCall.FindStringSubmatch(text)
	if call != nil && ev.called == nil {
		ev.called = call
	}
	switch kind {
	case "method":
		if httpMethod.MatchString(text) {
			ev.method = firstOf(ev.method, text)
		}
	case "url":
		if text = address(value); strings.Contains(text, "/") && call == nil {
			ev.url = firstOf(ev.url, text)
		}
	case "status":
		if n := number(value); n >= 100 && n < 600 {
			ev.status = firstStatus(ev.status, n)
		}
	case "kind":
		ev.kind = firstOf(ev.kind, text)
	case "action":
		ev.action = firstOf(ev.action, text)
	case "id":
		ev.id = firstOf(ev.id, text)
	}
}

// address is a URL as a field gives it: a text, or the parts of Elastic's schema.
func address(v any) string {
	if parts, ok := v.(map[string]any); ok {
		return firstOf(textOf(parts["full"]), textOf(parts["original"]), textOf(parts["raw"]))
	}
	return textOf(v)
}

// mostInObject bounds how many refusals one JSON object may have.
const mostInObject = 10_000

func visit(v any, whole event, depth int, out *[]piece) {
	if depth > 12 || len(*out) >= mostInObject {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if own := eventOf(item); own.calls(whole) {
				*out = append(*out, recorded(item, depth+1)...)
				continue
			}
			visit(item, whole, depth+1, out)
		}
	case string:
		visitText(v, whole, depth, out)
	case map[string]any:
		if p, ok := errorBody(v); ok {
			if inner := passedOn(v, p, whole, depth); len(inner) > 0 {
				*out = append(*out, inner...)
				return
			}
			*out = append(*out, p)
			return
		}
		if defines(v) {
			return
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			visit(v[key], whole, depth+1, out)
		}
	}
}

// calls says whether an event within another is of a call of its own.
func (ev *event) calls(whole event) bool {
	return ev.url != "" && ev.url != whole.url && (ev.status != 0 || ev.method != "")
}

// defines says whether an object is of the definition of an API: it lists what calls may be
// answered with.
func defines(v map[string]any) bool {
	if _, ok := v["x-inin-error-codes"]; ok {
		return true
	}
	responses, _ := v["responses"].(map[string]any)
	_, described := v["operationId"]
	_, summed := v["summary"]
	return len(responses) > 0 && (described || summed)
}

// passedOn are the refusals in an error of another kind: a data action answers 400 where the
// call that it made was refused, and a gateway 502.
func passedOn(v map[string]any, outer piece, whole event, depth int) []piece {
	if access := outer.status == 401 || outer.status == 403 || outer.status == 429; access && (knownCode.MatchString(outer.refusal.Code) || outer.refusal.Kind != genesys.RefusalAPI) {
		return nil
	}
	var inner []piece
	for _, key := range []string{"message", "errors", "details", "detail", "response", "body"} {
		visit(v[key], whole, depth+1, &inner)
	}
	return slices.DeleteFunc(inner, func(p piece) bool {
		return p.refusal == nil || !knownCode.MatchString(p.refusal.Code) || p.answer() != 401 && p.answer() != 403 && p.answer() != 429
	})
}

// errorBody reads an object that is a refusal itself. A message without a code
// is one where its words are the platform's.
func errorBody(v map[string]any) (piece, bool) {
	raw, err := json.Marshal(v)
	if err != nil {
		return piece{}, false
	}
	status := firstStatus(number(v["status"]), number(v["statusCode"]))
	r, ok := genesys.ParseRefusal(status, raw)
	if !ok {
		return piece{}, false
	}
	if r.Kind == genesys.RefusalAPI && !knownCode.MatchString(r.Code) && r.Code != "forbidden" {
		if status == 0 || v["code"] == nil {
			return piece{}, false // an event of a log: its texts are read
		}
	}
	if !refuses(r) {
		return piece{}, false
	}
	return piece{core: true, body: true, refusal: r, status: r.Status, id: r.ContextID}, true
}

func visitText(text string, whole event, depth int, out *[]piece) {
	trimmed := strings.TrimSpace(text)
	if strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[") {
		var inner any
		if json.Unmarshal([]byte(trimmed), &inner) == nil {
			inner = shaped(inner, 0)
			if own := eventOf(inner); own.calls(whole) {
				*out = append(*out, recorded(inner, depth+1)...)
				return
			}
			visit(inner, whole, depth+1, out)
			return
		}
	}
	if len(text) > maxEntryText || !interesting(text) {
		return
	}
	e := entry{text: text, line: 1}
	for _, j := range e.join() {
		if j.bare() && !j.access() {
			continue
		}
		j.core = true
		*out = append(*out, j.piece)
	}
}
