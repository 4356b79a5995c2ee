package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/scimlint/scimlint/internal/payload"
	"github.com/scimlint/scimlint/internal/readiness"
	"github.com/scimlint/scimlint/internal/zendesk"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/profile"
	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/secret"
)

// The environment of Zendesk.
const (
	envZendesk      = "ZENDESK_SUBDOMAIN"
	envZendeskEmail = "ZENDESK_EMAIL"
	envZendeskToken = "ZENDESK_API_TOKEN"
	envZendeskOAuth = "ZENDESK_OAUTH_TOKEN"
	envZendeskURL   = "SCIMLINT_ZENDESK_URL"
)

// way are the flags of everything other than the permissions.
type way struct {
	payload, source, canaryDomain string
	groups                        []string
	canary, yes                   bool
	// all makes the readiness a part of the report whatever was asked for.
	all bool
}

func (w *way) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&w.payload, "payload", "", "`file` of the SCIM bodies that will be sent (JSON, NDJSON or CSV): they are validated, their needs are judged, and their userNames looked for in the org")
	fs.StringVar(&w.source, "source", "", "look at the `system` that the users come from: zendesk")
	fs.StringArrayVar(&w.groups, "group", nil, "`name` of a group that will be filled: it must be in the org by exactly this name; repeatable")
	fs.BoolVar(&w.canary, "canary", false, "create, read, update and delete ONE user in the org, after asking")
	fs.StringVar(&w.canaryDomain, "canary-domain", readiness.CanaryDomain, "e-mail `domain` of the canary")
	fs.BoolVar(&w.yes, "yes", false, "with --canary: do not ask")
	_ = cmd.RegisterFlagCompletionFunc("source", cobra.FixedCompletions([]string{"zendesk"}, cobra.ShellCompDirectiveNoFileComp))
}

// maxGroups bounds the groups that are asked for, one request each.
const maxGroups = 500

// domain is what the canary's address can end in.
var domain = regexp.MustCompile(`^[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?(\.[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?)+$`)

// resolve puts flags and, for ready, the configuration together: a plain check must not
// want for Zendesk's credentials. The canary is never the configuration's to ask for: it
// changes the org.
func (w *way) resolve(c config) error {
	if w.all {
		w.payload, w.source = firstOf(w.payload, c.Payload), firstOf(w.source, c.Source)
		w.groups = pick(w.groups, c.Groups)
	}
	if w.source != "" && w.source != "zendesk" {
		return fmt.Errorf("unknown source %q: write zendesk", w.source)
	}
	if len(w.groups) > maxGroups {
		return fmt.Errorf("%d groups are named, and %d at most are asked for", len(w.groups), maxGroups)
	}
	if slices.Contains(w.groups, "") {
		return errors.New("group is empty: write the name of a group")
	}
	if w.yes && !w.canary {
		return errors.New("--yes goes with --canary")
	}
	if !domain.MatchString(w.canaryDomain) || len(w.canaryDomain) > 190 {
		return fmt.Errorf("canary-domain %q is not a domain: write it as example.com", w.canaryDomain)
	}
	if w.payload != "" {
		info, err := os.Stat(w.payload)
		if err != nil {
			return fmt.Errorf("payload: %w", err)
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("payload %s is no plain file: it is read more than once", w.payload)
		}
	}
	return nil
}

func (w *way) wanted() bool {
	return w.all || w.payload != "" || w.source != "" || w.canary || len(w.groups) > 0
}

