package diagnose

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
)

var (
	colonName = regexp.MustCompile(`[A-Za-z][\w-]*(?::[A-Za-z*][\w-]*){1,3}`)
	asScope   = regexp.MustCompile(`(?i)scope|permission|role|grant|oauth`)
)

// maxNames bounds how many names of a kind are judged.
const maxNames = 200

// unknownNames names what a text advises and no published list has, with the
// nearest that one has.
func (x *Explainer) unknownNames(text string) {
	x.unknownScopes(text)
	x.unknownPaths(text)
	x.unknownHosts(text)
	x.unknownRoles(text)
}

var (
	// roleBefore is a name before the word role, roleBehind one behind it.
	roleBefore = regexp.MustCompile(`["'“‘*]?\b((?:[A-Z][\w&-]*[ ]){0,3}(?i:scim|provisioning)(?:[ ][A-Z][\w&-]*){0,3})["'”’*]*\s+(?i:role)\b`)
	roleBehind = regexp.MustCompile(`(?i:\brole)s?\s+(?i:named\s+|called\s+|of\s+)?["'“‘*]+((?:\w[\w&-]*[ ]){0,3}(?i:scim|provisioning)(?:[ ]\w[\w&-]*){0,3})["'”’*]`)
)

// scimRole is the role that the vendor ships for this work.
const scimRole = "SCIM Integration"

// unknownRoles names roles that sound like the platform's own for this work. An org
// may have a role of any name, and its name says nothing of its permissions.
func (x *Explainer) unknownRoles(text string) {
	for _, form := range []*regexp.Regexp{roleBefore, roleBehind} {
		for _, m := range form.FindAllStringSubmatch(text, maxNames) {
			name := strings.TrimSpace(m[1])
			plain := strings.TrimSpace(articles.ReplaceAllString(name, ""))
			if plain == "" || strings.EqualFold(plain, scimRole) || strings.EqualFold(plain, "scim") || strings.EqualFold(plain, "provisioning") || x.noticed("The role "+strconv.Quote(plain)) {
				continue
			}
			x.notice("role-names-match-permissions", "The role %q is not one that the platform ships: its role for SCIM is %q. An org may have a role of that name, and a role's name says nothing of its permissions: look at these.", plain, scimRole)
		}
	}
}

var articles = regexp.MustCompile(`^(?:The|A|An|Assign|Give|Add|Grant|Use|Your|Our|My)\s+`)

// unknownScopes judges names with colons: as what the text calls them, and where it does
// not say, two parts as a scope's or what was taken for one, three as a permission's.
func (x *Explainer) unknownScopes(text string) {
	scopes, permissions := catalog.All().Scopes(), catalog.All().Permissions()
	domains := map[string]bool{}
	for _, name := range slices.Concat(scopes, permissions) {
		domain, _, _ := strings.Cut(name, ":")
		domains[plainName(domain)] = true
	}
	advised := asScope.MatchString(text)
	for _, at := range colonName.FindAllStringIndex(text, 20*maxNames) {
		name := text[at[0]:at[1]]
		domain, _, _ := strings.Cut(name, ":")
		if !advised || partOfMore(text, at) || !domains[plainName(domain)] && !strings.HasPrefix(strings.ToLower(name), "scim") ||
			slices.Contains(scopes, name) || slices.Contains(permissions, name) || x.noticed(name) || len(x.notices) > maxNames {
			continue
		}
		as := calledAs(text, at)
		if as == "" {
			as = soundsLike(name)
		}
		switch {
		case cutOff(text, at, as, permissions):
		case as == asAPermission:
			x.unknownPermission(name, permissions)
		case as == asAScope:
			x.notice("scope-names-exist", "%s is in no published list of scopes%s.", name, nearScopes(name, scopes, permissions))
		}
	}
	x.unknownWords(text, scopes)
}

// unknownPermission names a permission that is not published. The name without its action is
// of the permissions that have one.
func (x *Explainer) unknownPermission(name string, permissions []string) {
	if strings.Count(name, ":") == 1 && slices.ContainsFunc(permissions, func(p string) bool { return strings.HasPrefix(p, name+":") }) {
		return
	}
	x.notice(string(cause.PermissionNotAvailable), "%s is in no published list of permissions%s.", name, nearWords(catalog.Nearest(name, permissions, 2)))
}

