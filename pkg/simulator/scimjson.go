package simulator

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// scimUser is a user in SCIM's form; it is written and, after validation, read.
type scimUser struct {
	Schemas     []string     `json:"schemas"`
	ID          string       `json:"id"`
	UserName    string       `json:"userName"`
	DisplayName string       `json:"displayName"`
	Title       string       `json:"title,omitempty"`
	Active      *bool        `json:"active"`
	ExternalID  string       `json:"externalId,omitempty"`
	Password    string       `json:"password,omitempty"`
	Emails      []typedValue `json:"emails,omitempty"`
	Phones      []typedValue `json:"phoneNumbers,omitempty"`
	Groups      []reference  `json:"groups,omitempty"`
	Roles       []roleValue  `json:"roles,omitempty"`
	Enterprise  *enterprise  `json:"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User,omitempty"`
	Genesys     *extras      `json:"urn:ietf:params:scim:schemas:extension:genesys:purecloud:2.0:User,omitempty"`
	Meta        *metadata    `json:"meta,omitempty"`
}

type enterprise struct {
	Department     string     `json:"department,omitempty"`
	Division       string     `json:"division,omitempty"`
	EmployeeNumber string     `json:"employeeNumber,omitempty"`
	DateHire       string     `json:"dateHire,omitempty"`
	Manager        *reference `json:"manager,omitempty"`
}

type extras struct {
	Skills      []rated      `json:"routingSkills,omitempty"`
	Languages   []rated      `json:"routingLanguages,omitempty"`
	ExternalIDs []externalID `json:"externalIds,omitempty"`
}

type reference struct {
	Value string `json:"value"`
	Type  string `json:"type,omitempty"`
	Ref   string `json:"$ref,omitempty"`
}

type roleValue struct {
	Value string `json:"value"`
}

type metadata struct {
	ResourceType string `json:"resourceType"`
	Version      string `json:"version"`
	LastModified string `json:"lastModified"`
	Location     string `json:"location"`
}

// scimGroup is a group in SCIM's form.
type scimGroup struct {
	Schemas     []string    `json:"schemas"`
	ID          string      `json:"id"`
	DisplayName string      `json:"displayName"`
	ExternalID  string      `json:"externalId,omitempty"`
	Members     []reference `json:"members"`
	Meta        metadata    `json:"meta"`
}

// scimAuthority is the authority of the external id that SCIM keeps by itself.
const scimAuthority = "x-pc:scimv2:v1"

// allExternalIDs are the person's, and the one that SCIM keeps.
func (p *person) allExternalIDs() []externalID {
	if p.externalID == "" {
		return p.externalIDs
	}
	return append(slices.Clone(p.externalIDs), externalID{scimAuthority, p.externalID})
}

func (s *Server) scimUser(p *person, base string) *scimUser {
	active := p.active()
	u := &scimUser{Schemas: []string{userSchema, enterpriseSchema, genesysSchema}, ID: p.id, UserName: p.Email, DisplayName: p.Name, Title: p.title, Active: &active, ExternalID: p.externalID,
		Emails: append(slices.Clone(p.emails), typedValue{Value: p.Email, Type: "other"}), Phones: p.phones,
		Enterprise: &enterprise{Department: p.department, Division: p.Division, EmployeeNumber: p.employeeNumber, DateHire: p.dateHire},
		Meta:       s.meta("User", base+"/users/"+p.id, p.version, p.modified)}
	if p.manager != "" {
		u.Enterprise.Manager = &reference{Value: p.manager, Ref: s.URL + base + "/users/" + p.manager}
	}
	for _, r := range p.roles() {
		u.Roles = append(u.Roles, roleValue{r})
	}
	for _, g := range p.Groups {
		gid := id("group", g)
		u.Groups = append(u.Groups, reference{gid, "Group", s.URL + base + "/groups/" + gid})
	}
	u.Genesys = &extras{Skills: p.skills, Languages: p.languages, ExternalIDs: p.allExternalIDs()}
	return u
}

func (s *Server) scimGroup(g *group, base string) *scimGroup {
	out := &scimGroup{Schemas: []string{groupSchema}, ID: g.id, DisplayName: g.name, ExternalID: g.externalID, Members: []reference{},
		Meta: *s.meta("Group", base+"/groups/"+g.id, g.version, g.modified)}
	for _, m := range g.members {
		out.Members = append(out.Members, reference{m, "User", s.URL + base + "/users/" + m})
	}
	return out
}

func (s *Server) meta(kind, path string, version int, modified int64) *metadata {
	return &metadata{kind, strconv.Itoa(version), stamp(time.UnixMilli(modified)), s.URL + path}
}

