package fleet

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const goodList = `version: 1
defaults:
  region: eu-west-1
  labels: {team: migration}
  need: [create, read]
  secret: {env: "SECRET_{ORG}"}
orgs:
  - name: zeta
    clientId: client-zeta
    labels: {env: prod}
  - name: acme-test
    clientId: client-acme
    region: us-east-1
    need: [read]
    timeout: 90s
    labels: {env: test, team: support}
    secret: {command: [vault, kv, get, "-field=secret", "kv/{org}"]}
`

func load(t *testing.T, text string) (*List, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "fleet.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return Load(file, false)
}

func org(t *testing.T, l *List, i int) Org {
	t.Helper()
	o, err := l.Org(i)
	require.NoError(t, err)
	return o
}

func TestDefaultsAndOrgs(t *testing.T) {
	l, err := load(t, goodList)
	require.NoError(t, err)
	require.Equal(t, 2, l.Len())
	acme, zeta := org(t, l, 0), org(t, l, 1)
	assert.Equal(t, "acme-test", acme.Name, "in the order of the names")
	assert.Equal(t, "us-east-1", acme.Region)
	assert.Equal(t, []string{"read"}, acme.Need)
	assert.Equal(t, 90*time.Second, acme.Timeout)
	assert.Equal(t, map[string]string{"env": "test", "team": "support"}, acme.Labels)
	assert.Empty(t, acme.Secret.Env, "a source replaces that of the defaults as a whole")
	assert.Equal(t, "eu-west-1", zeta.Region)
	assert.Equal(t, []string{"create", "read"}, zeta.Need)
	assert.Equal(t, map[string]string{"env": "prod", "team": "migration"}, zeta.Labels)
	assert.Equal(t, "SECRET_ACME_TEST", fill("SECRET_{ORG}", acme))
	assert.Equal(t, "kv/acme-test/client-acme", fill("kv/{org}/{clientId}", acme))
}

func TestAListInParts(t *testing.T) {
	l, err := load(t, goodList+"---\norgs:\n  - {name: beta, clientId: b}\n---\norgs:\n  - {name: gamma, clientId: c}\n")
	require.NoError(t, err)
	assert.Equal(t, 4, l.Len())
	assert.Equal(t, "eu-west-1", org(t, l, 1).Region, "the defaults hold for every part")
}

func TestDigest(t *testing.T) {
	digest := func(text string) string {
		l, err := load(t, text)
		require.NoError(t, err)
		sum, err := l.Digest()
		require.NoError(t, err)
		return sum
	}
	one := digest(goodList)
	assert.Equal(t, one, digest("# a comment\n"+goodList), "comments change nothing")
	assert.NotEqual(t, one, digest(strings.Replace(goodList, "[read]", "[create]", 1)))
	assert.NotEqual(t, one, digest(goodList+"  - {name: other, clientId: c}\n"))
	assert.NotEqual(t, one, digest(strings.Replace(goodList, "orgs:", "checks: [{id: mine, title: t, expression: 'true', message: m, fix: {text: f}}]\norgs:", 1)))
}

// badList is a list with what must be said of it.
type badList struct {
	text string
	want []string
}

// badEntry is a list with one org, and what is added to it.
func badEntry(extra string) string {
	return "defaults:\n  region: eu-west-1\n  secret: {env: S}\norgs:\n  - name: acme\n    clientId: c\n" + extra
}