// partOfMore says whether the name at a place is a part of something longer: a URL, an
// address, a URN, a file.
func partOfMore(text string, at []int) bool {
	if at[0] > 0 && strings.ContainsRune(":/.@-_", rune(text[at[0]-1])) {
		return true
	}
	rest := text[at[1]:min(len(text), at[1]+2)]
	return rest != "" && strings.ContainsRune("/\\@(:", rune(rest[0])) || len(rest) == 2 && rest[0] == '.' && isWord(rest[1])
}

func isWord(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' }

// What a name is said to be, or sounds like.
const (
	asAScope      = "scope"
	asAPermission = "permission"
)

// actions are last parts of scopes and permissions, as the platform and others have them.
// Without one, a name with two parts is as likely a key and its value.
var actions = regexp.MustCompile(`(?i)^(?:read-?only|read|write|readwrite|view|list|get|add|create|edit|update|modify|delete|remove|manage|admin|all|full|access|search|export|import|upload|download|assign|provision(?:ing)?|publish|execute|invoke|send)$`)

// soundsLike says what a name sounds like that the text calls nothing; empty for what is more
// likely no name of the platform.
func soundsLike(name string) string {
	parts := strings.Split(name, ":")
	scim := strings.HasPrefix(strings.ToLower(name), "scim")
	switch {
	case strings.Contains(name, "*") || len(parts) > 3 || strings.HasPrefix(name, "scim:schemas"):
		return ""
	case scim, len(parts) == 2 && actions.MatchString(parts[1]):
		return asAScope
	case len(parts) == 3:
		return asAPermission
	}
	return ""
}

var (
	// kindBehind is the word that calls a name something, behind it. With a colon it is the
	// title of what follows.
	kindBehind = regexp.MustCompile(`(?i)^["'` + "`" + `”*]{0,3}[ \t]*[ \t\n][ \t]*(?:(?:to|into|in|from|of)\s+(?:(?:the|its|your|their)\s+)?)?(?:oauth\s+)?(scope|permission)(?:s|\(s\))?([^\w]|$)`)
	// kindBefore is the last such word before it, with what is between.
	kindBefore = regexp.MustCompile(`(?is)^.*(scope|permission)(?:s|\(s\))?(.*)$`)
	// keyValue follows a word that is a key (scope:x), and calls nothing behind its value.
	keyValue = regexp.MustCompile(`^:\w`)
	// listWords are words in a list of names and before it.
	listWords = regexp.MustCompile(`(?i)\b(?:and|or|und|et|y|the|a|an|named|called|is|are|be|needed|required|missing|following|of|to|such|as|like|both|for|example|assigned|name|value|oauth)\b`)
)

// calledAs says what a text calls the name at a place: a scope, a permission, or nothing. The
// word may be before a list of names.
func calledAs(text string, at []int) string {
	name := text[at[0]:at[1]]
	if strings.Contains(name, "*") || strings.HasPrefix(name, "scim:schemas") {
		return ""
	}
	if m := kindBehind.FindStringSubmatch(text[at[1]:min(len(text), at[1]+40)]); m != nil && m[2] != ":" && m[2] != "=" {
		return strings.ToLower(m[1])
	}
	before := text[max(0, at[0]-300):at[0]]
	if i := strings.LastIndex(before, "\n\n"); i >= 0 {
		before = before[i:]
	}
	m := kindBefore.FindStringSubmatch(before)
	if m == nil || strings.Contains(m[2], ". ") || keyValue.MatchString(m[2]) {
		return ""
	}
	between := listWords.ReplaceAllString(colonName.ReplaceAllString(m[2], ""), "")
	if strings.IndexFunc(between, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) >= 0 {
		return ""
	}
	return strings.ToLower(m[1])
}

// cutOff says whether only the beginning of the name at a place is there: at the end of a list
// that is not closed, or at the end of a line where a published permission begins so.
func cutOff(text string, at []int, as string, permissions []string) bool {
	name := text[at[0]:at[1]]
	rest := strings.TrimLeft(text[at[1]:min(len(text), at[1]+8)], " \t\r")
	if strings.HasPrefix(rest, "…") || strings.HasPrefix(rest, "...") {
		return true
	}
	if rest != "" && rest[0] != '\n' && !truncated.MatchString(rest) {
		return false
	}
	line := text[strings.LastIndexByte(text[:at[0]], '\n')+1 : at[0]]
	open := strings.LastIndexByte(line, '[') > strings.LastIndexByte(line, ']')
	return open || as != asAScope && slices.ContainsFunc(permissions, func(p string) bool { return strings.HasPrefix(p, name) })
}

// truncated is what logs write where they cut a line.
var truncated = regexp.MustCompile(`(?i)^[\[(<]\+?(?:trunc|cut|snip|\d)`)

// plainName is a name as names are compared, since the platform spells a domain in several
// ways: externalContacts, external-contacts.
func plainName(name string) string {
	return strings.TrimSuffix(strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(name)), "s")
}

