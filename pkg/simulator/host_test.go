package simulator

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestManyOrgsOnOneHost(t *testing.T) {
	var list []*Scenario
	for _, name := range []string{"one", "two"} {
		s, err := Load([]byte("name: " + name + "\norg: {name: Org " + name + "}\nclients: [{name: same}, {name: only " + name + "}]\n"))
		require.NoError(t, err)
		list = append(list, s)
	}
	_, err := StartMany([]*Scenario{list[0], list[0]}, "127.0.0.1:0")
	require.ErrorContains(t, err, "name of its own")
	_, err = StartMany(nil, "127.0.0.1:0")
	require.Error(t, err)
	host, err := StartMany(list, "127.0.0.1:0")
	require.NoError(t, err)
	defer host.Close()
	for _, org := range host.Orgs {
		for _, client := range []string{"same", "only " + org.Scenario.Name} {
			_, me := as(t, org, client).call("GET", "/api/v2/organizations/me", nil)
			assert.Equal(t, org.Scenario.Org.Name, me["name"], client)
		}
	}
	status, _ := caller{t, host.Orgs[1], "nobody's"}.call("GET", "/api/v2/organizations/me", nil)
	assert.Equal(t, 401, status)
}
