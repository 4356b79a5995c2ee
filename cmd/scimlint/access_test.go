package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReadersOfASecurityDescriptor: what Windows says of a file's access, read on any
// system.
func TestReadersOfASecurityDescriptor(t *testing.T) {
	for name, tc := range map[string]struct{ sddl, want string }{
		"a user's own folder":        {"D:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;FA;;;S-1-5-21-1-2-3-1001)", ""},
		"a folder of C:":             {"D:AI(A;ID;FA;;;BA)(A;ID;FA;;;SY)(A;ID;0x1200a9;;;BU)(A;ID;0x1301bf;;;AU)", "Users, Authenticated Users"},
		"everyone":                   {"O:BAG:SYD:P(A;;FR;;;WD)", "Everyone"},
		"everyone, by id":            {"D:(A;;GR;;;S-1-1-0)", "Everyone"},
		"twice":                      {"D:(A;;FR;;;WD)(A;;FA;;;WD)", "Everyone"},
		"several rights":             {"D:(A;;SDFR;;;BG)", "Guests"},
		"a list of bits":             {"D:(A;;CCSWWPLORC;;;BU)", "Users"},
		"only attributes":            {"D:(A;;0x120080;;;BU)", ""},
		"only writing":               {"D:(A;;FW;;;BU)", ""},
		"for files below only":       {"D:(A;OICIIO;FA;;;WD)(A;;FA;;;SY)", ""},
		"denied":                     {"D:(D;;FA;;;WD)(A;;FA;;;SY)", ""},
		"no list: all may":           {"D:NO_ACCESS_CONTROL", "Everyone"},
		"an empty list: nobody may":  {"D:P", ""},
		"no descriptor":              {"", ""},
		"the auditing list is none":  {"D:P(A;;FA;;;SY)S:(AU;SA;FR;;;WD)", ""},
		"an entry with a condition":  {`D:(XA;;FR;;;WD;(@User.Title=="x"))`, "Everyone"},
		"what is no right of a file": {"D:(A;;0xzz;;;WD)", ""},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, tc.want, readersOf(tc.sddl)) })
	}
}

// TestASecretFileThatOthersRead warns by what the system has: modes and chmod outside
// Windows, never there.
func TestASecretFileThatOthersRead(t *testing.T) {
	_, env := org(t, "ready-least-privileged")
	file := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(file, []byte(env[envSecret]), 0o600))
	delete(env, envSecret)
	private := scimlint(t, env, "check", "--secret-file", file)
	require.Equal(t, 0, private.code, private.out+private.err)
	if runtime.GOOS == "windows" {
		assert.NotContains(t, private.err, "chmod")
		return
	}
	assert.NotContains(t, private.err, "warning")
	require.NoError(t, os.Chmod(file, 0o644))
	open := scimlint(t, env, "check", "--secret-file", file)
	assert.Equal(t, 0, open.code)
	assert.Contains(t, open.err, "can be read by others (mode 0644): chmod 600 "+file)
}

// TestColoursOfWhatIsNoTerminal: a file gets none on any system, unless they are forced.
func TestColoursOfWhatIsNoTerminal(t *testing.T) {
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = out.Close() })
	assert.Equal(t, runtime.GOOS != "windows", showsColours(out), "only a console of Windows has to be asked")
	for name, tc := range map[string]struct {
		env  map[string]string
		want bool
	}{
		"a file":         {nil, false},
		"forced":         {map[string]string{"CLICOLOR_FORCE": "1"}, true},
		"not forced":     {map[string]string{"CLICOLOR_FORCE": "0"}, false},
		"none is wanted": {map[string]string{"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, false},
	} {
		assert.Equal(t, tc.want, colorful(stdio{out: out, env: func(k string) string { return tc.env[k] }}), name)
	}
}

// TestPathsOfWindows: the colon and the backslashes of a path are part of its name, on
// any system: it is neither cut nor taken for a URL.
func TestPathsOfWindows(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	name := `C:report.json`
	if runtime.GOOS != "windows" {
		name = `C:\reports\report.json` // a plain name here
	}
	list, err := (&outputs{specs: []string{"json=" + name}}).parse([]string{"json"})
	require.NoError(t, err)
	assert.Equal(t, []output{{"json", name}}, list)
	_, err = openDefinition(t.Context(), `C:\definitions\none.json`)
	require.ErrorIs(t, err, fs.ErrNotExist)
}
