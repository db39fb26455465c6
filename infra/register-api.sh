#!/usr/bin/env bash
# Registers the pipeline's HTTP endpoints in Entra ID: an application with the roles of app-roles.json, tokens of
# version 2, nobody let in who has no role, and people who sign in with az. Running it again changes what differs and
# keeps the rest.
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

# People get their tokens from az, which needs a scope to ask for, and leave to ask for it: else every
# `az account get-access-token` ends with AADSTS65001. What they may do is still said by their app roles alone.
azure_cli=04b07795-8ddb-461a-bbee-02f9e1bf7b46
scope_id=6d1f1f0e-6f0a-4c55-9a53-2c6a6d0b7a11
text="Use the pipeline as yourself"
scope="{\"id\": \"$scope_id\", \"value\": \"user_impersonation\", \"type\": \"User\", \"isEnabled\": true,
  \"adminConsentDisplayName\": \"$text\", \"adminConsentDescription\": \"$text\",
  \"userConsentDisplayName\": \"$text\", \"userConsentDescription\": \"$text\"}"
api="\"requestedAccessTokenVersion\": 2, \"oauth2PermissionScopes\": [$scope]"
allowed="\"preAuthorizedApplications\": [{\"appId\": \"$azure_cli\", \"delegatedPermissionIds\": [\"$scope_id\"]}]"
graph=$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv)
# Entra takes no leave for a scope that it does not know yet, so these are two requests.
for body in "{\"api\": {$api}}" "{\"api\": {$api, $allowed}}"; do
  az rest --method patch --url "${graph%/}/v1.0/applications/$object_id" --body "$body" > /dev/null
done

# The enterprise application is what people and identities are given roles on.
service_principal=$(az ad sp list --filter "appId eq '$app_id'" --query '[0].id' --output tsv)
if [[ -z $service_principal ]]; then
  service_principal=$(az ad sp create --id "$app_id" --query id --output tsv)
fi
az ad sp update --id "$service_principal" --set appRoleAssignmentRequired=true

# Tokens of version 2 carry the application's id as their audience.
echo "$app_id"
