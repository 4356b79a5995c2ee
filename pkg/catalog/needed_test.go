package catalog

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestNeededBy: a call has one operation, however its path is written.
func TestNeededBy(t *testing.T) {
	for call, want := range map[[2]string]string{
		{"POST", "/api/v2/scim/v2/users"}:           "scim-user-create",
		{"POST", "/api/v2/scim/users/"}:             "scim-user-create",
		{"POST", "/api/v2/scim/v2/Users"}:           "scim-user-create",
		{"GET", "/api/v2/scim/users"}:               "scim-user-read",
		{"GET", "/api/v2/scim/v2/Users/0a1b"}:       "scim-user-read",
		{"PUT", "/api/v2/scim/v2/users/{userId}"}:   "scim-user-update",
		{"PATCH", "/api/v2/scim/v2/Users/0a1b"}:     "scim-user-update",
		{"DELETE", "/api/v2/scim/users/0a1b"}:       "scim-user-delete",
		{"PUT", "/api/v2/scim/v2/groups/{groupId}"}: "scim-group-edit",
		{"POST", "/api/v2/users"}:                   "",
		{"POST", "/v2/scim/users"}:                  "",
		{"PATCH", "/api/v2/scim/v2/users/a/b"}:      "",
		{"DELETE", "/api/v2/scim/v2/users/"}:        "",
	} {
		op, ok := NeededBy(AllNeeds(), call[0], call[1])
		assert.Equal(t, want, op.ID, call)
		assert.Equal(t, want != "", ok, call)
	}
	_, ok := NeededBy(DefaultNeeds(), "PATCH", "/api/v2/scim/v2/groups/x")
	assert.False(t, ok, "no need is about groups")
}
