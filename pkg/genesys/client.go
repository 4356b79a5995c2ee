package genesys

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/scimlint/scimlint/internal/bounds"
	"github.com/scimlint/scimlint/pkg/secret"
)

const (
	// maxBody bounds what is read of one answer.
	maxBody = 8 << 20
	// maxRetries is how often a GET is sent again after 429, 502, 503 or 504.
	maxRetries = 3
	// CorrelationHeader is the header that the vendor's support asks for.
	CorrelationHeader = "ININ-Correlation-Id"
)

// FailureKind says why there was no usable answer.
type FailureKind string

// The kinds of failures.
const (
	FailureNetwork   FailureKind = "network"
	FailureTimeout   FailureKind = "timeout"
	FailureTLS       FailureKind = "tls"
	FailureCanceled  FailureKind = "canceled"
	FailureHTML      FailureKind = "html"
	FailureNotJSON   FailureKind = "not-json"
	FailureTruncated FailureKind = "truncated"
	FailureTooLarge  FailureKind = "too-large"
	FailureRedirect  FailureKind = "redirect"
	// FailureIncomplete is a list that was not read to its end.
	FailureIncomplete FailureKind = "incomplete"
	// FailureForeign is an answer about something else than was asked for.
	FailureForeign FailureKind = "foreign"
)

// Failure is the lack of a usable answer: the network's doing, or that of
// something between here and the platform.
type Failure struct {
	Kind FailureKind `json:"kind"`
	Text string      `json:"text"`
}

// Retry is one answer after which a request was sent again.
type Retry struct {
	Status int           `json:"status"`
	Wait   time.Duration `json:"waitNanos"`
}

// Call is what is kept of one request: never a header or a body.
type Call struct {
	Method        string        `json:"method"`
	URL           string        `json:"url"`
	Status        int           `json:"status,omitempty"`
	CorrelationID string        `json:"correlationId,omitempty"`
	Duration      time.Duration `json:"durationNanos"`
	// Skew is the platform's clock less this machine's, to the second; zero
	// where the answer had no date.
	Skew    time.Duration `json:"skewNanos,omitempty"`
	Retries []Retry       `json:"retries,omitempty"`
	// NotWaited says why the request was not sent again after the wait that its answer
	// asked for; empty where it asked for none.
	NotWaited string `json:"notWaited,omitempty"`
	// Refusal is the platform's no; Failure the lack of a usable answer. Both
	// are nil when the call was answered.
	Refusal *Refusal `json:"refusal,omitempty"`
	Failure *Failure `json:"failure,omitempty"`
	// Unsent is set when nothing of the request can have reached the platform.
	Unsent bool `json:"unsent,omitempty"`
	// RateLimit is what the answer's headers say of the limit; nil where they are not
	// there.
	RateLimit *RateLimit `json:"rateLimit,omitempty"`
}

// OK says whether the call was answered with a success.
func (c Call) OK() bool { return c.Refusal == nil && c.Failure == nil && c.Status/100 == 2 }

// Options say how to reach a platform.
type Options struct {
	// API and Login are bases without a path, https but on loopback.
	API, Login *url.URL
	// AttemptTimeout bounds one attempt of one request; 20 s when zero.
	AttemptTimeout time.Duration
	// MaxRetryWait is the longest Retry-After that is waited for; 10 s when
	// zero. A longer one is not waited for, and the answer is final.
	MaxRetryWait time.Duration
	// UserAgent names the program.
	UserAgent string
	// RootCAs replaces the system's roots when set.
	RootCAs *x509.CertPool
	// Redactor knows the secrets of the run; the client adds those that it is given and
	// those that it gets. A redactor of its own when nil.
	Redactor *secret.Redactor
	// Transport replaces the network when set: a test answers in the process.
	Transport http.RoundTripper
}

// Client sends requests to one platform. It has no more than one token, sends
// it only to the API's own host, and follows no redirect.
type Client struct {
	opts     Options
	token    secret.Secret
	plain    *http.Client
	retry    *retryablehttp.Client
	redactor *secret.Redactor
}