func newReady(std stdio) *cobra.Command {
	var f flags
	var o outputs
	var t terms
	w := way{all: true}
	cmd := &cobra.Command{
		Use:   "ready",
		Short: "Say whether the migration can begin: permissions, payload, collisions, source, plan, canary",
		Long: `ready runs everything that scimlint knows of a migration, from the configuration:
what the client may do, the bodies that will be sent (--payload, or payload in
scimlint.yaml), the userNames that the org has already, the agents of Zendesk (--source,
or source), how long it will take, and on request a trial with one user (--canary).
Each is go, no-go or not checked. It only reads, except for the canary.

Zendesk's credentials: ZENDESK_SUBDOMAIN with ZENDESK_EMAIL and ZENDESK_API_TOKEN, or
ZENDESK_OAUTH_TOKEN.

Exit codes: as of scimlint check; what is no-go is not ready.`,
		Example: `  scimlint ready --payload users.ndjson --source zendesk
  scimlint ready --payload users.ndjson --canary`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.checkAndReport(cmd.Context(), std, "", &o, &t, &w)
		},
	}
	f.register(cmd)
	w.register(cmd)
	t.register(cmd)
	o.register(cmd)
	return cmd
}

// checkAndReport is what check and ready do.
func (f *flags) checkAndReport(ctx context.Context, std stdio, from string, o *outputs, t *terms, w *way) error {
	list, err := o.parse(report.Formats())
	if err != nil {
		return err
	}
	inputs := append(f.inputs(), named{"--payload", w.payload}, named{"--from", from})
	if c, _, err := readConfig(f.config); err == nil {
		inputs = append(inputs, named{"payload", c.Payload}, named{"secretFile", c.SecretFile}, named{"tokenFile", c.TokenFile}, named{"baseline", c.Baseline})
	}
	if err := distinct(append(files(list), t.writes()...), append(inputs, t.reads()...)); err != nil {
		return err
	}
	r, err := f.judge(ctx, std, from, t, w, !o.quiet)
	if err != nil {
		return err
	}
	if err := o.write(std, list, func(out io.Writer, format string, opts report.Options) error {
		return report.Write(out, format, r, opts)
	}); err != nil {
		return err
	}
	return code(r.ExitCode())
}

// walk looks at everything around the permissions and judges with what the bodies need.
// snapshot is the evidence; org is nil where none can be asked.
func (w *way) walk(ctx context.Context, std stdio, c config, snapshot *evidence.Snapshot, judge lint.Options, org *readiness.Org, say func(string)) (results.Report, error) {
	r := readiness.New(judge.Profile)
	if len(w.groups) > 0 && !slices.Contains(judge.Needs, catalog.NeedGroups) {
		judge.Needs = append(slices.Clone(judge.Needs), catalog.NeedGroups) // a group is filled by changing it
	}
	p, err := w.body(ctx, r, &judge, org, say)
	if err != nil {
		return results.Report{}, err
	}
	out, err := conclude(ctx, snapshot, judge)
	if err != nil {
		return out, err
	}
	readiness.Permissions(r, out)
	if p != nil {
		w.numbers(ctx, r, snapshot, *p, org, judge.Profile)
	}
	switch {
	case len(w.groups) > 0 && org != nil:
		missing, notSeen := org.MissingGroups(ctx, w.groups)
		readiness.Groups(r, w.groups, missing, notSeen)
	case len(w.groups) > 0:
		readiness.Groups(r, w.groups, nil, []string{"no org could be asked for groups"})
	}
	if w.source != "" {
		if err := w.fromSource(ctx, std, c, r, say); err != nil {
			return results.Report{}, err
		}
	}
	switch {
	case w.canary && org != nil:
		w.try(ctx, std, r, org)
	case w.canary:
		readiness.Set(r, results.SectionCanary, results.NotChecked, "See why there is no token", "there is no token to try with")
	}
	return readiness.Conclude(out, r), nil
}

