package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func text(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../..", file))
	require.NoError(t, err)
	return string(data)
}

// TestActionsArePinned: what runs in the workflows is named by commit, with the version
// for people beside it. A tag can be moved.
func TestActionsArePinned(t *testing.T) {
	files, err := filepath.Glob("../../.github/workflows/*.yml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	pins := map[string]string{}
	for _, file := range append(files, "../../action.yml") {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, use := range regexp.MustCompile(`(?m)uses: (.*)$`).FindAllStringSubmatch(string(data), -1) {
			if strings.HasPrefix(use[1], "./") {
				continue
			}
			m := regexp.MustCompile(`^([\w./-]+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+$`).FindStringSubmatch(use[1])
			require.NotNil(t, m, "%s: %s", file, use[1])
			if before, ok := pins[m[1]]; ok {
				assert.Equal(t, before, m[2], "%s is pinned to one commit everywhere", m[1])
			}
			pins[m[1]] = m[2]
		}
		assert.NotContains(t, string(data), "pull_request_target")
	}
	assert.Len(t, pins, 7)
}

// TestWorkflowsNeedNoMore: no workflow has more rights than it says, and none is without.
func TestWorkflowsNeedNoMore(t *testing.T) {
	type job struct {
		Permissions map[string]string
		Timeout     int `yaml:"timeout-minutes"`
		Uses        string
	}
	for file, writes := range map[string]map[string][]string{
		"ci.yml":        {},
		"catalogue.yml": {"diff": {"issues"}},
		"release.yml":   {"publish": {"attestations", "contents", "id-token", "packages"}},
	} {
		var w struct {
			Permissions map[string]string
			Jobs        map[string]job
		}
		load(t, "../../.github/workflows/"+file, &w)
		require.NotNil(t, w.Permissions, "%s says which rights its jobs have", file)
		assert.NotContains(t, slices.Collect(maps.Values(w.Permissions)), "write", file)
		for name, j := range w.Jobs {
			var got []string
			for right, how := range j.Permissions {
				if how == "write" {
					got = append(got, right)
				}
			}
			slices.Sort(got)
			assert.Equal(t, writes[name], got, "%s %s", file, name)
			assert.True(t, j.Timeout > 0 || j.Uses != "", "%s %s has a limit", file, name)
		}
	}
}

// TestVersionsAgree: the examples name the newest version of the changelog, and both
// places that name goreleaser's version name the same.
func TestVersionsAgree(t *testing.T) {
	m := regexp.MustCompile(`(?m)^## \[(\d+\.\d+\.\d+)\]`).FindStringSubmatch(text(t, "CHANGELOG.md"))
	require.NotNil(t, m, "the changelog has a version")
	version := m[1]
	for file, want := range map[string]string{
		"deploy/cronjob.yaml":  "ghcr.io/scimlint/scimlint:" + version,
		"deploy/gitlab-ci.yml": "SCIMLINT_VERSION: v" + version,
		"docs/pipelines.md":    "scimlint/scimlint@v" + version,
		"docs/install.md":      "rev: v" + version,
	} {
		assert.Contains(t, text(t, file), want)
	}
	tool := regexp.MustCompile(`goreleaser_version=(\S+)`).FindStringSubmatch(text(t, ".ci/release"))
	require.NotNil(t, tool)
	for _, file := range []string{"ci.yml", "release.yml"} {
		assert.Contains(t, text(t, ".github/workflows/"+file), "version: "+tool[1])
	}
}

// TestBothImagesAreAlike: the released image and the one that users build themselves are
// not root, have no shell, and are labelled alike.
func TestBothImagesAreAlike(t *testing.T) {
	var config struct {
		Kos []struct {
			BaseImage string `yaml:"base_image"`
			User      string
			Labels    map[string]string
		}
	}
	load(t, "../../.goreleaser.yaml", &config)
	require.Len(t, config.Kos, 1)
	ko, file := config.Kos[0], text(t, "deploy/Containerfile")
	assert.Contains(t, file, "FROM "+ko.BaseImage+"\n")
	assert.Contains(t, file, "USER "+ko.User+"\n")
	assert.Contains(t, ko.BaseImage, "distroless/static")
	labels := regexp.MustCompile(`(org\.opencontainers\.[\w.]+)="([^"]*)"`).FindAllStringSubmatch(file, -1)
	require.Len(t, labels, len(ko.Labels))
	filled := strings.NewReplacer("${VERSION}", "{{ .Version }}", "${REVISION}", "{{ .FullCommit }}")
	for _, l := range labels {
		assert.Equal(t, ko.Labels[l[1]], filled.Replace(l[2]), l[1])
	}
}

// TestTheImageIsBuiltFromAllPackages: every folder with a package of the program is copied.
func TestTheImageIsBuiltFromAllPackages(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if .Module}}{{if .Module.Main}}{{.ImportPath}}{{end}}{{end}}", ".").Output()
	require.NoError(t, err)
	file := text(t, "deploy/Containerfile")
	for _, path := range strings.Fields(string(out)) {
		top, _, _ := strings.Cut(strings.TrimPrefix(path, "github.com/scimlint/scimlint/"), "/")
		assert.Contains(t, file, "COPY "+top+" "+top+"\n")
	}
}

