package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/results"
)

// saidRefusal is what the platform says, to be put into every shape.
type saidRefusal struct {
	Name, Method, Path, Code, Message, Cause string
	Status, Exit                             int
	Permissions, Fix                         []string
}

func readYAML(t *testing.T, file string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata/explain", file))
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(data, into))
}

// in puts the refusal into a shape.
func (r saidRefusal) in(t *testing.T, shape string) string {
	t.Helper()
	const id = "11111111-2222-4333-8444-555555555555"
	body, err := json.Marshal(map[string]any{"message": r.Message, "code": r.Code, "status": r.Status, "contextId": id, "details": []any{}, "errors": []any{}})
	require.NoError(t, err)
	escaped, err := json.Marshal(string(body))
	require.NoError(t, err)
	return strings.NewReplacer("{{method}}", r.Method, "{{path}}", r.Path, "{{url}}", "https://api.mypurecloud.ie"+r.Path, "{{status}}", strconv.Itoa(r.Status), "{{code}}", r.Code,
		"{{message}}", r.Message, "{{id}}", id, "{{body}}", string(body), "{{escaped}}", strings.Trim(string(escaped), `"`)).Replace(shape)
}

// TestEveryRefusalInEveryShape explains each refusal of refusals.yaml in each
// form of shapes/.
func TestEveryRefusalInEveryShape(t *testing.T) {
	var said []saidRefusal
	readYAML(t, "refusals.yaml", &said)
	files, err := filepath.Glob("testdata/explain/shapes/*.txt")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(said)*len(files), 200)
	for _, file := range files {
		shape, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, r := range said {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txt")+"/"+r.Name, func(t *testing.T) {
				t.Parallel()
				text := string(shape)
				e := explained(t, r.in(t, text), r.Exit)
				require.Len(t, e.Refusals, 1, "%+v", e.Refusals)
				got := e.Refusals[0]
				// A body shows no call, so it cannot show that the call was of a conversation.
				shows := strings.Contains(text, "{{path}}") || strings.Contains(text, "{{url}}")
				if shows || r.Cause != "" && r.Name != "queue-any" && r.Name != "scim-create" {
					assert.Equal(t, r.Cause, firstCause(got))
				}
				assert.Equal(t, r.Status, got.Status)
				if shows {
					o, _ := catalog.All().Match(r.Method, r.Path)
					require.NotNil(t, got.Operation, "%s %s", got.Method, got.URL)
					assert.Equal(t, o.ID, got.Operation.ID)
				}
				assert.Equal(t, r.Permissions, got.Named.Permissions)
				if shows && len(r.Fix) > 0 {
					assert.Equal(t, r.Fix, got.Causes[0].Fix.Permissions)
				}
			})
		}
	}
}

func firstCause(r results.Refusal) string {
	if len(r.Causes) == 0 {
		return ""
	}
	return r.Causes[0].ID
}

// explained explains a text, with the exit code that must come out. A body of
// not.authorized without its call is explained by nobody.
func explained(t *testing.T, input string, exit int) results.Explanation {
	t.Helper()
	got := explainText(t, input, "-o", "json")
	var e results.Explanation
	require.NoError(t, json.Unmarshal([]byte(got.out), &e), got.err)
	if !strings.Contains(input, "not.authorized") || strings.Contains(input, "/api/") {
		assert.Equal(t, exit, got.code, got.out)
	}
	return e
}

func TestRunsWithSeveralRefusals(t *testing.T) {
	var list []struct {
		Name, Input                  string
		Exit, Unjoined               int
		Expect, Permissions, Notices []string
	}
	readYAML(t, "runs.yaml", &list)
	for _, tc := range list {
		t.Run(tc.Name, func(t *testing.T) {
			e := explained(t, tc.Input, tc.Exit)
			got := []string{}
			for _, r := range e.Refusals {
				first := firstCause(r)
				if tc.Name == "a-status-belongs-to-the-call-beside-it" {
					first = "" // what the status means is not what this is about
				}
				got = append(got, fmt.Sprintf("%d %s %s %s", r.Status, dash(r.Method), dash(catalog.PathOf(r.URL)), dash(first)))
			}
			assert.Equal(t, tc.Expect, got)
			assert.Equal(t, tc.Unjoined, e.Unjoined)
			if tc.Permissions != nil {
				assert.Equal(t, tc.Permissions, e.Refusals[0].Named.Permissions)
			}
			var notices []string
			for _, n := range e.Notices {
				notices = append(notices, n.ID)
			}
			assert.Subset(t, notices, tc.Notices)
		})
	}
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// TestPasted explains what people pasted: everything that is said of it is compared.
func TestPasted(t *testing.T) {
	var list []struct {
		Name, Input            string
		Exit, Unjoined         int
		Expect, Leaks, Notices []string
	}
	readYAML(t, "pasted.yaml", &list)
	require.Greater(t, len(list), 130)
	for _, tc := range list {
		t.Run(tc.Name, func(t *testing.T) {
			t.Parallel()
			input := strings.ReplaceAll(tc.Input, "{{token}}", canaryToken)
			got := explainText(t, input, "-o", "json")
			require.Equal(t, tc.Exit, got.code, got.out+got.err)
			text := explainText(t, input)
			for _, shown := range []string{got.out, got.err, text.out, text.err} {
				assert.NotContains(t, shown, canaryToken)
			}
			if tc.Exit == 2 {
				return
			}
			var e results.Explanation
			require.NoError(t, json.Unmarshal([]byte(got.out), &e))
			var refusals, leaks, notices []string
			for _, r := range e.Refusals {
				refusals = append(refusals, refusalLine(r))
			}
			for _, l := range e.Leaks {
				leaks = append(leaks, l.Kind)
			}
			for _, n := range e.Notices {
				notices = append(notices, n.ID)
			}
			assert.Equal(t, strings.Join(tc.Expect, "\n"), strings.Join(refusals, "\n"))
			assert.Equal(t, tc.Leaks, leaks)
			assert.Equal(t, tc.Notices, notices)
			assert.Equal(t, tc.Unjoined, e.Unjoined)
		})
	}
}

// refusalLine is a refusal as pasted.yaml has it.
func refusalLine(r results.Refusal) string {
	method, path := r.Method, catalog.PathOf(r.URL)
	if r.Operation != nil {
		method, path = r.Operation.Method, r.Operation.Path
	}
	first, certainty := "", ""
	if len(r.Causes) > 0 {
		first, certainty = r.Causes[0].ID, string(r.Causes[0].Certainty)
	}
	return fmt.Sprintf("%d %s %s %s %s %s", r.Status, dash(method), dash(path), dash(first), dash(certainty), dash(strings.Join(r.Named.Permissions, ",")))
}
