package scimlint

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/simulator"
)

// inProcess answers requests without a network.
type inProcess struct{ http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, in)
	return w.Result(), nil
}

// org is a simulated org without a listener, with the options that a check of it needs.
func org(t *testing.T, name string) (*simulator.Server, Options) {
	t.Helper()
	s, err := simulator.Embedded(name)
	require.NoError(t, err)
	server := simulator.New(s)
	id, secret := server.Credentials(s.Run.Client)
	return server, Options{Region: s.Org.Region, ClientID: id, ClientSecret: NewSecret(secret),
		WorkingToken: NewSecret(server.Token(s.Run.WorkingToken)), Transport: inProcess{server}}
}

// TestTheLibraryJudgesAsTheProgram: verdict and first cause are those that the scenarios
// expect of the program, for scenarios that need no option which only the program has.
func TestTheLibraryJudgesAsTheProgram(t *testing.T) {
	for _, name := range []string{"migration-thread", "role-lacks-permission", "ready-admin", "division-not-covered", "client-disabled", "abac-policy-unseen"} {
		t.Run(name, func(t *testing.T) {
			server, opts := org(t, name)
			run := server.Scenario.Run
			opts.Needs, opts.Divisions, opts.AcceptUnknown = run.Need, run.Division, run.AcceptUnknown
			r, err := Check(t.Context(), opts)
			require.NoError(t, err)
			assert.Equal(t, server.Scenario.Expect.Verdict, string(r.Verdict))
			if want := server.Scenario.Expect.Cause; want != "" {
				require.NotEmpty(t, r.Causes)
				assert.Equal(t, want, r.Causes[0].ID)
			}
		})
	}
}

func TestOptionsThatAreWrong(t *testing.T) {
	server, good := org(t, "ready-admin")
	for name, tc := range map[string]struct {
		change func(*Options)
		want   string
	}{
		"no region":          {func(o *Options) { o.Region = "" }, "set Region"},
		"an unknown region":  {func(o *Options) { o.Region = "mars-1" }, "mars-1"},
		"one host":           {func(o *Options) { o.Region, o.APIURL = "", "https://api.example" }, "set Region"},
		"an open host":       {func(o *Options) { o.APIURL = "http://api.example" }, "unencrypted"},
		"a login URL's path": {func(o *Options) { o.LoginURL = "https://login.example/x" }, "LoginURL"},
		"no credentials":     {func(o *Options) { o.ClientSecret = Secret{} }, "ClientSecret"},
		"a secret of nobody": {func(o *Options) { o.ClientID = "" }, "ClientID"},
		"an unknown need":    {func(o *Options) { o.Needs = []string{"fly"} }, "fly"},
		"a bad permission":   {func(o *Options) { o.RequirePermissions = []string{"directory:user"} }, "directory:user"},
		"an unknown check":   {func(o *Options) { o.AcceptUnknown = []string{"no-check"} }, "no-check"},
		"a negative time":    {func(o *Options) { o.Timeout = -time.Second }, "negative"},
	} {
		t.Run(name, func(t *testing.T) {
			o := good
			tc.change(&o)
			_, err := Check(t.Context(), o)
			require.ErrorContains(t, err, tc.want)
			assert.NotContains(t, err.Error(), good.ClientSecret.Reveal())
		})
	}
	assert.Empty(t, server.Requests(), "nothing is sent with options that are wrong")
}

func TestARunThatEnds(t *testing.T) {
	_, opts := org(t, "ready-admin")
	cause := errors.New("the service is shutting down")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	_, err := Check(ctx, opts)
	require.ErrorIs(t, err, cause, "an interrupted run has no verdict")

	opts.Timeout = time.Nanosecond
	r, err := Check(t.Context(), opts)
	require.NoError(t, err)
	assert.NotEqual(t, Ready, r.Verdict, "what was not read in time is unknown")
}

// echo answers with whatever credentials a request had.
type echo struct{}

func (echo) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusForbidden)
	_ = json.NewEncoder(w).Encode(map[string]string{"code": "x", "message": "refused " + r.Header.Get("Authorization")})
	return w.Result(), nil
}

// TestAttackSecretsOfTheLibrary: a host that echoes the credentials gets none of them into
// the report, its JSON or its text.
func TestAttackSecretsOfTheLibrary(t *testing.T) {
	const secret, token = "kT9w-secret-of-a-client-0123456789", "kT9w-token-of-a-client-0123456789"
	for name, o := range map[string]Options{
		"a secret": {ClientID: "11111111-1111-4111-8111-111111111111", ClientSecret: NewSecret(secret)},
		"a token":  {Token: NewSecret(token)},
		"another":  {Token: NewSecret(token), WorkingToken: NewSecret(secret)},
	} {
		t.Run(name, func(t *testing.T) {
			o.Region, o.Transport = "eu-west-1", echo{}
			r, err := Check(t.Context(), o)
			require.NoError(t, err)
			assert.NotEqual(t, Ready, r.Verdict)
			var out bytes.Buffer
			data, err := json.Marshal(r)
			require.NoError(t, err)
			out.Write(data)
			require.NoError(t, report.Write(&out, "text", r, report.Options{Verbose: true}))
			for _, s := range []string{secret, token} {
				assert.NotContains(t, out.String(), s)
			}
			assert.NotContains(t, out.String(), "Basic a", "nor as HTTP Basic")
		})
	}
}
