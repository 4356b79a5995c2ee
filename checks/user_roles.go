package checks

// UserRoles judges whether the subject may set the roles of users.
var UserRoles = permissionCheck("user-roles", "The grants allow setting users' roles",
	"Adding a role to a user takes authorization:grant:add; an update that takes one away takes authorization:grant:delete as well.",
	"authorization:grant:add")
