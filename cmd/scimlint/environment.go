package main

// The environment. The first four names are those of the vendor's Terraform
// provider.
const (
	envRegion   = "GENESYSCLOUD_REGION"
	envClientID = "GENESYSCLOUD_OAUTHCLIENT_ID"
	envSecret   = "GENESYSCLOUD_OAUTHCLIENT_SECRET"
	envToken    = "GENESYSCLOUD_ACCESS_TOKEN"
	envWorking  = "SCIMLINT_WORKING_TOKEN"

	envAuditorID     = "SCIMLINT_AUDITOR_CLIENT_ID"
	envAuditorSecret = "SCIMLINT_AUDITOR_SECRET"
	envAuditorToken  = "SCIMLINT_AUDITOR_TOKEN"
	envAPI           = "SCIMLINT_API_URL"
	envLogin         = "SCIMLINT_LOGIN_URL"
)
