package report_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/internal/fix/export"
	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/secret"
)

const runSecret = "hT5wZ9-qLr3_Xn8vBk2sYm7cJd4gPf6aUe1oRi0tKxE"

// ofType are values of the types that no text from outside can be.
var ofType = map[string]string{"Verdict": "not-ready", "Status": "fail", "Basis": "observed", "Certainty": "confirmed", "Decision": "denied", "State": "no-go", "CallKind": "grant"}

// fill puts a text into every string of a value, with one member in each list and map.
func fill(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
		if word, ok := ofType[v.Type().Name()]; ok {
			v.SetString(word)
		}
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), text)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), text)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, text)
		fill(value, text)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Interface:
		if v.NumMethod() == 0 {
			v.Set(reflect.ValueOf(map[string]any{text: []any{text}}))
		}
	}
}

// inEvery writes a result whose every string is the text, in every format.
func inEvery[T any](t *testing.T, text string, formats []string, write func(io.Writer, string, T, report.Options) error) map[string]string {
	t.Helper()
	var r secret.Redactor
	r.Add(secret.New(runSecret))
	out := map[string]string{}
	for _, format := range formats {
		var v T
		fill(reflect.ValueOf(&v).Elem(), text)
		var b bytes.Buffer
		// A script cannot be written of a plan that is not one; its error shows no more.
		if err := write(&b, format, v, report.Options{Verbose: true, Width: 60, Secrets: &r}); err != nil {
			require.Contains(t, []string{"gc", "curl", "terraform"}, format, err)
			b.WriteString(err.Error())
		}
		out[fmt.Sprintf("%T as %s", v, format)] = b.String()
	}
	return out
}

// TestAttackSecretsInEveryStringOfEveryReport: whatever part of a result has a secret, in
// whatever encoding, no format shows it, as it is or once it is decoded.
func TestAttackSecretsInEveryStringOfEveryReport(t *testing.T) {
	quoted := ""
	for _, c := range runSecret {
		quoted += fmt.Sprintf(`\u%04x`, c)
	}
	for name, form := range map[string]string{
		"plain": runSecret, "capitals": strings.ToUpper(runSecret), "JSON": quoted, "query": url.QueryEscape(runSecret + "&"), "cut": runSecret[:20], "split": runSecret[:20] + "\n " + runSecret[20:],
		"base64": base64.StdEncoding.EncodeToString([]byte("id:" + runSecret)), "URL": "https://me:" + runSecret + "@host.example/" + runSecret + "?x=" + runSecret,
		"unknown": "Authorization: Bearer Qm3xW8tN5vL2kRz9sYc7dHgF4bJpUe6aToXi1qKzEyM", "unknown flag": "archy --clientSecret hunter2hunter",
	} {
		all := inEvery(t, form, report.Formats(), report.Write)
		for _, more := range []map[string]string{inEvery(t, form, export.Formats(), export.Write), inEvery(t, form, report.PlainFormats(), report.WriteExplanation), inEvery(t, form, report.PlainFormats(), report.WriteDifference), inEvery(t, form, report.PlainFormats(), report.WriteAnswer)} {
			for k, v := range more {
				all[k] = v
			}
		}
		for where, text := range all {
			if strings.HasSuffix(where, " json") || strings.HasSuffix(where, " sarif") {
				assert.True(t, json.Valid([]byte(text)), where)
			}
			flat := strings.ToLower(strings.Join(strings.Fields(text), ""))
			decoded, _ := url.PathUnescape(html.UnescapeString(flat))
			for _, hidden := range []string{runSecret[:16], runSecret[len(runSecret)-16:], "Qm3xW8tN5vL2", "hunter2hunter", form} {
				for _, shown := range []string{flat, decoded, strings.ReplaceAll(flat, `\\`, `\`)} {
					require.NotContains(t, shown, strings.ToLower(strings.Join(strings.Fields(hidden), "")), "%s: %s", name, where)
				}
			}
		}
	}
}
