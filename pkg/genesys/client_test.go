package genesys

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scimlint/scimlint/pkg/secret"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const canary = "s3cret-canary/with+odd=chars"

// serve starts a platform that answers everything by the handler.
func serve(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return clientOf(t, srv.URL)
}

func clientOf(t *testing.T, base string) *Client {
	t.Helper()
	return patient(t, base, 2*time.Second)
}

// patient is a client that waits so long for one attempt.
func patient(t *testing.T, base string, attempt time.Duration) *Client {
	t.Helper()
	u, err := ParseBase(base)
	require.NoError(t, err)
	return NewClient(Options{API: u, Login: u, AttemptTimeout: attempt, MaxRetryWait: time.Second})
}

func TestParseBase(t *testing.T) {
	for _, ok := range []string{"https://api.mypurecloud.com", "https://api.mypurecloud.com/", "http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:1"} {
		_, err := ParseBase(ok)
		require.NoError(t, err, ok)
	}
	for bad, why := range map[string]string{
		"api.mypurecloud.com":             "is not a URL",
		"http://api.mypurecloud.com":      "unencrypted",
		"ftp://127.0.0.1":                 "unencrypted",
		"https://api.mypurecloud.com/v2":  "more than a host",
		"https://u:p4ss@host.example":     "has credentials",
		"http://127.0.0.1.evil.example":   "unencrypted",
		"https://api.mypurecloud.com?x=1": "more than a host",
	} {
		_, err := ParseBase(bad)
		require.ErrorContains(t, err, why, bad)
		assert.NotContains(t, err.Error(), "p4ss")
	}
}

func TestAnswersThatAreNotThePlatforms(t *testing.T) {
	for name, tc := range map[string]struct {
		handler http.HandlerFunc
		kind    FailureKind
		text    string
	}{
		"HTML with 200": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<html><title>Sign in</title>"))
		}, FailureHTML, `titled "Sign in"`},
		"HTML with 403 and no content type": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = nil
			w.WriteHeader(403)
			_, _ = w.Write([]byte("  <!doctype html><p>blocked"))
		}, FailureHTML, "HTML page"},
		"plain text": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Via", "1.1 squid")
			w.WriteHeader(502 + 5)
			_, _ = w.Write([]byte("gateway says no"))
		}, FailureNotJSON, "Via: 1.1 squid"},
		"proxy authentication": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(407) }, FailureNotJSON, ""},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://sso.example.com/x?token=1", http.StatusFound)
		}, FailureRedirect, "https://sso.example.com;"},
		"JSON cut off": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"id":"x`)) }, FailureTruncated, "truncated JSON"},
		"body cut off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte(`{"id"`))
		}, FailureTruncated, "was truncated"},
		"another shape": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`[1,2]`)) }, FailureNotJSON, "published form"},
		"empty 200":     {func(http.ResponseWriter, *http.Request) {}, FailureNotJSON, "published form"},
		"huge": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`"` + strings.Repeat("x", maxBody) + `"`))
		}, FailureTooLarge, "8 MB"},
		"closed connection": {func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_ = conn.Close()
		}, FailureNetwork, "closed without an answer"},
		"hung socket": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, FailureTimeout, "no answer in time"},
	} {
		t.Run(name, func(t *testing.T) {
			c := serve(t, tc.handler)
			if tc.kind == FailureTimeout {
				c = patient(t, c.opts.API.String(), 50*time.Millisecond)
			}
			v, call := c.WithToken(secret.New(canary)).TokensMe(context.Background())
			assert.Nil(t, v)
			require.NotNil(t, call.Failure, "%+v", call)
			assert.Equal(t, tc.kind, call.Failure.Kind)
			assert.Contains(t, call.Failure.Text, tc.text)
			assert.False(t, call.OK())
		})
	}
}

func TestUnreachableHostsAndCertificates(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	_, call := clientOf(t, closed.URL).TokensMe(context.Background())
	require.NotNil(t, call.Failure)
	assert.Equal(t, FailureNetwork, call.Failure.Kind)

	tls := httptest.NewTLSServer(http.NotFoundHandler())
	defer tls.Close()
	c := clientOf(t, tls.URL)
	_, call = c.TokensMe(context.Background())
	require.NotNil(t, call.Failure)
	assert.Equal(t, FailureTLS, call.Failure.Kind)
	_, _, call = c.AcquireToken(context.Background(), "id", secret.New(canary))
	require.NotNil(t, call.Failure)
	assert.Equal(t, FailureTLS, call.Failure.Kind)
}

