package secret

import (
	"maps"
	"slices"
)

// stem is a piece of text that secrets are found beside.
type stem struct {
	text string
	// kind is what the secret is called where one is found.
	kind string
	// find looks for the secret; the stem is at from.
	find func(s *scan, st *stem, from int)
	// loose is set for words that name much beside secrets: only what looks as if a
	// machine made it is a secret then.
	loose bool
}

// The kinds of secrets, as findings name them.
const (
	AccessToken  = "access token"
	RefreshToken = "refresh token"
	ClientSecret = "client secret"
	Password     = "password"
	Cookie       = "session cookie"
	APIKey       = "API key"
	PrivateKey   = "private key"
	SAML         = "SAML response"
	// Assertion, AuthCode and Verifier are given for a token once; no call accepts them.
	Assertion = "assertion"
	AuthCode  = "authorization code"
	Verifier  = "code verifier"
	// Opaque is a run of characters that only its shape gives away: it may be an id.
	Opaque = "opaque value"
	// Unnamed is a secret that the run knows; it is not found, but taken out.
	Unnamed = ""
)

// Kinds are the kinds that are reported as leaked.
func Kinds() []string {
	return []string{AccessToken, RefreshToken, ClientSecret, Password, Cookie, APIKey, PrivateKey, SAML, Assertion, AuthCode, Verifier}
}

// stems are in the order in which they are asked where several end in one place.
// A function breaks the circle between the list and what it names.
var stems []stem

func init() {
	stems = slices.Concat(names(), namesOfKeys(), places())
	for _, kind := range Kinds() {
		for _, name := range abroad[kind] {
			stems = append(stems, stem{name, kind, (*scan).key, false})
		}
	}
	finder = newAutomaton(stems)
}

// abroad are names of values in languages with letters of their own. The case of other
// letters than A to Z is not folded.
var abroad = map[string][]string{
	Password: {"パスワード", "暗証番号", "密码", "密碼", "口令", "비밀번호", "пароль", "Пароль", "hasło", "lösenord",
		"salasana", "adgangskode", "passord", "heslo", "şifre", "parola", "parola d'ordine", "mật khẩu"},
	ClientSecret: {"シークレット", "密钥", "密鑰", "密鍵", "시크릿", "секрет", "Секрет", "clé secrète", "clave secreta", "chiave segreta",
		"chave secreta", "segreto", "segredo", "geheimer schlüssel", "geheime schlüssel", "geheimen schlüssel", "clientgeheim", "секрет клиента", "секретный ключ", "sekret klienta", "tajny klucz", "clientschlüssel", "client-schlüssel"},
}

// names are the names of values.
func names() []stem {
	return []stem{
		{"clave", Password, (*scan).key, true},
		{"geheim", ClientSecret, (*scan).key, true},
		{"jeton", AccessToken, (*scan).key, true},
		{"トークン", AccessToken, (*scan).key, true},
		{"令牌", AccessToken, (*scan).key, true},
		{"토큰", AccessToken, (*scan).key, true},
		{"токен", AccessToken, (*scan).key, true},
		{"Токен", AccessToken, (*scan).key, true},
		{"mdp", Password, (*scan).short, false},
		{"passcode", Password, (*scan).key, false},
		{"secret", ClientSecret, (*scan).key, false},
		{"secretkey", ClientSecret, (*scan).key, false},
		{"token", AccessToken, (*scan).key, true},
		{"password", Password, (*scan).key, false},
		{"passwd", Password, (*scan).key, false},
		{"passwort", Password, (*scan).key, false},
		{"kennwort", Password, (*scan).key, false},
		{"mot de passe", Password, (*scan).key, false},
		{"contraseña", Password, (*scan).key, false},
		{"senha", Password, (*scan).key, false},
		{"wachtwoord", Password, (*scan).key, false},
		{"geheimnis", ClientSecret, (*scan).key, false},
		{"secreto", ClientSecret, (*scan).key, false},
		{"secret client", ClientSecret, (*scan).key, false},
		{"pw", Password, (*scan).short, false},
		{"pass", Password, (*scan).pass, true},
		{"pwd", Password, (*scan).key, false},
		{"passphrase", Password, (*scan).key, false},
	}
}