// scopesOf are the scopes for domains of permissions that are called otherwise.
var scopesOf = map[string][]string{"wfm": {"workforce-management"}, "directory": {"users", "groups"}, "scripter": {"scripts"}, "response": {"response-management"}, "webchat": {"web-chat"}, "sso": {"identity-providers"}, "queue": {"routing"}, "speech": {"speech-and-text-analytics"}, "flow": {"architect"}}

// nearScopes says which scopes a name most likely means, or the nearest permission where
// there is no such scope. A scope without a suffix allows to write, one with :readonly does
// not.
func nearScopes(name string, scopes, permissions []string) string {
	domain, _, _ := strings.Cut(name, ":")
	bases := scopesOf[plainName(domain)]
	for _, s := range scopes {
		if plainName(s) == plainName(domain) {
			bases = append(bases, s)
		}
	}
	var out []string
	for _, b := range bases {
		pair := []string{b, b + ":readonly"}
		if reads.MatchString(name) {
			slices.Reverse(pair)
		}
		for _, s := range pair {
			if slices.Contains(scopes, s) {
				out = append(out, s)
			}
		}
	}
	if len(out) == 0 {
		out = catalog.Nearest(name, scopes, 2)
	}
	if near := catalog.Nearest(name, permissions, 1); len(out) == 0 && len(near) > 0 {
		return "; the nearest published name is that of a permission: " + near[0]
	}
	return nearWords(out[:min(len(out), 2*len(bases)+2, 4)])
}

// reads is the end of a name that allows to read.
var reads = regexp.MustCompile(`(?i):(?:read|view|readonly|list|get|search|viewall)$`)

// scopeQuoted is a name without colons that a text calls a scope, in quotation marks: without
// them any word may follow.
var scopeQuoted = regexp.MustCompile(`(?i)\bscopes?\s+(?:named\s+|called\s+)?["'` + "`" + `“]([a-z][a-z0-9]*(?:-[a-z0-9]+)*)["'` + "`" + `”]`)

// unknownWords names scopes without a colon that are not published and begin as one that is:
// others, such as openid, are of other services.
func (x *Explainer) unknownWords(text string, scopes []string) {
	for _, m := range scopeQuoted.FindAllStringSubmatch(text, maxNames) {
		name := m[1]
		domain, _, _ := strings.Cut(name, "-")
		ours := slices.ContainsFunc(scopes, func(s string) bool { return plainName(s) == plainName(domain) })
		if ours && !slices.Contains(scopes, strings.ToLower(name)) && !x.noticed(name) {
			x.notice("scope-names-exist", "%s is in no published list of scopes%s.", name, nearScopes(domain, scopes, nil))
		}
	}
}

// maxNear bounds how many names are offered for one.
const maxNear = 3

// published says that all names of a text which only advises are published ones.
func (x *Explainer) published(text string) {
	if !asScope.MatchString(text) {
		return
	}
	scopes, permissions := catalog.All().Scopes(), catalog.All().Permissions()
	var names []string
	for _, name := range colonName.FindAllString(text, 20*maxNames) {
		if (slices.Contains(scopes, name) || slices.Contains(permissions, name)) && !slices.Contains(names, name) && len(names) < maxNames {
			names = append(names, name)
		}
	}
	for _, m := range scopeWord.FindAllStringSubmatch(text, maxNames) {
		if name := strings.ToLower(m[1]); slices.Contains(scopes, name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if strings.Contains(text, scimRole) {
		names = append(names, "the role "+scimRole)
	}
	if len(names) > 0 {
		x.notice("names-are-published", "All names in the text are published ones: %s. Whether they are enough for what you do, `scimlint can-i` says of your org.", strings.Join(names, ", "))
	}
}

var scopeWord = regexp.MustCompile(`(?i)\bscopes?\s+(?:named\s+|called\s+)?["'` + "`" + `“]?([a-z][a-z0-9-]+)\b`)

// noticed says whether a notice speaks of a name.
func (x *Explainer) noticed(name string) bool {
	for _, n := range x.notices {
		if strings.HasPrefix(n.Text, name+" ") {
			return true
		}
	}
	return false
}

func nearWords(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return "; the nearest published: " + strings.Join(list, ", ")
}
