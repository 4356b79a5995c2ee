package simulator

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const schemaFile = "../../docs/scenario.schema.json"

func TestEmbeddedScenariosFitTheirSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(schemaFile)
	require.NoError(t, err)
	for _, name := range Names() {
		data, err := scenarios.ReadFile("scenarios/" + name + ".yaml")
		require.NoError(t, err)
		var v any
		require.NoError(t, yaml.Unmarshal(data, &v))
		asJSON, err := json.Marshal(v)
		require.NoError(t, err)
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
		require.NoError(t, err)
		assert.NoError(t, schema.Validate(instance), name)
	}
}

// TestSchemaAndPageKnowEveryKey holds the schema and docs/scenarios.md against
// what Load takes.
func TestSchemaAndPageKnowEveryKey(t *testing.T) {
	schema, err := os.ReadFile(schemaFile)
	require.NoError(t, err)
	page, err := os.ReadFile("../../docs/scenarios.md")
	require.NoError(t, err)
	var unknown []string
	for _, key := range keysOf(reflect.TypeFor[Scenario]()) {
		if !bytes.Contains(schema, []byte(`"`+key+`"`)) {
			unknown = append(unknown, key+" in the schema")
		}
		if !regexp.MustCompile(`\b` + key + `\b`).Match(page) {
			unknown = append(unknown, key+" in docs/scenarios.md")
		}
	}
	assert.Empty(t, unknown)
}

func keysOf(t reflect.Type) []string { return keysIn(t, map[reflect.Type]bool{}) }

func keysIn(t reflect.Type, seen map[reflect.Type]bool) []string {
	switch t.Kind() {
	case reflect.Slice, reflect.Map, reflect.Pointer:
		return keysIn(t.Elem(), seen)
	case reflect.Struct:
		if seen[t] {
			return nil
		}
		seen[t] = true
		var out []string
		for i := range t.NumField() {
			f := t.Field(i)
			if !f.IsExported() {
				continue
			}
			out = append(out, f.Tag.Get("yaml"))
			out = append(out, keysIn(f.Type, seen)...)
		}
		return out
	}
	return nil
}
