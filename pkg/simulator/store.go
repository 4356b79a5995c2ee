package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// person is a user of the org, as SCIM and the directory show it. A million of them fit
// into memory, so absent parts cost nothing.
type person struct {
	User

	id, title, externalID                         string
	department, employeeNumber, dateHire, manager string
	emails, phones                                []typedValue // without the mirror of userName
	skills, languages                             []rated
	externalIDs                                   []externalID
	version                                       int
	modified                                      int64 // Unix milliseconds
}

// typedValue is an e-mail address or a phone number.
type typedValue struct {
	Value   string `json:"value"`
	Type    string `json:"type,omitempty"`
	Primary bool   `json:"primary,omitempty"`
}

// rated is a routing skill or language with a proficiency.
type rated struct {
	Name        string  `json:"name"`
	Proficiency float64 `json:"proficiency"`
}

type externalID struct {
	Authority string `json:"authority"`
	Value     string `json:"value"`
}

// group is a SCIM group; its members are ids of users, in the order they came.
type group struct {
	id, name, externalID string
	members              []string
	version              int
	modified             int64
}

func (p *person) active() bool  { return p.State == "" || p.State == "active" }
func (p *person) deleted() bool { return p.State == "deleted" }

func (p *person) touch() { p.version, p.modified = p.version+1, time.Now().UnixMilli() }
func (g *group) touch()  { g.version, g.modified = g.version+1, time.Now().UnixMilli() }

// roles are the names of the person's roles, each once.
func (p *person) roles() []string {
	var out []string
	for _, g := range p.Roles {
		if !slices.Contains(out, g.Role) {
			out = append(out, g.Role)
		}
	}
	return out
}

// store has the org's people and groups with their indexes. The server's lock guards it.
type store struct {
	people     []*person
	byID       map[string]*person
	byName     map[string]*person // by userName in lower case, the deleted too
	byExternal map[externalID]*person
	groups     []*group
	groupByID  map[string]*group
	made       int
	shown      int // how many are active
}

func (st *store) seed(s *Scenario) {
	st.byID, st.byName, st.byExternal, st.groupByID = map[string]*person{}, map[string]*person{}, map[externalID]*person{}, map[string]*group{}
	now := time.Now().UnixMilli()
	for _, name := range s.Groups {
		g := &group{id: id("group", name), name: name, version: 1, modified: now}
		st.groups, st.groupByID[g.id] = append(st.groups, g), g
	}
	for _, u := range s.Users {
		p := &person{User: u, id: userID(u.Name), version: 1, modified: now}
		p.Roles, p.Groups, p.Division = slices.Clone(u.Roles), slices.Clone(u.Groups), s.divisionOf(&u).Name
		st.add(p)
		for _, g := range u.Groups {
			member := st.groupNamed(g)
			member.members = append(member.members, p.id)
		}
	}
}

func (st *store) add(p *person) {
	st.people = append(st.people, p)
	st.byID[p.id] = p
	st.index(p)
}

// index and unindex keep what is looked up in step with a person.
func (st *store) index(p *person) {
	st.byName[strings.ToLower(p.Email)] = p
	for _, x := range p.allExternalIDs() {
		if old := st.byExternal[x]; old == nil || old.deleted() || !p.deleted() {
			st.byExternal[x] = p
		}
	}
	if p.active() {
		st.shown++
	}
}

func (st *store) unindex(p *person) {
	if name := strings.ToLower(p.Email); st.byName[name] == p {
		delete(st.byName, name)
	}
	for _, x := range p.allExternalIDs() {
		if st.byExternal[x] == p {
			delete(st.byExternal, x)
		}
	}
	if p.active() {
		st.shown--
	}
}

// named finds who has a userName, the deleted too.
func (st *store) named(userName string) *person { return st.byName[strings.ToLower(userName)] }

// taken refuses an external id that somebody else has: it is unique within the org and its
// authority.
func (st *store) taken(p, before *person) *scimError {
	for _, x := range p.allExternalIDs() {
		if other := st.byExternal[x]; other != nil && other != before && !other.deleted() {
			return &scimError{http.StatusConflict, "uniqueness", "the external id is in use"}
		}
	}
	return nil
}

// live finds a person by id who is not deleted.
func (st *store) live(id string) *person {
	if p := st.byID[id]; p != nil && !p.deleted() {
		return p
	}
	return nil
}

func (st *store) groupNamed(name string) *group {
	i := slices.IndexFunc(st.groups, func(g *group) bool { return strings.EqualFold(g.name, name) })
	if i < 0 {
		return nil
	}
	return st.groups[i]
}

// nextID makes the id of a new person.
func (st *store) nextID() string {
	st.made++
	return id("made", fmt.Sprint(st.made))
}

// remove marks a person deleted: the name can be taken up again, and then comes back
// without its roles.
func (st *store) remove(p *person) {
	for _, name := range p.Groups {
		if g := st.groupNamed(name); g != nil {
			g.members = slices.DeleteFunc(g.members, func(id string) bool { return id == p.id })
			g.touch()
		}
	}
	st.unindex(p)
	p.State, p.Roles, p.Groups = "deleted", nil, nil
	p.touch()
	st.index(p)
}

// join sets the members of a group.
func (st *store) join(g *group, members []string) {
	for _, id := range g.members {
		if p := st.byID[id]; p != nil {
			p.Groups = slices.DeleteFunc(p.Groups, func(n string) bool { return n == g.name })
		}
	}
	for _, id := range members {
		if p := st.byID[id]; p != nil {
			p.Groups = append(p.Groups, g.name)
		}
	}
	g.members = members
	g.touch()
}
