package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// everyCommand visits all commands that users see.
func everyCommand(cmd *cobra.Command, visit func(*cobra.Command)) {
	if cmd.Hidden {
		return
	}
	visit(cmd)
	for _, sub := range cmd.Commands() {
		everyCommand(sub, visit)
	}
}

func quietRoot() *cobra.Command {
	return newRoot(stdio{strings.NewReader(""), io.Discard, io.Discard, func(string) string { return "" }})
}

// TestEveryFlagIsInAGroup, so that nobody has to search a list of forty.
func TestEveryFlagIsInAGroup(t *testing.T) {
	seen := map[string]string{}
	for _, g := range flagGroups {
		for _, f := range g.flags {
			assert.Empty(t, seen[f], "%s is in one group", f)
			seen[f] = g.title
		}
	}
	everyCommand(quietRoot(), func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			assert.NotEmpty(t, groupOf(f.Name), "%s --%s", cmd.CommandPath(), f.Name)
		})
	})
}

func TestEveryCommandIsInAGroup(t *testing.T) {
	help := scimlint(t, nil, "--help")
	assert.Equal(t, 0, help.code)
	assert.NotContains(t, help.out, "\nMore:\n")
	for _, cmd := range quietRoot().Commands() {
		assert.Contains(t, help.out, "  "+cmd.Name()+" ")
	}
}

// TestOMeansOneThing: -o says what is written and where to, in every command.
func TestOMeansOneThing(t *testing.T) {
	everyCommand(quietRoot(), func(cmd *cobra.Command) {
		if f := cmd.Flags().Lookup("output"); f != nil {
			assert.Contains(t, []string{"", "o"}, f.Shorthand, cmd.CommandPath())
		}
		if f := cmd.Flags().ShorthandLookup("o"); f != nil {
			assert.Equal(t, "output", f.Name, cmd.CommandPath())
		}
	})
}

func TestErrorsHelp(t *testing.T) {
	for line, want := range map[string][]string{
		"chek":                    {`unknown command "chek". Did you mean "check"?`, "See 'scimlint --help'."},
		"payload from-zendsk":     {`Did you mean "from-zendesk"?`, "See 'scimlint payload --help'."},
		"check --ned create":      {"unknown flag --ned. Did you mean --need?", "See 'scimlint check --help'."},
		"check":                   {"no region", "See 'scimlint check --help'."},
		"check -x":                {"unknown flag -x"},
		"check --need crate":      {`Did you mean "create"?`},
		"check --region eu-west1": {"eu-west-1"},
		"check --accept-unknown abac-policy-alows": {`Did you mean "abac-policy-allows"?`},
		"check --skip tokn-is-live":                {`Did you mean "token-is-live"?`},
		"check -o jsn":                             {`Did you mean "json"?`},
		"check --profile entr":                     {"entra"},
		"fix --format terrafrom":                   {`Did you mean "terraform"?`, "See 'scimlint fix --help'."},
		"rules role-on-user":                       {`Did you mean "role-on-user-not-client"?`},
		"demo migration-tread":                     {`Did you mean "migration-thread"`},
		"simulate --scenario ready-adnin":          {`Did you mean "ready-admin"`},
		"diff a.scimlint":                          {"needs the arguments A and B, and 1 was given", "scimlint diff dev.scimlint production.scimlint"},
		"can-i GET":                                {"scimlint can-i POST /api/v2/scim/v2/users"},
		"version please":                           {"needs no arguments"},
	} {
		got := scimlint(t, nil, strings.Fields(line)...)
		assert.Equal(t, exitUsage, got.code, line)
		for _, w := range want {
			assert.Contains(t, got.err, w, line)
		}
	}
}

func TestTheVersionIsAFlagToo(t *testing.T) {
	assert.Equal(t, scimlint(t, nil, "version"), scimlint(t, nil, "--version"))
}

