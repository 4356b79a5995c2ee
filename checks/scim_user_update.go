package checks

// SCIMUserUpdate judges whether the subject may update users over SCIM.
var SCIMUserUpdate = permissionCheck("scim-user-update", "The grants allow updating users",
	"PATCH and PUT /api/v2/scim/v2/users/{userId} let a token pass that holds any one of seven permissions; changing attributes takes directory:user:edit all the same.",
	"directory:user:edit")
