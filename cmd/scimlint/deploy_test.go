package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// TestMain lets the tests' own binary be the program where it is called scimlint, so
// that scripts can be run without building another one.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "scimlint" {
		main()
	}
	debug.SetGCPercent(800) // a third of the tests' time would be the collector's; none of them measures memory here
	os.Exit(m.Run())
}

// takes holds a command line against the program: the command and each flag exist,
// and what is between them parses.
func takes(t *testing.T, args []string) {
	t.Helper()
	root := newRoot(stdio{out: os.Stderr, err: os.Stderr, env: os.Getenv})
	cmd, rest, err := root.Find(args)
	require.NoError(t, err, "%q", args)
	require.NoError(t, cmd.ParseFlags(rest), "%q", args)
	require.NoError(t, cmd.ValidateArgs(cmd.Flags().Args()), "%q", args)
	specs, err := cmd.Flags().GetStringArray("output")
	require.NoError(t, err)
	for _, spec := range specs {
		format, _, _ := strings.Cut(spec, "=")
		assert.Regexp(t, `^(text|json|sarif|junit|markdown|html)$`, format)
	}
}

func load(t *testing.T, file string, v any) string {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(data, v))
	return string(data)
}

type action struct {
	Inputs  map[string]struct{ Description string }
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Using string
		Steps []struct {
			ID, Uses, Shell, Run string
			Env                  map[string]string
		}
	}
}

// TestTheAction parses the action, holds it against itself, and runs its scripts
// against a simulated org.
func TestTheAction(t *testing.T) {
	var a action
	text := load(t, "../../action.yml", &a)
	assert.Equal(t, "composite", a.Runs.Using)
	for _, use := range regexp.MustCompile(`inputs\.([a-z-]+)`).FindAllStringSubmatch(text, -1) {
		assert.Contains(t, a.Inputs, use[1])
	}
	for name, in := range a.Inputs {
		assert.NotEmpty(t, in.Description, name)
		assert.Contains(t, text, "inputs."+name+" ", "%s is used", name)
	}
	for _, step := range a.Runs.Steps {
		assert.NotContains(t, step.Run, "${{", "an input is never pasted into a script")
	}
	build, check := a.Runs.Steps[1], a.Runs.Steps[2]
	assert.Contains(t, build.Run, "./cmd/scimlint")

	if runtime.GOOS == "windows" {
		t.Skip("the scripts are for bash, and for the paths of Unix")
	}
	bin := t.TempDir()
	self, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, os.Symlink(self, filepath.Join(bin, "scimlint")))
	for name, tc := range map[string]struct {
		failOn, need string
		want         int
	}{"role-lacks-permission": {"", "", 1}, "ready-least-privileged": {"", "create,roles", 1}, "ready-admin": {"", "", 0}, "abac-policy-unseen": {"fail", "create", 0}} {
		t.Run(name, func(t *testing.T) {
			_, env := org(t, name)
			dir := t.TempDir()
			cmd := exec.Command("bash", "-eo", "pipefail", "-c", check.Run)
			cmd.Dir = dir
			cmd.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "RUNNER_TEMP=" + dir, "GITHUB_OUTPUT=" + dir + "/output", "GITHUB_STEP_SUMMARY=" + dir + "/summary",
				"NEED=" + tc.need, "CONFIG=", "BASELINE=", "FAIL_ON=" + tc.failOn, "SARIF=scimlint.sarif"}
			for k, v := range env {
				cmd.Env = append(cmd.Env, k+"="+v)
			}
			require.NoError(t, os.WriteFile(dir+"/summary", []byte("what another step wrote\n"), 0o600))
			out, _ := cmd.CombinedOutput()
			assert.Equal(t, tc.want, cmd.ProcessState.ExitCode(), string(out))
			summary, err := os.ReadFile(dir + "/summary")
			require.NoError(t, err)
			assert.Contains(t, string(summary), "what another step wrote\n## ")
			output, err := os.ReadFile(dir + "/output")
			require.NoError(t, err)
			assert.Regexp(t, `exit-code=\d\nsarif-file=scimlint.sarif\n`, string(output))
			sarif, err := os.ReadFile(dir + "/scimlint.sarif")
			require.NoError(t, err)
			assert.Contains(t, string(sarif), `"version": "2.1.0"`)
			assert.NotContains(t, string(out)+string(summary)+string(sarif), env[envSecret])
		})
	}
	for name := range check.Env {
		assert.Contains(t, check.Run+strings.Join([]string{envRegion, envClientID, envSecret}, " "), name, "the script reads what the step sets")
	}
	takes(t, strings.Fields(`check --need x --config x --baseline x --fail-on fail -o text -o markdown=x -o sarif=x`))
	for _, f := range regexp.MustCompile(`--[a-z-]+`).FindAllString(check.Run, -1) {
		takes(t, []string{"check", f, "x"})
	}
}

