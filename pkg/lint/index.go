package lint

import (
	"strings"

	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/results"
)

// index finds things of the evidence by their ids or names: an org may have very many
// of each, and a judgement asks for each of them.
type index struct {
	// divisions are names by ids, permissions what the org knows of one by its name in
	// lower case.
	divisions   map[string]string
	permissions map[string]genesys.PermissionInfo
	details     map[string]evidence.PolicyDetail
	// policies are the decisions that were made, by permission.
	policies map[string]results.Decision
}

// indexes makes the index when it is first needed. Of two entries of one name the first
// counts.
func (in *Input) indexes() *index {
	if in.index != nil {
		return in.index
	}
	in.index = &index{map[string]string{}, map[string]genesys.PermissionInfo{}, map[string]evidence.PolicyDetail{}, map[string]results.Decision{}}
	if in.Divisions.Seen() {
		for _, d := range *in.Divisions.Value {
			first(in.index.divisions, d.ID, d.Name)
		}
	}
	if in.Permissions.Seen() {
		for _, info := range *in.Permissions.Value {
			first(in.index.permissions, strings.ToLower(info.Permission), info)
		}
	}
	for _, d := range in.PolicyDetails {
		first(in.index.details, d.ID, d)
	}
	return in.index
}

func first[V any](m map[string]V, key string, value V) {
	if _, ok := m[key]; !ok {
		m[key] = value
	}
}