var badLists = map[string]badList{
	"not YAML":               {"orgs:\n  - name: [\n", []string{"fleet.yaml:", "not YAML"}},
	"nothing":                {"", []string{"has no orgs"}},
	"no orgs":                {"version: 1\norgs:\n", []string{"has no orgs"}},
	"a list":                 {"- name: a\n", []string{"fleet.yaml:1:", "the keys defaults and orgs"}},
	"another version":        {"version: 2\norgs: []\n", []string{"fleet.yaml:1:", "version"}},
	"unknown top key":        {"org:\n  - name: a\n", []string{"fleet.yaml:1:", `"org"`, "did you mean orgs?"}},
	"unknown key":            {badEntry("    regoin: x\n"), []string{"fleet.yaml:7:", "org acme", `"regoin"`, "did you mean region?"}},
	"unknown inner key":      {badEntry("    requirements: {scope: [scim]}\n"), []string{"fleet.yaml:7:", "org acme: requirements", `"scope"`, "did you mean scopes?"}},
	"wrong type":             {badEntry("    usage: [1]\n"), []string{"fleet.yaml:7:", "org acme", `"usage"`}},
	"not a duration":         {badEntry("    timeout: soon\n"), []string{"fleet.yaml:7:", `"timeout"`}},
	"key twice":              {badEntry("    probe: read\n    probe: none\n"), []string{"fleet.yaml:8:", `"probe"`, "twice"}},
	"two of one name":        {badEntry("  - {name: Acme, clientId: d}\n"), []string{"fleet.yaml:7:", "two orgs are named Acme", "line 5"}},
	"no name":                {badEntry("  - {clientId: d}\n"), []string{"fleet.yaml:7:", "no name"}},
	"a path as name":         {badEntry("  - {name: ../x, clientId: d}\n"), []string{"fleet.yaml:7:", "the name of this org"}},
	"no client":              {badEntry("  - {name: b}\n"), []string{"fleet.yaml:7:", "org b", "clientId is missing"}},
	"unknown region":         {badEntry("    region: eu-west-9\n"), []string{"fleet.yaml:7:", "org acme", "region", "eu-west-9", "nearest"}},
	"no region":              {"orgs:\n  - {name: a, clientId: c, secret: {env: S}}\n", []string{"fleet.yaml:2:", "region is missing"}},
	"no secret":              {"orgs:\n  - {name: a, clientId: c, region: eu-west-1}\n", []string{"fleet.yaml:2:", "there is no secret"}},
	"two secrets":            {badEntry("    secret: {env: A, file: b}\n"), []string{"org acme", "more than one place"}},
	"a secret as variable":   {badEntry("    secret: {env: \"hunter2-hunter2\"}\n"), []string{"org acme", "secret.env is not the name of a variable"}},
	"empty command":          {badEntry("    secret: {command: [\"\"]}\n"), []string{"org acme", "names no program"}},
	"command as text":        {badEntry("    secret: {command: vault get}\n"), []string{"fleet.yaml:7:", `"command"`}},
	"a secret":               {badEntry("    secret: hunter2-hunter2\n"), []string{"fleet.yaml:7:", "never goes into the list"}},
	"a client secret":        {badEntry("    clientSecret: hunter2-hunter2\n"), []string{"fleet.yaml:7:", `"clientSecret"`, "never goes into the list"}},
	"a token":                {badEntry("    access_token: hunter2-hunter2\n"), []string{"fleet.yaml:7:", "never goes into the list"}},
	"a secret as name":       {badEntry("  - {name: \"hunter2-hunter2 \", clientId: d}\n"), []string{"fleet.yaml:7:", "the name of this org"}},
	"a secret as key":        {badEntry("    ? hunter2-hunter2 x\n    : y\n"), []string{"a key that does not exist"}},
	"a secret as number":     {badEntry("    usage: hunter2-hunter2\n"), []string{`"usage"`}},
	"unknown need":           {badEntry("    need: [creat]\n"), []string{"org acme", "need", "creat"}},
	"unknown operation":      {badEntry("    needOperation: [\"GET /nowhere\"]\n"), []string{"org acme", "needOperation"}},
	"unknown probe":          {badEntry("    probe: maybe\n"), []string{"org acme", "probe", "maybe"}},
	"unknown check":          {badEntry("    acceptUnknown: [nope]\n"), []string{"org acme", "nope"}},
	"unknown threshold":      {badEntry("    failOn: never\n"), []string{"org acme", "never"}},
	"unknown token use":      {badEntry("    tokenUse: stolen\n"), []string{"org acme", "tokenUse", "stolen"}},
	"unknown profile":        {badEntry("    profile: entraa\n"), []string{"org acme", "entraa", "did you mean entra"}},
	"bad own check":          {"checks: [{id: mine, title: t, message: m, fix: {text: f}, expression: '1 +'}]\n" + badEntry(""), []string{"fleet.yaml:1:", "mine"}},
	"own check's key":        {"checks: [{id: mine, mesage: m}]\n" + badEntry(""), []string{"fleet.yaml:1:", "checks, entry 1", "did you mean message?"}},
	"negative timeout":       {badEntry("    timeout: -1s\n"), []string{"org acme", "timeout"}},
	"days":                   {badEntry("    changes: 40\n"), []string{"org acme", "changes is 40"}},
	"another host":           {badEntry("    apiUrl: http://example.com\n"), []string{"org acme", "apiUrl", "unencrypted"}},
	"an alias":               {"defaults: &d\n  region: eu-west-1\norgs:\n  - *d\n", []string{"fleet.yaml:4:"}},
	"an alias as a value":    {badEntry("    need: &n [read]\n    only: *n\n"), []string{"fleet.yaml:8:", "aliases"}},
	"an alias of itself":     {badEntry("    need: &n [*n]\n"), []string{"fleet.yaml:7:"}},
	"defaults in a part":     {badEntry("---\ndefaults: {region: eu-west-1}\n"), []string{"fleet.yaml:8:", "only the first part"}},
	"labels of lists":        {badEntry("    labels: {env: [prod]}\n"), []string{"fleet.yaml:7:", `"labels"`}},
	"one variable":           {"defaults: {region: eu-west-1, secret: {env: \"S_{ORG}\"}}\norgs:\n- {name: a-b, clientId: c}\n- {name: a_b, clientId: d}\n", []string{"fleet.yaml:4:", "a-b and a_b", "S_A_B"}},
	"auto and more":          {badEntry("    need: [auto, create]\n"), []string{"fleet.yaml:7:", "auto finds out"}},
	"defaults twice":         {"defaults: {region: eu-west-1}\ndefaults: {need: [read]}\n" + badEntry(""), []string{"fleet.yaml:2:", `"defaults"`, "twice"}},
	"no time":                {badEntry("    timeout: 5\n"), []string{"fleet.yaml:7:", `"timeout"`, "60s"}},
	"no list":                {badEntry("    need: create\n"), []string{"fleet.yaml:7:", `"need"`, "as in [a, b]"}},
	"no number":              {badEntry("    usage: 1.5\n"), []string{"fleet.yaml:7:", `"usage"`, "whole number"}},
	"an empty key":           {badEntry("    labels:\n"), []string{"fleet.yaml:7:", `"labels"`, "is empty"}},
	"an empty secret":        {badEntry("    secret: {env: A, file: \"\"}\n"), []string{"fleet.yaml:7:", `"file"`, "is empty"}},
	"no secret in secret":    {badEntry("    secret:\n"), []string{"fleet.yaml:7:", `"secret"`, "is empty"}},
	"a merge":                {badEntry("    <<: {usage: 3}\n"), []string{"fleet.yaml:7:", "merges"}},
	"an entry of nothing":    {badEntry("  - ~\n"), []string{"fleet.yaml:7:", "is not an org"}},
	"defaults: region":       {"defaults:\n  need: [read]\n  region: mars-9\n  secret: {env: S}\norgs:\n  - {name: acme, clientId: c}\n", []string{"fleet.yaml:3:", "defaults", "mars-9"}},
	"defaults: skip":         {"defaults:\n  skip: [nope]\norgs:\n  - {name: acme, clientId: c}\n", []string{"fleet.yaml:2:", "defaults", "nope"}},
	"defaults: secret":       {"defaults:\n  region: eu-west-1\n  secret: {env: hunter2-hunter2}\norgs:\n  - {name: acme, clientId: c}\n", []string{"fleet.yaml:3:", "defaults", "not the name of a variable"}},
	"a key far below":        {badEntry("    labels: {a: b}\n    need: [read]\n    profile: entraa\n"), []string{"fleet.yaml:9:", "org acme", "entraa"}},
	"bytes that are no text": {badEntry("    labels: {a: \"\xe4\"}\n"), []string{"fleet.yaml:7:", "not YAML"}},
	"orgs that are no list":  {"orgs: {acme: {}}\n", []string{"fleet.yaml:1:", "not a list"}},
}

