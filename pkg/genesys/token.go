package genesys

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/scimlint/scimlint/pkg/secret"
)

// TokenPath is the path of the token endpoint on the login host.
const TokenPath = "/oauth/token"

// TokenGrant is what is kept of a token answer beside the token itself.
type TokenGrant struct {
	// ExpiresIn is the token's life as the endpoint says, zero when it does not.
	ExpiresIn time.Duration `json:"expiresInNanos,omitempty"`
	// Supplied is true for a token that the user supplied.
	Supplied bool `json:"supplied,omitempty"`
}

// AcquireToken asks the login host for a token by client credentials, with HTTP
// Basic. A refusal by the rate limit, which is 429 or 400 "rate limit exceeded",
// is waited for and asked again: asking for a token is harmless to repeat. Nothing
// else is.
func (c *Client) AcquireToken(ctx context.Context, id string, clientSecret secret.Secret) (secret.Secret, TokenGrant, Call) {
	c.redactor.AddBasic(id, clientSecret)
	var retries []Retry
	for {
		token, grant, call, wait := c.askToken(ctx, id, clientSecret)
		call.Retries = retries
		if wait > 0 {
			call.NotWaited = c.notWaited(ctx, wait)
		}
		if wait <= 0 || call.NotWaited != "" || len(retries) == maxRetries {
			return token, grant, call
		}
		retries = append(retries, Retry{Status: call.Status, Wait: wait})
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return token, grant, call
		}
	}
}

// tokenWait is how long to wait after a refusal by the token endpoint's rate limit
// that does not say it.
const tokenWait = time.Second

// askToken asks once. wait is how long to wait before the next try; zero where
// there should be none.
func (c *Client) askToken(ctx context.Context, id string, clientSecret secret.Secret) (token secret.Secret, grant TokenGrant, call Call, wait time.Duration) {
	rec := &recorder{next: c.plain.Transport}
	config := clientcredentials.Config{
		ClientID: id, ClientSecret: clientSecret.Reveal(),
		TokenURL:  c.opts.Login.String() + TokenPath,
		AuthStyle: oauth2.AuthStyleInHeader,
	}
	hc := *c.plain
	hc.Transport = rec
	call = Call{Method: http.MethodPost, URL: config.TokenURL}
	start := time.Now()
	answer, err := config.Token(context.WithValue(ctx, oauth2.HTTPClient, &hc))
	call.Duration = time.Since(start)
	if rec.header != nil {
		call.Status = rec.status
		call.CorrelationID = secret.Clean(c.Clean(plainWord(rec.header.Get(CorrelationHeader))))
		call.Skew = skew(rec.header, start, call)
	}
	if err != nil {
		c.tokenRefusal(ctx, err, rec, &call)
		return secret.Secret{}, TokenGrant{}, call, rateLimitWait(call.Refusal, rec.header)
	}
	token = secret.New(answer.AccessToken)
	c.redactor.Add(token)
	return token, TokenGrant{ExpiresIn: lifetime(answer)}, call, 0
}

// TokenRateLimited recognises the token endpoint's rate limit, which is status 400
// with a description that begins "rate limit exceeded". Source: the vendor's
// answers as they occur; 429 is what everything else uses.
func TokenRateLimited(r *Refusal) bool {
	return r != nil && (r.Status == http.StatusTooManyRequests ||
		r.Kind == RefusalOAuth && strings.HasPrefix(strings.ToLower(r.Message), "rate limit exceeded"))
}

func rateLimitWait(r *Refusal, h http.Header) time.Duration {
	if !TokenRateLimited(r) {
		return 0
	}
	if wait := RetryAfter(h, time.Now()); wait > 0 {
		return wait
	}
	return tokenWait
}

// lifetime is how long the token lives, to the second; zero when the answer did
// not say.
func lifetime(t *oauth2.Token) time.Duration {
	if t.Expiry.IsZero() {
		return 0
	}
	return time.Until(t.Expiry).Round(time.Second)
}

// tokenRefusal says why there is no token. The library's own error text is
// dropped: it has the answer's body.
func (c *Client) tokenRefusal(ctx context.Context, err error, rec *recorder, call *Call) {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) {
		rec.body = refused.Body
	}
	if rec.header == nil {
		call.Failure = c.failure(ctx, err)
		return
	}
	resp := &http.Response{StatusCode: rec.status, Header: rec.header, Request: rec.request, Body: io.NopCloser(bytes.NewReader(rec.body))}
	c.read(ctx, resp, call)
	if call.Refusal == nil && call.Failure == nil {
		// A success without a token: the library's words for it are safe.
		call.Failure = &Failure{FailureNotJSON, "the token answer has no access token" + answeredBy(rec.header)}
		if rec.html || strings.Contains(err.Error(), "invalid character '<'") {
			call.Failure = &Failure{FailureHTML, "the answer is an HTML page" + answeredBy(rec.header)}
		} else if strings.Contains(err.Error(), "unexpected end") || strings.Contains(err.Error(), "unexpected EOF") {
			call.Failure = &Failure{FailureTruncated, "the answer was truncated"}
		}
		call.Failure.Text = c.Clean(call.Failure.Text)
	}
}

// recorder keeps the status and headers of the token answer, which the oauth2
// library hides, and never its body.
type recorder struct {
	next    http.RoundTripper
	request *http.Request
	status  int
	header  http.Header
	html    bool
	body    []byte
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	r.request, r.status, r.header = req, resp.StatusCode, resp.Header
	r.html = strings.Contains(resp.Header.Get("Content-Type"), "text/html")
	return resp, nil
}
