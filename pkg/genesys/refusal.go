package genesys

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/internal/bounds"
)

// The bounds of a refusal. Real ones have a few hundred bytes.
const (
	// maxRefusal bounds the body, in bytes.
	maxRefusal = 256 << 10
	// maxNames bounds how many permissions, scopes, divisions or policies are read.
	maxNames = 1000
	// maxMessage bounds the message that is kept, in bytes.
	maxMessage = 8 << 10
)

// The published refusal codes that scimlint tells apart.
const (
	CodeMissingPermissions            = "missing.permissions"
	CodeMissingAnyPermissions         = "missing.any.permissions"
	CodeMissingDivisionPermission     = "missing.division.permission"
	CodeMissingDivisionPermissions    = "missing.division.permissions"
	CodeMissingAnyDivisionPermissions = "missing.any.division.permissions"
	CodeMissingDivisionImplied        = "missing.division.permission.implied"
	CodeAppNotAuthorizedForScope      = "app.not.authorized.for.scope"
	CodeAuthzPolicyDenied             = "authz.policy.denied"
	CodeInsufficientPermissions       = "insufficient.permissions"
	CodeNotAuthorized                 = "not.authorized"
	CodeAuthenticationRequired        = "authentication.required"
	CodeBadCredentials                = "bad.credentials"
	CodeIPNotAuthorized               = "ip.not.authorized"
	CodeNotAUser                      = "not.a.user"
	CodeTooManyRequests               = "too.many.requests"
	CodeTooManyRequestsRetryAfter     = "too.many.requests.retry.after"
	// CodeCredentialsExpired occurs on real orgs and in no published list.
	CodeCredentialsExpired = "credentials.expired"
)

// RefusalKind says in which form the platform said no.
type RefusalKind string

// The forms of a refusal.
const (
	RefusalAPI   RefusalKind = "api"
	RefusalOAuth RefusalKind = "oauth"
	RefusalSCIM  RefusalKind = "scim"
)

// Refusal is an answer by which the platform says no, and what it names.
type Refusal struct {
	Kind   RefusalKind `json:"kind"`
	Status int         `json:"status"`
	// Code is the platform's error code, an OAuth "error", or a scimType.
	Code      string `json:"code,omitempty"`
	Message   string `json:"message,omitempty"`
	ContextID string `json:"contextId,omitempty"`
	// What the refusal names, read from messageParams first and from the
	// message's words where these say nothing.
	Permissions []string `json:"permissions,omitempty"`
	Scopes      []string `json:"scopes,omitempty"`
	Divisions   []string `json:"divisions,omitempty"`
	PolicyIDs   []string `json:"policyIds,omitempty"`
	IP          string   `json:"ip,omitempty"`
}

// ParseRefusal reads the body of a refusal in any of its three forms: the
// platform's own, an OAuth error (RFC 6749 section 5.2, where the platform also
// sends "description"), a SCIM error (RFC 7644 section 3.12). Fields of an
// unexpected type are passed over. It returns false where the body is in none
// of these forms, which means that something else answered.
// It returns false as well for a body beyond the bounds of a refusal.
func ParseRefusal(status int, body []byte) (*Refusal, bool) {
	if beyondRefusal(body) != nil {
		return nil, false
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return nil, false
	}
	text := func(key string) string { return jsonText(fields[key]) }
	r := &Refusal{Status: status, ContextID: text("contextId")}
	switch {
	case text("error") != "":
		r.Kind, r.Code, r.Message = RefusalOAuth, text("error"), firstOf(text("error_description"), text("description"))
	case text("code") != "" || text("message") != "":
		r.Kind, r.Code, r.Message = RefusalAPI, text("code"), firstOf(text("message"), text("messageWithParams"))
		r.nameThings(fields["messageParams"])
	case text("scimType") != "" || text("detail") != "":
		r.Kind, r.Code, r.Message = RefusalSCIM, text("scimType"), text("detail")
	default:
		return nil, false
	}
	r.Message = cut(r.Message)
	return r, true
}

// beyondRefusal says that a body is larger, or nested deeper, than any refusal.
func beyondRefusal(body []byte) error {
	if len(body) > maxRefusal {
		return fmt.Errorf("it is larger than %d kB", maxRefusal>>10)
	}
	return bounds.JSON(body)
}

// cut shortens a message that is longer than any.
func cut(text string) string {
	if len(text) <= maxMessage {
		return text
	}
	return strings.ToValidUTF8(text[:maxMessage], "") + "…"
}

