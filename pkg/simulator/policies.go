package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Policy is an attribute-based access policy.
type Policy struct {
	Name           string `yaml:"name"`
	Effect         string `yaml:"effect"`
	Target         string `yaml:"target"`
	Inactive       bool   `yaml:"inactive"`
	ApplyToClients bool   `yaml:"applyToClients"`
	// SubjectType is USER, CLIENT, GROUP, TEAM or ALL (when empty); Subject a user's, a
	// client's or a group's name.
	SubjectType string `yaml:"subjectType"`
	Subject     string `yaml:"subject"`
	// Condition is evaluated on values. One that is a plain text is shown as it is and met
	// unless ConditionUnmet is set.
	Condition      Condition `yaml:"condition"`
	ConditionUnmet bool      `yaml:"conditionUnmet"`
	// Attributes are what a condition that is a plain text reads.
	Attributes []string `yaml:"attributes"`
}

// Condition is a tree: all, any and not of others, or a comparison of an attribute.
type Condition struct {
	All       []Condition `yaml:"all" json:"all,omitempty"`
	Any       []Condition `yaml:"any" json:"any,omitempty"`
	Not       *Condition  `yaml:"not" json:"not,omitempty"`
	Attribute string      `yaml:"attribute" json:"attribute,omitempty"`
	Operator  string      `yaml:"operator" json:"operator,omitempty"`
	Values    []string    `yaml:"values" json:"values,omitempty"`
	text      string
}

// The attributes that conditions read. The definition publishes no names of attributes and
// no form of conditions: both are the simulator's own.
const (
	attributeSubject  = "subject.id"
	attributeType     = "subject.type"
	attributeRoles    = "subject.roles"
	attributeClient   = "oauthClient.id"
	attributeAddress  = "request.ipAddress"
	attributeDivision = "resource.division"
	attributeBody     = "request.body." // and a SCIM attribute of the body
)

var attributeTypes = map[string]string{attributeSubject: "STRING", attributeType: "STRING", attributeRoles: "STRING_LIST",
	attributeClient: "STRING", attributeAddress: "IP_ADDRESS", attributeDivision: "STRING"}

var operators = []string{"EQUALS", "NOT_EQUALS", "CONTAINS", "NOT_CONTAINS", "STARTS_WITH", "IN_RANGE", "EXISTS"}

// UnmarshalYAML reads a plain text or a tree.
func (c *Condition) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return node.Decode(&c.text)
	}
	type plain Condition
	return node.Decode((*plain)(c))
}

func (c *Condition) empty() bool {
	return c.text == "" && len(c.All) == 0 && len(c.Any) == 0 && c.Not == nil && c.Attribute == ""
}

