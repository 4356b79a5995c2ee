package evidence

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// poison puts a text into every string of a value.
func poison(v reflect.Value, text string, depth int) {
	switch {
	case depth > 12:
	case v.Kind() == reflect.String:
		v.SetString(text)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		poison(v.Elem(), text, depth+1)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				poison(v.Field(i), text, depth+1)
			}
		}
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		poison(v.Index(0), text, depth+1)
	case v.Kind() == reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		poison(key, text, depth+1)
		poison(value, text, depth+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	}
}

// TestAttackSecretsInEveryFactOfABundle: a token that nobody told the run about is in
// no part of a bundle, wherever the org put it.
func TestAttackSecretsInEveryFactOfABundle(t *testing.T) {
	const token = "Qm3xW8tN5vL2kRz9sYc7dHgF4bJpUe6aToXi1qKzEyM"
	for _, text := range []string{token, "Authorization: Bearer " + token, `{\"access_token\":\"` + token + `\"}`, "https://a.example/x?token=" + token} {
		for _, keep := range []bool{false, true} {
			s := &Snapshot{}
			poison(reflect.ValueOf(s).Elem(), text, 0)
			got, err := Redact(s, keep)
			require.NoError(t, err)
			data, err := json.Marshal(got)
			require.NoError(t, err)
			assert.NotContains(t, string(data), token, text)
		}
	}
}