// namesOfKeys are the names of keys, of sessions and of what is traded for a token.
func namesOfKeys() []stem {
	return []stem{
		{"apikey", APIKey, (*scan).key, false},
		{"api-key", APIKey, (*scan).key, false},
		{"api_key", APIKey, (*scan).key, false},
		{"accesskey", APIKey, (*scan).key, true},
		{"access_key", APIKey, (*scan).key, true},
		{"private_key", APIKey, (*scan).key, true},
		{"privatekey", APIKey, (*scan).key, true},
		{"credential", APIKey, (*scan).key, true},
		{"x-auth", AccessToken, (*scan).key, true},
		{"sessionid", Cookie, (*scan).key, true},
		{"session_id", Cookie, (*scan).key, true},
		{"session", Cookie, (*scan).key, true},
		{"contextid", Opaque, (*scan).key, true},
		{"assertion", Assertion, (*scan).key, true},
		{"code_verifier", Verifier, (*scan).key, false},
		{"codeverifier", Verifier, (*scan).key, false},
		{"code verifier", Verifier, (*scan).key, false},
		{"authorization_code", AuthCode, (*scan).authCode, false},
		{"authorizationcode", AuthCode, (*scan).authCode, false},
		{"authorization code", AuthCode, (*scan).authCode, false},
		{"auth_code", AuthCode, (*scan).authCode, false},
		{"authcode", AuthCode, (*scan).authCode, false},
		{"auth code", AuthCode, (*scan).authCode, false},
		{"autorisierungscode", AuthCode, (*scan).authCode, false},
		{"accountkey", APIKey, (*scan).key, false},
		{"functions-key", APIKey, (*scan).key, false},
		{"subscription-key", APIKey, (*scan).key, false},
		{"subscription key", APIKey, (*scan).key, false},
		{"encryption key", APIKey, (*scan).key, false},
		{"clé api", APIKey, (*scan).key, false},
		{"jeton d'accès", AccessToken, (*scan).key, false},
		{"&sig", APIKey, (*scan).key, true},
		{"?sig", APIKey, (*scan).key, true},
		{"signature", APIKey, (*scan).key, true},
		{"?code", AuthCode, (*scan).key, true},
		{"&code", AuthCode, (*scan).key, true},
	}
}

// places are the headers, schemes, flags and calls that have a secret in them.
func places() []stem {
	list := []stem{
		{"authorization", AccessToken, (*scan).header, false},
		{"cookie", Cookie, (*scan).cookies, false},
		{"bearer", AccessToken, (*scan).scheme, false},
		{"basic", ClientSecret, (*scan).scheme, false},
		{"ssws", APIKey, (*scan).scheme, false},
		{"samlresponse", SAML, (*scan).key, true},
		{"clientcredentials", ClientSecret, (*scan).login, false},
		{"client_credentials", ClientSecret, (*scan).login, false},
		{"posttoken", ClientSecret, (*scan).login, false},
		{"codeauthorization", ClientSecret, (*scan).login, false},
		{"code_authorization", ClientSecret, (*scan).login, false},
		{"bearergrant", ClientSecret, (*scan).login, false},
		{"bearer_token", ClientSecret, (*scan).login, false},
		{"basicauth", ClientSecret, (*scan).login, false},
		{"auth=", ClientSecret, (*scan).login, false},
		{"passwordcredentials", Password, (*scan).login, false},
		{"networkcredential", Password, (*scan).login, false},
		{"clientcredential", ClientSecret, (*scan).login, false},
		{"-----begin ", PrivateKey, (*scan).pem, false},
		{"://", Password, (*scan).userInfo, false},
		{"-u", ClientSecret, (*scan).userFlag, false},
		{"--user", ClientSecret, (*scan).userFlag, false},
		{"--proxy-user", ClientSecret, (*scan).userFlag, false},
		{"--credentials", ClientSecret, (*scan).userFlag, false},
		{"curl ", ClientSecret, (*scan).curl, false},
		{"-p", Password, (*scan).passwordFlag, false},
		{"-a", ClientSecret, (*scan).authFlag, false},
		{"--auth", ClientSecret, (*scan).authFlag, false},
		{"@api.", Password, (*scan).hostInfo, false},
		{"@login.", Password, (*scan).hostInfo, false},
		{"@apps.", Password, (*scan).hostInfo, false},
		{"@", Password, (*scan).address, false},
		{"eyj", AccessToken, (*scan).jwt, false},
		{"securestring", Password, (*scan).secure, false},
		{"net use", Password, (*scan).command1, false},
		{"net user", Password, (*scan).command1, false},
		{"/rp ", Password, (*scan).command1, false},
		{" /p:", Password, (*scan).command1, false},
		{"--password-stdin", Password, (*scan).command1, false},
		{"oracle:thin:", Password, (*scan).command1, false},
		{":5432:", Password, (*scan).command1, false},
		{":3306:", Password, (*scan).command1, false},
		{" -b ", Cookie, (*scan).command1, false},
		{"set to ", Password, (*scan).command1, false},
		{" used ", ClientSecret, (*scan).command1, false},
		{" tried ", ClientSecret, (*scan).command1, false},
		{" entered ", ClientSecret, (*scan).command1, false},
		{"--from-literal", ClientSecret, (*scan).command1, false},
		{`"secret"`, ClientSecret, (*scan).command1, false},
	}
	for _, mark := range slices.Sorted(maps.Keys(shapes)) {
		list = append(list, stem{mark, shapes[mark], (*scan).shaped, false})
	}
	for _, w := range logins {
		list = append(list, stem{w, Password, (*scan).account, false})
	}
	return list
}

