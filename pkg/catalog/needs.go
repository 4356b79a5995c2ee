package catalog

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/internal/nearest"
)

// Need is one thing that a migration will do, as the user names it on the
// command line.
type Need string

// The needs, in the order in which reports show them.
const (
	NeedCreate    Need = "create"
	NeedRead      Need = "read"
	NeedUpdate    Need = "update"
	NeedDelete    Need = "delete"
	NeedGroups    Need = "groups"
	NeedRoles     Need = "roles"
	NeedSkills    Need = "skills"
	NeedLanguages Need = "languages"
	NeedExtension Need = "extension"
	NeedPassword  Need = "password"
	// NeedAuto requires the needs from the client's own traffic.
	NeedAuto Need = "auto"
)

// AllNeeds returns every need in report order.
func AllNeeds() []Need {
	return []Need{NeedCreate, NeedRead, NeedUpdate, NeedDelete, NeedGroups,
		NeedRoles, NeedSkills, NeedLanguages, NeedExtension, NeedPassword}
}

// DefaultNeeds returns what a run judges when the user names no need.
func DefaultNeeds() []Need { return []Need{NeedCreate, NeedRead, NeedUpdate, NeedDelete} }

// ParseNeeds reads need names, each item a comma-separated list, and returns
// them once each in report order.
func ParseNeeds(items []string) ([]Need, error) {
	wanted := map[Need]bool{}
	for _, item := range items {
		for name := range strings.SplitSeq(item, ",") {
			n := Need(strings.ToLower(strings.TrimSpace(name)))
			if n == "" {
				continue
			}
			if n == NeedAuto && len(items) == 1 && items[0] == string(NeedAuto) {
				return []Need{NeedAuto}, nil
			}
			if !slices.Contains(AllNeeds(), n) {
				return nil, fmt.Errorf("unknown need %q: the needs are %s.%s", strings.TrimSpace(name), joinNeeds(AllNeeds()), nearest.Question(string(n), strings.Split(joinNeeds(AllNeeds()), ", ")))
			}
			wanted[n] = true
		}
	}
	if len(wanted) == 0 {
		return nil, fmt.Errorf("no need given: the needs are %s", joinNeeds(AllNeeds()))
	}
	return slices.DeleteFunc(AllNeeds(), func(n Need) bool { return !wanted[n] }), nil
}

func joinNeeds(needs []Need) string {
	names := make([]string, len(needs))
	for i, n := range needs {
		names[i] = string(n)
	}
	return strings.Join(names, ", ")
}

// Feature is one part of the work behind an operation's access check and the one
// permission that it requires. The permission is empty for work that requires none.
type Feature struct {
	// Name is what the feature does, such as "set roles".
	Name string
	// Check is the id of the check that judges it.
	Check string
	// Permission is "domain:entity:action".
	Permission string
	// Alternatives are permissions any one of which would do as well.
	Alternatives []string
	// Placeless says that nothing published says in which division the call's object
	// is: where the user names no division, the permission may be kept in the right one.
	Placeless bool
}

// NeededOperation is an operation that somebody needs, with the features that
// they use of it.
type NeededOperation struct {
	// ID is scimlint's name, such as "scim-user-create"; reports show it.
	ID string
	// Title is a verb phrase: "create users".
	Title    string
	Method   string
	Path     string
	Gate     Gate
	Scopes   []string
	Features []Feature
	// GateUnpublished says that the definition names no permission for the operation
	// and nothing else says that it requires none.
	GateUnpublished bool
}

// SCIM says whether the operation is one of the SCIM endpoints.
func (o NeededOperation) SCIM() bool { return SCIMRest(o.Path) != "" }

// Same says whether two operations are the same endpoint; SCIM's two base paths
// lead to the same ones.
func (o NeededOperation) Same(other NeededOperation) bool {
	if o.Method != other.Method {
		return false
	}
	return o.Path == other.Path || o.SCIM() && SCIMRest(o.Path) == SCIMRest(other.Path)
}

// Write says whether the operation changes the org.
func (o NeededOperation) Write() bool { return o.Method != http.MethodGet }

// The features behind the access checks. Source: the vendor's description of SCIM
// provisioning; the definition lists the permissions in its ANY access checks without
// saying which part of the work requires which.
var (
	createUser = Feature{Name: "create the user", Check: "scim-user-create", Permission: "directory:user:add"}
	updateUser = Feature{Name: "change attributes", Check: "scim-user-update", Permission: "directory:user:edit"}
	deleteUser = Feature{Name: "delete the user", Check: "scim-user-delete", Permission: "directory:user:delete"}
	editGroup  = Feature{Name: "change members", Check: "scim-group-edit", Permission: "directory:group:edit"}
	addRole    = Feature{Name: "add roles", Check: "user-roles", Permission: "authorization:grant:add"}
	removeRole = Feature{Name: "take roles away", Check: "user-roles", Permission: "authorization:grant:delete"}
	skill      = Feature{Name: "set routing skills", Check: "user-skills", Permission: "routing:skill:assign"}
	language   = Feature{Name: "set routing languages", Check: "user-languages", Permission: "routing:language:assign"}
	extension  = Feature{Name: "set a work extension", Check: "user-extension", Permission: "telephony:extension:assign"}
	password   = Feature{Name: "set a password", Check: "user-password", Permission: "directory:user:setPassword"}
)

