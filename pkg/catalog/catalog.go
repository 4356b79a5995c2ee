// Package catalog says what each platform operation requires: its access check of
// permissions, its OAuth scopes, the refusals it publishes, and which feature
// of a SCIM migration requires which permission.
//
// The operations come from the published API definition (GET
// /api/v2/docs/swagger). Those that provisioning calls are embedded with their
// refusal codes as catalog.json (Default), all others without as a compressed
// table (All). What each part of the work behind a SCIM endpoint requires is
// curated in needs.go, because no definition says it. A finding that rests on this package has the basis "published".
package catalog

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
)

//go:embed catalog.json
var embedded []byte

// GateType says how an endpoint combines the permissions of its access check.
type GateType string

const (
	// GateNone lets every live token pass.
	GateNone GateType = "NONE"
	// GateAny lets a token pass that has one permission of the list.
	GateAny GateType = "ANY"
	// GateAll lets a token pass that has every permission of the list.
	GateAll GateType = "ALL"
)

// Gate is what an endpoint asks before it looks at the request. It is not what
// the work requires: behind an ANY access check the work may still be refused.
type Gate struct {
	Type        GateType `json:"type"`
	Permissions []string `json:"permissions,omitempty"`
}

// Operation is one method of one path of the platform's API.
type Operation struct {
	// ID is the definition's operationId, such as "postScimV2Users".
	ID string `json:"id"`
	// Method is the HTTP method in capitals.
	Method string `json:"method"`
	// Path is the path template, such as "/api/v2/scim/v2/users/{userId}".
	Path string `json:"path"`
	Gate Gate   `json:"gate"`
	// Scopes are alternatives: one of them is enough.
	Scopes []string `json:"scopes,omitempty"`
	// Refusals are the published error codes of the statuses 401 and 403.
	Refusals []string `json:"refusals,omitempty"`
}

// Catalog is the list of operations of one version of the definition.
type Catalog struct {
	// Source names the definition and Generated its month, as in "2026-07".
	Source     string      `json:"source"`
	Generated  string      `json:"generated"`
	Version    string      `json:"version"`
	Operations []Operation `json:"operations"`

	byCall, byID map[string]int
	tree         *node
}

// Default is the embedded catalogue. It panics only when the embedded file is
// broken, which a test would have found.
var Default = sync.OnceValue(func() *Catalog {
	c, err := Parse(embedded)
	if err != nil {
		panic(fmt.Sprintf("embedded catalogue: %v", err))
	}
	return c
})

// Parse reads a catalogue in the embedded file's format.
func Parse(data []byte) (*Catalog, error) {
	var c Catalog
	if err := json.Unmarshal(data, &c); err != nil {
		return nil, fmt.Errorf("catalogue is not valid JSON: %w", err)
	}
	if len(c.Operations) == 0 {
		return nil, fmt.Errorf("catalogue lists no operations")
	}
	c.index()
	return &c, nil
}

func (c *Catalog) index() {
	c.byCall, c.byID = make(map[string]int, len(c.Operations)), make(map[string]int, len(c.Operations))
	c.tree = &node{}
	for i, o := range c.Operations {
		c.byCall[o.Method+" "+o.Path] = i
		c.byID[plainID(o.ID)] = i
		c.tree.add(segmentsOf(o.Path), o.Method, i)
	}
}

// Lookup returns the operation of an exact method and path template.
func (c *Catalog) Lookup(method, template string) (Operation, bool) {
	i, ok := c.byCall[method+" "+template]
	if !ok {
		return Operation{}, false
	}
	return c.Operations[i], true
}

// Scopes returns every scope that the catalogue's operations name, sorted. It
// is a part of the platform's list, so a name that is missing here may still
// exist: only the platform's own list can say that it does not.
func (c *Catalog) Scopes() []string {
	var all []string
	for _, o := range c.Operations {
		all = append(all, o.Scopes...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Permissions returns every permission that a access check of the catalogue names,
// sorted.
func (c *Catalog) Permissions() []string {
	var all []string
	for _, o := range c.Operations {
		all = append(all, o.Gate.Permissions...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Label names the catalogue that judged: its source, version and month.
func (c *Catalog) Label() string { return c.Source + " " + c.Version + ", " + c.Generated }
