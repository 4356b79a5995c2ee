package evidence

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/secret"
)

// The probes.
const (
	ProbeRead  = "read"
	ProbeWrite = "write"
	ProbeNone  = "none"
)

// maxInFlight bounds the requests under way at once: enough for everything that
// needs only the token, to go out together.
const maxInFlight = 32

// CaptureInFlight bounds them for a capture, which is in no hurry.
const CaptureInFlight = 8

// Options say what to collect.
type Options struct {
	Target Target
	// Secret acquires a token for Target.ClientID; Supplied is used instead when
	// Target.TokenSupplied is set.
	Secret, Supplied secret.Secret
	// WorkingToken is a token that is said to work elsewhere, or empty.
	WorkingToken secret.Secret
	// Auditor reads what the token under test may not read.
	Auditor Auditor
	// MaxInFlight bounds the requests under way at once; 32 when zero.
	MaxInFlight int
	// Permissions are those that the needs require: the platform is asked where the
	// token has each of them.
	Permissions []string
	// Groups asks for a read of SCIM groups, which shows the permission to edit them.
	Groups bool
	// NoCreate keeps a write probe from being sent because no need creates users: it
	// would prove nothing that matters.
	NoCreate bool
	// UsageDays and ChangesDays ask for the client's own traffic and for the org's
	// audit log of so many days; zero asks for none.
	UsageDays, ChangesDays int
	// Divisions are the ids or names of the divisions that the users will be in, which
	// a simulation of a policy may need.
	Divisions []string
	// Progress, if set, is called with a status message.
	Progress func(string)
	// Now is the run's time.
	Now time.Time
}

// Auditor has the credentials of an admin or of another client: a token, or a
// client's id and secret. They are only used for reading.
type Auditor struct {
	Token    secret.Secret
	ClientID string
	Secret   secret.Secret
}

// Given says whether there is an auditor.
func (a Auditor) Given() bool { return !a.Token.Empty() || !a.Secret.Empty() }

// collector fills a snapshot; every fact is written by one goroutine.
type collector struct {
	*Snapshot
	opts  Options
	api   *genesys.Client
	slots chan struct{}
}

// Collect asks the platform for every fact, in three waves: the token, what
// needs only the token, and what the answers name. It always returns a
// snapshot; what could not be learnt says why.
func Collect(ctx context.Context, client *genesys.Client, opts Options) *Snapshot {
	if opts.MaxInFlight == 0 {
		opts.MaxInFlight = maxInFlight
	}
	c := &collector{opts: opts, Snapshot: &Snapshot{Taken: opts.Now, Target: opts.Target}, api: client, slots: make(chan struct{}, opts.MaxInFlight)}
	c.name()
	c.say("asking for a token")
	if !c.acquire(ctx, client) {
		c.all(c.working(ctx, client)...)
		c.skip(NoToken)
		c.audit(ctx, client)
		return c.Snapshot
	}
	c.say("reading what the org says of the token")
	c.all(append(c.withToken(ctx), c.working(ctx, client)...)...)
	c.say("reading what the answers name")
	c.all(c.named(ctx)...)
	c.audit(ctx, client)
	c.skip("it was not asked")
	return c.Snapshot
}

// NoToken is why nothing was asked in a run that got no token.
const NoToken = "there is no token"

func (c *collector) say(what string) {
	if c.opts.Progress != nil {
		c.opts.Progress(what)
	}
}

// all runs the tasks at once, within the bound, and waits for them.
func (c *collector) all(tasks ...func()) {
	bounded := make([]func(), len(tasks))
	for i, task := range tasks {
		bounded[i] = func() {
			c.slots <- struct{}{}
			defer func() { <-c.slots }()
			task()
		}
	}
	together(bounded)
}

// errInternal is all that is said of a fault of our own: its value and its stack may
// contain a token.
var errInternal = errors.New("a task of the run failed by a fault of scimlint's own")

// together runs tasks at once and waits for them. A panic in one of them is raised
// again where it can be caught, without its value: a goroutine's own would end
// the program with memory on the screen.
func together(tasks []func()) {
	var wg sync.WaitGroup
	var failed atomic.Bool
	for _, task := range tasks {
		wg.Go(func() {
			defer func() {
				if recover() != nil {
					failed.Store(true)
				}
			}()
			task()
		})
	}
	wg.Wait()
	if failed.Load() {
		panic(errInternal)
	}
}

// acquire gets the token, or uses the one that was supplied.
func (c *collector) acquire(ctx context.Context, client *genesys.Client) bool {
	if c.Target.TokenSupplied {
		c.Token.Value = &genesys.TokenGrant{Supplied: true}
		c.api = client.WithToken(c.opts.Supplied)
		return true
	}
	token, grant, call := client.AcquireToken(ctx, c.Target.ClientID, c.opts.Secret)
	c.Token.Calls = []genesys.Call{call}
	if token.Empty() {
		return false
	}
	c.Token.Value = &grant
	c.api = client.WithToken(token)
	return true
}

