package simulator

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed scenarios/*.yaml
var scenarios embed.FS

// Names returns the embedded scenarios, sorted.
func Names() []string {
	entries, err := scenarios.ReadDir("scenarios")
	if err != nil {
		panic(err) // the folder is embedded
	}
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	slices.Sort(out)
	return out
}

// Embedded loads an embedded scenario by its name.
func Embedded(name string) (*Scenario, error) {
	data, err := scenarios.ReadFile("scenarios/" + name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("no embedded scenario is named %q", name)
	}
	return Load(data)
}
