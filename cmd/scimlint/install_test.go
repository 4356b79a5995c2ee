//go:build !windows

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tarball is an archive with one file.
func tarball(t *testing.T, name, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	w := tar.NewWriter(z)
	require.NoError(t, w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(text))}))
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.NoError(t, z.Close())
	return out.Bytes()
}

// release serves a release on loopback: its archive under every name that it may have, and
// its checksums.
func release(t *testing.T, archive []byte, sum string) *httptest.Server {
	t.Helper()
	if sum == "" {
		hash := sha256.Sum256(archive)
		sum = hex.EncodeToString(hash[:])
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		dir, name := filepath.Split(r.URL.Path)
		switch {
		case dir != "/latest/download/" && dir != "/download/v0.1.0/":
			http.NotFound(w, r)
		case name == "checksums.txt":
			_, _ = w.Write([]byte(strings.Repeat("0", 64) + "  scimlint_plan9_amd64.tar.gz\n" + sum + "  scimlint_linux_amd64.tar.gz\n" + sum + "  scimlint_darwin_arm64.tar.gz\n"))
		default:
			_, _ = w.Write(archive)
		}
	}))
	t.Cleanup(srv.Close)
	return srv
}

// tools is a folder with what install.sh needs. A test's own programs come first: the
// others are links, through which nothing may be written.
func tools(t *testing.T, fetcher string, own map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	put := func(name, text string) {
		file, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
		require.NoError(t, err)
		_, err = file.WriteString(text)
		require.NoError(t, err)
		require.NoError(t, file.Close())
	}
	put("uname", "#!/bin/sh\ncase $1 in -s) echo ${SYSTEM:-Linux};; -m) echo ${MACHINE:-x86_64};; esac\n")
	for name, text := range own {
		if !strings.HasSuffix(name, "/") { // a folder of the test's
			put(name, text)
		}
	}
	for _, name := range []string{"awk", "cat", "chmod", "cp", "cut", "dirname", "gzip", "head", "mkdir", "mktemp", "mv", "rm", "rmdir", "sed", "sh", "sha256sum", "shasum", "tail", "tar", fetcher} {
		path, err := exec.LookPath(name)
		if _, mine := own[name]; mine || err != nil || name == "" {
			continue
		}
		require.NoError(t, os.Symlink(path, filepath.Join(dir, name)))
	}
	return dir
}

// answering is the address of a server that answers every request with a status.
func answering(t *testing.T, status int) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	t.Cleanup(srv.Close)
	return srv.URL
}

// installation is one run of install.sh.
type installation struct {
	releases string
	args     []string
	env      []string
	own      map[string]string
	fetcher  string
	want     string // of the error; empty where it must install
}

const (
	program = "#!/bin/sh\necho 'scimlint 0.1.0 (go linux/amd64)'\n"
	nobody  = "no fetcher"
)

// TestTheInstaller runs install.sh against releases on loopback. Where it fails it says
// why in a sentence, and leaves nothing behind: no program, no folder, no temporary file.
func TestTheInstaller(t *testing.T) {
	good := release(t, tarball(t, "scimlint", program), "")
	var proxied []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proxied = append(proxied, r.URL.Path)
		good.Config.Handler.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	deadProxy := "http_proxy=http://me:hunter2@" + strings.TrimPrefix(gone.URL, "http://")

	for name, tc := range map[string]installation{
		"the newest":           {releases: good.URL},
		"a version":            {releases: good.URL, args: []string{"-v", "0.1.0"}},
		"macOS":                {releases: good.URL, env: []string{"SYSTEM=Darwin", "MACHINE=arm64"}},
		"through a proxy":      {releases: "http://127.0.0.1:9", env: []string{"http_proxy=" + proxy.URL}},
		"no network":           {releases: gone.URL, want: "could not be fetched"},
		"a proxy that is down": {releases: good.URL, env: []string{deadProxy}, want: "through the proxy 127.0.0.1:"},
		"a password with @":    {releases: good.URL, env: []string{"http_proxy=http://user:hunter2@hunter2@127.0.0.1:9"}, want: "through the proxy 127.0.0.1:"},
		"a password with #":    {releases: good.URL, env: []string{"http_proxy=http://user:hunter2#@127.0.0.1:9"}, want: "through the proxy "},
		"a password with /":    {releases: good.URL, env: []string{"http_proxy=http://user:hunter2/x@127.0.0.1:9"}, want: "through the proxy "},
		"a port of no proxy":   {releases: good.URL, env: []string{"http_proxy=http://user:hunter2@127.0.0.1:99999"}, want: "through the proxy "},
		"a proxy of no kind":   {releases: good.URL, env: []string{"http_proxy=socks9://user:hunter2@127.0.0.1:9"}, want: "through the proxy "},
		"a proxy that asks":    {releases: good.URL, env: []string{"http_proxy=" + answering(t, 407)}, want: "wants a name and a password"},
		"a server that is ill": {releases: answering(t, 503), want: "the server has a problem (status 503)"},
		"no such version":      {releases: good.URL, args: []string{"-v", "v9.9.9"}, want: "Is there such a version?"},
	} {
		for _, fetcher := range []string{"curl", "wget"} {
			if _, err := exec.LookPath(fetcher); err == nil {
				tc.fetcher = fetcher
				t.Run(name+" by "+fetcher, tc.run)
			}
		}
	}
	assert.Contains(t, proxied, "/latest/download/checksums.txt")
}

