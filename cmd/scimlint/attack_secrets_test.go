package main

import (
	"archive/zip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	echoSecret = "hT5wZ9-qLr3_Xn8vBk2sYm7cJd4gPf6aUe1oRi0tKxE"
	echoToken  = "Qm3xW8tN5vL2kRz9sYc7dHgF4bJpUe6aToXi1qKzEyM-0pLs8Dk2"
)

// echo is a platform that sends whatever it gets back, in an encoding, wherever
// there is room for it.
func echo(t *testing.T, encode func(string) string) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent := encode(r.Header.Get("Authorization")) + " " + encode(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")) + " " + encode(echoSecret) + " " + encode(echoToken)
		w.Header().Set("ININ-Correlation-Id", strings.ReplaceAll(sent, "\n", ""))
		w.Header().Set("Content-Type", "application/json")
		text, _ := json.Marshal(sent)
		switch {
		case r.URL.Path == "/oauth/token":
			_, _ = fmt.Fprintf(w, `{"access_token":%q,"token_type":"bearer","expires_in":3600}`, echoToken)
		case strings.Contains(r.URL.Path, "subjects/me"):
			_, _ = fmt.Fprintf(w, `{"id":"c","name":%s,"grants":[{"division":{"id":"*","name":%s},"role":{"id":"r","name":%s,"policies":[{"domain":"directory","entityName":"user","actions":["view"]}]}}]}`, text, text, text)
		case strings.Contains(r.URL.Path, "oauth/clients/c"), strings.Contains(r.URL.Path, "tokens/me"):
			_, _ = fmt.Fprintf(w, `{"id":"c","name":%s,"organization":{"id":"o","name":%s},"authorizedScope":[],"OAuthClient":{"id":"c","name":%s,"authorizedGrantType":"CLIENT-CREDENTIALS"},"authorizedGrantType":"CLIENT-CREDENTIALS","roleDivisions":[],"state":%s}`, text, text, text, text)
		case strings.Contains(r.URL.Path, "scim"):
			w.Header().Set("Location", "https://elsewhere.example/"+url.QueryEscape(sent))
			w.WriteHeader(http.StatusFound)
		case strings.Contains(r.URL.Path, "divisions"):
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Via", strings.ReplaceAll(sent, "\n", ""))
			_, _ = fmt.Fprintf(w, "<html><title>%s</title></html>", sent)
		default:
			w.WriteHeader(http.StatusForbidden)
			_, _ = fmt.Fprintf(w, `{"code":%s,"message":%s,"contextId":%s,"messageParams":{"permissions":%s}}`, text, text, text, text)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

// TestAttackSecretsThatAreEchoed: a server that sends the secret and the token back in
// any encoding gets them into no output, no bundle, and no error.
func TestAttackSecretsThatAreEchoed(t *testing.T) {
	for name, encode := range map[string]func(string) string{
		"plain":    func(s string) string { return s },
		"capitals": strings.ToUpper,
		"base64":   func(s string) string { return base64.StdEncoding.EncodeToString([]byte("x:" + s)) },
		"query":    url.QueryEscape,
		"percent": func(s string) string {
			var b strings.Builder
			for _, c := range []byte(s) {
				_, _ = fmt.Fprintf(&b, "%%%02X", c)
			}
			return b.String()
		},
		"unicode": func(s string) string {
			var b strings.Builder
			for _, r := range s {
				_, _ = fmt.Fprintf(&b, `\u%04x`, r)
			}
			return b.String()
		},
		"cut":   func(s string) string { return s[:min(len(s), 30)] },
		"split": func(s string) string { return s[:len(s)/2] + "\n  " + s[len(s)/2:] },
	} {
		t.Run(name, func(t *testing.T) {
			server := echo(t, encode)
			env := map[string]string{envAPI: server.URL, envLogin: server.URL, envRegion: "us-east-1", envClientID: "c", envSecret: echoSecret}
			dir := t.TempDir()
			at := func(name string) string { return filepath.Join(dir, name) }
			args := []string{"check", "-v"}
			for _, f := range []string{"json", "sarif", "junit", "markdown", "html"} {
				args = append(args, "-o", f+"="+at(f))
			}
			for _, run := range [][]string{append(args, "-o", "text"), {"check", "-o", "json"}, {"fix"}, {"fix", "--format", "json"}, {"fix", "--format", "curl"}, {"fix", "--format", "terraform"},
				{"can-i", "POST", "/api/v2/scim/v2/users"}, {"capture", "-o", at("bundle")}, {"capture", "--keep-names", "-o", at("named")}, {"capture", "--dry-run"}, {"check", "--from", at("bundle"), "-v"},
				{"diff", at("bundle"), "live"}, {"ready"}, {"check", "--expect-org", echoSecret}, {"check", "--division", echoToken}, {"check", "--region", echoSecret}, {"check", "--payload", "/nowhere/" + echoSecret}} {
				got := scimlint(t, env, run...)
				clean(t, strings.Join(run[:1], " ")+" output", got.out+got.err, encode)
			}
			for _, f := range []string{"json", "sarif", "junit", "markdown", "html"} {
				text, err := os.ReadFile(at(f))
				require.NoError(t, err)
				clean(t, f, string(text), encode)
			}
			for _, f := range []string{"bundle", "named"} {
				z, err := zip.OpenReader(at(f))
				require.NoError(t, err)
				for _, part := range z.File {
					r, err := part.Open()
					require.NoError(t, err)
					text, err := io.ReadAll(r)
					require.NoError(t, err)
					clean(t, f+" "+part.Name, string(text), encode)
				}
				require.NoError(t, z.Close())
			}
		})
	}
}

// clean asserts that a text shows neither the secret nor the token, as they are, as
// they were encoded, or once it is decoded as JSON.
func clean(t *testing.T, what, text string, encode func(string) string) {
	t.Helper()
	folded := strings.ToLower(strings.Join(strings.Fields(text), ""))
	for _, s := range []string{echoSecret, echoToken} {
		for _, form := range []string{s, encode(s), s[:16], s[len(s)-16:]} {
			assert.NotContains(t, folded, strings.ToLower(strings.Join(strings.Fields(form), "")), "%s", what)
		}
	}
	var decoded any
	if json.Unmarshal([]byte(text), &decoded) == nil {
		assert.NotContains(t, strings.ToLower(fmt.Sprint(decoded)), strings.ToLower(echoSecret[:16]), "%s, decoded", what)
	}
}
