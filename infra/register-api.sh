#!/usr/bin/env bash
# Registers the pipeline's HTTP endpoints in Entra ID: an application with the roles of app-roles.json, tokens of
# version 2, and nobody let in who has no role. Running it again changes what differs and keeps the rest.
#
# Usage: infra/register-api.sh [display name]
# Needs: az, signed in as somebody who may register applications (Application Developer is enough).
# Prints: the value of the parameter apiAudience.
set -euo pipefail

name=${1:-vm-application-publisher}
roles=$(dirname "${BASH_SOURCE[0]}")/app-roles.json

app_id=$(az ad app list --display-name "$name" --query '[0].appId' --output tsv)
if [[ -z $app_id ]]; then
  app_id=$(az ad app create --display-name "$name" --sign-in-audience AzureADMyOrg --query appId --output tsv)
fi
object_id=$(az ad app show --id "$app_id" --query id --output tsv)

az ad app update --id "$app_id" --identifier-uris "api://$app_id" --app-roles "@$roles"
az ad app update --id "$app_id" --set api.requestedAccessTokenVersion=2 \
  || { echo "The tokens' version could not be set on $object_id: set api.requestedAccessTokenVersion to 2 by hand." >&2; exit 1; }

# The enterprise application is what people and identities are given roles on.
service_principal=$(az ad sp list --filter "appId eq '$app_id'" --query '[0].id' --output tsv)
if [[ -z $service_principal ]]; then
  service_principal=$(az ad sp create --id "$app_id" --query id --output tsv)
fi
az ad sp update --id "$service_principal" --set appRoleAssignmentRequired=true

# Tokens of version 2 carry the application's id as their audience.
echo "$app_id"