// asResource turns what was made here into plain JSON.
func asResource(v any) resource {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // a value of the simulator's own
	}
	var out resource
	if err := json.Unmarshal(data, &out); err != nil {
		panic(err)
	}
	return out
}

var (
	phoneForm     = regexp.MustCompile(`^(?i)(tel:)?\+?[0-9() .\-]*[0-9][0-9() .\-]*(\s*;\s*[a-z\-]+=[^;\s]+)*$|^(?i)(tel:)?;?\s*ext=[0-9]+$`)
	withExtension = regexp.MustCompile(`(?i)(;|:)\s*ext\s*=`)
	phoneTypes    = []string{"work", "work2", "work3", "work4", "home", "mobile", "other", "microsoftteams", "zoomphone", "eightbyeight", "ringcentral"}
)

// maxRated is how many skills and languages a user may have, and maxRating the best.
const (
	maxRated  = 50
	maxRating = 5
)

// personOf reads a validated resource into a person. before is who it was, or nil; other
// is which e-mail the mirror of userName may have.
func (s *Server) personOf(r resource, before *person) (*person, string, *scimError) {
	data, err := json.Marshal(r)
	if err != nil {
		panic(err) // plain JSON
	}
	var u scimUser
	if err := json.Unmarshal(data, &u); err != nil {
		return nil, "", invalid("invalidValue", "an attribute has the wrong type")
	}
	p := &person{id: u.ID, title: u.Title, externalID: u.ExternalID, phones: u.Phones}
	p.Name, p.Email, p.Division = u.DisplayName, u.UserName, s.Scenario.home().Name
	if u.Active != nil && !*u.Active {
		p.State = "inactive"
	}
	if err := p.addEmails(u, before); err != nil {
		return nil, "", err
	}
	p.addExtensions(u)
	s.grantRoles(p, before, u.Roles)
	return p, u.Password, p.wrong()
}

// addEmails adds the e-mail addresses other than the mirror of userName.
func (p *person) addEmails(u scimUser, before *person) *scimError {
	for _, e := range u.Emails {
		if e.Type == "other" {
			if before != nil && e.Value != before.Email && !strings.EqualFold(e.Value, u.UserName) {
				return &scimError{400, "mutability", `the e-mail of the type "other" is the userName: it is immutable`}
			}
			continue
		}
		if e.Type == "" {
			e.Type = "work"
		}
		p.emails = append(p.emails, e)
	}
	return nil
}

// addExtensions adds what the two extensions say.
func (p *person) addExtensions(u scimUser) {
	if e := u.Enterprise; e != nil {
		p.department, p.employeeNumber, p.dateHire = e.Department, e.EmployeeNumber, e.DateHire
		if e.Division != "" {
			p.Division = e.Division
		}
		if e.Manager != nil {
			p.manager = e.Manager.Value
		}
	}
	if g := u.Genesys; g != nil {
		p.skills, p.languages = g.Skills, g.Languages
		for _, x := range g.ExternalIDs {
			if x.Authority != scimAuthority {
				p.externalIDs = append(p.externalIDs, x)
			}
		}
	}
}

// grantRoles keeps the grants of roles that are still named, and grants the others in the
// person's division.
func (s *Server) grantRoles(p, before *person, named []roleValue) {
	for _, r := range named {
		name := r.Value
		if role := s.Scenario.role(name); role != nil {
			name = role.Name
		}
		if slices.Contains(p.roles(), name) {
			continue
		}
		kept := false
		if before != nil {
			for _, g := range before.Roles {
				if g.Role == name {
					p.Roles, kept = append(p.Roles, g), true
				}
			}
		}
		if !kept {
			p.Roles = append(p.Roles, Grant{Role: name, Division: p.Division})
		}
	}
}

// wrong finds values that the published types do not have.
func (p *person) wrong() *scimError {
	if !strings.Contains(p.Email, "@") || strings.ContainsAny(p.Email, " \t\r\n") {
		return invalid("invalidValue", "userName must be an e-mail address")
	}
	if strings.TrimSpace(p.Name) == "" {
		return invalid("invalidValue", "displayName must not be empty")
	}
	if err := p.wrongChannel(); err != nil {
		return err
	}
	for _, list := range [][]rated{p.skills, p.languages} {
		if len(list) > maxRated {
			return invalid("invalidValue", "at most %d skills and languages", maxRated)
		}
		if slices.ContainsFunc(list, func(r rated) bool { return r.Proficiency < 0 || r.Proficiency > maxRating }) {
			return invalid("invalidValue", "a proficiency must be from 0.0 to 5.0")
		}
	}
	if _, err := time.Parse(time.DateOnly, p.dateHire); p.dateHire != "" && err != nil {
		return invalid("invalidValue", "dateHire must be written YYYY-MM-DD")
	}
	return nil
}

