//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/simulator"
)

// BenchmarkFleet prints how long a fleet is checked, with what memory, next to a loop of
// single checks in a shell. The benchmark's process serves the orgs, each answer after
// 100 ms; the checks are processes of their own.
//
//	go test ./cmd/scimlint -run xxx -bench Fleet -benchtime 1x -timeout 60m
func BenchmarkFleet(b *testing.B) {
	dir := b.TempDir()
	binary := filepath.Join(dir, "scimlint")
	out, err := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, ".").CombinedOutput()
	require.NoError(b, err, string(out))
	for _, orgs := range []int{1000, 10_000} {
		b.Run(fmt.Sprintf("fleet/orgs=%d", orgs), func(b *testing.B) {
			list, stop := benchList(b, orgs)
			defer stop()
			for b.Loop() {
				records := filepath.Join(b.TempDir(), "fleet.ndjson")
				benchRun(b, exec.Command(binary, "fleet", "check", list, "--records", records, "-o", "text", "-o", "html="+records+".html", "-o", "openmetrics="+records+".prom"))
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s")
		})
	}
	b.Run("loop/orgs=1000", func(b *testing.B) {
		list, stop := benchList(b, 1000)
		defer stop()
		loop := `for config in ` + filepath.Dir(list) + `/one/*.yaml; do ` + binary + ` check --config "$config" -q >/dev/null 2>&1; done`
		for b.Loop() {
			benchRun(b, exec.Command("sh", "-c", loop))
		}
		b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s")
	})
}

// benchRun runs a command, and reports its memory and its time on a processor. The memory
// is read while the command runs: what the system says of it afterwards has that of this
// process too, which was copied for its start.
func benchRun(b *testing.B, cmd *exec.Cmd) {
	b.Helper()
	cmd.Env = append(os.Environ(), envSecret+"=")
	require.NoError(b, cmd.Start())
	status := fmt.Sprintf("/proc/%d/status", cmd.Process.Pid)
	most := make(chan int)
	go func() {
		kB := 0
		for text, err := os.ReadFile(status); err == nil; text, err = os.ReadFile(status) {
			if _, rest, running := strings.Cut(string(text), "VmHWM:"); running && strings.Contains(string(text), "Name:\tscimlint\n") {
				_, _ = fmt.Sscan(rest, &kB)
			}
			time.Sleep(20 * time.Millisecond)
		}
		most <- kB
	}()
	err := cmd.Wait()
	if cmd.ProcessState.ExitCode() > 1 {
		b.Fatal(err)
	}
	if kB := <-most; kB > 0 {
		b.ReportMetric(float64(kB)/1024, "MB")
	}
	b.ReportMetric(cmd.ProcessState.UserTime().Seconds()+cmd.ProcessState.SystemTime().Seconds(), "cpu-s")
}

// benchList serves so many orgs in this process, a tenth of them not ready, and writes a list
// of them and a configuration for each.
func benchList(b *testing.B, orgs int) (list string, stop func()) {
	b.Helper()
	const org = `name: org-%05d
org: {name: Org %05d, region: eu-central-1}
divisions: [{name: Home, home: true}]
roles:
  - {name: SCIM Integration, policies: [%s"directory:user:edit", "directory:user:delete"]}
  - {name: Reader, policies: ["oauth:client:view", "authorization:role:view", "authorization:policy:view"]}
clients: [{name: Client %05d, roles: [{role: SCIM Integration}, {role: Reader}]}]
faults: {latency: 100ms}
run: {client: Client %05d}
`
	scenarios := make([]*simulator.Scenario, orgs)
	for i := range scenarios {
		add := `"directory:user:add", `
		if i%10 == 3 {
			add = ""
		}
		s, err := simulator.Load(fmt.Appendf(nil, org, i, i, add, i, i))
		require.NoError(b, err)
		scenarios[i] = s
	}
	host, err := simulator.StartMany(scenarios, "127.0.0.1:0")
	require.NoError(b, err)
	dir := b.TempDir()
	for _, folder := range []string{"one", "secrets"} {
		require.NoError(b, os.Mkdir(filepath.Join(dir, folder), 0o700))
	}
	var text strings.Builder
	text.WriteString("orgs:\n")
	for i, server := range host.Orgs {
		id, secret := server.Credentials(fmt.Sprintf("Client %05d", i))
		name := server.Scenario.Name
		settings := fmt.Sprintf("region: eu-central-1, apiUrl: %q, loginUrl: %q, clientId: %s", host.URL, host.URL, id)
		fmt.Fprintf(&text, "  - {name: %s, %s, secret: {file: %q}}\n", name, settings, filepath.Join(dir, "secrets", name))
		require.NoError(b, os.WriteFile(filepath.Join(dir, "secrets", name), []byte(secret), 0o600))
		require.NoError(b, os.WriteFile(filepath.Join(dir, "one", name+".yaml"), fmt.Appendf(nil, "{%s, secretFile: %q}", settings, filepath.Join(dir, "secrets", name)), 0o600))
	}
	list = filepath.Join(dir, "fleet.yaml")
	require.NoError(b, os.WriteFile(list, []byte(text.String()), 0o600))
	return list, host.Close
}
