package evidence_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scimlint/scimlint/pkg/evidence"
)

func TestAnAddressLosesWhatMayBeASecret(t *testing.T) {
	const plain = "https://api.mypurecloud.ie/api/v2/scim/v2/"
	user, query, fragment := "a user name or password", "a query (?)", "a fragment (#)"
	for text, parts := range map[string][]string{
		plain:                           nil,
		" " + plain + "\n":              nil,
		plain + "?access_token=hunter2": {query},
		plain + "?":                     {query},
		plain + "#hunter2":              {fragment},
		plain + "?aadOptscim062020":     {evidence.EntraSwitch},
		plain + "?aadOptscim062020&a=b": {query},
		plain + "#":                     {fragment},
		plain + "?a=hunter2#hunter2":    {query, fragment},
		"https://hunter2@api.mypurecloud.ie/api/v2/scim/v2/":        {user},
		"https://me:hunter2@api.mypurecloud.ie/api/v2/scim/v2/?x#y": {user, query, fragment},
	} {
		address, got, ok := evidence.Address(text)
		assert.True(t, ok, text)
		assert.Equal(t, plain, address)
		assert.Equal(t, parts, got, text)
	}
	address, parts, ok := evidence.Address("")
	assert.True(t, ok)
	assert.Empty(t, address)
	assert.Empty(t, parts)
	for _, wrong := range []string{"me:hunter2@api.mypurecloud.ie", "api.mypurecloud.ie/api/v2/scim", "https://a b/"} {
		_, _, ok := evidence.Address(wrong)
		assert.False(t, ok, wrong)
	}
}