// ask returns a task that fills a fact with one call.
func ask[T any](f *Fact[T], call func() (*T, genesys.Call)) func() {
	return func() {
		v, made := call()
		f.Value, f.Calls = v, []genesys.Call{made}
	}
}

// askPages is ask for a list of several pages.
func askPages[T any](f *Fact[T], call func() (*T, []genesys.Call)) func() {
	return func() { f.Value, f.Calls = call() }
}

// withToken are the calls that need only the token. The client's own facts are
// among them when its id is known beforehand.
func (c *collector) withToken(ctx context.Context) []func() {
	tasks := []func(){
		ask(&c.TokenInfo, func() (*genesys.TokenInfo, genesys.Call) { return c.api.TokensMe(ctx) }),
		ask(&c.User, func() (*genesys.User, genesys.Call) { return c.api.UsersMe(ctx) }),
		ask(&c.Grants, func() (*genesys.Subject, genesys.Call) { return c.api.SubjectsMe(ctx) }),
		askPages(&c.Scopes, func() (*[]genesys.Scope, []genesys.Call) { return c.api.Scopes(ctx) }),
		askPages(&c.Divisions, func() (*[]genesys.Division, []genesys.Call) { return c.api.Divisions(ctx) }),
		ask(&c.Organization, func() (*genesys.Organization, genesys.Call) { return c.api.OrganizationMe(ctx) }),
		ask(&c.IPAllowlist, func() (*genesys.IPAllowlist, genesys.Call) { return c.api.IPAllowlist(ctx) }),
		askPages(&c.AllPolicies, func() (*[]genesys.Policy, []genesys.Call) { return c.api.Policies(ctx) }),
	}
	if c.Target.ClientID != "" {
		tasks = append(tasks, c.ofClient(ctx, c.Target.ClientID)...)
		if !c.Target.TokenSupplied {
			tasks = append(tasks, c.policiesOf(ctx, c.Target.ClientID))
		}
	}
	return slices.Concat(tasks, c.permissions(ctx), c.probes(ctx))
}

// permissions ask the platform where the token has each needed permission, and
// what it knows of these permissions.
func (c *collector) permissions(ctx context.Context) []func() {
	if len(c.opts.Permissions) == 0 {
		return nil
	}
	c.PermissionsAsked = c.opts.Permissions
	tasks := []func(){askPages(&c.Permissions, func() (*[]genesys.PermissionInfo, []genesys.Call) {
		return c.api.Permissions(ctx, c.opts.Permissions)
	})}
	c.Permitted = make([]PermittedFact, len(c.opts.Permissions))
	for i, p := range c.opts.Permissions {
		c.Permitted[i].Permission, c.Permitted[i].Kind = p, Permitted
		tasks = append(tasks, askPages(&c.Permitted[i].Fact, func() (*genesys.Permitted, []genesys.Call) { return c.api.PermittedMe(ctx, p) }))
	}
	return tasks
}

func (c *collector) ofClient(ctx context.Context, id string) []func() {
	tasks := []func(){
		ask(&c.Client, func() (*genesys.OAuthClient, genesys.Call) { return c.api.OAuthClient(ctx, id) }),
		ask(&c.Authorization, func() (*genesys.Authorization, genesys.Call) { return c.api.Authorization(ctx, id) }),
	}
	if days := c.opts.UsageDays; days > 0 {
		tasks = append(tasks, askPages(&c.Usage, func() (*genesys.Usage, []genesys.Call) { return c.api.Usage(ctx, id, days) }))
	}
	if days := c.opts.ChangesDays; days > 0 {
		tasks = append(tasks, func() { c.changes(ctx, days) })
	}
	return tasks
}

func (c *collector) policiesOf(ctx context.Context, subject string) func() {
	return askPages(&c.Policies, func() (*[]genesys.Policy, []genesys.Call) { return c.api.SubjectPolicies(ctx, subject) })
}

// probes are the SCIM requests that --probe asks for.
func (c *collector) probes(ctx context.Context) []func() {
	var tasks []func()
	if c.Target.Probe == ProbeNone {
		c.ReadProbe.NotAsked, c.GroupProbe.NotAsked = "--probe none sends no SCIM request", "--probe none sends no SCIM request"
	} else {
		tasks = append(tasks, ask(&c.ReadProbe, func() (*genesys.SCIMList, genesys.Call) { return c.api.ProbeRead(ctx, c.Target.SCIMBase) }))
	}
	switch {
	case c.GroupProbe.NotAsked != "":
	case c.opts.Groups:
		tasks = append(tasks, ask(&c.GroupProbe, func() (*genesys.SCIMList, genesys.Call) { return c.api.ProbeGroups(ctx, c.Target.SCIMBase) }))
	default:
		c.GroupProbe.NotAsked = "no need is about groups"
	}
	switch {
	case c.Target.Probe != ProbeWrite:
		c.WriteProbe.NotAsked = "only --probe write sends a request that changes nothing but could"
	case c.opts.NoCreate:
		c.WriteProbe.NotAsked = "no need creates users, and the write probe says nothing of other work"
	default:
		tasks = append(tasks, func() { c.probeWrite(ctx) })
	}
	return tasks
}

