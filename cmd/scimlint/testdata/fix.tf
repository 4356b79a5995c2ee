# Planned by scimlint fix: READY after these changes. (Verified by running every check on the changed data. Each change is needed.)

terraform {
  required_providers {
    genesyscloud = {
      source = "mypurecloud/genesyscloud"
    }
  }
}

data "genesyscloud_auth_role" "scim_integration" {
  name = "SCIM Integration"
}

data "genesyscloud_auth_division" "paris" {
  name = "Paris"
}

data "genesyscloud_auth_role" "reader" {
  name = "Reader"
}

data "genesyscloud_auth_division" "home" {
  name = "Home"
}

import {
  to = genesyscloud_oauth_client.zendesk_migration
  id = "ID"
}

resource "genesyscloud_oauth_client" "zendesk_migration" {
  name                          = "Zendesk migration"
  authorized_grant_type         = "CLIENT-CREDENTIALS"
  access_token_validity_seconds = 86400
  state                         = "active"
  roles {
    role_id     = data.genesyscloud_auth_role.scim_integration.id
    division_id = data.genesyscloud_auth_division.paris.id
  }
  roles {
    role_id     = data.genesyscloud_auth_role.reader.id
    division_id = "*"
  }
  roles {
    role_id     = data.genesyscloud_auth_role.scim_integration.id
    division_id = data.genesyscloud_auth_division.home.id
  }
  lifecycle {
    ignore_changes = [description, registered_redirect_uris]
  }
}
