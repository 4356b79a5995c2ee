package genesys

import (
	"encoding/json"
	"regexp"
	"time"
)

// The bodies below have the fields that scimlint judges; the names follow the
// published definition.

// NamedEntity is an id with a name.
type NamedEntity struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// The grant types of an OAuth client.
const (
	GrantClientCredentials = "CLIENT-CREDENTIALS"
	GrantCode              = "CODE"
	GrantImplicit          = "TOKEN"
	GrantSAML2             = "SAML2-BEARER"
	GrantPassword          = "PASSWORD"
)

// The states of an OAuth client.
const (
	StateActive   = "active"
	StateDisabled = "disabled"
	StateInactive = "inactive"
)

// TokenInfo is what GET /api/v2/tokens/me shows of the token that asks.
type TokenInfo struct {
	Organization     NamedEntity  `json:"organization"`
	HomeOrganization NamedEntity  `json:"homeOrganization"`
	AuthorizedScope  []string     `json:"authorizedScope"`
	OAuthClient      *OAuthClient `json:"OAuthClient,omitempty"`
	DateTokenIdles   *time.Time   `json:"dateTokenIdles,omitempty"`
}

// OAuthClient is an OAuth client as tokens/me and oauth/clients/{id} show it.
// Scopes apply to clients that do not use client credentials, role divisions
// only to those that do.
type OAuthClient struct {
	ID                  string   `json:"id,omitempty"`
	Name                string   `json:"name,omitempty"`
	AuthorizedGrantType string   `json:"authorizedGrantType,omitempty"`
	Scope               []string `json:"scope,omitempty"`
	// RoleDivisions is nil where the answer does not have it, which is not the
	// same as a client without roles.
	RoleDivisions              []RoleDivision `json:"roleDivisions"`
	State                      string         `json:"state,omitempty"`
	DateToDelete               *time.Time     `json:"dateToDelete,omitempty"`
	AccessTokenValiditySeconds int64          `json:"accessTokenValiditySeconds,omitempty"`
	Organization               *NamedEntity   `json:"organization,omitempty"`
	// Addresses are fields that this package does not know and whose names speak of
	// networks or addresses, as the announced allowlist of a client would: name to
	// raw JSON.
	Addresses map[string]json.RawMessage `json:"unknownAddressFields,omitempty"`
}

// addressField recognises the names of fields that limit from where a client may
// be used.
var addressField = regexp.MustCompile(`(?i)(^|[^a-z])ip($|[^a-z])|ip(s|address|range|allow|white)|(allow|white)list|network|cidr|address`)

// UnmarshalJSON keeps unknown fields that name addresses. The definition of
// 2026-07 has no field for a client's own allowlist, which was announced.
func (o *OAuthClient) UnmarshalJSON(data []byte) error {
	type plain OAuthClient
	if err := json.Unmarshal(data, (*plain)(o)); err != nil {
		return err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return err
	}
	for name, raw := range fields {
		if name == "unknownAddressFields" || !addressField.MatchString(name) || string(raw) == "null" {
			continue
		}
		if o.Addresses == nil {
			o.Addresses = map[string]json.RawMessage{}
		}
		o.Addresses[name] = raw
	}
	return nil
}

// RoleDivision is one grant of an OAuth client.
type RoleDivision struct {
	RoleID     string `json:"roleId"`
	DivisionID string `json:"divisionId"`
}

// User is what GET /api/v2/users/me shows of the user behind a token.
type User struct {
	ID            string             `json:"id"`
	Name          string             `json:"name,omitempty"`
	Email         string             `json:"email,omitempty"`
	State         string             `json:"state,omitempty"`
	Authorization *UserAuthorization `json:"authorization,omitempty"`
}

// UserAuthorization is the expansion "authorization" of a user.
type UserAuthorization struct {
	Roles       []NamedEntity `json:"roles,omitempty"`
	Permissions []string      `json:"permissions"`
}

// Subject is what GET /api/v2/authorization/subjects/me shows: the grants of
// the user or of the OAuth client.
type Subject struct {
	ID     string  `json:"id,omitempty"`
	Name   string  `json:"name,omitempty"`
	Grants []Grant `json:"grants"`
}

// Grant is a role in a division.
type Grant struct {
	SubjectID string    `json:"subjectId,omitempty"`
	Division  Division  `json:"division"`
	Role      GrantRole `json:"role"`
}

