package checks

// SCIMUserDelete judges whether the subject may delete users over SCIM.
var SCIMUserDelete = permissionCheck("scim-user-delete", "The grants allow deleting users",
	"DELETE /api/v2/scim/v2/users/{userId} takes directory:user:delete.",
	"directory:user:delete")
