// Package zendesk reads the agents and admins of a Zendesk account, and makes Genesys
// Cloud SCIM bodies of them. It only reads.
package zendesk

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/scimlint/scimlint/internal/bounds"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/secret"
)

// User is what Zendesk shows of an agent or admin.
type User struct {
	ID         int64    `json:"id"`
	Name       string   `json:"name"`
	Email      string   `json:"email"`
	Role       string   `json:"role"`
	Phone      string   `json:"phone"`
	Locale     string   `json:"locale"`
	ExternalID string   `json:"external_id"`
	Tags       []string `json:"tags"`
	Suspended  bool     `json:"suspended"`
	Active     *bool    `json:"active"`
}

// Options say how to reach an account and with what: an OAuth token, or an API token with
// the e-mail address of its owner.
type Options struct {
	// Base is the account's address, https but on loopback.
	Base       *url.URL
	Email      string
	APIToken   secret.Secret
	OAuthToken secret.Secret
	UserAgent  string
}

var subdomain = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// Base is the address of an account's subdomain.
func Base(name string) (*url.URL, error) {
	name = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(name)), ".zendesk.com")
	if !subdomain.MatchString(name) {
		return nil, fmt.Errorf("%q is no Zendesk subdomain: write acme for acme.zendesk.com", name)
	}
	return &url.URL{Scheme: "https", Host: name + ".zendesk.com"}, nil
}

// Refusal is an answer by which Zendesk says no, or the lack of one.
type Refusal struct {
	// Status is zero where no answer came.
	Status int
	Text   string
}

func (r *Refusal) Error() string {
	if r.Status == 0 {
		return r.Text
	}
	return fmt.Sprintf("Zendesk answered %d: %s", r.Status, r.Text)
}

// NotRead says that the answer shows nothing of the account: there was none, or it was to
// ask again later.
func (r *Refusal) NotRead() bool {
	return r.Status == 0 || r.Status == http.StatusTooManyRequests || r.Status >= http.StatusInternalServerError
}

// Client reads one account. Its credentials go only to the account's own host, across
// no redirect.
type Client struct {
	opts Options
	http *retryablehttp.Client
}

