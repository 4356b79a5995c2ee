package main

import (
	"crypto/sha256"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// packageConfig is the packages' section of .goreleaser.yaml as nfpm reads it: goreleaser
// fills in the dates, and adds the program, the version and the system.
func packageConfig(t *testing.T) map[string]any {
	t.Helper()
	const date = "2026-01-31T12:00:00Z"
	filled := strings.ReplaceAll(text(t, ".goreleaser.yaml"), "{{ .CommitDate }}", date)
	var release struct{ Nfpms []map[string]any }
	require.NoError(t, yaml.Unmarshal([]byte(filled), &release))
	require.Len(t, release.Nfpms, 1)
	config := maps.Clone(release.Nfpms[0])
	config["name"] = config["package_name"]
	for _, only := range []string{"package_name", "file_name_template", "formats"} {
		delete(config, only)
	}
	maps.Copy(config, map[string]any{"arch": "amd64", "platform": "linux", "version": "0.0.1"})
	contents, ok := config["contents"].([]any)
	require.True(t, ok)
	config["contents"] = append(contents, map[string]any{
		"src": "scimlint", "dst": "/usr/bin/scimlint",
		"file_info": map[string]any{"mode": 0o755, "mtime": date},
	})
	return config
}

// TestTheDeb makes the deb and the rpm twice from the section of .goreleaser.yaml, compares
// the two, installs the deb with apt and removes it again. `.ci/run` names nfpm by SCIMLINT_NFPM, and
// by SCIMLINT_PACKAGED the folder with the program and its release-files.
func TestTheDeb(t *testing.T) {
	nfpm, packaged := os.Getenv("SCIMLINT_NFPM"), os.Getenv("SCIMLINT_PACKAGED")
	if nfpm == "" || packaged == "" {
		t.Skip("SCIMLINT_NFPM and SCIMLINT_PACKAGED are not set")
	}
	const installed = "/usr/bin/scimlint"
	require.NoFileExists(t, installed, "this test installs scimlint and removes it: remove your own first")

	data, err := yaml.Marshal(packageConfig(t))
	require.NoError(t, err)
	work := t.TempDir()
	require.NoError(t, os.Chmod(filepath.Dir(work), 0o755)) // apt reads packages as a user of its own
	config := filepath.Join(work, "nfpm.yaml")
	require.NoError(t, os.WriteFile(config, data, 0o600))
	for _, kind := range []string{"deb", "rpm"} {
		for _, name := range []string{"first.", "second."} {
			command(t, packaged, nfpm, "package", "--config", config, "--packager", kind, "--target", filepath.Join(work, name+kind))
		}
		first, second := contentsOf(t, work, "first."+kind), contentsOf(t, work, "second."+kind)
		assert.Equal(t, sha256.Sum256([]byte(first)), sha256.Sum256([]byte(second)), "the same files give the same %s", kind)
	}
	assert.Contains(t, contentsOf(t, work, "first.rpm")[:16384], "scimlint.invalid", "the rpm names no machine as the one that built it")

	t.Cleanup(func() { // also where the installation failed half-way
		command(t, work, "apt-get", "remove", "-y", "-qq", "scimlint")
		assert.NoFileExists(t, installed)
		assert.NoFileExists(t, "/usr/share/man/man1/scimlint.1.gz")
	})
	command(t, work, "apt-get", "install", "-y", "-qq", "--no-install-recommends", filepath.Join(work, "first.deb"))
	assert.Contains(t, command(t, work, installed, "version"), "scimlint ")
	files := command(t, work, "dpkg", "-L", "scimlint")
	for _, file := range []string{
		"/usr/share/man/man1/scimlint.1.gz", "/usr/share/man/man1/scimlint-check.1.gz", "/usr/share/doc/scimlint/copyright",
		"/usr/share/bash-completion/completions/scimlint", "/usr/share/zsh/vendor-completions/_scimlint",
		"/usr/share/fish/vendor_completions.d/scimlint.fish",
	} {
		assert.Contains(t, files, file+"\n")
	}
}

// command runs a program in a folder, apt-get as root, and returns what it printed.
func command(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	if name == "apt-get" && os.Getuid() != 0 {
		name, args = "sudo", append([]string{name}, args...)
	}
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

func contentsOf(t *testing.T, dir, file string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, file))
	require.NoError(t, err)
	return string(data)
}