// ParseBase reads a base URL for --api-url or --login-url. Plain http is taken
// on loopback only.
func ParseBase(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	switch {
	case err != nil || u.Host == "":
		return nil, fmt.Errorf("%q is not a URL: write https://host", text)
	case u.User != nil:
		return nil, fmt.Errorf("the URL of host %q has credentials: remove them", u.Host)
	case !plainHost(u.Host):
		return nil, fmt.Errorf("the host of %q has characters that no host has: write it in plain letters", text)
	case strings.Trim(u.Path, "/") != "" || strings.ContainsAny(text, "?#\\"):
		return nil, fmt.Errorf("%q has more than a host: write %s://%s, the paths are scimlint's", text, u.Scheme, u.Host)
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		return nil, fmt.Errorf("%q would send the token unencrypted: write https:// (http is for loopback only)", text)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

// plainHost refuses names that look like others, and everything else that a host
// and a port are not written with.
func plainHost(host string) bool {
	return strings.IndexFunc(host, notOfHost) < 0
}

func notOfHost(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return false
	}
	return !strings.ContainsRune(".-:[]", r)
}

// Loopback says whether a base is on this machine.
func Loopback(u *url.URL) bool { return loopback(u.Hostname()) }

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// NewClient returns a client without a token.
func NewClient(opts Options) *Client {
	if opts.AttemptTimeout == 0 {
		opts.AttemptTimeout = 20 * time.Second
	}
	if opts.MaxRetryWait == 0 {
		opts.MaxRetryWait = 10 * time.Second
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 32
	if opts.RootCAs != nil {
		transport.TLSClientConfig = &tls.Config{RootCAs: opts.RootCAs, MinVersion: tls.VersionTLS12}
	}
	c := &Client{opts: opts, redactor: cmp.Or(opts.Redactor, &secret.Redactor{})}
	var network http.RoundTripper = transport
	if opts.Transport != nil {
		network = opts.Transport
	}
	c.plain = &http.Client{
		Transport: network,
		Timeout:   opts.AttemptTimeout,
		// A redirect would take the token, or the question, to another place.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	c.retry = &retryablehttp.Client{
		HTTPClient:   c.plain,
		RetryMax:     maxRetries,
		CheckRetry:   c.checkRetry,
		Backoff:      c.backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	return c
}

// WithToken returns a client for the same platform that has the token.
func (c *Client) WithToken(token secret.Secret) *Client {
	c.redactor.Add(token)
	d := *c
	d.token = token
	return &d
}

// Clean removes every secret that this client was given from a text.
func (c *Client) Clean(text string) string {
	return c.redactor.Known(text)
}

func (c *Client) checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if resp == nil || resp.Request.Method != http.MethodGet {
		return false, err // what the network refused is not tried again
	}
	return passing(resp.StatusCode) && c.notWaited(ctx, RetryAfter(resp.Header, time.Now())) == "", nil
}

// backoff waits as long as the answer asks for, else 250 ms, 500 ms, 1 s.
func (c *Client) backoff(_, _ time.Duration, attempt int, resp *http.Response) time.Duration {
	wait := 250 * time.Millisecond << attempt
	if resp == nil {
		return wait
	}
	if resp.Header.Get("Retry-After") != "" {
		wait = RetryAfter(resp.Header, time.Now())
	}
	if log, ok := resp.Request.Context().Value(retryLog{}).(*[]Retry); ok {
		*log = append(*log, Retry{Status: resp.StatusCode, Wait: wait})
	}
	return wait
}

type retryLog struct{}

// send makes one request to the API and reads its answer. The path comes
// escaped. The body is nil unless the call succeeded.
func (c *Client) send(ctx context.Context, method, path string, query url.Values, payload []byte) ([]byte, Call) {
	u := *c.opts.API
	u.Path, _ = url.PathUnescape(path)
	u.RawPath, u.RawQuery = path, query.Encode()
	call := Call{Method: method, URL: u.String()}
	req, err := c.request(ctx, method, u.String(), payload, &call.Retries)
	if err != nil {
		call.Unsent, call.Failure = true, &Failure{FailureNetwork, c.Clean(err.Error())}
		return nil, call
	}
	var connected atomic.Bool
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }}))
	start := time.Now()
	resp, err := c.retry.Do(req)
	if err != nil {
		call.Duration, call.Unsent = time.Since(start), !connected.Load()
		call.Failure = c.failure(ctx, err)
		return nil, call
	}
	defer func() { _ = resp.Body.Close() }()
	body := c.read(ctx, resp, &call)
	call.Duration = time.Since(start)
	call.Skew = skew(resp.Header, start, call)
	call.RateLimit = rateLimit(resp.Header)
	if method == http.MethodGet && passing(resp.StatusCode) {
		call.NotWaited = c.notWaited(ctx, RetryAfter(resp.Header, time.Now()))
	}
	if call.Failure != nil || call.Refusal != nil {
		return nil, call
	}
	return body, call
}

