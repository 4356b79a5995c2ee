package checks

// UserPassword judges whether the subject may set passwords.
var UserPassword = permissionCheck("user-password", "The grants allow setting passwords",
	"A password in an update takes directory:user:setPassword; one in a creation does not.",
	"directory:user:setPassword")
