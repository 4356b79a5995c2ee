package simulator

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
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
	for _, key := range keysOf(reflect.TypeFor[Scenario]()) {
		assert.Contains(t, string(schema), `"`+key+`"`, "the schema")
		assert.Regexp(t, `\b`+key+`\b`, string(page), "docs/scenarios.md")
	}
}

func keysOf(t reflect.Type) []string {
	switch t.Kind() {
	case reflect.Slice, reflect.Map, reflect.Pointer:
		return keysOf(t.Elem())
	case reflect.Struct:
		var out []string
		for i := range t.NumField() {
			out = append(out, t.Field(i).Tag.Get("yaml"))
			out = append(out, keysOf(t.Field(i).Type)...)
		}
		return out
	}
	return nil
}
