package secret

import (
	"regexp"
	"strings"
	"unicode"
)

// maxPlaceholder is the length above which nothing is a placeholder.
const maxPlaceholder = 120

var (
	// reference is what means a value that is elsewhere: a variable of a shell,
	// a template, a language or a pipeline, or a text in brackets.
	reference = regexp.MustCompile(`^(?:<[^<>]*>|\{\{[^{}]*\}{0,2}|\{[\w.-]+\}|\[[^\[\]]*\]?|\([^()]*\)|\$\{.*|\$\(.*|\$\{\{.*|\$[A-Za-z_][\w:.]*|%\w+%|@[\w./-]+|` +
		`(?:\w+\.)?(?:[Gg]et_?[Ee]nv|GetEnvironmentVariable)\(.*|ref\+\w+://.*|\.{0,2}/[\w./-]+|` +
		`(?:var|local|data|each|module|secrets|vars|env|process\.env|os\.environ|os\.getenv|vault|inputs|params|config|settings)[.\[(].*|file\(.*|!\w+(?: .*)?|\$ANSIBLE_VAULT;.*)$`)
	// starred is what was taken out by hand.
	starred = regexp.MustCompile(`(?i)^[*•…]{3,}[a-z ]*[*•…]*$|^[*•…]*[a-z ]*[*•…]{3,}$|^[*x.…•#_?0█▇▓▒░■●-]*$|^.{0,4}[*…•]{2,}.{0,4}$|^.{0,4}x{5,}.{0,4}$`)
	// words splits MY_CLIENT_SECRET, your-token and myToken.
	words = regexp.MustCompile(`[A-Z]?[a-z]+|[A-Z]+|\d+`)
)

// standIns are the words that placeholders are made of.
var standIns = func() map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(`a an the my your our their this that some any new old actual real here there insert put enter paste replace with me
		client secret secrets token tokens access refresh id ids password passwd pwd api key keys value values bearer basic oauth oauthclient auth authorization header
		genesys genesyscloud cloud purecloud zendesk example sample dummy test fake mock redacted hidden masked removed omitted stripped censored sanitized
		user username session cookie code text string placeholder changeme change foo bar baz todo tbd none null nil undefined empty missing env var variable
		from file name abc xyz credential credentials base encoded provided given valid the is not set goes xxx xxxx x of and or to for app application working auditor
		dein deine deinen ihr ihre mein meine euer hier das der die den geheim geheimnis passwort kennwort einfügen eintragen ersetzen beispiel exemplo
		votre ton mon le la ici mot de passe remplacer tu su mi aquí contraseña secreto ejemplo clave il tuo sua senha aqui uw hier wachtwoord`) {
		set[w] = true
	}
	return set
}()

// placeholder reports whether a value is in a secret's place.
func placeholder(v string) bool {
	v = strings.Trim(v, "\"'`,; ")
	switch {
	case v == "" || sameDigit(v) || cutShort(v):
		return true
	case len(v) > maxPlaceholder || isUUID(v):
		return false
	case strings.ContainsAny(v, "<{[($%@!.+/") && reference.MatchString(v) && !bracketed(v), starred.MatchString(v), masked(v):
		return true
	}
	if strings.ContainsFunc(v, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '-' && r != ' ' && r != '.'
	}) {
		return false
	}
	list := words.FindAllString(v, -1)
	for _, w := range list {
		if !standIns[strings.ToLower(w)] && strings.Trim(w, "0123456789") != "" || len(w) > 3 && strings.Trim(w, "0123456789") == "" {
			return false
		}
	}
	return len(list) > 0 && strings.Trim(v, "0123456789") != ""
}

// bracketed reports whether somebody put brackets around a secret.
func bracketed(v string) bool {
	return len(v) > 2 && (v[0] == '(' || v[0] == '[') && telling(strings.Trim(v, "()[]"))
}

// masked reports whether a value was covered: with signs that are no letters, of which a
// program or a person put a row, or with such a row and little beside it.
func masked(v string) bool {
	signs, rest := 0, 0
	for _, r := range v {
		switch {
		case r >= 0x2500 && r <= 0x25ff, r >= 0x2b00 && r <= 0x2bff, strings.ContainsRune("•·∙⋅‧⬤∗＊＿…", r):
			signs++
		default:
			rest++
		}
	}
	return signs >= 2 && rest <= 8
}