// NewClient returns a client.
func NewClient(o Options) *Client {
	c := retryablehttp.NewClient()
	c.Logger = nil
	c.RetryMax = 5
	c.RetryWaitMin, c.RetryWaitMax = time.Second, 70*time.Second
	c.ErrorHandler = retryablehttp.PassthroughErrorHandler
	c.Backoff = backoff
	c.CheckRetry = func(ctx context.Context, resp *http.Response, err error) (bool, error) {
		if ctx.Err() != nil || resp == nil {
			return false, err
		}
		if resp.StatusCode != http.StatusTooManyRequests && (resp.StatusCode < 502 || resp.StatusCode > 504) {
			return false, nil
		}
		err = enough(ctx, resp)
		return err == nil, err
	}
	c.HTTPClient = &http.Client{Timeout: 60 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Client{opts: o, http: c}
}

// enough says that Zendesk asks for a longer wait than is left of the run, or than any
// that is waited for.
func enough(ctx context.Context, resp *http.Response) error {
	wait := genesys.RetryAfter(resp.Header, time.Now())
	if why := genesys.LongerThanLeft(ctx, "a retry", wait); wait > 0 && why != "" {
		return waitTooLong{resp.StatusCode, why}
	}
	if wait > maxWait {
		return waitTooLong{resp.StatusCode, fmt.Sprintf("a retry has to wait %s, and scimlint waits %s at most", wait.Round(time.Second), maxWait)}
	}
	return nil
}

// maxWait is the longest Retry-After that is waited for. Zendesk counts by the minute.
const maxWait = 5 * time.Minute

// backoff waits as long as the answer asks for, else ever longer.
func backoff(least, most time.Duration, attempt int, resp *http.Response) time.Duration {
	if resp != nil {
		if wait := genesys.RetryAfter(resp.Header, time.Now()); wait > 0 || resp.Header.Get("Retry-After") == "0" {
			return wait
		}
	}
	return retryablehttp.DefaultBackoff(least, most, attempt, nil)
}

// waitTooLong is an answer of this status that asks for a wait which is not begun.
type waitTooLong struct {
	status int
	why    string
}

func (w waitTooLong) Error() string { return w.why }

// Me asks whose the token is.
func (c *Client) Me(ctx context.Context) (User, error) {
	var answer struct {
		User User `json:"user"`
	}
	if err := c.get(ctx, "/api/v2/users/me.json", nil, &answer); err != nil {
		return User{}, err
	}
	// To a token that it does not know, Zendesk answers with nobody.
	if answer.User.ID == 0 || answer.User.Role == "" {
		return User{}, &Refusal{http.StatusUnauthorized, "the token is nobody's: see ZENDESK_EMAIL with ZENDESK_API_TOKEN, or ZENDESK_OAUTH_TOKEN"}
	}
	return answer.User, nil
}

// maxPages bounds the pages that are followed: a million agents.
const maxPages = 10_000

// Agents calls the function with every agent and admin, page by page.
func (c *Client) Agents(ctx context.Context, each func(User)) error {
	after := ""
	for range maxPages {
		q := url.Values{"role[]": {"agent", "admin"}, "page[size]": {strconv.Itoa(pageSize)}}
		if after != "" {
			q.Set("page[after]", after)
		}
		var page struct {
			Users *[]User `json:"users"`
			Meta  struct {
				HasMore     bool   `json:"has_more"`
				AfterCursor string `json:"after_cursor"`
			} `json:"meta"`
		}
		if err := c.get(ctx, "/api/v2/users.json", q, &page); err != nil {
			return err
		}
		if page.Users == nil {
			return &Refusal{http.StatusOK, "the answer lists no users: it is not Zendesk's"}
		}
		if len(*page.Users) > pageSize {
			return &Refusal{http.StatusOK, fmt.Sprintf("the answer lists %d users where %d were asked for: it is not Zendesk's", len(*page.Users), pageSize)}
		}
		for _, u := range *page.Users {
			each(u)
		}
		if !page.Meta.HasMore {
			return nil
		}
		// Of the next page's address only the cursor is used.
		if page.Meta.AfterCursor == "" || page.Meta.AfterCursor == after {
			return &Refusal{http.StatusOK, "the list goes on and does not say where"}
		}
		after = page.Meta.AfterCursor
	}
	return &Refusal{http.StatusOK, "the list has more than " + strconv.Itoa(maxPages) + " pages"}
}

// pageSize is how many users one request lists; it is Zendesk's own limit.
const pageSize = 100

// maxBody bounds one answer, in bytes.
const maxBody = 16 << 20

func (c *Client) get(ctx context.Context, path string, q url.Values, v any) error {
	u := *c.opts.Base
	u.Path, u.RawQuery = path, q.Encode()
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return &Refusal{0, "the address of Zendesk cannot be used"}
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.opts.UserAgent)
	req.Header.Set("Authorization", c.authorization())
	resp, err := c.http.Do(req)
	var long waitTooLong
	if errors.As(err, &long) {
		return &Refusal{long.status, long.why}
	}
	if err != nil {
		return &Refusal{0, "Zendesk cannot be reached at " + c.opts.Base.Host + ": " + cause(ctx, err)}
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil:
		return &Refusal{0, "Zendesk's answer was truncated: " + cause(ctx, err)}
	case len(body) > maxBody:
		return &Refusal{0, fmt.Sprintf("Zendesk's answer is larger than %d MB", maxBody>>20)}
	case resp.StatusCode/100 == 3:
		return &Refusal{resp.StatusCode, "the answer redirects elsewhere; the token was not sent there"}
	case resp.StatusCode != http.StatusOK:
		return &Refusal{resp.StatusCode, c.clean(refusalText(resp.StatusCode, body))}
	case strings.Contains(resp.Header.Get("Content-Type"), "html"):
		return &Refusal{resp.StatusCode, "the answer is an HTML page: something else answers in Zendesk's place"}
	}
	if err := bounds.JSON(body); err != nil {
		return &Refusal{resp.StatusCode, "the answer is not Zendesk's: " + err.Error()}
	}
	if err := json.Unmarshal(body, v); err != nil {
		return &Refusal{resp.StatusCode, "the answer is not the JSON that Zendesk publishes"}
	}
	return nil
}

// authorization is a Bearer token, or Basic with the e-mail address and the word token.
func (c *Client) authorization() string {
	if !c.opts.OAuthToken.Empty() {
		return "Bearer " + c.opts.OAuthToken.Reveal()
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(c.opts.Email+"/token:"+c.opts.APIToken.Reveal()))
}

// clean removes the credentials from a text: what answers may send back what it was
// sent.
func (c *Client) clean(text string) string {
	var r secret.Redactor
	r.Add(c.opts.OAuthToken)
	r.AddBasic(c.opts.Email+"/token", c.opts.APIToken)
	return r.Clean(text)
}

// cause says why there was no answer, without the request's address.
func cause(ctx context.Context, err error) string {
	var u *url.Error
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "the time of the run is over (--timeout)"
	case ctx.Err() != nil:
		return "the run was stopped"
	case errors.As(err, &u) && u.Timeout():
		return "it did not answer in time"
	case errors.As(err, &u):
		return u.Err.Error()
	}
	return "the connection failed"
}

// refusalText reads Zendesk's two forms of an error, and says what it comes to.
func refusalText(status int, body []byte) string {
	said := ""
	var short struct {
		Error any `json:"error"`
	}
	if json.Unmarshal(body, &short) == nil {
		switch e := short.Error.(type) {
		case string:
			said = e
		case map[string]any:
			said = strings.TrimSpace(fmt.Sprint(e["title"], ": ", e["message"]))
		}
	}
	meaning := map[int]string{
		401: "the credentials are not accepted: look at ZENDESK_EMAIL and ZENDESK_API_TOKEN (token access must be on in the account), or ZENDESK_OAUTH_TOKEN",
		403: "the token may not read users: it must be an admin's or an agent's, with the scope users:read or read",
		404: "there is no such account or path: look at ZENDESK_SUBDOMAIN",
		429: "the rate limit is reached: try again later",
	}[status]
	if said != "" && len(said) < 300 {
		if meaning == "" {
			return said
		}
		return said + " (" + meaning + ")"
	}
	if meaning == "" {
		return "no reason is given"
	}
	return meaning
}