// wrongChannel finds e-mail addresses and telephone numbers that the published types do
// not have.
func (p *person) wrongChannel() *scimError {
	if slices.ContainsFunc(p.emails, func(e typedValue) bool { return e.Type != "work" }) {
		return invalid("invalidValue", "the type of an e-mail must be work or other")
	}
	for _, list := range [][]typedValue{p.emails, p.phones} {
		if first := slices.IndexFunc(list, func(t typedValue) bool { return t.Primary }); first >= 0 &&
			slices.ContainsFunc(list[first+1:], func(t typedValue) bool { return t.Primary }) {
			return invalid("invalidValue", "only one value of a list can be primary")
		}
	}
	for _, t := range p.phones {
		if t.Type != "" && !slices.Contains(phoneTypes, t.Type) {
			return invalid("invalidValue", "the type of a phone number must be one of %s", strings.Join(phoneTypes, ", "))
		}
		if !phoneForm.MatchString(t.Value) {
			return invalid("invalidValue", "a phone number must be in E.164 or tel URI format")
		}
	}
	return nil
}

// unknown finds names that the org does not have.
func (s *Server) unknown(p *person) *scimError {
	if s.Scenario.division(p.Division) == nil {
		return invalid("invalidValue", "the org has no division %q", p.Division)
	}
	for _, r := range p.roles() {
		if s.Scenario.role(r) == nil {
			return invalid("invalidValue", "the org has no role %q", r)
		}
	}
	for _, x := range []struct {
		what  string
		has   []rated
		names []string
	}{{"routing skill", p.skills, s.Scenario.Skills}, {"routing language", p.languages, s.Scenario.Languages}} {
		for _, r := range x.has {
			if !slices.Contains(x.names, r.Name) {
				return invalid("invalidValue", "the org has no %s %q", x.what, r.Name)
			}
		}
	}
	if p.manager != "" && s.scim.live(p.manager) == nil {
		return invalid("invalidValue", "the manager is no user of the org")
	}
	return nil
}

// selection is what attributes and excludedAttributes ask for; nil for everything.
type selection struct{ only, without map[string]bool }

// choose reads the two parameters, repeated or with commas.
func choose(k kind, q map[string][]string) (*selection, *problem) {
	var out selection
	for name, into := range map[string]*map[string]bool{"attributes": &out.only, "excludedAttributes": &out.without} {
		for _, list := range q[name] {
			for _, text := range strings.Split(list, ",") {
				text = strings.TrimSpace(text)
				if text == "" {
					continue
				}
				key, ok := k.selectable(text)
				if !ok {
					return nil, deny(400, "invalid.query.param.value", param{"value", text}, param{"parameter", name}, param{"allowableValues", "the attributes of " + k.core.ID + " and its extensions"})
				}
				if *into == nil {
					*into = map[string]bool{}
				}
				(*into)[key] = true
			}
		}
	}
	if out.only == nil && out.without == nil {
		return nil, nil
	}
	return &out, nil
}

// selectable finds the published spelling of an attribute in lower case and without the
// core schema's URI.
func (k kind) selectable(text string) (string, bool) {
	text = strings.ToLower(text)
	text = strings.TrimPrefix(text, strings.ToLower(k.core.ID)+":")
	if text == "meta.version" || text == "meta.lastmodified" {
		return "meta", true
	}
	if _, ok := k.core.Attributes.ContainsAttribute(text); ok {
		return text, text != "password"
	}
	for _, e := range k.extensions {
		uri := strings.ToLower(e.ID)
		if text == uri {
			return text, true
		}
		if rest, ok := strings.CutPrefix(text, uri+":"); ok {
			rest = strings.TrimSuffix(rest, ".value")
			_, ok := e.Attributes.ContainsAttribute(rest)
			return uri + ":" + rest, ok
		}
	}
	return "", false
}

// pick leaves out what was not asked for. Some attributes are always there.
func (sel *selection) pick(v any) any {
	if sel == nil {
		return v
	}
	r := asResource(v)
	for key := range r {
		lower := strings.ToLower(key)
		if slices.Contains([]string{"schemas", "id", "username", "active", "meta"}, lower) {
			continue
		}
		if inner, ok := r[key].(map[string]any); ok && strings.Contains(key, ":") {
			maps.DeleteFunc(inner, func(sub string, _ any) bool {
				full := lower + ":" + strings.ToLower(sub)
				return sel.without[full] || sel.without[lower] || sel.only != nil && !sel.only[lower] && !sel.only[full]
			})
			if len(inner) == 0 {
				delete(r, key)
			}
			continue
		}
		if sel.without[lower] || sel.only != nil && !sel.only[lower] {
			delete(r, key)
		}
	}
	return r
}