// GrantRole is the role of a grant. Its policies may be left out; then the role
// is read on its own.
type GrantRole struct {
	ID       string        `json:"id"`
	Name     string        `json:"name,omitempty"`
	Policies []GrantPolicy `json:"policies,omitempty"`
}

// GrantPolicy is a role's policy as grants show it.
type GrantPolicy struct {
	Domain     string   `json:"domain"`
	EntityName string   `json:"entityName"`
	Actions    []string `json:"actions"`
	Condition  string   `json:"condition,omitempty"`
}

// Division is a division of the org.
type Division struct {
	ID           string `json:"id"`
	Name         string `json:"name,omitempty"`
	HomeDivision bool   `json:"homeDivision,omitempty"`
}

// Role is what GET /api/v2/authorization/roles/{id} shows.
type Role struct {
	ID                 string             `json:"id"`
	Name               string             `json:"name,omitempty"`
	Permissions        []string           `json:"permissions,omitempty"`
	PermissionPolicies []PermissionPolicy `json:"permissionPolicies,omitempty"`
	// Default and Base are set for the vendor's own roles.
	Default bool `json:"default,omitempty"`
	Base    bool `json:"base,omitempty"`
}

// PermissionPolicy is a role's policy as the role shows it.
type PermissionPolicy struct {
	Domain                string         `json:"domain"`
	EntityName            string         `json:"entityName"`
	ActionSet             []string       `json:"actionSet"`
	NamedResources        []string       `json:"namedResources,omitempty"`
	ResourceConditionNode *ConditionNode `json:"resourceConditionNode,omitempty"`
}

// ConditionNode is a tree of conditions that limits a policy.
type ConditionNode struct {
	VariableName string             `json:"variableName,omitempty"`
	Operator     string             `json:"operator,omitempty"`
	Operands     []ConditionOperand `json:"operands,omitempty"`
	Conjunction  string             `json:"conjunction,omitempty"`
	Terms        []ConditionNode    `json:"terms,omitempty"`
}

// ConditionOperand is one value of a condition.
type ConditionOperand struct {
	Type  string `json:"type,omitempty"`
	Value string `json:"value,omitempty"`
}

// Scope is one OAuth scope that the platform knows.
type Scope struct {
	ID string `json:"id"`
}

// Policy is an attribute-based access policy of a subject.
type Policy struct {
	ID             string         `json:"id"`
	Name           string         `json:"name,omitempty"`
	Effect         string         `json:"effect"`
	Active         bool           `json:"active"`
	ApplyToClients bool           `json:"applyToClients"`
	TargetResource string         `json:"targetResource"`
	Subject        PolicySubject  `json:"subject"`
	Condition      map[string]any `json:"condition,omitempty"`
	// Preset are values that the policy itself fixes for its condition.
	Preset map[string]any `json:"presetAttributes,omitempty"`
}

// PolicySubject is whom a policy applies to: USER, CLIENT, GROUP, TEAM or ALL.
type PolicySubject struct {
	ID   string `json:"id,omitempty"`
	Type string `json:"type,omitempty"`
}

// Organization is what GET /api/v2/organizations/me shows.
type Organization struct {
	ID             string `json:"id"`
	Name           string `json:"name,omitempty"`
	Domain         string `json:"domain,omitempty"`
	ThirdPartyName string `json:"thirdPartyOrgName,omitempty"`
	State          string `json:"state,omitempty"`
	// Features says which features the org has on, such as hipaa.
	Features map[string]bool `json:"features,omitempty"`
}

// IPAllowlist is what GET /api/v2/organizations/ipaddressauthentication shows.
type IPAllowlist struct {
	NetworkWhitelist []string `json:"networkWhitelist"`
}

// Authorization is what GET /api/v2/oauth/authorizations/{clientId} shows:
// whether the org lets the app use which scopes.
type Authorization struct {
	Scope   []string `json:"scope,omitempty"`
	State   string   `json:"state,omitempty"`
	Pending bool     `json:"pending,omitempty"`
}

// SCIMList is a SCIM list answer; its resources are people and are not kept.
type SCIMList struct {
	Schemas      []string `json:"schemas"`
	TotalResults *int64   `json:"totalResults"`
}
