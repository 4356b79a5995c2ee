package lint

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/scimlint/scimlint/pkg/authz"
	"github.com/scimlint/scimlint/pkg/genesys"
)

// resolveDivisions finds the divisions in which the permissions must be granted: those
// that were asked for, else the home division. A division that the org lists without
// an id stays unresolved.
func (in *Input) resolveDivisions() {
	if len(in.Opts.Divisions) == 0 {
		in.Where = []authz.Target{in.homeDivision()}
		return
	}
	for _, wanted := range in.Opts.Divisions {
		switch d, ok := in.findDivision(wanted); {
		case wanted == "":
			in.Where = append(in.Where, in.homeDivision())
		case wanted == authz.Any:
			in.Where = append(in.Where, in.everyDivision()...)
		case ok:
			in.Where = append(in.Where, target(d))
		case in.Divisions.Seen():
			in.NoSuchDivision = append(in.NoSuchDivision, wanted)
		default:
			in.Where = append(in.Where, authz.In(authz.Named{Name: wanted}))
		}
	}
}

func target(d genesys.Division) authz.Target { return authz.In(authz.Named{ID: d.ID, Name: d.Name}) }

// maxDivisions bounds how many divisions are judged one by one; of more than these,
// only what is granted in all divisions counts.
const maxDivisions = 1000

func (in *Input) everyDivision() []authz.Target {
	if !in.Divisions.Seen() || len(*in.Divisions.Value) == 0 || len(*in.Divisions.Value) > maxDivisions {
		return []authz.Target{authz.In(authz.Named{Name: "all divisions"})}
	}
	var out []authz.Target
	for _, d := range *in.Divisions.Value {
		out = append(out, target(d))
	}
	return out
}

func (in *Input) homeDivision() authz.Target {
	if in.Divisions.Seen() {
		for _, d := range *in.Divisions.Value {
			if d.HomeDivision {
				return target(d)
			}
		}
	}
	return authz.In(authz.Named{Name: "the home division"})
}

func (in *Input) findDivision(wanted string) (genesys.Division, bool) {
	if !in.Divisions.Seen() {
		return genesys.Division{}, false
	}
	var like []genesys.Division
	for _, d := range *in.Divisions.Value {
		if d.ID != "" && strings.EqualFold(d.ID, wanted) || d.Name == wanted {
			return d, true
		}
		if strings.EqualFold(d.Name, wanted) {
			like = append(like, d)
		}
	}
	if len(like) == 1 { // of two that differ in capitals, none is guessed
		return like[0], true
	}
	return genesys.Division{}, false
}

// NearestDivisions are the org's divisions, those first whose names are nearest to
// the one that does not exist.
func (in *Input) NearestDivisions(wanted string) []string {
	var names []string
	if in.Divisions.Seen() {
		for _, d := range *in.Divisions.Value {
			names = append(names, d.Name)
		}
	}
	distance := func(name string) int {
		return levenshtein.ComputeDistance(strings.ToLower(name), strings.ToLower(wanted))
	}
	slices.SortStableFunc(names, func(a, b string) int { return distance(a) - distance(b) })
	return names
}
