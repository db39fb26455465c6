import { grant } from 'grant.bicep'

metadata description = 'Role assignments on the gallery.'

@description('The gallery.')
param galleryName string

@description('The grants at this very scope.')
param grants grant[]

resource gallery 'Microsoft.Compute/galleries@2024-03-03' existing = {
  name: galleryName
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in grants: {
    name: guid(gallery.id, each.roleId, each.principalId)
    scope: gallery
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', each.roleId)
      principalId: each.principalId
      principalType: each.principalType
      condition: empty(each.condition) ? null : each.condition
      conditionVersion: empty(each.condition) ? null : '2.0'
    }
  }
]
