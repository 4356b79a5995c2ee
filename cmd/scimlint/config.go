package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/scimlint/scimlint/checks/custom"
	"github.com/scimlint/scimlint/internal/bounds"
	"github.com/scimlint/scimlint/internal/zendesk"
	"github.com/scimlint/scimlint/pkg/lint"
)

// configName is the file that is read from the working directory.
const configName = "scimlint.yaml"

// config is the configuration file: what the flags say, and the requirements.
// It names files with secrets and never contains one itself.
type config struct {
	Region           string        `yaml:"region"`
	ClientID         string        `yaml:"clientId"`
	SecretFile       string        `yaml:"secretFile"`
	TokenFile        string        `yaml:"tokenFile"`
	WorkingTokenFile string        `yaml:"workingTokenFile"`
	APIURL           string        `yaml:"apiUrl"`
	LoginURL         string        `yaml:"loginUrl"`
	SCIMURL          string        `yaml:"scimUrl"`
	Need             []string      `yaml:"need"`
	NeedOperation    []string      `yaml:"needOperation"`
	Probe            string        `yaml:"probe"`
	Division         []string      `yaml:"division"`
	ExpectOrg        string        `yaml:"expectOrg"`
	AcceptUnknown    []string      `yaml:"acceptUnknown"`
	Timeout          time.Duration `yaml:"timeout"`
	Requirements     requirements  `yaml:"requirements"`
	TokenUse         string        `yaml:"tokenUse"`
	// Profile names a profile, or the file of one.
	Profile string `yaml:"profile"`
	Usage   int    `yaml:"usage"`
	Changes int    `yaml:"changes"`
	// Checks are the user's own; the rest are the terms of the pipeline.
	Checks   []custom.Spec     `yaml:"checks"`
	FailOn   string            `yaml:"failOn"`
	Only     []string          `yaml:"only"`
	Skip     []string          `yaml:"skip"`
	Severity map[string]string `yaml:"severity"`
	Baseline string            `yaml:"baseline"`
	// Payload, Source and Zendesk are of the way around the permissions.
	Payload string        `yaml:"payload"`
	Source  string        `yaml:"source"`
	Zendesk zendeskConfig `yaml:"zendesk"`
	// Groups are names of groups that will be filled.
	Groups []string `yaml:"groups"`
}

// zendeskConfig names the account, and says how its users become SCIM bodies.
type zendeskConfig struct {
	Subdomain string          `yaml:"subdomain"`
	Mapping   zendesk.Mapping `yaml:"mapping"`
}

type requirements struct {
	Replace     bool                    `yaml:"replace"`
	Scopes      []string                `yaml:"scopes"`
	Permissions []string                `yaml:"permissions"`
	Operations  map[string]requirements `yaml:"operations"`
}

func (r requirements) forChecks() lint.Requirements {
	out := lint.Requirements{Replace: r.Replace, Scopes: r.Scopes, Permissions: r.Permissions, Operations: map[string]lint.OperationRequirements{}}
	for id, op := range r.Operations {
		out.Operations[id] = lint.OperationRequirements{Replace: op.Replace, Scopes: op.Scopes, Permissions: op.Permissions}
	}
	return out
}

// readConfig reads the named file, or scimlint.yaml where it lies in the
// working directory. named reports which of the two it was.
func readConfig(path string) (c config, named bool, err error) {
	named = path != ""
	if !named {
		path = configName
	}
	data, err := bounds.ReadFile(path, bounds.YAMLBytes)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return config{}, false, nil
	}
	if err != nil {
		return config{}, named, fmt.Errorf("configuration %s: %w", path, err)
	}
	if c, err = parseConfig(asUTF8(data)); err != nil {
		return config{}, named, fmt.Errorf("configuration %s: %w", path, err)
	}
	return c, named, nil
}

// inlineSecret finds keys under which people put secrets.
var inlineSecret = regexp.MustCompile(`(?mi)^\s*["']?(client_?secret|secret|access_?token|token|password)["']?\s*:`)

// parseConfig reads a configuration strictly. Errors name line and key and
// never show the file's text, which may contain what it should not.
func parseConfig(data []byte) (config, error) {
	if err := bounds.YAML(data); err != nil {
		return config{}, err
	}
	if key := inlineSecret.FindSubmatch(data); key != nil {
		return config{}, fmt.Errorf("the key %q would put a secret into the configuration: write it into a file of its own and name that file with secretFile or tokenFile", key[1])
	}
	var c config
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&c); err != nil && !errors.Is(err, io.EOF) {
		return config{}, errors.New(explain(err, data))
	}
	return c, nil
}

var (
	quoted  = regexp.MustCompile("`[^`]*`")
	goTypes = regexp.MustCompile(` (not found )?in(to)? type \S+| into \S+`)
	onLine  = regexp.MustCompile(`line (\d+): (cannot|could)`)
)

// explain puts a decoding error in words that name line and key, without the
// file's values.
func explain(err error, data []byte) string {
	text := quoted.ReplaceAllString(strings.TrimPrefix(err.Error(), "yaml: "), "this value")
	text = strings.ReplaceAll(text, "unmarshal errors:\n  ", "")
	text = onLine.ReplaceAllStringFunc(text, func(m string) string {
		n, _ := strconv.Atoi(onLine.FindStringSubmatch(m)[1])
		lines := strings.Split(string(data), "\n")
		if n < 1 || n > len(lines) {
			return m // the decoder breaks lines at other characters too
		}
		key, _, _ := strings.Cut(lines[n-1], ":")
		return strings.Replace(m, ": c", ", key "+strconv.Quote(strings.TrimSpace(key))+": c", 1)
	})
	text = regexp.MustCompile(`field (\S+) not found in type \S+`).ReplaceAllString(text, `unknown key "$1"`)
	return strings.ReplaceAll(goTypes.ReplaceAllString(text, ""), "\n  ", "; ")
}
