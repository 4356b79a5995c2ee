package checks

// UserExtension judges whether the subject may set work extensions.
var UserExtension = permissionCheck("user-extension", "The grants allow setting work extensions",
	"A work phone number with an extension takes telephony:extension:assign.",
	"telephony:extension:assign")
