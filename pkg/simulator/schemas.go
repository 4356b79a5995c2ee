package simulator

// userSchemas describe a user's attributes the way GET schemas does. They are written
// here on their own, so that an error in the product's shows against them.
func userSchemas() []any {
	type list = []any
	plain := func(names ...string) list {
		var out list
		for _, n := range names {
			out = append(out, resource{"name": n, "type": "string", "multiValued": false, "required": n == "userName" || n == "displayName", "mutability": "readWrite"})
		}
		return out
	}
	boolean := func(name string) any {
		return resource{"name": name, "type": "boolean", "multiValued": false, "required": false, "mutability": "readWrite"}
	}
	complexes := func(mutability string, subs list, names ...string) list {
		var out list
		for _, n := range names {
			out = append(out, resource{"name": n, "type": "complex", "multiValued": true, "required": false, "mutability": mutability, "subAttributes": subs})
		}
		return out
	}
	rated := list{resource{"name": "name", "type": "string", "required": true}, resource{"name": "proficiency", "type": "decimal"}}
	core := append(plain("userName", "displayName", "title", "externalId", "password"), boolean("active"))
	core = append(core, complexes("readWrite", append(plain("value", "type"), boolean("primary")), "emails", "phoneNumbers")...)
	core = append(core, complexes("readWrite", plain("value"), "roles")...)
	core = append(core, complexes("readOnly", plain("value"), "groups")...)
	return list{
		resource{"id": userSchema, "name": "User", "attributes": core},
		resource{"id": enterpriseSchema, "name": "EnterpriseUser", "attributes": append(plain("department", "division", "employeeNumber", "dateHire"),
			resource{"name": "manager", "type": "complex", "multiValued": false})},
		resource{"id": genesysSchema, "name": "GenesysUser", "attributes": append(complexes("readWrite", rated, "routingSkills", "routingLanguages"),
			complexes("readWrite", plain("authority", "value"), "externalIds")...)},
	}
}
