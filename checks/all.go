// Package checks contains scimlint's rules: one rule, one file, named after its id.
// A rule reads the snapshot and says pass, warn, fail, unknown or skip; it never
// asks the network, and what it could not read is unknown. The engine is the
// package lint.
package checks

import (
	"slices"

	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/lint"
)

// All returns every check in report order: the one list. Adding a check is
// adding a file and a line here.
func All() []lint.Check {
	return slices.Concat([]lint.Check{
		RegionIsKnown,
		APIPathIsVersioned,
		TenantURLFits,

		TokenIsAcquired,
		TokenIsLive,
		ClockIsRight,
		TokenBelongsToClient,
		TokenKindMatchesGrant,
		TokenOrgIsExpected,
		TokenLifetimeFits,
		WorkingTokenIsTheClients,

		ClientIsActive,
		ClientGrantTypeFits,
		ClientIPIsUnrestricted,
		ClientIsTheOneInUse,
		AccessWasNotChanged,
		ClientHasRoles,
		RoleNamesMatchPermissions,
		ClientIsLeastPrivileged,

		ClientScopesHaveEffect,
		TokenHasSCIMScope,
		ScopeIsWrite,
		ScopeNamesExist,
		AppIsAuthorized,
		RequiredScopeIsHeld,

		SCIMUserRead,
	}, permissionIsHeld(), []lint.Check{
		RequiredPermissionIsHeld,
		NeededOperationIsAllowed,
		GrantCoversDivision,
		PolicyHasNoCondition,
		ABACPolicyAllows,

		IPIsAllowed,
		AnswersComeFromThePlatform,
		ReadProbeAnswers,
		WriteProbeAnswers,
		RefusalsFitTheEvidence,
	})
}

// ByID returns a check.
func ByID(id string) (lint.Check, bool) {
	for _, c := range All() {
		if c.ID == id {
			return c, true
		}
	}
	return lint.Check{}, false
}

// Run judges a snapshot with every check, and with the user's own.
func Run(snapshot *evidence.Snapshot, opts lint.Options) lint.Outcome {
	return lint.RunChecks(append(All(), opts.Own...), snapshot, opts)
}