// reads lists the attributes of a tree, each once.
func (c *Condition) reads() []string {
	var out []string
	if c.Attribute != "" {
		out = append(out, c.Attribute)
	}
	for i := range c.All {
		out = append(out, c.All[i].reads()...)
	}
	for i := range c.Any {
		out = append(out, c.Any[i].reads()...)
	}
	if c.Not != nil {
		out = append(out, c.Not.reads()...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// values are what attributes have in a request; an attribute may have several.
type values map[string][]string

func (c *Condition) met(v values) bool {
	switch {
	case c.Not != nil:
		return !c.Not.met(v)
	case len(c.All) > 0:
		return !slices.ContainsFunc(c.All, func(x Condition) bool { return !x.met(v) })
	case len(c.Any) > 0:
		return slices.ContainsFunc(c.Any, func(x Condition) bool { return x.met(v) })
	}
	has, known := v[c.Attribute]
	some := func(match func(has, want string) bool) bool {
		return slices.ContainsFunc(has, func(h string) bool {
			return slices.ContainsFunc(c.Values, func(w string) bool { return match(h, w) })
		})
	}
	switch c.Operator {
	case "NOT_EQUALS", "NOT_CONTAINS":
		return known && !some(strings.EqualFold)
	case "STARTS_WITH":
		return some(strings.HasPrefix)
	case "IN_RANGE":
		return some(inRange)
	case "EXISTS":
		return known
	}
	return some(strings.EqualFold)
}

func inRange(address, cidr string) bool {
	a, errA := netip.ParseAddr(address)
	p, errP := netip.ParsePrefix(cidr)
	return errA == nil && errP == nil && p.Contains(a)
}

func (p *Policy) defaults() {
	if p.SubjectType == "" {
		p.SubjectType = "ALL"
	}
}

func (s *Scenario) validatePolicies(p *problems) {
	for _, pol := range s.Policies {
		if pol.Effect != "ALLOW" && pol.Effect != "DENY" {
			p.add("policy %q has the effect %q: write ALLOW or DENY", pol.Name, pol.Effect)
		}
		known := map[string]bool{"USER": s.user(pol.Subject) != nil, "CLIENT": s.client(pol.Subject) != nil,
			"GROUP": slices.Contains(s.Groups, pol.Subject), "TEAM": pol.Subject != "", "ALL": true}
		if ok, listed := known[pol.SubjectType]; !listed || !ok {
			p.add("policy %q is for the %s %q, which is not defined", pol.Name, pol.SubjectType, pol.Subject)
		}
		pol.Condition.validate(pol.Name, p)
	}
}

func (c *Condition) validate(policy string, p *problems) {
	if c.Attribute != "" && (!slices.Contains(operators, c.Operator) || attributeTypes[c.Attribute] == "" && !strings.HasPrefix(c.Attribute, attributeBody)) {
		p.add("policy %q compares %q by %q: the operators are %s, the attributes those of docs/scenarios.md", policy, c.Attribute, c.Operator, strings.Join(operators, ", "))
	}
	for i := range c.All {
		c.All[i].validate(policy, p)
	}
	for i := range c.Any {
		c.Any[i].validate(policy, p)
	}
	if c.Not != nil {
		c.Not.validate(policy, p)
	}
}

// policyOn refuses what attribute-based policies refuse: DENY overrides ALLOW, and where a
// permission has ALLOW policies the subject must satisfy one of them. Before the body is
// read, at is nil, and policies that read it or the division wait.
func (s *Server) policyOn(who *session, permission string, at *place) *problem {
	if on := s.Scenario.Org.EnforcePolicies; on != nil && !*on {
		return nil
	}
	var denied, allowing []string
	allowed, waits := false, false
	v := s.valuesOf(who, at)
	for i := range s.Scenario.Policies {
		p := &s.Scenario.Policies[i]
		if p.Inactive || !matches(p.Target, permission) || who.user == nil && !p.ApplyToClients {
			continue
		}
		if at == nil && p.readsBody() {
			waits = true
			continue
		}
		met := p.appliesTo(who) && p.met(v)
		switch {
		case p.Effect == "DENY" && met:
			denied = append(denied, p.id())
		case p.Effect == "ALLOW":
			allowing = append(allowing, p.id())
			allowed = allowed || met
		}
	}
	switch {
	case len(denied) > 0:
		return deny(http.StatusForbidden, "authz.policy.denied", param{"policyIds", strings.Join(denied, ", ")})
	case len(allowing) > 0 && !allowed && !waits:
		return deny(http.StatusForbidden, "authz.policy.denied", param{"policyIds", strings.Join(allowing, ", ")})
	}
	return nil
}

func (p *Policy) id() string { return id("policy", p.Name) }

func (p *Policy) met(v values) bool {
	if p.Condition.empty() || p.Condition.text != "" {
		return !p.ConditionUnmet
	}
	return p.Condition.met(v)
}

func (p *Policy) readsBody() bool {
	return slices.ContainsFunc(p.Condition.reads(), func(a string) bool { return a == attributeDivision || strings.HasPrefix(a, attributeBody) })
}

func (p *Policy) appliesTo(who *session) bool {
	switch p.SubjectType {
	case "USER":
		return who.user != nil && who.user.Name == p.Subject
	case "CLIENT":
		return who.user == nil && who.client.Name == p.Subject
	case "GROUP":
		return who.user != nil && slices.Contains(who.user.Groups, p.Subject)
	case "TEAM":
		return false // the scenario has no teams
	}
	return true
}

// place is what a request is about: the body, and the division it concerns.
type place struct {
	body     resource
	division string
}

func (s *Server) valuesOf(who *session, at *place) values {
	v := values{attributeSubject: {who.subjectID()}, attributeType: {"CLIENT"}, attributeClient: {who.clientID}, attributeAddress: {s.Scenario.CallerIP}}
	if who.user != nil {
		v[attributeType] = []string{"USER"}
	}
	for _, g := range who.grants() {
		v[attributeRoles] = append(v[attributeRoles], g.Role)
	}
	if at != nil {
		v[attributeDivision] = []string{at.division}
		for key, value := range at.body {
			v[attributeBody+key] = texts(value)
		}
	}
	return v
}

// texts are the plain values of a JSON value: those of its value attributes, for objects.
func texts(value any) []string {
	switch x := value.(type) {
	case []any:
		var out []string
		for _, item := range x {
			out = append(out, texts(item)...)
		}
		return out
	case map[string]any:
		return texts(x["value"])
	case nil:
		return nil
	}
	return []string{fmt.Sprint(value)}
}

func (s *Server) policyByID(c *call) *Policy {
	p := find(s.Scenario.Policies, func(p *Policy) bool { return p.id() == c.param("policyId") })
	if p == nil {
		deny(http.StatusNotFound, "not.found").write(c.w)
	}
	return p
}

func (p *Policy) subject() map[string]any {
	target := map[string]any{"type": p.SubjectType}
	switch p.SubjectType {
	case "USER":
		target["id"] = userID(p.Subject)
	case "CLIENT":
		target["id"] = clientID(p.Subject)
	case "GROUP", "TEAM":
		target["id"] = id(strings.ToLower(p.SubjectType), p.Subject)
	}
	return target
}

func (p *Policy) body() map[string]any {
	body := map[string]any{"id": p.id(), "name": p.Name, "effect": p.Effect, "active": !p.Inactive, "applyToClients": p.ApplyToClients,
		"targetResource": p.Target, "subject": p.subject(), "selfUri": "/api/v2/authorization/policies/" + p.id()}
	switch {
	case p.Condition.text != "":
		body["condition"] = map[string]any{"expression": p.Condition.text}
	case !p.Condition.empty():
		body["condition"] = p.Condition
	}
	return body
}

// policyList lists the policies that are wanted, by cursors as published.
func (s *Server) policyList(c *call, wanted func(*Policy) bool) {
	var list []any
	for i := range s.Scenario.Policies {
		if p := &s.Scenario.Policies[i]; wanted(p) {
			list = append(list, p.body())
		}
	}
	q := c.r.URL.Query()
	from := 0
	if after := q.Get("after"); after != "" {
		from = intOr(strings.TrimPrefix(after, "policy-"), len(list))
	}
	to := min(from+intOr(q.Get("pageSize"), 25), len(list))
	body := map[string]any{"entities": append([]any{}, list[min(from, to):to]...)}
	if to < len(list) {
		next := c.r.URL.Query()
		next.Set("after", fmt.Sprint("policy-", to))
		body["nextUri"] = c.r.URL.Path + "?" + next.Encode()
	}
	reply(c.w, http.StatusOK, "application/json", body)
}

func (s *Server) policyOfTarget(c *call) {
	p := find(s.Scenario.Policies, func(p *Policy) bool {
		return p.Target == c.param("targetName") && p.subject()["id"] == c.param("subjectId")
	})
	if p == nil {
		deny(http.StatusNotFound, "not.found").write(c.w)
		return
	}
	reply(c.w, http.StatusOK, "application/json", p.body())
}

func (p *Policy) attributes() []string {
	return append(p.Condition.reads(), p.Attributes...)
}

func attributeBodyOf(name string) map[string]any {
	kind := attributeTypes[name]
	if kind == "" {
		kind = "STRING"
	}
	return map[string]any{"name": name, "type": kind, "description": ""}
}

func (s *Server) policyAttributes(c *call) {
	p := s.policyByID(c)
	if p == nil {
		return
	}
	list := []any{}
	for _, name := range p.attributes() {
		list = append(list, attributeBodyOf(name))
	}
	reply(c.w, http.StatusOK, "application/json", map[string]any{"id": p.id(), "name": p.Name, "policyAttributes": list, "presetAttributes": map[string]any{},
		"selfUri": c.r.URL.Path})
}

// policyTargets shows which attributes policies may read.
func (s *Server) policyTargets(c *call) {
	list := []any{}
	for _, name := range []string{attributeSubject, attributeType, attributeRoles, attributeClient, attributeAddress} {
		list = append(list, attributeBodyOf(name))
	}
	targets := map[string]any{}
	for i := range s.Scenario.Policies {
		p := &s.Scenario.Policies[i]
		more := []any{}
		for _, name := range p.attributes() {
			if attributeTypes[name] == "" || name == attributeDivision {
				more = append(more, attributeBodyOf(name))
			}
		}
		targets[p.Target] = map[string]any{"description": "", "policyAttributes": more}
	}
	reply(c.w, http.StatusOK, "application/json", map[string]any{"baseAttributes": list, "targetAttributes": targets})
}

// simulatePolicy evaluates a policy on the values of the body, all of which are required.
// The definition publishes no words for the result: it is the policy's effect where the
// condition is met, and NOT_APPLICABLE where it is not.
func (s *Server) simulatePolicy(c *call) {
	p := s.policyByID(c)
	if p == nil {
		return
	}
	var body struct {
		AttributeData map[string]struct{ Type, Value string } `json:"attributeData"`
	}
	if !c.decode(&body) {
		return
	}
	v := values{}
	for _, name := range p.attributes() {
		given, ok := body.AttributeData[name]
		if !ok {
			deny(http.StatusBadRequest, "constraint.validation", param{"constraint", "attributeData." + name + " must not be null"}).write(c.w)
			return
		}
		v[name] = listed(given.Value)
	}
	result := "NOT_APPLICABLE"
	if p.met(v) {
		result = p.Effect
	}
	reply(c.w, http.StatusOK, "application/json", map[string]any{"id": p.id(), "name": p.Name, "result": result, "policyConditionResults": p.Condition.results(v)})
}

// listed reads a text that is one value, a JSON list, or values with commas between them.
func listed(text string) []string {
	var list []string
	if json.Unmarshal([]byte(text), &list) == nil {
		return list
	}
	for _, part := range strings.Split(text, ",") {
		list = append(list, strings.TrimSpace(part))
	}
	return list
}

// results shows each comparison of a tree.
func (c *Condition) results(v values) []any {
	out := []any{}
	if c.Attribute != "" {
		out = append(out, map[string]any{"name": strings.TrimSpace(c.Attribute + " " + c.Operator + " " + strings.Join(c.Values, ", ")), "result": c.met(v)})
	}
	for i := range c.All {
		out = append(out, c.All[i].results(v)...)
	}
	for i := range c.Any {
		out = append(out, c.Any[i].results(v)...)
	}
	if c.Not != nil {
		out = append(out, c.Not.results(v)...)
	}
	return out
}