func TestBadLists(t *testing.T) {
	for name, tc := range badLists {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, tc.text)
			require.Error(t, err)
			for _, want := range tc.want {
				require.ErrorContains(t, err, want)
			}
			assert.NotContains(t, err.Error(), "hunter2", "no value is shown")
			assert.NotContains(t, err.Error(), "\n", "one sentence")
		})
	}
}

func TestALongListIsRefused(t *testing.T) {
	p := newParser("fleet.yaml", false)
	p.most = 2 << 20
	err := p.read(strings.NewReader("defaults: {region: eu-west-1}\norgs:\n" + strings.Repeat("# x\n", 1<<19)))
	require.ErrorContains(t, err, "larger than 2 MB")
}

func TestAFoundList(t *testing.T) {
	for name, tc := range map[string]struct{ text, want string }{
		"a command":      {"secret: {command: [vault]}", "runs no command"},
		"another host":   {"secret: {env: S}, apiUrl: \"http://127.0.0.1:1\"", "no other host than the published ones"},
		"another login":  {"secret: {env: S}, loginUrl: \"https://login.example.com\"", "no other host than the published ones"},
		"published host": {"secret: {env: S}, apiUrl: \"https://api.mypurecloud.ie\"", ""},
		"a file":         {"secret: {file: x}", ""},
	} {
		file := filepath.Join(t.TempDir(), "fleet.yaml")
		require.NoError(t, os.WriteFile(file, []byte("orgs:\n  - {name: a, clientId: c, region: eu-west-1, "+tc.text+"}\n"), 0o600))
		_, err := Load(file, true)
		if tc.want == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, tc.want, name)
		_, err = Load(file, false)
		require.NoError(t, err, "%s: a list that is named may do that", name)
	}
}

