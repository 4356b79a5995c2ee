package checks

// SCIMUserCreate judges whether the subject may create users over SCIM.
var SCIMUserCreate = permissionCheck("scim-user-create", "The grants allow creating users",
	"POST /api/v2/scim/v2/users lets a token pass that holds any one of six permissions; creating the user takes directory:user:add all the same.",
	"directory:user:add")
