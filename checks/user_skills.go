package checks

// UserSkills judges whether the subject may set routing skills.
var UserSkills = permissionCheck("user-skills", "The grants allow setting routing skills",
	"routingSkills in a SCIM body take routing:skill:assign.",
	"routing:skill:assign")
