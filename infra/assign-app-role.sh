#!/usr/bin/env bash
# Gives a user, group or identity one of the roles in app-roles.json.
#
# Usage: infra/assign-app-role.sh APP-ID PRINCIPAL-OBJECT-ID ROLE
# Needs: az, signed in as an owner of the application or a Cloud Application Administrator.
set -euo pipefail

if [[ $# -ne 3 ]]; then
  echo "Usage: infra/assign-app-role.sh APP-ID PRINCIPAL-OBJECT-ID ROLE" >&2
  exit 2
fi
app_id=$1 principal=$2 role=$3

graph=$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv)
resource=$(az ad sp list --filter "appId eq '$app_id'" --query '[0].id' --output tsv)
role_id=$(az ad sp show --id "$resource" --query "appRoles[?value=='$role'].id" --output tsv)
if [[ -z $role_id ]]; then
  echo "The application $app_id has no role \"$role\"; infra/app-roles.json lists them." >&2
  exit 1
fi

az rest --method post --url "${graph%/}/v1.0/servicePrincipals/$resource/appRoleAssignedTo" \
  --body "{\"principalId\": \"$principal\", \"resourceId\": \"$resource\", \"appRoleId\": \"$role_id\"}"
