package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/checks/custom"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/profile"
	"github.com/scimlint/scimlint/pkg/secret"
)

// The environment. The first four names are those of the vendor's Terraform
// provider.
const (
	envRegion   = "GENESYSCLOUD_REGION"
	envClientID = "GENESYSCLOUD_OAUTHCLIENT_ID"
	envSecret   = "GENESYSCLOUD_OAUTHCLIENT_SECRET"
	envToken    = "GENESYSCLOUD_ACCESS_TOKEN"
	envWorking  = "SCIMLINT_WORKING_TOKEN"

	envAuditorID     = "SCIMLINT_AUDITOR_CLIENT_ID"
	envAuditorSecret = "SCIMLINT_AUDITOR_SECRET"
	envAuditorToken  = "SCIMLINT_AUDITOR_TOKEN"
	envAPI           = "SCIMLINT_API_URL"
	envLogin         = "SCIMLINT_LOGIN_URL"
)

// flags are the command line of a check; they win over the environment, which
// wins over the configuration file.
type flags struct {
	config, region, clientID, secretFile, tokenFile, workingTokenFile, apiURL, loginURL, scimURL string
	need, needOperation, division, accept, requireScope, requirePermission, refusals             []string
	auditorID, auditorSecretFile, auditorTokenFile                                               string
	probe, expectOrg                                                                             string
	replace                                                                                      bool
	tokenUse, tokenIssued, profile                                                               string
	// operation is the only one that is needed where a command is about one.
	operation      *catalog.NeededOperation
	usage, changes int
	timeout        time.Duration
}

func (f *flags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&f.config, "config", "", "configuration `file` (default ./scimlint.yaml where it exists)")
	fs.StringVar(&f.region, "region", "", "`region` of the org: an AWS name such as eu-west-1, or a domain such as mypurecloud.ie")
	fs.StringVar(&f.clientID, "client-id", "", "`id` of the OAuth client under test")
	fs.StringVar(&f.secretFile, "secret-file", "", "`file` that holds the client's secret")
	fs.StringVar(&f.tokenFile, "token-file", "", "`file` that holds an access token, to judge instead of acquiring one")
	fs.StringVar(&f.workingTokenFile, "working-token-file", "", "`file` that holds a token that is said to work elsewhere, to compare with")
	fs.StringVar(&f.apiURL, "api-url", "", "other API `base` (http on loopback only)")
	fs.StringVar(&f.loginURL, "login-url", "", "other login `base` (http on loopback only)")
	fs.StringVar(&f.auditorID, "auditor-client-id", "", "`id` of another OAuth client, which reads what the one under test may not")
	fs.StringVar(&f.auditorSecretFile, "auditor-secret-file", "", "`file` that holds the auditor's secret")
	fs.StringVar(&f.auditorTokenFile, "auditor-token-file", "", "`file` that holds the auditor's token, instead")
	fs.StringVar(&f.scimURL, "scim-url", "", "the `URL` that the integration calls, to be judged (it is not called)")
	fs.StringSliceVar(&f.need, "need", nil, "what the migration will do: create,read,update,delete,groups,roles,skills,languages,extension,password (default create,read,update,delete)")
	fs.StringArrayVar(&f.needOperation, "need-operation", nil, "an `operation` that is needed besides, as in \"POST /api/v2/routing/queues\"; repeatable; without --need, instead")
	fs.StringVar(&f.probe, "probe", "", "read, write or none (default read); write posts a body that cannot create anyone")
	fs.StringArrayVar(&f.division, "division", nil, "`name or id` of a division the users will be in; repeatable, * for all (default the home division)")
	fs.StringVar(&f.expectOrg, "expect-org", "", "`name or id` of the org that the token must be of")
	fs.StringArrayVar(&f.requireScope, "require-scope", nil, "demand a `scope` of the token; repeatable")
	fs.StringArrayVar(&f.requirePermission, "require-permission", nil, "demand a `permission` (domain:entity:action); repeatable")
	fs.BoolVar(&f.replace, "require-only", false, "let the demands replace what the catalogue asks, not add to it")
	fs.StringArrayVar(&f.accept, "accept-unknown", nil, "`check` whose unknown does not keep the verdict from being ready; repeatable")
	fs.StringArrayVar(&f.refusals, "refusal", nil, "`file` with a refusal, in any form that scimlint explain reads, to be held against the org; repeatable")
	fs.StringVar(&f.tokenUse, "token-use", "", "how the integration gets its token: renewed (by itself) or pasted (by a person, as in an identity provider)")
	fs.StringVar(&f.tokenIssued, "token-issued", "", "`date` (2026-01-31) on which the token of --token-file was issued: no endpoint says it")
	fs.StringVar(&f.profile, "profile", "", "`name` of the system that calls SCIM (scimlint profiles lists them), or a file of your own")
	fs.IntVar(&f.usage, "usage", 0, "read the client's own traffic of so many `days`: whether the failing integration uses this client at all")
	fs.IntVar(&f.changes, "changes", 0, "read what changed of roles, grants, clients and policies in so many `days` (14 at most)")
	fs.Lookup("usage").NoOptDefVal, fs.Lookup("changes").NoOptDefVal = "7", "14"
	fs.DurationVar(&f.timeout, "timeout", 0, "time for the whole run (default 60s; 15m where bodies, userNames or Zendesk are looked at)")
	for name, values := range map[string][]string{"probe": {"read", "write", "none"}, "need": needNames(), "region": regionNames(), "profile": profile.Names(), "accept-unknown": checkIDs()} {
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	_ = cmd.RegisterFlagCompletionFunc("need-operation", completeOperation)
}

