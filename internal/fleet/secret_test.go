package fleet

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// link is a link to a file, as Kubernetes mounts secrets.
func link(t *testing.T, dir, to string) string {
	t.Helper()
	name := filepath.Join(dir, "link")
	require.NoError(t, os.Symlink(to, name))
	return name
}

func TestSecrets(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the commands are those of Unix")
	}
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	write("acme", "s3cret-of-acme\r\n")
	noise := "hunter2-hunter2"
	for name, tc := range map[string]struct {
		from SecretSource
		want string
		err  []string
	}{
		"environment":                  {SecretSource{Env: "SECRET_{ORG}"}, "from-the-environment", nil},
		"not set":                      {SecretSource{Env: "NOWHERE_{ORG}"}, "", []string{"the environment variable NOWHERE_ACME", "not set"}},
		"file":                         {SecretSource{File: dir + "/{org}"}, "s3cret-of-acme", nil},
		"no file":                      {SecretSource{File: dir + "/nothing"}, "", []string{"nothing", "no such file"}},
		"a folder":                     {SecretSource{File: dir}, "", []string{"directory"}},
		"empty file":                   {SecretSource{File: write("empty", "\n")}, "", []string{"empty"}},
		"two lines":                    {SecretSource{File: write("two", noise+"\n"+noise+"\n")}, "", []string{"more than one line"}},
		"large file":                   {SecretSource{File: write("large", strings.Repeat("x", maxSecret+10))}, "", []string{"more than 64 kB"}},
		"a device":                     {SecretSource{File: "/dev/zero"}, "", []string{"/dev/zero", "no file"}},
		"a pipe that nobody writes to": {SecretSource{File: pipe(t, dir)}, "", []string{"no file"}},
		"a link to a file":             {SecretSource{File: link(t, dir, "acme")}, "s3cret-of-acme", nil},
		"command leaves a child":       {SecretSource{Command: []string{"sh", "-c", "sleep 600 & echo secret-of-acme"}}, "secret-of-acme", nil},
		"command is killed":            {SecretSource{Command: []string{"sh", "-c", "kill -9 $$"}}, "", []string{"ended by a signal", "by hand"}},
		"command":                      {SecretSource{Command: []string{"printf", "%s\n", "secret-of-{org}"}}, "secret-of-acme", nil},
		"no shell":                     {SecretSource{Command: []string{"echo", "$HOME;`id`"}}, "$HOME;`id`", nil},
		"command two lines":            {SecretSource{Command: []string{"printf", noise + "\n" + noise + "\n"}}, "", []string{"the command printf", "more than one line"}},
		"command nothing":              {SecretSource{Command: []string{"true"}}, "", []string{"the command true", "empty"}},
		"command fails":                {SecretSource{Command: []string{"sh", "-c", "echo " + noise + "; echo " + noise + " >&2; exit 7"}}, "", []string{"the command sh", "exit code 7", "by hand"}},
		"no command":                   {SecretSource{Command: []string{"scimlint-no-such-program", noise}}, "", []string{"cannot be run"}},
		"command hangs":                {SecretSource{Command: []string{"sleep", "600"}}, "", []string{"the command sleep", "did not end within"}},
		"command has a hung child":     {SecretSource{Command: []string{"sh", "-c", "sleep 600 & sleep 600"}}, "", []string{"did not end within"}},
		"command never stops writing":  {SecretSource{Command: []string{"yes", noise}}, "", []string{"did not end within"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := map[string]string{"SECRET_ACME": "from-the-environment"}
			s, err := secretOf(context.Background(), Org{Name: "acme", Settings: Settings{Secret: tc.from}}, func(k string) string { return env[k] }, time.Second)
			assert.Equal(t, tc.want, s.Reveal())
			for _, want := range tc.err {
				require.ErrorContains(t, err, want)
			}
			if err != nil {
				assert.NotContains(t, err.Error(), noise, "nothing of what was read is shown")
			}
			assert.Equal(t, len(tc.err) > 0, err != nil)
		})
	}
}
