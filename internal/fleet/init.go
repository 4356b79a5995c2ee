package fleet

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/scimlint/scimlint/pkg/genesys"
)

// partSize is how many orgs one part of a written list has: parts are read one by one.
const partSize = 1000

// entryOf is an org as init writes it.
type entryOf struct {
	Name     string            `yaml:"name"`
	Region   string            `yaml:"region,omitempty"`
	ClientID string            `yaml:"clientId,omitempty"`
	Labels   map[string]string `yaml:"labels,omitempty"`
	Secret   *SecretSource     `yaml:"secret,omitempty"`
}

// One is the list of the one org that the environment of scimlint check names.
func One(name, region, clientID, secretVariable string) ([]byte, error) {
	if region == "" || clientID == "" {
		return nil, errors.New("the environment names no org: set GENESYSCLOUD_REGION and GENESYSCLOUD_OAUTHCLIENT_ID, or give a list with --from FILE")
	}
	if _, err := genesys.LookupRegion(region); err != nil {
		return nil, err
	}
	if err := variable(secretVariable); err != nil {
		return nil, err
	}
	return render([]entryOf{{Name: name, Region: region, ClientID: clientID, Secret: &SecretSource{Env: secretVariable}}}, "GENESYS_SECRET_{ORG}")
}

// variable refuses what is no name of a variable, without showing it: it may be a secret.
func variable(text string) error {
	if text != "" && !variableForm.MatchString(text) {
		return errors.New("--secret-env is not the name of a variable (letters, digits and underscores, {ORG} for the org's name)")
	}
	return nil
}

// columns of a table of orgs that are no labels.
var (
	secretColumn = regexp.MustCompile(`(?i)secret|passwor|passwd|\bpwd\b|^pass$|token|api_?key|credential|bearer`)
	labelForm    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,62}$`)
)

// FromTable makes a list of a table: CSV whose first line has the names of its columns. The
// columns name, region and clientId are the org's, every other is a label. secretEnv is the
// variable of each org's secret, with {ORG} for its name.
func FromTable(name string, in io.Reader, secretEnv string) ([]byte, error) {
	if err := variable(secretEnv); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(in, maxListBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxListBytes {
		return nil, fmt.Errorf("%s: it is larger than %d MB", name, maxListBytes>>20)
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	r.TrimLeadingSpace = true
	head, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: %s", name, tableError(err))
	}
	if err := headings(name, head); err != nil {
		return nil, err
	}
	var list []entryOf
	names, variables := map[string]int{}, map[string]string{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %s", name, tableError(err))
		}
		line, _ := r.FieldPos(0)
		e := entryFrom(head, row)
		if err := e.check(); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, line, err)
		}
		if before, twice := names[strings.ToLower(e.Name)]; twice {
			return nil, fmt.Errorf("%s:%d: two orgs are named %s (the other is in line %d)", name, line, e.Name, before)
		}
		names[strings.ToLower(e.Name)] = line
		filled := fill(secretEnv, Org{Name: e.Name, Settings: Settings{ClientID: e.ClientID}})
		if other, twice := variables[filled]; twice && strings.Contains(secretEnv, "{") {
			return nil, fmt.Errorf("%s:%d: the secrets of %s and %s would be in one variable, %s: name one of the orgs otherwise", name, line, other, e.Name, filled)
		}
		variables[filled] = e.Name
		list = append(list, e)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: it has no orgs below its first line", name)
	}
	return render(list, secretEnv)
}

// tableError is what is wrong with a table, with the line.
func tableError(err error) string {
	var parse *csv.ParseError
	switch {
	case errors.As(err, &parse):
		return fmt.Sprintf("line %d: %v", parse.Line, parse.Err)
	case errors.Is(err, io.EOF):
		return "it is empty: its first line names the columns, as in name,region,clientId,env"
	}
	return err.Error()
}

// headings finds columns that cannot be.
func headings(name string, head []string) error {
	found := map[string]bool{}
	for i := range head {
		head[i] = strings.TrimSpace(head[i])
		h := head[i]
		switch {
		case secretColumn.MatchString(h):
			return fmt.Errorf("%s: the column %q has secrets, which never go into a list: remove it, and put each secret where --secret-env says", name, h)
		case found[strings.ToLower(h)]:
			return fmt.Errorf("%s: two columns are named %q", name, h)
		case !labelForm.MatchString(h):
			return fmt.Errorf("%s: column %d has no name that a label can have (letters, digits, dots, dashes and underscores)", name, i+1)
		}
		found[strings.ToLower(h)] = true
	}
	for _, needed := range []string{"name", "region", "clientid"} {
		if !found[needed] {
			return fmt.Errorf("%s: there is no column %s: the first line names the columns, as in name,region,clientId,env", name, map[string]string{"name": "name", "region": "region", "clientid": "clientId"}[needed])
		}
	}
	return nil
}

func entryFrom(head, row []string) entryOf {
	var e entryOf
	for i, h := range head {
		value := strings.TrimSpace(row[i])
		switch strings.ToLower(h) {
		case "name":
			e.Name = value
		case "region":
			e.Region = value
		case "clientid":
			e.ClientID = value
		default:
			if value != "" {
				if e.Labels == nil {
					e.Labels = map[string]string{}
				}
				e.Labels[h] = value
			}
		}
	}
	return e
}

func (e entryOf) check() error {
	switch {
	case !orgName.MatchString(e.Name):
		return errors.New("the name of this org is missing, or has other characters than letters, digits, dots, dashes and underscores (at most 100)")
	case e.ClientID == "":
		return fmt.Errorf("org %s: clientId is missing", e.Name)
	}
	if _, err := genesys.LookupRegion(e.Region); err != nil {
		return fmt.Errorf("org %s: %w", e.Name, err)
	}
	return nil
}

// render writes a list for people to go on with.
func render(list []entryOf, secretEnv string) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("# yaml-language-server: $schema=https://raw.githubusercontent.com/scimlint/scimlint/main/docs/fleet.schema.json\n" +
		"# The orgs that scimlint fleet check checks; docs/fleet.md has all keys. Secrets never go in here:\n" +
		"# secret says where each one comes from: {env: NAME}, {file: PATH} or {command: [PROGRAM, ARGUMENT]}.\n" +
		"# In these, {org} is the name of the org, {ORG} the same as GENESYS_SECRET_ACME_PROD, {clientId} its client.\n" +
		"version: 1\ndefaults:\n  need: [create, read, update, delete]\n")
	fmt.Fprintf(&out, "  secret: {env: %q}\n", cmp.Or(secretEnv, "GENESYS_SECRET_{ORG}"))
	for i := 0; i < len(list); i += partSize {
		if i > 0 {
			out.WriteString("---\n")
		}
		enc := yaml.NewEncoder(&out)
		enc.SetIndent(2)
		if err := enc.Encode(map[string][]entryOf{"orgs": list[i:min(i+partSize, len(list))]}); err != nil {
			return nil, err
		}
		if err := enc.Close(); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}
