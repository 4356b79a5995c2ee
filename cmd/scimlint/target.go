package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
)

// host is the base of a service, with whether a configuration file that was merely
// found chose it.
type host struct {
	base    *url.URL
	byFound bool
}

// hosts finds the API and login hosts. What the command line, the environment or a
// file that was named says is meant. A file that was merely found lying in the
// working directory came with whatever is checked out there: it may choose a
// published region, and no other host.
func (f *flags) hosts(std stdio, c config, named bool, t *evidence.Target) (api, login *url.URL, err error) {
	byRegion, err := f.namedRegion(std, c, t)
	if err != nil {
		return nil, nil, err
	}
	a, err := pickHost("api-url", []string{f.apiURL, std.env(envAPI)}, c.APIURL, named, byRegion.APIURL())
	if err != nil {
		return nil, nil, err
	}
	l, err := pickHost("login-url", []string{f.loginURL, std.env(envLogin)}, c.LoginURL, named, byRegion.LoginURL())
	if err != nil {
		return nil, nil, err
	}
	if a.base == nil || l.base == nil {
		return nil, nil, fmt.Errorf("no region: set %s or --region to an AWS name such as eu-west-1 (it is in the Admin UI's address, apps.<domain>)", envRegion)
	}
	if err := f.mayChoose(std, c, a, l); err != nil {
		return nil, nil, err
	}
	t.APIURL, t.LoginURL = a.base.String(), l.base.String()
	return a.base, l.base, nil
}

// namedRegion is the region that was named; the zero region has no hosts.
func (f *flags) namedRegion(std stdio, c config, t *evidence.Target) (genesys.Region, error) {
	name := firstOf(f.region, std.env(envRegion), c.Region)
	if name == "" {
		return genesys.Region{}, nil
	}
	r, err := genesys.LookupRegion(name)
	if err != nil {
		return r, err
	}
	t.Region, t.Domain = r.AWSName, r.Domain
	return r, nil
}

// pickHost uses the first source that has a value: those that are meant, the
// configuration, the region.
func pickHost(what string, meant []string, config string, named bool, region string) (h host, err error) {
	text := firstOf(meant...)
	if text == "" && config != "" {
		text, h.byFound = config, !named
	}
	if text == "" && region != "https://api." && region != "https://login." {
		text = region
	}
	if text == "" {
		return h, nil
	}
	if h.base, err = genesys.ParseBase(text); err != nil {
		return h, fmt.Errorf("%s: %w", what, err)
	}
	return h, nil
}

// mayChoose refuses hosts that only a found file chose, unless they are the API and
// the login host of one published region, or on loopback with a secret that the
// same file names.
func (f *flags) mayChoose(std stdio, c config, api, login host) error {
	if !api.byFound && !login.byFound {
		return nil
	}
	refuse := func(u *url.URL) error {
		return fmt.Errorf("./%s sends credentials to %s, which is no published host of Genesys Cloud: name the file with --config if that is meant", configName, u.Host)
	}
	for _, h := range []host{api, login} {
		if h.byFound && genesys.Loopback(h.base) {
			if (c.SecretFile == "" && c.TokenFile == "") || f.foreignSecrets(std) {
				return fmt.Errorf("./%s sends credentials that it does not name itself to %s on this machine: name the file with --config if that is meant", configName, h.base.Host)
			}
			return nil
		}
	}
	a, isAPI := genesys.Published(api.base, "api")
	l, isLogin := genesys.Published(login.base, "login")
	switch {
	case api.byFound && !isAPI:
		return refuse(api.base)
	case login.byFound && !isLogin:
		return refuse(login.base)
	case isAPI && isLogin && a != l:
		return fmt.Errorf("./%s chooses hosts of two regions, %s and %s: a token is of one region", configName, api.base.Host, login.base.Host)
	}
	return nil
}

// foreignSecrets says whether any credential comes from elsewhere than the
// configuration file.
func (f *flags) foreignSecrets(std stdio) bool {
	given := []string{f.secretFile, f.tokenFile, f.workingTokenFile, f.auditorSecretFile, f.auditorTokenFile,
		std.env(envSecret), std.env(envToken), std.env(envWorking), std.env(envAuditorSecret), std.env(envAuditorToken)}
	return strings.Join(given, "") != ""
}

// errAddress does not repeat the address: there may be a password in it.
var errAddress = errors.New("scim-url is not a URL: write what the integration calls, as in https://api.mypurecloud.com/api/v2/scim/v2/users")
