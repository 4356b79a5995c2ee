package fleet

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/internal/bounds"
	"github.com/scimlint/scimlint/internal/gate"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/profile"
	"github.com/scimlint/scimlint/pkg/results"
)

// The bounds of an org's settings, which are those of scimlint check.
const (
	defaultTimeout = time.Minute
	maxTimeout     = time.Hour
	maxUsageDays   = 90
	maxChangesDays = 14
	autoUsageDays  = 7
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
	t.SCIMBase = scimBase(t.SCIMURL, prof)
	p.judge.Profile, p.judge.ProfileUse = prof, profileUse(o.Settings, prof, p.judge, t.SCIMBase)
	t.Probe = cmp.Or(o.Probe, probeFor(p.judge))
	if !slices.Contains([]string{evidence.ProbeRead, evidence.ProbeWrite, evidence.ProbeNone}, t.Probe) {
		return p, fmt.Errorf("probe is %q: write read, write or none", t.Probe)
	}
	if err := p.days(o.Settings); err != nil {
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
	if !slices.Contains([]string{"", lint.TokenRenewed, lint.TokenPasted}, use) {
		return o, fmt.Errorf("tokenUse is %q: write %s or %s", use, lint.TokenRenewed, lint.TokenPasted)
	}
	for _, word := range need {
		if word != strings.ToLower(strings.TrimSpace(word)) || strings.Contains(word, ",") {
			return o, fmt.Errorf("need: %q: write each need by itself, in small letters, as in [create, update]", word)
		}
	}
	if len(s.NeedOperation) > 0 {
		if o.Operations, err = catalog.All().ParseNeedOperations(s.NeedOperation); err != nil {
			return o, fmt.Errorf("needOperation: %w", err)
		}
	}
	switch {
	case len(need) > 0:
		if o.Needs, err = catalog.ParseNeeds(need); err != nil {
			return o, fmt.Errorf("need: %w", err)
		}
	case len(o.Operations) == 0:
		o.Needs = catalog.DefaultNeeds()
	}
	return o, checks.Validate(o)
}

// errAddress does not repeat the address: there may be a password in it.
var errAddress = errors.New("scimUrl is not a URL: write what the integration calls, as in https://api.mypurecloud.com/api/v2/scim/v2/users")

// scimBase is where the probes look, as in scimlint check.
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

// probeFor is the probe of an org that names none.
func probeFor(o lint.Options) string {
	if len(o.Needs) > 0 || slices.ContainsFunc(o.Operations, catalog.NeededOperation.SCIM) {
		return evidence.ProbeRead
	}
	return evidence.ProbeNone
}

// days are how much of the client's traffic and of the org's changes is read.
func (p *plan) days(s Settings) error {
	usage := s.Usage
	if slices.Contains(p.judge.Needs, catalog.NeedAuto) && usage == 0 {
		usage = autoUsageDays
	}
	if usage < 0 || usage > maxUsageDays {
		return fmt.Errorf("usage is %d: write a number of days from 1 to %d", usage, maxUsageDays)
	}
	if s.Changes < 0 || s.Changes > maxChangesDays {
		return fmt.Errorf("changes is %d: write a number of days from 1 to %d, which is what the audit log keeps", s.Changes, maxChangesDays)
	}
	p.evidence.UsageDays, p.evidence.ChangesDays = usage, s.Changes
	return nil
}

// profileUse says where each value that a profile speaks of comes from.
func profileUse(s Settings, p *profile.Profile, judge lint.Options, base string) *results.Profile {
	if p == nil {
		return nil
	}
	use := &results.Profile{Name: p.Name, Title: p.Title, Own: p.Own, Source: p.Source, Values: []results.ProfileValue{}, Unknown: append([]string{}, p.Unknown...)}
	add := func(name, value string, configured, profiled bool, source string) {
		v := results.ProfileValue{Name: name, Value: cmp.Or(value, "unknown"), From: "default"}
		switch {
		case configured:
			v.From = "configuration"
		case profiled:
			v.From, v.Source = "profile", source
		}
		use.Values = append(use.Values, v)
	}
	var names []string
	for _, n := range judge.Needs {
		names = append(names, string(n))
	}
	address, _, _ := evidence.Address(s.SCIMURL)
	u, _ := url.Parse(address)
	_, given := catalog.SCIMBaseOf(u.Path)
	add("needs", strings.Join(names, ", "), len(s.Need) > 0, len(p.Needs.Value) > 0, p.Needs.Source)
	add("token use", judge.TokenUse, s.TokenUse != "", p.Token.Use != "", p.Token.Source)
	add("SCIM base", base, given, p.Address.Path != "", p.Address.Source)
	if p.HasAddress() {
		add(p.Address.Field, cmp.Or(address, "not given"), s.SCIMURL != "", false, "")
	}
	return use
}

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