// sameDigit reports whether an id is all one digit, as in 00000000-0000-….
func sameDigit(v string) bool {
	return isUUID(v) && strings.Trim(v, v[:1]+"-") == ""
}

// cutInside is the beginning of a token, the sign for what was cut, and a word for it or the end.
var cutInside = regexp.MustCompile(`^\w{1,8}(?:\.{3,}|…+)(?:[a-zA-Z]+|\w{1,6})$`)

// cutShort reports whether only the beginning of a token is shown: eyJ..., 3nT9…
func cutShort(v string) bool {
	if cutInside.MatchString(v) {
		return true
	}
	rest := strings.TrimRight(v, ".…")
	if strings.HasSuffix(v, "…") && len(rest) <= 12 || strings.HasSuffix(v, "...") && len(rest) <= 12 {
		return true
	}
	if len(v)-len(rest) < 3 {
		return false
	}
	return len(rest) <= 8 || strings.HasPrefix(rest, "eyJ") && len(rest) <= 24 && !strings.Contains(rest, ".")
}

// notes are values that say something of a secret and are no secrets.
var notes = func() map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(`true false yes no on off ok null none nil undefined empty missing expired invalid valid required optional unknown
		wrong bad incorrect revoked rejected refused denied present absent set unset string object number boolean bearer basic mac redirect
		supplied acquired authentication authorization failed error readonly read write client_credentials authorization_code invalid_client
		invalid_token invalid_grant unauthorized unauthorized_client forbidden not is was has must
		falsch ungültig abgelaufen leer fehlt fehlerhaft richtig korrekt gültig erforderlich unbekannt incorrecte invalide expiré manquant vide
		oculta oculto masqué masquée caché cachée скрыт скрыто удалено ukryte ukryty versteckt verborgen entfernt geschwärzt nascosta nascosto verborgen gewist removido
		incorrecta inválido inválida caducado vacío obligatorio errata scaduto errado expirado verkeerd verlopen`) {
		set[w] = true
	}
	return set
}()

// note reports whether a value is a word about a secret.
func note(v string) bool { return notes[strings.ToLower(strings.Trim(v, ".,;:!?"))] }

// prose reports whether a value is a sentence: three words or more, all of letters.
func prose(v string) bool {
	fields := strings.Fields(v)
	if len(fields) < 3 {
		return false
	}
	for _, f := range fields {
		if strings.ContainsAny(f, "0123456789") {
			return false
		}
	}
	return true
}

var (
	permission = regexp.MustCompile(`^[A-Za-z][A-Za-z-]*(?::[A-Za-z*-]+){1,2}$`)
	word       = regexp.MustCompile(`^[A-Za-z]?[a-z]+(?:[ _.-][A-Za-z]?[a-z]+)*[.,;:!?]*$|^[A-Z]+(?:[_-][A-Z]+)*[.,;:!?]*$|^(?:[A-Z]?[a-z]{2,})+[.,;:!?]*$`)
	number     = regexp.MustCompile(`^[\d.:,T+Z-]+(?:ms|s|m|h|d)?$`)
)

// opaque reports whether a value is one that a machine or a careful person made:
// no word, number, id, permission, path or address.
func opaque(v string) bool {
	v = strings.Trim(v, "\"'`")
	switch {
	case len(v) < 6, strings.ContainsAny(v, " \t\n"), strings.Contains(v, "://"), strings.HasPrefix(v, "/"), isUUID(v):
		return false
	case len(v) > 200:
		return true
	}
	return !permission.MatchString(v) && !word.MatchString(v) && !number.MatchString(v)
}

// isUUID reports whether a text is a UUID, and nothing else.
func isUUID(v string) bool { return len(v) == 36 && uuidAt([]byte(v), 0) }

// uuidAt reports whether a UUID begins at index i.
func uuidAt(s []byte, i int) bool {
	if len(s)-i < 36 {
		return false
	}
	for n, c := range s[i : i+36] {
		if n == 8 || n == 13 || n == 18 || n == 23 {
			if c != '-' {
				return false
			}
		} else if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return true
}