// TestTheChangelogIsReadyForARelease: each section has a link.
func TestTheChangelogIsReadyForARelease(t *testing.T) {
	log := text(t, "CHANGELOG.md")
	for _, m := range regexp.MustCompile(`(?m)^## \[([^\]]+)\]`).FindAllStringSubmatch(log, -1) {
		assert.Contains(t, log, "\n["+m[1]+"]: https://github.com/scimlint/scimlint/", m[1])
	}
}

func TestThePreCommitHook(t *testing.T) {
	var hooks []struct{ ID, Entry string }
	load(t, "../../.pre-commit-hooks.yaml", &hooks)
	require.Len(t, hooks, 1)
	args, ok := strings.CutPrefix(hooks[0].Entry, "scimlint ")
	require.True(t, ok)
	takes(t, strings.Fields(args))
	assert.Contains(t, text(t, "docs/install.md"), "- id: "+hooks[0].ID)
}

// TestTheReleaseNotes are the version's section; a version without one, or without a date,
// is refused.
func TestTheReleaseNotes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("for bash")
	}
	notes := func(log, version string) (string, error) {
		file := filepath.Join(t.TempDir(), "CHANGELOG.md")
		require.NoError(t, os.WriteFile(file, []byte(log), 0o600))
		cmd := exec.Command("bash", "../../.ci/notes", version)
		cmd.Env = append(os.Environ(), "CHANGELOG="+file)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	log := text(t, "CHANGELOG.md")
	heading := regexp.MustCompile(`(?m)^## \[(\d+\.\d+\.\d+)\].*$`).FindStringSubmatch(log)
	dated := strings.Replace(log, heading[0], "## ["+heading[1]+"] - 2026-01-31", 1)
	out, err := notes(dated, "v"+heading[1])
	require.NoError(t, err, out)
	assert.Contains(t, out, "scimlint check")
	assert.NotContains(t, out, "\n## ")
	assert.NotContains(t, out, "]: https://", "the links of the headings are not notes")
	_, err = notes(dated, "v9.9.9")
	require.Error(t, err)
	out, err = notes(strings.Replace(log, heading[0], "## ["+heading[1]+"] - unreleased", 1), "v"+heading[1])
	require.Error(t, err)
	assert.Contains(t, out, "has no date", "what is not released is not published")
}

// TestTheCatalogueIssue: a difference becomes an issue once, and nothing in it is Markdown.
func TestTheCatalogueIssue(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("for bash")
	}
	const gh = `#!/bin/sh
echo "$*" >>"$LOG"
case "$1 $2" in
  'issue list') echo $OPEN ;;
  'issue view') cat "$LOG.body" 2>/dev/null ;;
  'issue create' | 'issue comment') while [ $# -gt 1 ]; do shift; done; cat "$1" >>"$LOG.body" ;;
esac
`
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	require.NoError(t, os.WriteFile(at("gh"), []byte(gh), 0o755))
	report := func(open, diff string) string {
		require.NoError(t, os.WriteFile(at("diff"), []byte(diff), 0o600))
		_ = os.Remove(at("log"))
		cmd := exec.Command("bash", "../../.ci/catalogue-issue", at("diff"))
		cmd.Env = []string{"PATH=" + dir + ":" + os.Getenv("PATH"), "LOG=" + at("log"), "OPEN=" + open}
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		log, err := os.ReadFile(at("log"))
		require.NoError(t, err)
		return string(log)
	}
	first := "permissions POST /a\n  - x:y:z\n  + </details>\n@everyone # not a heading\n"
	assert.Contains(t, report("", first), "issue create")
	body, err := os.ReadFile(at("log.body"))
	require.NoError(t, err)
	assert.Contains(t, string(body), "\n    @everyone # not a heading\n", "every line of the difference is indented")
	assert.NotContains(t, report("7", first), "issue comment", "the same is not said twice")
	assert.Contains(t, report("7", first+"more\n"), "issue comment 7")
	require.NoError(t, os.WriteFile(at("diff"), nil, 0o600))
	require.Error(t, exec.Command("bash", "../../.ci/catalogue-issue", at("diff")).Run(), "no difference, no issue")
}
