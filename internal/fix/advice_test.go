package fix

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/simulator"
)

// TestAdvice pins what each kind of change reads like: whom to give what, where, and
// with which role.
func TestAdvice(t *testing.T) {
	const org = `name: x
org: {name: x}
divisions: [{name: Home, home: true}, {name: Paris}]
`
	for name, tc := range map[string]struct {
		org       string
		divisions []string
		ask       []string
		want      string
	}{
		"a new role": {org: `roles: [{name: Reader, policies: ["authorization:policy:view"]}]
clients: [{name: App, roles: [{role: Reader}]}]
run: {client: App}`,
			want: `Grant directory:user:add, directory:user:delete to OAuth client "App" in division "Home" with a new role "SCIM provisioning" (assign it to yourself first)`},
		"a part of it": {org: `roles: [{name: Reader, policies: ["authorization:policy:view"]}]
clients: [{name: App, roles: [{role: Reader}]}]
run: {client: App}`, ask: []string{"directory:user:delete"},
			want: `Grant directory:user:delete to OAuth client "App" in division "Home" with a new role "SCIM provisioning" (assign it to yourself first)`},
		"a permission that no need requires": {org: `roles: [{name: Reader, policies: ["authorization:policy:view"]}]
clients: [{name: App, roles: [{role: Reader}]}]
run: {client: App}`, ask: []string{"a:b:c"},
			want: `Add a:b:c to a role (Admin > People & Permissions > Roles/Permissions) and grant that role to OAuth client "App"`},
		"a role of that name": {org: `roles: [{name: SCIM provisioning, policies: ["directory:user:add"]}, {name: Reader, policies: ["authorization:policy:view"]}]
clients: [{name: App, roles: [{role: Reader}, {role: SCIM provisioning, division: Home}]}]
run: {client: App}`,
			want: `Add directory:user:delete to the role "SCIM provisioning"`},
		"a role of that name, and another division": {org: `roles: [{name: SCIM provisioning, policies: ["directory:user:add"]}, {name: Reader, policies: ["authorization:policy:view"]}]
clients: [{name: App, roles: [{role: Reader}, {role: SCIM provisioning, division: Home}]}]
run: {client: App}`, divisions: []string{"Home", "Paris"},
			want: `Grant the role "SCIM provisioning" (directory:user:add) to OAuth client "App" in division "Paris" (assign it to yourself first). ` +
				`Grant directory:user:delete to OAuth client "App" in the divisions "Home", "Paris" with a new role "SCIM provisioning (Home, Paris)" (assign it to yourself first)`},
		"a role that exists": {org: `roles: [{name: Just this, policies: ["directory:user:add", "directory:user:delete"]}, {name: Reader, policies: ["authorization:policy:view"]}]
clients: [{name: App, roles: [{role: Reader}, {role: Just this, division: Paris}]}]
run: {client: App}`,
			want: `Grant the role "Just this" (directory:user:add, directory:user:delete) to OAuth client "App" in division "Home" (assign it to yourself first)`},
		"a role that exists and includes more": {org: `roles: [{name: Much, policies: ["directory:user:add", "directory:user:delete", "a:b:c"]}, {name: More, policies: ["directory:user:*", "a:b:c", "d:e:f"]}, {name: Reader, policies: ["authorization:policy:view"]}]
clients: [{name: App, roles: [{role: Reader}, {role: More, division: Paris}, {role: Much, division: Paris}]}]
run: {client: App}`,
			want: `Grant directory:user:add, directory:user:delete to OAuth client "App" in division "Home" with a new role "SCIM provisioning" (assign it to yourself first), or with the role "Much", which also includes a:b:c`},
		"a person": {org: `roles: [{name: Reader, policies: ["authorization:policy:view"]}]
users: [{name: Ann, roles: [{role: Reader}]}]
clients: [{name: App, grantType: CODE, scopes: [scim]}]
tokens: [{name: t, client: App, user: Ann, scopes: [authorization, oauth, organization, user-basic-info, scim]}]
run: {token: t}`, divisions: []string{"*"},
			want: `Grant directory:user:add, directory:user:delete to user "Ann" in all divisions with a new role "SCIM provisioning"`},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := simulator.Load([]byte(org + tc.org))
			require.NoError(t, err)
			in := lint.NewInput(snapshot(t, s, "none"), lint.Options{Needs: []catalog.Need{catalog.NeedCreate, catalog.NeedDelete}, Divisions: tc.divisions})
			assert.Equal(t, tc.want, in.GrantFix(tc.ask...).Text)
		})
	}
}