func TestTheInstallerRefuses(t *testing.T) {
	good := release(t, tarball(t, "scimlint", program), "").URL
	of := func(archive []byte) string { return release(t, archive, "").URL }
	for name, tc := range map[string]installation{
		"a wrong checksum":      {releases: release(t, tarball(t, "scimlint", program), strings.Repeat("a", 64)).URL, want: "damaged or exchanged"},
		"not in the checksums":  {releases: good, env: []string{"MACHINE=aarch64"}, want: "does not list scimlint_linux_arm64.tar.gz"},
		"no program in it":      {releases: of(tarball(t, "README", "x")), want: "has no program in it"},
		"no archive":            {releases: of([]byte("<html>blocked</html>")), want: "has no program in it"},
		"a path out of it":      {releases: of(tarball(t, "../scimlint", program)), want: "has no program in it"},
		"does not run":          {releases: of(tarball(t, "scimlint", "#!/bin/sh\nexit 1\n")), want: "does not run from"},
		"an unsupported system": {releases: good, env: []string{"SYSTEM=Plan9"}, want: "no release for Plan9"},
		"an unsupported CPU":    {releases: good, env: []string{"MACHINE=riscv64"}, want: "no release for Linux on riscv64"},
		"Windows":               {releases: good, env: []string{"SYSTEM=MINGW64_NT-10.0"}, want: "scoop install"},
		"an open host":          {releases: "http://releases.example", want: "must begin with https://"},
		"no fetcher":            {releases: good, fetcher: nobody, want: "neither curl nor wget"},
		"no folder to make":     {releases: good, args: []string{"-b", "/dev/null/bin"}, want: "cannot be made"},
		"a disk that is full":   {releases: good, own: map[string]string{"cp": "#!/bin/sh\necho half >$2\nexit 1\n"}, want: "cannot be written to"},
		"a folder in the way":   {releases: good, args: []string{"-b", "."}, own: map[string]string{"scimlint/": ""}, want: "is a folder, not a program"},
		"half a folder to make": {releases: good, args: []string{"-b", "./new/" + strings.Repeat("a", 300)}, want: "cannot be made"},
		"a full disk in a/./b":  {releases: good, args: []string{"-b", "a/./b"}, own: map[string]string{"cp": "#!/bin/sh\nexit 1\n"}, want: "cannot be written to"},
		"an unknown option":     {releases: good, args: []string{"-x"}, want: "-v VERSION"},
		"no version":            {releases: good, args: []string{"-v", "../../evil"}, want: "is not a version"},
	} {
		if tc.fetcher == "" {
			tc.fetcher = "curl"
		}
		t.Run(name, tc.run)
	}
}

// run runs install.sh in folders of its own, and looks at what is there afterwards.
func (tc installation) run(t *testing.T) {
	home, tmp := t.TempDir(), t.TempDir()
	script, err := filepath.Abs("../../install.sh")
	require.NoError(t, err)
	for name := range tc.own {
		if strings.HasSuffix(name, "/") {
			home = filepath.Join(t.TempDir(), name)
			require.NoError(t, os.Mkdir(home, 0o755))
		}
	}
	cmd := exec.Command("/bin/sh", append([]string{script}, tc.args...)...)
	if cmd.Dir = home; filepath.Base(home) == "scimlint" {
		cmd.Dir = filepath.Dir(home)
	}
	cmd.Env = append([]string{"PATH=" + tools(t, tc.fetcher, tc.own), "HOME=" + home, "TMPDIR=" + tmp, "SCIMLINT_RELEASES=" + tc.releases}, tc.env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	left, globErr := filepath.Glob(tmp + "/*")
	require.NoError(t, globErr)
	assert.Empty(t, left, "temporary files")
	assert.NotContains(t, out.String()+errs.String(), "hunter2")
	if tc.want != "" {
		require.Error(t, err, out.String())
		assert.Contains(t, errs.String(), tc.want)
		entries, err := os.ReadDir(home)
		require.NoError(t, err)
		assert.Empty(t, entries, "no folder is left")
		return
	}
	require.NoError(t, err, errs.String())
	assert.Contains(t, out.String(), "Installed scimlint 0.1.0")
	assert.Contains(t, out.String(), "export PATH=")
	file := filepath.Join(home, ".local", "bin", "scimlint")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, program, string(text))
	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o755), info.Mode().Perm())
}

