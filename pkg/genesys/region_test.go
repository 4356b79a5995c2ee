package genesys

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLookupRegion(t *testing.T) {
	for in, want := range map[string]string{
		"eu-west-1":                      "mypurecloud.ie",
		"EU-WEST-1":                      "mypurecloud.ie",
		" us_east_1 ":                    "mypurecloud.com",
		"mypurecloud.de":                 "mypurecloud.de",
		"https://api.usw2.pure.cloud":    "usw2.pure.cloud",
		"apps.mypurecloud.com.au/#/":     "mypurecloud.com.au",
		"https://login.mypurecloud.jp/x": "mypurecloud.jp",
		"eusc-de-east-1":                 "edee1.eusc-pure.cloud",
	} {
		r, err := LookupRegion(in)
		require.NoError(t, err, in)
		assert.Equal(t, want, r.Domain, in)
	}
}

func TestUnknownRegionNamesTheNearest(t *testing.T) {
	for in, near := range map[string]string{"eu-west-3": "eu-west-1", "mypurecloud.co": "mypurecloud.com", "us-east1": "us-east-1", "paris": "(", "": "("} {
		_, err := LookupRegion(in)
		require.ErrorContains(t, err, "unknown region")
		assert.ErrorContains(t, err, near, in)
	}
}

func TestEveryRegionHasItsOwnHosts(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Regions() {
		assert.False(t, seen[r.Domain] || seen[r.AWSName], r.AWSName)
		seen[r.Domain], seen[r.AWSName] = true, true
		got, ok := RegionOfHost("api." + r.Domain)
		assert.True(t, ok && got == r)
	}
	assert.Len(t, Regions(), 18)
}

func FuzzLookupRegion(f *testing.F) {
	for _, s := range []string{"eu-west-1", "https://", "::", "api.", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := LookupRegion(s)
		if err == nil {
			assert.NotEmpty(t, r.Domain)
			return
		}
		assert.NotEmpty(t, err.Error())
	})
}
