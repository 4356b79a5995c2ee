package results

// The kinds of a role's change.
const (
	// RoleMake makes a new role, RoleExtend adds permissions to one that the subject
	// holds, RoleUse grants one that exists as it is.
	RoleMake   = "make"
	RoleExtend = "extend"
	RoleUse    = "use"
)

// The types of a subject, as the platform names them in grants.
const (
	SubjectClient = "PC_OAUTH_CLIENT"
	SubjectUser   = "PC_USER"
)

// RoleChange is a role that a plan makes, extends or uses.
type RoleChange struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	// ID is empty for a role that is to be made.
	ID string `json:"id,omitempty"`
	// Permissions are what the role is made of, or what is added to it; for a role
	// that is used, what it brings.
	Permissions []string `json:"permissions"`
	// Has are the permissions that a role which is extended has already.
	Has []string `json:"has,omitempty"`
	// CopyOf names the default role in whose place the role is made.
	CopyOf string `json:"copyOf,omitempty"`
}

// GrantChange is a grant that a plan makes.
type GrantChange struct {
	Role string `json:"role"`
	// RoleID is empty for a role that is to be made.
	RoleID      string `json:"roleId,omitempty"`
	Division    string `json:"division"`
	DivisionID  string `json:"divisionId"`
	Subject     string `json:"subject"`
	SubjectID   string `json:"subjectId"`
	SubjectType string `json:"subjectType"`
}

// ScopeChange are scopes that a plan adds to an OAuth client.
type ScopeChange struct {
	Client   string   `json:"client"`
	ClientID string   `json:"clientId"`
	Add      []string `json:"add"`
}

// Excess is what a grant brings beyond the needs.
type Excess struct {
	Role        string   `json:"role"`
	RoleID      string   `json:"roleId"`
	Division    string   `json:"division"`
	DivisionID  string   `json:"divisionId"`
	Permissions []string `json:"permissions"`
	// Whole is set when no need takes anything of the grant.
	Whole bool `json:"whole"`
}

// PlannedClient is the OAuth client as the plan found it: who manages it in a tool
// of its own has to write it down whole.
type PlannedClient struct {
	ID                         string   `json:"id"`
	Name                       string   `json:"name"`
	GrantType                  string   `json:"grantType"`
	State                      string   `json:"state"`
	AccessTokenValiditySeconds int64    `json:"accessTokenValiditySeconds,omitempty"`
	Scopes                     []string `json:"scopes"`
}

// APICall is one call of the platform's API that a plan makes.
type APICall struct {
	What   string `json:"what"`
	Method string `json:"method"`
	// Path carries {role:NAME} where the id of a role that an earlier call made goes.
	Path string `json:"path"`
	// Body is sent as it stands. Append holds what is added to lists of what a GET of
	// the path tells, of which the fields of Keep are sent back.
	Body   map[string]any   `json:"body,omitempty"`
	Append map[string][]any `json:"append,omitempty"`
	Keep   []string         `json:"keep,omitempty"`
	// Makes names the role whose id the answer carries.
	Makes string `json:"makes,omitempty"`
	// Undo says how to take the call back.
	Undo string `json:"undo"`
}

// Plan is the smallest change that makes every needed operation allowed, and what it
// does not end.
type Plan struct {
	SchemaVersion string  `json:"schemaVersion"`
	Tool          Tool    `json:"tool"`
	Target        Target  `json:"target"`
	Verdict       Verdict `json:"verdict"`
	// After is the verdict with the changes applied to the evidence in memory.
	After  Verdict        `json:"after"`
	Roles  []RoleChange   `json:"roles"`
	Grants []GrantChange  `json:"grants"`
	Scopes *ScopeChange   `json:"scopes,omitempty"`
	Client *PlannedClient `json:"client,omitempty"`
	Calls  []APICall      `json:"calls"`
	// Remaining are causes that no change of the plan ends.
	Remaining []Cause `json:"remaining"`
	// Unseen says what would have to be seen to plan for it.
	Unseen []string `json:"unseen"`
	// Excess could be taken away; it is no part of the plan.
	Excess []Excess `json:"excess"`
	// Complete is set when the plan ends in ready and leaving out any part does not.
	Complete bool `json:"complete"`
}

// Empty says whether the plan changes nothing.
func (p Plan) Empty() bool { return len(p.Roles) == 0 && len(p.Grants) == 0 && p.Scopes == nil }

// ExitCode is that of the verdict after the changes.
func (p Plan) ExitCode() int { return p.After.ExitCode() }
