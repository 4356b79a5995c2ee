package transcript

import (
	"maps"
	"slices"
	"strings"
)

// shaped returns a JSON value with its lists of names and values as objects, and its tables as
// lists of objects: spans of OpenTelemetry, results of CloudWatch and of Azure's queries, and
// lists of headers say of a call what other logs say with the names of fields.
func shaped(v any, depth int) any {
	if depth > maxShape {
		return v
	}
	switch v := v.(type) {
	case []any:
		if o := namedValues(v); o != nil {
			return shaped(o, depth+1)
		}
		for i := range v {
			v[i] = shaped(v[i], depth+1)
		}
	case map[string]any:
		if rows := rowsIn(v); rows != nil {
			return shaped(rows, depth+1)
		}
		if value, ok := typed(v); ok {
			return shaped(value, depth+1)
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			v[key] = shaped(v[key], depth+1)
		}
	}
	return v
}

// maxShape bounds how deep shapes are looked for.
const maxShape = 24

// namedValues is a list of names and values as one object, or nil.
func namedValues(list []any) map[string]any {
	if len(list) == 0 {
		return nil
	}
	out := make(map[string]any, len(list))
	for _, item := range list {
		o, ok := item.(map[string]any)
		if !ok {
			return nil
		}
		value, ok := o["value"]
		name := firstOf(textOf(o["key"]), firstOf(textOf(o["name"]), textOf(o["field"])))
		if !ok || name == "" || len(o) > 4 {
			return nil
		}
		if _, again := out[name]; !again {
			out[name] = value
		}
	}
	return out
}

func textOf(v any) string {
	s, _ := v.(string)
	return s
}

// rowsIn are the rows of a table, each an object by the names of its columns, or nil.
func rowsIn(v map[string]any) []any {
	columns, _ := v["columns"].([]any)
	rows, _ := v["rows"].([]any)
	if len(columns) == 0 || len(rows) == 0 {
		return nil
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = textOf(c)
		if o, ok := c.(map[string]any); ok {
			names[i] = firstOf(textOf(o["name"]), textOf(o["text"]))
		}
		if names[i] == "" {
			return nil
		}
	}
	out := make([]any, len(rows))
	for i, r := range rows {
		cells, ok := r.([]any)
		if !ok || len(cells) != len(names) {
			return nil
		}
		o := make(map[string]any, len(cells))
		for n, cell := range cells {
			o[names[n]] = cell
		}
		out[i] = o
	}
	return out
}

// typed is the value of an object that only says of which type it is: {"stringValue": "POST"}.
func typed(v map[string]any) (any, bool) {
	if len(v) != 1 {
		return nil, false
	}
	for key, value := range v {
		switch strings.ToLower(key) {
		case "stringvalue", "intvalue", "doublevalue", "boolvalue":
			return value, true
		}
	}
	return nil, false
}