// completeOperation offers the published operations that begin as what was typed.
func completeOperation(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	var out []string
	for _, op := range catalog.All().Operations {
		if call := op.Method + " " + op.Path; strings.HasPrefix(call, typed) {
			out = append(out, call)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

func needNames() []string {
	var out []string
	for _, n := range catalog.AllNeeds() {
		out = append(out, string(n))
	}
	return out
}

func regionNames() []string {
	var out []string
	for _, r := range genesys.Regions() {
		out = append(out, r.AWSName+"\t"+r.Domain)
	}
	return out
}

func checkIDs() []string {
	var out []string
	for _, c := range checks.All() {
		out = append(out, c.ID)
	}
	return out
}

// idsWith returns the ids of all checks, the configuration's among them.
func idsWith(own []lint.Check) []string {
	out := checkIDs()
	for _, c := range own {
		out = append(out, c.ID)
	}
	return out
}

// inputs are the files that the flags name to be read.
func (f *flags) inputs() []named {
	list := []named{{"--config", firstOf(f.config, configName)}, {"--secret-file", f.secretFile}, {"--token-file", f.tokenFile}, {"--working-token-file", f.workingTokenFile},
		{"--auditor-secret-file", f.auditorSecretFile}, {"--auditor-token-file", f.auditorTokenFile}}
	if profile.IsFile(f.profile) {
		list = append(list, named{"--profile", f.profile})
	}
	for _, r := range f.refusals {
		list = append(list, named{"--refusal", r})
	}
	return list
}

// settings are a check's complete instructions: how to reach the org, with what,
// and what to judge it against.
type settings struct {
	api, login *url.URL
	evidence   evidence.Options
	judge      lint.Options
	timeout    time.Duration
	// secrets knows every secret of the run.
	secrets *secret.Redactor
}

// offline is what a run is judged against, whether an org is asked or a bundle is
// read. Every flag that can be wrong is refused here, for every command alike.
func (f *flags) offline(std stdio, c config) (s settings, err error) {
	asRead := c
	c, p, err := f.profiled(c)
	if err != nil {
		return s, err
	}
	if s.judge, err = f.judgeOptions(c); err != nil {
		return s, err
	}
	if s.judge.Refusals, err = readRefusals(f.refusals); err != nil {
		return s, err
	}
	t := &s.evidence.Target
	t.ClientID = firstOf(f.clientID, std.env(envClientID), c.ClientID)
	if t.SCIMURL, err = integrationURL(firstOf(f.scimURL, c.SCIMURL)); err != nil {
		return s, err
	}
	t.SCIMBase = scimBase(t.SCIMURL, p)
	s.judge.Profile, s.judge.ProfileUse = p, f.profileUse(asRead, p, s.judge.Needs, s.judge.TokenUse, t.SCIMURL, t.SCIMBase)
	t.Probe = firstOf(f.probe, c.Probe, probeFor(s.judge))
	if !slices.Contains([]string{evidence.ProbeRead, evidence.ProbeWrite, evidence.ProbeNone}, t.Probe) {
		return s, fmt.Errorf("unknown probe %q: write read, write or none", t.Probe)
	}
	if s.evidence.UsageDays, s.evidence.ChangesDays, err = f.history(c, s.judge.Needs); err != nil {
		return s, err
	}
	if s.timeout = firstOf(f.timeout, c.Timeout, time.Minute); s.timeout < 0 {
		return s, fmt.Errorf("timeout %s is negative", s.timeout)
	}
	return s, nil
}

// resolve puts flags, environment and configuration together, for a run that asks an
// org. Every error is one of usage, and names what to do.
func (f *flags) resolve(ctx context.Context, std stdio) (settings, error) {
	c, named, err := readConfig(f.config)
	if err != nil {
		return settings{}, err
	}
	s, err := f.offline(std, c)
	if err != nil {
		return settings{}, err
	}
	t := &s.evidence.Target
	if s.api, s.login, err = f.hosts(std, c, named, t); err != nil {
		return settings{}, err
	}
	if err := f.secrets(ctx, std, c, &s.evidence); err != nil {
		return settings{}, err
	}
	if !s.judge.TokenIssued.IsZero() && !t.TokenSupplied {
		return settings{}, fmt.Errorf("token-issued says when a token was issued, and none is given: name it with --token-file, or %s", envToken)
	}
	s.secrets = std.secrets()
	s.secrets.Add(s.evidence.Supplied, s.evidence.WorkingToken, s.evidence.Auditor.Token)
	s.secrets.AddBasic(t.ClientID, s.evidence.Secret)
	s.secrets.AddBasic(s.evidence.Auditor.ClientID, s.evidence.Auditor.Secret)
	return s, nil
}

// integrationURL is the address that the integration calls, without what may carry
// a secret in it.
func integrationURL(text string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || text != "" && u.Host == "" && !strings.HasPrefix(u.Path, "/") {
		return "", errors.New("scim-url is not a URL: write what the integration calls, as in https://api.mypurecloud.com/api/v2/scim/v2/users")
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String(), nil
}

func firstOf[T comparable](values ...T) T {
	var zero T
	for _, v := range values {
		if v != zero {
			return v
		}
	}
	return zero
}

// scimBase is where the probes look: under the path that the integration calls
// when that is a published one, else under the one that the profile's page names.
func scimBase(scimURL string, p *profile.Profile) string {
	if u, err := url.Parse(scimURL); err == nil {
		if base, ok := catalog.SCIMBaseOf(u.Path); ok {
			return base
		}
	}
	if p != nil && p.Address.Path != "" {
		return strings.TrimSuffix(p.Address.Path, "/")
	}
	return catalog.SCIMBase
}

func (f *flags) judgeOptions(c config) (o lint.Options, err error) {
	o = lint.Options{Divisions: pick(f.division, c.Division), ExpectOrg: firstOf(f.expectOrg, c.ExpectOrg),
		Accept: append(f.accept, c.AcceptUnknown...), Requirements: c.Requirements.forChecks()}
	o.Requirements.Scopes = append(o.Requirements.Scopes, f.requireScope...)
	o.Requirements.Permissions = append(o.Requirements.Permissions, f.requirePermission...)
	o.Requirements.Replace = o.Requirements.Replace || f.replace
	o.TokenUse = firstOf(f.tokenUse, c.TokenUse)
	if !slices.Contains([]string{"", lint.TokenRenewed, lint.TokenPasted}, o.TokenUse) {
		return o, fmt.Errorf("unknown token-use %q: write %s or %s", o.TokenUse, lint.TokenRenewed, lint.TokenPasted)
	}
	if o.TokenIssued, err = issued(f.tokenIssued); err != nil {
		return o, err
	}
	if o.Needs, o.Operations, err = f.needs(c); err != nil {
		return o, err
	}
	if o.Own, err = ownChecks(c); err != nil {
		return o, err
	}
	return o, checks.Validate(o)
}

// needs are what is needed: the needs of a migration, operations by name, or both.
func (f *flags) needs(c config) (needs []catalog.Need, operations []catalog.NeededOperation, err error) {
	if named := pick(f.needOperation, c.NeedOperation); len(named) > 0 {
		if operations, err = catalog.All().ParseNeedOperations(named); err != nil {
			return nil, nil, fmt.Errorf("need-operation: %w", err)
		}
	}
	if words := pick(f.need, c.Need); len(words) > 0 {
		needs, err = catalog.ParseNeeds(words)
	} else if len(operations) == 0 {
		needs = catalog.DefaultNeeds()
	}
	if f.operation != nil {
		return nil, []catalog.NeededOperation{*f.operation}, err
	}
	return needs, operations, err
}

// probeFor is the probe of a run that names none: a SCIM read, where any of the needed
// operations is of SCIM.
func probeFor(o lint.Options) string {
	if len(o.Needs) > 0 || slices.ContainsFunc(o.Operations, catalog.NeededOperation.SCIM) {
		return evidence.ProbeRead
	}
	return evidence.ProbeNone
}

// issued reads the day on which a token was issued.
func issued(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(form, text); err == nil {
			if t.After(time.Now().Add(24 * time.Hour)) {
				return t, fmt.Errorf("token-issued %s is in the future", text)
			}
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("token-issued %q is not a date: write it as 2026-01-31", text)
}

// maxDays bounds --usage and --changes. Source: the audit log keeps 14 days.
const (
	maxUsageDays   = 90
	maxChangesDays = 14
)

// history is how many days of the client's traffic and of the org's changes are read.
func (f *flags) history(c config, needs []catalog.Need) (usage, changes int, err error) {
	usage, changes = firstOf(f.usage, c.Usage), firstOf(f.changes, c.Changes)
	if slices.Contains(needs, catalog.NeedAuto) && usage == 0 {
		usage = 7
	}
	if usage < 0 || usage > maxUsageDays {
		return 0, 0, fmt.Errorf("usage %d: write a number of days from 1 to %d", usage, maxUsageDays)
	}
	if changes < 0 || changes > maxChangesDays {
		return 0, 0, fmt.Errorf("changes %d: write a number of days from 1 to %d, which is what the audit log keeps", changes, maxChangesDays)
	}
	return usage, changes, nil
}

// ownChecks compiles the checks of the configuration.
func ownChecks(c config) ([]lint.Check, error) {
	list, err := custom.Compile(c.Checks, func(id string) bool {
		_, check := checks.ByID(id)
		_, known := cause.ByID(cause.ID(id))
		return check || known
	})
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	return list, nil
}

func pick(flag, config []string) []string {
	if len(flag) > 0 {
		return flag
	}
	return config
}

// secrets finds what to authenticate with: a token or a client's secret, from a
// file that a flag names, from the environment, from a file that the
// configuration names, or from a prompt.
func (f *flags) secrets(ctx context.Context, std stdio, c config, o *evidence.Options) (err error) {
	if o.WorkingToken, err = findToken(std, "working token", f.workingTokenFile, std.env(envWorking), c.WorkingTokenFile); err != nil {
		return err
	}
	if o.Auditor, err = f.auditor(std); err != nil {
		return err
	}
	for _, source := range []struct {
		token      bool
		file, text string
	}{
		{true, f.tokenFile, ""}, {false, f.secretFile, ""},
		{true, "", std.env(envToken)}, {false, "", std.env(envSecret)},
		{true, c.TokenFile, ""}, {false, c.SecretFile, ""},
	} {
		if source.file == "" && strings.TrimSpace(source.text) == "" {
			continue
		}
		if source.token {
			o.Target.TokenSupplied = true
			o.Supplied, err = findToken(std, "access token", source.file, source.text, "")
			return err
		}
		return f.secret(std, source.file, source.text, o)
	}
	return promptSecret(ctx, std, o)
}

// auditor finds the credentials that read what the client under test may not.
func (f *flags) auditor(std stdio) (a evidence.Auditor, err error) {
	if a.Token, err = findToken(std, "auditor's token", f.auditorTokenFile, std.env(envAuditorToken), ""); err != nil || !a.Token.Empty() {
		return a, err
	}
	a.ClientID, a.Secret = firstOf(f.auditorID, std.env(envAuditorID)), secret.New(std.env(envAuditorSecret))
	if f.auditorSecretFile != "" {
		if a.Secret, err = secretFile(std, f.auditorSecretFile); err != nil {
			return a, err
		}
	}
	if a.Secret.Empty() != (a.ClientID == "") {
		return a, fmt.Errorf("the auditor takes an id and a secret: set %s and %s, or %s", envAuditorID, envAuditorSecret, envAuditorToken)
	}
	return a, nil
}

func (f *flags) secret(std stdio, file, text string, o *evidence.Options) (err error) {
	if o.Target.ClientID == "" {
		return fmt.Errorf("there is a client secret but no client id: set %s or --client-id", envClientID)
	}
	if file != "" {
		o.Secret, err = secretFile(std, file)
		return err
	}
	o.Secret = secret.New(text)
	return nil
}

// promptSecret asks at a terminal, and elsewhere says what is missing.
func promptSecret(ctx context.Context, std stdio, o *evidence.Options) error {
	file, ok := std.in.(*os.File)
	if o.Target.ClientID == "" || !ok || !term.IsTerminal(int(file.Fd())) {
		return fmt.Errorf("no credentials: set %s and %s, or %s (files: --secret-file, --token-file)", envClientID, envSecret, envToken)
	}
	_, _ = fmt.Fprintf(std.err, "Secret of the OAuth client %s: ", o.Target.ClientID)
	type answer struct {
		text []byte
		err  error
	}
	read := make(chan answer, 1)
	state, _ := term.GetState(int(file.Fd()))
	go func() {
		text, err := term.ReadPassword(int(file.Fd()))
		read <- answer{text, err}
	}()
	select {
	case <-ctx.Done():
		_ = term.Restore(int(file.Fd()), state)
		return &exit{code: exitInterrupted, err: errors.New("interrupted: nothing was checked")}
	case a := <-read:
		_, _ = fmt.Fprintln(std.err)
		o.Secret = secret.New(string(a.text))
		if a.err != nil || o.Secret.Empty() {
			return errors.New("no secret was typed")
		}
		return nil
	}
}

// findToken reads a token, and refuses one that cannot stand in a header,
// without showing it.
func findToken(std stdio, what, flagFile, text, configFile string) (secret.Secret, error) {
	token := secret.New(text)
	if file := firstOf(flagFile, configFile); flagFile != "" || token.Empty() && file != "" {
		var err error
		if token, err = secretFile(std, file); err != nil {
			return token, err
		}
	}
	token = secret.New(strings.TrimPrefix(strings.TrimPrefix(token.Reveal(), "Bearer "), "bearer "))
	for _, r := range token.Reveal() {
		if unicode.IsSpace(r) || unicode.IsControl(r) || r == '"' || r == '\'' || r > unicode.MaxASCII {
			return secret.Secret{}, fmt.Errorf("the %s has a quote, a line break, white space or another character inside that no token has: copy it again", what)
		}
	}
	return token, nil
}

// maxSecret bounds a file that should hold one line.
const maxSecret = 64 << 10

// secretFile reads a secret, and warns of a file that others can read.
func secretFile(std stdio, path string) (secret.Secret, error) {
	file, err := os.Open(path)
	if err != nil {
		return secret.Secret{}, fmt.Errorf("secret file: %w", err)
	}
	defer func() { _ = file.Close() }()
	if who, advice := openTo(file); who != "" {
		_, _ = fmt.Fprintf(std.err, "scimlint: warning: %s can be read by %s: %s\n", path, who, advice)
	}
	data, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	if err != nil {
		return secret.Secret{}, fmt.Errorf("secret file: %w", err)
	}
	s := secret.New(string(asUTF8(data)))
	if s.Empty() || len(data) > maxSecret {
		return secret.Secret{}, fmt.Errorf("secret file %s is empty or far too large: it must hold the secret alone", path)
	}
	return s, nil
}
