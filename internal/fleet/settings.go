package fleet

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/internal/bounds"
	"github.com/scimlint/scimlint/internal/gate"
	"github.com/scimlint/scimlint/internal/settings"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/profile"
)

// The bounds of an org's settings, which are those of scimlint check.
const (
	defaultTimeout = time.Minute
	maxTimeout     = time.Hour
)

// plan is the complete instructions for the check of one org: what `scimlint check` makes
// of its flags, its environment and scimlint.yaml.
type plan struct {
	api, login *url.URL
	evidence   evidence.Options
	judge      lint.Options
	terms      gate.Options
	timeout    time.Duration
}

// validate finds every fault of an org's settings that shows without reading anything of
// the org: wrong ones stop the run before it begins.
func (l *List) validate(o Org) error {
	_, err := l.plan(o)
	return err
}

// plan puts an org's settings together. It reads neither the secret nor the baseline.
func (l *List) plan(o Org) (p plan, err error) {
	if o.ClientID == "" {
		return p, errors.New("clientId is missing: write the id of the OAuth client that the integration uses")
	}
	if err := o.Secret.validate(); err != nil {
		return p, err
	}
	t := &p.evidence.Target
	t.ClientID = o.ClientID
	if err := p.hosts(o.Settings, t); err != nil {
		return p, err
	}
	prof, err := l.profile(o.Profile)
	if err != nil {
		return p, err
	}
	if p.judge, err = l.judge(o.Settings, prof); err != nil {
		return p, err
	}
	var ok bool
	if t.SCIMURL, t.SCIMURLParts, ok = evidence.Address(o.SCIMURL); !ok {
		return p, errAddress
	}
	t.SCIMBase = settings.SCIMBase(t.SCIMURL, prof)
	p.judge.Profile, p.judge.ProfileUse = prof, settings.ProfileUse(prof, p.judge, t.SCIMURL, o.given())
	if t.Probe, err = settings.Probe(o.Probe, p.judge); err != nil {
		return p, err
	}
	if p.evidence.UsageDays, p.evidence.ChangesDays, err = settings.Days(o.Usage, o.Changes, p.judge.Needs); err != nil {
		return p, err
	}
	if p.timeout = cmp.Or(o.Timeout, defaultTimeout); p.timeout < 0 || p.timeout > maxTimeout {
		return p, fmt.Errorf("timeout is %s: write a time of at most %s, as in 60s", p.timeout, maxTimeout)
	}
	p.terms, err = l.terms(o.Settings)
	return p, err
}

// hosts finds the API and the login host.
func (p *plan) hosts(s Settings, t *evidence.Target) error {
	api, login := s.APIURL, s.LoginURL
	if s.Region != "" {
		r, err := genesys.LookupRegion(s.Region)
		if err != nil {
			return fmt.Errorf("region: %w", err)
		}
		t.Region, t.Domain = r.AWSName, r.Domain
		api, login = cmp.Or(api, r.APIURL()), cmp.Or(login, r.LoginURL())
	}
	if api == "" || login == "" {
		return errors.New("region is missing: write an AWS name such as eu-west-1 (the address of the Admin UI, apps.<domain>, shows which)")
	}
	var err error
	if p.api, err = genesys.ParseBase(api); err != nil {
		return fmt.Errorf("apiUrl: %w", err)
	}
	if p.login, err = genesys.ParseBase(login); err != nil {
		return fmt.Errorf("loginUrl: %w", err)
	}
	t.APIURL, t.LoginURL = p.api.String(), p.login.String()
	return nil
}

// profile finds a profile once, however many orgs name it.
func (l *List) profile(name string) (*profile.Profile, error) {
	if name == "" {
		return nil, nil //nolint:nilnil // no profile is named
	}
	if p, ok := l.profiles[name]; ok {
		return p, nil
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("profile: %s is not a file", name)
	}
	p, err := profile.Find(name)
	if err != nil {
		return nil, err
	}
	l.profiles[name] = p
	return p, nil
}

// judge is what an org is judged against. Where the settings say nothing, the profile does.
func (l *List) judge(s Settings, prof *profile.Profile) (o lint.Options, err error) {
	need, use := s.Need, s.TokenUse
	if prof != nil {
		use = cmp.Or(use, prof.Token.Use)
		if len(need) == 0 {
			need = prof.Needs.Value
		}
	}
	o = lint.Options{Divisions: s.Division, ExpectOrg: s.ExpectOrg, Accept: s.AcceptUnknown, TokenUse: use, Own: l.own,
		Requirements: lint.Requirements{Replace: s.Requirements.Replace, Scopes: s.Requirements.Scopes, Permissions: s.Requirements.Permissions,
			Operations: map[string]lint.OperationRequirements{}}}
	if err := settings.TokenUse(use); err != nil {
		return o, err
	}
	if len(need) > 1 && slices.Contains(need, string(catalog.NeedAuto)) {
		return o, errors.New("need: auto finds out what the client does, so it goes without other needs")
	}
	for _, word := range need {
		if word != strings.ToLower(strings.TrimSpace(word)) || strings.Contains(word, ",") {
			return o, fmt.Errorf("need: %q: write each need by itself, in small letters, as in [create, update]", word)
		}
	}
	if o.Needs, o.Operations, err = settings.Needs(need, s.NeedOperation, "needOperation"); err != nil {
		return o, err
	}
	return o, checks.Validate(o)
}

// given says which values of a profile the list replaces.
func (s Settings) given() (g settings.Given) {
	const here = "configuration"
	if len(s.Need) > 0 {
		g.Needs = here
	}
	if s.TokenUse != "" {
		g.TokenUse = here
	}
	if s.SCIMURL != "" {
		g.SCIMURL = here
	}
	return g
}

// errAddress does not repeat the address: there may be a password in it.
var errAddress = errors.New("scimUrl is not a URL: write what the integration calls, as in https://api.mypurecloud.com/api/v2/scim/v2/users")

// terms are what a run means for a pipeline, without the baseline.
func (l *List) terms(s Settings) (gate.Options, error) {
	o := gate.Options{FailOn: s.FailOn, Only: s.Only, Skip: s.Skip, Severity: s.Severity}
	ids := make([]string, 0, 64)
	for _, c := range checks.All() {
		ids = append(ids, c.ID)
	}
	for _, c := range l.own {
		ids = append(ids, c.ID)
	}
	return o, o.Validate(ids)
}

// baseline reads the known findings of an org.
func (p *plan) baseline(o Org) error {
	if o.Baseline == "" {
		return nil
	}
	file := fill(o.Baseline, o)
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("baseline: %s is not a file", file)
	}
	data, err := bounds.ReadFile(file, bounds.YAMLBytes)
	if err != nil {
		return fmt.Errorf("baseline: %w", err)
	}
	if p.terms.Baseline, err = gate.ParseBaseline(data); err != nil {
		return fmt.Errorf("baseline %s: %w", file, err)
	}
	p.terms.BaselineFile = file
	return nil
}
