package settings

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/profile"
)

func TestSettings(t *testing.T) {
	usage, changes, err := Days(0, 3, []catalog.Need{catalog.NeedAuto})
	require.NoError(t, err)
	assert.Equal(t, []int{7, 3}, []int{usage, changes}, "auto looks at a week")
	_, _, err = Days(91, 0, nil)
	require.ErrorContains(t, err, "from 1 to 90")
	_, _, err = Days(0, 15, nil)
	require.ErrorContains(t, err, "from 1 to 14")

	for want, o := range map[string]lint.Options{"read": {Needs: catalog.DefaultNeeds()}, "none": {}} {
		got, err := Probe("", o)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	_, err = Probe("maybe", lint.Options{})
	require.ErrorContains(t, err, "read, write or none")

	needs, operations, err := Needs(nil, []string{"POST /api/v2/routing/queues"}, "needOperation")
	require.NoError(t, err)
	assert.Empty(t, needs, "only what is named")
	assert.Len(t, operations, 1)
	needs, _, err = Needs(nil, nil, "")
	require.NoError(t, err)
	assert.Equal(t, catalog.DefaultNeeds(), needs)
	require.Error(t, TokenUse("stolen"))
}

func TestProfileUse(t *testing.T) {
	p, err := profile.Find("entra")
	require.NoError(t, err)
	assert.Equal(t, "/api/v2/scim", SCIMBase("https://api.mypurecloud.ie/api/v2/scim/users", p))
	assert.Equal(t, catalog.SCIMBase, SCIMBase("", nil))
	use := ProfileUse(p, lint.Options{Needs: catalog.DefaultNeeds(), TokenUse: lint.TokenPasted}, "", Given{Needs: "flag"})
	from := map[string]string{}
	for _, v := range use.Values {
		from[v.Name] = v.From
	}
	assert.Equal(t, "flag", from["needs"])
	assert.Equal(t, "profile", from["token use"])
	assert.Nil(t, ProfileUse(nil, lint.Options{}, "", Given{}))
}
