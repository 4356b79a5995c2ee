package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/scimlint/scimlint/internal/fleet"
)

// jobSpec is what the test reads of a Job's specification.
type jobSpec struct {
	CompletionMode        string `yaml:"completionMode"`
	Completions           int    `yaml:"completions"`
	Parallelism           int    `yaml:"parallelism"`
	BackoffLimit          *int   `yaml:"backoffLimit"`
	ActiveDeadlineSeconds int    `yaml:"activeDeadlineSeconds"`
	Template              struct {
		Spec struct {
			RestartPolicy                string `yaml:"restartPolicy"`
			AutomountServiceAccountToken *bool  `yaml:"automountServiceAccountToken"`
			SecurityContext              struct {
				RunAsNonRoot bool `yaml:"runAsNonRoot"`
				FSGroup      int  `yaml:"fsGroup"`
			} `yaml:"securityContext"`
			Containers []struct {
				Args         []string
				VolumeMounts []struct {
					Name     string
					Path     string `yaml:"mountPath"`
					ReadOnly bool   `yaml:"readOnly"`
				} `yaml:"volumeMounts"`
				SecurityContext struct {
					ReadOnly bool `yaml:"readOnlyRootFilesystem"`
				} `yaml:"securityContext"`
			}
			Volumes []map[string]any
		}
	}
}

// manifest is one object of deploy/fleet.yaml.
type manifest struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	Metadata   struct{ Name string }
	Spec       yaml.Node
}

// spec decodes a specification.
func spec[T any](t *testing.T, m manifest) T {
	t.Helper()
	var out T
	require.NoError(t, m.Spec.Decode(&out))
	return out
}

type cronSpec struct {
	Schedule          string
	ConcurrencyPolicy string                   `yaml:"concurrencyPolicy"`
	JobTemplate       struct{ Spec yaml.Node } `yaml:"jobTemplate"`
}

func TestTheFleetManifest(t *testing.T) {
	data, err := os.ReadFile("../../deploy/fleet.yaml")
	require.NoError(t, err)
	list := map[string]manifest{}
	for dec := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var m manifest
		if err := dec.Decode(&m); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
		list[m.Kind+" "+m.Metadata.Name] = m
	}
	require.Len(t, list, 4)
	claim := spec[struct {
		AccessModes []string `yaml:"accessModes"`
		Resources   struct{ Requests struct{ Storage string } }
	}](t, list["PersistentVolumeClaim scimlint-fleet"])
	assert.Equal(t, []string{"ReadWriteMany"}, claim.AccessModes, "all pods write to it")
	assert.NotEmpty(t, claim.Resources.Requests.Storage)

	job := list["Job scimlint-fleet-first"]
	assert.Equal(t, "batch/v1", job.APIVersion)
	first := spec[jobSpec](t, job)
	night := spec[cronSpec](t, list["CronJob scimlint-fleet"])
	var nightly jobSpec
	require.NoError(t, night.JobTemplate.Spec.Decode(&nightly))
	assert.Equal(t, first, nightly, "the first run and those of every night are the same")
	assert.Equal(t, "Forbid", night.ConcurrencyPolicy)
	assert.Equal(t, "Indexed", first.CompletionMode, "it gives each pod its index")
	assert.LessOrEqual(t, first.Parallelism, first.Completions)

	args := first.Template.Spec.Containers[0].Args
	shard := args[3:5]
	assert.Equal(t, "--shard", shard[0])
	s, err := fleet.ParseShard(shard[1], func(string) string { return "0" })
	require.NoError(t, err)
	assert.Equal(t, first.Completions, s.Count, "as many shards as pods")
	assert.Contains(t, args, "--resume", "a pod that is started again goes on")
	assert.Contains(t, args, "--exit-zero", "a pod of orgs that are not ready did its work")

	reporting := spec[cronSpec](t, list["CronJob scimlint-fleet-report"])
	var report jobSpec
	require.NoError(t, reporting.JobTemplate.Spec.Decode(&report))
	assert.Contains(t, report.Template.Spec.Containers[0].Args, args[6], "the report reads what the shards write")
	for _, j := range []jobSpec{first, report} {
		assertPod(t, j)
	}
}

// assertPod holds what is true of every pod of the manifest.
func assertPod(t *testing.T, j jobSpec) {
	t.Helper()
	pod := j.Template.Spec
	require.Len(t, pod.Containers, 1)
	c := pod.Containers[0]
	cmd, rest, err := newRoot(stdio{out: os.Stderr, err: os.Stderr, env: os.Getenv}).Find(c.Args)
	require.NoError(t, err)
	require.NoError(t, cmd.ParseFlags(rest))
	require.NoError(t, cmd.ValidateArgs(cmd.Flags().Args()))
	require.NotNil(t, j.BackoffLimit)
	assert.Positive(t, j.ActiveDeadlineSeconds)
	assert.Equal(t, "Never", pod.RestartPolicy)
	require.NotNil(t, pod.AutomountServiceAccountToken)
	assert.False(t, *pod.AutomountServiceAccountToken)
	assert.True(t, pod.SecurityContext.RunAsNonRoot)
	assert.NotZero(t, pod.SecurityContext.FSGroup, "the volume can be written to")
	assert.True(t, c.SecurityContext.ReadOnly)
	volumes := map[string]map[string]any{}
	for _, v := range pod.Volumes {
		volumes[v["name"].(string)] = v
	}
	mounts := map[string]bool{}
	for _, m := range c.VolumeMounts {
		assert.Contains(t, volumes, m.Name)
		mounts[m.Path] = m.ReadOnly
		if _, secret := volumes[m.Name]["projected"]; secret {
			assert.True(t, m.ReadOnly)
		}
	}
	assert.Len(t, volumes, len(mounts))
	for _, a := range c.Args {
		_, file, named := strings.Cut(a, "=")
		if !named {
			file = a
		}
		if strings.HasPrefix(file, "/") {
			top := "/" + strings.Split(filepath.ToSlash(file), "/")[1]
			readOnly, mounted := mounts[top]
			assert.True(t, mounted, "%s is in a volume", file)
			assert.False(t, readOnly && named, "%s can be written", file)
		}
	}
}
