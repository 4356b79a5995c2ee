package checks

// UserLanguages judges whether the subject may set routing languages.
var UserLanguages = permissionCheck("user-languages", "The grants allow setting routing languages",
	"routingLanguages in a SCIM body take routing:language:assign.",
	"routing:language:assign")