// TestTheInstallerStaysOnHTTPS: whichever program fetches, a redirect to plain HTTP is not
// followed.
func TestTheInstallerStaysOnHTTPS(t *testing.T) {
	for fetcher, option := range map[string]string{"curl": "--proto =https", "wget": "--https-only"} {
		script := "#!/bin/sh\necho \"$*\" >\"$HOME/asked\"\nexit 4\n"
		home := t.TempDir()
		cmd := exec.Command("/bin/sh", "../../install.sh")
		cmd.Env = []string{"PATH=" + tools(t, nobody, map[string]string{fetcher: script}), "HOME=" + home, "TMPDIR=" + t.TempDir(), "SCIMLINT_RELEASES=https://releases.invalid"}
		require.Error(t, cmd.Run())
		asked, err := os.ReadFile(filepath.Join(home, "asked"))
		require.NoError(t, err)
		assert.Contains(t, string(asked), option)
	}
}

// TestTheInstallerReplacesAndKeeps: an older program is replaced, and one that is there
// stays where the new one could not be installed.
func TestTheInstallerReplacesAndKeeps(t *testing.T) {
	for want, server := range map[string]*httptest.Server{
		program: release(t, tarball(t, "scimlint", program), ""),
		"old":   release(t, tarball(t, "scimlint", program), strings.Repeat("b", 64)),
	} {
		dir := t.TempDir()
		file := filepath.Join(dir, "scimlint")
		require.NoError(t, os.WriteFile(file, []byte("old"), 0o755))
		cmd := exec.Command("/bin/sh", "../../install.sh", "-b", dir)
		cmd.Env = []string{"PATH=" + tools(t, "curl", nil), "HOME=/nonexistent", "TMPDIR=" + t.TempDir(), "SCIMLINT_RELEASES=" + server.URL}
		_ = cmd.Run()
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, want, string(text))
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		assert.Len(t, entries, 1)
	}
}

// TestTheInstallerThatIsInterrupted: Ctrl-C, which a terminal sends to the whole group, and
// a signal to the script alone end it at once and leave nothing behind.
func TestTheInstallerThatIsInterrupted(t *testing.T) {
	t.Run("Ctrl-C", func(t *testing.T) { interruptInstaller(t, true, syscall.SIGINT) })
	t.Run("TERM to the script", func(t *testing.T) { interruptInstaller(t, false, syscall.SIGTERM) })
}

func interruptInstaller(t *testing.T, group bool, signal syscall.Signal) {
	t.Helper()
	asked := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	}))
	t.Cleanup(srv.Close)
	home, tmp := t.TempDir(), t.TempDir()
	cmd := exec.Command("/bin/sh", "../../install.sh")
	cmd.Env = []string{"PATH=" + tools(t, "curl", nil), "HOME=" + home, "TMPDIR=" + tmp, "SCIMLINT_RELEASES=" + srv.URL}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, cmd.Start())
	select {
	case <-asked:
	case <-time.After(30 * time.Second):
		t.Fatal("nothing was asked")
	}
	to := cmd.Process.Pid
	if group {
		to = -to
	}
	require.NoError(t, syscall.Kill(to, signal))
	require.Error(t, cmd.Wait())
	for _, dir := range []string{home, tmp} {
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		assert.Empty(t, left)
	}
}

// TestAnInstallerThatWasCutOff: no beginning of the script does anything. Only the last
// line runs something.
func TestAnInstallerThatWasCutOff(t *testing.T) {
	text, err := os.ReadFile("../../install.sh")
	require.NoError(t, err)
	all := strings.TrimRight(string(text), "\n")
	require.True(t, strings.HasSuffix(all, "\nmain \"$@\""))
	for _, cut := range []int{len(all) - 9, len(all) / 2, len(all) / 3} {
		cmd := exec.Command("/bin/sh", "-s")
		cmd.Stdin = strings.NewReader(all[:cut])
		cmd.Env = []string{"PATH=/nonexistent"} // whatever ran would not be found and be said
		out, _ := cmd.CombinedOutput()
		assert.NotContains(t, string(out), "not found")
	}
}