func TestRetries(t *testing.T) {
	for name, tc := range map[string]struct {
		status, after int
		wantRequests  int32
		wantOK        bool
	}{
		"429 with Retry-After 0":  {429, 0, 2, true},
		"503":                     {503, -1, 2, true},
		"502":                     {502, -1, 2, true},
		"a wait that is too long": {429, 60, 1, false},
		"500 is not tried again":  {500, -1, 1, false},
		"403 is not tried again":  {403, -1, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			var n atomic.Int32
			c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if n.Add(1) == 1 {
					if tc.after >= 0 {
						w.Header().Set("Retry-After", fmt.Sprint(tc.after))
					}
					w.WriteHeader(tc.status)
					_, _ = w.Write([]byte(`{"code":"x"}`))
					return
				}
				_, _ = w.Write([]byte(`{}`))
			})
			_, call := c.TokensMe(context.Background())
			assert.Equal(t, tc.wantRequests, n.Load())
			assert.Equal(t, tc.wantOK, call.OK())
			assert.Len(t, call.Retries, int(tc.wantRequests)-1)
		})
	}
}

func TestRetriesEnd(t *testing.T) {
	var n atomic.Int32
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		n.Add(1)
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(429)
		_, _ = w.Write([]byte(`{"code":"too.many.requests"}`))
	})
	_, call := c.TokensMe(context.Background())
	assert.EqualValues(t, maxRetries+1, n.Load())
	require.NotNil(t, call.Refusal)
	assert.Equal(t, 429, call.Refusal.Status)
}

func TestAWriteIsSentOnce(t *testing.T) {
	var n atomic.Int32
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		n.Add(1)
		w.WriteHeader(503)
	})
	_, call := c.ProbeWrite(context.Background(), "/api/v2/scim/v2")
	assert.EqualValues(t, 1, n.Load())
	assert.Equal(t, 503, call.Status)
	_, _, call = c.AcquireToken(context.Background(), "id", secret.New(canary))
	assert.EqualValues(t, 2, n.Load())
	assert.Equal(t, 503, call.Status)
}

func TestStoppingIsNotATimeout(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	c := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	_, call := c.TokensMe(ctx)
	require.NotNil(t, call.Failure)
	assert.Equal(t, FailureCanceled, call.Failure.Kind)
}

func TestTheTokenGoesToTheAPIHostAlone(t *testing.T) {
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	pages := 0
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "Bearer "+canary, r.Header.Get("Authorization"))
		if strings.Contains(r.URL.Path, "tokens") {
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
			return
		}
		pages++
		next := ""
		if r.URL.Query().Get("after") == "" {
			next = other.URL + "/evil?after=abc"
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"entities": []any{map[string]any{"id": "p"}}, "nextUri": next})
	}).WithToken(secret.New(canary))
	_, call := c.TokensMe(context.Background())
	assert.Equal(t, FailureRedirect, call.Failure.Kind)
	policies, _ := c.SubjectPolicies(context.Background(), "me")
	require.NotNil(t, policies)
	assert.Len(t, *policies, 2)
	assert.Equal(t, 2, pages, "the cursor is followed on the API host")
	assert.Zero(t, elsewhere.Load(), "nothing was sent elsewhere")
}

func TestAnIDCannotLeaveItsPlaceInThePath(t *testing.T) {
	var got string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.RequestURI
		_, _ = w.Write([]byte(`{"id":"x"}`))
	})
	_, _ = c.OAuthClient(context.Background(), "a/b?c#d%2e")
	assert.Equal(t, "/api/v2/oauth/clients/a%2Fb%3Fc%23d%252e", got)
}

