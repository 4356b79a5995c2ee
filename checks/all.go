package checks

// All returns every check in report order: the one list. Adding a check is
// adding a file and a line here.
func All() []Check {
	return []Check{
		RegionIsKnown,
		APIPathIsVersioned,

		TokenIsAcquired,
		TokenIsLive,
		ClockIsRight,
		TokenBelongsToClient,
		TokenKindMatchesGrant,
		TokenOrgIsExpected,
		WorkingTokenIsTheClients,

		ClientIsActive,
		ClientGrantTypeFits,
		ClientHasRoles,
		RoleNamesMatchPermissions,
		ClientIsLeastPrivileged,

		ClientScopesHaveEffect,
		TokenHasSCIMScope,
		ScopeIsWrite,
		ScopeNamesExist,
		AppIsAuthorized,
		RequiredScopeIsHeld,

		SCIMUserCreate,
		SCIMUserRead,
		SCIMUserUpdate,
		SCIMUserDelete,
		SCIMGroupEdit,
		UserRoles,
		UserSkills,
		UserLanguages,
		UserExtension,
		UserPassword,
		RequiredPermissionIsHeld,
		GrantCoversDivision,
		PolicyHasNoCondition,
		ABACPolicyAllows,

		IPIsAllowed,
		AnswersComeFromThePlatform,
		ReadProbeAnswers,
		WriteProbeAnswers,
		RefusalsFitTheEvidence,
	}
}

// ByID returns a check.
func ByID(id string) (Check, bool) {
	for _, c := range All() {
		if c.ID == id {
			return c, true
		}
	}
	return Check{}, false
}