// Operations returns the SCIM operations that the needs call for. A feature
// such as roles attaches to create and update where these are needed; only,
// it is done by an update.
func Operations(needs []Need) []NeededOperation {
	has := func(n Need) bool { return slices.Contains(needs, n) }
	create, update := has(NeedCreate), has(NeedUpdate)

	var onCreate, onUpdate []Feature
	attach := func(n Need, f Feature) {
		if !has(n) {
			return
		}
		if create {
			onCreate = append(onCreate, f)
		}
		if update || !create {
			onUpdate = append(onUpdate, f)
		}
	}
	attach(NeedRoles, addRole)
	if has(NeedRoles) && (update || !create) {
		onUpdate = append(onUpdate, removeRole)
	}
	attach(NeedSkills, skill)
	attach(NeedLanguages, language)
	attach(NeedExtension, extension)
	if has(NeedPassword) && (update || !create) {
		onUpdate = append(onUpdate, password) // a password in a creation requires no permission of its own
	}

	var ops []NeededOperation
	if create {
		ops = append(ops, needed("scim-user-create", "create users", "POST", "/users", append([]Feature{createUser}, onCreate...)...))
	}
	if has(NeedRead) {
		ops = append(ops, needed("scim-user-read", "read users", "GET", "/users"))
	}
	if update {
		onUpdate = append([]Feature{updateUser}, onUpdate...)
	}
	if len(onUpdate) > 0 {
		ops = append(ops, needed("scim-user-update", "update users", "PATCH", "/users/{userId}", onUpdate...))
	}
	if has(NeedDelete) {
		ops = append(ops, needed("scim-user-delete", "delete users", "DELETE", "/users/{userId}", deleteUser))
	}
	if has(NeedGroups) {
		ops = append(ops, needed("scim-group-edit", "change group members", "PATCH", "/groups/{groupId}", editGroup))
	}
	return ops
}

// NeededBy is the operation of the needs that a call is of, with what it does of them;
// false for a call that none of the needs makes. Either base path and /Users in capitals
// lead to the same endpoints, PUT and PATCH both change, and a path may have ids or their
// names.
func NeededBy(needs []Need, method, path string) (NeededOperation, bool) {
	_, rest, ok := strings.Cut(path, SCIMBaseUnversioned)
	if !ok || !strings.HasPrefix(path, SCIMBaseUnversioned) {
		return NeededOperation{}, false
	}
	rest = strings.TrimSuffix(strings.TrimPrefix(rest, "/v2"), "/")
	if method == http.MethodPut {
		method = http.MethodPatch
	}
	if method == http.MethodGet && samePath("/users/{userId}", rest) {
		rest = "/users" // reading one is reading users
	}
	for _, n := range Operations(needs) {
		if n.Method == method && samePath(strings.TrimPrefix(n.Path, SCIMBase), rest) {
			return n, true
		}
	}
	return NeededOperation{}, false
}

// samePath compares a path with a template, whose segments in braces mean any.
func samePath(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, got, func(a, b string) bool {
		return strings.HasPrefix(a, "{") && b != "" || strings.EqualFold(a, b)
	})
}

// SCIMBase is the path under which the versioned SCIM endpoints live. The same
// endpoints, with the same requirements, live under SCIMBaseUnversioned.
const (
	SCIMBase            = "/api/v2/scim/v2"
	SCIMBaseUnversioned = "/api/v2/scim"
)

func needed(id, title, method, path string, features ...Feature) NeededOperation {
	o, ok := Default().Lookup(method, SCIMBase+path)
	if !ok {
		panic("catalogue lacks " + method + " " + SCIMBase + path)
	}
	return NeededOperation{ID: id, Title: title, Method: method, Path: o.Path, Gate: o.Gate, Scopes: o.Scopes, Features: features}
}

// DiagnosticPermissions are those that scimlint itself reads with. They are not
// needed for provisioning; without them some checks are unknown.
func DiagnosticPermissions() []string {
	return []string{"oauth:client:view", "authorization:role:view", "authorization:policy:view", "oauth:client:authorize", "directory:organization:admin", "authorization:grant:view", "routing:skill:view"}
}

// HearsayScopes are names that web posts advise for SCIM provisioning and that
// are in no published list, each with what the published facts say instead.
func HearsayScopes() map[string]string {
	return map[string]string{
		"scim:users:write":     "the published scope is scim",
		"scim:users:read":      "the published scopes are scim and scim:readonly",
		"ScimUser:Write":       "the published scope is scim; the permission to create a user is directory:user:add",
		"wfm:schedule:publish": "it names workforce management, which provisioning does not touch",
	}
}

// DivisionUnaware says whether a permission is known not to be division-aware: a
// grant of it counts whatever its division. What the org itself says of a
// permission is believed before this. Source: the vendor's description of SCIM
// provisioning.
func DivisionUnaware(permission string) bool {
	return strings.EqualFold(permission, editGroup.Permission)
}
