// Package scimlint is scimlint as a library: [Check] asks a Genesys Cloud org what an
// OAuth client may do, compares that with what SCIM provisioning requires, and returns
// the report that `scimlint check -o json` prints.
//
//	report, err := scimlint.Check(ctx, scimlint.Options{
//		Region:       "eu-west-1",
//		ClientID:     id,
//		ClientSecret: scimlint.NewSecret(secret),
//	})
//
// Check reads and never writes: it sends the POST that asks for a token, GET requests,
// and, where an attribute-based policy has a condition, a POST by which the org
// evaluates it. The write probe, the canary and fix are only in the program.
//
// In tests, the package simulator serves an org on loopback; see the examples.
//
// # Stability
//
// These are stable: this package, the types of [Report] in pkg/results, [report.Write]
// and its options in pkg/report, secret.Secret, and of pkg/simulator the scenario files,
// simulator.Embedded, Load, Names, Start, New, the methods of Server, and of Scenario the
// fields Name, Org, Run and Expect. While scimlint's
// version is 0.x, they change incompatibly only in a new minor version (0.1 to 0.2), and
// the changelog says so under "Breaking". From 1.0.0 on they follow semantic versioning.
// Fields, checks, causes and operations may be added in any version.
//
// All other packages of this module can be imported, and may change in any version
// without notice. docs/versioning.md has the whole policy, with the JSON schemas and the
// ids of checks and causes.
//
// [report.Write]: https://pkg.go.dev/github.com/scimlint/scimlint/pkg/report#Write
package scimlint

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"time"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/diagnose"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/secret"
)

// Report is the result of a run: verdict, causes with proof and fix, checks, operations
// and requests. docs/report.schema.json describes its JSON form.
type Report = results.Report

// Secret is a client secret or a token. It prints as [redacted] with every verb.
type Secret = secret.Secret

// NewSecret makes a Secret of a text, without white space around it.
func NewSecret(text string) Secret { return secret.New(text) }

// The verdicts of a report. Inconclusive is no pass: something that is needed could not
// be read.
const (
	Ready        = results.Ready
	NotReady     = results.NotReady
	Inconclusive = results.Inconclusive
)

// DefaultTimeout is how long a run may take where Options do not say.
const DefaultTimeout = time.Minute

// Options say which org is asked, with whose credentials, and what the migration will do.
// Region (or both URLs), and ClientID with ClientSecret or a Token, are required.
type Options struct {
	// Region is the region of the org: an AWS name such as eu-west-1, or a domain such as
	// mypurecloud.ie.
	Region string
	// APIURL and LoginURL replace the hosts of the region, as https://host; http is
	// accepted on loopback only.
	APIURL, LoginURL string
	// ClientID and ClientSecret are the credentials of the OAuth client under test.
	ClientID     string
	ClientSecret Secret
	// Token is an access token to judge, instead of one that is acquired with the secret.
	Token Secret
	// WorkingToken is a token that is said to work elsewhere, to compare with; empty for
	// none. It is only used for reading.
	WorkingToken Secret

	// Needs is what the migration will do: create, read, update, delete, groups, roles,
	// skills, languages, extension, password; auto reads it from the client's traffic of
	// seven days. The first four when empty.
	Needs []string
	// Divisions are the names or ids of the divisions that the users will be in, * for
	// all; the home division when empty.
	Divisions []string
	// ExpectOrg is the name or id of the org that the token must belong to.
	ExpectOrg string
	// RequireScopes and RequirePermissions are required in addition to what the published
	// definition requires. Findings about them have the basis "reported".
	RequireScopes, RequirePermissions []string
	// AcceptUnknown are ids of checks whose unknown result does not block Ready.
	AcceptUnknown []string

	// Timeout bounds the run; DefaultTimeout when zero. What was not read in time is
	// unknown in the report.
	Timeout time.Duration
	// Transport sends the requests; nil for a transport of scimlint's own, which uses the
	// environment's proxies.
	Transport http.RoundTripper
}

