package catalog

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// definition is the part of a published Swagger 2.0 definition that the
// catalogue is made from. No sentence of it is kept.
type definition struct {
	Swagger string `json:"swagger"`
	Info    struct {
		Version string `json:"version"`
	} `json:"info"`
}

type definedOperation struct {
	OperationID string `json:"operationId"`
	Requires    *struct {
		Type        GateType `json:"type"`
		Permissions []string `json:"permissions"`
	} `json:"x-inin-requires-permissions"`
	Security  []map[string][]string `json:"security"`
	Responses map[string]struct {
		Codes map[string]string `json:"x-inin-error-codes"`
	} `json:"responses"`
}

var methods = []string{"get", "put", "post", "delete", "options", "head", "patch"}

// Import reads a published Swagger 2.0 definition as a stream and returns its catalogue,
// sorted by path and method, so that the same definition always gives the same
// bytes. generated is the month of the definition, which it does not say.
func Import(r io.Reader, generated string) (*Catalog, error) {
	c := &Catalog{Source: "Genesys Cloud Platform API definition", Generated: generated}
	gated := false
	var unknown error
	d, err := stream(r, func(path string, ops map[string]definedOperation) {
		for method, op := range ops {
			gated = gated || op.Requires != nil
			if op.Requires != nil && len(op.Requires.Permissions) > 0 && op.Requires.Type != GateAny && op.Requires.Type != GateAll {
				unknown = fmt.Errorf("definition has an access check of the unknown type %q at %s %s: this scimlint cannot judge it", op.Requires.Type, strings.ToUpper(method), path)
			}
			c.Operations = append(c.Operations, op.operation(method, path))
		}
	})
	if err != nil {
		return nil, fmt.Errorf("definition cannot be read: %w", err)
	}
	if d.Swagger != "2.0" {
		return nil, fmt.Errorf("definition is not Swagger 2.0 (its \"swagger\" is %q)", d.Swagger)
	}
	if unknown != nil {
		return nil, unknown
	}
	c.Version = d.Info.Version
	if !gated {
		return nil, fmt.Errorf("definition names no permissions: no operation has x-inin-requires-permissions")
	}
	slices.SortFunc(c.Operations, func(a, b Operation) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
	})
	c.index()
	return c, nil
}

func (op definedOperation) operation(method, path string) Operation {
	o := Operation{ID: op.OperationID, Method: strings.ToUpper(method), Path: path, Gate: Gate{Type: GateNone}}
	if op.Requires != nil && len(op.Requires.Permissions) > 0 {
		o.Gate = Gate{Type: op.Requires.Type, Permissions: op.Requires.Permissions}
	}
	for _, alternative := range op.Security {
		for _, scopes := range alternative {
			o.Scopes = append(o.Scopes, scopes...)
		}
	}
	slices.Sort(o.Scopes)
	o.Scopes = slices.Compact(o.Scopes)
	for _, status := range []string{"401", "403"} {
		o.Refusals = append(o.Refusals, slices.Sorted(maps.Keys(op.Responses[status].Codes))...)
	}
	return o
}

// Encode writes the catalogue in the embedded file's format, deterministically.
func (c *Catalog) Encode(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(c)
}