// shapes are how the keys and tokens of services begin.
var shapes = map[string]string{
	"xoxb-": AccessToken, "xoxa-": AccessToken, "xoxp-": AccessToken, "xoxr-": AccessToken, "xapp-": AccessToken, "ghp_": AccessToken, "gho_": AccessToken, "ghs_": AccessToken,
	"github_pat_": AccessToken, "glpat-": AccessToken, "npm_": AccessToken, "aiza": APIKey, "sk_live_": APIKey, "rk_live_": APIKey, "sg.": APIKey, "/services/t0": APIKey, "akia": APIKey, "asia": APIKey,
}

// logins are the words before a user and a password.
var logins = []string{
	"login", "log in", "logged in", "logging in", "sign in", "signed in", "sign-in", "signin", "credentials", "creds",
	"zugangsdaten", "anmeldedaten", "anmeldung", "zugang", "identifiants", "connexion", "credenciales", "acceso", "credenziali",
	"accesso", "credenciais", "acesso", "inloggegevens", "ログイン",
}

var finder automaton

// automaton finds all stems in one pass over a text, whatever their case.
type automaton struct {
	next [][256]uint16
	// ends lists, for every state, the stems that end there.
	ends [][]int
}

// newAutomaton builds the automaton of Aho and Corasick.
func newAutomaton(list []stem) automaton {
	a := automaton{next: make([][256]uint16, 1), ends: make([][]int, 1)}
	for n, st := range list {
		state := uint16(0)
		for _, c := range []byte(st.text) {
			if a.next[state][c] == 0 {
				a.next = append(a.next, [256]uint16{})
				a.ends = append(a.ends, nil)
				a.next[state][c] = uint16(len(a.next) - 1) //nolint:gosec // a few hundred states
			}
			state = a.next[state][c]
		}
		a.ends[state] = append(a.ends[state], n)
	}
	fail := make([]uint16, len(a.next))
	var queue []uint16
	for _, s := range a.next[0] {
		if s != 0 {
			queue = append(queue, s)
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		s := queue[0]
		a.ends[s] = append(a.ends[s], a.ends[fail[s]]...)
		for c := range a.next[s] {
			if t := a.next[s][c]; t != 0 {
				fail[t] = a.next[fail[s]][c]
				queue = append(queue, t)
			} else {
				a.next[s][c] = a.next[fail[s]][c]
			}
		}
	}
	for s := range a.next {
		for c := 'A'; c <= 'Z'; c++ {
			a.next[s][c] = a.next[s][c|0x20]
		}
	}
	return a
}