func (c *Client) request(ctx context.Context, method, url string, payload []byte, log *[]Retry) (*retryablehttp.Request, error) {
	var body any
	if payload != nil {
		body = payload
	}
	req, err := retryablehttp.NewRequestWithContext(context.WithValue(ctx, retryLog{}, log), method, url, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json, application/scim+json")
	req.Header.Set("User-Agent", c.opts.UserAgent)
	if payload != nil {
		req.Header.Set("Content-Type", contentType(req.URL.Path))
	}
	if !c.token.Empty() {
		req.Header.Set("Authorization", "Bearer "+c.token.Reveal())
	}
	return req, nil
}

// contentType is SCIM's own for SCIM's endpoints.
func contentType(path string) string {
	if strings.HasPrefix(path, "/api/v2/scim/") {
		return "application/scim+json"
	}
	return "application/json"
}

// skew compares the answer's Date with this machine's clock. Without retries
// only: a wait would count as skew.
func skew(h http.Header, start time.Time, call Call) time.Duration {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil || len(call.Retries) > 0 {
		return 0
	}
	return date.Sub(start.Add(call.Duration / 2)).Round(time.Second)
}

// read divides the answer into a body, a refusal or a failure.
func (c *Client) read(ctx context.Context, resp *http.Response, call *Call) []byte {
	call.Status = resp.StatusCode
	call.CorrelationID = secret.Clean(c.Clean(plainWord(resp.Header.Get(CorrelationHeader))))
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	// What is beyond the bounds is neither decoded nor cleaned: nothing of it is kept.
	large := int64(len(body)) > maxBody
	beyond := bounds.JSON(body)
	if large || beyond != nil {
		body = nil
	}
	body = []byte(c.Clean(string(body)))
	switch {
	case err != nil && (errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)):
		call.Failure = &Failure{FailureTruncated, "the answer was truncated"}
	case err != nil:
		call.Failure = c.failure(ctx, err)
	case large:
		call.Failure = &Failure{FailureTooLarge, fmt.Sprintf("the answer is larger than %d MB", maxBody>>20)}
	case beyond != nil:
		call.Failure = &Failure{FailureTooLarge, "the answer is not the platform's: " + beyond.Error()}
	case resp.StatusCode/100 == 3:
		call.Failure = &Failure{FailureRedirect, "the answer redirects to " + redirectHost(resp) + "; the token was not sent there"}
	case looksLikeHTML(resp.Header, body):
		call.Failure = &Failure{FailureHTML, "the answer is an HTML page" + pageTitle(body) + answeredBy(resp.Header)}
	case resp.StatusCode >= 400:
		call.Refusal, call.Failure = refusal(resp, body)
	case len(bytes.TrimSpace(body)) > 0 && !json.Valid(body):
		call.Failure = notJSON(resp.Header, body)
	}
	if call.Failure != nil { // it may quote a header
		call.Failure.Text = c.Clean(call.Failure.Text)
	}
	return body
}

func refusal(resp *http.Response, body []byte) (*Refusal, *Failure) {
	if r, ok := ParseRefusal(resp.StatusCode, body); ok {
		r.Code, r.Message, r.ContextID = secret.Clean(r.Code), secret.Clean(r.Message), secret.Clean(r.ContextID)
		return r, nil
	}
	if err := beyondRefusal(body); err != nil {
		return nil, &Failure{FailureTooLarge, "the refusal is not the platform's: " + err.Error()}
	}
	if len(bytes.TrimSpace(body)) > 0 && !json.Valid(body) || resp.StatusCode == http.StatusProxyAuthRequired {
		return nil, notJSON(resp.Header, body)
	}
	return &Refusal{Kind: RefusalAPI, Status: resp.StatusCode}, nil
}

// notJSON distinguishes a truncated body from one that was never JSON.
func notJSON(h http.Header, body []byte) *Failure {
	trimmed := bytes.TrimSpace(body)
	if len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[') {
		return &Failure{FailureTruncated, "the answer is truncated JSON"}
	}
	return &Failure{FailureNotJSON, "the answer is not JSON" + answeredBy(h)}
}

func looksLikeHTML(h http.Header, body []byte) bool {
	return strings.Contains(strings.ToLower(h.Get("Content-Type")), "text/html") ||
		bytes.HasPrefix(bytes.TrimSpace(body), []byte("<"))
}

func pageTitle(body []byte) string {
	lower := bytes.ToLower(body)
	i, j := bytes.Index(lower, []byte("<title>")), bytes.Index(lower, []byte("</title>"))
	if i < 0 || j < i || len(lower) != len(body) {
		return ""
	}
	title := plainWord(string(body[i+len("<title>") : j]))
	return fmt.Sprintf(" titled %q", title)
}

func answeredBy(h http.Header) string {
	for _, name := range []string{"Via", "Server"} {
		if v := plainWord(h.Get(name)); v != "" {
			return fmt.Sprintf(" (%s: %s)", name, v)
		}
	}
	return ""
}

func redirectHost(resp *http.Response) string {
	if u, err := resp.Location(); err == nil {
		return u.Scheme + "://" + u.Host
	}
	return "nowhere"
}

// plainWord keeps the printable part of a text that comes from outside, 120
// characters at most.
func plainWord(s string) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s))
	if len(s) > 120 {
		s = strings.ToValidUTF8(s[:120], "") + "…"
	}
	return s
}

// failure names what went wrong below HTTP.
func (c *Client) failure(ctx context.Context, err error) *Failure {
	text := c.Clean(plainError(err))
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var timeout net.Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return &Failure{FailureCanceled, "the run was stopped"}
	case errors.As(err, &certificate), errors.As(err, &record):
		return &Failure{FailureTLS, text}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return &Failure{FailureTimeout, "no answer in time"}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return &Failure{FailureNetwork, "the connection was closed without an answer"}
	}
	return &Failure{FailureNetwork, text}
}

// plainError drops the "Get \"url\":" that net/http puts before an error; the
// call has the URL.
func plainError(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err.Error()
	}
	return err.Error()
}