// body validates the payload, and adds its needs to those that are judged.
func (w *way) body(ctx context.Context, r *results.Readiness, judge *lint.Options, org *readiness.Org, say func(string)) (*results.Payload, error) {
	if w.payload == "" {
		return nil, nil
	}
	const noOrg = "no org could be asked"
	opts := payload.Options{Schemas: payload.Published()}
	notChecked := map[catalog.Need]string{catalog.NeedRoles: "role names: " + noOrg, catalog.NeedSkills: "routing skills: " + noOrg, catalog.NeedLanguages: "routing languages: " + noOrg, readiness.NamesOfDivisions: "division names: " + noOrg}
	if org != nil {
		opts, notChecked = org.PayloadOptions(ctx)
	}
	counted, err := w.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	defer func() { _ = counted.Close() }()
	if say != nil {
		opts.Progress = func(n int) { say(counted.bar() + fmt.Sprintf(" %d bodies validated", n)) }
	}
	p, err := payload.Check(counted, opts)
	if err != nil && counted.stopped && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		readiness.Set(r, results.SectionPayload, results.NotChecked, "Give the run more time with --timeout", "%v", err)
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("payload %s: %w", w.payload, err)
	}
	p.File = w.payload
	for _, n := range p.Needs {
		if why, ok := notChecked[catalog.Need(n)]; ok {
			p.NotChecked = append(p.NotChecked, why)
		}
	}
	if why, ok := notChecked[readiness.NamesOfDivisions]; ok && len(p.Divisions) > 0 {
		p.NotChecked = append(p.NotChecked, why)
	}
	if org != nil && len(p.Managers) > 0 {
		missing, unread := org.MissingManagers(ctx, p.Managers)
		payload.Managers(&p, missing, unread)
	}
	readiness.Payload(r, p)
	if err := readiness.Widen(judge, &p); err != nil {
		return nil, err
	}
	return &p, nil
}

// open opens the payload for a run that ctx ends.
func (w *way) open(ctx context.Context) (*progress, error) {
	in, err := os.Open(w.payload)
	if err != nil {
		return nil, err
	}
	p := &progress{ctx: ctx, in: in}
	if info, err := in.Stat(); err == nil {
		p.size = info.Size()
	}
	return p, nil
}

// progress counts what of a file was read, and ends with the run.
type progress struct {
	ctx  context.Context
	in   io.ReadCloser
	size int64
	read atomic.Int64
	// stopped is set when a read was not made because the run was over.
	stopped bool
}

// Close closes the file.
func (p *progress) Close() error { return p.in.Close() }

// Read reads, and counts.
func (p *progress) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		p.stopped = true
		if errors.Is(err, context.DeadlineExceeded) {
			return 0, fmt.Errorf("the time of the run was over (--timeout) when %d of its %d bytes were read", p.read.Load(), p.size)
		}
		return 0, errors.New("the run was stopped")
	}
	n, err := p.in.Read(b)
	p.read.Add(int64(n))
	return n, err
}

// bar shows how much of the file was read.
func (p *progress) bar() string {
	const width = 20
	part := width
	if p.size > 0 {
		part = int(min(width, p.read.Load()*width/p.size))
	}
	return "[" + strings.Repeat("#", part) + strings.Repeat(".", width-part) + "]"
}

// numbers looks for collisions, and puts the migration in numbers.
func (w *way) numbers(ctx context.Context, r *results.Readiness, snapshot *evidence.Snapshot, p results.Payload, org *readiness.Org, by *profile.Profile) {
	creates := p.Bodies
	if org != nil {
		list, how, notSeen := org.Collisions(ctx, readiness.File{Open: func() (io.ReadCloser, error) { return w.open(ctx) }, Bodies: p.Bodies})
		readiness.Collisions(r, by, list, how, notSeen)
		creates -= len(list)
	}
	var limit *genesys.RateLimit
	if org != nil {
		limit = org.Limit()
	}
	readiness.Plan(r, creates, limit, tokenSeconds(snapshot))
}

// tokenSeconds is how long a token of the client lives; zero where that is not known. No
// endpoint says how long a token still lives that was supplied.
func tokenSeconds(s *evidence.Snapshot) int64 {
	if s.Target.TokenSupplied {
		return 0
	}
	if c, _ := s.OAuthClient(); c != nil && c.AccessTokenValiditySeconds > 0 {
		return c.AccessTokenValiditySeconds
	}
	if s.Token.Seen() {
		return int64(s.Token.Value.ExpiresIn.Seconds())
	}
	return 0
}

