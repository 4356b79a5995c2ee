package readiness

import (
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/results"
)

// Widen lets what the bodies of a payload need be judged, too: the permissions behind
// their attributes, and the divisions into which their users come.
func Widen(judge *lint.Options, p *results.Payload) error {
	if !slices.Contains(judge.Needs, catalog.NeedUpdate) {
		// A password requires a permission of its own only in an update.
		p.Needs = slices.DeleteFunc(p.Needs, func(n string) bool { return n == string(catalog.NeedPassword) })
	}
	names := p.Needs
	for _, n := range judge.Needs {
		names = append(names, string(n))
	}
	needs, err := catalog.ParseNeeds(names)
	if err != nil {
		return err
	}
	judge.Needs, judge.Divisions = needs, divisions(judge.Divisions, p)
	return nil
}

// divisions are those that were asked for and those that bodies name, each once. Where
// none was asked for, the home division counts for the bodies that name none.
func divisions(asked []string, p *results.Payload) []string {
	if len(p.Divisions) == 0 {
		return asked
	}
	out := slices.Clone(asked)
	if len(out) == 0 && p.InHome {
		out = append(out, "")
	}
	for _, d := range p.Divisions {
		if !slices.ContainsFunc(out, func(have string) bool { return strings.EqualFold(have, d) }) {
			out = append(out, d)
		}
	}
	return out
}
