package checks

// UserExtension judges whether the subject may set work extensions.
var UserExtension = permissionCheck("user-extension", "The subject may set work extensions",
	"A work phone number with an extension takes telephony:extension:assign.",
	"telephony:extension:assign")
