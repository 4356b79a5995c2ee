package genesys

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// nestedParams is a refusal whose messageParams are nested so many times.
func nestedParams(times int) string {
	return `{"code":"missing.permissions","message":"m","messageParams":` + strings.Repeat(`{"a":`, times) + `"x:y:z"` + strings.Repeat("}", times) + "}"
}

// TestAttackBoundsOfARefusal: a body that no platform sends is not read as one, and
// costs no more than its size.
func TestAttackBoundsOfARefusal(t *testing.T) {
	for name, tc := range map[string]struct{ body, want string }{
		"83 kB of nested messageParams": {nestedParams(9_000), "nested more than 64 deep"},
		"nested lists":                  {`{"code":"c","message":"m","messageParams":` + strings.Repeat("[", 9_000) + `"directory:user:add"` + strings.Repeat("]", 9_000) + "}", "nested more than 64 deep"},
		"nested and never closed":       {strings.Repeat(`{"a":`, 14_000), "nested more than 64 deep"},
		"larger than any":               {`{"code":"not.authorized","message":"` + strings.Repeat("x", maxRefusal) + `"}`, "larger than 256 kB"},
		"80,000 empty lists":            {`{"code":"c","messageParams":[` + strings.Repeat("[],", 80_000) + `[]]}`, ""},
	} {
		start := time.Now()
		_, call := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, tc.body)
		}).TokensMe(context.Background())
		assert.Less(t, time.Since(start), 2*time.Minute, name)
		if tc.want == "" {
			assert.NotNil(t, call.Refusal, name)
			continue
		}
		assert.Nil(t, call.Refusal, name)
		require.NotNil(t, call.Failure, name)
		assert.Equal(t, FailureTooLarge, call.Failure.Kind, name)
		assert.Contains(t, call.Failure.Text, tc.want, name)
		_, ok := ParseRefusal(http.StatusForbidden, []byte(tc.body))
		assert.False(t, ok, name)
	}
	r, ok := ParseRefusal(http.StatusForbidden, []byte(nestedParams(20)))
	require.True(t, ok)
	assert.Equal(t, []string{"x:y:z"}, r.Permissions, "what is within the bounds is read to its depth")
}

// TestAttackBoundsOfARefusalsNames: names are many and the message is long.
func TestAttackBoundsOfARefusalsNames(t *testing.T) {
	var names strings.Builder
	for i := range 20_000 {
		names.WriteString("a:b:" + strings.Repeat("x", i%50) + string(rune('a'+i%26)) + " ")
	}
	r, ok := ParseRefusal(http.StatusForbidden, []byte(`{"code":"missing.permissions","message":"`+names.String()[:maxRefusal-100]+`"}`))
	require.True(t, ok)
	assert.LessOrEqual(t, len(r.Permissions), maxNames)
	assert.NotEmpty(t, r.Permissions)
	assert.LessOrEqual(t, len(r.Message), maxMessage+len("…"))
}

// TestAttackBoundsOfAnAnswer: an answer of few bytes that is large in memory.
func TestAttackBoundsOfAnAnswer(t *testing.T) {
	for name, tc := range map[string]struct{ body, want string }{
		"a list of empty grants": {`{"id":"x","grants":[` + strings.Repeat("{},", 200_000) + `{}]}`, "more than 100000 entries"},
		"nested":                 {`{"grants":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + "}", "nested more than 64 deep"},
		"an object of many keys": {"{" + strings.Repeat(`"a":1,`, 200_000) + `"b":1}`, "more than 100000 entries"},
	} {
		v, calls := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, tc.body) }).SubjectsMe(context.Background())
		if v != nil { // which is large to show
			t.Error(name)
		}
		require.NotNil(t, calls.Failure, name)
		assert.Equal(t, FailureTooLarge, calls.Failure.Kind, name)
		assert.Contains(t, calls.Failure.Text, tc.want, name)
	}
}

// TestAttackTimeOfABody: a body that drips, or never ends, is given up in time and at
// once when the run is stopped.
func TestAttackTimeOfABody(t *testing.T) {
	drip := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, " ")
			_ = http.NewResponseController(w).Flush()
			time.Sleep(5 * time.Millisecond)
		}
	}
	srv := serve(t, drip)
	_, call := patient(t, srv.opts.API.String(), 60*time.Millisecond).TokensMe(context.Background())
	require.NotNil(t, call.Failure)
	assert.Equal(t, FailureTimeout, call.Failure.Kind)

	ctx, stop := context.WithCancel(context.Background())
	time.AfterFunc(30*time.Millisecond, stop)
	start := time.Now()
	_, call = srv.TokensMe(ctx)
	require.NotNil(t, call.Failure)
	assert.Equal(t, FailureCanceled, call.Failure.Kind)
	assert.Less(t, time.Since(start), 2*time.Minute)

	_, call = serve(t, func(w http.ResponseWriter, r *http.Request) {
		page := strings.Repeat(" ", 1<<16)
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, page); err != nil {
				return
			}
		}
	}).TokensMe(context.Background())
	require.NotNil(t, call.Failure)
	assert.Equal(t, FailureTooLarge, call.Failure.Kind, "a body without an end")
}

// TestAttackTimeOfAPacer: a wait for the rate limit that would end after the deadline is
// not begun, and a stopped run ends within one.
func TestAttackTimeOfAPacer(t *testing.T) {
	p := Pacer{Seen: &RateLimit{Allowed: 300, Count: 300, Reset: 40 * time.Second}}
	ctx, cancel := context.WithTimeout(context.Background(), 12*time.Second)
	defer cancel()
	err := p.Wait(ctx)
	require.ErrorContains(t, err, "has to wait 40s, and 12s of the run are left (--timeout)")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	stopped, stop := context.WithCancel(context.Background())
	p.Seen = &RateLimit{Allowed: 300, Count: 300, Reset: 40 * time.Second}
	time.AfterFunc(20*time.Millisecond, stop)
	require.ErrorIs(t, p.Wait(stopped), context.Canceled)
}

// answer is a network that answers everything with one body.
type answer []byte

// RoundTrip answers in the process.
func (a answer) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(a)), Request: r}, nil
}

// FuzzLists reads any answer as a list of either form: a list that is given was read to
// its end by what the answer says of itself, and everything else has a reason.
func FuzzLists(f *testing.F) {
	for _, s := range []string{`{"entities":[{"id":"a"}],"pageCount":1,"total":1}`, `{"entities":[],"pageCount":2}`, `{"entities":[{}],"total":3}`, `{"entities":null}`, `{"entities":[{}],"nextUri":"/x?after=1"}`,
		`{"entities":[],"Entities":[{}],"pageCount":1}`, `{"entities":[{}],"pageCount":-1,"total":1}`, `[]`, `{"message":"no","code":"x"}`} {
		f.Add([]byte(s))
	}
	base, err := ParseBase("https://api.mypurecloud.com")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, body []byte) {
		c := NewClient(Options{API: base, Login: base, Transport: answer(body)})
		pages, calls := numbered[NamedEntity](context.Background(), c, "/api/v2/x", url.Values{"pageSize": {"100"}})
		require.LessOrEqual(t, len(calls), maxPages)
		last := calls[len(calls)-1]
		require.Equal(t, pages != nil, last.Failure == nil && last.Refusal == nil, "a list, or a reason")
		list, calls := cursored[NamedEntity](context.Background(), c, "/api/v2/x", url.Values{})
		require.LessOrEqual(t, len(calls), maxPages)
		last = calls[len(calls)-1]
		require.Equal(t, list != nil, last.Failure == nil && last.Refusal == nil, "a list, or a reason")
	})
}
