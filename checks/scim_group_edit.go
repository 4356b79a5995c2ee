package checks

// SCIMGroupEdit judges whether the subject may change groups over SCIM.
var SCIMGroupEdit = permissionCheck("scim-group-edit", "The grants allow changing group members",
	"Every SCIM call on groups, a read too, takes directory:group:edit.",
	"directory:group:edit")