func TestLabels(t *testing.T) {
	labels, err := ParseLabels([]string{"env=prod", "env=test", "team=support"})
	require.NoError(t, err)
	assert.True(t, labelled(map[string]string{"env": "test", "team": "support"}, labels), "any value of a key")
	assert.False(t, labelled(map[string]string{"env": "test"}, labels), "every key")
	assert.False(t, labelled(nil, []Label{{"env", ""}}), "an absent label is not an empty one")
	_, err = ParseLabels([]string{"prod"})
	require.ErrorContains(t, err, "key=value")
	l, err := load(t, goodList)
	require.NoError(t, err)
	require.ErrorContains(t, l.Select([]Label{{"env", "dev"}}), "no org has the labels")
}

// FuzzList: whatever a file says, the answer is a list or one sentence.
func FuzzList(f *testing.F) {
	f.Add(goodList)
	f.Add("orgs:\n  - &a {name: x, need: [*a]}\n")
	f.Add(partDefaults + "orgs:\n- name: a\n  clientId: c\n---\norgs:\n- {name: b,\n clientId: d}\n")
	f.Add("defaults: {secret: {env: S}}\n---\norgs: [{name: a}]\n")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "profile") {
			t.Skip("a profile may be any file")
		}
		whole, parts := newParser("fleet.yaml", false), newParser("fleet.yaml", false)
		err := whole.read(strings.NewReader(text))
		if err != nil {
			assert.NotContains(t, err.Error(), "runtime error")
		} else {
			assert.NotZero(t, whole.list.Len())
		}
		// Read in parts, a list is the same one, or it is an error, and read as a whole.
		if parts.readParts(strings.NewReader(text)) != nil {
			return
		}
		require.NoError(t, err)
		one, err := whole.list.Digest()
		require.NoError(t, err)
		other, err := parts.list.Digest()
		require.NoError(t, err)
		assert.Equal(t, one, other)
	})
}
