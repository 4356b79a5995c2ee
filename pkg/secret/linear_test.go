package secret

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestAttackSecretsInLongTexts: a long text is looked at in parts, and no secret falls
// between them, also where the text is one line.
func TestAttackSecretsInLongTexts(t *testing.T) {
	var r Redactor
	r.Add(New(clientSecret))
	for _, unit := range []string{"x, ", "a line\n", `{"a":"b\n"},`} {
		for _, at := range []int{window - overlap - 20, window - 60, window - 20, window - 3, window, 2*window - overlap - 20, 2*window - 20} {
			before := strings.Repeat(unit, at/len(unit)+1)[:at]
			for _, form := range []string{clientSecret, " Authorization: Bearer " + accessToken + " ", base64.StdEncoding.EncodeToString([]byte("id:" + clientSecret))} {
				got := r.Clean(before + form + strings.Repeat(unit, 100))
				assert.Less(t, len(got), len(before)+100*len(unit)+len(Mark)+40, "%q at %d: %.80s", form, at, got[at-40:])
				assert.Contains(t, got, Mark)
			}
		}
	}
}

// TestAttackSecretsInBase64: of a text that has one, at every alignment, twice over,
// and of a token answer that nobody knew.
func TestAttackSecretsInBase64(t *testing.T) {
	var r Redactor
	r.Add(New(clientSecret))
	for before := range 4 {
		for _, text := range []string{clientSecret, `{"client_secret":"` + clientSecret + `","a":1}`} {
			once := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("i", before) + text + ":x"))
			twice := base64.URLEncoding.EncodeToString([]byte(once))
			assert.NotContains(t, r.Clean("say "+once+" ok"), once[12:40])
			assert.NotContains(t, r.Known("say "+twice+" ok"), twice[12:40])
		}
	}
	unknown := base64.StdEncoding.EncodeToString([]byte(`{"access_token":"hunter2hunter2","expires_in":1}`))
	assert.Equal(t, "state="+Mark+" ok", Clean("state="+unknown+" ok"))
	found := Find("state=" + unknown + " ok")
	if assert.Len(t, found, 1) {
		assert.Equal(t, AccessToken, found[0].Kind, "what is taken out is reported")
	}
}

// Texts that are made to be read again and again cost no more than others: run
// go test ./pkg/secret -run xxx -bench Hostile and compare MB/s.
func BenchmarkHostile(b *testing.B) {
	for _, unit := range []string{"token=", "cookie: a ", `"token":"a `, "-u 'a ", "://", "eyJ.", "login a/", "credentials(a, ", "a:b@api.", " -ua:b", "http -a a:b ", "- name: secret\n", "value: x\nname: secret\n", "name: secret, ", " -ua:Winter2027xQ9", "curl -s ", "svc@a.example/", "svc@a.example / ", "authorization code ", "?code=", "the token that ", "token, ", "password (", "password pw ", "login svc ", "set secret to ", "3f2504e0-4f89-41d3-a001-0305e82c3301:A0a", "id,secret\n1,2\n", "password=██ ", "secret（", `{"name":"secret"`, "bearer ", `\u005c`, "%25", "authorization: x ", "&#37;", "YWFh", "A0a"} {
		b.Run(fmt.Sprintf("%q", unit), func(b *testing.B) {
			text := strings.Repeat(unit, 1<<19/len(unit))
			var r Redactor
			r.Add(New(clientSecret))
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				r.Clean(text)
			}
		})
	}
}
