targetScope = 'subscription'

metadata description = 'The custom roles of roles.json, one set for each subscription.'

@description('Role definition ids (GUIDs) by role name.')
param roleIds object

var roles = items(any(loadJsonContent('../roles.json', '$.roles')))

resource definitions 'Microsoft.Authorization/roleDefinitions@2022-04-01' = [
  for role in roles: {
    name: roleIds[role.key]
    properties: {
      // Names are unique in a tenant, which may have the pipeline in several subscriptions.
      roleName: '${role.key} (${take(subscription().subscriptionId, 8)})'
      description: role.value.description
      type: 'CustomRole'
      assignableScopes: [
        subscription().id
      ]
      permissions: [
        {
          actions: role.value.actions
          notActions: []
          dataActions: role.value.dataActions
          notDataActions: []
        }
      ]
    }
  }
]