// TestCompletion: a list is completed after a comma, a call by its method and its path.
func TestCompletion(t *testing.T) {
	for _, tc := range []struct {
		args       []string
		want, none string
	}{
		{[]string{"check", "--need", "create,ro"}, "create,roles\n", "create,read"},
		{[]string{"check", "--need", "create,"}, "create,update\n", "create,create"},
		{[]string{"check", "--skip", "token-is-live,token-is-a"}, "token-is-live,token-is-acquired\n", ""},
		{[]string{"can-i", ""}, "POST\n", ""},
		{[]string{"can-i", "POST", "/api/v2/scim/"}, "/api/v2/scim/v2/users\n", ""},
		{[]string{"demo", "migration-t"}, "migration-thread\n", ""},
	} {
		got := scimlint(t, nil, append([]string{"__completeNoDesc"}, tc.args...)...)
		assert.Contains(t, got.out, tc.want, "%q", tc.args)
		if tc.none != "" {
			assert.NotContains(t, got.out, tc.none, "%q", tc.args)
		}
	}
}

// TestAnInterruptEndsReading: what is typed or piped is not waited for.
func TestAnInterruptEndsReading(t *testing.T) {
	for _, args := range [][]string{{"explain"}, {"explain", "-"}, {"payload", "from-entra", "-"}} {
		in, feed, err := os.Pipe()
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan int)
		var out, errs bytes.Buffer
		go func() { ended <- run(ctx, args, stdio{in, &out, &errs, func(string) string { return "" }}) }()
		_, err = feed.WriteString("HTTP/1.1 403 Forbid")
		require.NoError(t, err)
		cancel()
		assert.Equal(t, exitInterrupted, <-ended, "%q", args)
		assert.Contains(t, errs.String(), "interrupted", "%q", args)
		_, _ = feed.Close(), in.Close()
	}
}

func TestWrapping(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, table(&b, 40, [][]string{{"one", "a", "this is a long description of the row"}, {"three", "b", "short"}, {"x", "", ""}}))
	assert.Equal(t, "one    a  this is a long description of\n          the row\nthree  b  short\nx\n", b.String())
	assert.Equal(t, "a bb\nccc\n\nd", paragraphs("a\nbb ccc\n\nd\n", 5))
	assert.Equal(t, []string{"日本", "日本"}, wrapped("日本 日本", 8), "a wide character has two columns")
	assert.Equal(t, "ab…", cut("abcdef", 3))
}

// TestOutput: a format, a file by its ending, or both.
func TestOutput(t *testing.T) {
	_, env := org(t, "role-lacks-permission")
	dir := t.TempDir()
	for spec, begins := range map[string]string{"json": "{", dir + "/a.json": "{", "json=" + dir + "/b": "{", dir + "/c.html": "<!", "markdown=" + dir + "/d.txt": "#"} {
		got := scimlint(t, env, "check", "-o", spec)
		require.Equal(t, 1, got.code, got.err)
		text := got.out
		if _, file, _ := strings.Cut("="+spec, dir); file != "" {
			data, err := os.ReadFile(dir + file)
			require.NoError(t, err, spec)
			assert.Empty(t, text)
			text = string(data)
		}
		assert.True(t, strings.HasPrefix(strings.ToLower(text), begins), "%s: %.40s", spec, text)
	}
	for spec, part := range map[string]string{"terraform": "resource ", dir + "/scim.tf": "resource ", "curl=" + dir + "/scim": "#!/", dir + "/plan": "READY"} {
		got := scimlint(t, env, "fix", "-o", spec)
		require.Equal(t, 0, got.code, got.err)
		text := got.out
		if _, file, _ := strings.Cut("="+spec, dir); file != "" {
			data, err := os.ReadFile(dir + file)
			require.NoError(t, err, spec)
			text = string(data)
		}
		assert.Contains(t, text, part, spec)
	}
	got := scimlint(t, env, "fix", "--format", "json", "-o", dir+"/steps.txt")
	assert.Equal(t, 0, got.code, got.err)
	data, err := os.ReadFile(dir + "/steps.txt")
	require.NoError(t, err)
	assert.Equal(t, byte('{'), data[0], "--format wins over an ending")
	assert.Contains(t, scimlint(t, env, "fix", "-o", "json=").err, "names no file")
}