// working asks what is known of a token that is said to work elsewhere.
func (c *collector) working(ctx context.Context, client *genesys.Client) []func() {
	if c.opts.WorkingToken.Empty() {
		return nil
	}
	api := client.WithToken(c.opts.WorkingToken)
	w := &Working{}
	w.TokenInfo.Kind, w.User.Kind, w.Grants.Kind = WorkingToken, WorkingToken, WorkingToken
	c.Working = w
	return []func(){
		ask(&w.TokenInfo, func() (*genesys.TokenInfo, genesys.Call) { return api.TokensMe(ctx) }),
		ask(&w.User, func() (*genesys.User, genesys.Call) { return api.UsersMe(ctx) }),
		ask(&w.Grants, func() (*genesys.Subject, genesys.Call) { return api.SubjectsMe(ctx) }),
	}
}

// named are the calls for what the answers name: the roles whose policies did
// not come with the grants, and the client and subject when only the token
// itself could tell who they are.
func (c *collector) named(ctx context.Context) []func() {
	tasks := c.roles(ctx)
	if c.Target.ClientID == "" {
		if c.TokenInfo.Seen() && c.TokenInfo.Value.OAuthClient != nil {
			tasks = append(tasks, c.ofClient(ctx, c.TokenInfo.Value.OAuthClient.ID)...)
		} else {
			c.Client.NotAsked, c.Authorization.NotAsked = "the token does not say which client it is of", "the token does not say which client it is of"
		}
	}
	if c.Target.TokenSupplied || c.Target.ClientID == "" {
		if id := c.subjectID(); id != "" {
			tasks = append(tasks, c.policiesOf(ctx, id))
		} else {
			c.Policies.NotAsked = "the token does not say which subject it is of"
		}
	}
	return append(tasks, c.policyDetails(ctx)...)
}

// fewRoles are read one by one; more are read by the page.
const fewRoles = 16

// roles are the calls that read the roles whose policies are not known yet.
func (c *collector) roles(ctx context.Context) []func() {
	ids := c.rolesToRead()
	c.Roles = make([]Fact[genesys.Role], len(ids))
	for i := range ids {
		c.Roles[i].Kind = Roles
	}
	var tasks []func()
	if len(ids) > fewRoles {
		for from := 0; from < len(ids); from += genesys.RolesPage {
			to := min(from+genesys.RolesPage, len(ids))
			tasks = append(tasks, func() { c.rolePage(ctx, ids[from:to], c.Roles[from:to]) })
		}
		return tasks
	}
	for i, id := range ids {
		tasks = append(tasks, ask(&c.Roles[i], func() (*genesys.Role, genesys.Call) { return c.api.Role(ctx, id) }))
	}
	return tasks
}

// rolePage reads a page of roles. The first role's fact has the call; a role
// that the answer leaves out is read on its own.
func (c *collector) rolePage(ctx context.Context, ids []string, facts []Fact[genesys.Role]) {
	list, call := c.api.Roles(ctx, ids)
	facts[0].Calls = []genesys.Call{call}
	for i, id := range ids {
		if list == nil {
			facts[i].NotAsked = "the page of roles was not answered"
			continue
		}
		if at := slices.IndexFunc(*list, func(r genesys.Role) bool { return r.ID == id }); at >= 0 {
			facts[i].Value = &(*list)[at]
			continue
		}
		v, own := c.api.Role(ctx, id)
		facts[i].Value, facts[i].Calls = v, append(facts[i].Calls, own)
	}
}

func (c *collector) subjectID() string {
	switch {
	case c.User.Seen():
		return c.User.Value.ID
	case c.Grants.Seen() && c.Grants.Value.ID != "":
		return c.Grants.Value.ID
	case c.TokenInfo.Seen() && c.TokenInfo.Value.OAuthClient != nil && c.TokenInfo.Value.OAuthClient.AuthorizedGrantType == genesys.GrantClientCredentials:
		return c.TokenInfo.Value.OAuthClient.ID
	}
	return ""
}

// rolesToRead are the roles of grants that came without policies or, where the
// grants were not readable, the roles that the client names.
func (c *collector) rolesToRead() []string {
	var ids []string
	if c.Grants.Seen() {
		for _, g := range c.Grants.Value.Grants {
			if len(g.Role.Policies) == 0 && g.Role.ID != "" {
				ids = append(ids, g.Role.ID)
			}
		}
	} else if client, _ := c.OAuthClient(); client != nil {
		for _, rd := range client.RoleDivisions {
			ids = append(ids, rd.RoleID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// PathOf returns the path of a URL.
func PathOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	return u.Path
}
