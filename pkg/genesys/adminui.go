package genesys

// The ways through the Admin UI. Source: the vendor's help pages.
const (
	AdminOAuth    = "Admin > Integrations > OAuth"
	AdminApps     = "Admin > Integrations > Authorized Applications"
	AdminPeople   = "Admin > People & Permissions > People"
	AdminRoles    = "Admin > People & Permissions > Roles/Permissions"
	AdminPolicies = "Admin > People & Permissions > Policies"
	AdminIPs      = "Admin > Account Settings > Organization Settings > Allowed IP Addresses"
)

// AdminClientRoles is where the roles of an OAuth client are granted, for texts that
// do not know its name.
const AdminClientRoles = AdminOAuth + " > the client > Roles"