// fromSource looks at Zendesk. Missing credentials are an error of usage; an answer that
// says no is no-go.
func (w *way) fromSource(ctx context.Context, std stdio, c config, r *results.Readiness, say func(string)) error {
	client, place, err := zendeskClient(std, c)
	if err != nil {
		return err
	}
	if say != nil {
		say("reading the agents of " + place)
	}
	s, err := readiness.Zendesk(ctx, client, place)
	var no *zendesk.Refusal
	switch {
	case err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded), errors.As(err, &no) && no.NotRead():
		readiness.Set(r, results.SectionSource, results.NotChecked, "Run again later, or give the run more time with --timeout", "%s: %s", place, err)
		return nil
	case errors.As(err, &no):
		readiness.Set(r, results.SectionSource, results.NoGo, "Correct the access to Zendesk", "%s: %s", place, no.Error())
		return nil
	case err != nil:
		return err
	}
	readiness.Source(r, s)
	return nil
}

// zendeskClient finds the account and its credentials.
func zendeskClient(std stdio, c config) (*zendesk.Client, string, error) {
	o := zendesk.Options{Email: std.env(envZendeskEmail), APIToken: secret.New(std.env(envZendeskToken)), OAuthToken: secret.New(std.env(envZendeskOAuth)), UserAgent: "scimlint/" + toolVersion()}
	std.secrets().Add(o.APIToken, o.OAuthToken)
	std.secrets().AddBasic(o.Email+"/token", o.APIToken)
	name := firstOf(std.env(envZendesk), c.Zendesk.Subdomain)
	var err error
	if other := std.env(envZendeskURL); other != "" {
		o.Base, err = genesys.ParseBase(other)
	} else if name == "" {
		return nil, "", fmt.Errorf("no Zendesk account: set %s to the acme of acme.zendesk.com", envZendesk)
	} else {
		o.Base, err = zendesk.Base(name)
	}
	if err != nil {
		return nil, "", err
	}
	if o.OAuthToken.Empty() && (o.Email == "" || o.APIToken.Empty()) {
		return nil, "", fmt.Errorf("no credentials for Zendesk: set %s and %s, or %s", envZendeskEmail, envZendeskToken, envZendeskOAuth)
	}
	return zendesk.NewClient(o), o.Base.Host, nil
}

// ask waits for the word to be typed, before anything is done.
func (w *way) ask(ctx context.Context, std stdio) error {
	if !w.canary || w.yes {
		return nil
	}
	_, _ = fmt.Fprintln(std.err, "The canary will create ONE inactive user in the org, read it, update it and delete it.")
	return confirm(ctx, std, "canary")
}

// try runs the canary.
func (w *way) try(ctx context.Context, std stdio, r *results.Readiness, org *readiness.Org) {
	org.Announce = func(userName string) {
		_, _ = fmt.Fprintf(std.err, "scimlint: the canary is %s\n", report.Inert(userName))
	}
	steps, left := org.Canary(ctx, time.Now(), w.canaryDomain)
	readiness.Canary(r, steps, left)
	if left != "" {
		_, _ = fmt.Fprintln(std.err, "scimlint: ATTENTION:", report.Inert(left))
	}
}

// orgOf is the org with a token of the client under test, or nil where it gets none; why
// is then in the report's own checks.
func orgOf(ctx context.Context, s settings, say func(string)) *readiness.Org {
	client := genesys.NewClient(genesys.Options{API: s.api, Login: s.login, UserAgent: "scimlint/" + toolVersion(), Redactor: s.secrets})
	token := s.evidence.Supplied
	if !s.evidence.Target.TokenSupplied {
		token, _, _ = client.AcquireToken(ctx, s.evidence.Target.ClientID, s.evidence.Secret)
	}
	if token.Empty() {
		return nil
	}
	base := s.evidence.Target.SCIMBase
	if u, err := url.Parse(base); err != nil || u.Path == "" {
		base = catalog.SCIMBase
	}
	return &readiness.Org{Client: client.WithToken(token), Base: base, Say: say}
}