// jsonText returns a JSON string's text, and nothing for any other value.
func jsonText(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

var (
	permissionWord = regexp.MustCompile(`[A-Za-z*][\w*]*:[\w*]+:[A-Za-z*][\w*]*`)
	// inDivision is a permission with the division behind it, as some services write it.
	inDivision = regexp.MustCompile(`[A-Za-z*][\w*]*:[\w*]+:[A-Za-z*][\w*]*:([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})`)
	// forbiddenOn is how the older services name a permission.
	forbiddenOn   = regexp.MustCompile(`(?i)forbidden on domain,?\s*'([\w*]+)',?\s*entity\s*'([\w*]+)',?\s*with action set\s*'?\[([\w*, ]+)\]`)
	uuidWord      = regexp.MustCompile(`[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}`)
	bracketed     = regexp.MustCompile(`\[([^\[\]]*)\]`)
	afterDivision = regexp.MustCompile(`division\(s\):\s*(.+)$`)
)

// nameThings fills in what the refusal names. The keys of messageParams are not
// published, so its values are read by their shape.
func (r *Refusal) nameThings(params json.RawMessage) {
	var value any
	_ = json.Unmarshal(params, &value) // where there are none there is nothing to read
	for _, text := range []string{strings.Join(leaves(value, nil), "\n"), r.Message} {
		if r.read(text) {
			return
		}
	}
}

// leaves appends the strings of a value, those of objects by their keys' order.
func leaves(value any, to []string) []string {
	switch v := value.(type) {
	case string:
		return append(to, v)
	case []any:
		for _, item := range v {
			to = leaves(item, to)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			to = leaves(v[key], to)
		}
	}
	return to
}

// read reads names of the kind that the code speaks of; it says whether it
// found any.
func (r *Refusal) read(text string) bool {
	switch r.Code {
	case CodeAppNotAuthorizedForScope:
		r.Scopes = scopeWords(text)
		return len(r.Scopes) > 0
	case CodeAuthzPolicyDenied:
		r.PolicyIDs = unique(uuidWord.FindAllString(text, -1))
		return len(r.PolicyIDs) > 0
	case CodeIPNotAuthorized:
		r.IP = ipWord(text)
		return r.IP != ""
	}
	r.Permissions = unique(permissionWord.FindAllString(text, -1))
	if m := forbiddenOn.FindStringSubmatch(text); m != nil && len(r.Permissions) == 0 {
		for action := range strings.SplitSeq(m[3], ",") {
			r.Permissions = unique(append(r.Permissions, m[1]+":"+m[2]+":"+strings.TrimSpace(action)))
		}
	}
	if strings.Contains(r.Code, "division") {
		r.Divisions = divisionWords(text)
	}
	for _, m := range inDivision.FindAllStringSubmatch(text, maxNames) {
		r.Divisions = unique(append(r.Divisions, m[1]))
	}
	return len(r.Permissions) > 0
}

// scopeWords reads "[telephony:readonly, telephony]", or a bare list.
func scopeWords(text string) []string {
	if m := bracketed.FindStringSubmatch(text); m != nil {
		text = m[1]
	} else if i := strings.LastIndex(text, "scope "); i >= 0 {
		text = text[i+len("scope "):]
	}
	return unique(strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(", \n\t[]\"", c) }))
}

func divisionWords(text string) []string {
	if ids := uuidWord.FindAllString(text, -1); len(ids) > 0 {
		return unique(ids)
	}
	if m := afterDivision.FindStringSubmatch(text); m != nil {
		return unique(strings.FieldsFunc(m[1], func(c rune) bool { return strings.ContainsRune(",[]", c) }))
	}
	return nil
}

func ipWord(text string) string {
	for _, w := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune("[] \n,", c) }) {
		if a, err := netip.ParseAddr(w); err == nil {
			return a.String()
		}
	}
	return ""
}

// unique returns the words once each, in their order.
func unique(words []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, w := range words {
		if w = strings.TrimSpace(w); w != "" && !seen[w] && len(out) < maxNames {
			seen[w] = true
			out = append(out, w)
		}
	}
	return out
}

// NewRefusal makes a refusal of a code and the words that came with it, for
// places where the body itself is not to be had.
func NewRefusal(status int, code, message string) *Refusal {
	r := &Refusal{Kind: RefusalAPI, Status: status, Code: code, Message: cut(message)}
	r.read(message)
	return r
}
