package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// inFolder runs a test in a folder that has a scimlint.yaml of this text.
func inFolder(t *testing.T, text string) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, configName), []byte(text), 0o600))
	t.Chdir(dir)
}

// TestAttackHostsOfAFoundFile: a file that merely lies in the folder sends the
// secret to no host of its choice, however the host is written.
func TestAttackHostsOfAFoundFile(t *testing.T) {
	env := map[string]string{envClientID: "c", envSecret: "the-clients-secret"}
	for _, text := range []string{
		"apiUrl: https://evil.test/\nloginUrl: https://evil.test/\n",
		"apiUrl: https://evil.test\nloginUrl: https://evil.test\n",
		"apiUrl: https://api.mypurecloud.ie\nloginUrl: https://evil.test//\n",
		"apiUrl: https://EVIL.test\nloginUrl: HTTPS://EVIL.test\n",
		"apiUrl: \" https://evil.test\"\nloginUrl: \"https://evil.test \"\n",
		"apiUrl: \"https://evil.test#\"\nloginUrl: \"https://evil.test#\"\n",
		"apiUrl: \"https://evil.test/?\"\nloginUrl: \"https://evil.test/?\"\n",
		"apiUrl: https://api.mypurecloud.ie\nloginUrl: https://login.mypurecloud.ie:8443\n",
		"apiUrl: https://api.mypurecl\u00f6ud.ie\nloginUrl: https://login.mypurecloud\uff0eie\n",
		"apiUrl: https://api.eu-west-1\nloginUrl: https://login.eu-west-1\n",
		"apiUrl: https://eu-west-1\nloginUrl: https://mypurecloud.ie\n",
		"apiUrl: https://login.mypurecloud.ie\nloginUrl: https://api.mypurecloud.ie\n",
		"apiUrl: https://api.mypurecloud.ie.evil.test\nloginUrl: https://login.mypurecloud.ie.evil.test\n",
		"apiUrl: https://api.mypurecloud.ie@evil.test\nloginUrl: https://login.mypurecloud.ie@evil.test\n",
		"region: eu-west-1\nloginUrl: https://evil.test\n",
		"region: eu-west-1\napiUrl: https://evil.test\n",
		"region: eu-west-1\napiUrl: https://api.mypurecloud.com\n",
		"region: https://evil.test\n",
		"region: api.evil.test\n",
		"region: https://x@mypurecloud.ie@evil.test\n",
		"apiUrl: http://127.0.0.1:9\nloginUrl: http://127.0.0.1:9\n",
		"apiUrl: http://localhost:9\nloginUrl: http://[::1]:9\n",
		"apiUrl: https://api.mypurecloud.ie\nloginUrl: http://127.0.0.1:9\nsecretFile: own-secret\n",
	} {
		inFolder(t, text)
		got := scimlint(t, env, "check", "--timeout", "2s")
		assert.Equal(t, 2, got.code, "%s\n%s%s", text, got.out, got.err)
		assert.NotContains(t, got.out+got.err, "the-clients-secret")
	}
}

// TestAttackHostsOnThisMachine: a found file may point at loopback only with a
// secret of its own, and then with no other credential in reach.
func TestAttackHostsOnThisMachine(t *testing.T) {
	var reached atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer server.Close()
	text := "apiUrl: " + server.URL + "\nloginUrl: " + server.URL + "\nclientId: c\n"
	for _, env := range []map[string]string{{envSecret: "s3cret-of-env"}, {envToken: "t0ken-of-env"}, {envSecret: "s3cret-of-env", envAuditorToken: "auditors-token"}} {
		inFolder(t, text+"secretFile: own-secret\n")
		require.NoError(t, os.WriteFile("own-secret", []byte("of-the-file"), 0o600))
		assert.Equal(t, 2, scimlint(t, env, "check", "--timeout", "2s").code)
		inFolder(t, text)
		assert.Equal(t, 2, scimlint(t, env, "check", "--timeout", "2s").code)
	}
	assert.Zero(t, reached.Load(), "nothing was sent")
	inFolder(t, text+"secretFile: own-secret\n")
	require.NoError(t, os.WriteFile("own-secret", []byte("of-the-file"), 0o600))
	assert.NotEqual(t, 2, scimlint(t, nil, "check", "--timeout", "2s").code, "with its own secret, and no other, it may")
	assert.Positive(t, reached.Load())
}

// TestHostsThatAreMeant: a named file, a flag and the environment may choose any
// host, and a found file the hosts of one published region.
func TestHostsThatAreMeant(t *testing.T) {
	c := config{APIURL: "https://api.example.org", LoginURL: "https://login.example.org"}
	var f flags
	std := stdio{env: func(string) string { return "" }}
	s := settings{}
	_, _, err := f.hosts(std, c, true, &s.evidence.Target)
	require.NoError(t, err)
	_, _, err = f.hosts(std, c, false, &s.evidence.Target)
	require.ErrorContains(t, err, "--config")
	f.apiURL, f.loginURL = c.APIURL, c.LoginURL
	_, _, err = f.hosts(std, c, false, &s.evidence.Target)
	require.NoError(t, err, "the command line says the same, and is meant")
	f = flags{}
	api, login, err := f.hosts(std, config{APIURL: "https://API.mypurecloud.ie:443/", LoginURL: "https://login.mypurecloud.ie"}, false, &s.evidence.Target)
	require.NoError(t, err)
	assert.Equal(t, []string{"https://API.mypurecloud.ie:443", "https://login.mypurecloud.ie"}, []string{api.String(), login.String()})
}