// Check asks the org and judges what it says.
//
// Whatever the org answers, a refusal or nothing at all, is in the report and no error.
// Check returns an error where an option is missing or wrong, before it sends anything,
// and where ctx ended before the run did; that error wraps the cause of ctx.
func Check(ctx context.Context, opts Options) (Report, error) {
	r, err := opts.resolve()
	if err != nil {
		return Report{}, fmt.Errorf("scimlint: %w", err)
	}
	limited, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	snapshot := evidence.Collect(limited, genesys.NewClient(r.client), r.evidence)
	if ctx.Err() != nil {
		return Report{}, fmt.Errorf("scimlint: the run was interrupted: %w", context.Cause(ctx))
	}
	tool := results.Tool{Name: "scimlint", Version: version(), Catalogue: catalog.Default().Label()}
	return secret.Walk(diagnose.Conclude(checks.Run(snapshot, r.judge), tool), r.client.Redactor.Clean), nil
}

// run is a check's complete instructions.
type run struct {
	client   genesys.Options
	evidence evidence.Options
	judge    lint.Options
	timeout  time.Duration
}

// usageDays is how much of the client's traffic the need "auto" is read from.
const usageDays = 7

// resolve refuses every option that can be wrong before anything is sent.
func (o Options) resolve() (r run, err error) {
	t := &r.evidence.Target
	t.ClientID, t.Probe, t.SCIMBase, t.TokenSupplied = o.ClientID, evidence.ProbeRead, catalog.SCIMBase, !o.Token.Empty()
	if r.client, err = o.hosts(t); err != nil {
		return r, err
	}
	if o.Token.Empty() && (o.ClientID == "" || o.ClientSecret.Empty()) {
		return r, errors.New("no credentials: set ClientID and ClientSecret, or Token")
	}
	if r.timeout = o.Timeout; r.timeout == 0 {
		r.timeout = DefaultTimeout
	}
	if r.timeout < 0 {
		return r, fmt.Errorf("a Timeout of %s is negative", r.timeout)
	}
	if r.judge, err = o.judge(); err != nil {
		return r, err
	}
	r.evidence.Secret, r.evidence.Supplied, r.evidence.WorkingToken, r.evidence.Now = o.ClientSecret, o.Token, o.WorkingToken, time.Now()
	if slices.Contains(r.judge.Needs, catalog.NeedAuto) {
		r.evidence.UsageDays = usageDays
	}
	r.judge.Ask(&r.evidence)
	r.client.Redactor = &secret.Redactor{}
	r.client.Redactor.Add(o.Token, o.WorkingToken)
	r.client.Redactor.AddBasic(o.ClientID, o.ClientSecret)
	return r, nil
}

// hosts finds the API and the login host.
func (o Options) hosts(t *evidence.Target) (genesys.Options, error) {
	c := genesys.Options{UserAgent: "scimlint-go/" + version()}
	if o.Transport != nil {
		c.Transport = transport{o.Transport}
	}
	api, login := o.APIURL, o.LoginURL
	if o.Region != "" {
		region, err := genesys.LookupRegion(o.Region)
		if err != nil {
			return c, err
		}
		t.Region, t.Domain = region.AWSName, region.Domain
		if api == "" {
			api = region.APIURL()
		}
		if login == "" {
			login = region.LoginURL()
		}
	}
	if api == "" || login == "" {
		return c, errors.New("no region: set Region to an AWS name such as eu-west-1, or both APIURL and LoginURL")
	}
	for _, host := range []struct {
		name, text string
		base       **url.URL
	}{{"APIURL", api, &c.API}, {"LoginURL", login, &c.Login}} {
		base, err := genesys.ParseBase(host.text)
		if err != nil {
			return c, fmt.Errorf("%s: %w", host.name, err)
		}
		*host.base = base
	}
	t.APIURL, t.LoginURL = c.API.String(), c.Login.String()
	return c, nil
}

// transport names the request of each response, which transports made for tests leave
// out.
type transport struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(r)
	if resp != nil && resp.Request == nil {
		resp.Request = r
	}
	return resp, err
}

// judge is what the org is judged against.
func (o Options) judge() (j lint.Options, err error) {
	j = lint.Options{Needs: catalog.DefaultNeeds(), Divisions: o.Divisions, ExpectOrg: o.ExpectOrg, Accept: o.AcceptUnknown,
		Requirements: lint.Requirements{Scopes: o.RequireScopes, Permissions: o.RequirePermissions}}
	if len(o.Needs) > 0 {
		if j.Needs, err = catalog.ParseNeeds(o.Needs); err != nil {
			return j, err
		}
	}
	return j, checks.Validate(j)
}

// module is this module's path, as builds record it.
const module = "github.com/scimlint/scimlint"

// version is the version of this module in the program that it was built into.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(devel)"
	}
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == module && m.Version != "" {
			return m.Version
		}
	}
	return "(devel)"
}