func TestTokenAnswers(t *testing.T) {
	for name, tc := range map[string]struct {
		status      int
		contentType string
		body        string
		refusal     string
		failure     FailureKind
	}{
		"wrong secret":    {401, "application/json", `{"error":"invalid_client","error_description":"authentication failed"}`, "invalid_client", ""},
		"HTML":            {200, "text/html", `<html>`, "", FailureHTML},
		"HTML 403":        {403, "text/html", `<html>`, "", FailureHTML},
		"cut off":         {200, "application/json", `{"access_token":"` + canary, "", FailureTruncated},
		"no token inside": {200, "application/json", `{"token_type":"bearer"}`, "", FailureNotJSON},
		"redirect":        {302, "", "", "", FailureRedirect},
		"no body":         {401, "", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", tc.contentType)
				w.Header().Set(CorrelationHeader, "corr-1")
				if tc.status == 302 {
					w.Header().Set("Location", "https://sso.example.com/")
				}
				w.WriteHeader(tc.status)
				_, _ = w.Write([]byte(tc.body))
			})
			token, _, call := c.AcquireToken(context.Background(), "id", secret.New(canary))
			assert.True(t, token.Empty())
			assert.Equal(t, "corr-1", call.CorrelationID)
			if tc.failure != "" {
				require.NotNil(t, call.Failure)
				assert.Equal(t, tc.failure, call.Failure.Kind)
			} else {
				require.NotNil(t, call.Refusal)
				assert.Equal(t, tc.refusal, call.Refusal.Code)
				assert.Equal(t, tc.status, call.Refusal.Status)
			}
			assertNoCanary(t, call)
		})
	}
}

// TestSecretsAreTakenOutOfAnswers lets the platform echo the secret everywhere
// that it can put a text.
func TestSecretsAreTakenOutOfAnswers(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(CorrelationHeader, canary)
		w.Header().Set("Via", canary)
		switch {
		case strings.Contains(r.URL.Path, "oauth/token"):
			w.WriteHeader(401)
			_ = json.NewEncoder(w).Encode(map[string]string{"error": canary, "error_description": r.Header.Get("Authorization") + canary})
		case strings.Contains(r.URL.Path, "users/me"):
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<title>" + canary + "</title>"))
		case strings.Contains(r.URL.Path, "scim"):
			w.WriteHeader(403)
			_ = json.NewEncoder(w).Encode(map[string]any{"code": canary, "message": r.Header.Get("Authorization"), "contextId": canary, "messageParams": map[string]string{"p": canary}})
		default:
			_ = json.NewEncoder(w).Encode(map[string]any{"OAuthClient": map[string]any{"name": canary, "id": r.Header.Get("Authorization")}})
		}
	}
	c := serve(t, echo)
	_, _, call := c.AcquireToken(context.Background(), "the-client", secret.New(canary))
	assertNoCanary(t, call)
	c = c.WithToken(secret.New(canary))
	info, call := c.TokensMe(context.Background())
	require.NotNil(t, info)
	assertNoCanary(t, info)
	assertNoCanary(t, call)
	_, call = c.UsersMe(context.Background())
	assertNoCanary(t, call)
	_, call = c.ProbeRead(context.Background(), "/api/v2/scim/v2")
	assertNoCanary(t, call)
}

func assertNoCanary(t *testing.T, v any) {
	t.Helper()
	data, err := json.Marshal(v)
	require.NoError(t, err)
	for _, text := range []string{string(data), fmt.Sprintf("%+v %#v", v, v)} {
		assert.NotContains(t, text, "s3cret-canary")
		assert.NotContains(t, text, "czNjcmV0LWNhbmFye") // its base64
	}
}

func TestASecretNeverShows(t *testing.T) {
	s := secret.New(" " + canary + "\n")
	assert.Equal(t, canary, s.Reveal())
	data, err := json.Marshal(map[string]any{"a": s, "b": &s})
	require.NoError(t, err)
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%s %v %+v %#v %q %x %d", s, s, s, s, s, s, s), fmt.Sprint(&s), string(data), fmt.Sprintf("%v", struct{ S secret.Secret }{s})} {
		assert.NotContains(t, text, "canary")
		assert.Contains(t, text, "redacted")
	}
}

func TestClockSkewIsReadFromTheDate(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(-3*time.Hour).UTC().Format(http.TimeFormat))
		_, _ = w.Write([]byte(`{}`))
	})
	_, call := c.TokensMe(context.Background())
	assert.InDelta(t, -3*time.Hour, call.Skew, float64(3*time.Second))
}