func TestTheGitLabTemplate(t *testing.T) {
	var ci map[string]struct {
		Image     string
		Script    []string
		Artifacts struct {
			When    string
			Reports struct{ Junit string }
			Paths   []string
		}
	}
	load(t, "../../deploy/gitlab-ci.yml", &ci)
	job := ci["scimlint"]
	assert.Equal(t, "golang:"+goVersion(t), job.Image)
	assert.Equal(t, "always", job.Artifacts.When, "the report is left when the gate fails, too")
	var ran bool
	for _, line := range job.Script {
		if args, ok := strings.CutPrefix(line, "scimlint "); ok {
			takes(t, strings.Fields(args))
			assert.Contains(t, line, "junit="+job.Artifacts.Reports.Junit)
			for _, p := range job.Artifacts.Paths {
				assert.Contains(t, line, "="+p)
			}
			ran = true
		}
	}
	assert.True(t, ran)
}

// goVersion is the Go version of go.mod, without the patch.
func goVersion(t *testing.T) string {
	t.Helper()
	mod, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	return regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(mod))[1]
}

func TestTheContainerfile(t *testing.T) {
	data, err := os.ReadFile("../../deploy/Containerfile")
	require.NoError(t, err)
	text := string(data)
	assert.Contains(t, text, "FROM golang:"+goVersion(t)+" AS build")
	for _, m := range regexp.MustCompile(`(?m)^COPY ([^-].*) \S+$`).FindAllStringSubmatch(text, -1) {
		for _, source := range strings.Fields(m[1]) {
			_, err := os.Stat(filepath.Join("../..", source))
			require.NoError(t, err, "COPY %s", source)
		}
	}
	// What is embedded from other folders would not be copied.
	folders, err := filepath.Glob("../../*/*.go")
	require.NoError(t, err)
	for _, f := range folders {
		assert.Contains(t, text, "COPY "+filepath.Base(filepath.Dir(f))+" ")
	}
	assert.Regexp(t, `(?m)^USER nonroot`, text)
	entry := regexp.MustCompile(`(?m)^ENTRYPOINT \["/scimlint"\]\nCMD \["(\w+)"\]`).FindStringSubmatch(text)
	require.NotNil(t, entry)
	takes(t, entry[1:])
	build := regexp.MustCompile(`(?m)^RUN CGO_ENABLED=0 (go build .*) -o /scimlint (\S+)$`).FindStringSubmatch(text)
	require.NotNil(t, build)
	assert.Equal(t, "./cmd/scimlint", build[2])
}

func TestTheCronJob(t *testing.T) {
	var job struct {
		APIVersion, Kind string
		Spec             struct {
			JobTemplate struct {
				Spec struct {
					BackoffLimit *int
					Template     struct {
						Spec struct {
							RestartPolicy string
							Containers    []struct {
								Args []string
								Env  []struct {
									Name, Value string
									ValueFrom   map[string]any
								}
							}
						}
					}
				}
			}
		}
	}
	// Kubernetes writes its keys in camel case, the decoder looks for lower case.
	data, err := os.ReadFile("../../deploy/cronjob.yaml")
	require.NoError(t, err)
	lower := regexp.MustCompile(`(?m)([{\s,-])([a-zA-Z]+):`).ReplaceAllStringFunc(string(data), strings.ToLower)
	require.NoError(t, yaml.Unmarshal([]byte(lower), &job))
	assert.Equal(t, "CronJob", job.Kind)
	require.NotNil(t, job.Spec.JobTemplate.Spec.BackoffLimit)
	assert.Zero(t, *job.Spec.JobTemplate.Spec.BackoffLimit)
	pod := job.Spec.JobTemplate.Spec.Template.Spec
	require.Len(t, pod.Containers, 1)
	c := pod.Containers[0]
	takes(t, c.Args)
	assert.NotContains(t, c.Args, "-o=", "the root is read-only: reports go to standard output")
	for _, e := range c.Env {
		assert.Contains(t, []string{envRegion, envClientID, envSecret}, e.Name)
		assert.True(t, e.Value != "" || e.ValueFrom != nil)
	}
	assert.Len(t, c.Env, 3)
	assert.Equal(t, "Never", pod.RestartPolicy)
}
