package apply

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/genesys"
)

// permissions flattens a role's policies, whose order and grouping mean nothing; a
// condition or a limit to named resources is a part of a permission.
func permissions(policies any) []string {
	out := []string{}
	list, _ := policies.([]any)
	for _, v := range list {
		p, _ := v.(map[string]any)
		limit := ""
		for _, k := range []string{"resourceConditionNode", "namedResources"} {
			if text := canonical(p[k]); text != "null" && text != "[]" && text != "{}" {
				limit += " if " + text
			}
		}
		for _, a := range texts(p["actionSet"]) {
			out = append(out, fmt.Sprintf("%v:%v:%s%s", p["domain"], p["entityName"], a, limit))
		}
	}
	return sorted(out)
}

// texts are the texts of a list.
func texts(v any) []string {
	out := []string{}
	list, _ := v.([]any)
	for _, x := range list {
		if s, ok := x.(string); ok {
			out = append(out, s)
		}
	}
	return sorted(out)
}

func sorted(list []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(list)))
}

func sameSet(a, b []string) bool { return slices.Equal(sorted(a), sorted(b)) }

// canonical writes a value so that equal values are equal texts; the order of a list means
// nothing in the objects that a plan changes.
func canonical(v any) string {
	switch v := v.(type) {
	case []any:
		var parts []string
		for _, x := range v {
			parts = append(parts, canonical(x))
		}
		return "[" + strings.Join(sorted(parts), ",") + "]"
	case map[string]any:
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if text := canonical(v[k]); text != "null" {
				parts = append(parts, fmt.Sprintf("%q:%s", k, text))
			}
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	data, _ := json.Marshal(v) // a scalar can be written
	return string(data)
}

// differences names the first field of a body that was sent and is not so when read back.
func differences(sent any, now map[string]any) string {
	body, _ := sent.(map[string]any)
	for _, k := range slices.Sorted(maps.Keys(body)) {
		want, got := canonical(body[k]), canonical(now[k])
		if k == "permissionPolicies" {
			want, got = listed(permissions(body[k])), listed(permissions(now[k]))
		}
		if want != got && !empty(body[k], now[k]) {
			return fmt.Sprintf("%s is %s and not %s", k, got, want)
		}
	}
	return ""
}

// empty says whether two values are different ways of saying nothing.
func empty(values ...any) bool {
	for _, v := range values {
		if text := canonical(v); text != "null" && text != "[]" && text != `""` && text != "{}" {
			return false
		}
	}
	return true
}

// hasSecret says whether anything in a value was redacted.
func hasSecret(v any) bool {
	switch v := v.(type) {
	case string:
		return genesys.Redacted(v)
	case []any:
		return slices.ContainsFunc(v, hasSecret)
	case map[string]any:
		for k, x := range v {
			if genesys.Redacted(k) || hasSecret(x) {
				return true
			}
		}
	}
	return false
}
